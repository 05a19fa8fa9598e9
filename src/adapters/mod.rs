//! The outside world, one thing a file: processes, git, the disk, forges, the clock.

pub mod agents;
pub(crate) mod atomic;
pub mod clock;
pub mod codemods;
pub mod commands;
pub mod control;
pub mod descendants;
pub mod editor;
pub mod forges;
pub mod git;
pub mod guard;
pub mod journal;
pub mod log_signs;
mod plain_files;
pub mod process;
pub mod process_table;
pub mod programs;
pub mod random;
pub mod run_folder;
pub mod run_lock;
pub mod settings_file;
pub mod signals;
pub mod store;
pub mod store_error;
pub mod survivors;
pub mod templates;
pub mod worktree_include;
