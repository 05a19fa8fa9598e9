//! `batch list`: the runs of a repository in each of their states.

use serde_json::{Value, json};

use super::support::{Running, ended, json};
use crate::support::sandbox::Sandbox;

/// Puts a copy of the last run beside it, under another id.
fn copy_of_the_run(sandbox: &Sandbox, id: &str) {
    let latest = std::fs::canonicalize(sandbox.repo().join(".git/batch/latest")).unwrap();
    let run = latest.file_name().unwrap().to_str().unwrap();
    let copy = latest.with_file_name(id);
    std::fs::create_dir(&copy).unwrap();
    let journal = std::fs::read_to_string(latest.join("journal.jsonl")).unwrap();
    std::fs::write(copy.join("journal.jsonl"), journal.replace(run, id)).unwrap();
}

#[test]
fn the_latest_run_comes_first_and_the_others_are_counted() {
    let sandbox = ended();
    for minute in 10..35 {
        copy_of_the_run(&sandbox, &format!("20200102T03{minute}05Z-0a1b"));
    }
    let run = sandbox.report()["run"].as_str().unwrap().to_owned();
    let ran = sandbox
        .batch(["list"])
        .exits(0)
        .says("and 6 more; --all lists every run");
    let lines: Vec<&str> = ran.stdout.lines().collect();
    assert_eq!(lines.len(), 21);
    assert!(lines[1].starts_with(&run), "{}", ran.stdout);
    assert!(
        lines[2].starts_with("20200102T033405Z-0a1b"),
        "{}",
        ran.stdout
    );
    for words in ["failed", "4 opened · 1 failed", "rename frob"] {
        assert!(lines[1].contains(words), "no {words:?} in {}", lines[1]);
    }
    assert!(
        lines.iter().all(|line| line.chars().count() <= 80),
        "{}",
        ran.stdout
    );
    let few = json(&sandbox.batch(["list", "-n2", "--format=json"]).exits(0));
    assert_eq!(few.as_array().unwrap().len(), 2);
    let all = json(&sandbox.batch(["list", "--all", "--format=json"]).exits(0));
    assert_eq!(all.as_array().unwrap().len(), 26);
    assert_eq!(all[0]["run"], run);
    assert_eq!(
        (&all[0]["state"], &all[0]["exit_code"]),
        (&json!("failed"), &json!(1))
    );
    assert_eq!(
        (&all[0]["counts"]["total"], &all[0]["counts"]["opened"]),
        (&json!(5), &json!(4))
    );
}

#[test]
fn a_run_that_goes_on_or_was_cut_off_is_added_up_from_its_journal() {
    let mut running = Running::start();
    let first = |sandbox: &Sandbox| -> Value {
        json(&sandbox.batch(["list", "--format=json"]).exits(0))[0].take()
    };
    let row = first(&running.sandbox);
    assert_eq!(
        (&row["state"], &row["ended"]),
        (&json!("going-on"), &Value::Null)
    );
    assert_eq!(row["counts"]["testing"], 2);
    running.dies();
    let row = first(&running.sandbox);
    assert_eq!(
        (&row["state"], &row["counts"]["interrupted"]),
        (&json!("interrupted"), &json!(2))
    );
}

#[test]
fn a_run_that_cannot_be_read_is_listed_as_such_beside_the_others() {
    let sandbox = ended();
    copy_of_the_run(&sandbox, "20200102T031005Z-0a1b");
    let journal = sandbox
        .repo()
        .join(".git/batch/runs/20200102T031005Z-0a1b/journal.jsonl");
    std::fs::write(journal, "{\"version\":2}\n").unwrap();
    let ran = sandbox
        .batch(["list"])
        .exits(0)
        .says("Run 20200102T031005Z-0a1b cannot be read")
        .says("version 2 is newer");
    assert!(ran.stdout.contains("unreadable"), "{}", ran.stdout);
    let all = json(&sandbox.batch(["list", "--format=json"]).exits(0));
    assert_eq!(
        (&all[0]["state"], &all[1]["state"]),
        (&json!("failed"), &json!("unreadable"))
    );
}

#[test]
fn a_repository_without_runs_has_an_empty_list() {
    let sandbox = Sandbox::local_frobs(1);
    let ran = sandbox.batch(["list"]).exits(0).says("No runs.");
    assert_eq!(ran.stdout, "");
    assert_eq!(
        sandbox.batch(["list", "--format=json"]).exits(0).stdout,
        "[]\n"
    );
}
