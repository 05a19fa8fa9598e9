//! What an attempt begins from: the edits of the one before, as far as they are the unit's.

use std::collections::HashSet;

use super::{End, Try, Worker};
use crate::engine::gate::Violation;
use crate::engine::ports::Workspace;
use crate::model::kept::Kept;
use crate::model::outcome::{Failure, FailureKind, Step};
use crate::model::path::RepoPath;
use crate::model::tree::FileChange;

impl Worker<'_> {
    /// Whether the edits to begin from passed all there was, and failed on their way for a reason that no other edits mend.
    pub(super) fn is_only_to_be_delivered(&self, current: &Try) -> bool {
        matches!(current.kept, Some(Kept::Committed(_))) && !self.wants_other_edits(current)
    }

    /// Whether whoever made the edits to begin from was done with them: what is left is that they pass.
    pub(super) fn is_only_to_be_proven(&self, current: &Try) -> bool {
        let was_done = |failure: &Failure| match failure.step {
            Step::Check | Step::Test | Step::Commit | Step::Push | Step::OpenPr => true,
            Step::Prepare | Step::Implement | Step::Gate => false,
        };
        let failure = current.failure.as_ref();
        self.is_only_to_be_delivered(current)
            || (failure.is_some_and(was_done) && !self.wants_other_edits(current))
    }

    /// Whether the person has something to say to whoever makes the edits, or they do not fit those of other units.
    fn wants_other_edits(&self, current: &Try) -> bool {
        let conflicted = |failure: &Failure| failure.kind == FailureKind::Conflict;
        self.job.evidence.note.is_some() || current.failure.as_ref().is_some_and(conflicted)
    }

    /// Puts the kept edits of the attempt before into the worktree, those of them that the gate lets pass; their paths.
    pub(super) async fn take_over(&self, current: &mut Try) -> Result<Vec<RepoPath>, End> {
        let Some(kept) = current.kept.take() else {
            return Ok(Vec::new());
        };
        let watch = self.begin(Step::Implement).await;
        let found = self.tools.repository.changes_of(kept.revision()).await;
        let Some(changes) = self.step(Step::Implement, found)? else {
            self.warn("the edits of the attempt before are no longer there".to_owned())
                .await;
            return Ok(Vec::new());
        };
        let all = changes.len();
        let own = self.own(&current.workspace, changes)?;
        if own.len() < all {
            self.warn(format!(
                "{} of the edits of the attempt before were left out: they are not the unit's to make",
                all - own.len()
            ))
            .await;
        }
        if own.is_empty() {
            return Ok(Vec::new());
        }
        let tree = self
            .tools
            .repository
            .with_changes(&self.job.base, &own)
            .await;
        let tree = self.step(Step::Implement, tree)?;
        let restored = self
            .tools
            .repository
            .restore(&current.workspace, &tree, &watch)
            .await;
        self.step(Step::Implement, restored)?;
        let files = if own.len() == 1 { "file" } else { "files" };
        self.warn(format!(
            "began from the edits of the attempt before ({} {files})",
            own.len()
        ))
        .await;
        Ok(own.into_iter().map(|change| change.path).collect())
    }

    /// Those of these changes that the gate lets pass.
    fn own(&self, workspace: &Workspace, changes: Vec<FileChange>) -> Result<Vec<FileChange>, End> {
        let violations = self.violations(workspace, &changes)?;
        let refused: HashSet<&RepoPath> = violations.iter().map(Violation::path).collect();
        Ok(changes
            .into_iter()
            .filter(|change| !refused.contains(&change.path))
            .collect())
    }
}
