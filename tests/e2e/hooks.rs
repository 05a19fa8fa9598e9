//! The user's hooks, identity and signing at work in each unit's commit and push.

use std::os::unix::fs::PermissionsExt;

use crate::support::sandbox::{Ran, Sandbox};

fn hook(sandbox: &Sandbox, name: &str, script: &str) {
    let folder = sandbox.repo().join(".git/hooks");
    std::fs::create_dir_all(&folder).unwrap();
    let path = folder.join(name);
    std::fs::write(&path, format!("#!/bin/sh\n{script}\n")).unwrap();
    std::fs::set_permissions(path, std::fs::Permissions::from_mode(0o755)).unwrap();
}

fn run(sandbox: &Sandbox, more: &[&str]) -> Ran {
    let three = ["--paths=src/**", "--min-units=3", "--max-units=3"];
    sandbox.rename_frob(&[&three, more].concat())
}

/// A hook that formats what is staged.
const FORMAT: &str = r#"git diff --cached --name-only | while read -r file; do
    sed -i 's/frobnicate/Frobnicate/' "$file" && git add "$file"
done"#;

#[test]
fn what_a_formatting_hook_makes_of_it_is_tested_again_and_committed() {
    let sandbox = Sandbox::frobs(3);
    hook(&sandbox, "pre-commit", FORMAT);
    let records = sandbox.records();
    let before = sandbox.users_own();
    let test = format!(
        "test -z \"$BATCH_UNIT\" || {{ git write-tree && cat {{files}} | head -1; }} >> '{}'/\"$BATCH_UNIT\"",
        records.display()
    );
    run(&sandbox, &["--test", &test]).exits(0);
    for (unit, commit) in sandbox.delivered() {
        let recorded = sandbox.recorded(&unit);
        let lines: Vec<&str> = recorded.lines().collect();
        assert_eq!(lines.len(), 4, "{recorded}");
        assert!(
            lines[1].contains("frobnicate") && lines[3].contains("Frobnicate"),
            "{recorded}"
        );
        let tree = sandbox.remote_git(["rev-parse", &format!("{commit}^{{tree}}")]);
        assert_eq!(tree, lines[2]);
    }
    assert!(
        sandbox
            .run_file("report.md")
            .contains("a hook changed what was committed")
    );
    sandbox.is_untouched(&before);
}

#[test]
fn what_a_formatting_hook_makes_of_it_must_pass_the_test() {
    let sandbox = Sandbox::frobs(3);
    hook(&sandbox, "pre-commit", FORMAT);
    run(&sandbox, &["--test", "! grep -r Frobnicate src/part1"]).exits(1);
    assert_eq!(sandbox.failure("src-part1").0, "test");
    assert_eq!(sandbox.delivered().len(), 2);
}

#[test]
fn what_a_hook_adds_outside_the_scope_fails_the_gate() {
    let sandbox = Sandbox::frobs(3);
    hook(
        &sandbox,
        "pre-commit",
        "echo x >> README.md; git add README.md",
    );
    run(&sandbox, &["--no-test"]).exits(1);
    let (step, cause) = sandbox.failure("src-part0");
    assert_eq!(step, "gate");
    assert!(
        cause.contains("README.md: outside the unit's scope"),
        "{cause}"
    );
    assert!(sandbox.delivered().is_empty());
}

#[test]
fn a_hook_that_changes_the_files_at_each_commit_fails_the_commit() {
    let sandbox = Sandbox::frobs(3);
    hook(
        &sandbox,
        "pre-commit",
        "if test -e src/part1/one.txt && ! git diff --cached --quiet -- src/part1; then\n\
         echo again >> src/part1/one.txt; git add src/part1; fi",
    );
    run(&sandbox, &["--no-test"]).exits(1);
    let (step, cause) = sandbox.failure("src-part1");
    assert_eq!(step, "commit");
    assert!(cause.contains("anew at each commit"), "{cause}");
    assert_eq!(sandbox.delivered().len(), 2);
    let kept = sandbox.refs("refs/batch/*/src-part1/attempt-1");
    assert_eq!(kept.len(), 1);
}

#[test]
fn a_hook_that_refuses_fails_the_commit_with_its_own_words() {
    let sandbox = Sandbox::frobs(3);
    hook(
        &sandbox,
        "pre-commit",
        "git diff --cached --quiet -- src/part1 || { echo 'no ticket, no commit' >&2; exit 1; }",
    );
    run(&sandbox, &["--no-test"]).exits(1);
    assert_eq!(sandbox.failure("src-part1").0, "commit");
    assert!(
        sandbox
            .run_file("failures.md")
            .contains("no ticket, no commit")
    );
    assert_eq!(sandbox.delivered().len(), 2);
    sandbox.has_no_worktree_left();
}

#[test]
fn a_hook_of_the_push_refuses_one_unit_with_its_own_words() {
    let sandbox = Sandbox::frobs(3);
    hook(
        &sandbox,
        "pre-push",
        "while read -r _ _ ref _; do case $ref in */src-part1) echo 'not this one' >&2; exit 1;; esac; done",
    );
    let before = sandbox.users_own();
    run(&sandbox, &["--no-test"]).exits(1);
    assert_eq!(sandbox.failure("src-part1").0, "push");
    assert!(sandbox.run_file("failures.md").contains("not this one"));
    assert_eq!(sandbox.delivered().len(), 2);
    let kept = sandbox.refs("refs/batch/*/src-part1/*");
    let names: Vec<&str> = kept
        .iter()
        .filter_map(|kept| kept.rsplit('/').next())
        .collect();
    assert_eq!(names, ["commit"]);
    sandbox.is_untouched(&before);
}

#[test]
fn a_hook_that_asks_finds_nobody_and_does_not_hang() {
    let sandbox = Sandbox::frobs(3);
    hook(
        &sandbox,
        "pre-commit",
        "read -r answer || { echo 'nobody answers' >&2; exit 1; }; read -r answer < /dev/tty",
    );
    run(&sandbox, &["--no-test"]).exits(1);
    assert!(sandbox.run_file("failures.md").contains("nobody answers"));
}

#[test]
fn a_remote_that_refuses_one_branch_fails_that_unit_with_its_own_words() {
    let sandbox = Sandbox::frobs(3);
    let path = sandbox.path("remote.git/hooks/update");
    std::fs::create_dir_all(path.parent().unwrap()).unwrap();
    std::fs::write(
        &path,
        "#!/bin/sh\ncase $1 in */src-part1) echo 'part1 is frozen' >&2; exit 1;; esac\n",
    )
    .unwrap();
    std::fs::set_permissions(path, std::fs::Permissions::from_mode(0o755)).unwrap();
    run(&sandbox, &["--no-test"]).exits(1);
    let (step, cause) = sandbox.failure("src-part1");
    assert_eq!(step, "push");
    assert!(cause.contains("part1 is frozen"), "{cause}");
    assert_eq!(sandbox.delivered().len(), 2);
}

#[test]
fn commits_are_by_the_author_that_git_is_configured_for_and_signed_off_when_asked() {
    let sandbox = Sandbox::frobs(3);
    sandbox.git(["config", "user.name", "Örtlich Local"]);
    run(&sandbox, &["--no-test", "--signoff"]).exits(0);
    for commit in sandbox.delivered().values() {
        let told = sandbox.remote_git(["log", "-1", "--format=%an <%ae> %cn%n%(trailers)", commit]);
        assert_eq!(
            told,
            "Örtlich Local <author@example.invalid> Örtlich Local\n\
             Signed-off-by: Örtlich Local <author@example.invalid>"
        );
    }
}

#[test]
fn commits_are_signed_where_git_is_configured_so() {
    let sandbox = Sandbox::frobs(3);
    let signer = sandbox.tool(
        "signer",
        "cat > /dev/null; printf '\\n[GNUPG:] SIG_CREATED D 1 2 3\\n' >&2\n\
         printf -- '-----BEGIN PGP SIGNATURE-----\\n\\nfake\\n-----END PGP SIGNATURE-----\\n'",
    );
    sandbox.git(["config", "commit.gpgSign", "true"]);
    sandbox.git(["config", "gpg.program", signer.trim_matches('\'')]);
    run(&sandbox, &["--no-test"]).exits(0);
    for commit in sandbox.delivered().values() {
        let raw = sandbox.remote_git(["cat-file", "commit", commit]);
        assert!(
            raw.contains("gpgsig -----BEGIN PGP SIGNATURE-----"),
            "{raw}"
        );
    }
}

#[test]
fn a_signer_that_fails_fails_the_commit() {
    let sandbox = Sandbox::frobs(3);
    sandbox.git(["config", "commit.gpgSign", "true"]);
    sandbox.git(["config", "gpg.program", "false"]);
    run(&sandbox, &["--no-test"]).exits(1);
    assert_eq!(sandbox.failure("src-part0").0, "commit");
    assert!(sandbox.delivered().is_empty());
}

#[test]
fn hooks_in_a_folder_of_the_repository_are_run() {
    let sandbox = Sandbox::frobs(3);
    sandbox.write_script(
        ".hooks/commit-msg",
        "#!/bin/sh\necho 'Ticket: 42' >> \"$1\"\n",
    );
    sandbox.commit_and_push("hooks");
    sandbox.git(["config", "core.hooksPath", ".hooks"]);
    run(&sandbox, &["--no-test"]).exits(0);
    for commit in sandbox.delivered().values() {
        let message = sandbox.remote_git(["log", "-1", "--format=%B", commit]);
        assert!(
            message.starts_with("rename frob to frobnicate: src/part"),
            "{message}"
        );
        assert!(message.ends_with("Ticket: 42"), "{message}");
    }
}
