//! Files of the checkout, and of git's own folder, that get in the way.

use std::os::unix::fs::PermissionsExt as _;

use super::{refused, rewrite};
use crate::support::sandbox::Sandbox;

#[test]
fn a_file_that_cannot_be_read_in_the_checkout_plays_no_part() {
    let sandbox = Sandbox::frobs(5);
    let file = sandbox.repo().join("src/part0/one.txt");
    std::fs::set_permissions(&file, std::fs::Permissions::from_mode(0o000)).unwrap();
    sandbox.batch(rewrite(&["--no-test", "--yes"])).exits(0);
    assert_eq!(sandbox.delivered().len(), 5);
}

#[test]
fn a_huge_file_is_rewritten_like_any_other() {
    let sandbox = Sandbox::frobs(4);
    let mut text = vec![b'x'; 40_000_000];
    text.extend_from_slice(b"\nfrob");
    sandbox.write("huge.txt", &text);
    sandbox.commit_and_push("huge");
    sandbox.batch(rewrite(&["--no-test", "--yes"])).exits(0);
    let commit = &sandbox.delivered()["huge-txt"];
    let size = sandbox.remote_git(["cat-file", "-s", &format!("{commit}:huge.txt")]);
    assert_eq!(size, (text.len() + "nicate".len()).to_string());
}

#[test]
fn locks_of_other_programs_on_the_users_files_do_not_matter() {
    let sandbox = Sandbox::frobs(5);
    for lock in ["index.lock", "HEAD.lock", "packed-refs.lock"] {
        sandbox.write(format!(".git/{lock}"), "");
    }
    let before = sandbox.users_own();
    sandbox.batch(rewrite(&["--no-test", "--yes"])).exits(0);
    sandbox.is_untouched(&before);
    assert_eq!(sandbox.delivered().len(), 5);
}

#[test]
fn a_place_for_plans_that_cannot_be_written_is_named() {
    let sandbox = Sandbox::frobs(5);
    sandbox.write(".git/batch", "in the way");
    let before = sandbox.users_own();
    sandbox
        .batch(rewrite(&["--no-test", "--yes"]))
        .exits(4)
        .says("/repo/.git/batch")
        .says("hint: batch keeps plans and runs there; it must be a folder that you may write to");
    sandbox.is_untouched(&before);
    assert_eq!(sandbox.delivered().len(), 0);
}

#[test]
fn a_repository_that_may_only_be_read_is_told() {
    let sandbox = Sandbox::frobs(5);
    let git = sandbox.repo().join(".git");
    std::fs::set_permissions(&git, std::fs::Permissions::from_mode(0o555)).unwrap();
    if std::fs::write(git.join("probe"), "").is_ok() {
        println!("skipped: whoever runs this may write anywhere");
        return;
    }
    refused(&sandbox, &rewrite(&["--no-test", "--yes"]), 4).says("Permission denied");
    std::fs::set_permissions(&git, std::fs::Permissions::from_mode(0o755)).unwrap();
}
