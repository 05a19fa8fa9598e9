//! [`Ledger`]: the pace of one server, on the disk, so that runs one after another and processes beside each other keep
//! one pace. A kernel lock is held for a moment, never while somebody waits or sends.
//!
//! Where the disk does not serve, the process goes on with what it knows itself, and says so once. Called by `gate`.

use std::fs::{DirBuilder, File, OpenOptions, TryLockError};
use std::io;
use std::os::unix::fs::{DirBuilderExt, OpenOptionsExt};
use std::path::{Path, PathBuf};
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::thread;
use std::time::{Duration, Instant};

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use super::pace::Pace;
use crate::adapters::{atomic, plain_files};

/// The version of the file.
const VERSION: u64 = 1;

/// How often a lock that another holds is tried; it is held for some milliseconds.
const PAUSE: Duration = Duration::from_millis(5);

/// How long another may hold it: only a process that was stopped holds it longer than a moment.
const PATIENCE: Duration = Duration::from_secs(5);

/// The pace of one server.
pub(super) struct Ledger {
    /// None where there is no folder for it.
    file: Option<PathBuf>,
    /// What this process knows.
    known: Mutex<Pace>,
    /// Why the disk is not asked any more.
    broken: Mutex<Option<String>>,
}

/// The file.
#[derive(Serialize, Deserialize)]
struct Stored {
    version: u64,
    #[serde(flatten)]
    pace: Pace,
}

/// What is asked of a file before it is read as one of this version.
#[derive(Deserialize)]
struct Head {
    version: u64,
}

impl Ledger {
    /// Of the server with that name and port, in the folder for states of the user's programs.
    pub(super) fn new(state_folder: Option<&Path>, host: &str) -> Self {
        let fine = |char: char| match char {
            char if char.is_ascii_alphanumeric() || "-.".contains(char) => char,
            _ => '_',
        };
        let name: String = host.chars().map(fine).collect();
        Self {
            file: state_folder
                .map(|folder| folder.join("batch/github").join(format!("{name}.json"))),
            known: Mutex::default(),
            broken: Mutex::default(),
        }
    }

    /// What this process knows now, without a look at the disk.
    pub(super) fn known(&self) -> MutexGuard<'_, Pace> {
        // A panic elsewhere leaves a pace that is whole: each of its functions is.
        self.known.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Why the pace is not kept for other processes, if it is not.
    pub(super) fn warning(&self) -> Option<String> {
        let broken = self.broken.lock().unwrap_or_else(PoisonError::into_inner);
        broken.clone()
    }

    /// Learns what others noted, without the lock. Blocks for the disk.
    pub(super) fn look(&self, now: Timestamp) {
        let Some(file) = self.in_use() else {
            return;
        };
        match load(&file) {
            // What is to come by this clock must be put right for all, or it would be to come again at the next look.
            Ok(pace) if pace.is_ahead(now) => self.change(now, |_| ()),
            Ok(pace) => self.known().merge(pace),
            Err(error) => self.give_up(&file, &error),
        }
    }

    /// Changes the pace for all processes. Blocks for the disk and, for a moment, for the others.
    pub(super) fn change<T>(&self, now: Timestamp, edit: impl FnOnce(&mut Pace) -> T) -> T {
        let in_use = self.in_use().and_then(|file| match Locked::take(&file) {
            Ok(locked) => Some((file, locked)),
            Err(error) => {
                self.give_up(&file, &error);
                None
            }
        });
        let stored = in_use.as_ref().and_then(|(file, _)| match load(file) {
            Ok(pace) => Some(pace),
            Err(error) => {
                self.give_up(file, &error);
                None
            }
        });
        let (answer, pace) = {
            let mut known = self.known();
            known.merge(stored.clone().unwrap_or_default());
            known.settle(now);
            let answer = edit(&mut known);
            (answer, known.clone())
        };
        if let Some(stored) = stored
            && let Some((file, _locked)) = &in_use
            && stored != pace
            && let Err(error) = store(file, pace)
        {
            self.give_up(file, &error);
        }
        answer
    }

    fn in_use(&self) -> Option<PathBuf> {
        match self.warning() {
            Some(_) => None,
            None => self.file.clone(),
        }
    }

    fn give_up(&self, file: &Path, error: &io::Error) {
        let mut broken = self.broken.lock().unwrap_or_else(PoisonError::into_inner);
        broken.get_or_insert_with(|| {
            format!(
                "the pace of calls to GitHub is kept by this process alone: {}: {error}",
                file.display()
            )
        });
    }
}

/// The file's lock. The system frees it when the process dies. Its file is beside the other, which is replaced.
struct Locked {
    _file: File,
}

impl Locked {
    fn take(file: &Path) -> io::Result<Self> {
        if let Some(folder) = file.parent() {
            DirBuilder::new()
                .recursive(true)
                .mode(0o700)
                .create(folder)?;
        }
        let lock = OpenOptions::new()
            .create(true)
            .truncate(false)
            .write(true)
            .mode(0o600)
            .open(file.with_extension("lock"))?;
        let begun = Instant::now();
        loop {
            match lock.try_lock() {
                Ok(()) => return Ok(Self { _file: lock }),
                Err(TryLockError::WouldBlock) if begun.elapsed() < PATIENCE => thread::sleep(PAUSE),
                Err(TryLockError::WouldBlock) => {
                    return Err(io::Error::other("another process holds its lock"));
                }
                Err(TryLockError::Error(error)) => return Err(error),
            }
        }
    }
}

/// What the file says; nothing where there is none, or a damaged one, which the next change replaces.
fn load(file: &Path) -> io::Result<Pace> {
    let text = match plain_files::read(file) {
        Ok(text) => text,
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(Pace::default()),
        Err(error) => return Err(error),
    };
    match serde_json::from_slice::<Head>(&text) {
        Ok(head) if head.version > VERSION => {
            Err(io::Error::other("it is a later version's of this program"))
        }
        Ok(_) => {
            let stored = serde_json::from_slice(&text).ok();
            Ok(stored.map_or_else(Pace::default, |stored: Stored| stored.pace))
        }
        Err(_) => Ok(Pace::default()),
    }
}

fn store(file: &Path, pace: Pace) -> io::Result<()> {
    let stored = Stored {
        version: VERSION,
        pace,
    };
    let mut text = serde_json::to_vec_pretty(&stored).map_err(io::Error::other)?;
    text.push(b'\n');
    atomic::replace_private(file, &text)
}

#[cfg(test)]
mod tests {
    use std::fs;
    use std::os::unix::fs::PermissionsExt;
    use std::sync::Arc;

    use super::*;
    use crate::adapters::forges::github::api::Kind;
    use crate::adapters::forges::github::limit::Limit;
    use crate::adapters::forges::github::pace::{Rates, Turn};

    const RATES: Rates = Rates {
        interval: Duration::from_secs(2),
        per_minute: 60,
        per_hour: 450,
    };

    fn at(second: i64) -> Timestamp {
        Timestamp::from_second(second).unwrap()
    }

    fn enter(ledger: &Ledger, second: i64) -> Turn {
        let now = at(second);
        ledger.change(now, |pace| pace.enter(Kind::Content, now, RATES))
    }

    fn place() -> (tempfile::TempDir, PathBuf) {
        let folder = tempfile::tempdir().unwrap();
        let file = folder.path().join("batch/github/git.example_8443.json");
        (folder, file)
    }

    fn ledger(folder: &tempfile::TempDir) -> Ledger {
        Ledger::new(Some(folder.path()), "git.example:8443")
    }

    #[test]
    fn two_processes_keep_one_pace() {
        let (folder, file) = place();
        let (one, other) = (ledger(&folder), ledger(&folder));
        assert_eq!(enter(&one, 100), Turn::Now);
        assert_eq!(enter(&other, 101), Turn::Later(at(102), None));
        assert_eq!(enter(&other, 102), Turn::Now);
        assert_eq!(enter(&one, 103), Turn::Later(at(104), None));
        let limit = Limit {
            reason: "too much".to_owned(),
            wait: Some(jiff::SignedDuration::from_secs(60)),
        };
        one.change(at(110), |pace| pace.limited(at(109), at(110), &limit));
        other.look(at(111));
        assert!(other.known().pause(at(111)).is_some());
        assert_eq!(one.warning(), None);
        let mode = |path: &Path| fs::metadata(path).unwrap().permissions().mode() & 0o777;
        assert_eq!(mode(&file), 0o600);
        assert_eq!(mode(file.parent().unwrap()), 0o700);
    }

    #[test]
    fn many_at_once_get_places_of_their_own() {
        let (folder, _) = place();
        let folder = Arc::new(folder);
        let turn = |_| {
            let folder = Arc::clone(&folder);
            thread::spawn(move || enter(&ledger(&folder), 100) == Turn::Now)
        };
        let threads: Vec<_> = (0..8).map(turn).collect();
        let sent = threads.into_iter().filter_map(|one| one.join().ok());
        assert_eq!(sent.filter(|sent| *sent).count(), 1);
    }

    #[test]
    fn a_damaged_file_is_begun_anew_and_this_process_forgets_nothing() {
        let (folder, file) = place();
        let one = ledger(&folder);
        assert_eq!(enter(&one, 100), Turn::Now);
        for damage in ["", "{", "[]", r#"{"version": 1, "content": 7}"#] {
            fs::write(&file, damage).unwrap();
            assert_eq!(enter(&one, 101), Turn::Later(at(102), None), "{damage}");
        }
        assert_eq!(enter(&one, 102), Turn::Now);
        assert_eq!(enter(&ledger(&folder), 103), Turn::Later(at(104), None));
        assert_eq!(one.warning(), None);
    }

    #[test]
    fn a_clock_set_back_is_put_right_for_all() {
        let (folder, _) = place();
        assert_eq!(enter(&ledger(&folder), 1_000_000), Turn::Now);
        assert_eq!(enter(&ledger(&folder), 100), Turn::Later(at(102), None));
        assert_eq!(enter(&ledger(&folder), 102), Turn::Now);
        let limit = Limit {
            reason: "too much".to_owned(),
            wait: Some(jiff::SignedDuration::from_secs(60)),
        };
        let later = at(1_000_000);
        ledger(&folder).change(later, |pace| pace.limited(later, later, &limit));
        let other = ledger(&folder);
        for second in [200, 259, 260] {
            other.look(at(second));
            let paused = other.known().pause(at(second)).is_some();
            assert_eq!(paused, second < 260, "{second}");
        }
    }

    #[test]
    fn where_the_disk_does_not_serve_the_process_goes_on_alone_and_says_so() {
        let (folder, file) = place();
        fs::write(folder.path().join("batch"), "no folder").unwrap();
        let one = ledger(&folder);
        assert_eq!(enter(&one, 100), Turn::Now);
        assert_eq!(enter(&one, 101), Turn::Later(at(102), None));
        let warning = one.warning().unwrap();
        let words = format!(
            "the pace of calls to GitHub is kept by this process alone: {}: ",
            file.display()
        );
        assert!(warning.starts_with(&words), "{warning}");
        assert_eq!(enter(&Ledger::new(None, "x"), 100), Turn::Now);
    }

    #[test]
    fn a_later_versions_file_is_left_alone() {
        let (folder, file) = place();
        fs::create_dir_all(file.parent().unwrap()).unwrap();
        fs::write(&file, r#"{"version": 2}"#).unwrap();
        let one = ledger(&folder);
        assert_eq!(enter(&one, 100), Turn::Now);
        assert!(one.warning().unwrap().contains("a later version's"));
        assert_eq!(fs::read_to_string(&file).unwrap(), r#"{"version": 2}"#);
    }
}
