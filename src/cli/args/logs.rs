//! The arguments of `batch logs`.

use clap::Args;
use clap::builder::{PossibleValuesParser, TypedValueParser as _};

use crate::model::outcome::Step;

/// Arguments of `batch logs`.
#[derive(Debug, Clone, PartialEq, Eq, Args)]
pub struct LogsArgs {
    /// The unit, or `base` for setup and test of the base itself
    #[arg(value_name = "UNIT")]
    pub unit: String,
    /// Go on showing what is printed until the unit has ended
    #[arg(short, long)]
    pub follow: bool,
    /// Show this step alone, such as implement or test
    #[arg(
        long,
        value_name = "STEP",
        hide_possible_values = true,
        value_parser = PossibleValuesParser::new(Step::ALL.map(Step::as_str)).map(|word| step(&word))
    )]
    pub step: Option<Step>,
    /// Show this attempt [default: the latest]
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(u32).range(1..))]
    pub attempt: Option<u32>,
    /// Show what the agent's program printed, as it printed it
    #[arg(long, conflicts_with = "step")]
    pub transcript: bool,
    /// The run, or the beginning or end of its id [default: the one that goes on, else the last]
    #[arg(long, value_name = "RUN")]
    pub run: Option<String>,
}

fn step(word: &str) -> Step {
    let mut steps = Step::ALL.into_iter();
    steps
        .find(|step| step.as_str() == word)
        .expect("clap takes no other word")
}
