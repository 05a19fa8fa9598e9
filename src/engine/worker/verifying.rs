//! Check and test of a unit, and the user's commands in general: run to their end on a tree that is fixed.

use super::{End, Fixed, Worker};
use crate::engine::command_line;
use crate::engine::ports::{CommandEnd, ShellCommand, Watch, Workspace};
use crate::engine::user_command::why_bad;
use crate::model::outcome::{Failure, FailureKind, Step};
use crate::model::path::RepoPath;

/// A check or test that did not pass.
pub(super) struct Finding {
    pub(super) failure: Failure,
    /// The command, as the plan has it.
    pub(super) command: String,
}

/// What is run on a tree.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Proof {
    /// Check and test.
    All,
    /// The unit's own check alone, on all its files: at the base nothing is changed, and everybody's test says nothing of
    /// the unit.
    Check,
}

impl Worker<'_> {
    /// The unit's check, then the plan's test, both on the fixed tree; a bad end fails the unit.
    pub(super) async fn verify(&self, workspace: &Workspace, fixed: &Fixed) -> Result<(), End> {
        match self.finding(workspace, fixed, Proof::All).await? {
            None => Ok(()),
            Some(finding) => Err(End::Failed(finding.failure)),
        }
    }

    /// The first of check and test that does not pass on the fixed tree.
    pub(super) async fn finding(
        &self,
        workspace: &Workspace,
        fixed: &Fixed,
        proof: Proof,
    ) -> Result<Option<Finding>, End> {
        let changes = fixed.changes.iter();
        let files: Vec<RepoPath> = match proof {
            Proof::All => changes
                .filter(|change| change.new.is_some())
                .map(|change| change.path.clone())
                .collect(),
            Proof::Check => self.paths(),
        };
        let wanted = |step: Step| proof == Proof::All || step == Step::Check;
        for (step, command) in self.verifications().filter(|(step, _)| wanted(*step)) {
            let watch = self.begin(step).await;
            let permit = tokio::select! {
                permit = self.tools.tests.acquire() => permit.expect("the semaphore is never closed"),
                () = self.stop.asked.cancelled() => return Err(End::Stopped),
            };
            self.restore(workspace, &fixed.tree, step).await?;
            let failure = self
                .command(command, &files, workspace, step, &watch, step.as_str())
                .await?;
            drop(permit);
            if let Some(failure) = failure {
                let command = command.to_owned();
                return Ok(Some(Finding { failure, command }));
            }
        }
        Ok(None)
    }

    /// Check and test, as far as there are any.
    pub(super) fn verifications(&self) -> impl Iterator<Item = (Step, &str)> {
        let check = self.job.unit().check.as_deref();
        let test = self.job.plan.test.command();
        let check = check.map(|check| (Step::Check, check));
        check.into_iter().chain(test.map(|test| (Step::Test, test)))
    }

    /// Runs a command of the user's to its end; the failure that a bad one is.
    pub(super) async fn command(
        &self,
        template: &str,
        files: &[RepoPath],
        workspace: &Workspace,
        step: Step,
        watch: &Watch,
        name: &str,
    ) -> Result<Option<Failure>, End> {
        let env = self.environment(workspace, files, step).await?;
        for text in command_line::calls(template, files, Some(self.job.id()), &workspace.path) {
            let command = ShellCommand {
                text,
                cwd: workspace.path.clone(),
                env: env.clone(),
            };
            let end = self.step(step, self.tools.commands.run(&command, watch).await)?;
            if let Some(cause) = why_bad(name, end) {
                let kind = match end {
                    CommandEnd::Stopped => return Err(End::Stopped),
                    CommandEnd::Exited(_) | CommandEnd::Signalled(_) => FailureKind::of(step),
                    CommandEnd::TimedOut(_) => FailureKind::Timeout,
                };
                return Ok(Some(self.failure(kind, step, &cause)));
            }
        }
        Ok(None)
    }
}
