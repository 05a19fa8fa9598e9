//! [`hear`]: what an answer comes to: done, refused, limited, moved, or nothing that can be used. Pure.

use http::HeaderMap;
use jiff::Timestamp;
use serde_json::Value;

use super::address::Address;
use super::api::{Answer, Call, Kind, Method, Refusal};
use super::limit::{self, Limit};
use super::refusal::{self, scopes, status_words};
use super::token::TokenSource;

/// An answer as it came.
#[derive(Debug)]
pub(super) struct Raw {
    /// Its status.
    pub(super) status: u16,
    /// Its headers.
    pub(super) headers: HeaderMap,
    /// Its body, whole.
    pub(super) body: Vec<u8>,
}

/// What an answer comes to.
#[derive(Debug)]
pub(super) enum Heard {
    /// It was done.
    Done(Answer),
    /// It was not done, and will not be.
    Refused(Refusal),
    /// It was not done, and is to be sent again after a pause.
    Limited(Limit),
    /// It is to be read at this path on the same origin instead.
    Moved(String),
    /// Nobody knows what became of it; in words.
    Broken(String),
}

/// What an answer to a call comes to.
pub(super) fn hear(
    call: &Call,
    raw: &Raw,
    address: &Address,
    source: &TokenSource,
    now: Timestamp,
) -> Heard {
    let json: Option<Value> = serde_json::from_slice(&raw.body).ok();
    let body = json.as_ref().unwrap_or(&Value::Null);
    if let Some(limit) = limit::refused(raw.status, &raw.headers, body, now) {
        return Heard::Limited(limit);
    }
    match raw.status {
        200..=299 => match json {
            Some(body) => done(call, raw, body, address, source),
            // These have no body.
            None if raw.body.is_empty() && matches!(raw.status, 202 | 204 | 205) => {
                done(call, raw, Value::Null, address, source)
            }
            None => Heard::Broken(format!(
                "GitHub answers {} with {}",
                status_words(raw.status),
                kind_of(&raw.body)
            )),
        },
        300..=399 => moved(call, raw, address, source),
        // Both are said by servers between as well, which may have handed the request on.
        408 | 500.. => Heard::Broken(broken(raw.status, body)),
        _ => {
            let mut refusal = refusal::of(call, raw.status, &raw.headers, body, source);
            if json.is_none() && !raw.body.is_empty() {
                refusal.words = format!("{}, with {}", refusal.words, kind_of(&raw.body));
            }
            Heard::Refused(refusal)
        }
    }
}

fn done(call: &Call, raw: &Raw, body: Value, address: &Address, source: &TokenSource) -> Heard {
    if call.path == "/graphql" && has_broken_off(&body) {
        return Heard::Broken("GitHub did not end the query in time".to_owned());
    }
    if call.path == "/graphql" && has_failed(call.kind, &body) {
        return Heard::Refused(refusal::of(call, raw.status, &raw.headers, &body, source));
    }
    let next = match next_page(&raw.headers) {
        None => None,
        Some(link) => match address.below_root(link) {
            Some(path) => Some(path),
            None => {
                return Heard::Broken(format!(
                    "GitHub names a next page that is not at {}",
                    address.host()
                ));
            }
        },
    };
    Heard::Done(Answer {
        status: raw.status,
        body,
        next,
        scopes: scopes(&raw.headers, "x-oauth-scopes"),
    })
}

/// Whether GitHub gave a query up, after its ten seconds: nobody knows what became of it. It has no type for that.
fn has_broken_off(body: &Value) -> bool {
    let errors = body["errors"].as_array().into_iter().flatten();
    let mut words = errors.filter_map(|error| error["message"].as_str());
    words.any(|words| words.starts_with("Something went wrong while executing your query"))
}

/// Whether a GraphQL answer's errors are more than parts of what was asked for that are not there.
fn has_failed(kind: Kind, body: &Value) -> bool {
    let Some(errors) = body["errors"]
        .as_array()
        .filter(|errors| !errors.is_empty())
    else {
        return false;
    };
    let missing = |error: &Value| kind == Kind::Read && error["type"] == "NOT_FOUND";
    body["data"].is_null() || !errors.iter().all(missing)
}

/// Reads follow a renamed repository; writes do not.
fn moved(call: &Call, raw: &Raw, address: &Address, source: &TokenSource) -> Heard {
    let location = raw
        .headers
        .get("location")
        .and_then(|location| location.to_str().ok());
    // The last two want the same request sent again, whatever it is: nothing of it was done (RFC 9110, 15.4.8 and 15.4.9).
    let follows = match call.method {
        Method::Get => matches!(raw.status, 301 | 302 | 307 | 308),
        Method::Post | Method::Patch | Method::Put | Method::Delete => {
            matches!(raw.status, 307 | 308)
        }
    };
    if follows && let Some(path) = location.and_then(|location| address.path_of(location)) {
        return Heard::Moved(path);
    }
    let mut refusal = refusal::of(call, raw.status, &raw.headers, &Value::Null, source);
    if let Some(location) = location {
        // Nothing of a query, which may hold what is secret.
        let place = location.split(['?', '#']).next().unwrap_or_default();
        refusal.words = format!("{}: it is now at {place}", refusal.words);
    }
    Heard::Refused(refusal)
}

fn broken(status: u16, body: &Value) -> String {
    let answer = format!("GitHub answers {}", status_words(status));
    match body["message"].as_str() {
        Some(message) => format!("{answer}: {message}"),
        None => answer,
    }
}

/// What a body is that is no JSON.
fn kind_of(body: &[u8]) -> &'static str {
    match body.trim_ascii_start().first() {
        None => "nothing in it",
        Some(b'<') => "a web page",
        Some(_) => "what is no JSON",
    }
}

/// `<https://api.github.com/…?page=2>; rel="next", <…>; rel="last"`
fn next_page(headers: &HeaderMap) -> Option<&str> {
    let links = headers.get_all("link").into_iter();
    links
        .filter_map(|link| link.to_str().ok())
        .flat_map(|links| links.split(", <"))
        .find_map(|link| {
            let (url, rest) = link.trim_start().trim_start_matches('<').split_once('>')?;
            let is_next = |part: &str| matches!(part.trim(), r#"rel="next""# | "rel=next");
            rest.split([';', ',']).any(is_next).then_some(url)
        })
}

#[cfg(test)]
mod tests {
    use http::{HeaderMap, HeaderName, HeaderValue};
    use jiff::Timestamp;
    use serde_json::{Value, json};

    use super::{Heard, Raw, hear};
    use crate::adapters::forges::github::address::Address;
    use crate::adapters::forges::github::api::{Answer, Call, Kind, Method, Refusal};
    use crate::adapters::forges::github::token::TokenSource;

    fn get() -> Call {
        Call::read("reading", "/repos/a/b")
    }

    fn post() -> Call {
        let path = "/repos/a/b/pulls";
        Call::write("opening", Kind::Content, Method::Post, path, Value::Null)
    }

    fn query() -> Call {
        Call::graphql("asking", Kind::Read, "query {}", Value::Null)
    }

    fn heard(call: &Call, status: u16, pairs: &[(&str, &str)], body: &str) -> Heard {
        let pair = |(name, value): &(&str, &str)| {
            let name: HeaderName = name.parse().unwrap();
            (name, HeaderValue::from_str(value).unwrap())
        };
        let raw = Raw {
            status,
            headers: pairs.iter().map(pair).collect::<HeaderMap>(),
            body: body.as_bytes().to_vec(),
        };
        let address = Address::parse("https://git.example/api/v3").unwrap();
        let source = TokenSource::Variable("GH_TOKEN");
        hear(call, &raw, &address, &source, Timestamp::UNIX_EPOCH)
    }

    fn done(heard: Heard) -> Answer {
        match heard {
            Heard::Done(answer) => answer,
            other => panic!("{other:?}"),
        }
    }

    fn refused(heard: Heard) -> Refusal {
        match heard {
            Heard::Refused(refusal) => refusal,
            other => panic!("{other:?}"),
        }
    }

    fn broken(heard: Heard) -> String {
        match heard {
            Heard::Broken(words) => words,
            other => panic!("{other:?}"),
        }
    }

    #[test]
    fn an_answer_is_taken_with_its_next_page_and_scopes() {
        let pairs = [
            ("x-oauth-scopes", "repo, read:org"),
            (
                "link",
                r#"<https://git.example/api/v3/repositories/1/pulls?page=1>; rel="prev", <https://git.example/api/v3/repositories/1/pulls?q=a,b&page=3>; rel="next""#,
            ),
        ];
        let answer = done(heard(&get(), 200, &pairs, "[1]"));
        assert_eq!(
            answer.next.as_deref(),
            Some("/repositories/1/pulls?q=a,b&page=3")
        );
        assert_eq!(answer.scopes.unwrap(), ["repo", "read:org"]);
        assert_eq!(answer.body, json!([1]));
        let last = [(
            "link",
            r#"<https://git.example/api/v3/x?page=1>; rel="first""#,
        )];
        let answer = done(heard(&get(), 200, &last, "[]"));
        assert_eq!((answer.next, answer.scopes), (None, None));
    }

    #[test]
    fn a_next_page_elsewhere_is_not_taken_for_the_end_of_the_list() {
        let pairs = [("link", r#"<https://evil.example/x?page=2>; rel="next""#)];
        let words = broken(heard(&get(), 200, &pairs, "[]"));
        assert_eq!(words, "GitHub names a next page that is not at git.example");
    }

    #[test]
    fn what_is_no_json_tells_nothing_of_what_was_done() {
        for (body, words) in [
            ("<html>", "GitHub answers 201 Created with a web page"),
            (
                r#"{"number": 1"#,
                "GitHub answers 201 Created with what is no JSON",
            ),
            ("", "GitHub answers 201 Created with nothing in it"),
        ] {
            assert_eq!(broken(heard(&post(), 201, &[], body)), words);
        }
        let bad = broken(heard(&post(), 502, &[], "<html>"));
        assert_eq!(bad, "GitHub answers 502 Bad Gateway");
        let said = broken(heard(&post(), 500, &[], r#"{"message": "oops"}"#));
        assert_eq!(said, "GitHub answers 500 Internal Server Error: oops");
        assert_eq!(done(heard(&post(), 204, &[], "")).body, Value::Null);
    }

    #[test]
    fn a_page_of_another_server_is_named_as_one() {
        let refusal = refused(heard(&get(), 404, &[], "<html>"));
        assert_eq!(
            refusal.words,
            "GitHub answers 404 Not Found, with a web page"
        );
    }

    #[test]
    fn errors_of_graphql_are_refusals_unless_parts_are_only_missing() {
        let failed =
            r#"{"data": {"a": {"id": 1}}, "errors": [{"type": "FORBIDDEN", "message": "no"}]}"#;
        let refusal = refused(heard(&query(), 200, &[], failed));
        assert_eq!((refusal.status, &*refusal.words), (200, "no"));
        let nothing = r#"{"data": null, "errors": [{"type": "NOT_FOUND", "message": "none"}]}"#;
        assert_eq!(refused(heard(&query(), 200, &[], nothing)).words, "none");
        let part = r#"{"data": {"a": null, "b": 1}, "errors": [{"type": "NOT_FOUND", "message": "none"}]}"#;
        assert_eq!(done(heard(&query(), 200, &[], part)).body["data"]["b"], 1);
        let fine = r#"{"data": {"a": 1}, "errors": []}"#;
        assert_eq!(done(heard(&query(), 200, &[], fine)).body["data"]["a"], 1);
        // Of REST it is a field like another.
        done(heard(&get(), 200, &[], failed));
    }

    #[test]
    fn a_change_of_what_is_not_there_is_refused() {
        let call = Call::graphql("changing", Kind::Write, "mutation {}", Value::Null);
        let body = r#"{"data": {"a": null}, "errors": [{"type": "NOT_FOUND", "message": "none"}]}"#;
        assert_eq!(refused(heard(&call, 200, &[], body)).words, "none");
    }

    #[test]
    fn a_query_that_github_gave_up_tells_nothing_of_what_was_done() {
        let words = "Something went wrong while executing your query. This may be the result of a timeout, or it could \
                     be a GitHub bug. Please include `A1B2` when reporting this issue.";
        let body = json!({ "data": null, "errors": [{ "message": words }] }).to_string();
        let told = broken(heard(&query(), 200, &[], &body));
        assert_eq!(told, "GitHub did not end the query in time");
    }

    #[test]
    fn calls_move_within_the_origin_alone_and_writes_only_where_they_are_to_be_repeated() {
        let here = [("location", "https://git.example/api/v3/repositories/7?a=b")];
        let Heard::Moved(path) = heard(&get(), 301, &here, "{}") else {
            panic!("it did not move");
        };
        assert_eq!(path, "/api/v3/repositories/7?a=b");
        let away = [("location", "https://evil.example/x?token=hidden")];
        let refusal = refused(heard(&get(), 302, &away, ""));
        assert_eq!(
            refusal.words,
            "GitHub answers 302 Found: it is now at https://evil.example/x"
        );
        for status in [307, 308] {
            let Heard::Moved(_) = heard(&post(), status, &here, "{}") else {
                panic!("it did not move");
            };
        }
        let refusal = refused(heard(&post(), 301, &here, "{}"));
        assert_eq!(
            refusal.hint.as_deref(),
            Some("the repository may have been renamed; set the remote to its new address")
        );
    }
}
