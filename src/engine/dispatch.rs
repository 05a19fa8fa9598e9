//! [`Dispatcher`]: which unit starts when, and what becomes of it. A synchronous state machine without any outside:
//! the run loop feeds it inputs and carries out its responses.

use std::collections::{BTreeSet, VecDeque};

use crate::engine::budget::Verdict;
use crate::engine::go::{Again, Begin, Start};
use crate::engine::hold::{Hold, Why};
use crate::engine::job::WorkerEnd;
use crate::engine::pool::{BasePolicy, Pool};
use crate::model::control::{Answer, Request, RequestId};
use crate::model::event::Event;
use crate::model::history::BaseRefusal;
use crate::model::id::{ObjectId, Slot, UnitId};
use crate::model::outcome::{Failure, Outcome, PullLink};
use crate::model::spend::Allowance;

mod asked;
mod brake;
mod order;
mod publishing;
mod purse;
#[cfg(test)]
mod tests;

pub use self::purse::Purse;

use self::brake::Brake;
use self::order::Waits;

/// Why a unit was cancelled, where the user interrupted the run.
const INTERRUPTED: &str = "interrupted";

/// Something that happened, as the dispatcher needs to know it.
#[derive(Debug)]
#[expect(
    clippy::large_enum_variant,
    reason = "nearly every input is an event, and each is moved a few times at most"
)]
pub enum Input {
    /// The run begins.
    Begin,
    /// Setup and test of the base came to an end.
    BaseProven(BaseProof),
    /// A worker tells an event that changes nothing here.
    Told(Event),
    /// A worker handed its slot back.
    WorkerEnded {
        /// The unit.
        unit: UnitId,
        /// How its part ended.
        end: WorkerEnd,
    },
    /// The forge has a unit's pull request.
    Published {
        /// The unit.
        unit: UnitId,
        /// Its pull request.
        pr: PullLink,
        /// Whether it was there before.
        adopted: bool,
    },
    /// A delivered unit's pull request is left for later.
    Held {
        /// The unit.
        unit: UnitId,
        /// What it waits for, or why it could not be opened.
        hold: Hold,
    },
    /// The user wants to stop: the first time politely, then at once.
    Interrupt,
    /// Another process asks for something.
    Asked {
        /// What.
        request: Request,
        /// What is known of units that are to be put back in the queue.
        again: Again,
    },
}

/// What setup and test of the base came to.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum BaseProof {
    /// Both passed.
    Green,
    /// One did not.
    Red(BaseRefusal),
    /// The user stopped it.
    Stopped,
}

/// Something to be done.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Action {
    /// Run setup and test on the base.
    ProveBase,
    /// Have the next attempt at a unit be the one that was asked for.
    TakeUp {
        /// The unit.
        unit: UnitId,
    },
    /// Start a worker.
    Start {
        /// The unit.
        unit: UnitId,
        /// The commit that is only to be delivered, if there is one.
        commit: Option<ObjectId>,
        /// The attempt.
        attempt: u32,
        /// The slot.
        slot: Slot,
        /// What its agent may spend.
        allowance: Allowance,
    },
    /// Hand a delivered unit to the publisher.
    Publish {
        /// The unit.
        unit: UnitId,
        /// The attempt.
        attempt: u32,
        /// The commit that its branch is at.
        commit: ObjectId,
    },
    /// End the children of one unit.
    StopUnit {
        /// The unit.
        unit: UnitId,
        /// At once, or politely.
        now: bool,
    },
    /// End the children politely.
    AskToStop,
    /// End the children at once.
    StopNow,
}

/// What the dispatcher answers: events to record first, then actions to carry out.
#[derive(Debug, Default, PartialEq, Eq)]
pub struct Response {
    /// In order.
    pub events: Vec<Event>,
    /// In order.
    pub actions: Vec<Action>,
    /// To be given once the events are recorded.
    pub answer: Option<(RequestId, Answer)>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Phase {
    Running,
    Stopping,
    Killing,
}

#[derive(Debug, Clone, PartialEq, Eq)]
enum State {
    Waiting,
    Working(Slot),
    Publishing,
    Ended,
}

#[derive(Debug)]
struct Tracked {
    id: UnitId,
    begin: Begin,
    attempt: u32,
    base: ObjectId,
    delivered: Option<ObjectId>,
    after: Vec<UnitId>,
    state: State,
    /// Whether it alone is to stop.
    stop_asked: bool,
}

impl From<Start> for Tracked {
    fn from(start: Start) -> Self {
        let Start {
            unit,
            begin,
            attempt,
            base,
            delivered,
            after,
        } = start;
        Self {
            id: unit,
            begin,
            attempt,
            base,
            delivered,
            after,
            state: State::Waiting,
            stop_asked: false,
        }
    }
}

/// Decides what runs.
#[derive(Debug)]
pub struct Dispatcher {
    pool: Pool,
    phase: Phase,
    /// The reason of those that the end of the run stops.
    why: &'static str,
    proving: bool,
    units: Vec<Tracked>,
    waits: Waits,
    waiting: VecDeque<usize>,
    free: BTreeSet<Slot>,
    brake: Brake,
    purse: Purse,
}

impl Dispatcher {
    /// Takes the units of this go, in order.
    #[must_use]
    pub fn new(pool: Pool, units: Vec<Start>) -> Self {
        let units: Vec<Tracked> = units.into_iter().map(Tracked::from).collect();
        Self {
            waits: Waits::of(&units),
            waiting: (0..units.len()).collect(),
            free: (0..pool.jobs.max(1)).map(Slot).collect(),
            phase: Phase::Running,
            why: INTERRUPTED,
            proving: false,
            pool,
            units,
            brake: Brake::default(),
            purse: Purse::unbounded(),
        }
    }

    /// Has it start no unit that this purse does not pay for.
    #[must_use]
    pub fn paid_by(self, purse: Purse) -> Self {
        Self { purse, ..self }
    }

    /// Whether every unit has ended.
    #[must_use]
    pub fn finished(&self) -> bool {
        !self.proving && self.units.iter().all(|unit| unit.state == State::Ended)
    }

    /// Takes in what happened, and answers with what to record and to do.
    pub fn handle(&mut self, input: Input) -> Response {
        let mut response = Response::default();
        match input {
            Input::Begin => match self.pool.base {
                BasePolicy::Trust => self.start_more(&mut response),
                BasePolicy::MustBeGreen | BasePolicy::MayBeRed => {
                    self.proving = true;
                    response.actions.push(Action::ProveBase);
                }
            },
            Input::BaseProven(proof) => self.base_proven(proof, &mut response),
            Input::Told(event) => self.told(event, &mut response),
            Input::WorkerEnded { unit, end } => self.worker_ended(&unit, end, &mut response),
            Input::Published { unit, pr, adopted } => {
                self.published(&unit, pr, adopted, &mut response);
            }
            Input::Held { unit, hold } => self.held(&unit, hold, &mut response),
            Input::Interrupt => self.interrupted(&mut response),
            Input::Asked { request, again } => self.asked(request, again, &mut response),
        }
        response
    }

    fn told(&mut self, event: Event, response: &mut Response) {
        self.purse.hear(&event);
        let eased = self.brake.hear(&event);
        response.events.push(event);
        if eased {
            self.start_more(response);
        }
    }

    fn base_proven(&mut self, proof: BaseProof, response: &mut Response) {
        self.proving = false;
        match proof {
            BaseProof::Green => response.events.push(Event::BaseAccepted { green: true }),
            BaseProof::Red(_) if self.pool.base == BasePolicy::MayBeRed => {
                response.events.push(Event::BaseAccepted { green: false });
            }
            BaseProof::Red(BaseRefusal {
                step,
                cause,
                log,
                tail,
            }) => {
                response.events.push(Event::BaseRefused {
                    step,
                    cause,
                    log,
                    tail,
                });
                self.cancel_waiting(&format!("the base does not pass {step}"), response);
            }
            BaseProof::Stopped => self.cancel_waiting(self.why, response),
        }
        self.start_more(response);
    }

    fn worker_ended(&mut self, id: &UnitId, end: WorkerEnd, response: &mut Response) {
        let index = self.index(id);
        let State::Working(slot) = self.units[index].state else {
            return;
        };
        self.free.insert(slot);
        response.events.push(Event::SlotFreed {
            unit: id.clone(),
            slot,
        });
        response.events.extend(self.purse.end(id, &end));
        match end {
            WorkerEnd::Delivered(commit) => self.publish(index, commit, response),
            WorkerEnd::Unchanged => match self.units[index].delivered.clone() {
                // The edits are on the remote already, and still want their pull request.
                Some(commit) => self.publish(index, commit, response),
                None => self.end(index, Outcome::Unchanged, response),
            },
            WorkerEnd::Failed(failure) => {
                // Those that run meet it by themselves, or get by without.
                let in_vain = failure.kind.ends_all().then(|| why_in_vain(id, &failure));
                self.end(index, Outcome::Failed(failure), response);
                if let Some(reason) = in_vain {
                    self.cancel_waiting(&reason, response);
                }
            }
            WorkerEnd::Stopped => {
                let reason = self.why_stopped(index).to_owned();
                self.end(index, Outcome::Cancelled { reason }, response);
            }
        }
        self.start_more(response);
    }

    fn interrupted(&mut self, response: &mut Response) {
        match self.phase {
            Phase::Running => {
                self.phase = Phase::Stopping;
                response.events.push(Event::Interrupted);
                self.cancel_waiting(self.why, response);
                response.actions.push(Action::AskToStop);
            }
            Phase::Stopping => {
                self.phase = Phase::Killing;
                response.actions.push(Action::StopNow);
            }
            Phase::Killing => {}
        }
    }

    fn start_more(&mut self, response: &mut Response) {
        // While the base is proven nothing is at work, and yet nothing may start.
        if self.phase != Phase::Running || self.proving {
            return;
        }
        self.publish_delivered(response);
        while !self.free.is_empty()
            && let Some((index, allowance)) = self.first_paid(response)
        {
            let slot = self.free.pop_first().expect("one is free");
            self.waiting.retain(|&unit| unit != index);
            let unit = &mut self.units[index];
            unit.state = State::Working(slot);
            self.purse.start(&unit.id, allowance);
            let commit = match &unit.begin {
                Begin::AtCommit(commit) => Some(commit.clone()),
                Begin::Anew | Begin::AtPull(_) => None,
            };
            response.events.push(match commit.clone() {
                Some(commit) => Event::UnitResumed {
                    unit: unit.id.clone(),
                    attempt: unit.attempt,
                    slot,
                    base: unit.base.clone(),
                    commit,
                },
                None => Event::UnitStarted {
                    unit: unit.id.clone(),
                    attempt: unit.attempt,
                    slot,
                    base: unit.base.clone(),
                },
            });
            response.actions.push(Action::Start {
                unit: unit.id.clone(),
                commit,
                attempt: unit.attempt,
                slot,
                allowance,
            });
        }
    }

    /// The first ready unit of the queue that can be paid for, and what it may spend. Those that cannot be paid for any more
    /// are cancelled.
    fn first_paid(&mut self, response: &mut Response) -> Option<(usize, Allowance)> {
        let mut ready = self.ready();
        if !self.brake.allows(self.asking()) {
            // A provider's limits are nothing to who asks none.
            ready.retain(|&unit| !self.purse.may_ask(&self.units[unit].id));
        }
        // What waits for others needs its share when its time comes.
        let waiting = self.waiting.iter().map(|&unit| &self.units[unit].id);
        let sharers = self.purse.sharers(waiting);
        for index in ready {
            match self.purse.verdict(&self.units[index].id, sharers) {
                Verdict::Start(allowance) => return Some((index, allowance)),
                Verdict::Wait => {}
                Verdict::Never(reason) => {
                    // One that was cancelled may have taken others of the queue along.
                    if let Some(place) = self.waiting.iter().position(|&unit| unit == index) {
                        self.waiting.remove(place);
                        self.cancel(index, &reason, response);
                    }
                }
            }
        }
        None
    }

    /// How many units are at work that may ask an agent.
    fn asking(&self) -> usize {
        let working = |unit: &&Tracked| matches!(unit.state, State::Working(_));
        let asking = |unit: &&Tracked| self.purse.may_ask(&unit.id);
        self.units.iter().filter(working).filter(asking).count()
    }

    fn end(&mut self, index: usize, outcome: Outcome, response: &mut Response) {
        let unit = &mut self.units[index];
        unit.state = State::Ended;
        let failed = matches!(outcome, Outcome::Failed(_));
        let is_done = !outcome.wants_rerun();
        let (id, attempt) = (unit.id.clone(), unit.attempt);
        response.events.push(Event::UnitEnded {
            unit: id.clone(),
            attempt,
            outcome,
        });
        if !is_done {
            self.cancel_dependents(index, failed, response);
        }
        if failed && self.pool.fail_fast {
            self.cancel_waiting(&format!("{id} failed, and --fail-fast was given"), response);
        }
    }

    fn cancel_waiting(&mut self, reason: &str, response: &mut Response) {
        for index in std::mem::take(&mut self.waiting) {
            self.cancel(index, reason, response);
        }
    }

    /// Ends a unit that was not begun and is no longer in the queue.
    fn cancel(&mut self, index: usize, reason: &str, response: &mut Response) {
        let unit = &mut self.units[index];
        let cancelled = |reason: &str| Outcome::Cancelled {
            reason: reason.to_owned(),
        };
        let outcome = match unit.begin {
            Begin::Anew => {
                // The attempt was never begun, so the unit's latest is the one before it.
                unit.attempt -= 1;
                cancelled(reason)
            }
            Begin::AtCommit(_) => cancelled(reason),
            // It is delivered, whatever became of the others.
            Begin::AtPull(_) => Hold::new(Why::Stopped, reason).outcome(),
        };
        self.end(index, outcome, response);
    }

    fn index(&self, id: &UnitId) -> usize {
        self.units
            .iter()
            .position(|unit| unit.id == *id)
            .expect("only units of this go have workers")
    }
}

/// Why no unit is started after one failed in a way that every other would.
fn why_in_vain(unit: &UnitId, failure: &Failure) -> String {
    let cause = failure.cause.lines().next().unwrap_or_default();
    format!("every other unit would meet what {unit} met: {cause}; `batch rerun` goes on")
}
