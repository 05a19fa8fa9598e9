//! The same against the tests' GitHub: a run is killed around each push and each pull request, which is opened once.

use crate::support::github::hub::Hub;
use crate::support::sandbox::{Ran, Sandbox};

const SLUG: &str = "octo/sample";

fn run(sandbox: &mut Sandbox, death: &str) -> Ran {
    sandbox.set("BATCH_DEATH_AT_RECORD", death);
    let units = ["--paths=src/**", "--no-test", "--jobs=1"];
    let ran = sandbox.rename_frob(&[&units[..], &["--min-units=2", "--max-units=2"]].concat());
    sandbox.set("BATCH_DEATH_AT_RECORD", "");
    ran
}

/// The deaths around all that is done outside of the repository.
fn deaths() -> Vec<String> {
    let hub = Hub::start();
    let mut sandbox = hub.frobs(2);
    run(&mut sandbox, "").exits(0);
    let journal = sandbox.run_file("journal.jsonl");
    let is_outside = |line: &&str| {
        [
            r#""effect":"push""#,
            r#""event":"pushed""#,
            r#""effect":"open-pr""#,
            r#""event":"pull-opened""#,
        ]
        .iter()
        .any(|words| line.contains(words))
    };
    let lines = journal.lines().enumerate();
    let outside = lines.filter(|(_, line)| is_outside(line));
    // The first record is not counted: the journal is born with it.
    let numbers =
        outside.flat_map(|(number, _)| [format!("before:{number}"), format!("after:{number}")]);
    numbers.collect()
}

#[test]
fn a_run_that_is_killed_around_a_push_or_a_pull_request_opens_each_once() {
    let deaths = deaths();
    assert_eq!(deaths.len(), 16, "{deaths:?}");
    // Of both units the same; the second one's come while the first has its pull request.
    for death in deaths.iter().step_by(3) {
        let hub = Hub::start();
        let mut sandbox = hub.frobs(2);
        assert_eq!(run(&mut sandbox, death).code, None, "{death}");
        sandbox.batch(["resume"]).exits(0);
        let pulls = hub.pulls(SLUG);
        assert_eq!((pulls.len(), hub.creates().len()), (2, 2), "{death}");
        let report = sandbox.report();
        let delivered = sandbox.delivered();
        for unit in report["units"].as_array().unwrap() {
            let id = unit["id"].as_str().unwrap();
            let of_unit = pulls.iter().find(|pull| unit["branch"] == *pull.head);
            assert_eq!(of_unit.unwrap().head_commit, delivered[id], "{death}");
            assert_eq!(unit["commit"], *delivered[id], "{death}");
        }
        sandbox.batch(["resume"]).exits(0).says("Nothing to do");
    }
}
