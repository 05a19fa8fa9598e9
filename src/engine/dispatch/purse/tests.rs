//! The dispatcher with a budget, and with a provider that has limits.

use super::Purse;
use crate::engine::budget::Candidate;
use crate::engine::dispatch::{Action, Dispatcher, Input, Response};
use crate::engine::forecast::Experience;
use crate::engine::go::{Begin, Start};
use crate::engine::job::WorkerEnd;
use crate::engine::pool::{BasePolicy, Pool};
use crate::model::event::Event;
use crate::model::outcome::{Failure, FailureKind, Outcome, Step};
use crate::model::sample::{at, commit, id};
use crate::model::spend::{Allowance, Spend, Tokens, Usd};

fn dollars(amount: f64) -> Spend {
    Spend {
        cost: Usd::from_dollars(amount),
        ..Spend::default()
    }
}

/// Units with an agent, each guessed to cost a dollar, and this cap.
fn dispatcher(jobs: usize, names: &[&str], cap: Option<f64>) -> Dispatcher {
    let cap = Allowance {
        cost: cap.and_then(Usd::from_dollars),
        tokens: None,
    };
    let mut purse = Purse::new(cap, Spend::default(), Experience::default());
    let start = |name: &&str| Start {
        unit: id(name),
        begin: Begin::Anew,
        attempt: 1,
        base: commit("b"),
        delivered: None,
        after: Vec::new(),
    };
    // A name that begins with c is a codemod's.
    for name in names.iter().filter(|name| !name.starts_with('c')) {
        let candidate = Candidate {
            guess: dollars(1.0),
            lines: None,
        };
        purse.candidates.insert(id(name), candidate);
    }
    let pool = Pool {
        jobs,
        fail_fast: false,
        base: BasePolicy::Trust,
    };
    Dispatcher::new(pool, names.iter().map(start).collect()).paid_by(purse)
}

fn started(response: &Response) -> Vec<String> {
    let starts = response.actions.iter().filter_map(|action| match action {
        Action::Start {
            unit, allowance, ..
        } => Some(match allowance.cost {
            Some(cost) => format!("{unit} {cost}"),
            None => unit.to_string(),
        }),
        Action::ProveBase
        | Action::TakeUp { .. }
        | Action::Publish { .. }
        | Action::StopUnit { .. }
        | Action::AskToStop
        | Action::StopNow => None,
    });
    starts.collect()
}

fn cancelled(response: &Response) -> Vec<String> {
    let ended = response.events.iter().filter_map(|event| match event {
        Event::UnitEnded {
            unit,
            outcome: Outcome::Cancelled { reason },
            ..
        } => Some(format!("{unit}: {reason}")),
        _ => None,
    });
    ended.collect()
}

fn spent(name: &str, spend: Spend) -> Input {
    Input::Told(Event::Spent {
        unit: id(name),
        attempt: 1,
        spend,
    })
}

fn done(name: &str) -> Input {
    Input::WorkerEnded {
        unit: id(name),
        end: WorkerEnd::Unchanged,
    }
}

fn failed(name: &str, kind: FailureKind) -> Input {
    let failure = Failure {
        kind,
        ..Failure::of(
            Step::Implement,
            "claude is not logged in\nrun `claude login`",
        )
    };
    Input::WorkerEnded {
        unit: id(name),
        end: WorkerEnd::Failed(failure),
    }
}

fn paused() -> Input {
    Input::Told(Event::Paused {
        reason: "the provider's rate limit is reached".to_owned(),
        until: Some(at(60)),
    })
}

fn resumed(jobs: usize) -> Input {
    Input::Told(Event::Resumed { jobs })
}

#[test]
fn each_unit_is_given_its_share_and_what_does_not_fit_waits() {
    let mut dispatcher = dispatcher(3, &["a", "b", "d"], Some(2.0));
    assert_eq!(started(&dispatcher.handle(Input::Begin)), ["a $1.50"]);
    dispatcher.handle(spent("a", dollars(0.5)));
    assert_eq!(
        started(&dispatcher.handle(done("a"))),
        ["b $0.75", "d $0.75"]
    );
}

#[test]
fn when_nothing_runs_and_nothing_fits_the_rest_is_cancelled() {
    let mut dispatcher = dispatcher(1, &["a", "b", "d"], Some(2.0));
    dispatcher.handle(Input::Begin);
    dispatcher.handle(spent("a", dollars(1.75)));
    let response = dispatcher.handle(done("a"));
    assert_eq!(started(&response), Vec::<String>::new());
    let reason = "the budget of $2.00 is too small for another unit ($1.75 spent, one costs about $1.75); `batch rerun --max-cost …` goes on";
    assert_eq!(
        cancelled(&response),
        [format!("b: {reason}"), format!("d: {reason}")]
    );
    assert!(dispatcher.finished());
}

#[test]
fn what_asks_no_agent_is_done_without_money() {
    let mut dispatcher = dispatcher(1, &["a", "b", "c"], Some(1.0));
    dispatcher.handle(Input::Begin);
    dispatcher.handle(spent("a", dollars(1.0)));
    let response = dispatcher.handle(done("a"));
    assert_eq!(cancelled(&response).len(), 1);
    assert_eq!(started(&response), ["c"]);
}

#[test]
fn a_codemod_does_not_wait_for_the_money_of_others() {
    let mut dispatcher = dispatcher(2, &["a", "b", "c"], Some(1.0));
    assert_eq!(started(&dispatcher.handle(Input::Begin)), ["a $1.00", "c"]);
}

#[test]
fn a_cost_that_nobody_knows_is_warned_of_once() {
    let unpriced = Spend {
        tokens: Tokens {
            input: 5,
            ..Tokens::default()
        },
        ..Spend::default()
    };
    let mut dispatcher = dispatcher(2, &["a", "b", "d"], Some(5.0));
    dispatcher.handle(Input::Begin);
    dispatcher.handle(spent("d", dollars(0.5)));
    let warnings = |response: Response| {
        let warning = |event: &&Event| matches!(event, Event::Warning { .. });
        response.events.iter().filter(warning).count()
    };
    for (name, count) in [("a", 1), ("b", 0)] {
        assert_eq!(warnings(dispatcher.handle(spent(name, unpriced))), 0);
        assert_eq!(warnings(dispatcher.handle(done(name))), count);
    }
}

#[test]
fn without_a_login_nothing_more_is_started_and_what_runs_goes_on() {
    for kind in [
        FailureKind::Unauthorised,
        FailureKind::Quota,
        FailureKind::RateLimit,
    ] {
        let mut dispatcher = dispatcher(2, &["a", "b", "d"], None);
        assert_eq!(started(&dispatcher.handle(Input::Begin)), ["a", "b"]);
        let response = dispatcher.handle(failed("a", kind));
        assert_eq!(
            cancelled(&response),
            [
                "d: every other unit would meet what a met: claude is not logged in; `batch rerun` goes on"
            ]
        );
        assert!(!response.actions.contains(&Action::AskToStop));
        assert!(!dispatcher.finished());
        dispatcher.handle(done("b"));
        assert!(dispatcher.finished());
    }
}

#[test]
fn another_failure_keeps_nothing_from_starting() {
    let mut dispatcher = dispatcher(1, &["a", "b"], None);
    dispatcher.handle(Input::Begin);
    let response = dispatcher.handle(failed("a", FailureKind::Crash));
    assert_eq!(started(&response), ["b"]);
}

#[test]
fn while_agents_are_paused_no_unit_starts() {
    let mut dispatcher = dispatcher(2, &["a", "b", "d", "e"], None);
    dispatcher.handle(Input::Begin);
    dispatcher.handle(paused());
    assert!(started(&dispatcher.handle(done("a"))).is_empty());
    assert!(started(&dispatcher.handle(done("b"))).is_empty());
    assert!(!dispatcher.finished());
    assert_eq!(started(&dispatcher.handle(resumed(1))), ["d"]);
    assert_eq!(started(&dispatcher.handle(resumed(2))), ["e"]);
}

#[test]
fn a_narrower_pool_ends_no_unit_that_is_at_work() {
    let mut dispatcher = dispatcher(4, &["a", "b", "d", "e", "f"], None);
    dispatcher.handle(Input::Begin);
    dispatcher.handle(paused());
    dispatcher.handle(resumed(2));
    for name in ["a", "b"] {
        assert!(started(&dispatcher.handle(done(name))).is_empty(), "{name}");
    }
    assert_eq!(started(&dispatcher.handle(done("d"))), ["f"]);
}

#[test]
fn an_interrupt_ends_a_pause_too() {
    let mut dispatcher = dispatcher(1, &["a", "b"], None);
    dispatcher.handle(Input::Begin);
    dispatcher.handle(paused());
    dispatcher.handle(done("a"));
    let response = dispatcher.handle(Input::Interrupt);
    assert_eq!(cancelled(&response), ["b: interrupted"]);
    assert!(dispatcher.finished());
    assert!(started(&dispatcher.handle(resumed(1))).is_empty());
}

#[test]
fn a_providers_limits_hold_no_unit_that_asks_no_agent() {
    let mut dispatcher = dispatcher(2, &["a", "b", "c1", "c2"], None);
    dispatcher.purse.without.extend([id("c1"), id("c2")]);
    assert_eq!(started(&dispatcher.handle(Input::Begin)), ["a", "b"]);
    dispatcher.handle(paused());
    let ended = |unit: &str| Input::WorkerEnded {
        unit: id(unit),
        end: WorkerEnd::Unchanged,
    };
    assert_eq!(started(&dispatcher.handle(ended("a"))), ["c1"]);
    assert_eq!(started(&dispatcher.handle(ended("c1"))), ["c2"]);
}
