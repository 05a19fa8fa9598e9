//! [`Forecast`]: what a plan's units may cost, before there is a run; [`Experience`]: what those that are done have cost,
//! which corrects it.
//!
//! Before the run there are two things to go by. Research has read the same files with the same model, so a unit of
//! middling size is taken to cost between a quarter of it and one and a half of it: it reads less, and writes. Without
//! research, a stated number of tokens for each unit and each of its lines, and a price of one to three dollars for a
//! million tokens: of an agent's tokens nine of ten come from the cache. That is rough, and is said to be.
//!
//! A unit costs more than another by its size, but not in proportion: an agent reads its way in before it edits. Half of
//! the cost is taken to be the same for each unit, and half to grow with its lines.
//!
//! Once units are done, the mean of what they cost takes the place of all of that.

use crate::model::change::Source;
use crate::model::history::{History, UnitHistory};
use crate::model::outcome::Outcome;
use crate::model::plan::{Plan, Unit};
use crate::model::spend::{Spend, Tokens, Usd};

/// What a unit costs at least, as a part of what research cost.
const OF_RESEARCH_LOW: f64 = 0.25;

/// What a unit costs at most, as a part of what research cost.
const OF_RESEARCH_HIGH: f64 = 1.5;

/// The tokens of a unit, and of each of its lines, at least.
const TOKENS_LOW: (u64, u64) = (60_000, 60);

/// The tokens of a unit, and of each of its lines, at most.
const TOKENS_HIGH: (u64, u64) = (400_000, 400);

/// Millionths of a dollar for a token, at least and at most.
const PRICE: (u64, u64) = (1, 3);

/// So many lines are taken for a file where a unit's lines are not known.
const LINES_A_FILE: u64 = 50;

/// No unit is taken to be more than so many times as large as the others.
const LARGEST: f64 = 5.0;

/// After so many units that are done, their cost says more than the forecast.
const ENOUGH: u32 = 2;

/// What a plan's units may cost, research not included.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Forecast {
    /// At least.
    pub low: Spend,
    /// At most, as far as one can tell.
    pub high: Spend,
    /// What it goes by.
    pub basis: Basis,
}

/// What a forecast goes by.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Basis {
    /// What research cost.
    Research,
    /// The units' sizes alone.
    Sizes,
}

impl Basis {
    /// The words for it, as a fragment.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Research => "by what research cost and the units' sizes",
            Self::Sizes => "a rough guess by the units' sizes",
        }
    }
}

/// How a unit comes to ask an agent.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Asks {
    /// Not at all.
    Never,
    /// Where its codemod's work fails the checks.
    Perhaps,
    /// From the start.
    Surely,
}

impl Asks {
    /// Whether, and when, this unit asks an agent.
    #[must_use]
    pub fn of(plan: &Plan, unit: &Unit) -> Self {
        match (plan.agent_of(unit), plan.source_of(unit)) {
            (None, _) => Self::Never,
            (Some(_), Source::Agent) => Self::Surely,
            (Some(_), Source::Rewrite(_) | Source::Command(_) | Source::From { .. }) => {
                Self::Perhaps
            }
        }
    }
}

impl Forecast {
    /// What the plan's units may cost; `files` is how many files each has. None when no agent makes any of them.
    #[must_use]
    pub fn of(plan: &Plan, files: &[usize]) -> Option<Self> {
        let mut all: Option<Self> = None;
        for (at, unit) in plan.units.iter().enumerate() {
            let Some(one) = Self::of_unit(plan, unit, files.get(at).copied()) else {
                continue;
            };
            all = Some(match all {
                None => one,
                Some(sum) => Self {
                    low: sum.low + one.low,
                    high: sum.high + one.high,
                    basis: sum.basis,
                },
            });
        }
        all
    }

    /// What one unit of the plan may cost; none when no agent is asked for it.
    #[must_use]
    pub fn of_unit(plan: &Plan, unit: &Unit, files: Option<usize>) -> Option<Self> {
        let research = plan.research.as_ref().map(|research| research.spend);
        let forecast = if let Some(research) = research.filter(|spend| !spend.is_nothing()) {
            let factor = relative(unit.lines, mean_lines(plan));
            Self {
                low: research.times(OF_RESEARCH_LOW * factor),
                high: research.times(OF_RESEARCH_HIGH * factor),
                basis: Basis::Research,
            }
        } else {
            let lines = lines(unit, files);
            Self {
                low: guessed(TOKENS_LOW, lines, PRICE.0),
                high: guessed(TOKENS_HIGH, lines, PRICE.1),
                basis: Basis::Sizes,
            }
        };
        match Asks::of(plan, unit) {
            Asks::Never => None,
            Asks::Perhaps => Some(Self {
                low: forecast.low.times(0.0),
                ..forecast
            }),
            Asks::Surely => Some(forecast),
        }
    }

    /// The middle of it.
    #[must_use]
    pub fn middle(&self) -> Spend {
        (self.low + self.high).times(0.5)
    }
}

/// What units that are done have cost.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Experience {
    units: u32,
    spend: Spend,
    /// The lines of those whose size is known, and how many these are.
    lines: (u64, u32),
}

impl Experience {
    /// What the units of a history have cost, those that were done.
    #[must_use]
    pub fn of(history: &History) -> Self {
        let mut experience = Self::default();
        for unit in history.units.iter().filter(|unit| is_done(unit)) {
            experience.add(unit.lines, unit.spend);
        }
        experience
    }

    /// Takes in a unit that is done. One that cost nothing tells nothing.
    pub fn add(&mut self, lines: Option<u64>, spend: Spend) {
        if spend.is_nothing() {
            return;
        }
        self.units += 1;
        self.spend += spend;
        if let Some(lines) = lines {
            self.lines.0 = self.lines.0.saturating_add(lines);
            self.lines.1 += 1;
        }
    }

    /// How many units it goes by.
    #[must_use]
    pub fn units(&self) -> u32 {
        self.units
    }

    /// What a unit of that size will cost; none when no unit is done yet.
    #[must_use]
    pub fn estimate(&self, lines: Option<u64>) -> Option<Spend> {
        if self.units == 0 {
            return None;
        }
        let (sum, known) = self.lines;
        let mean = sum.checked_div(u64::from(known));
        let factor = relative(lines, mean) / f64::from(self.units);
        Some(self.spend.times(factor))
    }
}

/// What the whole run will have cost, by the units that are done; none before two of them are, and when no more will ask.
#[must_use]
pub fn corrected(history: &History) -> Option<Spend> {
    let experience = Experience::of(history);
    if experience.units() < ENOUGH {
        return None;
    }
    let mut open = history
        .units
        .iter()
        .filter(|unit| unit.asks && unit.outcome.is_none())
        .peekable();
    open.peek()?;
    let to_come = open.filter_map(|unit| Some(experience.estimate(unit.lines)?.since(&unit.spend)));
    let total = to_come.fold(history.spend(), |sum, spend| sum + spend);
    Some(Spend {
        estimated: true,
        ..total
    })
}

fn is_done(unit: &UnitHistory) -> bool {
    match &unit.outcome {
        Some(Outcome::Opened { .. } | Outcome::Pushed { .. } | Outcome::Unchanged) => true,
        Some(Outcome::Failed(_) | Outcome::Cancelled { .. }) | None => false,
    }
}

/// How much more a unit costs than one of the mean size.
pub(super) fn relative(lines: Option<u64>, mean: Option<u64>) -> f64 {
    match (lines, mean) {
        (Some(lines), Some(mean)) if mean > 0 => {
            #[expect(clippy::cast_precision_loss, reason = "an estimate")]
            let ratio = lines as f64 / mean as f64;
            0.5 + 0.5 * ratio.min(LARGEST)
        }
        (Some(_) | None, _) => 1.0,
    }
}

fn mean_lines(plan: &Plan) -> Option<u64> {
    let known: Vec<u64> = plan.units.iter().filter_map(|unit| unit.lines).collect();
    let sum = known
        .iter()
        .fold(0_u64, |sum, lines| sum.saturating_add(*lines));
    sum.checked_div(known.len() as u64)
}

fn lines(unit: &Unit, files: Option<usize>) -> u64 {
    let by_files = || (files.unwrap_or(1) as u64).saturating_mul(LINES_A_FILE);
    unit.lines.unwrap_or_else(by_files)
}

fn guessed((unit, line): (u64, u64), lines: u64, price: u64) -> Spend {
    let tokens = unit.saturating_add(line.saturating_mul(lines));
    Spend {
        cost: Some(Usd(tokens.saturating_mul(price))),
        estimated: true,
        // Of which kind they are does not matter for a sum.
        tokens: Tokens {
            cached: tokens,
            ..Tokens::default()
        },
    }
}

#[cfg(test)]
mod tests {
    use super::{Basis, Experience, Forecast, corrected};
    use crate::model::change::Source;
    use crate::model::outcome::Outcome;
    use crate::model::plan::{Plan, Research};
    use crate::model::sample;
    use crate::model::spend::{Spend, Tokens, Usd};

    fn spend(dollars: f64, tokens: u64) -> Spend {
        Spend {
            cost: Usd::from_dollars(dollars),
            estimated: false,
            tokens: Tokens {
                input: tokens,
                ..Tokens::default()
            },
        }
    }

    fn agent_plan(lines: &[Option<u64>]) -> Plan {
        let mut plan = sample::plan(lines.len());
        plan.change.source = Source::Agent;
        for (unit, lines) in plan.units.iter_mut().zip(lines) {
            unit.lines = *lines;
        }
        plan
    }

    fn researched(plan: Plan, spend: Spend) -> Plan {
        Plan {
            research: Some(Research {
                agent: "claude".to_owned(),
                model: None,
                spend,
            }),
            ..plan
        }
    }

    #[test]
    fn units_are_measured_by_what_research_cost() {
        let plan = researched(agent_plan(&[None; 4]), spend(2.0, 1000));
        let forecast = Forecast::of(&plan, &[]).unwrap();
        assert_eq!(forecast.basis, Basis::Research);
        assert_eq!(forecast.low.cost, Usd::from_dollars(2.0));
        assert_eq!(forecast.high.cost, Usd::from_dollars(12.0));
        assert_eq!(forecast.high.tokens.total(), 6000);
    }

    #[test]
    fn half_of_a_units_cost_grows_with_its_size() {
        let plan = researched(agent_plan(&[Some(100), Some(300)]), spend(4.0, 0));
        let low = |at: usize| {
            let forecast = Forecast::of_unit(&plan, &plan.units[at], None).unwrap();
            forecast.low.cost.unwrap().dollars()
        };
        assert_eq!((low(0), low(1)), (0.75, 1.25));
    }

    #[test]
    fn research_that_knows_no_money_forecasts_tokens_alone() {
        let unknown = Spend {
            cost: None,
            ..spend(0.0, 1000)
        };
        let plan = researched(agent_plan(&[None]), unknown);
        let forecast = Forecast::of(&plan, &[]).unwrap();
        assert_eq!(forecast.high.cost, None);
        assert_eq!(forecast.high.tokens.total(), 1500);
    }

    #[test]
    fn without_research_it_is_a_guess_by_lines_or_else_by_files() {
        let plan = agent_plan(&[Some(500), None]);
        let forecast = Forecast::of(&plan, &[3, 10]).unwrap();
        assert_eq!(forecast.basis, Basis::Sizes);
        assert_eq!(forecast.low.tokens.total(), 2 * (60_000 + 60 * 500));
        assert_eq!(forecast.low.cost, Some(Usd(180_000)));
        assert_eq!(forecast.high.cost, Some(Usd(3 * 2 * (400_000 + 400 * 500))));
    }

    #[test]
    fn a_codemod_costs_nothing_and_an_agent_that_may_take_over_perhaps_something() {
        let mut plan = sample::plan(2);
        assert_eq!(Forecast::of(&plan, &[]), None);
        plan.units[1].agent = Some(crate::model::agent::AgentChoice {
            name: Some("codex".to_owned()),
            model: None,
        });
        let forecast = Forecast::of(&plan, &[]).unwrap();
        assert_eq!(forecast.low.cost, Some(Usd(0)));
        assert!(forecast.high.cost > Some(Usd(0)));
    }

    #[test]
    fn absurd_sizes_and_costs_do_not_overflow() {
        let plan = agent_plan(&[Some(u64::MAX), Some(u64::MAX), Some(0)]);
        assert!(Forecast::of(&plan, &[]).is_some());
        let vast = Spend {
            cost: Some(Usd(u64::MAX)),
            ..spend(0.0, u64::MAX)
        };
        let plan = researched(plan, vast);
        assert!(Forecast::of(&plan, &[usize::MAX]).is_some());
    }

    #[test]
    fn experience_is_the_mean_by_size() {
        let mut experience = Experience::default();
        assert_eq!(experience.estimate(None), None);
        experience.add(Some(100), spend(1.0, 10));
        experience.add(Some(300), spend(3.0, 30));
        experience.add(None, Spend::default());
        let estimate = |lines| experience.estimate(lines).unwrap().cost;
        assert_eq!(estimate(None), Usd::from_dollars(2.0));
        assert_eq!(estimate(Some(200)), Usd::from_dollars(2.0));
        assert_eq!(estimate(Some(0)), Usd::from_dollars(1.0));
        assert_eq!(estimate(Some(u64::MAX)), Usd::from_dollars(6.0));
    }

    #[test]
    fn the_forecast_is_corrected_by_the_first_units() {
        let mut history = sample::history(vec![
            Some(sample::opened(1)),
            Some(Outcome::Unchanged),
            None,
            None,
            Some(sample::cancelled()),
        ]);
        history.research = spend(1.0, 0);
        for unit in &mut history.units {
            unit.asks = true;
        }
        history.units[0].spend = spend(1.0, 0);
        assert_eq!(corrected(&history), None, "one unit is too few");
        history.units[1].spend = spend(2.0, 0);
        history.units[2].spend = spend(0.5, 0);
        // 4.5 so far, 1.0 more for the third and 1.5 for the fourth.
        let total = corrected(&history).unwrap();
        assert_eq!(total.cost, Usd::from_dollars(7.0));
        assert!(total.estimated);
        history.units[2].outcome = Some(Outcome::Unchanged);
        history.units[3].asks = false;
        assert_eq!(corrected(&history), None, "nothing is to come");
    }
}
