//! `batch prs`: what programs read, and what merging and closing do and refuse.

use serde_json::Value;

use crate::support::sandbox::{Ran, Sandbox};

fn delivered(parts: usize) -> Sandbox {
    let sandbox = Sandbox::frobs(parts);
    let (least, most) = (
        format!("--min-units={parts}"),
        format!("--max-units={parts}"),
    );
    sandbox
        .rename_frob(&[
            "--paths=src/**",
            &least,
            &most,
            "--no-test",
            "--label=tidy",
            "--jobs=1",
        ])
        .exits(0);
    sandbox
}

fn json(ran: &Ran) -> Value {
    serde_json::from_str(&ran.stdout).unwrap_or_else(|error| panic!("{error}: {}", ran.stdout))
}

fn keys(value: &Value) -> Vec<&str> {
    value
        .as_object()
        .unwrap()
        .keys()
        .map(String::as_str)
        .collect()
}

#[test]
fn the_list_is_an_array_of_what_the_contract_names_and_empty_when_there_is_none() {
    let sandbox = Sandbox::frobs(2);
    for all in [
        &["prs", "list", "--format=json"][..],
        &["prs", "list", "--all", "--format=json"],
    ] {
        assert_eq!(json(&sandbox.batch(all).exits(0)), serde_json::json!([]));
    }
    let sandbox = delivered(2);
    let list = json(&sandbox.batch(["prs", "list", "--format=json"]).exits(0));
    let pulls = list.as_array().unwrap();
    assert_eq!(pulls.len(), 2);
    let heads = sandbox.delivered();
    for (index, pull) in pulls.iter().enumerate() {
        assert_eq!(
            keys(pull),
            [
                "auto_merge",
                "base",
                "checks",
                "draft",
                "head",
                "head_commit",
                "head_is_ours",
                "mergeable",
                "number",
                "queued",
                "review",
                "run",
                "state",
                "title",
                "unit",
                "url"
            ]
        );
        // What only a server tells.
        for field in ["auto_merge", "checks", "mergeable", "queued", "review"] {
            assert_eq!(pull[field], Value::Null, "{field}");
        }
        let unit = format!("src-part{index}");
        assert_eq!(pull["number"], index + 1);
        assert_eq!(pull["unit"], unit.as_str());
        assert_eq!(pull["run"], sandbox.report()["run"]);
        assert_eq!(pull["state"], "open");
        assert_eq!(pull["base"], "main");
        assert_eq!(pull["head"], sandbox.unit(&unit)["branch"]);
        assert_eq!(pull["head_commit"], heads[&unit].as_str());
        assert_eq!(pull["url"], sandbox.unit(&unit)["pr"]["url"]);
        assert!(
            pull["title"]
                .as_str()
                .unwrap()
                .starts_with("rename frob to frobnicate")
        );
    }
    let text = sandbox.batch(["prs", "list"]).exits(0);
    assert!(
        text.stdout.contains("src-part1") && text.stdout.contains("open"),
        "{}",
        text.stdout
    );
}

#[test]
fn the_list_is_the_last_runs_unless_all_are_asked_for() {
    let sandbox = delivered(2);
    sandbox
        .batch([
            "shout the end",
            "--rewrite=s/end/END/",
            "--min-units=1",
            "--max-units=1",
            "--no-test",
            "--yes",
        ])
        .exits(0);
    assert_eq!(sandbox.pulls().len(), 1);
    let all = json(
        &sandbox
            .batch(["prs", "list", "--all", "--format=json"])
            .exits(0),
    );
    assert_eq!(all.as_array().unwrap().len(), 3);
}

#[test]
fn a_pull_request_is_shown_with_its_description_and_its_diff() {
    let sandbox = delivered(2);
    let shown = sandbox.batch(["prs", "show", "1"]).exits(0).stdout;
    for words in [
        "#1 rename frob to frobnicate: src/part0",
        "labels: tidy",
        "src/part0/one.txt",
        "-call frob(0)",
        "+call frobnicate(0)",
    ] {
        assert!(shown.contains(words), "{words} in {shown}");
    }
    // The other part is named, and nothing of it is shown.
    assert!(
        shown.contains("- src/part1\n") && !shown.contains("src/part1/"),
        "{shown}"
    );
    let document = json(
        &sandbox
            .batch(["prs", "show", "#1", "--format=json"])
            .exits(0),
    );
    assert_eq!(document["number"], 1);
    assert_eq!(document["labels"], serde_json::json!(["tidy"]));
    assert!(
        document["diff"]
            .as_str()
            .unwrap()
            .contains("+call frobnicate(0)")
    );
    assert!(document["body"].as_str().unwrap().contains("src-part0"));
    sandbox
        .batch(["prs", "show", "9"])
        .exits(2)
        .says("no pull request #9");
}

#[test]
fn merging_all_of_a_run_one_after_another_gives_the_union() {
    let sandbox = delivered(4);
    let before = sandbox.users_own();
    let union = sandbox.union();
    let base = sandbox.git(["rev-parse", "HEAD"]);
    for number in ["3", "1"] {
        sandbox.batch(["prs", "merge", number]).exits(0);
    }
    let merged = sandbox
        .batch(["prs", "merge", "2", "4", "--format=json"])
        .exits(0);
    assert_eq!(json(&merged).as_array().unwrap().len(), 2);
    assert_eq!(sandbox.remote_git(["rev-parse", "main^{tree}"]), union);
    let merges = sandbox.remote_git([
        "rev-list",
        "--merges",
        "--first-parent",
        &format!("{base}..main"),
    ]);
    assert_eq!(merges.lines().count(), 4);
    assert!(sandbox.pulls().iter().all(|pull| pull["state"] == "merged"));
    sandbox
        .batch(["prs", "merge", "1"])
        .exits(1)
        .says("it is merged");
    sandbox
        .batch(["prs", "close", "1"])
        .exits(1)
        .says("is merged");
    sandbox.is_untouched(&before);
}

#[test]
fn a_pull_request_is_merged_onto_a_base_that_has_moved() {
    let sandbox = delivered(2);
    sandbox.write("other.txt", "x\n");
    let moved = sandbox.commit_and_push("meanwhile");
    sandbox.batch(["prs", "merge", "1"]).exits(0);
    assert_eq!(sandbox.remote_git(["rev-parse", "main^1"]), moved);
    assert_eq!(sandbox.blob("main", "other.txt"), b"x\n");
}

#[test]
fn what_the_base_holds_already_is_recorded_as_merged_and_not_merged_twice() {
    let sandbox = delivered(2);
    let head = sandbox.pulls()[0]["head_commit"].clone();
    // By hand; a merge that was killed before its record leaves the same.
    sandbox.git(["merge", "-q", "--no-ff", head.as_str().unwrap()]);
    sandbox.git(["push", "-q", "origin", "HEAD:main"]);
    let main = sandbox.remote_git(["rev-parse", "main"]);
    sandbox
        .batch(["prs", "merge", "1"])
        .exits(0)
        .says("is in main already");
    assert_eq!(sandbox.remote_git(["rev-parse", "main"]), main);
    assert_eq!(sandbox.pulls()[0]["state"], "merged");
}

#[test]
fn a_merge_that_conflicts_is_refused_and_names_the_files() {
    let sandbox = delivered(2);
    sandbox.write(
        "src/part0/one.txt",
        "call something else\nand frob again\nend\n",
    );
    let moved = sandbox.commit_and_push("in the way");
    sandbox
        .batch(["prs", "merge", "1"])
        .exits(1)
        .says("conflicts with main in src/part0/one.txt");
    assert_eq!(sandbox.remote_git(["rev-parse", "main"]), moved);
    assert_eq!(sandbox.pulls()[0]["state"], "open");
    sandbox.batch(["prs", "merge", "2"]).exits(0);
}

#[test]
fn one_that_refuses_does_not_stop_the_others_and_programs_are_told_what_was_done() {
    let sandbox = delivered(3);
    let merged = sandbox
        .batch(["prs", "merge", "1", "9", "2", "--format=json"])
        .exits(1)
        .says("no pull request #9");
    let numbers = |ran: &Ran| -> Vec<u64> {
        let done = json(ran);
        let numbers = done.as_array().unwrap().iter();
        numbers
            .map(|pull| pull["number"].as_u64().unwrap())
            .collect()
    };
    assert_eq!(numbers(&merged), [1, 2]);
    let closed = sandbox
        .batch(["prs", "close", "1", "3", "2", "--format=json"])
        .exits(1)
        .says("#1 is merged")
        .says("#2 is merged");
    assert_eq!(numbers(&closed), [3]);
    let pulls = sandbox.pulls();
    let states: Vec<&Value> = pulls.iter().map(|pull| &pull["state"]).collect();
    assert_eq!(states, ["merged", "merged", "closed"]);
}

#[test]
fn a_branch_that_moved_or_is_gone_is_not_merged() {
    let sandbox = delivered(2);
    let main = sandbox.remote_git(["rev-parse", "main"]);
    let heads: Vec<String> = sandbox
        .pulls()
        .iter()
        .map(|pull| format!("refs/heads/{}", pull["head"].as_str().unwrap()))
        .collect();
    sandbox.remote_git(["update-ref", &heads[0], &main]);
    sandbox.remote_git(["update-ref", "-d", &heads[1]]);
    sandbox
        .batch(["prs", "merge", "1"])
        .exits(1)
        .says("moved to");
    sandbox
        .batch(["prs", "merge", "2"])
        .exits(1)
        .says("is gone");
    assert_eq!(sandbox.remote_git(["rev-parse", "main"]), main);
}

#[test]
fn a_closed_pull_request_keeps_its_branch_and_is_not_merged() {
    let sandbox = delivered(2);
    let heads = sandbox.delivered();
    let closed = json(
        &sandbox
            .batch(["prs", "close", "2", "--format=json"])
            .exits(0),
    );
    assert_eq!(closed[0]["state"], "closed");
    assert_eq!(sandbox.pulls()[1]["state"], "closed");
    assert_eq!(sandbox.delivered(), heads);
    sandbox
        .batch(["prs", "merge", "2"])
        .exits(1)
        .says("it is closed");
    sandbox.batch(["prs", "close", "2"]).exits(1);
}

#[test]
fn without_a_remote_branches_are_local_and_a_base_that_is_checked_out_is_not_moved() {
    let sandbox = Sandbox::local(&[("a/a.txt", "frob\n"), ("b/b.txt", "frob\n")]);
    sandbox.rename_frob(&["--no-test"]).exits(0);
    let branches = sandbox.refs("refs/heads/batch");
    assert_eq!(branches.len(), 2);
    let main = sandbox.git(["rev-parse", "main"]);
    sandbox
        .batch(["prs", "merge", "1"])
        .exits(1)
        .says("its base main is checked out");
    assert_eq!(sandbox.git(["rev-parse", "main"]), main);
    sandbox.git(["switch", "-q", "--detach"]);
    sandbox.batch(["prs", "merge", "1", "2"]).exits(0);
    assert_eq!(sandbox.git(["show", "main:a/a.txt"]), "frobnicate");
    assert_eq!(sandbox.git(["show", "main:b/b.txt"]), "frobnicate");
    assert_eq!(sandbox.git(["rev-parse", "HEAD"]), main);
}
