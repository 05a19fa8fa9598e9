//! [`Roster`]: which agents there are, and where the program of each is.
//!
//! It looks and starts nothing. The cli makes one and asks it for the agents that a run names.

use std::ffi::OsString;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use super::custom::Custom;
use super::dialect::Dialect;
use super::recipe::Recipe;
use crate::adapters::programs::{is_executable, on_path};

/// Which agent is taken first when none is named; those that are not here come after, by name.
const ORDER: [&str; 5] = ["claude", "codex", "opencode", "gemini", "aider"];

/// The agents that can be named.
pub struct Roster {
    agents: Vec<Arc<dyn Dialect>>,
    offered: Vec<Arc<dyn Dialect>>,
    path: OsString,
    root: PathBuf,
}

/// An agent whose program is there.
#[derive(Clone)]
pub struct FoundAgent {
    /// How it is spoken to.
    pub dialect: Arc<dyn Dialect>,
    /// Its program.
    pub program: PathBuf,
}

/// An agent that was looked for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct LookedFor {
    /// Its name.
    pub name: String,
    /// The program that was not found.
    pub program: String,
    /// How a person gets it, as a fragment.
    pub how_to_get: String,
}

/// Why there is no such agent.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum MissingAgent {
    /// No agent has this name.
    #[error("no agent is called `{}`: there are {}", name.escape_debug(), known.join(", "))]
    Unknown {
        /// The name.
        name: String,
        /// The names that there are.
        known: Vec<String>,
    },
    /// Its program is not there.
    #[error("agent {}: no program {} {}", .0.name, .0.program, place(&.0.program))]
    NotFound(LookedFor),
    /// None was named, and no program of any is there.
    #[error("no coding agent on PATH: looked for {}", programs(.0))]
    NoneFound(Vec<LookedFor>),
}

impl Roster {
    /// The built-in agents and those of the recipes, to be looked for on `path` (a value of PATH); a recipe's program
    /// with a slash is looked for from `root`.
    #[must_use]
    pub fn new(
        mut built_in: Vec<Arc<dyn Dialect>>,
        recipes: Vec<Recipe>,
        path: OsString,
        root: PathBuf,
    ) -> Self {
        built_in.sort_by_key(|dialect| rank(dialect.name()));
        built_in.append(&mut customs(recipes));
        Self {
            agents: built_in,
            offered: Vec::new(),
            path,
            root,
        }
    }

    /// Adds the agents that the repository describes. They are taken when they are named, and never by themselves: the
    /// program would be one that nobody but the repository chose.
    #[must_use]
    pub fn offering(self, recipes: Vec<Recipe>) -> Self {
        Self {
            offered: customs(recipes),
            ..self
        }
    }

    /// The names of all, those first that are taken first.
    pub fn names(&self) -> impl Iterator<Item = &str> {
        self.all().map(|dialect| dialect.name())
    }

    /// The names of those that are taken only when they are named.
    pub fn offered(&self) -> impl Iterator<Item = &str> {
        self.offered.iter().map(|dialect| dialect.name())
    }

    /// Each agent that can be named, with its program where that is there.
    pub fn each(&self) -> impl Iterator<Item = Result<FoundAgent, LookedFor>> {
        self.all()
            .map(|dialect| self.look_for(dialect).ok_or_else(|| looked_for(dialect)))
    }

    fn all(&self) -> impl Iterator<Item = &Arc<dyn Dialect>> {
        self.agents.iter().chain(&self.offered)
    }

    /// The agent of this name.
    ///
    /// # Errors
    /// [`MissingAgent`] when there is none, or its program is not there.
    pub fn find(&self, name: &str) -> Result<FoundAgent, MissingAgent> {
        let dialect = self.all().find(|dialect| dialect.name() == name);
        let dialect = dialect.ok_or_else(|| MissingAgent::Unknown {
            name: name.to_owned(),
            known: self.names().map(str::to_owned).collect(),
        })?;
        self.look_for(dialect)
            .ok_or_else(|| MissingAgent::NotFound(looked_for(dialect)))
    }

    /// The first agent whose program is there.
    ///
    /// # Errors
    /// [`MissingAgent::NoneFound`] when there is none.
    pub fn first_on_path(&self) -> Result<FoundAgent, MissingAgent> {
        let mut found = self
            .agents
            .iter()
            .filter_map(|dialect| self.look_for(dialect));
        found
            .next()
            .ok_or_else(|| MissingAgent::NoneFound(self.agents.iter().map(looked_for).collect()))
    }

    fn look_for(&self, dialect: &Arc<dyn Dialect>) -> Option<FoundAgent> {
        let name = dialect.program();
        let program = if name.contains('/') {
            Some(self.root.join(name)).filter(|file| is_executable(file))
        } else {
            on_path(name, &self.path)
        };
        program.map(|program| FoundAgent {
            dialect: Arc::clone(dialect),
            program,
        })
    }
}

fn customs(recipes: Vec<Recipe>) -> Vec<Arc<dyn Dialect>> {
    let mut customs: Vec<Arc<dyn Dialect>> = Vec::new();
    for recipe in recipes {
        customs.push(Arc::new(Custom::new(recipe)));
    }
    customs.sort_by(|one, other| one.name().cmp(other.name()));
    customs
}

fn rank(name: &str) -> usize {
    let place = ORDER.iter().position(|known| *known == name);
    place.unwrap_or(ORDER.len())
}

fn looked_for(dialect: &Arc<dyn Dialect>) -> LookedFor {
    LookedFor {
        name: dialect.name().to_owned(),
        program: dialect.program().to_owned(),
        how_to_get: dialect.how_to_get().to_owned(),
    }
}

fn place(program: &str) -> &'static str {
    if Path::new(program).components().count() > 1 {
        "in the repository"
    } else {
        "on PATH"
    }
}

fn programs(looked_for: &[LookedFor]) -> String {
    let names: Vec<&str> = looked_for.iter().map(|agent| &*agent.program).collect();
    names.join(", ")
}

#[cfg(test)]
mod tests {
    use std::fs::Permissions;
    use std::os::unix::fs::PermissionsExt;

    use super::*;
    use crate::adapters::agents::recipe::tests::recipe;

    /// A roster with these programs on PATH, and agents whose programs have their names; `built_in` has no recipes.
    fn roster(folder: &Path, there: &[&str], built_in: &[&str], recipes: &[&str]) -> Roster {
        for name in there {
            let file = folder.join(name);
            std::fs::create_dir_all(file.parent().unwrap()).unwrap();
            std::fs::write(&file, "").unwrap();
            std::fs::set_permissions(&file, Permissions::from_mode(0o755)).unwrap();
        }
        let of = |name: &&str| {
            recipe(
                name.trim_start_matches("./"),
                &format!("command = ['{name}']"),
            )
        };
        let mut dialects: Vec<Arc<dyn Dialect>> = Vec::new();
        for name in built_in {
            dialects.push(Arc::new(Custom::new(of(name))));
        }
        let recipes = recipes.iter().map(of).collect();
        Roster::new(dialects, recipes, folder.into(), folder.to_owned())
    }

    #[test]
    fn the_first_is_taken_in_the_order_of_the_built_in_and_then_by_name() {
        let folder = tempfile::tempdir().unwrap();
        let built_in = ["aider", "codex", "claude"];
        let roster = roster(
            folder.path(),
            &["aider", "codex", "b"],
            &built_in,
            &["z", "b"],
        );
        assert_eq!(
            roster.names().collect::<Vec<_>>(),
            ["claude", "codex", "aider", "b", "z"]
        );
        let first = roster.first_on_path().unwrap();
        assert_eq!(first.dialect.name(), "codex");
        assert_eq!(first.program, folder.path().join("codex"));
        assert_eq!(roster.find("b").unwrap().program, folder.path().join("b"));
    }

    #[test]
    fn what_the_repository_describes_is_taken_by_its_name_alone() {
        let folder = tempfile::tempdir().unwrap();
        let own = roster(folder.path(), &["theirs"], &["codex"], &[]);
        let roster = own.offering(vec![recipe("theirs", "command = ['theirs']")]);
        let missing = roster.first_on_path().err().unwrap().to_string();
        assert_eq!(missing, "no coding agent on PATH: looked for codex");
        assert_eq!(roster.offered().collect::<Vec<_>>(), ["theirs"]);
        assert_eq!(roster.names().collect::<Vec<_>>(), ["codex", "theirs"]);
        let found = roster.find("theirs").unwrap();
        assert_eq!(found.program, folder.path().join("theirs"));
    }

    #[test]
    fn what_is_missing_says_what_was_looked_for() {
        let folder = tempfile::tempdir().unwrap();
        let roster = roster(folder.path(), &[], &["codex"], &["z"]);
        let said = |missing: Result<FoundAgent, MissingAgent>| missing.err().unwrap().to_string();
        assert_eq!(
            said(roster.find("x")),
            "no agent is called `x`: there are codex, z"
        );
        assert_eq!(said(roster.find("z")), "agent z: no program z on PATH");
        assert_eq!(
            said(roster.first_on_path()),
            "no coding agent on PATH: looked for codex, z"
        );
        let Err(MissingAgent::NotFound(z)) = roster.find("z") else {
            panic!("it is there");
        };
        assert_eq!(
            z.how_to_get,
            "its recipe `agents.z` does not say how to get it"
        );
    }

    #[test]
    fn a_program_with_a_slash_is_the_repositorys() {
        let folder = tempfile::tempdir().unwrap();
        let roster = roster(folder.path(), &["tools/a"], &[], &["./tools-b"]);
        let missing = roster.find("tools-b").err().unwrap().to_string();
        assert_eq!(
            missing,
            "agent tools-b: no program ./tools-b in the repository"
        );
        let there = recipe("a", "command = ['tools/a']");
        let path = OsString::from("/nowhere");
        let roster = Roster::new(Vec::new(), vec![there], path, folder.path().to_owned());
        assert_eq!(
            roster.find("a").unwrap().program,
            folder.path().join("tools/a")
        );
    }
}
