//! Pull requests on GitHub followed from the list to the merge, with `batch prs`.

use serde_json::Value;

use crate::support::github::hub::{Hub, TOKEN};
use crate::support::github::repository::Repository;
use crate::support::github::state::{CheckState, Verdict};
use crate::support::sandbox::{Ran, Sandbox};
use crate::support::terminal::Terminal;

/// So many units, delivered: each with a pull request of its own, in their order.
fn delivered(hub: &Hub, units: usize) -> Sandbox {
    let sandbox = hub.frobs(units);
    let (least, most) = (
        format!("--min-units={units}"),
        format!("--max-units={units}"),
    );
    let line = ["--paths=src/**", &least, &most, "--no-test", "--jobs=1"];
    sandbox.rename_frob(&line).exits(0);
    sandbox
}

fn sample(hub: &Hub) -> Repository<'_> {
    hub.repository("octo/sample")
}

fn json(ran: &Ran) -> Value {
    serde_json::from_str(&ran.stdout).unwrap_or_else(|error| panic!("{error}: {}", ran.stdout))
}

fn listed(sandbox: &Sandbox) -> Value {
    json(&sandbox.batch(["prs", "list", "--format=json"]).exits(0))
}

/// Each of them has a check that passed.
fn green(hub: &Hub, numbers: &[u64]) {
    for number in numbers {
        sample(hub).check(&format!("#{number}"), "ci", CheckState::Passed, false);
    }
}

/// Somebody pushes a commit to the branch of a pull request; the commit.
fn ada_pushes(hub: &Hub, number: u64) -> String {
    let pull = &hub.pulls("octo/sample")[usize::try_from(number).unwrap() - 1];
    let (branch, head) = (pull.head.clone(), pull.head_commit.clone());
    let tree = format!("{head}^{{tree}}");
    let repository = sample(hub);
    let commit = repository.git([
        "-c",
        "user.name=Ada",
        "-c",
        "user.email=ada@example.invalid",
        "commit-tree",
        "-m",
        "Mend the comment",
        "-p",
        &head,
        &tree,
    ]);
    repository.git(["update-ref", &format!("refs/heads/{branch}"), &commit]);
    commit
}

fn states(hub: &Hub) -> Vec<&'static str> {
    let pulls = hub.pulls("octo/sample");
    pulls.iter().map(|pull| pull.state).collect()
}

#[test]
fn the_list_tells_state_review_checks_and_whether_each_can_be_merged() {
    let hub = Hub::start();
    let sandbox = delivered(&hub, 4);
    let repository = sample(&hub);
    repository
        .check("#1", "ci", CheckState::Passed, true)
        .review(1, Verdict::Approved)
        .check("#2", "ci", CheckState::Passed, false)
        .check("#2", "lint", CheckState::Running, false)
        .review(2, Verdict::ChangesRequested)
        .close(4);
    let text = sandbox.batch(["prs", "list"]).exits(0).stdout;
    let lines: Vec<Vec<&str>> = text
        .lines()
        .map(|line| line.split_whitespace().collect())
        .collect();
    assert_eq!(
        lines[0],
        ["PR", "STATE", "REVIEW", "CHECKS", "MERGEABLE", "UNIT"]
    );
    assert_eq!(
        lines[1],
        ["#1", "open", "approved", "passed", "yes", "src-part0"]
    );
    assert_eq!(
        lines[2][..7],
        ["#2", "open", "changes", "wanted", "1", "of", "2"]
    );
    assert_eq!(lines[3][..5], ["#3", "open", "–", "none", "yet"]);
    assert_eq!(lines[4][..2], ["#4", "closed"]);
    assert!(
        text.lines().all(|line| line.chars().count() <= 80),
        "{text}"
    );
    let list = listed(&sandbox);
    assert_eq!(list[0]["state"], "open");
    assert_eq!(list[0]["review"], "approved");
    assert_eq!(list[0]["checks"]["required"]["state"], "passed");
    assert_eq!(list[0]["head_is_ours"], true);
    assert_eq!(list[1]["review"], "changes-requested");
    assert_eq!(list[1]["checks"]["state"], "pending");
    assert_eq!(list[2]["checks"]["state"], "none-yet");
    assert_eq!(list[3]["state"], "closed");
}

#[test]
fn at_a_terminal_the_list_has_colours_unless_they_are_not_wanted() {
    let hub = Hub::start();
    let sandbox = delivered(&hub, 2);
    sample(&hub).close(2);
    let coloured = |no_color: &str| {
        let mut command = sandbox.at_terminal(["prs", "list"]);
        command.env("NO_COLOR", no_color);
        let left = Terminal::start(&command).ends().exits(0);
        let lines = left.screen.lines();
        assert!(lines.clone().count() >= 3, "{}", left.screen);
        assert!(left.screen.contains("#2  closed"), "{}", left.screen);
        // Whatever else moves a cursor: this sets a colour.
        left.raw.contains("\u{1b}[3")
    };
    assert!(coloured(""));
    assert!(!coloured("1"));
}

#[test]
fn where_github_does_not_answer_the_list_is_what_the_journal_knows() {
    let hub = Hub::start();
    let sandbox = delivered(&hub, 2);
    hub.revoke(TOKEN);
    let text = sandbox
        .batch(["prs", "list"])
        .exits(4)
        .says("what the journal knows");
    assert!(text.stdout.contains("#2"), "{}", text.stdout);
    assert!(text.stdout.contains("src-part1"), "{}", text.stdout);
    let list = json(&sandbox.batch(["prs", "list", "--format=json"]).exits(4));
    assert_eq!(list[1]["number"], 2);
    assert_eq!(list[1]["state"], Value::Null);
}

#[test]
fn one_is_shown_with_its_checks_by_name_and_its_diff() {
    let hub = Hub::start();
    let sandbox = delivered(&hub, 1);
    let repository = sample(&hub);
    repository
        .check("#1", "unit tests", CheckState::Failed, true)
        .check("#1", "lint", CheckState::Passed, false);
    let shown = sandbox.batch(["prs", "show", "1"]).exits(0).stdout;
    for words in [
        "#1 rename frob to frobnicate",
        "/octo/sample/pull/1",
        "failed  unit tests (required)",
        "passed  lint",
        "+call frobnicate(0)",
    ] {
        assert!(shown.contains(words), "{words} in {shown}");
    }
    let document = json(
        &sandbox
            .batch(["prs", "show", "1", "--format=json"])
            .exits(0),
    );
    assert_eq!(document["checks"]["each"].as_array().unwrap().len(), 2);
    sandbox
        .batch(["prs", "show", "7"])
        .exits(2)
        .says("no pull request #7");
}

#[test]
fn nothing_is_merged_before_its_checks_passed_and_it_is_approved() {
    let hub = Hub::start();
    let sandbox = delivered(&hub, 2);
    let repository = sample(&hub);
    repository
        .requires_check("main", "ci")
        .requires_review("main");
    let merge = |args: &[&str]| sandbox.batch([&["prs", "merge"], args].concat());
    merge(&["1"]).exits(1).says("wants an approval");
    repository.review(1, Verdict::Approved);
    merge(&["1"]).exits(1).says("no check was reported yet");
    repository.check("#1", "ci", CheckState::Failed, true);
    merge(&["1"]).exits(1).says("1 check failed: ci");
    repository.check("#1", "ci", CheckState::Running, true);
    merge(&["1"]).exits(1).says("1 of 1 check has not ended");
    assert_eq!(states(&hub), ["open", "open"]);
    repository.check("#1", "ci", CheckState::Passed, true);
    // The other is refused, which does not keep this one back.
    let merged = merge(&["2", "1", "--format=json"]).exits(1);
    assert_eq!(json(&merged)[0]["state"], "merged");
    assert_eq!(states(&hub), ["merged", "open"]);
    merge(&["2", "--auto"])
        .exits(0)
        .says("by itself once it may");
    assert!(hub.pulls("octo/sample")[1].auto_merge.is_some());
}

#[test]
fn all_are_merged_one_after_another_though_mergeability_is_unknown_at_first() {
    let hub = Hub::start();
    let sandbox = delivered(&hub, 2);
    green(&hub, &[1, 2]);
    let union = sandbox.union();
    hub.unknown_asks(1);
    sandbox.batch(["prs", "merge", "--all"]).exits(0);
    assert_eq!(states(&hub), ["merged", "merged"]);
    assert_eq!(sample(&hub).git(["rev-parse", "main^{tree}"]), union);
    sandbox
        .batch(["prs", "merge", "--all"])
        .exits(0)
        .says("No pull request of this run is open");
}

#[test]
fn the_method_is_the_first_that_the_repository_allows() {
    let hub = Hub::start();
    let sandbox = delivered(&hub, 1);
    green(&hub, &[1]);
    sample(&hub).methods(&["squash", "rebase"]);
    let before = sample(&hub).branch("main").unwrap();
    sandbox
        .batch(["prs", "merge", "1"])
        .exits(0)
        .says("(squash)");
    assert_eq!(sample(&hub).git(["rev-parse", "main^"]), before);
}

#[test]
fn a_merge_queue_is_where_it_goes_if_there_is_one() {
    let hub = Hub::start();
    let sandbox = delivered(&hub, 1);
    green(&hub, &[1]);
    sample(&hub).merge_queue("main");
    sandbox
        .batch(["prs", "merge", "1"])
        .exits(0)
        .says("merge queue of main");
}

#[test]
fn what_others_pushed_is_shown_and_neither_merged_nor_updated_unless_asked() {
    let hub = Hub::start();
    let sandbox = delivered(&hub, 1);
    let theirs = ada_pushes(&hub, 1);
    green(&hub, &[1]);
    let text = sandbox.batch(["prs", "list"]).exits(0).stdout;
    assert!(text.contains("+1 by others"), "{text}");
    assert_eq!(listed(&sandbox)[0]["head_is_ours"], false);
    sandbox
        .batch(["prs", "merge", "1"])
        .exits(1)
        .says("and this run left it at");
    sandbox.write("other.txt", "x\n");
    sandbox.commit_and_push("meanwhile");
    sandbox
        .batch(["prs", "update", "1"])
        .exits(1)
        .says("others pushed 1 commit")
        .says("--on-top");
    assert_eq!(hub.pulls("octo/sample")[0].head_commit, theirs);
    sandbox
        .batch(["prs", "close", "1", "--delete-branch"])
        .exits(0)
        .says("stays: others pushed to it");
    assert!(
        sample(&hub)
            .branch(&hub.pulls("octo/sample")[0].head)
            .is_some()
    );
}

#[test]
fn an_update_on_top_keeps_what_others_pushed_and_is_merged_with_their_commits() {
    let hub = Hub::start();
    let sandbox = delivered(&hub, 1);
    let theirs = ada_pushes(&hub, 1);
    sandbox.write("other.txt", "x\n");
    let base = sandbox.commit_and_push("meanwhile");
    sandbox
        .batch(["prs", "update", "1", "--on-top"])
        .exits(0)
        .says("Merged main into the branch of #1");
    let head = hub.pulls("octo/sample")[0].head_commit.clone();
    for held in [&theirs, &base] {
        sample(&hub).git(["merge-base", "--is-ancestor", held, &head]);
    }
    green(&hub, &[1]);
    sandbox.batch(["prs", "merge", "1"]).exits(0);
    assert_eq!(states(&hub), ["merged"]);
}

#[test]
fn closing_says_why_and_deletes_the_branch_that_is_as_it_was_left() {
    let hub = Hub::start();
    let sandbox = delivered(&hub, 2);
    sandbox
        .batch([
            "prs",
            "close",
            "1",
            "--delete-branch",
            "--comment=Done another way.",
        ])
        .exits(0)
        .says("is deleted");
    let pulls = hub.pulls("octo/sample");
    assert_eq!(pulls[0].state, "closed");
    assert!(pulls[0].comments[0].starts_with("Done another way."));
    assert_eq!(sample(&hub).branch(&pulls[0].head), None);
    assert!(sample(&hub).branch(&pulls[1].head).is_some());
    sandbox
        .batch(["prs", "close", "1"])
        .exits(1)
        .says("#1 is closed");
}

#[test]
fn a_branch_is_brought_up_to_its_base_by_a_merge_and_stays_ours() {
    let hub = Hub::start();
    let sandbox = delivered(&hub, 2);
    sandbox.write("other.txt", "x\n");
    let base = sandbox.commit_and_push("meanwhile");
    let updated = sandbox
        .batch(["prs", "update", "--all", "--format=json"])
        .exits(0);
    assert_eq!(json(&updated).as_array().unwrap().len(), 2);
    for pull in hub.pulls("octo/sample") {
        sample(&hub).git(["merge-base", "--is-ancestor", &base, &pull.head_commit]);
    }
    let list = listed(&sandbox);
    assert_eq!(list[0]["head_is_ours"], true);
    assert_eq!(list[1]["head_is_ours"], true);
    sandbox
        .batch(["prs", "update", "1"])
        .exits(0)
        .says("holds all of main already");
}

#[test]
fn a_unit_that_conflicts_with_the_base_is_done_again_there() {
    let hub = Hub::start();
    let sandbox = delivered(&hub, 2);
    sandbox.write("src/part0/one.txt", "call frob(7)\nand frob again\nend\n");
    let base = sandbox.commit_and_push("in the way");
    sandbox.batch(["prs", "update", "--all"]).exits(0);
    let pulls = hub.pulls("octo/sample");
    let again = &pulls[0];
    let repository = sample(&hub);
    assert_eq!(
        repository.git(["rev-parse", &format!("{}^", again.head_commit)]),
        base
    );
    let text = repository.git(["show", &format!("{}:src/part0/one.txt", again.head_commit)]);
    assert!(text.starts_with("call frobnicate(7)"), "{text}");
    // The other one is clean: it is merged into, and not done again.
    repository.git(["merge-base", "--is-ancestor", &base, &pulls[1].head_commit]);
    assert_eq!(hub.creates().len(), 2);
    assert!(listed(&sandbox)[0]["head_is_ours"] == true);
}

#[test]
fn a_rebase_puts_the_unit_on_the_base_as_it_is_now() {
    let hub = Hub::start();
    let sandbox = delivered(&hub, 1);
    sandbox.write("other.txt", "x\n");
    let base = sandbox.commit_and_push("meanwhile");
    sandbox.batch(["prs", "update", "1", "--rebase"]).exits(0);
    let head = hub.pulls("octo/sample")[0].head_commit.clone();
    let repository = sample(&hub);
    assert_eq!(repository.git(["rev-parse", &format!("{head}^")]), base);
}

#[test]
fn the_same_is_said_on_several() {
    let hub = Hub::start();
    let sandbox = delivered(&hub, 2);
    let said = sandbox
        .batch([
            "prs",
            "comment",
            "--all",
            "--body=The release waits.",
            "--format=json",
        ])
        .exits(0);
    assert_eq!(json(&said)[1]["number"], 2);
    for pull in hub.pulls("octo/sample") {
        assert_eq!(pull.comments.len(), 1);
        assert!(pull.comments[0].starts_with("The release waits."));
    }
    sandbox.batch(["prs", "comment", "1", "--body= "]).exits(2);
}

#[test]
fn what_a_cut_off_journal_does_not_know_is_adopted() {
    let hub = Hub::start();
    let sandbox = delivered(&hub, 3);
    ada_pushes(&hub, 3);
    let run = sandbox.report()["run"].as_str().unwrap().to_owned();
    let journal = sandbox.path(&format!("repo/.git/batch/runs/{run}/journal.jsonl"));
    let text = std::fs::read_to_string(&journal).unwrap();
    let first = text.lines().next().unwrap();
    std::fs::write(&journal, format!("{first}\n")).unwrap();
    assert_eq!(listed(&sandbox), serde_json::json!([]));
    let adopted = sandbox
        .batch(["prs", "adopt", "--format=json"])
        .exits(0)
        .says("src-part0: adopted #1, open")
        .says("src-part2: left alone: #3");
    let results = json(&adopted);
    assert_eq!(results[1]["result"], "adopted");
    assert_eq!(results[2]["result"], "left");
    let list = listed(&sandbox);
    assert_eq!(list.as_array().unwrap().len(), 2);
    assert_eq!(list[1]["head_is_ours"], true);
    green(&hub, &[1]);
    sandbox.batch(["prs", "merge", "1"]).exits(0);
    sandbox
        .batch(["prs", "adopt"])
        .exits(0)
        .says("src-part1: the journal knows all that there is");
}

#[test]
fn what_a_cap_held_back_is_opened_as_others_are_merged() {
    let hub = Hub::start();
    let sandbox = hub.frobs(2);
    let line = [
        "--paths=src/**",
        "--min-units=2",
        "--max-units=2",
        "--no-test",
    ];
    let capped = ["--jobs=1", "--max-open-prs=1"];
    sandbox.rename_frob(&[&line[..], &capped].concat()).exits(0);
    assert_eq!(hub.creates().len(), 1);
    let text = sandbox.batch(["prs", "list"]).exits(0).stdout;
    assert!(
        text.contains("WITHOUT A PULL REQUEST\nsrc-part1: "),
        "{text}"
    );
    sandbox.batch(["prs", "publish"]).exits(0);
    assert_eq!(hub.creates().len(), 1);
    green(&hub, &[1]);
    sandbox.batch(["prs", "merge", "1"]).exits(0);
    sandbox
        .batch(["prs", "publish", "--watch"])
        .exits(0)
        .says("Opened #2");
    assert_eq!(states(&hub), ["merged", "open"]);
}
