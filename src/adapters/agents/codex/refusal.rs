//! What codex's words about a failed turn mean. It gives nothing but words, in English: an HTTP status among them where
//! it did not recognise the failure, a sentence of its own where it did.

use jiff::civil::{DateTime, Time};
use jiff::{Timestamp, ToSpan, Zoned};

use crate::adapters::agents::ending::refused;
use crate::model::agent::AgentEnd;

/// What a sentence of its own means.
#[derive(Clone, Copy)]
enum Meaning {
    RateLimited,
    NoQuota,
    Unauthorised,
}

/// What its sentences are known by, as of version 0.169.0.
const SENTENCES: [(&str, Meaning); 6] = [
    ("hit your usage limit", Meaning::RateLimited),
    ("Quota exceeded", Meaning::NoQuota),
    ("To use Codex with your ChatGPT plan", Meaning::NoQuota),
    ("Missing environment variable", Meaning::Unauthorised),
    ("sign in again", Meaning::Unauthorised),
    ("could not be refreshed", Meaning::Unauthorised),
];

/// What a failed turn comes to; `now` is when it failed, in the time zone in which the program tells times.
pub(super) fn meaning(words: &str, now: &Zoned) -> AgentEnd {
    let known = SENTENCES
        .iter()
        .find(|(sentence, _)| words.contains(sentence));
    match known.map(|(_, meaning)| *meaning) {
        Some(Meaning::RateLimited) => AgentEnd::RateLimited {
            resets: resets(words, now),
        },
        Some(Meaning::NoQuota) => AgentEnd::NoQuota(words.to_owned()),
        Some(Meaning::Unauthorised) => AgentEnd::Unauthorised(words.to_owned()),
        None => refused(status(words).unwrap_or_default(), words, None),
    }
}

/// The HTTP status in `unexpected status 401 Unauthorized: …` and `…, last status: 429 Too Many Requests`.
pub(super) fn status(words: &str) -> Option<u16> {
    let (_, rest) = words
        .split_once("unexpected status ")
        .or_else(|| words.split_once("last status: "))?;
    rest.split(|c: char| !c.is_ascii_digit())
        .next()?
        .parse()
        .ok()
}

/// The try that `Reconnecting... 1/5 (…)` announces: it counts its retries, the first of which is the second try.
pub(super) fn attempt(words: &str) -> Option<u32> {
    let (retry, _) = words.strip_prefix("Reconnecting... ")?.split_once('/')?;
    retry.parse::<u32>().ok()?.checked_add(1)
}

/// When `try again at 6:52 PM.` or `try again at Nov 28th, 2026 6:52 PM.` is: without a date it is the next such time.
fn resets(words: &str, now: &Zoned) -> Option<Timestamp> {
    // It begins a sentence where there is nothing to buy.
    let (_, at) = words.rsplit_once("ry again at ")?;
    let at = at.trim_end().trim_end_matches('.');
    let zone = now.time_zone();
    let told = if let Ok(time) = Time::strptime("%I:%M %p", at) {
        let today = now.date().to_datetime(time).to_zoned(zone.clone()).ok()?;
        if today < now.saturating_sub(1.minute()) {
            today.checked_add(1.day()).ok()?
        } else {
            today
        }
    } else {
        let mut date = at.to_owned();
        for ordinal in ["st,", "nd,", "rd,", "th,"] {
            date = date.replace(ordinal, ",");
        }
        DateTime::strptime("%b %d, %Y %I:%M %p", date)
            .ok()?
            .to_zoned(zone.clone())
            .ok()?
    };
    // The seconds were left out; a minute late is better than one too early.
    told.checked_add(1.minute())
        .ok()
        .map(|later| later.timestamp())
}

#[cfg(test)]
mod tests {
    use jiff::Zoned;

    use super::{attempt, meaning, status};
    use crate::model::agent::AgentEnd;

    fn now() -> Zoned {
        "2026-11-20T10:52[Europe/Berlin]".parse().unwrap()
    }

    fn resets(words: &str) -> Option<String> {
        match meaning(words, &now()) {
            AgentEnd::RateLimited { resets } => resets.map(|at| at.to_string()),
            other => panic!("{other:?}"),
        }
    }

    #[test]
    fn a_usage_limit_tells_when_it_is_lifted_in_local_time() {
        let limit = "You’ve hit your usage limit. Upgrade to Pro (https://x), or try again at ";
        let at = |time: &str| resets(&format!("{limit}{time}"));
        assert_eq!(at("12:52 PM.").unwrap(), "2026-11-20T11:53:00Z");
        assert_eq!(at("1:05 AM.").unwrap(), "2026-11-21T00:06:00Z");
        assert_eq!(
            at("Nov 28th, 2026 6:52 PM.").unwrap(),
            "2026-11-28T17:53:00Z"
        );
        assert_eq!(
            at("Aug 1st, 2027 12:00 AM.").unwrap(),
            "2027-07-31T22:01:00Z"
        );
        assert_eq!(
            resets("You’ve hit your usage limit. Try again at 12:52 PM.").unwrap(),
            "2026-11-20T11:53:00Z"
        );
        for odd in ["", "later.", "25:61 PM.", "Foo 99th, 2026 6:52 PM."] {
            assert_eq!(at(odd), None, "{odd}");
        }
        assert_eq!(
            resets("You’ve hit your usage limit. Try again later."),
            None
        );
    }

    #[test]
    fn a_status_among_its_words_decides() {
        let end = |words: &str| meaning(words, &now());
        let unauthorised = "unexpected status 401 Unauthorized: no, url: http://x/v1";
        assert_eq!(
            end(unauthorised),
            AgentEnd::Unauthorised(unauthorised.to_owned())
        );
        assert_eq!(
            end("exceeded retry limit, last status: 429 Too Many Requests"),
            AgentEnd::RateLimited { resets: None }
        );
        for failed in [
            "unexpected status",
            "last status: x",
            "429",
            "",
            "high demand",
        ] {
            assert_eq!(end(failed), AgentEnd::Failed(failed.to_owned()));
        }
    }

    #[test]
    fn its_sentences_are_known() {
        let quota = "Quota exceeded. Check your plan and billing details.";
        assert_eq!(meaning(quota, &now()), AgentEnd::NoQuota(quota.to_owned()));
        let key = "Missing environment variable: `OPENAI_API_KEY`.";
        assert_eq!(meaning(key, &now()), AgentEnd::Unauthorised(key.to_owned()));
    }

    #[test]
    fn a_reconnection_says_which_try_it_is() {
        let words = "Reconnecting... 1/5 (unexpected status 503 Service Unavailable: x)";
        assert_eq!(attempt(words), Some(2));
        assert_eq!(status(words), Some(503));
        assert_eq!(attempt("Reconnecting... waiting for network (x)"), None);
        assert_eq!(attempt("Reconnecting... 4294967295/9"), None);
    }
}
