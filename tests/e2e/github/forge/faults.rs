//! Whatever goes wrong on the way, nothing is made twice.

use std::time::Duration;

use batch::engine::ports::{Forge, ForgeError, NewIssue};

use super::{Ground, wanted};
use crate::support::github::faults::{At, Fault};

const MOMENT: Option<Duration> = Some(Duration::from_millis(20));

/// One of each kind that is over soon.
const FAULTS: [Fault; 15] = [
    Fault::ResetBefore,
    Fault::ResetAfter,
    Fault::BadGatewayBefore,
    Fault::BadGatewayAfter,
    Fault::ServerError,
    Fault::Unavailable,
    Fault::Forbidden(Some(1)),
    Fault::TooMany(Some(1)),
    Fault::Exhausted(1),
    Fault::StallBefore(MOMENT),
    Fault::StallAfter(MOMENT),
    Fault::CutBody,
    Fault::HtmlBefore,
    Fault::HtmlAfter,
    Fault::EmptyBody,
];

fn is_limit(fault: Fault) -> bool {
    matches!(
        fault,
        Fault::Forbidden(_) | Fault::TooMany(_) | Fault::Exhausted(_)
    )
}

#[tokio::test]
async fn a_branch_gets_one_pull_request_whatever_happens_to_its_create() {
    let ground = Ground::new();
    let github = ground.github();
    for (nth, fault) in FAULTS.into_iter().enumerate() {
        let new = ground.unit(&format!("unit-{nth}"));
        let set = ground.hub.fault(At::first("POST", "/pulls"), fault);
        let opened = github.open(&new).await;
        let opened = opened.unwrap_or_else(|error| panic!("{fault:?}: {error}"));
        assert_eq!(set.met(), 1, "{fault:?}");
        assert_eq!(opened.head_commit, new.head_commit);
        assert_eq!(opened.mark.as_ref(), Some(&new.mark));
        ground.hub.no_more_faults();
        let created = ground.hub.creates();
        assert_eq!(created.len(), nth + 1, "{fault:?}: {created:?}");
        assert_eq!(created[nth], format!("octo/sample {}", new.head));
    }
    ground.hub.pauses_hold();
}

#[tokio::test]
async fn where_every_create_goes_wrong_it_is_sent_twice_at_most_and_said_to_be_unknown() {
    let ground = Ground::new();
    let github = ground.github();
    for (nth, fault) in FAULTS.into_iter().enumerate() {
        if is_limit(fault) {
            continue;
        }
        let new = ground.unit(&format!("unit-{nth}"));
        let before = ground.asked("POST", "/pulls");
        let set = ground
            .hub
            .fault(At::first("POST", "/pulls"), fault)
            .always();
        let opened = github.open(&new).await;
        let met = set.met();
        ground.hub.no_more_faults();
        let sent = ground.asked("POST", "/pulls") - before;
        let made = ground.hub.creates();
        let made = made.iter().filter(|made| made.ends_with(&new.head)).count();
        assert_eq!(sent, met, "{fault:?}");
        if fault.is_after() {
            opened.unwrap_or_else(|error| panic!("{fault:?}: {error}"));
            assert_eq!((sent, made), (1, 1), "{fault:?}");
        } else {
            let error = opened.unwrap_err();
            assert!(
                matches!(error, ForgeError::Unreachable { .. }),
                "{fault:?}: {error}"
            );
            assert_eq!((sent, made), (2, 0), "{fault:?}: {error}");
        }
    }
}

#[tokio::test]
async fn where_no_list_can_be_had_after_a_lost_create_none_is_sent_again() {
    let ground = Ground::new();
    let new = ground.unit("unit-1");
    ground
        .hub
        .fault(At::first("POST", "/pulls"), Fault::ResetAfter);
    ground
        .hub
        .fault(At::first("GET", "/pulls"), Fault::HtmlBefore)
        .always();
    let error = ground.github().open(&new).await.unwrap_err();
    let ForgeError::Unreachable { words, .. } = error else {
        panic!("{error}");
    };
    assert!(
        words.contains("it is not known whether it was done"),
        "{words}"
    );
    assert_eq!(ground.asked("POST", "/pulls"), 1);
    ground.hub.no_more_faults();
    let found = ground.github().find(&new.head).await.unwrap().unwrap();
    assert_eq!(found.mark, Some(new.mark));
}

#[tokio::test]
async fn a_comment_and_an_issue_are_made_once_whatever_happens() {
    let ground = Ground::new();
    let github = ground.github();
    let number = github.open(&ground.unit("unit-1")).await.unwrap().number;
    let repository = ground.hub.repository("octo/sample");
    for (nth, fault) in FAULTS.into_iter().enumerate() {
        if is_limit(fault) {
            continue;
        }
        let issue = NewIssue {
            title: format!("Issue {nth}"),
            body: format!("Units.\n\n<!-- batch issue={nth} -->\n"),
            mark: format!("<!-- batch issue={nth} -->"),
        };
        ground.hub.fault(At::first("POST", "/comments"), fault);
        ground.hub.fault(At::first("POST", "sample/issues"), fault);
        let url = github.comment(number, &format!("Comment {nth}.")).await;
        let url = url.unwrap_or_else(|error| panic!("{fault:?}: {error}"));
        assert!(url.contains(&format!("/{number}#")), "{url}");
        let opened = github.open_issue(&issue).await;
        let opened = opened.unwrap_or_else(|error| panic!("{fault:?}: {error}"));
        ground.hub.no_more_faults();
        let again = github.open_issue(&issue).await.unwrap();
        assert_eq!(again.number, opened.number, "{fault:?}");
        let comments = &ground.hub.pulls("octo/sample")[0].comments;
        let words = format!("Comment {nth}.\n\n<!-- batch comment=");
        let made = comments.iter().filter(|text| text.starts_with(&words));
        assert_eq!(made.count(), 1, "{fault:?}: {comments:?}");
        let issues = repository.issues();
        let made = issues.iter().filter(|made| made.title == issue.title);
        assert_eq!(made.count(), 1, "{fault:?}");
    }
}

#[tokio::test]
async fn a_merge_that_is_lost_on_the_way_is_found_done() {
    let ground = Ground::new();
    let github = ground.github();
    let faults = [Fault::ResetAfter, Fault::BadGatewayBefore, Fault::EmptyBody];
    for (nth, fault) in faults.into_iter().enumerate() {
        let head = format!("batch/change-0a1b/unit-{nth}");
        let commit = ground.branch(&head, &format!("new-{nth}.txt"), "new\n");
        let new = wanted(&format!("unit-{nth}"), &commit);
        let number = github.open(&new).await.unwrap().number;
        let standing = github.standings(&[number]).await.unwrap().remove(0);
        ground.hub.fault(At::first("PUT", "/merge"), fault);
        let method = batch::model::wishes::MergeMethod::Squash;
        let merged = github.merge(&standing, method, Some("One"), &commit).await;
        let merged = merged.unwrap_or_else(|error| panic!("{fault:?}: {error}"));
        let main = ground.hub.repository("octo/sample").branch("main");
        assert_eq!(main.as_deref(), Some(merged.as_str()), "{fault:?}");
    }
}
