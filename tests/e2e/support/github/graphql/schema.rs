//! [`Schema`]: the part of GitHub's GraphQL schema that the hub answers, from `tests/github/schema.graphql`.

use std::collections::BTreeMap;
use std::sync::OnceLock;

use super::text::{Text, Type};

/// The types by name.
#[derive(Debug, Default)]
pub struct Schema {
    types: BTreeMap<String, Definition>,
}

/// A type.
#[derive(Debug)]
pub enum Definition {
    /// An object or an interface: its fields, and the interfaces that it has.
    Object(BTreeMap<String, FieldOf>, Vec<String>),
    Input(BTreeMap<String, Argument>),
    Enum(Vec<String>),
    Union(Vec<String>),
    Scalar,
}

/// A field of a type.
#[derive(Debug)]
pub struct FieldOf {
    pub type_: Type,
    pub arguments: BTreeMap<String, Argument>,
}

/// An argument of a field, or a field of an input.
#[derive(Debug)]
pub struct Argument {
    pub type_: Type,
    pub has_default: bool,
}

impl Schema {
    /// The schema; read once.
    pub fn get() -> &'static Self {
        static SCHEMA: OnceLock<Schema> = OnceLock::new();
        SCHEMA.get_or_init(|| {
            let text = include_str!("../../../../github/schema.graphql");
            Self::parse(text).expect("the trimmed schema can be read")
        })
    }

    fn parse(text: &str) -> Result<Self, String> {
        let mut schema = Self::default();
        for name in ["Int", "Float", "String", "Boolean", "ID"] {
            schema.types.insert(name.to_owned(), Definition::Scalar);
        }
        let mut text = Text::new(text)?;
        while text.peek().is_some() {
            let kind = text.next()?;
            let name = text.name()?;
            let definition = match kind {
                "scalar" => Definition::Scalar,
                "union" => {
                    text.expect("=")?;
                    Definition::Union(names(&mut text, "|")?)
                }
                "enum" => {
                    text.expect("{")?;
                    let mut values = Vec::new();
                    while !text.takes("}") {
                        values.push(text.name()?);
                    }
                    Definition::Enum(values)
                }
                "input" => {
                    text.expect("{")?;
                    Definition::Input(arguments(&mut text, "}")?)
                }
                _ => object(&mut text)?,
            };
            schema.types.insert(name, definition);
        }
        Ok(schema)
    }

    pub fn definition(&self, name: &str) -> Option<&Definition> {
        self.types.get(name)
    }

    /// A field of a type; every type has `__typename`.
    pub fn field(&self, of: &str, name: &str) -> Option<&FieldOf> {
        static TYPENAME: OnceLock<FieldOf> = OnceLock::new();
        if name == "__typename" {
            return Some(TYPENAME.get_or_init(|| FieldOf {
                type_: Type::NonNull(Box::new(Type::Named("String".to_owned()))),
                arguments: BTreeMap::new(),
            }));
        }
        match self.definition(of)? {
            Definition::Object(fields, _) => fields.get(name),
            Definition::Input(_)
            | Definition::Enum(_)
            | Definition::Union(_)
            | Definition::Scalar => None,
        }
    }

    /// Whether fields can be asked of it.
    pub fn has_fields(&self, name: &str) -> bool {
        matches!(
            self.definition(name),
            Some(Definition::Object(..) | Definition::Union(_))
        )
    }

    /// Whether an object of one type is one of another, an interface or a union.
    pub fn is_a(&self, concrete: &str, other: &str) -> bool {
        let has = |names: &[String], name: &str| names.iter().any(|known| known == name);
        let implements = match self.definition(concrete) {
            Some(Definition::Object(_, interfaces)) => has(interfaces, other),
            _ => false,
        };
        let is_member = match self.definition(other) {
            Some(Definition::Union(members)) => has(members, concrete),
            _ => false,
        };
        concrete == other || implements || is_member
    }
}

fn object(text: &mut Text<'_>) -> Result<Definition, String> {
    let interfaces = if text.takes("implements") {
        names(text, "&")?
    } else {
        Vec::new()
    };
    text.expect("{")?;
    let mut fields = BTreeMap::new();
    while !text.takes("}") {
        let name = text.name()?;
        let arguments = if text.takes("(") {
            arguments(text, ")")?
        } else {
            BTreeMap::new()
        };
        text.expect(":")?;
        let type_ = text.type_()?;
        fields.insert(name, FieldOf { type_, arguments });
    }
    Ok(Definition::Object(fields, interfaces))
}

fn names(text: &mut Text<'_>, between: &str) -> Result<Vec<String>, String> {
    let mut names = vec![text.name()?];
    while text.takes(between) {
        names.push(text.name()?);
    }
    Ok(names)
}

fn arguments(text: &mut Text<'_>, end: &str) -> Result<BTreeMap<String, Argument>, String> {
    let mut arguments = BTreeMap::new();
    while !text.takes(end) {
        let name = text.name()?;
        text.expect(":")?;
        let type_ = text.type_()?;
        let has_default = text.takes("=");
        if has_default {
            text.literal()?;
        }
        arguments.insert(name, Argument { type_, has_default });
    }
    Ok(arguments)
}
