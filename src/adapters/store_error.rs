//! [`StoreError`]: why something of a run could not be stored or found, in words for a person.

use std::io;
use std::path::{Path, PathBuf};

use crate::model::id::RunId;

/// The most runs that a message names.
pub(super) const NEAR: usize = 3;

/// Why something could not be stored or found.
#[derive(Debug, thiserror::Error)]
pub enum StoreError {
    /// The disk.
    #[error("{doing} {}: {error}", path.display())]
    Io {
        /// What was being done, as a fragment.
        doing: &'static str,
        /// With what.
        path: PathBuf,
        /// What the system said.
        error: io::Error,
    },
    /// Nothing was ever run here.
    #[error("this repository has no runs yet")]
    NoRuns,
    /// No run has such an id.
    #[error("no run `{}`{}", wanted.escape_debug(), listed("; there are", near))]
    NoSuchRun {
        /// What was asked for.
        wanted: String,
        /// The runs most like it.
        near: Vec<RunId>,
    },
    /// Several runs could be meant.
    #[error("`{}` could be several runs{}", wanted.escape_debug(), listed(":", runs))]
    Ambiguous {
        /// What was asked for.
        wanted: String,
        /// The runs that it could be.
        runs: Vec<RunId>,
    },
    /// Another run goes on in this repository.
    #[error("{}", busy(run.as_deref(), *pid))]
    Busy {
        /// Its id, if it said so.
        run: Option<String>,
        /// Its process, if it said so.
        pid: Option<u32>,
    },
}

impl StoreError {
    pub(crate) fn io(doing: &'static str, path: &Path) -> impl FnOnce(io::Error) -> Self {
        move |error| Self::Io {
            doing,
            path: path.to_owned(),
            error,
        }
    }
}

fn listed(lead: &str, runs: &[RunId]) -> String {
    let shown: Vec<&str> = runs.iter().take(NEAR).map(RunId::as_str).collect();
    match runs.len() {
        0 => String::new(),
        more if more > NEAR => format!("{lead} {} and {} more", shown.join(", "), more - NEAR),
        _ => format!("{lead} {}", shown.join(", ")),
    }
}

fn busy(run: Option<&str>, pid: Option<u32>) -> String {
    match (run, pid) {
        (Some(run), Some(pid)) => format!("run {run} (pid {pid}) is going on in this repository"),
        (Some(run), None) => format!("run {run} is going on in this repository"),
        (None, _) => "another run is going on in this repository".to_owned(),
    }
}
