//! Issues: a tracking issue is found again by its mark, made once, and edited in place.

use async_trait::async_trait;
use serde_json::{Value, json};

use super::api::{Call, Kind, Method};
use super::failure::unusable;
use super::once::{Marked, make_once};
use super::place::{Place, encoded};
use crate::engine::ports::{ForgeError, NewIssue};
use crate::model::outcome::IssueLink;

/// Makes an issue, unless one with its mark is there.
pub(super) async fn open(place: &Place, issue: &NewIssue) -> Result<IssueLink, ForgeError> {
    let doing = format!("opening the issue `{}`", issue.title);
    if let Some(there) = Tracking(&issue.mark).find(place).await? {
        return Ok(there);
    }
    let body = json!({ "title": issue.title, "body": issue.body });
    let call = Call::write(
        &doing,
        Kind::Content,
        Method::Post,
        place.path("/issues"),
        body,
    );
    make_once(place, call, &Tracking(&issue.mark)).await
}

/// The issue with this line in its body, among the latest hundred that the token's person opened.
struct Tracking<'a>(&'a str);

#[async_trait]
impl Marked for Tracking<'_> {
    type Taken = IssueLink;
    const FIELD: &'static str = "number";

    fn taken(item: &Value) -> Option<IssueLink> {
        Some(IssueLink {
            number: item["number"].as_u64()?,
            url: item["html_url"].as_str().map(str::to_owned),
        })
    }

    async fn find(&self, place: &Place) -> Result<Option<IssueLink>, ForgeError> {
        let creator = place.viewer().await?;
        let creator =
            creator.map_or_else(String::new, |login| format!("creator={}&", encoded(&login)));
        let below = format!("/issues?{creator}state=all&sort=created&direction=desc&per_page=100");
        let doing = "looking for the tracking issue";
        let answer = place.read(doing, &below).await?;
        let items = answer.items(doing)?.iter();
        Ok(items
            .filter(|item| is_marked(item, self.0))
            .find_map(Self::taken))
    }
}

/// GitHub lists pull requests among the issues.
fn is_marked(item: &Value, mark: &str) -> bool {
    let body = item["body"].as_str().unwrap_or_default();
    item["pull_request"].is_null() && body.lines().any(|line| line.trim() == mark.trim())
}

/// An issue and its body.
pub(super) async fn body(place: &Place, number: u64) -> Result<(IssueLink, String), ForgeError> {
    let doing = format!("reading issue #{number}");
    let answer = place.read(&doing, &format!("/issues/{number}")).await?;
    if !answer.body["pull_request"].is_null() {
        let words = "it is a pull request, whose text is its author's";
        return Err(ForgeError::refused(doing, words));
    }
    let link = Tracking::taken(&answer.body).ok_or_else(|| unusable(doing, "number"))?;
    let body = answer.body["body"].as_str().unwrap_or_default();
    Ok((link, body.to_owned()))
}

/// Replaces an issue's body.
pub(super) async fn set_body(place: &Place, number: u64, body: &str) -> Result<(), ForgeError> {
    let doing = format!("updating issue #{number}");
    let path = place.path(&format!("/issues/{number}"));
    let call = Call::write(
        doing,
        Kind::Write,
        Method::Patch,
        path,
        json!({ "body": body }),
    );
    place.settle(call).await?;
    Ok(())
}

#[cfg(test)]
mod tests {
    use serde_json::{Value, json};

    use super::super::stub::{Asked, Stub};
    use super::is_marked;
    use crate::engine::ports::{Forge as _, ForgeError, NewIssue};

    #[test]
    fn an_issue_is_known_by_its_line_and_a_pull_request_is_none() {
        let mark = "<!-- batch tracking run=x -->";
        let body = format!("Words.\r\n{mark}\r\n");
        assert!(is_marked(&json!({ "body": body }), mark));
        assert!(!is_marked(
            &json!({ "body": body, "pull_request": { "url": "x" } }),
            mark
        ));
        assert!(!is_marked(&json!({ "body": null }), mark));
        assert!(!is_marked(
            &json!({ "body": format!("quoting {mark}") }),
            mark
        ));
    }

    #[tokio::test]
    async fn an_answer_that_is_no_list_makes_no_second_issue() {
        let stub = Stub::new(|call: &Asked| match call.is("POST") {
            true => (502, Value::Null),
            false if call.line.contains("/issues?") && call.line.contains("creator=ann") => {
                (200, json!({}))
            }
            false => (200, json!({ "login": "ann" })),
        })
        .await;
        let issue = NewIssue {
            title: "Tidy".to_owned(),
            body: "Words.".to_owned(),
            mark: "<!-- batch tracking run=x -->".to_owned(),
        };
        let error = stub.github().open_issue(&issue).await.unwrap_err();
        assert!(matches!(error, ForgeError::Unreachable { .. }), "{error}");
        assert!(stub.bodies("POST").is_empty());
    }
}
