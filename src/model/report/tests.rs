//! What a run came to, for each way in which it can end.

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
    history.stop_asked = true;
    assert_eq!(
        closing_sentence(&history),
        "stopped: 1 of 3 units opened a pull request, 2 cancelled"
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
    "cancelled": 0,
    "spend": null
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
      "agent": null,
      "spend": null,
      "summary": null,
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
        "kind": "tests",
        "cause": "exit code 2",
        "log": "/repo/.git/batch/runs/r/logs/u/1-test.log"
      },
      "agent": null,
      "spend": null,
      "summary": null,
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
      "agent": null,
      "spend": null,
      "summary": null,
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
        pulls: None,
    });
    tell(Event::UnitEnded {
        unit: id,
        attempt: 0,
        outcome: sample::cancelled(),
    });
    assert_eq!(Report::of(&history).units[0].duration_ms, None);
}
