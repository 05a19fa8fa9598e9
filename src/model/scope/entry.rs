//! [`Entry`] and [`Scope`]: the literal paths that one unit owns, and how they are written as text.
//!
//! Globs are no entries: `glob` expands them before a scope exists. Whether entries are fit is for `ownership` to say.

use std::fmt;

use crate::model::path::{BadQuoting, RepoPath};

/// One entry of a scope.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Entry {
    /// That one file, which may not exist yet.
    File(RepoPath),
    /// Everything below that folder; the path has no trailing `/`.
    Folder(RepoPath),
}

impl Entry {
    /// Takes a path of which a trailing `/` says that it is a folder.
    #[must_use]
    pub fn new(path: RepoPath) -> Self {
        match path.as_bytes().strip_suffix(b"/") {
            Some(folder) => Self::Folder(RepoPath::new(folder)),
            None => Self::File(path),
        }
    }

    /// Reads what [`Entry::to_text`] wrote.
    ///
    /// # Errors
    /// [`BadQuoting`] when the text begins with `"` but is not a C-quoted string.
    pub fn parse(text: &str) -> Result<Self, BadQuoting> {
        RepoPath::parse(text).map(Self::new)
    }

    /// The spelling used in journals and reports; plans spell paths that look like globs by `glob::literal`.
    #[must_use]
    pub fn to_text(&self) -> String {
        self.to_path().to_text()
    }

    /// The path with the trailing `/` that marks a folder.
    #[must_use]
    pub fn to_path(&self) -> RepoPath {
        match self {
            Self::File(path) => path.clone(),
            Self::Folder(path) => RepoPath::new([path.as_bytes(), b"/"].concat()),
        }
    }

    /// The path of the file or of the folder itself, without a trailing `/`.
    #[must_use]
    pub fn path(&self) -> &RepoPath {
        match self {
            Self::File(path) | Self::Folder(path) => path,
        }
    }
}

impl fmt::Display for Entry {
    /// Writes the entry for people.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(&self.to_path(), f)
    }
}

/// The paths that one unit owns.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Scope {
    entries: Vec<Entry>,
}

impl Scope {
    /// A scope of these entries.
    #[must_use]
    pub fn new(entries: impl IntoIterator<Item = Entry>) -> Self {
        Self {
            entries: entries.into_iter().collect(),
        }
    }

    /// A scope of exactly these files.
    #[must_use]
    pub fn of_files(files: impl IntoIterator<Item = RepoPath>) -> Self {
        Self::new(files.into_iter().map(Entry::File))
    }

    /// The entries, in the order given.
    #[must_use]
    pub fn entries(&self) -> &[Entry] {
        &self.entries
    }
}

#[cfg(test)]
mod tests {
    use super::Entry;
    use crate::model::path::RepoPath;
    use proptest::prelude::*;

    #[test]
    fn a_trailing_slash_means_a_folder() {
        assert_eq!(Entry::parse("src/"), Ok(Entry::Folder("src".into())));
        assert_eq!(Entry::parse("src"), Ok(Entry::File("src".into())));
        assert_eq!(Entry::parse("/"), Ok(Entry::Folder("".into())));
        assert_eq!(
            Entry::parse(r#""caf\351/""#),
            Ok(Entry::Folder(RepoPath::new(*b"caf\xe9")))
        );
        assert!(Entry::parse("\"src/").is_err());
    }

    proptest! {
        #[test]
        fn every_entry_comes_back(bytes in proptest::collection::vec(1u8.., 0..20), folder in any::<bool>()) {
            let path = RepoPath::new(bytes);
            let entry = if folder { Entry::Folder(path) } else { Entry::new(path) };
            prop_assert_eq!(Entry::parse(&entry.to_text()), Ok(entry));
        }
    }
}
