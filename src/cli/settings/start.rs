//! [`Start`]: from the program's arguments to the command that is to be carried out, with all layers of settings beneath.

use std::ffi::OsString;
use std::path::PathBuf;

use clap::Command;

use super::file::Recipe;
use super::keys::{DESCRIPTION, Keys};
use super::layers::{holding, with_defaults};
use super::listing::{Row, listing};
use super::said::Layer;
use super::sources::{Places, Settings};
use crate::cli::args::{Asked, Cli, Otherwise, Refusal, settable};
use crate::cli::exit::{Exit, Problem};

/// What the program is to do.
pub struct Start {
    /// The command line, with what is set where it says nothing.
    pub cli: Cli,
    /// What is set; or what is wrong with it, where the command can do without.
    pub settings: Result<Settings, Problem>,
    /// Every setting, where that is what is asked for.
    pub listing: Vec<Row>,
}

/// How much wrong settings matter to a command.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Care {
    /// It is not begun: it would do something else than was meant.
    Strict,
    /// It looks at what is there, or stops it, and that must be possible.
    Lenient,
    /// It takes none.
    None,
}

impl Start {
    /// Reads the arguments, and the settings of whoever started the program.
    ///
    /// # Errors
    /// [`Refusal`] when there is nothing to carry out.
    pub fn from_argv(argv: impl IntoIterator<Item = OsString>) -> Result<Self, Refusal> {
        Self::at(argv, Places::around)
    }

    /// The same with settings from elsewhere.
    ///
    /// # Errors
    /// As [`Start::from_argv`].
    pub fn at(
        argv: impl IntoIterator<Item = OsString>,
        places: impl FnOnce(&std::path::Path) -> Places,
    ) -> Result<Self, Refusal> {
        let mut settings = Ok(Settings::default());
        let mut otherwise = Otherwise::default();
        let mut rows = Vec::new();
        let mut cli = Cli::layered(argv, |asked, batch| {
            let care = care(asked.path());
            if care == Care::None {
                return Ok(batch);
            }
            let start = asked
                .directory()
                .map_or_else(|| PathBuf::from("."), Into::into);
            let (places, keys) = (places(&start), Keys::of(&batch));
            let read = Settings::read(&places, &keys).map_err(Problem::from);
            settings = read.and_then(|settings| {
                if asked.path() == ["doctor"] {
                    rows = listing(asked, &batch, &keys, &settings, &places)?;
                }
                Ok(settings)
            });
            let settings = match (&settings, care) {
                (Ok(settings), _) => settings,
                (Err(problem), Care::Strict) => return Err(problem.clone()),
                (Err(_), Care::Lenient | Care::None) => return Ok(batch),
            };
            if asked.path() == ["apply"] {
                otherwise = where_the_plan_is_silent(asked, &batch, settings)?;
            }
            layered(asked, batch, settings)
        })?;
        cli.fill(otherwise);
        Ok(Self {
            cli,
            settings,
            listing: rows,
        })
    }
}

fn care(path: &[&str]) -> Care {
    match path {
        ["demo" | "completions" | "man" | "init", ..] => Care::None,
        ["prs", ..] => Care::Strict,
        _ if settable::is_reached(path) => Care::Strict,
        _ => Care::Lenient,
    }
}

fn layered(asked: &Asked<'_>, mut batch: Command, settings: &Settings) -> Result<Command, Problem> {
    let named = asked.saved().map(|name| (name, settings.recipe(name)));
    let recipe = match named {
        None => None,
        Some((_, Ok(recipe))) => Some(recipe),
        Some((_, Err((message, hint)))) => {
            return Err(Problem::new(Exit::Usage, message).hint(hint));
        }
    };
    let path = asked.path();
    let words = holding(
        asked,
        path,
        &batch,
        settings,
        recipe,
        &settable::settled(path),
    )?;
    batch = with_defaults(batch, path, &words);
    match (recipe, asked.saved()) {
        (Some(recipe), Some(name)) if !asked.says(DESCRIPTION) => {
            described(batch, path, recipe, name)
        }
        _ => Ok(batch),
    }
}

/// Gives the change the words of its recipe.
fn described(
    batch: Command,
    path: &[&str],
    recipe: &Recipe,
    name: &str,
) -> Result<Command, Problem> {
    let Some(description) = &recipe.description else {
        let words = format!("the saved recipe `{name}` has no description");
        let hint = format!("say what the change is: batch run --saved {name} \"…\"");
        return Err(Problem::new(Exit::Usage, words).hint(hint));
    };
    Ok(settable::at(batch, path, &|command| {
        command.mut_arg(DESCRIPTION, |arg| arg.default_value(description.clone()))
    }))
}

/// What is set of that which a plan says itself, for where it does not.
fn where_the_plan_is_silent(
    asked: &Asked<'_>,
    batch: &Command,
    settings: &Settings,
) -> Result<Otherwise, Problem> {
    let words = holding(asked, asked.path(), batch, settings, None, &[])?;
    let set = |key: &str| {
        let word = words.iter().find(|word| word.key == key)?;
        let value = word.values.first().cloned();
        value.filter(|_| word.layer < Layer::CommandLine)
    };
    Ok(Otherwise {
        agent: set("agent"),
        model: set("model"),
        setup: set("setup"),
        test: set("test"),
        no_test: set("no-test").is_some(),
    })
}
