//! Rounds of later publishing with a scripted forge, and what is on record after them.

use std::sync::{Arc, Mutex};

use jiff::Timestamp;

use super::{Below, BelowPull, LaterError, Round, Wait, publish_later};
use crate::engine::hold::{Hold, Why};
use crate::engine::ports::{Clock, ForgeError, Journal, PortError, Reporter, Stop};
use crate::engine::publish::{Desk, Patience};
use crate::engine::pull_text::Scribe;
use crate::engine::recorder::Recorder;
use crate::engine::scripted_forge::ScriptedForge;
use crate::engine::text::Texts;
use crate::model::event::Record;
use crate::model::history::History;
use crate::model::id::UnitId;
use crate::model::outcome::Outcome;
use crate::model::pull::PullState;
use crate::model::sample;
use crate::model::standing::{CheckState, Verdict};
use crate::model::wishes::Tracking;

/// Keeps the records, of which it takes so many.
struct Paper(Arc<Mutex<Vec<Record>>>, usize);

impl Journal for Paper {
    fn append(&mut self, record: &Record) -> Result<(), PortError> {
        let mut records = self.0.lock().unwrap();
        if records.len() == self.1 {
            return Err(PortError::failed("writing", "full"));
        }
        records.push(record.clone());
        Ok(())
    }
}

struct Quiet;

impl Reporter for Quiet {
    fn event(&mut self, _: &Record, _: &History) {}
    fn tick(&mut self, _: Timestamp, _: &History) {}
}

impl Clock for Quiet {
    fn now(&self) -> Timestamp {
        sample::at(3600)
    }
}

/// A run whose units were pushed an hour ago, and the forge.
struct Lab {
    forge: ScriptedForge,
    recorder: Recorder,
    records: Arc<Mutex<Vec<Record>>>,
}

impl Lab {
    /// With so many units, and a journal that takes so many records.
    fn new(units: usize, room: usize) -> Self {
        let mut history = sample::history(vec![Some(sample::pushed()); units]);
        for unit in &mut history.units {
            unit.delivered = Some(sample::commit("c"));
        }
        let records = Arc::new(Mutex::new(Vec::new()));
        let recorder = Recorder {
            journal: Box::new(Paper(Arc::clone(&records), room)),
            history,
            reporter: Box::new(Quiet),
            clock: Arc::new(Quiet),
        };
        Self {
            forge: ScriptedForge::default(),
            recorder,
            records,
        }
    }

    async fn round(&mut self) -> Result<Round, LaterError> {
        let desk = Desk {
            forge: Arc::new(self.forge.clone()),
            scribe: Scribe {
                plan: Arc::new(sample::plan(self.recorder.history.units.len())),
                texts: Texts::new().unwrap(),
                plan_id: sample::commit("a"),
                template: None,
            },
            stop: Stop::default(),
            clock: Arc::new(Quiet),
            patience: Patience::default(),
        };
        publish_later(&desk, &mut self.recorder).await
    }

    fn refuses(&self, call: &'static str) {
        let error = ForgeError::refused("opening", "no room");
        self.forge.with(|script| script.fails = vec![(call, error)]);
    }

    fn allows(&self) {
        self.forge.with(|script| script.fails.clear());
    }
}

fn opened(round: &Round) -> Vec<(&str, u64)> {
    let opened = round.opened.iter();
    opened
        .map(|(unit, pull)| (unit.as_str(), pull.number))
        .collect()
}

fn waits(round: &Round) -> Vec<(&str, &Wait)> {
    let waits = round.waiting.iter();
    waits.map(|(unit, wait)| (unit.as_str(), wait)).collect()
}

fn unit(number: u32) -> UnitId {
    sample::id(&format!("unit-{number}"))
}

#[tokio::test]
async fn what_is_opened_is_on_record_and_what_is_not_stays_pushed_for_the_new_reason() {
    let mut lab = Lab::new(2, usize::MAX);
    lab.refuses("open batch/rename-frob-0a1b/unit-2");
    let round = lab.round().await.unwrap();
    assert_eq!(opened(&round), [("unit-1", 1)]);
    let hold = Hold::new(Why::Refused, "no room (opening)");
    assert_eq!(waits(&round), [("unit-2", &Wait::Held(hold.clone()))]);
    assert!(round.has_trouble() && !round.wants_another());
    let [first, second] = &lab.recorder.history.units[..] else {
        panic!("not two units");
    };
    assert!(matches!(first.outcome, Some(Outcome::Opened { .. })));
    // The hour that it waited is not its work.
    assert_eq!(first.duration_ms(), Some(1500));
    assert_eq!(second.outcome, Some(hold.outcome()));
    // Again and again, the same is not recorded again.
    let known = lab.records.lock().unwrap().len();
    lab.round().await.unwrap();
    let further = lab.records.lock().unwrap().len() - known;
    assert_eq!(further, 2, "the step and the intent alone");
    lab.allows();
    let round = lab.round().await.unwrap();
    assert_eq!(opened(&round), [("unit-2", 2)]);
    assert!(!round.has_trouble() && !round.wants_another());
}

#[tokio::test]
async fn without_a_journal_nothing_is_opened() {
    let mut lab = Lab::new(2, 1);
    let ended = lab.round().await;
    assert!(matches!(ended, Err(LaterError::Record(_))), "{ended:?}");
    assert!(lab.forge.asked(&["open"]).is_empty());
    assert_eq!(lab.recorder.history.units[0].pull(), None);
}

#[tokio::test]
async fn what_stands_on_others_is_opened_round_by_round_as_they_come_to_the_base() {
    let mut lab = Lab::new(2, usize::MAX);
    lab.recorder.history.units[1].after = vec![unit(1)];
    let round = lab.round().await.unwrap();
    assert_eq!(opened(&round), [("unit-1", 1)]);
    let below = |state| {
        let base = "main".to_owned();
        let pull = Some(BelowPull {
            number: 1,
            state,
            base,
        });
        Wait::Units(vec![Below {
            unit: unit(1),
            pull,
        }])
    };
    assert_eq!(waits(&round), [("unit-2", &below(PullState::Open))]);
    assert!(round.wants_another() && !round.has_trouble());
    lab.forge
        .with(|script| script.pulls[0].state = PullState::Closed);
    let round = lab.round().await.unwrap();
    assert_eq!(waits(&round), [("unit-2", &below(PullState::Closed))]);
    assert!(round.has_trouble() && !round.wants_another());
    lab.forge
        .with(|script| script.pulls[0].state = PullState::Merged);
    let round = lab.round().await.unwrap();
    assert_eq!(opened(&round), [("unit-2", 2)]);
    assert!(!round.wants_another());
}

#[tokio::test]
async fn what_waits_for_one_that_is_refused_waits_in_vain() {
    let mut lab = Lab::new(2, usize::MAX);
    lab.recorder.history.units[1].after = vec![unit(1)];
    lab.refuses("open");
    let round = lab.round().await.unwrap();
    assert_eq!(round.waiting.len(), 2);
    assert!(!round.wants_another(), "{:?}", round.waiting);
}

#[tokio::test]
async fn caps_let_others_follow_as_pull_requests_are_merged_and_stand_is_asked_once_a_round() {
    let mut lab = Lab::new(3, usize::MAX);
    lab.recorder.history.pulls.max_open = Some(1);
    let round = lab.round().await.unwrap();
    assert_eq!(opened(&round), [("unit-1", 1)]);
    assert!(
        matches!(&round.waiting[..], [(_, Wait::Held(a)), (_, Wait::Held(b))] if a == b && a.why == Why::Cap)
    );
    assert!(round.wants_another() && !round.has_trouble());
    let as_planned = |unit: &crate::model::history::UnitHistory| {
        matches!(
            unit.outcome,
            Some(Outcome::Pushed {
                as_planned: true,
                ..
            })
        )
    };
    assert!(lab.recorder.history.units[1..].iter().all(as_planned));
    lab.forge
        .with(|script| script.pulls[0].state = PullState::Merged);
    assert_eq!(opened(&lab.round().await.unwrap()), [("unit-2", 2)]);
    assert_eq!(lab.forge.asked(&["standings"]), ["standings [1]"]);
}

#[tokio::test]
async fn a_draft_is_made_ready_when_its_checks_passed_and_not_before() {
    let mut lab = Lab::new(2, usize::MAX);
    let wishes = &mut lab.recorder.history.pulls;
    (wishes.draft, wishes.ready_when_green) = (true, true);
    let round = lab.round().await.unwrap();
    let none_yet = |number| Wait::Checks(number, Verdict::NoneYet);
    assert_eq!(
        waits(&round),
        [("unit-1", &none_yet(1)), ("unit-2", &none_yet(2))]
    );
    assert!(round.wants_another());
    lab.forge.with(|script| {
        script.checks.insert(1, vec![CheckState::Passed]);
        script
            .checks
            .insert(2, vec![CheckState::Failed, CheckState::Passed]);
    });
    let round = lab.round().await.unwrap();
    assert_eq!(round.made_ready, [(unit(1), 1)]);
    let failed = Wait::Checks(2, Verdict::Failed(1));
    assert_eq!(waits(&round), [("unit-2", &failed)]);
    assert!(!round.wants_another() && !round.has_trouble());
    assert!(lab.round().await.unwrap().made_ready.is_empty());
    assert_eq!(lab.forge.asked(&["ready"]), ["ready 1"]);
}

#[tokio::test]
async fn the_tracking_issue_learns_what_was_merged_though_nothing_is_opened() {
    let mut lab = Lab::new(1, usize::MAX);
    lab.recorder.history.pulls.tracking = Some(Tracking::New);
    lab.round().await.unwrap();
    lab.forge
        .with(|script| script.pulls[0].state = PullState::Merged);
    lab.round().await.unwrap();
    lab.forge.with(|script| {
        let issue = &script.issues[&100];
        assert!(issue.contains("- [x] #1 src/part1\n"), "{issue}");
    });
    assert_eq!(lab.forge.asked(&["issue"]).len(), 1);
}

#[tokio::test]
async fn where_the_forge_does_not_say_where_things_stand_nothing_is_begun() {
    let mut lab = Lab::new(2, usize::MAX);
    lab.round().await.unwrap();
    lab.refuses("standings");
    let ended = lab.round().await;
    assert!(matches!(ended, Err(LaterError::Forge(_))), "{ended:?}");
}
