//! The kernel lock that serialises what adds and removes worktrees of one repository, across processes.
//!
//! Git's own worktree commands are not safe beside each other: an add reads what another has half written.

use std::fs::{File, OpenOptions, TryLockError};
use std::path::Path;
use std::time::{Duration, Instant};

use crate::engine::ports::{PortError, Stop};

/// How often a lock that another holds is tried; what is done under it takes some 10 ms.
const PAUSE: Duration = Duration::from_millis(5);

/// How long another may hold it: only a process that was stopped holds it longer than a moment.
const PATIENCE: Duration = Duration::from_secs(120);

/// The lock, held until it is dropped. The system frees it when the process dies.
#[derive(Debug)]
pub(super) struct WorktreesLock {
    _file: File,
}

impl WorktreesLock {
    /// Waits for the lock of the repository with that common folder.
    pub(super) async fn take(common_dir: &Path, stop: &Stop) -> Result<Self, PortError> {
        let folder = common_dir.join("batch");
        let path = folder.join("worktrees.lock");
        let doing = || format!("locking {}", path.display());
        let file = std::fs::create_dir_all(&folder)
            .and_then(|()| {
                OpenOptions::new()
                    .create(true)
                    .truncate(false)
                    .write(true)
                    .open(&path)
            })
            .map_err(|error| PortError::failed(doing(), error))?;
        let begun = Instant::now();
        loop {
            match file.try_lock() {
                Ok(()) => return Ok(Self { _file: file }),
                Err(TryLockError::WouldBlock) => {}
                Err(TryLockError::Error(error)) => return Err(PortError::failed(doing(), error)),
            }
            if begun.elapsed() > PATIENCE {
                return Err(PortError::TimedOut {
                    doing: doing(),
                    after: PATIENCE,
                });
            }
            tokio::select! {
                () = tokio::time::sleep(PAUSE) => {}
                () = stop.asked.cancelled() => return Err(PortError::Stopped),
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::WorktreesLock;
    use crate::engine::ports::{PortError, Stop};

    #[tokio::test]
    async fn one_at_a_time_holds_the_lock_and_a_wish_to_stop_ends_the_waiting() {
        let dir = tempfile::tempdir().unwrap();
        let stop = Stop::default();
        let held = WorktreesLock::take(dir.path(), &stop).await.unwrap();
        let waiting = WorktreesLock::take(dir.path(), &stop);
        tokio::pin!(waiting);
        let early = tokio::time::timeout(Duration::from_millis(50), &mut waiting).await;
        assert!(early.is_err());
        drop(held);
        let held = waiting.await.unwrap();
        stop.asked.cancel();
        let error = WorktreesLock::take(dir.path(), &stop).await.unwrap_err();
        assert!(matches!(error, PortError::Stopped), "{error}");
        drop(held);
    }
}
