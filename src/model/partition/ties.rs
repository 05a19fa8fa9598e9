//! [`Groups`]: which candidates must stay together. The caller's ties, and those that the ownership rule demands.

use std::collections::HashMap;

use super::tree::Tree;
use crate::model::fold::fold;
use crate::model::path::RepoPath;

/// A partition of `0..n` into groups (union-find; a group goes by its least member).
#[derive(Debug)]
pub(super) struct Groups {
    parent: Vec<usize>,
    joined: bool,
}

impl Groups {
    /// Joins the given ties, paths that are equal after Unicode NFC and case folding, and a path with all that is
    /// below it when it is taken for a folder.
    pub(super) fn new(paths: &[&RepoPath], tree: &Tree, ties: &[Vec<usize>]) -> Self {
        let mut groups = Self {
            parent: (0..paths.len()).collect(),
            joined: false,
        };
        for tie in ties {
            for pair in tie.windows(2) {
                groups.join(pair[0], pair[1]);
            }
        }
        groups.join_collisions(paths, tree);
        groups
    }

    fn join_collisions(&mut self, paths: &[&RepoPath], tree: &Tree) {
        let mut files = HashMap::with_capacity(paths.len());
        for (index, path) in paths.iter().enumerate() {
            let first = *files.entry(fold(path.as_bytes())).or_insert(index);
            self.join(first, index);
        }
        for folder in 1..tree.folders.len() {
            if let Some(&file) = files.get(&fold(tree.path(folder, paths))) {
                let range = tree.folders[folder].first..tree.folders[folder].end;
                for &below in &tree.order[range] {
                    self.join(file, below);
                }
            }
        }
    }

    fn join(&mut self, a: usize, b: usize) {
        let (a, b) = (self.of(a), self.of(b));
        if a != b {
            self.parent[a.max(b)] = a.min(b);
            self.joined = true;
        }
    }

    /// The group that a candidate is in.
    pub(super) fn of(&mut self, mut index: usize) -> usize {
        while self.parent[index] != index {
            self.parent[index] = self.parent[self.parent[index]];
            index = self.parent[index];
        }
        index
    }

    /// Whether any two candidates are together.
    pub(super) fn any(&self) -> bool {
        self.joined
    }
}

#[cfg(test)]
mod tests {
    use super::{Groups, Tree};
    use crate::model::path::RepoPath;

    fn groups(paths: &[&str], ties: &[Vec<usize>]) -> Vec<usize> {
        let paths: Vec<RepoPath> = paths.iter().map(|&path| path.into()).collect();
        let paths: Vec<&RepoPath> = paths.iter().collect();
        let mut groups = Groups::new(&paths, &Tree::new(&paths), ties);
        let of: Vec<usize> = (0..paths.len()).map(|index| groups.of(index)).collect();
        assert_eq!(groups.any(), of.iter().enumerate().any(|(a, &b)| a != b));
        of
    }

    #[test]
    fn given_ties_that_overlap_become_one() {
        let ties = [vec![3, 1], vec![], vec![2], vec![1, 4]];
        assert_eq!(groups(&["a", "b", "c", "d", "e"], &ties), [0, 1, 2, 1, 1]);
    }

    #[test]
    fn paths_that_a_file_system_may_confuse_are_tied() {
        assert_eq!(groups(&["a/X.rs", "b", "A/x.rs"], &[]), [0, 1, 0]);
        assert_eq!(
            groups(&["caf\u{e9}", "CAFE\u{301}", "cafe"], &[]),
            [0, 0, 2]
        );
        assert_eq!(groups(&["Straße", "STRASSE"], &[]), [0, 0]);
        assert_eq!(
            groups(&["\u{c9}t\u{e9}\u{fe}", "e\u{301}TE\u{301}\u{de}"], &[]),
            [0, 0]
        );
    }

    #[test]
    fn a_path_is_tied_to_all_that_is_below_it() {
        assert_eq!(
            groups(&["a", "a/b", "a/c/d", "ab", "a.c"], &[]),
            [0, 0, 0, 3, 4]
        );
        assert_eq!(groups(&["lib/x", "y", "LIB"], &[]), [0, 1, 0]);
    }
}
