//! The built-in rewrite as a codemod: applies expressions to the blobs of a unit's files, as research did.
//!
//! What it makes enters the worktree by object id. The files there may hold other line endings than the blobs, and an
//! expression that sees those would do something else than what the plan says.

use std::fs;
use std::path::PathBuf;
use std::sync::Arc;

use async_trait::async_trait;

use crate::adapters::git::repository::GitRepository;
use crate::engine::ports::{Assignment, Codemod, Edits, Objects, PortError};
use crate::model::rewrite::{Rewrites, Rewritten};
use crate::model::tree::{FileChange, TreeFile, Version};

/// Where new contents are until git has them, below the workspace's temporary folder.
const FOLDER: &str = "rewritten";

/// Applies expressions to files.
pub struct RewriteCodemod {
    rewrites: Rewrites,
    objects: Arc<dyn Objects>,
    repository: Arc<GitRepository>,
}

impl RewriteCodemod {
    /// A codemod for these expressions, in this repository.
    #[must_use]
    pub fn new(
        rewrites: Rewrites,
        objects: Arc<dyn Objects>,
        repository: Arc<GitRepository>,
    ) -> Self {
        Self {
            rewrites,
            objects,
            repository,
        }
    }
}

#[async_trait]
impl Codemod for RewriteCodemod {
    async fn apply(&self, assignment: Assignment<'_>) -> Result<Edits, PortError> {
        let rewritten = tokio::task::block_in_place(|| self.rewritten(&assignment))?;
        let (files, contents): (Vec<TreeFile>, Vec<PathBuf>) = rewritten.into_iter().unzip();
        let ids = self
            .repository
            .write_blobs(&contents, assignment.watch)
            .await?;
        // Tests have this folder for themselves.
        let _ = fs::remove_dir_all(assignment.workspace.tmp.join(FOLDER));
        let changes: Vec<FileChange> = files
            .into_iter()
            .zip(ids)
            .map(|(file, id)| FileChange {
                path: file.path,
                old: Some(Version {
                    mode: file.mode,
                    id: file.id,
                }),
                new: Some(Version {
                    mode: file.mode,
                    id,
                }),
            })
            .collect();
        self.repository
            .stage_exactly(assignment.workspace, &changes, assignment.watch)
            .await?;
        Ok(Edits::Staged)
    }
}

impl RewriteCodemod {
    /// The files that come out changed, each with a temporary file that holds its new contents.
    fn rewritten(
        &self,
        assignment: &Assignment<'_>,
    ) -> Result<Vec<(TreeFile, PathBuf)>, PortError> {
        let folder = assignment.workspace.tmp.join(FOLDER);
        fs::create_dir_all(&folder)
            .map_err(|error| PortError::failed(format!("making {}", folder.display()), error))?;
        let mut reader = self.objects.reader()?;
        let mut contents = Vec::new();
        let mut rewritten = Vec::new();
        for file in assignment.files {
            if assignment.watch.stop.asked.is_cancelled() {
                return Err(PortError::Stopped);
            }
            reader.read(file, &mut contents)?;
            match self.rewrites.apply(&contents) {
                Rewritten::Changed { bytes, .. } => {
                    let path = folder.join(rewritten.len().to_string());
                    fs::write(&path, bytes).map_err(|error| {
                        PortError::failed(format!("rewriting {}", file.path), error)
                    })?;
                    rewritten.push((file.clone(), path));
                }
                Rewritten::NoMatch | Rewritten::Same | Rewritten::NotText => {}
            }
        }
        Ok(rewritten)
    }
}
