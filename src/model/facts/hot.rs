//! [`HotPlace`]: files that many units of one change would want to edit, found by name and place.
//!
//! Each must belong to one unit, come first, or come last. What lies among fixtures and examples tells nothing about
//! the project and is left out; so is what is not the project's own.

use std::collections::BTreeMap;

use crate::model::facts::barrel::{is_barrel, may_be_barrel};
use crate::model::facts::contents::Contents;
use crate::model::facts::hot_kind::HotKind;
use crate::model::facts::hot_names::hot_kind;
use crate::model::facts::standing::{Standing, folder_standing, is_test_matter, standing};
use crate::model::path::RepoPath;
use crate::model::scope::Entry;
use crate::model::tree::TreeFile;

/// A shared file, or a folder of them.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct HotPlace {
    /// Where.
    pub entry: Entry,
    /// Why it is shared.
    pub kind: HotKind,
    /// How many files it is.
    pub files: usize,
}

/// The shared places of a tree, by kind, then the least deep first.
pub(super) fn hot_places(files: &[TreeFile], contents: &Contents) -> Vec<HotPlace> {
    let mut folders: BTreeMap<(HotKind, RepoPath), usize> = BTreeMap::new();
    let mut found = Vec::new();
    for file in files.iter().filter(|file| file.mode.is_regular()) {
        if folder_standing(file.path.folder()) != Standing::Own {
            continue;
        }
        if let Some((folder, kind)) = told_as_one(&file.path) {
            *folders.entry((kind, RepoPath::new(folder))).or_default() += 1;
            continue;
        }
        let barrel = || {
            let text = contents.text(&file.path)?;
            is_barrel(&file.path, text).then_some(HotKind::Barrel)
        };
        if let Some(kind) = hot_kind(&file.path).or_else(barrel) {
            found.push(HotPlace {
                entry: Entry::File(file.path.clone()),
                kind,
                files: 1,
            });
        }
    }
    found.extend(folders.into_iter().map(|((kind, folder), files)| HotPlace {
        entry: Entry::Folder(folder),
        kind,
        files,
    }));
    let depth = |place: &HotPlace| memchr::memchr_iter(b'/', place.entry.path().as_bytes()).count();
    found.sort_by_cached_key(|place| (place.kind, depth(place), place.entry.path().clone()));
    found
}

/// Whether the file is to be looked into, to know whether it is shared.
pub(super) fn is_to_be_looked_into(file: &TreeFile) -> bool {
    file.mode.is_regular()
        && may_be_barrel(&file.path)
        && standing(&file.path) == Standing::Own
        && !is_test_matter(file.path.folder())
}

/// The outermost folder above a file that is shared as a whole.
fn told_as_one(path: &RepoPath) -> Option<(&[u8], HotKind)> {
    for folder in [".github/workflows", ".circleci"] {
        if path.folder() == folder.as_bytes() {
            return Some((path.folder(), HotKind::Tooling));
        }
    }
    let folders: Vec<&[u8]> = path.folders().collect();
    let outermost = folders.into_iter().rev().find(|folder| {
        let name = folder
            .rsplit(|&byte| byte == b'/')
            .next()
            .unwrap_or_default();
        matches!(
            name,
            b"fixtures"
                | b"__fixtures__"
                | b"factories"
                | b"testdata"
                | b"test-data"
                | b"test_data"
                | b"testutil"
                | b"testutils"
                | b"test-utils"
                | b"test_utils"
                | b"__mocks__"
        )
    });
    Some((outermost?, HotKind::Fixture))
}

#[cfg(test)]
mod tests {
    use super::hot_places;
    use crate::model::facts::sample::with_texts;

    #[test]
    fn places_are_sorted_by_kind_and_depth_and_fixtures_are_told_by_folder() {
        let (files, contents) = with_texts(&[
            ("z/package.json", ""),
            ("package.json", ""),
            ("src/index.ts", "export * from './a'"),
            ("src/a/index.ts", "run()"),
            ("tests/fixtures/one/package.json", ""),
            ("tests/fixtures/two/x", ""),
            ("node_modules/x/package.json", ""),
            (".github/workflows/ci.yml", ""),
            (".github/workflows/docs.yml", ""),
        ]);
        let places: Vec<String> = hot_places(&files, &contents)
            .iter()
            .map(|place| format!("{:?} {} {}", place.kind, place.entry.path(), place.files))
            .collect();
        assert_eq!(
            places,
            [
                "Manifest package.json 1",
                "Manifest z/package.json 1",
                "Barrel src/index.ts 1",
                "Fixture tests/fixtures 2",
                "Tooling .github/workflows 2"
            ]
        );
    }
}
