//! Whether a worktree that was put back is as a new one would be.
//!
//! `git status` alone does not tell: it calls a file changed that a checkout makes just so, where line endings were
//! committed against the attributes' word or a filter does not lead back. The pool asks before it lends again.

use std::fs;
use std::io;
use std::os::unix::fs::PermissionsExt;
use std::path::Path;

use crate::adapters::git::git::{Git, records};
use crate::engine::ports::{PortError, Watch};
use crate::model::path::RepoPath;

/// Whether anything differs from what a checkout of the index would make; ignored files aside.
pub(super) async fn unlike_a_new_one(worktree: &Git, watch: &Watch) -> Result<bool, PortError> {
    let doing = "looking at a worktree that was put back";
    let status = worktree
        .reading(doing)
        .args(["status", "--porcelain=v1", "-z", "--no-renames"])
        .args(["--untracked-files=normal", "--ignore-submodules=none"])
        .within(watch)
        .bytes()
        .await?;
    let mut paths = Vec::new();
    let mut asked = Vec::new();
    for record in records(&status) {
        let Some(path) = record.strip_prefix(b" M ") else {
            return Ok(true);
        };
        paths.push(RepoPath::new(path));
        asked.extend_from_slice(path);
        asked.push(0);
    }
    if paths.is_empty() {
        return Ok(false);
    }
    let failed = |error: io::Error| PortError::failed(doing, error);
    let folder = tempfile::tempdir().map_err(failed)?;
    let mut prefix = folder.path().as_os_str().to_owned();
    prefix.push("/");
    let mut option = std::ffi::OsString::from("--prefix=");
    option.push(prefix);
    worktree
        .call(doing)
        .args(["checkout-index", "-z", "--stdin"])
        .arg(option)
        .stdin(asked)
        .logged(watch)
        .await?;
    for path in paths {
        let (there, new) = (path.below(worktree.dir()), path.below(folder.path()));
        if !is_same(&there, &new).map_err(failed)? {
            return Ok(true);
        }
    }
    Ok(false)
}

/// Whether two files have the same bytes and may both be executed, or neither. What is no file is the same as nothing.
fn is_same(one: &Path, other: &Path) -> io::Result<bool> {
    let (found, expected) = (fs::symlink_metadata(one)?, fs::symlink_metadata(other)?);
    let is_executable = |found: &fs::Metadata| found.permissions().mode() & 0o100 != 0;
    Ok(found.is_file()
        && expected.is_file()
        && found.len() == expected.len()
        && is_executable(&found) == is_executable(&expected)
        && fs::read(one)? == fs::read(other)?)
}
