//! What a pull request is given, by how many calls, and what is warned of.

use serde_json::{Value, json};

use super::super::forge::GitHub;
use super::super::stub::{Asked, Stub, invalid, pull};
use crate::engine::ports::Forge;
use crate::model::pull::Pull;
use crate::model::wishes::{Extras, MergeMethod};

/// An issue that has everything it is given, and the label `size/S`; labels `Bug` and `size/S`; a milestone `v1`; and
/// `ann`'s token. `zoe` is not a collaborator, and the label `locked` cannot be made.
async fn stub() -> Stub {
    let mut issue = json!({
        "labels": [{ "name": "size/S" }],
        "assignees": [],
        "milestone": null,
    });
    Stub::new(move |call: &Asked| {
        let path = call.line.replace("/repos/octo/sample", "");
        let named = |names: &Value, key: &str| -> Value {
            let names = names.as_array().unwrap().iter();
            names.map(|name| json!({ key: name })).collect()
        };
        match path.split('?').next().unwrap() {
            "GET /user" => (200, json!({ "login": "ann" })),
            "GET /labels" => (200, json!([{ "name": "Bug" }, { "name": "size/S" }])),
            "POST /labels" if call.body["name"] == "locked" => (
                403,
                json!({ "message": "Resource not accessible by personal access token" }),
            ),
            "POST /labels" => (201, json!({ "name": call.body["name"] })),
            "GET /milestones" => (200, json!([{ "number": 3, "title": "v1" }])),
            "POST /issues/5/labels" => (200, named(&call.body["labels"], "name")),
            "GET /issues/5" => (200, issue.clone()),
            "PATCH /issues/5" => {
                for (key, name) in [("labels", "name"), ("assignees", "login")] {
                    if call.body[key].is_array() {
                        issue[key] = named(&call.body[key], name);
                    }
                }
                if call.body["milestone"].is_u64() {
                    issue["milestone"] = json!({ "number": call.body["milestone"] });
                }
                (200, issue.clone())
            }
            "POST /pulls/5/requested_reviewers" => {
                let people = call.body["reviewers"].as_array();
                if people.is_some_and(|people| people.contains(&"zoe".into())) {
                    let words = "Reviews may only be requested from collaborators.";
                    return (422, json!({ "message": words }));
                }
                (201, pull(5))
            }
            "POST /graphql" => {
                let words = "Pull request Pull request is in clean status";
                let error = json!({ "type": "UNPROCESSABLE", "message": words });
                let data = json!({ "enablePullRequestAutoMerge": null });
                (200, json!({ "data": data, "errors": [error] }))
            }
            "GET /pulls/5" => (200, pull(5)),
            _ => panic!("{path}"),
        }
    })
    .await
}

fn names(names: &[&str]) -> Vec<String> {
    names.iter().map(|&name| name.to_owned()).collect()
}

async fn seen(github: &GitHub) -> Pull {
    github.get(5).await.unwrap()
}

#[tokio::test]
async fn all_that_can_be_asked_for_takes_two_writes_once_labels_are_there() {
    let stub = stub().await;
    let github = stub.github();
    let pull = seen(&github).await;
    let extras = Extras {
        labels: names(&["bug", "batch"]),
        assignees: names(&["bob"]),
        reviewers: names(&["Ann", "bob"]),
        teams: names(&["octo/core"]),
        milestone: Some("V1".to_owned()),
        auto_merge: None,
    };
    assert_eq!(github.give(&pull, &extras).await, [] as [String; 0]);
    assert_eq!(
        stub.lines()[1..],
        [
            "GET /labels?per_page=100",
            "POST /labels",
            "GET /milestones?state=open&per_page=100",
            "GET /issues/5",
            "PATCH /issues/5",
            "GET /user",
            "POST /pulls/5/requested_reviewers",
        ]
    );
    let patch = &stub.bodies("PATCH")[0];
    let wanted =
        json!({ "labels": ["size/S", "Bug", "batch"], "assignees": ["bob"], "milestone": 3 });
    assert_eq!(patch, &wanted);
    let asked = stub.bodies("POST /repos/octo/sample/pulls/5");
    assert_eq!(
        asked[0],
        json!({ "reviewers": ["bob"], "team_reviewers": ["core"] })
    );
    let before = stub.lines().len();
    github.give(&pull, &extras).await;
    let second = &stub.lines()[before..];
    assert_eq!(
        second.len(),
        3,
        "what is known is not asked for again: {second:?}"
    );
}

#[tokio::test]
async fn labels_alone_are_added_by_one_write_and_those_it_has_by_none() {
    let stub = stub().await;
    let github = stub.github();
    let pull = seen(&github).await;
    let of = |labels: &[&str]| Extras {
        labels: names(labels),
        ..Extras::default()
    };
    assert_eq!(
        github.give(&pull, &of(&["BUG", "size/s"])).await,
        [] as [String; 0]
    );
    assert_eq!(stub.lines().last().unwrap(), "POST /issues/5/labels");
    assert_eq!(stub.bodies("POST")[0], json!({ "labels": ["Bug"] }));
    let before = stub.lines().len();
    github.give(&pull, &of(&["size/S"])).await;
    github.give(&pull, &of(&[])).await;
    assert_eq!(stub.lines().len(), before);
}

#[tokio::test]
async fn a_label_that_cannot_be_made_is_left_out_with_githubs_words_and_tried_once() {
    let stub = stub().await;
    let github = stub.github();
    let pull = seen(&github).await;
    let extras = Extras {
        labels: names(&["locked", "Bug"]),
        milestone: Some("v9".to_owned()),
        ..Extras::default()
    };
    for _ in 0..2 {
        let warnings = github.give(&pull, &extras).await;
        assert_eq!(
            warnings,
            [
                "label `locked` could not be made: Resource not accessible by personal access token",
                "milestone `v9` not set: octo/sample has no open one of this title or number",
            ]
        );
    }
    assert_eq!(stub.bodies("POST /repos/octo/sample/labels").len(), 1);
    assert_eq!(stub.bodies("POST /repos/octo/sample/issues").len(), 2);
}

#[tokio::test]
async fn one_reviewer_who_is_no_collaborator_does_not_cost_the_others_and_is_asked_no_more() {
    let stub = stub().await;
    let github = stub.github();
    let pull = seen(&github).await;
    let extras = Extras {
        reviewers: names(&["bob", "zoe"]),
        ..Extras::default()
    };
    let warning =
        "`zoe` was not asked for a review: Reviews may only be requested from collaborators.";
    assert_eq!(github.give(&pull, &extras).await, [warning]);
    let asked = || stub.bodies("POST");
    assert_eq!(asked().len(), 3, "together, then each alone");
    assert_eq!(github.give(&pull, &extras).await, [warning]);
    assert_eq!(asked().len(), 4);
    assert_eq!(asked()[3], json!({ "reviewers": ["bob"] }));
}

#[tokio::test]
async fn auto_merge_that_is_refused_is_a_warning_with_githubs_words() {
    let stub = stub().await;
    let github = stub.github();
    let pull = seen(&github).await;
    let extras = Extras {
        auto_merge: Some(MergeMethod::Squash),
        ..Extras::default()
    };
    let warnings = github.give(&pull, &extras).await;
    assert_eq!(
        warnings,
        [
            "having GitHub merge #5 once it may be: Pull request Pull request is in clean status; nothing holds it back, so it can be merged now"
        ]
    );
    let sent = &stub.bodies("POST /graphql")[0]["variables"];
    let head = "c".repeat(40);
    assert_eq!(
        sent,
        &json!({ "pull": "PR_5", "method": "SQUASH", "head": head })
    );
    assert_eq!(stub.lines().len(), 2, "its node is known from before");
}

#[tokio::test]
async fn a_label_that_somebody_makes_meanwhile_is_there() {
    let stub = Stub::new(|call: &Asked| match () {
        () if call.is("GET") => (200, json!([])),
        () if call.line.ends_with("/issues/5/labels") => (200, json!([{ "name": "batch" }])),
        () => invalid(&json!({ "resource": "Label", "code": "already_exists", "field": "name" })),
    })
    .await;
    let pull = super::super::pulls::Seen::read(&pull(5)).unwrap().pull;
    let extras = Extras {
        labels: names(&["batch"]),
        ..Extras::default()
    };
    assert_eq!(stub.github().give(&pull, &extras).await, [] as [String; 0]);
}
