//! How GraphQL's answers are asked for and read.

use serde_json::{Value, json};

use super::super::stub::{Asked, Stub, new_pull, undefined};
use super::{query, reading};
use crate::engine::ports::{Forge, ForgeError};
use crate::model::sample;
use crate::model::standing::CheckState::{Failed, Passed, Pending};
use crate::model::standing::{Review, Verdict, Way};

/// A pull request as GraphQL has it, with these checks.
fn item(number: u64, nodes: &Value) -> Value {
    let new = new_pull();
    json!({
        "id": format!("PR_{number}"),
        "number": number,
        "title": new.title,
        "url": format!("https://github.com/octo/sample/pull/{number}"),
        "body": new.body,
        "state": "OPEN",
        "isDraft": false,
        "createdAt": "2026-01-02T03:04:05Z",
        "headRefName": new.head,
        "headRefOid": new.head_commit.as_str(),
        "baseRefName": "main",
        "mergeCommit": null,
        "reviewDecision": null,
        "mergeable": "MERGEABLE",
        "mergeStateStatus": "CLEAN",
        "isInMergeQueue": false,
        "autoMergeRequest": null,
        "labels": { "nodes": [{ "name": "size/S" }] },
        "commits": { "nodes": [{ "commit": { "oid": new.head_commit.as_str(), "statusCheckRollup": {
            "state": "PENDING",
            "contexts": {
                "pageInfo": { "hasNextPage": false, "endCursor": "Y3Vyc29y" },
                "nodes": nodes,
            },
        } } }] },
    })
}

fn run(status: &str, conclusion: Option<&str>) -> Value {
    json!({
        "__typename": "CheckRun",
        "name": "build",
        "status": status,
        "conclusion": conclusion,
        "isRequired": true,
    })
}

fn status(state: &str) -> Value {
    json!({ "__typename": "StatusContext", "context": "ci/lint", "state": state, "isRequired": false })
}

/// The numbers that a query asks for.
fn numbers(call: &Asked) -> Vec<u64> {
    let query = call.body["query"].as_str().unwrap();
    let parts = query.split("pullRequest(number: ").skip(1);
    let digits = parts.map_while(|part| part.split(')').next()?.parse().ok());
    digits.collect()
}

/// Answers queries for the pull requests that are there.
async fn stub(there: impl Fn(u64, bool) -> Option<Value> + Send + 'static) -> Stub {
    Stub::new(move |call: &Asked| {
        let with_checks = call.body["query"].as_str().unwrap().contains("contexts(");
        let mut data = json!({});
        let mut errors = Vec::new();
        for number in numbers(call) {
            let found = there(number, with_checks);
            if found.is_none() {
                errors.push(
                    json!({ "type": "NOT_FOUND", "message": "Could not resolve to a PullRequest" }),
                );
            }
            data[query::alias(number)] = found.into();
        }
        let mut answer = json!({ "data": { "repository": data } });
        if !errors.is_empty() {
            answer["errors"] = errors.into();
        }
        (200, answer)
    })
    .await
}

#[tokio::test]
async fn twenty_are_asked_for_at_once_in_order_and_those_that_are_gone_are_left_out() {
    let stub = stub(|number, _| (number != 7).then(|| item(number, &json!([])))).await;
    let wanted: Vec<u64> = (1..=41).rev().collect();
    let standings = stub.github().standings(&wanted).await.unwrap();
    let found: Vec<u64> = standings
        .iter()
        .map(|standing| standing.pull.number)
        .collect();
    let there: Vec<u64> = wanted.into_iter().filter(|number| *number != 7).collect();
    assert_eq!(found, there);
    assert_eq!(stub.lines(), ["POST /graphql"; 3]);
    assert_eq!(standings[0].verdict(), Verdict::NoneYet);
    assert_eq!(standings[0].pull.mark, Some(new_pull().mark));
}

#[tokio::test]
async fn one_that_is_asked_for_twice_is_shown_twice() {
    let stub = stub(|number, _| Some(item(number, &json!([])))).await;
    let standings = stub.github().standings(&[3, 3]).await.unwrap();
    let found: Vec<u64> = standings.iter().map(|one| one.pull.number).collect();
    assert_eq!(found, [3, 3]);
}

#[tokio::test]
async fn a_repository_that_the_token_does_not_show_is_no_empty_list() {
    let stub = Stub::new(|_: &Asked| {
        let error = json!({ "type": "NOT_FOUND", "message": "Could not resolve to a Repository" });
        (
            200,
            json!({ "data": { "repository": null }, "errors": [error] }),
        )
    })
    .await;
    let error = stub.github().standings(&[1]).await.unwrap_err();
    assert!(matches!(error, ForgeError::Refused { .. }), "{error}");
}

#[tokio::test]
async fn a_token_that_cannot_read_checks_is_told_what_they_come_to_and_asked_so_from_then_on() {
    let stub = Stub::new(move |call: &Asked| {
        if call.body["query"].as_str().unwrap().contains("contexts(") {
            let words = "Resource not accessible by personal access token";
            let error = json!({ "type": "FORBIDDEN", "message": words });
            let one = item(1, &json!([null]));
            return (
                200,
                json!({ "data": { "repository": { "p1": one } }, "errors": [error] }),
            );
        }
        let mut one = item(1, &Value::Null);
        one["commits"]["nodes"][0]["commit"]["statusCheckRollup"] = json!({ "state": "FAILURE" });
        (200, json!({ "data": { "repository": { "p1": one } } }))
    })
    .await;
    let github = stub.github();
    for _ in 0..2 {
        let standings = github.standings(&[1]).await.unwrap();
        assert_eq!(standings[0].required(), Verdict::Failed(1));
    }
    assert_eq!(stub.lines().len(), 3);
}

#[tokio::test]
async fn a_server_that_is_older_than_some_fields_is_asked_without_them_from_then_on() {
    let stub = Stub::new(move |call: &Asked| {
        let query = call.body["query"].as_str().unwrap();
        let mut one = item(1, &json!([]));
        for (name, _) in query::YOUNG {
            if query.contains(name) {
                return (200, undefined("PullRequest", name));
            }
            one.as_object_mut().unwrap().remove(name);
        }
        (200, json!({ "data": { "repository": { "p1": one } } }))
    })
    .await;
    let github = stub.github();
    for _ in 0..2 {
        let standings = github.standings(&[1]).await.unwrap();
        assert!(!standings[0].queued && !standings[0].auto_merge);
        assert_eq!(standings[0].way, Way::Clear);
    }
    assert_eq!(stub.lines().len(), 4);
}

#[tokio::test]
async fn a_field_that_cannot_be_done_without_is_named() {
    let stub = Stub::new(|_: &Asked| (200, undefined("PullRequest", "headRefOid"))).await;
    let error = stub.github().standings(&[1]).await.unwrap_err();
    let words = "Field 'headRefOid' doesn't exist on type 'PullRequest'";
    assert!(error.to_string().ends_with(words), "{error}");
    assert_eq!(stub.lines().len(), 1);
}

#[tokio::test]
async fn all_pages_of_checks_are_read() {
    let stub = Stub::new(move |call: &Asked| {
        if call.body["variables"]["after"] == "next" {
            let page = item(1, &json!([status("FAILURE")]));
            return (
                200,
                json!({ "data": { "repository": { "pullRequest": page } } }),
            );
        }
        let mut one = item(1, &json!([run("COMPLETED", Some("SUCCESS"))]));
        let contexts = &mut one["commits"]["nodes"][0]["commit"]["statusCheckRollup"]["contexts"];
        contexts["pageInfo"] = json!({ "hasNextPage": true, "endCursor": "next" });
        (200, json!({ "data": { "repository": { "p1": one } } }))
    })
    .await;
    let standings = stub.github().standings(&[1]).await.unwrap();
    let checks = &standings[0].checks;
    let names: Vec<(&str, bool)> = checks
        .iter()
        .map(|check| (check.name.as_str(), check.required))
        .collect();
    assert_eq!(names, [("build", true), ("ci/lint", false)]);
    assert_eq!(standings[0].verdict(), Verdict::Failed(1));
    assert_eq!(standings[0].required(), Verdict::Passed(1));
}

#[test]
fn every_state_of_a_check_counts_as_pending_passed_or_failed() {
    let of = |node: Value| {
        let standing = reading::standing(&item(1, &json!([node]))).unwrap();
        standing.checks[0].state
    };
    for conclusion in ["SUCCESS", "NEUTRAL", "SKIPPED"] {
        assert_eq!(
            of(run("COMPLETED", Some(conclusion))),
            Passed,
            "{conclusion}"
        );
    }
    for conclusion in [
        "FAILURE",
        "CANCELLED",
        "TIMED_OUT",
        "ACTION_REQUIRED",
        "STARTUP_FAILURE",
        "STALE",
    ] {
        assert_eq!(
            of(run("COMPLETED", Some(conclusion))),
            Failed,
            "{conclusion}"
        );
    }
    for still in ["QUEUED", "IN_PROGRESS", "WAITING", "PENDING", "REQUESTED"] {
        assert_eq!(of(run(still, None)), Pending, "{still}");
    }
    let statuses =
        ["SUCCESS", "EXPECTED", "PENDING", "FAILURE", "ERROR"].map(|state| of(status(state)));
    assert_eq!(statuses, [Passed, Pending, Pending, Failed, Failed]);
}

#[test]
fn checks_of_the_commit_before_are_none_of_the_head() {
    let mut one = item(1, &json!([run("COMPLETED", Some("SUCCESS"))]));
    let verdict = |one: &Value| reading::standing(one).unwrap().verdict();
    assert_eq!(verdict(&one), Verdict::Passed(1));
    one["headRefOid"] = "e".repeat(40).into();
    assert_eq!(verdict(&one), Verdict::NoneYet);
}

#[test]
fn what_stands_in_the_way_is_told_apart() {
    let way = |change: &Value| {
        let mut one = item(1, &json!([]));
        for (key, value) in change.as_object().unwrap() {
            one[key] = value.clone();
        }
        reading::standing(&one).unwrap().way
    };
    for (status, wanted) in [
        ("CLEAN", Way::Clear),
        ("HAS_HOOKS", Way::Clear),
        ("UNSTABLE", Way::Unstable),
        ("BLOCKED", Way::Blocked),
        ("BEHIND", Way::Behind),
        ("DIRTY", Way::Conflict),
        ("DRAFT", Way::Draft),
        ("UNKNOWN", Way::Unknown),
        ("OF_TOMORROW", Way::Unknown),
    ] {
        assert_eq!(
            way(&json!({ "mergeStateStatus": status })),
            wanted,
            "{status}"
        );
    }
    let conflict =
        json!({ "mergeable": "CONFLICTING", "mergeStateStatus": "BLOCKED", "isDraft": true });
    assert_eq!(way(&conflict), Way::Conflict);
    assert_eq!(
        way(&json!({ "mergeStateStatus": "BLOCKED", "isDraft": true })),
        Way::Draft
    );
}

#[test]
fn a_review_that_no_rule_wants_is_not_required_and_a_merged_one_has_its_commit() {
    let mut one = item(3, &json!([]));
    let review = |one: &Value| reading::standing(one).unwrap().review;
    assert_eq!(review(&one), Review::NotRequired);
    for (decision, wanted) in [
        ("APPROVED", Review::Approved),
        ("CHANGES_REQUESTED", Review::ChangesRequested),
        ("REVIEW_REQUIRED", Review::Required),
    ] {
        one["reviewDecision"] = decision.into();
        assert_eq!(review(&one), wanted);
    }
    one["state"] = "MERGED".into();
    one["mergeCommit"] = json!({ "oid": "d".repeat(40) });
    one["autoMergeRequest"] = json!({ "enabledAt": "2026-01-02T03:04:05Z" });
    one["isInMergeQueue"] = true.into();
    let standing = reading::standing(&one).unwrap();
    assert_eq!(standing.pull.merge_commit, Some(sample::commit("d")));
    assert!(standing.auto_merge && standing.queued);
    one["headRefOid"] = Value::Null;
    assert_eq!(reading::standing(&one).unwrap_err(), "headRefOid");
}
