//! [`BaseTree`]: what stands where in the commit that units start from, for rules that depend on it.
//!
//! A view of files that are held elsewhere. Globs are expanded against it, and scopes and plan files are checked.

use std::collections::HashMap;

use crate::model::path::RepoPath;
use crate::model::tree::TreeFile;

/// The files of the base commit, to be looked up; the default is an empty tree.
#[derive(Debug, Clone, Default)]
pub struct BaseTree<'a> {
    files: Vec<&'a TreeFile>,
    barriers: HashMap<&'a [u8], &'a TreeFile>,
}

impl<'a> BaseTree<'a> {
    /// Looks at these files, in any order.
    #[must_use]
    pub fn new(files: &'a [TreeFile]) -> Self {
        let barriers = files.iter().filter(|file| !file.mode.is_regular());
        let barriers = barriers
            .map(|file| (file.path.as_bytes(), file))
            .collect::<HashMap<_, _>>();
        let mut files: Vec<_> = files.iter().collect();
        files.sort_unstable_by(|a, b| a.path.cmp(&b.path));
        Self { files, barriers }
    }

    /// All files, sorted by path.
    pub fn files(&self) -> impl Iterator<Item = &'a TreeFile> {
        self.files.iter().copied()
    }

    /// Whether a file, symlink or submodule of that path is tracked.
    #[must_use]
    pub fn is_tracked(&self, path: &RepoPath) -> bool {
        self.files
            .binary_search_by(|file| file.path.cmp(path))
            .is_ok()
    }

    /// Whether something is tracked below that path.
    #[must_use]
    pub fn is_folder(&self, path: &RepoPath) -> bool {
        self.below(path).next().is_some()
    }

    /// Whether a file or a folder of that path is tracked.
    #[must_use]
    pub fn contains(&self, path: &RepoPath) -> bool {
        self.is_tracked(path) || self.is_folder(path)
    }

    /// The files below a folder, sorted by path.
    pub fn below(&self, folder: &RepoPath) -> impl Iterator<Item = &'a TreeFile> {
        let prefix = [folder.as_bytes(), b"/"].concat();
        let first = self
            .files
            .partition_point(|file| file.path.as_bytes() < prefix.as_slice());
        let after = self.files[first..].iter().copied();
        after.take_while(move |file| file.path.as_bytes().starts_with(&prefix))
    }

    /// The symlink or submodule that is tracked at this very path.
    #[must_use]
    pub fn barrier_at(&self, path: &[u8]) -> Option<&'a TreeFile> {
        self.barriers.get(path).copied()
    }
}

#[cfg(test)]
mod tests {
    use super::BaseTree;
    use crate::model::id::ObjectId;
    use crate::model::path::RepoPath;
    use crate::model::tree::{Mode, TreeFile};

    #[test]
    fn files_folders_and_links_are_told_apart() {
        let files = [
            ("z", Mode::Symlink),
            ("a.b", Mode::File),
            ("a/b", Mode::File),
        ];
        let files = files.map(|(path, mode)| TreeFile {
            path: path.into(),
            mode,
            id: ObjectId::new("0"),
        });
        let tree = BaseTree::new(&files);
        let path = |text: &str| RepoPath::from(text);
        assert!(tree.is_tracked(&path("a/b")) && !tree.is_tracked(&path("a")));
        assert!(tree.is_folder(&path("a")) && !tree.is_folder(&path("a.b")));
        assert!(!tree.is_folder(&path("z")) && !tree.is_folder(&path("")));
        assert!(tree.barrier_at(b"z").is_some() && tree.barrier_at(b"a/b").is_none());
    }
}
