//! Opening exactly once, whatever GitHub answers, and holding it to the tested commit.

use serde_json::{Value, json};

use super::super::api::{ApiError, FieldError, Refusal};
use super::super::stub::{Asked, PULLS, Stub, invalid, new_pull, pull};
use super::Next;
use crate::engine::ports::{Forge, ForgeError};
use crate::model::sample;

/// Answers creates by the first of `creates` that is left, lists by what is there, and reads of number 5 by `shown`.
async fn stub(creates: Vec<(u16, Value)>, listed: Vec<Value>, shown: Value) -> Stub {
    let mut creates = creates.into_iter();
    Stub::new(move |call: &Asked| {
        if call.is(&format!("POST {PULLS}")) {
            creates.next().expect("a create too many")
        } else if call.is(&format!("GET {PULLS}?")) {
            (200, Value::Array(listed.clone()))
        } else {
            (200, shown.clone())
        }
    })
    .await
}

fn creates(stub: &Stub) -> usize {
    stub.bodies(&format!("POST {PULLS}")).len()
}

fn exists() -> (u16, Value) {
    let message = "A pull request already exists for octo:batch/tidy-0a1b/unit-1.";
    invalid(&json!({ "resource": "PullRequest", "code": "custom", "message": message }))
}

fn changed(mut item: Value, change: impl Fn(&mut Value)) -> Value {
    change(&mut item);
    item
}

#[tokio::test]
async fn one_call_opens_it_and_the_answer_confirms_the_commit() {
    let stub = stub(vec![(201, pull(5))], vec![], Value::Null).await;
    let opened = stub.github().open(&new_pull()).await.unwrap();
    assert_eq!(opened.number, 5);
    assert_eq!(opened.mark, Some(new_pull().mark));
    assert_eq!(stub.lines(), ["POST /pulls"]);
    let sent = &stub.bodies("POST")[0];
    assert_eq!(sent["head"], "batch/tidy-0a1b/unit-1");
    assert_eq!(sent["draft"], false);
    assert!(sent.get("maintainer_can_modify").is_none());
}

#[tokio::test]
async fn from_a_fork_the_branch_is_named_with_its_owner_and_maintainers_may_push() {
    let stub = stub(vec![(201, pull(5))], vec![], Value::Null).await;
    let github = stub.github_from(Some("ann"));
    github.open(&new_pull()).await.unwrap();
    let sent = &stub.bodies("POST")[0];
    assert_eq!(sent["head"], "ann:batch/tidy-0a1b/unit-1");
    assert_eq!(sent["maintainer_can_modify"], true);
}

#[tokio::test]
async fn an_answer_that_cannot_be_used_is_followed_by_a_list_before_any_second_create() {
    let stub = stub(vec![(201, json!({}))], vec![pull(5)], Value::Null).await;
    assert_eq!(stub.github().open(&new_pull()).await.unwrap().number, 5);
    let list = "GET /pulls?head=octo%3Abatch%2Ftidy-0a1b%2Funit-1&state=all&per_page=100";
    assert_eq!(stub.lines(), ["POST /pulls", list]);
}

#[tokio::test]
async fn what_no_list_shows_is_sent_a_second_time_and_then_no_more() {
    let empty = || (201, json!({}));
    let again = stub(vec![empty(), (201, pull(6))], vec![], Value::Null).await;
    assert_eq!(again.github().open(&new_pull()).await.unwrap().number, 6);
    assert_eq!(creates(&again), 2);

    let never = stub(vec![empty(), empty()], vec![], Value::Null).await;
    let error = never.github().open(&new_pull()).await.unwrap_err();
    let ForgeError::Unreachable { words, .. } = error else {
        panic!("{error}");
    };
    assert!(
        words.starts_with("it is not known whether it was done"),
        "{words}"
    );
    assert_eq!(creates(&never), 2);
    assert_eq!(never.lines().len(), 6, "two lists after each");
}

#[tokio::test]
async fn one_that_exists_already_is_taken_and_one_that_no_list_shows_is_refused() {
    let there = stub(vec![exists()], vec![pull(5)], Value::Null).await;
    assert_eq!(there.github().open(&new_pull()).await.unwrap().number, 5);
    let gone = stub(vec![exists()], vec![], Value::Null).await;
    let error = gone.github().open(&new_pull()).await.unwrap_err();
    assert!(matches!(error, ForgeError::Refused { .. }), "{error}");
    assert_eq!(creates(&gone), 1);
}

#[tokio::test]
async fn one_of_another_unit_is_left_alone_and_named() {
    let theirs = changed(pull(5), |item| {
        item["body"] = "<!-- batch run=20260102T030405Z-0a1b unit=other -->".into();
    });
    let stub = stub(vec![exists()], vec![theirs], Value::Null).await;
    let error = stub.github().open(&new_pull()).await.unwrap_err();
    let words = "#5 of this branch is open for unit other of run 20260102T030405Z-0a1b";
    assert!(error.to_string().ends_with(words), "{error}");
}

#[tokio::test]
async fn one_that_a_person_opened_from_the_branch_is_taken_as_it_is() {
    let theirs = changed(pull(5), |item| item["body"] = Value::Null);
    let stub = stub(vec![exists()], vec![theirs.clone()], theirs).await;
    let github = stub.github();
    assert_eq!(github.open(&new_pull()).await.unwrap().mark, None);
    github.refresh(5, &new_pull()).await.unwrap();
    assert!(stub.bodies("PATCH").is_empty());
}

#[tokio::test]
async fn where_there_are_no_drafts_it_is_opened_without_and_so_is_the_next() {
    let message = "Draft pull requests are not supported in this repository.";
    let refusal =
        invalid(&json!({ "resource": "PullRequest", "code": "custom", "message": message }));
    let answers = vec![refusal, (201, pull(5)), (201, pull(6))];
    let stub = stub(answers, vec![], Value::Null).await;
    let github = stub.github();
    let mut new = new_pull();
    new.draft = true;
    for _ in 0..2 {
        assert!(!github.open(&new).await.unwrap().draft);
    }
    let sent = stub.bodies("POST");
    let drafts: Vec<&Value> = sent.iter().map(|sent| &sent["draft"]).collect();
    assert_eq!(drafts, [true, false, false]);
}

#[tokio::test]
async fn a_lost_create_is_not_taken_for_a_persons_pull_request_into_another_base() {
    let theirs = changed(pull(4), |item| {
        item["body"] = Value::Null;
        item["base"]["ref"] = "release".into();
    });
    let answers = vec![(201, json!({})), (201, pull(5))];
    let stub = stub(answers, vec![theirs], Value::Null).await;
    assert_eq!(stub.github().open(&new_pull()).await.unwrap().number, 5);
}

#[tokio::test]
async fn a_branch_that_github_has_not_noticed_yet_is_given_a_second_try() {
    let no_head =
        || invalid(&json!({ "resource": "PullRequest", "field": "head", "code": "invalid" }));
    let late = stub(vec![no_head(), (201, pull(5))], vec![], Value::Null).await;
    assert_eq!(late.github().open(&new_pull()).await.unwrap().number, 5);
    let never = stub(vec![no_head(), no_head()], vec![], Value::Null).await;
    let error = never.github().open(&new_pull()).await.unwrap_err();
    assert!(matches!(error, ForgeError::Refused { .. }), "{error}");
}

#[tokio::test]
async fn a_refusal_is_the_end_and_says_what_github_says() {
    let body = json!({ "message": "Must have pull access.", "status": "403" });
    let stub = stub(vec![(403, body)], vec![], Value::Null).await;
    let error = stub.github().open(&new_pull()).await.unwrap_err();
    let said = "opening a pull request for batch/tidy-0a1b/unit-1: Must have pull access.";
    assert_eq!(error.to_string(), said);
    assert_eq!(stub.lines(), ["POST /pulls"]);
}

#[tokio::test]
async fn an_older_commit_is_waited_out_and_another_one_is_refused_by_name() {
    let old = changed(pull(5), |item| item["head"]["sha"] = "e".repeat(40).into());
    let late = stub(vec![(201, old.clone())], vec![], pull(5)).await;
    late.github().open(&new_pull()).await.unwrap();
    assert_eq!(late.lines(), ["POST /pulls", "GET /pulls/5"]);

    let other = stub(vec![(201, old.clone())], vec![], old).await;
    let error = other.github().open(&new_pull()).await.unwrap_err();
    let words = "GitHub shows it at commit eeeeeeeeeeee, and cccccccccccc was tested";
    assert!(error.to_string().ends_with(words), "{error}");
    assert_eq!(creates(&other), 1);
}

#[tokio::test]
async fn a_refresh_writes_only_what_differs() {
    let same = changed(pull(5), |item| {
        let body = item["body"]
            .as_str()
            .unwrap()
            .trim_end()
            .replace('\n', "\r\n");
        item["body"] = body.into();
    });
    let stub = stub(vec![], vec![], same).await;
    let github = stub.github();
    github.refresh(5, &new_pull()).await.unwrap();
    assert_eq!(stub.lines(), ["GET /pulls/5"]);
    let mut new = new_pull();
    new.title = "Another".to_owned();
    github.refresh(5, &new).await.unwrap();
    assert_eq!(stub.lines()[1..], ["GET /pulls/5", "PATCH /pulls/5"]);
    assert_eq!(
        stub.bodies("PATCH")[0],
        json!({ "title": "Another", "body": new.body })
    );
}

#[tokio::test]
async fn an_open_one_of_a_run_comes_before_a_persons_and_before_finished_ones() {
    let of = |number, state: &str, body: Option<&str>| {
        changed(pull(number), |item| {
            item["state"] = state.into();
            if let Some(body) = body {
                item["body"] = body.into();
            }
        })
    };
    let elsewhere = changed(pull(9), |item| {
        item["head"]["repo"]["owner"]["login"] = "mallory".into();
    });
    let other = changed(pull(8), |item| item["head"]["ref"] = "main".into());
    let gone = changed(of(7, "closed", None), |item| {
        item["head"]["repo"] = Value::Null;
        item["merged_at"] = "2026-01-03T00:00:00Z".into();
    });
    let theirs = of(6, "open", Some("By hand."));
    let there = vec![elsewhere, other, gone, theirs, of(5, "open", None)];
    let all = stub(vec![], there.clone(), Value::Null).await;
    let head = new_pull().head;
    assert_eq!(all.github().find(&head).await.unwrap().unwrap().number, 5);
    let finished = stub(vec![], there[..3].to_vec(), Value::Null).await;
    let found = finished.github().find(&head).await.unwrap().unwrap();
    assert_eq!(
        (found.number, found.state.to_string().as_str()),
        (7, "merged")
    );
    assert_eq!(found.merge_commit, Some(sample::commit("d")));
    let none = stub(vec![], there[..2].to_vec(), Value::Null).await;
    assert_eq!(none.github().find(&head).await.unwrap(), None);
}

#[test]
fn what_follows_a_failed_create_depends_on_what_github_knows() {
    let refusal = |status, field: &str, message: &str| {
        ApiError::Refused(Box::new(Refusal {
            doing: String::new(),
            status,
            words: "Validation Failed".to_owned(),
            errors: vec![FieldError {
                field: field.to_owned(),
                message: message.to_owned(),
                ..FieldError::default()
            }],
            hint: None,
        }))
    };
    let exists = "A pull request already exists for octo:x.";
    let drafts = "Draft pull requests are not supported in this repository.";
    assert_eq!(Next::after(&refusal(422, "", exists), false), Next::Take);
    assert_eq!(
        Next::after(&refusal(422, "", drafts), true),
        Next::WithoutDraft
    );
    assert_eq!(Next::after(&refusal(422, "", drafts), false), Next::GiveUp);
    assert_eq!(
        Next::after(&refusal(422, "base", ""), false),
        Next::WaitForBranch
    );
    assert_eq!(
        Next::after(&refusal(422, "body", "is too long"), false),
        Next::GiveUp
    );
    assert_eq!(
        Next::after(&refusal(403, "head", exists), false),
        Next::GiveUp
    );
    assert_eq!(Next::after(&ApiError::Stopped, true), Next::GiveUp);
}
