//! `batch stop` of some units, while the others go on.

use serde_json::Value;

use super::support::{WORK, Working, go, kept, plan, reason, sandbox};
use crate::agent_runs::support::alive;
use crate::support::sandbox::Sandbox;

fn outcomes(sandbox: &Sandbox) -> Vec<String> {
    let outcomes = sandbox.outcomes();
    let outcomes = outcomes.iter().map(|(id, end)| format!("{id} {end}"));
    outcomes.collect()
}

#[test]
fn one_is_stopped_its_slot_goes_to_the_next_and_the_others_deliver() {
    let sandbox = sandbox(3, WORK);
    let before = sandbox.users_own();
    let run = Working::on(&sandbox, 3, &["--jobs=2"], &["part0", "part1"]);
    let stop = sandbox.batch(["stop", "part0"]).exits(0);
    let lines: Vec<&str> = stop.stdout.lines().collect();
    assert_eq!(lines.len(), 3, "{lines:?}");
    assert!(
        lines[1].starts_with("part0  working  cancelled  stopped by"),
        "{lines:?}"
    );
    assert!(lines[2].starts_with("edits kept  refs/batch/"), "{lines:?}");
    assert_eq!(kept(&sandbox, "part0"), "half");
    // The others have not ended yet, and the third has its place.
    run.waits_for("at-part2");
    go(&sandbox, "go");
    run.ended().exits(1).says("`batch stop` ends `part0`");
    assert_eq!(
        outcomes(&sandbox),
        ["part0 cancelled", "part1 opened", "part2 opened"]
    );
    assert_eq!(reason(&sandbox, "part0"), "stopped by `batch stop`");
    sandbox.is_untouched(&before);
    sandbox.has_no_worktree_left();

    sandbox.batch(["rerun"]).exits(0);
    assert_eq!(sandbox.delivered().len(), 3);
}

#[test]
fn one_that_waits_is_cancelled_though_no_other_has_ended() {
    let sandbox = sandbox(3, WORK);
    let run = Working::on(&sandbox, 3, &["--jobs=1"], &["part0"]);
    let stop = sandbox.batch(["stop", "part2", "--format=json"]).exits(0);
    let stop: Value = serde_json::from_str(&stop.stdout).unwrap();
    assert_eq!(stop["goes_on"], true);
    assert_eq!(stop["exit_code"], Value::Null);
    let unit = &stop["units"][0];
    assert_eq!(
        [&unit["id"], &unit["was"], &unit["outcome"], &unit["reason"]],
        ["part2", "waiting", "cancelled", "stopped by `batch stop`"]
    );
    go(&sandbox, "go");
    run.ended().exits(1);
    assert_eq!(
        outcomes(&sandbox),
        ["part0 opened", "part1 opened", "part2 cancelled"]
    );
    assert!(!sandbox.path("home/at-part2").exists());
}

#[test]
fn those_that_wait_for_it_are_cancelled_with_it_and_said_to_be() {
    let sandbox = sandbox(3, WORK);
    let plan = plan(&sandbox, "no-test = true", &[&[], &["part0"], &[]]);
    let run = Working::applying(&sandbox, &plan, &["--jobs=2"], &["part0", "part2"]);
    let stop = sandbox.batch(["stop", "part0"]).exits(0);
    assert!(
        stop.stdout
            .contains("part1  waiting  cancelled  waits for `part0`, which was cancelled"),
        "{}",
        stop.stdout
    );
    go(&sandbox, "go");
    run.ended().exits(1);
    assert_eq!(
        outcomes(&sandbox),
        ["part0 cancelled", "part1 cancelled", "part2 opened"]
    );
}

#[test]
fn a_stubborn_one_is_killed_with_all_it_started_and_the_others_live_on() {
    let sandbox = sandbox(
        2,
        &format!(
            r#"if [ $BATCH_UNIT = part0 ] && [ ! -e "$HOME/go" ]; then
                trap '' TERM INT
                setsid sh -c 'trap "" TERM; sleep 5001; sleep 5002' > /dev/null 2>&1 &
                : > "$HOME/at-$BATCH_UNIT"
                while :; do sleep 0.05; done
            fi
            {WORK}"#
        ),
    );
    let run = Working::on(&sandbox, 2, &["--jobs=2"], &["part0", "part1"]);
    sandbox.batch(["stop", "part0"]).exits(0);
    let alive = alive(&sandbox);
    assert!(
        !alive.iter().any(|line| line.contains("sleep 500")),
        "{alive:?}"
    );
    assert!(
        alive.iter().any(|line| line.contains("work.sh")),
        "{alive:?}"
    );
    go(&sandbox, "go");
    run.ended().exits(1);
    assert_eq!(outcomes(&sandbox), ["part0 cancelled", "part1 opened"]);
}

#[test]
fn a_push_is_ended_with_its_hook_and_gone_on_with_later() {
    let sandbox = sandbox(2, WORK);
    sandbox.write_script(
        ".git/hooks/pre-push",
        r#"#!/bin/sh
        while read -r ours commit theirs old; do
            case $theirs in */part0) ;; *) continue ;; esac
            : > "$HOME/pushing"
            until [ -e "$HOME/push" ]; do sleep 0.02; done
        done
        "#,
    );
    let run = Working::on(&sandbox, 2, &["--jobs=2"], &["part0", "part1"]);
    go(&sandbox, "go-part0");
    run.waits_for("pushing");
    sandbox.batch(["stop", "part0"]).exits(0);
    go(&sandbox, "go");
    run.ended().exits(1);
    assert_eq!(outcomes(&sandbox), ["part0 cancelled", "part1 opened"]);
    assert_eq!(alive(&sandbox), [""; 0]);
    go(&sandbox, "push");
    sandbox.batch(["rerun"]).exits(0);
    assert_eq!(sandbox.delivered().len(), 2);
}

#[test]
fn all_units_may_be_stopped_one_after_another() {
    let sandbox = sandbox(2, WORK);
    let run = Working::on(&sandbox, 2, &["--jobs=1"], &["part0"]);
    sandbox.batch(["stop", "part1"]).exits(0);
    let stop = sandbox.batch(["stop", "part0", "part1"]).exits(0);
    assert!(
        stop.stdout.contains("part1  ended    cancelled"),
        "{}",
        stop.stdout
    );
    // No unit is left, and yet it is not the run that was stopped.
    run.ended().exits(1);
    assert_eq!(sandbox.report()["exit_code"], 1);
}

#[test]
fn what_ended_before_is_said_to_have() {
    let sandbox = sandbox(2, WORK);
    let run = Working::on(&sandbox, 2, &["--jobs=2"], &["part0", "part1"]);
    go(&sandbox, "go-part0");
    super::support::until("the first has ended", || {
        sandbox
            .run_file("journal.jsonl")
            .contains(r#""outcome":"opened""#)
    });
    let stop = sandbox.batch(["stop", "part0"]).exits(0);
    assert!(
        stop.stdout.contains("part0  ended  opened   #1"),
        "{}",
        stop.stdout
    );
    go(&sandbox, "go");
    run.ended().exits(0);
}
