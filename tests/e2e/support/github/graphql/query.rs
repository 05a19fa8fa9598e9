//! [`Query`]: a query as it was sent: one operation with its variables, and named fragments.

use std::collections::BTreeMap;

use super::text::{Literal, Text, Type};

/// A query, or a mutation.
#[derive(Debug)]
pub struct Query {
    /// `Query` or `Mutation`.
    pub root: &'static str,
    pub variables: Vec<Variable>,
    pub selections: Vec<Selection>,
    pub fragments: BTreeMap<String, Fragment>,
}

/// A variable that it declares.
#[derive(Debug)]
pub struct Variable {
    pub name: String,
    pub type_: Type,
    pub default: Option<Literal>,
}

/// A named fragment.
#[derive(Debug)]
pub struct Fragment {
    pub on: String,
    pub selections: Vec<Selection>,
}

/// Something that is asked for.
#[derive(Debug)]
pub enum Selection {
    Field(Field),
    Inline(Fragment),
    Spread(String),
}

/// A field that is asked for.
#[derive(Debug)]
pub struct Field {
    /// What the answer calls it.
    pub alias: String,
    pub name: String,
    pub arguments: Vec<(String, Literal)>,
    pub selections: Vec<Selection>,
}

impl Query {
    /// Reads one. It has one operation; directives are not known here.
    pub fn parse(text: &str) -> Result<Self, String> {
        let mut text = Text::new(text)?;
        let mut query = None;
        let mut fragments = BTreeMap::new();
        while let Some(word) = text.peek() {
            if word == "fragment" {
                text.next()?;
                let name = text.name()?;
                text.expect("on")?;
                let on = text.name()?;
                let selections = selections(&mut text)?;
                fragments.insert(name, Fragment { on, selections });
                continue;
            }
            if query.is_some() {
                return Err("An operation name is required".to_owned());
            }
            query = Some(operation(&mut text)?);
        }
        let (root, variables, selections) =
            query.ok_or("A query attribute must be specified and must be a string.")?;
        Ok(Self {
            root,
            variables,
            selections,
            fragments,
        })
    }
}

type Operation = (&'static str, Vec<Variable>, Vec<Selection>);

fn operation(text: &mut Text<'_>) -> Result<Operation, String> {
    if text.peek() == Some("{") {
        return Ok(("Query", Vec::new(), selections(text)?));
    }
    let root = match text.next()? {
        "query" => "Query",
        "mutation" => "Mutation",
        other => return Err(format!("Parse error on {other:?}")),
    };
    if !matches!(text.peek(), Some("{" | "(")) {
        text.name()?;
    }
    let mut variables = Vec::new();
    if text.takes("(") {
        while !text.takes(")") {
            text.expect("$")?;
            let name = text.name()?;
            text.expect(":")?;
            let type_ = text.type_()?;
            let default = if text.takes("=") {
                Some(text.literal()?)
            } else {
                None
            };
            variables.push(Variable {
                name,
                type_,
                default,
            });
        }
    }
    Ok((root, variables, selections(text)?))
}

fn selections(text: &mut Text<'_>) -> Result<Vec<Selection>, String> {
    text.expect("{")?;
    let mut selections = Vec::new();
    while !text.takes("}") {
        selections.push(selection(text)?);
    }
    if selections.is_empty() {
        return Err("Parse error on \"}\"".to_owned());
    }
    Ok(selections)
}

fn selection(text: &mut Text<'_>) -> Result<Selection, String> {
    if text.takes("...") {
        if !text.takes("on") {
            return Ok(Selection::Spread(text.name()?));
        }
        let on = text.name()?;
        let selections = selections(text)?;
        return Ok(Selection::Inline(Fragment { on, selections }));
    }
    let mut name = text.name()?;
    let alias = name.clone();
    if text.takes(":") {
        name = text.name()?;
    }
    let mut arguments = Vec::new();
    if text.takes("(") {
        while !text.takes(")") {
            let argument = text.name()?;
            text.expect(":")?;
            arguments.push((argument, text.literal()?));
        }
    }
    let selections = if text.peek() == Some("{") {
        selections(text)?
    } else {
        Vec::new()
    };
    Ok(Selection::Field(Field {
        alias,
        name,
        arguments,
        selections,
    }))
}
