//! Requests in each state that a run and its units can be in.

use super::super::tests::{
    commit, dispatcher, ended, failure, held, id, ordered, pool, published, started, worker,
};
use super::super::{Action, BaseProof, Dispatcher, Input, Response};
use crate::engine::go::{Again, Begin, Start};
use crate::engine::hold::Why;
use crate::engine::job::WorkerEnd;
use crate::engine::pool::{BasePolicy, Pool};
use crate::model::control::{Answer, CONTROL_VERSION, Doing, Request, RequestId, Requeued, Wish};
use crate::model::event::Event;
use crate::model::outcome::{Outcome, Step};
use crate::model::sample;

fn asked(wish: Wish, again: Again) -> Input {
    let request = Request {
        version: CONTROL_VERSION,
        id: RequestId::new(sample::at(0), 1),
        wish,
    };
    Input::Asked { request, again }
}

/// As the history tells it: which of these units are not done, each with its next attempt and what it waits for; and
/// which others must be done first.
fn requeue(units: &[&str], starts: &[(&str, u32, &[&str])], before: &[&str]) -> Input {
    let start = |(name, attempt, after): &(&str, u32, &[&str])| Start {
        unit: id(name),
        begin: Begin::Anew,
        attempt: *attempt,
        base: commit(),
        delivered: None,
        after: after.iter().map(|name| id(name)).collect(),
    };
    let wish = Wish::Requeue {
        units: units.iter().map(|unit| id(unit)).collect(),
        note: Some("mind".to_owned()),
    };
    let again = Again {
        starts: starts.iter().map(start).collect(),
        before: before.iter().map(|unit| id(unit)).collect(),
    };
    asked(wish, again)
}

/// What came of these units, by the answer.
fn requeued(response: &Response) -> Vec<String> {
    let Some((_, Answer::Requeued { units })) = &response.answer else {
        panic!("{:?}", response.answer);
    };
    let words = units.iter().map(|(unit, requeued)| match requeued {
        Requeued::Queued { attempt } => format!("{unit} queued {attempt}"),
        Requeued::Already { doing } => format!("{unit} {}", doing.as_str()),
    });
    words.collect()
}

fn stop(units: &[&str], now: bool) -> Input {
    let wish = Wish::Stop {
        units: units.iter().map(|unit| id(unit)).collect(),
        now,
    };
    asked(wish, Again::default())
}

/// What these units did, by the answer.
fn were(response: &Response) -> Vec<String> {
    match &response.answer {
        Some((_, Answer::UnitsStopped { units })) => {
            let words = units
                .iter()
                .map(|(unit, doing)| format!("{unit} {}", doing.as_str()));
            words.collect()
        }
        other => panic!("{other:?}"),
    }
}

fn reasons(response: &Response) -> Vec<&str> {
    let reasons = response.events.iter().filter_map(|event| match event {
        Event::UnitEnded {
            outcome: Outcome::Cancelled { reason },
            ..
        } => Some(reason.as_str()),
        _ => None,
    });
    reasons.collect()
}

fn answer(response: &Response) -> &Answer {
    &response.answer.as_ref().unwrap().1
}

fn begun(jobs: usize, names: &[&str]) -> Dispatcher {
    let mut dispatcher = dispatcher(pool(jobs), names);
    dispatcher.handle(Input::Begin);
    dispatcher
}

#[test]
fn a_stopped_run_starts_nothing_and_asks_its_children_to_end() {
    let mut run = begun(1, &["a", "b"]);
    let response = run.handle(stop(&[], false));
    assert_eq!(answer(&response), &Answer::Stopping);
    assert_eq!(response.events[0], Event::StopAsked { units: Vec::new() });
    assert_eq!(ended(&response), ["b cancelled 0"]);
    assert_eq!(reasons(&response), ["stopped"]);
    assert_eq!(response.actions, [Action::AskToStop]);
    let response = run.handle(worker("a", WorkerEnd::Stopped));
    assert_eq!(reasons(&response), ["stopped"]);
    assert!(run.finished());
}

#[test]
fn a_second_request_changes_nothing_and_only_now_kills() {
    let mut run = begun(1, &["a"]);
    run.handle(stop(&[], false));
    let response = run.handle(stop(&[], false));
    assert_eq!(answer(&response), &Answer::Stopping);
    assert!(response.events.is_empty() && response.actions.is_empty());
    assert_eq!(run.handle(stop(&[], true)).actions, [Action::StopNow]);
    assert!(run.handle(stop(&[], true)).actions.is_empty());
    assert!(run.handle(Input::Interrupt).actions.is_empty());

    let response = begun(1, &["a"]).handle(stop(&[], true));
    assert_eq!(response.actions, [Action::AskToStop, Action::StopNow]);
}

#[test]
fn ctrl_c_after_a_request_kills_and_a_request_after_ctrl_c_does_not() {
    let mut run = begun(1, &["a"]);
    run.handle(stop(&[], false));
    assert_eq!(run.handle(Input::Interrupt).actions, [Action::StopNow]);

    let mut run = begun(1, &["a"]);
    run.handle(Input::Interrupt);
    let response = run.handle(stop(&[], false));
    assert_eq!(answer(&response), &Answer::Stopping);
    assert!(response.events.is_empty() && response.actions.is_empty());
    let response = run.handle(worker("a", WorkerEnd::Stopped));
    assert_eq!(reasons(&response), ["interrupted"]);
}

#[test]
fn a_run_is_stopped_while_its_base_is_tested() {
    let strict = Pool {
        base: BasePolicy::MustBeGreen,
        ..pool(1)
    };
    let mut run = dispatcher(strict, &["a"]);
    run.handle(Input::Begin);
    assert_eq!(reasons(&run.handle(stop(&[], false))), ["stopped"]);
    assert!(!run.finished());
    run.handle(Input::BaseProven(BaseProof::Stopped));
    assert!(run.finished());
}

#[test]
fn a_waiting_unit_is_cancelled_at_once_also_while_the_base_is_tested() {
    let strict = Pool {
        base: BasePolicy::MustBeGreen,
        ..pool(1)
    };
    let mut run = dispatcher(strict, &["a", "b"]);
    run.handle(Input::Begin);
    let response = run.handle(stop(&["a"], false));
    assert_eq!(were(&response), ["a waiting"]);
    assert_eq!(ended(&response), ["a cancelled 0"]);
    assert_eq!(reasons(&response), ["stopped by `batch stop`"]);
    assert!(response.actions.is_empty());
    let response = run.handle(Input::BaseProven(BaseProof::Green));
    assert_eq!(started(&response), ["b@0"]);
}

#[test]
fn a_unit_at_work_is_ended_alone_and_its_slot_goes_to_the_next() {
    let mut run = begun(2, &["a", "b", "c"]);
    let response = run.handle(stop(&["a"], false));
    assert_eq!(were(&response), ["a working"]);
    let unit = id("a");
    assert_eq!(
        response.actions,
        [Action::StopUnit { unit, now: false }],
        "the others go on"
    );
    assert!(ended(&response).is_empty() && started(&response).is_empty());
    let response = run.handle(worker("a", WorkerEnd::Stopped));
    assert_eq!(reasons(&response), ["stopped by `batch stop`"]);
    assert_eq!(started(&response), ["c@0"]);
    // The run itself was not stopped.
    run.handle(worker("b", WorkerEnd::Unchanged));
    run.handle(worker("c", WorkerEnd::Unchanged));
    assert!(run.finished());
}

#[test]
fn a_unit_that_is_stopping_is_told_of_once_and_can_still_be_killed() {
    let mut run = begun(1, &["a"]);
    run.handle(stop(&["a"], false));
    let response = run.handle(stop(&["a"], true));
    assert!(response.events.is_empty(), "{response:?}");
    let unit = id("a");
    assert_eq!(response.actions, [Action::StopUnit { unit, now: true }]);
}

#[test]
fn a_unit_that_fails_or_has_nothing_to_do_before_it_hears_ends_as_it_did() {
    let mut run = begun(2, &["a", "b"]);
    run.handle(stop(&["a", "b"], false));
    let response = run.handle(worker("a", WorkerEnd::Failed(failure(Step::Test))));
    assert_eq!(ended(&response), ["a failed 1"]);
    let response = run.handle(worker("b", WorkerEnd::Unchanged));
    assert_eq!(ended(&response), ["b unchanged 1"]);
}

#[test]
fn a_unit_that_delivers_before_it_hears_gets_no_pull_request() {
    let mut run = begun(1, &["a"]);
    run.handle(stop(&["a"], false));
    let response = run.handle(worker("a", WorkerEnd::Delivered(commit())));
    assert_eq!(ended(&response), ["a pushed 1"]);
    assert!(response.actions.is_empty() && run.finished());
}

#[test]
fn what_becomes_of_a_pull_request_on_its_way_is_the_publishers_to_say() {
    for (input, end) in [
        (published("a"), "a opened 1"),
        (held("a", Why::Stopped), "a pushed 1"),
    ] {
        let mut run = begun(1, &["a"]);
        run.handle(worker("a", WorkerEnd::Delivered(commit())));
        let response = run.handle(stop(&["a"], false));
        assert_eq!(were(&response), ["a publishing"]);
        assert!(matches!(
            &response.actions[..],
            [Action::StopUnit { now: false, .. }]
        ));
        assert_eq!(ended(&run.handle(input)), [end]);
    }
}

#[test]
fn those_that_wait_for_a_stopped_unit_are_cancelled_with_it() {
    let mut run = ordered(pool(1), &[("a", &[]), ("b", &["a"]), ("c", &["b"])]);
    run.handle(Input::Begin);
    // As they were before any of them was stopped.
    let response = run.handle(stop(&["b", "c", "a"], false));
    assert_eq!(were(&response), ["b waiting", "c waiting", "a working"]);
    assert_eq!(ended(&response), ["b cancelled 0", "c cancelled 0"]);
    assert_eq!(
        reasons(&response),
        [
            "stopped by `batch stop`",
            "waits for `b`, which was cancelled"
        ]
    );

    let mut run = ordered(pool(1), &[("a", &[]), ("b", &["a"]), ("c", &[])]);
    run.handle(Input::Begin);
    run.handle(stop(&["a"], false));
    let response = run.handle(worker("a", WorkerEnd::Stopped));
    assert_eq!(ended(&response), ["a cancelled 1", "b cancelled 0"]);
    assert_eq!(started(&response), ["c@0"]);
}

#[test]
fn what_has_ended_or_is_not_worked_on_this_time_is_said_to_have_ended() {
    let mut run = begun(1, &["a", "b"]);
    run.handle(worker("a", WorkerEnd::Unchanged));
    let response = run.handle(stop(&["a", "elsewhere"], false));
    assert_eq!(were(&response), ["a ended", "elsewhere ended"]);
    assert!(response.events.is_empty() && response.actions.is_empty());
    assert_eq!(Doing::Ended.as_str(), "ended");
}

#[test]
fn when_all_have_ended_it_is_too_late_to_stop() {
    let mut run = begun(1, &["a"]);
    run.handle(worker("a", WorkerEnd::Unchanged));
    for input in [stop(&[], false), stop(&["a"], true)] {
        let response = run.handle(input);
        assert_eq!(answer(&response), &Answer::Ending);
        assert!(response.events.is_empty() && response.actions.is_empty());
    }
}

#[test]
fn a_unit_named_while_the_whole_run_stops_is_stopped_as_the_run_is() {
    let mut run = begun(1, &["a", "b"]);
    run.handle(stop(&[], false));
    let response = run.handle(stop(&["a", "b"], false));
    assert_eq!(were(&response), ["a working", "b ended"]);
    assert!(
        run.handle(worker("a", WorkerEnd::Stopped))
            .actions
            .is_empty()
    );
    assert!(run.finished());
}

#[test]
fn a_failed_unit_goes_back_to_the_end_of_the_queue_as_its_next_attempt() {
    let mut run = begun(1, &["a", "b", "c"]);
    run.handle(worker("a", WorkerEnd::Failed(failure(Step::Test))));
    let response = run.handle(requeue(&["a"], &[("a", 2, &[])], &[]));
    assert_eq!(requeued(&response), ["a queued 2"]);
    assert_eq!(
        response.events,
        [Event::UnitRequeued {
            unit: id("a"),
            note: Some("mind".to_owned())
        }]
    );
    assert_eq!(response.actions, [Action::TakeUp { unit: id("a") }]);
    let response = run.handle(worker("b", WorkerEnd::Unchanged));
    assert_eq!(started(&response), ["c@0"]);
    let response = run.handle(worker("c", WorkerEnd::Unchanged));
    assert_eq!(started(&response), ["a@0"]);
    let response = run.handle(worker("a", WorkerEnd::Unchanged));
    assert_eq!(ended(&response), ["a unchanged 2"]);
    assert!(run.finished());
}

#[test]
fn a_free_slot_takes_it_at_once_and_its_outcome_before_it_starts_is_told() {
    let mut run = begun(2, &["a", "b"]);
    run.handle(worker("a", WorkerEnd::Failed(failure(Step::Test))));
    let response = run.handle(requeue(&["a"], &[("a", 2, &[])], &[]));
    assert!(matches!(
        &response.actions[..],
        [Action::TakeUp { .. }, Action::Start { attempt: 2, .. }]
    ));
    assert!(matches!(
        &response.events[..],
        [Event::UnitRequeued { .. }, Event::UnitStarted { .. }]
    ));
}

#[test]
fn what_is_open_or_done_is_left_as_it_is() {
    let mut run = begun(2, &["a", "b", "c", "d"]);
    run.handle(worker("a", WorkerEnd::Unchanged));
    run.handle(worker("b", WorkerEnd::Delivered(commit())));
    // The history calls the three others not done, too.
    let starts: &[(&str, u32, &[&str])] = &[("b", 2, &[]), ("c", 2, &[]), ("d", 2, &[])];
    let response = run.handle(requeue(&["a", "b", "c", "d"], starts, &[]));
    assert_eq!(
        requeued(&response),
        ["a ended", "b publishing", "c working", "d working"]
    );
    assert!(response.events.is_empty() && response.actions.is_empty());
    let mut run = begun(1, &["a", "b"]);
    let response = run.handle(requeue(&["b"], &[("b", 1, &[])], &[]));
    assert_eq!(requeued(&response), ["b waiting"]);
}

#[test]
fn two_requests_for_one_unit_make_one_attempt() {
    let mut run = begun(1, &["a", "b"]);
    run.handle(worker("a", WorkerEnd::Failed(failure(Step::Test))));
    run.handle(requeue(&["a"], &[("a", 2, &[])], &[]));
    let response = run.handle(requeue(&["a"], &[("a", 2, &[])], &[]));
    assert_eq!(requeued(&response), ["a waiting"]);
    assert_eq!(
        started(&run.handle(worker("b", WorkerEnd::Unchanged))),
        ["a@0"]
    );
    run.handle(worker("a", WorkerEnd::Unchanged));
    assert!(run.finished());
}

#[test]
fn a_unit_that_was_not_of_this_go_is_taken_up_too() {
    let mut run = begun(1, &["a"]);
    let response = run.handle(requeue(&["other"], &[("other", 3, &["a"])], &["a"]));
    assert_eq!(requeued(&response), ["other queued 3"]);
    assert!(started(&response).is_empty(), "it waits for a");
    let response = run.handle(worker("a", WorkerEnd::Unchanged));
    assert_eq!(started(&response), ["other@0"]);
    run.handle(worker("other", WorkerEnd::Unchanged));
    assert!(run.finished());
}

#[test]
fn what_waits_for_a_unit_that_is_not_done_is_not_taken_up_alone() {
    let units: &[(&str, &[&str])] = &[("a", &[]), ("b", &["a"]), ("c", &[])];
    let mut run = ordered(pool(1), units);
    run.handle(Input::Begin);
    run.handle(worker("a", WorkerEnd::Failed(failure(Step::Test))));
    let response = run.handle(requeue(&["b"], &[("b", 1, &["a"])], &["a"]));
    let units = vec![id("a")];
    assert_eq!(answer(&response), &Answer::Missing { units });
    assert!(response.events.is_empty() && response.actions.is_empty());
    // Together they start in their order.
    let starts: &[(&str, u32, &[&str])] = &[("a", 2, &[]), ("b", 1, &["a"])];
    let response = run.handle(requeue(&["b", "a"], starts, &[]));
    assert_eq!(requeued(&response), ["b queued 1", "a queued 2"]);
    let response = run.handle(worker("c", WorkerEnd::Unchanged));
    assert_eq!(started(&response), ["a@0"]);
    let response = run.handle(worker("a", WorkerEnd::Unchanged));
    assert_eq!(started(&response), ["b@0"]);
}

#[test]
fn a_stopped_unit_that_is_taken_up_again_is_no_longer_to_stop() {
    let mut run = begun(2, &["a", "b"]);
    run.handle(stop(&["a"], false));
    run.handle(worker("a", WorkerEnd::Stopped));
    run.handle(requeue(&["a"], &[("a", 2, &[])], &[]));
    let response = run.handle(worker("a", WorkerEnd::Delivered(commit())));
    assert!(matches!(&response.actions[..], [Action::Publish { .. }]));
    // Once more it can be stopped alone.
    run.handle(published("a"));
    let mut run = begun(1, &["a", "b"]);
    run.handle(worker("a", WorkerEnd::Failed(failure(Step::Test))));
    run.handle(requeue(&["a"], &[("a", 2, &[])], &[]));
    let response = run.handle(stop(&["a"], false));
    assert_eq!(ended(&response), ["a cancelled 1"]);
}

#[test]
fn nothing_goes_back_in_the_queue_of_a_run_that_stops_or_has_come_to_its_end() {
    let mut run = begun(1, &["a", "b"]);
    run.handle(worker("a", WorkerEnd::Failed(failure(Step::Test))));
    run.handle(stop(&[], false));
    let response = run.handle(requeue(&["a"], &[("a", 2, &[])], &[]));
    assert_eq!(answer(&response), &Answer::Stopping);
    assert!(response.events.is_empty() && response.actions.is_empty());
    run.handle(worker("b", WorkerEnd::Stopped));
    let response = run.handle(requeue(&["a"], &[("a", 2, &[])], &[]));
    assert_eq!(answer(&response), &Answer::Ending);
    assert!(response.events.is_empty() && response.actions.is_empty());
}
