//! Git: the executable for what settings govern, git2 for reading objects.

mod address;
mod as_new;
mod base;
mod batch_refs;
mod branches;
mod cat_file;
mod checkout;
pub mod checkup;
pub mod common_dir;
mod credential_helpers;
mod diff;
mod exact;
mod fetching;
mod folding;
#[expect(
    clippy::module_inception,
    reason = "the executable is called git, and so is the boundary around it"
)]
pub mod git;
pub mod ground;
mod held_folder;
mod kept_files;
mod killed_adds;
pub mod killed_refs;
pub mod left_worktrees;
mod listing;
mod lock;
mod merge;
pub mod objects;
pub mod own_settings;
pub mod pool_folder;
pub mod remote;
mod removal;
pub mod repository;
pub mod research_copy;
mod rights;
pub mod seal;
pub mod settings;
mod showing;
pub mod source;
mod staging;
mod worktree;
pub mod worktrees;

pub use address::{RemoteKind, Server};
pub use base::{BaseFound, Drift};
pub use branches::RemoteChoice;
