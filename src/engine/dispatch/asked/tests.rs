//! Requests to stop in each state that a run and its units can be in.

use super::super::tests::{
    commit, dispatcher, ended, failure, held, id, ordered, pool, published, started, worker,
};
use super::super::{Action, BaseProof, Dispatcher, Input, Response};
use crate::engine::hold::Why;
use crate::engine::job::WorkerEnd;
use crate::engine::pool::{BasePolicy, Pool};
use crate::model::control::{Answer, CONTROL_VERSION, Doing, Request, RequestId, Wish};
use crate::model::event::Event;
use crate::model::outcome::{Outcome, Step};
use crate::model::sample;

fn asked(wish: Wish) -> Input {
    Input::Asked(Request {
        version: CONTROL_VERSION,
        id: RequestId::new(sample::at(0), 1),
        wish,
    })
}

fn stop(units: &[&str], now: bool) -> Input {
    asked(Wish::Stop {
        units: units.iter().map(|unit| id(unit)).collect(),
        now,
    })
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
