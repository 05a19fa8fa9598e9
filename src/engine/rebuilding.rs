//! What a journal that is begun again has to tell of a run's units, by what else there is of them: attempts are numbered on
//! from those before, and kept edits and abandoned worktrees are known to be theirs. What landed is found out by `resume`.

use crate::model::event::Event;
use crate::model::id::{ObjectId, Slot, UnitId};

/// What there is of a unit besides the journal.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Remains {
    /// The unit.
    pub unit: UnitId,
    /// The last attempt that left a trace; 0 for none.
    pub attempt: u32,
    /// The attempts whose edits are kept, with ref and commit, the last one last.
    pub edits: Vec<(u32, String, ObjectId)>,
    /// A worktree that holds its edits, and the commit that it started from.
    pub left: Option<(Slot, ObjectId)>,
}

/// The events that stand for it, after the run's start; `base` is what the plan starts from.
#[must_use]
pub fn events(remains: &[Remains], base: &ObjectId) -> Vec<Event> {
    let mut events = Vec::new();
    for Remains {
        unit,
        attempt,
        edits,
        left,
    } in remains
    {
        let kept = edits.last().map_or(0, |(attempt, _, _)| *attempt);
        let last = (*attempt).max(kept);
        if last > 0 {
            let slot = Slot(0);
            events.push(Event::UnitStarted {
                unit: unit.clone(),
                attempt: last,
                slot,
                base: base.clone(),
            });
            events.push(Event::SlotFreed {
                unit: unit.clone(),
                slot,
            });
        }
        events.extend(
            edits
                .iter()
                .map(|(attempt, reference, commit)| Event::EditsKept {
                    unit: unit.clone(),
                    attempt: *attempt,
                    reference: reference.clone(),
                    commit: commit.clone(),
                }),
        );
        if let Some((slot, base)) = left {
            // Edits that are kept under a number already are not written over.
            let attempt = if last > kept { last } else { kept + 1 };
            events.push(Event::UnitStarted {
                unit: unit.clone(),
                attempt,
                slot: *slot,
                base: base.clone(),
            });
        }
    }
    events
}

#[cfg(test)]
mod tests {
    use super::{Remains, events};
    use crate::model::history::History;
    use crate::model::id::Slot;
    use crate::model::sample;

    fn history(remains: &Remains) -> History {
        let mut records = vec![sample::start(1)];
        let told = events(std::slice::from_ref(remains), &sample::commit("b"));
        records.extend(told.into_iter().map(sample::record));
        History::fold(&records).unwrap()
    }

    fn remains(attempt: u32) -> Remains {
        Remains {
            unit: sample::id("unit-1"),
            attempt,
            edits: Vec::new(),
            left: None,
        }
    }

    fn kept(attempt: u32) -> (u32, String, crate::model::id::ObjectId) {
        (
            attempt,
            format!("refs/batch/r/unit-1/attempt-{attempt}"),
            sample::commit("e"),
        )
    }

    #[test]
    fn a_unit_without_a_trace_is_as_if_it_was_never_begun() {
        let told = history(&remains(0));
        assert_eq!(told.units[0].attempt, 0);
        assert_eq!(told.units[0].edits, None);
    }

    #[test]
    fn attempts_are_counted_on_and_the_last_edits_are_taken_up() {
        let told = history(&Remains {
            edits: vec![kept(1), kept(2)],
            ..remains(3)
        });
        let unit = &told.units[0];
        assert_eq!((unit.attempt, unit.slot), (3, None));
        assert_eq!(unit.kept.as_deref(), Some("refs/batch/r/unit-1/attempt-2"));
        assert_eq!(unit.outcome, None);
    }

    #[test]
    fn a_worktree_is_its_units_and_gets_a_number_under_which_nothing_is_kept() {
        let left = Some((Slot(4), sample::commit("a")));
        for (attempt, edits, expected) in [(0, vec![], 1), (2, vec![], 2), (2, vec![kept(2)], 3)] {
            let told = history(&Remains {
                edits,
                left: left.clone(),
                ..remains(attempt)
            });
            let unit = &told.units[0];
            assert_eq!((unit.attempt, unit.slot), (expected, Some(Slot(4))));
            assert_eq!(unit.base, Some(sample::commit("a")));
        }
    }
}
