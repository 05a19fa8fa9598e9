//! Repositories that are not whole, or not of the usual kind.

use super::{CHANGE, rewrite};
use crate::support::sandbox::{Sandbox, ran};

/// Clones the sandbox's remote over the file protocol, with these options, in the place of its checkout.
fn cloned(sandbox: &Sandbox, options: &[&str]) {
    std::fs::remove_dir_all(sandbox.repo()).unwrap();
    let remote = format!("file://{}", sandbox.path("remote.git").display());
    let output = sandbox
        .command("git")
        .current_dir(sandbox.path(""))
        .args(["clone", "-q"])
        .args(options)
        .args([&remote, "repo"])
        .output()
        .unwrap();
    assert!(output.status.success(), "{:?}", ran(&output));
}

/// Two commits, so that history can be cut off, on a remote that lets itself be cloned in part.
fn remote_of_two_commits() -> Sandbox {
    let sandbox = Sandbox::frobs(5);
    sandbox.write("README.md", "# Sample, second\n");
    sandbox.commit_and_push("second");
    sandbox.remote_git(["config", "uploadpack.allowFilter", "true"]);
    sandbox.remote_git(["config", "uploadpack.allowAnySHA1InWant", "true"]);
    sandbox
}

#[track_caller]
fn delivers_all(sandbox: &Sandbox) {
    let head = sandbox.git(["rev-parse", "HEAD"]);
    let status = sandbox.git(["status", "--porcelain"]);
    sandbox
        .batch(rewrite(&["--test", "test -f README.md", "--yes"]))
        .exits(0);
    let delivered = sandbox.delivered();
    assert_eq!(delivered.len(), 5);
    for (unit, commit) in delivered {
        let changed = sandbox.remote_git(["diff", "--name-only", "main", &commit]);
        assert_eq!(changed.lines().count(), 2, "{unit}: {changed}");
    }
    assert_eq!(head, sandbox.git(["rev-parse", "HEAD"]));
    assert_eq!(status, sandbox.git(["status", "--porcelain"]));
    sandbox.has_no_worktree_left();
}

#[test]
fn a_shallow_clone_will_do() {
    let sandbox = remote_of_two_commits();
    cloned(&sandbox, &["--depth", "1"]);
    delivers_all(&sandbox);
    assert_eq!(
        sandbox.git(["rev-parse", "--is-shallow-repository"]),
        "true"
    );
}

#[test]
fn a_partial_clone_fetches_what_it_lacks() {
    let sandbox = remote_of_two_commits();
    cloned(&sandbox, &["--filter=blob:none", "--sparse"]);
    delivers_all(&sandbox);
}

#[test]
fn a_sparse_checkout_stays_sparse() {
    let sandbox = remote_of_two_commits();
    cloned(&sandbox, &["--sparse"]);
    let before = sandbox.users_own();
    delivers_all(&sandbox);
    sandbox.is_untouched(&before);
    assert!(!sandbox.repo().join("src").exists());
}

#[test]
fn submodules_stay_where_they_point() {
    let sandbox = Sandbox::frobs(5);
    let remote = sandbox.path("remote.git").display().to_string();
    sandbox.git([
        "-c",
        "protocol.file.allow=always",
        "submodule",
        "-q",
        "add",
        &remote,
        "sub",
    ]);
    sandbox.commit_and_push("a submodule");
    let before = sandbox.users_own();
    delivers_all(&sandbox);
    sandbox.is_untouched(&before);
}

#[test]
fn attributes_of_a_filter_that_is_not_installed_do_no_harm() {
    let sandbox = Sandbox::frobs(5);
    sandbox.write(
        ".gitattributes",
        "*.bin filter=lfs diff=lfs merge=lfs -text\n",
    );
    let pointer = "version https://git-lfs.github.com/spec/v1\noid sha256:0\nsize 4\n";
    sandbox.write("big.bin", pointer);
    sandbox.commit_and_push("kept by LFS");
    delivers_all(&sandbox);
}

#[test]
fn files_pass_through_their_filter_on_both_ways() {
    let sandbox = Sandbox::frobs(5);
    sandbox.git(["config", "filter.shift.clean", "tr a-z b-za"]);
    sandbox.git(["config", "filter.shift.smudge", "tr b-za a-z"]);
    sandbox.git(["config", "filter.shift.required", "true"]);
    sandbox.write(".gitattributes", "*.txt filter=shift\n");
    sandbox.git(["add", "--renormalize", "."]);
    sandbox.commit_and_push("filtered");
    let stored =
        |commit: &str| sandbox.remote_git(["show", &format!("{commit}:src/part0/one.txt")]);
    assert!(stored("main").contains("gspc"));
    sandbox
        .batch([
            CHANGE,
            "--command",
            "grep -q frob {files} && sed -i s/frob/frobnicate/ {files}",
            "--paths",
            "src/**",
            "--no-test",
            "--yes",
        ])
        .exits(0);
    assert!(stored(&sandbox.delivered()["src-part0"]).contains("gspcojdbuf"));
}

#[test]
fn newer_kinds_of_repository_will_do() {
    for kind in ["--ref-format=reftable", "--object-format=sha256"] {
        let sandbox = Sandbox::frobs(5);
        let init = |folder: &str, more: &[&str]| {
            let mut git = sandbox.command("git");
            git.current_dir(sandbox.path(""))
                .args(["init", "-q", kind])
                .args(more)
                .arg(folder);
            git.output().unwrap().status.success()
        };
        for old in ["remote.git", "repo/.git"] {
            std::fs::remove_dir_all(sandbox.path(old)).unwrap();
        }
        if !init("remote.git", &["--bare"]) || !init("repo", &[]) {
            println!("skipped: this git has no {kind}");
            continue;
        }
        let remote = sandbox.path("remote.git").display().to_string();
        sandbox.git(["remote", "add", "origin", &remote]);
        sandbox.commit_and_push("first");
        delivers_all(&sandbox);
    }
}

#[test]
fn a_hook_of_gits_may_start_it() {
    let sandbox = Sandbox::frobs(5);
    let own = env!("CARGO_BIN_EXE_batch");
    sandbox.write_script(
        ".git/hooks/post-commit",
        &format!(
            "#!/bin/sh\nrm \"$0\"\nexec '{own}' '{CHANGE}' --rewrite s/frob/frobnicate/g --no-test --yes >../out 2>&1\n"
        ),
    );
    sandbox.write("README.md", "# Sample, second\n");
    // The hook inherits GIT_INDEX_FILE and the like, which mean another repository than the worktrees.
    sandbox.git(["commit", "-q", "-a", "-m", "second"]);
    let said = std::fs::read_to_string(sandbox.path("out")).unwrap();
    assert_eq!(sandbox.delivered().len(), 5, "{said}");
    assert_eq!(sandbox.git(["status", "--porcelain"]), "");
    sandbox.has_no_worktree_left();
}
