//! Units that are pushed while GitHub opens nothing: out of reach, refusing, at a cap, or with something there already;
//! and what `batch prs publish` makes of them.

use std::process::Stdio;
use std::time::{Duration, Instant};

use rustix::process::{Pid, Signal, kill_process};

use super::runs::run;
use crate::support::github::faults::{At, Fault};
use crate::support::github::hub::Hub;
use crate::support::github::repository::Repository;
use crate::support::github::state::CheckState;
use crate::support::sandbox::{Sandbox, ran};

const SLUG: &str = "octo/sample";

/// How the journal tells that a unit's branch is there.
const PUSHED: &str = r#""event":"pushed""#;

/// How long something may take before the test gives up.
const PATIENCE: Duration = Duration::from_secs(60);

fn sample(hub: &Hub) -> Repository<'_> {
    hub.repository(SLUG)
}

/// Two units, the second of which has a branch and no pull request; the branch.
fn second_waits(hub: &Hub, sandbox: &Sandbox) -> String {
    run(sandbox, &["--jobs=1", "--max-open-prs=1"]).exits(0);
    let report = sandbox.report();
    assert_eq!(report["units"][1]["outcome"], "pushed");
    assert_eq!(hub.creates().len(), 1);
    report["units"][1]["branch"].as_str().unwrap().to_owned()
}

/// Insists that every unit is pushed, and that `prs publish` then opens one pull request for each.
#[track_caller]
fn pushed_and_published_later(hub: &Hub, sandbox: &Sandbox) {
    let report = sandbox.report();
    let units = report["units"].as_array().unwrap();
    assert_eq!(report["summary"]["pushed"], units.len());
    assert_eq!(sandbox.delivered().len(), units.len());
    assert_eq!(hub.pulls(SLUG).len(), 0);
    hub.no_more_faults();
    sandbox.batch(["prs", "publish"]).exits(0).says("Opened #1");
    let report = sandbox.report();
    assert_eq!(report["summary"]["opened"], units.len());
    let pulls = hub.pulls(SLUG);
    assert_eq!(pulls.len(), units.len());
    for unit in report["units"].as_array().unwrap() {
        let of_unit = pulls.iter().filter(|pull| unit["branch"] == *pull.head);
        let commits: Vec<&String> = of_unit.map(|pull| &pull.head_commit).collect();
        assert_eq!(commits, [unit["commit"].as_str().unwrap()]);
    }
    sandbox
        .batch(["prs", "publish"])
        .exits(0)
        .says("Nothing to publish");
    assert_eq!(hub.creates().len(), units.len());
}

#[test]
fn where_github_is_lost_in_the_middle_the_branches_are_there_and_the_rest_is_done_later() {
    let hub = Hub::start();
    let sandbox = hub.frobs(3);
    let lost = hub
        .fault(
            At::first("GET", "/repos/octo/sample/pulls"),
            Fault::ResetBefore,
        )
        .always();
    let ended = run(&sandbox, &["--jobs=1"]).exits(1);
    assert!(lost.met() >= 2);
    for words in [
        "pushed without a pull request",
        "publish   batch prs publish",
        "opens what could not be opened",
    ] {
        assert!(
            ended.stdout.contains(words),
            "no {words:?} in\n{}",
            ended.stdout
        );
    }
    let report = sandbox.run_file("report.md");
    assert!(report.contains("batch prs publish"), "{report}");
    pushed_and_published_later(&hub, &sandbox);
}

#[test]
fn a_token_that_is_revoked_in_the_middle_leaves_the_units_pushed_with_githubs_words() {
    /// git has another.
    const OTHER: &str = "ghp_otherOtherOtherOtherOtherOtherOther";
    let hub = Hub::start();
    hub.classic_token(OTHER, "mona", &["repo"]);
    let mut sandbox = hub.frobs(2);
    sandbox.set("GH_ENTERPRISE_TOKEN", OTHER);
    let (refuse, go) = (sandbox.path("ready"), sandbox.path("go"));
    let waits = format!(
        "test -z \"${{BATCH_UNIT-}}\" || {{ : > '{}'; while ! test -e '{}'; do sleep 0.05; done; }}",
        refuse.display(),
        go.display()
    );
    let child = sandbox
        .batch_command()
        .args(["rename frob to frobnicate", "--yes", "--paths=src/**"])
        .args(["--rewrite", r"s/\bfrob\b/frobnicate/g", "--min-units=2"])
        .args(["--test", &waits])
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap();
    until("a unit is tested", || refuse.exists());
    let asked = hub.asked().len();
    hub.revoke(OTHER);
    std::fs::write(go, "").unwrap();
    let ended = ran(&child.wait_with_output().unwrap()).exits(1);
    assert!(ended.stdout.contains("Bad credentials"), "{}", ended.stdout);
    // It is not asked for the other one, which it would refuse as well.
    let since = hub.asked().split_off(asked);
    assert_eq!(since.len(), 1, "{since:?}");
    hub.classic_token(OTHER, "mona", &["repo"]);
    pushed_and_published_later(&hub, &sandbox);
}

#[test]
fn a_ctrl_c_within_a_pause_ends_the_run_at_once_and_the_rest_is_done_later() {
    let hub = Hub::start();
    let sandbox = hub.frobs(2);
    let paused = hub.fault(
        At::first("POST", "/repos/octo/sample/pulls"),
        Fault::Forbidden(Some(3600)),
    );
    let child = sandbox
        .batch_command()
        .args(["rename frob to frobnicate", "--yes", "--paths=src/**"])
        .args(["--rewrite", r"s/\bfrob\b/frobnicate/g", "--min-units=2"])
        .args(["--no-test", "--jobs=1"])
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap();
    until("a pause is announced", || paused.met() == 1);
    let pushed = || sandbox.run_file("journal.jsonl").matches(PUSHED).count();
    until("both are pushed", || pushed() == 2);
    let pid = Pid::from_raw(i32::try_from(child.id()).unwrap()).unwrap();
    kill_process(pid, Signal::INT).unwrap();
    // The pause is of an hour: it is not waited for.
    let ended = ran(&child.wait_with_output().unwrap()).exits(130);
    assert!(ended.stderr.contains("prs publish") || ended.stdout.contains("prs publish"));
    for unit in sandbox.report()["units"].as_array().unwrap() {
        assert_eq!(unit["outcome"], "pushed", "{unit}");
    }
    hub.pauses_hold();
    // The hour is over.
    std::fs::remove_dir_all(sandbox.path("state")).unwrap();
    pushed_and_published_later(&hub, &sandbox);
}

#[test]
fn what_a_person_opened_for_a_branch_is_the_units_pull_request_and_keeps_its_words() {
    let hub = Hub::start();
    let sandbox = hub.frobs(2);
    let branch = second_waits(&hub, &sandbox);
    let number = sample(&hub).open_pull(&branch, "Mine");
    sandbox
        .batch(["prs", "publish", "--max-open-prs=9", "--label=late"])
        .exits(0)
        .says(&format!("Opened #{number} Mine"));
    let pulls = hub.pulls(SLUG);
    assert_eq!(pulls.len(), 2);
    assert_eq!((&*pulls[1].title, &*pulls[1].body), ("Mine", "By hand."));
    assert_eq!(hub.creates().len(), 1);
    let report = sandbox.report();
    assert_eq!(report["units"][1]["pr"]["number"], number);
    let report = sandbox.run_file("report.md");
    assert!(
        report.contains(&format!("#{number} was opened by somebody else")),
        "{report}"
    );
}

#[test]
fn what_a_person_closed_is_not_opened_again() {
    let hub = Hub::start();
    let sandbox = hub.frobs(2);
    let branch = second_waits(&hub, &sandbox);
    let number = sample(&hub).open_pull(&branch, "Mine");
    sample(&hub).close(number);
    let publish = || sandbox.batch(["prs", "publish", "--max-open-prs=9"]);
    let words = "was closed, and a unit gets only one; reopen it if it is wanted after all";
    publish().exits(1).says(words);
    assert_eq!(hub.creates().len(), 1);
    assert_eq!(sandbox.report()["units"][1]["outcome"], "pushed");
    // Nor is it by a rerun, which finds the branch as it is.
    sandbox
        .batch(["rerun", "--max-open-prs=9"])
        .exits(1)
        .says("of its branch was closed");
    assert_eq!(hub.creates().len(), 1);
    assert_eq!(
        sample(&hub).branch(&branch).as_deref(),
        Some(&*hub.pulls(SLUG)[1].head_commit)
    );
}

#[test]
fn what_a_person_merged_is_delivered() {
    let hub = Hub::start();
    let sandbox = hub.frobs(2);
    let branch = second_waits(&hub, &sandbox);
    let number = sample(&hub).open_pull(&branch, "Mine");
    sample(&hub).merge(number, "merge");
    sandbox
        .batch(["prs", "publish", "--max-open-prs=9"])
        .exits(0);
    let report = sandbox.report();
    assert_eq!(report["units"][1]["outcome"], "opened");
    assert_eq!(report["units"][1]["pr"]["number"], number);
    assert_eq!(hub.creates().len(), 1);
}

#[test]
fn drafts_are_marked_as_ready_once_their_checks_pass() {
    let hub = Hub::start();
    let sandbox = hub.frobs(2);
    run(&sandbox, &["--jobs=1", "--ready-when-green"]).exits(0);
    let ready = || -> Vec<bool> {
        let pulls = hub.pulls(SLUG);
        pulls.iter().map(|pull| !pull.draft).collect()
    };
    assert_eq!(ready(), [false, false]);
    let check = |of: &str, state| sample(&hub).check(of, "ci", state, false);
    check("#1", CheckState::Passed);
    check("#2", CheckState::Running);
    sandbox
        .batch(["prs", "publish"])
        .exits(0)
        .says("#1 is ready for review")
        .says("#2 stays a draft until its checks pass");
    assert_eq!(ready(), [true, false]);
    let child = sandbox
        .batch_command()
        .args(["prs", "publish", "--watch", "--interval=1s"])
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap();
    let asked = hub.asked().len();
    until("a round is made", || hub.asked().len() > asked);
    check("#2", CheckState::Passed);
    let ended = ran(&child.wait_with_output().unwrap()).exits(0);
    assert_eq!(ended.stderr.matches("#2 is ready for review").count(), 1);
    assert_eq!(ready(), [true, true]);
    sandbox
        .batch(["prs", "publish"])
        .exits(0)
        .says("Nothing to publish");
}

#[track_caller]
fn until(what: &str, reached: impl Fn() -> bool) {
    let limit = Instant::now() + PATIENCE;
    while !reached() {
        assert!(Instant::now() < limit, "not reached: {what}");
        std::thread::sleep(Duration::from_millis(10));
    }
}
