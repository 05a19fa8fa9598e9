//! Which units go first, and what becomes of the others.

use std::num::NonZeroUsize;

use super::{advised, chosen, failed, forbidden, in_vain};
use crate::model::agent::AgentChoice;
use crate::model::change::Source;
use crate::model::plan::Plan;
use crate::model::sample;

fn ids(plan: &Plan, files: &[usize], count: usize) -> Vec<String> {
    let chosen = chosen(plan, files, NonZeroUsize::new(count).unwrap());
    chosen.iter().map(ToString::to_string).collect()
}

#[test]
fn middling_sizes_go_first_and_never_all() {
    let mut plan = sample::plan(5);
    for (unit, lines) in plan.units.iter_mut().zip([500, 10, 40, 30, 20]) {
        unit.lines = Some(lines);
    }
    assert_eq!(ids(&plan, &[], 1), ["unit-4"]);
    assert_eq!(ids(&plan, &[], 2), ["unit-3", "unit-5"]);
    assert_eq!(ids(&plan, &[], 4).len(), 4);
    assert!(ids(&plan, &[], 5).is_empty());
    assert!(ids(&plan, &[], 99).is_empty());
    // Where lines are not known, files are counted.
    let plan = sample::plan(3);
    assert_eq!(ids(&plan, &[9, 1, 2], 1), ["unit-3"]);
}

#[test]
fn each_maker_has_its_share_and_who_makes_the_most_the_first() {
    let mut plan = sample::plan(6);
    plan.units[5].agent = Some(AgentChoice {
        name: Some("claude".to_owned()),
        model: None,
    });
    plan.units[4].source = Some(Source::Command("fmt".to_owned()));
    assert_eq!(ids(&plan, &[], 1), ["unit-3"]);
    assert_eq!(ids(&plan, &[], 2), ["unit-3", "unit-5"]);
    assert_eq!(ids(&plan, &[], 3), ["unit-3", "unit-5", "unit-6"]);
}

#[test]
fn what_waits_for_others_does_not_go_before_them_and_what_most_wait_for_goes_first() {
    let mut plan = sample::plan(6);
    for at in 2..6 {
        plan.units[at].after = vec![sample::id("unit-2")];
    }
    assert_eq!(ids(&plan, &[], 1), ["unit-2"]);
    assert_eq!(ids(&plan, &[], 2), ["unit-1", "unit-2"]);
    // Once both can be taken as done, others can begin.
    assert_eq!(ids(&plan, &[], 3), ["unit-1", "unit-2", "unit-5"]);
    // A chain has only one that can begin, then only the next.
    let mut chain = sample::plan(4);
    for at in 1..4 {
        chain.units[at].after = vec![sample::id(&format!("unit-{at}"))];
    }
    assert_eq!(ids(&chain, &[], 3), ["unit-1", "unit-2", "unit-3"]);
}

#[test]
fn a_canary_is_advised_for_large_and_for_costly_plans() {
    assert_eq!(advised(&sample::plan(9), &[]), None);
    assert_eq!(advised(&sample::plan(10), &[]).unwrap().get(), 2);
    let mut plan = sample::plan(5);
    plan.change.source = Source::Agent;
    assert_eq!(advised(&plan, &[1; 5]), None);
    assert_eq!(advised(&plan, &[500; 5]).unwrap().get(), 2);
    plan.units.truncate(3);
    assert_eq!(advised(&plan, &[50_000; 3]), None);
}

#[test]
fn nobody_is_asked_where_the_answer_is_there() {
    let mut history = sample::history(vec![
        Some(sample::opened(1)),
        Some(sample::failed("x", &[])),
        None,
    ]);
    history.canary = vec![sample::id("unit-1"), sample::id("unit-2")];
    assert_eq!(failed(&history).count(), 1);
    assert_eq!(forbidden(&history, false), None);
    assert_eq!(
        forbidden(&history, true).unwrap(),
        "unit-2 failed, and --fail-fast was given"
    );
    history.base_refused = Some(sample::refusal());
    assert_eq!(
        forbidden(&history, false).unwrap(),
        "the base does not pass test"
    );
    history.interrupted = true;
    assert_eq!(forbidden(&history, false).unwrap(), "interrupted");
    history.canary.clear();
    assert_eq!(history.held_back().count(), 0);
}

#[test]
fn what_waits_for_a_canary_that_failed_is_in_vain_with_all_that_waits_for_it() {
    let mut history = sample::history(vec![
        Some(sample::failed("x", &[])),
        Some(sample::opened(2)),
        None,
        None,
        None,
    ]);
    history.units[2].after = vec![sample::id("unit-4")];
    history.units[3].after = vec![sample::id("unit-1")];
    history.units[4].after = vec![sample::id("unit-2")];
    let rest: Vec<_> = (3..=5).map(|n| sample::id(&format!("unit-{n}"))).collect();
    let found = in_vain(&history, &rest);
    let told: Vec<String> = found
        .iter()
        .map(|(id, why)| format!("{id}: {why}"))
        .collect();
    assert_eq!(
        told,
        [
            "unit-4: waits for `unit-1`, which failed",
            "unit-3: waits for `unit-4`, which was cancelled",
        ]
    );
}
