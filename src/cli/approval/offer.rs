//! [`Offer`]: a plan with the other ways to make its change that research knows. [`approve`](super::approve) asks about it.

use crate::model::answer::NotSplit;
use crate::model::plan::Plan;

/// What a person is asked about.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Offer {
    /// The plan.
    pub plan: Plan,
    /// Why the change should not be split, where research says so, and what can be done instead.
    pub advice: Option<NotSplit>,
}

impl Offer {
    /// The same change in another way that research knows; what was settled of the whole stays.
    pub(super) fn taken_as(&self, other: &Plan) -> Self {
        let plan = Plan {
            change: self.plan.change.clone(),
            setup: self.plan.setup.clone(),
            test: self.plan.test.clone(),
            ..other.clone()
        };
        Self {
            plan,
            advice: self.advice.clone(),
        }
    }

    pub(super) fn with(&self, plan: Plan) -> Self {
        Self {
            plan,
            advice: self.advice.clone(),
        }
    }

    /// The change in steps, where it can be and is not yet.
    pub(super) fn phases(&self) -> Option<&Plan> {
        let phases = self.advice.as_ref()?.phases.as_ref();
        phases.filter(|phases| phases.units != self.plan.units)
    }

    /// The change as one unit, where that is advised and it is not yet.
    pub(super) fn whole(&self) -> Option<&Plan> {
        let whole = self.advice.as_ref().map(|advice| &advice.whole);
        whole.filter(|whole| whole.units != self.plan.units)
    }
}
