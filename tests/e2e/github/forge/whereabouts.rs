//! What is known of the repository and the token before anything is made, and where the user's fork is.

use batch::adapters::forges::github::repository::MayOpen;
use batch::engine::ports::{Forge, ForgeError};
use batch::model::wishes::MergeMethod;

use super::Ground;
use crate::support::github::hub::TOKEN;
use crate::support::github::state::Role;

const OTHER: &str = "github_pat_other";

#[tokio::test]
async fn the_repository_tells_its_name_as_it_is_now_and_what_it_allows() {
    let ground = Ground::new();
    let repository = ground.hub.repository("octo/sample");
    repository
        .methods(&["squash"])
        .without_issues()
        .renamed("octo/renamed");
    let facts = ground.github().repository().await.unwrap();
    assert_eq!(facts.site.slug(), "octo/renamed");
    assert_eq!(facts.default_branch, "main");
    assert_eq!(facts.may_push, Some(true));
    assert_eq!(facts.may_open, MayOpen::Yes);
    assert_eq!(facts.merge_methods, [MergeMethod::Squash]);
    assert!(!facts.has_issues && !facts.archived && !facts.private);
    assert_eq!(facts.viewer.as_deref(), Some("mona"));
    assert_eq!(ground.asked("POST", "/pulls"), 0, "scopes tell enough");
}

#[tokio::test]
async fn a_token_that_may_not_open_pull_requests_is_found_out_without_opening_one() {
    let ground = Ground::new();
    let may_open = async || {
        let github = ground.github_as(OTHER, "octo/sample", None);
        github.repository().await.unwrap().may_open
    };
    let hub = &ground.hub;
    hub.fine_grained_token(
        OTHER,
        "mona",
        &[("metadata", "read"), ("pull_requests", "read")],
    );
    let MayOpen::No { words, .. } = may_open().await else {
        panic!("it may");
    };
    assert_eq!(words, "Resource not accessible by personal access token");
    hub.fine_grained_token(OTHER, "mona", &[("pull_requests", "write")]);
    assert_eq!(may_open().await, MayOpen::Yes);
    hub.classic_token(OTHER, "mona", &["read:org"]);
    let MayOpen::No { words, .. } = may_open().await else {
        panic!("it may");
    };
    assert!(words.contains("read:org"), "{words}");
    hub.repository("octo/sample").archived();
    assert!(matches!(may_open().await, MayOpen::No { .. }));
    assert_eq!(hub.creates(), [] as [String; 0]);
}

#[tokio::test]
async fn a_fork_is_made_only_when_asked_for_and_found_from_then_on() {
    let ground = Ground::new();
    ground.hub.fork_takes(2);
    ground.hub.repository("octo/sample").stranger("mona");
    // Another repository of that name, so that the fork gets a name of its own.
    ground.hub.repository("mona/sample");
    let github = ground.github();
    let ForgeError::Refused { hint, .. } = github.fork(false).await.unwrap_err() else {
        panic!("it is not refused");
    };
    assert!(hint.unwrap().contains("--fork=make"));
    let fork = github.fork(true).await.unwrap();
    assert_eq!(fork.slug(), "mona/sample-1");
    assert_eq!(github.fork(false).await.unwrap(), fork);
    assert_eq!(ground.asked("POST", "/forks"), 1);

    let new = ground.unit("unit-1");
    let there = ground.hub.repository("mona/sample-1").path();
    let refspec = format!("{}:refs/heads/{}", new.head_commit, new.head);
    ground
        .sandbox
        .git(["push", "-q", there.to_str().unwrap(), &refspec]);
    let forked = ground.github_as(TOKEN, "octo/sample", Some("mona"));
    assert_eq!(forked.repository().await.unwrap().may_open, MayOpen::Yes);
    let opened = forked.open(&new).await.unwrap();
    assert_eq!(ground.hub.pulls("octo/sample")[0].head_owner, "mona");
    assert_eq!(forked.find(&new.head).await.unwrap(), Some(opened));
    assert_eq!(github.find(&new.head).await.unwrap(), None);
}

#[tokio::test]
async fn a_repository_that_cannot_be_forked_says_so() {
    let ground = Ground::new();
    ground
        .hub
        .repository("octo/sample")
        .without_forks()
        .collaborator("mona", Role::Read);
    let error = ground.github().fork(true).await.unwrap_err();
    assert!(error.to_string().contains("forking is disabled"), "{error}");
}
