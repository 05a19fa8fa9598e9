//! [`Report`]: what a run came to, as `report.json` says it, with the closing sentence and the exit code.
//!
//! All three are pure functions of a [`History`]. They count and name; the Markdown reports are `engine::text`'s.

use jiff::Timestamp;
use serde::Serialize;

use crate::model::history::{BaseRefusal, History, UnitHistory};
use crate::model::id::{ObjectId, RunId, UnitId};
use crate::model::outcome::{Outcome, PullLink, Step};
use crate::model::path::RepoPath;
use crate::model::plan::Base;

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

/// How many units ended how; those that have not ended are in `total` alone.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize)]
pub struct Summary {
    /// All units of the run.
    pub total: usize,
    /// Those with a pull request.
    pub opened: usize,
    /// Those delivered, with the pull request still to come.
    pub pushed: usize,
    /// Those that had nothing to do.
    pub unchanged: usize,
    /// Those that failed.
    pub failed: usize,
    /// Those that were stopped or not started.
    pub cancelled: usize,
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
    /// How long the attempt took.
    pub duration_ms: Option<u64>,
}

/// Why a unit failed, without the log's tail.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct FailureReport {
    /// The step that failed.
    pub step: Step,
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

    /// The units that have not ended.
    #[must_use]
    pub fn unfinished(&self) -> usize {
        self.total - (self.opened + self.pushed + self.unchanged + self.failed + self.cancelled)
    }
}

impl UnitReport {
    fn of(unit: &UnitHistory) -> Self {
        let failure = match &unit.outcome {
            Some(Outcome::Failed(failure)) => Some(FailureReport {
                step: failure.step,
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
            duration_ms: unit.duration_ms(),
        }
    }
}

impl BaseRefusal {
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

impl UnitHistory {
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

    /// How long the latest attempt took, in milliseconds; none when it was not begun or has not ended.
    #[must_use]
    pub fn duration_ms(&self) -> Option<u64> {
        let elapsed = self.ended?.duration_since(self.started?);
        // A clock that was set back makes it negative: that is no duration.
        u64::try_from(elapsed.as_millis()).ok()
    }
}

/// The exit code that a run's history calls for: 130 interrupted, 4 for a red base, 0 when every unit opened its pull
/// request or had nothing to change, 1 for the rest.
#[must_use]
pub fn exit_code(history: &History) -> u8 {
    let Summary {
        total,
        opened,
        unchanged,
        ..
    } = Summary::of(history);
    if history.interrupted {
        130
    } else if history.base_refused.is_some() {
        4
    } else {
        u8::from(opened + unchanged != total)
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
    if history.interrupted {
        format!("interrupted: {sentence}")
    } else {
        sentence
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
mod tests {
    use snapbox::IntoData as _;

    use super::{Report, closing_sentence, duration_text, exit_code};
    use crate::model::history::History;
    use crate::model::outcome::Outcome;
    use crate::model::sample;

    fn ended(outcomes: Vec<Option<Outcome>>) -> History {
        sample::history(outcomes)
    }

    fn opened() -> Outcome {
        sample::opened(1)
    }

    fn cancelled() -> Outcome {
        sample::cancelled()
    }

    fn pushed() -> Outcome {
        sample::pushed()
    }

    fn failed() -> Outcome {
        sample::failed("exit code 1", &[])
    }

    #[test]
    fn the_closing_sentence_counts_in_good_grammar() {
        let unchanged = || Outcome::Unchanged;
        let mut most = vec![Some(opened()); 22];
        most.extend([Some(unchanged()), Some(failed())]);
        for (outcomes, sentence) in [
            (
                most,
                "22 of 24 units opened pull requests, 1 unchanged, 1 failed",
            ),
            (vec![Some(opened())], "the one unit opened its pull request"),
            (
                vec![Some(failed())],
                "the one unit opened no pull request, 1 failed",
            ),
            (
                vec![Some(opened()), Some(cancelled())],
                "1 of 2 units opened a pull request, 1 cancelled",
            ),
            (
                vec![Some(unchanged()), Some(unchanged())],
                "none of 2 units opened a pull request, 2 unchanged",
            ),
            (
                vec![Some(opened()), Some(opened()), Some(pushed()), None],
                "2 of 4 units opened pull requests, 1 pushed without a pull request yet, 1 not finished",
            ),
            (vec![], "the run has no units"),
        ] {
            assert_eq!(closing_sentence(&ended(outcomes)), sentence);
        }
    }

    #[test]
    fn a_red_base_and_an_interrupt_say_so() {
        let mut history = ended(vec![None, None]);
        history.base_refused = Some(sample::refusal());
        assert_eq!(
            closing_sentence(&history),
            "the base is red, so no unit was started: the test failed on main at bbbbbbbbbbbb"
        );
        let mut history = ended(vec![Some(opened()), Some(cancelled()), Some(cancelled())]);
        history.interrupted = true;
        assert_eq!(
            closing_sentence(&history),
            "interrupted: 1 of 3 units opened a pull request, 2 cancelled"
        );
    }

    #[test]
    fn the_exit_code_is_zero_only_when_every_unit_is_delivered_or_had_nothing_to_do() {
        for (outcomes, code) in [
            (vec![Some(opened()), Some(Outcome::Unchanged)], 0),
            (vec![], 0),
            (vec![Some(opened()), Some(failed())], 1),
            (vec![Some(opened()), Some(cancelled())], 1),
            (vec![Some(opened()), Some(pushed())], 1),
            (vec![Some(opened()), None], 1),
        ] {
            assert_eq!(exit_code(&ended(outcomes)), code);
        }
    }

    #[test]
    fn durations_read_as_people_say_them() {
        for (milliseconds, shown) in [
            (0, "0.0 s"),
            (9_999, "9.9 s"),
            (59_999, "59 s"),
            (185_000, "3 min 5 s"),
            (7_800_000, "2 h 10 min"),
        ] {
            assert_eq!(duration_text(milliseconds), shown);
        }
    }

    #[test]
    fn a_red_base_is_4_and_an_interrupt_130() {
        let mut history = ended(vec![None]);
        history.base_refused = Some(sample::refusal());
        assert_eq!(exit_code(&history), 4);
        history.interrupted = true;
        assert_eq!(exit_code(&history), 130);
    }

    #[test]
    fn the_json_has_every_field_and_null_for_what_is_absent() {
        let history = sample::history(vec![
            Some(sample::opened(7)),
            Some(sample::failed("exit code 2", &["boom"])),
            None,
        ]);
        snapbox::assert_data_eq!(
            serde_json::to_string_pretty(&Report::of(&history)).unwrap(),
            snapbox::str![[r#"
{
  "version": 1,
  "run": "20260102T030405Z-0a1b",
  "change": "rename frob to frobnicate",
  "base": {
    "ref": "main",
    "commit": "bbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbb"
  },
  "started": "2026-01-02T03:04:05Z",
  "ended": null,
  "exit_code": null,
  "summary": {
    "total": 3,
    "opened": 1,
    "pushed": 0,
    "unchanged": 0,
    "failed": 1,
    "cancelled": 0
  },
  "units": [
    {
      "id": "unit-1",
      "title": "src/part1",
      "outcome": "opened",
      "attempt": 1,
      "base": "bbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbb",
      "branch": "batch/rename-frob-0a1b/unit-1",
      "commit": "cccccccccccccccccccccccccccccccccccccccc",
      "pr": {
        "number": 7,
        "url": "file:///pulls/7.json"
      },
      "files": [
        "src/a.rs",
        "\"src/caf\\351\""
      ],
      "failure": null,
      "duration_ms": 1500
    },
    {
      "id": "unit-2",
      "title": "src/part2",
      "outcome": "failed",
      "attempt": 1,
      "base": "bbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbb",
      "branch": "batch/rename-frob-0a1b/unit-2",
      "commit": null,
      "pr": null,
      "files": [],
      "failure": {
        "step": "test",
        "cause": "exit code 2",
        "log": "/repo/.git/batch/runs/r/logs/u/1-test.log"
      },
      "duration_ms": 1500
    },
    {
      "id": "unit-3",
      "title": "src/part3",
      "outcome": null,
      "attempt": 0,
      "base": null,
      "branch": "batch/rename-frob-0a1b/unit-3",
      "commit": null,
      "pr": null,
      "files": [],
      "failure": null,
      "duration_ms": null
    }
  ]
}
"#]]
            .raw()
        );
    }

    #[test]
    fn a_unit_cancelled_before_its_second_attempt_has_no_duration() {
        use crate::model::event::Event;
        let mut history = ended(vec![Some(failed())]);
        let id = history.units[0].id.clone();
        let mut tell = |event| history.apply(&sample::record(event)).unwrap();
        tell(Event::RerunStarted {
            units: vec![id.clone()],
            note: None,
        });
        tell(Event::UnitEnded {
            unit: id,
            attempt: 0,
            outcome: sample::cancelled(),
        });
        assert_eq!(Report::of(&history).units[0].duration_ms, None);
    }
}
