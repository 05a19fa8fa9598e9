//! Keeps the edits of an attempt that failed or was stopped.

use std::time::Duration;

use super::{Progress, Worker};
use crate::engine::edits::{self, Attempt};
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
            Ok(Some(kept)) => self.tell(kept).await,
            Err(error) => {
                self.warn(format!("the edits could not be kept: {error}"))
                    .await;
            }
        }
    }

    async fn saved(
        &self,
        workspace: &Workspace,
        progress: &Progress,
    ) -> Result<Option<Event>, PortError> {
        let tree = match progress {
            Progress::InFiles => self.salvaged(workspace).await?,
            Progress::Staged(tree) => tree.clone(),
            Progress::Committed => return Ok(None),
        };
        let attempt = Attempt {
            run: &self.job.run,
            unit: self.job.id(),
            number: self.job.attempt,
            base: &self.job.base,
        };
        edits::keep(&*self.tools.repository, attempt, &tree).await
    }

    async fn salvaged(&self, workspace: &Workspace) -> Result<ObjectId, PortError> {
        // Not the run's own stop: it is raised already when edits are saved because of it.
        let watch = Watch {
            timeout: SAVING,
            stop: Stop::default(),
            ..self.watch(Step::Gate)
        };
        self.tools.repository.salvage(workspace, &watch).await
    }
}
