//! [`Argument`]: an argument of a recipe, with places for what is known only when the agent is asked.

use super::List;

/// One word of a recipe's command, or of one of its lists.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(in super::super) enum Argument {
    /// One argument, put together from these.
    Text(Vec<Part>),
    /// Each file an argument of its own.
    Files,
    /// The arguments of a list, if it applies.
    List(List),
}

/// A piece of an argument.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(in super::super) enum Part {
    Literal(String),
    Prompt,
    PromptFile,
    Root,
    Tmp,
    Model,
    Session,
    SchemaFile,
    Turns,
}

/// The placeholders that are a piece of an argument.
const NAMED: [Part; 8] = [
    Part::Prompt,
    Part::PromptFile,
    Part::Root,
    Part::Tmp,
    Part::Model,
    Part::Session,
    Part::SchemaFile,
    Part::Turns,
];

impl Part {
    /// As it is written between braces; a literal as it is.
    pub(super) fn name(&self) -> &str {
        match self {
            Self::Literal(text) => text,
            Self::Prompt => "prompt",
            Self::PromptFile => "prompt-file",
            Self::Root => "root",
            Self::Tmp => "tmp",
            Self::Model => "model",
            Self::Session => "session",
            Self::SchemaFile => "schema-file",
            Self::Turns => "turns",
        }
    }
}

impl Argument {
    /// Reads a word; in the command a word may also stand for a list.
    ///
    /// # Errors
    /// What is wrong with it, as a fragment.
    pub(super) fn parse(word: &str, in_command: bool) -> Result<Self, String> {
        if word == "{files}" {
            return Ok(Self::Files);
        }
        let list = List::ALL.into_iter().find(|list| {
            word.strip_prefix('{')
                .and_then(|rest| rest.strip_suffix('}'))
                == Some(list.key())
        });
        if let Some(list) = list.filter(|_| in_command) {
            return Ok(Self::List(list));
        }
        let mut parts = Vec::new();
        let mut literal = String::new();
        let mut rest = word;
        while let Some(start) = rest.find('{') {
            let (before, braced) = rest.split_at(start);
            literal.push_str(before);
            let Some(name) = placeholder(braced) else {
                literal.push('{');
                rest = &braced[1..];
                continue;
            };
            if !literal.is_empty() {
                parts.push(Part::Literal(std::mem::take(&mut literal)));
            }
            parts.push(named(name)?);
            rest = &braced[name.len() + 2..];
        }
        literal.push_str(rest);
        if !literal.is_empty() || parts.is_empty() {
            parts.push(Part::Literal(literal));
        }
        Ok(Self::Text(parts))
    }

    /// Its pieces; of files and lists there are none.
    pub(super) fn parts(&self) -> impl Iterator<Item = &Part> {
        let parts: &[Part] = match self {
            Self::Text(parts) => parts,
            Self::Files | Self::List(_) => &[],
        };
        parts.iter()
    }
}

/// The name of the placeholder that a text begins with. Braces around anything else are taken as they are: JSON has
/// such.
fn placeholder(text: &str) -> Option<&str> {
    let (name, _) = text.strip_prefix('{')?.split_once('}')?;
    let is_name = !name.is_empty() && name.chars().all(|c| c.is_ascii_lowercase() || c == '-');
    is_name.then_some(name)
}

fn named(name: &str) -> Result<Part, String> {
    if let Some(part) = NAMED.into_iter().find(|part| part.name() == name) {
        return Ok(part);
    }
    let lists = List::ALL.map(List::key);
    if name == "files" || lists.contains(&name) {
        return Err(format!(
            "{{{name}}} stands for several arguments, and must be a word of its own in `command`"
        ));
    }
    let known = NAMED.map(|part| format!("{{{}}}", part.name())).join(" ");
    Err(format!(
        "unknown placeholder {{{name}}}; there are {known} {{files}}"
    ))
}
