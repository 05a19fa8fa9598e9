//! [`slices`]: from a change that exists to what [`partition`](crate::model::partition) needs: every path that it
//! touches, and which of them must land together. Research of `--from` calls it; the differences come from git.
//!
//! # What git's merges could do to slices
//!
//! Units own disjoint paths, so the only way in which merging one can disturb another is git's inference across paths:
//! rename detection. Both ends of a rename are one slice's, so a modification can never follow a rename of another's.
//! What is left is *directory* renames (merge-ort): where a side of a merge has renamed files out of a folder and the
//! folder is gone on that side, files that the other side adds to the old folder, by name or by renaming, are moved to
//! the new one, or the merge conflicts. A folder is gone on a side that holds several units as soon as all its base
//! files are gone in the whole change and nothing is added below it by those units. So for each folder whose base files
//! are all gone, the renames out of it and all that is added below it are tied: then a side either has both, and the
//! folder exists, or has no rename out of it. Where nothing is added below it, nothing can be moved; still the files that
//! stood in the folder itself go together, as a reviewer would want, while its inner folders are each held together for
//! themselves. Deletions are no evidence of a rename and stay free.

use std::collections::{BTreeMap, HashMap, HashSet};

use crate::model::partition::Candidate;
use crate::model::path::RepoPath;
use crate::model::tree::Version;

/// How a path differs between base and change, with renames found (`git diff-tree -r -z -M50%` and `--numstat`).
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Difference {
    /// The path; of a rename the new one.
    pub path: RepoPath,
    /// What happened to it.
    pub kind: DifferenceKind,
    /// Lines added and removed; 0 where git does not count them.
    pub lines: u64,
}

/// What happened to a path.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum DifferenceKind {
    /// It is new.
    Added(Version),
    /// It is gone.
    Deleted(Version),
    /// Its contents, its mode or its type (file, symlink, submodule) changed.
    Modified {
        /// Before.
        old: Version,
        /// After.
        new: Version,
    },
    /// It was somewhere else.
    Renamed {
        /// Where it was.
        from: RepoPath,
        /// What was there.
        old: Version,
        /// What is here.
        new: Version,
    },
}

/// What is to be partitioned.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Slices {
    /// Every touched path once, sorted by path; of a rename both ends. Owners are left to the caller.
    pub candidates: Vec<Candidate>,
    /// Groups of indices into `candidates` that must land together; they may overlap.
    pub ties: Vec<Vec<usize>>,
}

/// Finds the touched paths of a change and the ties between them; `base` is every file of the base's tree.
#[must_use]
pub fn slices<'a>(
    differences: &[Difference],
    base: impl IntoIterator<Item = &'a RepoPath>,
) -> Slices {
    let touched = Touched::new(differences);
    let mut ties = touched.renames(differences);
    ties.extend(touched.files_and_folders());
    ties.extend(touched.emptied_folders(differences, base));
    Slices {
        candidates: touched.candidates,
        ties,
    }
}

/// The touched paths, and where each is among the candidates.
struct Touched {
    candidates: Vec<Candidate>,
    index: HashMap<RepoPath, usize>,
}

impl Touched {
    fn new(differences: &[Difference]) -> Self {
        let mut lines: BTreeMap<&RepoPath, u64> = BTreeMap::new();
        for difference in differences {
            let counted = lines.entry(&difference.path).or_default();
            *counted = counted.saturating_add(difference.lines.max(1));
            if let DifferenceKind::Renamed { from, .. } = &difference.kind {
                // The lines are counted where they are now; here the file is only gone.
                lines.entry(from).or_insert(1);
            }
        }
        let candidates: Vec<Candidate> = lines
            .into_iter()
            .map(|(path, weight)| Candidate {
                path: path.clone(),
                weight,
                owner: None,
            })
            .collect();
        let paths = candidates.iter().map(|candidate| candidate.path.clone());
        let index = paths
            .enumerate()
            .map(|(index, path)| (path, index))
            .collect();
        Self { candidates, index }
    }

    fn renames(&self, differences: &[Difference]) -> Vec<Vec<usize>> {
        let ends = |difference: &Difference| match &difference.kind {
            DifferenceKind::Renamed { from, .. } => {
                Some(vec![self.index[from], self.index[&difference.path]])
            }
            DifferenceKind::Added(_)
            | DifferenceKind::Deleted(_)
            | DifferenceKind::Modified { .. } => None,
        };
        differences.iter().filter_map(ends).collect()
    }

    /// A file that becomes a folder or was one, with what is touched below it.
    fn files_and_folders(&self) -> Vec<Vec<usize>> {
        let mut below: BTreeMap<usize, Vec<usize>> = BTreeMap::new();
        for (index, candidate) in self.candidates.iter().enumerate() {
            for folder in folders(&candidate.path) {
                if let Some(&file) = self.index.get(&RepoPath::new(folder)) {
                    below.entry(file).or_insert_with(|| vec![file]).push(index);
                }
            }
        }
        below.into_values().collect()
    }

    /// For each folder that keeps no base file: the renames out of it with what is added below it.
    fn emptied_folders<'a>(
        &self,
        differences: &[Difference],
        base: impl IntoIterator<Item = &'a RepoPath>,
    ) -> Vec<Vec<usize>> {
        let mut moves: BTreeMap<&[u8], Moves> = BTreeMap::new();
        let mut gone: HashSet<&RepoPath> = HashSet::new();
        for difference in differences {
            let here = self.index[&difference.path];
            match &difference.kind {
                DifferenceKind::Added(_) => {
                    for folder in folders(&difference.path) {
                        moves.entry(folder).or_default().added.push(here);
                    }
                }
                DifferenceKind::Renamed { from, .. } => {
                    gone.insert(from);
                    for folder in folders(&difference.path) {
                        moves.entry(folder).or_default().added.push(here);
                    }
                    for folder in folders(from).filter(|folder| !is_below(&difference.path, folder))
                    {
                        moves.entry(folder).or_default().left.push(self.index[from]);
                    }
                }
                DifferenceKind::Deleted(_) => {
                    gone.insert(&difference.path);
                }
                DifferenceKind::Modified { .. } => {}
            }
        }
        moves.retain(|_, moves| !moves.left.is_empty());
        for path in base.into_iter().filter(|path| !gone.contains(path)) {
            for folder in folders(path) {
                moves.remove(folder);
            }
        }
        moves
            .into_iter()
            .map(|(folder, mut moves)| {
                if moves.added.is_empty() {
                    // Nothing could be moved along: what left its inner folders is theirs to hold together.
                    let paths = &self.candidates;
                    moves
                        .left
                        .retain(|&file| paths[file].path.folder() == folder);
                }
                [moves.left, moves.added].concat()
            })
            .filter(|tie| tie.len() > 1)
            .collect()
    }
}

/// What a change does below one folder.
#[derive(Default)]
struct Moves {
    /// The old ends of renames out of it.
    left: Vec<usize>,
    /// What is there and was not, the new ends of renames too.
    added: Vec<usize>,
}

/// The folders that hold a path, the outermost first, the root left out.
fn folders(path: &RepoPath) -> impl Iterator<Item = &[u8]> {
    let bytes = path.as_bytes();
    let slashes = bytes.iter().enumerate().filter(|(_, byte)| **byte == b'/');
    slashes.map(|(at, _)| &bytes[..at])
}

fn is_below(path: &RepoPath, folder: &[u8]) -> bool {
    let rest = path.as_bytes().strip_prefix(folder);
    rest.is_some_and(|rest| rest.starts_with(b"/"))
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::{Difference, DifferenceKind, Slices, slices};
    use crate::model::id::ObjectId;
    use crate::model::path::RepoPath;
    use crate::model::tree::{Mode, Version};

    fn version() -> Version {
        Version {
            mode: Mode::File,
            id: ObjectId::new("0"),
        }
    }

    fn difference(path: &str, kind: DifferenceKind) -> Difference {
        Difference {
            path: path.into(),
            kind,
            lines: 10,
        }
    }

    fn added(path: &str) -> Difference {
        difference(path, DifferenceKind::Added(version()))
    }

    fn deleted(path: &str) -> Difference {
        difference(path, DifferenceKind::Deleted(version()))
    }

    fn modified(path: &str) -> Difference {
        let (old, new) = (version(), version());
        difference(path, DifferenceKind::Modified { old, new })
    }

    fn renamed(from: &str, to: &str) -> Difference {
        let (from, old, new) = (from.into(), version(), version());
        difference(to, DifferenceKind::Renamed { from, old, new })
    }

    fn cut(differences: &[Difference], base: &[&str]) -> Slices {
        let base: Vec<RepoPath> = base.iter().map(|&path| path.into()).collect();
        slices(differences, &base)
    }

    /// The groups of more than one path that the ties come to.
    fn tied(differences: &[Difference], base: &[&str]) -> BTreeSet<Vec<String>> {
        let slices = cut(differences, base);
        let mut groups: Vec<BTreeSet<usize>> = Vec::new();
        for tie in slices.ties {
            let mut group: BTreeSet<usize> = tie.into_iter().collect();
            groups.retain(|other| {
                let apart = other.is_disjoint(&group);
                if !apart {
                    group.extend(other);
                }
                apart
            });
            groups.push(group);
        }
        let path = |index: usize| slices.candidates[index].path.to_text();
        groups
            .into_iter()
            .map(|group| group.into_iter().map(path).collect())
            .collect()
    }

    fn groups<const N: usize>(groups: [&str; N]) -> BTreeSet<Vec<String>> {
        let words = |group: &str| group.split(' ').map(str::to_owned).collect();
        groups.into_iter().map(words).collect()
    }

    #[test]
    fn every_touched_path_is_a_candidate_once() {
        let change = [
            renamed("old", "new"),
            modified("m"),
            deleted("d"),
            added("a"),
        ];
        let slices = cut(&change, &["old", "m", "d", "other"]);
        let candidates = slices.candidates.iter();
        let candidates: Vec<_> = candidates.map(|c| (c.path.to_text(), c.weight)).collect();
        let expected = [("a", 10), ("d", 10), ("m", 10), ("new", 10), ("old", 1)];
        assert_eq!(
            candidates,
            expected.map(|(path, weight)| (path.to_owned(), weight))
        );
        assert_eq!(cut(&[], &["a"]), Slices::default());
    }

    #[test]
    fn both_ends_of_a_rename_are_tied_and_nothing_else_is() {
        let change = [
            renamed("a/x", "b/x"),
            modified("a/y"),
            added("b/z"),
            deleted("c"),
        ];
        assert_eq!(tied(&change, &["a/x", "a/y", "c"]), groups(["a/x b/x"]));
    }

    #[test]
    fn a_file_that_becomes_a_folder_is_tied_to_what_is_below_it() {
        let change = [deleted("a"), added("a/b"), added("a/c/d"), added("a.c")];
        assert_eq!(tied(&change, &["a"]), groups(["a a/b a/c/d"]));
        let change = [added("a"), deleted("a/b"), renamed("a/c/d", "e")];
        assert_eq!(tied(&change, &["a/b", "a/c/d"]), groups(["a a/b a/c/d e"]));
    }

    #[test]
    fn a_folder_emptied_by_renames_is_tied_to_what_is_added_below_it() {
        let base = ["old/a", "old/b", "old/c", "keep"];
        let change = [
            renamed("old/a", "new/a"),
            renamed("old/b", "new/b"),
            deleted("old/c"),
            added("old/sub/fresh"),
            added("new/fresh"),
        ];
        assert_eq!(
            tied(&change, &base),
            groups(["new/a new/b old/a old/b old/sub/fresh"])
        );
    }

    #[test]
    fn a_file_renamed_into_an_emptied_folder_counts_as_added_there() {
        let change = [renamed("old/a", "new/a"), renamed("x", "old/x")];
        assert_eq!(
            tied(&change, &["old/a", "x"]),
            groups(["new/a old/a old/x x"])
        );
    }

    #[test]
    fn a_folder_that_keeps_a_file_is_not_emptied() {
        let change = [
            renamed("old/a", "new/a"),
            added("old/fresh"),
            modified("old/b"),
        ];
        assert_eq!(tied(&change, &["old/a", "old/b"]), groups(["new/a old/a"]));
        assert_eq!(
            tied(&change[..2], &["old/a", "old/deep/c"]),
            groups(["new/a old/a"])
        );
    }

    #[test]
    fn a_folder_emptied_by_renames_alone_goes_in_one_and_its_inner_folders_each() {
        let change = [
            renamed("old/a", "new/a"),
            renamed("old/b", "new/b"),
            renamed("old/in/c", "new/in/c"),
            renamed("old/in/d", "new/in/d"),
        ];
        assert_eq!(
            tied(&change, &["old/a", "old/b", "old/in/c", "old/in/d"]),
            groups([
                "new/a new/b old/a old/b",
                "new/in/c new/in/d old/in/c old/in/d"
            ])
        );
    }

    #[test]
    fn a_folder_emptied_by_deletions_alone_is_free() {
        let change = [deleted("old/a"), added("old/fresh"), added("new/b")];
        assert_eq!(tied(&change, &["old/a"]), groups([]));
    }

    #[test]
    fn an_inner_folder_can_be_emptied_while_the_outer_one_is_not() {
        let change = [
            renamed("p/in/a", "p/out/a"),
            added("p/in/fresh"),
            added("p/fresh"),
        ];
        assert_eq!(
            tied(&change, &["p/in/a", "p/stays"]),
            groups(["p/in/a p/in/fresh p/out/a"])
        );
        // Nothing left p, although no base file is where it was.
        assert_eq!(
            tied(&change, &["p/in/a"]),
            groups(["p/in/a p/in/fresh p/out/a"])
        );
    }

    #[test]
    fn a_path_that_only_begins_like_the_folder_is_outside_of_it() {
        let change = [renamed("old/a", "old-b/a"), added("old/fresh")];
        assert_eq!(
            tied(&change, &["old/a"]),
            groups(["old-b/a old/a old/fresh"])
        );
    }
}
