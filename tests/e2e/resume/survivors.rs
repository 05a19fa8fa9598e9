//! What outlives a run that is killed together with its guards is ended before a resume works.

use std::path::PathBuf;
use std::process::{Child, Stdio};

use rustix::process::{Pid, Signal, kill_process};

use super::support::dies;
use crate::support::remains::{alive, left_clean, until};
use crate::support::sandbox::Sandbox;

/// A test that waits until `$HOME/go` is there, and starts something that leaves group and session.
const WAITS: &str = r#"
[ -n "${BATCH_UNIT-}" ] || exit 0
[ ! -e "$HOME/go" ] || exit 0
setsid sh -c 'trap "" TERM; : > "$HOME/away"; while :; do sleep 0.05; done' >/dev/null 2>&1 &
: > "$HOME/tested"
while :; do sleep 0.05; done
"#;

fn kill(pid: i32) {
    // It may have ended by itself.
    let _ = kill_process(Pid::from_raw(pid).unwrap(), Signal::KILL);
}

/// A run in the middle of its first test.
fn in_its_test(sandbox: &Sandbox) -> Child {
    let child = sandbox
        .batch_command()
        .args(["rename frob to frobnicate", "--yes", "--paths=src/**"])
        .args(["--rewrite", r"s/\bfrob\b/frobnicate/g"])
        .args(["--min-units=2", "--max-units=2", "--jobs=1"])
        .args(["--test", "sh \"$HOME/test.sh\""])
        .stdout(Stdio::null())
        .stderr(Stdio::null())
        .spawn()
        .unwrap();
    let marks: [PathBuf; 2] = ["away", "tested"].map(|mark| sandbox.path("home").join(mark));
    until("a test runs", || marks.iter().all(|mark| mark.exists()));
    child
}

#[test]
fn a_process_that_outlived_run_and_guard_is_ended_before_the_resume_works() {
    let sandbox = Sandbox::frobs(2);
    sandbox.write("../home/test.sh", WAITS);
    let mut child = in_its_test(&sandbox);
    let is_guard = |line: &str| line.contains("__guard");
    let guards: Vec<i32> = alive(&sandbox)
        .into_iter()
        .filter(|(_, line)| is_guard(line))
        .map(|(pid, _)| pid)
        .collect();
    assert!(!guards.is_empty());
    // The guards first: else they would do it.
    for guard in guards {
        kill(guard);
    }
    kill(i32::try_from(child.id()).unwrap());
    child.wait().unwrap();
    let left = alive(&sandbox);
    assert!(left.len() >= 2, "{left:?}");

    std::fs::write(sandbox.path("home/go"), "").unwrap();
    sandbox.batch(["resume"]).exits(0).says("that outlived run");
    left_clean(&sandbox);
    assert!(sandbox.outcomes().values().all(|end| end == "opened"));
}

#[test]
fn a_guard_that_still_lives_is_known_by_the_journal_and_a_rerun_ends_it_as_well() {
    let sandbox = Sandbox::frobs(2);
    sandbox.write("../home/test.sh", WAITS);
    let mut child = in_its_test(&sandbox);
    // A stopped guard hears nothing.
    let guards: Vec<i32> = alive(&sandbox)
        .into_iter()
        .filter(|(_, line)| line.contains("__guard"))
        .map(|(pid, _)| pid)
        .collect();
    for &guard in &guards {
        kill_process(Pid::from_raw(guard).unwrap(), Signal::STOP).unwrap();
    }
    kill(i32::try_from(child.id()).unwrap());
    child.wait().unwrap();
    let journal = sandbox.run_file("journal.jsonl");
    for guard in &guards {
        assert!(journal.contains(&format!(r#""pid":{guard},"#)), "{journal}");
    }
    std::fs::write(sandbox.path("home/go"), "").unwrap();
    sandbox.batch(["rerun"]).exits(0).says("that outlived run");
    left_clean(&sandbox);
}

#[test]
fn an_index_lock_of_the_users_is_named_and_left() {
    let sandbox = Sandbox::frobs(3);
    dies(&sandbox, "after:9", &["--no-test"]);
    let lock = sandbox.repo().join(".git/index.lock");
    std::fs::write(&lock, "mine").unwrap();
    sandbox
        .batch(["resume"])
        .exits(0)
        .says("index.lock is there");
    assert_eq!(std::fs::read_to_string(&lock).unwrap(), "mine");
}
