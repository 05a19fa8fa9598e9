//! Files that appear whole or not at all: written beside their place, synced, and renamed into it.
//!
//! A reader in another process, or after a crash, sees the old text or the new one. Called by the store and the local
//! forge.

use std::fs::{File, Permissions};
use std::io::{self, Write};
use std::os::unix::fs::PermissionsExt;
use std::path::Path;

use tempfile::NamedTempFile;

/// The user's umask decides, as for any other file; a temporary file would be the owner's alone.
const ANYBODYS: u32 = 0o666;

/// Puts `text` in the place of what is at `path`, if anything is.
///
/// # Errors
/// When the folder is missing or cannot be written to; what was at `path` is still there.
pub(crate) fn replace(path: &Path, text: &[u8]) -> io::Result<()> {
    replace_with(path, text, ANYBODYS)
}

/// As [`replace`], for what only the user is to read.
///
/// # Errors
/// As [`replace`].
pub(crate) fn replace_private(path: &Path, text: &[u8]) -> io::Result<()> {
    replace_with(path, text, 0o600)
}

fn replace_with(path: &Path, text: &[u8], mode: u32) -> io::Result<()> {
    let (folder, file) = written_beside(path, text, mode)?;
    file.persist(path)?;
    sync_folder(folder)
}

/// Puts `text` at `path` if nothing is there.
///
/// # Errors
/// [`io::ErrorKind::AlreadyExists`] when something is; else as [`replace`].
pub(crate) fn create(path: &Path, text: &[u8]) -> io::Result<()> {
    let (folder, file) = written_beside(path, text, ANYBODYS)?;
    file.persist_noclobber(path)?;
    sync_folder(folder)
}

/// Makes the names in a folder last through a crash.
///
/// # Errors
/// When the folder cannot be opened.
pub(crate) fn sync_folder(folder: &Path) -> io::Result<()> {
    match File::open(folder)?.sync_all() {
        // Some network and FUSE file systems know no sync of folders.
        Err(error) if error.kind() == io::ErrorKind::InvalidInput => Ok(()),
        result => result,
    }
}

fn written_beside<'a>(
    path: &'a Path,
    text: &[u8],
    mode: u32,
) -> io::Result<(&'a Path, NamedTempFile)> {
    let folder = path
        .parent()
        .ok_or_else(|| io::Error::from(io::ErrorKind::NotADirectory))?;
    let mut file = tempfile::Builder::new()
        .prefix(".new-")
        .permissions(Permissions::from_mode(mode))
        .tempfile_in(folder)?;
    file.write_all(text)?;
    file.as_file().sync_all()?;
    Ok((folder, file))
}

#[cfg(test)]
mod tests {
    use super::{create, replace};
    use std::fs;

    #[test]
    fn a_replaced_file_leaves_nothing_beside_it() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("a");
        replace(&path, b"one").unwrap();
        replace(&path, b"two").unwrap();
        assert_eq!(fs::read(&path).unwrap(), b"two");
        assert_eq!(fs::read_dir(folder.path()).unwrap().count(), 1);
    }

    #[test]
    fn a_file_that_is_there_is_not_created_again() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("a");
        create(&path, b"one").unwrap();
        let error = create(&path, b"two").unwrap_err();
        assert_eq!(error.kind(), std::io::ErrorKind::AlreadyExists);
        assert_eq!(fs::read(&path).unwrap(), b"one");
        assert_eq!(fs::read_dir(folder.path()).unwrap().count(), 1);
    }
}
