//! [`Pull`]: a pull request as this program knows it, whatever forge holds it.

use std::fmt;

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use crate::model::id::{ObjectId, RunId, UnitId};
use crate::model::mark::Mark;
use crate::model::outcome::PullLink;
use crate::model::wishes::Extras;

/// Where a pull request stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum PullState {
    /// It can be merged or closed.
    Open,
    /// Its commits are on the base branch.
    Merged,
    /// It was closed without a merge.
    Closed,
}

impl fmt::Display for PullState {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(match self {
            Self::Open => "open",
            Self::Merged => "merged",
            Self::Closed => "closed",
        })
    }
}

/// What is asked for when a pull request is opened.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NewPull {
    /// Its title.
    pub title: String,
    /// Its body, Markdown.
    pub body: String,
    /// The branch that holds its commits.
    pub head: String,
    /// The commit that the branch must be at.
    pub head_commit: ObjectId,
    /// The branch that it is to be merged into.
    pub base: String,
    /// Whether it is opened as a draft.
    pub draft: bool,
    /// Whose it is; the body has it too.
    pub mark: Mark,
    /// What else it is given.
    pub extras: Extras,
}

/// A pull request.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Pull {
    /// Its number on the forge.
    pub number: u64,
    /// Whose it is; none where somebody else opened it.
    #[serde(flatten)]
    pub mark: Option<Mark>,
    /// Its title.
    pub title: String,
    /// Its body, Markdown.
    pub body: String,
    /// Where it stands.
    pub state: PullState,
    /// Whether it is a draft.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub draft: bool,
    /// The branch that holds its commits.
    pub head: String,
    /// The commit that the branch was at when it was last looked at.
    pub head_commit: ObjectId,
    /// The branch that it is to be merged into.
    pub base: String,
    /// Its labels.
    pub labels: Vec<String>,
    /// When it was opened.
    pub created: Timestamp,
    /// The commit that merged it.
    pub merge_commit: Option<ObjectId>,
    /// Where a person can look at it.
    pub url: Option<String>,
}

impl Pull {
    /// The run that opened it, where one did.
    #[must_use]
    pub fn run(&self) -> Option<&RunId> {
        self.mark.as_ref().map(|mark| &mark.run)
    }

    /// The unit that it delivers, where it delivers one.
    #[must_use]
    pub fn unit(&self) -> Option<&UnitId> {
        self.mark.as_ref().map(|mark| &mark.unit)
    }

    /// The part that reports name.
    #[must_use]
    pub fn link(&self) -> PullLink {
        PullLink {
            number: self.number,
            url: self.url.clone(),
        }
    }
}
