//! A run whose journal is damaged, lost or from a newer version, and what was kept of it besides.

use std::fs;
use std::path::PathBuf;

use super::support::{dies, folder, last_run};
use crate::support::sandbox::{Ran, Sandbox};

fn journal(sandbox: &Sandbox) -> PathBuf {
    folder(sandbox).join("journal.jsonl")
}

#[track_caller]
fn is_whole(sandbox: &Sandbox, ran: Ran) {
    ran.exits(0);
    assert!(sandbox.outcomes().values().all(|end| end == "opened"));
    assert_eq!(sandbox.delivered().len(), 3);
    let pulls = sandbox.pulls();
    assert_eq!(pulls.len(), 3, "{pulls:?}");
    sandbox.batch(["resume"]).exits(0).says("Nothing to do");
}

#[test]
fn a_damaged_journal_is_kept_and_the_run_goes_on_from_what_stands_before_the_damage() {
    let sandbox = Sandbox::frobs(3);
    dies(&sandbox, "after:30", &["--no-test"]);
    let path = journal(&sandbox);
    let text = fs::read_to_string(&path).unwrap();
    let mut lines: Vec<&str> = text.split_inclusive('\n').collect();
    lines[9] = "{\"at\":\"2026-\n";
    let damaged = lines.concat();
    fs::write(&path, &damaged).unwrap();

    let ran = sandbox.batch(["resume"]);
    let ran = ran
        .says("line 10 is damaged")
        .says("journal.jsonl.damaged-1")
        .says("The 9 records before that are taken over");
    is_whole(&sandbox, ran);
    let kept = folder(&sandbox).join("journal.jsonl.damaged-1");
    assert_eq!(fs::read_to_string(kept).unwrap(), damaged);
}

#[test]
fn a_journal_whose_first_line_is_lost_is_begun_again_from_what_was_kept_in_refs() {
    let sandbox = Sandbox::frobs(3);
    dies(&sandbox, "after:30", &["--no-test"]);
    let path = journal(&sandbox);
    let text = fs::read_to_string(&path).unwrap();
    fs::write(&path, text.split_once('\n').unwrap().1).unwrap();
    let ran = sandbox.batch(["resume"]);
    is_whole(&sandbox, ran.says("It is begun again from what run"));
}

#[test]
fn a_journal_from_a_newer_version_is_refused_and_stays_as_it_is() {
    let sandbox = Sandbox::frobs(3);
    dies(&sandbox, "after:12", &["--no-test"]);
    let run = last_run(&sandbox);
    let path = journal(&sandbox);
    let text = fs::read_to_string(&path).unwrap();
    let newer = text.replacen("\"version\":1", "\"version\":2", 1);
    fs::write(&path, &newer).unwrap();
    sandbox
        .batch(["resume", &run])
        .exits(4)
        .says("format version 2 is newer than this program");
    assert_eq!(fs::read_to_string(&path).unwrap(), newer);
}

#[test]
fn a_run_is_found_by_its_refs_by_name_too() {
    let sandbox = Sandbox::frobs(3);
    dies(&sandbox, "after:12", &["--no-test"]);
    let run = last_run(&sandbox);
    fs::remove_dir_all(sandbox.repo().join(".git/batch")).unwrap();
    sandbox
        .batch(["resume", "nonsense"])
        .exits(2)
        .says("no run `nonsense`");
    let ran = sandbox.batch(["resume", &run[17..]]);
    is_whole(
        &sandbox,
        ran.says(&format!("The folder of run {run} is gone.\n")),
    );
    let left: Vec<_> = fs::read_dir(folder(&sandbox)).unwrap().collect();
    assert!(folder(&sandbox).ends_with(&run));
    assert!(
        !left.iter().any(|entry| {
            let name = entry.as_ref().unwrap().file_name();
            name.to_string_lossy().contains("damaged")
        }),
        "{left:?}"
    );
}

#[test]
fn without_a_journal_attempts_are_counted_on_and_no_edits_are_written_over() {
    let sandbox = Sandbox::frobs(3);
    let go = "test -e \"$HOME/go\" || ! grep -rq frobnicate src/part1";
    let args = [
        "--paths=src/**",
        "--min-units=3",
        "--max-units=3",
        "--test",
        go,
    ];
    sandbox.rename_frob(&args).exits(1);
    let edits = sandbox.refs("refs/batch/*/src-part1/attempt-1");
    let commit = sandbox.git(["rev-parse", &edits[0]]);
    fs::remove_file(journal(&sandbox)).unwrap();
    sandbox.batch(["resume"]).exits(1);
    let unit = sandbox.unit("src-part1");
    assert_eq!(
        (&unit["attempt"], &unit["outcome"]),
        (&2.into(), &"failed".into())
    );
    assert_eq!(sandbox.git(["rev-parse", &edits[0]]), commit);
    fs::write(sandbox.path("home/go"), "").unwrap();
    sandbox.batch(["rerun"]).exits(0);
    assert_eq!(sandbox.pulls().len(), 3);
}

#[test]
fn what_an_abandoned_worktree_holds_is_saved_though_no_journal_says_whose_it_is() {
    let sandbox = Sandbox::frobs(3);
    let waits = "[ -z \"${BATCH_UNIT-}\" ] || [ -e \"$HOME/go\" ] || { : > \"$HOME/at-work\"; sleep 1000; }";
    let mut run = sandbox
        .batch_command()
        .args(["rename frob to frobnicate", "--yes", "--paths=src/**"])
        .args(["--rewrite", r"s/\bfrob\b/frobnicate/g"])
        .args([
            "--min-units=3",
            "--max-units=3",
            "--jobs=1",
            "--test",
            waits,
        ])
        .spawn()
        .unwrap();
    crate::support::remains::until("a unit is at work", || {
        sandbox.path("home/at-work").exists()
    });
    run.kill().unwrap();
    run.wait().unwrap();
    fs::remove_file(journal(&sandbox)).unwrap();
    fs::write(sandbox.path("home/go"), "").unwrap();
    let ran = sandbox.batch(["resume"]);
    is_whole(&sandbox, ran);
    let kept = sandbox.refs("refs/batch/*/*/attempt-1");
    assert_eq!(kept.len(), 1, "{kept:?}");
    let files = sandbox.git(["show", "--name-only", "--format=", &kept[0]]);
    assert!(files.contains("/one.txt"), "{files}");
}
