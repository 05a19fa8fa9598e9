//! The arguments of `batch list`.

use std::num::NonZeroUsize;

use clap::Args;

use super::values;

/// Arguments of `batch list`.
#[derive(Debug, Clone, PartialEq, Eq, Args)]
pub struct RunsArgs {
    /// List the last N runs
    #[arg(short = 'n', long, value_name = "N", default_value = "20", value_parser = values::at_least_one)]
    pub limit: NonZeroUsize,
    /// List every run
    #[arg(long, conflicts_with = "limit")]
    pub all: bool,
}
