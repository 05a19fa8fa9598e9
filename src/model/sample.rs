//! Values for tests: a run whose units ended as the test wants it.

use jiff::Timestamp;

use crate::model::change::{Change, Source};
use crate::model::event::{Event, JOURNAL_VERSION, Record, UnitHeader};
use crate::model::history::{BaseRefusal, History, UnitHistory};
use crate::model::id::{ObjectId, RunId, Slot, UnitId};
use crate::model::mark::Mark;
use crate::model::outcome::{Failure, FailureKind, Outcome, PullLink, Step};
use crate::model::path::RepoPath;
use crate::model::plan::{Base, Plan, TestPolicy, Unit};
use crate::model::pull::{NewPull, Pull, PullState};
use crate::model::scope::Scope;
use crate::model::spend::Spend;
use crate::model::wishes::{Extras, Wishes};

pub(crate) fn at(second: i64) -> Timestamp {
    Timestamp::from_second(1_767_323_045 + second).unwrap()
}

pub(crate) fn run() -> RunId {
    RunId::new(at(0), 0x0a1b)
}

pub(crate) fn id(text: &str) -> UnitId {
    UnitId::parse(text).unwrap()
}

pub(crate) fn commit(digit: &str) -> ObjectId {
    ObjectId::new(digit.repeat(40))
}

pub(crate) fn base() -> Base {
    Base {
        branch: "main".to_owned(),
        commit: commit("b"),
    }
}

pub(crate) fn opened(number: u64) -> Outcome {
    Outcome::Opened {
        pr: PullLink {
            number,
            url: Some(format!("file:///pulls/{number}.json")),
        },
    }
}

pub(crate) fn pushed() -> Outcome {
    Outcome::Pushed {
        reason: "the forge is full".to_owned(),
        as_planned: false,
    }
}

pub(crate) fn cancelled() -> Outcome {
    Outcome::Cancelled {
        reason: "the user stopped the run".to_owned(),
    }
}

pub(crate) fn failed(cause: &str, tail: &[&str]) -> Outcome {
    Outcome::Failed(Failure {
        step: Step::Test,
        kind: FailureKind::Tests,
        cause: cause.to_owned(),
        log: Some("/repo/.git/batch/runs/r/logs/u/1-test.log".to_owned()),
        tail: tail.iter().map(|&line| line.to_owned()).collect(),
    })
}

pub(crate) fn refusal() -> BaseRefusal {
    BaseRefusal {
        step: Step::Test,
        cause: "exit code 1".to_owned(),
        log: Some("/repo/.git/batch/runs/r/logs/base/1-test.log".to_owned()),
        tail: vec!["FAILED tests/a.sh".to_owned()],
    }
}

pub(crate) fn record(event: Event) -> Record {
    Record { at: at(0), event }
}

/// The first record of a run with the units `unit-1`, `unit-2` and so on.
pub(crate) fn start(units: usize) -> Record {
    record(Event::RunStarted {
        version: JOURNAL_VERSION,
        run: run(),
        change: "rename frob to frobnicate".to_owned(),
        base: base(),
        remote: Some("origin".to_owned()),
        forge: "local".to_owned(),
        site: None,
        fork: None,
        pulls: Wishes::default(),
        research: Spend::default(),
        units: (1..=units)
            .map(|n| UnitHeader {
                id: id(&format!("unit-{n}")),
                title: format!("src/part{n}"),
                branch: format!("batch/rename-frob-0a1b/unit-{n}"),
                lines: None,
                asks: false,
                after: Vec::new(),
            })
            .collect(),
        canary: Vec::new(),
    })
}

/// A run whose units each had one attempt of 1.5 s that came to these outcomes; `None`: not even begun.
pub(crate) fn history(outcomes: Vec<Option<Outcome>>) -> History {
    let mut history = History::begin(&start(outcomes.len())).unwrap();
    for (unit, outcome) in history.units.iter_mut().zip(outcomes) {
        let Some(outcome) = outcome else { continue };
        unit.attempt = 1;
        unit.slot = Some(Slot(0));
        unit.base = Some(commit("b"));
        unit.started = Some(at(0));
        unit.ended = Some(Timestamp::from_millisecond(at(1).as_millisecond() + 500).unwrap());
        if let Outcome::Opened { pr } = &outcome {
            unit.commit = Some(commit("c"));
            unit.files = vec!["src/a.rs".into(), RepoPath::new(*b"src/caf\xe9")];
            unit.pr = Some(pr.clone());
        }
        unit.outcome = Some(outcome);
    }
    history
}

/// A plan with the units of [`history`].
pub(crate) fn plan(units: usize) -> Plan {
    let rewrite = Source::Rewrite(vec!["s/\\bfrob\\b/frobnicate/g".to_owned()]);
    let change = Change::new("rename frob to frobnicate", rewrite);
    let task = "Replace frob by frobnicate in the files of this folder.";
    let units = (1..=units).map(|n| {
        let title = format!("src/part{n}");
        Unit::new(id(&format!("unit-{n}")), title, task, Scope::default())
    });
    Plan {
        test: TestPolicy::Command("make test".to_owned()),
        ..Plan::new(change, base(), units.collect())
    }
}

/// The pull request of a delivered unit.
pub(crate) fn new_pull(unit: &UnitHistory) -> NewPull {
    NewPull {
        title: unit.title.clone(),
        body: String::new(),
        head: unit.branch.clone(),
        head_commit: commit("c"),
        base: "main".to_owned(),
        draft: false,
        mark: Mark {
            run: run(),
            unit: unit.id.clone(),
            plan: None,
            commit: Some(commit("c")),
        },
        extras: Extras::default(),
    }
}

/// A pull request as it was just opened.
pub(crate) fn pull(number: u64, new: &NewPull) -> Pull {
    Pull {
        number,
        mark: Some(new.mark.clone()),
        title: new.title.clone(),
        body: new.body.clone(),
        state: PullState::Open,
        draft: new.draft,
        head: new.head.clone(),
        head_commit: new.head_commit.clone(),
        base: new.base.clone(),
        labels: new.extras.labels.clone(),
        created: at(0),
        merge_commit: None,
        url: None,
    }
}
