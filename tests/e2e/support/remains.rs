//! What a run leaves behind, or must not: processes, worktrees, locks.
//!
//! Everything that a sandbox's programs start carries its home folder in the environment: so processes are found.

use std::collections::BTreeMap;
use std::ffi::OsString;
use std::os::unix::fs::MetadataExt;
use std::path::{Path, PathBuf};
use std::thread;
use std::time::{Duration, Instant};

use super::sandbox::Sandbox;

/// How long something may take before the test gives up.
const PATIENCE: Duration = Duration::from_secs(120);

/// Waits until it is so.
#[track_caller]
pub fn until(what: &str, reached: impl Fn() -> bool) {
    let limit = Instant::now() + PATIENCE;
    while !reached() {
        assert!(Instant::now() < limit, "not reached: {what}");
        thread::sleep(Duration::from_millis(10));
    }
}

/// The sandbox's processes that are alive: their ids and command lines.
#[cfg(target_os = "linux")]
pub fn alive(sandbox: &Sandbox) -> Vec<(i32, String)> {
    let entry = format!("HOME={}", sandbox.path("home").display());
    std::fs::read_dir("/proc")
        .unwrap()
        .filter_map(|process| {
            let process = process.unwrap().path();
            let pid = process.file_name()?.to_str()?.parse().ok()?;
            let environ = std::fs::read(process.join("environ")).ok()?;
            let line = environ
                .split(|&byte| byte == 0)
                .any(|variable| variable == entry.as_bytes())
                .then(|| std::fs::read(process.join("cmdline")).unwrap_or_default())?;
            Some((pid, String::from_utf8_lossy(&line).replace('\0', " ")))
        })
        .collect()
}

#[cfg(not(target_os = "linux"))]
pub fn alive(_: &Sandbox) -> Vec<(i32, String)> {
    Vec::new()
}

/// Insists that no process, worktree or lock is left.
#[track_caller]
pub fn left_clean(sandbox: &Sandbox) {
    assert_eq!(alive(sandbox), []);
    // The one who made the cache folder may be dead, and nobody else knows that it was not the person's own.
    let _ = std::fs::remove_dir(sandbox.path("cache/batch"));
    sandbox.has_no_worktree_left();
    let git = sandbox.repo().join(".git");
    let mut locks = Vec::new();
    locks_below(&git, &mut locks);
    // The locks of our own folder are the kernel's; their files stay.
    locks.retain(|lock| !lock.starts_with(git.join("batch")));
    assert_eq!(locks, [] as [PathBuf; 0]);
    let lock = std::fs::read_to_string(git.join("batch/run-in-progress")).unwrap();
    assert_eq!(lock, "");
}

fn locks_below(folder: &Path, into: &mut Vec<PathBuf>) {
    for entry in std::fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.is_symlink() {
            continue;
        }
        if path.is_dir() {
            locks_below(&path, into);
        } else if path.extension().is_some_and(|end| end == "lock") {
            into.push(path);
        }
    }
}

/// Every file and folder of the repository's `.git`, with size, time of the last change and contents: what a command that
/// writes nothing leaves as it is.
pub fn stamps(sandbox: &Sandbox) -> BTreeMap<PathBuf, (i64, i64, OsString)> {
    let mut stamps = BTreeMap::new();
    stamp(&sandbox.repo().join(".git"), &mut stamps);
    stamps
}

fn stamp(path: &Path, into: &mut BTreeMap<PathBuf, (i64, i64, OsString)>) {
    use std::os::unix::ffi::OsStringExt;
    let known = path.symlink_metadata().unwrap();
    let contents = if known.is_file() {
        std::fs::read(path).unwrap()
    } else {
        Vec::new()
    };
    let contents = OsString::from_vec(contents);
    into.insert(
        path.to_owned(),
        (known.mtime(), known.mtime_nsec(), contents),
    );
    if known.is_dir() {
        for entry in std::fs::read_dir(path).unwrap() {
            stamp(&entry.unwrap().path(), into);
        }
    }
}
