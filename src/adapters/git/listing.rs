//! [`Listing`]: what lies below a folder, by the stamps of its files, to tell whether any of it was written to. No git
//! is asked: what a repository's settings make git run may have been written by whoever is to be checked.

use std::collections::BTreeMap;
use std::fs::{self, Permissions};
use std::io;
use std::os::unix::ffi::OsStrExt;
use std::os::unix::fs::{MetadataExt, PermissionsExt};
use std::path::{Path, PathBuf};

use crate::model::path::RepoPath;

/// Files, links and folders by path, git's own folder at the top left out.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Listing(BTreeMap<RepoPath, Stamp>);

/// What changes when a file is written to. Reading changes none of it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Stamp {
    File {
        size: u64,
        changed: (i64, i64),
        inode: u64,
    },
    /// What is in it tells for itself.
    Folder,
}

impl Listing {
    /// Lists what is below a folder now.
    pub(super) fn of(root: &Path) -> io::Result<Self> {
        let mut stamps = BTreeMap::new();
        let mut open = vec![root.to_owned()];
        while let Some(folder) = open.pop() {
            for entry in fs::read_dir(&folder)? {
                let entry = entry?;
                let path = entry.path();
                if folder == root && entry.file_name() == ".git" {
                    continue;
                }
                let found = entry.metadata()?;
                let stamp = if found.is_dir() {
                    open.push(path.clone());
                    Stamp::Folder
                } else {
                    Stamp::File {
                        size: found.len(),
                        changed: (found.ctime(), found.ctime_nsec()),
                        inode: found.ino(),
                    }
                };
                stamps.insert(below(root, &path), stamp);
            }
        }
        Ok(Self(stamps))
    }

    /// What differs later, sorted by path.
    pub(super) fn changes(&self, later: &Self) -> Vec<RepoPath> {
        let gone_or_changed = self
            .0
            .iter()
            .filter(|(path, stamp)| later.0.get(path) != Some(stamp));
        let new = later
            .0
            .iter()
            .filter(|(path, _)| !self.0.contains_key(path));
        let mut paths: Vec<RepoPath> = gone_or_changed
            .chain(new)
            .map(|(path, _)| path.clone())
            .collect();
        paths.sort_unstable();
        paths
    }
}

fn below(root: &Path, path: &Path) -> RepoPath {
    let path = path.strip_prefix(root).unwrap_or(path);
    RepoPath::new(path.as_os_str().as_bytes())
}

/// Takes the right to write from everything below a folder and from itself; links are left alone.
pub(super) fn make_read_only(root: &Path) -> io::Result<()> {
    let mut open: Vec<PathBuf> = vec![root.to_owned()];
    while let Some(folder) = open.pop() {
        for entry in fs::read_dir(&folder)? {
            let entry = entry?;
            let found = entry.metadata()?;
            if found.is_dir() {
                open.push(entry.path());
            } else if found.is_file() {
                take_writing(&entry.path(), found.permissions().mode())?;
            }
        }
        take_writing(&folder, fs::symlink_metadata(&folder)?.permissions().mode())?;
    }
    Ok(())
}

fn take_writing(path: &Path, mode: u32) -> io::Result<()> {
    fs::set_permissions(path, Permissions::from_mode(mode & !0o222))
}

#[cfg(test)]
mod tests {
    use std::fs::{self, Permissions};
    use std::os::unix::fs::{PermissionsExt, symlink};

    use super::{Listing, make_read_only};

    #[test]
    fn every_kind_of_writing_shows_and_reading_does_not() {
        let dir = tempfile::tempdir().unwrap();
        let root = dir.path();
        fs::create_dir_all(root.join("a/b")).unwrap();
        fs::create_dir(root.join(".git")).unwrap();
        for name in ["a/one", "a/two", "three", "four"] {
            fs::write(root.join(name), name).unwrap();
        }
        symlink("nowhere", root.join("link")).unwrap();
        let before = Listing::of(root).unwrap();
        fs::read(root.join("four")).unwrap();
        fs::write(root.join(".git/x"), "x").unwrap();
        assert!(before.changes(&Listing::of(root).unwrap()).is_empty());
        fs::write(root.join("a/new"), "x").unwrap();
        fs::remove_file(root.join("a/one")).unwrap();
        fs::rename(root.join("three"), root.join("a/three")).unwrap();
        fs::set_permissions(root.join("a/two"), Permissions::from_mode(0o755)).unwrap();
        fs::remove_dir(root.join("a/b")).unwrap();
        let changes = before.changes(&Listing::of(root).unwrap());
        let changes: Vec<_> = changes.iter().map(ToString::to_string).collect();
        assert_eq!(
            changes,
            ["a/b", "a/new", "a/one", "a/three", "a/two", "three"]
        );
    }

    #[test]
    fn what_is_read_only_stays_as_it_was_otherwise() {
        let dir = tempfile::tempdir().unwrap();
        let root = dir.path().join("r");
        fs::create_dir_all(root.join("a")).unwrap();
        fs::write(root.join("a/tool"), "x").unwrap();
        fs::set_permissions(root.join("a/tool"), Permissions::from_mode(0o755)).unwrap();
        fs::write(dir.path().join("outside"), "x").unwrap();
        symlink("../outside", root.join("link")).unwrap();
        make_read_only(&root).unwrap();
        let mode = |path| fs::metadata(path).unwrap().permissions().mode() & 0o777;
        assert_eq!(mode(root.join("a/tool")), 0o555);
        assert_eq!(mode(root.join("a")) & 0o222, 0);
        assert_ne!(mode(dir.path().join("outside")) & 0o200, 0);
        fs::set_permissions(root.join("a"), Permissions::from_mode(0o700)).unwrap();
        fs::set_permissions(&root, Permissions::from_mode(0o700)).unwrap();
    }
}
