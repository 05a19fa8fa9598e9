//! [`Candidate`]: what is partitioned.

use std::sync::Arc;

use crate::model::path::RepoPath;

/// A file that the change touches or looks at.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Candidate {
    /// Where it is.
    pub path: RepoPath,
    /// Lines changed or looked at; 0 counts as 1, and more than 2⁴⁰ as that.
    pub weight: u64,
    /// Its owners, separated by spaces.
    pub owner: Option<Arc<str>>,
}
