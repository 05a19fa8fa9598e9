//! [`Pool`]: the bounds of a run's pool of workers, and [`BasePolicy`]: what is done with the base before.

use crate::model::plan::Plan;

/// What a run does with its base before the first worker.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum BasePolicy {
    /// Nothing: there is neither setup nor test.
    Trust,
    /// It must be green.
    MustBeGreen,
    /// It is looked at, and a red one is accepted.
    MayBeRed,
}

impl BasePolicy {
    /// What this plan wants; `allow_red` is the user's word that a red base will do.
    #[must_use]
    pub fn of(plan: &Plan, allow_red: bool) -> Self {
        if plan.setup.is_none() && plan.test.command().is_none() {
            Self::Trust
        } else if allow_red {
            Self::MayBeRed
        } else {
            Self::MustBeGreen
        }
    }
}

/// The bounds of the pool.
#[derive(Debug, Clone, Copy)]
pub struct Pool {
    /// How many workers at the same time; at least 1.
    pub jobs: usize,
    /// Whether the first failure keeps the rest from starting.
    pub fail_fast: bool,
    /// What is done with the base.
    pub base: BasePolicy,
}
