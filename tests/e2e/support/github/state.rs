//! [`State`]: all that the hub's GitHub knows: users, tokens, repositories, and in each its issues and pull requests.
//! Commits and branches are not in it: they are asked of the bare repositories.

use std::collections::{BTreeMap, BTreeSet};
use std::path::PathBuf;

use git2::Oid;
use jiff::Timestamp;

use super::bare::Bare;
use super::clock::QuickClock;
use super::faults::Faults;
use super::limits::Limits;
use super::log::Log;
use super::tokens::Token;

/// What somebody may do in a repository.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Role {
    Read,
    Triage,
    Write,
    Maintain,
    Admin,
}

/// Everything.
pub struct State {
    /// `127.0.0.1:PORT`.
    pub host: String,
    pub folder: PathBuf,
    pub clock: QuickClock,
    pub users: BTreeSet<String>,
    pub organisations: BTreeSet<String>,
    pub tokens: BTreeMap<String, Token>,
    pub repos: BTreeMap<u64, Repo>,
    /// Repositories by `owner/name` in lower case, former names too.
    pub names: BTreeMap<String, u64>,
    pub limits: Limits,
    pub faults: Faults,
    pub log: Log,
    /// How often it is asked for mergeability in vain, of each head commit.
    pub unknown_asks: usize,
    /// How many requests it takes until a fork is there.
    pub fork_takes: usize,
    pub last_id: u64,
}

/// A repository.
#[expect(clippy::struct_excessive_bools, reason = "as GitHub has them")]
pub struct Repo {
    pub id: u64,
    pub owner: String,
    pub name: String,
    pub bare: Bare,
    pub default_branch: String,
    pub private: bool,
    pub archived: bool,
    pub disabled: bool,
    pub has_issues: bool,
    /// Whether the repository lets the forge merge by itself.
    pub allow_auto_merge: bool,
    pub allow_forks: bool,
    /// The ways of merging that it allows: `merge`, `squash`, `rebase`.
    pub methods: BTreeSet<&'static str>,
    pub delete_merged: bool,
    /// Who may make labels.
    pub labels_by: Role,
    pub collaborators: BTreeMap<String, Role>,
    /// Teams with access, as `organisation/team`.
    pub teams: BTreeSet<String>,
    pub fork_of: Option<u64>,
    /// How many more requests a fork that is being made is not there for.
    pub appears_in: usize,
    pub labels: Vec<Label>,
    pub milestones: Vec<Milestone>,
    pub issues: Vec<Issue>,
    pub rules: BTreeMap<String, Rule>,
    /// What was reported of commits.
    pub checks: BTreeMap<Oid, Vec<Check>>,
    /// The most pull requests that one user may have open; none for no cap.
    pub max_open: Option<usize>,
}

/// What a branch wants of what is merged into it.
#[expect(clippy::struct_excessive_bools, reason = "each is by itself")]
#[derive(Debug, Clone, Default)]
pub struct Rule {
    /// It cannot be pushed to.
    pub protected: bool,
    /// Branches must hold what the base holds.
    pub strict: bool,
    pub review: bool,
    pub checks: BTreeSet<String>,
    pub queue: bool,
}

/// A label.
#[derive(Debug, Clone)]
pub struct Label {
    pub id: u64,
    pub name: String,
    pub color: String,
    pub description: Option<String>,
}

/// A milestone.
#[derive(Debug, Clone)]
pub struct Milestone {
    pub id: u64,
    pub number: u64,
    pub title: String,
    pub open: bool,
}

/// A check run of a commit.
#[derive(Debug, Clone)]
pub struct Check {
    pub id: u64,
    pub name: String,
    pub state: CheckState,
    pub required: bool,
    /// Whether it came as a commit status and not as a check run.
    pub is_status: bool,
}

/// How a check stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum CheckState {
    Queued,
    Running,
    Passed,
    Skipped,
    Neutral,
    Failed,
    Cancelled,
}

/// An issue, or a pull request.
#[derive(Debug, Clone)]
pub struct Issue {
    pub id: u64,
    pub number: u64,
    pub title: String,
    pub body: Option<String>,
    pub open: bool,
    pub author: String,
    pub labels: Vec<String>,
    pub assignees: Vec<String>,
    pub milestone: Option<u64>,
    pub comments: Vec<Comment>,
    pub created: Timestamp,
    pub updated: Timestamp,
    pub closed: Option<Timestamp>,
    pub pull: Option<Pull>,
}

/// A comment.
#[derive(Debug, Clone)]
pub struct Comment {
    pub id: u64,
    pub author: String,
    pub body: String,
    pub created: Timestamp,
}

/// What a pull request is beyond an issue.
#[derive(Debug, Clone)]
pub struct Pull {
    pub head_repo: u64,
    /// Whose repository the head is in.
    pub head_owner: String,
    pub head: String,
    pub head_oid: Oid,
    pub base: String,
    pub base_oid: Oid,
    pub draft: bool,
    pub merged: Option<Merged>,
    pub reviewers: Vec<String>,
    /// As `organisation/team`.
    pub teams: Vec<String>,
    pub review: Verdict,
    pub auto_merge: Option<AutoMerge>,
    pub queued: bool,
    /// How often it was asked for mergeability since its head moved.
    pub asked: usize,
}

/// How a pull request was merged.
#[derive(Debug, Clone)]
pub struct Merged {
    pub commit: Oid,
    pub by: String,
    pub at: Timestamp,
}

/// That it is merged by itself.
#[derive(Debug, Clone)]
pub struct AutoMerge {
    pub by: String,
    /// `merge`, `squash` or `rebase`.
    pub method: &'static str,
    pub at: Timestamp,
}

/// What reviewers said.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Verdict {
    Nothing,
    Approved,
    ChangesRequested,
}

impl State {
    pub fn id(&mut self) -> u64 {
        self.last_id += 1;
        self.last_id
    }

    /// The user or organisation of that name, as it is written.
    pub fn account(&self, login: &str) -> Option<&str> {
        let all = self.users.iter().chain(&self.organisations);
        all.map(String::as_str)
            .find(|known| known.eq_ignore_ascii_case(login))
    }

    /// The id of the repository of this name, now or once.
    pub fn repo_id(&self, slug: &str) -> Option<u64> {
        self.names.get(&slug.to_ascii_lowercase()).copied()
    }

    /// The repository of this name; the tests name none that is not there.
    #[track_caller]
    pub fn repo(&mut self, slug: &str) -> &mut Repo {
        let id = self.repo_id(slug);
        let id = id.unwrap_or_else(|| panic!("the hub has no repository {slug}"));
        self.repos.get_mut(&id).unwrap()
    }

    /// Makes a repository, or a fork of one.
    pub fn make_repo(&mut self, owner: &str, name: &str, fork_of: Option<u64>) -> u64 {
        let id = self.id();
        let parent = fork_of.map(|id| &self.repos[&id]);
        let objects = parent.map(|parent| parent.bare.path.join("objects"));
        let bare = Bare::make(&self.folder.join(format!("{id}.git")), objects.as_deref());
        if let Some(parent) = parent {
            for (name, at) in parent.bare.branches() {
                bare.point(&format!("refs/heads/{name}"), at);
            }
        }
        let default_branch = parent
            .map_or("main", |parent| &parent.default_branch)
            .to_owned();
        let repo = Repo {
            id,
            owner: owner.to_owned(),
            name: name.to_owned(),
            bare,
            default_branch,
            private: parent.is_some_and(|parent| parent.private),
            archived: false,
            disabled: false,
            has_issues: fork_of.is_none(),
            allow_auto_merge: true,
            allow_forks: true,
            methods: ["merge", "squash", "rebase"].into(),
            delete_merged: false,
            labels_by: Role::Triage,
            collaborators: BTreeMap::new(),
            teams: BTreeSet::new(),
            fork_of,
            appears_in: 0,
            labels: Vec::new(),
            milestones: Vec::new(),
            issues: Vec::new(),
            rules: BTreeMap::new(),
            checks: BTreeMap::new(),
            max_open: None,
        };
        self.names.insert(repo.slug().to_ascii_lowercase(), id);
        self.repos.insert(id, repo);
        id
    }
}

impl Repo {
    /// `owner/name`.
    pub fn slug(&self) -> String {
        format!("{}/{}", self.owner, self.name)
    }

    /// What somebody may do; none for what is not theirs to see.
    pub fn role(&self, login: &str) -> Option<Role> {
        if self.owner.eq_ignore_ascii_case(login) {
            return Some(Role::Admin);
        }
        let known = self
            .collaborators
            .iter()
            .find(|(name, _)| name.eq_ignore_ascii_case(login));
        let given = known.map(|(_, role)| *role);
        given.or((!self.private).then_some(Role::Read))
    }

    /// Whether somebody was given a part in it: such may be asked for a review, and have issues assigned.
    pub fn is_collaborator(&self, login: &str) -> bool {
        let given = |name: &String| name.eq_ignore_ascii_case(login);
        self.owner.eq_ignore_ascii_case(login) || self.collaborators.keys().any(given)
    }

    pub fn issue(&self, number: u64) -> Option<&Issue> {
        self.issues.iter().find(|issue| issue.number == number)
    }

    pub fn issue_mut(&mut self, number: u64) -> Option<&mut Issue> {
        self.issues.iter_mut().find(|issue| issue.number == number)
    }

    /// The pull request of a number, with its issue.
    pub fn pull(&self, number: u64) -> Option<(&Issue, &Pull)> {
        let issue = self.issue(number)?;
        Some((issue, issue.pull.as_ref()?))
    }

    pub fn pull_mut(&mut self, number: u64) -> Option<(&mut Issue, Pull)> {
        let issue = self.issue_mut(number)?;
        let pull = issue.pull.clone()?;
        Some((issue, pull))
    }

    /// The rule of a branch.
    pub fn rule(&self, branch: &str) -> Rule {
        self.rules.get(branch).cloned().unwrap_or_default()
    }

    /// What was reported of a commit, and the required checks that were not.
    pub fn checks_of(&self, commit: Oid, base: &str) -> Vec<Check> {
        let rule = self.rule(base);
        let mut checks = self.checks.get(&commit).cloned().unwrap_or_default();
        for check in &mut checks {
            check.required |= rule.checks.contains(&check.name);
        }
        checks
    }
}

impl CheckState {
    /// As `CheckStatusState` and `CheckConclusionState`.
    pub fn as_run(self) -> (&'static str, Option<&'static str>) {
        match self {
            Self::Queued => ("QUEUED", None),
            Self::Running => ("IN_PROGRESS", None),
            Self::Passed => ("COMPLETED", Some("SUCCESS")),
            Self::Skipped => ("COMPLETED", Some("SKIPPED")),
            Self::Neutral => ("COMPLETED", Some("NEUTRAL")),
            Self::Failed => ("COMPLETED", Some("FAILURE")),
            Self::Cancelled => ("COMPLETED", Some("CANCELLED")),
        }
    }

    /// As `StatusState`.
    pub fn as_status(self) -> &'static str {
        match self {
            Self::Queued | Self::Running => "PENDING",
            Self::Passed | Self::Skipped | Self::Neutral => "SUCCESS",
            Self::Failed | Self::Cancelled => "FAILURE",
        }
    }
}
