//! The end of a unit's way: its tree becomes a commit, and the remote branch comes to be at that commit.
//!
//! A commit that is there already is adopted; a branch that this run did not push is left alone.

use super::{End, Fixed, Worker, listed};
use crate::engine::job::WorkerEnd;
use crate::engine::ports::{Watch, Workspace};
use crate::engine::union::Admission;
use crate::model::event::{Event, Intent};
use crate::model::id::ObjectId;
use crate::model::outcome::{FailureKind, Step};

impl Worker<'_> {
    pub(super) async fn commit(
        &self,
        workspace: &Workspace,
        fixed: &Fixed,
    ) -> Result<ObjectId, End> {
        let watch = self.begin(Step::Commit).await;
        self.restore(workspace, &fixed.tree, Step::Commit).await?;
        let message = self
            .tools
            .texts
            .commit_message(&self.job.plan, self.job.unit())
            .map_err(|error| self.failed(Step::Commit, &error.to_string()))?;
        self.intend(
            Step::Commit,
            Intent::Commit {
                tree: fixed.tree.clone(),
            },
        )
        .await?;
        let commit = self
            .tools
            .repository
            .commit(workspace, &message, self.job.rules.signoff, &watch)
            .await;
        self.in_their_words(Step::Commit, commit)
    }

    /// Delivers a commit whose tree was tested before its attempt was cut off.
    pub(super) async fn deliver_tested(&self, commit: &ObjectId) -> Result<WorkerEnd, End> {
        // Hooks of the push find in the worktree what they would have found.
        let workspace = self.prepare(commit).await?;
        let pushed = self.push_tested(&workspace, commit).await;
        self.tools.workspaces.give_back(workspace).await;
        pushed.map(WorkerEnd::Delivered)
    }

    async fn push_tested(&self, workspace: &Workspace, commit: &ObjectId) -> Result<ObjectId, End> {
        let tree = self.tree_of(commit).await?;
        let reference = self.job.reference("commit");
        self.step(
            Step::Commit,
            self.tools.repository.set_ref(&reference, commit).await,
        )?;
        self.push(workspace, commit.clone(), &tree).await
    }

    pub(super) async fn push(
        &self,
        workspace: &Workspace,
        commit: ObjectId,
        tree: &ObjectId,
    ) -> Result<ObjectId, End> {
        let watch = self.begin(Step::Push).await;
        let admission = self.tools.union.admit(self.job.id(), &commit).await;
        match self.step(Step::Push, admission)? {
            Admission::Admitted => {}
            Admission::Conflict(paths) => {
                return Err(self.failed_as(
                    FailureKind::Conflict,
                    Step::Push,
                    &listed(
                        "conflicts with the units that finished before it",
                        ["in", "files"],
                        &paths,
                    ),
                ));
            }
        }
        let pushed = self.push_admitted(workspace, commit, tree, &watch).await;
        if pushed.is_err() {
            self.tools.union.retract(self.job.id()).await;
        }
        pushed
    }

    async fn push_admitted(
        &self,
        workspace: &Workspace,
        commit: ObjectId,
        tree: &ObjectId,
        watch: &Watch,
    ) -> Result<ObjectId, End> {
        let branch = &self.job.branch;
        let there = self.step(Step::Push, self.tools.remote.head(branch).await)?;
        let expected = match there {
            None => None,
            Some(there) if there == commit => return self.pushed(commit, true).await,
            Some(there) => {
                let same = self.step(Step::Push, self.tools.repository.tree_of(&there).await)?;
                if same.as_ref() == Some(tree) {
                    let reference = self.job.reference("commit");
                    self.step(
                        Step::Push,
                        self.tools.repository.set_ref(&reference, &there).await,
                    )?;
                    return self.pushed(there, true).await;
                }
                if !self.job.evidence.pushes.contains(&there) {
                    let mut cause = format!(
                        "branch {branch} is at {} already, which this run did not push",
                        there.short()
                    );
                    if !self.job.evidence.pushes.is_empty() {
                        cause.push_str("\nto begin on top of it: batch rerun --on-top");
                    }
                    return Err(self.failed(Step::Push, &cause));
                }
                Some(there)
            }
        };
        self.intend(
            Step::Push,
            Intent::Push {
                branch: branch.clone(),
                commit: commit.clone(),
                expected: expected.clone(),
            },
        )
        .await?;
        let pushed = self
            .tools
            .remote
            .push(
                &commit,
                branch,
                expected.as_ref(),
                Some(&workspace.path),
                watch,
            )
            .await;
        self.in_their_words(Step::Push, pushed)?;
        let there = self.step(Step::Push, self.tools.remote.head(branch).await)?;
        if there.as_ref() != Some(&commit) {
            let cause = format!(
                "the push was taken, but branch {branch} is not at {}",
                commit.short()
            );
            return Err(self.failed(Step::Push, &cause));
        }
        self.pushed(commit, false).await
    }

    async fn pushed(&self, commit: ObjectId, adopted: bool) -> Result<ObjectId, End> {
        self.tell(Event::Pushed {
            unit: self.job.id().clone(),
            attempt: self.job.attempt,
            branch: self.job.branch.clone(),
            commit: commit.clone(),
            adopted,
        })
        .await;
        Ok(commit)
    }

    pub(super) async fn tree_of(&self, commit: &ObjectId) -> Result<ObjectId, End> {
        self.step(Step::Commit, self.tools.repository.tree_of(commit).await)?
            .ok_or_else(|| self.failed(Step::Commit, "the commit is not in the repository"))
    }
}
