//! What a unit's edits are, before they are believed: staged, written as a tree, held to the gate, tested.

use std::collections::HashSet;

use super::verifying::{Finding, Proof};
use super::{End, Fixed, Progress, Try, Worker, listed};
use crate::engine::gate::{self, Violation};
use crate::engine::ports::{Assignment, Codemod, Edits, Workspace};
use crate::engine::prompt::Trouble;
use crate::model::event::Event;
use crate::model::id::ObjectId;
use crate::model::outcome::{Failure, FailureKind, Step};
use crate::model::path::RepoPath;
use crate::model::tree::FileChange;

/// What a unit's edits are.
pub(super) enum Look {
    /// None: the tree is the base's.
    Nothing,
    /// They may not be committed as they are.
    Wrong(Wrong),
    /// They pass.
    Good(Fixed),
}

/// Why edits may not be committed as they are.
pub(super) enum Wrong {
    /// The gate refuses them.
    Refused(Refused),
    /// A check or test fails.
    Failing(Finding, Fixed),
}

/// Edits that the gate refuses.
pub(super) struct Refused {
    tree: ObjectId,
    changes: Vec<FileChange>,
    pub(super) violations: Vec<Violation>,
}

impl Worker<'_> {
    /// Has the codemod make its edits, and stages them.
    pub(super) async fn rewrite(
        &self,
        codemod: &dyn Codemod,
        workspace: &Workspace,
    ) -> Result<(), End> {
        let watch = self.begin(Step::Implement).await;
        let paths = self.paths();
        let env = self.environment(workspace, &paths, Step::Implement).await?;
        let assignment = Assignment {
            run: &self.job.run,
            plan: &self.job.plan,
            unit: self.job.unit(),
            files: &self.job.files,
            workspace,
            env: &env,
            watch: &watch,
        };
        match self.step(Step::Implement, codemod.apply(assignment).await)? {
            Edits::InFiles => self.stage(workspace).await,
            Edits::Staged => Ok(()),
        }
    }

    /// The unit's files at the base.
    pub(super) fn paths(&self) -> Vec<RepoPath> {
        let files = self.job.files.iter();
        files.map(|file| file.path.clone()).collect()
    }

    pub(super) async fn stage(&self, workspace: &Workspace) -> Result<(), End> {
        let staged = self
            .tools
            .repository
            .stage_all(workspace, &self.watch(Step::Gate))
            .await;
        self.step(Step::Gate, staged)
    }

    /// Fixes the tree that is to be tested and committed; `None` when it is the base's.
    pub(super) async fn fix(&self, current: &mut Try) -> Result<Option<Fixed>, End> {
        let (tree, changes) = self.written(current).await?;
        if changes.is_empty() {
            return Ok(None);
        }
        self.pass_gate(&current.workspace, tree, changes)
            .await
            .map(Some)
    }

    /// What is staged, as a tree, and how it differs from the base.
    async fn written(&self, current: &mut Try) -> Result<(ObjectId, Vec<FileChange>), End> {
        self.begin(Step::Gate).await;
        let tree = self.step(
            Step::Gate,
            self.tools.repository.write_tree(&current.workspace).await,
        )?;
        current.progress = Progress::Staged(tree.clone());
        let changes = self.changes(&tree, Step::Gate).await?;
        Ok((tree, changes))
    }

    pub(super) async fn pass_gate(
        &self,
        workspace: &Workspace,
        tree: ObjectId,
        changes: Vec<FileChange>,
    ) -> Result<Fixed, End> {
        let violations = self.violations(workspace, &changes)?;
        if violations.is_empty() {
            return Ok(self.fixed(tree, changes).await);
        }
        Err(self.refused(&violations))
    }

    pub(super) fn refused(&self, violations: &[Violation]) -> End {
        End::Failed(self.refusal(violations))
    }

    /// The failure that edits are which the gate refuses.
    pub(super) fn refusal(&self, violations: &[Violation]) -> Failure {
        let cause = listed("nothing was committed", ["for", "reasons"], violations);
        self.failure(FailureKind::Scope, Step::Gate, &cause)
    }

    pub(super) fn violations(
        &self,
        workspace: &Workspace,
        changes: &[FileChange],
    ) -> Result<Vec<Violation>, End> {
        let violations = tokio::task::block_in_place(|| {
            let mut reader = self.tools.objects.reader()?;
            gate::judge(
                self.job.id(),
                &self.tools.ownership,
                &workspace.copied,
                changes,
                &mut *reader,
            )
        });
        self.step(Step::Gate, violations)
    }

    async fn fixed(&self, tree: ObjectId, changes: Vec<FileChange>) -> Fixed {
        self.tell(Event::TreeFixed {
            unit: self.job.id().clone(),
            attempt: self.job.attempt,
            tree: tree.clone(),
            files: changes.iter().map(|change| change.path.clone()).collect(),
        })
        .await;
        Fixed { tree, changes }
    }

    /// What the staged edits are. A check that fails in a doubtful worktree is run once more, on the same tree, in a new
    /// one at the same place: an agent's session goes on only in the folder that it began in.
    pub(super) async fn look(&self, current: &mut Try) -> Result<Look, End> {
        let (tree, changes) = self.written(current).await?;
        if changes.is_empty() {
            return Ok(Look::Nothing);
        }
        let violations = self.violations(&current.workspace, &changes)?;
        if !violations.is_empty() {
            return Ok(Look::Wrong(Wrong::Refused(Refused {
                tree,
                changes,
                violations,
            })));
        }
        let fixed = self.fixed(tree, changes).await;
        Ok(match self.tried(current, &fixed, Proof::All).await? {
            None => Look::Good(fixed),
            Some(finding) => Look::Wrong(Wrong::Failing(finding, fixed)),
        })
    }

    /// What the unit's own check says of the base, where it has one: whether there is something to do.
    pub(super) async fn tried_at_base(&self, current: &mut Try) -> Result<Option<Wrong>, End> {
        let check = self.job.unit().check.as_deref();
        if check.is_none_or(|check| self.job.files.is_empty() && check.contains("{files}")) {
            return Ok(None);
        }
        let base = Fixed {
            tree: self.tree_of(&self.job.base).await?,
            changes: Vec::new(),
        };
        let finding = self.tried(current, &base, Proof::Check).await?;
        Ok(finding.map(|finding| Wrong::Failing(finding, base)))
    }

    /// What does not pass on a tree.
    async fn tried(
        &self,
        current: &mut Try,
        fixed: &Fixed,
        proof: Proof,
    ) -> Result<Option<Finding>, End> {
        let Some(finding) = self.finding(&current.workspace, fixed, proof).await? else {
            return Ok(None);
        };
        if !std::mem::take(&mut current.doubtful) {
            return Ok(Some(finding));
        }
        self.warn(format!(
            "{} failed in a reused worktree; trying the same edits in a new one",
            finding.failure.step
        ))
        .await;
        current.workspace = self.renewed(current.workspace.clone()).await?;
        self.finding(&current.workspace, fixed, proof).await
    }

    /// What the gate refuses of the staged edits, if anything.
    pub(super) async fn staged_wrongly(&self, current: &mut Try) -> Result<Option<Refused>, End> {
        let (tree, changes) = self.written(current).await?;
        let violations = self.violations(&current.workspace, &changes)?;
        Ok((!violations.is_empty()).then_some(Refused {
            tree,
            changes,
            violations,
        }))
    }

    /// The paths that differ from the base in the tree that was fixed or put back last.
    pub(super) async fn edited(&self, current: &mut Try) -> Result<Vec<RepoPath>, End> {
        let (_, changes) = self.written(current).await?;
        Ok(changes.into_iter().map(|change| change.path).collect())
    }

    /// Puts what is not the unit's back to the base, and leaves the rest of the edits in the files; what was wrong.
    pub(super) async fn put_back(
        &self,
        current: &mut Try,
        refused: &Refused,
    ) -> Result<Trouble, End> {
        let mut reverted = Vec::new();
        let mut left = Vec::new();
        for violation in &refused.violations {
            match violation {
                Violation::OutOfScope { path, .. } | Violation::Blocks { path, .. } => {
                    reverted.push(path.clone());
                }
                Violation::Submodule { .. }
                | Violation::EscapingLink { .. }
                | Violation::WindingLink { .. }
                | Violation::Included { .. }
                | Violation::Markers { .. } => left.push(violation),
            }
        }
        let put_back: HashSet<&RepoPath> = reverted.iter().collect();
        let back: Vec<FileChange> = refused
            .changes
            .iter()
            .filter(|change| put_back.contains(&change.path))
            .map(|change| FileChange {
                path: change.path.clone(),
                old: change.new.clone(),
                new: change.old.clone(),
            })
            .collect();
        let own = self.tools.repository.with_changes(&refused.tree, &back);
        let own = self.step(Step::Gate, own.await)?;
        self.restore(&current.workspace, &own, Step::Gate).await?;
        let left: Vec<String> = left
            .into_iter()
            .filter(|violation| !put_back.contains(violation.path()))
            .map(ToString::to_string)
            .collect();
        Ok(Trouble::Refused { reverted, left })
    }
}
