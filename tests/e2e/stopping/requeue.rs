//! `batch rerun --unit` while the run goes on.

use serde_json::Value;

use super::support::{WORK, Working, go, plan, sandbox, until};
use crate::support::sandbox::Sandbox;

/// Fails, until it is mended; says which note it was given.
const FAILS: &str = r#"
if [ $BATCH_UNIT != part0 ] && [ ! -e "$HOME/mended" ]; then
    echo "no way" >&2
    exit 3
fi
printf '%s' "${BATCH_NOTE-}" > "$HOME/note-$BATCH_UNIT"
"#;

/// A run of so many units, of which the first is at work and the others have failed.
fn failing<'a>(sandbox: &'a Sandbox, plan: &std::path::Path) -> Working<'a> {
    let run = Working::applying(sandbox, plan, &["--jobs=3"], &["part0"]);
    until("the others have failed", || ends(sandbox) == 2);
    run
}

fn ends(sandbox: &Sandbox) -> usize {
    let journal = sandbox.run_file("journal.jsonl");
    journal.matches(r#""event":"unit-ended""#).count()
}

fn fails() -> Sandbox {
    sandbox(3, &format!("{FAILS}{WORK}"))
}

fn independent(sandbox: &Sandbox) -> std::path::PathBuf {
    plan(sandbox, "no-test = true", &[&[], &[], &[]])
}

#[test]
fn failed_units_are_made_again_in_the_same_run_which_ends_well_then() {
    let sandbox = fails();
    let before = sandbox.users_own();
    let run = failing(&sandbox, &independent(&sandbox));
    go(&sandbox, "mended");
    let again = sandbox
        .batch(["rerun", "--unit", "part1", "--note", "mind the gap"])
        .exits(0);
    assert_eq!(again.stdout, "part1 is in the queue again, as attempt 2\n");
    run.waits_for("at-part1");
    // Once more, though the first of them has not ended.
    let again = sandbox
        .batch(["rerun", "--unit=part2", "--unit=part1", "--format=json"])
        .exits(0);
    let again: Value = serde_json::from_str(&again.stdout).unwrap();
    let told: Vec<String> = again["units"]
        .as_array()
        .unwrap()
        .iter()
        .map(|unit| format!("{} {}", unit["id"], unit["queued"]))
        .collect();
    assert_eq!(told, [r#""part2" true"#, r#""part1" false"#]);
    go(&sandbox, "go");
    let ran = run.ended().exits(0).says("part1: in the queue again");
    assert!(ran.stdout.contains("3 of 3 units"), "{}", ran.stdout);
    let report = sandbox.report();
    assert_eq!(report["exit_code"], 0);
    let attempts: Vec<&Value> = report["units"]
        .as_array()
        .unwrap()
        .iter()
        .map(|unit| &unit["attempt"])
        .collect();
    assert_eq!(attempts, [1, 2, 2]);
    let note = |unit| std::fs::read_to_string(sandbox.path(&format!("home/note-{unit}"))).unwrap();
    assert_eq!([note("part1"), note("part2")], ["mind the gap", ""]);
    assert_eq!(sandbox.delivered().len(), 3);
    assert!(!sandbox.run_file("failures.md").contains("no way"));
    sandbox.is_untouched(&before);
    sandbox.has_no_worktree_left();
}

#[test]
fn two_requests_at_once_are_both_taken() {
    let sandbox = fails();
    let run = failing(&sandbox, &independent(&sandbox));
    go(&sandbox, "mended");
    let both = ["part1", "part2"].map(|unit| Working::start(&sandbox, &["rerun", "--unit", unit]));
    for one in both {
        one.ended().exits(0);
    }
    go(&sandbox, "go");
    run.ended().exits(0);
    assert_eq!(sandbox.delivered().len(), 3);
}

#[test]
fn a_unit_that_was_stopped_goes_on_in_the_same_run() {
    let sandbox = sandbox(2, WORK);
    let run = Working::on(&sandbox, 2, &["--jobs=2"], &["part0", "part1"]);
    sandbox.batch(["stop", "part1"]).exits(0);
    std::fs::remove_file(sandbox.path("home/at-part1")).unwrap();
    sandbox.batch(["rerun", "--unit=part1"]).exits(0);
    run.waits_for("at-part1");
    go(&sandbox, "go");
    run.ended().exits(0);
}

#[test]
fn what_waits_for_a_failed_unit_comes_back_with_it_alone() {
    let sandbox = fails();
    let plan = plan(&sandbox, "no-test = true", &[&[], &[], &["part1"]]);
    let run = failing(&sandbox, &plan);
    go(&sandbox, "mended");
    let refused = sandbox.batch(["rerun", "--unit=part2"]).exits(2);
    let refused = refused.says("`part2` cannot go back in the queue: `part1` must be done first");
    refused.says("--unit part2 --unit part1");
    sandbox
        .batch(["rerun", "--unit=part2", "--unit=part1"])
        .exits(0);
    go(&sandbox, "go");
    run.ended().exits(0);
    assert_eq!(sandbox.delivered().len(), 3);
}

#[test]
fn a_unit_that_this_rerun_did_not_take_up_can_join_it() {
    let sandbox = fails();
    let first = failing(&sandbox, &independent(&sandbox));
    go(&sandbox, "go");
    first.ended().exits(1);
    std::fs::remove_file(sandbox.path("home/go")).unwrap();
    go(&sandbox, "mended");
    let again = Working::start(&sandbox, &["rerun", "--unit=part1"]);
    again.waits_for("at-part1");
    sandbox.batch(["rerun", "--unit=part2"]).exits(0);
    go(&sandbox, "go");
    again.ended().exits(0);
    assert_eq!(sandbox.delivered().len(), 3);
}

#[test]
fn what_cannot_be_had_on_the_way_is_refused_and_nothing_is_put_back() {
    let sandbox = fails();
    let run = failing(&sandbox, &independent(&sandbox));
    for (more, words) in [
        (
            &["--unit=part1", "--fresh"][..],
            "takes a --note beside --unit, nothing else",
        ),
        (
            &["--unit=part1", "--agent=claude"],
            "takes a --note beside --unit, nothing else",
        ),
        (&["--unit=part9"], "did you mean `part0`?"),
    ] {
        let all: Vec<&str> = ["rerun"].iter().chain(more).copied().collect();
        sandbox.batch(all).exits(2).says(words);
    }
    let working = sandbox.batch(["rerun", "--unit=part0"]).exits(0);
    assert_eq!(working.stdout, "part0 is being worked on already\n");
    assert_eq!(ends(&sandbox), 2);
    go(&sandbox, "go");
    run.ended().exits(1);
}
