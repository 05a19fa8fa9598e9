//! What other processes ask for: that the run stops, or some of its units; or that units go back in the queue.
//!
//! Asked a second time, it is answered in the same way and changes nothing: who asks may not have heard the answer.

use super::{Action, Dispatcher, Phase, Response, State, Waits};
use crate::engine::go::{Again, Start};
use crate::model::control::{Answer, Doing, Request, Requeued, Wish};
use crate::model::event::Event;
use crate::model::id::UnitId;

/// Why a unit was cancelled, where `batch stop` stopped the whole run.
const STOPPED: &str = "stopped";

/// Why a unit was cancelled, where `batch stop` named it.
const STOPPED_ALONE: &str = "stopped by `batch stop`";

impl Dispatcher {
    /// Takes in a request.
    pub(super) fn asked(&mut self, request: Request, again: Again, response: &mut Response) {
        let answer = if self.finished() {
            Answer::Ending
        } else {
            match request.wish {
                Wish::Stop { units, now } if units.is_empty() => {
                    self.stop(now, response);
                    Answer::Stopping
                }
                Wish::Stop { units, now } => Answer::UnitsStopped {
                    units: self.stop_units(units, now, response),
                },
                Wish::Requeue { .. } if self.phase != Phase::Running => Answer::Stopping,
                Wish::Requeue { units, note } => {
                    self.requeue(units, note.as_deref(), again, response)
                }
            }
        };
        response.answer = Some((request.id, answer));
    }

    /// Why a worker's unit was stopped.
    pub(super) fn why_stopped(&self, index: usize) -> &'static str {
        if self.units[index].stop_asked {
            STOPPED_ALONE
        } else {
            self.why
        }
    }

    fn stop(&mut self, now: bool, response: &mut Response) {
        if self.phase == Phase::Running {
            self.phase = Phase::Stopping;
            self.why = STOPPED;
            let units = Vec::new();
            response.events.push(Event::StopAsked { units });
            self.cancel_waiting(STOPPED, response);
            response.actions.push(Action::AskToStop);
        }
        if now && self.phase == Phase::Stopping {
            self.phase = Phase::Killing;
            response.actions.push(Action::StopNow);
        }
    }

    /// Stops these units, and says what each did until then.
    fn stop_units(
        &mut self,
        units: Vec<UnitId>,
        now: bool,
        response: &mut Response,
    ) -> Vec<(UnitId, Doing)> {
        // Before anything is done: what waits for another of them ends with that one.
        let doing = units.into_iter().map(|unit| {
            let doing = self.doing(&unit);
            (unit, doing)
        });
        let doing: Vec<(UnitId, Doing)> = doing.collect();
        let is_open = |(unit, doing): &(UnitId, Doing)| {
            (*doing != Doing::Ended && !self.is_stopping(unit)).then(|| unit.clone())
        };
        let open: Vec<UnitId> = doing.iter().filter_map(is_open).collect();
        if !open.is_empty() {
            response.events.push(Event::StopAsked { units: open });
        }
        for (unit, _) in &doing {
            self.stop_unit(unit, now, response);
        }
        self.start_more(response);
        doing
    }

    fn stop_unit(&mut self, id: &UnitId, now: bool, response: &mut Response) {
        let Some(index) = self.units.iter().position(|unit| unit.id == *id) else {
            return;
        };
        let unit = &mut self.units[index];
        match unit.state {
            State::Waiting => {
                if let Some(place) = self.waiting.iter().position(|&other| other == index) {
                    self.waiting.remove(place);
                    self.cancel(index, STOPPED_ALONE, response);
                }
            }
            // A pull request that is being opened is not torn midway; the publisher begins none that is stopped.
            State::Working(_) | State::Publishing => {
                unit.stop_asked = true;
                let unit = id.clone();
                response.actions.push(Action::StopUnit { unit, now });
            }
            State::Ended => {}
        }
    }

    /// Puts those of these units back in the queue that have ended and are not done: all of them, or none.
    fn requeue(
        &mut self,
        units: Vec<UnitId>,
        note: Option<&str>,
        again: Again,
        response: &mut Response,
    ) -> Answer {
        let has_ended = |unit: &UnitId| self.doing(unit) == Doing::Ended;
        let missing = again.before.into_iter().filter(has_ended);
        let missing: Vec<UnitId> = missing.collect();
        if !missing.is_empty() {
            return Answer::Missing { units: missing };
        }
        let starts = again.starts.into_iter();
        let starts: Vec<Start> = starts.filter(|start| has_ended(&start.unit)).collect();
        let requeued = units.into_iter().map(|unit| {
            let start = starts.iter().find(|start| start.unit == unit);
            let requeued = match start {
                Some(Start { attempt, .. }) => Requeued::Queued { attempt: *attempt },
                None => Requeued::Already {
                    doing: self.doing(&unit),
                },
            };
            (unit, requeued)
        });
        let requeued = requeued.collect();
        for start in starts {
            let unit = start.unit.clone();
            response.actions.push(Action::TakeUp { unit });
            response.events.push(Event::UnitRequeued {
                unit: start.unit.clone(),
                note: note.map(str::to_owned),
            });
            self.wait_again(start);
        }
        self.waits = Waits::of(&self.units);
        self.start_more(response);
        Answer::Requeued { units: requeued }
    }

    /// Puts a unit at the end of the queue, also one that was not of this go.
    fn wait_again(&mut self, start: Start) {
        self.purse.anew(&start.unit);
        let place = self.units.iter().position(|unit| unit.id == start.unit);
        let index = place.unwrap_or(self.units.len());
        if place.is_some() {
            self.units[index] = start.into();
        } else {
            self.units.push(start.into());
        }
        self.waiting.push_back(index);
    }

    fn doing(&self, id: &UnitId) -> Doing {
        let known = self.units.iter().find(|unit| unit.id == *id);
        match known.map(|unit| &unit.state) {
            Some(State::Waiting) => Doing::Waiting,
            Some(State::Working(_)) => Doing::Working,
            Some(State::Publishing) => Doing::Publishing,
            Some(State::Ended) | None => Doing::Ended,
        }
    }

    fn is_stopping(&self, id: &UnitId) -> bool {
        self.units
            .iter()
            .any(|unit| unit.id == *id && unit.stop_asked)
    }
}

#[cfg(test)]
mod tests;
