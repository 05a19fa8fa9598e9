//! How single values of the command line are read: counts, durations, names on a forge, descriptions.
//!
//! Each parser answers with a fragment that says what would be right; clap puts the option's name before it.

use std::num::{NonZeroU32, NonZeroU64, NonZeroUsize};
use std::time::Duration;

use jiff::{SignedDuration, Span, SpanRelativeTo};

use super::whereabouts::{ForkChoice, RepoChoice};
use crate::model::site::Site;
use crate::model::spend::Usd;
use crate::model::wishes::{MergeMethod, Tracking};

/// The longest name of a label, in characters (GitHub answers longer ones with 422).
const LABEL_MAX: usize = 50;

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

/// Reads an age: a duration that may have days and weeks, such as `7d` or `2w`.
pub(super) fn age(text: &str) -> Result<Duration, String> {
    let span = text.parse::<Span>().ok();
    span.and_then(|span| span.to_duration(SpanRelativeTo::days_are_24_hours()).ok())
        .and_then(|age| Duration::try_from(age).ok())
        .ok_or_else(|| "write it as 12h, 7d or 2w".to_owned())
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

/// Reads a count of at least one that fits a journal's number.
pub(super) fn at_least_one_small(text: &str) -> Result<NonZeroU32, String> {
    text.parse()
        .map_err(|_| "must be a whole number, 1 or more".to_owned())
}

/// Reads a label's name.
pub(super) fn label(text: &str) -> Result<String, String> {
    let name = one_line(text).ok_or("a label has a name of one line")?;
    if name.chars().count() > LABEL_MAX {
        return Err(format!("a label's name has at most {LABEL_MAX} characters"));
    }
    Ok(name)
}

/// Reads a milestone's title or number.
pub(super) fn milestone(text: &str) -> Result<String, String> {
    one_line(text).ok_or_else(|| "a milestone has a title of one line, or a number".to_owned())
}

fn one_line(text: &str) -> Option<String> {
    let text = text.trim();
    let fine = !text.is_empty() && !text.chars().any(char::is_control);
    fine.then(|| text.to_owned())
}

/// Reads a person's login, with or without an `@`.
pub(super) fn login(text: &str) -> Result<String, String> {
    if text == "@me" {
        return Err("write your login".to_owned());
    }
    let login = text.strip_prefix('@').unwrap_or(text);
    if is_name(login.strip_suffix("[bot]").unwrap_or(login)) {
        Ok(login.to_owned())
    } else {
        Err("must be a login, such as octocat".to_owned())
    }
}

/// Reads a person's login, or a team as `organisation/team`.
pub(super) fn reviewer(text: &str) -> Result<String, String> {
    let name = text.strip_prefix('@').unwrap_or(text);
    match name.split_once('/') {
        None => login(text),
        Some((organisation, team)) if is_name(organisation) && is_name(team) => Ok(name.to_owned()),
        Some(_) => Err("must be a login or ORG/TEAM, such as octocat or octo-org/core".to_owned()),
    }
}

/// Whether it can be a login or the short name of a team.
fn is_name(text: &str) -> bool {
    let fine = |byte: u8| byte.is_ascii_alphanumeric() || b"-_.".contains(&byte);
    !text.is_empty() && !text.starts_with('-') && text.bytes().all(fine)
}

/// Reads how the forge is to merge.
pub(super) fn merge_method(text: &str) -> Result<MergeMethod, String> {
    let all = [MergeMethod::Merge, MergeMethod::Squash, MergeMethod::Rebase];
    let method = all.into_iter().find(|method| method.as_str() == text);
    method.ok_or_else(|| "must be merge, squash or rebase".to_owned())
}

/// Reads where the units are ticked off.
pub(super) fn tracking(text: &str) -> Result<Tracking, String> {
    if text == "new" {
        return Ok(Tracking::New);
    }
    let number = text.strip_prefix('#').unwrap_or(text);
    let number = number.parse::<NonZeroU64>();
    number
        .map(|number| Tracking::Issue(number.get()))
        .map_err(|_| "must be `new` or the number of an issue, such as 12".to_owned())
}

/// Reads a repository on a server.
pub(super) fn repository(text: &str) -> Result<RepoChoice, String> {
    let wanted = || "must be OWNER/NAME or HOST/OWNER/NAME, such as octo-org/site".to_owned();
    let (host, path) = match text.split('/').count() {
        2 => (None, text),
        _ => text
            .split_once('/')
            .map(|(host, path)| (Some(host), path))
            .ok_or_else(wanted)?,
    };
    let is_host = |host: &str| {
        let fine = |byte: u8| byte.is_ascii_alphanumeric() || b"-.:[]".contains(&byte);
        !host.is_empty() && host.bytes().all(fine)
    };
    let site = Site::of(host.unwrap_or("host"), path).filter(|_| host.is_none_or(is_host));
    let site = site.ok_or_else(wanted)?;
    Ok(RepoChoice {
        host: host.map(|_| site.host.clone()),
        path: site.slug(),
    })
}

/// Reads what `--fork` is to do; nothing is its bare form.
pub(super) fn fork(text: &str) -> Result<ForkChoice, String> {
    match text {
        "" => Ok(ForkChoice::Existing),
        "make" => Ok(ForkChoice::Make),
        _ => Err("write --fork or --fork=make".to_owned()),
    }
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

    use super::{
        age, at_least_one, description, dollars, duration, fork, label, login, merge_method,
        milestone, pull_number, repository, reviewer, tokens, tracking,
    };
    use crate::cli::args::{ForkChoice, RepoChoice};
    use crate::model::spend::Usd;
    use crate::model::wishes::{MergeMethod, Tracking};

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
    fn ages_may_be_written_in_days_and_weeks() {
        for (text, hours) in [("12h", 12), ("7d", 168), ("2w", 336), ("1w1d", 192)] {
            assert_eq!(age(text), Ok(Duration::from_hours(hours)), "{text}");
        }
        for bad in ["", "7", "-7d", "7d ago", "1mo", "1y", "a week"] {
            assert!(age(bad).is_err(), "{bad}");
        }
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
    fn people_and_teams_may_be_named_with_an_at_sign() {
        for (text, name) in [
            ("octocat", "octocat"),
            ("@octocat", "octocat"),
            ("ada_acme", "ada_acme"),
            ("renovate[bot]", "renovate[bot]"),
            ("@octo-org/core.team", "octo-org/core.team"),
        ] {
            assert_eq!(reviewer(text).unwrap(), name);
        }
        assert_eq!(login("@octocat").unwrap(), "octocat");
        for bad in [
            "", "@", "@me", "a b", "-a", "a/", "/a", "a/b/c", "a,b", "ä", "@@a",
        ] {
            assert!(reviewer(bad).is_err(), "{bad}");
            assert!(login(bad).is_err(), "{bad}");
        }
        assert!(login("octo-org/core").is_err());
    }

    #[test]
    fn labels_and_milestones_are_one_line() {
        assert_eq!(label(" good first issue ").unwrap(), "good first issue");
        assert_eq!(label(&"ä".repeat(50)).unwrap().chars().count(), 50);
        assert_eq!(milestone("v1.0 beta").unwrap(), "v1.0 beta");
        for bad in ["", " ", "a\nb"] {
            assert!(label(bad).is_err() && milestone(bad).is_err(), "{bad}");
        }
        assert!(label(&"x".repeat(51)).is_err());
    }

    #[test]
    fn a_merge_method_an_issue_and_a_fork_are_named_by_their_words() {
        assert_eq!(merge_method("squash"), Ok(MergeMethod::Squash));
        assert!(merge_method("Squash").is_err() && merge_method("").is_err());
        assert_eq!(tracking("new"), Ok(Tracking::New));
        assert_eq!(tracking("#12"), Ok(Tracking::Issue(12)));
        for bad in ["", "0", "-1", "none", "##1"] {
            assert!(tracking(bad).is_err(), "{bad}");
        }
        assert_eq!(fork("make"), Ok(ForkChoice::Make));
        assert!(fork("yes").is_err());
    }

    #[test]
    fn a_repository_is_named_with_or_without_its_server() {
        let choice = |host: Option<&str>| RepoChoice {
            host: host.map(str::to_owned),
            path: "octo/site".to_owned(),
        };
        assert_eq!(repository("octo/site"), Ok(choice(None)));
        assert_eq!(
            repository("GHE.example:8443/octo/site.git"),
            Ok(choice(Some("ghe.example:8443")))
        );
        for bad in [
            "",
            "octo",
            "/octo/site",
            "octo/",
            "a/b/c/d",
            "https://github.com/octo/site",
            "git@github.com/octo/site",
            "octo/si te",
        ] {
            assert!(repository(bad).is_err(), "{bad}");
        }
    }

    #[test]
    fn a_description_says_something() {
        assert_eq!(description(" rename frob\n").unwrap(), "rename frob");
        assert!(description("").is_err());
        assert!(description(" \n\t").is_err());
    }
}
