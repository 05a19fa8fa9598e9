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
    use super::{Spend, Tokens, Usd};

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
