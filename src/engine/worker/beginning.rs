//! What an attempt begins from: the edits of the one before, as far as they are the unit's.

use super::{End, Try, Worker};
use crate::engine::gate;
use crate::model::outcome::{FailureKind, Step};
use crate::model::path::RepoPath;
use crate::model::tree::FileChange;

impl Try {
    /// Whether the attempt before came as far as the push, and failed there for a reason that no other edits mend.
    pub(super) fn was_only_to_be_delivered(&self) -> bool {
        self.failure.as_ref().is_some_and(|failure| {
            matches!(failure.step, Step::Push | Step::OpenPr)
                && failure.kind != FailureKind::Conflict
        })
    }
}

impl Worker<'_> {
    /// Puts the kept edits of the attempt before into the worktree, those of them that the gate lets pass; their paths.
    pub(super) async fn take_over(&self, current: &mut Try) -> Result<Vec<RepoPath>, End> {
        let Some(kept) = current.kept.take() else {
            return Ok(Vec::new());
        };
        let watch = self.begin(Step::Implement).await;
        let found = self.tools.repository.changes_of(&kept).await;
        let Some(changes) = self.step(Step::Implement, found)? else {
            self.warn("the edits of the attempt before are no longer there".to_owned())
                .await;
            return Ok(Vec::new());
        };
        let all = changes.len();
        let own = self.own(changes, &current.workspace.copied)?;
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
    fn own(&self, changes: Vec<FileChange>, copied: &[RepoPath]) -> Result<Vec<FileChange>, End> {
        let violations = tokio::task::block_in_place(|| {
            let mut reader = self.tools.objects.reader()?;
            let ownership = &self.tools.ownership;
            gate::judge(self.job.id(), ownership, copied, &changes, &mut *reader)
        });
        let violations = self.step(Step::Implement, violations)?;
        let is_refused = |path: &RepoPath| violations.iter().any(|refused| refused.path() == path);
        Ok(changes
            .into_iter()
            .filter(|change| !is_refused(&change.path))
            .collect())
    }
}
