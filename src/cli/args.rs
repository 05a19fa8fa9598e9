//! The command line: [`Cli`] and one struct a command.
//!
//! Holds what the user wrote, and decides nothing. The options that commands share are `groups`', what clap cannot
//! check is `check`'s, and how `batch <CHANGE>` becomes `batch run <CHANGE>` is `shorthand`'s.

use std::path::PathBuf;

use clap::{Args, Parser, Subcommand, ValueHint};

use crate::model::id::UnitId;

mod asked;
mod check;
mod clean;
mod completions;
mod doctor;
mod examples;
mod groups;
mod init;
mod list;
mod logs;
mod prs;
mod pulls;
mod report;
mod resume;
pub mod settable;
mod shorthand;
mod status;
mod stop;
mod values;
mod whereabouts;

pub use asked::Asked;
pub use check::{How, Refusal};
pub use clean::CleanArgs;
pub use completions::{CompletionsArgs, ManArgs, Shell};
pub use doctor::DoctorArgs;
pub use groups::{
    AgentArgs, BaseArgs, ChangeArgs, ConsentArgs, Format, GlobalArgs, VerifyArgs, WorkArgs,
};
pub use init::InitArgs;
pub use list::RunsArgs;
pub use logs::LogsArgs;
pub use prs::{
    ChosenPulls, CloseArgs, CommentArgs, ListArgs, MergeArgs, PrsCommand, PublishArgs, UpdateArgs,
};
pub use pulls::{ForgeChoice, PullArgs, WishArgs};
pub use report::{ReportArgs, ReportFormat};
pub use resume::ResumeArgs;
pub use status::StatusArgs;
pub use stop::StopArgs;
pub use whereabouts::{ForkChoice, RepoChoice};

/// Split one large change into small pull requests
#[derive(Debug, Clone, PartialEq, Eq, Parser)]
#[command(
    name = "batch",
    bin_name = "batch",
    version,
    max_term_width = 100,
    arg_required_else_help = true,
    override_usage = "batch [OPTIONS] <CHANGE>\n       batch [OPTIONS] <COMMAND>",
    after_help = examples::BATCH
)]
pub struct Cli {
    /// What every command understands.
    #[command(flatten)]
    pub global: GlobalArgs,
    /// What is to be done.
    #[command(subcommand)]
    pub command: Command,
}

/// The commands.
#[derive(Debug, Clone, PartialEq, Eq, Subcommand)]
pub enum Command {
    /// Plan a change, ask, and open a pull request for each unit
    #[command(after_help = examples::RUN)]
    Run(Box<RunArgs>),
    /// Plan a change and write the plan as TOML
    #[command(after_help = examples::PLAN)]
    Plan(Box<PlanArgs>),
    /// Run a plan from its file
    #[command(after_help = examples::APPLY)]
    Apply(Box<ApplyArgs>),
    /// Take up the failed and cancelled units of a run again
    #[command(after_help = examples::RERUN)]
    Rerun(Box<RerunArgs>),
    /// Go on with a run that was interrupted or died
    #[command(after_help = examples::RESUME)]
    Resume(Box<ResumeArgs>),
    /// Show how far a run is, unit by unit
    #[command(after_help = examples::STATUS)]
    Status(StatusArgs),
    /// List the runs of this repository
    #[command(after_help = examples::LIST)]
    List(RunsArgs),
    /// End the run that goes on, or some of its units
    #[command(after_help = examples::STOP)]
    Stop(StopArgs),
    /// Show what a unit's worker, tests and git printed
    #[command(after_help = examples::LOGS)]
    Logs(LogsArgs),
    /// Write the report of a run again, as far as it has come
    #[command(after_help = examples::REPORT)]
    Report(ReportArgs),
    /// Follow pull requests: list, merge, update, comment on or close them
    #[command(subcommand, after_help = examples::PRS)]
    Prs(PrsCommand),
    /// Remove what finished runs left, where nothing is lost by it
    #[command(after_help = examples::CLEAN)]
    Clean(CleanArgs),
    /// Write a batch.toml with what is found in the repository
    #[command(after_help = examples::INIT)]
    Init(InitArgs),
    /// Look whether all is ready for a run, and say what mends it
    #[command(after_help = examples::DOCTOR)]
    Doctor(DoctorArgs),
    /// Do the whole job on a sample repository
    #[command(after_help = examples::DEMO)]
    Demo(DemoArgs),
    /// Print the script by which a shell completes command lines
    #[command(after_help = examples::COMPLETIONS)]
    Completions(CompletionsArgs),
    /// Print a page of the manual, or write all of them
    #[command(after_help = examples::MAN)]
    Man(ManArgs),
}

/// Arguments of `batch run`.
#[derive(Debug, Clone, PartialEq, Eq, Args)]
pub struct RunArgs {
    /// What is wanted.
    #[command(flatten)]
    pub change: ChangeArgs,
    /// What it starts from.
    #[command(flatten)]
    pub base: BaseArgs,
    /// How the plan is carried out.
    #[command(flatten)]
    pub carrying: CarryingArgs,
}

/// How a plan is carried out: what `run` and `apply` have in common.
#[derive(Debug, Clone, PartialEq, Eq, Args)]
pub struct CarryingArgs {
    /// How it is verified.
    #[command(flatten)]
    pub verify: VerifyArgs,
    /// How it is worked on.
    #[command(flatten)]
    pub work: WorkArgs,
    /// Where it is delivered.
    #[command(flatten)]
    pub pulls: PullArgs,
    /// Whether to ask.
    #[command(flatten)]
    pub consent: ConsentArgs,
}

/// Arguments of `batch plan`.
#[derive(Debug, Clone, PartialEq, Eq, Args)]
pub struct PlanArgs {
    /// Write the plan to FILE [default: standard output]
    #[arg(short, long, value_name = "FILE", value_hint = ValueHint::FilePath)]
    pub output: Option<PathBuf>,
    /// What is wanted.
    #[command(flatten)]
    pub change: ChangeArgs,
    /// What it starts from.
    #[command(flatten)]
    pub base: BaseArgs,
    /// How it is verified.
    #[command(flatten)]
    pub verify: VerifyArgs,
}

/// Where there is a plan already, it is the one that says who makes the edits.
const OTHER_AGENT: &str =
    "Have NAME make the edits, or mend what fails after a codemod [default: as the plan says]";

/// Arguments of `batch apply`.
#[derive(Debug, Clone, PartialEq, Eq, Args)]
#[command(mut_arg("agent", |agent| agent.help(OTHER_AGENT)))]
pub struct ApplyArgs {
    /// The plan's file, as `batch plan` writes it
    #[arg(value_hint = ValueHint::FilePath)]
    pub plan: PathBuf,
    /// Who makes the edits, whatever the plan says.
    #[command(flatten)]
    pub agent: AgentArgs,
    /// The remote that branches are pushed to [default: origin, or the only one]
    #[arg(long, value_name = "NAME", help_heading = "Base")]
    pub remote: Option<String>,
    /// How the plan is carried out.
    #[command(flatten)]
    pub carrying: CarryingArgs,
    /// What is set, for where the plan says nothing.
    #[arg(skip)]
    pub otherwise: Otherwise,
}

/// What is set of that which a plan says itself.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Otherwise {
    /// Who makes the edits.
    pub agent: Option<String>,
    /// With which model.
    pub model: Option<String>,
    /// What runs once in each fresh worktree.
    pub setup: Option<String>,
    /// What runs before a unit is committed.
    pub test: Option<String>,
    /// Whether it is done without a test.
    pub no_test: bool,
}

/// Arguments of `batch rerun`.
#[derive(Debug, Clone, PartialEq, Eq, Args)]
#[command(mut_arg("agent", |agent| agent.help(OTHER_AGENT)))]
pub struct RerunArgs {
    /// The run, or the beginning or end of its id [default: the last one]
    pub run: Option<String>,
    /// Take up this unit alone, also while the run goes on (repeatable) [default: all that failed or were cancelled]
    #[arg(long = "unit", value_name = "ID", value_parser = UnitId::parse)]
    pub units: Vec<UnitId>,
    /// Tell the workers something that they should know
    #[arg(long, value_name = "TEXT")]
    pub note: Option<String>,
    /// Where others pushed to a unit's branch, go on top of their commits
    #[arg(long)]
    pub on_top: bool,
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

/// Arguments of `batch demo`.
#[derive(Debug, Clone, PartialEq, Eq, Args)]
pub struct DemoArgs {
    /// Take the plan as approved
    #[arg(short, long)]
    pub yes: bool,
}

#[cfg(test)]
mod tests {
    use clap::{CommandFactory, Parser};

    use super::Cli;

    /// The help of `batch` and of each command below it, for a terminal of 80 columns.
    fn helps(command: &mut clap::Command) -> Vec<(String, String)> {
        let mut all = vec![(
            command.get_name().to_owned(),
            command.render_long_help().to_string(),
        )];
        for below in command.get_subcommands_mut() {
            if below.get_name() != "help" {
                all.extend(helps(below));
            }
        }
        all
    }

    #[test]
    fn clap_finds_no_contradiction() {
        super::settable::description().debug_assert();
    }

    #[test]
    fn every_help_fits_80_columns_and_ends_with_examples() {
        let mut batch = Cli::command().term_width(80);
        batch.build();
        let helps = helps(&mut batch);
        assert!(helps.len() >= 15);
        for (name, help) in helps {
            let (first, _) = help.split_once('\n').unwrap();
            assert!(!first.ends_with('.'), "{name}: {first}");
            assert!(help.contains("\nExamples:\n  batch "), "{name}");
            for line in help.lines() {
                assert!(line.chars().count() <= 80, "{name}: {line}");
            }
        }
    }

    #[test]
    fn the_short_and_the_long_help_are_one() {
        let help = |flag| Cli::try_parse_from(["batch", "run", flag]).unwrap_err();
        assert_eq!(help("-h").to_string(), help("--help").to_string());
    }
}
