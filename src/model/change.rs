//! [`Change`]: what the user asked for, and how it is made.

use crate::model::agent::AgentChoice;
use crate::model::id::ObjectId;

/// One large change, as it was asked for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Change {
    /// What is wanted, in a sentence.
    pub description: String,
    /// What makes the edits.
    pub source: Source,
    /// The agent that makes them, or, beside a rewrite or a command, the one that takes over where checks fail after it.
    pub agent: Option<AgentChoice>,
    /// Globs from the root that say where to look; empty means everywhere.
    pub paths: Vec<String>,
    /// A regex that a file's contents must match to be looked at.
    pub matching: Option<String>,
}

/// What makes a change's edits.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Source {
    /// A coding agent: [`Change::agent`], or the first that is found.
    Agent,
    /// The built-in rewrite: `s/REGEX/REPLACEMENT/FLAGS` expressions, applied in order.
    Rewrite(Vec<String>),
    /// A codemod command, run in each unit's worktree.
    Command(String),
    /// Slices of a change that exists.
    From {
        /// What the user named: a branch, a commit, or `worktree`.
        name: String,
        /// The commit that holds it, pinned when the plan was made.
        commit: ObjectId,
    },
}

impl Change {
    /// A change everywhere, without an agent of its own.
    pub fn new(description: impl Into<String>, source: Source) -> Self {
        Self {
            description: description.into(),
            source,
            agent: None,
            paths: Vec::new(),
            matching: None,
        }
    }
}
