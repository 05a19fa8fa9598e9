//! [`Offer`]: a plan, how its pull requests are opened, and the other ways to make its change that research knows. [`approve`](super::approve) asks about it.

use std::num::NonZeroUsize;

use crate::engine::canary::{advised, chosen};
use crate::model::answer::NotSplit;
use crate::model::id::UnitId;
use crate::model::plan::Plan;
use crate::model::wishes::Wishes;

/// How pull requests are opened.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum OpenedAs {
    /// In the only way that the forge knows.
    Usual,
    /// Ready for review.
    Ready,
    /// As drafts, for which nobody is asked yet.
    Drafts,
}

impl OpenedAs {
    /// The wishes, as they were settled.
    #[must_use]
    pub fn settle(self, wishes: Wishes) -> Wishes {
        match self {
            Self::Usual => wishes,
            Self::Drafts => Wishes {
                draft: true,
                ..wishes
            },
            Self::Ready => Wishes {
                draft: false,
                ready_when_green: false,
                ..wishes
            },
        }
    }

    /// The other way, where there is one.
    pub(super) fn other(self) -> Option<Self> {
        match self {
            Self::Usual => None,
            Self::Ready => Some(Self::Drafts),
            Self::Drafts => Some(Self::Ready),
        }
    }
}

/// What a person is asked about.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Offer {
    /// The plan.
    pub plan: Plan,
    /// Why the change should not be split, where research says so, and what can be done instead.
    pub advice: Option<NotSplit>,
    /// How its pull requests are opened.
    pub opened: OpenedAs,
    /// How many of its units go first; none begins them all.
    pub first: Option<NonZeroUsize>,
}

impl Offer {
    /// The units that go first; `files` is how many files each unit has.
    #[must_use]
    pub fn canary(&self, files: &[usize]) -> Vec<UnitId> {
        let chosen = self.first.map(|count| chosen(&self.plan, files, count));
        chosen.unwrap_or_default()
    }

    /// The same plan with some units first, where that is advised, or with all of them at once.
    pub(super) fn begun_otherwise(&self, files: &[usize]) -> Option<Self> {
        let first = if self.canary(files).is_empty() {
            Some(advised(&self.plan, files)?)
        } else {
            None
        };
        Some(Self {
            first,
            ..self.clone()
        })
    }

    /// The same change in another way that research knows; what was settled of the whole stays.
    pub(super) fn taken_as(&self, other: &Plan) -> Self {
        let plan = Plan {
            change: self.plan.change.clone(),
            setup: self.plan.setup.clone(),
            test: self.plan.test.clone(),
            ..other.clone()
        };
        self.with(plan)
    }

    pub(super) fn with(&self, plan: Plan) -> Self {
        Self {
            plan,
            ..self.clone()
        }
    }

    /// The same plan, its pull requests opened in the other way.
    pub(super) fn opened_otherwise(&self) -> Option<Self> {
        let opened = self.opened.other()?;
        Some(Self {
            opened,
            ..self.clone()
        })
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
