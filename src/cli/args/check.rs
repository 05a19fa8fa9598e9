//! What clap cannot say about a command line: that it names a source of edits, that its bounds fit each other, and what
//! an option is by default where that depends on another one or on the machine.
//!
//! [`Cli::layered`] is the way in for the program, [`Cli::from_argv`] where no setting shall count.

use std::ffi::OsString;

use clap::FromArgMatches as _;

use super::asked::Asked;
use super::{ChangeArgs, Cli, Command, Otherwise, WorkArgs, settable, shorthand};
use crate::cli::exit::{Exit, Problem};
use crate::model::partition::Bounds;

/// Why there is no command to carry out.
#[derive(Debug)]
pub enum Refusal {
    /// Help or version was asked for, or clap found an error: it knows how to show either, and how to exit.
    Clap(Box<clap::Error>),
    /// The command line is wrong in a way that clap does not know.
    Problem(Problem),
}

/// How a change's edits are made, by the user's word.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum How {
    /// By a coding agent.
    Agent,
    /// By `s/REGEX/REPLACEMENT/FLAGS` expressions, in order.
    Rewrite(Vec<String>),
    /// By a codemod command.
    Command(String),
    /// They exist: in this branch or commit, or in the `worktree`.
    From(String),
}

impl Cli {
    /// Reads the program's name and arguments, whatever is set.
    ///
    /// # Errors
    /// [`Refusal`] when there is nothing to carry out.
    pub fn from_argv(argv: impl IntoIterator<Item = OsString>) -> Result<Self, Refusal> {
        Self::layered(argv, |_, batch| Ok(batch))
    }

    /// Reads the program's name and arguments. Once it is known what they ask for, `layers` says what holds where they
    /// say nothing: it gives options of the command line's description their defaults.
    ///
    /// # Errors
    /// [`Refusal`] when there is nothing to carry out.
    pub fn layered(
        argv: impl IntoIterator<Item = OsString>,
        layers: impl FnOnce(&Asked<'_>, clap::Command) -> Result<clap::Command, Problem>,
    ) -> Result<Self, Refusal> {
        let refused = |error| Refusal::Clap(Box::new(error));
        let argv = shorthand::expand(argv.into_iter().collect()).map_err(Refusal::Problem)?;
        let alone = settable::description().try_get_matches_from(&argv);
        let alone = alone.map_err(refused)?;
        let batch = layers(&Asked::of(&alone), settable::description());
        let mut batch = batch.map_err(Refusal::Problem)?;
        let mut matches = batch.try_get_matches_from_mut(&argv).map_err(refused)?;
        let cli = Self::from_arg_matches_mut(&mut matches);
        let cli = cli.map_err(|error| refused(error.format(&mut batch)))?;
        let change = match &cli.command {
            Command::Run(run) => Some(&run.change),
            Command::Plan(plan) => Some(&plan.change),
            Command::Apply(_)
            | Command::Rerun(_)
            | Command::Status(_)
            | Command::List(_)
            | Command::Stop(_)
            | Command::Resume(_)
            | Command::Logs(_)
            | Command::Report(_)
            | Command::Prs(_)
            | Command::Init(_)
            | Command::Doctor(_)
            | Command::Completions(_)
            | Command::Man(_)
            | Command::Clean(_)
            | Command::Demo(_) => None,
        };
        if let Some(change) = change {
            change.bounds().map_err(Refusal::Problem)?;
        }
        Ok(cli)
    }
}

impl Cli {
    /// Adds what is set for where a plan is silent.
    pub fn fill(&mut self, otherwise: Otherwise) {
        if let Command::Apply(apply) = &mut self.command {
            apply.otherwise = otherwise;
        }
    }
}

impl ChangeArgs {
    /// What makes the edits at first; that the sources exclude each other is clap's to say.
    #[must_use]
    pub fn how(&self) -> How {
        match (&self.rewrite[..], &self.command, &self.from) {
            ([_, ..], ..) => How::Rewrite(self.rewrite.clone()),
            ([], Some(command), _) => How::Command(command.clone()),
            ([], None, Some(from)) => How::From(from.clone()),
            ([], None, None) => How::Agent,
        }
    }

    /// How many units are wanted; a bound given alone moves the other one's default along.
    ///
    /// # Errors
    /// [`Problem`] when the user gave a minimum above the maximum, or a maximum that no plan may have.
    pub fn bounds(&self) -> Result<Bounds, Problem> {
        let default = Bounds::default();
        let (min, max) = match (self.min_units, self.max_units) {
            (Some(min), Some(max)) if min > max => {
                return Err(Problem::new(
                    Exit::Usage,
                    format!("--min-units {min} is more than --max-units {max}"),
                ));
            }
            (Some(min), Some(max)) => (min.get(), max.get()),
            (Some(min), None) => (min.get(), default.max().max(min.get())),
            (None, Some(max)) => (default.min().min(max.get()), max.get()),
            (None, None) => (default.min(), default.max()),
        };
        Bounds::new(min, max).map_err(|error| Problem::new(Exit::Usage, error.to_string()))
    }
}

/// The most workers when the user names no number; more do not help on one machine's disk.
const MOST_JOBS: usize = 8;

/// The workers when agents do the work: each is a program of hundreds of megabytes, and a share of the provider's limit.
const AGENTS: usize = 3;

impl WorkArgs {
    /// How many workers there are, with agents or without.
    #[must_use]
    pub fn workers(&self, agents: bool) -> usize {
        let usual = if agents {
            AGENTS
        } else {
            cores().min(MOST_JOBS)
        };
        self.jobs.map_or(usual, usize::from)
    }

    /// How many checks and tests run at the same time.
    #[must_use]
    pub fn tests(&self) -> usize {
        self.test_jobs.map_or((cores() / 2).max(1), usize::from)
    }
}

fn cores() -> usize {
    std::thread::available_parallelism().map_or(1, usize::from)
}

#[cfg(test)]
mod tests {
    use std::ffi::OsString;
    use std::time::Duration;

    use super::{Cli, Command, How, Refusal};
    use crate::cli::args::{ForgeChoice, Format};
    use crate::cli::exit::Exit;

    fn parse(line: &[&str]) -> Result<Cli, Refusal> {
        let argv = std::iter::once("batch").chain(line.iter().copied());
        Cli::from_argv(argv.map(OsString::from))
    }

    /// What the program would say, and its exit code.
    fn refused(line: &[&str]) -> (String, i32) {
        match parse(line).unwrap_err() {
            Refusal::Clap(error) => (error.to_string(), error.exit_code()),
            Refusal::Problem(problem) => (problem.to_string(), problem.exit.code().into()),
        }
    }

    #[test]
    fn a_bare_change_is_a_run_with_the_documented_defaults() {
        let cli = parse(&["rename a to b", "--rewrite", "s/a/b/"]).unwrap();
        assert_eq!(cli.global.format, Format::Text);
        let Command::Run(run) = cli.command else {
            panic!("not a run: {:?}", cli.command);
        };
        assert_eq!(run.change.description, "rename a to b");
        assert_eq!(run.base.remote, None);
        assert_eq!(run.carrying.work.timeout, Duration::from_secs(1800));
        assert_eq!(run.carrying.work.test_timeout, Duration::from_secs(600));
        assert_eq!(run.carrying.work.retries, 0);
        assert_eq!(run.carrying.pulls.forge, ForgeChoice::Auto);
        assert_eq!(run.carrying.pulls.branch_prefix, "batch/");
    }

    #[test]
    fn a_change_has_one_source_of_edits() {
        let Command::Run(run) = parse(&["rename a to b"]).unwrap().command else {
            panic!("not a run");
        };
        assert_eq!(run.change.how(), How::Agent);
        for both in [
            ["--rewrite", "s/a/b/", "--command", "x"],
            ["--rewrite", "s/a/b/", "--from", "x"],
            ["--command", "x", "--from", "y"],
            ["--agent", "x", "--from", "y"],
            ["--research-agent", "x", "--rewrite", "s/a/b/"],
        ] {
            let (said, code) = refused(&[&["a b"], &both[..]].concat());
            assert!(said.contains("cannot be used with"), "{said}");
            assert_eq!(code, 2);
        }
    }

    #[test]
    fn a_bound_given_alone_moves_the_other_one() {
        for (line, min, max) in [
            (&[][..], 5, 30),
            (&["--max-units", "3"], 3, 3),
            (&["--min-units", "40"], 40, 40),
            (&["--min-units", "1", "--max-units", "2"], 1, 2),
        ] {
            let cli = parse(&[&["plan", "x", "--from", "y"], line].concat()).unwrap();
            let Command::Plan(plan) = cli.command else {
                panic!("not a plan: {:?}", cli.command);
            };
            let bounds = plan.change.bounds().unwrap();
            assert_eq!((bounds.min(), bounds.max()), (min, max), "{line:?}");
        }
        let line = ["a b", "--from", "y", "--min-units=9", "--max-units=3"];
        let wanted = "error: --min-units 9 is more than --max-units 3";
        assert_eq!(refused(&line), (wanted.to_owned(), 2));
    }

    #[test]
    fn usage_errors_exit_2_and_help_exits_0() {
        for line in [
            &["run"][..],
            &["run", " ", "--from", "x"],
            &["a b", "--from", "x", "--jobs", "0"],
            &["a b", "--from", "x", "--timeout", "90"],
            &["a b", "--from", "x", "--test", "t", "--no-test"],
            &["a b", "--from", "x", "-q", "-v"],
            &["rerun", "--unit", "../x"],
            &["prs", "merge"],
            &["prs", "lst"],
            &["frobnicate"],
            &[],
        ] {
            assert_eq!(refused(line).1, i32::from(Exit::Usage.code()), "{line:?}");
        }
        for line in [&["--help"][..], &["-V"], &["help", "run"], &["prs", "-h"]] {
            assert_eq!(refused(line).1, 0, "{line:?}");
        }
    }
}
