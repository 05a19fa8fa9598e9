//! [`Reviewers`]: asks people and teams for reviews. One that GitHub does not take makes it refuse all, so they are then
//! asked one by one, once; who was refused is not asked again.

use std::collections::HashMap;

use serde_json::json;

use super::api::{ApiError, Kind, Method};
use super::failure::{is_status, words};
use super::place::Place;

/// Who may be asked for a review.
#[derive(Debug, Clone, PartialEq, Eq)]
enum Asked {
    /// A person, by login.
    Person(String),
    /// A team of the repository's organisation, by the part of its name after the slash.
    Team(String),
}

/// Who was refused as a reviewer, and why.
#[derive(Default)]
pub(super) struct Reviewers {
    /// By names in lower case, teams as `organisation/team`.
    refused: HashMap<String, String>,
}

impl Reviewers {
    /// Asks them all; a warning for each who cannot be asked.
    pub(super) async fn ask(
        &mut self,
        place: &Place,
        number: u64,
        people: &[String],
        teams: &[String],
        warnings: &mut Vec<String>,
    ) {
        if people.is_empty() && teams.is_empty() {
            return;
        }
        // Who opened it cannot review it. Where the login cannot be had, GitHub says so itself.
        let author = place.viewer().await.ok().flatten();
        let is_author = |name: &str| {
            let author = author.as_deref();
            author.is_some_and(|author| author.eq_ignore_ascii_case(name))
        };
        let mut asked = Vec::new();
        let names = people.iter().filter(|name| !is_author(name)).chain(teams);
        for name in names {
            if let Some(why) = self.refused.get(&name.to_lowercase()) {
                warnings.push(left_out(name, why));
                continue;
            }
            match who(name, &place.site.owner) {
                Ok(who) => asked.push((name, who)),
                Err(why) => warnings.push(left_out(name, &why)),
            }
        }
        if asked.is_empty() {
            return;
        }
        let together = request(place, number, asked.iter().map(|(_, who)| who)).await;
        let Err(error) = together else { return };
        let one_by_one = asked.len() > 1 && is_status(&error, 422);
        for (name, who) in asked {
            let error = if one_by_one {
                match request(place, number, [&who]).await {
                    Ok(()) => continue,
                    Err(error) => error,
                }
            } else {
                error.clone()
            };
            let why = words(&error);
            warnings.push(left_out(name, &why));
            if matches!(error, ApiError::Refused(_)) {
                self.refused.insert(name.to_lowercase(), why);
            }
        }
    }
}

fn left_out(name: &str, why: &str) -> String {
    format!("`{name}` was not asked for a review: {why}")
}

fn who(name: &str, owner: &str) -> Result<Asked, String> {
    match name.split_once('/') {
        None => Ok(Asked::Person(name.to_owned())),
        Some((organisation, team)) if organisation.eq_ignore_ascii_case(owner) => {
            Ok(Asked::Team(team.to_owned()))
        }
        Some((organisation, _)) => Err(format!(
            "it is a team of {organisation}, and the repository is {owner}'s"
        )),
    }
}

async fn request(
    place: &Place,
    number: u64,
    asked: impl IntoIterator<Item = &Asked> + Send,
) -> Result<(), ApiError> {
    let (mut people, mut teams) = (Vec::new(), Vec::new());
    for who in asked {
        match who {
            Asked::Person(login) => people.push(login.as_str()),
            Asked::Team(slug) => teams.push(slug.as_str()),
        }
    }
    let mut body = json!({});
    if !people.is_empty() {
        body["reviewers"] = people.into();
    }
    if !teams.is_empty() {
        body["team_reviewers"] = teams.into();
    }
    let doing = format!("asking for reviews of #{number}");
    let below = format!("/pulls/{number}/requested_reviewers");
    let sent = place.write(doing, Kind::Content, Method::Post, &below, body);
    sent.await.map(|_| ())
}

#[cfg(test)]
mod tests {
    use super::{Asked, who};

    #[test]
    fn a_team_is_named_by_what_follows_the_slash_and_only_in_its_own_organisation() {
        assert_eq!(who("ann", "octo"), Ok(Asked::Person("ann".to_owned())));
        assert_eq!(who("Octo/core", "octo"), Ok(Asked::Team("core".to_owned())));
        assert!(who("other/core", "octo").is_err());
    }
}
