//! [`FileSays`]: what one file says of settings, each word of it checked, and the recipes in it.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use super::keys::{DESCRIPTION, Keys, OTHERS, SAVED};
use super::presumption::{Described, presumed};
use super::said::{Layer, Place, Said, What};
use crate::adapters::settings_file::{Entry, SettingsError, SettingsFile, Value};

/// What one file says.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct FileSays {
    /// The file.
    pub path: PathBuf,
    /// What it says of all changes, by key.
    pub own: BTreeMap<String, Said>,
    /// Its recipes, by name.
    pub recipes: BTreeMap<String, Recipe>,
    /// Where it says what has readers of its own, by key.
    pub others: BTreeMap<String, Place>,
}

/// A named change that can be made again.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Recipe {
    /// Where it begins.
    pub place: Place,
    /// What is wanted.
    pub description: Option<String>,
    /// What it says of its change, by key.
    pub own: BTreeMap<String, Said>,
}

/// Whose word a file is.
#[derive(Debug, Clone, Copy)]
pub(super) enum Author<'a> {
    /// The user's.
    User,
    /// The repository's, which describes these agents.
    Repository(Described<'a>),
}

impl FileSays {
    /// Reads it.
    ///
    /// # Errors
    /// [`SettingsError`] names the line and the key.
    pub(super) fn read(
        file: &SettingsFile,
        author: Author<'_>,
        keys: &Keys,
    ) -> Result<Self, SettingsError> {
        let reader = Reader {
            path: file.path(),
            author,
            keys,
        };
        let mut says = Self {
            path: file.path().to_owned(),
            own: BTreeMap::new(),
            recipes: BTreeMap::new(),
            others: BTreeMap::new(),
        };
        for entry in file.entries()? {
            let place = reader.place(entry.line, &[&entry.key]);
            match &entry.value {
                Value::Table(recipes) if entry.key == SAVED => {
                    for recipe in recipes {
                        let read = reader.recipe(recipe)?;
                        says.recipes.insert(recipe.key.clone(), read);
                    }
                }
                _ if entry.key == SAVED => {
                    let words = "recipes are tables: [saved.NAME]";
                    return Err(place.wrong(words.to_owned()));
                }
                value if OTHERS.contains(&&*entry.key) => {
                    if let Value::Table(inner) = value {
                        let at = |inner: &Entry| {
                            let place = reader.place(inner.line, &[&entry.key, &inner.key]);
                            (place.name().to_owned(), place)
                        };
                        says.others.extend(inner.iter().map(at));
                    }
                    says.others.insert(entry.key.clone(), place);
                }
                value => {
                    let layer = match author {
                        Author::User => Layer::User,
                        Author::Repository(_) => Layer::Repository,
                    };
                    let key = keys.for_all_changes(&entry.key);
                    let key = key.map_err(|words| place.wrong(words))?;
                    let what = key.read_value(value);
                    let said = reader.said(layer, &entry.key, place, what)?;
                    says.own.insert(entry.key, said);
                }
            }
        }
        Ok(says)
    }
}

struct Reader<'a> {
    path: &'a Path,
    author: Author<'a>,
    keys: &'a Keys,
}

impl Reader<'_> {
    fn place(&self, line: usize, key: &[&str]) -> Place {
        Place::File {
            path: self.path.to_owned(),
            line,
            key: key.join("."),
        }
    }

    fn said(
        &self,
        layer: Layer,
        key: &str,
        place: Place,
        what: Result<What, String>,
    ) -> Result<Said, SettingsError> {
        let what = what.map_err(|words| place.wrong(words))?;
        if let (Author::Repository(described), What::Values(values)) = (self.author, &what)
            && let Some(words) = presumed(key, values, described)
        {
            return Err(place.wrong(words));
        }
        Ok(Said { layer, place, what })
    }

    fn recipe(&self, entry: &Entry) -> Result<Recipe, SettingsError> {
        let place = self.place(entry.line, &[SAVED, &entry.key]);
        let Value::Table(entries) = &entry.value else {
            return Err(place.wrong("a recipe is a table: [saved.NAME]".to_owned()));
        };
        let mut recipe = Recipe {
            place,
            description: None,
            own: BTreeMap::new(),
        };
        for inner in entries {
            let place = self.place(inner.line, &[SAVED, &entry.key, &inner.key]);
            if inner.key == DESCRIPTION {
                match &inner.value {
                    Value::Text(text) if !text.trim().is_empty() => {
                        recipe.description = Some(text.trim().to_owned());
                    }
                    _ => {
                        let words = "say in a sentence what the change is";
                        return Err(place.wrong(words.to_owned()));
                    }
                }
                continue;
            }
            let key = self.keys.for_a_recipe(&inner.key);
            let key = key.map_err(|words| place.wrong(words))?;
            let said = self.said(
                Layer::Recipe,
                &inner.key,
                place,
                key.read_value(&inner.value),
            )?;
            recipe.own.insert(inner.key.clone(), said);
        }
        Ok(recipe)
    }
}
