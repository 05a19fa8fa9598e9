//! Removes a worktree, whatever a killed process left of it. The pool and `batch clean` call it.

use std::fs;
use std::path::{Path, PathBuf};

use crate::adapters::git::git::Git;
use crate::adapters::git::lock::WorktreesLock;
use crate::adapters::git::worktree::{registrations, remove_folder};
use crate::engine::ports::{PortError, Stop};

/// Removes the folder, and what git knows of it.
pub(super) async fn remove_worktree(
    git: &Git,
    common_dir: &Path,
    path: &Path,
) -> Result<(), PortError> {
    // Outside the lock: this is what takes long.
    delete(path.to_owned()).await?;
    if registrations(path, common_dir).is_empty() {
        return Ok(());
    }
    let doing = format!("removing worktree {}", path.display());
    let _lock = WorktreesLock::take(common_dir, &Stop::default()).await?;
    let _ = git
        .call(&doing)
        .args(["worktree", "remove", "-f", "-f", "--"])
        .arg(path)
        .output()
        .await?;
    for left in registrations(path, common_dir) {
        remove_folder(&left).map_err(|error| PortError::failed(&doing, error))?;
    }
    // As git does with the last one, but not when the add of it was killed early.
    let _ = fs::remove_dir(common_dir.join("worktrees"));
    Ok(())
}

/// Removes a folder where it holds up nobody.
pub(super) async fn delete(path: PathBuf) -> Result<(), PortError> {
    let doing = format!("removing {}", path.display());
    tokio::task::spawn_blocking(move || remove_folder(&path))
        .await
        .map_err(|error| PortError::failed(&doing, error))?
        .map_err(|error| PortError::failed(&doing, error))
}
