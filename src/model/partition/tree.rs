//! [`Tree`]: the folders of a set of paths, and the paths in tree order. It knows nothing of weights and parts.

use crate::model::path::RepoPath;

/// A folder, and the range of positions in tree order that it covers.
#[derive(Debug, Clone)]
pub(super) struct Folder {
    /// The folder that holds it; the root holds itself.
    pub(super) parent: usize,
    /// How many folders hold it.
    pub(super) depth: usize,
    /// The length of its path in bytes, without a trailing `/`.
    pub(super) path_len: usize,
    /// The first position below it.
    pub(super) first: usize,
    /// The position after the last of its own files.
    pub(super) own_end: usize,
    /// The position after the last file below it.
    pub(super) end: usize,
    /// The folder after it and all below it.
    pub(super) next: usize,
}

/// Paths in tree order: a folder's own files first, by name, then its folders.
#[derive(Debug, Clone)]
pub(super) struct Tree {
    /// All folders, each before those below it; the first is the root.
    pub(super) folders: Vec<Folder>,
    /// Which path is at each position.
    pub(super) order: Vec<usize>,
    /// The folder that holds the path at each position.
    pub(super) folder_of: Vec<usize>,
}

impl Tree {
    /// Arranges the paths.
    pub(super) fn new(paths: &[&RepoPath]) -> Self {
        let mut sorted: Vec<usize> = (0..paths.len()).collect();
        sorted.sort_unstable_by_key(|&index| (paths[index].as_bytes(), index));

        let mut folders = vec![Folder {
            parent: 0,
            depth: 0,
            path_len: 0,
            first: 0,
            own_end: 0,
            end: 0,
            next: 0,
        }];
        // As bytes sort, all that is below a folder is one run: each folder is met once, before those below it.
        let mut folder_of_sorted = Vec::with_capacity(paths.len());
        let mut open = 0;
        let mut before: &[u8] = &[];
        for &index in &sorted {
            let path = paths[index].as_bytes();
            let shared = common_prefix(before, path);
            while folders[open].path_len >= shared && open != 0 {
                folders[open].next = folders.len();
                open = folders[open].parent;
            }
            let from = folders[open].path_len + 1;
            for slash in (from..path.len()).filter(|&at| path[at] == b'/') {
                folders.push(Folder {
                    parent: open,
                    depth: folders[open].depth + 1,
                    path_len: slash,
                    first: 0,
                    own_end: 0,
                    end: 0,
                    next: 0,
                });
                open = folders.len() - 1;
            }
            folders[open].own_end += 1;
            folder_of_sorted.push(open);
            before = path;
        }
        loop {
            folders[open].next = folders.len();
            if open == 0 {
                break;
            }
            open = folders[open].parent;
        }
        Self::place(folders, &sorted, &folder_of_sorted)
    }

    /// Gives each file its position, from the count of own files that `own_end` holds so far.
    fn place(mut folders: Vec<Folder>, sorted: &[usize], folder_of_sorted: &[usize]) -> Self {
        let mut position = 0;
        for folder in &mut folders {
            folder.first = position;
            position += folder.own_end;
            folder.own_end = position;
        }
        for index in 0..folders.len() {
            // The last folder below it has no folder of its own, so that its own files are the last.
            folders[index].end = folders[folders[index].next - 1].own_end;
        }
        let mut free: Vec<usize> = folders.iter().map(|folder| folder.first).collect();
        let mut order = vec![0; sorted.len()];
        let mut folder_of = vec![0; sorted.len()];
        for (&index, &folder) in sorted.iter().zip(folder_of_sorted) {
            order[free[folder]] = index;
            folder_of[free[folder]] = folder;
            free[folder] += 1;
        }
        Self {
            folders,
            order,
            folder_of,
        }
    }

    /// The deepest folder that covers both positions.
    pub(super) fn common_folder(&self, a: usize, b: usize) -> usize {
        let mut folder = self.folder_of[b];
        while !(self.folders[folder].first..self.folders[folder].end).contains(&a) {
            folder = self.folders[folder].parent;
        }
        folder
    }

    /// The path of a folder, without a trailing `/`.
    pub(super) fn path<'p>(&self, folder: usize, paths: &[&'p RepoPath]) -> &'p [u8] {
        let Folder {
            first, path_len, ..
        } = self.folders[folder];
        match self.order.get(first) {
            Some(&index) => &paths[index].as_bytes()[..path_len],
            None => &[],
        }
    }
}

fn common_prefix(a: &[u8], b: &[u8]) -> usize {
    a.iter().zip(b).take_while(|(a, b)| a == b).count()
}

#[cfg(test)]
mod tests {
    use super::Tree;
    use crate::model::path::RepoPath;

    fn in_order(paths: &[&str]) -> Vec<String> {
        let paths: Vec<RepoPath> = paths.iter().map(|&path| path.into()).collect();
        let paths: Vec<&RepoPath> = paths.iter().collect();
        let tree = Tree::new(&paths);
        tree.order
            .iter()
            .map(|&index| paths[index].to_text())
            .collect()
    }

    #[test]
    fn own_files_come_before_folders() {
        assert_eq!(
            in_order(&["z", "a/x", "b", "a/b/c", "a-b/x", "a.c", "a/y", "a"]),
            ["a", "a.c", "b", "z", "a-b/x", "a/x", "a/y", "a/b/c"]
        );
        assert!(in_order(&[]).is_empty());
    }

    #[test]
    fn each_folder_covers_one_range() {
        let paths: Vec<RepoPath> = ["a/b/c/d", "a/b/e", "a/f/g", "aa/h", "i", "/odd", "j//k"]
            .map(RepoPath::from)
            .to_vec();
        let paths: Vec<&RepoPath> = paths.iter().collect();
        let tree = Tree::new(&paths);
        for (index, folder) in tree.folders.iter().enumerate() {
            let prefix = [tree.path(index, &paths), b"/"].concat();
            for (position, &path) in tree.order.iter().enumerate() {
                let below = index == 0 || paths[path].as_bytes().starts_with(&prefix);
                assert_eq!(below, (folder.first..folder.end).contains(&position));
            }
        }
        let names: Vec<&[u8]> = (0..tree.folders.len())
            .map(|folder| tree.path(folder, &paths))
            .collect();
        let expected: [&[u8]; 8] = [b"", b"a", b"a/b", b"a/b/c", b"a/f", b"aa", b"j", b"j/"];
        assert_eq!(names, expected);
        assert_eq!(tree.common_folder(0, tree.order.len() - 1), 0);
    }
}
