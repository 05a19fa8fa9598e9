//! The user's fork of the repository: found, or made where that is allowed.

use serde_json::{Value, json};

use super::api::{ApiError, Call, Kind, Method};
use super::failure::{is_status, unusable};
use super::place::Place;
use crate::engine::ports::ForgeError;
use crate::model::site::Site;

/// How many pages of a repository's forks are looked through for one that was given another name.
const PAGES_MAX: usize = 3;
/// How long GitHub is given to make one, in first waits: two minutes.
const MADE: [u32; 14] = [1, 1, 2, 2, 4, 5, 5, 10, 10, 15, 15, 15, 15, 20];

/// The fork of the token's person.
pub(super) async fn of_viewer(place: &Place, make: bool) -> Result<Site, ForgeError> {
    let site = &place.site;
    let doing = format!("looking for your fork of {}", site.slug());
    let Some(login) = place.viewer().await? else {
        let words = "the token is an app's, and an app has no forks";
        return Err(ForgeError::refused(doing, words));
    };
    if login.eq_ignore_ascii_case(&site.owner) {
        let words = format!("{} is {login}'s own, and needs no fork", site.slug());
        return Err(ForgeError::refused(doing, words));
    }
    let usual = format!("/repos/{login}/{}", site.name);
    if let Some(fork) = there(place, &doing, &usual).await? {
        return Ok(fork);
    }
    if let Some(fork) = listed(place, &doing, &login).await? {
        return Ok(fork);
    }
    if !make {
        return Err(ForgeError::Refused {
            doing,
            words: format!("{login} has none"),
            hint: Some("`--fork=make` has GitHub make one".to_owned()),
        });
    }
    made(place, &usual).await
}

/// The repository at that path, if it is a fork of ours.
async fn there(place: &Place, doing: &str, path: &str) -> Result<Option<Site>, ForgeError> {
    match place.send(Call::read(doing, path)).await {
        Ok(answer) => Ok(fork_of(place, &answer.body)),
        Err(error) if is_status(&error, 404) => Ok(None),
        Err(error) => Err(error.into()),
    }
}

/// A fork of a fork is one too: they share their commits.
fn fork_of(place: &Place, body: &Value) -> Option<Site> {
    let ours = place.site.slug();
    let is_ours = |key: &str| {
        let slug = body[key]["full_name"].as_str();
        slug.is_some_and(|slug| slug.eq_ignore_ascii_case(&ours))
    };
    let is_fork = body["fork"] == true && (is_ours("parent") || is_ours("source"));
    is_fork.then(|| site(place, body)).flatten()
}

fn site(place: &Place, body: &Value) -> Option<Site> {
    Site::of(&place.site.host, body["full_name"].as_str()?)
}

/// Among the newest forks, for one that has another name than the repository.
async fn listed(place: &Place, doing: &str, login: &str) -> Result<Option<Site>, ForgeError> {
    let mut next = Some(place.path("/forks?sort=newest&per_page=100"));
    for _ in 0..PAGES_MAX {
        let Some(path) = next else { break };
        let answer = place.send(Call::read(doing, path)).await?;
        let items = answer.items(doing)?.iter();
        let is_theirs = |item: &&Value| {
            let owner = item["owner"]["login"].as_str();
            owner.is_some_and(|owner| owner.eq_ignore_ascii_case(login))
        };
        if let Some(fork) = items.filter(is_theirs).find_map(|item| site(place, item)) {
            return Ok(Some(fork));
        }
        next = answer.next;
    }
    Ok(None)
}

async fn made(place: &Place, usual: &str) -> Result<Site, ForgeError> {
    let doing = format!("making a fork of {}", place.site.slug());
    let call = Call::write(
        &doing,
        Kind::Content,
        Method::Post,
        place.path("/forks"),
        json!({}),
    );
    // GitHub makes no second fork for the same person: it answers with the one that is there.
    let path = match place.settle(call).await {
        Ok(answer) => {
            let slug = answer.body["full_name"].as_str();
            slug.map_or_else(|| usual.to_owned(), |slug| format!("/repos/{slug}"))
        }
        Err(ApiError::Unknown { .. }) => usual.to_owned(),
        Err(error) => return Err(error.into()),
    };
    let mut named = None;
    for wait in MADE {
        if named.is_none() {
            named = there(place, &doing, &path).await?;
        }
        if let Some(fork) = &named
            && has_branches(place, &doing, fork).await?
        {
            return Ok(fork.clone());
        }
        place.wait(wait).await?;
    }
    Err(unusable(doing, "such repository after two minutes"))
}

/// Whether its branches are there: GitHub shows a fork before it has copied what is in it, and takes no push until then.
async fn has_branches(place: &Place, doing: &str, fork: &Site) -> Result<bool, ForgeError> {
    let path = format!("/repos/{}/branches?per_page=1", fork.slug());
    match place.send(Call::read(doing, path)).await {
        Ok(answer) => Ok(!answer.items(doing)?.is_empty()),
        Err(error) if is_status(&error, 404) || is_status(&error, 409) => Ok(false),
        // The token may not look inside; the push will show it.
        Err(ApiError::Refused(_)) => Ok(true),
        Err(error) => Err(error.into()),
    }
}

#[cfg(test)]
mod tests {
    use serde_json::{Value, json};

    use super::super::stub::{Asked, Stub};

    #[tokio::test]
    async fn a_fork_is_there_once_its_branches_are() {
        let (mut looks, mut lists) = (0, 0);
        let stub = Stub::new(move |call: &Asked| {
            let fork = json!({
                "full_name": "ann/sample",
                "fork": true,
                "parent": { "full_name": "octo/sample" },
            });
            match call.line.as_str() {
                "GET /user" => (200, json!({ "login": "ann" })),
                "GET /repos/ann/sample" => {
                    looks += 1;
                    if looks > 2 {
                        (200, fork)
                    } else {
                        (404, Value::Null)
                    }
                }
                "GET /repos/ann/sample/branches?per_page=1" => {
                    lists += 1;
                    match lists {
                        1 => (404, Value::Null),
                        2 => (200, json!([])),
                        _ => (200, json!([{ "name": "main" }])),
                    }
                }
                line if line.starts_with("POST") => (202, fork),
                _ => (200, json!([])),
            }
        })
        .await;
        let fork = stub.github().fork(true).await.unwrap();
        assert_eq!(fork.slug(), "ann/sample");
        let lists = stub
            .lines()
            .into_iter()
            .filter(|line| line.contains("branches"));
        assert_eq!(lists.count(), 3);
        assert_eq!(stub.bodies("POST").len(), 1);
    }
}
