//! Whole runs whose pull requests are opened on GitHub.

use crate::support::github::hub::{Hub, TOKEN};
use crate::support::sandbox::{Ran, Sandbox};

/// A run of three units, with `args` more.
fn run(sandbox: &Sandbox, args: &[&str]) -> Ran {
    let three = [
        "--paths=src/**",
        "--min-units=3",
        "--max-units=3",
        "--no-test",
    ];
    sandbox.rename_frob(&[&three, args].concat())
}

/// The folders and files below one, and what they hold.
fn everything_below(folder: &std::path::Path, into: &mut Vec<(String, Vec<u8>)>) {
    for entry in std::fs::read_dir(folder).unwrap() {
        let entry = entry.unwrap();
        let path = entry.path();
        if entry.file_type().unwrap().is_dir() {
            everything_below(&path, into);
        } else if let Ok(bytes) = std::fs::read(&path) {
            into.push((path.display().to_string(), bytes));
        }
    }
}

#[test]
fn a_run_opens_its_pull_requests_on_github_with_all_that_was_asked_for() {
    let hub = Hub::start();
    let sandbox = hub.frobs(3);
    let repository = hub.repository("octo/sample");
    repository.team("octo/core").milestone("v1");
    let ran = run(
        &sandbox,
        &[
            "--label=migration",
            "--assignee=mona",
            "--reviewer=@octo/core",
            "--milestone=v1",
        ],
    )
    .exits(0);
    let pulls = hub.pulls("octo/sample");
    assert_eq!(pulls.len(), 3);
    for pull in &pulls {
        assert_eq!(pull.state, "open");
        assert!(!pull.draft);
        assert_eq!(pull.base, "main");
        assert_eq!(pull.labels, ["migration"]);
        assert_eq!(pull.assignees, ["mona"]);
        assert_eq!(pull.teams, ["octo/core"]);
        assert_eq!(pull.milestone.as_deref(), Some("v1"));
        let branch = repository.branch(&pull.head);
        assert_eq!(branch.as_deref(), Some(&*pull.head_commit));
        let mark = format!("commit={} -->", pull.head_commit);
        assert!(pull.body.contains(&mark), "{}", pull.body);
    }
    let report = sandbox.report();
    assert_eq!(report["summary"]["opened"], 3);
    for unit in report["units"].as_array().unwrap() {
        let pr = &unit["pr"];
        let url = format!("http://{}/octo/sample/pull/{}", hub.host(), pr["number"]);
        assert_eq!(pr["url"], *url);
        let pull = &pulls[usize::try_from(pr["number"].as_u64().unwrap()).unwrap() - 1];
        assert_eq!(unit["commit"], *pull.head_commit);
        assert_eq!(unit["branch"], *pull.head);
    }
    let started = sandbox.run_file("journal.jsonl");
    let started: serde_json::Value = serde_json::from_str(started.lines().next().unwrap()).unwrap();
    assert_eq!(started["forge"], "github");
    assert_eq!(started["site"], format!("{}/octo/sample", hub.host()));
    assert!(!ran.stderr.contains(TOKEN));
}
