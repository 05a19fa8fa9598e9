//! `batch stop` of a whole run.

use rustix::process::Signal;
use serde_json::Value;

use super::support::{WORK, Working, go, kept, plan, reason, requests, sandbox, until};
use crate::agent_runs::support::alive;

#[test]
fn a_stopped_run_ends_its_children_keeps_the_edits_and_reports() {
    let sandbox = sandbox(3, WORK);
    let before = sandbox.users_own();
    let run = Working::on(&sandbox, 3, &["--jobs=2"], &["part0", "part1"]);
    let stop = sandbox.batch(["stop"]).exits(0);
    let sentence = "stopped: none of 3 units opened a pull request, 3 cancelled\n";
    assert_eq!(stop.stdout, sentence);
    let stop = stop.says("has ended.").says("To go on: batch resume ");
    assert!(!stop.stderr.contains("error"), "{}", stop.stderr);

    let ran = run.ended().exits(130);
    let ran = ran.says("stopping, as `batch stop` asks: ending 2 workers; press Ctrl-C to kill");
    assert!(ran.stdout.contains(sentence), "{}", ran.stdout);
    assert_eq!(alive(&sandbox), [""; 0]);
    assert_eq!(sandbox.report()["exit_code"], 130);
    for unit in ["part0", "part1", "part2"] {
        assert_eq!(reason(&sandbox, unit), "stopped");
    }
    for unit in ["part0", "part1"] {
        assert_eq!(kept(&sandbox, unit), "half");
    }
    sandbox.is_untouched(&before);
    sandbox.has_no_worktree_left();
    assert!(requests(&sandbox).is_empty());

    go(&sandbox, "go");
    sandbox.batch(["rerun"]).exits(0);
    assert_eq!(sandbox.delivered().len(), 3);
}

#[test]
fn a_run_is_stopped_while_its_base_is_tested() {
    let sandbox = sandbox(1, WORK);
    let test = "test = '''[ -n \"${BATCH_UNIT-}\" ] || { : > \"$HOME/at-base\"; sleep 1000; }'''";
    let plan = plan(&sandbox, test, &[&[]]);
    let run = Working::applying(&sandbox, &plan, &[], &["base"]);
    sandbox.batch(["stop"]).exits(0);
    run.ended().exits(130);
    assert_eq!(reason(&sandbox, "part0"), "stopped");
    assert_eq!(alive(&sandbox), [""; 0]);
    sandbox.has_no_worktree_left();
}

#[test]
fn what_does_not_want_to_end_is_killed_with_what_left_its_session() {
    for now in [&[][..], &["--now"]] {
        let sandbox = sandbox(
            1,
            r#"trap '' TERM INT HUP
            setsid sh -c 'trap "" TERM; sleep 5001; sleep 5002' > /dev/null 2>&1 &
            : > "$HOME/at-$BATCH_UNIT"
            while :; do sleep 0.05; done"#,
        );
        let run = Working::on(&sandbox, 1, &[], &["part0"]);
        sandbox.batch(["stop"].iter().chain(now)).exits(0);
        run.ended().exits(130);
        assert_eq!(alive(&sandbox), [""; 0]);
        sandbox.has_no_worktree_left();
    }
}

#[test]
fn who_stops_a_run_need_not_wait() {
    let sandbox = sandbox(1, WORK);
    let run = Working::on(&sandbox, 1, &[], &["part0"]);
    let stop = sandbox
        .batch(["stop", "--no-wait", "--format=json"])
        .exits(0);
    let stop: Value = serde_json::from_str(&stop.stdout).unwrap();
    assert_eq!(stop["goes_on"], true);
    run.ended().exits(130);
}

#[test]
fn programs_read_what_became_of_the_run() {
    let sandbox = sandbox(1, WORK);
    let run = Working::on(&sandbox, 1, &["--format=json"], &["part0"]);
    let stop = sandbox.batch(["stop", "--format=json"]).exits(0);
    let stop: Value = serde_json::from_str(&stop.stdout).unwrap();
    assert_eq!(stop["run"], sandbox.report()["run"]);
    assert_eq!(stop["exit_code"], 130);
    assert_eq!(stop["goes_on"], false);
    let ran = run.ended().exits(130);
    assert!(
        ran.stdout.contains(r#""event":"stop-asked""#),
        "{}",
        ran.stdout
    );
}

#[test]
fn ctrl_c_while_it_is_waited_for_leaves_the_request_in_force() {
    let sandbox = sandbox(1, WORK);
    let run = Working::on(&sandbox, 1, &[], &["part0"]);
    // So that nobody answers before the signal is there.
    run.signal(Signal::STOP);
    let stop = Working::start(&sandbox, &["stop"]);
    until("it is asked", || requests(&sandbox).len() == 1);
    stop.signal(Signal::INT);
    stop.ended().exits(130).says("is still told to stop");
    run.signal(Signal::CONT);
    run.ended().exits(130);
    assert_eq!(reason(&sandbox, "part0"), "stopped");
}

#[test]
fn a_request_to_a_process_that_died_does_not_act_on_the_next() {
    let sandbox = sandbox(2, WORK);
    let run = Working::on(&sandbox, 2, &["--jobs=2"], &["part0", "part1"]);
    run.signal(Signal::STOP);
    let stop = Working::start(&sandbox, &["stop"]);
    until("it is asked", || requests(&sandbox).len() == 1);
    stop.signal(Signal::INT);
    stop.ended().exits(130);
    run.signal(Signal::KILL);
    run.ended();
    until("all are gone", || alive(&sandbox).is_empty());
    assert_eq!(requests(&sandbox).len(), 1);

    go(&sandbox, "go");
    sandbox.batch(["rerun"]).exits(0);
    assert_eq!(sandbox.delivered().len(), 2);
    assert!(requests(&sandbox).is_empty());
}

#[test]
fn a_process_that_dies_before_it_answers_is_no_longer_waited_for() {
    let sandbox = sandbox(1, WORK);
    let run = Working::on(&sandbox, 1, &[], &["part0"]);
    run.signal(Signal::STOP);
    let stop = Working::start(&sandbox, &["stop"]);
    until("it is asked", || requests(&sandbox).len() == 1);
    run.signal(Signal::KILL);
    run.ended();
    let stop = stop.ended().exits(1);
    stop.says("died before it had ended it")
        .says("to go on: batch resume ");
    assert!(requests(&sandbox).is_empty());
}

#[test]
fn a_run_is_stopped_while_the_rest_after_a_canary_is_at_work() {
    let sandbox = sandbox(3, WORK);
    let run = Working::on(&sandbox, 3, &["--canary=1", "--jobs=2"], &["part1"]);
    go(&sandbox, "go-part1");
    run.waits_for("at-part0");
    run.waits_for("at-part2");
    sandbox.batch(["stop", "part2"]).exits(0);
    sandbox.batch(["stop"]).exits(0);
    run.ended().exits(130);
    assert_eq!(sandbox.outcomes()["part1"], "opened");
    assert_eq!(reason(&sandbox, "part2"), "stopped by `batch stop`");
    assert_eq!(reason(&sandbox, "part0"), "stopped");
    assert_eq!(alive(&sandbox), [""; 0]);
}
