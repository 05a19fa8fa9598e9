//! [`Processes`]: the handle through which the adapters start programs; it holds what all starts have in common.

use std::path::{Path, PathBuf};

/// Starts programs, and sees to it that they end.
#[derive(Debug, Clone)]
pub struct Processes {
    guard: PathBuf,
}

impl Processes {
    /// With the program that has the guard as a hidden subcommand: our own.
    pub fn new(guard: impl Into<PathBuf>) -> Self {
        Self {
            guard: guard.into(),
        }
    }

    pub(super) fn guard(&self) -> &Path {
        &self.guard
    }
}
