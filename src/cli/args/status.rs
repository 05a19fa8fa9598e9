//! The arguments of `batch status`.

use clap::Args;

/// Arguments of `batch status`.
#[derive(Debug, Clone, PartialEq, Eq, Args)]
pub struct StatusArgs {
    /// The run, or the beginning or end of its id [default: the one that goes on, else the last]
    pub run: Option<String>,
    /// Follow the run until it ends
    #[arg(short, long)]
    pub watch: bool,
    /// With --watch: exit with the run's own exit code
    #[arg(long, requires = "watch")]
    pub exit_status: bool,
    /// Show one line while a run goes on, and nothing otherwise: for a shell prompt
    #[arg(short, long, conflicts_with = "watch")]
    pub short: bool,
}
