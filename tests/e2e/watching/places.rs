//! Where the reading commands find the repository: as git does, in checkouts of all kinds.

use std::path::Path;

use batch::adapters::git::common_dir::common_dir;

use super::support::ended;
use crate::support::sandbox::Sandbox;

/// Insists that the folder is found which git names.
#[track_caller]
fn agrees(sandbox: &Sandbox, start: &Path) {
    let start = start.display().to_string();
    let named = sandbox.git([
        "-C",
        &start,
        "rev-parse",
        "--path-format=absolute",
        "--git-common-dir",
    ]);
    let found = common_dir(Path::new(&start)).unwrap();
    assert_eq!(found, Path::new(&named), "from {start}");
}

#[test]
fn the_folder_that_worktrees_share_is_the_one_that_git_names() {
    let sandbox = Sandbox::frobs(1);
    let at = |name: &str| sandbox.path(name);
    let text = |name: &str| at(name).display().to_string();
    sandbox.git(["worktree", "add", "-q", "--detach", &text("linked")]);
    sandbox.git([
        "init",
        "-q",
        "--separate-git-dir",
        &text("apart.git"),
        &text("apart"),
    ]);
    sandbox.git(["init", "-q", "--object-format=sha256", &text("sha256")]);
    sandbox.git(["init", "-q", "--bare", &text("bare.git")]);
    let partial = format!("file://{}", text("remote.git"));
    sandbox.git([
        "clone",
        "-q",
        "--filter=blob:none",
        "--no-checkout",
        &partial,
        &text("partial"),
    ]);
    // Older gits know no other way to keep refs.
    let mut reftable = sandbox.command("git");
    reftable.args(["init", "-q", "--ref-format=reftable", &text("reftable")]);
    let has_reftable = reftable.output().unwrap().status.success();
    std::os::unix::fs::symlink(at("linked"), at("link")).unwrap();
    for start in [
        "repo",
        "repo/src/part0",
        "linked",
        "linked/src",
        "link",
        "apart",
        "sha256",
        "bare.git",
        "partial",
    ] {
        agrees(&sandbox, &at(start));
    }
    if has_reftable {
        agrees(&sandbox, &at("reftable"));
    }
}

#[test]
fn a_run_is_told_from_wherever_one_stands_in_the_repository() {
    let mut sandbox = ended();
    let linked = sandbox.path("linked").display().to_string();
    sandbox.git(["worktree", "add", "-q", "--detach", &linked]);
    let here = sandbox.batch(["list", "--format=json"]).exits(0).stdout;
    assert!(here.contains("rename frob"));
    for start in [
        &linked,
        &format!("{linked}/src/part0"),
        &sandbox.repo().join("src").display().to_string(),
    ] {
        let there = sandbox
            .batch(["-C", start, "list", "--format=json"])
            .exits(0)
            .stdout;
        assert_eq!(there, here, "from {start}");
        sandbox.batch(["-C", start, "logs", "src-part0"]).exits(0);
    }
    // A hook's variable names another repository; where one stands counts, as it does for every other command.
    let other = sandbox.path("other.git").display().to_string();
    sandbox.git(["init", "-q", "--bare", &other]);
    sandbox.set("GIT_DIR", &other);
    assert_eq!(
        sandbox.batch(["list", "--format=json"]).exits(0).stdout,
        here
    );
}
