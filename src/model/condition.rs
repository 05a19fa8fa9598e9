//! [`Condition`]: how a unit stands, in the words a person thinks in; and [`Tally`]: how many units stand how.
//!
//! Pure functions of a [`History`] and the run's [`Life`]. Called by `batch status`, for people, programs and prompts.

use serde::Serialize;

use crate::model::history::{History, UnitHistory};
use crate::model::life::Life;
use crate::model::outcome::{Outcome, Step};
use crate::model::summary::Summary;

/// How a unit stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Condition {
    /// It has not been taken up yet.
    Waiting,
    /// Its edits are being made, or its worktree is.
    Working,
    /// It is being checked or tested.
    Testing,
    /// It is being committed or pushed, or its pull request is being opened.
    Publishing,
    /// It was under way when the run's process went away.
    Interrupted,
    /// It has its pull request.
    Opened,
    /// It is delivered, and its pull request still to come.
    Pushed,
    /// There was nothing to do.
    Unchanged,
    /// A step failed.
    Failed,
    /// It was stopped or not started.
    Cancelled,
}

impl Condition {
    /// All of them, in the order in which they are counted up.
    pub const ALL: [Self; 10] = [
        Self::Opened,
        Self::Publishing,
        Self::Testing,
        Self::Working,
        Self::Waiting,
        Self::Pushed,
        Self::Unchanged,
        Self::Interrupted,
        Self::Failed,
        Self::Cancelled,
    ];

    /// How a unit of a run with this life stands.
    #[must_use]
    pub fn of(unit: &UnitHistory, life: Life) -> Self {
        match &unit.outcome {
            Some(Outcome::Opened { .. }) => Self::Opened,
            Some(Outcome::Pushed { .. }) => Self::Pushed,
            Some(Outcome::Unchanged) => Self::Unchanged,
            Some(Outcome::Failed(_)) => Self::Failed,
            Some(Outcome::Cancelled { .. }) => Self::Cancelled,
            None if unit.started.is_none() => Self::Waiting,
            None => match life {
                Life::Going => Self::under_way(unit),
                Life::CutOff | Life::Ended => Self::Interrupted,
            },
        }
    }

    /// Its worker is done once the slot is free: the rest is the publisher's.
    fn under_way(unit: &UnitHistory) -> Self {
        if unit.slot.is_none() {
            return Self::Publishing;
        }
        match unit.step {
            None => Self::Working,
            Some((step, _)) => match step {
                Step::Prepare | Step::Implement | Step::Gate => Self::Working,
                Step::Check | Step::Test => Self::Testing,
                Step::Commit | Step::Push | Step::OpenPr => Self::Publishing,
            },
        }
    }

    /// The word in tables and JSON.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Waiting => "waiting",
            Self::Working => "working",
            Self::Testing => "testing",
            Self::Publishing => "publishing",
            Self::Interrupted => "interrupted",
            Self::Opened => "opened",
            Self::Pushed => "pushed",
            Self::Unchanged => "unchanged",
            Self::Failed => "failed",
            Self::Cancelled => "cancelled",
        }
    }

    /// Whether somebody is at it.
    #[must_use]
    pub fn is_under_way(self) -> bool {
        match self {
            Self::Working | Self::Testing | Self::Publishing => true,
            Self::Waiting
            | Self::Interrupted
            | Self::Opened
            | Self::Pushed
            | Self::Unchanged
            | Self::Failed
            | Self::Cancelled => false,
        }
    }
}

/// How many units stand how.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Tally(Vec<(Condition, usize)>);

impl Tally {
    /// Counts the units of a run.
    #[must_use]
    pub fn of(history: &History, life: Life) -> Self {
        Self::count(history.units.iter().map(|unit| Condition::of(unit, life)))
    }

    /// The counts of a run that has ended.
    #[must_use]
    pub fn of_summary(summary: &Summary) -> Self {
        let counts = [
            (Condition::Opened, summary.opened),
            (Condition::Waiting, summary.unfinished()),
            (Condition::Pushed, summary.pushed),
            (Condition::Unchanged, summary.unchanged),
            (Condition::Failed, summary.failed),
            (Condition::Cancelled, summary.cancelled),
        ];
        Self(counts.into_iter().filter(|(_, count)| *count > 0).collect())
    }

    /// Counts these.
    #[must_use]
    pub fn count(conditions: impl IntoIterator<Item = Condition>) -> Self {
        let conditions: Vec<Condition> = conditions.into_iter().collect();
        let counts = Condition::ALL.map(|condition| {
            let same = conditions.iter().filter(|known| **known == condition);
            (condition, same.count())
        });
        Self(counts.into_iter().filter(|(_, count)| *count > 0).collect())
    }

    /// Those conditions that any unit is in, and how many are.
    pub fn counts(&self) -> impl Iterator<Item = (Condition, usize)> + '_ {
        self.0.iter().copied()
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::{Condition, Tally};
    use crate::model::id::Slot;
    use crate::model::life::Life;
    use crate::model::outcome::{Outcome, Step};
    use crate::model::sample;
    use crate::model::summary::Summary;

    #[test]
    fn a_unit_under_way_is_told_by_its_step_and_by_who_has_it() {
        let mut history = sample::history(vec![None]);
        let unit = &mut history.units[0];
        assert_eq!(Condition::of(unit, Life::Going), Condition::Waiting);
        unit.started = Some(sample::at(0));
        unit.slot = Some(Slot(0));
        assert_eq!(Condition::of(unit, Life::Going), Condition::Working);
        for (step, expected) in [
            (Step::Prepare, Condition::Working),
            (Step::Implement, Condition::Working),
            (Step::Gate, Condition::Working),
            (Step::Check, Condition::Testing),
            (Step::Test, Condition::Testing),
            (Step::Commit, Condition::Publishing),
            (Step::Push, Condition::Publishing),
        ] {
            unit.step = Some((step, sample::at(1)));
            assert_eq!(Condition::of(unit, Life::Going), expected, "{step}");
            assert_eq!(Condition::of(unit, Life::CutOff), Condition::Interrupted);
        }
        // Its worker is done, and the publisher has not come to it.
        unit.slot = None;
        assert_eq!(Condition::of(unit, Life::Going), Condition::Publishing);
    }

    #[test]
    fn what_has_ended_stays_so_whatever_became_of_the_run() {
        let outcomes = [
            (sample::opened(1), Condition::Opened),
            (sample::pushed(), Condition::Pushed),
            (Outcome::Unchanged, Condition::Unchanged),
            (sample::failed("x", &[]), Condition::Failed),
            (sample::cancelled(), Condition::Cancelled),
        ];
        for (outcome, expected) in outcomes {
            let history = sample::history(vec![Some(outcome)]);
            for life in [Life::Going, Life::CutOff, Life::Ended] {
                assert_eq!(Condition::of(&history.units[0], life), expected);
            }
        }
    }

    #[test]
    fn what_no_worker_had_taken_up_waits_also_where_the_run_was_cut_off() {
        let history = sample::history(vec![None, Some(sample::opened(1))]);
        let tally = Tally::of(&history, Life::CutOff);
        let counts: Vec<_> = tally.counts().collect();
        assert_eq!(counts, [(Condition::Opened, 1), (Condition::Waiting, 1)]);
    }

    #[test]
    fn a_summary_is_counted_as_the_history_that_it_was_made_of() {
        let history = sample::history(vec![
            Some(sample::opened(1)),
            Some(sample::failed("x", &[])),
            Some(sample::cancelled()),
            Some(sample::pushed()),
            Some(Outcome::Unchanged),
            None,
        ]);
        let summary = Summary::of(&history);
        let tally = Tally::of(&history, Life::Ended);
        assert_eq!(Tally::of_summary(&summary), tally);
    }

    #[test]
    fn every_condition_is_counted_and_has_a_word_of_its_own() {
        let words: BTreeSet<&str> = Condition::ALL.map(Condition::as_str).into();
        assert_eq!(words.len(), Condition::ALL.len());
    }
}
