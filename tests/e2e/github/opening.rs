//! Whole runs whose pull requests are opened on GitHub.

use super::runs::{holding, run, started};
use crate::support::github::hub::{Hub, TOKEN};
use crate::support::github::state::Role;
use crate::support::sandbox::ran;

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
    .exits(0)
    .says(&format!(
        "opens 3 pull requests on {}/octo/sample",
        hub.host()
    ))
    .says("octo/core, as you say, for each")
    .says("writes    9 to GitHub");
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
        let number = pr["number"].as_u64().unwrap();
        let pull = pulls.iter().find(|pull| pull.number == number).unwrap();
        assert_eq!(unit["commit"], *pull.head_commit);
        assert_eq!(unit["branch"], *pull.head);
    }
    let started = started(&sandbox);
    assert_eq!(started["forge"], "github");
    assert_eq!(started["site"], format!("{}/octo/sample", hub.host()));
    assert_eq!(started["pulls"]["labels"][0], "migration");
    assert!(!ran.stderr.contains(TOKEN));
}

#[test]
fn the_token_is_in_no_file_no_output_no_argument_and_no_childs_environment() {
    const SECRET: &str = "ghp_secretSecretSecretSecretSecretSecret";
    let hub = Hub::start();
    hub.classic_token(SECRET, "mona", &["repo"]);
    let mut sandbox = hub.frobs(2);
    sandbox.set("GH_ENTERPRISE_TOKEN", SECRET);
    let notes = sandbox.path("notes");
    let spy = format!(
        "{{ env; cat /proc/[0-9]*/cmdline; }} >> '{}' 2>/dev/null; true",
        notes.display()
    );
    let mut command = sandbox.batch_command();
    command
        .args(["rename frob to frobnicate", "--yes", "-v", "--paths=src/**"])
        .args(["--rewrite", r"s/\bfrob\b/frobnicate/g", "--min-units=2"])
        .args(["--label=a", "--setup", &spy, "--test", &spy]);
    let ran = ran(&command.output().unwrap()).exits(0);
    assert_eq!(hub.pulls("octo/sample").len(), 2);
    assert!(ran.stderr.contains("GH_ENTERPRISE_TOKEN"), "{}", ran.stderr);
    assert!(!(ran.stderr + &ran.stdout).contains(SECRET));
    let noted = std::fs::read(notes).unwrap();
    assert!(memchr::memmem::find(&noted, b"HOME=").is_some());
    // Other tests have processes too, none of which knows this token.
    assert_eq!(holding(SECRET, &sandbox.path("")), [] as [&str; 0]);
}

#[test]
fn drafts_notify_nobody_and_the_plan_says_whom_they_would() {
    let hub = Hub::start();
    let owners = "/src/a/ @ada @octo/core\n/src/b/ @ada\n";
    let sandbox = hub.sandbox(&[
        (".github/CODEOWNERS", owners),
        (".github/workflows/ci.yml", "on: [push, pull_request]\n"),
        ("src/a/a.txt", "frob\n"),
        ("src/b/b.txt", "frob\n"),
    ]);
    run(&sandbox, &["--draft"])
        .exits(0)
        .says("opens 2 draft pull requests on")
        .says("CI        4 runs of ci.yml")
        .says("no owner while they are drafts; then @ada (2), @octo/core (1)");
    for pull in hub.pulls("octo/sample") {
        assert!(pull.draft);
        assert_eq!(pull.reviewers, [] as [&str; 0]);
    }
    hub.repository("octo/sample").team("octo/core");
    hub.repository("octo/sample")
        .collaborator("ada", Role::Write);
    run(&sandbox, &["--reviewers-from-codeowners"])
        .exits(0)
        .says("@ada (2), @octo/core (1), as CODEOWNERS has it");
    let pulls = hub.pulls("octo/sample");
    let (ready, drafts): (Vec<_>, Vec<_>) = pulls.iter().partition(|pull| !pull.draft);
    assert_eq!((ready.len(), drafts.len()), (2, 2));
    assert!(ready.iter().all(|pull| pull.reviewers == ["ada"]));
    assert!(ready.iter().any(|pull| pull.teams == ["octo/core"]));
}

#[test]
fn a_fork_is_made_after_the_yes_and_holds_the_branches() {
    let hub = Hub::start();
    let sandbox = hub.frobs(2);
    let repository = hub.repository("octo/sample").stranger("mona");
    run(&sandbox, &[])
        .exits(4)
        .says("error: mona has no right to push to")
        .says("--fork");
    run(&sandbox, &["--fork"]).exits(4).says("--fork=make");
    run(&sandbox, &["--fork=make", "--dry-run"]).exits(0);
    assert!(
        hub.requests()
            .iter()
            .all(|entry| !entry.is_write() || entry.nth.is_none())
    );
    run(&sandbox, &["--fork=make"])
        .exits(0)
        .says("fork, which is made first if there is none");
    let pulls = hub.pulls("octo/sample");
    assert_eq!(pulls.len(), 2);
    let fork = hub.repository("mona/sample");
    for pull in &pulls {
        assert_eq!(pull.head_owner, "mona");
        assert_eq!(fork.branch(&pull.head).as_deref(), Some(&*pull.head_commit));
        assert_eq!(repository.branch(&pull.head), None);
    }
    assert_eq!(started(&sandbox)["fork"], "mona/sample");
    // It is there now, and is taken as it is.
    run(&sandbox, &["--fork"]).exits(0).says("mona/sample");
    assert_eq!(hub.pulls("octo/sample").len(), 4);
    run(&sandbox, &["--fork", "--stack"])
        .exits(2)
        .says("--stack cannot be had with branches in a fork");
}

#[test]
fn a_remote_that_is_a_fork_needs_the_repository_named() {
    let hub = Hub::start();
    let sandbox = hub.frobs(2);
    hub.repository("octo/sample").stranger("mona");
    run(&sandbox, &["--fork=make"]).exits(0);
    sandbox.git(["remote", "set-url", "origin", &hub.clone_url("mona/sample")]);
    sandbox.git(["push", "-q", "origin", "HEAD:main"]);
    run(&sandbox, &["--repo=octo/sample"]).exits(0);
    let pulls = hub.pulls("octo/sample");
    assert_eq!(pulls.len(), 4);
    assert!(pulls.iter().all(|pull| pull.head_owner == "mona"));
    assert_eq!(started(&sandbox)["fork"], "mona/sample");
}

#[test]
fn a_renamed_repository_is_found_by_its_earlier_name() {
    let hub = Hub::start();
    let sandbox = hub.frobs(2);
    hub.repository("octo/sample").renamed("octo/other");
    run(&sandbox, &[])
        .exits(0)
        .says("note: octo/sample is called octo/other now");
    assert_eq!(hub.pulls("octo/other").len(), 2);
    let site = format!("{}/octo/other", hub.host());
    assert_eq!(started(&sandbox)["site"], site);
}

#[test]
fn a_rerun_goes_to_the_repository_of_the_journal_whatever_the_remotes_address_is_by_now() {
    let hub = Hub::start();
    let sandbox = hub.frobs(2);
    let test = format!(
        "test -e '{}' || ! test -e src/part1 || ! grep -q frobnicate src/part1/one.txt",
        sandbox.path("mended").display()
    );
    let args = [
        "--paths=src/**",
        "--min-units=2",
        "--label=first",
        "--test",
        &test,
    ];
    sandbox.rename_frob(&args).exits(1);
    assert_eq!(hub.pulls("octo/sample").len(), 1);
    std::fs::write(sandbox.path("mended"), "").unwrap();
    let path = hub.repository("octo/sample").path();
    sandbox.git(["remote", "set-url", "origin", path.to_str().unwrap()]);
    sandbox.batch(["rerun", "--draft"]).exits(0);
    let pulls = hub.pulls("octo/sample");
    assert_eq!(pulls.len(), 2);
    assert!(!pulls[0].draft && pulls[1].draft);
    assert_eq!(pulls[1].labels, ["first"]);
}

#[test]
fn a_dry_run_asks_github_nothing_and_needs_no_token() {
    let hub = Hub::start();
    let mut sandbox = hub.frobs(2);
    sandbox.set("GH_ENTERPRISE_TOKEN", "");
    let ran = run(&sandbox, &["--dry-run"]).exits(0).says(&format!(
        "note: a dry run does not ask {} for your rights",
        hub.host()
    ));
    assert!(
        ran.stdout.contains("opens 2 pull requests on"),
        "{}",
        ran.stdout
    );
    assert_eq!(hub.asked(), [] as [&str; 0]);
}

#[test]
fn a_protected_base_is_no_hindrance() {
    let hub = Hub::start();
    let sandbox = hub.frobs(2);
    hub.repository("octo/sample")
        .protected("main")
        .requires_review("main")
        .requires_check("main", "ci");
    run(&sandbox, &[]).exits(0);
    assert_eq!(hub.pulls("octo/sample").len(), 2);
}
