//! Branches that others pushed to, and merges without what is usually waited for.

use std::path::PathBuf;

use super::runs::run;
use crate::support::github::hub::Hub;
use crate::support::github::repository::Repository;
use crate::support::github::state::{CheckState, Verdict};
use crate::support::github::views::PullView;
use crate::support::sandbox::{Ran, Sandbox};

const SLUG: &str = "octo/sample";

fn sample(hub: &Hub) -> Repository<'_> {
    hub.repository(SLUG)
}

fn merge(sandbox: &Sandbox, args: &[&str]) -> Ran {
    sandbox.batch([&["prs", "merge", "1"], args].concat())
}

#[test]
fn what_others_pushed_is_merged_too_where_that_is_asked_for() {
    let hub = Hub::start();
    let sandbox = hub.frobs(1);
    run(&sandbox, &[]).exits(0);
    let branch = hub.pulls(SLUG)[0].head.clone();
    sample(&hub).push(&branch, "more.txt", "by hand\n");
    sample(&hub).check("#1", "ci", CheckState::Passed, false);
    merge(&sandbox, &[]).exits(1).says("--with-their-commits");
    merge(&sandbox, &["--with-their-commits"]).exits(0);
    assert_eq!(hub.pulls(SLUG)[0].state, "merged");
    assert_eq!(sample(&hub).git(["show", "main:more.txt"]), "by hand");
}

#[test]
fn a_merge_goes_without_checks_where_that_is_asked_for_and_the_repository_lets_it() {
    let hub = Hub::start();
    let sandbox = hub.frobs(1);
    run(&sandbox, &[]).exits(0);
    sample(&hub).check("#1", "ci", CheckState::Failed, false);
    merge(&sandbox, &[]).exits(1).says("--skip-checks");
    sample(&hub).requires_check("main", "ci");
    merge(&sandbox, &["--skip-checks"])
        .exits(1)
        .says("#1 cannot be merged: Required status check");
    assert_eq!(hub.pulls(SLUG)[0].state, "open");
    sample(&hub).check("#1", "ci", CheckState::Passed, true);
    sample(&hub).check("#1", "lint", CheckState::Failed, false);
    merge(&sandbox, &["--skip-checks"]).exits(0);
    assert_eq!(hub.pulls(SLUG)[0].state, "merged");
}

#[test]
fn a_merge_goes_without_a_review_where_that_is_asked_for() {
    let hub = Hub::start();
    let sandbox = hub.frobs(1);
    run(&sandbox, &[]).exits(0);
    sample(&hub)
        .check("#1", "ci", CheckState::Passed, false)
        .review(1, Verdict::ChangesRequested);
    merge(&sandbox, &[])
        .exits(1)
        .says("#1")
        .says("--skip-review");
    merge(&sandbox, &["--skip-review"]).exits(0);
    assert_eq!(hub.pulls(SLUG)[0].state, "merged");
}

/// Opens the pull request of one unit, whose test fails from then on while this file is there.
fn opened_with_a_test_that_can_break(sandbox: &Sandbox) -> PathBuf {
    let broken = sandbox.path("broken");
    let test = format!(
        "test -z \"${{BATCH_UNIT-}}\" || ! test -e '{}'",
        broken.display()
    );
    sandbox
        .rename_frob(&["--paths=src/**", "--min-units=1", "--test", &test])
        .exits(0);
    broken
}

#[test]
fn a_rerun_goes_on_top_of_what_others_pushed_where_that_is_asked_for() {
    let hub = Hub::start();
    let sandbox = hub.frobs(1);
    let broken = opened_with_a_test_that_can_break(&sandbox);
    // The base comes in its way, and the unit, done again there, does not pass its test.
    sandbox.write("src/part0/one.txt", "call frob(7)\nand frob again\nend\n");
    sandbox.commit_and_push("in the way");
    std::fs::write(&broken, "").unwrap();
    sandbox.batch(["prs", "update", "1"]).exits(1);
    let branch = hub.pulls(SLUG)[0].head.clone();
    let theirs = sample(&hub).push(&branch, "src/part0/two.txt", "frob by hand\n");
    std::fs::remove_file(broken).unwrap();
    let stopped = sandbox.batch(["rerun"]).exits(1);
    assert!(
        stopped.stdout.contains("batch rerun --on-top"),
        "{}",
        stopped.stdout
    );
    assert_eq!(hub.pulls(SLUG)[0].head_commit, theirs);
    sandbox
        .batch(["rerun", "--on-top"])
        .exits(0)
        .says("begins on top of 1 commit that others pushed");
    let pulls = hub.pulls(SLUG);
    assert_eq!(pulls.len(), 1);
    let head = &pulls[0].head_commit;
    sample(&hub).git(["merge-base", "--is-ancestor", &theirs, head]);
    let text = sample(&hub).git(["show", &format!("{head}:src/part0/two.txt")]);
    assert_eq!(text, "frobnicate by hand");
    assert_eq!(sandbox.report()["units"][0]["commit"], **head);
    assert_eq!(hub.creates().len(), 1);
}

#[test]
fn a_rerun_of_what_was_to_be_done_again_on_a_moved_base_keeps_what_came_there() {
    let hub = Hub::start();
    let sandbox = hub.frobs(1);
    let broken = opened_with_a_test_that_can_break(&sandbox);
    sandbox.write("src/part0/one.txt", "call frob(7)\nand frob again\nmore\n");
    sandbox.commit_and_push("in the way");
    std::fs::write(&broken, "").unwrap();
    sandbox.batch(["prs", "update", "1"]).exits(1);
    std::fs::remove_file(broken).unwrap();
    sandbox.batch(["rerun"]).exits(0);
    let head = hub.pulls(SLUG)[0].head_commit.clone();
    assert_eq!(
        sample(&hub).git(["show", &format!("{head}:src/part0/one.txt")]),
        "call frobnicate(7)\nand frobnicate again\nmore"
    );
}

#[test]
fn a_slice_undoes_neither_what_others_pushed_nor_what_came_to_the_base() {
    let hub = Hub::start();
    let sandbox = hub.sandbox(&[("a/a.txt", "one\n"), ("b/b.txt", "one\n")]);
    sandbox.git(["switch", "-q", "-c", "mine"]);
    sandbox.write("a/a.txt", "mine\n");
    sandbox.write("b/b.txt", "mine\n");
    sandbox.commit("mine");
    sandbox.git(["switch", "-q", "main"]);
    sandbox
        .batch(["run", "split", "--from=mine", "--yes", "--no-test"])
        .exits(0);
    sandbox.write("a/a.txt", "theirs\n");
    sandbox.commit_and_push("in the way");
    let before = hub.pulls(SLUG);
    sandbox
        .batch(["prs", "update", "--all"])
        .exits(1)
        .says("conflicts and cannot be put on main as it is now")
        .says("it is a slice of mine, and would undo what came there");
    sandbox.write("c.txt", "more\n");
    sandbox.commit_and_push("beside it");
    sandbox
        .batch(["prs", "update", "--all", "--rebase"])
        .exits(1)
        .says("leave --rebase out");
    let conflicting = |pull: &PullView| {
        let text = sample(&hub).git(["show", &format!("{}:a/a.txt", pull.head_commit)]);
        text == "mine"
    };
    let of_slice = before.iter().find(|pull| conflicting(pull)).unwrap();
    let number = of_slice.number;
    let now = hub.pulls(SLUG);
    let now = now.iter().find(|pull| pull.number == number).unwrap();
    assert_eq!(now.head_commit, of_slice.head_commit);
}
