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
