//! `batch rerun`: what failed is taken up again, what is delivered is adopted, and nothing is done twice.

use std::collections::BTreeMap;
use std::ffi::OsString;
use std::path::Path;

use crate::support::sandbox::{Ran, Sandbox};

/// Runs with three units, of which `src-part1` fails its test until the file `mended` is there.
fn failing_part1(sandbox: &Sandbox) -> Ran {
    let mended = sandbox.path("mended");
    let test = format!(
        "test -e '{}' || ! grep -rq frobnicate src/part1",
        mended.display()
    );
    run(sandbox, &["--test", &test])
}

fn run(sandbox: &Sandbox, more: &[&str]) -> Ran {
    let three = ["--paths=src/**", "--min-units=3", "--max-units=3"];
    sandbox.rename_frob(&[&three, more].concat())
}

fn mend(sandbox: &Sandbox) {
    std::fs::write(sandbox.path("mended"), "").unwrap();
}

/// All below the folder, byte for byte.
fn contents(folder: &Path, into: &mut BTreeMap<OsString, Vec<u8>>) {
    for entry in std::fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() && !path.is_symlink() {
            contents(&path, into);
        } else {
            let bytes = std::fs::read(&path).unwrap_or_default();
            into.insert(path.into_os_string(), bytes);
        }
    }
}

#[test]
fn a_rerun_takes_up_what_failed_as_a_new_attempt_on_the_same_branch() {
    let sandbox = Sandbox::frobs(3);
    let before = sandbox.users_own();
    failing_part1(&sandbox).exits(1);
    let first = sandbox.delivered();
    let run_id = sandbox.report()["run"].clone();
    let branch = sandbox.unit("src-part1")["branch"].clone();

    sandbox.batch(["rerun"]).exits(1);
    assert_eq!(sandbox.unit("src-part1")["attempt"], 2);
    mend(&sandbox);
    sandbox.batch(["rerun", "--note", "it is mended"]).exits(0);

    let report = sandbox.report();
    assert_eq!(report["run"], run_id);
    assert_eq!(report["exit_code"], 0);
    assert_eq!(report["summary"]["opened"], 3);
    let unit = sandbox.unit("src-part1");
    assert_eq!(unit["attempt"], 3);
    assert_eq!(unit["branch"], branch);
    assert_eq!(sandbox.unit("src-part0")["attempt"], 1);
    let second = sandbox.delivered();
    assert_eq!(second.len(), 3);
    for (unit, commit) in &first {
        assert_eq!(&second[unit], commit);
    }
    assert_eq!(sandbox.pulls().len(), 3);
    let kept = sandbox.refs("refs/batch/*/src-part1/*");
    let names: Vec<&str> = kept
        .iter()
        .filter_map(|kept| kept.rsplit('/').next())
        .collect();
    assert_eq!(names, ["attempt-1", "attempt-2", "commit"]);
    assert!(
        std::fs::read_dir(sandbox.repo().join(".git/batch/runs"))
            .unwrap()
            .count()
            == 1
    );
    let log = sandbox
        .repo()
        .join(".git/batch/latest/logs/src-part1/2-test.log");
    assert!(log.exists(), "{}", log.display());
    sandbox.is_untouched(&before);
    sandbox.has_no_worktree_left();
}

#[test]
fn with_nothing_to_do_a_rerun_says_so_and_writes_nothing() {
    let sandbox = Sandbox::frobs(3);
    run(&sandbox, &["--no-test"]).exits(0);
    let mut before = BTreeMap::new();
    contents(&sandbox.repo().join(".git"), &mut before);
    let remote = sandbox.remote_git(["for-each-ref"]);
    sandbox.batch(["rerun"]).exits(0).says("Nothing to do");
    let json = sandbox.batch(["rerun", "--format", "json"]).exits(0);
    assert_eq!(json.stdout.lines().count(), 1);
    let mut after = BTreeMap::new();
    contents(&sandbox.repo().join(".git"), &mut after);
    assert_eq!(
        before.keys().collect::<Vec<_>>(),
        after.keys().collect::<Vec<_>>()
    );
    assert!(before == after, "something was written");
    assert_eq!(remote, sandbox.remote_git(["for-each-ref"]));
}

#[test]
fn a_branch_that_was_pushed_before_its_pull_request_failed_is_adopted() {
    let sandbox = Sandbox::frobs(3);
    // A file where the forge's folder should be.
    sandbox.write(".git/batch/forge", "");
    let ran = run(&sandbox, &["--no-test"]).exits(1);
    for words in [
        "pushed without a pull request:\n",
        "publish   batch prs publish\n",
    ] {
        assert!(ran.stdout.contains(words), "{}", ran.stdout);
    }
    assert_eq!(sandbox.unit("src-part0")["outcome"], "pushed");
    let pushed = sandbox.delivered();
    assert_eq!(pushed.len(), 3);
    std::fs::remove_file(sandbox.repo().join(".git/batch/forge")).unwrap();
    assert!(sandbox.pulls().is_empty());

    sandbox.batch(["rerun"]).exits(0);
    assert_eq!(sandbox.delivered(), pushed);
    let pulls = sandbox.pulls();
    assert_eq!(pulls.len(), 3);
    for pull in pulls {
        assert_eq!(
            pull["head_commit"],
            pushed[pull["unit"].as_str().unwrap()].as_str()
        );
    }
    assert_eq!(
        sandbox.unit("src-part0")["commit"],
        pushed["src-part0"].as_str()
    );
    sandbox.batch(["rerun"]).exits(0).says("Nothing to do");
}

#[test]
fn a_rerun_replaces_what_it_pushed_itself_and_the_pull_request_follows() {
    let sandbox = Sandbox::frobs(2);
    sandbox.write(".git/batch/forge", "");
    let word = sandbox.path("word");
    std::fs::write(&word, "first").unwrap();
    sandbox
        .batch([
            "write a word",
            "--command",
            &format!(
                "for f in {{files}}; do cat '{}' >> $f; done",
                word.display()
            ),
            "--paths=src/part0/*",
            "--min-units=1",
            "--max-units=1",
            "--no-test",
            "--yes",
        ])
        .exits(1);
    let (unit, first) = sandbox.delivered().into_iter().next().unwrap();
    std::fs::remove_file(sandbox.repo().join(".git/batch/forge")).unwrap();
    std::fs::write(&word, "second").unwrap();
    sandbox.batch(["rerun"]).exits(0);
    let second = sandbox.delivered()[&unit].clone();
    assert_ne!(first, second);
    assert!(
        String::from_utf8(sandbox.blob(&second, "src/part0/one.txt"))
            .unwrap()
            .ends_with("second")
    );
    let pulls = sandbox.pulls();
    assert_eq!(pulls.len(), 1);
    assert_eq!(pulls[0]["head_commit"], second.as_str());
}

#[test]
fn a_branch_that_somebody_else_pushed_on_is_never_overwritten() {
    let sandbox = Sandbox::frobs(3);
    sandbox.write(".git/batch/forge", "");
    run(&sandbox, &["--no-test"]).exits(1);
    std::fs::remove_file(sandbox.repo().join(".git/batch/forge")).unwrap();
    let branch = sandbox.unit("src-part1")["branch"]
        .as_str()
        .unwrap()
        .to_owned();
    let theirs = {
        let second = sandbox.path("second");
        let git = |args: &[&str]| {
            let mut git = sandbox.command("git");
            git.current_dir(&second).args(args);
            let output = git.output().unwrap();
            assert!(output.status.success(), "{args:?}: {output:?}");
            String::from_utf8(output.stdout).unwrap().trim().to_owned()
        };
        sandbox.git([
            "clone",
            "-q",
            sandbox.path("remote.git").to_str().unwrap(),
            second.to_str().unwrap(),
        ]);
        git(&["switch", "-q", &branch]);
        std::fs::write(second.join("src/part1/one.txt"), "a reviewer's edit\n").unwrap();
        git(&["commit", "-qam", "a reviewer's edit"]);
        git(&["push", "-q", "origin", &branch]);
        git(&["rev-parse", "HEAD"])
    };

    sandbox.batch(["rerun"]).exits(1);
    assert_eq!(sandbox.delivered()["src-part1"], theirs);
    let (step, cause) = sandbox.failure("src-part1");
    assert_eq!(step, "push");
    assert!(cause.contains("which this run did not push"), "{cause}");
    assert_eq!(sandbox.pulls().len(), 2);
}

#[test]
fn some_units_can_be_taken_up_alone() {
    let sandbox = Sandbox::frobs(3);
    let mended = sandbox.path("mended");
    let test = format!("test -e '{}' || test -z \"$BATCH_UNIT\"", mended.display());
    run(&sandbox, &["--test", &test]).exits(1);
    mend(&sandbox);
    // One failed unit is left, so the run has not come to its end yet.
    sandbox
        .batch(["rerun", "--unit", "src-part0", "--unit", "src-part2"])
        .exits(1);
    let opened: Vec<String> = sandbox.delivered().into_keys().collect();
    assert_eq!(opened, ["src-part0", "src-part2"]);
    assert_eq!(sandbox.unit("src-part1")["attempt"], 1);
    assert_eq!(sandbox.report()["summary"]["failed"], 1);
    sandbox
        .batch(["rerun", "--unit", "src-part9"])
        .exits(2)
        .says("no unit `src-part9`");
    sandbox
        .batch(["rerun", "--unit", "src-part0"])
        .exits(0)
        .says("Nothing to do");
    sandbox.batch(["rerun"]).exits(0);
    assert_eq!(sandbox.delivered().len(), 3);
}

#[test]
fn a_run_that_found_its_base_red_can_be_taken_up_when_it_is_not() {
    let sandbox = Sandbox::frobs(3);
    let test = format!("test -e '{}'", sandbox.path("mended").display());
    run(&sandbox, &["--test", &test]).exits(4);
    sandbox.batch(["rerun"]).exits(4);
    mend(&sandbox);
    sandbox.batch(["rerun"]).exits(0);
    assert_eq!(sandbox.delivered().len(), 3);
    assert_eq!(sandbox.unit("src-part0")["attempt"], 1);
    assert_eq!(sandbox.report()["exit_code"], 0);
}

#[test]
fn an_earlier_run_can_be_named_by_a_part_of_its_id() {
    let sandbox = Sandbox::frobs(3);
    failing_part1(&sandbox).exits(1);
    let first = sandbox.report()["run"].as_str().unwrap().to_owned();
    sandbox
        .batch([
            "shout the end",
            "--rewrite=s/end/END/",
            "--no-test",
            "--yes",
        ])
        .exits(0);
    mend(&sandbox);
    sandbox.batch(["rerun"]).exits(0).says("Nothing to do");
    let suffix = first.rsplit('-').next().unwrap();
    sandbox.batch(["rerun", suffix]).exits(0);
    let pulls = sandbox
        .batch(["prs", "list", &first, "--format=json"])
        .exits(0);
    let pulls: Vec<serde_json::Value> = serde_json::from_str(&pulls.stdout).unwrap();
    assert_eq!(pulls.len(), 3);
    sandbox.batch(["rerun", "20990101"]).exits(2);
}

#[test]
fn what_was_cancelled_is_taken_up_and_what_was_unchanged_is_not() {
    let sandbox = Sandbox::frobs(4);
    let mended = sandbox.path("mended");
    let command = format!(
        "case {{unit}} in src-part0) exit 0;; src-part1) test -e '{}' || exit 1;; esac; \
         sed -i s/frob/frobnicate/ {{files}}",
        mended.display()
    );
    sandbox
        .batch([
            "rename frob to frobnicate",
            "--command",
            &command,
            "--paths=src/**",
            "--min-units=4",
            "--max-units=4",
            "--jobs=1",
            "--fail-fast",
            "--no-test",
            "--yes",
        ])
        .exits(1);
    let outcomes: Vec<String> = sandbox.outcomes().into_values().collect();
    assert_eq!(outcomes, ["unchanged", "failed", "cancelled", "cancelled"]);
    mend(&sandbox);
    sandbox.batch(["rerun"]).exits(0);
    let outcomes: Vec<String> = sandbox.outcomes().into_values().collect();
    assert_eq!(outcomes, ["unchanged", "opened", "opened", "opened"]);
    assert_eq!(sandbox.unit("src-part0")["attempt"], 1);
    assert_eq!(sandbox.unit("src-part2")["attempt"], 1);
    assert_eq!(sandbox.unit("src-part1")["attempt"], 2);
}

#[test]
fn the_note_of_a_rerun_reaches_the_commands_of_its_units() {
    let sandbox = Sandbox::frobs(1);
    let test = r#"test -z "${BATCH_UNIT-}" || test "${BATCH_NOTE-}" = "now it is right""#;
    sandbox.rename_frob(&["--test", test]).exits(1);
    sandbox.batch(["rerun", "--note", "another"]).exits(1);
    sandbox
        .batch(["rerun", "--note", "now it is right"])
        .exits(0);
}
