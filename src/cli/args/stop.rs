//! [`StopArgs`]: what `batch stop` is told.

use clap::Args;

use crate::model::id::UnitId;

/// Arguments of `batch stop`.
#[derive(Debug, Clone, PartialEq, Eq, Args)]
pub struct StopArgs {
    /// End these units alone, and let the others go on [default: the whole run]
    #[arg(value_name = "UNIT", value_parser = UnitId::parse)]
    pub units: Vec<UnitId>,
    /// The run, or the beginning or end of its id [default: the one that goes on]
    #[arg(long, value_name = "RUN")]
    pub run: Option<String>,
    /// Kill what is at work at once
    #[arg(long)]
    pub now: bool,
    /// Do not wait until it has ended
    #[arg(long)]
    pub no_wait: bool,
}
