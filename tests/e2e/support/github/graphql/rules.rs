//! What is wrong with a query before it is carried out, in the words of GitHub's own answers: fields and arguments that are
//! none, variables of another type, what is missing.

use std::collections::BTreeSet;

use serde_json::{Map, Value, json};

use super::query::{Field, Fragment, Query, Selection};
use super::schema::{Argument, Definition, Schema};
use super::text::{Literal, Type};

/// Looks for what is wrong.
struct Judge<'a> {
    schema: &'static Schema,
    query: &'a Query,
    used: BTreeSet<String>,
    spread: BTreeSet<String>,
    wrong: Vec<Value>,
}

/// Everything that is wrong with a query; none where it can be carried out.
pub fn wrong(query: &Query, given: &Map<String, Value>) -> Vec<Value> {
    let mut judge = Judge {
        schema: Schema::get(),
        query,
        used: BTreeSet::new(),
        spread: BTreeSet::new(),
        wrong: Vec::new(),
    };
    for variable in &query.variables {
        if judge.schema.definition(variable.type_.name()).is_none() {
            let words = format!(
                "{} isn't a defined input type (on ${})",
                variable.type_.name(),
                variable.name
            );
            judge.say("variableRequiresValidType", &words);
        }
    }
    judge.selections(query.root, &query.selections);
    for variable in &query.variables {
        if !judge.used.contains(&variable.name) {
            let words = format!(
                "Variable ${} is declared by the operation but not used",
                variable.name
            );
            judge.say("variableNotUsed", &words);
        }
    }
    for name in query.fragments.keys() {
        if !judge.spread.contains(name) {
            judge.say(
                "useAndDefineFragment",
                &format!("Fragment {name} was defined, but not used"),
            );
        }
    }
    if judge.wrong.is_empty() {
        for variable in &query.variables {
            let value = given.get(&variable.name).unwrap_or(&Value::Null);
            let absent = value.is_null() && variable.default.is_some();
            if !absent && !judge.fits_value(value, &variable.type_) {
                let words = format!(
                    "Variable ${} of type {} was provided invalid value",
                    variable.name, variable.type_
                );
                judge.wrong.push(json!({
                    "message": words, "extensions": { "value": value, "problems": [{ "path": [], "explanation": "it does not fit" }] },
                }));
            }
        }
    }
    judge.wrong
}

impl Judge<'_> {
    fn say(&mut self, code: &str, words: &str) {
        self.wrong.push(json!({
            "message": words, "extensions": { "code": code }, "locations": [{ "line": 1, "column": 1 }],
        }));
    }

    fn selections(&mut self, of: &str, selections: &[Selection]) {
        for selection in selections {
            match selection {
                Selection::Field(field) => self.field(of, field),
                Selection::Inline(fragment) => self.fragment(of, fragment),
                Selection::Spread(name) => {
                    let query = self.query;
                    if let Some(fragment) = query.fragments.get(name) {
                        self.spread.insert(name.clone());
                        self.fragment(of, fragment);
                    } else {
                        let words = format!("Fragment {name} was used, but not defined");
                        self.say("useAndDefineFragment", &words);
                    }
                }
            }
        }
    }

    fn fragment(&mut self, of: &str, fragment: &Fragment) {
        let on = &fragment.on;
        if !self.schema.has_fields(on) {
            self.say(
                "undefinedType",
                &format!("No such type {on}, so it can't be a fragment condition"),
            );
        } else if !self.schema.is_a(on, of) && !self.schema.is_a(of, on) {
            let words = format!("Fragment on {on} can't be spread inside {of}");
            self.say("cannotSpreadFragment", &words);
        } else {
            self.selections(on, &fragment.selections);
        }
    }

    fn field(&mut self, of: &str, field: &Field) {
        let Some(known) = self.schema.field(of, &field.name) else {
            let words = format!("Field '{}' doesn't exist on type '{of}'", field.name);
            self.wrong.push(json!({
                "message": words, "locations": [{ "line": 1, "column": 1 }], "path": ["query", field.alias],
                "extensions": { "code": "undefinedField", "typeName": of, "fieldName": field.name },
            }));
            return;
        };
        for (name, value) in &field.arguments {
            if let Some(argument) = known.arguments.get(name) {
                self.argument(&field.name, name, value, argument);
            } else {
                let words = format!("Field '{}' doesn't accept argument '{name}'", field.name);
                self.say("argumentNotAccepted", &words);
            }
        }
        for (name, argument) in &known.arguments {
            let given = field.arguments.iter().any(|(given, _)| given == name);
            if argument.type_.is_required() && !argument.has_default && !given {
                let words = format!(
                    "Field '{}' is missing required arguments: {name}",
                    field.name
                );
                self.say("missingRequiredArguments", &words);
            }
        }
        let inner = known.type_.name();
        match (self.schema.has_fields(inner), field.selections.is_empty()) {
            (true, false) => self.selections(inner, &field.selections),
            (false, true) => {}
            (true, true) => {
                let words = format!(
                    "Field must have selections (field '{}' returns {inner} but has no selections.)",
                    field.name
                );
                self.say("selectionMismatch", &words);
            }
            (false, false) => {
                let words = format!(
                    "Selections can't be made on scalars (field '{}' returns {inner})",
                    field.name
                );
                self.say("selectionMismatch", &words);
            }
        }
    }

    fn argument(&mut self, field: &str, name: &str, value: &Literal, argument: &Argument) {
        if !self.fits(value, &argument.type_, argument.has_default) {
            let words = format!(
                "Argument '{name}' on Field '{field}' has an invalid value. Expected type '{}'.",
                argument.type_
            );
            self.say("argumentLiteralsIncompatible", &words);
        }
    }

    /// Whether what is written is of a type.
    fn fits(&mut self, value: &Literal, wanted: &Type, has_default: bool) -> bool {
        match value {
            Literal::Variable(name) => {
                self.used.insert(name.clone());
                let Some(variable) = self
                    .query
                    .variables
                    .iter()
                    .find(|known| known.name == *name)
                else {
                    self.say(
                        "variableNotDefined",
                        &format!("Variable ${name} is used but not declared"),
                    );
                    return true;
                };
                let relaxed = has_default || variable.default.is_some();
                let wanted = if relaxed { wanted.nullable() } else { wanted };
                variable.type_ == *wanted || variable.type_.nullable() == wanted
            }
            Literal::List(items) => match wanted.nullable() {
                Type::List(inner) => items.iter().all(|item| self.fits(item, inner, false)),
                Type::Named(_) | Type::NonNull(_) => false,
            },
            Literal::Object(fields) => {
                let Some(Definition::Input(known)) = self.schema.definition(wanted.name()) else {
                    return false;
                };
                let complete = known.iter().all(|(name, argument)| {
                    let given = fields.iter().any(|(given, _)| given == name);
                    given || !argument.type_.is_required() || argument.has_default
                });
                complete
                    && fields.iter().all(|(name, value)| {
                        let argument = known.get(name);
                        argument.is_some_and(|argument| {
                            self.fits(value, &argument.type_, argument.has_default)
                        })
                    })
            }
            Literal::Enum(name) => match self.schema.definition(wanted.name()) {
                Some(Definition::Enum(values)) => values.contains(name),
                _ => false,
            },
            Literal::Plain(value) => {
                let is_enum = matches!(
                    self.schema.definition(wanted.name()),
                    Some(Definition::Enum(_))
                );
                // The value of an enum is written without quotes.
                self.fits_value(value, wanted) && (!is_enum || value.is_null())
            }
        }
    }

    /// Whether a value that came as JSON is of a type.
    fn fits_value(&self, value: &Value, wanted: &Type) -> bool {
        let inner = match wanted {
            Type::NonNull(inner) => return !value.is_null() && self.fits_value(value, inner),
            Type::List(inner) if !value.is_null() => {
                let Value::Array(items) = value else {
                    return self.fits_value(value, inner);
                };
                return items.iter().all(|item| self.fits_value(item, inner));
            }
            Type::List(_) => return true,
            Type::Named(name) => name,
        };
        if value.is_null() {
            return true;
        }
        match (inner.as_str(), self.schema.definition(inner)) {
            (_, Some(Definition::Enum(values))) => value
                .as_str()
                .is_some_and(|name| values.iter().any(|known| known == name)),
            (_, Some(Definition::Input(known))) => {
                let Value::Object(given) = value else {
                    return false;
                };
                let complete = known.iter().all(|(name, argument)| {
                    given.contains_key(name)
                        || !argument.type_.is_required()
                        || argument.has_default
                });
                complete
                    && given.iter().all(|(name, value)| {
                        known
                            .get(name)
                            .is_some_and(|argument| self.fits_value(value, &argument.type_))
                    })
            }
            ("Int", _) => value.is_i64(),
            ("Float", _) => value.is_number(),
            ("Boolean", _) => value.is_boolean(),
            ("ID", _) => value.is_string() || value.is_i64(),
            _ => value.is_string(),
        }
    }
}
