//! Runs that die, and what is left of the last one.

use std::path::PathBuf;

use crate::support::sandbox::Sandbox;

/// Begins a run of three units, which dies at a record.
pub fn dies(sandbox: &Sandbox, death: &str, more: &[&str]) {
    let mut command = sandbox.batch_command();
    command
        .args(["rename frob to frobnicate", "--yes", "--paths=src/**"])
        .args(["--rewrite", r"s/\bfrob\b/frobnicate/g"])
        .args(["--min-units=3", "--max-units=3", "--jobs=1"])
        .args(more)
        .env("BATCH_DEATH_AT_RECORD", death);
    assert_eq!(command.output().unwrap().status.code(), None);
}

/// The folder of the last run.
pub fn folder(sandbox: &Sandbox) -> PathBuf {
    let batch = sandbox.repo().join(".git/batch");
    batch.join(std::fs::read_link(batch.join("latest")).unwrap())
}

/// The id of the last run.
pub fn last_run(sandbox: &Sandbox) -> String {
    let folder = folder(sandbox);
    folder.file_name().unwrap().to_str().unwrap().to_owned()
}
