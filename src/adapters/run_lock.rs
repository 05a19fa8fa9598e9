//! [`RunLock`]: the kernel's lock on `run-in-progress`, by which one run at a time works in a repository.
//!
//! The lock is the kernel's and dies with the process; the text in the file only says who holds it, and means nothing
//! without the lock. The file is never removed: two processes could then lock two files of one name. Taken by the store.

use std::fs::{File, OpenOptions, TryLockError};
use std::io::{self, Read, Seek, Write};
use std::path::Path;
use std::thread;
use std::time::Duration;

use crate::adapters::store_error::StoreError;
use crate::model::id::RunId;

/// How often the lock is tried before somebody works here: whoever only looks at it has it for some microseconds, and a
/// shell prompt may do so all the time.
const TRIES: u32 = 10;

/// The time between two tries.
const PAUSE: Duration = Duration::from_millis(5);

/// The right to be the one run of a repository, for as long as the value lives.
#[derive(Debug)]
pub struct RunLock {
    file: File,
}

impl RunLock {
    pub(crate) fn take(path: &Path, run: &RunId) -> Result<Self, StoreError> {
        Self::take_pausing(path, run, || thread::sleep(PAUSE))
    }

    fn take_pausing(path: &Path, run: &RunId, mut pause: impl FnMut()) -> Result<Self, StoreError> {
        let io = |error| StoreError::io("locking", path)(error);
        let mut file = OpenOptions::new()
            .read(true)
            .write(true)
            .create(true)
            .truncate(false)
            .open(path)
            .map_err(io)?;
        let mut tries = 1;
        loop {
            match file.try_lock() {
                Ok(()) => break,
                Err(TryLockError::WouldBlock) if tries < TRIES => tries += 1,
                Err(TryLockError::WouldBlock) => return Err(holder(&mut file).into()),
                Err(TryLockError::Error(error)) => return Err(io(error)),
            }
            pause();
        }
        say(&mut file, &format!("{run} {}\n", std::process::id())).map_err(io)?;
        Ok(Self { file })
    }

    /// Fails as [`RunLock::take`] would, and neither makes nor changes the file.
    pub(crate) fn look(path: &Path) -> Result<(), StoreError> {
        match Self::holder(path)? {
            None => Ok(()),
            Some(holder) => Err(holder.into()),
        }
    }

    /// Who holds the lock now, if anybody does; neither makes nor changes the file.
    pub(crate) fn holder(path: &Path) -> Result<Option<Holder>, StoreError> {
        let io = |error| StoreError::io("locking", path)(error);
        let mut file = match File::open(path) {
            Ok(file) => file,
            Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(None),
            Err(error) => return Err(io(error)),
        };
        match file.try_lock_shared() {
            Ok(()) => Ok(None),
            Err(TryLockError::WouldBlock) => Ok(Some(holder(&mut file))),
            Err(TryLockError::Error(error)) => Err(io(error)),
        }
    }
}

/// Who holds the lock, as far as it has said so.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Holder {
    /// The run that it works on.
    pub run: Option<RunId>,
    /// Its process.
    pub pid: Option<u32>,
}

impl Drop for RunLock {
    fn drop(&mut self) {
        // Only a courtesy to readers: the lock goes with the file's handle in any case.
        let _ = self.file.set_len(0);
    }
}

fn say(file: &mut File, text: &str) -> io::Result<()> {
    file.set_len(0)?;
    file.rewind()?;
    file.write_all(text.as_bytes())
}

/// Who holds the lock, by what the file says; a holder may not have written it yet.
fn holder(file: &mut File) -> Holder {
    let mut text = String::new();
    if file.read_to_string(&mut text).is_err() {
        text.clear();
    }
    let mut words = text.split_whitespace();
    Holder {
        run: words.next().and_then(|word| word.parse().ok()),
        pid: words.next().and_then(|word| word.parse().ok()),
    }
}

impl From<Holder> for StoreError {
    fn from(by: Holder) -> Self {
        Self::Busy {
            run: by.run.map(String::from),
            pid: by.pid,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::RunLock;
    use crate::model::sample;

    #[test]
    fn a_second_run_is_told_who_goes_on() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("run-in-progress");
        let first = RunLock::take(&path, &sample::run()).unwrap();
        assert!(RunLock::look(&path).is_err());
        let error = RunLock::take(&path, &sample::run()).unwrap_err();
        assert_eq!(
            error.to_string(),
            format!(
                "run 20260102T030405Z-0a1b (pid {}) is going on in this repository",
                std::process::id()
            )
        );
        drop(first);
        RunLock::look(&path).unwrap();
        RunLock::take(&path, &sample::run()).unwrap();
    }

    #[test]
    fn whoever_only_looks_keeps_no_run_from_starting() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("run-in-progress");
        std::fs::write(&path, "").unwrap();
        let looker = std::fs::File::open(&path).unwrap();
        looker.lock_shared().unwrap();
        let mut pauses = 0;
        let lock = RunLock::take_pausing(&path, &sample::run(), || {
            pauses += 1;
            looker.unlock().unwrap();
        });
        lock.unwrap();
        assert_eq!(pauses, 1);
    }

    #[test]
    fn what_a_dead_process_left_in_the_file_is_no_lock() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("run-in-progress");
        std::fs::write(
            &path,
            "20260102T030405Z-0a1b 1\n and more than the next one writes",
        )
        .unwrap();
        let _lock = RunLock::take(&path, &sample::run()).unwrap();
        assert_eq!(
            std::fs::read_to_string(&path).unwrap(),
            format!("20260102T030405Z-0a1b {}\n", std::process::id())
        );
    }

    #[test]
    fn a_holder_that_has_not_said_who_it_is_still_holds() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("run-in-progress");
        let _lock = RunLock::take(&path, &sample::run()).unwrap();
        std::fs::write(&path, "").unwrap();
        let error = RunLock::take(&path, &sample::run()).unwrap_err();
        assert_eq!(
            error.to_string(),
            "another run is going on in this repository"
        );
    }
}
