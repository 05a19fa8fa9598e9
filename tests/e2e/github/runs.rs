//! A run against the tests' GitHub, and what it leaves.

use std::path::Path;

use crate::support::github::hub::Hub;
use crate::support::sandbox::{Ran, Sandbox};

/// A run of a unit for each folder, with `args` more.
pub(super) fn run(sandbox: &Sandbox, args: &[&str]) -> Ran {
    let folders = std::fs::read_dir(sandbox.repo().join("src"))
        .unwrap()
        .count();
    let (min, max) = (
        format!("--min-units={folders}"),
        format!("--max-units={folders}"),
    );
    let units = ["--paths=src/**", "--no-test", &min, &max];
    sandbox.rename_frob(&[&units, args].concat())
}

/// Insists that a run is refused with these words before anything was pushed or opened.
#[track_caller]
pub(super) fn refused(hub: &Hub, sandbox: &Sandbox, args: &[&str], words: &[&str]) {
    let ran = run(sandbox, args).exits(4);
    for words in words {
        assert!(
            ran.stderr.contains(words),
            "no {words:?} in\n{}",
            ran.stderr
        );
    }
    assert!(!sandbox.repo().join(".git/batch/runs").exists());
    assert_eq!(hub.creates(), [] as [&str; 0]);
    assert!(sandbox.delivered().is_empty());
}

/// The first record of the last run's journal.
pub(super) fn started(sandbox: &Sandbox) -> serde_json::Value {
    let journal = sandbox.run_file("journal.jsonl");
    serde_json::from_str(journal.lines().next().unwrap()).unwrap()
}

/// The files below a folder that hold these words.
pub(super) fn holding(words: &str, folder: &Path) -> Vec<String> {
    let mut found = Vec::new();
    for entry in std::fs::read_dir(folder).unwrap() {
        let entry = entry.unwrap();
        let path = entry.path();
        if entry.file_type().unwrap().is_dir() {
            found.extend(holding(words, &path));
        } else if let Ok(bytes) = std::fs::read(&path)
            && memchr::memmem::find(&bytes, words.as_bytes()).is_some()
        {
            found.push(path.display().to_string());
        }
    }
    found
}
