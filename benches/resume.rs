//! Resuming a run of 1,000 units whose journal was cut off after its first record, and all of whose branches and pull
//! requests are there: beside a loop that asks the remote for one branch after another, as a script would to find out the
//! half of it. `cargo bench --bench resume`.

#![expect(clippy::print_stdout, reason = "its figures are its answer")]
#![expect(clippy::unwrap_used, reason = "a benchmark may fail by panicking")]

use std::fmt::Write as _;
use std::io::Write as _;
use std::process::Stdio;
use std::time::{Duration, Instant};

use batch::adapters::store::Store;
use batch::model::event::{Event, JOURNAL_VERSION, Record, UnitHeader};
use batch::model::id::{ObjectId, RunId, UnitId};
use batch::model::plan::Base;
use batch::model::spend::Spend;
use batch::model::wishes::Wishes;
use jiff::Timestamp;
use serde_json::json;

use self::support::sandbox::Sandbox;

#[expect(
    dead_code,
    unreachable_pub,
    clippy::unwrap_used,
    reason = "it belongs to the tests, of which a benchmark needs little"
)]
#[path = "../tests/e2e/support/mod.rs"]
mod support;

const UNITS: usize = 1_000;

fn main() {
    let sandbox = Sandbox::new(&[("README.md", "# Sample\n")]);
    let branches = delivered(&sandbox);
    let script = asked_one_by_one(&sandbox, &branches);
    let resume = resumed(&sandbox);
    println!("{UNITS} units, all delivered, and a journal of one record:");
    println!("  batch resume      {:>6.2} s", resume.as_secs_f64());
    println!("  a git ls-remote each {:>6.2} s", script.as_secs_f64());
    println!(
        "  resume / script: {:.2}",
        resume.as_secs_f64() / script.as_secs_f64()
    );
}

/// A run of which all is there but its journal; its branches.
fn delivered(sandbox: &Sandbox) -> Vec<String> {
    let base = sandbox.git(["rev-parse", "HEAD"]);
    let run = RunId::new(Timestamp::now(), 0x0a1b);
    let units = (0..UNITS).map(|number| UnitId::parse(&format!("unit-{number}")).unwrap());
    let units: Vec<UnitId> = units.collect();
    let prefix = format!("batch/bench-{}", run.suffix());
    let branches: Vec<String> = units
        .iter()
        .map(|unit| format!("{prefix}/{unit}"))
        .collect();

    let mut plan = format!(
        "version = 1\nno-test = true\n[change]\ndescription = \"write files\"\ncommand = \"true\"\n\
         [base]\nref = \"main\"\ncommit = \"{base}\"\n"
    );
    let mut commits = String::new();
    for (number, unit) in units.iter().enumerate() {
        write!(
            plan,
            "[[units]]\nid = \"{unit}\"\ntitle = \"{unit}\"\ntask = \"Write.\"\npaths = [\"src/{number}.txt\"]\n"
        )
        .unwrap();
        write!(
            commits,
            "commit refs/batch/{run}/{unit}/commit\ncommitter T <t@example.invalid> 1767323045 +0000\n\
             data 5\nwrite\nfrom {base}\nM 100644 inline src/{number}.txt\ndata 5\ntext\n\n"
        )
        .unwrap();
    }
    let mut import = sandbox
        .command("git")
        .args(["fast-import", "--quiet"])
        .stdin(Stdio::piped())
        .spawn()
        .unwrap();
    import
        .stdin
        .take()
        .unwrap()
        .write_all(commits.as_bytes())
        .unwrap();
    assert!(import.wait().unwrap().success());
    let refspec = format!("refs/batch/{run}/*/commit:refs/heads/{prefix}/*");
    sandbox.git(["push", "-q", "origin", &refspec]);

    let common = sandbox.repo().join(".git");
    let header = |(unit, branch): (&UnitId, &String)| UnitHeader {
        id: unit.clone(),
        title: unit.to_string(),
        branch: branch.clone(),
        lines: None,
        asks: false,
        after: Vec::new(),
    };
    let first = Record {
        at: Timestamp::now(),
        event: Event::RunStarted {
            version: JOURNAL_VERSION,
            run: run.clone(),
            change: "write files".to_owned(),
            base: Base {
                branch: "main".to_owned(),
                commit: ObjectId::new(base),
            },
            remote: Some("origin".to_owned()),
            forge: "local".to_owned(),
            site: None,
            fork: None,
            pulls: Wishes::default(),
            research: Spend::default(),
            canary: Vec::new(),
            units: units.iter().zip(&branches).map(header).collect(),
        },
    };
    Store::new(&common).new_run(&run, &plan, &first).unwrap();
    pull_requests(sandbox, &run, &units, &branches);
    branches
}

/// Writes the pull requests as the local forge keeps them.
fn pull_requests(sandbox: &Sandbox, run: &RunId, units: &[UnitId], branches: &[String]) {
    let folder = sandbox.repo().join(".git/batch/forge/pulls");
    std::fs::create_dir_all(&folder).unwrap();
    let heads = sandbox.delivered();
    for (at, (unit, branch)) in units.iter().zip(branches).enumerate() {
        let number = at + 1;
        let head = &heads[unit.as_str()];
        let pull = json!({
            "version": 1, "number": number, "title": unit.as_str(), "body": "", "state": "open",
            "run": run.as_str(), "unit": unit.as_str(), "commit": head,
            "head": branch, "head_commit": head, "base": "main", "created": Timestamp::now(),
            "draft": false, "labels": [], "merge_commit": null, "url": null,
        });
        std::fs::write(folder.join(format!("{number:04}.json")), pull.to_string()).unwrap();
    }
}

fn asked_one_by_one(sandbox: &Sandbox, branches: &[String]) -> Duration {
    let start = Instant::now();
    for branch in branches {
        let there = sandbox.git(["ls-remote", "origin", &format!("refs/heads/{branch}")]);
        assert!(there.contains(branch.as_str()));
    }
    start.elapsed()
}

fn resumed(sandbox: &Sandbox) -> Duration {
    let start = Instant::now();
    sandbox.batch(["resume", "--quiet"]).exits(0);
    let took = start.elapsed();
    let report = sandbox.report();
    assert_eq!(report["summary"]["opened"], UNITS);
    took
}
