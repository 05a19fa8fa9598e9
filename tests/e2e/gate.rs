//! What must not be committed, and what cannot be merged, fails its unit and no other.

use crate::support::sandbox::{Ran, Sandbox};

/// A project with a folder for each of these units.
fn folders(names: &[&str]) -> Sandbox {
    let files: Vec<(String, String)> = names
        .iter()
        .map(|name| (format!("{name}/file.txt"), format!("{name}\n")))
        .collect();
    let files: Vec<(&str, &str)> = files
        .iter()
        .map(|(path, text)| (path.as_str(), text.as_str()))
        .collect();
    Sandbox::new(&files)
}

/// Applies a plan with these units, in which each runs its own case of a shell script.
fn apply(sandbox: &Sandbox, units: &[(&str, &[&str])], cases: &str) -> Ran {
    let tool = sandbox.tool("change", &format!("set -e\ncase $1 in\n{cases}\nesac"));
    let plan = sandbox.folder_plan(&format!("command = \"{tool} {{unit}}\""), units);
    sandbox.batch(["apply", plan.to_str().unwrap(), "--yes", "--jobs=1"])
}

#[test]
fn each_violation_fails_its_unit_alone_and_names_the_paths() {
    let names = [
        "good", "stray", "link", "nested", "bare", "marks", "secret", "git",
    ];
    let sandbox = folders(&names);
    sandbox.write(".gitignore", ".env\n");
    sandbox.write("README.md", "# Sample\n");
    sandbox.commit_and_push("ignore .env");
    sandbox.write(".worktreeinclude", ".env\n");
    sandbox.write("secret/.env", "TOKEN=1\n");
    sandbox.git(["config", "core.excludesFile", ""]);
    let before = sandbox.users_own();
    let entries: Vec<(&str, Vec<String>)> = names
        .iter()
        .map(|name| (*name, vec![format!("{name}/")]))
        .collect();
    let entries: Vec<(&str, Vec<&str>)> = entries
        .iter()
        .map(|(name, paths)| (*name, paths.iter().map(String::as_str).collect()))
        .collect();
    let units: Vec<(&str, &[&str])> = entries
        .iter()
        .map(|(name, paths)| (*name, paths.as_slice()))
        .collect();

    apply(
        &sandbox,
        &units,
        r#"good) echo x > good/new.txt;;
        stray) echo x >> stray/file.txt; echo x > good/theirs.txt; echo x >> README.md; rm git/file.txt;;
        link) ln -s ../../outside link/out; ln -s file.txt link/fine;;
        nested) git init -q nested/repo; cd nested/repo; echo x > f; git add f; git -c user.name=n -c user.email=e commit -qm x;;
        bare) rm -f bare/file.txt; mkdir -p bare/repo; git init -q bare; echo x > bare/new.txt;;
        marks) printf '<<<<<<< a\nx\n=======\ny\n>>>>>>> b\n' > marks/file.txt;;
        secret) printf '!.env\n' > secret/.gitignore;;
        git) ln -s ../.git/config git/config;;"#,
    )
    .exits(1);

    let outcomes = sandbox.outcomes();
    for name in names {
        let wanted = if name == "good" { "opened" } else { "failed" };
        assert_eq!(outcomes[name], wanted, "{name} in {outcomes:?}");
    }
    for (unit, words) in [
        ("stray", "README.md: outside the unit's scope"),
        (
            "stray",
            "git/file.txt: outside the unit's scope (it is git's)",
        ),
        (
            "stray",
            "good/theirs.txt: outside the unit's scope (it is good's)",
        ),
        (
            "link",
            "link/out: a symlink out of the repository (to ../../outside)",
        ),
        ("nested", "nested/repo: a nested repository"),
        ("bare", "bare: a git repository inside the worktree"),
        ("marks", "marks/file.txt:1: a conflict marker"),
        ("secret", "secret/.env: brought in by .worktreeinclude"),
        ("git", "git/config: a symlink out of the repository"),
    ] {
        let (step, cause) = sandbox.failure(unit);
        assert_eq!(step, "gate", "{unit}: {cause}");
        assert!(cause.contains(words), "{unit}: {cause}");
        assert!(sandbox.unit(unit)["commit"].is_null());
    }
    assert!(!sandbox.failure("link").1.contains("link/fine"));
    assert_eq!(
        sandbox.delivered().into_keys().collect::<Vec<_>>(),
        ["good"]
    );
    let commits = sandbox.refs("refs/batch/*/*/commit");
    assert_eq!(commits.len(), 1, "{commits:?}");
    sandbox.is_untouched(&before);
    sandbox.has_no_worktree_left();
}

#[test]
fn a_file_where_another_unit_needs_a_folder_fails_its_unit() {
    let sandbox = folders(&["src", "lib"]);
    apply(
        &sandbox,
        &[("wide", &["src/"]), ("deep", &["src/new/deep/x.txt"])],
        "wide) echo x > src/new;;\ndeep) mkdir -p src/new/deep; echo x > src/new/deep/x.txt;;",
    )
    .exits(1);
    let (step, cause) = sandbox.failure("wide");
    assert_eq!(step, "gate");
    assert!(
        cause.contains("src/new: in the way of a path that deep owns"),
        "{cause}"
    );
    assert_eq!(sandbox.outcomes()["deep"], "opened");
}

#[test]
fn a_unit_that_cannot_be_merged_with_those_before_it_fails_before_its_push() {
    let sandbox = Sandbox::new(&[
        ("old/one.txt", "one\nof\nsome\nlines\n"),
        ("old/two.txt", "two\nof\nsome\nlines\n"),
    ]);
    apply(
        &sandbox,
        &[
            ("rename", &["old/one.txt", "old/two.txt", "new/"]),
            ("add", &["old/three.txt"]),
        ],
        "rename) git mv old new;;\nadd) echo three > old/three.txt;;",
    )
    .exits(1);
    assert_eq!(sandbox.outcomes()["rename"], "opened");
    let (step, cause) = sandbox.failure("add");
    assert_eq!(step, "push");
    assert!(
        cause.contains("conflicts with the units that finished before it"),
        "{cause}"
    );
    assert!(cause.contains("three.txt"), "{cause}");
    assert_eq!(
        sandbox.delivered().into_keys().collect::<Vec<_>>(),
        ["rename"]
    );
    assert_eq!(sandbox.pulls().len(), 1);
    let kept = sandbox.refs("refs/batch/*/add/*");
    assert!(!kept.is_empty());
}

#[test]
fn what_a_worker_hides_from_git_is_seen() {
    let sandbox = folders(&["one", "two"]);
    apply(
        &sandbox,
        &[("one", &["one/"]), ("two", &["two/"])],
        "one) git update-index --skip-worktree two/file.txt; echo x > two/file.txt; echo x > one/file.txt;;\n\
         two) git update-index --assume-unchanged two/file.txt; echo x > two/file.txt;;",
    )
    .exits(1);
    let (step, cause) = sandbox.failure("one");
    assert_eq!(step, "gate");
    assert!(
        cause.contains("two/file.txt: outside the unit's scope (it is two's)"),
        "{cause}"
    );
    assert_eq!(
        sandbox.blob(&sandbox.delivered()["two"], "two/file.txt"),
        b"x\n"
    );
}

#[test]
fn new_files_are_taken_and_ignored_ones_are_not() {
    let sandbox = folders(&["one", "two"]);
    sandbox.write(".gitignore", "*.tmp\n");
    sandbox.commit_and_push("ignore");
    apply(
        &sandbox,
        &[("one", &["one/"]), ("two", &["two/"])],
        "one) mkdir one/deep; echo x > one/deep/new.txt; echo x > one/scratch.tmp;;\ntwo) echo x > two/only.tmp;;",
    )
    .exits(0);
    assert_eq!(sandbox.outcomes()["two"], "unchanged");
    assert_eq!(
        sandbox.changed(&sandbox.delivered()["one"]),
        ["one/deep/new.txt"]
    );
}
