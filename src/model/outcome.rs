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

/// Why a unit failed, and where to look.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Failure {
    /// The step that failed.
    pub step: Step,
    /// What went wrong: a lowercase fragment, perhaps with further lines.
    pub cause: String,
    /// The full path of the step's log, if the step wrote one.
    pub log: Option<String>,
    /// The last lines of that log, without control characters.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub tail: Vec<String>,
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

    /// Whether `batch rerun` takes the unit up again.
    #[must_use]
    pub fn wants_rerun(&self) -> bool {
        match self {
            Self::Failed(_) | Self::Cancelled { .. } => true,
            Self::Opened { .. } | Self::Pushed { .. } | Self::Unchanged => false,
        }
    }
}
