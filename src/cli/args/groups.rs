//! The option groups that commands share, each under its heading in the help text.

use std::num::{NonZeroU32, NonZeroUsize};
use std::path::PathBuf;
use std::time::Duration;

use clap::{Args, ValueEnum, ValueHint};

use super::values;
use crate::cli::copyable;
use crate::model::agent::AgentChoice;
use crate::model::spend::{Allowance, Usd};

/// What every command understands.
#[derive(Debug, Clone, PartialEq, Eq, Args)]
#[command(next_help_heading = "Global options")]
#[expect(
    clippy::struct_excessive_bools,
    reason = "each is an option of its own"
)]
pub struct GlobalArgs {
    /// Run as if started in DIR
    #[arg(
        short = 'C',
        value_name = "DIR",
        global = true,
        value_hint = ValueHint::DirPath
    )]
    pub directory: Option<PathBuf>,
    /// Write the answer for people or for programs
    #[arg(
        long,
        global = true,
        value_enum,
        value_name = "text|json",
        default_value_t = Format::Text,
        hide_possible_values = true
    )]
    pub format: Format,
    /// Write for a screen reader: lines of words, no columns, colours or moving parts; questions by number
    #[arg(long, global = true)]
    pub plain: bool,
    /// Show no progress
    #[arg(long, global = true)]
    pub no_progress: bool,
    /// Show failures and the result only
    #[arg(short, long, global = true, conflicts_with = "verbose")]
    pub quiet: bool,
    /// Show each step
    #[arg(short, long, global = true)]
    pub verbose: bool,
}

impl GlobalArgs {
    /// A further command line of batch as the user can type it where he stands.
    #[must_use]
    pub fn line(&self, words: &str) -> String {
        let Some(directory) = &self.directory else {
            return format!("batch {words}");
        };
        format!("batch -C {} {words}", copyable::path(directory))
    }
}

/// How the answer is written.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum Format {
    /// For people
    Text,
    /// For programs
    Json,
}

/// What is wanted, and how many units it may become.
#[derive(Debug, Clone, PartialEq, Eq, Args)]
pub struct ChangeArgs {
    /// What is wanted, in a sentence
    #[arg(
        value_name = "CHANGE",
        required = false,
        required_unless_present = "saved",
        value_parser = values::description
    )]
    pub description: String,
    /// Who makes the edits.
    #[command(flatten)]
    pub agent: AgentArgs,
    /// Have NAME do the research [default: the agent that implements]
    #[arg(long, value_name = "NAME", help_heading = "Agent", conflicts_with_all = ["rewrite", "command", "from"])]
    pub research_agent: Option<String>,
    /// Have it use the model M
    #[arg(long, value_name = "M", help_heading = "Agent", conflicts_with_all = ["rewrite", "command", "from"])]
    pub research_model: Option<String>,
    /// Make the change that the settings describe as `[saved.NAME]`
    #[arg(long, value_name = "NAME", help_heading = "Change")]
    pub saved: Option<String>,
    /// Rewrite files by `s/REGEX/REPLACEMENT/FLAGS`, flags g i m s x (repeatable, in order)
    #[arg(
        long,
        value_name = "EXPR",
        help_heading = "Change",
        conflicts_with_all = ["command", "from"]
    )]
    pub rewrite: Vec<String>,
    /// Run a codemod command in each unit's worktree; `{files}` is the unit's files
    #[arg(
        long,
        value_name = "CMD",
        help_heading = "Change",
        conflicts_with = "from",
        value_hint = ValueHint::CommandString
    )]
    pub command: Option<String>,
    /// Slice a change that exists: a branch, a commit, or `worktree` for what is uncommitted
    #[arg(
        long,
        value_name = "REV",
        help_heading = "Change",
        conflicts_with_all = ["agent", "model"]
    )]
    pub from: Option<String>,
    /// Look only at files that match, from the root (repeatable)
    #[arg(long, value_name = "GLOB", help_heading = "Change")]
    pub paths: Vec<String>,
    /// Look only at files whose contents match
    #[arg(long, value_name = "REGEX", help_heading = "Change")]
    pub matching: Option<String>,
    /// Make at least N units [default: 5]
    #[arg(
        long,
        value_name = "N",
        help_heading = "Units",
        value_parser = values::at_least_one
    )]
    pub min_units: Option<NonZeroUsize>,
    /// Make at most N units [default: 30]
    #[arg(
        long,
        value_name = "N",
        help_heading = "Units",
        value_parser = values::at_least_one
    )]
    pub max_units: Option<NonZeroUsize>,
}

/// Which coding agent makes the edits.
#[derive(Debug, Clone, PartialEq, Eq, Default, Args)]
#[command(next_help_heading = "Agent")]
pub struct AgentArgs {
    /// Have NAME make the edits, or mend what fails after a codemod [default: the first on PATH; after a codemod none]
    #[arg(long, value_name = "NAME")]
    pub agent: Option<String>,
    /// Have the agent use the model M
    #[arg(long, value_name = "M")]
    pub model: Option<String>,
}

impl AgentArgs {
    /// The choice, if there is any.
    #[must_use]
    pub fn choice(&self) -> Option<AgentChoice> {
        let named = self.agent.is_some() || self.model.is_some();
        named.then(|| AgentChoice {
            name: self.agent.clone(),
            model: self.model.clone(),
        })
    }
}

/// What the units start from.
#[derive(Debug, Clone, PartialEq, Eq, Args)]
#[command(next_help_heading = "Base")]
pub struct BaseArgs {
    /// Start from this branch of the remote [default: the remote's default branch, as it is now]
    #[arg(long, value_name = "REF")]
    pub base: Option<String>,
    /// The remote of base and branches [default: origin, or the only one]
    #[arg(long, value_name = "NAME")]
    pub remote: Option<String>,
}

/// How units are verified.
#[derive(Debug, Clone, PartialEq, Eq, Args)]
#[command(next_help_heading = "Verification")]
pub struct VerifyArgs {
    /// Run CMD once in each fresh worktree
    #[arg(long, value_name = "CMD", value_hint = ValueHint::CommandString)]
    pub setup: Option<String>,
    /// Run CMD before a unit is committed; `{files}` is the unit's changed files
    #[arg(long, value_name = "CMD", value_hint = ValueHint::CommandString)]
    pub test: Option<String>,
    /// Do without a test
    #[arg(long, conflicts_with = "test")]
    pub no_test: bool,
    /// Go on when setup or test fails on the base itself
    #[arg(long)]
    pub allow_red_base: bool,
}

/// How units are worked on, and what the run leaves.
#[derive(Debug, Clone, PartialEq, Eq, Args)]
#[command(next_help_heading = "Work")]
#[expect(
    clippy::struct_excessive_bools,
    reason = "each is an option of its own"
)]
pub struct WorkArgs {
    /// Work on N units at the same time [default: 3 with agents, else one a core, at most 8]
    #[arg(short, long, value_name = "N", value_parser = values::at_least_one)]
    pub jobs: Option<NonZeroUsize>,
    /// Run N tests at the same time [default: half the number of cores]
    #[arg(long, value_name = "N", value_parser = values::at_least_one)]
    pub test_jobs: Option<NonZeroUsize>,
    /// End a step of a unit after D, such as 90s, 20m, 2h or 1h30m
    #[arg(long, value_name = "D", default_value = "30m", value_parser = values::duration)]
    pub timeout: Duration,
    /// End a check or test after D
    #[arg(long, value_name = "D", default_value = "10m", value_parser = values::duration)]
    pub test_timeout: Duration,
    /// Implement a failing unit up to N times more, from the base again
    #[arg(long, value_name = "N", default_value_t = 0)]
    pub retries: u32,
    /// Give a failing check or test back to the agent up to N times
    #[arg(long, value_name = "N", default_value_t = 2)]
    pub fixes: u32,
    /// End an agent's work on a unit after N of its turns [default: no limit but the agent's own]
    #[arg(long, value_name = "N")]
    pub max_turns: Option<NonZeroU32>,
    /// End an agent that prints nothing for D
    #[arg(long, value_name = "D", default_value = "10m", value_parser = values::duration)]
    pub idle_timeout: Duration,
    /// Start no unit that would take the run beyond this cost in US dollars, such as 5 or 0.50
    #[arg(long, value_name = "USD", value_parser = values::dollars)]
    pub max_cost: Option<Usd>,
    /// Start no unit that would take the run beyond N tokens, such as 200k or 1.5M
    #[arg(long, value_name = "N", value_parser = values::tokens)]
    pub max_tokens: Option<u64>,
    /// Start no further unit once one has failed
    #[arg(long)]
    pub fail_fast: bool,
    /// Sign off the commits
    #[arg(long)]
    pub signoff: bool,
    /// Keep the worktrees below DIR [default: the user's cache folder]
    #[arg(long, value_name = "DIR", value_hint = ValueHint::DirPath)]
    pub worktrees: Option<PathBuf>,
    /// Make a new worktree for each unit; in a rerun, begin without the edits of earlier attempts
    #[arg(long)]
    pub fresh: bool,
    /// Keep the worktrees of units that fail, to look at what is in them
    #[arg(long)]
    pub keep_worktrees: bool,
    /// Open the pull request of a unit that waits for one other at once, against its branch
    #[arg(long, help_heading = "Pull requests")]
    pub stack: bool,
    /// Write a copy of the report to PATH
    #[arg(long, value_name = "PATH", help_heading = "Report", value_hint = ValueHint::FilePath)]
    pub report: Option<PathBuf>,
    /// Write a copy of the failures log to PATH
    #[arg(long, value_name = "PATH", help_heading = "Report", value_hint = ValueHint::FilePath)]
    pub failures: Option<PathBuf>,
    /// Run CMD when it has ended, with the report as JSON on its standard input
    // The user's alone to say: a repository's batch.toml would have it run on anybody's machine.
    #[arg(long, value_name = "CMD", help_heading = "Report", value_hint = ValueHint::CommandString)]
    pub notify: Option<String>,
    /// Do not ring the terminal's bell when it has ended
    #[arg(long, help_heading = "Report")]
    pub no_bell: bool,
}

impl WorkArgs {
    /// What the run may spend.
    #[must_use]
    pub fn cap(&self) -> Allowance {
        Allowance {
            cost: self.max_cost,
            tokens: self.max_tokens,
        }
    }
}

/// Whether the plan is asked about.
#[derive(Debug, Clone, PartialEq, Eq, Args)]
#[command(next_help_heading = "Approval")]
pub struct ConsentArgs {
    /// Take the plan as approved
    #[arg(short, long)]
    pub yes: bool,
    /// Show the plan and stop
    #[arg(long)]
    pub dry_run: bool,
    /// Show the units as a tree of the paths that they own
    #[arg(long)]
    pub tree: bool,
    /// Work on N units first, then tell what the rest will take and ask again; with --yes go on if all succeeded
    #[arg(long, value_name = "N", value_parser = values::at_least_one)]
    pub canary: Option<NonZeroUsize>,
}
