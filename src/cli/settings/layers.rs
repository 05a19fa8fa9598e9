//! What holds for a command where its command line says nothing: of each setting the loudest word, and of words that
//! cannot stand beside each other the louder ones.

use clap::{Arg, Command};

use super::file::Recipe;
use super::said::{Layer, Place, What};
use super::sources::Settings;
use crate::adapters::settings_file::SettingsError;
use crate::cli::args::{Asked, settable};
use crate::cli::exit::{Exit, Problem};

/// What holds for one option.
#[derive(Debug)]
pub(super) struct Word {
    /// The option's name.
    pub(super) key: String,
    /// Who says it.
    pub(super) layer: Layer,
    /// The texts that it would take; what the command line says has been read already.
    pub(super) values: Vec<String>,
    /// Where it was said.
    pub(super) place: Place,
    id: String,
    global: bool,
}

/// The words that hold for the command of that path, the command line's among them.
///
/// # Errors
/// [`Problem`] where one layer says two things that cannot stand beside each other.
pub(super) fn holding(
    asked: &Asked<'_>,
    path: &[&str],
    batch: &Command,
    settings: &Settings,
    recipe: Option<&Recipe>,
    settled: &[String],
) -> Result<Vec<Word>, Problem> {
    let command = below(batch, path);
    let mut words = Vec::new();
    let own = command.get_arguments().map(|arg| (arg, false));
    let globals = batch.get_arguments().map(|arg| (arg, true));
    for (arg, global) in own.chain(globals) {
        let long = arg.get_long();
        let key = long.and_then(|long| {
            if global {
                Some(long)
            } else {
                settable::key_of(path, long)
            }
        });
        if let Some(key) = key {
            words.extend(word(asked, (key, arg), global, settings, recipe, settled));
        }
    }
    let mut conflicts = conflicts(command);
    conflicts.extend(self::conflicts(batch));
    let words = louder(words, &conflicts)?;
    fitting(words, asked)
}

/// The command line's description, with what holds as its defaults.
#[must_use]
pub(super) fn with_defaults(batch: Command, path: &[&str], words: &[Word]) -> Command {
    let said = |word: &&Word| word.layer < Layer::CommandLine;
    words.iter().filter(said).fold(batch, |batch, word| {
        let path = if word.global { &[] } else { path };
        settable::at(batch, path, &|command| {
            command.mut_arg(&word.id, |arg| arg.default_values(word.values.clone()))
        })
    })
}

/// The command of that path.
#[must_use]
pub(super) fn below<'a>(batch: &'a Command, path: &[&str]) -> &'a Command {
    let step = |command: &'a Command, name: &&str| command.find_subcommand(name).unwrap_or(command);
    path.iter().fold(batch, step)
}

fn word(
    asked: &Asked<'_>,
    (key, arg): (&str, &Arg),
    global: bool,
    settings: &Settings,
    recipe: Option<&Recipe>,
    settled: &[String],
) -> Option<Word> {
    let key = key.to_owned();
    let id = arg.get_id().as_str();
    let (layer, place, values) = if asked.says(id) {
        let values = asked.text(id).into_iter().collect();
        (
            Layer::CommandLine,
            Place::Option(format!("--{key}")),
            values,
        )
    } else if asked.takes_back(&key) || settled.contains(&key) {
        return None;
    } else {
        let said = settings.said(&key, recipe)?;
        match &said.what {
            What::Values(values) => (said.layer, said.place.clone(), values.clone()),
            What::TakenBack => return None,
        }
    };
    Some(Word {
        id: id.to_owned(),
        key,
        layer,
        values,
        global,
        place,
    })
}

/// The names of options that cannot stand beside each other.
fn conflicts(command: &Command) -> Vec<(String, String)> {
    let long = |arg: &Arg| arg.get_long().map(str::to_owned);
    let of = |arg| {
        let others = command.get_arg_conflicts_with(arg).into_iter();
        others.filter_map(move |other| Some((long(arg)?, long(other)?)))
    };
    command.get_arguments().flat_map(of).collect()
}

/// Keeps what is said loudest of what cannot stand beside each other.
fn louder(mut words: Vec<Word>, conflicts: &[(String, String)]) -> Result<Vec<Word>, Problem> {
    words.sort_by_key(|word| std::cmp::Reverse(word.layer));
    let mut kept: Vec<Word> = Vec::new();
    for word in words {
        let clashes = |other: &&Word| {
            conflicts.iter().any(|(one, another)| {
                (*one == word.key && *another == other.key)
                    || (*one == other.key && *another == word.key)
            })
        };
        // An agent beside a codemod mends what that leaves, which costs money: it takes a word as loud as the codemod's.
        let unasked = |other: &&Word| {
            is_source(&other.key) && is_of_agents(&word.key) && word.layer < other.layer
        };
        match kept.iter().find(clashes) {
            None if kept.iter().any(|other| unasked(&other)) => {}
            None => kept.push(word),
            // The parser has let both pass, or has refused them.
            Some(other) if other.layer == word.layer && word.layer == Layer::CommandLine => {
                kept.push(word);
            }
            Some(other) if other.layer == word.layer => {
                let words = format!("it cannot stand beside {}", other.place.name());
                return Err(word.place.wrong(words).into());
            }
            Some(other) if is_source(&word.key) && !is_source(&other.key) => {
                return Err(Problem::new(
                    Exit::Usage,
                    format!(
                        "{} cannot be used with {}, as the saved recipe makes the change",
                        other.place.name(),
                        word.place.name()
                    ),
                ));
            }
            Some(_) => {}
        }
    }
    Ok(kept)
}

fn is_source(key: &str) -> bool {
    settable::SOURCES.contains(&key)
}

fn is_of_agents(key: &str) -> bool {
    matches!(key, "agent" | "model" | "research-agent" | "research-model")
}

/// Lets the quieter of two bounds go that contradict each other; the other one's default moves along.
fn fitting(mut words: Vec<Word>, asked: &Asked<'_>) -> Result<Vec<Word>, Problem> {
    let bound = |key: &str| -> Option<(usize, &Word)> {
        let word = words.iter().find(|word| word.key == key)?;
        Some((word.values.first()?.parse().ok()?, word))
    };
    let (Some((min, least)), Some((max, most))) = (bound("min-units"), bound("max-units")) else {
        return Ok(words);
    };
    if min <= max || asked.says(&least.id) && asked.says(&most.id) {
        return Ok(words);
    }
    let quieter = match least.layer.cmp(&most.layer) {
        std::cmp::Ordering::Less => least.key.clone(),
        std::cmp::Ordering::Greater => most.key.clone(),
        std::cmp::Ordering::Equal => {
            let wrong: SettingsError = least
                .place
                .wrong(format!("{min} is more than {} {max}", most.place.name()));
            return Err(wrong.into());
        }
    };
    words.retain(|word| word.key != quieter);
    Ok(words)
}
