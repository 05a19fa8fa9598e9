//! `--command`: what a codemod is given, and what of its work is taken.

use std::collections::BTreeSet;
use std::path::Path;

use crate::support::sandbox::Sandbox;

/// A codemod that does what `--rewrite` does in the other tests.
const REWRITE: &str = "sed -i s/frob/frobnicate/g {files}";

#[test]
fn a_command_gets_its_files_its_unit_its_root_and_the_variables() {
    let sandbox = Sandbox::frobs(3);
    let records = sandbox.records();
    let tool = sandbox.tool(
        "codemod",
        &format!(
            r#"unit=$1 root=$2; shift 2
            test "$root" = "$(pwd -P)" || exit 3
            {{ echo "unit=$unit"; echo "BATCH_UNIT=$BATCH_UNIT"; echo "BATCH_RUN=$BATCH_RUN"
               echo "BATCH_SLOT=$BATCH_SLOT"; echo "TMPDIR=$TMPDIR"; echo "args=$*"
               echo "listed=$(tr '\n' ' ' < "$BATCH_FILES_FROM")"; }} > "{}/$BATCH_UNIT"
            echo scratch > "$TMPDIR/scratch"
            sed -i s/frob/frobnicate/g "$@""#,
            records.display()
        ),
    );
    sandbox
        .batch([
            "rename frob to frobnicate",
            "--command",
            &format!("{tool} {{unit}} {{root}} {{files}}"),
            "--paths",
            "src/**",
            "--min-units=3",
            "--max-units=3",
            "--jobs=2",
            "--no-test",
            "--yes",
        ])
        .exits(0);
    let report = sandbox.report();
    for part in ["src-part0", "src-part1", "src-part2"] {
        let folder = part.replace('-', "/");
        let recorded = sandbox.recorded(part);
        let value = |key: &str| {
            let line = recorded.lines().find_map(|line| line.strip_prefix(key));
            line.unwrap().trim_end().to_owned()
        };
        assert_eq!(value("unit="), part);
        assert_eq!(value("BATCH_UNIT="), part);
        assert_eq!(value("BATCH_RUN="), report["run"].as_str().unwrap());
        assert!(
            ["0", "1"].contains(&value("BATCH_SLOT=").as_str()),
            "{recorded}"
        );
        let files = format!("{folder}/one.txt {folder}/two.txt");
        assert_eq!(value("args="), files);
        assert_eq!(value("listed="), files);
        let tmp = value("TMPDIR=");
        assert_ne!(Path::new(&tmp), sandbox.path("tmp"));
        assert!(!Path::new(&tmp).exists(), "{tmp} is left behind");
        assert_eq!(
            sandbox.unit(part)["files"],
            serde_json::json!([format!("{folder}/one.txt"), format!("{folder}/two.txt")])
        );
    }
    sandbox.has_no_worktree_left();
}

#[test]
fn a_list_too_long_for_one_call_is_cut_into_several() {
    let sandbox = Sandbox::local(&[("README.md", "# Sample\n")]);
    let long = "n".repeat(120);
    for number in 0..1500 {
        sandbox.write(format!("src/{long}-{number:04}.txt"), "frob\n");
    }
    sandbox.commit("many");
    sandbox.publish();
    let records = sandbox.records();
    let tool = sandbox.tool(
        "codemod",
        &format!(
            r#"echo call >> "{0}/calls"; for file; do echo "$file" >> "{0}/files"; done
            sed -i s/frob/frobnicate/g "$@""#,
            records.display()
        ),
    );
    sandbox
        .batch([
            "rename frob to frobnicate",
            "--command",
            &format!("{tool} {{files}}"),
            "--paths=src/**",
            "--min-units=1",
            "--max-units=1",
            "--no-test",
            "--yes",
        ])
        .exits(0);
    assert!(sandbox.recorded("calls").lines().count() > 1);
    let files = sandbox.recorded("files");
    assert_eq!(files.lines().count(), 1500);
    assert_eq!(files.lines().collect::<BTreeSet<_>>().len(), 1500);
    let commit = sandbox.delivered().into_values().next().unwrap();
    assert_eq!(sandbox.changed(&commit).len(), 1500);
}

#[test]
fn a_unit_in_which_the_command_changes_nothing_is_unchanged() {
    let sandbox = Sandbox::frobs(3);
    sandbox
        .batch([
            "rename frob to frobnicate",
            "--command",
            &format!("test {{unit}} = src-part1 || {REWRITE}"),
            "--paths=src/**",
            "--min-units=3",
            "--max-units=3",
            "--no-test",
            "--yes",
        ])
        .exits(0);
    let unit = sandbox.unit("src-part1");
    assert_eq!(unit["outcome"], "unchanged");
    for absent in ["commit", "pr", "failure"] {
        assert!(unit[absent].is_null(), "{unit:#}");
    }
    assert_eq!(
        sandbox.delivered().into_keys().collect::<Vec<_>>(),
        ["src-part0", "src-part2"]
    );
    assert_eq!(sandbox.pulls().len(), 2);
}

#[test]
fn a_command_that_fails_fails_its_unit_and_its_edits_are_kept() {
    let sandbox = Sandbox::frobs(2);
    let before = sandbox.users_own();
    sandbox
        .batch([
            "rename frob to frobnicate",
            "--command",
            &format!("{REWRITE}; echo the parser gave up >&2; test {{unit}} != src-part0"),
            "--paths=src/**",
            "--min-units=2",
            "--max-units=2",
            "--no-test",
            "--yes",
        ])
        .exits(1);
    let (step, cause) = sandbox.failure("src-part0");
    assert_eq!(step, "implement");
    assert!(cause.contains("exit code 1"), "{cause}");
    assert!(
        sandbox
            .run_file("failures.md")
            .contains("the parser gave up")
    );
    let kept = sandbox.refs("refs/batch/*/src-part0/attempt-1");
    assert_eq!(kept.len(), 1, "{:?}", sandbox.refs("refs/batch"));
    let text = sandbox.git(["show", &format!("{}:src/part0/one.txt", kept[0])]);
    assert!(text.contains("frobnicate"), "{text}");
    assert_eq!(sandbox.outcomes()["src-part1"], "opened");
    sandbox.is_untouched(&before);
    sandbox.has_no_worktree_left();
}

#[test]
fn a_command_may_commit_or_move_about_and_its_unit_is_one_commit_on_the_base_all_the_same() {
    let sandbox = Sandbox::frobs(2);
    let before = sandbox.users_own();
    let base = sandbox.git(["rev-parse", "HEAD"]);
    sandbox
        .batch([
            "rename frob to frobnicate",
            "--command",
            &format!(
                "{REWRITE} && git commit -qam theirs && git checkout -q --detach HEAD^ && git commit -qm again --allow-empty"
            ),
            "--paths=src/**",
            "--min-units=2",
            "--max-units=2",
            "--no-test",
            "--yes",
        ])
        .exits(0);
    for commit in sandbox.delivered().values() {
        assert_eq!(
            sandbox.remote_git(["rev-parse", &format!("{commit}^")]),
            base
        );
        assert_eq!(sandbox.changed(commit).len(), 2);
    }
    sandbox.is_untouched(&before);
}
