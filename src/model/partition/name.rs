//! [`Names`]: gives a part an id and a title from what it covers.

use std::collections::HashSet;
use std::ops::Range;

use super::atoms::Atoms;
use super::candidate::Candidate;
use crate::model::id::{UNIT_ID_MAX, UnitId, slug};
use crate::model::path::RepoPath;

/// The longest title, in characters.
const TITLE_MAX: usize = 60;
/// The longest id before a number is added that makes it unique.
const STEM_MAX: usize = UNIT_ID_MAX - 5;

/// Names the parts of one partition, one after another.
pub(super) struct Names<'a> {
    atoms: &'a Atoms,
    /// The path of each atom's home.
    homes: Vec<&'a RepoPath>,
    taken: HashSet<String>,
}

/// Something that a part covers whole.
#[derive(Debug, Clone, Copy)]
enum Item {
    File(usize),
    Folder(usize),
}

impl<'a> Names<'a> {
    pub(super) fn new(atoms: &'a Atoms, candidates: &'a [Candidate]) -> Self {
        Self {
            atoms,
            homes: atoms
                .homes()
                .iter()
                .map(|&home| &candidates[home].path)
                .collect(),
            taken: HashSet::new(),
        }
    }

    /// An id that no part before had, and a title, for a range of atoms.
    pub(super) fn name(&mut self, range: Range<usize>) -> (UnitId, String) {
        let holder = self.atoms.tree.common_folder(range.start, range.end - 1);
        let items = self.items(range);
        let (stem, title) = match items[..] {
            [Item::File(file)] => (
                tail(self.homes[file].as_bytes()),
                fit_end(&self.homes[file].to_string()),
            ),
            [Item::Folder(_)] if holder == 0 => ("all".to_owned(), "all files".to_owned()),
            [Item::Folder(_)] => (
                tail(self.folder(holder)),
                fit_end(&show(self.folder(holder))),
            ),
            _ => (self.stem(holder, &items), self.title(holder, &items)),
        };
        (self.unique(&stem), title)
    }

    /// What a range covers, as whole as possible; a single file or rename as itself.
    fn items(&self, range: Range<usize>) -> Vec<Item> {
        let tree = &self.atoms.tree;
        let whole = |folder: usize, start: usize| {
            tree.folders[folder].first == start && tree.folders[folder].end <= range.end
        };
        if range.len() == 1 && self.atoms.members(range.clone()).len() <= 2 {
            return vec![Item::File(range.start)];
        }
        let mut items = Vec::new();
        let mut start = range.start;
        while start < range.end {
            let mut folder = tree.folder_of[start];
            if !whole(folder, start) {
                items.push(Item::File(start));
                start += 1;
                continue;
            }
            while folder != 0 && whole(tree.folders[folder].parent, start) {
                folder = tree.folders[folder].parent;
            }
            items.push(Item::Folder(folder));
            start = tree.folders[folder].end;
        }
        items
    }

    fn folder(&self, folder: usize) -> &'a [u8] {
        let folder = &self.atoms.tree.folders[folder];
        &self.homes[folder.first].as_bytes()[..folder.path_len]
    }

    /// The path of an item below `holder`.
    fn below(&self, holder: usize, item: Item) -> &'a [u8] {
        let path = match item {
            Item::File(file) => self.homes[file].as_bytes(),
            Item::Folder(folder) => self.folder(folder),
        };
        let path = &path[self.atoms.tree.folders[holder].path_len..];
        path.strip_prefix(b"/").unwrap_or(path)
    }

    fn title(&self, holder: usize, items: &[Item]) -> String {
        let below = |item: &Item| show(self.below(holder, *item));
        let first = below(&items[0]);
        let last = below(&items[items.len() - 1]);
        let path = show(self.folder(holder));
        let files = items.iter().all(|item| matches!(item, Item::File(_)));
        let listed = |items: &[Item]| items.iter().map(below).collect::<Vec<_>>();
        let full = match items {
            [_, _] if holder == 0 => format!("{first} and {last}"),
            [_, _] if files => format!("{path} ({first} and {last})"),
            [_, _] => format!("{path}/{first} and {path}/{last}"),
            // More would not fit anyway.
            _ if files || items.len() > TITLE_MAX / 2 => String::new(),
            [others @ .., _] if holder == 0 => format!("{} and {last}", listed(others).join(", ")),
            _ => format!("{path}/{{{}}}", listed(items).join(",")),
        };
        if !full.is_empty() && length(&full) <= TITLE_MAX {
            return full;
        }
        if holder == 0 {
            let half = (TITLE_MAX - " to ".len()) / 2;
            return format!("{} to {}", cut_start(&first, half), cut_start(&last, half));
        }
        let names = format!("({first} to {last})");
        if length(&names) <= TITLE_MAX * 2 / 3 {
            let room = TITLE_MAX - length(&names) - 1;
            return format!("{} {names}", cut_end(&path, room));
        }
        let each = (TITLE_MAX * 2 / 3 - "( to )".len()) / 2;
        let names = format!(
            "({} to {})",
            cut_start(&first, each),
            cut_start(&last, each)
        );
        format!("{} {names}", cut_end(&path, TITLE_MAX - length(&names) - 1))
    }

    /// An id that need not be unique yet; empty when the paths have no ASCII letter or digit.
    fn stem(&self, holder: usize, items: &[Item]) -> String {
        let path = self.folder(holder);
        if items.iter().all(|item| matches!(item, Item::File(_))) {
            return if holder == 0 {
                "root".to_owned()
            } else {
                tail(path)
            };
        }
        let [first, .., last] = items else {
            return tail(path);
        };
        let joint = if items.len() == 2 { "and" } else { "to" };
        let [first, last] = [first, last].map(|item| tail(self.below(holder, *item)));
        let path = tail(path);
        if first.is_empty()
            || last.is_empty()
            || first.len() + last.len() + joint.len() + 2 > STEM_MAX
        {
            return [path, first, last]
                .into_iter()
                .find(|part| !part.is_empty())
                .unwrap_or_default();
        }
        let pair = format!("{first}-{joint}-{last}");
        let room = STEM_MAX.saturating_sub(pair.len() + 1);
        let whole_words = |start: &usize| path.len() - start <= room;
        let starts = path.match_indices('-').map(|(dash, _)| dash + 1);
        match [0].into_iter().chain(starts).find(whole_words) {
            Some(start) if !path.is_empty() => format!("{}-{pair}", &path[start..]),
            _ => pair,
        }
    }

    fn unique(&mut self, stem: &str) -> UnitId {
        let stem = match stem {
            "" => format!("unit-{}", self.taken.len() + 1),
            _ if stem.starts_with(|first: char| first.is_ascii_digit()) => format!("unit-{stem}"),
            _ if UnitId::parse(stem).is_err() => format!("unit-{stem}"),
            _ => stem.to_owned(),
        };
        let stem = slug(&stem, STEM_MAX);
        let mut id = stem.clone();
        let mut number = 2;
        while !self.taken.insert(id.clone()) {
            id = format!("{stem}-{number}");
            number += 1;
        }
        UnitId::parse(&id).expect("a slug that is neither empty, too long nor reserved is an id")
    }
}

/// The last words of a path that fit into an id.
fn tail(path: &[u8]) -> String {
    let text = String::from_utf8_lossy(path);
    let words = slug(&text, text.len());
    let mut rest = &words[..];
    while rest.len() > STEM_MAX {
        match rest.split_once('-') {
            Some((_, after)) => rest = after,
            None => rest = &rest[..STEM_MAX],
        }
    }
    rest.to_owned()
}

/// A piece of a path, for people.
fn show(path: &[u8]) -> String {
    RepoPath::new(path).to_string()
}

fn length(text: &str) -> usize {
    text.chars().count()
}

fn fit_end(text: &str) -> String {
    cut_end(text, TITLE_MAX)
}

/// The last `max` characters, the first of them an ellipsis when some are left out; from a `/` on where that keeps half.
fn cut_end(text: &str, max: usize) -> String {
    let length = length(text);
    if length <= max {
        return text.to_owned();
    }
    let kept: String = text.chars().skip(length + 1 - max).collect();
    match kept.find('/') {
        Some(slash) if slash <= kept.len() / 2 => format!("…{}", &kept[slash..]),
        _ => format!("…{kept}"),
    }
}

/// The first `max` characters, the last of them an ellipsis when some are left out.
fn cut_start(text: &str, max: usize) -> String {
    if length(text) <= max {
        return text.to_owned();
    }
    let kept: String = text.chars().take(max - 1).collect();
    format!("{kept}…")
}

#[cfg(test)]
mod tests {
    use super::super::{Bounds, Candidate, partition};
    use crate::model::path::RepoPath;

    /// Ids and titles when the paths are cut into so many parts.
    fn names(paths: &[&str], parts: usize) -> Vec<(String, String)> {
        let candidates: Vec<Candidate> = paths
            .iter()
            .map(|&path| Candidate {
                path: RepoPath::from(path),
                weight: 1,
                owner: None,
            })
            .collect();
        partition(&candidates, &[], Bounds::new(parts, parts).unwrap())
            .parts
            .into_iter()
            .map(|part| (part.id.to_string(), part.title))
            .collect()
    }

    fn assert_names(paths: &[&str], expected: &[(&str, &str)]) {
        let names = names(paths, expected.len());
        let names: Vec<(&str, &str)> = names
            .iter()
            .map(|(id, title)| (&id[..], &title[..]))
            .collect();
        assert_eq!(names, expected);
    }

    #[test]
    fn a_folder_or_a_file_gives_its_name() {
        assert_names(
            &["src/auth/a.rs", "src/auth/b.rs", "src/Pay Ment.rs"],
            &[
                ("src-pay-ment-rs", "src/Pay Ment.rs"),
                ("src-auth", "src/auth"),
            ],
        );
        assert_names(&["a/b/c/d", "a/b/c/e"], &[("a-b-c", "a/b/c")]);
        assert_names(&["a", "b/c"], &[("all", "all files")]);
    }

    #[test]
    fn neighbours_are_listed_or_named_by_their_ends() {
        assert_names(
            &["s/a/1", "s/b/1", "s/c/1", "s/d/1", "s/e/1"],
            &[("s-a-to-c", "s/{a,b,c}"), ("s-d-and-e", "s/d and s/e")],
        );
        assert_names(
            &["a/1", "b/1", "c/1", "d/1", "e/1"],
            &[("a-to-c", "a, b and c"), ("d-and-e", "d and e")],
        );
    }

    #[test]
    fn pieces_of_a_folder_are_named_by_their_files() {
        assert_names(
            &[
                "src/auth/a",
                "src/auth/b",
                "src/auth/c",
                "src/auth/d",
                "src/auth/e",
            ],
            &[
                ("src-auth", "src/auth (a to c)"),
                ("src-auth-2", "src/auth (d and e)"),
            ],
        );
        assert_names(
            &["README", "base", "LICENSE", "x"],
            &[("root", "LICENSE and README"), ("root-2", "base and x")],
        );
    }

    #[test]
    fn an_id_is_never_reserved_nor_begins_with_a_digit_nor_is_empty() {
        assert_names(
            &[
                "2024/a",
                "base/a",
                "source/a",
                "日本語/a",
                "日本語/b",
                "日本/a",
            ],
            &[
                ("unit-2024-a", "2024/a"),
                ("base-a", "base/a"),
                ("source-a", "source/a"),
                ("a", "日本/a"),
                ("unit-5", "日本語"),
            ],
        );
        assert_names(
            &["base", "source", "x"],
            &[("unit-base", "base"), ("unit-source", "source"), ("x", "x")],
        );
        assert_names(
            &["é", "è", "unit-2"],
            &[("unit-2", "unit-2"), ("unit-2-2", "è"), ("unit-3", "é")],
        );
    }

    #[test]
    fn long_and_hostile_paths_give_short_harmless_names() {
        let deep = format!("{}/end", "some-folder/".repeat(12));
        let long = "x".repeat(200);
        let names = names(
            &[
                &deep,
                &long,
                "a\x1b[2J\n/b",
                "a\x1b[2J\n/c",
                "-rf",
                "q\"uote",
            ],
            5,
        );
        for (id, title) in &names {
            assert!(
                id.len() <= 48 && title.chars().count() <= 60,
                "{id} {title}"
            );
            assert!(!title.chars().any(char::is_control), "{title}");
        }
        assert!(
            names.iter().any(|(_, title)| title == r#""a\033[2J\n""#),
            "{names:?}"
        );
        assert!(
            names
                .iter()
                .any(|(_, title)| title.starts_with("…/some-folder/")),
            "{names:?}"
        );
    }
}
