//! How single values of the command line are read: counts, durations, numbers of pull requests, descriptions.
//!
//! Each parser answers with a fragment that says what would be right; clap puts the option's name before it.

use std::num::{NonZeroU64, NonZeroUsize};
use std::time::Duration;

use jiff::SignedDuration;

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

    use super::{at_least_one, description, duration, pull_number};

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
