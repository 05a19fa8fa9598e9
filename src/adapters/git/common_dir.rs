//! [`common_dir`]: the folder that all worktrees of a repository share, and [`checkout`]: the one that one stands in; found
//! in this process and without opening the repository.
//!
//! For commands that only read what `batch` itself keeps there, and must answer within milliseconds: they start no git.
//! As with all our git, an inherited `GIT_DIR` does not count: it is a hook's, and the folder one stands in is meant.

use std::fs;
use std::os::unix::ffi::OsStrExt;
use std::path::{Path, PathBuf};

use crate::adapters::git::git::path;
use crate::adapters::git::ground::GroundError;

/// The common directory of the repository that `start` is in: a sub-folder, a linked worktree or a bare repository will
/// do.
///
/// # Errors
/// [`GroundError`] when there is none.
pub fn common_dir(start: &Path) -> Result<PathBuf, GroundError> {
    if !start.is_dir() {
        return Err(GroundError::NoFolder(start.to_owned()));
    }
    let found = git2::Repository::discover_path(start, ceilings());
    let git_dir = found.map_err(|error| {
        if start.ancestors().any(|folder| folder.join(".git").exists()) {
            GroundError::Refused {
                words: error.message().to_owned(),
            }
        } else {
            GroundError::NotARepository(start.to_owned())
        }
    })?;
    let Ok(shared) = fs::read(git_dir.join("commondir")) else {
        // libgit2 ends it with a slash.
        return Ok(git_dir.components().collect());
    };
    let common = git_dir.join(path(&shared));
    Ok(fs::canonicalize(&common).unwrap_or(common))
}

/// The top of the checkout that `start` is in, where it is in one.
#[must_use]
pub fn checkout(start: &Path) -> Option<PathBuf> {
    let mut above = start.ancestors();
    above
        .find(|folder| folder.join(".git").exists())
        .map(Path::to_owned)
}

/// Where git, and so we, stop to look further up.
fn ceilings() -> Vec<PathBuf> {
    let named = std::env::var_os("GIT_CEILING_DIRECTORIES").unwrap_or_default();
    std::env::split_paths(&named)
        .filter(|folder| !folder.as_os_str().as_bytes().is_empty())
        .collect()
}

#[cfg(test)]
mod tests {
    use std::fs;

    use super::common_dir;
    use crate::adapters::git::ground::GroundError;

    #[test]
    fn what_is_no_repository_is_told_from_what_cannot_be_used() {
        let folder = tempfile::tempdir().unwrap();
        let at = |name: &str| folder.path().join(name);
        assert!(matches!(
            common_dir(folder.path()),
            Err(GroundError::NotARepository(_))
        ));
        assert!(matches!(
            common_dir(&at("gone")),
            Err(GroundError::NoFolder(_))
        ));
        fs::write(at(".git"), "gitdir: nowhere\n").unwrap();
        assert!(matches!(
            common_dir(folder.path()),
            Err(GroundError::Refused { .. })
        ));
    }
}
