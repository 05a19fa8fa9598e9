//! [`Custom`]: the dialect that a [`Recipe`] describes.

mod hearing;
#[cfg(test)]
mod tests;

use std::ffi::OsString;
use std::io;
use std::path::PathBuf;

use self::hearing::Hearing;
use super::dialect::{Call, Dialect, Listener};
use super::recipe::argument::{Argument, Part};
use super::recipe::{List, PromptBy, Recipe};
use crate::engine::ports::{AgentMode, AgentRequest};
use crate::model::agent::AgentAbilities;

/// The longest argument, in bytes: Linux takes none longer than 32 pages (`MAX_ARG_STRLEN`), its end included.
const ARGUMENT_MAX: usize = (128 << 10) - 1;

/// An agent as its recipe has it.
#[derive(Debug, Clone)]
pub struct Custom {
    recipe: Recipe,
}

impl Custom {
    /// The agent of this recipe.
    #[must_use]
    pub fn new(recipe: Recipe) -> Self {
        Self { recipe }
    }

    fn has(&self, list: List) -> bool {
        self.recipe.lists.contains_key(&list)
    }
}

impl Dialect for Custom {
    fn name(&self) -> &str {
        &self.recipe.name
    }

    fn program(&self) -> &str {
        &self.recipe.program
    }

    fn how_to_get(&self) -> &str {
        &self.recipe.how_to_get
    }

    fn abilities(&self) -> AgentAbilities {
        AgentAbilities {
            schema: self.has(List::Schema),
            sessions: self.has(List::Resume),
            research: self.has(List::ReadOnly),
            turns: self.has(List::Turns),
        }
    }

    fn variables(&self) -> &[&str] {
        &[]
    }

    fn listed(&self) -> &[String] {
        &self.recipe.listed
    }

    fn call(&self, request: &AgentRequest<'_>) -> io::Result<Call> {
        if request.mode == AgentMode::ReadOnly && !self.has(List::ReadOnly) {
            let words = format!(
                "the recipe `agents.{}` has no `read-only`, so nothing keeps it from editing",
                self.recipe.name
            );
            return Err(io::Error::new(io::ErrorKind::Unsupported, words));
        }
        let filling = Filling::of(&self.recipe, request)?;
        let mut args = Vec::new();
        for argument in &self.recipe.command {
            match argument {
                Argument::List(list) => filling.list(*list, &mut args),
                other => filling.argument(other, &mut args),
            }
        }
        let placed = |list: &List| self.recipe.command.contains(&Argument::List(*list));
        for list in List::ALL.iter().filter(|list| !placed(list)) {
            filling.list(*list, &mut args);
        }
        let by_argument = self.recipe.prompt == PromptBy::Argument;
        if by_argument && !filling.prompt_is_placed() {
            args.push(request.prompt.into());
        }
        if let Some(long) = args
            .iter()
            .map(|arg| arg.len())
            .find(|len| *len > ARGUMENT_MAX)
        {
            let words = format!(
                "an argument of {long} bytes is longer than the system takes; the recipe `agents.{}` can hand the \
                 prompt over by \"file\" or \"stdin\"",
                self.recipe.name
            );
            return Err(io::Error::new(io::ErrorKind::ArgumentListTooLong, words));
        }
        let by_stdin = self.recipe.prompt == PromptBy::Stdin;
        let set = self.recipe.set.iter();
        Ok(Call {
            args,
            stdin: by_stdin.then(|| request.prompt.as_bytes().to_vec()),
            env: set
                .map(|(name, value)| (name.clone(), value.into()))
                .collect(),
            last_message: None,
        })
    }

    fn listener(&self, request: &AgentRequest<'_>) -> Box<dyn Listener> {
        let wants_schema = request.schema.is_some() && self.has(List::Schema);
        Box::new(Hearing::new(self.recipe.clone(), wants_schema))
    }
}

/// What stands for the placeholders in one call.
struct Filling<'a> {
    recipe: &'a Recipe,
    request: &'a AgentRequest<'a>,
    prompt_file: PathBuf,
    schema_file: PathBuf,
}

impl<'a> Filling<'a> {
    /// Writes the files that the call needs.
    fn of(recipe: &'a Recipe, request: &'a AgentRequest<'a>) -> io::Result<Self> {
        let filling = Self {
            recipe,
            request,
            prompt_file: request.tmp.join("prompt.md"),
            schema_file: request.tmp.join("schema.json"),
        };
        if recipe.prompt == PromptBy::File {
            std::fs::write(&filling.prompt_file, request.prompt)?;
        }
        if let Some(schema) = request
            .schema
            .filter(|_| recipe.lists.contains_key(&List::Schema))
        {
            std::fs::write(&filling.schema_file, schema.to_string())?;
        }
        Ok(filling)
    }

    fn applies(&self, list: List) -> bool {
        match list {
            List::Edit => self.request.mode == AgentMode::Edit,
            List::ReadOnly => self.request.mode == AgentMode::ReadOnly,
            List::Model => self.request.model.is_some(),
            List::Turns => self.request.limits.turns.is_some(),
            List::Schema => self.request.schema.is_some(),
            List::Resume => self.request.session.is_some(),
        }
    }

    fn list(&self, list: List, args: &mut Vec<OsString>) {
        if self.applies(list) {
            for argument in self.recipe.lists.get(&list).into_iter().flatten() {
                self.argument(argument, args);
            }
        }
    }

    fn argument(&self, argument: &Argument, args: &mut Vec<OsString>) {
        match argument {
            Argument::Text(parts) => {
                let mut text = OsString::new();
                for part in parts {
                    self.push(part, &mut text);
                }
                args.push(text);
            }
            Argument::Files => {
                args.extend(self.request.files.iter().map(|file| file.as_path().into()));
            }
            Argument::List(_) => {
                unreachable!("only the command has lists, which its caller fills in")
            }
        }
    }

    fn push(&self, part: &Part, text: &mut OsString) {
        let request = self.request;
        match part {
            Part::Literal(literal) => text.push(literal),
            Part::Prompt => text.push(request.prompt),
            Part::PromptFile => text.push(&self.prompt_file),
            Part::Root => text.push(request.root),
            Part::Tmp => text.push(request.tmp),
            Part::Model => text.push(request.model.unwrap_or_default()),
            Part::Session => text.push(request.session.map_or("", |session| &session.id)),
            Part::SchemaFile => text.push(&self.schema_file),
            Part::Turns => {
                let turns = request.limits.turns.map(|turns| turns.to_string());
                text.push(turns.unwrap_or_default());
            }
        }
    }

    /// Whether one of the arguments of this call is, or holds, the prompt.
    fn prompt_is_placed(&self) -> bool {
        let lists = self.recipe.lists.iter();
        let given = lists.filter(|(list, _)| self.applies(**list));
        let all = self
            .recipe
            .command
            .iter()
            .chain(given.flat_map(|(_, words)| words));
        all.filter_map(|argument| match argument {
            Argument::Text(parts) => Some(parts),
            Argument::Files | Argument::List(_) => None,
        })
        .any(|parts| parts.contains(&Part::Prompt))
    }
}
