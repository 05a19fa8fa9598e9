//! [`Scope`]: the paths that one unit owns, and [`Ownership`]: who owns what among all units of a plan.

use crate::model::path::RepoPath;

/// One entry of a scope.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Entry {
    /// That one file, which may not exist yet.
    File(RepoPath),
    /// Everything below that folder; the path has no trailing `/`.
    Folder(RepoPath),
}

/// The paths that one unit owns.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Scope {
    entries: Vec<Entry>,
}

impl Scope {
    /// A scope of exactly these files.
    #[must_use]
    pub fn of_files(files: impl IntoIterator<Item = RepoPath>) -> Self {
        Self {
            entries: files.into_iter().map(Entry::File).collect(),
        }
    }

    /// The entries, in the order given.
    #[must_use]
    pub fn entries(&self) -> &[Entry] {
        &self.entries
    }
}
