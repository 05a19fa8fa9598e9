//! [`publish_later`]: one round of opening what a run left for later, outside of any go: asks where its pull requests
//! stand, opens what may be opened now, marks drafts as ready, brings the tracking issue up to date, and records it as a
//! run does. Called by `batch prs publish`, again and again with `--watch`.

use std::collections::{BTreeSet, HashMap};

use tokio::sync::{mpsc, watch};

use crate::engine::caps::Load;
use crate::engine::dispatch::Input;
use crate::engine::hold::{Hold, Why};
use crate::engine::landed;
use crate::engine::ports::{Forge, ForgeError};
use crate::engine::publication::Publication;
use crate::engine::publish::{Delivered, Desk, Publisher};
use crate::engine::recorder::{RecordError, Recorder};
use crate::engine::teller::{Message, Teller};
use crate::engine::tracking::{self, Board};
use crate::model::event::Event;
use crate::model::foundation::stands_on;
use crate::model::history::{History, UnitHistory};
use crate::model::id::UnitId;
use crate::model::outcome::{Outcome, PullLink};
use crate::model::pull::PullState;
use crate::model::standing::{Standing, Verdict};

/// What a round came to.
#[derive(Debug, Default)]
pub struct Round {
    /// The units whose pull requests were opened or found, in the order in which that was done.
    pub opened: Vec<(UnitId, PullLink)>,
    /// The units whose drafts were marked as ready.
    pub made_ready: Vec<(UnitId, u64)>,
    /// What waits, in the plan's order.
    pub waiting: Vec<(UnitId, Wait)>,
    /// What could not be done with drafts, as a fragment each.
    pub troubles: Vec<String>,
    /// Where the run's pull requests stood when the round began, in the plan's order.
    pub standings: Vec<Standing>,
}

/// What a unit waits for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Wait {
    /// Units that it stands on, to be merged.
    Units(Vec<Below>),
    /// The reason why its pull request was not opened.
    Held(Hold),
    /// The checks of its draft of this number, before it is marked as ready.
    Checks(u64, Verdict),
}

/// A unit that another one stands on and that is not on the base yet.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Below {
    /// The unit.
    pub unit: UnitId,
    /// Its pull request.
    pub pull: Option<BelowPull>,
}

/// Where the pull request of a unit below stands.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct BelowPull {
    /// Its number.
    pub number: u64,
    /// Its state.
    pub state: PullState,
    /// The branch that it goes, or went, to.
    pub base: String,
}

/// Why a round could not be made.
#[derive(Debug, thiserror::Error)]
pub enum LaterError {
    /// Something could not be recorded: nothing more is opened then.
    #[error(transparent)]
    Record(#[from] RecordError),
    /// The forge does not say where the pull requests stand.
    #[error(transparent)]
    Forge(#[from] ForgeError),
}

impl Wait {
    /// Whether it may be over by itself, or by what reviewers and CI do.
    #[must_use]
    pub fn may_end(&self) -> bool {
        match self {
            Self::Units(below) => below.iter().all(|below| {
                let pull = below.pull.as_ref();
                pull.is_none_or(|pull| pull.state == PullState::Open)
            }),
            Self::Held(hold) => match hold.why {
                Why::Order | Why::Cap | Why::Unreachable => true,
                Why::Refused | Why::Stopped => false,
            },
            Self::Checks(_, verdict) => match verdict {
                Verdict::NoneYet | Verdict::Pending(_) => true,
                Verdict::Passed(_) | Verdict::Failed(_) => false,
            },
        }
    }

    /// Whether somebody has to do something about it: it is no waiting that was planned.
    #[must_use]
    pub fn is_trouble(&self) -> bool {
        match self {
            Self::Units(below) => below.iter().any(|below| {
                let pull = below.pull.as_ref();
                pull.is_some_and(|pull| pull.state == PullState::Closed)
            }),
            Self::Held(hold) => !hold.as_planned(),
            Self::Checks(..) => false,
        }
    }
}

impl Round {
    /// Whether a further round may come to more: `--watch` goes on.
    #[must_use]
    pub fn wants_another(&self) -> bool {
        // A unit that waits for one whose own wait does not end waits in vain.
        let ends = |unit: &UnitId| {
            let mut waits = self.waiting.iter().filter(|(other, _)| other == unit);
            waits.all(|(_, wait)| wait.may_end())
        };
        self.waiting.iter().any(|(_, wait)| match wait {
            Wait::Units(below) => {
                wait.may_end()
                    && below
                        .iter()
                        .all(|below| below.pull.is_some() || ends(&below.unit))
            }
            Wait::Held(_) | Wait::Checks(..) => wait.may_end(),
        })
    }

    /// What was opened in this round has a number by which those that wait for it can name it.
    fn name_opened(&mut self, history: &History) {
        let waits = self.waiting.iter_mut().filter_map(|(_, wait)| match wait {
            Wait::Units(below) => Some(below),
            Wait::Held(_) | Wait::Checks(..) => None,
        });
        for below in waits.flatten().filter(|below| below.pull.is_none()) {
            let opened = self.opened.iter().find(|(unit, _)| *unit == below.unit);
            below.pull = opened.map(|(_, pull)| BelowPull {
                number: pull.number,
                state: PullState::Open,
                base: history.base.branch.clone(),
            });
        }
    }

    /// Whether somebody has to do something: the command ends with 1.
    #[must_use]
    pub fn has_trouble(&self) -> bool {
        !self.troubles.is_empty() || self.waiting.iter().any(|(_, wait)| wait.is_trouble())
    }
}

/// One round for the run that the recorder has. What could not be opened stays pushed, for the reason that is told and
/// recorded.
///
/// # Errors
/// [`LaterError`]; what was done until then is on record.
pub async fn publish_later(desk: &Desk, recorder: &mut Recorder) -> Result<Round, LaterError> {
    let mut round = Round {
        standings: standings(&recorder.history, &*desk.forge).await?,
        ..Round::default()
    };
    let ready = sort_out(&recorder.history, &mut round, &*desk.forge).await?;
    open(desk, ready, &mut round, recorder).await?;
    round.name_opened(&recorder.history);
    make_ready(desk, recorder, &mut round).await;
    let place = |unit: &UnitId| {
        recorder
            .history
            .units
            .iter()
            .position(|known| known.id == *unit)
    };
    round.waiting.sort_by_key(|(unit, _)| place(unit));
    Ok(round)
}

async fn standings(history: &History, forge: &dyn Forge) -> Result<Vec<Standing>, ForgeError> {
    let pulls = history.units.iter().filter_map(UnitHistory::pull);
    let numbers: Vec<u64> = pulls.map(|pull| pull.number).collect();
    if numbers.is_empty() {
        return Ok(Vec::new());
    }
    forge.standings(&numbers).await
}

/// The pushed units that stand on nothing that is not on the base; the others are told to wait.
async fn sort_out(
    history: &History,
    round: &mut Round,
    forge: &dyn Forge,
) -> Result<Vec<UnitId>, ForgeError> {
    let mut ready = Vec::new();
    for unit in &history.units {
        if !matches!(unit.outcome, Some(Outcome::Pushed { .. })) {
            continue;
        }
        let mut missing = Vec::new();
        for below in stands_on(&unit.id, history) {
            missing.extend(not_landed(below, history, &round.standings, forge).await?);
        }
        if missing.is_empty() {
            ready.push(unit.id.clone());
        } else {
            round.waiting.push((unit.id.clone(), Wait::Units(missing)));
        }
    }
    Ok(ready)
}

/// The unit, unless its commits are on the base branch.
async fn not_landed(
    below: &UnitHistory,
    history: &History,
    standings: &[Standing],
    forge: &dyn Forge,
) -> Result<Option<Below>, ForgeError> {
    let number = below.pull().map(|pull| pull.number);
    let known = standings.iter().find(|one| Some(one.pull.number) == number);
    let pull = match known {
        Some(standing) => Some(standing.pull.clone()),
        // It may have been opened without this run's knowing.
        None => forge.find(&below.branch).await?,
    };
    if let Some(pull) = &pull
        && landed::is_on(&history.base.branch, pull, forge).await?
    {
        return Ok(None);
    }
    let pull = pull.map(|pull| BelowPull {
        number: pull.number,
        state: pull.state,
        base: pull.base,
    });
    let unit = below.id.clone();
    Ok(Some(Below { unit, pull }))
}

/// Opens the pull requests of these units, one after another, as a run's publisher does.
async fn open(
    desk: &Desk,
    ready: Vec<UnitId>,
    round: &mut Round,
    recorder: &mut Recorder,
) -> Result<(), RecordError> {
    let history = &recorder.history;
    let merged = round
        .standings
        .iter()
        .filter(|one| one.pull.state == PullState::Merged);
    let merged: BTreeSet<u64> = merged.map(|one| one.pull.number).collect();
    let attempts: HashMap<UnitId, u32> = history
        .units
        .iter()
        .map(|unit| (unit.id.clone(), unit.attempt))
        .collect();
    let (publishing, queue) = mpsc::unbounded_channel();
    for id in ready {
        let Some(unit) = history.unit(&id) else {
            continue;
        };
        let Some(commit) = unit.delivered.clone() else {
            continue;
        };
        // The queue's other end is held below.
        let _ = publishing.send(Delivered {
            unit: id,
            attempt: unit.attempt,
            commit,
            // What it stands on has just been asked for.
            publication: Publication::Now,
            history: history.clone(),
            stop: desk.stop.clone(),
            again: false,
        });
    }
    drop(publishing);
    let (sender, mut inputs) = mpsc::channel::<Message>(1);
    let (board, boards) = watch::channel(Board::of(history));
    let publisher = Publisher::new(desk.clone(), Teller::new(sender), boards)
        .counted(Load::of(&round.standings, desk.clock.now()))
        .tracking(history, merged);
    let publishing = publisher.serve(queue);
    let recording = async {
        while let Some(Message { input, recorded }) = inputs.recv().await {
            for event in events(input, &attempts, round, &recorder.history) {
                let is_told = tracking::is_told(&event);
                recorder.record(event)?;
                if is_told {
                    board.send_replace(Board::of(&recorder.history));
                }
            }
            if let Some(recorded) = recorded {
                // The publisher waits for it.
                let _ = recorded.send(());
            }
        }
        Ok(())
    };
    tokio::pin!(publishing);
    tokio::pin!(recording);
    tokio::select! {
        // Its sender goes with it, so the recording comes to its end.
        () = &mut publishing => {}
        ended = &mut recording => return ended,
    }
    recording.await
}

/// What is to be recorded of what the publisher says; the round learns of it.
fn events(
    input: Input,
    attempts: &HashMap<UnitId, u32>,
    round: &mut Round,
    history: &History,
) -> Vec<Event> {
    match input {
        Input::Told(event) => vec![event],
        Input::Published { unit, pr, adopted } => {
            let attempt = attempts[&unit];
            round.opened.push((unit.clone(), pr.clone()));
            let opened = Event::PullOpened {
                unit: unit.clone(),
                attempt,
                pr: pr.clone(),
                adopted,
            };
            let outcome = Outcome::Opened { pr };
            let ended = Event::UnitEnded {
                unit,
                attempt,
                outcome,
            };
            vec![opened, ended]
        }
        Input::Held { unit, hold } => {
            let attempt = attempts[&unit];
            let outcome = hold.clone().outcome();
            let known = history.unit(&unit).and_then(|unit| unit.outcome.as_ref());
            let is_new = known != Some(&outcome);
            round.waiting.push((unit.clone(), Wait::Held(hold)));
            let ended = Event::UnitEnded {
                unit,
                attempt,
                outcome,
            };
            // Round after round it would be the same.
            is_new.then_some(ended).into_iter().collect()
        }
        Input::Begin
        | Input::BaseProven(_)
        | Input::WorkerEnded { .. }
        | Input::Interrupt
        | Input::Asked { .. } => Vec::new(),
    }
}

/// Marks the run's drafts as ready whose checks passed, where that is wished for.
async fn make_ready(desk: &Desk, recorder: &Recorder, round: &mut Round) {
    let history = &recorder.history;
    if !history.pulls.ready_when_green {
        return;
    }
    let mut unreached = false;
    for standing in &round.standings {
        let number = standing.pull.number;
        let has_it = |unit: &&UnitHistory| unit.pull().is_some_and(|pull| pull.number == number);
        let Some(unit) = history.units.iter().find(has_it) else {
            continue;
        };
        if standing.pull.state != PullState::Open || !standing.pull.draft {
            continue;
        }
        match standing.verdict() {
            Verdict::Passed(_) if unreached => {}
            Verdict::Passed(_) => match desk.forge.make_ready(standing).await {
                Ok(()) => round.made_ready.push((unit.id.clone(), number)),
                Err(error) => {
                    unreached = !matches!(error, ForgeError::Refused { .. });
                    round.troubles.push(error.to_string());
                }
            },
            verdict @ (Verdict::NoneYet | Verdict::Pending(_) | Verdict::Failed(_)) => {
                let wait = Wait::Checks(number, verdict);
                round.waiting.push((unit.id.clone(), wait));
            }
        }
    }
    // What was opened in this round has no checks yet.
    if history.pulls.draft {
        for (unit, pull) in &round.opened {
            let wait = Wait::Checks(pull.number, Verdict::NoneYet);
            round.waiting.push((unit.clone(), wait));
        }
    }
}

#[cfg(test)]
mod tests;
