//! [`Publication`]: whether a delivered unit's pull request is opened at once, and against which branch, by what the unit
//! stands on. Pure; the publisher asks the forge the rest.

use crate::model::foundation::{in_words, stands_on};
use crate::model::history::{History, UnitHistory};
use crate::model::id::UnitId;
use crate::model::outcome::Outcome;

/// When a delivered unit's pull request is opened against the base branch.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Publication {
    /// At once.
    Now,
    /// Once the units that it stands on are merged.
    Once {
        /// Their branches.
        merged: Vec<String>,
        /// What becomes of it while they are not.
        until: Until,
    },
}

/// What becomes of a delivered unit that stands on units which are not merged.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Until {
    /// Its pull request is opened against this branch.
    Stacked(String),
    /// It waits, for this reason.
    Waits(String),
}

impl Publication {
    /// Settles it by what the unit stands on. With `stack` a pull request is opened against the branch of the only unit
    /// before it, if that has one; on several there is no branch that it could be opened against.
    #[must_use]
    pub fn of(unit: &UnitId, history: &History, stack: bool) -> Self {
        let below = stands_on(unit, history);
        let until = match below[..] {
            [] => return Self::Now,
            [only] if stack && is_opened(only) => Until::Stacked(only.branch.clone()),
            _ => Until::Waits(format!(
                "waits for {} to be merged",
                in_words(below.iter().map(|unit| &unit.id))
            )),
        };
        let merged = below.iter().map(|unit| unit.branch.clone());
        let merged = merged.collect();
        Self::Once { merged, until }
    }
}

fn is_opened(unit: &UnitHistory) -> bool {
    matches!(unit.outcome, Some(Outcome::Opened { .. }))
}

#[cfg(test)]
mod tests {
    use super::{Publication, Until};
    use crate::model::history::History;
    use crate::model::outcome::Outcome;
    use crate::model::sample;

    fn run(first: Outcome, second: Outcome) -> History {
        let mut history = sample::history(vec![Some(first), Some(second), None]);
        history.units[2].after = vec![sample::id("unit-1"), sample::id("unit-2")];
        for unit in &mut history.units {
            unit.delivered = Some(sample::commit("d"));
        }
        history
    }

    fn publication(history: &History, stack: bool) -> Publication {
        Publication::of(&sample::id("unit-3"), history, stack)
    }

    fn once(units: &[u32], until: Until) -> Publication {
        let branches = units.iter().map(|unit| branch(*unit));
        Publication::Once {
            merged: branches.collect(),
            until,
        }
    }

    fn branch(unit: u32) -> String {
        format!("batch/rename-frob-0a1b/unit-{unit}")
    }

    fn waits(reason: &str) -> Until {
        Until::Waits(reason.to_owned())
    }

    #[test]
    fn what_stands_on_nothing_is_opened_at_once() {
        let nothing = run(Outcome::Unchanged, Outcome::Unchanged);
        assert_eq!(publication(&nothing, false), Publication::Now);
    }

    #[test]
    fn what_stands_on_others_waits_for_them_or_is_stacked_on_the_only_one() {
        let one = run(sample::opened(1), Outcome::Unchanged);
        let reason = "waits for `unit-1` to be merged";
        assert_eq!(publication(&one, false), once(&[1], waits(reason)));
        let stacked = once(&[1], Until::Stacked(branch(1)));
        assert_eq!(publication(&one, true), stacked);
        // There is no pull request to stack on.
        let pushed = run(sample::pushed(), Outcome::Unchanged);
        assert_eq!(publication(&pushed, true), once(&[1], waits(reason)));
        let two = run(sample::opened(1), sample::opened(2));
        let reason = "waits for `unit-1` and `unit-2` to be merged";
        assert_eq!(publication(&two, true), once(&[1, 2], waits(reason)));
    }
}
