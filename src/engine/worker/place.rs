//! The worktree that a unit is made in: borrowed, set up, put back, handed over.

use std::ffi::OsString;

use super::{End, Progress, Try, Worker};
use crate::engine::command_line;
use crate::engine::ports::Workspace;
use crate::engine::user_command::environment;
use crate::model::event::Event;
use crate::model::id::ObjectId;
use crate::model::outcome::Step;
use crate::model::path::RepoPath;
use crate::model::tree::FileChange;

impl Worker<'_> {
    /// A workspace at this commit, set up.
    pub(super) async fn prepare(&self, at: &ObjectId) -> Result<Workspace, End> {
        let watch = self.begin(Step::Prepare).await;
        let workspace = self
            .tools
            .workspaces
            .lend(self.job.slot, at, &watch)
            .await
            .map_err(|error| self.fail(Step::Prepare, &error))?;
        let Some(setup) = self.job.plan.setup.clone().filter(|_| workspace.fresh) else {
            return Ok(workspace);
        };
        let set_up = self
            .command(&setup, &[], &workspace, Step::Prepare, &watch, "setup")
            .await;
        match set_up {
            // What the setup changed in tracked files is nobody's change, and must not enter a unit's.
            Ok(None) => self
                .restore(&workspace, at, Step::Prepare)
                .await
                .map(|()| workspace),
            Ok(Some(failure)) => {
                // Left in the pool it would pass for one that is set up.
                self.discard(workspace).await;
                Err(End::Failed(failure))
            }
            Err(end) => {
                self.discard(workspace).await;
                Err(end)
            }
        }
    }

    /// Hands the workspace back, unless saving the edits may have altered what git keeps in it.
    pub(super) async fn part_with(&self, current: Try) {
        match current.progress {
            Progress::InFiles => self.discard(current.workspace).await,
            Progress::Staged(_) | Progress::Committed => {
                self.tools.workspaces.give_back(current.workspace).await;
            }
        }
    }

    /// Leaves the workspace to a person, and says where it is.
    pub(super) async fn set_aside(&self, workspace: Workspace) {
        let path = workspace.path.display().to_string();
        self.tools.workspaces.set_aside(workspace).await;
        self.tell(Event::WorktreeKept {
            unit: self.job.id().clone(),
            path,
        })
        .await;
    }

    pub(super) async fn renewed(&self, workspace: Workspace) -> Result<Workspace, End> {
        self.discard(workspace).await;
        self.prepare(&self.job.base).await
    }

    pub(super) async fn back_at_base(&self, current: Try) -> Result<Workspace, End> {
        let workspace = current.workspace;
        let watch = self.watch(Step::Prepare);
        match current.progress {
            Progress::InFiles => self.renewed(workspace).await,
            Progress::Staged(_) | Progress::Committed => {
                match self.tools.workspaces.reset(&workspace, &watch).await {
                    Ok(()) => Ok(workspace),
                    Err(_) => self.renewed(workspace).await,
                }
            }
        }
    }

    /// The variables that describe the unit to commands and agents.
    pub(super) async fn environment(
        &self,
        workspace: &Workspace,
        files: &[RepoPath],
        step: Step,
    ) -> Result<Vec<(String, OsString)>, End> {
        let list = command_line::files_from(files);
        let list = self.step(
            step,
            self.tools.workspaces.list_files(workspace, &list).await,
        )?;
        let mut env = environment(&self.job.run, Some(self.job.id()), workspace, list);
        if let Some(note) = &self.job.evidence.note {
            env.push(("BATCH_NOTE".to_owned(), OsString::from(note)));
        }
        Ok(env)
    }

    pub(super) async fn restore(
        &self,
        workspace: &Workspace,
        tree: &ObjectId,
        step: Step,
    ) -> Result<(), End> {
        let restored = self
            .tools
            .repository
            .restore(workspace, tree, &self.watch(step))
            .await;
        self.step(step, restored)
    }

    pub(super) async fn changes(
        &self,
        tree: &ObjectId,
        step: Step,
    ) -> Result<Vec<FileChange>, End> {
        self.step(
            step,
            self.tools.repository.changes(&self.job.base, tree).await,
        )
    }

    async fn discard(&self, workspace: Workspace) {
        if let Err(error) = self.tools.workspaces.discard(workspace).await {
            self.warn(format!("a worktree could not be removed: {error}"))
                .await;
        }
    }
}
