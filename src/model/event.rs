//! [`Record`] and [`Event`]: what happens in a run, as the journal keeps it and reporters hear it; all else is folded.
//!
//! An [`Intent`] is synced before an effect outside, its result follows. Alone it means: unknown, ask the remote.

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use crate::model::agent::AgentSession;
use crate::model::id::{ObjectId, RunId, Slot, UnitId};
use crate::model::leader::Leader;
use crate::model::outcome::{IssueLink, Outcome, PullLink, Step};
use crate::model::path::RepoPath;
use crate::model::plan::Base;
use crate::model::site::Site;
use crate::model::spend::Spend;
use crate::model::summary::Summary;
use crate::model::wishes::Wishes;

/// The version of the journal's format, told in its first record.
pub const JOURNAL_VERSION: u32 = 1;

/// One line of the journal.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Record {
    /// When it happened.
    pub at: Timestamp,
    /// What happened.
    #[serde(flatten)]
    pub event: Event,
}

/// What the journal needs to know of a unit before the plan is read.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct UnitHeader {
    /// Its id.
    pub id: UnitId,
    /// Its title.
    pub title: String,
    /// Its branch on the remote.
    pub branch: String,
    /// About how many lines it changes or looks at.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub lines: Option<u64>,
    /// Whether an agent makes its edits, and not only what a codemod left.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub asks: bool,
    /// The units that must be done first.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub after: Vec<UnitId>,
}

/// Something that happened in a run.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "event", rename_all = "kebab-case")]
#[expect(
    clippy::large_enum_variant,
    reason = "the large one is made once a run"
)]
pub enum Event {
    /// The run exists: the first record of each journal.
    RunStarted {
        /// [`JOURNAL_VERSION`] of the program that wrote it.
        version: u32,
        /// The run.
        run: RunId,
        /// The change's description.
        change: String,
        /// What the units start from.
        base: Base,
        /// The remote that branches are pushed to; none in a repository without one.
        remote: Option<String>,
        /// The forge that holds the pull requests.
        forge: String,
        /// The repository there, where the forge is a server.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        site: Option<Site>,
        /// The fork that branches are pushed to instead, as `owner/name` on the same server.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        fork: Option<String>,
        /// What the user asks of the pull requests.
        #[serde(default)]
        pulls: Wishes,
        /// What the agent's research cost.
        #[serde(default)]
        research: Spend,
        /// The units, in plan order.
        units: Vec<UnitHeader>,
        /// Those that go first; the user is asked again about the others. Empty: all were agreed to.
        #[serde(default, skip_serializing_if = "Vec::is_empty")]
        canary: Vec<UnitId>,
    },
    /// The units that went first have ended, and the others wait for the user's word.
    CanaryEnded,
    /// The user's word on the others came.
    CanarySettled {
        /// Whether they are to be begun.
        go_on: bool,
        /// What the user wanted their workers to know.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        note: Option<String>,
    },
    /// A further go at the run's unfinished units began.
    RerunStarted {
        /// The units taken up.
        units: Vec<UnitId>,
        /// What the user wanted the workers to know.
        note: Option<String>,
        /// What the user asks of the pull requests from now on; none leaves it as it was.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        pulls: Option<Wishes>,
    },
    /// A run that was interrupted or cut off goes on. What of these units is delivered or committed keeps its attempt.
    ResumeStarted {
        /// The units that go on; all others have ended.
        units: Vec<UnitId>,
        /// What the user asks of the pull requests from now on; none leaves it as it was.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        pulls: Option<Wishes>,
    },
    /// A unit that had failed or was cancelled is in the queue again, in the same go.
    UnitRequeued {
        /// The unit.
        unit: UnitId,
        /// What the user wanted the worker to know.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        note: Option<String>,
    },
    /// Setup or test of the base itself began.
    BaseStepStarted {
        /// [`Step::Prepare`] for the setup, [`Step::Test`] for the test.
        step: Step,
        /// The log's full path.
        log: String,
    },
    /// The base is fit to build on, or the user accepted that it is not.
    BaseAccepted {
        /// Whether setup and test passed on it; `false` is a red base allowed by `--allow-red-base`.
        green: bool,
    },
    /// The base is not fit: the run stops.
    BaseRefused {
        /// The step that failed on it.
        step: Step,
        /// What went wrong.
        cause: String,
        /// The log's full path.
        log: Option<String>,
        /// The last lines of the log.
        tail: Vec<String>,
    },
    /// A worker took up a unit.
    UnitStarted {
        /// The unit.
        unit: UnitId,
        /// 1 for the first try.
        attempt: u32,
        /// The worker's slot.
        slot: Slot,
        /// The commit that it starts from.
        base: ObjectId,
    },
    /// A worker took up a unit whose attempt was cut off after its commit, which is only to be delivered.
    UnitResumed {
        /// The unit.
        unit: UnitId,
        /// The attempt, which goes on.
        attempt: u32,
        /// The worker's slot.
        slot: Slot,
        /// The commit that the attempt started from.
        base: ObjectId,
        /// The commit that it came to; its tree is the one that was tested.
        commit: ObjectId,
    },
    /// The commits that a unit builds on were merged into the one that it starts from.
    BaseMade {
        /// The unit.
        unit: UnitId,
        /// The attempt.
        attempt: u32,
        /// The commit.
        base: ObjectId,
        /// The units whose commits it holds.
        of: Vec<UnitId>,
    },
    /// An agent is asked something for a unit.
    AgentAsked {
        /// The unit.
        unit: UnitId,
        /// The attempt.
        attempt: u32,
        /// The agent.
        agent: String,
        /// Its model; none is the program's default.
        model: Option<String>,
        /// What about.
        about: Ask,
        /// The session that goes on; none begins one.
        session: Option<String>,
        /// How many turns it may still take for the unit; none leaves it to the program.
        #[serde(default)]
        turns: Option<u32>,
    },
    /// The agent came to an end.
    AgentAnswered {
        /// The unit.
        unit: UnitId,
        /// The attempt.
        attempt: u32,
        /// How, in a few words without control characters.
        end: String,
        /// The session, to be gone on with.
        session: Option<AgentSession>,
    },
    /// An agent spent so much more on a unit.
    Spent {
        /// The unit.
        unit: UnitId,
        /// The attempt.
        attempt: u32,
        /// How much more.
        spend: Spend,
    },
    /// What a unit's agent is doing, in a line without control characters; told at most once a second.
    Activity {
        /// The unit.
        unit: UnitId,
        /// The attempt.
        attempt: u32,
        /// The line.
        text: String,
    },
    /// What a unit's agent said it had done, cleaned and cut.
    Summarised {
        /// The unit.
        unit: UnitId,
        /// The attempt.
        attempt: u32,
        /// The words.
        text: String,
    },
    /// No agent is asked anything, because of the provider's limit.
    Paused {
        /// Why, as a fragment.
        reason: String,
        /// Until when, as far as is known.
        until: Option<Timestamp>,
    },
    /// Agents are asked again, so many at the same time.
    Resumed {
        /// How many.
        jobs: usize,
    },
    /// A process was started that leads all that some step or command starts.
    ProcessStarted {
        /// It, as it is told apart from any later one of the same id.
        leader: Leader,
    },
    /// A unit entered a step.
    StepStarted {
        /// The unit.
        unit: UnitId,
        /// The attempt.
        attempt: u32,
        /// The step.
        step: Step,
        /// The log's full path.
        log: Option<String>,
    },
    /// Something a person should know that changes no outcome.
    Warning {
        /// The unit it concerns; none for the run.
        unit: Option<UnitId>,
        /// What it is.
        text: String,
    },
    /// An effect outside is about to happen.
    Intended {
        /// The unit.
        unit: UnitId,
        /// The attempt.
        attempt: u32,
        /// The effect.
        intent: Intent,
    },
    /// The staged tree passed the gate.
    TreeFixed {
        /// The unit.
        unit: UnitId,
        /// The attempt.
        attempt: u32,
        /// The tree.
        tree: ObjectId,
        /// The paths that differ from the base.
        files: Vec<RepoPath>,
    },
    /// The commit exists and its tree is the one that was tested.
    Committed {
        /// The unit.
        unit: UnitId,
        /// The attempt.
        attempt: u32,
        /// The commit.
        commit: ObjectId,
        /// Its tree.
        tree: ObjectId,
    },
    /// The remote was asked, and the branch is at the commit.
    Pushed {
        /// The unit.
        unit: UnitId,
        /// The attempt.
        attempt: u32,
        /// The branch.
        branch: String,
        /// The commit.
        commit: ObjectId,
        /// Whether the commit was there before this attempt's push.
        adopted: bool,
    },
    /// The forge has the pull request.
    PullOpened {
        /// The unit.
        unit: UnitId,
        /// The attempt.
        attempt: u32,
        /// The pull request.
        pr: PullLink,
        /// Whether it was there before.
        adopted: bool,
    },
    /// A branch was brought up to its base without a new attempt, and is at this commit now.
    BranchUpdated {
        /// The unit.
        unit: UnitId,
        /// The attempt that it had.
        attempt: u32,
        /// The commit.
        commit: ObjectId,
    },
    /// The forge has the run's tracking issue.
    TrackedBy {
        /// The issue.
        issue: IssueLink,
    },
    /// Nothing is asked of the forge for a while, because it wants that.
    ForgePaused {
        /// Why, as a fragment.
        reason: String,
        /// Until when.
        until: Timestamp,
    },
    /// The forge is asked again.
    ForgeResumed,
    /// A failed or stopped attempt's edits are kept.
    EditsKept {
        /// The unit.
        unit: UnitId,
        /// The attempt.
        attempt: u32,
        /// The ref that holds them.
        reference: String,
        /// The commit it names.
        commit: ObjectId,
    },
    /// The worktree of a failed attempt is kept for a person to look at.
    WorktreeKept {
        /// The unit.
        unit: UnitId,
        /// Its full path.
        path: String,
    },
    /// The worker handed slot and workspace back: what is left needs neither.
    SlotFreed {
        /// The unit.
        unit: UnitId,
        /// The slot.
        slot: Slot,
    },
    /// A unit's attempt ended.
    UnitEnded {
        /// The unit.
        unit: UnitId,
        /// The attempt; 0 when none was begun.
        attempt: u32,
        /// How.
        #[serde(flatten)]
        outcome: Outcome,
    },
    /// The user asked to stop.
    Interrupted,
    /// `batch stop` asked for it, from another process.
    StopAsked {
        /// The units to stop; without any, the whole run.
        units: Vec<UnitId>,
    },
    /// The run ended; a rerun may follow.
    RunEnded {
        /// The exit code of the program.
        exit_code: u8,
        /// The full path of `report.md`.
        report: String,
        /// How many units ended how; none in journals that did not tell.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        summary: Option<Summary>,
    },
}

/// What an agent is asked for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "ask", rename_all = "kebab-case")]
pub enum Ask {
    /// To implement its unit.
    Implement,
    /// To do what a codemod left, or mend what fails after it.
    TakeOver,
    /// To mend what a check or test found.
    Fix {
        /// 1 for the first time.
        round: u32,
    },
    /// To do without what it changed outside its scope.
    Scope,
    /// To go on after the provider's limit.
    GoOn,
}

/// An effect outside the run's own folder.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "effect", rename_all = "kebab-case")]
pub enum Intent {
    /// A commit in the unit's worktree.
    Commit {
        /// The tree it is to have.
        tree: ObjectId,
    },
    /// A push.
    Push {
        /// The branch on the remote.
        branch: String,
        /// The commit.
        commit: ObjectId,
        /// What the branch must be at for the push to be taken; none: it must not exist.
        expected: Option<ObjectId>,
    },
    /// A pull request.
    OpenPr {
        /// Its head branch.
        branch: String,
        /// The commit that the branch must be at.
        commit: ObjectId,
    },
}

impl Event {
    /// Whether the record must be on the disk before anything else happens.
    #[must_use]
    pub fn must_sync(&self) -> bool {
        match self {
            Self::RunStarted { .. }
            | Self::RerunStarted { .. }
            | Self::ResumeStarted { .. }
            | Self::UnitRequeued { .. }
            | Self::CanarySettled { .. }
            | Self::Intended { .. }
            | Self::Committed { .. }
            | Self::Pushed { .. }
            | Self::PullOpened { .. }
            | Self::BranchUpdated { .. }
            | Self::TrackedBy { .. }
            | Self::EditsKept { .. }
            | Self::WorktreeKept { .. }
            | Self::UnitEnded { .. }
            | Self::RunEnded { .. } => true,
            Self::CanaryEnded
            | Self::BaseStepStarted { .. }
            | Self::BaseAccepted { .. }
            | Self::BaseRefused { .. }
            | Self::UnitStarted { .. }
            | Self::UnitResumed { .. }
            | Self::BaseMade { .. }
            | Self::AgentAsked { .. }
            | Self::AgentAnswered { .. }
            | Self::Spent { .. }
            | Self::Activity { .. }
            | Self::Summarised { .. }
            | Self::Paused { .. }
            | Self::Resumed { .. }
            | Self::ProcessStarted { .. }
            | Self::StepStarted { .. }
            | Self::Warning { .. }
            | Self::TreeFixed { .. }
            | Self::ForgePaused { .. }
            | Self::ForgeResumed
            | Self::SlotFreed { .. }
            | Self::Interrupted
            | Self::StopAsked { .. } => false,
        }
    }
}
