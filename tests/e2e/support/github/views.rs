//! [`PullView`]: a pull request as a test looks at it.

use super::state::{Issue, Repo, Verdict};

/// A pull request.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PullView {
    pub number: u64,
    pub title: String,
    pub body: String,
    /// `open`, `closed` or `merged`.
    pub state: &'static str,
    pub draft: bool,
    /// The head branch, without its owner.
    pub head: String,
    /// Whose repository the head is in.
    pub head_owner: String,
    pub head_commit: String,
    pub base: String,
    pub author: String,
    pub labels: Vec<String>,
    pub assignees: Vec<String>,
    pub reviewers: Vec<String>,
    /// As `organisation/team`.
    pub teams: Vec<String>,
    /// The milestone's title.
    pub milestone: Option<String>,
    pub comments: Vec<String>,
    /// The method by which it is merged once it may be.
    pub auto_merge: Option<&'static str>,
    pub queued: bool,
    pub merge_commit: Option<String>,
    pub approved: bool,
}

/// An issue.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct IssueView {
    pub number: u64,
    pub title: String,
    pub body: String,
    pub open: bool,
    pub author: String,
    pub labels: Vec<String>,
    pub assignees: Vec<String>,
    pub comments: Vec<String>,
}

impl PullView {
    /// Of an issue that is one.
    pub fn of(repo: &Repo, issue: &Issue) -> Option<Self> {
        let pull = issue.pull.as_ref()?;
        let title = |number: u64| {
            let found = repo.milestones.iter().find(|known| known.number == number);
            found.map(|milestone| milestone.title.clone())
        };
        let as_issue = IssueView::of(issue);
        Some(Self {
            number: issue.number,
            title: as_issue.title,
            body: as_issue.body,
            state: match (issue.open, &pull.merged) {
                (true, _) => "open",
                (false, Some(_)) => "merged",
                (false, None) => "closed",
            },
            draft: pull.draft,
            head: pull.head.clone(),
            head_owner: pull.head_owner.clone(),
            head_commit: pull.head_oid.to_string(),
            base: pull.base.clone(),
            author: as_issue.author,
            labels: as_issue.labels,
            assignees: as_issue.assignees,
            reviewers: pull.reviewers.clone(),
            teams: pull.teams.clone(),
            milestone: issue.milestone.and_then(title),
            comments: as_issue.comments,
            auto_merge: pull.auto_merge.as_ref().map(|auto| auto.method),
            queued: pull.queued,
            merge_commit: pull.merged.as_ref().map(|merged| merged.commit.to_string()),
            approved: pull.review == Verdict::Approved,
        })
    }
}

impl IssueView {
    /// Of an issue.
    pub fn of(issue: &Issue) -> Self {
        let comments = issue.comments.iter();
        Self {
            number: issue.number,
            title: issue.title.clone(),
            body: issue.body.clone().unwrap_or_default(),
            open: issue.open,
            author: issue.author.clone(),
            labels: issue.labels.clone(),
            assignees: issue.assignees.clone(),
            comments: comments.map(|comment| comment.body.clone()).collect(),
        }
    }
}
