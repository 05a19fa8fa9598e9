//! Files below folders that others may write to: nothing waits at a pipe there, and no link leads a write elsewhere.

use std::fs::{self, File};
use std::io::{self, Read};
use std::path::Path;

use crate::adapters::atomic;

/// The contents of a file; what is none, a link to none or a pipe, is an error.
///
/// # Errors
/// When there is no such file, or it cannot be read.
pub(crate) fn read(path: &Path) -> io::Result<Vec<u8>> {
    if !fs::metadata(path)?.is_file() {
        return Err(io::Error::other("it is no file"));
    }
    let mut contents = Vec::new();
    File::open(path)?.read_to_end(&mut contents)?;
    Ok(contents)
}

/// Puts a file into a folder, in the place of whatever has its name there. A link or file in the place of the folder
/// makes way for one.
///
/// # Errors
/// When the folder cannot be made or written to.
pub(crate) fn put(folder: &Path, name: &str, contents: &[u8]) -> io::Result<()> {
    match fs::symlink_metadata(folder) {
        Ok(found) if !found.is_dir() => fs::remove_file(folder)?,
        Ok(_) | Err(_) => {}
    }
    fs::create_dir_all(folder)?;
    let path = folder.join(name);
    if fs::symlink_metadata(&path).is_ok_and(|found| found.is_dir()) {
        fs::remove_dir_all(&path)?;
    }
    atomic::replace(&path, contents)
}

/// Removes the pipes, sockets and devices below a folder, which git cannot hold and would wait at.
pub(crate) fn remove_odd(folder: &Path) {
    let mut open = vec![folder.to_owned()];
    while let Some(folder) = open.pop() {
        for entry in fs::read_dir(&folder).into_iter().flatten().flatten() {
            let Ok(kind) = entry.file_type() else {
                continue;
            };
            if kind.is_dir() {
                open.push(entry.path());
            } else if !kind.is_file() && !kind.is_symlink() {
                // What cannot be removed is for git to complain of.
                let _ = fs::remove_file(entry.path());
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use std::os::unix::fs::symlink;
    use std::process::Command;

    use super::{put, read, remove_odd};

    fn pipe(path: &std::path::Path) {
        let made = Command::new("mkfifo").arg(path).status().unwrap();
        assert!(made.success());
    }

    #[test]
    fn a_pipe_is_neither_read_nor_written_to() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("list");
        pipe(&path);
        assert!(read(&path).is_err());
        put(folder.path(), "list", b"text").unwrap();
        assert_eq!(read(&path).unwrap(), b"text");
    }

    #[test]
    fn no_link_leads_a_write_elsewhere() {
        let folder = tempfile::tempdir().unwrap();
        let at = |name: &str| folder.path().join(name);
        std::fs::create_dir(at("users")).unwrap();
        std::fs::write(at("victim"), "mine").unwrap();
        std::fs::create_dir(at("tmp")).unwrap();
        symlink(at("victim"), at("tmp/list")).unwrap();
        put(&at("tmp"), "list", b"text").unwrap();
        std::fs::remove_dir_all(at("tmp")).unwrap();
        symlink(at("users"), at("tmp")).unwrap();
        put(&at("tmp"), "list", b"text").unwrap();
        assert_eq!(std::fs::read(at("victim")).unwrap(), b"mine");
        assert_eq!(std::fs::read_dir(at("users")).unwrap().count(), 0);
        assert_eq!(read(&at("tmp/list")).unwrap(), b"text");
    }

    #[test]
    fn odd_files_go_and_the_others_stay() {
        let folder = tempfile::tempdir().unwrap();
        std::fs::create_dir(folder.path().join("a")).unwrap();
        pipe(&folder.path().join("a/.gitignore"));
        std::fs::write(folder.path().join("a/file"), "x").unwrap();
        symlink("file", folder.path().join("a/link")).unwrap();
        remove_odd(folder.path());
        assert_eq!(
            std::fs::read_dir(folder.path().join("a")).unwrap().count(),
            2
        );
    }
}
