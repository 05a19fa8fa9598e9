//! [`FolderTree`]: a tree of files told folder by folder, the large ones opened, the small ones summed.
//!
//! Folders are opened from the one with the most files on, one after another, so that a reader with less room can stop
//! at any opening and still has every file counted. Vendored and generated folders stay closed, and so do folders of
//! little weight: of a large tree the sources are told, and where the tests are.

use std::cmp::Reverse;
use std::collections::{BinaryHeap, HashMap};
use std::ops::Range;

use crate::model::facts::language::{BINARY, Endings};
use crate::model::facts::standing::{Standing, folder_standing, is_test_matter};
use crate::model::path::RepoPath;
use crate::model::tree::TreeFile;

/// The most lines that a tree is told in.
const LINES_MAX: usize = 160;
/// The most folders that the opening of one shows; the smallest beyond it are summed.
const CHILDREN_MAX: usize = 24;
/// The same for a folder of tests or examples.
const TEST_MATTER_MAX: usize = 8;
/// Folders that weigh less than so many files, or than this part of the whole, stay closed.
const WEIGHT_MIN: usize = 4;
const WEIGHT_PART: usize = 500;
/// How many files of tests or examples weigh as much as one of the sources.
const TEST_MATTER: usize = 20;
/// How many languages a line names.
const LANGUAGES: usize = 2;

/// Which folders are opened first.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Order {
    /// Those with the most files.
    LargestFirst,
    /// The same, tests and examples last: a reader of the whole repository looks for its sources.
    SourcesFirst,
}

/// One line: a folder, or the smallest folders of one.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct FolderLine {
    /// The folder without a trailing `/`, empty for the root; of a sum, the folder that all of them are in.
    pub folder: RepoPath,
    /// How many folders this line sums up; none when it is the folder itself.
    pub summed: Option<usize>,
    /// How many files are below.
    pub files: usize,
    /// What they hold, in bytes; none where it is not known.
    pub bytes: Option<u64>,
    /// What most of them are written in, most files first.
    pub languages: Vec<&'static str>,
    /// Whose they are, by the folder's name.
    pub standing: Standing,
}

/// The root, and what each opening of a folder adds.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct FolderTree {
    root: FolderLine,
    openings: Vec<Vec<FolderLine>>,
}

impl FolderTree {
    /// Tells of these files, sorted by path.
    #[must_use]
    pub fn of(files: &[&TreeFile], sizes: &[Option<u64>], order: Order) -> Self {
        let teller = Teller::new(files, sizes, order);
        let root = Folder {
            files: 0..files.len(),
            depth: 0,
        };
        let mut tree = Self {
            root: teller.line(&root, Vec::new()),
            openings: Vec::new(),
        };
        let mut lines = 1;
        let least = WEIGHT_MIN.max(files.len() / WEIGHT_PART);
        let mut closed = BinaryHeap::from([(usize::MAX, Reverse(0), root.depth)]);
        let mut ends = HashMap::from([(0, files.len())]);
        while let Some((_, Reverse(start), depth)) = closed.pop() {
            let folder = Folder {
                files: start..ends[&start],
                depth,
            };
            let (opening, opened) = teller.open(&folder);
            if opening.is_empty() || lines + opening.len() > LINES_MAX {
                continue;
            }
            for folder in opened {
                let weight = teller.weight(&folder);
                if weight >= least {
                    ends.insert(folder.files.start, folder.files.end);
                    closed.push((weight, Reverse(folder.files.start), folder.depth));
                }
            }
            lines += opening.len();
            tree.openings.push(opening);
        }
        tree
    }

    /// The line of the whole tree.
    #[must_use]
    pub fn root(&self) -> &FolderLine {
        &self.root
    }

    /// Whether all files lie in the root.
    #[must_use]
    pub fn is_flat(&self) -> bool {
        self.openings.is_empty()
    }

    /// As many openings as `fits` takes, from the first on, as lines in tree order; sums come last in their folder.
    /// `fits` is asked with the lines of one opening.
    pub fn lines(&self, mut fits: impl FnMut(&[FolderLine]) -> bool) -> Vec<&FolderLine> {
        let mut lines: Vec<&FolderLine> = Vec::new();
        for opening in &self.openings {
            if !fits(opening) {
                break;
            }
            lines.extend(opening);
        }
        lines.sort_by_cached_key(|line| {
            let mut key = line.folder.as_bytes().to_vec();
            if !key.is_empty() {
                key.push(b'/');
            }
            if line.summed.is_some() {
                key.push(0xff);
            }
            key
        });
        lines
    }
}

/// A run of files with a common prefix of `depth` bytes: the folder's path and its `/`.
struct Folder {
    files: Range<usize>,
    depth: usize,
}

struct Teller<'a> {
    files: &'a [&'a TreeFile],
    sizes: &'a [Option<u64>],
    languages: Vec<Option<&'static str>>,
    order: Order,
}

impl<'a> Teller<'a> {
    fn new(files: &'a [&'a TreeFile], sizes: &'a [Option<u64>], order: Order) -> Self {
        let endings = Endings::new();
        Self {
            files,
            sizes,
            languages: files.iter().map(|file| endings.of(&file.path)).collect(),
            order,
        }
    }

    /// The lines that opening a folder adds, and the folders that have one of their own.
    fn open(&self, folder: &Folder) -> (Vec<FolderLine>, Vec<Folder>) {
        let most = match self.order {
            Order::LargestFirst => LINES_MAX / 2,
            Order::SourcesFirst if is_test_matter(self.path(folder)) => TEST_MATTER_MAX,
            Order::SourcesFirst => CHILDREN_MAX,
        };
        let mut shown = self.children(folder);
        shown.sort_by_key(|child| Reverse(child.files.len()));
        // One folder beyond the most is no longer than the line that would sum it.
        let rest = if shown.len() <= most + 1 {
            Vec::new()
        } else {
            shown.split_off(most)
        };
        let lines = shown
            .iter()
            .map(|child| self.line(child, self.path(child).to_vec()));
        let mut lines: Vec<FolderLine> = lines.collect();
        if !rest.is_empty() {
            lines.push(self.sum(&rest, self.path(folder).to_vec()));
        }
        (lines, shown)
    }

    /// How much a folder deserves to be opened; zero when it is to stay closed.
    fn weight(&self, folder: &Folder) -> usize {
        let path = self.path(folder);
        if folder_standing(path) != Standing::Own {
            return 0;
        }
        let text = folder
            .files
            .clone()
            .filter(|&index| self.languages[index] != Some(BINARY))
            .count();
        match self.order {
            Order::SourcesFirst if is_test_matter(path) => text / TEST_MATTER,
            Order::SourcesFirst | Order::LargestFirst => text,
        }
    }

    fn bytes(&self, index: usize) -> &[u8] {
        self.files[index].path.as_bytes()
    }

    fn path(&self, folder: &Folder) -> &[u8] {
        match folder.depth {
            0 => &[],
            depth => &self.bytes(folder.files.start)[..depth - 1],
        }
    }

    /// The folders directly below; one that holds nothing but another folder stands for that.
    fn children(&self, folder: &Folder) -> Vec<Folder> {
        let mut children = Vec::new();
        let mut index = folder.files.start;
        while index < folder.files.end {
            let path = self.bytes(index);
            let Some(slash) = memchr::memchr(b'/', &path[folder.depth..]) else {
                index += 1;
                continue;
            };
            let prefix = &path[..=folder.depth + slash];
            let rest = &self.files[index..folder.files.end];
            let count = rest.partition_point(|file| file.path.as_bytes().starts_with(prefix));
            let files = index..index + count;
            index = files.end;
            let last = self.bytes(files.end - 1);
            let common = path.iter().zip(last).take_while(|(a, b)| a == b).count();
            let depth = path[..common]
                .iter()
                .rposition(|&byte| byte == b'/')
                .map_or(prefix.len(), |slash| slash + 1);
            children.push(Folder { files, depth });
        }
        children
    }

    fn line(&self, folder: &Folder, path: Vec<u8>) -> FolderLine {
        let standing = folder_standing(&path);
        self.total(std::slice::from_ref(folder), path, None, standing)
    }

    fn sum(&self, folders: &[Folder], within: Vec<u8>) -> FolderLine {
        self.total(folders, within, Some(folders.len()), Standing::Own)
    }

    fn total(
        &self,
        folders: &[Folder],
        path: Vec<u8>,
        summed: Option<usize>,
        standing: Standing,
    ) -> FolderLine {
        let indices = || folders.iter().flat_map(|folder| folder.files.clone());
        let mut counts: HashMap<&'static str, usize> = HashMap::new();
        for index in indices() {
            if let Some(name) = self.languages[index] {
                *counts.entry(name).or_default() += 1;
            }
        }
        let files = indices().count();
        let mut counts: Vec<_> = counts
            .into_iter()
            .filter(|&(name, count)| count * 10 >= files && (name != BINARY || count * 2 > files))
            .collect();
        counts.sort_unstable_by_key(|&(name, count)| (Reverse(count), name));
        FolderLine {
            folder: RepoPath::new(path),
            summed,
            files,
            bytes: indices().map(|index| self.sizes[index]).sum(),
            languages: counts
                .into_iter()
                .take(LANGUAGES)
                .map(|(name, _)| name)
                .collect(),
            standing,
        }
    }
}

#[cfg(test)]
mod tests;
