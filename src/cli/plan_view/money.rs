//! [`Money`]: what a plan says of its research, of what that cost and of what the run may cost, for [`PlanView`](super::PlanView).

use crate::cli::style::clean;
use crate::engine::forecast::Forecast;
use crate::model::counted::counted;
use crate::model::plan::{Plan, Research};
use crate::model::spend::{Allowance, Spend, Usd, tokens_text};

/// The lines about money.
pub(super) struct Money {
    /// Labels and values.
    pub(super) facts: Vec<(&'static str, String)>,
    /// That the cap will hardly do.
    pub(super) warning: Option<String>,
}

impl Money {
    /// What is to be said of this plan, whose units have so many files, under this cap.
    pub(super) fn of(plan: &Plan, files: &[usize], cap: Allowance) -> Self {
        let told = plan.research.as_ref().map(|told| research(plan, told));
        let research = plan.research.as_ref().map(|research| research.spend);
        let research = research.unwrap_or_default();
        let forecast = Forecast::of(plan, files);
        let mut facts = Vec::new();
        facts.extend(told.map(|told| ("research", told)));
        if let Some(forecast) = &forecast {
            let range = range(&forecast.low, &forecast.high);
            facts.push(("forecast", format!("{range}, {}", forecast.basis.as_str())));
        }
        // Where no agent is asked a cap has nothing to hold.
        if forecast.is_some() && cap.is_bound() {
            facts.push(("at most", format!("{}, research included", bound(&cap))));
        }
        let needed = forecast.map(|forecast| research + forecast.low);
        let too_little = needed.is_some_and(|needed| exceeds(&needed, &cap));
        Self {
            facts,
            warning: too_little.then(|| {
                "what it may spend is less than the least it is likely to cost: units will be left over".to_owned()
            }),
        }
    }
}

/// `by claude, model opus, cost $0.60 (200k tokens); 3 conventions noted`
fn research(plan: &Plan, research: &Research) -> String {
    let mut text = format!("by {}", clean(&research.agent));
    if let Some(model) = &research.model {
        text += &format!(", model {}", clean(model));
    }
    if let Some(spent) = research.spend.long() {
        text += &format!(", cost {spent}");
    }
    match plan.conventions.len() {
        0 => {}
        conventions => text += &format!("; {} noted", counted(conventions, "convention")),
    }
    text
}

/// `$0.50 to $3.00 (500k to 3.0M tokens)`, as far as it is known.
fn range(low: &Spend, high: &Spend) -> String {
    let tokens = || {
        let (low, high) = (low.tokens.total(), high.tokens.total());
        (high > 0).then(|| format!("{} to {} tokens", tokens_text(low), tokens_text(high)))
    };
    match high.cost {
        Some(high) => {
            let money = format!("{} to {high}", low.cost.unwrap_or_default());
            match tokens() {
                Some(tokens) => format!("{money} ({tokens})"),
                None => money,
            }
        }
        None => tokens().unwrap_or_else(|| "nothing".to_owned()),
    }
}

fn bound(cap: &Allowance) -> String {
    let cost = cap.cost.as_ref().map(Usd::to_string);
    let tokens = cap
        .tokens
        .map(|tokens| format!("{} tokens", tokens_text(tokens)));
    let bounds: Vec<String> = cost.into_iter().chain(tokens).collect();
    bounds.join(" and ")
}

fn exceeds(needed: &Spend, cap: &Allowance) -> bool {
    let money = matches!((needed.cost, cap.cost), (Some(needed), Some(cap)) if needed > cap);
    let tokens = cap.tokens.is_some_and(|cap| needed.tokens.total() > cap);
    money || tokens
}

#[cfg(test)]
mod tests {
    use super::Money;
    use crate::model::change::Source;
    use crate::model::plan::{Plan, Research};
    use crate::model::sample;
    use crate::model::spend::{Allowance, Spend, Tokens, Usd};

    fn agent_plan(research: Option<f64>) -> Plan {
        let mut plan = sample::plan(4);
        plan.change.source = Source::Agent;
        plan.research = research.map(|dollars| Research {
            agent: "claude".to_owned(),
            model: None,
            spend: Spend {
                cost: Usd::from_dollars(dollars),
                estimated: false,
                tokens: Tokens {
                    input: 200_000,
                    ..Tokens::default()
                },
            },
        });
        plan
    }

    fn lines(money: &Money) -> Vec<String> {
        let facts = money.facts.iter();
        facts
            .map(|(label, value)| format!("{label}: {value}"))
            .collect()
    }

    fn cap(dollars: f64) -> Allowance {
        Allowance {
            cost: Usd::from_dollars(dollars),
            tokens: Some(3_000_000),
        }
    }

    #[test]
    fn research_forecast_and_cap_are_said() {
        let money = Money::of(&agent_plan(Some(0.6)), &[], cap(5.0));
        assert_eq!(
            lines(&money),
            [
                "research: by claude, cost $0.60 (200k tokens)",
                "forecast: $0.60 to $3.60 (200k to 1.2M tokens), by what research cost and the units' sizes",
                "at most: $5.00 and 3.0M tokens, research included",
            ]
        );
        assert_eq!(money.warning, None);
    }

    #[test]
    fn a_plan_without_research_has_a_rough_forecast() {
        let money = Money::of(&agent_plan(None), &[1; 4], Allowance::default());
        assert_eq!(
            lines(&money),
            ["forecast: $0.25 to $5.04 (252k to 1.7M tokens), a rough guess by the units' sizes"]
        );
    }

    #[test]
    fn a_cap_below_the_least_is_warned_of() {
        assert!(
            Money::of(&agent_plan(Some(0.6)), &[], cap(1.1))
                .warning
                .is_some()
        );
        assert!(
            Money::of(&agent_plan(Some(0.6)), &[], cap(1.2))
                .warning
                .is_none()
        );
    }

    #[test]
    fn a_codemod_says_nothing_of_money() {
        let money = Money::of(&sample::plan(2), &[], cap(1.0));
        assert!(money.facts.is_empty() && money.warning.is_none());
    }
}
