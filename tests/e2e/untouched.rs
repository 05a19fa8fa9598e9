//! That all of the user's own stays as it was, from wherever and in whatever state a run is started.

use crate::support::sandbox::{Ran, Sandbox, ran};

/// A repository in which everything that a run could disturb is there: a stash, a tag, a second branch, a dirty index.
fn lived_in() -> Sandbox {
    let sandbox = Sandbox::frobs(3);
    sandbox.git(["branch", "other"]);
    sandbox.git(["tag", "-a", "v1", "-m", "one"]);
    sandbox.write("README.md", "stashed\n");
    sandbox.git(["stash", "push", "-q"]);
    sandbox.write("README.md", "staged\n");
    sandbox.git(["add", "README.md"]);
    sandbox.write("README.md", "not staged\n");
    sandbox.write("src/part0/one.txt", "frob, edited and not committed\n");
    sandbox.write("untracked.txt", "frob\n");
    sandbox.git(["rm", "-q", "--cached", "src/part2/two.txt"]);
    sandbox.git(["update-index", "--assume-unchanged", "src/part1/one.txt"]);
    sandbox.git(["config", "remote.origin.prune", "true"]);
    sandbox
}

fn run(sandbox: &Sandbox, more: &[&str]) -> Ran {
    let three = ["--paths=src/**", "--min-units=3", "--max-units=3"];
    sandbox.rename_frob(&[&three, more].concat())
}

/// Starts the same run by a command of its own.
fn run_by(sandbox: &Sandbox, prepare: impl FnOnce(&mut std::process::Command)) -> Ran {
    let mut batch = sandbox.batch_command();
    batch.args([
        "rename frob to frobnicate",
        "--rewrite=s/frob/frobnicate/g",
        "--paths=src/**",
        "--min-units=3",
        "--max-units=3",
        "--no-test",
        "--yes",
    ]);
    prepare(&mut batch);
    ran(&batch.output().unwrap())
}

#[test]
fn nothing_of_the_users_changes_when_all_goes_well() {
    let sandbox = lived_in();
    let before = sandbox.users_own();
    run(&sandbox, &["--test", "test -d src", "--setup", "true"])
        .exits(0)
        .says("uncommitted changes in");
    sandbox.is_untouched(&before);
    assert_eq!(sandbox.delivered().len(), 3);
    // What is not committed plays no part.
    let part0 = &sandbox.delivered()["src-part0"];
    assert_eq!(
        sandbox.blob(part0, "src/part0/one.txt"),
        b"call frobnicate(0)\nand frobnicate again\nend\n"
    );
    sandbox.has_no_worktree_left();
}

#[test]
fn nothing_of_the_users_changes_when_units_or_the_base_fail_and_again_when_they_are_rerun() {
    let sandbox = lived_in();
    let before = sandbox.users_own();
    run(&sandbox, &["--test", "! grep -rq frobnicate src/part1"]).exits(1);
    sandbox.is_untouched(&before);
    sandbox.batch(["rerun"]).exits(1);
    sandbox.is_untouched(&before);
    run(&sandbox, &["--test", "false"]).exits(4);
    sandbox.is_untouched(&before);
    sandbox
        .batch([
            "stray about",
            "--command=echo x >> README.md",
            "--paths=src/**",
            "--no-test",
            "--yes",
        ])
        .exits(1);
    sandbox.is_untouched(&before);
    sandbox.batch(["prs", "merge", "1"]).exits(0);
    sandbox.is_untouched(&before);
    sandbox.has_no_worktree_left();
}

#[test]
fn a_run_may_start_on_a_detached_head_or_another_branch() {
    let sandbox = lived_in();
    sandbox.git(["stash", "push", "-q", "-u"]);
    sandbox.git(["switch", "-q", "--detach"]);
    sandbox.write("src/part0/more.txt", "frob\n");
    sandbox.git(["add", "-A"]);
    sandbox.git(["commit", "-qm", "on no branch"]);
    let before = sandbox.users_own();
    run_by(&sandbox, |_| ()).exits(0);
    sandbox.is_untouched(&before);
    let part0 = &sandbox.delivered()["src-part0"];
    assert_eq!(
        sandbox.changed(part0),
        ["src/part0/one.txt", "src/part0/two.txt"]
    );
}

#[test]
fn a_run_may_start_in_a_sub_folder() {
    let sandbox = lived_in();
    let before = sandbox.users_own();
    run_by(&sandbox, |batch| {
        batch.current_dir(sandbox.repo().join("src/part1"));
    })
    .exits(0);
    sandbox.is_untouched(&before);
    assert_eq!(sandbox.delivered().len(), 3);
}

#[test]
fn a_run_may_start_in_a_linked_worktree() {
    let sandbox = lived_in();
    let linked = sandbox.path("linked");
    sandbox.git(["worktree", "add", "-q", linked.to_str().unwrap(), "other"]);
    let before = sandbox.users_own();
    run_by(&sandbox, |batch| {
        batch.current_dir(linked.join("src"));
    })
    .exits(0);
    sandbox.is_untouched(&before);
    assert_eq!(sandbox.delivered().len(), 3);
    assert!(sandbox.repo().join(".git/batch/latest").exists());
    let listed = sandbox.git(["worktree", "list", "--porcelain"]);
    assert_eq!(listed.matches("worktree ").count(), 2, "{listed}");
    let status = sandbox.git(["-C", linked.to_str().unwrap(), "status", "--porcelain"]);
    assert_eq!(status, "");
}

#[test]
fn a_run_may_start_inside_a_git_hook() {
    let sandbox = lived_in();
    let before = sandbox.users_own();
    let git = sandbox.repo().join(".git");
    run_by(&sandbox, |batch| {
        batch
            .env("GIT_DIR", &git)
            .env("GIT_INDEX_FILE", git.join("index"))
            .env("GIT_WORK_TREE", sandbox.repo())
            .env("GIT_PREFIX", "src/")
            .env("GIT_CONFIG_PARAMETERS", "'user.name=From The Hook'")
            .env("GIT_OBJECT_DIRECTORY", git.join("objects"));
    })
    .exits(0);
    sandbox.is_untouched(&before);
    assert_eq!(sandbox.delivered().len(), 3);
    sandbox.has_no_worktree_left();

    // And in a real one.
    let hook = git.join("hooks/post-commit");
    let script = format!(
        "#!/bin/sh\nexec '{}' 'shout the end' --rewrite=s/end/END/ --no-test --yes --min-units=1 --max-units=1\n",
        env!("CARGO_BIN_EXE_batch")
    );
    std::fs::create_dir_all(hook.parent().unwrap()).unwrap();
    std::fs::write(&hook, script).unwrap();
    let mode = <std::fs::Permissions as std::os::unix::fs::PermissionsExt>::from_mode(0o755);
    std::fs::set_permissions(&hook, mode).unwrap();
    sandbox.git(["commit", "-q", "--allow-empty", "-m", "fires the hook"]);
    std::fs::remove_file(hook).unwrap();
    assert_eq!(sandbox.report()["change"], "shout the end");
    assert_eq!(
        sandbox.report()["summary"]["opened"],
        1,
        "{:#}",
        sandbox.report()
    );
}

#[test]
fn users_settings_that_change_what_git_prints_or_does_change_nothing() {
    let sandbox = lived_in();
    for (name, value) in [
        ("core.quotePath", "false"),
        ("color.ui", "always"),
        ("diff.noprefix", "true"),
        ("diff.renames", "copies"),
        ("diff.external", "false"),
        ("status.showUntrackedFiles", "no"),
        ("status.relativePaths", "true"),
        ("commit.verbose", "true"),
        ("commit.status", "false"),
        ("core.commentChar", "r"),
        ("push.default", "nothing"),
        ("push.followTags", "true"),
        ("push.gpgSign", "if-asked"),
        ("push.recurseSubmodules", "on-demand"),
        ("fetch.prune", "true"),
        ("core.editor", "false"),
        ("merge.ff", "only"),
        ("merge.conflictStyle", "zdiff3"),
        ("submodule.recurse", "true"),
        ("rebase.autoStash", "true"),
        ("log.showSignature", "true"),
        ("core.abbrev", "5"),
        ("advice.statusHints", "false"),
        ("branch.autoSetupMerge", "always"),
        ("worktree.guessRemote", "true"),
        ("checkout.defaultRemote", "origin"),
        ("core.logAllRefUpdates", "always"),
        ("remote.origin.followRemoteHEAD", "always"),
        ("remote.origin.push", "refs/heads/*:refs/heads/*"),
        ("remote.origin.tagOpt", "--tags"),
        ("index.version", "4"),
        ("feature.manyFiles", "true"),
        ("core.fsmonitor", "false"),
        ("core.splitIndex", "true"),
    ] {
        sandbox.git(["config", name, value]);
    }
    let before = sandbox.users_own();
    run(&sandbox, &["--test", "test -d src"]).exits(0);
    sandbox.is_untouched(&before);
    let tags = sandbox.remote_git(["tag"]);
    assert_eq!(tags, "");
    for (unit, commit) in sandbox.delivered() {
        assert_eq!(sandbox.changed(&commit).len(), 2);
        let message = sandbox.remote_git(["log", "-1", "--format=%s", &commit]);
        assert_eq!(
            message,
            format!("rename frob to frobnicate: {}", unit.replace('-', "/"))
        );
    }
    sandbox.batch(["prs", "show", "1"]).exits(0);
    sandbox.batch(["prs", "merge", "1", "2", "3"]).exits(0);
    sandbox.is_untouched(&before);
}
