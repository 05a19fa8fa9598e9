//! Pull requests as REST gives them: [`Seen`], and the lists in which ours are found again. Changes nothing.

use std::collections::HashSet;

use jiff::Timestamp;
use serde_json::Value;

use super::api::{ApiError, Call};
use super::failure::{lacking, unusable};
use super::place::{Place, encoded};
use crate::engine::ports::ForgeError;
use crate::model::id::ObjectId;
use crate::model::mark::Mark;
use crate::model::pull::{Pull, PullState};

/// A pull request as GitHub shows it now.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Seen {
    pub(super) pull: Pull,
    /// GraphQL's name for it.
    pub(super) node: String,
    /// Whose repository holds its branch.
    pub(super) head_owner: String,
}

impl Seen {
    /// From one item of an answer; else the name of what it lacks.
    pub(super) fn read(item: &Value) -> Result<Self, &'static str> {
        let text = |value: &Value| value.as_str().map(str::to_owned);
        let number = item["number"].as_u64().ok_or("number")?;
        let body = text(&item["body"]).unwrap_or_default();
        let head = &item["head"];
        let branch = text(&head["ref"]).ok_or("head.ref")?;
        // A fork that is gone leaves no `repo`; an account that is gone leaves no `user` either.
        let label = head["label"]
            .as_str()
            .and_then(|label| label.split_once(':'));
        let head_owner = text(&head["repo"]["owner"]["login"])
            .or_else(|| text(&head["user"]["login"]))
            .or_else(|| label.map(|(owner, _)| owner.to_owned()))
            .unwrap_or_default();
        // A list says nothing of `merged`, but when it was.
        let merged = !item["merged_at"].is_null() || item["merged"] == true;
        let state = match item["state"].as_str().ok_or("state")? {
            _ if merged => PullState::Merged,
            "open" => PullState::Open,
            _ => PullState::Closed,
        };
        let labels = item["labels"].as_array().into_iter().flatten();
        let pull = Pull {
            number,
            mark: Mark::find(&body),
            title: text(&item["title"]).ok_or("title")?,
            body,
            state,
            draft: item["draft"] == true,
            head: branch,
            head_commit: object(&head["sha"]).ok_or("head.sha")?,
            base: text(&item["base"]["ref"]).ok_or("base.ref")?,
            labels: labels.filter_map(|label| text(&label["name"])).collect(),
            created: time(&item["created_at"]).ok_or("created_at")?,
            // Of an open one it is a merge that GitHub only tried.
            merge_commit: object(&item["merge_commit_sha"]).filter(|_| merged),
            url: text(&item["html_url"]),
        };
        Ok(Self {
            pull,
            node: text(&item["node_id"]).unwrap_or_default(),
            head_owner,
        })
    }

    /// From a whole answer.
    pub(super) fn read_answer(doing: &str, body: &Value) -> Result<Self, ForgeError> {
        Self::read(body).map_err(|missing| unusable(doing, missing))
    }
}

pub(super) fn object(value: &Value) -> Option<ObjectId> {
    ObjectId::parse(value.as_str()?).ok()
}

pub(super) fn time(value: &Value) -> Option<Timestamp> {
    value.as_str()?.parse().ok()
}

/// An open one before a finished one, one that a run opened before a person's, then the latest.
pub(super) fn best(pulls: Vec<Seen>) -> Option<Seen> {
    let rank = |seen: &Seen| {
        let pull = &seen.pull;
        (
            pull.state == PullState::Open,
            pull.mark.is_some(),
            pull.number,
        )
    };
    pulls.into_iter().max_by_key(rank)
}

/// The one of that number.
pub(super) async fn get(place: &Place, number: u64) -> Result<Seen, ForgeError> {
    let doing = format!("reading pull request #{number}");
    let answer = place.read(&doing, &format!("/pulls/{number}")).await?;
    Seen::read_answer(&doing, &answer.body)
}

/// All whose branch is this one of the head owner's, by one call: at most the latest hundred.
pub(super) async fn of_head(place: &Place, branch: &str) -> Result<Vec<Seen>, ApiError> {
    let head = encoded(&format!("{}:{branch}", place.head_owner));
    let below = format!("/pulls?head={head}&state=all&per_page=100");
    let doing = format!("looking for a pull request of {branch}");
    let answer = place.read(&doing, &below).await?;
    let items = answer.items(&doing)?;
    // One that cannot be read is there all the same.
    let is_its = |item: &&Value| item["head"]["ref"] == branch;
    let unread = items
        .iter()
        .filter(is_its)
        .find_map(|item| Seen::read(item).err());
    if let Some(missing) = unread {
        let words = lacking(missing);
        return Err(ApiError::Unreachable { doing, words });
    }
    Ok(matching(place, items, |name| name == branch))
}

/// All whose branch begins with `prefix`, newest first; those opened before `since` are not looked for.
pub(super) async fn below(
    place: &Place,
    prefix: &str,
    since: Option<Timestamp>,
) -> Result<Vec<Seen>, ForgeError> {
    let doing = format!("looking for pull requests of {prefix}");
    let first = place.path("/pulls?state=all&sort=created&direction=desc&per_page=100");
    let mut next = Some(first);
    let (mut found, mut known) = (Vec::new(), HashSet::new());
    while let Some(path) = next {
        let answer = place.send(Call::read(&doing, path)).await?;
        let items = answer.items(&doing)?;
        let some = matching(place, items, |name| name.starts_with(prefix));
        // What was opened meanwhile moves others from the end of one page to the beginning of the next.
        found.extend(
            some.into_iter()
                .filter(|seen| known.insert(seen.pull.number)),
        );
        let last = items.last().and_then(|item| time(&item["created_at"]));
        let enough = last.zip(since).is_some_and(|(last, since)| last < since);
        next = answer.next.filter(|_| !enough);
    }
    Ok(found)
}

/// Those of the head owner's branches; GitHub passes over a filter that it does not understand, so none is relied on.
fn matching(place: &Place, items: &[Value], is_fine: impl Fn(&str) -> bool) -> Vec<Seen> {
    let seen = items.iter().filter_map(|item| Seen::read(item).ok());
    seen.filter(|seen| {
        is_fine(&seen.pull.head) && seen.head_owner.eq_ignore_ascii_case(&place.head_owner)
    })
    .collect()
}

#[cfg(test)]
mod tests {
    use serde_json::{Value, json};

    use super::super::stub::{Asked, NEXT, PULLS, Stub, pull};
    use super::Seen;
    use crate::engine::ports::{Forge as _, ForgeError};
    use crate::model::pull::PullState;

    /// Two pages, of which the second is older.
    async fn stub() -> Stub {
        Stub::new(|call: &Asked| {
            let mut older = pull(2);
            older["created_at"] = "2026-01-01T00:00:00Z".into();
            let mut other = pull(3);
            other["head"]["ref"] = "feature".into();
            if call.line.ends_with("page=2") {
                return (200, json!([older, pull(1)]));
            }
            let next = format!("{PULLS}?state=all&page=2");
            (200, json!({ "items": [pull(4), other], NEXT: next }))
        })
        .await
    }

    #[tokio::test]
    async fn all_pages_are_looked_through_and_none_that_are_too_old() {
        let stub = stub().await;
        let github = stub.github();
        let numbers = |pulls: Vec<crate::model::pull::Pull>| -> Vec<u64> {
            pulls.iter().map(|pull| pull.number).collect()
        };
        let all = github.pulls_below("batch/tidy-0a1b/").await.unwrap();
        assert_eq!(numbers(all), [4, 2, 1]);
        assert_eq!(stub.lines().len(), 2);
        let since = "2026-01-02T04:00:00Z".parse().unwrap();
        let late = github.pulls_below_since("batch/tidy-0a1b/", Some(since));
        assert_eq!(numbers(late.await.unwrap()), [4]);
        assert_eq!(stub.lines().len(), 3);
    }

    #[test]
    fn what_a_pull_request_lacks_is_named_and_what_is_open_has_no_merge_commit() {
        let seen = Seen::read(&pull(4)).unwrap();
        assert_eq!(seen.pull.merge_commit, None);
        assert_eq!(seen.pull.labels, ["size/S"]);
        let mut gone = pull(4);
        gone["head"]["repo"] = Value::Null;
        gone["head"]["user"] = Value::Null;
        gone["state"] = "closed".into();
        let seen = Seen::read(&gone).unwrap();
        assert_eq!(
            (seen.head_owner.as_str(), seen.pull.state),
            ("octo", PullState::Closed)
        );
        gone["head"]["sha"] = "not a commit".into();
        assert_eq!(Seen::read(&gone), Err("head.sha"));
    }

    #[tokio::test]
    async fn one_that_moves_to_the_next_page_meanwhile_is_found_once() {
        let stub = Stub::new(|call: &Asked| {
            if call.line.ends_with("page=2") {
                return (200, json!([pull(3), pull(2)]));
            }
            let next = format!("{PULLS}?state=all&page=2");
            (200, json!({ "items": [pull(4), pull(3)], NEXT: next }))
        })
        .await;
        let found = stub.github().pulls_below("batch/").await.unwrap();
        let numbers: Vec<u64> = found.iter().map(|pull| pull.number).collect();
        assert_eq!(numbers, [4, 3, 2]);
    }

    #[tokio::test]
    async fn what_cannot_be_read_is_not_taken_for_nothing() {
        let mut unread = pull(4);
        unread["head"]["sha"] = Value::Null;
        for (answer, words) in [
            (json!({}), "GitHub's answer is no list"),
            (
                json!([unread]),
                "GitHub's answer cannot be used: it has no head.sha",
            ),
        ] {
            let stub = Stub::new(move |_: &Asked| (200, answer.clone())).await;
            let error = stub.github().find("batch/tidy-0a1b/unit-1").await;
            let ForgeError::Unreachable { words: told, .. } = error.unwrap_err() else {
                panic!("{words}");
            };
            assert_eq!(told, words);
        }
    }
}
