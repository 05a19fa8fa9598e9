//! [`Settings`]: what both files and the environment say, read once and checked as a whole.

use std::collections::BTreeMap;
use std::ffi::OsString;
use std::path::{Path, PathBuf};

use super::file::{Author, FileSays, Recipe};
use super::keys::Keys;
use super::said::{Layer, Place, Said};
use crate::adapters::agents::settings::AgentSettings;
use crate::adapters::forges::github::settings::GitHubSettings;
use crate::adapters::settings_file::{REPOSITORY_FILE, SettingsError, SettingsFile};
use crate::cli::agents;
use crate::model::nearest::nearest;

/// Where settings are looked for.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Places {
    /// The top of the checkout, where there is one.
    pub root: Option<PathBuf>,
    /// The user's own file, where there is a home folder.
    pub user_file: Option<PathBuf>,
    /// The environment.
    pub environment: BTreeMap<OsString, OsString>,
}

/// What files and environment say.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Settings {
    /// The user's file.
    pub user: Option<FileSays>,
    /// The repository's.
    pub repository: Option<FileSays>,
    /// The environment, by key.
    pub environment: BTreeMap<String, Said>,
    /// What is set about agents.
    pub agents: AgentSettings,
    /// What is set about GitHub.
    pub github: GitHubSettings,
}

impl Places {
    /// Those of whoever stands in that folder.
    #[must_use]
    pub fn around(start: &Path) -> Self {
        Self {
            root: root_of(start),
            user_file: crate::adapters::settings_file::user_file(),
            environment: std::env::vars_os().collect(),
        }
    }

    pub(super) fn variable(&self, name: &str) -> Option<String> {
        let value = self.environment.get(&OsString::from(name))?;
        value.to_str().map(str::to_owned)
    }
}

/// The top of the checkout that a folder is in, as far as can be told without git.
fn root_of(start: &Path) -> Option<PathBuf> {
    let start = start.canonicalize().ok()?;
    let mut folders = start.ancestors();
    // Where it is a file the checkout is a linked one; a folder without a HEAD is no repository's.
    let is_top = |folder: &&Path| {
        let git = folder.join(".git");
        git.is_file() || git.join("HEAD").exists()
    };
    folders.find(is_top).map(Path::to_owned)
}

impl Settings {
    /// Reads all of it.
    ///
    /// # Errors
    /// [`SettingsError`] names the file, the line and the key, or the variable.
    pub(super) fn read(places: &Places, keys: &Keys) -> Result<Self, SettingsError> {
        let open = |path: Option<&Path>| path.map(SettingsFile::open).transpose();
        let user = open(places.user_file.as_deref())?.flatten();
        let repository = places.root.as_ref().map(|root| root.join(REPOSITORY_FILE));
        let repository = open(repository.as_deref())?.flatten();
        let says = |file: &Option<SettingsFile>, author| {
            let file = file.as_ref();
            file.map(|file| FileSays::read(file, author, keys))
                .transpose()
        };
        // Names first: a reader that looks for its own table alone would say less of a wrong one.
        let user_says = says(&user, Author::User)?;
        let agents = agents::built_in_names();
        let agents = AgentSettings::of(user.as_ref(), repository.as_ref(), &agents)?;
        let described: Vec<String> = agents
            .repository_recipes
            .iter()
            .map(|recipe| recipe.name().to_owned())
            .collect();
        let repository_says = says(&repository, Author::Repository(&described))?;
        let variable = |name: &str| places.variable(name);
        Ok(Self {
            user: user_says,
            repository: repository_says,
            environment: environment(places, keys)?,
            agents,
            github: GitHubSettings::of(user.as_ref(), repository.as_ref(), &variable)?,
        })
    }

    /// The loudest word on a key below the command line.
    #[must_use]
    pub fn said<'a>(&'a self, key: &str, recipe: Option<&'a Recipe>) -> Option<&'a Said> {
        let of_file = |file: &'a Option<FileSays>| file.as_ref().and_then(|file| file.own.get(key));
        recipe
            .and_then(|recipe| recipe.own.get(key))
            .or_else(|| self.environment.get(key))
            .or_else(|| of_file(&self.repository))
            .or_else(|| of_file(&self.user))
    }

    /// The recipes by name; of two with one name the repository's, as its settings are.
    #[must_use]
    pub fn recipes(&self) -> BTreeMap<&str, &Recipe> {
        let files = self.user.iter().chain(&self.repository);
        let recipes = files.flat_map(|file| &file.recipes);
        recipes.map(|(name, recipe)| (&**name, recipe)).collect()
    }

    /// The recipe of that name.
    ///
    /// # Errors
    /// What is said where there is none, and what might have been meant.
    pub fn recipe(&self, name: &str) -> Result<&Recipe, (String, String)> {
        let recipes = self.recipes();
        if let Some(recipe) = recipes.get(name) {
            return Ok(recipe);
        }
        let names: Vec<&str> = recipes.keys().copied().collect();
        let hint = match nearest(name, &names) {
            Some(near) => format!("did you mean `{near}`?"),
            None if names.is_empty() => format!(
                "describe it as [saved.{name}] in {REPOSITORY_FILE}, or in your own batch/config.toml"
            ),
            None => format!("there is {}", names.join(", ")),
        };
        Err((format!("there is no saved recipe `{name}`"), hint))
    }
}

/// What variables say. An empty one says nothing, and one that is no setting's is somebody else's.
fn environment(places: &Places, keys: &Keys) -> Result<BTreeMap<String, Said>, SettingsError> {
    let mut said = BTreeMap::new();
    for key in keys.iter().filter(|key| key.is_for_all_changes()) {
        let name = key.variable();
        let Some(value) = places.environment.get(&OsString::from(&name)) else {
            continue;
        };
        let place = Place::Variable(name);
        let Some(value) = value.to_str() else {
            return Err(place.wrong("it is not UTF-8".to_owned()));
        };
        if value.trim().is_empty() {
            continue;
        }
        let what = key.read_variable(value);
        let what = what.map_err(|words| place.wrong(words))?;
        let layer = Layer::Environment;
        said.insert(key.name().to_owned(), Said { layer, place, what });
    }
    Ok(said)
}
