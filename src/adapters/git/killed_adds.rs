//! What a `git worktree add` of ours leaves when it is killed between its steps: a worktree whose HEAD names no commit.
//! While it is there every fetch in the repository fails, the user's own too.
//!
//! A worktree that was finished is never touched: it may hold the edits of a run that died. Called before a fetch.

use std::fs;
use std::path::{Path, PathBuf};

use crate::adapters::git::lock::WorktreesLock;
use crate::adapters::git::worktree::remove_folder;
use crate::adapters::git::worktrees::LOCK_REASON;
use crate::engine::ports::{PortError, Stop};

/// Removes them.
///
/// # Errors
/// [`PortError`] when one cannot be removed.
pub(super) async fn remove_killed_adds(common_dir: &Path) -> Result<(), PortError> {
    if killed(common_dir).is_empty() {
        return Ok(());
    }
    // Of an add that goes on it is true as well, but that holds the lock.
    let _lock = WorktreesLock::take(common_dir, &Stop::default()).await?;
    for admin in killed(common_dir) {
        remove_folder(&admin)
            .map_err(|error| PortError::failed(format!("removing {}", admin.display()), error))?;
    }
    Ok(())
}

pub(super) fn killed(common_dir: &Path) -> Vec<PathBuf> {
    let entries = fs::read_dir(common_dir.join("worktrees"));
    entries
        .into_iter()
        .flatten()
        .flatten()
        .map(|entry| entry.path())
        .filter(|admin| is(admin, "locked", |reason| reason == LOCK_REASON))
        .filter(|admin| {
            is(admin, "HEAD", |head| {
                head.bytes().all(|digit| digit == b'0')
            })
        })
        .collect()
}

fn is(admin: &Path, file: &str, wanted: impl Fn(&str) -> bool) -> bool {
    fs::read_to_string(admin.join(file)).is_ok_and(|text| wanted(text.trim()))
}
