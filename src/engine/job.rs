//! [`Job`]: all that a worker is told of its unit, and [`WorkerEnd`]: how its part ended. Plain values, so that a worker
//! can be somewhere else.

use std::sync::Arc;
use std::time::Duration;

use crate::model::id::{ObjectId, RunId, Slot, UnitId};
use crate::model::kept::Kept;
use crate::model::outcome::{Failure, Step};
use crate::model::plan::{Plan, Unit};
use crate::model::spend::Allowance;
use crate::model::tree::TreeFile;

/// One attempt at one unit.
#[derive(Debug, Clone)]
pub struct Job {
    /// The run.
    pub run: RunId,
    /// The whole plan: the gate needs to know what the others own.
    pub plan: Arc<Plan>,
    /// The unit's place in the plan.
    pub index: usize,
    /// 1 for the first.
    pub attempt: u32,
    /// The place in the pool.
    pub slot: Slot,
    /// The commit to start from.
    pub base: ObjectId,
    /// The commit that is only to be delivered: its tree was tested before the attempt was cut off.
    pub commit: Option<ObjectId>,
    /// The branch to deliver.
    pub branch: String,
    /// The files at the base that the unit is to look at.
    pub files: Arc<[TreeFile]>,
    /// What earlier attempts left.
    pub evidence: Evidence,
    /// How it is done.
    pub rules: Rules,
    /// What its agent may spend on it, all requests together.
    pub allowance: Allowance,
}

/// What earlier attempts of a unit left behind.
#[derive(Debug, Clone, Default)]
pub struct Evidence {
    /// The commits that this run may have put the remote branch at.
    pub pushes: Vec<ObjectId>,
    /// Why the last attempt failed.
    pub failure: Option<Failure>,
    /// What the user wants the worker to know.
    pub note: Option<String>,
    /// The edits of the last attempt that had any, on top of what that attempt started from.
    pub kept: Option<Kept>,
}

/// The bounds that hold for every unit of a run.
#[derive(Debug, Clone)]
pub struct Rules {
    /// The limit for each step but check and test.
    pub timeout: Duration,
    /// The limit for a check or test.
    pub test_timeout: Duration,
    /// How often a unit whose edits or tests fail is begun again at its base.
    pub retries: u32,
    /// How often a check or test that fails is given back to the agent.
    pub fixes: u32,
    /// How many turns an agent may take for a unit; none leaves it to the program.
    pub max_turns: Option<u32>,
    /// How long an agent may print nothing.
    pub idle: Duration,
    /// Whether an agent begins at the base, whatever earlier attempts left.
    pub fresh: bool,
    /// Whether commits are signed off.
    pub signoff: bool,
    /// Whether the worktree of a unit that fails is kept for a person to look at.
    pub keep_worktrees: bool,
}

impl Rules {
    /// The limit for a step.
    #[must_use]
    pub fn timeout_of(&self, step: Step) -> Duration {
        match step {
            Step::Check | Step::Test => self.test_timeout,
            Step::Prepare
            | Step::Implement
            | Step::Gate
            | Step::Commit
            | Step::Push
            | Step::OpenPr => self.timeout,
        }
    }
}

/// How a worker's part of a unit ended.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum WorkerEnd {
    /// The branch is delivered at this commit; the pull request is still to come.
    Delivered(ObjectId),
    /// The edits came to nothing.
    Unchanged,
    /// A step failed.
    Failed(Failure),
    /// The user stopped it.
    Stopped,
}

impl Job {
    /// The unit.
    #[must_use]
    pub fn unit(&self) -> &Unit {
        &self.plan.units[self.index]
    }

    /// The unit's id.
    #[must_use]
    pub fn id(&self) -> &UnitId {
        &self.unit().id
    }

    /// The ref of that name for this unit, such as `refs/batch/<run>/<unit>/commit`.
    #[must_use]
    pub fn reference(&self, leaf: &str) -> String {
        format!("refs/batch/{}/{}/{leaf}", self.run, self.id())
    }
}
