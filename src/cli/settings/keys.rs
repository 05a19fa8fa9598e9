//! [`Keys`]: all settings there are, which is the options of the command line and a few names that are none.

use clap::Command;

use super::key::Key;
use crate::adapters::settings_file::unknown_key;
use crate::cli::args::settable;

/// What a recipe says of its change beside options.
pub(super) const DESCRIPTION: &str = "description";

/// The table of recipes.
pub(super) const SAVED: &str = "saved";

/// What a file may say that is no option: agents and GitHub have readers of their own.
pub(super) const OTHERS: [&str; 5] = ["agent-env", "agent-args", "agents", "github", SAVED];

/// All settings there are.
#[derive(Debug, Clone)]
pub(super) struct Keys {
    keys: Vec<Key>,
}

impl Keys {
    /// Those that a command line's description makes.
    #[must_use]
    pub(super) fn of(batch: &Command) -> Self {
        let keys = settable::options(batch).into_iter().map(Key::of);
        Self {
            keys: keys.collect(),
        }
    }

    /// Each of them, in the order of the help.
    pub(super) fn iter(&self) -> impl Iterator<Item = &Key> {
        self.keys.iter()
    }

    /// The one of that name.
    #[must_use]
    pub(super) fn get(&self, name: &str) -> Option<&Key> {
        self.keys.iter().find(|key| key.name() == name)
    }

    /// The one of that name, for all changes.
    ///
    /// # Errors
    /// What is wrong with the name, as a fragment.
    pub(super) fn for_all_changes(&self, name: &str) -> Result<&Key, String> {
        match self.get(name) {
            Some(key) if key.is_for_all_changes() => Ok(key),
            None if name != DESCRIPTION => {
                let known = self.keys.iter().filter(|key| key.is_for_all_changes());
                let known: Vec<&str> = known.map(Key::name).chain(OTHERS).collect();
                Err(unknown_key(name, &known))
            }
            Some(_) | None => {
                Err("it says what one change is, so it belongs in [saved.NAME]".to_owned())
            }
        }
    }

    /// The one of that name, for a recipe.
    ///
    /// # Errors
    /// What is wrong with the name, as a fragment.
    pub(super) fn for_a_recipe(&self, name: &str) -> Result<&Key, String> {
        self.get(name).ok_or_else(|| {
            let known: Vec<&str> = self.keys.iter().map(Key::name).collect();
            unknown_key(name, &[&known[..], &[DESCRIPTION]].concat())
        })
    }
}
