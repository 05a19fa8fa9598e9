//! One file a subcommand.

pub mod demo;
pub mod prs;
pub mod rerun;
pub mod run;
