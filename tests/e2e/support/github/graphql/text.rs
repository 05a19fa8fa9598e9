//! [`Text`]: GraphQL's words, of queries and of the schema alike: names, values, types.

use serde_json::{Map, Value};

/// A type as it is written.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Type {
    Named(String),
    List(Box<Type>),
    NonNull(Box<Type>),
}

/// A value as it is written.
#[derive(Debug, Clone, PartialEq)]
pub enum Literal {
    Variable(String),
    Enum(String),
    Plain(Value),
    List(Vec<Literal>),
    Object(Vec<(String, Literal)>),
}

/// What is left to read of a text.
pub struct Text<'a> {
    tokens: Vec<&'a str>,
    at: usize,
}

impl Type {
    /// The name inside.
    pub fn name(&self) -> &str {
        match self {
            Self::Named(name) => name,
            Self::List(inner) | Self::NonNull(inner) => inner.name(),
        }
    }

    pub fn is_required(&self) -> bool {
        matches!(self, Self::NonNull(_))
    }

    /// It without its `!`.
    pub fn nullable(&self) -> &Self {
        match self {
            Self::NonNull(inner) => inner,
            Self::Named(_) | Self::List(_) => self,
        }
    }
}

impl std::fmt::Display for Type {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::Named(name) => f.write_str(name),
            Self::List(inner) => write!(f, "[{inner}]"),
            Self::NonNull(inner) => write!(f, "{inner}!"),
        }
    }
}

impl Literal {
    /// What it comes to with these variables; a variable that was not given is absent.
    pub fn value(&self, variables: &Map<String, Value>) -> Option<Value> {
        Some(match self {
            Self::Variable(name) => return variables.get(name).cloned(),
            Self::Enum(name) => Value::String(name.clone()),
            Self::Plain(value) => value.clone(),
            Self::List(items) => items
                .iter()
                .map(|item| item.value(variables).unwrap_or_default())
                .collect(),
            Self::Object(fields) => {
                let fields = fields.iter();
                let given = fields
                    .filter_map(|(name, value)| Some((name.clone(), value.value(variables)?)));
                Value::Object(given.collect())
            }
        })
    }
}

impl<'a> Text<'a> {
    pub fn new(text: &'a str) -> Result<Self, String> {
        let mut tokens = Vec::new();
        let mut rest = text;
        loop {
            rest =
                rest.trim_start_matches(|c: char| c.is_whitespace() || c == ',' || c == '\u{feff}');
            if rest.starts_with('#') {
                rest = rest.split_once('\n').map_or("", |(_, after)| after);
                continue;
            }
            let Some(first) = rest.chars().next() else {
                break;
            };
            let in_name = |c: char| c.is_ascii_alphanumeric() || c == '_';
            let length = if rest.starts_with("...") {
                3
            } else if first == '"' {
                string_length(rest)?
            } else if first == '-' || in_name(first) {
                let is_inside = |c: char| in_name(c) || (c == '.' && !rest[1..].starts_with(".."));
                let number = first == '-' || first.is_ascii_digit();
                1 + rest[1..]
                    .find(|c: char| if number { !is_inside(c) } else { !in_name(c) })
                    .unwrap_or(rest.len() - 1)
            } else if "{}()[]:!=$@|&".contains(first) {
                1
            } else {
                return Err(format!("Parse error on {first:?}"));
            };
            tokens.push(&rest[..length]);
            rest = &rest[length..];
        }
        Ok(Self { tokens, at: 0 })
    }

    /// The next word, which stays.
    pub fn peek(&self) -> Option<&'a str> {
        self.tokens.get(self.at).copied()
    }

    /// The next word.
    pub fn next(&mut self) -> Result<&'a str, String> {
        let token = self.peek().ok_or("Unexpected end of document")?;
        self.at += 1;
        Ok(token)
    }

    /// Takes this word where it is the next.
    pub fn takes(&mut self, word: &str) -> bool {
        let is_next = self.peek() == Some(word);
        self.at += usize::from(is_next);
        is_next
    }

    /// Insists on this word.
    pub fn expect(&mut self, word: &str) -> Result<(), String> {
        match self.next()? {
            found if found == word => Ok(()),
            found => Err(format!("Expected {word:?}, actual: {found:?}")),
        }
    }

    pub fn name(&mut self) -> Result<String, String> {
        let token = self.next()?;
        let fine = token.starts_with(|c: char| c.is_ascii_alphabetic() || c == '_');
        fine.then(|| token.to_owned())
            .ok_or_else(|| format!("Expected a name, actual: {token:?}"))
    }

    pub fn type_(&mut self) -> Result<Type, String> {
        let inner = if self.takes("[") {
            let inner = self.type_()?;
            self.expect("]")?;
            Type::List(Box::new(inner))
        } else {
            Type::Named(self.name()?)
        };
        Ok(if self.takes("!") {
            Type::NonNull(Box::new(inner))
        } else {
            inner
        })
    }

    pub fn literal(&mut self) -> Result<Literal, String> {
        let token = self.next()?;
        Ok(match token {
            "$" => Literal::Variable(self.name()?),
            "[" => {
                let mut items = Vec::new();
                while !self.takes("]") {
                    items.push(self.literal()?);
                }
                Literal::List(items)
            }
            "{" => {
                let mut fields = Vec::new();
                while !self.takes("}") {
                    let name = self.name()?;
                    self.expect(":")?;
                    fields.push((name, self.literal()?));
                }
                Literal::Object(fields)
            }
            "true" | "false" | "null" => Literal::Plain(serde_json::from_str(token).unwrap()),
            _ if token.starts_with(|c: char| c == '"' || c == '-' || c.is_ascii_digit()) => {
                let value = serde_json::from_str(token);
                Literal::Plain(value.map_err(|_| format!("Parse error on {token:?}"))?)
            }
            _ => {
                self.at -= 1;
                Literal::Enum(self.name()?)
            }
        })
    }
}

/// How long the text in quotes at the beginning is. Blocks in three quotes are not known here.
fn string_length(text: &str) -> Result<usize, String> {
    let mut escaped = false;
    for (at, c) in text.char_indices().skip(1) {
        match c {
            '"' if !escaped => return Ok(at + 1),
            '\n' => break,
            _ => escaped = c == '\\' && !escaped,
        }
    }
    Err("Parse error on unterminated string".to_owned())
}
