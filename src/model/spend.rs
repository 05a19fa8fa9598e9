//! [`Spend`]: what agents cost, in money ([`Usd`]) and tokens ([`Tokens`]).

use std::fmt;
use std::iter::Sum;
use std::ops::{Add, AddAssign};

use serde::{Deserialize, Deserializer, Serialize, Serializer};

/// An amount of money in millionths of a US dollar; a number of dollars in JSON.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Default, Hash)]
pub struct Usd(pub u64);

/// Tokens that went in and came out of a model.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct Tokens {
    /// Read anew.
    pub input: u64,
    /// Read from the provider's cache, which costs less; not part of `input`.
    #[serde(default)]
    pub cached: u64,
    /// Written, thoughts included.
    pub output: u64,
}

/// What may be spent; the default is no bound.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Allowance {
    /// Money; none is no bound.
    pub cost: Option<Usd>,
    /// Tokens, however they are counted; none is no bound.
    pub tokens: Option<u64>,
}

/// What one or several requests to agents cost.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct Spend {
    /// Money; none where nobody knows.
    #[serde(rename = "cost_usd", default, skip_serializing_if = "Option::is_none")]
    pub cost: Option<Usd>,
    /// Whether the money, or a part of it, was reckoned from tokens by the table of prices.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub estimated: bool,
    /// Tokens.
    #[serde(default)]
    pub tokens: Tokens,
}

const MILLION: f64 = 1e6;

impl Usd {
    /// So many dollars; none for a negative amount, one that is no number, or one that is too large.
    #[must_use]
    pub fn from_dollars(dollars: f64) -> Option<Self> {
        let millionths = (dollars * MILLION).round();
        // Up to 2^53 each whole number is one of f64's.
        let fits = (0.0..9_007_199_254_740_992.0).contains(&millionths);
        #[expect(
            clippy::cast_possible_truncation,
            clippy::cast_sign_loss,
            reason = "it is a whole number within the bounds of u64"
        )]
        fits.then_some(Self(millionths as u64))
    }

    /// The number of dollars.
    #[must_use]
    pub fn dollars(self) -> f64 {
        #[expect(
            clippy::cast_precision_loss,
            reason = "amounts are far below 2^53 millionths"
        )]
        let millionths = self.0 as f64;
        millionths / MILLION
    }

    /// What is left of it after `other` is taken away; nothing rather than less.
    #[must_use]
    pub fn saturating_sub(self, other: Self) -> Self {
        Self(self.0.saturating_sub(other.0))
    }
}

impl Tokens {
    /// All of them, however they were counted.
    #[must_use]
    pub fn total(&self) -> u64 {
        self.input
            .saturating_add(self.cached)
            .saturating_add(self.output)
    }

    /// What is left after `before`, each kind for itself; nothing rather than less.
    #[must_use]
    pub fn since(&self, before: &Self) -> Self {
        Self {
            input: self.input.saturating_sub(before.input),
            cached: self.cached.saturating_sub(before.cached),
            output: self.output.saturating_sub(before.output),
        }
    }
}

impl Spend {
    /// Whether nothing at all was spent, as far as anyone knows.
    #[must_use]
    pub fn is_nothing(&self) -> bool {
        self.tokens.total() == 0 && self.cost.is_none_or(|cost| cost == Usd(0))
    }

    /// What was spent after `before`, of a count that goes on through a session.
    #[must_use]
    pub fn since(&self, before: &Self) -> Self {
        Self {
            cost: self
                .cost
                .map(|cost| cost.saturating_sub(before.cost.unwrap_or_default())),
            estimated: self.estimated,
            tokens: self.tokens.since(&before.tokens),
        }
    }
}

impl Allowance {
    /// What is left of it after so much was spent; nothing rather than less.
    #[must_use]
    pub fn after(&self, spent: &Spend) -> Self {
        Self {
            cost: self
                .cost
                .map(|cost| cost.saturating_sub(spent.cost.unwrap_or_default())),
            tokens: self
                .tokens
                .map(|tokens| tokens.saturating_sub(spent.tokens.total())),
        }
    }

    /// Whether nothing is left of money or of tokens.
    #[must_use]
    pub fn is_used_up(&self) -> bool {
        self.cost == Some(Usd(0)) || self.tokens == Some(0)
    }

    /// Whether there is any bound.
    #[must_use]
    pub fn is_bound(&self) -> bool {
        self.cost.is_some() || self.tokens.is_some()
    }
}

impl Spend {
    /// So many times as much, for estimates.
    #[must_use]
    pub fn times(&self, factor: f64) -> Self {
        Self {
            cost: self.cost.map(|cost| Usd(scaled(cost.0, factor))),
            estimated: true,
            tokens: Tokens {
                input: scaled(self.tokens.input, factor),
                cached: scaled(self.tokens.cached, factor),
                output: scaled(self.tokens.output, factor),
            },
        }
    }

    /// The money, with a `~` where it is reckoned; the tokens where no money is known; none when nothing was spent.
    #[must_use]
    pub fn short(&self) -> Option<String> {
        if self.is_nothing() {
            return None;
        }
        Some(match self.cost {
            Some(cost) if self.estimated => format!("~{cost}"),
            Some(cost) => cost.to_string(),
            None => format!("{} tokens", tokens_text(self.tokens.total())),
        })
    }

    /// The money and the tokens, as far as they are known; none when nothing was spent.
    #[must_use]
    pub fn long(&self) -> Option<String> {
        let short = self.short()?;
        let tokens = self.tokens.total();
        Some(match self.cost {
            Some(_) if tokens > 0 => format!("{short} ({} tokens)", tokens_text(tokens)),
            Some(_) | None => short,
        })
    }
}

/// A count of tokens as people write it: `950`, `12k`, `1.3M`.
#[must_use]
pub fn tokens_text(tokens: u64) -> String {
    // What would be rounded up to the next unit is written in it.
    match tokens {
        0..1_000 => tokens.to_string(),
        1_000..999_500 => format!("{}k", (tokens + 500) / 1_000),
        999_500..=u64::MAX => {
            let tenths = tokens / 100_000 + u64::from(tokens % 100_000 >= 50_000);
            format!("{}.{}M", tenths / 10, tenths % 10)
        }
    }
}

fn scaled(amount: u64, factor: f64) -> u64 {
    #[expect(
        clippy::cast_precision_loss,
        clippy::cast_possible_truncation,
        clippy::cast_sign_loss,
        reason = "an estimate; `as` stops at the bounds of u64"
    )]
    let scaled = (amount as f64 * factor).round() as u64;
    scaled
}

impl Add for Spend {
    type Output = Self;

    fn add(mut self, other: Self) -> Self {
        self += other;
        self
    }
}

impl AddAssign for Spend {
    fn add_assign(&mut self, other: Self) {
        self.cost = match (self.cost, other.cost) {
            (Some(one), Some(other)) => Some(Usd(one.0.saturating_add(other.0))),
            (one, other) => one.or(other),
        };
        self.estimated = self.estimated || other.estimated;
        self.tokens.input = self.tokens.input.saturating_add(other.tokens.input);
        self.tokens.cached = self.tokens.cached.saturating_add(other.tokens.cached);
        self.tokens.output = self.tokens.output.saturating_add(other.tokens.output);
    }
}

impl Sum for Spend {
    fn sum<I: Iterator<Item = Self>>(spends: I) -> Self {
        spends.fold(Self::default(), Add::add)
    }
}

/// Dollars and cents; below ten cents with as many digits as say something.
impl fmt::Display for Usd {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let text = match self.0 {
            0 => "$0".to_owned(),
            1..=99 => "<$0.0001".to_owned(),
            100..=9_999 => format!("${:.4}", self.dollars()),
            10_000..=99_999 => format!("${:.3}", self.dollars()),
            _ => format!("${:.2}", self.dollars()),
        };
        f.pad(&text)
    }
}

impl Serialize for Usd {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_f64(self.dollars())
    }
}

impl<'de> Deserialize<'de> for Usd {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let dollars = f64::deserialize(deserializer)?;
        Self::from_dollars(dollars)
            .ok_or_else(|| serde::de::Error::custom("not an amount of money"))
    }
}

#[cfg(test)]
mod tests {
    use super::{Allowance, Spend, Tokens, Usd, tokens_text};

    #[test]
    fn money_reads_as_people_write_it() {
        let shown = [0, 1, 1_600, 16_000, 420_000, 12_345_678].map(|usd| Usd(usd).to_string());
        assert_eq!(
            shown,
            ["$0", "<$0.0001", "$0.0016", "$0.016", "$0.42", "$12.35"]
        );
    }

    #[test]
    fn dollars_that_are_no_amount_are_refused() {
        assert_eq!(Usd::from_dollars(0.0016), Some(Usd(1_600)));
        for odd in [-1.0, f64::NAN, f64::INFINITY, 1e300] {
            assert_eq!(Usd::from_dollars(odd), None, "{odd}");
        }
    }

    #[test]
    fn an_unknown_cost_takes_nothing_from_a_known_one() {
        let known = Spend {
            cost: Some(Usd(5)),
            ..Spend::default()
        };
        let unknown = Spend {
            tokens: Tokens {
                input: 3,
                cached: 0,
                output: 1,
            },
            ..Spend::default()
        };
        let sum = known + unknown;
        assert_eq!(sum.cost, Some(Usd(5)));
        assert_eq!(sum.tokens.total(), 4);
    }

    #[test]
    fn a_count_that_goes_on_is_told_by_what_was_added() {
        let before = Spend {
            cost: Some(Usd(5)),
            ..Spend::default()
        };
        let after = Spend {
            cost: Some(Usd(7)),
            ..Spend::default()
        };
        assert_eq!(after.since(&before).cost, Some(Usd(2)));
    }

    #[test]
    fn tokens_read_as_people_write_them() {
        let shown = [
            0, 999, 1_000, 12_499, 999_499, 999_500, 1_250_000, 34_000_000,
        ]
        .map(tokens_text);
        assert_eq!(
            shown,
            ["0", "999", "1k", "12k", "999k", "1.0M", "1.3M", "34.0M"]
        );
        assert_eq!(tokens_text(u64::MAX), "18446744073709.6M");
    }

    #[test]
    fn a_spend_says_what_is_known_of_it() {
        let tokens = Tokens {
            input: 12_000,
            cached: 0,
            output: 0,
        };
        let spend = |cost, estimated, tokens| Spend {
            cost,
            estimated,
            tokens,
        };
        let none = Tokens::default();
        let long = [
            spend(Some(Usd(420_000)), true, tokens),
            spend(Some(Usd(420_000)), false, none),
            spend(None, false, tokens),
            spend(Some(Usd(0)), false, none),
        ]
        .map(|spend| spend.long().unwrap_or_default());
        assert_eq!(long, ["~$0.42 (12k tokens)", "$0.42", "12k tokens", ""]);
    }

    #[test]
    fn an_allowance_is_used_up_by_money_or_by_tokens() {
        let allowance = Allowance {
            cost: Some(Usd(10)),
            tokens: Some(5),
        };
        let spent = |cost, output| Spend {
            cost: Some(Usd(cost)),
            estimated: false,
            tokens: Tokens {
                output,
                ..Tokens::default()
            },
        };
        assert!(!allowance.after(&spent(9, 4)).is_used_up());
        assert!(allowance.after(&spent(11, 0)).is_used_up());
        assert!(allowance.after(&spent(0, 5)).is_used_up());
        assert!(!Allowance::default().after(&spent(99, 99)).is_used_up());
    }

    #[test]
    fn json_says_dollars() {
        let spend = Spend {
            cost: Some(Usd(1_600)),
            ..Spend::default()
        };
        let json = serde_json::to_string(&spend).unwrap();
        assert_eq!(
            json,
            r#"{"cost_usd":0.0016,"tokens":{"input":0,"cached":0,"output":0}}"#
        );
        assert_eq!(serde_json::from_str::<Spend>(&json).unwrap(), spend);
    }
}
