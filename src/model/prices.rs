//! [`Prices`]: what models cost by the token, to reckon money where an agent tells tokens alone.
//!
//! The table is data (`templates/prices.toml`). A model that it does not know has no price: no guess is made.

use serde::Deserialize;

use crate::model::spend::{Spend, Tokens, Usd};

/// The table that comes with the program.
const BUILT_IN: &str = include_str!("../../templates/prices.toml");

/// Prices by model.
#[derive(Debug, Clone, PartialEq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Prices {
    price: Vec<Price>,
}

/// What some models cost, in dollars for a million tokens.
#[derive(Debug, Clone, PartialEq, Deserialize)]
#[serde(deny_unknown_fields)]
struct Price {
    names: Vec<String>,
    input: f64,
    cached: f64,
    output: f64,
}

/// The table of prices cannot be read; what its reader said.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("not a table of prices: {0}")]
pub struct BadPrices(String);

impl Prices {
    /// The table that comes with the program.
    #[must_use]
    pub fn built_in() -> Self {
        Self::parse(BUILT_IN).expect("the table is tested")
    }

    /// Reads a table of prices.
    ///
    /// # Errors
    /// [`BadPrices`] when it is no TOML, something is missing, or a price is no amount of money.
    pub fn parse(text: &str) -> Result<Self, BadPrices> {
        let prices: Self = toml::from_str(text).map_err(|error| BadPrices(error.to_string()))?;
        for price in &prices.price {
            for dollars in [price.input, price.cached, price.output] {
                if Usd::from_dollars(dollars).is_none() {
                    let names = price.names.join(", ");
                    return Err(BadPrices(format!("{names}: {dollars} is no price")));
                }
            }
        }
        Ok(prices)
    }

    /// What so many tokens of the model cost, rounded up; none when the table does not know it.
    #[must_use]
    pub fn estimate(&self, model: &str, tokens: &Tokens) -> Option<Usd> {
        let price = self.of(model)?;
        // Dollars for a million tokens are millionths of a dollar for one.
        let millionths = dear(tokens.input, price.input)
            + dear(tokens.cached, price.cached)
            + dear(tokens.output, price.output);
        // What is a hair above a whole number is so by the arithmetic of floats.
        Usd::from_dollars((millionths - 1e-6).ceil().max(0.0) / 1e6)
    }

    /// The same spend, with its money reckoned from the tokens when it has none.
    #[must_use]
    pub fn reckon(&self, model: Option<&str>, spend: Spend) -> Spend {
        if spend.cost.is_some() || spend.tokens.total() == 0 {
            return spend;
        }
        match model.and_then(|model| self.estimate(model, &spend.tokens)) {
            Some(cost) => Spend {
                cost: Some(cost),
                estimated: true,
                ..spend
            },
            None => spend,
        }
    }

    fn of(&self, model: &str) -> Option<&Price> {
        let model = &plain(model);
        let named = self.price.iter().flat_map(|price| {
            let names = price.names.iter();
            names.filter_map(move |name| Some((fit(name, model)?, price)))
        });
        named.max_by_key(|(fit, _)| *fit).map(|(_, price)| price)
    }
}

/// How well a name of the table fits: a whole name better than a beginning, a longer beginning better than a shorter.
fn fit(name: &str, model: &str) -> Option<usize> {
    match name.strip_suffix('*') {
        Some(beginning) => model.starts_with(beginning).then_some(beginning.len()),
        None => (name == model).then_some(usize::MAX),
    }
}

/// The model's name without what does not change its price: who serves it, its date, its variant.
fn plain(model: &str) -> String {
    let model = model.trim().to_ascii_lowercase();
    let name = model.rsplit('/').next().unwrap_or_default();
    let name = name.split(['[', ':', '@']).next().unwrap_or_default();
    let name = name.strip_suffix("-latest").unwrap_or(name);
    without_date(name).to_owned()
}

/// Cuts off `-20251101` and `-2025-11-01`.
fn without_date(name: &str) -> &str {
    let shapes = ["-dddddddd", "-dddd-dd-dd"];
    let cut = shapes.iter().find_map(|shape| {
        let at = name.len().checked_sub(shape.len())?;
        let end = name.get(at..)?;
        let fits = end
            .chars()
            .zip(shape.chars())
            .all(|(have, want)| match want {
                'd' => have.is_ascii_digit(),
                _ => have == want,
            });
        fits.then(|| &name[..at])
    });
    cut.unwrap_or(name)
}

fn dear(tokens: u64, price: f64) -> f64 {
    #[expect(
        clippy::cast_precision_loss,
        reason = "an estimate; counts are far below 2^53"
    )]
    let tokens = tokens as f64;
    tokens * price
}

#[cfg(test)]
mod tests {
    use super::{Prices, plain};
    use crate::model::spend::{Spend, Tokens, Usd};

    const TABLE: &str = r#"
        [[price]]
        names = ["swift-2*"]
        input = 3.0
        cached = 0.3
        output = 15.0
        [[price]]
        names = ["swift-2-mini*", "swift-3"]
        input = 1.0
        cached = 0.125
        output = 2.0
    "#;

    fn million(input: u64, cached: u64, output: u64) -> Tokens {
        Tokens {
            input: input * 1_000_000,
            cached: cached * 1_000_000,
            output: output * 1_000_000,
        }
    }

    #[test]
    fn each_kind_of_token_has_its_price() {
        let prices = Prices::parse(TABLE).unwrap();
        let tokens = Tokens {
            input: 1_000,
            cached: 10_000,
            output: 100,
        };
        // 0.003 + 0.003 + 0.0015
        assert_eq!(prices.estimate("swift-2", &tokens), Some(Usd(7_500)));
        let few = Tokens {
            input: 0,
            cached: 1,
            output: 0,
        };
        assert_eq!(prices.estimate("swift-3", &few), Some(Usd(1)));
        assert_eq!(prices.estimate("swift-3", &Tokens::default()), Some(Usd(0)));
    }

    #[test]
    fn the_longest_match_counts_and_a_whole_name_is_longest() {
        let prices = Prices::parse(TABLE).unwrap();
        let input = million(1, 0, 0);
        for (model, dollars) in [
            ("swift-2", Some(3.0)),
            ("swift-2-max", Some(3.0)),
            ("swift-2-mini-pro", Some(1.0)),
            ("swift-3", Some(1.0)),
            ("swift-3-mini", None),
            ("swift", None),
            ("", None),
        ] {
            let cost = prices.estimate(model, &input).map(Usd::dollars);
            assert_eq!(cost, dollars, "{model}");
        }
    }

    #[test]
    fn who_serves_a_model_and_its_date_do_not_matter() {
        for model in [
            "claude-opus-4-5",
            "Claude-Opus-4-5",
            "anthropic/claude-opus-4-5",
            "openrouter/anthropic/claude-opus-4-5:beta",
            "claude-opus-4-5-20251101",
            "claude-opus-4-5-2025-11-01",
            "claude-opus-4-5@20251101",
            "claude-opus-4-5[1m]",
            "claude-opus-4-5-latest",
        ] {
            assert_eq!(plain(model), "claude-opus-4-5", "{model}");
        }
        assert_eq!(plain("ü-12345678"), "ü");
        assert_eq!(plain("12345678"), "12345678");
    }

    #[test]
    fn the_built_in_table_knows_models_and_invents_none() {
        let prices = Prices::built_in();
        let all = million(1, 1, 1);
        for (model, dollars) in [
            ("claude-opus-5-5", 24.2),
            ("claude-opus-5", 30.5),
            ("claude-opus-4-1-20250805", 91.5),
            ("claude-sonnet-4-5-20250929", 18.3),
            ("openai/gpt-5.3-codex", 15.925),
            ("gpt-5", 11.375),
            ("gemini-2.5-flash", 2.83),
            ("gemini-2.5-flash-lite", 0.51),
        ] {
            let cost = prices.estimate(model, &all).map(Usd::dollars);
            assert_eq!(cost, Some(dollars), "{model}");
        }
        for unknown in ["gpt-5.9", "gpt-7", "claude-opus-6", "scripted", "sonnet"] {
            assert_eq!(prices.estimate(unknown, &all), None, "{unknown}");
        }
    }

    #[test]
    fn in_the_built_in_table_no_name_stands_twice_and_what_is_cached_is_cheaper() {
        let prices = Prices::built_in();
        let mut names: Vec<_> = prices.price.iter().flat_map(|price| &price.names).collect();
        let all = names.len();
        names.sort();
        names.dedup();
        assert_eq!(names.len(), all);
        for price in &prices.price {
            assert!(
                price.cached < price.input && price.input < price.output,
                "{price:?}"
            );
        }
    }

    #[test]
    fn money_that_is_known_is_not_reckoned_anew() {
        let prices = Prices::parse(TABLE).unwrap();
        let tokens = million(1, 0, 0);
        let known = Spend {
            cost: Some(Usd(5)),
            estimated: false,
            tokens,
        };
        let unknown = Spend {
            cost: None,
            ..known
        };
        assert_eq!(prices.reckon(Some("swift-3"), known), known);
        let reckoned = prices.reckon(Some("swift-3"), unknown);
        assert_eq!(
            (reckoned.cost, reckoned.estimated),
            (Some(Usd(1_000_000)), true)
        );
        assert_eq!(prices.reckon(None, unknown), unknown);
        assert_eq!(prices.reckon(Some("other"), unknown), unknown);
    }

    #[test]
    fn a_table_that_is_none_is_refused() {
        for bad in [
            "price = 3",
            "[[price]]\nnames = ['a']\ninput = 1.0\noutput = 1.0",
            "[[price]]\nnames = ['a']\ninput = -1.0\ncached = 0.0\noutput = 1.0",
            "[[price]]\nnames = ['a']\ninput = nan\ncached = 0.0\noutput = 1.0",
        ] {
            assert!(Prices::parse(bad).is_err(), "{bad}");
        }
    }
}
