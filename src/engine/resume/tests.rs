//! How units go on, by what is found of them.

use std::collections::BTreeMap;

use super::{Resumption, resumption};
use crate::engine::adopting::Found;
use crate::engine::go::Begin;
use crate::model::event::{Event, Record};
use crate::model::history::History;
use crate::model::id::ObjectId;
use crate::model::outcome::Outcome;
use crate::model::pull::{Pull, PullState};
use crate::model::sample;

/// What was found of a unit: where its branch is, what is kept, its pull requests.
#[derive(Default)]
struct Seen {
    head: Option<ObjectId>,
    kept: Option<ObjectId>,
    pulls: Vec<Pull>,
}

fn resumed(history: &History, seen: &[(usize, Seen)], test_again: bool) -> Resumption {
    let found = seen.iter().map(|(index, seen)| {
        let found = Found {
            head: seen.head.as_ref(),
            kept: seen.kept.as_ref(),
            pulls: &seen.pulls,
        };
        (history.units[*index].id.clone(), found)
    });
    let found: BTreeMap<_, _> = found.collect();
    resumption(history, &found, test_again)
}

/// How the only unit of a run goes on; none where it does not.
fn begin(history: &History, seen: Seen) -> Option<Begin> {
    let resumption = resumed(history, &[(0, seen)], false);
    resumption.wanted.first().map(|wanted| wanted.begin.clone())
}

/// A run of one unit that was cut off in this attempt, after these commits were made, the last of them in it.
fn cut_off(attempt: u32, commits: &[&str], in_it: bool) -> History {
    let mut history = sample::history(vec![None]);
    let unit = &mut history.units[0];
    unit.attempt = attempt;
    unit.base = Some(sample::commit("b"));
    unit.commits = commits.iter().map(|digit| sample::commit(digit)).collect();
    unit.commit = unit.commits.last().filter(|_| in_it).cloned();
    history
}

fn head(digit: &str) -> Seen {
    Seen {
        head: Some(sample::commit(digit)),
        ..Seen::default()
    }
}

fn kept(digit: &str) -> Seen {
    Seen {
        kept: Some(sample::commit(digit)),
        ..Seen::default()
    }
}

/// The history once the events are on record.
fn told(mut history: History, resumption: &Resumption) -> History {
    for event in resumption.events.clone() {
        let at = sample::at(60);
        history.apply(&Record { at, event }).unwrap();
    }
    history
}

#[test]
fn what_is_not_begun_or_has_only_edits_begins_anew() {
    for attempt in [0, 1] {
        let history = cut_off(attempt, &[], false);
        assert_eq!(begin(&history, Seen::default()), Some(Begin::Anew));
    }
}

#[test]
fn a_tested_commit_is_delivered_whether_the_journal_tells_of_it_or_only_its_ref() {
    let at_commit = Some(Begin::AtCommit(sample::commit("c")));
    assert_eq!(begin(&cut_off(1, &["c"], true), kept("c")), at_commit);
    assert_eq!(begin(&cut_off(1, &[], false), kept("c")), at_commit);
    // With the journal lost but for its first record.
    assert_eq!(begin(&cut_off(0, &[], false), kept("c")), at_commit);
    // With another test it proves nothing.
    let seen = [(0, kept("c"))];
    let resumption = resumed(&cut_off(1, &["c"], true), &seen, true);
    assert_eq!(resumption.wanted[0].begin, Begin::Anew);
}

#[test]
fn the_commit_of_an_attempt_before_counts_no_more() {
    let history = cut_off(2, &["c"], false);
    assert_eq!(begin(&history, kept("c")), Some(Begin::Anew));
    let mut pushed = history.clone();
    pushed.units[0].pushes = vec![sample::commit("c")];
    assert_eq!(begin(&pushed, head("c")), Some(Begin::Anew));
    // The attempt that was cut off made another, and could not say so.
    let at_commit = Some(Begin::AtCommit(sample::commit("d")));
    assert_eq!(begin(&history, kept("d")), at_commit);
}

#[test]
fn a_delivered_branch_lacks_only_its_pull_request() {
    let at_pull = Some(Begin::AtPull(sample::commit("c")));
    let mut seen = kept("c");
    seen.head = Some(sample::commit("c"));
    let history = cut_off(1, &["c"], true);
    let resumption = resumed(&history, &[(0, seen)], true);
    assert_eq!(
        resumption.wanted[0].begin,
        Begin::AtPull(sample::commit("c"))
    );
    // The push is news to the journal.
    let history = told(history, &resumption);
    assert_eq!(history.units[0].delivered, Some(sample::commit("c")));
    assert_eq!(begin(&history, head("c")), at_pull);
    assert_eq!(resumed(&history, &[(0, head("c"))], false).events, []);
}

#[test]
fn a_pull_request_that_the_journal_does_not_know_ends_the_unit() {
    for state in [PullState::Open, PullState::Merged] {
        let history = cut_off(0, &[], false);
        let mut pull = sample::pull(7, &sample::new_pull(&history.units[0]));
        pull.state = state;
        let mut seen = head("c");
        seen.pulls = vec![pull];
        let resumption = resumed(&history, &[(0, seen)], false);
        assert_eq!(resumption.wanted, []);
        let history = told(history, &resumption);
        let unit = &history.units[0];
        assert!(matches!(unit.outcome, Some(Outcome::Opened { .. })));
        assert_eq!(unit.attempt, 1);
    }
}

#[test]
fn a_branch_that_others_pushed_to_is_left_and_an_agent_is_not_paid_for_it() {
    let history = cut_off(1, &[], false);
    // A codemod may come to the same tree.
    assert_eq!(begin(&history, head("f")), Some(Begin::Anew));
    let mut agents = history.clone();
    agents.units[0].asks = true;
    let resumption = resumed(&agents, &[(0, head("f"))], false);
    assert_eq!(resumption.wanted, []);
    let ended = told(agents, &resumption);
    assert!(matches!(ended.units[0].outcome, Some(Outcome::Failed(_))));

    let mut delivered = cut_off(1, &["c"], true);
    delivered.units[0].delivered = Some(sample::commit("c"));
    let resumption = resumed(&delivered, &[(0, head("f"))], false);
    let ended = told(delivered, &resumption);
    assert!(ended.units[0].unpublished().is_some());
    // Once that is on record there is nothing more to say.
    assert!(resumed(&ended, &[(0, head("f"))], false).is_idle());
}

#[test]
fn the_publisher_is_asked_where_the_pull_request_was_closed() {
    let history = cut_off(1, &["c"], true);
    let mut pull = sample::pull(7, &sample::new_pull(&history.units[0]));
    pull.state = PullState::Closed;
    let mut seen = head("c");
    seen.pulls = vec![pull];
    let at_pull = Some(Begin::AtPull(sample::commit("c")));
    assert_eq!(begin(&history, seen), at_pull);
}

#[test]
fn what_failed_or_was_cancelled_for_another_reason_is_not_taken_up() {
    let mut history = sample::history(vec![
        Some(sample::failed("broken", &[])),
        Some(sample::cancelled()),
        Some(sample::cancelled()),
        Some(Outcome::Unchanged),
        Some(sample::opened(1)),
    ]);
    history.units[2].stopped = true;
    let resumption = resumed(&history, &[], false);
    let units: Vec<&str> = resumption.wanted.iter().map(|w| w.unit.as_str()).collect();
    assert_eq!(units, ["unit-3"]);
    assert_eq!(resumption.events, []);
}

#[test]
fn what_waits_for_a_unit_that_is_not_done_is_cancelled_however_far() {
    let mut history = sample::history(vec![Some(sample::failed("broken", &[])), None, None, None]);
    history.units[1].after = vec![sample::id("unit-1")];
    history.units[2].after = vec![sample::id("unit-2")];
    let resumption = resumed(&history, &[], false);
    assert_eq!(resumption.wanted.len(), 1);
    assert_eq!(resumption.wanted[0].unit, sample::id("unit-4"));
    let history = told(history, &resumption);
    let reason = |index: usize| match &history.units[index].outcome {
        Some(Outcome::Cancelled { reason }) => reason.clone(),
        other => panic!("{other:?}"),
    };
    assert_eq!(reason(1), "waits for `unit-1`, which is not done");
    assert_eq!(reason(2), "waits for `unit-2`, which is not done");
}

#[test]
fn what_stands_on_a_unit_that_is_made_anew_is_made_anew_as_well() {
    let mut history = cut_off(0, &[], false);
    let mut more = sample::history(vec![None, None]);
    history.units.push(more.units.remove(1));
    history.units[1].after = vec![sample::id("unit-1")];
    let begins = |seen: &[(usize, Seen)]| -> Vec<Begin> {
        let resumption = resumed(&history, seen, false);
        resumption.wanted.into_iter().map(|w| w.begin).collect()
    };
    assert_eq!(begins(&[(1, kept("d"))]), [Begin::Anew, Begin::Anew]);
    let (c, d) = (sample::commit("c"), sample::commit("d"));
    assert_eq!(
        begins(&[(0, kept("c")), (1, kept("d"))]),
        [Begin::AtCommit(c), Begin::AtCommit(d)]
    );
}

#[test]
fn a_unit_that_was_begun_tells_of_no_second_start() {
    let mut history = cut_off(3, &["c"], true);
    history.units[0].pushes = vec![sample::commit("c")];
    let resumption = resumed(&history, &[(0, head("c"))], false);
    assert!(
        matches!(&resumption.events[..], [Event::Pushed { attempt: 3, .. }]),
        "{resumption:?}"
    );
}
