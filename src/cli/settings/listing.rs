//! [`listing`]: every setting with what it comes to and who said so, as a run would have it that names no option.
//!
//! No secret is among them: of variables for agents there are names alone, and a token is no setting.

use clap::Command;
use serde_json::{Value, json};

use super::file::FileSays;
use super::key::Key;
use super::keys::{Keys, SAVED};
use super::layers::{Word, holding};
use super::said::{Place, What};
use super::sources::{Places, Settings};
use crate::adapters::forges::github::settings::GitHubSettings;
use crate::cli::args::Asked;
use crate::cli::exit::Problem;

/// A setting, and what it comes to.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Row {
    /// Its key.
    pub key: String,
    /// What it comes to; null where nobody says anything and there is no one value then.
    pub value: Value,
    /// What a person is told in the place of null.
    pub usual: Option<String>,
    /// Who said so; none for the default.
    pub place: Option<Place>,
}

/// Lists them.
///
/// # Errors
/// [`Problem`] where a file says two things that cannot stand beside each other.
pub(super) fn listing(
    asked: &Asked<'_>,
    batch: &Command,
    keys: &Keys,
    settings: &Settings,
    places: &Places,
) -> Result<Vec<Row>, Problem> {
    let words = holding(asked, &["run"], batch, settings, None, &[])?;
    let for_all = keys.iter().filter(|key| key.is_for_all_changes());
    let mut rows: Vec<Row> = for_all.map(|key| of_key(key, &words, settings)).collect();
    rows.extend(of_agents(settings));
    rows.extend(of_github(settings, places));
    let recipes = settings.recipes().into_iter();
    rows.extend(recipes.map(|(name, recipe)| Row {
        key: format!("{SAVED}.{name}"),
        value: json!(recipe.description),
        usual: Some("no description".to_owned()),
        place: Some(recipe.place.clone()),
    }));
    Ok(rows)
}

fn of_key(key: &Key, words: &[Word], settings: &Settings) -> Row {
    let word = words.iter().find(|word| word.key == key.name());
    let values = word.map(|word| &word.values[..]);
    let taken_back = || {
        let said = settings.said(key.name(), None)?;
        (said.what == What::TakenBack).then(|| said.place.clone())
    };
    let value = match values {
        _ if key.is_flag() => json!(values.is_some()),
        Some(values) if key.is_list() => json!(values),
        Some(values) => json!(values.first()),
        None if key.is_list() => json!([]),
        None => json!(key.default()),
    };
    Row {
        key: key.name().to_owned(),
        value,
        usual: key.usual(),
        place: word.map_or_else(taken_back, |word| Some(word.place.clone())),
    }
}

fn of_agents(settings: &Settings) -> Vec<Row> {
    let row = |key: &str, value: Value, place| Row {
        key: key.to_owned(),
        value,
        usual: None,
        place,
    };
    let at = |file: &Option<FileSays>, key: &str| file.as_ref()?.others.get(key).cloned();
    let agents = &settings.agents;
    let mut rows = Vec::new();
    // Here the files add up.
    for (file, names) in [
        (&settings.repository, &agents.repository_env),
        (&settings.user, &agents.env),
    ] {
        if let Some(place) = at(file, "agent-env") {
            rows.push(row("agent-env", json!(names), Some(place)));
        }
    }
    if rows.is_empty() {
        rows.push(row("agent-env", json!([]), None));
    }
    let place = at(&settings.user, "agent-args");
    rows.push(row("agent-args", json!(agents.args), place));
    for (file, recipes) in [
        (&settings.repository, &agents.repository_recipes),
        (&settings.user, &agents.recipes),
    ] {
        rows.extend(recipes.iter().map(|recipe| {
            let key = format!("agents.{}", recipe.name());
            let place = at(file, &key);
            row(&key, json!("described"), place)
        }));
    }
    rows
}

fn of_github(settings: &Settings, places: &Places) -> Vec<Row> {
    let GitHubSettings {
        host,
        api_url,
        write_interval,
        writes_per_minute,
        writes_per_hour,
        known: _,
    } = &settings.github;
    let interval = jiff::SignedDuration::try_from(*write_interval)
        .map_or_else(|_| String::new(), |interval| format!("{interval:#}"));
    let values = [
        ("host", json!(host), Some("by the remote's address")),
        ("api-url", json!(api_url), Some("by the host")),
        ("write-interval", json!(interval), None),
        ("writes-per-minute", json!(writes_per_minute), None),
        ("writes-per-hour", json!(writes_per_hour), None),
    ];
    let rows = values.into_iter().map(|(name, value, usual)| {
        let key = format!("github.{name}");
        let variable = name.replace('-', "_").to_ascii_uppercase();
        let variable = format!("BATCH_GITHUB_{variable}");
        let is_set = |name: &str| {
            places
                .variable(name)
                .is_some_and(|text| !text.trim().is_empty())
        };
        let in_file = || settings.user.as_ref()?.others.get(&key).cloned();
        Row {
            place: if is_set(&variable) {
                Some(Place::Variable(variable))
            } else {
                in_file()
            },
            key,
            value,
            usual: usual.map(str::to_owned),
        }
    });
    rows.collect()
}
