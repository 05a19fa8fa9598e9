//! [`Written`]: a recipe's table as it is written, and what its values must be to each other.

use std::collections::{BTreeMap, BTreeSet};

use serde::Deserialize;

use super::argument::{Argument, Part};
use super::place::{Condition, Place};
use super::{Answer, List, Meaning, OutputAs, PromptBy, Recipe, RecipeError};
use crate::adapters::settings_file::{SettingsError, SettingsFile};

/// The table as it is written.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub(in super::super) struct Written {
    command: Vec<String>,
    edit: Option<Vec<String>>,
    read_only: Option<Vec<String>>,
    model: Option<Vec<String>>,
    turns: Option<Vec<String>>,
    schema: Option<Vec<String>>,
    resume: Option<Vec<String>>,
    prompt: Option<PromptBy>,
    #[serde(default)]
    output: OutputAs,
    #[serde(default)]
    answer: WrittenAnswer,
    #[serde(default)]
    exit_codes: WrittenCodes,
    #[serde(default)]
    env: Vec<String>,
    #[serde(default)]
    set: BTreeMap<String, String>,
    how_to_get: Option<String>,
}

#[derive(Debug, Default, Deserialize)]
#[serde(default, deny_unknown_fields, rename_all = "kebab-case")]
struct WrittenAnswer {
    when: Option<String>,
    says: Option<String>,
    result: Option<String>,
    structured: Option<String>,
    session: Option<String>,
    model: Option<String>,
    error: Option<String>,
    turns: Option<String>,
    cost: Option<String>,
    input_tokens: Option<String>,
    output_tokens: Option<String>,
    cached_tokens: Option<String>,
    input_holds_cached: bool,
}

#[derive(Debug, Default, Deserialize)]
#[serde(default, deny_unknown_fields, rename_all = "kebab-case")]
struct WrittenCodes {
    ok: Option<Vec<i32>>,
    unauthorised: Vec<i32>,
    rate_limited: Vec<i32>,
    no_quota: Vec<i32>,
    out_of_turns: Vec<i32>,
    out_of_budget: Vec<i32>,
}

impl Written {
    /// Refuses a key in the table of that agent, or in a table within it, that is none.
    pub(in super::super) fn knows_keys(
        file: &SettingsFile,
        agent: &str,
    ) -> Result<(), SettingsError> {
        file.knows_keys::<Self>(&["agents", agent])?;
        file.knows_keys::<WrittenAnswer>(&["agents", agent, "answer"])?;
        file.knows_keys::<WrittenCodes>(&["agents", agent, "exit-codes"])
    }
}

impl Recipe {
    /// Makes sense of a table.
    pub(in super::super) fn of(name: &str, written: Written) -> Result<Self, RecipeError> {
        let fits = |c: char| c.is_ascii_alphanumeric() || matches!(c, '-' | '_' | '.');
        if name.is_empty() || !name.chars().all(fits) {
            let words = "a name has letters, digits, `-`, `_` and `.` only";
            return Err(RecipeError::new("", words));
        }
        let mut words = written.command.into_iter();
        let program = words.next().filter(|program| !program.trim().is_empty());
        let Some(program) = program.filter(|program| !program.contains(['{', '}'])) else {
            let words = "its first word must be a program, without placeholders";
            return Err(RecipeError::new("command", words));
        };
        let command = arguments("command", words, None)?;
        let given = [
            (List::Edit, written.edit),
            (List::ReadOnly, written.read_only),
            (List::Model, written.model),
            (List::Turns, written.turns),
            (List::Schema, written.schema),
            (List::Resume, written.resume),
        ];
        let mut lists = BTreeMap::new();
        for (list, words) in given {
            if let Some(words) = words {
                lists.insert(list, arguments(list.key(), words.into_iter(), Some(list))?);
            }
        }
        Self::no_list_is_missing(&command, &lists)?;
        let prompt = prompt(written.prompt, &command, &lists)?;
        let answer = answer(&written.answer)?;
        if written.output == OutputAs::Text && answer != Answer::default() {
            let words =
                "only an agent whose `output` is \"json\" or \"json-lines\" has such places";
            return Err(RecipeError::new("answer", words));
        }
        if lists.contains_key(&List::Resume) && answer.session.is_none() {
            let words = "`answer.session` must say where the session's id stands";
            return Err(RecipeError::new("resume", words));
        }
        if let Some(name) = written.set.keys().find(|name| !is_variable(name)) {
            let words = format!("`{}` is no name of a variable", name.escape_debug());
            return Err(RecipeError::new("set", words));
        }
        Ok(Self {
            name: name.to_owned(),
            how_to_get: written.how_to_get.unwrap_or_else(|| {
                format!("its recipe `agents.{name}` does not say how to get it")
            }),
            program,
            command,
            lists,
            prompt,
            output: written.output,
            answer,
            codes: codes(&written.exit_codes)?,
            listed: written.env,
            set: written.set,
        })
    }

    /// A place for a list that is not there would be an argument with braces in it.
    fn no_list_is_missing(
        command: &[Argument],
        lists: &BTreeMap<List, Vec<Argument>>,
    ) -> Result<(), RecipeError> {
        let missing = command.iter().find_map(|argument| match argument {
            Argument::List(list) if !lists.contains_key(list) => Some(list.key()),
            Argument::List(_) | Argument::Files | Argument::Text(_) => None,
        });
        missing.map_or(Ok(()), |key| {
            let words = format!("{{{key}}} stands for the arguments in `{key}`, which is missing");
            Err(RecipeError::new("command", words))
        })
    }
}

/// The arguments of a key; of `list` when they are one of the lists.
fn arguments(
    key: &'static str,
    words: impl Iterator<Item = String>,
    list: Option<List>,
) -> Result<Vec<Argument>, RecipeError> {
    let mut arguments = Vec::new();
    for word in words {
        let argument =
            Argument::parse(&word, list.is_none()).map_err(|words| RecipeError::new(key, words))?;
        for part in argument.parts() {
            let home = List::ALL
                .into_iter()
                .find(|home| home.own().as_ref() == Some(part));
            if let Some(home) = home.filter(|home| Some(*home) != list) {
                let words = format!(
                    "{{{}}} is not always known: it belongs in `{}`",
                    part.name(),
                    home.key()
                );
                return Err(RecipeError::new(key, words));
            }
        }
        arguments.push(argument);
    }
    Ok(arguments)
}

/// How the prompt is handed over: as it is said, or else as the command tells.
fn prompt(
    said: Option<PromptBy>,
    command: &[Argument],
    lists: &BTreeMap<List, Vec<Argument>>,
) -> Result<PromptBy, RecipeError> {
    let all = || command.iter().chain(lists.values().flatten());
    let has = |wanted: &Part| all().any(|argument| argument.parts().any(|part| part == wanted));
    let (argument, file) = (has(&Part::Prompt), has(&Part::PromptFile));
    let by = said.unwrap_or(match (argument, file) {
        (true, _) => PromptBy::Argument,
        (false, true) => PromptBy::File,
        (false, false) => PromptBy::Stdin,
    });
    let wrong = match by {
        PromptBy::File if !file => "the command has no {prompt-file}",
        PromptBy::File | PromptBy::Stdin if argument => {
            "the command has {prompt}, so it must be \"argument\""
        }
        PromptBy::Argument | PromptBy::Stdin if file => {
            "the command has {prompt-file}, so it must be \"file\""
        }
        PromptBy::File | PromptBy::Argument | PromptBy::Stdin => return Ok(by),
    };
    Err(RecipeError::new("prompt", wrong))
}

fn answer(written: &WrittenAnswer) -> Result<Answer, RecipeError> {
    let when = written.when.as_deref().map(Condition::parse).transpose();
    let when = when.map_err(|words| RecipeError::new("answer.when", words))?;
    let place = |key: &'static str, text: &Option<String>| {
        let place = text
            .as_deref()
            .map(|text| Place::parse(text, when.as_ref()));
        place
            .transpose()
            .map_err(|words| RecipeError::new(key, words))
    };
    Ok(Answer {
        says: place("answer.says", &written.says)?,
        result: place("answer.result", &written.result)?,
        structured: place("answer.structured", &written.structured)?,
        session: place("answer.session", &written.session)?,
        model: place("answer.model", &written.model)?,
        error: place("answer.error", &written.error)?,
        turns: place("answer.turns", &written.turns)?,
        cost: place("answer.cost", &written.cost)?,
        input: place("answer.input-tokens", &written.input_tokens)?,
        output: place("answer.output-tokens", &written.output_tokens)?,
        cached: place("answer.cached-tokens", &written.cached_tokens)?,
        input_holds_cached: written.input_holds_cached,
    })
}

fn codes(written: &WrittenCodes) -> Result<BTreeMap<i32, Meaning>, RecipeError> {
    let ok = written.ok.as_deref().unwrap_or(&[0]);
    let groups = [
        (ok, Meaning::Ok),
        (&written.unauthorised, Meaning::Unauthorised),
        (&written.rate_limited, Meaning::RateLimited),
        (&written.no_quota, Meaning::NoQuota),
        (&written.out_of_turns, Meaning::OutOfTurns),
        (&written.out_of_budget, Meaning::OutOfBudget),
    ];
    let mut seen = BTreeSet::new();
    let mut codes = BTreeMap::new();
    for (group, meaning) in groups {
        for &code in group {
            if !(0..=255).contains(&code) {
                let words = format!("{code} is no exit code: they go from 0 to 255");
                return Err(RecipeError::new("exit-codes", words));
            }
            if !seen.insert(code) {
                let words = format!("{code} is there twice");
                return Err(RecipeError::new("exit-codes", words));
            }
            codes.insert(code, meaning);
        }
    }
    Ok(codes)
}

fn is_variable(name: &str) -> bool {
    !name.is_empty() && !name.contains(['=', '\0'])
}
