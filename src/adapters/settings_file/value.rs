//! [`Value`] and [`Entry`]: what stands in a file of settings, each key with its line, whatever it means.

use toml::de::{DeTable, DeValue};

/// A value as it is written.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Value {
    /// A text.
    Text(String),
    /// A number, in decimal digits.
    Number(String),
    /// `true` or `false`.
    Truth(bool),
    /// A list.
    List(Vec<Value>),
    /// A table.
    Table(Vec<Entry>),
    /// A date or a time, which nothing here is.
    Date,
}

/// A key and what it says.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Entry {
    /// The key, without the tables that it is in.
    pub key: String,
    /// The line that it stands in, from 1.
    pub line: usize,
    /// What it says.
    pub value: Value,
}

/// The entries of a table, in the order of their lines.
pub(super) fn entries(table: &DeTable<'_>, line_of: &dyn Fn(usize) -> usize) -> Vec<Entry> {
    let mut entries: Vec<(usize, Entry)> = table
        .iter()
        .map(|(key, value)| {
            let at = key.span().start;
            let entry = Entry {
                key: key.get_ref().to_string(),
                line: line_of(at),
                value: Value::of(value.get_ref(), line_of),
            };
            (at, entry)
        })
        .collect();
    entries.sort_by_key(|(at, _)| *at);
    entries.into_iter().map(|(_, entry)| entry).collect()
}

impl Value {
    fn of(value: &DeValue<'_>, line_of: &dyn Fn(usize) -> usize) -> Self {
        match value {
            DeValue::String(text) => Self::Text(text.to_string()),
            DeValue::Integer(number) => Self::Number(
                i128::from_str_radix(number.as_str(), number.radix())
                    .map_or_else(|_| number.as_str().to_owned(), |number| number.to_string()),
            ),
            DeValue::Float(number) => Self::Number(number.as_str().to_owned()),
            DeValue::Boolean(truth) => Self::Truth(*truth),
            DeValue::Datetime(_) => Self::Date,
            DeValue::Array(items) => Self::List(
                items
                    .iter()
                    .map(|item| Self::of(item.get_ref(), line_of))
                    .collect(),
            ),
            DeValue::Table(table) => Self::Table(entries(table, line_of)),
        }
    }
}
