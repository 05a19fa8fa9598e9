//! The options of `batch init`.

use clap::Args;

/// Arguments of `batch init`.
#[derive(Debug, Clone, PartialEq, Eq, Args)]
pub struct InitArgs {
    /// Write to standard output and leave the repository as it is
    #[arg(long)]
    pub stdout: bool,
    /// Write it anew where there is one; the old one is kept beside it
    #[arg(long, conflicts_with = "stdout")]
    pub force: bool,
    /// The remote whose default branch is the base [default: origin, or the only one]
    #[arg(long, value_name = "NAME")]
    pub remote: Option<String>,
}
