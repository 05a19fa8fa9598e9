//! [`Now`]: a run as it stands at this moment: its history, held against the clock and the logs of what is under way.

use jiff::{SignedDuration, Timestamp};

use crate::adapters::log_signs::LogSigns;
use crate::cli::onlooker::Seen;
use crate::model::condition::{Condition, Tally};
use crate::model::foundation::waits_for;
use crate::model::history::{History, UnitHistory};
use crate::model::id::UnitId;
use crate::model::life::Life;
use crate::model::outcome::Step;

/// A process that has printed nothing for so long is said to be quiet.
const QUIET: SignedDuration = SignedDuration::from_mins(2);

/// A run at a moment.
pub(super) struct Now<'a> {
    pub(super) history: &'a History,
    pub(super) life: Life,
    pub(super) pid: Option<u32>,
    /// The moment.
    pub(super) at: Timestamp,
    /// When the last thing of it was heard.
    pub(super) last: Timestamp,
    /// The units, in plan order.
    pub(super) units: Vec<UnitNow<'a>>,
}

/// A unit at a moment.
pub(super) struct UnitNow<'a> {
    pub(super) unit: &'a UnitHistory,
    pub(super) condition: Condition,
    /// How long its latest attempt takes, or took; none before it is begun.
    pub(super) elapsed_ms: Option<u64>,
    /// For how long its process has printed nothing, where that is long.
    pub(super) quiet_ms: Option<u64>,
    /// What its process printed last, or what its agent does.
    pub(super) last_line: Option<String>,
    /// Whether it has a worker, and waits for its turn to be checked or tested.
    pub(super) queued: bool,
    /// The units that keep it from being started.
    pub(super) waits_for: Vec<&'a UnitId>,
}

impl<'a> Now<'a> {
    pub(super) fn of(seen: &'a Seen, at: Timestamp) -> Self {
        let history = seen.history();
        let last = seen.journal.last();
        let units = history.units.iter().map(|unit| {
            let condition = Condition::of(unit, seen.life);
            let step = unit.step.filter(|_| has_process(condition));
            let signs = step
                .map(|(step, _)| LogSigns::of(&seen.folder, unit.id.as_str(), unit.attempt, step));
            UnitNow::of(unit, condition, signs.as_ref(), history, at, last)
        });
        Self {
            units: units.collect(),
            history,
            life: seen.life,
            pid: seen.pid,
            at,
            last,
        }
    }

    /// How many units stand how.
    pub(super) fn tally(&self) -> Tally {
        Tally::count(self.units.iter().map(|unit| unit.condition))
    }

    /// How long the run, or its latest rerun, takes or took.
    pub(super) fn elapsed_ms(&self) -> u64 {
        let end = match self.life {
            Life::Going => self.at,
            Life::CutOff => self.last,
            Life::Ended => self.history.ended.unwrap_or(self.last),
        };
        between(self.history.started, end)
    }
}

impl<'a> UnitNow<'a> {
    fn of(
        unit: &'a UnitHistory,
        condition: Condition,
        signs: Option<&LogSigns>,
        history: &'a History,
        at: Timestamp,
        last: Timestamp,
    ) -> Self {
        let elapsed_ms = match condition {
            Condition::Waiting => None,
            Condition::Working | Condition::Testing | Condition::Publishing => {
                unit.started.map(|since| between(since, at))
            }
            Condition::Interrupted => unit.started.map(|since| between(since, last)),
            Condition::Opened
            | Condition::Pushed
            | Condition::Unchanged
            | Condition::Failed
            | Condition::Cancelled => unit.duration_ms(),
        };
        let printed = signs.and_then(|signs| signs.printed);
        let heard = unit
            .step
            .map(|(_, since)| printed.map_or(since, |at| at.max(since)));
        let silence = heard.map(|heard| at.duration_since(heard));
        // Nobody is asked anything in a pause, and what has no log has not been started.
        let is_awaited = printed.is_some() && history.paused.is_none();
        Self {
            unit,
            condition,
            elapsed_ms,
            quiet_ms: silence
                .filter(|silence| is_awaited && *silence >= QUIET)
                .and_then(|silence| u64::try_from(silence.as_millis()).ok()),
            last_line: signs.and_then(|signs| {
                let activity = unit.activity.clone();
                activity.or_else(|| signs.last_line.clone())
            }),
            queued: signs.is_some_and(|signs| !signs.begun)
                && matches!(unit.step, Some((Step::Check | Step::Test, _))),
            waits_for: if condition == Condition::Waiting {
                let before = waits_for(unit, history).into_iter();
                before.map(|before| &before.id).collect()
            } else {
                Vec::new()
            },
        }
    }
}

/// Whether a program works on the unit whose output tells how far it is.
fn has_process(condition: Condition) -> bool {
    match condition {
        Condition::Working | Condition::Testing => true,
        Condition::Waiting
        | Condition::Publishing
        | Condition::Interrupted
        | Condition::Opened
        | Condition::Pushed
        | Condition::Unchanged
        | Condition::Failed
        | Condition::Cancelled => false,
    }
}

/// Milliseconds; a clock that was set back makes it none.
fn between(since: Timestamp, until: Timestamp) -> u64 {
    u64::try_from(until.duration_since(since).as_millis()).unwrap_or_default()
}
