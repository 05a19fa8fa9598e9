//! Tokens, repositories, remotes and wishes with which no pull request can be had on GitHub, or not all of it.

use super::runs::{refused, run};
use crate::support::github::faults::{At, Fault};
use crate::support::github::hub::{Hub, TOKEN};
use crate::support::github::state::Role;

#[test]
fn a_token_that_is_missing_or_wrong_is_told_before_any_work() {
    let hub = Hub::start();
    let mut sandbox = hub.frobs(2);
    sandbox.set("GH_ENTERPRISE_TOKEN", "");
    let names = "neither GH_ENTERPRISE_TOKEN nor GITHUB_ENTERPRISE_TOKEN is set";
    refused(
        &hub,
        &sandbox,
        &[],
        &["error: no token for ", names, "hint: ", "--forge local"],
    );
    sandbox.set(
        "GH_ENTERPRISE_TOKEN",
        "ghp_wrongWrongWrongWrongWrongWrongWrong",
    );
    refused(&hub, &sandbox, &[], &["Bad credentials", "hint: "]);
}

#[test]
fn a_token_that_may_not_open_pull_requests_is_told_before_any_work() {
    let hub = Hub::start();
    let mut sandbox = hub.frobs(2);
    hub.classic_token("ghp_noScope", "mona", &[]);
    sandbox.set("GH_ENTERPRISE_TOKEN", "ghp_noScope");
    refused(&hub, &sandbox, &[], &["error: ", "scope", "hint: "]);
    let permissions = [("metadata", "read"), ("contents", "write")];
    hub.fine_grained_token("github_pat_x", "mona", &permissions);
    sandbox.set("GH_ENTERPRISE_TOKEN", "github_pat_x");
    refused(
        &hub,
        &sandbox,
        &[],
        &["error: ", "pull requests: write", "hint: "],
    );
}

#[test]
fn a_token_that_needs_single_sign_on_is_told_so() {
    let hub = Hub::start();
    let sandbox = hub.frobs(2);
    hub.needs_sso(TOKEN);
    refused(
        &hub,
        &sandbox,
        &[],
        &["SAML enforcement", "hint: authorise the token"],
    );
}

#[test]
fn a_repository_that_takes_nothing_is_told_before_any_work() {
    let hub = Hub::start();
    let sandbox = hub.frobs(2);
    let repository = hub.repository("octo/sample");
    repository.archived();
    refused(&hub, &sandbox, &[], &["/octo/sample is archived", "hint: "]);

    let hub = Hub::start();
    let sandbox = hub.frobs(2);
    hub.repository("octo/sample").disabled();
    refused(
        &hub,
        &sandbox,
        &[],
        &[
            "error: looking at octo/sample: Repository access blocked",
            "hint: ",
        ],
    );

    let hub = Hub::start();
    let sandbox = hub.frobs(2);
    hub.repository("octo/sample").gone();
    refused(
        &hub,
        &sandbox,
        &[],
        &["error: looking at octo/sample", "hint: "],
    );
}

#[test]
fn wishes_that_the_repository_does_not_allow_are_told_before_any_work() {
    let hub = Hub::start();
    let sandbox = hub.frobs(2);
    let repository = hub.repository("octo/sample").without_issues();
    let tracking = ["--tracking-issue=new"];
    refused(
        &hub,
        &sandbox,
        &tracking,
        &["has no issues", "hint: turn issues on"],
    );
    repository.methods(&["squash"]);
    let merge = ["--auto-merge"];
    refused(
        &hub,
        &sandbox,
        &merge,
        &[
            "to be merged by merge",
            "hint: it allows --auto-merge=squash",
        ],
    );
    repository.without_auto_merge();
    refused(
        &hub,
        &sandbox,
        &merge,
        &["does not allow auto-merge", "hint: "],
    );
}

#[test]
fn where_github_cannot_be_reached_nothing_is_begun() {
    let hub = Hub::start();
    let sandbox = hub.frobs(2);
    hub.fault(At::first("GET", "/repos/octo/sample"), Fault::Unavailable)
        .always();
    refused(
        &hub,
        &sandbox,
        &[],
        &["error: looking at octo/sample", "hint: ", "--forge local"],
    );
}

#[test]
fn a_remote_that_is_no_server_or_not_known_as_github_is_named() {
    let hub = Hub::start();
    let mut sandbox = hub.frobs(2);
    let path = hub.repository("octo/sample").path();
    let path = path.to_str().unwrap().to_owned();
    sandbox.git(["remote", "set-url", "origin", &path]);
    let github = ["--forge=github"];
    refused(
        &hub,
        &sandbox,
        &github,
        &["the remote origin is a path", "hint: "],
    );
    sandbox.set("BATCH_GITHUB_HOST", "ghe.example");
    sandbox.git(["remote", "set-url", "origin", &hub.clone_url("octo/sample")]);
    let stranger = format!("the remote origin is at {}", hub.host());
    refused(
        &hub,
        &sandbox,
        &[],
        &[&stranger, "--forge github", "--forge local"],
    );
    sandbox.git(["remote", "set-url", "origin", "git@ghe.example:sample"]);
    refused(
        &hub,
        &sandbox,
        &[],
        &["OWNER/NAME", "hint: name it with --repo"],
    );
    run(&sandbox, &["--forge=local", "--repo=octo/sample"])
        .exits(2)
        .says("--repo is for GitHub");
}

#[test]
fn a_branch_that_is_in_the_way_is_named_before_any_work() {
    let hub = Hub::start();
    let sandbox = hub.frobs(2);
    sandbox.git(["push", "-q", "origin", "HEAD:refs/heads/batch"]);
    let ran = run(&sandbox, &[]).exits(4);
    ran.says("branch `batch` on origin blocks")
        .says("--branch-prefix");
    assert_eq!(hub.creates(), [] as [&str; 0]);
}

#[test]
fn a_label_or_a_reviewer_that_cannot_be_had_is_a_warning_on_the_unit() {
    let hub = Hub::start();
    let sandbox = hub.frobs(2);
    hub.repository("octo/sample").labels_by(Role::Admin);
    run(&sandbox, &["--label=new", "--reviewer=bob"]).exits(0);
    let pulls = hub.pulls("octo/sample");
    assert_eq!(pulls.len(), 2);
    assert!(
        pulls
            .iter()
            .all(|pull| pull.labels.is_empty() && pull.reviewers.is_empty())
    );
    let report = sandbox.run_file("report.md");
    assert!(report.contains("new") && report.contains("bob"), "{report}");
    assert_eq!(sandbox.report()["summary"]["opened"], 2);
}

#[test]
fn wishes_that_cannot_be_meant_are_wrong_usage() {
    let hub = Hub::start();
    let sandbox = hub.frobs(2);
    for (option, said) in [
        ("--reviewer=@me", "write your login"),
        ("--assignee=octo/core", "must be a login"),
        ("--auto-merge=fast", "must be merge, squash or rebase"),
        ("--max-open-prs=0", "must be a whole number, 1 or more"),
        (
            "--tracking-issue=soon",
            "must be `new` or the number of an issue",
        ),
        ("--repo=octo", "must be OWNER/NAME or HOST/OWNER/NAME"),
        ("--fork=yes", "write --fork or --fork=make"),
    ] {
        run(&sandbox, &[option]).exits(2).says(said);
    }
    assert_eq!(hub.asked(), [] as [&str; 0]);
}
