//! [`Limit`]: whether an answer says that GitHub wants to be left alone, and for how long. Pure.
//!
//! GitHub says so in several ways: `https://docs.github.com/rest/using-the-rest-api/rate-limits-for-the-rest-api`.

use http::HeaderMap;
use jiff::{SignedDuration, Timestamp};
use serde_json::Value;

/// Waited beyond the second that is named: the server's clock and ours tick apart.
const MARGIN: SignedDuration = SignedDuration::from_secs(1);

/// GitHub wants to be left alone.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Limit {
    /// Why, as a fragment.
    pub(super) reason: String,
    /// For how long; none where it does not say.
    pub(super) wait: Option<SignedDuration>,
}

/// How these words of GitHub begin or what they hold when it limits calls, in lower case.
const WORDS: [&str; 5] = [
    "secondary rate limit",
    // An old server's way to say it.
    "triggered an abuse",
    "was submitted too quickly",
    "api rate limit exceeded",
    "api rate limit already exceeded",
];

/// The limit that made GitHub refuse a call, if one did; what it refused so, it has not done.
pub(super) fn refused(
    status: u16,
    headers: &HeaderMap,
    body: &Value,
    now: Timestamp,
) -> Option<Limit> {
    let said = words(body);
    let is_said = match status {
        403 | 429 => says_limit(&said),
        // `was submitted too quickly` comes as a field's error.
        422 => said.contains("was submitted too quickly"),
        200 => graphql_limited(body),
        _ => false,
    };
    let retry_after = match status {
        403 | 429 => retry_after(headers, now),
        _ => None,
    };
    let used_up = is_used_up(headers);
    let by_status = status == 429 || (status == 403 && used_up);
    if !(is_said || by_status || retry_after.is_some()) {
        return None;
    }
    let reset = if used_up { reset(headers, now) } else { None };
    let reason = if used_up && retry_after.is_none() {
        USED_UP.to_owned()
    } else if said.contains("was submitted too quickly") {
        "GitHub says that it was submitted too quickly".to_owned()
    } else {
        "GitHub's secondary rate limit is reached".to_owned()
    };
    Some(Limit {
        reason,
        wait: retry_after.or(reset),
    })
}

const USED_UP: &str = "GitHub's rate limit is used up";

/// The limit that an answer tells of, whatever it is: it was the last before the reset.
pub(super) fn last_before_reset(headers: &HeaderMap, now: Timestamp) -> Option<Limit> {
    if !is_used_up(headers) {
        return None;
    }
    Some(Limit {
        reason: USED_UP.to_owned(),
        wait: Some(reset(headers, now)?),
    })
}

fn says_limit(said: &str) -> bool {
    WORDS.iter().any(|words| said.contains(words))
}

/// All that a body says of errors, in lower case.
fn words(body: &Value) -> String {
    let mut said = String::new();
    let mut add = |text: &Value| {
        if let Some(text) = text.as_str() {
            said.push_str(text);
            said.push('\n');
        }
    };
    add(&body["message"]);
    match &body["errors"] {
        Value::Array(errors) => {
            for error in errors {
                add(error);
                add(&error["message"]);
            }
        }
        other => add(other),
    }
    said.make_ascii_lowercase();
    said
}

/// Whether a GraphQL answer that did nothing says that there was too much.
fn graphql_limited(body: &Value) -> bool {
    let Some(errors) = body["errors"].as_array() else {
        return false;
    };
    let nothing = match &body["data"] {
        Value::Null => true,
        Value::Object(fields) => fields.values().all(Value::is_null),
        _ => false,
    };
    let limited = |error: &Value| {
        let of_type = matches!(error["type"].as_str(), Some("RATE_LIMITED" | "RATE_LIMIT"));
        let said = error["message"]
            .as_str()
            .unwrap_or_default()
            .to_ascii_lowercase();
        of_type || says_limit(&said)
    };
    nothing && errors.iter().any(limited)
}

fn is_used_up(headers: &HeaderMap) -> bool {
    number(headers, "x-ratelimit-remaining") == Some(0)
}

/// Seconds, or a date.
fn retry_after(headers: &HeaderMap, now: Timestamp) -> Option<SignedDuration> {
    let text = headers.get("retry-after")?.to_str().ok()?.trim();
    if let Ok(seconds) = text.parse::<u32>() {
        return Some(SignedDuration::from_secs(i64::from(seconds)) + MARGIN);
    }
    let then = date(text)?;
    Some(until(then, headers, now))
}

fn reset(headers: &HeaderMap, now: Timestamp) -> Option<SignedDuration> {
    let then = Timestamp::from_second(number(headers, "x-ratelimit-reset")?).ok()?;
    Some(until(then, headers, now))
}

/// How long it is until then by the server's clock, which may not be ours.
fn until(then: Timestamp, headers: &HeaderMap, now: Timestamp) -> SignedDuration {
    let its_now = headers
        .get("date")
        .and_then(|text| date(text.to_str().ok()?))
        .unwrap_or(now);
    then.duration_since(its_now).max(SignedDuration::ZERO) + MARGIN
}

fn date(text: &str) -> Option<Timestamp> {
    jiff::fmt::rfc2822::parse(text)
        .ok()
        .map(|date| date.timestamp())
}

fn number(headers: &HeaderMap, name: &str) -> Option<i64> {
    headers.get(name)?.to_str().ok()?.trim().parse().ok()
}

#[cfg(test)]
mod tests {
    use http::{HeaderMap, HeaderName, HeaderValue};
    use jiff::{SignedDuration, Timestamp};
    use serde_json::{Value, json};

    use super::{Limit, last_before_reset, refused};

    fn headers(pairs: &[(&str, &str)]) -> HeaderMap {
        let pair = |(name, value): &(&str, &str)| {
            let name: HeaderName = name.parse().unwrap();
            (name, HeaderValue::from_str(value).unwrap())
        };
        pairs.iter().map(pair).collect()
    }

    fn now() -> Timestamp {
        Timestamp::from_second(1_000_000).unwrap()
    }

    fn heard(status: u16, pairs: &[(&str, &str)], body: &Value) -> Option<Limit> {
        refused(status, &headers(pairs), body, now())
    }

    /// The seconds that are waited; none where GitHub does not say.
    fn wait(limit: Option<Limit>) -> Option<i64> {
        limit.expect("a limit").wait.map(|wait| wait.as_secs())
    }

    #[test]
    fn every_way_in_which_github_limits_is_heard() {
        let secondary = json!({"message": "You have exceeded a secondary rate limit and have been temporarily blocked from content creation. Please retry your request again later."});
        let quickly = json!({"message": "Validation Failed", "errors": [{"resource": "PullRequest", "code": "custom", "message": "was submitted too quickly"}]});
        let primary = json!({"message": "API rate limit exceeded for user ID 1."});
        let old = json!({"message": "You have triggered an abuse detection mechanism. Please wait a few minutes before you try again."});
        let used = [
            ("x-ratelimit-remaining", "0"),
            ("x-ratelimit-reset", "1000100"),
        ];
        assert_eq!(wait(heard(403, &[], &secondary)), None);
        assert_eq!(
            wait(heard(403, &[("retry-after", "60")], &secondary)),
            Some(61)
        );
        assert_eq!(
            wait(heard(403, &[("retry-after", "7")], &Value::Null)),
            Some(8)
        );
        assert_eq!(wait(heard(429, &[], &Value::Null)), None);
        assert_eq!(
            wait(heard(429, &[("retry-after", "0")], &Value::Null)),
            Some(1)
        );
        assert_eq!(wait(heard(422, &[], &quickly)), None);
        assert_eq!(wait(heard(403, &used, &primary)), Some(101));
        assert_eq!(wait(heard(429, &used, &primary)), Some(101));
        assert_eq!(wait(heard(403, &[], &old)), None);
        let reason = |limit: Option<Limit>| limit.unwrap().reason;
        assert_eq!(
            reason(heard(403, &used, &primary)),
            "GitHub's rate limit is used up"
        );
        assert_eq!(
            reason(heard(422, &[], &quickly)),
            "GitHub says that it was submitted too quickly"
        );
    }

    #[test]
    fn graphql_that_did_nothing_because_of_a_limit_is_heard() {
        for body in [
            json!({"errors": [{"type": "RATE_LIMITED", "message": "API rate limit exceeded for user ID 1."}]}),
            json!({"data": {"createPullRequest": null}, "errors": [{"type": "UNPROCESSABLE", "message": "was submitted too quickly"}]}),
        ] {
            assert!(heard(200, &[], &body).is_some(), "{body}");
        }
        let done =
            json!({"data": {"a": {"id": 1}}, "errors": [{"message": "was submitted too quickly"}]});
        assert_eq!(heard(200, &[], &done), None);
    }

    #[test]
    fn graphql_says_by_its_headers_when_the_limit_is_used_up() {
        let spent =
            json!({"errors": [{"type": "RATE_LIMITED", "message": "API rate limit exceeded"}]});
        let used = [
            ("x-ratelimit-remaining", "0"),
            ("x-ratelimit-reset", "1000100"),
        ];
        let limit = heard(200, &used, &spent).unwrap();
        assert_eq!(limit.reason, "GitHub's rate limit is used up");
        assert_eq!(wait(Some(limit)), Some(101));
    }

    #[test]
    fn another_refusal_is_no_limit() {
        let used = [
            ("x-ratelimit-remaining", "0"),
            ("x-ratelimit-reset", "1000100"),
        ];
        let no = json!({"message": "Resource not accessible by personal access token"});
        assert_eq!(heard(403, &[("x-ratelimit-remaining", "12")], &no), None);
        assert_eq!(heard(404, &used, &json!({"message": "Not Found"})), None);
        assert_eq!(heard(422, &[("retry-after", "1")], &Value::Null), None);
        // The words of a pull request are not GitHub's.
        assert_eq!(
            heard(200, &[], &json!({"message": "secondary rate limit"})),
            None
        );
    }

    #[test]
    fn the_last_answer_before_the_reset_tells_of_it() {
        let told = |pairs: &[(&str, &str)]| last_before_reset(&headers(pairs), now());
        let limit = told(&[
            ("x-ratelimit-remaining", "0"),
            ("x-ratelimit-reset", "1000030"),
        ]);
        assert_eq!(wait(limit), Some(31));
        assert_eq!(told(&[("x-ratelimit-remaining", "1")]), None);
        assert_eq!(told(&[("x-ratelimit-remaining", "0")]), None);
    }

    #[test]
    fn a_reset_is_counted_by_the_servers_clock() {
        // 1970-01-12T13:46:40Z is now; the server's clock is an hour ahead.
        let pairs = [
            ("date", "Mon, 12 Jan 1970 14:46:40 GMT"),
            ("x-ratelimit-remaining", "0"),
            ("x-ratelimit-reset", "1003660"),
        ];
        let limit = refused(403, &headers(&pairs), &Value::Null, now()).unwrap();
        assert_eq!(limit.wait, Some(SignedDuration::from_secs(61)));
        let past = [("x-ratelimit-remaining", "0"), ("x-ratelimit-reset", "5")];
        assert_eq!(wait(heard(403, &past, &Value::Null)), Some(1));
        let dated = [("retry-after", "Mon, 12 Jan 1970 13:47:10 GMT")];
        assert_eq!(wait(heard(429, &dated, &Value::Null)), Some(31));
    }
}
