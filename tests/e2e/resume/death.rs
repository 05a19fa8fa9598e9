//! A run is killed at its records, one after another, and resumed: whatever the moment, each unit has one pull request
//! then, and nothing is left over.
//!
//! `BATCH_DEATHS=all` kills at every record, before and after it is written; without it a few of each kind are enough.

use std::collections::BTreeMap;
use std::panic::{AssertUnwindSafe, catch_unwind, resume_unwind};
use std::sync::Mutex;
use std::thread;

use serde_json::Value;

use crate::support::remains::{left_clean, stamps};
use crate::support::sandbox::{Ran, Sandbox};

/// How many sandboxes are at work at the same time.
const AT_ONCE: usize = 3;

/// Six units, two of which stand on others; one is a command.
fn six_units() -> Sandbox {
    let sandbox = Sandbox::frobs(6);
    let commit = sandbox.git(["rev-parse", "HEAD"]);
    let mut text = format!(
        "version = 1\ntest = \"test -e README.md\"\n[change]\ndescription = \"rename frob to frobnicate\"\n\
         rewrite = ['s/\\bfrob\\b/frobnicate/g']\n\
         [base]\nref = \"main\"\ncommit = \"{commit}\"\n"
    );
    for unit in 0..6 {
        let after = match unit {
            2 => "[\"part1\"]",
            4 => "[\"part2\"]",
            _ => "[]",
        };
        let command = match unit {
            3 => "command = '''sed -i 's/frob\\b/frobnicate/' src/part3/*.txt'''\n",
            _ => "",
        };
        text.push_str(&format!(
            "[[units]]\nid = \"part{unit}\"\ntitle = \"part {unit}\"\ntask = \"Rename.\"\n\
             paths = [\"src/part{unit}/\"]\nafter = {after}\n{command}"
        ));
    }
    std::fs::write(sandbox.path("plan.toml"), text).unwrap();
    sandbox
}

fn apply(sandbox: &Sandbox, death: Option<&str>) -> Ran {
    let plan = sandbox.path("plan.toml");
    let args = ["apply", plan.to_str().unwrap(), "--yes", "--stack"];
    killed(sandbox, &[&args[..], &["--jobs=2"]].concat(), death)
}

fn resume(sandbox: &Sandbox, death: Option<&str>) -> Ran {
    killed(sandbox, &["resume", "--stack", "--jobs=2"], death)
}

/// Runs the program, which dies at that record.
fn killed(sandbox: &Sandbox, args: &[&str], death: Option<&str>) -> Ran {
    let mut command = sandbox.batch_command();
    command.args(args);
    if let Some(death) = death {
        command.env("BATCH_DEATH_AT_RECORD", death);
    }
    crate::support::sandbox::ran(&command.output().unwrap())
}

/// How many records the last run's journal has, without the one that it is born with.
fn records(sandbox: &Sandbox) -> usize {
    sandbox.run_file("journal.jsonl").lines().count() - 1
}

/// Insists that each unit has one pull request, at the commit that was tested and that its branch is at, and that nothing
/// is left over; a further resume finds nothing to do and writes nothing.
#[track_caller]
fn is_whole(sandbox: &Sandbox) {
    left_clean(sandbox);
    let delivered = sandbox.delivered();
    let report = sandbox.report();
    assert_eq!(report["exit_code"], 0);
    assert!(sandbox.run_file("report.md").contains("part5"));
    let listed = sandbox
        .batch(["prs", "list", "--all", "--format=json"])
        .exits(0);
    let listed: Vec<Value> = serde_json::from_str(&listed.stdout).unwrap();
    let mut heads = BTreeMap::new();
    for pull in &listed {
        let text = |key: &str| pull[key].as_str().unwrap().to_owned();
        assert_eq!(text("state"), "open");
        let before = heads.insert(text("unit"), text("head_commit"));
        assert_eq!(before, None, "two pull requests: {listed:?}");
    }
    assert_eq!(heads, delivered);
    for unit in report["units"].as_array().unwrap() {
        let id = unit["id"].as_str().unwrap();
        assert_eq!(unit["outcome"], "opened", "{unit}");
        assert_eq!(unit["commit"].as_str(), Some(delivered[id].as_str()));
        let changed = sandbox.remote_git(["show", &format!("{}:src/{id}/one.txt", delivered[id])]);
        assert!(changed.contains("frobnicate"), "{id}: {changed}");
    }
    assert_eq!(delivered.len(), 6);
    let before = stamps(sandbox);
    resume(sandbox, None).exits(0).says("Nothing to do");
    assert!(before == stamps(sandbox), "a resume without work wrote");
}

/// Kills a run in a sandbox of its own at each of these records, and each time has it seen to.
fn at_each(deaths: &[String], see_to: impl Fn(&Sandbox, &str) + Sync) {
    let queue = Mutex::new(deaths.iter());
    thread::scope(|scope| {
        for _ in 0..AT_ONCE {
            scope.spawn(|| {
                loop {
                    let Some(death) = queue.lock().unwrap().next() else {
                        return;
                    };
                    let sandbox = six_units();
                    let tried = catch_unwind(AssertUnwindSafe(|| {
                        let ran = apply(&sandbox, Some(death));
                        assert_eq!(ran.code, None, "did not die at {death}: {}", ran.stderr);
                        see_to(&sandbox, death);
                    }));
                    if let Err(panic) = tried {
                        println!("--- the death was {death}; the journal:");
                        println!("{}", sandbox.run_file("journal.jsonl"));
                        resume_unwind(panic);
                    }
                }
            });
        }
    });
}

/// The moments at which a run of so many records is killed.
fn moments(records: usize) -> Vec<String> {
    let all = std::env::var("BATCH_DEATHS").is_ok_and(|wish| wish == "all");
    // The records of a unit come in about the same order: a step that shares no factor with their number meets them all.
    let step = if all { 1 } else { 9 };
    let moment = |(when, first)| {
        let numbers = (first..=records).step_by(step);
        numbers.map(move |number| format!("{when}:{number}"))
    };
    let second = if all { 1 } else { 5 };
    [("after", 1), ("before", second)]
        .into_iter()
        .flat_map(moment)
        .collect()
}

#[test]
fn a_run_that_is_killed_at_any_record_is_whole_after_a_resume() {
    let whole = six_units();
    apply(&whole, None).exits(0);
    is_whole(&whole);
    // Its last records can come a little earlier where two units share less.
    let moments = moments(records(&whole) - 4);
    assert!(moments.len() > 20, "{moments:?}");
    at_each(&moments, |sandbox, _| {
        resume(sandbox, None).exits(0);
        is_whole(sandbox);
    });
}

#[test]
fn a_resume_that_is_killed_itself_is_resumed() {
    let first = ["after:25".to_owned(), "after:60".to_owned()];
    at_each(&first, |sandbox, _| {
        for number in [1, 4, 9, 16] {
            let ran = resume(sandbox, Some(&format!("after:{number}")));
            assert_eq!(ran.code, None, "{}", ran.stderr);
        }
        resume(sandbox, None).exits(0);
        is_whole(sandbox);
    });
}

#[test]
fn a_run_whose_journal_has_only_its_first_record_is_whole_after_a_resume() {
    let deaths = ["after:20", "after:47", "before:75"].map(str::to_owned);
    at_each(&deaths, |sandbox, _| {
        let path = sandbox.repo().join(".git/batch/latest/journal.jsonl");
        let journal = std::fs::read_to_string(&path).unwrap();
        let first = journal.split_inclusive('\n').next().unwrap();
        std::fs::write(&path, first).unwrap();
        resume(sandbox, None).exits(0);
        is_whole(sandbox);
    });
}

/// Some of the moments of a whole run; others for another `first`.
fn some_moments(first: usize) -> Vec<String> {
    let whole = six_units();
    apply(&whole, None).exits(0);
    let all = moments(records(&whole) - 4);
    let step = if std::env::var_os("BATCH_DEATHS").is_some() {
        1
    } else {
        4
    };
    let some: Vec<String> = all.into_iter().skip(first).step_by(step).collect();
    assert!(some.len() > 4);
    some
}

#[test]
fn a_run_that_lost_its_journal_is_whole_after_a_resume() {
    at_each(&some_moments(0), |sandbox, _| {
        let journal = sandbox.repo().join(".git/batch/latest/journal.jsonl");
        std::fs::remove_file(&journal).unwrap();
        resume(sandbox, None).exits(0).says("is gone");
        is_whole(sandbox);
    });
}

#[test]
fn a_run_that_lost_its_whole_folder_is_whole_after_a_resume() {
    at_each(&some_moments(1), |sandbox, _| {
        std::fs::remove_dir_all(sandbox.repo().join(".git/batch/runs")).unwrap();
        resume(sandbox, None).exits(0).says("is gone");
        is_whole(sandbox);
    });
}
