//! What of earlier attempts a history remembers, and what it forgets.

use super::History;
use crate::model::event::{Ask, Event};
use crate::model::id::Slot;
use crate::model::kept::Kept;
use crate::model::sample::{commit, id, record, start};

fn begins(attempt: u32) -> Event {
    Event::UnitStarted {
        unit: id("unit-1"),
        attempt,
        slot: Slot(0),
        base: commit("b"),
    }
}

fn asked(about: Ask) -> Event {
    Event::AgentAsked {
        unit: id("unit-1"),
        attempt: 1,
        agent: "claude".to_owned(),
        model: None,
        about,
        session: None,
        turns: None,
    }
}

fn committed(digit: &str) -> Event {
    Event::Committed {
        unit: id("unit-1"),
        attempt: 1,
        commit: commit(digit),
        tree: commit("a"),
    }
}

fn kept(reference: &str) -> Event {
    Event::EditsKept {
        unit: id("unit-1"),
        attempt: 1,
        reference: reference.to_owned(),
        commit: commit("e"),
    }
}

fn history(events: Vec<Event>) -> History {
    let records = [start(1)].into_iter().chain(events.into_iter().map(record));
    History::fold(&records.collect::<Vec<_>>()).unwrap()
}

#[test]
fn the_latest_edits_are_those_of_the_last_attempt_that_had_any() {
    let in_commit = || Some(Kept::Committed(commit("c")));
    let in_ref = || Some(Kept::Unproven("one".to_owned()));
    for (events, edits) in [
        (vec![begins(1)], None),
        (vec![begins(1), kept("one")], in_ref()),
        (vec![begins(1), committed("c"), begins(2)], in_commit()),
        (
            vec![begins(1), kept("one"), begins(2), committed("c"), begins(3)],
            in_commit(),
        ),
        (
            vec![begins(1), committed("c"), begins(2), kept("one"), begins(3)],
            in_ref(),
        ),
    ] {
        assert_eq!(history(events).units[0].edits, edits);
    }
}

#[test]
fn what_the_agent_said_of_its_edits_outlives_an_attempt_that_only_delivers_them() {
    let said = || Event::Summarised {
        unit: id("unit-1"),
        attempt: 1,
        text: "Did it.".to_owned(),
    };
    let summary = |events| history(events).units[0].summary.clone();
    let first = || vec![begins(1), asked(Ask::Implement), said(), begins(2)];
    assert_eq!(summary(first()).as_deref(), Some("Did it."));
    let then = |about| summary([first(), vec![asked(about)]].concat());
    assert_eq!(then(Ask::GoOn).as_deref(), Some("Did it."));
    assert_eq!(then(Ask::Implement), None);
    assert_eq!(then(Ask::TakeOver), None);
}
