//! Merging at the commit that was looked at, and what GitHub says against it.

use serde_json::{Value, json};

use super::super::pulls::Seen;
use super::super::stub::{Asked, Stub, pull, undefined};
use crate::engine::ports::{Forge as _, ForgeError};
use crate::model::id::ObjectId;
use crate::model::sample;
use crate::model::standing::{Review, Standing, Way};
use crate::model::wishes::MergeMethod;

fn standing() -> Standing {
    Standing {
        pull: Seen::read(&pull(5)).unwrap().pull,
        node: "PR_5".to_owned(),
        review: Review::NotRequired,
        checks: Vec::new(),
        way: Way::Clear,
        auto_merge: false,
        queued: false,
    }
}

/// Answers merges one after another, and reads by `shown`.
async fn stub(merges: Vec<(u16, Value)>, shown: Value) -> Stub {
    let mut merges = merges.into_iter();
    Stub::new(move |call: &Asked| {
        if call.is("PUT") {
            merges.next().expect("a merge too many")
        } else {
            (200, shown.clone())
        }
    })
    .await
}

async fn merge(stub: &Stub) -> Result<ObjectId, ForgeError> {
    let title = Some("One (#5)");
    let head = sample::commit("c");
    let (github, standing) = (stub.github(), standing());
    github
        .merge(&standing, MergeMethod::Squash, title, &head)
        .await
}

fn done() -> (u16, Value) {
    let sha = "d".repeat(40);
    (
        200,
        json!({ "sha": sha, "merged": true, "message": "Pull Request successfully merged" }),
    )
}

fn refused(status: u16, words: &str) -> (u16, Value) {
    (
        status,
        json!({ "message": words, "status": status.to_string() }),
    )
}

#[tokio::test]
async fn it_is_merged_at_the_commit_that_was_looked_at_and_at_no_other() {
    let stub = stub(vec![done()], Value::Null).await;
    assert_eq!(merge(&stub).await, Ok(sample::commit("d")));
    let wanted = json!({
        "sha": "c".repeat(40),
        "merge_method": "squash",
        "commit_title": "One (#5)",
    });
    assert_eq!(stub.bodies("PUT"), [wanted]);
}

#[tokio::test]
async fn a_base_that_moves_meanwhile_is_waited_for_some_times() {
    let moved = || {
        refused(
            405,
            "Base branch was modified. Review and try the merge again.",
        )
    };
    let late = stub(vec![moved(), moved(), done()], Value::Null).await;
    assert_eq!(merge(&late).await, Ok(sample::commit("d")));
    let never = stub(vec![moved(), moved(), moved(), moved()], Value::Null).await;
    let error = merge(&never).await.unwrap_err();
    assert!(
        error.to_string().contains("Base branch was modified"),
        "{error}"
    );
}

#[tokio::test]
async fn a_rule_that_is_not_met_is_told_in_githubs_words_with_a_way_on() {
    let words = "At least 1 approving review is required by reviewers with write access.";
    let stub = stub(vec![refused(405, words)], Value::Null).await;
    let ForgeError::Refused {
        words: told, hint, ..
    } = merge(&stub).await.unwrap_err()
    else {
        panic!("it is not refused");
    };
    assert_eq!(told, words);
    assert!(hint.is_some());
}

#[tokio::test]
async fn an_answer_without_a_commit_is_followed_by_a_look() {
    let mut merged = pull(5);
    merged["state"] = "closed".into();
    merged["merged"] = true.into();
    merged["merged_at"] = "2026-01-02T04:00:00Z".into();
    let found = stub(vec![(200, json!({}))], merged).await;
    assert_eq!(merge(&found).await, Ok(sample::commit("d")));
    assert_eq!(found.lines(), ["PUT /pulls/5/merge", "GET /pulls/5"]);
    let again = stub(vec![(200, json!({})), done()], pull(5)).await;
    assert_eq!(merge(&again).await, Ok(sample::commit("d")));
}

#[tokio::test]
async fn a_server_without_queues_has_none() {
    let stub = Stub::new(|_: &Asked| (200, undefined("Repository", "mergeQueue"))).await;
    assert_eq!(stub.github().has_merge_queue("main").await, Ok(false));
}

#[tokio::test]
async fn an_update_that_never_shows_is_said_to_be_under_way() {
    let stub = Stub::new(|call: &Asked| {
        if call.is("PUT") {
            (202, json!({ "message": "Updating pull request branch." }))
        } else {
            (200, pull(5))
        }
    })
    .await;
    let error = stub.github().update_branch(5, &sample::commit("c")).await;
    let error = error.unwrap_err().to_string();
    assert!(
        error.ends_with("the branch is still at cccccccccccc"),
        "{error}"
    );
    assert_eq!(stub.bodies("PUT").len(), 1);
}

#[tokio::test]
async fn a_merge_that_is_refused_after_a_lost_one_was_done_by_that() {
    let mut gets = 0;
    let mut puts = vec![
        (502, Value::Null),
        refused(405, "Pull Request is not mergeable"),
    ]
    .into_iter();
    let stub = Stub::new(move |call: &Asked| {
        if call.is("PUT") {
            return puts.next().expect("a merge too many");
        }
        gets += 1;
        let mut shown = pull(5);
        if gets > 1 {
            shown["state"] = "closed".into();
            shown["merged_at"] = "2026-01-02T04:00:00Z".into();
        }
        (200, shown)
    })
    .await;
    assert_eq!(merge(&stub).await, Ok(sample::commit("d")));
}

#[tokio::test]
async fn an_update_that_is_refused_after_a_lost_one_was_done_by_that() {
    let mut gets = 0;
    let words = "expected head sha didn't match current head ref.";
    let mut puts = vec![(502, Value::Null), refused(422, words)].into_iter();
    let stub = Stub::new(move |call: &Asked| {
        if call.is("PUT") {
            return puts.next().expect("an update too many");
        }
        gets += 1;
        let mut shown = pull(5);
        if gets > 1 {
            shown["head"]["sha"] = "e".repeat(40).into();
        }
        (200, shown)
    })
    .await;
    let updated = stub.github().update_branch(5, &sample::commit("c")).await;
    assert_eq!(updated, Ok(sample::commit("e")));
}

#[tokio::test]
async fn what_was_made_ready_by_a_lost_call_is_ready() {
    for (draft, calls) in [(true, 2), (false, 1)] {
        let mut replies = vec![(502, Value::Null), (200, json!({ "data": {} }))].into_iter();
        let stub = Stub::new(move |call: &Asked| {
            if call.is("POST /graphql") {
                return replies.next().expect("a call too many");
            }
            let mut shown = pull(5);
            shown["draft"] = draft.into();
            (200, shown)
        })
        .await;
        stub.github().make_ready(&standing()).await.unwrap();
        assert_eq!(stub.bodies("POST /graphql").len(), calls);
    }
}
