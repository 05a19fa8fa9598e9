//! That what an agent does outside its worktree is noticed.

use std::process::Command;

use batch::adapters::agents::outside::{Outside, compare};
use batch::adapters::git::git::Git;

use super::support::Lab;

fn shell(lab: &Lab, text: &str) {
    let status = Command::new("sh")
        .args(["-c", &format!("set -e\n{text}")])
        .current_dir(lab.root())
        .env("HOME", lab.bench.dir.join("home"))
        .env("GIT_CONFIG_NOSYSTEM", "1")
        .status();
    assert!(status.unwrap().success(), "{text}");
}

#[tokio::test]
async fn what_changes_outside_a_worktree_is_told() {
    let lab = Lab::new();
    shell(
        &lab,
        "git init -q -b main; git config user.name A; git config user.email a@example.com
        echo 1 > a; echo 1 > b; git add .; git commit -qm one; git tag v1; git worktree add -q --detach ../wt",
    );
    let git = Git::new(lab.bench.processes.clone(), lab.root())
        .variable("HOME", lab.bench.dir.join("home"))
        .variable("GIT_CONFIG_NOSYSTEM", "1");
    let before = Outside::look(&git).await.unwrap();
    // Edits and commits in the worktree are nobody else's concern.
    shell(
        &lab,
        "cd ../wt; echo 2 > a; git commit -qam two; echo 3 > c",
    );
    let same = Outside::look(&git).await.unwrap();
    assert_eq!(compare(&before, &same, &|_| false), [] as [&str; 0]);
    shell(
        &lab,
        "cd ../wt; git branch x; git tag -f v1 >/dev/null; git remote add evil /evil
        git stash -uq; printf '#!/bin/sh\\n' > ../root/.git/hooks/pre-push
        cd ../root; echo 2 > 'b'; git checkout -q -b y",
    );
    let after = Outside::look(&git).await.unwrap();
    assert_eq!(
        compare(&before, &after, &|_| false),
        [
            "branch `x` is new",
            "branch `y` is new",
            "tag `v1` moved",
            "stashes: 0 before, 1 now",
            "config: remote.evil.fetch changed",
            "config: remote.evil.url changed",
            "hook `pre-push` is new",
            "the checkout: HEAD is at branch `y` now",
            "the checkout: b changed",
        ]
    );
}
