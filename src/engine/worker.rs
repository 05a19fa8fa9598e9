//! The worker: one unit through its steps, from a workspace to a delivered branch.
//!
//! It answers only in events and in how it ended. It opens no pull request: that is the publisher's, so that pacing
//! never holds a workspace. What is committed is the tree that was staged before check and test ran.

use std::collections::HashMap;
use std::sync::Arc;

use tokio::sync::Semaphore;

use crate::engine::job::{Job, WorkerEnd};
use crate::engine::ports::{
    Agent, Codemod, Commands, Logs, Objects, Remote, Repository, Stop, Workspace, Workspaces,
};
use crate::engine::prompt::Prompts;
use crate::engine::retry::{Again, Retries};
use crate::engine::teller::Teller;
use crate::engine::text::Texts;
use crate::engine::throttle::Throttle;
use crate::engine::union::Union;
use crate::model::event::Event;
use crate::model::id::{ObjectId, UnitId};
use crate::model::kept::Kept;
use crate::model::outcome::{Failure, Step};
use crate::model::scope::Ownership;
use crate::model::spend::Allowance;
use crate::model::tree::FileChange;

mod agent;
mod asking;
mod beginning;
mod delivery;
mod ending;
mod hearing;
mod looking;
mod place;
mod saving;
mod telling;
mod verifying;

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
    /// What agents are told.
    pub prompts: Prompts,
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
pub async fn work(
    job: &Job,
    tools: &Tools,
    throttle: &Throttle,
    teller: &Teller,
    stop: &Stop,
) -> WorkerEnd {
    let worker = Worker {
        job,
        tools,
        throttle,
        teller,
        stop,
    };
    let delivered = match &job.commit {
        Some(commit) => worker.deliver_tested(commit).await,
        None => worker.deliver().await,
    };
    match delivered {
        Ok(end) => end,
        Err(End::Failed(failure)) => WorkerEnd::Failed(failure),
        Err(End::Stopped) => WorkerEnd::Stopped,
    }
}

struct Worker<'a> {
    job: &'a Job,
    tools: &'a Tools,
    throttle: &'a Throttle,
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

/// One try at a unit.
struct Try {
    workspace: Workspace,
    progress: Progress,
    /// Whether what fails may do so because of what another unit left in the worktree.
    doubtful: bool,
    /// Why the try or attempt before this one failed.
    failure: Option<Failure>,
    /// The edits to begin from.
    kept: Option<Kept>,
    /// What the agent may still spend.
    left: Allowance,
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
        if self.agent().is_some() {
            // It doubts its worktree by itself, where the agent's work need not be done again.
            retries = retries.trusting_worktrees();
        }
        let workspace = self.prepare(&self.job.base).await?;
        let evidence = &self.job.evidence;
        let mut current = Try {
            doubtful: !workspace.fresh,
            workspace,
            progress: Progress::default(),
            failure: evidence.failure.clone(),
            kept: evidence.kept.clone().filter(|_| !self.job.rules.fresh),
            left: self.job.allowance,
        };
        loop {
            let reused = !current.workspace.fresh;
            let failure = match self.try_once(&mut current).await {
                Ok(end) => {
                    self.tools.workspaces.give_back(current.workspace).await;
                    return Ok(end);
                }
                Err(End::Stopped) => {
                    self.save_edits(&current.workspace, &current.progress).await;
                    self.part_with(current).await;
                    return Err(End::Stopped);
                }
                Err(End::Failed(failure)) => failure,
            };
            self.save_edits(&current.workspace, &current.progress).await;
            let (step, left) = (failure.step, current.left);
            let workspace = match retries.after(step, failure.kind, reused) {
                Again::InNewWorktree => {
                    self.warn(format!(
                        "{step} failed in a reused worktree; trying in a new one"
                    ))
                    .await;
                    self.renewed(current.workspace).await?
                }
                Again::FromBase => {
                    self.warn(format!(
                        "{step} failed, beginning again at the base: {}",
                        failure.cause
                    ))
                    .await;
                    self.back_at_base(current).await?
                }
                Again::No => {
                    if self.job.rules.keep_worktrees {
                        self.set_aside(current.workspace).await;
                    } else {
                        self.part_with(current).await;
                    }
                    return Err(End::Failed(failure));
                }
            };
            current = Try {
                doubtful: !workspace.fresh,
                workspace,
                progress: Progress::default(),
                failure: Some(failure),
                kept: None,
                left,
            };
        }
    }

    /// Everything from the edits to the delivered branch, once.
    async fn try_once(&self, current: &mut Try) -> Result<WorkerEnd, End> {
        let Some(mut fixed) = self.make(current).await? else {
            return Ok(WorkerEnd::Unchanged);
        };
        let mut commit = self.commit(&current.workspace, &fixed).await?;
        let committed = self.tree_of(&commit).await?;
        if committed != fixed.tree {
            self.warn(
                "a hook changed what was committed; gate, check and test run again".to_owned(),
            )
            .await;
            let changes = self.changes(&committed, Step::Commit).await?;
            current.progress = Progress::Staged(committed.clone());
            fixed = self
                .pass_gate(&current.workspace, committed, changes)
                .await?;
            self.verify(&current.workspace, &fixed).await?;
            commit = self.commit(&current.workspace, &fixed).await?;
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
        current.progress = Progress::Committed;
        self.tell(Event::Committed {
            unit: self.job.id().clone(),
            attempt: self.job.attempt,
            commit: commit.clone(),
            tree: fixed.tree.clone(),
        })
        .await;
        self.push(&current.workspace, commit, &fixed.tree)
            .await
            .map(WorkerEnd::Delivered)
    }

    /// The unit's edits, as a tree that passed gate, check and test; `None` when it is the base's.
    async fn make(&self, current: &mut Try) -> Result<Option<Fixed>, End> {
        match self.maker() {
            Maker::Codemod(codemod) => {
                self.rewrite(&**codemod, &current.workspace).await?;
                let Some(fixed) = self.fix(current).await? else {
                    return Ok(None);
                };
                self.verify(&current.workspace, &fixed).await?;
                Ok(Some(fixed))
            }
            Maker::Agent(agent) => self.by_agent(agent, current).await,
            Maker::CodemodThenAgent(codemod, agent) => {
                self.by_both(&**codemod, agent, current).await
            }
        }
    }

    fn maker(&self) -> &Maker {
        &self.tools.makers[self.job.id()]
    }

    fn agent(&self) -> Option<&UnitAgent> {
        match self.maker() {
            Maker::Codemod(_) => None,
            Maker::Agent(agent) | Maker::CodemodThenAgent(_, agent) => Some(agent),
        }
    }
}

/// What happened, and to what: in a line where it is one thing, else with a line for each.
fn listed<T: std::fmt::Display>(what: &str, [by, kind]: [&str; 2], things: &[T]) -> String {
    if let [thing] = things {
        return format!("{what}: {thing}");
    }
    let mut cause = format!("{what}, {by} {} {kind}", things.len());
    for thing in things.iter().take(NAMED) {
        cause.push_str("\n  ");
        cause.push_str(&thing.to_string());
    }
    if things.len() > NAMED {
        cause.push_str(&format!("\n  and {} more", things.len() - NAMED));
    }
    cause
}
