//! The record of a run on the disk, and that one run at a time writes in a repository.

use std::io::Write;
use std::os::unix::fs::PermissionsExt;

use serde_json::Value;

use crate::support::sandbox::Sandbox;

fn records(sandbox: &Sandbox) -> Vec<Value> {
    sandbox
        .run_file("journal.jsonl")
        .lines()
        .map(|line| serde_json::from_str(line).unwrap())
        .collect()
}

fn run(sandbox: &Sandbox, test: &str) -> crate::support::sandbox::Ran {
    let args = [
        "--paths=src/**",
        "--min-units=3",
        "--max-units=3",
        "--test",
        test,
    ];
    sandbox.rename_frob(&args)
}

#[test]
fn every_effect_outside_has_its_intent_written_before_it() {
    let sandbox = Sandbox::frobs(3);
    run(&sandbox, "true").exits(0);
    let records = records(&sandbox);
    assert_eq!(records[0]["event"], "run-started");
    assert_eq!(records[0]["version"], 1);
    assert_eq!(records.last().unwrap()["event"], "run-ended");
    for unit in sandbox.delivered().keys() {
        let of_unit: Vec<&Value> = records
            .iter()
            .filter(|record| record["unit"] == unit.as_str())
            .collect();
        let at = |wanted: &dyn Fn(&Value) -> bool| {
            of_unit.iter().position(|record| wanted(record)).unwrap()
        };
        let event = |name: &'static str| at(&move |record| record["event"] == name);
        let intent = |name: &'static str| at(&move |record| record["intent"]["effect"] == name);
        let order = [
            event("unit-started"),
            event("tree-fixed"),
            intent("commit"),
            event("committed"),
            intent("push"),
            event("pushed"),
            event("slot-freed"),
            intent("open-pr"),
            event("pull-opened"),
            event("unit-ended"),
        ];
        assert!(order.is_sorted(), "{unit}: {order:?}");
    }
}

#[test]
fn each_step_has_a_log_of_its_own() {
    let sandbox = Sandbox::frobs(3);
    run(&sandbox, "echo tested ${BATCH_UNIT:-base}").exits(0);
    for unit in ["base", "src-part0", "src-part1", "src-part2"] {
        assert_eq!(
            sandbox.run_file(&format!("logs/{unit}/1-test.log")),
            format!("tested {unit}\n")
        );
    }
    for record in records(&sandbox) {
        if record["event"] == "step-started" && record["step"] == "test" {
            let log = record["log"].as_str().unwrap();
            assert!(std::path::Path::new(log).exists(), "{log}");
        }
    }
}

#[test]
fn a_torn_last_line_is_dropped() {
    let sandbox = Sandbox::frobs(3);
    let mended = sandbox.path("mended");
    let test = format!(
        "test -e '{}' || ! grep -rq frobnicate src/part1",
        mended.display()
    );
    run(&sandbox, &test).exits(1);
    let path = sandbox.repo().join(".git/batch/latest/journal.jsonl");
    let whole = std::fs::read(&path).unwrap();
    let mut file = std::fs::OpenOptions::new()
        .append(true)
        .open(&path)
        .unwrap();
    file.write_all(b"{\"at\":\"2026-01-01T00:00:00Z\",\"event\":\"unit-st")
        .unwrap();
    drop(file);
    std::fs::write(&mended, "").unwrap();
    sandbox.batch(["rerun"]).exits(0);
    assert_eq!(sandbox.report()["summary"]["opened"], 3);
    let after = std::fs::read(&path).unwrap();
    assert!(after.starts_with(&whole));
    assert_eq!(records(&sandbox).last().unwrap()["event"], "run-ended");
    sandbox.batch(["rerun"]).exits(0).says("Nothing to do");
}

#[test]
fn a_journal_that_is_damaged_in_the_middle_is_refused_by_name() {
    let sandbox = Sandbox::frobs(3);
    run(&sandbox, "true").exits(0);
    let path = sandbox.repo().join(".git/batch/latest/journal.jsonl");
    let text = std::fs::read_to_string(&path).unwrap();
    let mut lines: Vec<&str> = text.lines().collect();
    lines[2] = "not a record";
    std::fs::write(&path, lines.join("\n") + "\n").unwrap();
    let refused = sandbox.batch(["rerun"]).exits(4);
    assert!(
        refused.stderr.contains("journal.jsonl"),
        "{}",
        refused.stderr
    );
}

#[test]
fn a_second_run_or_rerun_is_refused_while_one_goes_on() {
    let sandbox = Sandbox::frobs(3);
    run(&sandbox, "false").exits(4);
    // From inside a run's own test another is tried.
    let inner = sandbox.tool(
        "inner",
        &format!(
            "test -n \"$BATCH_UNIT\" && exit 0\ncd '{0}'\n\
             '{1}' rerun > '{2}/rerun' 2>&1; echo $? >> '{2}/codes'\n\
             '{1}' 'shout the end' --rewrite=s/end/END/ --no-test --yes > '{2}/run' 2>&1; echo $? >> '{2}/codes'\n\
             '{1}' prs list > '{2}/list' 2>&1; echo $? >> '{2}/codes'",
            sandbox.repo().display(),
            env!("CARGO_BIN_EXE_batch"),
            sandbox.records().display(),
        ),
    );
    run(&sandbox, &inner).exits(0);
    assert_eq!(sandbox.recorded("codes"), "4\n4\n0\n");
    for name in ["rerun", "run"] {
        let said = sandbox.recorded(name);
        assert!(said.contains("is going on in this repository"), "{said}");
    }
    assert_eq!(sandbox.report()["change"], "rename frob to frobnicate");
    assert_eq!(sandbox.delivered().len(), 3);
    assert!(
        sandbox
            .refs("refs/batch")
            .iter()
            .all(|name| !name.contains("END"))
    );
}

#[test]
fn edits_of_every_attempt_are_kept() {
    let sandbox = Sandbox::frobs(3);
    let word = sandbox.path("word");
    let command = format!(
        "for f in {{files}}; do cat '{}' >> $f; done; false",
        word.display()
    );
    std::fs::write(&word, "first\n").unwrap();
    sandbox
        .batch([
            "write a word",
            "--command",
            &command,
            "--paths=src/part0/one.txt",
            "--min-units=1",
            "--no-test",
            "--yes",
        ])
        .exits(1);
    let run = sandbox.report()["run"].as_str().unwrap().to_owned();
    let unit = sandbox.report()["units"][0]["id"]
        .as_str()
        .unwrap()
        .to_owned();
    for (attempt, next) in [(1, "second\n"), (2, "third\n"), (3, "")] {
        let kept = format!("refs/batch/{run}/{unit}/attempt-{attempt}");
        let text = sandbox.git(["show", &format!("{kept}:src/part0/one.txt")]);
        assert!(
            text.ends_with(["first", "second", "third"][attempt - 1]),
            "{text}"
        );
        if !next.is_empty() {
            std::fs::write(&word, next).unwrap();
            sandbox.batch(["rerun"]).exits(1);
        }
    }
}

#[test]
fn a_run_that_cannot_be_recorded_does_not_begin() {
    let sandbox = Sandbox::frobs(2);
    sandbox.write(".git/batch", "a file where the folder should be");
    let before = sandbox.users_own();
    sandbox.rename_frob(&["--no-test"]).exits(4);
    assert!(sandbox.delivered().is_empty());
    sandbox.is_untouched(&before);
}

#[test]
fn a_runs_folder_is_as_private_as_the_users_other_files() {
    let sandbox = Sandbox::frobs(2);
    sandbox.rename_frob(&["--no-test"]).exits(0);
    let mode = |path: &str| {
        std::fs::metadata(sandbox.repo().join(path))
            .unwrap()
            .permissions()
            .mode()
            & 0o777
    };
    assert_eq!(mode(".git/batch/latest"), mode(".git/batch/runs"));
}
