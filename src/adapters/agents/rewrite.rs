//! The built-in rewrite as an agent: edits the files of a unit in its worktree.
//!
//! It writes what the worktree holds, so line endings that git converts at checkout stay as they are there. Modes stay
//! because files are written in place.

use std::path::Path;

use async_trait::async_trait;

use crate::engine::ports::{Agent, Assignment, Edits, PortError};
use crate::model::rewrite::{Rewrites, Rewritten};

/// Applies expressions to files.
pub struct RewriteAgent {
    rewrites: Rewrites,
}

impl RewriteAgent {
    /// An agent for these expressions.
    #[must_use]
    pub fn new(rewrites: Rewrites) -> Self {
        Self { rewrites }
    }
}

#[async_trait]
impl Agent for RewriteAgent {
    async fn implement(&self, assignment: Assignment<'_>) -> Result<Edits, PortError> {
        tokio::task::block_in_place(|| {
            for file in assignment.files {
                if assignment.watch.stop.asked.is_cancelled() {
                    return Err(PortError::Stopped);
                }
                self.rewrite(&file.path.below(&assignment.workspace.path))
                    .map_err(|error| {
                        PortError::failed(format!("rewriting {}", file.path), error)
                    })?;
            }
            Ok(Edits::InFiles)
        })
    }
}

impl RewriteAgent {
    fn rewrite(&self, path: &Path) -> std::io::Result<()> {
        match self.rewrites.apply(&std::fs::read(path)?) {
            Rewritten::Changed { bytes, .. } => std::fs::write(path, bytes),
            Rewritten::NoMatch | Rewritten::Same | Rewritten::NotText => Ok(()),
        }
    }
}
