//! [`Asked`]: what a command line says in itself, before any setting is looked at.

use std::path::Path;

use clap::ArgMatches;
use clap::parser::ValueSource;

use super::settable;

/// A command line that clap understood.
pub struct Asked<'a> {
    path: Vec<&'a str>,
    matches: &'a ArgMatches,
}

impl<'a> Asked<'a> {
    pub(super) fn of(mut matches: &'a ArgMatches) -> Self {
        let mut path = Vec::new();
        while let Some((name, below)) = matches.subcommand() {
            path.push(name);
            matches = below;
        }
        Self { path, matches }
    }

    /// The command, as in `prs merge`: a word for each level.
    #[must_use]
    pub fn path(&self) -> &[&'a str] {
        &self.path
    }

    /// The folder that `-C` names.
    #[must_use]
    pub fn directory(&self) -> Option<&'a Path> {
        let directory = self.matches.try_get_one::<std::path::PathBuf>("directory");
        directory.ok().flatten().map(std::path::PathBuf::as_path)
    }

    /// The recipe that is asked for.
    #[must_use]
    pub fn saved(&self) -> Option<&'a str> {
        let saved = self.matches.try_get_one::<String>("saved");
        saved.ok().flatten().map(String::as_str)
    }

    /// Whether an argument of that id is there.
    #[must_use]
    pub fn says(&self, id: &str) -> bool {
        self.is_there(id) && self.matches.value_source(id) == Some(ValueSource::CommandLine)
    }

    /// The text of the value of that argument.
    #[must_use]
    pub fn text(&self, id: &str) -> Option<String> {
        let mut values = self.matches.get_raw(id).filter(|_| self.says(id))?;
        values.next()?.to_str().map(str::to_owned)
    }

    /// Whether what settings say of this option is taken back.
    #[must_use]
    pub fn takes_back(&self, long: &str) -> bool {
        self.says(&settable::taking_back(long))
    }

    /// An id that the command does not know is no mistake here.
    fn is_there(&self, id: &str) -> bool {
        self.matches.try_contains_id(id).unwrap_or(false)
    }
}
