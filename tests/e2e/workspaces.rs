//! The worktrees that workers use: how many, what is in them, and that none remains.

use crate::support::sandbox::{Ran, Sandbox};

fn run(sandbox: &Sandbox, more: &[&str]) -> Ran {
    let four = ["--paths=src/**", "--min-units=4", "--max-units=4"];
    sandbox.rename_frob(&[&four, more].concat())
}

/// A command that notes where it ran.
fn noting(sandbox: &Sandbox, name: &str) -> String {
    format!("pwd >> '{}'/{name}", sandbox.records().display())
}

#[test]
fn setup_runs_once_in_each_new_worktree() {
    let sandbox = Sandbox::frobs(4);
    let setup = noting(&sandbox, "setups");
    run(&sandbox, &["--no-test", "--jobs=1", "--setup", &setup]).exits(0);
    assert_eq!(sandbox.recorded("setups").lines().count(), 1);

    run(
        &sandbox,
        &["--no-test", "--jobs=2", "--setup", &noting(&sandbox, "two")],
    )
    .exits(0);
    let two = sandbox.recorded("two");
    let mut places: Vec<&str> = two.lines().collect();
    places.sort_unstable();
    places.dedup();
    assert_eq!(places.len(), two.lines().count(), "{two}");
    assert!(places.len() <= 2, "{two}");
}

#[test]
fn ignored_files_are_kept_between_units_unless_each_gets_a_fresh_worktree() {
    let sandbox = Sandbox::frobs(4);
    sandbox.write(".gitignore", "build/\n");
    sandbox.commit_and_push("ignore what is built");
    let records = sandbox.records();
    let test = |name: &str| {
        format!(
            "mkdir -p build && echo \"${{BATCH_UNIT:-base}}\" >> build/log && cp build/log '{}'/{name}",
            records.display()
        )
    };
    run(&sandbox, &["--jobs=1", "--test", &test("kept")]).exits(0);
    assert_eq!(
        sandbox.recorded("kept").lines().collect::<Vec<_>>(),
        ["base", "src-part0", "src-part1", "src-part2", "src-part3"]
    );
    let setup = noting(&sandbox, "setups");
    run(
        &sandbox,
        &[
            "--jobs=1",
            "--fresh",
            "--test",
            &test("fresh"),
            "--setup",
            &setup,
        ],
    )
    .exits(0);
    assert_eq!(
        sandbox.recorded("fresh").lines().collect::<Vec<_>>(),
        ["src-part3"]
    );
    assert_eq!(sandbox.recorded("setups").lines().count(), 5);
    sandbox.has_no_worktree_left();
}

#[test]
fn a_setup_that_fails_on_the_base_stops_the_run() {
    let sandbox = Sandbox::frobs(4);
    let red = run(
        &sandbox,
        &["--no-test", "--setup", "echo no compiler here; exit 3"],
    )
    .exits(4);
    assert!(red.stdout.contains("no compiler here"), "{}", red.stdout);
    assert!(sandbox.delivered().is_empty());
    sandbox.has_no_worktree_left();
}

#[test]
fn worktrees_are_outside_of_the_repository_and_may_be_put_elsewhere() {
    let sandbox = Sandbox::frobs(4);
    run(
        &sandbox,
        &["--jobs=1", "--test", &noting(&sandbox, "places")],
    )
    .exits(0);
    let cache = sandbox.path("cache");
    for place in sandbox.recorded("places").lines() {
        assert!(std::path::Path::new(place).starts_with(&cache), "{place}");
    }
    let elsewhere = sandbox.path("else where");
    let folder = elsewhere.to_str().unwrap();
    run(
        &sandbox,
        &[
            "--jobs=1",
            "--worktrees",
            folder,
            "--test",
            &noting(&sandbox, "others"),
        ],
    )
    .exits(0);
    for place in sandbox.recorded("others").lines() {
        assert!(
            std::path::Path::new(place).starts_with(&elsewhere),
            "{place}"
        );
    }
    let left = std::fs::read_dir(&elsewhere).map_or(0, Iterator::count);
    assert_eq!(left, 0);
    sandbox.has_no_worktree_left();
}

#[test]
fn worktreeinclude_brings_ignored_files_and_only_those() {
    let sandbox = Sandbox::frobs(4);
    sandbox.write(".gitignore", ".env\n*.secret\nnode_modules/\n");
    sandbox.write(
        ".worktreeinclude",
        ".env\n*.secret\n!other.secret\nREADME.md\nplain.txt\nnode_modules/x/\n",
    );
    sandbox.commit_and_push("include");
    sandbox.write(".env", "TOKEN=1\n");
    sandbox.write("conf/db.secret", "pw\n");
    sandbox.write("other.secret", "no\n");
    sandbox.write("plain.txt", "untracked, but not ignored\n");
    sandbox.write("README.md", "edited\n");
    sandbox.write("node_modules/x/index.js", "x\n");
    sandbox.write("node_modules/y/index.js", "y\n");
    let before = sandbox.users_own();
    let test = "test -e .env -a -e conf/db.secret -a -e node_modules/x/index.js || exit 1
        test ! -e other.secret -a ! -e plain.txt -a ! -e node_modules/y || exit 2
        grep -q Sample README.md || exit 3
        grep -q TOKEN=1 .env || exit 4
        echo spoilt > .env; rm conf/db.secret";
    run(&sandbox, &["--jobs=1", "--test", test]).exits(0);
    for commit in sandbox.delivered().values() {
        assert_eq!(sandbox.changed(commit).len(), 2);
    }
    sandbox.is_untouched(&before);
}

#[test]
fn slots_are_small_numbers_and_each_has_a_temporary_folder_of_its_own() {
    let sandbox = Sandbox::frobs(4);
    let records = sandbox.records();
    let test = format!(
        "echo x > \"$TMPDIR/f\" && mktemp && echo \"$BATCH_SLOT $TMPDIR\" >> '{}'/slots",
        records.display()
    );
    run(&sandbox, &["--jobs=2", "--test", &test]).exits(0);
    let slots = sandbox.recorded("slots");
    let mut folders = std::collections::BTreeMap::new();
    for line in slots.lines() {
        let (slot, tmp) = line.split_once(' ').unwrap();
        assert!(["0", "1"].contains(&slot), "{slots}");
        assert_eq!(folders.entry(slot).or_insert(tmp), &tmp, "{slots}");
        assert!(!std::path::Path::new(tmp).exists());
    }
    let left = std::fs::read_dir(sandbox.path("tmp")).unwrap().count();
    assert_eq!(left, 0);
}

#[test]
fn read_only_folders_and_repositories_that_a_test_leaves_are_cleared_away() {
    let sandbox = Sandbox::frobs(4);
    let test = "mkdir -p junk/a && echo x > junk/a/f && chmod 500 junk/a && chmod 400 src/part0/one.txt && \
        git init -q junk/b && git init -q src/part2";
    run(&sandbox, &["--jobs=1", "--test", test]).exits(0);
    assert_eq!(sandbox.delivered().len(), 4);
    sandbox.has_no_worktree_left();
}
