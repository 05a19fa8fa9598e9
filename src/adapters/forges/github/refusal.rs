//! What GitHub refuses, in its own words, and what a person can do about it. Pure.

use http::HeaderMap;
use serde_json::Value;

use super::api::{Call, FieldError, Kind, Refusal};
use super::token::TokenSource;

/// The longest words that are shown of one answer, in characters: a server between may send a page.
const SHOWN_CHARS: usize = 2000;

/// The refusal that an answer is.
pub(super) fn of(
    call: &Call,
    status: u16,
    headers: &HeaderMap,
    body: &Value,
    source: &TokenSource,
) -> Refusal {
    let errors = match &body["errors"] {
        Value::Array(errors) => errors.iter().map(field_error).collect(),
        Value::String(words) => vec![said(words)],
        _ => Vec::new(),
    };
    let words = words(status, body["message"].as_str(), &errors);
    Refusal {
        doing: call.doing.clone(),
        status,
        hint: hint(call, status, headers, &words, source),
        words,
        errors,
    }
}

fn said(words: &str) -> FieldError {
    FieldError {
        message: words.to_owned(),
        ..FieldError::default()
    }
}

/// A field's error of REST, or an error of GraphQL: of one that it does, the type is its code, and of a query that it does
/// not take, it has code and field in `extensions`.
fn field_error(error: &Value) -> FieldError {
    if let Some(words) = error.as_str() {
        return said(words);
    }
    let extensions = &error["extensions"];
    let first = |places: &[&Value]| {
        let texts = places.iter().filter_map(|place| place.as_str());
        let mut said = texts.filter(|text| !text.is_empty());
        said.next().unwrap_or_default().to_owned()
    };
    FieldError {
        resource: first(&[&error["resource"], &extensions["typeName"]]),
        field: first(&[&error["field"], &extensions["fieldName"]]),
        code: first(&[&error["code"], &error["type"], &extensions["code"]]),
        message: first(&[&error["message"]]),
    }
}

/// GitHub's message and what it says of each field.
fn words(status: u16, message: Option<&str>, errors: &[FieldError]) -> String {
    let mut parts = Vec::new();
    if let Some(message) = message {
        parts.push(message.trim().to_owned());
    }
    let told: Vec<String> = errors
        .iter()
        .map(field_words)
        .filter(|words| !words.is_empty() && !parts.contains(words))
        .collect();
    if !told.is_empty() {
        parts.push(told.join("; "));
    }
    parts.retain(|part| !part.is_empty());
    let all = if parts.is_empty() {
        format!("GitHub answers {}", status_words(status))
    } else {
        parts.join(": ")
    };
    match all.char_indices().nth(SHOWN_CHARS) {
        Some((end, _)) => format!("{}…", &all[..end]),
        None => all,
    }
}

fn field_words(error: &FieldError) -> String {
    if !error.message.is_empty() {
        return error.message.trim().to_owned();
    }
    let place = [&*error.resource, &error.field];
    let place: Vec<&str> = place.into_iter().filter(|part| !part.is_empty()).collect();
    match (place.join("."), &*error.code) {
        (place, "") => place,
        (place, code) if place.is_empty() => code.to_owned(),
        (place, code) => format!("{place}: {code}"),
    }
}

/// A status with its usual name.
pub(super) fn status_words(status: u16) -> String {
    match http::StatusCode::from_u16(status)
        .ok()
        .and_then(|status| status.canonical_reason())
    {
        Some(name) => format!("{status} {name}"),
        None => status.to_string(),
    }
}

/// What a person can do about it.
fn hint(
    call: &Call,
    status: u16,
    headers: &HeaderMap,
    words: &str,
    source: &TokenSource,
) -> Option<String> {
    let lower = words.to_ascii_lowercase();
    let has = |part: &str| lower.contains(part);
    if status == 401 {
        return Some(format!(
            "the token from {source} is wrong, revoked or expired; {}",
            renewal(source)
        ));
    }
    if let Some(url) = sso_url(headers) {
        return Some(format!(
            "authorise the token from {source} for the organisation's single sign-on: {url}"
        ));
    }
    if has("saml enforcement") {
        return Some(format!(
            "authorise the token from {source} for the organisation's single sign-on, in GitHub's settings of tokens"
        ));
    }
    if has("was archived") || has("repository is archived") {
        return Some(
            "an archived repository takes no changes until its owner unarchives it".to_owned(),
        );
    }
    if matches!(status, 403 | 404)
        && let Some(hint) = missing_scope(headers, source)
    {
        return Some(hint);
    }
    // GraphQL says it with 200.
    if matches!(status, 200 | 403) && has("resource not accessible") {
        return Some(missing_permission(headers, source));
    }
    // GitHub says no more than this to those who have as many open pull requests as a repository allows: 404 by REST.
    let opens = status == 404 && call.kind == Kind::Content && call.path.ends_with("/pulls");
    if opens || has("permissions to execute `createpullrequest`") {
        return Some(
            "GitHub answers so where an account may not open pull requests, or has as many open as the repository \
             allows people without write access; drafts do not count"
                .to_owned(),
        );
    }
    if status == 404 {
        return Some(format!(
            "a repository that the token from {source} may not see looks as if it were not there"
        ));
    }
    if (300..400).contains(&status) {
        return Some(
            "the repository may have been renamed; set the remote to its new address".to_owned(),
        );
    }
    None
}

fn renewal(source: &TokenSource) -> String {
    match source {
        TokenSource::Variable(name) => format!("set {name} to another"),
        TokenSource::Gh(host) => format!("sign in again with `gh auth login --hostname {host}`"),
    }
}

/// `required; url=https://github.com/orgs/ORG/sso?authorization_request=…`
fn sso_url(headers: &HeaderMap) -> Option<&str> {
    let text = headers.get("x-github-sso")?.to_str().ok()?;
    let (kind, url) = text.split_once("url=")?;
    (kind.contains("required") && url.starts_with("https://")).then(|| url.trim())
}

/// Where a classic token has none of the scopes of which one is wanted.
fn missing_scope(headers: &HeaderMap, source: &TokenSource) -> Option<String> {
    let wanted = scopes(headers, "x-accepted-oauth-scopes")?;
    let has = scopes(headers, "x-oauth-scopes")?;
    if wanted.is_empty() || wanted.iter().any(|scope| has.contains(scope)) {
        return None;
    }
    let has = if has.is_empty() {
        "no scope".to_owned()
    } else {
        format!("the scopes {}", has.join(", "))
    };
    Some(format!(
        "the token from {source} has {has}, and this needs {}; {}",
        wanted.join(" or "),
        added_scope(source, &wanted[0])
    ))
}

/// How a token gets a scope.
pub(super) fn added_scope(source: &TokenSource, scope: &str) -> String {
    match source {
        TokenSource::Gh(host) => {
            format!("add it with `gh auth refresh --hostname {host} --scopes {scope}`")
        }
        TokenSource::Variable(_) => "add it in GitHub's settings of tokens".to_owned(),
    }
}

/// The scopes that a header lists; none where it is not there.
pub(super) fn scopes(headers: &HeaderMap, name: &str) -> Option<Vec<String>> {
    let text = headers.get(name)?.to_str().ok()?;
    let scopes = text
        .split(',')
        .map(str::trim)
        .filter(|scope| !scope.is_empty());
    Some(scopes.map(str::to_owned).collect())
}

/// Of a fine-grained token, or an app's: alternatives are parted by `;`.
fn missing_permission(headers: &HeaderMap, source: &TokenSource) -> String {
    let accepted = headers
        .get("x-accepted-github-permissions")
        .and_then(|text| text.to_str().ok())
        .unwrap_or_default();
    let alternatives: Vec<String> = accepted
        .split(';')
        .map(|set| {
            let each = set.split(',').filter_map(|one| {
                let (name, level) = one.trim().split_once('=')?;
                Some(format!("{}: {level}", name.replace('_', " ")))
            });
            each.collect::<Vec<_>>().join(", ")
        })
        .filter(|set| !set.is_empty())
        .collect();
    if alternatives.is_empty() {
        return format!("give the token from {source} more permissions on this repository");
    }
    format!(
        "give the token from {source} the permission {} on this repository",
        alternatives.join(", or ")
    )
}

#[cfg(test)]
mod tests {
    use http::{HeaderMap, HeaderName, HeaderValue};
    use serde_json::{Value, json};

    use super::super::api::{Call, Kind, Method, Refusal};
    use super::super::token::TokenSource;
    use super::of;

    fn refused(status: u16, pairs: &[(&str, &str)], body: &Value) -> Refusal {
        let pair = |(name, value): &(&str, &str)| {
            let name: HeaderName = name.parse().unwrap();
            (name, HeaderValue::from_str(value).unwrap())
        };
        let headers: HeaderMap = pairs.iter().map(pair).collect();
        let call = Call::write(
            "opening a pull request",
            Kind::Content,
            Method::Post,
            "/repos/a/b/pulls",
            Value::Null,
        );
        let source = TokenSource::Variable("GH_TOKEN");
        of(&call, status, &headers, body, &source)
    }

    fn hint(status: u16, pairs: &[(&str, &str)], message: &str) -> String {
        refused(status, pairs, &json!({ "message": message }))
            .hint
            .unwrap_or_default()
    }

    #[test]
    fn githubs_words_are_shown_with_what_it_says_of_each_field() {
        for (body, words) in [
            (
                json!({"message": "Validation Failed", "documentation_url": "https://docs", "errors": [
                    {"resource": "PullRequest", "code": "custom", "message": "A pull request already exists for octo:batch/x/y."}]}),
                "Validation Failed: A pull request already exists for octo:batch/x/y.",
            ),
            (
                json!({"message": "Validation Failed", "errors": [
                    {"resource": "PullRequest", "field": "head", "code": "invalid"},
                    {"resource": "PullRequest", "field": "base", "code": "invalid"}]}),
                "Validation Failed: PullRequest.head: invalid; PullRequest.base: invalid",
            ),
            (
                json!({"message": "Unprocessable Entity", "errors": ["body is too long (maximum is 65536 characters)"]}),
                "Unprocessable Entity: body is too long (maximum is 65536 characters)",
            ),
            (
                json!({"message": "Validation Failed", "errors": "Could not resolve to a node"}),
                "Validation Failed: Could not resolve to a node",
            ),
            (
                json!({"data": null, "errors": [{"type": "UNPROCESSABLE", "message": "Pull request is in clean status"}]}),
                "Pull request is in clean status",
            ),
            (json!(null), "GitHub answers 422 Unprocessable Entity"),
        ] {
            assert_eq!(refused(422, &[], &body).words, words);
        }
    }

    #[test]
    fn the_errors_are_kept_as_github_codes_them() {
        let body = json!({"message": "m", "errors": [
            {"resource": "Label", "field": "name", "code": "already_exists"}, {"type": "NOT_FOUND", "message": "none"}]});
        let refusal = refused(422, &[], &body);
        let first = &refusal.errors[0];
        assert_eq!(
            (&*first.resource, &*first.field, &*first.code),
            ("Label", "name", "already_exists")
        );
        assert_eq!(&*refusal.errors[1].code, "NOT_FOUND");
    }

    #[test]
    fn a_long_page_is_cut() {
        let words = refused(400, &[], &json!({"message": "é".repeat(9000)})).words;
        assert_eq!(words.chars().count(), super::SHOWN_CHARS + 1);
    }

    #[test]
    fn a_hint_says_what_a_token_lacks_and_where_it_came_from() {
        assert_eq!(
            hint(401, &[], "Bad credentials"),
            "the token from GH_TOKEN is wrong, revoked or expired; set GH_TOKEN to another"
        );
        let sso = [(
            "x-github-sso",
            "required; url=https://github.com/orgs/acme/sso?authorization_request=A",
        )];
        assert_eq!(
            hint(
                403,
                &sso,
                "Resource protected by organization SAML enforcement."
            ),
            "authorise the token from GH_TOKEN for the organisation's single sign-on: \
             https://github.com/orgs/acme/sso?authorization_request=A"
        );
        let scopes = [
            ("x-accepted-oauth-scopes", "public_repo, repo"),
            ("x-oauth-scopes", "gist, read:org"),
        ];
        let lacks = "the token from GH_TOKEN has the scopes gist, read:org, and this needs public_repo or repo; \
                     add it in GitHub's settings of tokens";
        assert_eq!(hint(404, &scopes, "Not Found"), lacks);
        let fine = [(
            "x-accepted-github-permissions",
            "pull_requests=write,contents=read; issues=write",
        )];
        assert_eq!(
            hint(
                403,
                &fine,
                "Resource not accessible by personal access token"
            ),
            "give the token from GH_TOKEN the permission pull requests: write, contents: read, or issues: write on this repository"
        );
        assert_eq!(
            hint(403, &[], "Resource not accessible by integration"),
            "give the token from GH_TOKEN more permissions on this repository"
        );
        assert_eq!(
            hint(200, &[], "Resource not accessible by integration"),
            "give the token from GH_TOKEN more permissions on this repository"
        );
    }

    #[test]
    fn a_hint_says_what_a_repository_does_not_take() {
        assert_eq!(
            hint(403, &[], "Repository was archived so is read-only."),
            "an archived repository takes no changes until its owner unarchives it"
        );
        let many = "GitHub answers so where an account may not open pull requests, or has as many open as the repository \
                    allows people without write access; drafts do not count";
        assert_eq!(hint(404, &[], "Not Found"), many);
        let graphql = "octo does not have the correct permissions to execute `CreatePullRequest`";
        assert_eq!(hint(200, &[], graphql), many);
        assert_eq!(hint(422, &[], "Validation Failed"), "");
    }

    #[test]
    fn a_scope_that_the_token_has_is_not_missed() {
        let scopes = [
            ("x-accepted-oauth-scopes", "repo"),
            ("x-oauth-scopes", "repo"),
        ];
        assert_eq!(
            hint(403, &scopes, "Must have admin rights to Repository."),
            ""
        );
        let none = [("x-accepted-oauth-scopes", ""), ("x-oauth-scopes", "gist")];
        assert_eq!(
            hint(403, &none, "Must have admin rights to Repository."),
            ""
        );
    }
}
