//! The tests' own GitHub keeps what it promises to the tests that stand on it.

use std::process::Output;

use serde_json::{Value, json};

use crate::support::github::faults::{At, Fault};
use crate::support::github::hub::{Hub, TOKEN};
use crate::support::github::state::{CheckState, Role};
use crate::support::sandbox::Sandbox;

/// Sends a request to the interface; status and body, or what broke on the way.
fn send(hub: &Hub, method: &str, path: &str, body: &Value) -> Result<(u16, Value), String> {
    send_as(hub, TOKEN, method, path, body)
}

fn send_as(
    hub: &Hub,
    token: &str,
    method: &str,
    path: &str,
    body: &Value,
) -> Result<(u16, Value), String> {
    // As the program does before its first request.
    let _ = rustls::crypto::ring::default_provider().install_default();
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build();
    runtime.unwrap().block_on(async {
        let client = reqwest::Client::builder()
            .redirect(reqwest::redirect::Policy::none())
            .build()
            .unwrap();
        let url = match path {
            "/graphql" => format!("http://{}/api/graphql", hub.host()),
            _ => format!("{}{path}", hub.api_url()),
        };
        let mut request = client
            .request(method.parse().unwrap(), url)
            .header("authorization", format!("Bearer {token}"))
            .header("user-agent", "test");
        if !body.is_null() {
            request = request
                .header("content-type", "application/json")
                .body(body.to_string());
        }
        let answer = request.send().await.map_err(|error| format!("{error:?}"))?;
        let status = answer.status().as_u16();
        let body = answer.bytes().await.map_err(|error| format!("{error:?}"))?;
        Ok((status, serde_json::from_slice(&body).unwrap_or_default()))
    })
}

/// A checkout with a branch `topic` that is pushed and one commit ahead.
fn with_topic(hub: &Hub) -> Sandbox {
    let sandbox = hub.sandbox(&[("a.txt", "one\n")]);
    sandbox.git(["switch", "-q", "-c", "topic"]);
    sandbox.write("a.txt", "two\n");
    sandbox.commit("change");
    sandbox.git(["push", "-q", "origin", "topic"]);
    sandbox
}

fn topic() -> Value {
    json!({ "title": "Topic", "head": "topic", "base": "main", "body": "Words" })
}

fn words(output: &Output) -> String {
    String::from_utf8_lossy(&output.stderr).into_owned()
}

#[test]
fn git_pushes_and_clones_over_http_with_the_password_and_not_with_another() {
    let hub = Hub::start();
    let sandbox = with_topic(&hub);
    let topic = hub.repository("octo/sample").branch("topic");
    assert_eq!(topic, Some(sandbox.git(["rev-parse", "HEAD"])));
    hub.repository("octo/sample").private();
    sandbox.git(["clone", "-q", &hub.clone_url("octo/sample"), "../clone"]);
    hub.revoke(TOKEN);
    let refused = sandbox
        .command("git")
        .args(["fetch", "origin"])
        .output()
        .unwrap();
    assert!(
        words(&refused).contains("Authentication failed"),
        "{}",
        words(&refused)
    );
}

#[test]
fn a_protected_branch_and_an_archived_repository_take_no_push() {
    let hub = Hub::start();
    let sandbox = with_topic(&hub);
    hub.repository("octo/sample").protected("main");
    let push = |to: &str| {
        sandbox
            .command("git")
            .args(["push", "origin", to])
            .output()
            .unwrap()
    };
    let refused = push("HEAD:main");
    assert!(words(&refused).contains("GH006: Protected branch update failed for refs/heads/main."));
    assert!(push("HEAD:other").status.success());
    hub.repository("octo/sample").archived();
    assert!(words(&push("HEAD:third")).contains("archived so it is read-only"));
}

#[test]
fn a_second_pull_request_of_a_head_is_refused() {
    let hub = Hub::start();
    let _sandbox = with_topic(&hub);
    let create = || send(&hub, "POST", "/repos/octo/sample/pulls", &topic()).unwrap();
    let (status, pull) = create();
    assert_eq!(status, 201, "{pull}");
    assert_eq!(
        pull["head"]["sha"].as_str(),
        hub.repository("octo/sample").branch("topic").as_deref()
    );
    let (status, refusal) = create();
    assert_eq!(status, 422);
    assert_eq!(
        refusal["errors"][0]["message"],
        "A pull request already exists for octo:topic."
    );
    assert_eq!(hub.creates(), ["octo/sample topic"]);
}

#[test]
fn a_fault_after_the_write_leaves_the_write() {
    let hub = Hub::start();
    let _sandbox = with_topic(&hub);
    let pulls = "/repos/octo/sample/pulls";
    hub.fault(At::Nth(1), Fault::ResetBefore);
    send(&hub, "POST", pulls, &topic()).unwrap_err();
    assert_eq!(hub.pulls("octo/sample"), []);
    hub.fault(At::first("POST", "/pulls"), Fault::CutBody);
    send(&hub, "POST", pulls, &topic()).unwrap_err();
    assert_eq!(hub.pulls("octo/sample")[0].title, "Topic");
    let lost = hub.fault(At::first("PATCH", "/pulls/1"), Fault::ResetAfter);
    send(
        &hub,
        "PATCH",
        "/repos/octo/sample/pulls/1",
        &json!({ "title": "New" }),
    )
    .unwrap_err();
    assert_eq!(
        (lost.met(), hub.pulls("octo/sample")[0].title.as_str()),
        (1, "New")
    );
}

#[test]
fn a_request_inside_a_pause_is_a_violation() {
    let hub = Hub::start();
    hub.fault(At::Nth(1), Fault::Forbidden(Some(1)));
    assert_eq!(send(&hub, "GET", "/user", &Value::Null).unwrap().0, 403);
    std::thread::sleep(std::time::Duration::from_millis(100));
    assert_eq!(send(&hub, "GET", "/user", &Value::Null).unwrap().0, 200);
    assert_eq!(hub.violations().len(), 1);
    std::thread::sleep(std::time::Duration::from_secs(1));
    assert_eq!(send(&hub, "GET", "/user", &Value::Null).unwrap().0, 200);
    assert_eq!(hub.violations().len(), 1);
}

#[test]
fn limits_refuse_what_is_too_much_and_say_when_it_is_over() {
    let hub = Hub::start();
    let _sandbox = with_topic(&hub);
    let label = |name: &str| {
        let labels = "/repos/octo/sample/labels";
        send(&hub, "POST", labels, &json!({ "name": name })).unwrap()
    };
    hub.limits(|limits| limits.per_minute = 1);
    assert_eq!(label("one").0, 201);
    hub.limits(|limits| limits.retry_after = None);
    let (status, refusal) = label("two");
    assert_eq!(status, 403);
    let words = refusal["message"].as_str().unwrap();
    assert!(words.contains("secondary rate limit"), "{words}");
    hub.limits(|limits| limits.too_quickly = true);
    let (status, refusal) = label("two");
    assert_eq!(status, 422);
    assert_eq!(refusal["errors"][0]["message"], "was submitted too quickly");
    assert_eq!(hub.violations(), [] as [&str; 0]);
    hub.limits(|limits| limits.hourly = limits.used);
    assert_eq!(send(&hub, "GET", "/user", &Value::Null).unwrap().0, 403);
    // What comes at once may have been under way.
    std::thread::sleep(std::time::Duration::from_millis(100));
    assert_eq!(send(&hub, "GET", "/user", &Value::Null).unwrap().0, 403);
    assert_eq!(hub.violations().len(), 1);
}

fn ask(hub: &Hub, query: &str, variables: &Value) -> Value {
    let body = json!({ "query": query, "variables": variables });
    let (status, answer) = send(hub, "POST", "/graphql", &body).unwrap();
    assert_eq!(status, 200, "{answer}");
    answer
}

#[test]
fn an_unknown_field_of_a_query_is_an_error() {
    let hub = Hub::start();
    let _sandbox = with_topic(&hub);
    let wrong = ask(
        &hub,
        "query { viewer { login } repository(owner: \"octo\", name: \"sample\") { nme } }",
        &Value::Null,
    );
    assert!(wrong["data"].is_null());
    assert_eq!(wrong["errors"][0]["extensions"]["code"], "undefinedField");
    assert_eq!(
        wrong["errors"][0]["message"],
        "Field 'nme' doesn't exist on type 'Repository'"
    );
    let wrong = ask(
        &hub,
        "query($n: String) { repository(owner: $n, name: \"sample\") { id } }",
        &json!({ "n": "octo" }),
    );
    assert_eq!(
        wrong["errors"][0]["extensions"]["code"],
        "argumentLiteralsIncompatible"
    );
}

#[test]
fn a_query_is_answered_from_what_is_there() {
    let hub = Hub::start();
    let sandbox = with_topic(&hub);
    send(&hub, "POST", "/repos/octo/sample/pulls", &topic()).unwrap();
    let repository = hub.repository("octo/sample").requires_check("main", "ci");
    repository
        .check("#1", "ci", CheckState::Failed, false)
        .status("#1", "lint", CheckState::Passed, false);
    let query = "query($number: Int!, $name: String!) {
          repository(owner: \"octo\", name: $name) {
            one: pullRequest(number: $number) { ...Known commits(last: 1) { nodes { commit { statusCheckRollup {
              state
              contexts(first: 1) { pageInfo { hasNextPage endCursor } nodes { __typename
                ... on CheckRun { name conclusion isRequired(pullRequestNumber: $number) }
                ... on StatusContext { context }
              } }
            } } } } }
            two: pullRequest(number: 2) { id }
          }
        }
        fragment Known on PullRequest { headRefOid mergeStateStatus mergeable state }";
    let answer = ask(&hub, query, &json!({ "number": 1, "name": "sample" }));
    let one = &answer["data"]["repository"]["one"];
    let head = sandbox.git(["rev-parse", "topic"]);
    assert_eq!(one["headRefOid"], head.as_str());
    assert_eq!(
        (&one["mergeable"], &one["mergeStateStatus"]),
        (&json!("MERGEABLE"), &json!("BLOCKED"))
    );
    let rollup = &one["commits"]["nodes"][0]["commit"]["statusCheckRollup"];
    assert_eq!(rollup["state"], "FAILURE");
    assert_eq!(
        rollup["contexts"],
        json!({
            "pageInfo": { "hasNextPage": true, "endCursor": "c1" },
            "nodes": [{ "__typename": "CheckRun", "name": "ci", "conclusion": "FAILURE", "isRequired": true }],
        })
    );
    assert!(answer["data"]["repository"]["two"].is_null());
    assert_eq!(answer["errors"][0]["type"], "NOT_FOUND");
    assert_eq!(answer["errors"][0]["path"], json!(["repository", "two"]));
}

#[test]
fn auto_merge_waits_for_the_check_that_is_required_and_then_merges() {
    let hub = Hub::start();
    let sandbox = with_topic(&hub);
    let repository = hub.repository("octo/sample").requires_check("main", "ci");
    let (_, pull) = send(&hub, "POST", "/repos/octo/sample/pulls", &topic()).unwrap();
    let mutation = "mutation($pull: ID!, $head: GitObjectID!) {
          enablePullRequestAutoMerge(input: { pullRequestId: $pull, mergeMethod: SQUASH, expectedHeadOid: $head }) {
            pullRequest { number autoMergeRequest { mergeMethod } }
          }
        }";
    let variables = json!({ "pull": pull["node_id"], "head": pull["head"]["sha"] });
    let answer = ask(&hub, mutation, &variables);
    let set = &answer["data"]["enablePullRequestAutoMerge"]["pullRequest"];
    assert_eq!(
        *set,
        json!({ "number": 1, "autoMergeRequest": { "mergeMethod": "SQUASH" } })
    );
    repository.check("#1", "ci", CheckState::Passed, false);
    let merged = &hub.pulls("octo/sample")[0];
    assert_eq!(merged.state, "merged");
    assert_eq!(repository.branch("main"), merged.merge_commit);
    sandbox.git(["fetch", "-q"]);
    assert_eq!(sandbox.git(["show", "origin/main:a.txt"]), "two");
    assert_eq!(sandbox.git(["rev-list", "--count", "origin/main"]), "2");
}

#[test]
fn a_field_that_github_does_not_know_is_noticed() {
    let hub = Hub::start();
    let _sandbox = with_topic(&hub);
    let mut wrong = topic();
    wrong["milestoen"] = json!(1);
    send(&hub, "POST", "/repos/octo/sample/pulls?page=x", &wrong).unwrap();
    let noticed = catch(|| hub.shapes_hold());
    assert!(
        noticed.contains("the request's milestoen is no field"),
        "{noticed}"
    );
    assert!(
        noticed.contains("the query's page is no parameter"),
        "{noticed}"
    );
    hub.shapes_hold();
}

/// What an insistence says that does not hold.
fn catch(insists: impl FnOnce()) -> String {
    let caught = std::panic::catch_unwind(std::panic::AssertUnwindSafe(insists));
    *caught.unwrap_err().downcast::<String>().unwrap()
}

/// Calls one after another, with the status that each is answered with; `~` is the repository.
const CALLS: &str = r#"
200 GET /user
200 GET ~
201 POST ~/pulls {"title":"Topic","head":"topic","base":"main","body":"Words"}
422 POST ~/pulls {"title":"Topic","head":"topic","base":"main"}
422 POST ~/pulls {"title":"Topic","head":"none","base":"main"}
422 POST ~/pulls {"title":"Topic","head":"main","base":"main"}
200 GET ~/pulls?state=all&head=octo:topic&per_page=100
200 GET ~/pulls/2
404 GET ~/pulls/7
200 PATCH ~/pulls/2 {"title":"Other","body":"New"}
201 POST ~/pulls/2/requested_reviewers {"reviewers":["ada"],"team_reviewers":["core"]}
422 POST ~/pulls/2/requested_reviewers {"reviewers":["mona"]}
422 POST ~/pulls/2/requested_reviewers {"reviewers":["bob"]}
200 GET ~/labels?per_page=100
201 POST ~/labels {"name":"batch","color":"0e8a16"}
422 POST ~/labels {"name":"Batch"}
200 GET ~/labels/batch
200 POST ~/issues/2/labels {"labels":["bug","batch"]}
200 GET ~/issues/2/labels
200 GET ~/milestones?state=open
200 PATCH ~/issues/2 {"milestone":1,"assignees":["ada"]}
422 PATCH ~/issues/2 {"milestone":7}
201 POST ~/issues/2/assignees {"assignees":["mona"]}
201 POST ~/issues {"title":"Track","body":"- [ ] one"}
200 GET ~/issues?state=all&creator=mona
200 GET ~/issues/2
201 POST ~/issues/2/comments {"body":"Words"}
200 GET ~/issues/2/comments
200 GET ~/branches?per_page=1
202 POST ~/forks {}
404 GET /repos/mona/sample
200 GET /repos/mona/sample
200 GET ~/forks?sort=newest
422 PUT ~/pulls/2/update-branch {}
409 PUT ~/pulls/2/merge {"sha":"0000000000000000000000000000000000000000"}
200 PUT ~/pulls/2/merge {"merge_method":"squash"}
405 PUT ~/pulls/2/merge {}
"#;

#[test]
fn every_answer_is_of_the_published_shape() {
    let hub = Hub::start();
    let sandbox = with_topic(&hub);
    let repository = hub
        .repository("octo/sample")
        .milestone("v1")
        .label("bug")
        .team("octo/core")
        .collaborator("ada", Role::Write);
    repository.open_issue("Something", "is wrong");
    for line in CALLS.trim().lines() {
        let words: Vec<&str> = line.splitn(4, ' ').collect();
        let body = words
            .get(3)
            .map_or(Value::Null, |text| serde_json::from_str(text).unwrap());
        let path = words[2].replace('~', "/repos/octo/sample");
        let (answered, answer) = send(&hub, words[1], &path, &body).unwrap();
        assert_eq!(answered.to_string(), words[0], "{line}: {answer}");
    }
    let long = json!({ "body": "x".repeat(65_537) });
    assert_eq!(
        send(&hub, "PATCH", "/repos/octo/sample/pulls/2", &long)
            .unwrap()
            .0,
        422
    );
    repository.renamed("octo/other");
    let (status, moved) = send(
        &hub,
        "GET",
        "/repos/octo/sample/pulls?state=all",
        &Value::Null,
    )
    .unwrap();
    let there = moved["url"]
        .as_str()
        .unwrap()
        .strip_prefix(&hub.api_url())
        .unwrap();
    assert_eq!(status, 301);
    let (_, pulls) = send(&hub, "GET", there, &Value::Null).unwrap();
    assert!(pulls[0]["merged_at"].is_string());
    sandbox.git(["fetch", "-q"]);
    hub.shapes_hold();
}
