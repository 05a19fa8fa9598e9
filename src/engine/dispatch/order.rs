//! [`Waits`]: which units of a go wait for which others of it, and what follows from it for the queue. What was done before
//! the go is no longer waited for.

use std::collections::VecDeque;

use super::{Dispatcher, Response, State, Tracked};
use crate::model::order::Order;

/// Who waits for whom within a go, by the units' places in it.
#[derive(Debug)]
pub(super) struct Waits(Order);

impl Waits {
    pub(super) fn of(units: &[Tracked]) -> Self {
        let after = units.iter().map(|unit| (&unit.id, unit.after.as_slice()));
        Self(Order::by_id(after))
    }
}

impl Dispatcher {
    /// The units of the queue that wait for none any more, in order. What ended badly took those that wait for it along,
    /// so what has ended is done.
    pub(super) fn ready(&self) -> Vec<usize> {
        let has_ended = |&unit: &usize| self.units[unit].state == State::Ended;
        let waiting = self.waiting.iter().copied();
        waiting
            .filter(|&unit| self.waits.0.parents(unit).iter().all(has_ended))
            .collect()
    }

    /// Takes all that wait for a unit out of the queue, however far: it failed, or was cancelled.
    pub(super) fn cancel_dependents(&mut self, unit: usize, failed: bool, response: &mut Response) {
        let waiting = std::mem::take(&mut self.waiting).into_iter();
        let (dependents, others): (VecDeque<_>, _) =
            waiting.partition(|&other| self.waits.0.is_before(unit, other));
        self.waiting = others;
        let id = &self.units[unit].id;
        let how = if failed { "failed" } else { "was cancelled" };
        let reason = format!("waits for `{id}`, which {how}");
        for dependent in dependents {
            self.cancel(dependent, &reason, response);
        }
    }
}
