//! [`ResumeArgs`]: the arguments of `batch resume`.

use clap::Args;

use super::{AgentArgs, VerifyArgs, WishArgs, WorkArgs};

/// Arguments of `batch resume`.
#[derive(Debug, Clone, PartialEq, Eq, Args)]
#[command(mut_arg("agent", |agent| agent.help(super::OTHER_AGENT)))]
pub struct ResumeArgs {
    /// The run, or the beginning or end of its id [default: the last one that was interrupted or cut off]
    pub run: Option<String>,
    /// Go on with what a canary keeps back, if all of the canary succeeded
    #[arg(short, long)]
    pub yes: bool,
    /// Who makes the edits, whatever the plan says.
    #[command(flatten)]
    pub agent: AgentArgs,
    /// How it is verified.
    #[command(flatten)]
    pub verify: VerifyArgs,
    /// How it is worked on.
    #[command(flatten)]
    pub work: WorkArgs,
    /// What is asked of the pull requests, where that is to be another than before.
    #[command(flatten)]
    pub wishes: WishArgs,
}
