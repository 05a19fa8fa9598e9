//! [`tried`]: a user's templates, each rendered for runs and pull requests of every shape before any work starts, so that
//! what is wrong with one is said then and not after an hour. Pure; the session gives what it read from the disk.

use std::collections::BTreeSet;
use std::sync::Arc;

use jiff::Timestamp;

use crate::engine::pull_text::Scribe;
use crate::engine::text::{Replacement, TextError, Texts};
use crate::engine::tracking::Board;
use crate::model::change::{Change, Source};
use crate::model::event::{Event, JOURNAL_VERSION, Record, UnitHeader};
use crate::model::history::{BaseRefusal, History, HistoryError, UnitHistory};
use crate::model::id::{ObjectId, RunId, UnitId};
use crate::model::outcome::{Failure, FailureKind, IssueLink, Outcome, PullLink, Step};
use crate::model::plan::{Base, Plan, TestPolicy, Unit};
use crate::model::scope::Scope;
use crate::model::site::Site;
use crate::model::spend::{Spend, Tokens, Usd};
use crate::model::wishes::Wishes;

/// More units than the parts of one pull request name, and as many outcomes as there are.
const MANY: usize = 9;

/// The texts by these templates, each of them tried.
///
/// # Errors
/// What is wrong, for each template the first thing.
pub fn tried(texts: &Texts, replacements: Vec<Replacement>) -> Result<Texts, Vec<TextError>> {
    let wrong = |one: &Replacement| try_on(&texts.replacing(vec![one.clone()], true)).err();
    let errors: Vec<TextError> = replacements.iter().filter_map(wrong).collect();
    if errors.is_empty() {
        Ok(texts.replacing(replacements, false))
    } else {
        Err(errors)
    }
}

fn try_on(texts: &Texts) -> Result<(), TextError> {
    for shape in [Shape::Full, Shape::Refused, Shape::Bare] {
        let plan = shape.plan();
        let history = shape
            .history(&plan)
            .map_err(|error| TextError::new("any", error.to_string()))?;
        texts.reports(&history)?;
        let board = Board::of(&history);
        board.new_issue(texts, &BTreeSet::from([12]))?;
        let scribe = Scribe {
            plan: Arc::new(plan.clone()),
            texts: texts.clone(),
            plan_id: object("a"),
            template: None,
        };
        for unit in &plan.units {
            texts.commit_message(&plan, unit)?;
            scribe.pull(&history, &unit.id, object("c"))?;
        }
    }
    Ok(())
}

/// What a run may look like.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Shape {
    /// Units of every outcome on a server, by agents, with all that can be told of them.
    Full,
    /// A base that is red, so that nothing began.
    Refused,
    /// One unit by a codemod, on a forge without addresses, of which nothing is told.
    Bare,
}

impl Shape {
    fn plan(self) -> Plan {
        let source = match self {
            Self::Full | Self::Refused => Source::Agent,
            Self::Bare => Source::Command("true".to_owned()),
        };
        let count = match self {
            Self::Full | Self::Refused => MANY,
            Self::Bare => 1,
        };
        let mut plan = Plan::new(
            Change::new("rename frob to frobnicate", source),
            Base {
                branch: "main".to_owned(),
                commit: object("b"),
            },
            (1..=count).map(unit).collect(),
        );
        if self == Self::Bare {
            plan.test = TestPolicy::None;
            return plan;
        }
        plan.test = TestPolicy::Command("make test\nmake lint".to_owned());
        plan.units[0].check = Some("make check".to_owned());
        plan.units[0].owner = Some("@octo/web".to_owned());
        plan.units[1].after = vec![unit_id(1)];
        plan
    }

    fn history(self, plan: &Plan) -> Result<History, HistoryError> {
        let mut history = History::begin(&started(plan))?;
        match self {
            Self::Full => {
                history.site = Site::of("github.com", "octo/sample");
                history.tracked_by = Some(IssueLink {
                    number: 7,
                    url: None,
                });
                history.warnings = vec!["the base is red".to_owned()];
                history.research = spend();
                history.ended = Some(at(90));
                history.exit_code = Some(1);
                for (unit, outcome) in history.units.iter_mut().zip(outcomes()) {
                    told(unit, outcome);
                }
            }
            Self::Refused => {
                history.base_refused = Some(BaseRefusal {
                    step: Step::Test,
                    cause: "exit code 1".to_owned(),
                    log: Some("/logs/base.log".to_owned()),
                    tail: vec!["FAILED a".to_owned()],
                });
            }
            Self::Bare => {
                for unit in &mut history.units {
                    unit.outcome = Some(opened(None));
                    unit.files = vec!["src/a.rs".into()];
                }
                history.ended = Some(at(1));
                history.exit_code = Some(0);
            }
        }
        Ok(history)
    }
}

fn started(plan: &Plan) -> Record {
    let header = |unit: &Unit| UnitHeader {
        id: unit.id.clone(),
        title: unit.title.clone(),
        branch: format!("batch/rename-frob-0a1b/{}", unit.id),
        lines: Some(10),
        asks: plan.has_agents(),
        after: unit.after.clone(),
    };
    Record {
        at: at(0),
        event: Event::RunStarted {
            version: JOURNAL_VERSION,
            run: RunId::new(at(0), 0x0a1b),
            change: plan.change.description.clone(),
            base: plan.base.clone(),
            remote: Some("origin".to_owned()),
            forge: "github".to_owned(),
            site: None,
            fork: None,
            pulls: Wishes::default(),
            research: Spend::default(),
            units: plan.units.iter().map(header).collect(),
            canary: Vec::new(),
        },
    }
}

fn outcomes() -> [Option<Outcome>; MANY] {
    let pushed = |as_planned| Outcome::Pushed {
        reason: "waits for `unit-1` to be merged".to_owned(),
        as_planned,
    };
    let failed = |log: Option<&str>, tail: &[&str]| {
        Outcome::Failed(Failure {
            step: Step::Test,
            kind: FailureKind::Tests,
            cause: "exit code 1\nand more".to_owned(),
            log: log.map(str::to_owned),
            tail: tail.iter().map(|&line| line.to_owned()).collect(),
        })
    };
    [
        Some(opened(Some("https://github.com/octo/sample/pull/12"))),
        Some(pushed(true)),
        Some(pushed(false)),
        Some(Outcome::Unchanged),
        Some(failed(Some("/logs/unit-5.log"), &["FAILED a"])),
        Some(failed(Some("/logs/unit-6.log"), &["FAILED a"])),
        Some(failed(None, &[])),
        Some(Outcome::Cancelled {
            reason: "interrupted".to_owned(),
        }),
        None,
    ]
}

fn opened(url: Option<&str>) -> Outcome {
    Outcome::Opened {
        pr: PullLink {
            number: 12,
            url: url.map(str::to_owned),
        },
    }
}

/// A unit with all that can be told of it; one without an outcome has not begun.
fn told(unit: &mut UnitHistory, outcome: Option<Outcome>) {
    let Some(outcome) = outcome else { return };
    unit.attempt = 1;
    unit.base = Some(object("e"));
    unit.commit = Some(object("c"));
    unit.kept = Some("refs/batch/r/u/attempt-1".to_owned());
    unit.files = (1..=60)
        .map(|n| format!("src/{n}.rs").as_str().into())
        .collect();
    unit.agent = Some("claude".to_owned());
    unit.model = Some("opus".to_owned());
    unit.summary = Some("Renamed it.\nNothing is left.".to_owned());
    unit.warnings = vec!["a test is flaky".to_owned()];
    unit.spend = spend();
    unit.started = Some(at(0));
    unit.ended = Some(at(60));
    unit.pr = Some(PullLink {
        number: 12,
        url: None,
    });
    unit.outcome = Some(outcome);
}

fn spend() -> Spend {
    Spend {
        cost: Some(Usd(250_000)),
        estimated: true,
        tokens: Tokens {
            input: 1000,
            cached: 0,
            output: 200,
        },
    }
}

fn unit(number: usize) -> Unit {
    let title = format!("src/part{number}");
    let task = "Replace frob by frobnicate in the files of this folder.";
    Unit::new(unit_id(number), title, task, Scope::default())
}

fn unit_id(number: usize) -> UnitId {
    UnitId::parse(&format!("unit-{number}")).expect("letters, a dash and a digit")
}

fn object(digit: &str) -> ObjectId {
    ObjectId::new(digit.repeat(40))
}

fn at(second: i64) -> Timestamp {
    Timestamp::from_second(1_767_323_045 + second).expect("within this century")
}

#[cfg(test)]
mod tests;
