//! [`Labels`]: which labels the repository has. Those that are missing are made, once each: GitHub would make them by
//! itself when they are given to an issue, but does so with no word, and says nothing where it may not.

use std::collections::HashMap;

use serde_json::{Value, json};

use super::api::{ApiError, Call, Kind, Method};
use super::failure::words;
use super::place::Place;

/// The colour that GitHub gives to labels that it makes by itself.
const COLOUR: &str = "ededed";

/// The repository's labels, as far as they are known.
#[derive(Default)]
pub(super) struct Labels {
    /// By their names in lower case, for GitHub does not tell case apart, how they are spelled; none until they are listed.
    known: Option<HashMap<String, String>>,
    /// Why those that are missing could not be made.
    refused: HashMap<String, String>,
}

impl Labels {
    /// The wanted labels, as the repository spells them; a warning for each that it does not have.
    pub(super) async fn found(
        &mut self,
        place: &Place,
        wanted: &[String],
        warnings: &mut Vec<String>,
    ) -> Vec<String> {
        if wanted.is_empty() {
            return Vec::new();
        }
        let mut known = match self.known.take() {
            Some(known) => known,
            None => match listed(place).await {
                Ok(known) => known,
                Err(error) => {
                    let names = wanted.join("`, `");
                    warnings.push(format!("labels `{names}` not given: {}", words(&error)));
                    return Vec::new();
                }
            },
        };
        let mut found = Vec::new();
        for name in wanted {
            let key = name.to_lowercase();
            if let Some(spelled) = known.get(&key) {
                found.push(spelled.clone());
                continue;
            }
            if !self.refused.contains_key(&key) {
                match made(place, name).await {
                    Ok(()) => {
                        known.insert(key, name.clone());
                        found.push(name.clone());
                        continue;
                    }
                    Err(error) => self.refused.insert(key.clone(), words(&error)),
                };
            }
            let why = &self.refused[&key];
            warnings.push(format!("label `{name}` could not be made: {why}"));
        }
        self.known = Some(known);
        found
    }
}

async fn listed(place: &Place) -> Result<HashMap<String, String>, ApiError> {
    let path = place.path("/labels?per_page=100");
    let items = place.list(Call::read("listing labels", path)).await?;
    let names = items.iter().filter_map(name);
    Ok(names
        .map(|name| (name.to_lowercase(), name.to_owned()))
        .collect())
}

/// A label's name.
pub(super) fn name(item: &Value) -> Option<&str> {
    item["name"].as_str()
}

async fn made(place: &Place, name: &str) -> Result<(), ApiError> {
    let doing = format!("making the label `{name}`");
    let body = json!({ "name": name, "color": COLOUR });
    let path = place.path("/labels");
    let call = Call::write(doing, Kind::Write, Method::Post, path, body);
    match place.settle(call).await {
        // Somebody else made it meanwhile, or the call that was lost did.
        Err(ApiError::Refused(refusal)) if refusal.has_code("already_exists") => Ok(()),
        done => done.map(|_| ()),
    }
}
