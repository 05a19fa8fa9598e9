//! Git: the executable for what settings govern, git2 for reading objects.

pub mod git;
pub mod ground;
pub mod objects;
pub mod remote;
pub mod repository;
pub mod source;
pub mod worktrees;
