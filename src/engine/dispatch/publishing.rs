//! What becomes of a delivered unit: it is handed to the publisher, and ends with a pull request, without one, or waiting
//! for one as planned.

use super::{Action, Dispatcher, Phase, Response, State};
use crate::engine::go::Begin;
use crate::engine::hold::Hold;
use crate::model::event::Event;
use crate::model::id::{ObjectId, UnitId};
use crate::model::outcome::{Outcome, PullLink};

impl Dispatcher {
    /// Hands a delivered unit to the publisher, unless it was stopped meanwhile.
    pub(super) fn publish(&mut self, index: usize, commit: ObjectId, response: &mut Response) {
        if self.phase == Phase::Killing || self.units[index].stop_asked {
            self.end(index, Hold::stopped().outcome(), response);
            return;
        }
        let unit = &mut self.units[index];
        unit.state = State::Publishing;
        response.actions.push(Action::Publish {
            unit: unit.id.clone(),
            attempt: unit.attempt,
            commit,
        });
    }

    /// Hands those of the queue to the publisher whose branches were delivered before this go, once what they wait for is
    /// done.
    pub(super) fn publish_delivered(&mut self, response: &mut Response) {
        for index in self.ready() {
            if let Begin::AtPull(commit) = self.units[index].begin.clone() {
                self.waiting.retain(|&unit| unit != index);
                self.publish(index, commit, response);
            }
        }
    }

    /// Takes in that the forge has a unit's pull request.
    pub(super) fn published(
        &mut self,
        id: &UnitId,
        pr: PullLink,
        adopted: bool,
        response: &mut Response,
    ) {
        let index = self.index(id);
        if self.units[index].state != State::Publishing {
            return;
        }
        response.events.push(Event::PullOpened {
            unit: id.clone(),
            attempt: self.units[index].attempt,
            pr: pr.clone(),
            adopted,
        });
        self.end(index, Outcome::Opened { pr }, response);
        self.start_more(response);
    }

    /// Takes in that a delivered unit has no pull request yet.
    pub(super) fn held(&mut self, id: &UnitId, hold: Hold, response: &mut Response) {
        let index = self.index(id);
        if self.units[index].state == State::Publishing {
            self.end(index, hold.outcome(), response);
            self.start_more(response);
        }
    }
}
