//! How single values of the command line are read: counts, durations, numbers of pull requests, descriptions.
//!
//! Each parser answers with a fragment that says what would be right; clap puts the option's name before it.

use std::num::{NonZeroU64, NonZeroUsize};
use std::time::Duration;

use jiff::SignedDuration;

use crate::model::spend::Usd;

/// Timers overflow far later than this, and nobody waits so long.
const LONGEST: Duration = Duration::from_secs(30 * 24 * 60 * 60);

/// Reads a count of at least one.
pub(super) fn at_least_one(text: &str) -> Result<NonZeroUsize, String> {
    text.parse()
        .map_err(|_| "must be a whole number, 1 or more".to_owned())
}

/// Reads `90s`, `20m`, `2h`, `1h30m` and what else jiff's friendly format allows for a positive duration.
pub(super) fn duration(text: &str) -> Result<Duration, String> {
    let duration = text
        .parse::<SignedDuration>()
        .ok()
        .and_then(|duration| Duration::try_from(duration).ok())
        .filter(|duration| !duration.is_zero())
        .ok_or("write it as 90s, 20m, 2h or 1h30m")?;
    if duration > LONGEST {
        return Err("is longer than 30 days".to_owned());
    }
    Ok(duration)
}

/// Reads an amount of money as people write it: `5`, `$5`, `0.50`.
pub(super) fn dollars(text: &str) -> Result<Usd, String> {
    let number = text.strip_prefix('$').unwrap_or(text);
    plain_number(number)
        .and_then(Usd::from_dollars)
        .filter(|usd| *usd > Usd(0))
        .ok_or_else(|| "must be an amount of US dollars above 0, such as 5 or 0.50".to_owned())
}

/// Reads a number of tokens: `200000`, `200k`, `1.5M`.
pub(super) fn tokens(text: &str) -> Result<u64, String> {
    let (number, factor) = match text.strip_suffix(['k', 'K', 'm', 'M']) {
        Some(number) if text.ends_with(['k', 'K']) => (number, 1e3),
        Some(number) => (number, 1e6),
        None => (text, 1.0),
    };
    // Each whole number below 2^53 is one of f64's.
    let whole = |tokens: &f64| (1.0..9_007_199_254_740_992.0).contains(tokens);
    let tokens = plain_number(number).map(|number| (number * factor).round());
    let tokens = tokens
        .filter(whole)
        .filter(|_| factor > 1.0 || !number.contains('.'));
    #[expect(
        clippy::cast_possible_truncation,
        clippy::cast_sign_loss,
        reason = "it is a whole number within the bounds of u64"
    )]
    tokens
        .map(|tokens| tokens as u64)
        .ok_or_else(|| "must be a number of tokens above 0, such as 200k or 1.5M".to_owned())
}

/// Digits with at most one point: nothing else that a float may be written as.
fn plain_number(text: &str) -> Option<f64> {
    let plain = text.chars().all(|c| c.is_ascii_digit() || c == '.');
    text.parse().ok().filter(|_| plain)
}

/// Reads the number of a pull request, with or without a `#`.
pub(super) fn pull_number(text: &str) -> Result<NonZeroU64, String> {
    text.strip_prefix('#')
        .unwrap_or(text)
        .parse()
        .map_err(|_| "must be the number of a pull request, such as 3".to_owned())
}

/// Reads the description of a change: one line or several, not empty.
pub(super) fn description(text: &str) -> Result<String, String> {
    match text.trim() {
        "" => Err("say in a sentence what the change is".to_owned()),
        sentence => Ok(sentence.to_owned()),
    }
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::{at_least_one, description, dollars, duration, pull_number, tokens};
    use crate::model::spend::Usd;

    #[test]
    fn durations_are_written_with_units() {
        for (text, seconds) in [("90s", 90), ("20m", 1200), ("2h", 7200), ("1h30m", 5400)] {
            assert_eq!(duration(text), Ok(Duration::from_secs(seconds)), "{text}");
        }
        for bad in ["", "90", "0s", "-5m", "5m ago", "soon", "1 fortnight", "m"] {
            assert_eq!(
                duration(bad),
                Err("write it as 90s, 20m, 2h or 1h30m".to_owned()),
                "{bad}"
            );
        }
        assert!(duration("721h").is_err());
        assert!(duration("99999999999999h").is_err());
    }

    #[test]
    fn counts_begin_at_one() {
        assert_eq!(at_least_one("8").unwrap().get(), 8);
        for bad in ["0", "-1", "", "1.5", "many", "99999999999999999999999"] {
            assert!(at_least_one(bad).is_err(), "{bad}");
        }
    }

    #[test]
    fn money_is_written_with_or_without_its_sign() {
        for (text, cents) in [
            ("5", 500),
            ("$5", 500),
            ("0.50", 50),
            (".5", 50),
            ("$12.34", 1234),
        ] {
            assert_eq!(dollars(text), Ok(Usd(cents * 10_000)), "{text}");
        }
        let bad = [
            "",
            "$",
            "0",
            "0.00",
            "-5",
            "$-5",
            "5€",
            "5 USD",
            "1,5",
            "1e3",
            "inf",
            "NaN",
            "+5",
            "1.2.3",
            "0.0000001",
            "99999999999999999999",
        ];
        for bad in bad {
            assert!(dollars(bad).is_err(), "{bad}");
        }
    }

    #[test]
    fn tokens_may_be_written_in_thousands_and_millions() {
        for (text, count) in [
            ("1", 1),
            ("200000", 200_000),
            ("200k", 200_000),
            ("200K", 200_000),
            ("1.5M", 1_500_000),
            ("0.5k", 500),
            ("2m", 2_000_000),
        ] {
            assert_eq!(tokens(text), Ok(count), "{text}");
        }
        let bad = [
            "",
            "0",
            "0k",
            "-1",
            "1.5",
            "k",
            "M",
            "1e6",
            "many",
            "1 k",
            "200kk",
            "0.0001k",
            "inf",
            "99999999999M",
        ];
        for bad in bad {
            assert!(tokens(bad).is_err(), "{bad}");
        }
    }

    #[test]
    fn a_pull_request_may_be_named_as_people_write_it() {
        assert_eq!(pull_number("3").unwrap(), pull_number("#3").unwrap());
        for bad in ["0", "#", "##3", "-3", "three"] {
            assert!(pull_number(bad).is_err(), "{bad}");
        }
    }

    #[test]
    fn a_description_says_something() {
        assert_eq!(description(" rename frob\n").unwrap(), "rename frob");
        assert!(description("").is_err());
        assert!(description(" \n\t").is_err());
    }
}
