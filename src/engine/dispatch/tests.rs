//! The dispatcher through what can happen to a run, without a process or a clock.

use super::{Action, BaseProof, Dispatcher, Input, Response};
use crate::engine::go::{Begin, Start};
use crate::engine::hold::{Hold, Why};
use crate::engine::job::WorkerEnd;
use crate::engine::pool::{BasePolicy, Pool};
use crate::model::event::Event;
use crate::model::history::BaseRefusal;
use crate::model::id::{ObjectId, UnitId};
use crate::model::outcome::{Failure, Outcome, PullLink, Step};

pub(super) fn id(name: &str) -> UnitId {
    UnitId::parse(name).unwrap()
}

pub(super) fn commit() -> ObjectId {
    ObjectId::new("c".repeat(40))
}

pub(super) fn dispatcher(pool: Pool, names: &[&str]) -> Dispatcher {
    ordered(
        pool,
        &names
            .iter()
            .map(|name| (*name, &[][..]))
            .collect::<Vec<_>>(),
    )
}

/// Units of which each waits for those named with it.
pub(super) fn ordered(pool: Pool, units: &[(&str, &[&str])]) -> Dispatcher {
    let start = |(name, after): &(&str, &[&str])| Start {
        unit: id(name),
        begin: Begin::Anew,
        attempt: 1,
        base: commit(),
        delivered: None,
        after: after.iter().map(|name| id(name)).collect(),
    };
    Dispatcher::new(pool, units.iter().map(start).collect())
}

pub(super) fn pool(jobs: usize) -> Pool {
    Pool {
        jobs,
        fail_fast: false,
        base: BasePolicy::Trust,
    }
}

pub(super) fn failure(step: Step) -> Failure {
    Failure::of(step, "broken")
}

pub(super) fn started(response: &Response) -> Vec<String> {
    response
        .actions
        .iter()
        .filter_map(|action| match action {
            Action::Start { unit, slot, .. } => Some(format!("{unit}@{slot}")),
            _ => None,
        })
        .collect()
}

pub(super) fn ended(response: &Response) -> Vec<String> {
    response
        .events
        .iter()
        .filter_map(|event| match event {
            Event::UnitEnded {
                unit,
                attempt,
                outcome,
            } => Some(format!("{unit} {} {attempt}", outcome.as_str())),
            _ => None,
        })
        .collect()
}

pub(super) fn worker(name: &str, end: WorkerEnd) -> Input {
    Input::WorkerEnded {
        unit: id(name),
        end,
    }
}

pub(super) fn published(name: &str) -> Input {
    Input::Published {
        unit: id(name),
        pr: PullLink {
            number: 1,
            url: None,
        },
        adopted: false,
    }
}

pub(super) fn held(name: &str, why: Why) -> Input {
    Input::Held {
        unit: id(name),
        hold: Hold::new(why, "not now"),
    }
}

#[test]
fn a_freed_slot_goes_to_the_next_unit_in_order() {
    let mut dispatcher = dispatcher(pool(2), &["a", "b", "c", "d"]);
    assert_eq!(started(&dispatcher.handle(Input::Begin)), ["a@0", "b@1"]);
    let response = dispatcher.handle(worker("b", WorkerEnd::Unchanged));
    assert_eq!(
        (ended(&response), started(&response)),
        (vec!["b unchanged 1".to_owned()], vec!["c@1".to_owned()])
    );
    assert_eq!(
        started(&dispatcher.handle(worker("a", WorkerEnd::Delivered(commit())))),
        ["d@0"]
    );
    assert!(!dispatcher.finished());
}

#[test]
fn a_delivered_unit_is_published_after_its_slot_is_free() {
    let mut dispatcher = dispatcher(pool(1), &["a", "b"]);
    dispatcher.handle(Input::Begin);
    let response = dispatcher.handle(worker("a", WorkerEnd::Delivered(commit())));
    assert!(ended(&response).is_empty());
    assert!(
        matches!(
            &response.actions[..],
            [Action::Publish { .. }, Action::Start { .. }]
        ),
        "{response:?}"
    );
    assert_eq!(ended(&dispatcher.handle(published("a"))), ["a opened 1"]);
    dispatcher.handle(worker("b", WorkerEnd::Unchanged));
    assert!(dispatcher.finished());
}

#[test]
fn edits_that_an_earlier_attempt_delivered_get_their_pull_request() {
    let unit = Start {
        unit: id("a"),
        begin: Begin::Anew,
        attempt: 2,
        base: commit(),
        delivered: Some(commit()),
        after: Vec::new(),
    };
    let mut dispatcher = Dispatcher::new(pool(1), vec![unit]);
    dispatcher.handle(Input::Begin);
    let response = dispatcher.handle(worker("a", WorkerEnd::Unchanged));
    assert!(
        matches!(&response.actions[..], [Action::Publish { .. }]),
        "{response:?}"
    );
    assert_eq!(ended(&dispatcher.handle(published("a"))), ["a opened 2"]);
}

/// Units of a run that was cut off: `a` delivered, `b` committed, `c` after `a` and not begun.
fn cut_off() -> Dispatcher {
    let start = |name: &str, begin: Begin, after: &[&str]| Start {
        unit: id(name),
        begin,
        attempt: 1,
        base: commit(),
        delivered: None,
        after: after.iter().map(|name| id(name)).collect(),
    };
    let units = vec![
        start("a", Begin::AtPull(commit()), &[]),
        start("b", Begin::AtCommit(commit()), &[]),
        start("c", Begin::Anew, &["a"]),
    ];
    Dispatcher::new(pool(1), units)
}

#[test]
fn what_is_delivered_is_published_without_a_slot_and_what_is_committed_is_only_delivered() {
    let mut dispatcher = cut_off();
    let response = dispatcher.handle(Input::Begin);
    assert!(
        matches!(
            &response.actions[..],
            [
                Action::Publish { .. },
                Action::Start {
                    commit: Some(_),
                    ..
                }
            ]
        ),
        "{response:?}"
    );
    assert!(matches!(
        &response.events[..],
        [Event::UnitResumed { attempt: 1, .. }]
    ));
    assert_eq!(ended(&dispatcher.handle(published("a"))), ["a opened 1"]);
    let response = dispatcher.handle(worker("b", WorkerEnd::Delivered(commit())));
    assert_eq!(started(&response), ["c@0"]);
}

#[test]
fn an_interrupt_leaves_what_is_delivered_pushed() {
    let mut dispatcher = cut_off();
    // Nothing has begun yet.
    assert_eq!(
        ended(&dispatcher.handle(Input::Interrupt)),
        ["a pushed 1", "b cancelled 1", "c cancelled 0"]
    );
    assert!(dispatcher.finished());
}

#[test]
fn failure_of_one_stops_no_other() {
    let mut dispatcher = dispatcher(pool(1), &["a", "b"]);
    dispatcher.handle(Input::Begin);
    let response = dispatcher.handle(worker("a", WorkerEnd::Failed(failure(Step::Test))));
    assert_eq!(
        (ended(&response), started(&response)),
        (vec!["a failed 1".to_owned()], vec!["b@0".to_owned()])
    );
}

#[test]
fn fail_fast_cancels_what_waits_and_lets_the_running_finish() {
    let mut dispatcher = dispatcher(
        Pool {
            fail_fast: true,
            ..pool(2)
        },
        &["a", "b", "c"],
    );
    dispatcher.handle(Input::Begin);
    let response = dispatcher.handle(worker("a", WorkerEnd::Failed(failure(Step::Test))));
    assert_eq!(ended(&response), ["a failed 1", "c cancelled 0"]);
    assert!(started(&response).is_empty() && !dispatcher.finished());
    dispatcher.handle(worker("b", WorkerEnd::Delivered(commit())));
    assert_eq!(ended(&dispatcher.handle(published("b"))), ["b opened 1"]);
    assert!(dispatcher.finished());
}

#[test]
fn the_first_interrupt_asks_and_the_second_kills() {
    let mut dispatcher = dispatcher(pool(1), &["a", "b"]);
    dispatcher.handle(Input::Begin);
    let response = dispatcher.handle(Input::Interrupt);
    assert_eq!(ended(&response), ["b cancelled 0"]);
    assert_eq!(response.actions, [Action::AskToStop]);
    assert_eq!(
        dispatcher.handle(Input::Interrupt).actions,
        [Action::StopNow]
    );
    assert_eq!(dispatcher.handle(Input::Interrupt), Response::default());
    assert_eq!(
        ended(&dispatcher.handle(worker("a", WorkerEnd::Stopped))),
        ["a cancelled 1"]
    );
    assert!(dispatcher.finished());
}

#[test]
fn what_is_delivered_while_stopping_is_handed_to_the_publisher() {
    let mut dispatcher = dispatcher(pool(1), &["a"]);
    dispatcher.handle(Input::Begin);
    dispatcher.handle(Input::Interrupt);
    let response = dispatcher.handle(worker("a", WorkerEnd::Delivered(commit())));
    assert!(matches!(&response.actions[..], [Action::Publish { .. }]));
    assert_eq!(ended(&dispatcher.handle(published("a"))), ["a opened 1"]);
}

#[test]
fn a_red_base_starts_nothing() {
    let red = || {
        Input::BaseProven(BaseProof::Red(BaseRefusal {
            step: Step::Test,
            cause: "broken".to_owned(),
            log: None,
            tail: Vec::new(),
        }))
    };
    let mut strict = dispatcher(
        Pool {
            base: BasePolicy::MustBeGreen,
            ..pool(1)
        },
        &["a", "b"],
    );
    assert_eq!(strict.handle(Input::Begin).actions, [Action::ProveBase]);
    assert!(!strict.finished());
    let response = strict.handle(red());
    assert_eq!(ended(&response), ["a cancelled 0", "b cancelled 0"]);
    assert!(strict.finished() && response.actions.is_empty());

    let mut lenient = dispatcher(
        Pool {
            base: BasePolicy::MayBeRed,
            ..pool(1)
        },
        &["a", "b"],
    );
    lenient.handle(Input::Begin);
    assert_eq!(started(&lenient.handle(red())), ["a@0"]);
}

#[test]
fn an_interrupt_while_the_base_is_tested_ends_the_run() {
    let mut dispatcher = dispatcher(
        Pool {
            base: BasePolicy::MustBeGreen,
            ..pool(1)
        },
        &["a"],
    );
    dispatcher.handle(Input::Begin);
    assert_eq!(
        ended(&dispatcher.handle(Input::Interrupt)),
        ["a cancelled 0"]
    );
    assert!(!dispatcher.finished());
    dispatcher.handle(Input::BaseProven(BaseProof::Stopped));
    assert!(dispatcher.finished());
}

#[test]
fn a_unit_starts_when_all_before_it_are_done_and_others_pass_it_in_the_queue() {
    let units: &[(&str, &[&str])] = &[("d", &["a", "b"]), ("a", &[]), ("b", &[]), ("c", &[])];
    let mut dispatcher = ordered(pool(1), units);
    assert_eq!(started(&dispatcher.handle(Input::Begin)), ["a@0"]);
    // The pull request of `a` is still to come, so `d` waits; `b` does not.
    let response = dispatcher.handle(worker("a", WorkerEnd::Delivered(commit())));
    assert_eq!(started(&response), ["b@0"]);
    assert!(started(&dispatcher.handle(published("a"))).is_empty());
    // Then it is the first in the plan's order again.
    let response = dispatcher.handle(worker("b", WorkerEnd::Unchanged));
    assert_eq!(started(&response), ["d@0"]);
    assert_eq!(
        started(&dispatcher.handle(worker("d", WorkerEnd::Unchanged))),
        ["c@0"]
    );
    dispatcher.handle(worker("c", WorkerEnd::Unchanged));
    assert!(dispatcher.finished());
}

#[test]
fn a_pull_request_that_is_opened_starts_what_waited_for_it() {
    let mut dispatcher = ordered(pool(2), &[("a", &[]), ("b", &["a"]), ("c", &["b"])]);
    assert_eq!(started(&dispatcher.handle(Input::Begin)), ["a@0"]);
    let response = dispatcher.handle(worker("a", WorkerEnd::Delivered(commit())));
    assert!(started(&response).is_empty() && !dispatcher.finished());
    assert_eq!(started(&dispatcher.handle(published("a"))), ["b@0"]);
    dispatcher.handle(worker("b", WorkerEnd::Delivered(commit())));
    let held = held("b", Why::Order);
    let response = dispatcher.handle(held);
    assert_eq!(
        (ended(&response), started(&response)),
        (vec!["b pushed 1".to_owned()], vec!["c@0".to_owned()])
    );
    let as_planned = response.events.iter().any(|event| {
        matches!(event, Event::UnitEnded { outcome: Outcome::Pushed { as_planned, .. }, .. } if *as_planned)
    });
    assert!(as_planned, "{response:?}");
}

#[test]
fn a_failure_cancels_those_that_wait_for_it_and_no_others() {
    let units: &[(&str, &[&str])] = &[
        ("a", &[]),
        ("far", &["near"]),
        ("near", &["a", "b"]),
        ("b", &[]),
        ("c", &["b"]),
    ];
    let mut dispatcher = ordered(pool(1), units);
    dispatcher.handle(Input::Begin);
    let response = dispatcher.handle(worker("a", WorkerEnd::Failed(failure(Step::Test))));
    assert_eq!(
        ended(&response),
        ["a failed 1", "far cancelled 0", "near cancelled 0"]
    );
    let reasons = response.events.iter().filter_map(|event| match event {
        Event::UnitEnded {
            outcome: Outcome::Cancelled { reason },
            ..
        } => Some(reason.as_str()),
        _ => None,
    });
    let reasons: Vec<_> = reasons.collect();
    assert_eq!(reasons, ["waits for `a`, which failed"; 2]);
    assert_eq!(started(&response), ["b@0"]);
    let response = dispatcher.handle(worker("b", WorkerEnd::Unchanged));
    assert_eq!(started(&response), ["c@0"]);
}

#[test]
fn what_waits_for_a_unit_starts_also_when_that_has_its_branch_alone() {
    let mut dispatcher = ordered(pool(1), &[("a", &[]), ("b", &["a"])]);
    dispatcher.handle(Input::Begin);
    dispatcher.handle(worker("a", WorkerEnd::Delivered(commit())));
    let response = dispatcher.handle(held("a", Why::Unreachable));
    assert_eq!(ended(&response), ["a pushed 1"]);
    assert_eq!(started(&response), ["b@0"]);
}

#[test]
fn what_is_delivered_after_the_second_interrupt_stays_pushed() {
    let mut dispatcher = dispatcher(pool(1), &["a"]);
    dispatcher.handle(Input::Begin);
    dispatcher.handle(Input::Interrupt);
    dispatcher.handle(Input::Interrupt);
    let response = dispatcher.handle(worker("a", WorkerEnd::Delivered(commit())));
    assert_eq!(ended(&response), ["a pushed 1"]);
    assert!(response.actions.is_empty() && dispatcher.finished());
}

#[test]
fn what_was_done_in_an_earlier_go_is_not_waited_for() {
    let mut dispatcher = ordered(pool(1), &[("b", &["done-before"])]);
    assert_eq!(started(&dispatcher.handle(Input::Begin)), ["b@0"]);
}

#[test]
fn fail_fast_and_interrupts_take_along_what_waits_for_others() {
    let units: &[(&str, &[&str])] = &[("a", &[]), ("b", &["a"]), ("c", &[]), ("d", &["c"])];
    let fail_fast = Pool {
        fail_fast: true,
        ..pool(2)
    };
    let mut failing = ordered(fail_fast, units);
    assert_eq!(started(&failing.handle(Input::Begin)), ["a@0", "c@1"]);
    let response = failing.handle(worker("a", WorkerEnd::Failed(failure(Step::Test))));
    assert_eq!(
        ended(&response),
        ["a failed 1", "b cancelled 0", "d cancelled 0"]
    );
    let mut stopped = ordered(pool(2), units);
    stopped.handle(Input::Begin);
    let response = stopped.handle(Input::Interrupt);
    assert_eq!(ended(&response), ["b cancelled 0", "d cancelled 0"]);
    let response = stopped.handle(worker("a", WorkerEnd::Stopped));
    assert_eq!(ended(&response), ["a cancelled 1"]);
    stopped.handle(worker("c", WorkerEnd::Unchanged));
    assert!(stopped.finished());
}
