//! [`Kept`]: where the edits of an attempt are, for the next one to begin from. The history remembers it, the worker
//! takes it up.

use crate::model::id::ObjectId;

/// Where an attempt's edits are.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Kept {
    /// In a commit: they passed gate, check and test, and were only to be delivered.
    Committed(ObjectId),
    /// At this ref, whatever they were worth.
    Unproven(String),
}

impl Kept {
    /// What git finds them by.
    #[must_use]
    pub fn revision(&self) -> &str {
        match self {
            Self::Committed(commit) => commit.as_str(),
            Self::Unproven(reference) => reference,
        }
    }
}
