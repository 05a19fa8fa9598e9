//! [`Purse`]: the budget as the dispatcher holds it: what each unit of a go would cost, and what is told of spending.

use std::collections::{HashMap, HashSet};

use crate::engine::budget::{Budget, Candidate, Verdict};
use crate::engine::forecast::{Experience, Forecast};
use crate::engine::go::{Begin, Go};
use crate::engine::job::WorkerEnd;
use crate::model::event::Event;
use crate::model::history::History;
use crate::model::id::UnitId;
use crate::model::outcome::FailureKind;
use crate::model::spend::{Allowance, Spend};

/// The run's money.
#[derive(Debug)]
pub struct Purse {
    budget: Budget,
    money: bool,
    /// What the units that ask agents would cost.
    candidates: HashMap<UnitId, Candidate>,
    /// The units that are known to ask none.
    without: HashSet<UnitId>,
    /// The units whose edits are made.
    made: HashSet<UnitId>,
    warned: bool,
}

impl Purse {
    /// A purse without a bottom.
    #[must_use]
    pub fn unbounded() -> Self {
        Self::new(
            Allowance::default(),
            Spend::default(),
            Experience::default(),
        )
    }

    /// What a go may spend: its cap, less what the run has spent before.
    #[must_use]
    pub fn of(go: &Go, history: &History) -> Self {
        let mut purse = Self::new(go.cap, history.spend(), Experience::of(history));
        // Of all units of the plan: those that are not of this go may be taken up on the way.
        for (unit, files) in go.plan.units.iter().zip(&go.files) {
            let files = files.len();
            if let Some(forecast) = Forecast::of_unit(&go.plan, unit, Some(files)) {
                let candidate = Candidate {
                    guess: forecast.middle(),
                    lines: unit.lines,
                };
                purse.candidates.insert(unit.id.clone(), candidate);
            } else {
                purse.without.insert(unit.id.clone());
            }
        }
        let made = go.units.iter().filter(|unit| unit.begin != Begin::Anew);
        purse.made = made
            .map(|unit| go.plan.units[unit.index].id.clone())
            .collect();
        purse
    }

    fn new(cap: Allowance, spent: Spend, experience: Experience) -> Self {
        Self {
            budget: Budget::new(cap, spent, experience),
            money: cap.cost.is_some(),
            candidates: HashMap::new(),
            without: HashSet::new(),
            made: HashSet::new(),
            warned: false,
        }
    }

    /// Whether the unit may ask an agent, as far as is known.
    pub(super) fn may_ask(&self, unit: &UnitId) -> bool {
        !self.without.contains(unit) && !self.made.contains(unit)
    }

    /// Takes note that the unit's edits are to be made anew.
    pub(super) fn anew(&mut self, unit: &UnitId) {
        self.made.remove(unit);
    }

    /// What the unit would cost, where it asks an agent.
    fn candidate(&self, unit: &UnitId) -> Option<&Candidate> {
        let candidate = self.candidates.get(unit);
        candidate.filter(|_| !self.made.contains(unit))
    }

    /// Takes in an event.
    pub(super) fn hear(&mut self, event: &Event) {
        if let Event::Spent { unit, spend, .. } = event {
            self.budget.spend(unit, *spend);
        }
    }

    /// Whether the unit may start, one of so many that could. One without an agent costs nothing.
    pub(super) fn verdict(&self, unit: &UnitId, waiting: usize) -> Verdict {
        match self.candidate(unit) {
            Some(candidate) => self.budget.verdict(candidate, waiting),
            None => Verdict::Start(Allowance::default()),
        }
    }

    /// Takes note that the unit runs.
    pub(super) fn start(&mut self, unit: &UnitId, allowance: Allowance) {
        if let Some(candidate) = self.candidate(unit) {
            let lines = candidate.lines;
            self.budget.start(unit, lines, allowance);
        }
    }

    /// Takes note of how the unit's worker ended; the warning that its cost calls for. Programs may tell tokens at first
    /// and money at their end, so not before.
    pub(super) fn end(&mut self, unit: &UnitId, end: &WorkerEnd) -> Option<Event> {
        let spent = self.budget.end(unit, tells_of_others(end))?;
        let unpriced = self.money && spent.cost.is_none() && spent.tokens.total() > 0;
        if !unpriced || self.warned {
            return None;
        }
        self.warned = true;
        Some(Event::Warning {
            unit: Some(unit.clone()),
            text: "what its agent costs is not known, so --max-cost does not hold it; --max-tokens does"
                .to_owned(),
        })
    }

    /// How many of these units share what is left.
    pub(super) fn sharers<'a>(&self, units: impl Iterator<Item = &'a UnitId>) -> usize {
        units.filter(|unit| self.candidate(unit).is_some()).count()
    }
}

/// Whether a unit that ended so got as far as most do, so that the others will cost about as much.
fn tells_of_others(end: &WorkerEnd) -> bool {
    match end {
        WorkerEnd::Delivered(_) | WorkerEnd::Unchanged => true,
        WorkerEnd::Stopped => false,
        WorkerEnd::Failed(failure) => match failure.kind {
            FailureKind::Turns
            | FailureKind::Budget
            | FailureKind::Tokens
            | FailureKind::Scope
            | FailureKind::Tests
            | FailureKind::Conflict
            | FailureKind::Delivery
            | FailureKind::Forge => true,
            FailureKind::Permission
            | FailureKind::RateLimit
            | FailureKind::Unauthorised
            | FailureKind::Quota
            | FailureKind::Timeout
            | FailureKind::Silence
            | FailureKind::Runaway
            | FailureKind::Crash
            | FailureKind::Setup
            | FailureKind::Other => false,
        },
    }
}

#[cfg(test)]
mod tests;
