//! For tests: the records of a run, played to a reporter with the history that goes with them.

use jiff::Timestamp;

use crate::engine::ports::Reporter;
use crate::model::event::{Event, Record};
use crate::model::history::History;
use crate::model::id::Slot;
use crate::model::outcome::{Failure, Outcome, PullLink, Step};
use crate::model::sample;
use crate::model::spend::{Spend, Usd};

/// What happens, in order.
pub(super) struct Script {
    beats: Vec<Beat>,
}

enum Beat {
    Event(Box<Record>),
    Tick(Timestamp),
}

impl Script {
    fn new(units: usize) -> Self {
        Self {
            beats: vec![Beat::Event(Box::new(sample::start(units)))],
        }
    }

    /// The base is being tested.
    pub(super) fn base() -> Self {
        Self::new(9)
            .then(1, base_step(Step::Prepare))
            .then(9, base_step(Step::Test))
            .tick(21)
    }

    /// The base's test fails.
    pub(super) fn red_base() -> Self {
        let refusal = sample::refusal();
        Self::base().then(
            30,
            Event::BaseRefused {
                step: refusal.step,
                cause: refusal.cause,
                log: refusal.log,
                tail: refusal.tail,
            },
        )
    }

    /// Of nine units five have ended in five ways, two are worked on, one waits for its pull request.
    pub(super) fn midway() -> Self {
        let hostile =
            "exit code 1\u{1b}[2J\rwhile testing 日本語 and what else there is to test here\nmore";
        let mut script = Self::base().then(30, Event::BaseAccepted { green: true });
        for unit in 1..=8 {
            script = script
                .then(31, started(unit, 1 + u32::from(unit == 3)))
                .then(31, step(unit, Step::Prepare));
        }
        for unit in 1..=8 {
            script = script.then(32, step(unit, Step::Implement));
        }
        script
            .then(33, step(1, Step::Test))
            .then(40, pushed(1))
            .then(40, freed(1))
            .then(44, ended(1, opened(12, "file:///pulls/12.json")))
            .then(
                45,
                ended(2, opened(13, "https://forge.example/o/r/pull/13")),
            )
            .then(
                46,
                warning(3, "the log was \u{1b}[1mcapped\u{1b}[0m at 10 MiB"),
            )
            .then(47, ended(3, failed(hostile)))
            .then(48, ended(4, Outcome::Unchanged))
            .then(49, ended(5, sample::cancelled()))
            .then(50, step(6, Step::Push))
            .then(51, freed(6))
            .then(52, step(7, Step::Test))
            .tick(4000)
    }

    /// Of six units by agents two have ended, two are worked on, and the provider's limit was met.
    pub(super) fn agents() -> Self {
        let mut start = sample::start(6);
        if let Event::RunStarted {
            units, research, ..
        } = &mut start.event
        {
            for unit in units.iter_mut() {
                unit.asks = true;
            }
            *research = spend(0.6, true);
        }
        let mut script = Self {
            beats: vec![Beat::Event(Box::new(start))],
        };
        for unit in 1..=4 {
            script = script
                .then(1, started(unit, 1))
                .then(2, step(unit, Step::Implement))
                .then(
                    3,
                    spent(unit, 0.25 * f64::from(u8::try_from(unit).unwrap())),
                );
        }
        let limit = "the provider's rate limit is reached";
        script
            .then(20, freed(1))
            .then(21, ended(1, opened(12, "file:///pulls/12.json")))
            .then(22, activity(3, "edits src/\u{1b}[31mpart3/mod.rs"))
            .then(30, freed(2))
            .then(31, ended(2, Outcome::Unchanged))
            .then(40, paused(limit, 340))
            .tick(100)
    }

    pub(super) fn resumed(self) -> Self {
        self.then(340, Event::Resumed { jobs: 1 }).tick(341)
    }

    /// The forge wants to be left alone for a while.
    pub(super) fn forge_pause() -> Self {
        let paused = Event::ForgePaused {
            reason: "GitHub says that requests came too quickly\u{1b}[2J".to_owned(),
            until: sample::at(160),
        };
        Self::new(1)
            .then(100, paused)
            .then(160, Event::ForgeResumed)
    }

    pub(super) fn interrupted(self) -> Self {
        self.then(4001, Event::Interrupted)
    }

    pub(super) fn ended(self) -> Self {
        let report = "/repo/.git/batch/runs/r/report.md".to_owned();
        self.then(4002, ended(7, sample::cancelled())).then(
            4003,
            Event::RunEnded {
                exit_code: 130,
                report,
                summary: None,
            },
        )
    }

    pub(super) fn minutes_pass(mut self, minutes: i64) -> Self {
        for second in (0..minutes * 60).step_by(5) {
            self = self.tick(4000 + second);
        }
        self
    }

    /// The records, without the ticks.
    pub(super) fn records(&self) -> Vec<Record> {
        self.beats
            .iter()
            .filter_map(|beat| match beat {
                Beat::Event(record) => Some(Record::clone(record)),
                Beat::Tick(_) => None,
            })
            .collect()
    }

    pub(super) fn play(&self, reporter: &mut dyn Reporter) {
        let mut history: Option<History> = None;
        for beat in &self.beats {
            match (beat, &mut history) {
                (Beat::Event(record), None) => history = Some(History::begin(record).unwrap()),
                (Beat::Event(record), Some(history)) => history.apply(record).unwrap(),
                (Beat::Tick(_), _) => {}
            }
            let history = history.as_ref().unwrap();
            match beat {
                Beat::Event(record) => reporter.event(record, history),
                Beat::Tick(now) => reporter.tick(*now, history),
            }
        }
    }

    fn then(mut self, second: i64, event: Event) -> Self {
        let at = sample::at(second);
        self.beats.push(Beat::Event(Box::new(Record { at, event })));
        self
    }

    fn tick(mut self, second: i64) -> Self {
        self.beats.push(Beat::Tick(sample::at(second)));
        self
    }
}

fn unit(number: usize) -> crate::model::id::UnitId {
    sample::id(&format!("unit-{number}"))
}

fn base_step(step: Step) -> Event {
    Event::BaseStepStarted {
        step,
        log: "/logs/base".to_owned(),
    }
}

fn started(number: usize, attempt: u32) -> Event {
    Event::UnitStarted {
        unit: unit(number),
        attempt,
        slot: Slot(number),
        base: sample::commit("b"),
    }
}

fn step(number: usize, step: Step) -> Event {
    Event::StepStarted {
        unit: unit(number),
        attempt: 1,
        step,
        log: None,
    }
}

fn warning(number: usize, text: &str) -> Event {
    Event::Warning {
        unit: Some(unit(number)),
        text: text.to_owned(),
    }
}

fn spend(dollars: f64, estimated: bool) -> Spend {
    Spend {
        cost: Usd::from_dollars(dollars),
        estimated,
        ..Spend::default()
    }
}

fn spent(number: usize, dollars: f64) -> Event {
    Event::Spent {
        unit: unit(number),
        attempt: 1,
        spend: spend(dollars, false),
    }
}

fn activity(number: usize, text: &str) -> Event {
    Event::Activity {
        unit: unit(number),
        attempt: 1,
        text: text.to_owned(),
    }
}

fn paused(reason: &str, until: i64) -> Event {
    Event::Paused {
        reason: reason.to_owned(),
        until: Some(sample::at(until)),
    }
}

fn pushed(number: usize) -> Event {
    Event::Pushed {
        unit: unit(number),
        attempt: 1,
        branch: format!("batch/rename-frob-0a1b/unit-{number}"),
        commit: sample::commit("c"),
        adopted: false,
    }
}

fn freed(number: usize) -> Event {
    Event::SlotFreed {
        unit: unit(number),
        slot: Slot(number),
    }
}

fn ended(number: usize, outcome: Outcome) -> Event {
    Event::UnitEnded {
        unit: unit(number),
        attempt: 1,
        outcome,
    }
}

fn opened(number: u64, url: &str) -> Outcome {
    Outcome::Opened {
        pr: PullLink {
            number,
            url: Some(url.to_owned()),
        },
    }
}

fn failed(cause: &str) -> Outcome {
    Outcome::Failed(Failure::of(Step::Test, cause))
}
