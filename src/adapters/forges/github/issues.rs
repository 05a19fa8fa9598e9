//! Issues: a tracking issue is found again by its mark, made once, and edited in place.

use serde_json::{Value, json};

use super::api::{ApiError, Call, Kind, Method};
use super::failure::unusable;
use super::place::{Place, encoded};
use crate::engine::ports::{ForgeError, NewIssue};
use crate::model::outcome::IssueLink;

/// How long a list is given to show what was made, in first waits.
const BEFORE_LIST: u32 = 2;
/// How often one is sent of which nobody knows whether it was made.
const SENT_MAX: u32 = 2;

/// Makes an issue, unless one with its mark is there.
pub(super) async fn open(place: &Place, issue: &NewIssue) -> Result<IssueLink, ForgeError> {
    let doing = format!("opening the issue `{}`", issue.title);
    if let Some(there) = find(place, &issue.mark).await? {
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
    let mut sent = 0;
    loop {
        let unknown = match place.send(call.clone()).await {
            Ok(answer) => match link(&answer.body) {
                Some(link) => return Ok(link),
                None => unusable(&doing, "number"),
            },
            Err(error @ ApiError::Unknown { .. }) => error.into(),
            Err(error) => return Err(error.into()),
        };
        sent += 1;
        for late in [false, true] {
            if late {
                place.wait(BEFORE_LIST).await?;
            }
            if let Some(there) = find(place, &issue.mark).await? {
                return Ok(there);
            }
        }
        if sent == SENT_MAX {
            return Err(unknown);
        }
    }
}

/// The issue with this line in its body, among the latest hundred that the token's person opened.
async fn find(place: &Place, mark: &str) -> Result<Option<IssueLink>, ForgeError> {
    let creator = place.viewer().await?;
    let creator = creator.map_or_else(String::new, |login| format!("creator={}&", encoded(&login)));
    let below = format!("/issues?{creator}state=all&sort=created&direction=desc&per_page=100");
    let doing = "looking for the tracking issue";
    let answer = place.read(doing, &below).await?;
    let items = answer.items(doing)?.iter();
    Ok(items.filter(|item| is_marked(item, mark)).find_map(link))
}

/// GitHub lists pull requests among the issues.
fn is_marked(item: &Value, mark: &str) -> bool {
    let body = item["body"].as_str().unwrap_or_default();
    item["pull_request"].is_null() && body.lines().any(|line| line.trim() == mark.trim())
}

fn link(item: &Value) -> Option<IssueLink> {
    Some(IssueLink {
        number: item["number"].as_u64()?,
        url: item["html_url"].as_str().map(str::to_owned),
    })
}

/// An issue and its body.
pub(super) async fn body(place: &Place, number: u64) -> Result<(IssueLink, String), ForgeError> {
    let doing = format!("reading issue #{number}");
    let answer = place.read(&doing, &format!("/issues/{number}")).await?;
    let link = link(&answer.body).ok_or_else(|| unusable(doing, "number"))?;
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
