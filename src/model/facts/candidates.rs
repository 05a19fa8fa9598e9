//! [`Candidates`]: the files that a plan must account for, where the user said which.

use crate::model::facts::hot_names::is_lockfile;
use crate::model::facts::standing::{Standing, name, standing};
use crate::model::path::RepoPath;
use crate::model::tree::TreeFile;

/// A file that the user's `--paths` and `--matching` select.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct FileCandidate {
    /// Where it is.
    pub path: RepoPath,
    /// How many lines it has; none when it is not text.
    pub lines: Option<u64>,
    /// How large it is, in bytes.
    pub bytes: u64,
}

/// What a change may concern.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Candidates {
    /// These, sorted by path: each is to be in one unit, or left out with a reason.
    Given(Vec<FileCandidate>),
    /// Whatever research finds, among this many files; none of them has to be accounted for.
    Open {
        /// How many of the tree's files are possible.
        files: usize,
    },
}

impl FileCandidate {
    /// A file with these contents.
    #[must_use]
    pub fn of(path: RepoPath, contents: &[u8]) -> Self {
        // What git takes for binary: a NUL among the first bytes.
        let head = &contents[..contents.len().min(8000)];
        let ended = contents.is_empty() || contents.ends_with(b"\n");
        let lines = memchr::memchr_iter(b'\n', contents).count() as u64 + u64::from(!ended);
        Self {
            path,
            lines: (!head.contains(&0)).then_some(lines),
            bytes: contents.len() as u64,
        }
    }
}

/// Whether a change could concern a file that nobody named: a regular one that is neither vendored nor generated nor a
/// lockfile. Names alone decide.
#[must_use]
pub fn is_possible(file: &TreeFile) -> bool {
    file.mode.is_regular()
        && standing(&file.path) == Standing::Own
        && !is_lockfile(&name(&file.path).to_ascii_lowercase())
}

#[cfg(test)]
mod tests {
    use super::{FileCandidate, is_possible};
    use crate::model::facts::sample::tree;
    use crate::model::tree::Mode;

    #[test]
    fn lines_are_counted_as_an_editor_shows_them() {
        let lines = |contents: &[u8]| FileCandidate::of("a".into(), contents).lines;
        assert_eq!(lines(b""), Some(0));
        assert_eq!(lines(b"a\nb"), Some(2));
        assert_eq!(lines(b"a\nb\n"), Some(2));
        assert_eq!(lines(b"a\0b\n"), None);
    }

    #[test]
    fn what_nobody_edits_by_hand_is_not_possible() {
        let mut files = tree(&["a.ts", "yarn.lock", "vendor/a.ts", "a.min.js", "README"]);
        files[4].mode = Mode::Symlink;
        let possible: Vec<bool> = files.iter().map(is_possible).collect();
        assert_eq!(possible, [true, false, false, false, false]);
    }
}
