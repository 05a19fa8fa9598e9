//! [`AgentSettings`]: what `batch.toml` and the user's own file say about agents: `agent-env`, `agent-args` and
//! `[agents.NAME]`.
//!
//! Everything else in these files is left to others. What a recipe must be is [`Recipe`]'s. A repository is taken at
//! its word only where it can neither hand out a secret of the user's nor loosen what an agent may do: who runs `batch`
//! in one has said nothing yet.

use std::collections::BTreeMap;
use std::path::Path;

use serde::Deserialize;

use super::recipe::Recipe;
use super::recipe::written::Written;
use super::surroundings::{is_secret, lands};
use crate::adapters::settings_file::{REPOSITORY_FILE, SettingsError, SettingsFile, Value};

/// What is set about agents.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct AgentSettings {
    /// Variables that the user lets every agent have, by exact name or with a `*` at the end.
    pub env: Vec<String>,
    /// Variables that the repository lets every agent have, where they hold no secret.
    pub repository_env: Vec<String>,
    /// Arguments that every agent gets after those of its own; the user's word alone.
    pub args: Vec<String>,
    /// Agents that the user describes.
    pub recipes: Vec<Recipe>,
    /// Agents that the repository describes, by other names than the user's.
    pub repository_recipes: Vec<Recipe>,
}

/// What of a file is about agents.
#[derive(Debug, Default, Deserialize)]
#[serde(default, rename_all = "kebab-case")]
struct About {
    agent_env: Vec<String>,
    agent_args: Vec<String>,
    agents: BTreeMap<String, Written>,
}

impl AgentSettings {
    /// Reads the user's file and the repository's. Files that are not there say nothing. No recipe may have one of the
    /// names that are `built_in`, and the repository's none that the user's have: it would be run in the place of the
    /// user's own agent.
    ///
    /// # Errors
    /// [`SettingsError`] names the file, the line and the key.
    pub fn read(
        root: &Path,
        user_file: Option<&Path>,
        built_in: &[&str],
    ) -> Result<Self, SettingsError> {
        let user = user_file.map(SettingsFile::open).transpose()?.flatten();
        let repository = SettingsFile::open(&root.join(REPOSITORY_FILE))?;
        Self::of(user.as_ref(), repository.as_ref(), built_in)
    }

    /// The same for files that are open already.
    ///
    /// # Errors
    /// As [`AgentSettings::read`].
    pub fn of(
        user: Option<&SettingsFile>,
        repository: Option<&SettingsFile>,
        built_in: &[&str],
    ) -> Result<Self, SettingsError> {
        let mut settings = Self::default();
        if let Some(file) = user {
            let said = parse(file, built_in, Author::User)?;
            settings.env = said.env;
            settings.args = said.args;
            settings.recipes = said.recipes;
        }
        if let Some(file) = repository {
            let mut said = parse(file, built_in, Author::Repository)?;
            let users =
                |recipe: &Recipe| settings.recipes.iter().any(|own| own.name == recipe.name);
            said.recipes.retain(|recipe| !users(recipe));
            settings.repository_env = said.env;
            settings.repository_recipes = said.recipes;
        }
        Ok(settings)
    }
}

/// Whose word a file is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Author {
    User,
    Repository,
}

/// What one file says.
struct Said {
    env: Vec<String>,
    args: Vec<String>,
    recipes: Vec<Recipe>,
}

fn parse(file: &SettingsFile, built_in: &[&str], author: Author) -> Result<Said, SettingsError> {
    for entry in file.entries()? {
        if let ("agents", Value::Table(agents)) = (&*entry.key, &entry.value) {
            for agent in agents {
                Written::knows_keys(file, &agent.key)?;
            }
        }
    }
    let about: About = file.read()?;
    if author == Author::Repository
        && let Some((key, words)) = presumed(&about)
    {
        return Err(file.wrong(&[key], words));
    }
    let mut recipes = Vec::new();
    for (name, written) in about.agents {
        if built_in.contains(&&*name) {
            let words = "an agent of this name is built in; choose another".to_owned();
            return Err(file.wrong(&["agents", &name], words));
        }
        let recipe = Recipe::of(&name, written).map_err(|error| {
            let mut key = vec!["agents", &name];
            key.extend(error.key.split('.').filter(|part| !part.is_empty()));
            file.wrong(&key, error.words)
        })?;
        // Its own key an agent may have, once it is named; nothing that lands work.
        let mut listed = recipe.listed.iter();
        if author == Author::Repository
            && let Some(variable) = listed.find(|variable| lands(variable))
        {
            return Err(file.wrong(&["agents", &name, "env"], users_alone(variable)));
        }
        recipes.push(recipe);
    }
    Ok(Said {
        env: about.agent_env,
        args: about.agent_args,
        recipes,
    })
}

/// What a repository may not say about all agents: the key, and why.
fn presumed(about: &About) -> Option<(&'static str, String)> {
    if !about.agent_args.is_empty() {
        return Some(("agent-args", users_alone("the arguments of agents")));
    }
    let exact = |name: &&String| !name.ends_with('*');
    let mut names = about.agent_env.iter().filter(exact);
    let secret = names.find(|name| lands(name) || is_secret(name))?;
    Some(("agent-env", users_alone(secret)))
}

fn users_alone(what: &str) -> String {
    format!("{what} cannot be given by a repository; say it in your own batch/config.toml")
}

#[cfg(test)]
mod tests {
    use super::*;

    /// What the two files come to, the user's first.
    fn read(user: &str, repository: &str) -> Result<AgentSettings, String> {
        let folder = tempfile::tempdir().unwrap();
        let file = folder.path().join("config.toml");
        std::fs::write(&file, user).unwrap();
        std::fs::write(folder.path().join(REPOSITORY_FILE), repository).unwrap();
        let there = format!("{}/", folder.path().display());
        AgentSettings::read(folder.path(), Some(&file), &["codex"])
            .map_err(|error| error.to_string().replace(&there, ""))
    }

    fn names(recipes: &[Recipe]) -> Vec<(&str, &str)> {
        let shown = |recipe| (Recipe::name(recipe), &*recipe.program);
        recipes.iter().map(shown).collect()
    }

    #[test]
    fn the_repositorys_word_is_added_to_the_users_and_replaces_none_of_it() {
        let user = "agent-env = ['A_TOKEN']\nagent-args = ['-x']\n[agents.b]\ncommand = ['mine']\nenv = ['GH_TOKEN']";
        let repository = "agent-env = ['B', 'C_*']\n[agents.b]\ncommand = ['theirs']\n\
                          [agents.a]\ncommand = ['a']\nenv = ['A_KEY', 'A_TOKEN']";
        let settings = read(user, repository).unwrap();
        assert_eq!(settings.env, ["A_TOKEN"]);
        assert_eq!(settings.repository_env, ["B", "C_*"]);
        assert_eq!(settings.args, ["-x"]);
        assert_eq!(names(&settings.recipes), [("b", "mine")]);
        assert_eq!(names(&settings.repository_recipes), [("a", "a")]);
    }

    #[test]
    fn a_repository_hands_out_no_secret_and_loosens_nothing() {
        for (text, key, what) in [
            (
                "x = 1\nagent-args = ['--yolo']",
                "agent-args",
                "the arguments of agents",
            ),
            ("\nagent-env = ['A', 'GH_TOKEN']", "agent-env", "GH_TOKEN"),
            ("\nagent-env = ['NPM_TOKEN']", "agent-env", "NPM_TOKEN"),
            (
                "[agents.a]\nenv = ['SSH_AUTH_SOCK']\ncommand = ['a']",
                "agents.a.env",
                "SSH_AUTH_SOCK",
            ),
        ] {
            let said = format!(
                "batch.toml: line 2: {key}: {what} cannot be given by a repository; say it in your own batch/config.toml"
            );
            assert_eq!(read("", text).unwrap_err(), said);
            assert!(read(text, "").is_ok(), "{text}");
        }
    }

    #[test]
    fn without_files_nothing_is_set_and_other_tables_are_left_alone() {
        let folder = tempfile::tempdir().unwrap();
        let missing = folder.path().join("missing");
        let settings = AgentSettings::read(&missing, Some(&missing), &[]).unwrap();
        assert_eq!(settings, AgentSettings::default());
        assert_eq!(read("test = 'x'\n[forge]\nkind = 1", "").unwrap(), settings);
    }

    #[test]
    fn what_is_wrong_is_said_with_file_line_and_key() {
        for (text, said) in [
            (
                "\nagent-env = 'A'",
                "batch.toml: line 2: agent-env: invalid type: string \"A\", expected a sequence",
            ),
            (
                "[agents.g]\ncommand = ['g']\nread_only = []",
                "batch.toml: line 3: agents.g.read_only: there is no such key; did you mean `read-only`?",
            ),
            (
                "[agents.g]\ncommand = ['g']\noutput = 'json'\n[agents.g.answer]\nresults = '/x'",
                "batch.toml: line 5: agents.g.answer.results: there is no such key; did you mean `result`?",
            ),
            (
                "[agents.g]\ncommand = ['g']\n[agents.g.exit-codes]\nfine = [0]",
                "batch.toml: line 4: agents.g.exit-codes.fine: there is no such key",
            ),
            (
                "a = [\n",
                "batch.toml: line 1: unclosed array, expected `]`",
            ),
            (
                "x = 1\n[agents.g]\nprompt = 'stdin'",
                "batch.toml: line 2: agents.g: missing field `command`",
            ),
            (
                "[agents.g]\ncommand = ['g']\nprompt = 'voice'",
                "batch.toml: line 3: agents.g.prompt: unknown variant `voice`, expected one of `stdin`, `argument`, `file`",
            ),
            (
                "[agents.g]\ncommand = ['g', '{promt}']",
                "batch.toml: line 2: agents.g.command: unknown placeholder {promt}; there are {prompt} {prompt-file} \
                 {root} {tmp} {model} {session} {schema-file} {turns} {files}",
            ),
            (
                "[agents.g]\ncommand = ['g']\noutput = 'json'\n[agents.g.answer]\nwhen = 'x=y'\nresult = 'result'",
                "batch.toml: line 6: agents.g.answer.result: `result` is no JSON pointer: it must begin with `/`",
            ),
            (
                "[agents.'a b']\ncommand = ['g']",
                "batch.toml: line 1: agents.a b: a name has letters, digits, `-`, `_` and `.` only",
            ),
            (
                "\n[agents.codex]\ncommand = ['g']",
                "batch.toml: line 2: agents.codex: an agent of this name is built in; choose another",
            ),
        ] {
            assert_eq!(read("", text).unwrap_err(), said);
        }
        let user = read("\nagent-args = 1", "").unwrap_err();
        assert!(
            user.starts_with("config.toml: line 2: agent-args: "),
            "{user}"
        );
    }

    #[test]
    fn a_file_that_cannot_be_read_is_named() {
        let folder = tempfile::tempdir().unwrap();
        let error =
            AgentSettings::read(Path::new("/dev/null"), Some(folder.path()), &[]).unwrap_err();
        assert!(matches!(error, SettingsError::Unreadable { path, .. } if path == folder.path()));
    }
}
