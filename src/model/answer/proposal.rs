//! [`Terms`]: what an answer is held against; and [`Proposal`]: the plans that come of it.

use crate::model::base_tree::BaseTree;
use crate::model::partition::{Bounds, Candidate};
use crate::model::path::RepoPath;
use crate::model::plan::Plan;

/// What an answer is held against.
#[derive(Debug, Clone, Copy)]
pub struct Terms<'a> {
    /// The plan without units: change, base, setup and test are taken from it.
    pub blank: &'a Plan,
    /// The base.
    pub tree: &'a BaseTree<'a>,
    /// The files of which each is to be in one unit or excluded, their weights in lines; none where the user named none.
    pub candidates: &'a [Candidate],
    /// Files that several units tend to want.
    pub shared: &'a [RepoPath],
    /// How many units.
    pub bounds: Bounds,
    /// Where the agent saw the files: its paths may begin so.
    pub root: Option<&'a str>,
}

/// What research proposes.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Proposal {
    /// A plan of independent units.
    Split(Box<Plan>),
    /// Not to split the change.
    Whole(Box<NotSplit>),
}

/// The advice not to split a change, and what can be done instead.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NotSplit {
    /// Why.
    pub reason: String,
    /// The whole change as one unit.
    pub whole: Plan,
    /// The change in steps, each a unit that waits for the one before; none where research named no two.
    pub phases: Option<Plan>,
}

impl NotSplit {
    /// The advice, as the notes of the plan say it.
    #[must_use]
    pub fn note(&self) -> String {
        format!("research advises not to split this change: {}", self.reason)
    }
}

impl Proposal {
    /// Every plan of the proposal.
    pub fn plans_mut(&mut self) -> impl Iterator<Item = &mut Plan> {
        let (first, second) = match self {
            Self::Split(plan) => (&mut **plan, None),
            Self::Whole(not_split) => (&mut not_split.whole, not_split.phases.as_mut()),
        };
        std::iter::once(first).chain(second)
    }
}
