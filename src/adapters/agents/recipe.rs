//! [`Recipe`]: how an agent that we do not know is spoken to, as its user wrote it down under `[agents.NAME]`.
//!
//! What it says is this file's, how it is written down `written`'s, and what is made of it
//! [`Custom`](super::custom::Custom)'s. The settings read it.

pub(super) mod argument;
pub(super) mod place;
#[cfg(test)]
pub(super) mod tests;
pub(super) mod written;

use std::collections::BTreeMap;

use serde::Deserialize;

use argument::{Argument, Part};
use place::Place;

/// An agent in the words of its user, found to make sense.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Recipe {
    pub(super) name: String,
    pub(super) program: String,
    pub(super) command: Vec<Argument>,
    pub(super) lists: BTreeMap<List, Vec<Argument>>,
    pub(super) prompt: PromptBy,
    pub(super) output: OutputAs,
    pub(super) answer: Answer,
    pub(super) codes: BTreeMap<i32, Meaning>,
    pub(super) listed: Vec<String>,
    pub(super) set: BTreeMap<String, String>,
    pub(super) how_to_get: String,
}

/// What is wrong with a recipe.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{key}: {words}")]
pub struct RecipeError {
    /// The key that it is about, below the recipe's own table; empty when about the name.
    pub key: &'static str,
    /// What is wrong, as a fragment.
    pub words: String,
}

impl RecipeError {
    fn new(key: &'static str, words: impl Into<String>) -> Self {
        Self {
            key,
            words: words.into(),
        }
    }
}

/// Arguments that are given only when they apply.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum List {
    Edit,
    ReadOnly,
    Model,
    Turns,
    Schema,
    Resume,
}

impl List {
    pub(super) const ALL: [Self; 6] = [
        Self::Edit,
        Self::ReadOnly,
        Self::Model,
        Self::Turns,
        Self::Schema,
        Self::Resume,
    ];

    /// As it is written, as a key and between braces.
    pub(super) fn key(self) -> &'static str {
        match self {
            Self::Edit => "edit",
            Self::ReadOnly => "read-only",
            Self::Model => "model",
            Self::Turns => "turns",
            Self::Schema => "schema",
            Self::Resume => "resume",
        }
    }

    /// The value that is known when the list applies, and only then.
    fn own(self) -> Option<Part> {
        match self {
            Self::Edit | Self::ReadOnly => None,
            Self::Model => Some(Part::Model),
            Self::Turns => Some(Part::Turns),
            Self::Schema => Some(Part::SchemaFile),
            Self::Resume => Some(Part::Session),
        }
    }
}

/// How the prompt is handed over.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub(super) enum PromptBy {
    Stdin,
    Argument,
    File,
}

/// What standard output is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub(super) enum OutputAs {
    /// Words for people, the last message among them.
    #[default]
    Text,
    /// One JSON document.
    Json,
    /// One JSON object a line.
    JsonLines,
}

/// Where in its JSON an agent says what.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub(super) struct Answer {
    pub(super) says: Option<Place>,
    pub(super) result: Option<Place>,
    pub(super) structured: Option<Place>,
    pub(super) session: Option<Place>,
    pub(super) model: Option<Place>,
    pub(super) error: Option<Place>,
    pub(super) turns: Option<Place>,
    pub(super) cost: Option<Place>,
    pub(super) input: Option<Place>,
    pub(super) output: Option<Place>,
    pub(super) cached: Option<Place>,
    /// Whether what was read from the cache is counted in the input tokens too.
    pub(super) input_holds_cached: bool,
}

/// What an exit code stands for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Meaning {
    Ok,
    Unauthorised,
    RateLimited,
    NoQuota,
    OutOfTurns,
    OutOfBudget,
}

impl Recipe {
    /// The agent's name, as `--agent` takes it.
    #[must_use]
    pub fn name(&self) -> &str {
        &self.name
    }
}
