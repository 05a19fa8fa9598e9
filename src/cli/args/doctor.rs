//! The options of `batch doctor`.

use clap::Args;

/// Arguments of `batch doctor`.
#[derive(Debug, Clone, PartialEq, Eq, Args)]
pub struct DoctorArgs {
    /// Ask neither the remote nor GitHub
    #[arg(long)]
    pub offline: bool,
    /// The remote to ask [default: origin, or the only one]
    #[arg(long, value_name = "NAME")]
    pub remote: Option<String>,
    /// Show every setting, its value and where it comes from, and look at nothing else
    #[arg(long, conflicts_with_all = ["offline", "remote"])]
    pub settings: bool,
}
