//! [`History`]: what a journal's records add up to. Progress, report and rerun read it; nothing else is remembered.

use jiff::Timestamp;

use crate::model::event::{Event, Intent, Record};
use crate::model::id::{ObjectId, RunId, UnitId};
use crate::model::leader::Leader;
use crate::model::outcome::{IssueLink, Outcome, Step};
use crate::model::plan::Base;
use crate::model::site::Site;
use crate::model::spend::Spend;
use crate::model::wishes::Wishes;

mod error;
mod unit;

pub use error::HistoryError;
pub use unit::UnitHistory;

/// A run as its journal tells it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct History {
    /// The run.
    pub run: RunId,
    /// The change's description.
    pub change: String,
    /// What the units start from.
    pub base: Base,
    /// The remote that branches are pushed to.
    pub remote: Option<String>,
    /// The forge that holds the pull requests.
    pub forge: String,
    /// The repository there, where the forge is a server.
    pub site: Option<Site>,
    /// The fork that branches are pushed to instead, as `owner/name` on the same server.
    pub fork: Option<String>,
    /// What the user asks of the pull requests.
    pub pulls: Wishes,
    /// The issue in which the units are ticked off.
    pub tracked_by: Option<IssueLink>,
    /// Why the forge is not asked anything at the moment, and until when.
    pub forge_paused: Option<(String, Timestamp)>,
    /// When the run, or its latest rerun, began.
    pub started: Timestamp,
    /// When it ended; none while it goes on or when it was cut off.
    pub ended: Option<Timestamp>,
    /// The exit code with which it ended.
    pub exit_code: Option<u8>,
    /// What was started for it since it last began, and has not all ended where it was cut off.
    pub processes: Vec<Leader>,
    /// Whether the user stopped it.
    pub interrupted: bool,
    /// Whether that was by `batch stop`.
    pub stop_asked: bool,
    /// What is being done to the base, while that goes on.
    pub base_step: Option<(Step, Timestamp)>,
    /// Whether setup and test passed on the base; none while neither has come to an end.
    pub base_green: Option<bool>,
    /// Why the base was refused.
    pub base_refused: Option<BaseRefusal>,
    /// Why agents are not asked anything at the moment, and until when.
    pub paused: Option<(String, Option<Timestamp>)>,
    /// What the agent's research cost.
    pub research: Spend,
    /// What a person should know that belongs to no unit.
    pub warnings: Vec<String>,
    /// The units, in plan order.
    pub units: Vec<UnitHistory>,
    /// The units that go first, while the user was not asked about the others; empty otherwise.
    pub canary: Vec<UnitId>,
    /// Whether the others wait for the user's word at the moment.
    pub awaits_word: bool,
}

/// Why a run stopped before its first worker.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct BaseRefusal {
    /// The step that failed on the base.
    pub step: Step,
    /// What went wrong.
    pub cause: String,
    /// The log's full path.
    pub log: Option<String>,
    /// The last lines of the log.
    pub tail: Vec<String>,
}

impl History {
    /// Begins with a journal's first record.
    ///
    /// # Errors
    /// [`HistoryError`] when the record is not the start of a run that this program can read.
    pub fn begin(record: &Record) -> Result<Self, HistoryError> {
        let Event::RunStarted {
            version,
            run,
            change,
            base,
            remote,
            forge,
            site,
            fork,
            pulls,
            research,
            units,
            canary,
        } = &record.event
        else {
            return Err(HistoryError::NoStart);
        };
        if *version > crate::model::event::JOURNAL_VERSION {
            return Err(HistoryError::Newer(*version));
        }
        Ok(Self {
            run: run.clone(),
            change: change.clone(),
            base: base.clone(),
            remote: remote.clone(),
            forge: forge.clone(),
            site: site.clone(),
            fork: fork.clone(),
            pulls: pulls.clone(),
            tracked_by: None,
            forge_paused: None,
            started: record.at,
            ended: None,
            exit_code: None,
            processes: Vec::new(),
            interrupted: false,
            stop_asked: false,
            base_step: None,
            base_green: None,
            base_refused: None,
            paused: None,
            research: *research,
            warnings: Vec::new(),
            units: units.iter().map(UnitHistory::new).collect(),
            canary: canary.clone(),
            awaits_word: false,
        })
    }

    /// Folds a whole journal.
    ///
    /// # Errors
    /// [`HistoryError`] at the first record that does not fit.
    pub fn fold(records: &[Record]) -> Result<Self, HistoryError> {
        let (first, rest) = records.split_first().ok_or(HistoryError::Empty)?;
        let mut history = Self::begin(first)?;
        for record in rest {
            history.apply(record)?;
        }
        Ok(history)
    }

    /// Takes in the next record.
    ///
    /// # Errors
    /// [`HistoryError`] when the record does not fit.
    pub fn apply(&mut self, record: &Record) -> Result<(), HistoryError> {
        let at = record.at;
        match &record.event {
            Event::RunStarted { .. } => return Err(HistoryError::NoStart),
            Event::RerunStarted { units, pulls, .. } => {
                // What they are tested by may be another now; and who asks for them has agreed to them.
                self.base_green = None;
                self.settle_canary();
                self.begin_again(units, pulls.as_ref(), at)?;
            }
            Event::ResumeStarted { units, pulls } => {
                self.begin_again(units, pulls.as_ref(), at)?;
            }
            Event::UnitRequeued { unit, .. } => self.unit_mut(unit)?.wait_again(),
            Event::CanaryEnded => self.awaits_word = true,
            Event::CanarySettled { .. } => self.settle_canary(),
            Event::Warning { unit, text } => self.warn(unit.as_ref(), text)?,
            Event::BaseStepStarted { step, .. } => self.base_step = Some((*step, at)),
            Event::BaseAccepted { green } => {
                self.base_step = None;
                self.base_green = Some(*green);
                if !green {
                    self.warnings
                        .push("the base is red, and was accepted so (--allow-red-base)".to_owned());
                }
            }
            Event::BaseRefused { .. } => {
                self.base_step = None;
                self.base_refused = BaseRefusal::told(&record.event);
            }
            Event::UnitStarted { unit, .. }
            | Event::UnitResumed { unit, .. }
            | Event::BaseMade { unit, .. }
            | Event::TreeFixed { unit, .. }
            | Event::Committed { unit, .. }
            | Event::Pushed { unit, .. }
            | Event::BranchUpdated { unit, .. }
            | Event::EditsKept { unit, .. }
            | Event::WorktreeKept { unit, .. } => self.unit_mut(unit)?.hear_work(&record.event, at),
            Event::AgentAsked { unit, .. }
            | Event::AgentAnswered { unit, .. }
            | Event::Spent { unit, .. }
            | Event::Activity { unit, .. }
            | Event::Summarised { unit, .. } => self.unit_mut(unit)?.hear_agent(&record.event),
            Event::Paused { reason, until } => self.paused = Some((reason.clone(), *until)),
            Event::Resumed { .. } => self.paused = None,
            Event::ProcessStarted { leader } => self.processes.push(leader.clone()),
            Event::StepStarted {
                unit, step, log, ..
            } => {
                let unit = self.unit_mut(unit)?;
                unit.step = Some((*step, at));
                unit.log.clone_from(log);
            }
            Event::Intended {
                unit,
                intent: Intent::Push { commit, .. },
                ..
            } => {
                self.unit_mut(unit)?.pushes.push(commit.clone());
            }
            Event::Intended {
                intent: Intent::Commit { .. } | Intent::OpenPr { .. },
                ..
            } => {}
            Event::PullOpened { unit, pr, .. } => self.unit_mut(unit)?.pr = Some(pr.clone()),
            Event::TrackedBy { issue } => self.tracked_by = Some(issue.clone()),
            Event::ForgePaused { reason, until } => {
                self.forge_paused = Some((reason.clone(), *until));
            }
            Event::ForgeResumed => self.forge_paused = None,
            Event::SlotFreed { unit, .. } => self.unit_mut(unit)?.slot = None,
            Event::UnitEnded { unit, outcome, .. } => {
                let interrupted = self.interrupted;
                self.unit_mut(unit)?.end(outcome, interrupted, at);
            }
            Event::Interrupted | Event::StopAsked { .. } => self.hear_stop(&record.event),
            Event::RunEnded { exit_code, .. } => {
                self.processes.clear();
                self.ended = Some(at);
                self.exit_code = Some(*exit_code);
            }
        }
        Ok(())
    }

    fn warn(&mut self, unit: Option<&UnitId>, text: &str) -> Result<(), HistoryError> {
        let warnings = match unit {
            Some(unit) => &mut self.unit_mut(unit)?.warnings,
            None => &mut self.warnings,
        };
        warnings.push(text.to_owned());
        Ok(())
    }

    fn settle_canary(&mut self) {
        self.canary.clear();
        self.awaits_word = false;
    }

    /// The units that the user has not agreed to yet: all but the canary, while there is one.
    pub fn held_back(&self) -> impl Iterator<Item = &UnitHistory> {
        let held = |unit: &&UnitHistory| !self.canary.is_empty() && !self.canary.contains(&unit.id);
        self.units.iter().filter(held)
    }

    fn hear_stop(&mut self, event: &Event) {
        // Units that are named say by their end what came of it.
        let asked = matches!(event, Event::StopAsked { units } if units.is_empty());
        self.stop_asked |= asked;
        self.interrupted |= asked || matches!(event, Event::Interrupted);
    }

    fn begin_again(
        &mut self,
        units: &[UnitId],
        pulls: Option<&Wishes>,
        at: Timestamp,
    ) -> Result<(), HistoryError> {
        if let Some(pulls) = pulls {
            self.pulls.clone_from(pulls);
        }
        self.started = at;
        self.processes.clear();
        self.ended = None;
        self.exit_code = None;
        self.interrupted = false;
        self.stop_asked = false;
        self.base_refused = None;
        self.base_step = None;
        self.paused = None;
        self.forge_paused = None;
        for unit in &mut self.units {
            // Whoever worked there is gone.
            unit.slot = None;
        }
        for id in units {
            self.unit_mut(id)?.wait_again();
        }
        Ok(())
    }

    /// What agents cost so far, research and all attempts.
    #[must_use]
    pub fn spend(&self) -> Spend {
        let units = self.units.iter().map(|unit| unit.spend);
        units.fold(self.research, |sum, spend| sum + spend)
    }

    /// Whether pull requests wait for a cap that the user set, or may do so.
    #[must_use]
    pub fn waits_for_caps(&self) -> bool {
        let capped = self.pulls.max_open.is_some() || self.pulls.max_pending_checks.is_some();
        capped && self.units.iter().any(UnitHistory::waits_as_planned)
    }

    /// The unit of that id.
    #[must_use]
    pub fn unit(&self, id: &UnitId) -> Option<&UnitHistory> {
        self.units.iter().find(|unit| unit.id == *id)
    }

    /// The units that `batch rerun` takes up: failed, cancelled, or cut off.
    pub fn unfinished(&self) -> impl Iterator<Item = &UnitHistory> {
        self.units
            .iter()
            .filter(|unit| unit.outcome.as_ref().is_none_or(Outcome::is_unfinished))
    }

    /// The units that `batch resume` goes on with: cut off, stopped with the run, or without the pull request that they
    /// should have.
    pub fn open(&self) -> impl Iterator<Item = &UnitHistory> {
        self.units.iter().filter(|unit| unit.is_open())
    }

    /// Takes in that so many attempts of a unit have edits that are kept, whatever the journal tells of them.
    pub fn count_kept(&mut self, unit: &UnitId, attempts: u32) {
        let run = self.run.clone();
        if let Ok(unit) = self.unit_mut(unit) {
            unit.count_kept(&run, attempts);
        }
    }

    /// The units that are done, with the commits that their branches are at.
    pub fn done(&self) -> impl Iterator<Item = (&UnitId, &ObjectId)> {
        self.units
            .iter()
            .filter(|unit| match &unit.outcome {
                Some(Outcome::Opened { .. } | Outcome::Pushed { .. }) => true,
                Some(Outcome::Unchanged | Outcome::Failed(_) | Outcome::Cancelled { .. })
                | None => false,
            })
            .filter_map(|unit| Some((&unit.id, unit.delivered.as_ref()?)))
    }

    fn unit_mut(&mut self, id: &UnitId) -> Result<&mut UnitHistory, HistoryError> {
        self.units
            .iter_mut()
            .find(|unit| unit.id == *id)
            .ok_or_else(|| HistoryError::UnknownUnit(id.clone()))
    }
}

impl BaseRefusal {
    /// What the event tells of it, if it does.
    fn told(event: &Event) -> Option<Self> {
        let Event::BaseRefused {
            step,
            cause,
            log,
            tail,
        } = event
        else {
            return None;
        };
        Some(Self {
            step: *step,
            cause: cause.clone(),
            log: log.clone(),
            tail: tail.clone(),
        })
    }

    /// The word for what failed on the base.
    #[must_use]
    pub fn what(&self) -> &'static str {
        match self.step {
            Step::Prepare => "the setup",
            Step::Test => "the test",
            Step::Implement
            | Step::Gate
            | Step::Check
            | Step::Commit
            | Step::Push
            | Step::OpenPr => self.step.as_str(),
        }
    }
}

#[cfg(test)]
mod tests;
