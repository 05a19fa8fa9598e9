//! [`Counting`]: whether the user's caps let another pull request be opened, with as few questions to the forge as that
//! can be known by.

use std::time::{Duration, Instant};

use super::Desk;
use crate::engine::caps::{Caps, Load};
use crate::engine::ports::ForgeError;

/// What is known of how many there are.
pub(super) struct Counting {
    /// What the forge said, with those opened since; and when.
    last: Option<(Load, Instant)>,
    /// How long that is believed, once it reached the cap.
    fresh: Duration,
}

impl Counting {
    pub(super) fn new(fresh: Duration) -> Self {
        Self { last: None, fresh }
    }

    /// Takes what was counted just now.
    pub(super) fn counted(&mut self, load: Load) {
        self.last = Some((load, Instant::now()));
    }

    /// One more was opened.
    pub(super) fn opened(&mut self) {
        if let Some((load, _)) = &mut self.last {
            *load = load.and_one();
        }
    }

    /// Why another one has to wait beside these, if it has to. The forge is asked only where all that may be is too many.
    pub(super) async fn hold(
        &mut self,
        caps: Caps,
        pulls: &[u64],
        desk: &Desk,
    ) -> Result<Option<String>, ForgeError> {
        let most = self.last.map_or(Load::most(pulls.len()), |(load, _)| load);
        let hold = caps.hold(most);
        let is_fresh = |(_, at): (Load, Instant)| at.elapsed() < self.fresh;
        if hold.is_none() || pulls.is_empty() || self.last.is_some_and(is_fresh) {
            return Ok(hold);
        }
        let standings = desk.forge.standings(pulls).await?;
        let load = Load::of(&standings, desk.clock.now());
        self.counted(load);
        Ok(caps.hold(load))
    }
}
