//! What a pull request goes through: extras, a person's pushes, checks, updates, merge and close.

use batch::engine::ports::{Forge, ForgeError};
use batch::model::pull::PullState;
use batch::model::standing::{Review, Verdict, Way};
use batch::model::wishes::{Extras, MergeMethod};

use super::Ground;
use crate::support::github::state::{CheckState, Role, Verdict as Given};

fn names(names: &[&str]) -> Vec<String> {
    names.iter().map(|&name| name.to_owned()).collect()
}

#[tokio::test]
async fn it_is_given_all_that_reviewers_look_for_by_three_writes() {
    let ground = Ground::new();
    let repository = ground.hub.repository("octo/sample");
    repository
        .label("Batch")
        .milestone("Spring")
        .collaborator("bob", Role::Write)
        .team("octo/core");
    let new = ground.unit("unit-1");
    let github = ground.github();
    let pull = github.open(&new).await.unwrap();
    let extras = Extras {
        labels: names(&["batch"]),
        assignees: names(&["bob"]),
        reviewers: names(&["mona", "bob"]),
        teams: names(&["octo/core"]),
        milestone: Some("spring".to_owned()),
        auto_merge: None,
    };
    assert_eq!(github.give(&pull, &extras).await, [] as [String; 0]);
    let seen = &ground.hub.pulls("octo/sample")[0];
    assert_eq!(seen.labels, ["Batch"]);
    assert_eq!(seen.assignees, ["bob"]);
    assert_eq!(seen.reviewers, ["bob"], "its author is left out");
    assert_eq!(seen.teams, ["octo/core"]);
    assert_eq!(seen.milestone.as_deref(), Some("Spring"));
    let requests = ground.hub.requests();
    let writes = requests
        .iter()
        .filter(|entry| entry.nth.is_some() && entry.is_write());
    assert_eq!(writes.count(), 3);
}

#[tokio::test]
async fn what_cannot_be_given_is_said_and_the_rest_is_given() {
    let ground = Ground::new();
    ground
        .hub
        .repository("octo/sample")
        .label("there")
        .labels_by(Role::Admin)
        .without_auto_merge()
        .collaborator("bob", Role::Write);
    ground.hub.user("zoe");
    let github = ground.github();
    let pull = github.open(&ground.unit("unit-1")).await.unwrap();
    let extras = Extras {
        labels: names(&["there", "new"]),
        assignees: names(&["nobody"]),
        reviewers: names(&["bob", "zoe"]),
        teams: Vec::new(),
        milestone: Some("none".to_owned()),
        auto_merge: Some(MergeMethod::Merge),
    };
    let warnings = github.give(&pull, &extras).await;
    let begins = [
        "label `new` could not be made: ",
        "milestone `none` not set: ",
        "`nobody` was not assigned: ",
        "`zoe` was not asked for a review: ",
        "having GitHub merge #1 once it may be: ",
    ];
    assert_eq!(warnings.len(), begins.len(), "{warnings:#?}");
    for (warning, begin) in warnings.iter().zip(begins) {
        assert!(warning.starts_with(begin), "{warning}");
    }
    let seen = &ground.hub.pulls("octo/sample")[0];
    assert_eq!(seen.labels, ["there"]);
    assert_eq!(seen.reviewers, ["bob"]);
    let before = ground.hub.requests().len();
    assert_eq!(github.give(&pull, &extras).await, warnings);
    let requests = &ground.hub.requests()[before..];
    let writes = requests.iter().filter(|entry| entry.is_write());
    assert_eq!(
        writes.count(),
        3,
        "who and what was refused is not tried again"
    );
}

#[tokio::test]
async fn its_standing_is_told_from_reviews_checks_and_conflicts() {
    let ground = Ground::new();
    let repository = ground.hub.repository("octo/sample");
    let github = ground.github();
    let mut new = ground.unit("unit-1");
    new.draft = true;
    github.open(&new).await.unwrap();
    let standing = async || github.standings(&[1, 99]).await.unwrap().remove(0);
    let first = standing().await;
    assert_eq!((first.way, first.verdict()), (Way::Draft, Verdict::NoneYet));
    github.make_ready(&first).await.unwrap();
    repository
        .requires_review("main")
        .check("#1", "build", CheckState::Running, true)
        .status("#1", "lint", CheckState::Failed, false);
    let second = standing().await;
    assert!(!second.pull.draft);
    assert_eq!(second.review, Review::Required);
    assert_eq!(second.required(), Verdict::Pending(1));
    assert_eq!(second.verdict(), Verdict::Failed(1));
    repository
        .check("#1", "build", CheckState::Skipped, true)
        .review(1, Given::Approved);
    let third = standing().await;
    assert_eq!(third.review, Review::Approved);
    assert_eq!(third.required(), Verdict::Passed(1));
    ground.branch("main", "a.txt", "other\n");
    assert_eq!(standing().await.way, Way::Conflict);
}

#[tokio::test]
async fn it_is_merged_only_at_the_commit_that_was_looked_at() {
    let ground = Ground::new();
    let github = ground.github();
    let new = ground.unit("unit-1");
    github.open(&new).await.unwrap();
    let standing = github.standings(&[1]).await.unwrap().remove(0);
    let pushed = ground.grow(&new.head, "b.txt", "a person's\n");
    let merge = async |head| {
        github
            .merge(&standing, MergeMethod::Merge, None, head)
            .await
    };
    let ForgeError::Refused { hint, .. } = merge(&new.head_commit).await.unwrap_err() else {
        panic!("it is not refused");
    };
    assert!(hint.unwrap().contains("somebody pushed"));
    merge(&pushed).await.unwrap();
    assert_eq!(github.get(1).await.unwrap().state, PullState::Merged);
}

#[tokio::test]
async fn a_branch_is_brought_up_to_its_base_or_refused_where_they_conflict() {
    let ground = Ground::new();
    let github = ground.github();
    let new = ground.unit("unit-1");
    github.open(&new).await.unwrap();
    let main = ground.branch("main", "b.txt", "two\n");
    let updated = github.update_branch(1, &new.head_commit).await.unwrap();
    let repository = ground.hub.repository("octo/sample");
    let parents = repository.git(["log", "-1", "--format=%P", updated.as_str()]);
    assert_eq!(parents, format!("{} {main}", new.head_commit));
    ground.branch("main", "a.txt", "against it\n");
    let error = github.update_branch(1, &updated).await.unwrap_err();
    assert!(matches!(error, ForgeError::Refused { .. }), "{error}");
    let error = github.update_branch(1, &main).await.unwrap_err();
    assert!(matches!(error, ForgeError::Refused { .. }), "{error}");
}

#[tokio::test]
async fn closed_is_closed_and_all_of_a_run_are_found_by_their_branches() {
    let ground = Ground::new();
    let github = ground.github();
    for unit in ["unit-1", "unit-2"] {
        github.open(&ground.unit(unit)).await.unwrap();
    }
    let mut other = ground.unit("unit-3");
    other.head = "batch/other-0a1b/unit-3".to_owned();
    ground.put(&other.head, other.head_commit.as_str());
    github.open(&other).await.unwrap();
    assert_eq!(github.close(1).await.unwrap().state, PullState::Closed);
    let found = github.pulls_below("batch/change-0a1b/").await.unwrap();
    let found: Vec<(u64, PullState)> = found
        .into_iter()
        .map(|pull| (pull.number, pull.state))
        .collect();
    assert_eq!(found, [(2, PullState::Open), (1, PullState::Closed)]);
}

#[tokio::test]
async fn an_open_one_gets_its_new_text_and_what_a_person_opened_keeps_theirs() {
    let ground = Ground::new();
    let github = ground.github();
    let mut new = ground.unit("unit-1");
    github.open(&new).await.unwrap();
    new.title = "Another title".to_owned();
    new.head_commit = ground.grow(&new.head, "b.txt", "more\n");
    let refreshed = github.refresh(1, &new).await.unwrap();
    assert_eq!(refreshed.head_commit, new.head_commit);
    assert_eq!(ground.hub.pulls("octo/sample")[0].title, "Another title");
    ground
        .hub
        .repository("octo/sample")
        .edit_body(1, "By hand.");
    github.refresh(1, &new).await.unwrap();
    assert_eq!(ground.hub.pulls("octo/sample")[0].body, "By hand.");
}

#[tokio::test]
async fn where_there_is_a_queue_it_is_enqueued_and_where_a_rule_waits_github_merges_by_itself() {
    let ground = Ground::new();
    let repository = ground.hub.repository("octo/sample");
    repository.requires_check("main", "build");
    let github = ground.github();
    github.open(&ground.unit("unit-1")).await.unwrap();
    assert!(!github.has_merge_queue("main").await.unwrap());
    let standing = github.standings(&[1]).await.unwrap().remove(0);
    github
        .enable_auto_merge(&standing, MergeMethod::Squash)
        .await
        .unwrap();
    assert!(github.standings(&[1]).await.unwrap()[0].auto_merge);
    repository.merge_queue("main");
    assert!(github.has_merge_queue("main").await.unwrap());
    github.open(&ground.unit("unit-2")).await.unwrap();
    let standing = github.standings(&[2]).await.unwrap().remove(0);
    let error = github.enqueue(&standing).await.unwrap_err();
    assert!(matches!(error, ForgeError::Refused { .. }), "{error}");
    repository.check("#2", "build", CheckState::Passed, true);
    github.enqueue(&standing).await.unwrap();
    let now = github.standings(&[2]).await.unwrap().remove(0);
    assert!(now.queued || now.pull.state == PullState::Merged, "{now:?}");
}
