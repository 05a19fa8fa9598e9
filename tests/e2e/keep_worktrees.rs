//! `--keep-worktrees`: the worktrees of units that fail stay for a person, and what he makes of them is not lost.

use std::fs;
use std::path::{Path, PathBuf};

use serde_json::Value;

use crate::support::sandbox::{Ran, Sandbox};

/// Runs three units, of which `src-part1` fails until `$HOME/go` is there or the file says `mended`.
fn failing(sandbox: &Sandbox, more: &[&str]) -> Ran {
    let test =
        "test -e \"$HOME/go\" || grep -rq mended src/part1 || ! grep -rq frobnicate src/part1";
    let three = [
        "--paths=src/**",
        "--min-units=3",
        "--max-units=3",
        "--test",
        test,
    ];
    sandbox.rename_frob(&[&three, more].concat())
}

/// Where the last run's journal says that worktrees were kept.
fn kept(sandbox: &Sandbox) -> Vec<PathBuf> {
    let journal = sandbox.run_file("journal.jsonl");
    let events = journal
        .lines()
        .map(|line| serde_json::from_str::<Value>(line).unwrap());
    events
        .filter(|event| event["event"] == "worktree-kept")
        .map(|event| PathBuf::from(event["path"].as_str().unwrap()))
        .collect()
}

fn worktrees(sandbox: &Sandbox) -> usize {
    sandbox.git(["worktree", "list"]).lines().count() - 1
}

#[test]
fn a_run_leaves_no_worktree_behind_unless_it_is_asked_to() {
    let sandbox = Sandbox::frobs(3);
    failing(&sandbox, &[]).exits(1);
    sandbox.has_no_worktree_left();
}

#[test]
fn the_worktree_of_a_unit_that_failed_stays_as_it_was_and_others_go() {
    let sandbox = Sandbox::frobs(3);
    let ran = failing(&sandbox, &["--keep-worktrees", "--jobs=1"]).exits(1);
    let kept = kept(&sandbox);
    assert_eq!((kept.len(), worktrees(&sandbox)), (1, 1));
    let text = fs::read_to_string(kept[0].join("src/part1/one.txt")).unwrap();
    assert!(text.contains("frobnicate"), "{text}");
    let line = format!("worktree  src-part1: {}\n", kept[0].display());
    assert!(ran.stdout.contains(&line), "{}", ran.stdout);
    let failures = sandbox.run_file("failures.md");
    assert!(failures.contains(kept[0].to_str().unwrap()), "{failures}");
    assert_eq!(sandbox.delivered().len(), 2);
}

#[test]
fn a_rerun_begins_from_what_a_person_made_of_it_and_the_attempts_own_edits_stay_too() {
    let sandbox = Sandbox::frobs(3);
    failing(&sandbox, &["--keep-worktrees"]).exits(1);
    let worktree = kept(&sandbox).remove(0);
    fs::write(worktree.join("src/part1/new.txt"), "by hand\n").unwrap();
    fs::write(sandbox.path("home/go"), "").unwrap();
    sandbox.batch(["rerun"]).exits(0);
    assert!(!worktree.exists());
    // The run that made the cache folder left it for its worktree; the rerun does not know that it was not a person's.
    fs::remove_dir(sandbox.path("cache/batch")).unwrap();
    sandbox.has_no_worktree_left();
    let refs = sandbox.refs("refs/batch/*/src-part1/attempt-*");
    assert_eq!(refs.len(), 2, "{refs:?}");
    let edited = refs
        .iter()
        .find(|name| name.ends_with("/attempt-1-edited"))
        .unwrap();
    assert_eq!(
        sandbox.git(["show", &format!("{edited}:src/part1/new.txt")]),
        "by hand"
    );
}

#[test]
fn an_untouched_worktree_is_cleaned_up_and_one_with_edits_is_not() {
    let sandbox = Sandbox::frobs(3);
    failing(&sandbox, &["--keep-worktrees"]).exits(1);
    let worktree = kept(&sandbox).remove(0);
    fs::write(worktree.join("src/part1/one.txt"), "by hand\n").unwrap();
    let ran = sandbox.batch(["clean"]).exits(0);
    let words = ran.stdout.split_whitespace().collect::<Vec<_>>().join(" ");
    assert!(
        words.contains("it holds edits that are nowhere else"),
        "{}",
        ran.stdout
    );
    assert!(worktree.exists());
    sandbox.batch(["clean", "--force"]).exits(0);
    assert!(!worktree.exists());
    let refs = sandbox.refs("refs/batch/*/src-part1/attempt-1-edited");
    assert_eq!(
        sandbox.git(["show", &format!("{}:src/part1/one.txt", refs[0])]),
        "by hand"
    );

    failing(&sandbox, &["--keep-worktrees"]).exits(1);
    let untouched = kept(&sandbox).remove(0);
    sandbox.batch(["clean"]).exits(0);
    assert!(!Path::new(&untouched).exists());
}
