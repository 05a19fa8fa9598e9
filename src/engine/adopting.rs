//! What is put on record of a unit whose journal was cut off, or written elsewhere: [`adopt`]. Pure; who asks has looked at
//! the remote and at the forge. A branch or a pull request counts only where something of this run's shows that it is its own.

use crate::model::event::Event;
use crate::model::history::{History, UnitHistory};
use crate::model::id::{ObjectId, Slot};
use crate::model::outcome::Outcome;
use crate::model::pull::{Pull, PullState};

/// What was found for a unit.
#[derive(Debug, Clone, Copy, Default)]
pub struct Found<'a> {
    /// The commit that its branch is at; none where there is no branch.
    pub head: Option<&'a ObjectId>,
    /// The commit that this repository keeps for it, whatever its journal says.
    pub kept: Option<&'a ObjectId>,
    /// The pull requests of its branch.
    pub pulls: &'a [Pull],
}

/// What becomes of a unit.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Adoption {
    /// The journal knows all that there is.
    Known,
    /// There is nothing.
    Nothing,
    /// These are put on record.
    Adopted {
        /// The events, in order.
        events: Vec<Event>,
        /// What it is, a fragment.
        what: String,
    },
    /// Something is there that is left alone, for this reason.
    Left(String),
}

/// What stands there for a unit.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum There<'a> {
    /// No branch and no pull request.
    Nothing,
    /// Its branch, at this commit of the run's own.
    Branch(&'a ObjectId),
    /// Its pull request, open or merged, at a commit of the run's own.
    Pull(&'a Pull),
    /// Something that is left alone, for this reason.
    Left(String),
}

/// Whether the commit is known to be the run's own work for the unit.
#[must_use]
pub fn is_ours(commit: &ObjectId, unit: &UnitHistory, history: &History, found: Found<'_>) -> bool {
    let pull = own_pull(unit, history, found.pulls);
    let tested = pull
        .and_then(|pull| pull.mark.as_ref())
        .and_then(|mark| mark.commit.as_ref());
    unit.pushes.contains(commit)
        || [
            unit.delivered.as_ref(),
            unit.commit.as_ref(),
            found.kept,
            tested,
        ]
        .contains(&Some(commit))
}

/// Tells what stands there.
#[must_use]
pub fn there<'a>(unit: &UnitHistory, history: &History, found: Found<'a>) -> There<'a> {
    let is_ours = |commit: &ObjectId| is_ours(commit, unit, history, found);
    let Some(pull) = own_pull(unit, history, found.pulls) else {
        return match found.head {
            None => There::Nothing,
            Some(head) if is_ours(head) => There::Branch(head),
            Some(head) => There::Left(format!(
                "its branch is at {}, which this run is not known to have pushed",
                head.short()
            )),
        };
    };
    let number = pull.number;
    match pull.state {
        PullState::Closed => return There::Left(format!("#{number} was closed")),
        PullState::Open | PullState::Merged => {}
    }
    let head = &pull.head_commit;
    if !is_ours(head) {
        return There::Left(format!(
            "#{number} is at {}, which this run is not known to have pushed",
            head.short()
        ));
    }
    if pull.state == PullState::Open && found.head != Some(head) {
        return There::Left(match found.head {
            Some(other) => format!(
                "#{number} is at {}, and its branch at {}",
                head.short(),
                other.short()
            ),
            None => format!("#{number} is open, and its branch is gone"),
        });
    }
    There::Pull(pull)
}

/// Settles what is put on record.
#[must_use]
pub fn adopt(unit: &UnitHistory, history: &History, found: Found<'_>) -> Adoption {
    match there(unit, history, found) {
        There::Nothing => Adoption::Nothing,
        There::Branch(head) => pushed(unit, history, head),
        There::Pull(pull) => opened(unit, history, pull),
        There::Left(why) => Adoption::Left(why),
    }
}

/// The pull request that this run opened for the unit: an open one before a merged one, then the latest.
fn own_pull<'a>(unit: &UnitHistory, history: &History, pulls: &'a [Pull]) -> Option<&'a Pull> {
    let is_own = |pull: &&Pull| {
        pull.head == unit.branch
            && pull.run() == Some(&history.run)
            && pull.unit() == Some(&unit.id)
    };
    let rank = |pull: &&Pull| {
        let state = match pull.state {
            PullState::Open => 2,
            PullState::Merged => 1,
            PullState::Closed => 0,
        };
        (state, pull.number)
    };
    pulls.iter().filter(is_own).max_by_key(rank)
}

fn pushed(unit: &UnitHistory, history: &History, head: &ObjectId) -> Adoption {
    let is_settled = matches!(
        unit.outcome,
        Some(Outcome::Pushed { .. } | Outcome::Opened { .. })
    );
    if is_settled && unit.delivered.as_ref() == Some(head) {
        return Adoption::Known;
    }
    let mut events = delivery(unit, history, head);
    let attempt = unit.attempt.max(1);
    events.push(Event::UnitEnded {
        unit: unit.id.clone(),
        attempt,
        outcome: Outcome::Pushed {
            reason: "its branch was adopted, and its pull request is still to be opened".to_owned(),
            as_planned: false,
        },
    });
    let what = format!("its branch at {}", head.short());
    Adoption::Adopted { events, what }
}

fn opened(unit: &UnitHistory, history: &History, pull: &Pull) -> Adoption {
    let head = &pull.head_commit;
    let link = pull.link();
    let is_opened = |outcome: &Outcome| match outcome {
        Outcome::Opened { pr } => pr.number == link.number,
        Outcome::Pushed { .. }
        | Outcome::Unchanged
        | Outcome::Failed(_)
        | Outcome::Cancelled { .. } => false,
    };
    if unit.outcome.as_ref().is_some_and(is_opened) && unit.delivered.as_ref() == Some(head) {
        return Adoption::Known;
    }
    let events = delivery_with_pull(unit, history, pull);
    let what = format!("#{}, {}, at {}", pull.number, pull.state, head.short());
    Adoption::Adopted { events, what }
}

/// That the unit ended with this pull request.
pub(super) fn delivery_with_pull(unit: &UnitHistory, history: &History, pull: &Pull) -> Vec<Event> {
    let link = pull.link();
    let mut events = delivery(unit, history, &pull.head_commit);
    let attempt = unit.attempt.max(1);
    events.push(Event::PullOpened {
        unit: unit.id.clone(),
        attempt,
        pr: link.clone(),
        adopted: true,
    });
    events.push(Event::UnitEnded {
        unit: unit.id.clone(),
        attempt,
        outcome: Outcome::Opened { pr: link },
    });
    events
}

/// That the branch is delivered at this commit, of a first attempt where the journal tells of none.
pub(super) fn delivery(unit: &UnitHistory, history: &History, head: &ObjectId) -> Vec<Event> {
    let mut events = Vec::new();
    if unit.attempt == 0 {
        events.push(Event::UnitStarted {
            unit: unit.id.clone(),
            attempt: 1,
            slot: Slot(0),
            base: history.base.commit.clone(),
        });
    }
    if unit.attempt == 0 || unit.delivered.as_ref() != Some(head) {
        events.push(Event::Pushed {
            unit: unit.id.clone(),
            attempt: unit.attempt.max(1),
            branch: unit.branch.clone(),
            commit: head.clone(),
            adopted: true,
        });
    }
    events
}

#[cfg(test)]
mod tests {
    use super::{Adoption, Found, adopt};
    use crate::model::event::Record;
    use crate::model::history::History;
    use crate::model::id::ObjectId;
    use crate::model::outcome::Outcome;
    use crate::model::pull::{Pull, PullState};
    use crate::model::sample;

    /// A run of one unit whose journal was cut off after its first record.
    fn cut_off() -> History {
        sample::history(vec![None])
    }

    fn pull(history: &History, state: PullState) -> Pull {
        let mut pull = sample::pull(7, &sample::new_pull(&history.units[0]));
        pull.state = state;
        pull
    }

    fn adopted(history: &History, head: Option<&ObjectId>, pulls: &[Pull]) -> Adoption {
        let found = Found {
            head,
            kept: None,
            pulls,
        };
        adopt(&history.units[0], history, found)
    }

    /// The history once what is adopted is on record.
    fn after(mut history: History, adoption: Adoption) -> History {
        let Adoption::Adopted { events, .. } = adoption else {
            panic!("{adoption:?}");
        };
        for event in events {
            let at = sample::at(60);
            history.apply(&Record { at, event }).unwrap();
        }
        history
    }

    #[test]
    fn a_pull_request_with_our_mark_at_the_tested_commit_is_opened_and_known_from_then_on() {
        for (state, head) in [
            (PullState::Open, Some(sample::commit("c"))),
            (PullState::Merged, None),
        ] {
            let history = cut_off();
            let pulls = [pull(&history, state)];
            let adoption = adopted(&history, head.as_ref(), &pulls);
            let history = after(history, adoption);
            let unit = &history.units[0];
            assert_eq!(unit.pull().map(|pull| pull.number), Some(7));
            assert_eq!(unit.delivered, Some(sample::commit("c")));
            assert!(matches!(unit.outcome, Some(Outcome::Opened { .. })));
            assert_eq!(unit.slot, None);
            assert_eq!(adopted(&history, head.as_ref(), &pulls), Adoption::Known);
        }
    }

    #[test]
    fn a_branch_alone_is_pushed_where_this_run_set_out_to_push_it() {
        let mut history = cut_off();
        let head = sample::commit("c");
        let words = "its branch is at cccccccccccc, which this run is not known to have pushed";
        let left = Adoption::Left(words.to_owned());
        assert_eq!(adopted(&history, Some(&head), &[]), left);
        history.units[0].pushes.push(head.clone());
        let adoption = adopted(&history, Some(&head), &[]);
        let history = after(history, adoption);
        assert!(matches!(
            history.units[0].outcome,
            Some(Outcome::Pushed { .. })
        ));
        assert_eq!(adopted(&history, Some(&head), &[]), Adoption::Known);
        assert_eq!(adopted(&history, None, &[]), Adoption::Nothing);
    }

    #[test]
    fn what_others_pushed_or_closed_or_only_call_ours_is_left() {
        let history = cut_off();
        let head = sample::commit("d");
        let mut theirs = pull(&history, PullState::Open);
        theirs.head_commit = head.clone();
        let left = |pulls: &[Pull], head| match adopted(&history, head, pulls) {
            Adoption::Left(why) => why,
            other => panic!("{other:?}"),
        };
        let pushed = left(&[theirs.clone()], Some(&head));
        assert!(pushed.starts_with("#7 is at dddddddddddd"), "{pushed}");
        let ours = sample::commit("c");
        let closed = [pull(&history, PullState::Closed)];
        assert_eq!(left(&closed, Some(&ours)), "#7 was closed");
        let open = [pull(&history, PullState::Open)];
        assert!(left(&open, Some(&head)).contains("its branch at dddddddddddd"));
        assert!(left(&open, None).contains("its branch is gone"));
        // The same mark in a pull request of another branch is a copy.
        let mut copied = pull(&history, PullState::Open);
        copied.head = "mine".to_owned();
        assert!(left(&[copied], Some(&head)).starts_with("its branch is at"));
    }
}
