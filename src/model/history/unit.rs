//! [`UnitHistory`]: a unit of a run, as far as its journal's records tell of it.

use jiff::Timestamp;

use crate::model::event::{Ask, Event, UnitHeader};
use crate::model::id::{ObjectId, RunId, Slot, UnitId};
use crate::model::kept::Kept;
use crate::model::outcome::{Failure, Outcome, PullLink, Step};
use crate::model::path::RepoPath;
use crate::model::spend::Spend;

/// A unit as the journal tells it, by its latest attempt.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct UnitHistory {
    /// Its id.
    pub id: UnitId,
    /// Its title.
    pub title: String,
    /// Its branch on the remote.
    pub branch: String,
    /// About how many lines it changes or looks at.
    pub lines: Option<u64>,
    /// Whether an agent makes its edits, and not only what a codemod left.
    pub asks: bool,
    /// The units that must be done first.
    pub after: Vec<UnitId>,
    /// The latest attempt; 0 when none was begun.
    pub attempt: u32,
    /// The slot that works on it now.
    pub slot: Option<Slot>,
    /// The commit that the latest attempt started from.
    pub base: Option<ObjectId>,
    /// The step it is in, or ended in, and since when.
    pub step: Option<(Step, Timestamp)>,
    /// The log of that step.
    pub log: Option<String>,
    /// The paths that the latest attempt changed.
    pub files: Vec<RepoPath>,
    /// The commit of the latest attempt.
    pub commit: Option<ObjectId>,
    /// Every commit that an attempt came to, or that the branch was brought to.
    pub commits: Vec<ObjectId>,
    /// The commit that the remote branch was last known to be at, by any attempt.
    pub delivered: Option<ObjectId>,
    /// When that was heard of.
    pub delivered_at: Option<Timestamp>,
    /// The commits that this run may have put the remote branch at: every push it set out to do.
    pub pushes: Vec<ObjectId>,
    /// Why the latest attempt that failed did so, whatever came of the unit since.
    pub last_failure: Option<Failure>,
    /// The pull request, by any attempt.
    pub pr: Option<PullLink>,
    /// The agent that was asked last.
    pub agent: Option<String>,
    /// Its model; none is the program's default.
    pub model: Option<String>,
    /// The turns that this agent was given for the unit, where they were bounded.
    pub turns: Option<u32>,
    /// What agents cost, over all attempts.
    pub spend: Spend,
    /// What the agent is doing.
    pub activity: Option<String>,
    /// What the agent said it had done.
    pub summary: Option<String>,
    /// Where the latest attempt's uncommitted edits are kept.
    pub kept: Option<String>,
    /// The worktree of an attempt that failed, where it was kept for a person to look at.
    pub worktree: Option<String>,
    /// Where the edits of the last attempt that had any are.
    pub edits: Option<Kept>,
    /// What a person should know.
    pub warnings: Vec<String>,
    /// When the latest attempt began.
    pub started: Option<Timestamp>,
    /// When it ended.
    pub ended: Option<Timestamp>,
    /// How it ended.
    pub outcome: Option<Outcome>,
    /// Whether it ended because the user stopped the run.
    pub stopped: bool,
}

impl UnitHistory {
    /// A unit of which nothing is told yet.
    pub(super) fn new(header: &UnitHeader) -> Self {
        Self {
            id: header.id.clone(),
            title: header.title.clone(),
            branch: header.branch.clone(),
            lines: header.lines,
            asks: header.asks,
            after: header.after.clone(),
            attempt: 0,
            slot: None,
            base: None,
            step: None,
            log: None,
            files: Vec::new(),
            commit: None,
            commits: Vec::new(),
            delivered: None,
            delivered_at: None,
            pushes: Vec::new(),
            last_failure: None,
            pr: None,
            spend: Spend::default(),
            activity: None,
            summary: None,
            agent: None,
            model: None,
            turns: None,
            kept: None,
            worktree: None,
            edits: None,
            warnings: Vec::new(),
            started: None,
            ended: None,
            outcome: None,
            stopped: false,
        }
    }

    /// The pull request: the outcome's, or one that an earlier attempt opened.
    #[must_use]
    pub fn pull(&self) -> Option<&PullLink> {
        match &self.outcome {
            Some(Outcome::Opened { pr }) => Some(pr),
            Some(
                Outcome::Pushed { .. }
                | Outcome::Unchanged
                | Outcome::Failed(_)
                | Outcome::Cancelled { .. },
            )
            | None => self.pr.as_ref(),
        }
    }

    /// Whether it is delivered and its pull request waits, for other units or for a cap.
    #[must_use]
    pub fn waits_as_planned(&self) -> bool {
        matches!(
            self.outcome,
            Some(Outcome::Pushed {
                as_planned: true,
                ..
            })
        )
    }

    /// Why it is delivered without a pull request, where that is not as planned.
    #[must_use]
    pub fn unpublished(&self) -> Option<&str> {
        match &self.outcome {
            Some(Outcome::Pushed {
                reason,
                as_planned: false,
            }) => Some(reason),
            Some(
                Outcome::Pushed {
                    as_planned: true, ..
                }
                | Outcome::Opened { .. }
                | Outcome::Unchanged
                | Outcome::Failed(_)
                | Outcome::Cancelled { .. },
            )
            | None => None,
        }
    }

    /// Whether a resume goes on with it. What failed, or was cancelled for another reason than that the user stopped the
    /// run, is for a rerun.
    #[must_use]
    pub fn is_open(&self) -> bool {
        match &self.outcome {
            None => true,
            Some(Outcome::Cancelled { .. }) => self.stopped,
            Some(Outcome::Pushed { as_planned, .. }) => !as_planned,
            Some(Outcome::Opened { .. } | Outcome::Unchanged | Outcome::Failed(_)) => false,
        }
    }

    /// Takes in that so many attempts have edits that are kept; the last of these is begun from where none is known.
    pub(super) fn count_kept(&mut self, run: &RunId, attempts: u32) {
        self.attempt = self.attempt.max(attempts);
        let last = || Kept::Unproven(format!("refs/batch/{run}/{}/attempt-{attempts}", self.id));
        if self.edits.is_none() {
            self.edits = Some(last());
        }
    }

    /// How long the latest attempt took, in milliseconds; none when it was not begun or has not ended.
    #[must_use]
    pub fn duration_ms(&self) -> Option<u64> {
        let elapsed = self.ended?.duration_since(self.started?);
        // A clock that was set back makes it negative: that is no duration.
        u64::try_from(elapsed.as_millis()).ok()
    }

    /// Takes in how far its work has come.
    pub(super) fn hear_work(&mut self, event: &Event, at: Timestamp) {
        if let Event::UnitStarted {
            attempt,
            slot,
            base,
            ..
        } = event
        {
            self.begin_attempt(*attempt, *slot, base, at);
        } else if let Event::UnitResumed {
            attempt,
            slot,
            base,
            commit,
            ..
        } = event
        {
            self.attempt = *attempt;
            self.slot = Some(*slot);
            self.base = Some(base.clone());
            self.set_commit(commit);
            self.started = Some(at);
            self.ended = None;
            self.outcome = None;
        } else if let Event::BaseMade { base, .. } = event {
            self.base = Some(base.clone());
        } else if let Event::TreeFixed { files, .. } = event {
            self.files.clone_from(files);
        } else if let Event::Committed { commit, .. } = event {
            self.set_commit(commit);
        } else if let Event::Pushed { commit, .. } = event {
            // An adopted commit takes the place of the attempt's own: same tree, delivered before.
            self.set_commit(commit);
            self.set_delivered(commit, at);
        } else if let Event::BranchUpdated { commit, .. } = event {
            self.pushes.push(commit.clone());
            self.commits.push(commit.clone());
            self.set_delivered(commit, at);
        } else if let Event::EditsKept {
            attempt, reference, ..
        } = event
        {
            // An attempt of which edits are kept was begun, whatever became of what the journal had to say of it.
            self.attempt = self.attempt.max(*attempt);
            self.kept = Some(reference.clone());
            self.edits = Some(Kept::Unproven(reference.clone()));
        } else if let Event::WorktreeKept { path, .. } = event {
            self.worktree = Some(path.clone());
        }
    }

    /// Takes in what the unit's agent told.
    pub(super) fn hear_agent(&mut self, event: &Event) {
        if let Event::AgentAsked {
            agent,
            model,
            about,
            turns,
            ..
        } = event
        {
            self.agent = Some(agent.clone());
            self.model.clone_from(model);
            self.activity = None;
            match about {
                // What was said of other edits; an attempt that only delivers those has the same summary.
                Ask::Implement | Ask::TakeOver => {
                    self.summary = None;
                    self.turns = *turns;
                }
                Ask::Fix { .. } | Ask::Scope | Ask::GoOn => {}
            }
        } else if let Event::AgentAnswered { .. } = event {
            self.activity = None;
        } else if let Event::Spent { spend, .. } = event {
            self.spend += *spend;
        } else if let Event::Activity { text, .. } = event {
            self.activity = Some(text.clone());
        } else if let Event::Summarised { text, .. } = event {
            self.summary = Some(text.clone());
        }
    }

    fn set_commit(&mut self, commit: &ObjectId) {
        self.commit = Some(commit.clone());
        if !self.commits.contains(commit) {
            self.commits.push(commit.clone());
        }
        self.edits = Some(Kept::Committed(commit.clone()));
    }

    fn set_delivered(&mut self, commit: &ObjectId, at: Timestamp) {
        self.delivered = Some(commit.clone());
        self.delivered_at = Some(at);
    }

    /// Takes in how it ended, and whether the user had stopped the run by then.
    pub(super) fn end(&mut self, outcome: &Outcome, interrupted: bool, at: Timestamp) {
        self.slot = None;
        self.stopped = interrupted
            && match outcome {
                Outcome::Cancelled { .. } => true,
                Outcome::Opened { .. }
                | Outcome::Pushed { .. }
                | Outcome::Unchanged
                | Outcome::Failed(_) => false,
            };
        // What waited with its branch pushed did no work until its pull request could be opened.
        if !matches!(self.outcome, Some(Outcome::Pushed { .. })) {
            self.ended = Some(at);
        }
        if let Outcome::Failed(failure) = outcome {
            self.last_failure = Some(failure.clone());
        }
        self.outcome = Some(outcome.clone());
    }

    /// Takes note that it is to be worked on again.
    pub(super) fn wait_again(&mut self) {
        self.stopped = false;
        self.outcome = None;
        self.started = None;
        self.ended = None;
    }

    /// Forgets what belongs to the attempt before; what is delivered stays.
    fn begin_attempt(&mut self, attempt: u32, slot: Slot, base: &ObjectId, at: Timestamp) {
        self.attempt = attempt;
        self.slot = Some(slot);
        self.base = Some(base.clone());
        self.step = None;
        self.log = None;
        self.files.clear();
        self.commit = None;
        self.activity = None;
        self.kept = None;
        self.worktree = None;
        self.warnings.clear();
        self.started = Some(at);
        self.ended = None;
        self.outcome = None;
    }
}
