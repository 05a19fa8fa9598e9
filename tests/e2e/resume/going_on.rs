//! What a resume takes up and what it leaves alone.

use super::support::{dies, last_run};
use crate::support::remains::stamps;
use crate::support::sandbox::{Ran, Sandbox};

fn run(sandbox: &Sandbox, more: &[&str]) -> Ran {
    sandbox.rename_frob(&[&["--min-units=3", "--max-units=3", "--jobs=1"], more].concat())
}

/// How often the journal of the last run tells of this.
fn told(sandbox: &Sandbox, words: &str) -> usize {
    sandbox.run_file("journal.jsonl").matches(words).count()
}

/// The number of the first record of this kind, as a death is told it.
fn record(journal: &str, words: &str) -> usize {
    let place = journal.lines().position(|line| line.contains(words));
    place.unwrap_or_else(|| panic!("no {words} in\n{journal}"))
}

#[test]
fn a_run_without_a_failure_has_nothing_to_resume_and_nothing_is_written() {
    let sandbox = Sandbox::frobs(3);
    run(&sandbox, &["--no-test"]).exits(0);
    let before = stamps(&sandbox);
    let ran = sandbox.batch(["resume"]).exits(0).says("Nothing to do");
    assert_eq!(ran.stdout, "");
    let json = sandbox.batch(["resume", "--format=json"]).exits(0).stdout;
    assert_eq!(json.lines().count(), 1);
    assert!(json.contains(r#""event":"run-ended""#), "{json}");
    assert!(before == stamps(&sandbox));
}

#[test]
fn what_failed_is_left_to_a_rerun() {
    let sandbox = Sandbox::frobs(3);
    run(
        &sandbox,
        &["--test", "! ls src/part1/*.txt | xargs grep -q frobnicate"],
    )
    .exits(1);
    let before = stamps(&sandbox);
    sandbox
        .batch(["resume"])
        .exits(0)
        .says("Nothing to do")
        .says("batch rerun");
    assert!(before == stamps(&sandbox));
}

#[test]
fn a_tested_commit_is_delivered_without_another_test_and_keeps_its_attempt() {
    let sandbox = Sandbox::frobs(3);
    let count = "echo x >> \"$HOME/tests\"";
    let trial = Sandbox::frobs(3);
    run(&trial, &["--test", count]).exits(0);
    let committed = record(&trial.run_file("journal.jsonl"), r#""event":"committed""#);
    dies(&sandbox, &format!("after:{committed}"), &["--test", count]);
    assert!(sandbox.delivered().is_empty());
    let tests = || std::fs::read_to_string(sandbox.path("home/tests")).unwrap();
    // The base and the first unit.
    assert_eq!(tests().lines().count(), 2);
    sandbox
        .batch(["resume"])
        .exits(0)
        .says("goes on from its commit");
    // The other two; neither the base, which was found to be green, nor the commit.
    assert_eq!(tests().lines().count(), 4);
    assert_eq!(told(&sandbox, r#""event":"committed""#), 3);
    assert_eq!(told(&sandbox, r#""attempt":2"#), 0);
    assert!(sandbox.outcomes().values().all(|end| end == "opened"));
}

#[test]
fn a_branch_without_its_pull_request_gets_it_and_nothing_is_worked_on() {
    let sandbox = Sandbox::frobs(3);
    let trial = Sandbox::frobs(3);
    run(&trial, &["--no-test"]).exits(0);
    let journal = trial.run_file("journal.jsonl");
    // The push is done, and not yet on record.
    let pushed = record(&journal, r#""event":"pushed""#);
    dies(&sandbox, &format!("before:{pushed}"), &["--no-test"]);
    let before = sandbox.delivered();
    assert_eq!(before.len(), 1);
    sandbox.batch(["resume"]).exits(0);
    let (unit, commit) = before.iter().next().unwrap();
    assert_eq!(sandbox.delivered()[unit], *commit);
    let started = format!(r#""event":"unit-started","unit":"{unit}""#);
    assert_eq!(told(&sandbox, &started), 1);
    assert!(sandbox.outcomes().values().all(|end| end == "opened"));
}

#[test]
fn a_branch_that_somebody_else_pushed_to_is_never_overwritten() {
    let sandbox = Sandbox::frobs(3);
    let trial = Sandbox::frobs(3);
    run(&trial, &["--no-test"]).exits(0);
    let journal = trial.run_file("journal.jsonl");
    let opening = record(&journal, r#""effect":"open-pr""#);
    dies(&sandbox, &format!("after:{opening}"), &["--no-test"]);
    let (unit, _) = sandbox.delivered().into_iter().next().unwrap();
    let branch = sandbox.remote_git(["for-each-ref", "--format=%(refname)", "refs/heads/batch"]);
    let theirs = sandbox.commit("theirs");
    sandbox.git(["push", "-q", "-f", "origin", &format!("HEAD:{branch}")]);
    sandbox.batch(["resume"]).exits(1);
    assert_eq!(sandbox.delivered()[&unit], theirs);
    assert_eq!(sandbox.outcomes()[&unit], "pushed");
    let before = stamps(&sandbox);
    sandbox.batch(["resume"]).exits(0).says("Nothing to do");
    assert!(before == stamps(&sandbox));
}

#[test]
fn the_run_that_was_cut_off_is_found_though_a_later_one_ended_well() {
    let sandbox = Sandbox::frobs(3);
    dies(&sandbox, "after:8", &["--no-test"]);
    let left = last_run(&sandbox);
    run(&sandbox, &["--no-test"]).exits(0);
    assert_ne!(last_run(&sandbox), left);
    let ran = sandbox.batch(["resume"]).exits(0);
    assert!(ran.stdout.contains(&left), "{}", ran.stdout);
}

#[test]
fn edits_in_a_worktree_that_no_record_tells_of_are_kept_for_the_unit_that_owns_them() {
    let sandbox = Sandbox::frobs(3);
    let trial = Sandbox::frobs(3);
    run(&trial, &["--no-test"]).exits(0);
    let fixed = record(&trial.run_file("journal.jsonl"), r#""event":"tree-fixed""#);
    dies(&sandbox, &format!("after:{fixed}"), &["--no-test"]);
    let path = sandbox.repo().join(".git/batch/latest/journal.jsonl");
    let journal = std::fs::read_to_string(&path).unwrap();
    let first = journal.split_inclusive('\n').next().unwrap();
    std::fs::write(&path, first).unwrap();
    let worktrees = sandbox.git(["worktree", "list", "--porcelain"]);
    let mut lines = worktrees
        .lines()
        .filter_map(|line| line.strip_prefix("worktree "));
    let worktree = lines.next_back().unwrap();
    std::fs::write(format!("{worktree}/src/part0/new.txt"), "untracked\n").unwrap();
    sandbox.batch(["resume"]).exits(0);
    let kept = sandbox.git([
        "for-each-ref",
        "--format=%(refname)",
        "refs/batch/*/*/attempt-*",
    ]);
    assert_eq!(kept.lines().count(), 1, "{kept}");
    assert!(kept.ends_with("/src-part0/attempt-1"), "{kept}");
    let untracked = sandbox.git(["show", &format!("{kept}:src/part0/new.txt")]);
    assert_eq!(untracked, "untracked");
    let attempts = sandbox.report();
    assert_eq!(attempts["units"][0]["attempt"], 2);
    assert!(sandbox.outcomes().values().all(|end| end == "opened"));
}

#[test]
fn a_lock_that_a_killed_push_left_beside_the_runs_own_branch_is_removed_and_no_other() {
    let sandbox = Sandbox::frobs(3);
    dies(&sandbox, "after:12", &["--no-test"]);
    let journal = sandbox.run_file("journal.jsonl");
    let start: serde_json::Value = serde_json::from_str(journal.lines().next().unwrap()).unwrap();
    let branch = start["units"][2]["branch"].as_str().unwrap();
    let heads = sandbox.path("remote.git/refs/heads");
    let own = heads.join(format!("{branch}.lock"));
    std::fs::create_dir_all(own.parent().unwrap()).unwrap();
    let other = heads.join("other.lock");
    for lock in [&own, &other] {
        std::fs::write(lock, "").unwrap();
    }
    sandbox.batch(["resume"]).exits(0);
    assert_eq!(sandbox.delivered().len(), 3);
    assert!(!own.exists());
    assert!(other.exists());
}

#[test]
fn a_rerun_with_nothing_to_do_does_not_miss_a_remote_that_is_gone() {
    let sandbox = Sandbox::frobs(3);
    run(&sandbox, &["--no-test"]).exits(0);
    sandbox.git(["remote", "remove", "origin"]);
    sandbox.batch(["rerun"]).exits(0).says("Nothing to do");
}
