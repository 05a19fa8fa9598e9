//! How far a unit is ([`Step`]) and how it ended ([`Outcome`]).

use std::fmt;

use serde::{Deserialize, Serialize};

/// What is done to a unit, in this order.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Step {
    /// A worktree at the unit's base, set up.
    Prepare,
    /// The edits.
    Implement,
    /// The rule on what may be committed.
    Gate,
    /// The unit's own verification.
    Check,
    /// The plan's test command.
    Test,
    /// The commit, with the user's hooks and signing.
    Commit,
    /// The merge in memory with all finished units, then the push.
    Push,
    /// The pull request.
    OpenPr,
}

impl Step {
    /// All of them, in order.
    pub const ALL: [Self; 8] = [
        Self::Prepare,
        Self::Implement,
        Self::Gate,
        Self::Check,
        Self::Test,
        Self::Commit,
        Self::Push,
        Self::OpenPr,
    ];

    /// The word in messages, file names and JSON.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Prepare => "prepare",
            Self::Implement => "implement",
            Self::Gate => "gate",
            Self::Check => "check",
            Self::Test => "test",
            Self::Commit => "commit",
            Self::Push => "push",
            Self::OpenPr => "open-pr",
        }
    }
}

impl fmt::Display for Step {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.as_str())
    }
}

/// A pull request as a report names it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct PullLink {
    /// Its number on the forge.
    pub number: u64,
    /// Where a person can look at it, if the forge has such a place.
    pub url: Option<String>,
}

/// An issue as a report names it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct IssueLink {
    /// Its number on the forge.
    pub number: u64,
    /// Where a person can look at it, if the forge has such a place.
    pub url: Option<String>,
}

/// What kind of failure it was, for what a person does next.
#[derive(
    Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Default, Serialize, Deserialize,
)]
#[serde(rename_all = "kebab-case")]
pub enum FailureKind {
    /// The agent was refused a tool that it needed, and changed nothing.
    Permission,
    /// The agent's turns were used up.
    Turns,
    /// The limit on cost was reached, or on cost and tokens alike.
    Budget,
    /// The limit on tokens was reached.
    Tokens,
    /// The provider took no more calls, for longer than was waited.
    RateLimit,
    /// The agent is not logged in, or its key is not taken.
    Unauthorised,
    /// The agent's account has no credit or quota left.
    Quota,
    /// Something was changed that the unit does not own, or may not be committed.
    Scope,
    /// A check or test failed.
    Tests,
    /// A limit on time was reached.
    Timeout,
    /// The agent printed nothing for too long.
    Silence,
    /// Too much was printed or written.
    Runaway,
    /// What made the edits ended badly.
    Crash,
    /// The unit does not fit those that finished before it.
    Conflict,
    /// The worktree could not be set up.
    Setup,
    /// git, a hook or the remote refused.
    Delivery,
    /// The forge refused.
    Forge,
    /// None of these; also in journals that did not tell kinds.
    #[default]
    Other,
}

impl FailureKind {
    /// The word in reports and JSON.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Permission => "permission",
            Self::Turns => "turns",
            Self::Budget => "budget",
            Self::Tokens => "tokens",
            Self::RateLimit => "rate-limit",
            Self::Unauthorised => "unauthorised",
            Self::Quota => "quota",
            Self::Scope => "scope",
            Self::Tests => "tests",
            Self::Timeout => "timeout",
            Self::Silence => "silence",
            Self::Runaway => "runaway",
            Self::Crash => "crash",
            Self::Conflict => "conflict",
            Self::Setup => "setup",
            Self::Delivery => "delivery",
            Self::Forge => "forge",
            Self::Other => "other",
        }
    }

    /// What a failure of the step usually is.
    #[must_use]
    pub fn of(step: Step) -> Self {
        match step {
            Step::Prepare => Self::Setup,
            Step::Implement => Self::Crash,
            Step::Gate => Self::Scope,
            Step::Check | Step::Test => Self::Tests,
            Step::Commit | Step::Push => Self::Delivery,
            Step::OpenPr => Self::Forge,
        }
    }

    /// Whether every further request to the agent would meet the same.
    #[must_use]
    pub fn ends_all(self) -> bool {
        matches!(self, Self::Unauthorised | Self::Quota | Self::RateLimit)
    }
}

/// Why a unit failed, and where to look.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Failure {
    /// The step that failed.
    pub step: Step,
    /// The kind of failure.
    #[serde(default)]
    pub kind: FailureKind,
    /// What went wrong: a lowercase fragment, perhaps with further lines.
    pub cause: String,
    /// The full path of the step's log, if the step wrote one.
    pub log: Option<String>,
    /// The last lines of that log, without control characters.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub tail: Vec<String>,
}

impl Failure {
    /// A failure of the usual kind of its step, without a log.
    pub fn of(step: Step, cause: impl Into<String>) -> Self {
        Self {
            step,
            kind: FailureKind::of(step),
            cause: cause.into(),
            log: None,
            tail: Vec::new(),
        }
    }
}

/// How a unit ended.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "outcome", rename_all = "kebab-case")]
pub enum Outcome {
    /// The tested tree is on the remote, and the forge has its pull request.
    Opened {
        /// That pull request.
        pr: PullLink,
    },
    /// The branch is delivered; the pull request is still to come.
    Pushed {
        /// Why it has none yet.
        reason: String,
        /// Whether that is as the plan wants it: it waits for other units, or for a cap.
        #[serde(default)]
        as_planned: bool,
    },
    /// There was nothing to do.
    Unchanged,
    /// A step failed.
    Failed(Failure),
    /// It was not started, or was stopped.
    Cancelled {
        /// By what.
        reason: String,
    },
}

impl Outcome {
    /// The word in tables and JSON.
    #[must_use]
    pub fn as_str(&self) -> &'static str {
        match self {
            Self::Opened { .. } => "opened",
            Self::Pushed { .. } => "pushed",
            Self::Unchanged => "unchanged",
            Self::Failed(_) => "failed",
            Self::Cancelled { .. } => "cancelled",
        }
    }

    /// Whether `batch rerun` has something to do: work, or a pull request that could not be opened.
    #[must_use]
    pub fn is_unfinished(&self) -> bool {
        match self {
            Self::Failed(_) | Self::Cancelled { .. } => true,
            Self::Pushed { as_planned, .. } => !as_planned,
            Self::Opened { .. } | Self::Unchanged => false,
        }
    }

    /// Whether the unit's work is still to be done, or to be done again.
    #[must_use]
    pub fn wants_rerun(&self) -> bool {
        match self {
            Self::Failed(_) | Self::Cancelled { .. } => true,
            Self::Opened { .. } | Self::Pushed { .. } | Self::Unchanged => false,
        }
    }
}
