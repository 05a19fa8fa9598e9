//! What becomes of a delivered unit: it is handed to the publisher, and ends with a pull request, without one, or waiting
//! for one as planned.

use super::{Action, Dispatcher, Response, State};
use crate::model::event::Event;
use crate::model::id::{ObjectId, UnitId};
use crate::model::outcome::{Failure, Outcome, PullLink};

impl Dispatcher {
    /// Hands a delivered unit to the publisher.
    pub(super) fn publish(&mut self, index: usize, commit: ObjectId, response: &mut Response) {
        let unit = &mut self.units[index];
        unit.state = State::Publishing;
        response.actions.push(Action::Publish {
            unit: unit.id.clone(),
            attempt: unit.attempt,
            commit,
        });
    }

    /// Takes in what the publisher came to.
    pub(super) fn published(
        &mut self,
        id: &UnitId,
        result: Result<(PullLink, bool), Failure>,
        response: &mut Response,
    ) {
        let index = self.index(id);
        if self.units[index].state != State::Publishing {
            return;
        }
        match result {
            Ok((pr, adopted)) => {
                let (unit, attempt) = (id.clone(), self.units[index].attempt);
                response.events.push(Event::PullOpened {
                    unit,
                    attempt,
                    pr: pr.clone(),
                    adopted,
                });
                self.end(index, Outcome::Opened { pr }, response);
            }
            Err(failure) => self.end(index, Outcome::Failed(failure), response),
        }
        self.start_more(response);
    }

    /// Takes in that a delivered unit has no pull request yet.
    pub(super) fn held(
        &mut self,
        id: &UnitId,
        reason: String,
        as_planned: bool,
        response: &mut Response,
    ) {
        let index = self.index(id);
        if self.units[index].state == State::Publishing {
            self.end(index, Outcome::Pushed { reason, as_planned }, response);
            self.start_more(response);
        }
    }
}
