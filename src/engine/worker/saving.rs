//! Keeps the edits of an attempt that failed or was stopped in a ref, so that none are lost.

use std::time::Duration;

use super::{Progress, Worker};
use crate::engine::ports::{PortError, Stop, Watch, Workspace};
use crate::model::event::Event;
use crate::model::id::ObjectId;
use crate::model::outcome::Step;

/// How long saving a stopped unit's edits may take.
const SAVING: Duration = Duration::from_secs(60);

impl Worker<'_> {
    pub(super) async fn save_edits(&self, workspace: &Workspace, progress: &Progress) {
        match self.saved(workspace, progress).await {
            Ok(None) => {}
            Ok(Some((reference, commit))) => {
                self.tell(Event::EditsKept {
                    unit: self.job.id().clone(),
                    attempt: self.job.attempt,
                    reference,
                    commit,
                })
                .await;
            }
            Err(error) => {
                self.warn(format!("the edits could not be kept: {error}"))
                    .await;
            }
        }
    }

    /// Keeps what the try had staged, or, when it was cut off while it edited, what is in the files.
    async fn saved(
        &self,
        workspace: &Workspace,
        progress: &Progress,
    ) -> Result<Option<(String, ObjectId)>, PortError> {
        // Not the run's own stop: it is raised already when edits are saved because of it.
        let watch = Watch {
            timeout: SAVING,
            stop: Stop::default(),
            ..self.watch(Step::Gate)
        };
        let tree = match &progress.staged {
            Some(tree) if !progress.implementing => tree.clone(),
            Some(_) | None => {
                self.tools.repository.stage_all(workspace, &watch).await?;
                self.tools.repository.write_tree(workspace).await?
            }
        };
        if self
            .tools
            .repository
            .changes(&self.job.base, &tree)
            .await?
            .is_empty()
        {
            return Ok(None);
        }
        let reference = self.job.reference(&format!("attempt-{}", self.job.attempt));
        let message = format!("{}: edits of attempt {}", self.job.id(), self.job.attempt);
        let commit = self
            .tools
            .repository
            .keep(&tree, &self.job.base, &reference, &message)
            .await?;
        Ok(Some((reference, commit)))
    }
}
