//! [`Folder`]: one folder of the tree as those see it who look for commands there, and the [`Finder`] they tell.

use std::collections::{HashMap, HashSet};

use crate::model::facts::commands::suggestion::{CommandKind, Commands, Confidence, Suggestion};
use crate::model::facts::contents::Contents;
use crate::model::path::RepoPath;
use crate::model::tree::TreeFile;

/// What lies directly in a folder.
pub(super) struct Folder<'a> {
    files: HashMap<&'a [u8], &'a RepoPath>,
    folders: HashSet<&'a [u8]>,
    contents: &'a Contents,
}

impl<'a> Folder<'a> {
    /// Looks at a folder, by its path without a trailing `/`; `below` are the files below it.
    pub(super) fn new(
        folder: &[u8],
        below: impl Iterator<Item = &'a TreeFile>,
        contents: &'a Contents,
    ) -> Self {
        let from = if folder.is_empty() {
            0
        } else {
            folder.len() + 1
        };
        let mut files = HashMap::new();
        let mut folders = HashSet::new();
        for file in below {
            let name = &file.path.as_bytes()[from..];
            match memchr::memchr(b'/', name) {
                Some(slash) => drop(folders.insert(&name[..slash])),
                None => drop(files.insert(name, &file.path)),
            }
        }
        Self {
            files,
            folders,
            contents,
        }
    }

    /// The first of these files that is here.
    pub(super) fn first(&self, names: &[&str]) -> Option<&'a RepoPath> {
        names.iter().find_map(|name| self.file(name))
    }

    /// A file that is here.
    pub(super) fn file(&self, name: &str) -> Option<&'a RepoPath> {
        self.files.get(name.as_bytes()).copied()
    }

    /// The first file, by name, that ends so.
    pub(super) fn ending(&self, endings: &[&str]) -> Option<&'a RepoPath> {
        let ends = |name: &[u8]| endings.iter().any(|end| name.ends_with(end.as_bytes()));
        let found = self.files.iter().filter(|(name, _)| ends(name));
        found.map(|(_, &path)| path).min()
    }

    pub(super) fn has_folder(&self, name: &str) -> bool {
        self.folders.contains(name.as_bytes())
    }

    pub(super) fn text(&self, name: &str) -> Option<&'a str> {
        self.contents.text(self.file(name)?)
    }

    pub(super) fn json(&self, name: &str) -> Option<serde_json::Value> {
        self.contents.json(self.file(name)?)
    }

    pub(super) fn toml(&self, name: &str) -> Option<toml::Table> {
        self.contents.toml(self.file(name)?)
    }
}

/// Collects what is found in one folder.
pub(super) struct Finder<'a> {
    commands: &'a mut Commands,
    /// What enters the folder from the root: `cd name && `.
    enter: String,
}

impl<'a> Finder<'a> {
    pub(super) fn new(commands: &'a mut Commands, enter: String) -> Self {
        Self { commands, enter }
    }

    pub(super) fn declared(&mut self, kind: CommandKind, command: &str, from: &RepoPath) {
        self.add(kind, command, from, Confidence::Declared);
    }

    pub(super) fn usual(&mut self, kind: CommandKind, command: &str, from: &RepoPath) {
        self.add(kind, command, from, Confidence::Usual);
    }

    pub(super) fn guessed(&mut self, kind: CommandKind, command: &str, from: &RepoPath) {
        self.add(kind, command, from, Confidence::Guessed);
    }

    fn add(&mut self, kind: CommandKind, command: &str, from: &RepoPath, confidence: Confidence) {
        self.commands.add(Suggestion {
            kind,
            command: format!("{}{command}", self.enter),
            from: from.clone(),
            confidence,
        });
    }
}
