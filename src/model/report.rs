//! [`Report`]: what a run came to, as `report.json` says it, with the closing sentence and the exit code.
//!
//! All three are pure functions of a [`History`]. They count and name; the Markdown reports are `engine::text`'s.

use jiff::Timestamp;
use serde::Serialize;

use crate::model::history::{History, UnitHistory};
use crate::model::id::{ObjectId, RunId, UnitId};
use crate::model::outcome::{FailureKind, Outcome, PullLink, Step};
use crate::model::path::RepoPath;
use crate::model::plan::Base;
use crate::model::spend::Spend;

pub use crate::model::summary::Summary;

/// The version of the report's format.
pub const REPORT_VERSION: u32 = 1;

/// What a run came to: all its units, each by its latest attempt.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Report {
    /// [`REPORT_VERSION`] of the program that wrote it.
    pub version: u32,
    /// The run.
    pub run: RunId,
    /// The change's description.
    pub change: String,
    /// What the units started from.
    pub base: Base,
    /// When the run, or its latest rerun, began.
    pub started: Timestamp,
    /// When it ended; none while it goes on or when it was cut off.
    pub ended: Option<Timestamp>,
    /// The exit code with which it ended.
    pub exit_code: Option<u8>,
    /// How many units ended how.
    pub summary: Summary,
    /// The units, in plan order.
    pub units: Vec<UnitReport>,
}

/// A unit by its latest attempt.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct UnitReport {
    /// Its id.
    pub id: UnitId,
    /// Its title.
    pub title: String,
    /// The word for how it ended; none when it has not.
    pub outcome: Option<&'static str>,
    /// The latest attempt; 0 when none was begun.
    pub attempt: u32,
    /// The commit that the attempt started from.
    pub base: Option<ObjectId>,
    /// Its branch on the remote.
    pub branch: String,
    /// The attempt's commit.
    pub commit: Option<ObjectId>,
    /// Its pull request, by any attempt.
    pub pr: Option<PullLink>,
    /// The paths that the attempt changed.
    pub files: Vec<RepoPath>,
    /// Why it failed.
    pub failure: Option<FailureReport>,
    /// The agent that was asked last.
    pub agent: Option<String>,
    /// What agents cost, over all attempts.
    pub spend: Option<Spend>,
    /// What the attempt's agent said it had done.
    pub summary: Option<String>,
    /// How long the attempt took.
    pub duration_ms: Option<u64>,
}

/// Why a unit failed, without the log's tail.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct FailureReport {
    /// The step that failed.
    pub step: Step,
    /// The kind of failure.
    pub kind: FailureKind,
    /// What went wrong.
    pub cause: String,
    /// The full path of the step's log.
    pub log: Option<String>,
}

impl Report {
    /// The report of a run as far as it has come.
    #[must_use]
    pub fn of(history: &History) -> Self {
        Self {
            version: REPORT_VERSION,
            run: history.run.clone(),
            change: history.change.clone(),
            base: history.base.clone(),
            started: history.started,
            ended: history.ended,
            exit_code: history.exit_code,
            summary: Summary::of(history),
            units: history.units.iter().map(UnitReport::of).collect(),
        }
    }
}

impl Summary {
    /// Counts a run's units.
    #[must_use]
    pub fn of(history: &History) -> Self {
        let mut summary = Self {
            total: history.units.len(),
            spend: some(history.spend()),
            ..Self::default()
        };
        for outcome in history.units.iter().filter_map(|u| u.outcome.as_ref()) {
            *match outcome {
                Outcome::Opened { .. } => &mut summary.opened,
                Outcome::Pushed { .. } => &mut summary.pushed,
                Outcome::Unchanged => &mut summary.unchanged,
                Outcome::Failed(_) => &mut summary.failed,
                Outcome::Cancelled { .. } => &mut summary.cancelled,
            } += 1;
        }
        summary
    }
}

impl UnitReport {
    fn of(unit: &UnitHistory) -> Self {
        let failure = match &unit.outcome {
            Some(Outcome::Failed(failure)) => Some(FailureReport {
                step: failure.step,
                kind: failure.kind,
                cause: failure.cause.clone(),
                log: failure.log.clone(),
            }),
            Some(
                Outcome::Opened { .. }
                | Outcome::Pushed { .. }
                | Outcome::Unchanged
                | Outcome::Cancelled { .. },
            )
            | None => None,
        };
        Self {
            id: unit.id.clone(),
            title: unit.title.clone(),
            outcome: unit.outcome.as_ref().map(Outcome::as_str),
            attempt: unit.attempt,
            base: unit.base.clone(),
            branch: unit.branch.clone(),
            commit: unit.commit.clone(),
            pr: unit.pull().cloned(),
            files: unit.files.clone(),
            failure,
            agent: unit.agent.clone(),
            spend: some(unit.spend),
            summary: unit.summary.clone(),
            duration_ms: unit.duration_ms(),
        }
    }
}

fn some(spend: Spend) -> Option<Spend> {
    (!spend.is_nothing()).then_some(spend)
}

/// The exit code that a run's history calls for: 130 interrupted, 4 for a red base, 0 when every unit opened its pull
/// request, waits for it as planned or had nothing to change, 1 for the rest.
#[must_use]
pub fn exit_code(history: &History) -> u8 {
    let as_wanted = |unit: &UnitHistory| match &unit.outcome {
        Some(
            Outcome::Opened { .. }
            | Outcome::Unchanged
            | Outcome::Pushed {
                as_planned: true, ..
            },
        ) => true,
        Some(Outcome::Pushed { .. } | Outcome::Failed(_) | Outcome::Cancelled { .. }) | None => {
            false
        }
    };
    if history.interrupted {
        130
    } else if history.base_refused.is_some() {
        4
    } else {
        u8::from(!history.units.iter().all(as_wanted))
    }
}

/// What the run came to, in a line without a full stop: "22 of 24 units opened pull requests, 1 unchanged, 1 failed".
#[must_use]
pub fn closing_sentence(history: &History) -> String {
    if let Some(refusal) = &history.base_refused {
        return format!(
            "the base is red, so no unit was started: {} failed on {} at {}",
            refusal.what(),
            history.base.branch,
            history.base.commit.short()
        );
    }
    let summary = Summary::of(history);
    let mut sentence = opening(&summary);
    for (count, words) in [
        (summary.pushed, "pushed without a pull request yet"),
        (summary.unchanged, "unchanged"),
        (summary.failed, "failed"),
        (summary.cancelled, "cancelled"),
        (summary.unfinished(), "not finished"),
    ] {
        if count > 0 {
            sentence = format!("{sentence}, {count} {words}");
        }
    }
    match (history.interrupted, history.stop_asked) {
        (true, true) => format!("stopped: {sentence}"),
        (true, false) => format!("interrupted: {sentence}"),
        (false, _) => sentence,
    }
}

/// A duration for people: `0.4 s`, `12 s`, `3 min 5 s`, `2 h 10 min`.
#[must_use]
pub fn duration_text(milliseconds: u64) -> String {
    let seconds = milliseconds / 1000;
    match seconds {
        0..10 => format!("{seconds}.{} s", milliseconds % 1000 / 100),
        10..60 => format!("{seconds} s"),
        60..3600 => format!("{} min {} s", seconds / 60, seconds % 60),
        3600.. => format!("{} h {} min", seconds / 3600, seconds % 3600 / 60),
    }
}

/// A time that goes on, as a clock shows it: `0:07`, `12:34`, `1:02:03`.
#[must_use]
pub fn clock_text(seconds: u64) -> String {
    let (hours, minutes, seconds) = (seconds / 3600, seconds % 3600 / 60, seconds % 60);
    if hours > 0 {
        format!("{hours}:{minutes:02}:{seconds:02}")
    } else {
        format!("{minutes}:{seconds:02}")
    }
}

fn opening(summary: &Summary) -> String {
    match (summary.opened, summary.total) {
        (_, 0) => "the run has no units".to_owned(),
        (1, 1) => "the one unit opened its pull request".to_owned(),
        (0, 1) => "the one unit opened no pull request".to_owned(),
        (0, total) => format!("none of {total} units opened a pull request"),
        (1, total) => format!("1 of {total} units opened a pull request"),
        (opened, total) => format!("{opened} of {total} units opened pull requests"),
    }
}

#[cfg(test)]
mod tests;
