//! Arguments of `batch clean`.

use std::path::PathBuf;
use std::time::Duration;

use clap::{Args, ValueHint};

use super::values;

/// Arguments of `batch clean`.
#[derive(Debug, Clone, PartialEq, Eq, Args)]
pub struct CleanArgs {
    /// Look at this run alone, named by its id, or the beginning or end of it (repeatable) [default: all]
    #[arg(long = "run", value_name = "RUN")]
    pub runs: Vec<String>,
    /// Leave runs alone that ended within the last D, such as 12h, 7d or 2w
    #[arg(long, value_name = "D", value_parser = values::age)]
    pub older_than: Option<Duration>,
    /// Say what would be removed, and remove nothing
    #[arg(long)]
    pub dry_run: bool,
    /// Let go of runs that could be taken up again, and of worktrees with edits: these are kept in a ref first
    #[arg(long)]
    pub force: bool,
    /// Where the runs' worktrees were kept, if not in the user's cache folder
    #[arg(long, value_name = "DIR", value_hint = ValueHint::DirPath)]
    pub worktrees: Option<PathBuf>,
}
