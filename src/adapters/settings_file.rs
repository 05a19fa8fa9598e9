//! `SettingsFile`: one file of settings, and where in it each key stands, so that what is wrong with one is said with
//! file, line and key. What the keys mean is their readers'. Here is also where the user's own files are.

use std::io;
use std::path::{Path, PathBuf};

use etcetera::BaseStrategy;
use serde::de::DeserializeOwned;
use toml::de::{DeTable, DeValue};

use crate::model::nearest::nearest;

mod fields;
mod value;

pub use value::{Entry, Value};

/// The file at the root of a repository.
pub const REPOSITORY_FILE: &str = "batch.toml";

/// The user's own file, where there is a home folder.
#[must_use]
pub fn user_file() -> Option<PathBuf> {
    let strategy = etcetera::choose_base_strategy().ok()?;
    Some(strategy.config_dir().join("batch/config.toml"))
}

/// The folder in which the user's programs keep what outlives them, where there is a home folder.
#[must_use]
pub fn user_state_folder() -> Option<PathBuf> {
    let strategy = etcetera::choose_base_strategy().ok()?;
    Some(strategy.state_dir().unwrap_or_else(|| strategy.data_dir()))
}

/// Why settings cannot be used.
#[derive(Debug, thiserror::Error)]
pub enum SettingsError {
    /// The file is there and cannot be read.
    #[error("{}: {error}", path.display())]
    Unreadable {
        /// The file.
        path: PathBuf,
        /// What the system says.
        #[source]
        error: io::Error,
    },
    /// It is no TOML.
    #[error("{}: line {line}: {words}", path.display())]
    NoToml {
        /// The file.
        path: PathBuf,
        /// The line, from 1.
        line: usize,
        /// What is wrong, as a fragment.
        words: String,
    },
    /// One of its keys is wrong.
    #[error("{}: line {line}: {key}: {words}", path.display())]
    Wrong {
        /// The file.
        path: PathBuf,
        /// The line, from 1.
        line: usize,
        /// The key, with the tables that it is in.
        key: String,
        /// What is wrong, as a fragment.
        words: String,
    },
    /// A variable of the environment is wrong.
    #[error("{name}: {words}")]
    Variable {
        /// Its name.
        name: String,
        /// What is wrong, as a fragment.
        words: String,
    },
}

/// What is said of a key that is none, with the one that it probably means.
#[must_use]
pub fn unknown_key(key: &str, known: &[&str]) -> String {
    match nearest(key, known) {
        Some(name) => format!("there is no such key; did you mean `{name}`?"),
        None => "there is no such key".to_owned(),
    }
}

/// One file of settings that is there.
#[derive(Debug)]
pub struct SettingsFile {
    path: PathBuf,
    text: String,
}

impl SettingsFile {
    /// The file, where there is one.
    ///
    /// # Errors
    /// [`SettingsError::Unreadable`].
    pub fn open(path: &Path) -> Result<Option<Self>, SettingsError> {
        let path = path.to_owned();
        match std::fs::read_to_string(&path) {
            Ok(text) => Ok(Some(Self { path, text })),
            Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(None),
            Err(error) => Err(SettingsError::Unreadable { path, error }),
        }
    }

    /// Where it is.
    #[must_use]
    pub fn path(&self) -> &Path {
        &self.path
    }

    /// All that it says, in the order of its lines.
    ///
    /// # Errors
    /// [`SettingsError::NoToml`].
    pub fn entries(&self) -> Result<Vec<Entry>, SettingsError> {
        let table = self.table()?;
        Ok(value::entries(table.get_ref(), &|at| self.line_of(at)))
    }

    /// Refuses a key in one of its tables that is no field of what the table is read as. None of them there is fine.
    ///
    /// # Errors
    /// [`SettingsError::Wrong`] with the nearest right name.
    pub(in crate::adapters) fn knows_keys<T: DeserializeOwned>(
        &self,
        table: &[&str],
    ) -> Result<(), SettingsError> {
        let parsed = self.table()?;
        let mut innermost = parsed.get_ref();
        for name in table {
            match innermost.get(*name).map(toml::Spanned::get_ref) {
                Some(DeValue::Table(inner)) => innermost = inner,
                Some(_) | None => return Ok(()),
            }
        }
        let known = fields::fields_of::<T>();
        let mut keys = innermost.keys().map(|key| key.get_ref().as_ref());
        let Some(key) = keys.find(|key| !known.contains(key)) else {
            return Ok(());
        };
        Err(self.wrong(&[table, &[key]].concat(), unknown_key(key, known)))
    }

    fn table(&self) -> Result<toml::Spanned<DeTable<'_>>, SettingsError> {
        DeTable::parse(&self.text).map_err(|error| SettingsError::NoToml {
            path: self.path.clone(),
            line: self.line_of(error.span().map_or(0, |span| span.start)),
            words: one_line(error.message()),
        })
    }

    /// What it says, as far as a reader asks.
    pub(in crate::adapters) fn read<T: DeserializeOwned>(&self) -> Result<T, SettingsError> {
        let table = self.table()?;
        toml::from_str(&self.text).map_err(|error| {
            let at = error.span().map_or(0, |span| span.start);
            self.wrong_at(at, key_at(table.get_ref(), at), one_line(error.message()))
        })
    }

    /// The error that says what is wrong with a key, at the line of the key or of the innermost table around it.
    pub(in crate::adapters) fn wrong(&self, key: &[&str], words: String) -> SettingsError {
        let table = DeTable::parse(&self.text);
        let at = table.map_or(0, |table| offset_of(table.get_ref(), key));
        self.wrong_at(at, key.join("."), words)
    }

    fn wrong_at(&self, at: usize, key: String, words: String) -> SettingsError {
        SettingsError::Wrong {
            path: self.path.clone(),
            line: self.line_of(at),
            key,
            words,
        }
    }

    fn line_of(&self, offset: usize) -> usize {
        let before = &self.text.as_bytes()[..offset.min(self.text.len())];
        memchr::memchr_iter(b'\n', before).count() + 1
    }
}

/// The key whose value, or itself, stands at this place; the innermost.
fn key_at(table: &DeTable<'_>, at: usize) -> String {
    for (key, value) in table {
        let name = key.get_ref().as_ref();
        if let DeValue::Table(inner) = value.get_ref() {
            let below = key_at(inner, at);
            if !below.is_empty() {
                return format!("{name}.{below}");
            }
        }
        if key.span().contains(&at) || value.span().contains(&at) {
            return name.to_owned();
        }
    }
    String::new()
}

/// Where the key stands, or the innermost table around it that is there.
fn offset_of(table: &DeTable<'_>, key: &[&str]) -> usize {
    let mut offset = 0;
    let mut table = Some(table);
    for name in key {
        let Some((key, value)) = table.and_then(|table| table.get_key_value(*name)) else {
            break;
        };
        offset = key.span().start;
        table = match value.get_ref() {
            DeValue::Table(inner) => Some(inner),
            _ => None,
        };
    }
    offset
}

fn one_line(words: &str) -> String {
    words.replace('\n', ", ")
}
