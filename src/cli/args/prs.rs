//! The commands of `batch prs` and their arguments, one struct each.

use std::num::NonZeroU64;
use std::path::PathBuf;
use std::time::Duration;

use clap::{Args, Subcommand, ValueHint};

use super::{AgentArgs, OTHER_AGENT, VerifyArgs, WishArgs, WorkArgs, examples, values};
use crate::model::wishes::MergeMethod;

/// The commands of `batch prs`.
#[derive(Debug, Clone, PartialEq, Eq, Subcommand)]
pub enum PrsCommand {
    /// List the pull requests of a run and where they stand
    #[command(after_help = examples::PRS_LIST)]
    List(ListArgs),
    /// Show a pull request: its description, its checks and its diff
    #[command(after_help = examples::PRS_SHOW)]
    Show {
        /// The pull request's number
        #[arg(value_parser = values::pull_number)]
        number: NonZeroU64,
    },
    /// Merge pull requests into their base branch, one after another
    #[command(after_help = examples::PRS_MERGE)]
    Merge(MergeArgs),
    /// Open the pull requests of units that waited, where nothing is in their way now
    #[command(after_help = examples::PRS_PUBLISH)]
    Publish(Box<PublishArgs>),
    /// Bring branches up to a base that has moved
    #[command(after_help = examples::PRS_UPDATE)]
    Update(Box<UpdateArgs>),
    /// Comment on pull requests
    #[command(after_help = examples::PRS_COMMENT)]
    Comment(CommentArgs),
    /// Close pull requests without merging them
    #[command(after_help = examples::PRS_CLOSE)]
    Close(CloseArgs),
    /// Put on record what is there for a run on remote and forge and its journal does not know
    #[command(after_help = examples::PRS_ADOPT)]
    Adopt {
        /// The run, or the beginning or end of its id [default: the last one]
        run: Option<String>,
    },
}

/// Which pull requests are meant.
#[derive(Debug, Clone, PartialEq, Eq, Args)]
pub struct ChosenPulls {
    /// The pull requests' numbers
    #[arg(
        required_unless_present = "all",
        value_name = "NUMBER",
        value_parser = values::pull_number
    )]
    pub numbers: Vec<NonZeroU64>,
    /// All that are open of the last run, or of the one that --run names
    #[arg(long, conflicts_with = "numbers")]
    pub all: bool,
    /// With --all: the run, or the beginning or end of its id
    #[arg(long, value_name = "RUN", requires = "all")]
    pub run: Option<String>,
}

/// Arguments of `batch prs list`.
#[derive(Debug, Clone, PartialEq, Eq, Args)]
pub struct ListArgs {
    /// The run, or the beginning or end of its id [default: the last one]
    pub run: Option<String>,
    /// List the pull requests of every run
    #[arg(long, conflicts_with = "run")]
    pub all: bool,
}

/// Arguments of `batch prs merge`.
#[derive(Debug, Clone, PartialEq, Eq, Args)]
#[expect(
    clippy::struct_excessive_bools,
    reason = "each is an option of its own"
)]
pub struct MergeArgs {
    /// Which.
    #[command(flatten)]
    pub pulls: ChosenPulls,
    /// Merge by METHOD [default: the first of these that the repository allows]
    #[arg(long, value_name = "merge|squash|rebase", value_parser = values::merge_method)]
    pub method: Option<MergeMethod>,
    /// Wait up to D for the forge to work out whether it can be; given, for checks under way too [default: 5m]
    #[arg(long, value_name = "D", value_parser = values::duration)]
    pub wait: Option<Duration>,
    /// Have the forge merge by itself what is not ready yet
    #[arg(long)]
    pub auto: bool,
    /// Merge whatever the checks say
    #[arg(long)]
    pub skip_checks: bool,
    /// Merge without an approval
    #[arg(long)]
    pub skip_review: bool,
    /// Merge what others pushed to the branch, too
    #[arg(long)]
    pub with_their_commits: bool,
}

/// Arguments of `batch prs publish`.
#[derive(Debug, Clone, PartialEq, Eq, Args)]
pub struct PublishArgs {
    /// The run, or the beginning or end of its id [default: the last one]
    pub run: Option<String>,
    /// Go on until nothing waits any more, looking again each minute
    #[arg(long)]
    pub watch: bool,
    /// With --watch: look again each D
    #[arg(
        long,
        value_name = "D",
        default_value = "1m",
        requires = "watch",
        value_parser = values::duration
    )]
    pub interval: Duration,
    /// What is asked of those that are opened, where that is to be another than before.
    #[command(flatten)]
    pub wishes: WishArgs,
}

/// Arguments of `batch prs update`.
#[derive(Debug, Clone, PartialEq, Eq, Args)]
#[command(mut_arg("agent", |agent| agent.help(OTHER_AGENT)))]
pub struct UpdateArgs {
    /// Which.
    #[command(flatten)]
    pub pulls: ChosenPulls,
    /// Put the unit on the base as it is now, instead of merging that into the branch
    #[arg(long)]
    pub rebase: bool,
    /// Where others pushed to the branch, go on top of their commits
    #[arg(long)]
    pub on_top: bool,
    /// Tell the workers something that they should know, where a unit is done again
    #[arg(long, value_name = "TEXT")]
    pub note: Option<String>,
    /// Who makes the edits of a unit that is done again.
    #[command(flatten)]
    pub agent: AgentArgs,
    /// How it is verified.
    #[command(flatten)]
    pub verify: VerifyArgs,
    /// How it is worked on.
    #[command(flatten)]
    pub work: WorkArgs,
}

/// Arguments of `batch prs comment`.
#[derive(Debug, Clone, PartialEq, Eq, Args)]
pub struct CommentArgs {
    /// Which.
    #[command(flatten)]
    pub pulls: ChosenPulls,
    /// What to say, Markdown
    #[arg(long, value_name = "TEXT", required_unless_present = "body_file")]
    pub body: Option<String>,
    /// Read what to say from FILE, or from standard input with `-`
    #[arg(long, value_name = "FILE", conflicts_with = "body", value_hint = ValueHint::FilePath)]
    pub body_file: Option<PathBuf>,
}

/// Arguments of `batch prs close`.
#[derive(Debug, Clone, PartialEq, Eq, Args)]
pub struct CloseArgs {
    /// The pull requests' numbers
    #[arg(required = true, value_name = "NUMBER", value_parser = values::pull_number)]
    pub numbers: Vec<NonZeroU64>,
    /// Delete the branches too, where nobody else pushed to them
    #[arg(long)]
    pub delete_branch: bool,
    /// Say why in a comment first
    #[arg(long, value_name = "TEXT")]
    pub comment: Option<String>,
}
