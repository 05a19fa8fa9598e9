//! What the disk lets us do: how much space is left, and whether a folder can be written to. Writes nothing.

use std::io;
use std::path::Path;

use rustix::fs::{Access, access, statvfs};

/// How many bytes this user may still write in a folder, or in the next one above it that is there.
///
/// # Errors
/// What the system says when it does not tell.
pub fn free_bytes(folder: &Path) -> io::Result<u64> {
    let found = statvfs(existing(folder)?)?;
    Ok(found.f_bavail.saturating_mul(found.f_frsize))
}

/// Makes sure that a folder can be written to, or made.
///
/// # Errors
/// What the system says, with the folder that it is about in its words.
pub fn is_writable(folder: &Path) -> io::Result<()> {
    let there = existing(folder)?;
    let told =
        |error: io::Error| io::Error::new(error.kind(), format!("{}: {error}", there.display()));
    if !there.is_dir() {
        return Err(told(io::ErrorKind::NotADirectory.into()));
    }
    access(there, Access::WRITE_OK | Access::EXEC_OK).map_err(|error| told(error.into()))
}

/// The folder, or the next above it that is there.
fn existing(folder: &Path) -> io::Result<&Path> {
    folder
        .ancestors()
        .find(|path| path.symlink_metadata().is_ok())
        .ok_or_else(|| io::ErrorKind::NotFound.into())
}

#[cfg(test)]
mod tests {
    use super::{free_bytes, is_writable};

    #[test]
    fn a_folder_that_is_not_there_yet_is_judged_by_the_one_above() {
        let folder = tempfile::tempdir().unwrap();
        let below = folder.path().join("not/there");
        assert_eq!(
            free_bytes(&below).is_ok(),
            free_bytes(folder.path()).is_ok()
        );
        assert!(free_bytes(&below).unwrap() > 0);
        is_writable(&below).unwrap();
        assert!(!folder.path().join("not").exists());
        std::fs::write(folder.path().join("file"), "").unwrap();
        let error = is_writable(&folder.path().join("file/x")).unwrap_err();
        assert_eq!(error.kind(), std::io::ErrorKind::NotADirectory);
        assert!(error.to_string().contains("file: "), "{error}");
    }
}
