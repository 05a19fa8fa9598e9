//! [`Remedy`]: what a person can do about a failed unit, by the kind of its failure. A pure rule; the failures log shows it.

use serde::Serialize;

use crate::model::history::UnitHistory;
use crate::model::id::RunId;
use crate::model::outcome::{Failure, FailureKind, Step};

/// What to do about a failed unit, and the command for it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Remedy {
    /// What to do first, as a sentence without its end.
    pub words: &'static str,
    /// The command that takes the unit up again, to be copied.
    pub command: String,
}

/// The turns to offer where none were given.
const TURNS: u32 = 80;

/// What is left to do about every failed unit of which nothing better is known.
const AGAIN: &str = "To take it up again";

impl Remedy {
    /// What to do about this failure of a unit.
    #[must_use]
    pub fn of(failure: &Failure, run: &RunId, unit: &UnitHistory) -> Self {
        let has_agent = unit.agent.is_some();
        let noted = if has_agent { " --note \"…\"" } else { "" };
        let turns = unit.turns.map_or(TURNS, |given| given.saturating_mul(2));
        let turns = format!(" --max-turns {turns}");
        let (words, options): (&str, &str) = match failure.kind {
            FailureKind::Permission => (
                "Allow the agent these tools in its own settings, or take another agent, then",
                "",
            ),
            FailureKind::Turns => ("To give the agent more turns", &turns),
            FailureKind::Budget => (
                "To give the run more money, with an amount of your own for all of it",
                " --max-cost 20",
            ),
            FailureKind::Tokens => (
                "To give the run more tokens, with a number of your own for all of it",
                " --max-tokens 20M",
            ),
            FailureKind::RateLimit => ("When the provider's limit is lifted", ""),
            FailureKind::Unauthorised => {
                return Self::all("Log the agent in, then", run);
            }
            FailureKind::Quota => {
                return Self::all(
                    "When the account has quota again, or with another agent (`--agent NAME`)",
                    run,
                );
            }
            FailureKind::Scope if has_agent => (
                "If the unit needs such a file, give it to the unit in the plan; else say in your own words what to do without it",
                noted,
            ),
            FailureKind::Scope => (
                "If the unit needs such a file, give it to the unit in the plan; else mend what made the edits, then",
                "",
            ),
            FailureKind::Tests if has_agent => (
                "To say what is to be done otherwise, in your own words",
                noted,
            ),
            FailureKind::Conflict if failure.step == Step::Prepare => (
                "Make the branches that it waits for fit together, or have one of them merged in a new run; then",
                "",
            ),
            FailureKind::Conflict if has_agent => (
                "To say how it is to fit the units that are done, in your own words",
                noted,
            ),
            FailureKind::Delivery if has_agent && failure.step == Step::Commit => (
                "To say what the hook wants to have otherwise, in your own words; without a note if it was the hook that you mended",
                noted,
            ),
            FailureKind::Silence => ("To have it waited for longer", " --idle-timeout 30m"),
            FailureKind::Timeout => match failure.step {
                Step::Check | Step::Test => ("To give it more time", " --test-timeout 30m"),
                Step::Prepare
                | Step::Implement
                | Step::Gate
                | Step::Commit
                | Step::Push
                | Step::OpenPr => ("To give it more time", " --timeout 2h"),
            },
            FailureKind::Setup => ("Mend the setup or what it needs on this machine, then", ""),
            FailureKind::Runaway if has_agent => (
                "See in its log what it wrote, and say in your own words what to do without",
                noted,
            ),
            FailureKind::Tests
            | FailureKind::Conflict
            | FailureKind::Runaway
            | FailureKind::Crash
            | FailureKind::Delivery
            | FailureKind::Forge
            | FailureKind::Other => (AGAIN, ""),
        };
        Self {
            words,
            command: format!("batch rerun {run} --unit {}{options}", unit.id),
        }
    }

    /// For what keeps every unit from being taken up.
    fn all(words: &'static str, run: &RunId) -> Self {
        Self {
            words,
            command: format!("batch rerun {run}"),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::Remedy;
    use crate::model::outcome::{Failure, FailureKind, Step};
    use crate::model::sample;

    fn command(kind: FailureKind, step: Step, agent: bool) -> String {
        let mut history = sample::history(vec![None]);
        history.units[0].agent = agent.then(|| "claude".to_owned());
        let failure = Failure {
            kind,
            ..Failure::of(step, "x")
        };
        let remedy = Remedy::of(&failure, &sample::run(), &history.units[0]);
        let run = format!("batch rerun {}", sample::run());
        remedy.command.strip_prefix(&run).unwrap().to_owned()
    }

    #[test]
    fn each_kind_of_failure_has_its_next_command() {
        for (kind, options) in [
            (FailureKind::Turns, " --unit unit-1 --max-turns 80"),
            (FailureKind::Budget, " --unit unit-1 --max-cost 20"),
            (FailureKind::Tokens, " --unit unit-1 --max-tokens 20M"),
            (FailureKind::Silence, " --unit unit-1 --idle-timeout 30m"),
            (FailureKind::Unauthorised, ""),
            (FailureKind::Quota, ""),
            (FailureKind::Tests, " --unit unit-1 --note \"…\""),
            (FailureKind::Scope, " --unit unit-1 --note \"…\""),
            (FailureKind::Timeout, " --unit unit-1 --timeout 2h"),
            (FailureKind::Crash, " --unit unit-1"),
            (FailureKind::Setup, " --unit unit-1"),
        ] {
            assert_eq!(command(kind, Step::Implement, true), options, "{kind:?}");
        }
        assert_eq!(
            command(FailureKind::Delivery, Step::Commit, true),
            " --unit unit-1 --note \"…\""
        );
        assert_eq!(
            command(FailureKind::Delivery, Step::Push, true),
            " --unit unit-1"
        );
        assert_eq!(
            command(FailureKind::Timeout, Step::Test, true),
            " --unit unit-1 --test-timeout 30m"
        );
    }

    #[test]
    fn the_turns_that_are_offered_are_more_than_those_that_were_given() {
        let mut history = sample::history(vec![None]);
        history.units[0].turns = Some(100);
        let failure = Failure {
            kind: FailureKind::Turns,
            ..Failure::of(Step::Implement, "x")
        };
        let remedy = Remedy::of(&failure, &sample::run(), &history.units[0]);
        assert!(remedy.command.ends_with(" --max-turns 200"), "{remedy:?}");
    }

    #[test]
    fn no_note_makes_the_units_that_another_waits_for_fit_together() {
        assert_eq!(
            command(FailureKind::Conflict, Step::Prepare, true),
            " --unit unit-1"
        );
        assert_eq!(
            command(FailureKind::Conflict, Step::Push, true),
            " --unit unit-1 --note \"…\""
        );
    }

    #[test]
    fn who_has_no_agent_is_told_of_no_note() {
        for kind in [
            FailureKind::Tests,
            FailureKind::Scope,
            FailureKind::Conflict,
            FailureKind::Delivery,
        ] {
            assert_eq!(command(kind, Step::Test, false), " --unit unit-1");
        }
    }
}
