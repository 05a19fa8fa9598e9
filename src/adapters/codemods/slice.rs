//! A slice of a change that exists, as a codemod: the unit's paths come from the change's tree, by mode and object id.

use async_trait::async_trait;

use crate::adapters::git::source::Slicer;
use crate::engine::ports::{Assignment, Codemod, Edits, PortError};
use crate::model::id::ObjectId;
use crate::model::path::RepoPath;
use crate::model::scope::Ownership;

/// Stages what each unit owns of a change.
pub struct SliceCodemod {
    slicer: Slicer,
    tree: ObjectId,
    changed: Vec<RepoPath>,
    ownership: Ownership,
}

impl SliceCodemod {
    /// A codemod for the change from the base to `tree`, which changes these paths.
    #[must_use]
    pub fn new(
        slicer: Slicer,
        tree: ObjectId,
        changed: Vec<RepoPath>,
        ownership: Ownership,
    ) -> Self {
        Self {
            slicer,
            tree,
            changed,
            ownership,
        }
    }
}

#[async_trait]
impl Codemod for SliceCodemod {
    async fn apply(&self, assignment: Assignment<'_>) -> Result<Edits, PortError> {
        let unit = &assignment.unit.id;
        let mine: Vec<RepoPath> = self
            .changed
            .iter()
            .filter(|path| self.ownership.owner_for(unit, path) == Some(unit))
            .cloned()
            .collect();
        self.slicer
            .stage_slice(assignment.workspace, &self.tree, &mine, assignment.watch)
            .await?;
        Ok(Edits::Staged)
    }
}
