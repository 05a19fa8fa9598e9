//! The worker: one unit through its steps, from a workspace to a delivered branch.
//!
//! It answers only in events and in how it ended. It opens no pull request: that is the publisher's, so that pacing
//! never holds a workspace. What is committed is the tree that was staged before check and test ran.

use std::collections::HashMap;
use std::ffi::OsString;
use std::sync::Arc;

use tokio::sync::Semaphore;

use crate::engine::job::{Job, WorkerEnd};
use crate::engine::ports::{
    Agent, Assignment, Codemod, CommandEnd, Commands, Edits, Logs, Objects, Remote, Repository,
    ShellCommand, Stop, Watch, Workspace, Workspaces,
};
use crate::engine::retry::{Again, Retries};
use crate::engine::teller::Teller;
use crate::engine::text::Texts;
use crate::engine::union::Union;
use crate::engine::user_command::{environment, why_bad};
use crate::engine::{command_line, gate};
use crate::model::event::Event;
use crate::model::id::{ObjectId, UnitId};
use crate::model::outcome::{Failure, FailureKind, Step};
use crate::model::path::RepoPath;
use crate::model::scope::Ownership;
use crate::model::tree::FileChange;

mod delivery;
mod saving;
mod telling;

/// How many paths or violations a cause names before it only counts.
const NAMED: usize = 20;

/// What a worker reaches the world through; shared by all workers of a run.
pub struct Tools {
    /// What makes the edits of each unit of this go.
    pub makers: HashMap<UnitId, Maker>,
    /// Lends worktrees.
    pub workspaces: Arc<dyn Workspaces>,
    /// Git, in worktrees.
    pub repository: Arc<dyn Repository>,
    /// Git, as objects.
    pub objects: Arc<dyn Objects>,
    /// Setup, check and test.
    pub commands: Arc<dyn Commands>,
    /// Where branches go.
    pub remote: Arc<dyn Remote>,
    /// Where steps log.
    pub logs: Arc<dyn Logs>,
    /// All finished units, merged.
    pub union: Arc<Union>,
    /// Who owns what.
    pub ownership: Arc<Ownership>,
    /// The commit message and the pull request's text.
    pub texts: Texts,
    /// How many checks and tests may run at the same time.
    pub tests: Arc<Semaphore>,
}

/// What makes a unit's edits.
#[derive(Clone)]
pub enum Maker {
    /// A codemod alone.
    Codemod(Arc<dyn Codemod>),
    /// An agent.
    Agent(UnitAgent),
    /// A codemod first, and the agent where checks fail after it.
    CodemodThenAgent(Arc<dyn Codemod>, UnitAgent),
}

/// The agent of a unit.
#[derive(Clone)]
pub struct UnitAgent {
    /// The program.
    pub agent: Arc<dyn Agent>,
    /// Its model; none is the program's default.
    pub model: Option<String>,
}

/// Takes one job through its steps and hands the workspace back.
pub async fn work(job: &Job, tools: &Tools, teller: &Teller, stop: &Stop) -> WorkerEnd {
    let worker = Worker {
        job,
        tools,
        teller,
        stop,
    };
    match worker.deliver().await {
        Ok(end) => end,
        Err(End::Failed(failure)) => WorkerEnd::Failed(failure),
        Err(End::Stopped) => WorkerEnd::Stopped,
    }
}

struct Worker<'a> {
    job: &'a Job,
    tools: &'a Tools,
    teller: &'a Teller,
    stop: &'a Stop,
}

/// Why a unit does not go on.
enum End {
    Failed(Failure),
    Stopped,
}

/// A tree that passed the gate, and what it changes.
#[derive(Clone)]
struct Fixed {
    tree: ObjectId,
    changes: Vec<FileChange>,
}

/// Where a try's edits are, for whoever must save them.
#[derive(Default)]
enum Progress {
    /// In the files of the worktree.
    #[default]
    InFiles,
    /// In this tree, whatever has happened to the files since.
    Staged(ObjectId),
    /// In a commit that a ref holds.
    Committed,
}

impl Worker<'_> {
    async fn deliver(&self) -> Result<WorkerEnd, End> {
        let mut retries = Retries::new(self.job.rules.retries);
        let mut workspace = self.prepare().await?;
        loop {
            let reused = !workspace.fresh;
            let mut progress = Progress::default();
            let failure = match self.try_once(&workspace, &mut progress).await {
                Ok(end) => {
                    self.tools.workspaces.give_back(workspace).await;
                    return Ok(end);
                }
                Err(End::Stopped) => {
                    self.save_edits(&workspace, &progress).await;
                    self.part_with(workspace, &progress).await;
                    return Err(End::Stopped);
                }
                Err(End::Failed(failure)) => failure,
            };
            self.save_edits(&workspace, &progress).await;
            let step = failure.step;
            workspace = match retries.after(step, reused) {
                Again::InNewWorktree => {
                    self.warn(format!(
                        "{step} failed in a reused worktree; trying in a new one"
                    ))
                    .await;
                    self.renewed(workspace).await?
                }
                Again::FromBase => {
                    self.warn(format!(
                        "{step} failed, beginning again at the base: {}",
                        failure.cause
                    ))
                    .await;
                    self.back_at_base(workspace, &progress).await?
                }
                Again::No => {
                    self.part_with(workspace, &progress).await;
                    return Err(End::Failed(failure));
                }
            };
        }
    }

    /// Hands the workspace back, unless saving the edits may have altered what git keeps in it.
    async fn part_with(&self, workspace: Workspace, progress: &Progress) {
        match progress {
            Progress::InFiles => self.discard(workspace).await,
            Progress::Staged(_) | Progress::Committed => {
                self.tools.workspaces.give_back(workspace).await;
            }
        }
    }

    async fn renewed(&self, workspace: Workspace) -> Result<Workspace, End> {
        self.discard(workspace).await;
        self.prepare().await
    }

    async fn back_at_base(
        &self,
        workspace: Workspace,
        progress: &Progress,
    ) -> Result<Workspace, End> {
        let watch = self.watch(Step::Prepare);
        match progress {
            Progress::InFiles => self.renewed(workspace).await,
            Progress::Staged(_) | Progress::Committed => {
                match self.tools.workspaces.reset(&workspace, &watch).await {
                    Ok(()) => Ok(workspace),
                    Err(_) => self.renewed(workspace).await,
                }
            }
        }
    }

    /// A workspace at the base, set up.
    async fn prepare(&self) -> Result<Workspace, End> {
        let watch = self.begin(Step::Prepare).await;
        let workspace = self
            .tools
            .workspaces
            .lend(self.job.slot, &self.job.base, &watch)
            .await
            .map_err(|error| self.fail(Step::Prepare, &error))?;
        let Some(setup) = self.job.plan.setup.clone().filter(|_| workspace.fresh) else {
            return Ok(workspace);
        };
        match self
            .command(&setup, &[], &workspace, Step::Prepare, &watch, "setup")
            .await
        {
            // What the setup changed in tracked files is nobody's change, and must not enter a unit's.
            Ok(()) => self
                .restore(&workspace, &self.job.base, Step::Prepare)
                .await
                .map(|()| workspace),
            Err(end) => {
                // Left in the pool it would pass for one that is set up.
                self.discard(workspace).await;
                Err(end)
            }
        }
    }

    /// Everything from the edits to the delivered branch, once.
    async fn try_once(
        &self,
        workspace: &Workspace,
        progress: &mut Progress,
    ) -> Result<WorkerEnd, End> {
        self.implement(workspace).await?;
        let Some(mut fixed) = self.fix(workspace, progress).await? else {
            return Ok(WorkerEnd::Unchanged);
        };
        self.verify(workspace, &fixed).await?;
        let mut commit = self.commit(workspace, &fixed).await?;
        let committed = self.tree_of(&commit).await?;
        if committed != fixed.tree {
            self.warn(
                "a hook changed what was committed; gate, check and test run again".to_owned(),
            )
            .await;
            let changes = self.changes(&committed, Step::Commit).await?;
            *progress = Progress::Staged(committed.clone());
            fixed = self.pass_gate(workspace, committed, changes).await?;
            self.verify(workspace, &fixed).await?;
            commit = self.commit(workspace, &fixed).await?;
            if self.tree_of(&commit).await? != fixed.tree {
                return Err(self.failed(
                    Step::Commit,
                    "the hooks change the files anew at each commit",
                ));
            }
        }
        let reference = self.job.reference("commit");
        self.step(
            Step::Commit,
            self.tools.repository.set_ref(&reference, &commit).await,
        )?;
        *progress = Progress::Committed;
        self.tell(Event::Committed {
            unit: self.job.id().clone(),
            attempt: self.job.attempt,
            commit: commit.clone(),
            tree: fixed.tree.clone(),
        })
        .await;
        self.push(workspace, commit, &fixed.tree)
            .await
            .map(WorkerEnd::Delivered)
    }

    async fn implement(&self, workspace: &Workspace) -> Result<(), End> {
        let watch = self.begin(Step::Implement).await;
        let paths: Vec<RepoPath> = self
            .job
            .files
            .iter()
            .map(|file| file.path.clone())
            .collect();
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
        let (Maker::Codemod(codemod) | Maker::CodemodThenAgent(codemod, _)) =
            &self.tools.makers[self.job.id()]
        else {
            return Err(self.failed(Step::Implement, "no agent can be asked yet"));
        };
        let edits = self.step(Step::Implement, codemod.apply(assignment).await)?;
        match edits {
            Edits::InFiles => {
                let staged = self
                    .tools
                    .repository
                    .stage_all(workspace, &self.watch(Step::Gate))
                    .await;
                self.step(Step::Gate, staged)?;
            }
            Edits::Staged => {}
        }
        Ok(())
    }

    /// Fixes the tree that is to be tested and committed; `None` when it is the base's.
    async fn fix(
        &self,
        workspace: &Workspace,
        progress: &mut Progress,
    ) -> Result<Option<Fixed>, End> {
        self.begin(Step::Gate).await;
        let tree = self.step(
            Step::Gate,
            self.tools.repository.write_tree(workspace).await,
        )?;
        *progress = Progress::Staged(tree.clone());
        let changes = self.changes(&tree, Step::Gate).await?;
        if changes.is_empty() {
            return Ok(None);
        }
        self.pass_gate(workspace, tree, changes).await.map(Some)
    }

    async fn pass_gate(
        &self,
        workspace: &Workspace,
        tree: ObjectId,
        changes: Vec<FileChange>,
    ) -> Result<Fixed, End> {
        let violations = tokio::task::block_in_place(|| {
            let mut reader = self.tools.objects.reader()?;
            gate::judge(
                self.job.id(),
                &self.tools.ownership,
                &workspace.copied,
                &changes,
                &mut *reader,
            )
        });
        let violations = self.step(Step::Gate, violations)?;
        if !violations.is_empty() {
            return Err(self.failed(
                Step::Gate,
                &listed("nothing was committed, because of", &violations),
            ));
        }
        self.tell(Event::TreeFixed {
            unit: self.job.id().clone(),
            attempt: self.job.attempt,
            tree: tree.clone(),
            files: changes.iter().map(|change| change.path.clone()).collect(),
        })
        .await;
        Ok(Fixed { tree, changes })
    }

    /// The unit's check, then the plan's test, both on the fixed tree.
    async fn verify(&self, workspace: &Workspace, fixed: &Fixed) -> Result<(), End> {
        let files: Vec<RepoPath> = fixed
            .changes
            .iter()
            .filter(|change| change.new.is_some())
            .map(|change| change.path.clone())
            .collect();
        let check = self
            .job
            .unit()
            .check
            .as_deref()
            .map(|check| (Step::Check, check));
        let test = self.job.plan.test.command().map(|test| (Step::Test, test));
        for (step, command) in check.into_iter().chain(test) {
            let watch = self.begin(step).await;
            let permit = tokio::select! {
                permit = self.tools.tests.acquire() => permit.expect("the semaphore is never closed"),
                () = self.stop.asked.cancelled() => return Err(End::Stopped),
            };
            self.restore(workspace, &fixed.tree, step).await?;
            self.command(command, &files, workspace, step, &watch, step.as_str())
                .await?;
            drop(permit);
        }
        Ok(())
    }

    /// Runs a command of the user's to a good end, or fails the step.
    async fn command(
        &self,
        template: &str,
        files: &[RepoPath],
        workspace: &Workspace,
        step: Step,
        watch: &Watch,
        name: &str,
    ) -> Result<(), End> {
        let env = self.environment(workspace, files, step).await?;
        for text in command_line::calls(template, files, Some(self.job.id()), &workspace.path) {
            let command = ShellCommand {
                text,
                cwd: workspace.path.clone(),
                env: env.clone(),
            };
            let end = self.step(step, self.tools.commands.run(&command, watch).await)?;
            if let Some(cause) = why_bad(name, end) {
                return match end {
                    CommandEnd::Stopped => Err(End::Stopped),
                    CommandEnd::Exited(_) | CommandEnd::Signalled(_) => {
                        Err(self.failed(step, &cause))
                    }
                    CommandEnd::TimedOut(_) => {
                        Err(self.failed_as(FailureKind::Timeout, step, &cause))
                    }
                };
            }
        }
        Ok(())
    }

    /// The variables that describe the unit to commands.
    async fn environment(
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

    async fn discard(&self, workspace: Workspace) {
        if let Err(error) = self.tools.workspaces.discard(workspace).await {
            self.warn(format!("a worktree could not be removed: {error}"))
                .await;
        }
    }

    async fn restore(&self, workspace: &Workspace, tree: &ObjectId, step: Step) -> Result<(), End> {
        let restored = self
            .tools
            .repository
            .restore(workspace, tree, &self.watch(step))
            .await;
        self.step(step, restored)
    }

    async fn changes(&self, tree: &ObjectId, step: Step) -> Result<Vec<FileChange>, End> {
        self.step(
            step,
            self.tools.repository.changes(&self.job.base, tree).await,
        )
    }
}

/// A cause of several lines: what happened, then each thing it happened to.
fn listed<T: std::fmt::Display>(what: &str, things: &[T]) -> String {
    let mut cause = format!("{what}:");
    for thing in things.iter().take(NAMED) {
        cause.push_str("\n  ");
        cause.push_str(&thing.to_string());
    }
    if things.len() > NAMED {
        cause.push_str(&format!("\n  and {} more", things.len() - NAMED));
    }
    cause
}
