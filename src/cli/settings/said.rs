//! [`Said`]: one word about a setting: what it comes to, who said it, and where.

use std::path::PathBuf;

use crate::adapters::settings_file::SettingsError;

/// Who speaks, the last of them loudest.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Layer {
    /// The user's own file.
    User,
    /// The repository's file.
    Repository,
    /// A variable.
    Environment,
    /// The saved recipe that the command line names.
    Recipe,
    /// An option.
    CommandLine,
}

/// Where it was said.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Place {
    /// In a file.
    File {
        /// The file.
        path: PathBuf,
        /// The line, from 1.
        line: usize,
        /// The key, with the tables that it is in.
        key: String,
    },
    /// In the environment, by the variable of this name.
    Variable(String),
    /// On the command line, by the option of this name.
    Option(String),
}

impl Place {
    /// The error that says what is wrong there.
    #[must_use]
    pub fn wrong(&self, words: String) -> SettingsError {
        match self.clone() {
            Self::File { path, line, key } => SettingsError::Wrong {
                path,
                line,
                key,
                words,
            },
            Self::Variable(name) | Self::Option(name) => SettingsError::Variable { name, words },
        }
    }

    /// What it is called beside another one.
    #[must_use]
    pub fn name(&self) -> &str {
        match self {
            Self::File { key, .. } => key,
            Self::Variable(name) | Self::Option(name) => name,
        }
    }
}

/// What it comes to.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum What {
    /// These texts, as the option would take them.
    Values(Vec<String>),
    /// As if nobody had said anything.
    TakenBack,
}

/// One word about a setting.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Said {
    /// Who.
    pub layer: Layer,
    /// Where.
    pub place: Place,
    /// What.
    pub what: What,
}
