//! What other processes ask for: that the run stops, or some of its units.
//!
//! Asked a second time, it is answered in the same way and changes nothing: who asks may not have heard the answer.

use super::{Action, Dispatcher, Phase, Response, State};
use crate::model::control::{Answer, Doing, Request, Wish};
use crate::model::event::Event;
use crate::model::id::UnitId;

/// Why a unit was cancelled, where `batch stop` stopped the whole run.
const STOPPED: &str = "stopped";

/// Why a unit was cancelled, where `batch stop` named it.
const STOPPED_ALONE: &str = "stopped by `batch stop`";

impl Dispatcher {
    /// Takes in a request.
    pub(super) fn asked(&mut self, request: Request, response: &mut Response) {
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
