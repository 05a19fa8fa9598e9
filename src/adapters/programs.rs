//! Looks for programs on PATH, as the system does when it starts them.

use std::ffi::OsStr;
use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};

/// The first executable file of this name in the folders of `path`, a value of PATH. Folders that are not absolute are
/// left out: they mean another place in each worktree.
#[must_use]
pub fn on_path(name: &str, path: &OsStr) -> Option<PathBuf> {
    std::env::split_paths(path)
        .filter(|folder| folder.is_absolute())
        .map(|folder| folder.join(name))
        .find(|file| is_executable(file))
}

/// Whether it is a file that somebody may execute.
#[must_use]
pub fn is_executable(file: &Path) -> bool {
    file.metadata()
        .is_ok_and(|metadata| metadata.is_file() && metadata.permissions().mode() & 0o111 != 0)
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::fs::Permissions;

    #[test]
    fn the_first_executable_file_is_found_and_nothing_else_of_that_name() {
        let root = tempfile::tempdir().unwrap();
        for (folder, mode) in [("plain", 0o644), ("first", 0o755), ("second", 0o755)] {
            let file = root.path().join(folder).join("agent");
            std::fs::create_dir(root.path().join(folder)).unwrap();
            std::fs::write(&file, "").unwrap();
            std::fs::set_permissions(&file, Permissions::from_mode(mode)).unwrap();
        }
        std::fs::create_dir_all(root.path().join("folder/agent")).unwrap();
        let folders = ["folder", "plain", "missing", "first", "second"];
        let path = std::env::join_paths(folders.map(|name| root.path().join(name))).unwrap();
        let first = root.path().join("first/agent");
        assert_eq!(on_path("agent", &path), Some(first));
        assert_eq!(on_path("other", &path), None);
        assert_eq!(on_path("agent", OsStr::new("")), None);
    }
}
