//! [`Facts`]: all that is known of a repository at its base, and which files have to be read for it.

use crate::model::codeowners::CODEOWNERS_FILES;
use crate::model::facts::candidates::{Candidates, FileCandidate, is_possible};
use crate::model::facts::commands::{self, Commands, detect};
use crate::model::facts::contents::Contents;
use crate::model::facts::folders::{FolderTree, Order};
use crate::model::facts::hot::{self, HotPlace, hot_places};
use crate::model::facts::language::{Language, languages};
use crate::model::facts::packages::{self, Package, packages as packages_of};
use crate::model::facts::standing::{Standing, standing};
use crate::model::path::RepoPath;
use crate::model::tree::{Mode, TreeFile};

/// The most files that are looked into, the least deep first.
const LOOKED_INTO: usize = 5000;

/// What is known of a repository.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Facts {
    /// All files, folder by folder.
    pub tree: FolderTree,
    /// The languages, those with the most bytes first.
    pub languages: Vec<Language>,
    /// The repositories that are linked in, which a change cannot edit.
    pub submodules: Vec<RepoPath>,
    /// Suggested commands.
    pub commands: Commands,
    /// The members of workspaces, sorted by folder.
    pub packages: Vec<Package>,
    /// What many units would want to edit.
    pub hot: Vec<HotPlace>,
    /// Who owns what, where a CODEOWNERS file says so.
    pub owners: Option<Owners>,
    /// What the change may concern.
    pub candidates: Candidates,
    /// The folders of the candidates, when they are given.
    pub candidate_tree: Option<FolderTree>,
    /// How many files were too many to be looked into, so that what they would have told is missing.
    pub not_looked_into: usize,
}

/// A CODEOWNERS file.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Owners {
    /// Where it is.
    pub file: RepoPath,
    /// Its lines, without comments and empty ones.
    pub rules: Vec<String>,
}

/// The files that have to be read, and how many more would have to be if they were fewer.
#[must_use]
pub fn wanted_files(files: &[TreeFile]) -> (Vec<&TreeFile>, usize) {
    let mut wanted: Vec<&TreeFile> = files.iter().filter(|file| is_wanted(file)).collect();
    let depth = |file: &TreeFile| memchr::memchr_iter(b'/', file.path.as_bytes()).count();
    wanted.sort_by_key(|file| depth(file));
    let beyond = wanted.len().saturating_sub(LOOKED_INTO);
    wanted.truncate(LOOKED_INTO);
    (wanted, beyond)
}

fn is_wanted(file: &TreeFile) -> bool {
    let path = &file.path;
    let read =
        commands::is_to_be_read(path) || packages::is_to_be_read(path) || is_codeowners(path);
    file.mode.is_regular()
        && (read && standing(path) == Standing::Own || hot::is_to_be_looked_into(file))
}

fn is_codeowners(path: &RepoPath) -> bool {
    CODEOWNERS_FILES
        .iter()
        .any(|place| path.as_bytes() == place.as_bytes())
}

impl Facts {
    /// Judges a tree: its files sorted by path, their sizes, what [`wanted_files`] named as far as it could be read,
    /// and the files that the user's filters select, sorted by path, if there are filters.
    #[must_use]
    pub fn of(
        files: &[TreeFile],
        sizes: &[Option<u64>],
        contents: &Contents,
        given: Option<Vec<FileCandidate>>,
    ) -> Self {
        let all: Vec<&TreeFile> = files.iter().collect();
        let candidate_tree = given.as_ref().map(|given| folders_of(files, given));
        let candidates = given.map_or_else(
            || Candidates::Open {
                files: files.iter().filter(|file| is_possible(file)).count(),
            },
            Candidates::Given,
        );
        let hot = hot_places(files, contents);
        Self {
            tree: FolderTree::of(&all, sizes, Order::SourcesFirst),
            languages: languages(files, sizes),
            submodules: files
                .iter()
                .filter(|file| file.mode == Mode::Submodule)
                .map(|file| file.path.clone())
                .collect(),
            commands: detect(files, contents),
            packages: packages_of(files, contents),
            hot,
            owners: owners(files, contents),
            candidates,
            candidate_tree,
            not_looked_into: wanted_files(files).1,
        }
    }
}

fn folders_of(files: &[TreeFile], given: &[FileCandidate]) -> FolderTree {
    let find = |candidate: &FileCandidate| {
        let at = files
            .binary_search_by(|file| file.path.cmp(&candidate.path))
            .ok()?;
        Some((&files[at], Some(candidate.bytes)))
    };
    let (files, sizes): (Vec<&TreeFile>, Vec<Option<u64>>) = given.iter().filter_map(find).unzip();
    FolderTree::of(&files, &sizes, Order::LargestFirst)
}

fn owners(files: &[TreeFile], contents: &Contents) -> Option<Owners> {
    let is_there = |path: &RepoPath| files.binary_search_by(|file| file.path.cmp(path)).is_ok();
    let file = CODEOWNERS_FILES
        .iter()
        .map(|&place| RepoPath::from(place))
        .find(is_there)?;
    let lines = contents.text(&file)?.lines().map(str::trim);
    let rules = lines.filter(|line| !line.is_empty() && !line.starts_with('#'));
    Some(Owners {
        rules: rules.map(str::to_owned).collect(),
        file,
    })
}

#[cfg(test)]
mod tests {
    use super::{Facts, LOOKED_INTO, wanted_files};
    use crate::model::facts::candidates::{Candidates, FileCandidate};
    use crate::model::facts::sample::{tree, with_texts};

    #[test]
    fn an_empty_tree_has_no_facts() {
        let facts = Facts::of(
            &[],
            &[],
            &crate::model::facts::contents::Contents::default(),
            None,
        );
        assert_eq!(facts.candidates, Candidates::Open { files: 0 });
        assert!(facts.commands.is_empty() && facts.hot.is_empty() && facts.owners.is_none());
    }

    #[test]
    fn only_the_first_of_the_codeowners_files_counts() {
        let (files, contents) = with_texts(&[
            ("docs/CODEOWNERS", "* @docs"),
            ("CODEOWNERS", "\n# us\n* @root # all\n\n  /a @a\n"),
        ]);
        let facts = Facts::of(&files, &[None, None], &contents, None);
        let owners = facts.owners.unwrap();
        assert_eq!(
            (owners.file.to_string().as_str(), owners.rules.len()),
            ("CODEOWNERS", 2)
        );
    }

    #[test]
    fn few_files_are_read_and_the_deepest_of_too_many_are_not() {
        let files = tree(&[
            "a.ts",
            "package.json",
            "src/index.ts",
            "tests/index.ts",
            "vendor/package.json",
        ]);
        let wanted: Vec<String> = wanted_files(&files)
            .0
            .iter()
            .map(|file| file.path.to_string())
            .collect();
        assert_eq!(wanted, ["package.json", "src/index.ts"]);
        let paths: Vec<String> = (0..=LOOKED_INTO)
            .map(|n| format!("a/b/{n}/index.js"))
            .collect();
        let mut paths: Vec<&str> = paths.iter().map(String::as_str).collect();
        paths.push("z/index.js");
        let files = tree(&paths);
        let (wanted, beyond) = wanted_files(&files);
        assert_eq!(
            (wanted[0].path.to_string().as_str(), beyond),
            ("z/index.js", 2)
        );
    }

    #[test]
    fn given_candidates_have_folders_of_their_own() {
        let files = tree(&["a/x", "b/y", "b/z"]);
        let given = vec![FileCandidate::of("b/y".into(), b"1\n2\n")];
        let facts = Facts::of(&files, &[None; 3], &super::Contents::default(), Some(given));
        let folders = facts.candidate_tree.unwrap();
        assert_eq!((folders.root().files, folders.root().bytes), (1, Some(4)));
    }
}
