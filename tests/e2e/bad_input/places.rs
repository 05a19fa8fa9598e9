//! Where it is started: no repository, no checkout, no commit, no base.

use super::{refused_saying, rewrite};
use crate::support::sandbox::Sandbox;

#[test]
fn a_folder_that_nothing_can_be_done_in_is_named() {
    let sandbox = Sandbox::frobs(5);
    let elsewhere = sandbox.path("tmp").display().to_string();
    let missing = sandbox.path("missing").display().to_string();
    let bare = sandbox.path("remote.git").display().to_string();
    let inside = sandbox.repo().join(".git").display().to_string();
    let file = sandbox.repo().join("README.md").display().to_string();
    let start = "start in a checkout, or name one with -C DIR";
    let checkout = "start in a checkout of it, or name one with -C DIR";
    for (folder, wrong, hint) in [
        (&*elsewhere, "not in a git repository", start),
        (&missing, "no such folder", start),
        (&file, "not a folder", start),
        (&bare, "a bare repository, which has no checkout", checkout),
        (
            &inside,
            "inside the repository's own folder, not in its checkout",
            checkout,
        ),
    ] {
        refused_saying(
            &sandbox,
            &rewrite(&["-C", folder, "--no-test", "--yes"]),
            4,
            &format!("error: {folder}: {wrong}\nhint: {hint}"),
        );
    }
}

#[test]
fn a_repository_without_a_commit_has_nothing_to_start_from() {
    let sandbox = Sandbox::empty();
    refused_saying(
        &sandbox,
        &rewrite(&["--no-test", "--yes"]),
        4,
        "error: the repository has no commit yet\nhint: commit something first",
    );
}

#[test]
fn a_branch_without_a_commit_is_no_base() {
    let sandbox = Sandbox::local(&[("a.txt", "frob\n")]);
    sandbox.git(["checkout", "-q", "--orphan", "unborn"]);
    refused_saying(
        &sandbox,
        &rewrite(&["--no-test", "--yes"]),
        4,
        "error: branch unborn has no commit yet\nhint: name the base branch with --base",
    );
    sandbox
        .batch(rewrite(&["--no-test", "--dry-run", "--base", "main"]))
        .exits(0);
}

#[test]
fn a_checkout_without_a_commit_works_from_its_remote() {
    let sandbox = Sandbox::frobs(5);
    sandbox.git(["checkout", "-q", "--orphan", "unborn"]);
    let before = sandbox.users_own();
    sandbox
        .batch(rewrite(&["--no-test", "--yes"]))
        .exits(0)
        .says("uncommitted changes in 11 paths of the checkout play no part");
    sandbox.is_untouched(&before);
    assert_eq!(sandbox.delivered().len(), 5);
}

#[test]
fn a_detached_head_is_fine_where_there_is_a_remote() {
    let sandbox = Sandbox::frobs(5);
    sandbox.git(["checkout", "-q", "--detach"]);
    let before = sandbox.users_own();
    sandbox.batch(rewrite(&["--no-test", "--yes"])).exits(0);
    sandbox.is_untouched(&before);

    let alone = Sandbox::local(&[("a.txt", "frob\n")]);
    alone.git(["checkout", "-q", "--detach"]);
    refused_saying(
        &alone,
        &rewrite(&["--no-test", "--yes"]),
        4,
        "error: HEAD is detached and there is no remote, so nothing says which branch is the base\n\
         hint: name the base branch with --base",
    );
}

#[test]
fn a_dirty_checkout_is_fine_and_said() {
    let sandbox = Sandbox::frobs(5);
    sandbox.write("README.md", "call frob, uncommitted\n");
    sandbox.write("new.txt", "frob\n");
    sandbox.git(["add", "README.md"]);
    let before = sandbox.users_own();
    sandbox
        .batch(rewrite(&["--no-test", "--yes"]))
        .exits(0)
        .says("uncommitted changes in 2 paths of the checkout play no part");
    sandbox.is_untouched(&before);
    assert_eq!(sandbox.delivered().len(), 5);
}

#[test]
fn a_base_or_remote_that_is_not_there_is_answered_with_those_that_are() {
    let sandbox = Sandbox::frobs(5);
    refused_saying(
        &sandbox,
        &rewrite(&["--no-test", "--base", "trunk"]),
        4,
        "error: no branch `trunk` on origin: there is main",
    );
    refused_saying(
        &sandbox,
        &rewrite(&["--no-test", "--remote", "upstream"]),
        4,
        "error: no remote `upstream`: there is origin",
    );
    sandbox.git(["remote", "rename", "origin", "mine"]);
    sandbox.git(["remote", "add", "theirs", "/nowhere"]);
    refused_saying(
        &sandbox,
        &rewrite(&["--no-test"]),
        4,
        "error: there are several remotes and none is called origin: mine, theirs\n\
         hint: name one with --remote",
    );
}

#[test]
fn a_remote_that_has_nothing_to_start_from_is_told_apart() {
    let sandbox = Sandbox::frobs(5);
    sandbox.remote_git(["symbolic-ref", "HEAD", "refs/heads/trunk"]);
    refused_saying(
        &sandbox,
        &rewrite(&["--no-test"]),
        4,
        "error: remote origin has no default branch: its HEAD names none of main\n\
         hint: name the base branch with --base",
    );
    sandbox.remote_git(["update-ref", "-d", "refs/heads/main"]);
    refused_saying(
        &sandbox,
        &rewrite(&["--no-test"]),
        4,
        "error: remote origin is empty: it has no branch to start from\n\
         hint: push a branch to it first",
    );
    sandbox.git(["remote", "set-url", "origin", "/no/such/remote.git"]);
    refused_saying(
        &sandbox,
        &rewrite(&["--no-test"]),
        4,
        "error: remote origin cannot be read: '/no/such/remote.git' does not appear to be a git repository\n\
         hint: check the address with `git remote -v`, and that you can reach it",
    );
}
