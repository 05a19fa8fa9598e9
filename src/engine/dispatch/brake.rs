//! [`Brake`]: how many units may be at work, as the provider's limits have it. It goes by what the throttle tells.

use crate::model::event::Event;

/// Keeps units from starting that could only wait for their agents.
#[derive(Debug, Default)]
pub(super) struct Brake {
    paused: bool,
    /// How many agents run at the same time since the last limit.
    width: Option<usize>,
}

impl Brake {
    /// Takes in an event; whether units may start now that could not before.
    pub(super) fn hear(&mut self, event: &Event) -> bool {
        if let Event::Paused { .. } = event {
            self.paused = true;
        } else if let Event::Resumed { jobs } = event {
            self.paused = false;
            self.width = Some(*jobs);
            return true;
        }
        false
    }

    /// Whether another unit may start while so many are at work.
    pub(super) fn allows(&self, working: usize) -> bool {
        !self.paused && self.width.is_none_or(|width| working < width.max(1))
    }
}
