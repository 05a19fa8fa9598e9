//! One file a subcommand.

pub mod apply;
pub mod clean;
pub mod completions;
pub mod demo;
pub mod doctor;
pub mod init;
pub mod list;
pub mod logs;
pub mod plan;
pub mod prs;
pub mod report;
pub mod rerun;
pub mod resume;
pub mod run;
pub mod status;
pub mod stop;
