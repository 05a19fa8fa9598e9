//! A worktree as files: that it is still the one git made, and its removal, whatever was left in it.
//!
//! The pool and the repository adapter call it; it starts no process.

use std::fs::{self, Permissions};
use std::io;
use std::os::unix::ffi::OsStrExt;
use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};

use crate::adapters::plain_files;

/// How often a removal is tried while something still writes below it.
const REMOVALS: usize = 4;

/// The folder below `.git/worktrees` that belongs to the worktree at `root`.
///
/// # Errors
/// A fragment, when `root/.git` is no longer the file that git wrote: commands run there would reach another
/// repository.
pub(super) fn admin_folder(root: &Path, common_dir: &Path) -> Result<PathBuf, String> {
    let pointer = root.join(".git");
    let broken = |what: &str| format!("{}: {what}", pointer.display());
    let is_file = fs::symlink_metadata(&pointer).is_ok_and(|found| found.is_file());
    if !is_file {
        return Err(broken("not the file that git put there"));
    }
    let text = plain_files::read(&pointer).map_err(|error| broken(&error.to_string()))?;
    let admin = text
        .strip_prefix(b"gitdir: ")
        .map(path_of)
        .and_then(|path| path.canonicalize().ok())
        .ok_or_else(|| broken("names no folder of git"))?;
    let worktrees = common_dir.join("worktrees").canonicalize().ok();
    if admin.parent() != worktrees.as_deref() || !points_to(&admin, root) {
        return Err(broken("names another repository"));
    }
    Ok(admin)
}

/// The folders below `.git/worktrees` that a worktree at `root` has, or that an add of it left when it was killed.
pub(super) fn registrations(root: &Path, common_dir: &Path) -> Vec<PathBuf> {
    let Ok(entries) = fs::read_dir(common_dir.join("worktrees")) else {
        return Vec::new();
    };
    entries
        .filter_map(Result::ok)
        .map(|entry| entry.path())
        .filter(|admin| {
            let unfinished = fs::metadata(admin.join("gitdir")).map_or(0, |found| found.len()) == 0;
            points_to(admin, root) || (unfinished && admin.file_name() == root.file_name())
        })
        .collect()
}

/// Where the worktree is that this folder below `.git/worktrees` belongs to; none when another repository has it, of
/// which this one is a copy, or when an add was killed before it said where.
pub(super) fn place_of(admin: &Path, common_dir: &Path) -> Option<PathBuf> {
    let pointer = path_of(&plain_files::read(&admin.join("gitdir")).ok()?);
    let root = pointer.parent().filter(|_| pointer.is_absolute())?;
    let ours = !exists(root) || admin_folder(root, common_dir).ok() == admin.canonicalize().ok();
    ours.then(|| root.to_owned())
}

fn points_to(admin: &Path, root: &Path) -> bool {
    let Ok(text) = plain_files::read(&admin.join("gitdir")) else {
        return false;
    };
    let pointer = path_of(&text);
    let real = |path: &Path| path.canonicalize().ok();
    pointer == root.join(".git")
        || pointer
            .parent()
            .and_then(real)
            .is_some_and(|there| Some(there) == real(root))
}

fn path_of(line: &[u8]) -> PathBuf {
    let line = line.strip_suffix(b"\n").unwrap_or(line);
    PathBuf::from(std::ffi::OsStr::from_bytes(line))
}

/// Removes a folder and all below it; read-only folders do not stop it, and links are not followed.
pub(super) fn remove_folder(path: &Path) -> io::Result<()> {
    let mut last = Ok(());
    for _ in 0..REMOVALS {
        last = match fs::remove_dir_all(path) {
            Err(error) if error.kind() == io::ErrorKind::NotFound && !exists(path) => Ok(()),
            Err(error) if error.kind() == io::ErrorKind::NotADirectory => fs::remove_file(path),
            other => other,
        };
        if last.is_ok() {
            return last;
        }
        make_writable(path);
    }
    last
}

/// Lets us read, enter and change every folder below `path`, as far as the system lets us.
pub(super) fn make_writable(path: &Path) {
    let Ok(found) = fs::symlink_metadata(path) else {
        return;
    };
    if !found.is_dir() {
        return;
    }
    let mode = found.permissions().mode();
    if mode & 0o700 != 0o700 {
        let _ = fs::set_permissions(path, Permissions::from_mode(mode | 0o700));
    }
    for entry in fs::read_dir(path).into_iter().flatten().flatten() {
        if entry.file_type().is_ok_and(|kind| kind.is_dir()) {
            make_writable(&entry.path());
        }
    }
}

/// Whether anything is there, a dangling link included.
pub(super) fn exists(path: &Path) -> bool {
    fs::symlink_metadata(path).is_ok()
}

#[cfg(test)]
mod tests {
    use std::fs::{self, Permissions};
    use std::os::unix::fs::{PermissionsExt, symlink};

    use super::{admin_folder, exists, place_of, registrations, remove_folder};

    #[test]
    fn read_only_folders_and_links_are_removed_and_links_not_followed() {
        let dir = tempfile::tempdir().unwrap();
        let (inside, outside) = (dir.path().join("in"), dir.path().join("out"));
        fs::create_dir_all(inside.join("a/b")).unwrap();
        fs::create_dir(&outside).unwrap();
        fs::write(inside.join("a/b/f"), "x").unwrap();
        fs::write(outside.join("f"), "x").unwrap();
        symlink(&outside, inside.join("a/link")).unwrap();
        for folder in ["a/b", "a"] {
            fs::set_permissions(inside.join(folder), Permissions::from_mode(0o500)).unwrap();
        }
        remove_folder(&inside).unwrap();
        assert!(!exists(&inside));
        assert!(outside.join("f").exists());
        remove_folder(&inside).unwrap();
    }

    #[test]
    fn only_the_pointer_that_git_wrote_is_taken() {
        let dir = tempfile::tempdir().unwrap();
        let home = dir.path().canonicalize().unwrap();
        let (root, common) = (home.join("w"), home.join("repo/.git"));
        let admin = common.join("worktrees/w");
        fs::create_dir_all(&root).unwrap();
        fs::create_dir_all(&admin).unwrap();
        fs::write(admin.join("gitdir"), format!("{}/.git\n", root.display())).unwrap();
        assert!(admin_folder(&root, &common).is_err());
        fs::write(root.join(".git"), format!("gitdir: {}\n", admin.display())).unwrap();
        assert_eq!(admin_folder(&root, &common), Ok(admin.clone()));
        assert_eq!(registrations(&root, &common), std::slice::from_ref(&admin));
        assert_eq!(place_of(&admin, &common), Some(root.clone()));
        fs::write(root.join(".git"), format!("gitdir: {}\n", home.display())).unwrap();
        assert!(admin_folder(&root, &common).is_err());
        assert_eq!(place_of(&admin, &common), None);
        fs::remove_file(root.join(".git")).unwrap();
        fs::create_dir(root.join(".git")).unwrap();
        assert!(admin_folder(&root, &common).is_err());
    }

    #[test]
    fn an_add_that_was_killed_early_is_recognised_by_its_name_alone() {
        let dir = tempfile::tempdir().unwrap();
        let common = dir.path().join(".git");
        for name in ["0a1b-1", "other"] {
            fs::create_dir_all(common.join("worktrees").join(name)).unwrap();
        }
        assert_eq!(
            registrations(&dir.path().join("gone/0a1b-1"), &common),
            [common.join("worktrees/0a1b-1")]
        );
    }
}
