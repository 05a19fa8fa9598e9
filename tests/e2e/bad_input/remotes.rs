//! Remotes that refuse a push: all of them, or one unit's.

use super::{refused_saying, rewrite};
use crate::support::sandbox::Sandbox;

#[test]
fn a_unit_whose_push_is_refused_fails_with_the_remotes_words_and_the_others_go_on() {
    let sandbox = Sandbox::frobs(5);
    sandbox.remote_hook(
        "update",
        "case \"$1\" in *src-part2) echo 'part2 is frozen until Monday' >&2; exit 1;; esac\n",
    );
    let before = sandbox.users_own();
    let ran = sandbox.batch(rewrite(&["--no-test", "--yes"])).exits(1);
    sandbox.is_untouched(&before);
    assert!(
        ran.stdout.contains("push: part2 is frozen until Monday"),
        "{}",
        ran.stdout
    );
    let outcomes = sandbox.outcomes();
    assert_eq!(outcomes["src-part2"], "failed");
    assert_eq!(outcomes.values().filter(|end| *end == "opened").count(), 4);
    assert_eq!(sandbox.delivered().len(), 4);
    let log = sandbox.run_file("failures.md");
    assert!(log.contains("part2 is frozen until Monday"), "{log}");
    assert!(log.contains("[remote rejected] (hook declined)"), "{log}");
    assert!(
        log.contains("\n## Push: part2 is frozen until Monday\n"),
        "{log}"
    );
    sandbox.has_no_worktree_left();
}

#[test]
fn units_that_are_refused_for_one_reason_are_told_of_together() {
    let sandbox = Sandbox::frobs(5);
    sandbox.remote_hook("update", "echo 'this mirror is read-only' >&2; exit 1\n");
    sandbox.batch(rewrite(&["--no-test", "--yes"])).exits(1);
    let log = sandbox.run_file("failures.md");
    assert!(log.contains("5 units failed in this way"), "{log}");
    assert_eq!(log.matches("\n## ").count(), 1, "{log}");
}

#[test]
fn a_remote_that_takes_no_push_at_all_is_told_before_any_work() {
    let sandbox = Sandbox::frobs(5);
    sandbox.git([
        "remote",
        "set-url",
        "--push",
        "origin",
        "/no/such/remote.git",
    ]);
    refused_saying(
        &sandbox,
        &rewrite(&["--no-test", "--yes"]),
        4,
        "error: no right to push to origin: '/no/such/remote.git' does not appear to be a git repository\n\
         hint: batch pushes a branch for each unit; ask for the right to push",
    );
}

#[test]
fn a_ref_that_is_locked_on_the_remote_fails_its_unit_alone() {
    let sandbox = Sandbox::frobs(5);
    sandbox.remote_hook(
        "pre-receive",
        "while read -r old new ref; do\n\
         case $ref in *src-part1) mkdir -p \"$(dirname \"$ref\")\"; touch \"$ref.lock\";; esac\ndone\n",
    );
    sandbox.batch(rewrite(&["--no-test", "--yes"])).exits(1);
    let outcomes = sandbox.outcomes();
    assert_eq!(outcomes["src-part1"], "failed");
    assert_eq!(sandbox.delivered().len(), 4);
    assert!(sandbox.run_file("failures.md").contains("cannot lock ref"));
}
