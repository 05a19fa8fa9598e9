//! `--from`: slices of a change that exists, and that all of them together are that change.

use crate::support::findings::os;
use crate::support::sandbox::Sandbox;

/// A project in which a change of every kind can be made.
fn project() -> Sandbox {
    let sandbox = Sandbox::local(&[
        (".gitignore", "*.log\n"),
        ("README.md", "# Sample\n"),
        ("docs/old/guide.md", "guide\nto\nall\nof\nit\n"),
        ("docs/old/index.md", "index\nof\nall\nof\nit\n"),
        ("lib/a.txt", "a\n"),
        ("lib/b.txt", "b\n"),
        ("lib/was-file", "becomes a folder\n"),
        ("lib/was-folder/x.txt", "x\n"),
        ("src/app/main.txt", "main\n1\n2\n3\n"),
        ("src/app/gone.txt", "gone\n"),
        ("src/core/tool.sh", "#!/bin/sh\n"),
        ("src/core/dos.txt", "one\r\ntwo\r\n"),
        ("src/core/plain-link", "is a file yet\n"),
        ("test/t1.txt", "t1\n"),
        ("test/t2.txt", "t2\n"),
    ]);
    std::os::unix::fs::symlink("app", sandbox.repo().join("src/link")).unwrap();
    sandbox.commit("the link");
    sandbox.publish();
    sandbox
}

/// Makes a change of every kind in the checkout.
fn change_everything(sandbox: &Sandbox) {
    let repo = sandbox.repo();
    let remove = |path: &str| std::fs::remove_file(repo.join(path)).unwrap();
    sandbox.write("lib/a.txt", "a changed\n");
    sandbox.write("src/app/new file.txt", "new\n");
    sandbox.write(os(b"src/app/latin\xe9.txt"), "new\n");
    remove("src/app/gone.txt");
    std::fs::create_dir_all(repo.join("docs/new")).unwrap();
    for name in ["guide.md", "index.md"] {
        let (from, to) = (format!("docs/old/{name}"), format!("docs/new/{name}"));
        std::fs::rename(repo.join(from), repo.join(to)).unwrap();
    }
    sandbox.write("docs/new/index.md", "index\nof\nall\nof\nthem\n");
    sandbox.write_script("src/core/tool.sh", "#!/bin/sh\n");
    sandbox.write("src/core/dos.txt", "one\r\nzwei\r\ntwo\r\n");
    remove("src/core/plain-link");
    std::os::unix::fs::symlink("tool.sh", repo.join("src/core/plain-link")).unwrap();
    remove("src/link");
    std::os::unix::fs::symlink("core", repo.join("src/link")).unwrap();
    remove("lib/was-file");
    sandbox.write("lib/was-file/inside.txt", "inside\n");
    std::fs::remove_dir_all(repo.join("lib/was-folder")).unwrap();
    sandbox.write("lib/was-folder", "a file now\n");
    sandbox.write("test/picture.bin", b"\x89PNG\0\xff\xfe");
    sandbox.write("test/t1.txt", "t1 changed");
}

fn slice(sandbox: &Sandbox, from: &str, more: &[&str]) -> crate::support::sandbox::Ran {
    let all = ["land it in parts", "--from", from, "--no-test", "--yes"];
    sandbox.batch(all.iter().chain(more))
}

/// The tree that git makes of the remote's `main` and a commit of the checkout.
fn merged(sandbox: &Sandbox, rev: &str) -> String {
    let base = sandbox.remote_git(["rev-parse", "main"]);
    sandbox.git(["fetch", "-q", "origin"]);
    sandbox.git(["merge-tree", "--write-tree", &base, rev])
}

#[test]
fn the_slices_of_a_branch_add_up_to_it() {
    let sandbox = project();
    sandbox.git(["switch", "-q", "-c", "big"]);
    change_everything(&sandbox);
    // Forced in, although it is ignored.
    sandbox.write("src/app/kept.log", "log\n");
    sandbox.commit("all of it");
    sandbox.git(["switch", "-q", "main"]);
    let before = sandbox.users_own();

    slice(&sandbox, "big", &[]).exits(0);

    assert!(sandbox.delivered().len() >= 5);
    assert_eq!(sandbox.union(), sandbox.git(["rev-parse", "big^{tree}"]));
    sandbox.is_untouched(&before);
    sandbox.has_no_worktree_left();
}

#[test]
fn a_file_that_the_base_added_below_a_renamed_folder_is_left_to_people() {
    let sandbox = project();
    sandbox.git(["switch", "-q", "-c", "big"]);
    change_everything(&sandbox);
    sandbox.commit("all of it");
    sandbox.git(["switch", "-q", "main"]);
    sandbox.write("docs/old/later.md", "added meanwhile\n");
    sandbox.commit_and_push("meanwhile");
    slice(&sandbox, "big", &[])
        .exits(2)
        .says("docs/new/later.md");
    assert!(sandbox.delivered().is_empty());
}

#[test]
fn a_moved_base_keeps_what_it_got_meanwhile() {
    let sandbox = project();
    sandbox.git(["switch", "-q", "-c", "big"]);
    change_everything(&sandbox);
    sandbox.commit("all of it");
    sandbox.git(["switch", "-q", "main"]);
    sandbox.write("src/app/main.txt", "main\n1\n2\n3\n4\n");
    sandbox.write("lib/c.txt", "c\n");
    sandbox.write("lib/b.txt", "b changed\n");
    sandbox.commit_and_push("meanwhile");
    // The same edit is in both, and so in no unit.
    sandbox.git(["switch", "-q", "big"]);
    sandbox.write("lib/b.txt", "b changed\n");
    sandbox.commit("the same");
    sandbox.git(["switch", "-q", "main"]);
    slice(&sandbox, "big", &[]).exits(0);
    assert_eq!(sandbox.union(), merged(&sandbox, "big"));
    assert_eq!(sandbox.blob(&sandbox.union(), "lib/c.txt"), b"c\n");
}

#[test]
fn the_slices_of_what_is_uncommitted_add_up_to_the_checkout() {
    let sandbox = project();
    change_everything(&sandbox);
    // Some of it is staged, some not, some untracked, some ignored.
    sandbox.git(["add", "lib", "docs"]);
    sandbox.write("lib/a.txt", "a changed again\n");
    sandbox.write("src/app/ignored.log", "log\n");
    let before = sandbox.users_own();

    slice(&sandbox, "worktree", &[]).exits(0);

    sandbox.is_untouched(&before);
    let union = sandbox.union();
    sandbox.git(["add", "-A"]);
    assert_eq!(union, sandbox.git(["write-tree"]));
    sandbox.has_no_worktree_left();
}

#[test]
fn slices_enter_by_object_id_whatever_git_would_convert() {
    let sandbox = Sandbox::new(&[
        ("a/one.txt", "1\r\n2\r\n"),
        ("b/two.txt", "1\n"),
        ("c/three.txt", "1\n"),
    ]);
    sandbox.git(["switch", "-q", "-c", "big"]);
    sandbox.write("a/one.txt", "1\r\n2\r\n3\r\n");
    sandbox.write("b/two.txt", "1\r\n");
    sandbox.write("c/more.txt", "x\r\n");
    sandbox.commit("line ends as they are");
    sandbox.git(["switch", "-q", "main"]);
    sandbox.git(["config", "core.autocrlf", "true"]);
    slice(&sandbox, "big", &[]).exits(0);
    assert_eq!(sandbox.union(), sandbox.git(["rev-parse", "big^{tree}"]));
}

#[test]
fn a_folder_emptied_by_renames_is_one_units() {
    let sandbox = project();
    sandbox.git(["switch", "-q", "-c", "big"]);
    change_everything(&sandbox);
    sandbox.write("docs/old/new-here.md", "a new file below the old name\n");
    sandbox.commit("all of it");
    sandbox.git(["switch", "-q", "main"]);
    slice(&sandbox, "big", &["--min-units=12"]).exits(0);
    let report = sandbox.report();
    let units = report["units"].as_array().unwrap();
    let holders: Vec<_> = units
        .iter()
        .filter(|unit| {
            let files = unit["files"].as_array().unwrap();
            files
                .iter()
                .any(|file| file.as_str().unwrap().starts_with("docs/"))
        })
        .collect();
    assert_eq!(holders.len(), 1, "{holders:#?}");
    assert_eq!(sandbox.union(), sandbox.git(["rev-parse", "big^{tree}"]));
}

#[test]
fn what_the_gate_would_refuse_is_refused_at_planning_by_name() {
    let sandbox = project();
    sandbox.git(["switch", "-q", "-c", "big"]);
    sandbox.write("lib/a.txt", "<<<<<<< ours\na\n=======\nb\n>>>>>>> theirs\n");
    std::os::unix::fs::symlink("/etc/passwd", sandbox.repo().join("lib/out")).unwrap();
    let head = sandbox.git(["rev-parse", "HEAD"]);
    sandbox.git(["add", "-A"]);
    sandbox.git([
        "update-index",
        "--add",
        "--cacheinfo",
        &format!("160000,{head},lib/nested"),
    ]);
    sandbox.git(["commit", "-q", "-m", "what must not land"]);
    sandbox.git(["switch", "-q", "-f", "main"]);
    let before = sandbox.users_own();
    slice(&sandbox, "big", &[])
        .exits(2)
        .says("lib/a.txt:1: a conflict marker")
        .says("lib/nested: a nested repository or a submodule's commit")
        .says("lib/out: a symlink out of the repository (to /etc/passwd)");
    sandbox.is_untouched(&before);
    assert!(sandbox.refs("refs/batch").is_empty());
    assert!(sandbox.delivered().is_empty());
}

#[test]
fn a_change_that_conflicts_with_the_base_or_is_none_is_refused() {
    let sandbox = project();
    sandbox.git(["switch", "-q", "-c", "big"]);
    sandbox.write("lib/a.txt", "a theirs\n");
    sandbox.commit("theirs");
    sandbox.git(["switch", "-q", "main"]);
    slice(&sandbox, "worktree", &[])
        .exits(2)
        .says("no uncommitted changes");
    slice(&sandbox, "main", &[])
        .exits(2)
        .says("changes nothing");
    slice(&sandbox, "nowhere", &[])
        .exits(2)
        .says("`nowhere` is no commit");
    sandbox.write("lib/a.txt", "a ours\n");
    sandbox.commit_and_push("ours");
    slice(&sandbox, "big", &[])
        .exits(2)
        .says("conflicts with the base in lib/a.txt");
    assert!(sandbox.refs("refs/batch").is_empty());
}

#[test]
fn a_unit_that_deletes_all_that_it_owns_is_delivered() {
    let sandbox = project();
    sandbox.git(["switch", "-q", "-c", "big"]);
    for folder in ["lib", "test", "docs"] {
        std::fs::remove_dir_all(sandbox.repo().join(folder)).unwrap();
    }
    sandbox.commit("less");
    sandbox.git(["switch", "-q", "main"]);
    let test = "for file in {files}; do test -f $file || exit 1; done";
    sandbox
        .batch(["land it in parts", "--from=big", "--yes", "--test", test])
        .exits(0);
    assert_eq!(sandbox.union(), sandbox.git(["rev-parse", "big^{tree}"]));
}

#[test]
fn a_plan_of_slices_and_its_rerun_keep_to_the_commit_that_was_planned() {
    let sandbox = project();
    sandbox.git(["switch", "-q", "-c", "big"]);
    change_everything(&sandbox);
    sandbox.commit("all of it");
    let wanted = sandbox.git(["rev-parse", "big^{tree}"]);
    sandbox.git(["switch", "-q", "main"]);
    let plan = sandbox.path("plan.toml");
    let path = plan.to_str().unwrap();
    sandbox
        .batch(["plan", "land it in parts", "--from=big", "-o", path])
        .exits(0);
    sandbox.git(["switch", "-q", "big"]);
    sandbox.write("test/t2.txt", "an afterthought\n");
    sandbox.commit("later");
    sandbox.git(["switch", "-q", "main"]);
    let mended = sandbox.path("mended");
    let test = format!("test -e '{}' || test ! -e docs/new", mended.display());
    sandbox
        .batch(["apply", path, "--yes", "--test", &test])
        .exits(1);
    sandbox.git(["branch", "-q", "-D", "big"]);
    std::fs::write(mended, "").unwrap();
    sandbox.batch(["rerun"]).exits(0);
    assert_eq!(sandbox.union(), wanted);
}

#[test]
fn a_part_of_the_change_that_a_plan_leaves_out_is_warned_of() {
    let sandbox = Sandbox::frobs(3);
    sandbox.git(["switch", "-q", "-c", "big"]);
    sandbox.git(["mv", "src/part0", "src/moved"]);
    sandbox.write("src/part1/one.txt", "other\n");
    sandbox.commit("all of it");
    sandbox.git(["switch", "-q", "main"]);
    let plan = sandbox.path("plan.toml");
    let path = plan.to_str().unwrap();
    let planned = ["plan", "land it in parts", "--from=big", "--no-test", "-o"];
    sandbox.batch(planned.iter().chain(&[path])).exits(0);
    let whole = sandbox.batch(["apply", path, "--dry-run"]).exits(0);
    assert!(!whole.stdout.contains("in no unit"), "{}", whole.stdout);
    assert!(!whole.stderr.contains("in no unit"), "{}", whole.stderr);

    // The new end of a rename, so that its file would be gone.
    let text = std::fs::read_to_string(&plan).unwrap();
    let less = text.replacen("\"src/moved/one.txt\"", "\"src/moved/none.txt\"", 1);
    assert_ne!(less, text);
    std::fs::write(&plan, less).unwrap();
    let part = sandbox.batch(["apply", path, "--dry-run"]).exits(0);
    let said = part.stdout + &part.stderr;
    let words = "1 file that the change touches is in no unit";
    assert!(said.contains(words), "{said}");
}

#[test]
fn a_symlink_may_become_a_folder_and_a_folder_a_symlink() {
    let sandbox = Sandbox::empty();
    for file in ["real/one.txt", "real/two.txt", "old/a.txt", "old/b.txt"] {
        sandbox.write(file, "text\n");
    }
    std::os::unix::fs::symlink("real", sandbox.repo().join("link")).unwrap();
    sandbox.commit("first");
    sandbox.publish();
    sandbox.git(["checkout", "-q", "-b", "feature"]);
    std::fs::remove_file(sandbox.repo().join("link")).unwrap();
    sandbox.write("link/one.txt", "mine\n");
    sandbox.write("link/two.txt", "mine\n");
    std::fs::remove_dir_all(sandbox.repo().join("old")).unwrap();
    std::os::unix::fs::symlink("real", sandbox.repo().join("old")).unwrap();
    sandbox.commit("swap them");
    sandbox.git(["checkout", "-q", "main"]);
    sandbox
        .batch([
            "swap link and folder",
            "--from",
            "feature",
            "--no-test",
            "--yes",
        ])
        .exits(0);
    assert_eq!(
        sandbox.report()["summary"]["opened"],
        sandbox.report()["summary"]["total"]
    );
}
