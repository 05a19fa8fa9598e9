//! [`Fields`]: the keys of one TOML table, taken by name and type; whatever does not fit becomes a problem.

use toml::Spanned;
use toml::de::{DeTable, DeValue};

use crate::model::nearest::nearest;
use crate::model::plan_file::problem::Problems;

/// A value and the line that it stands on.
#[derive(Debug, Clone)]
pub(super) struct Lined<T> {
    pub(super) line: usize,
    pub(super) value: T,
}

/// One table of the file.
pub(super) struct Fields<'t> {
    /// What messages call it; empty for the file itself.
    name: String,
    /// The line that it begins on.
    pub(super) line: usize,
    table: &'t DeTable<'t>,
}

impl<'t> Fields<'t> {
    pub(super) fn new(name: impl Into<String>, line: usize, table: &'t DeTable<'t>) -> Self {
        Self {
            name: name.into(),
            line,
            table,
        }
    }

    /// Reports every key that is not one of `known`.
    pub(super) fn refuse_others(&self, known: &[&str], problems: &mut Problems) {
        for key in self.table.keys() {
            let name = key.get_ref().as_ref();
            if known.contains(&name) {
                continue;
            }
            let hint = nearest(name, known)
                .map(|right| format!("; did you mean `{right}`?"))
                .unwrap_or_default();
            let unknown = format!("unknown key `{}`", self.path_of(name).escape_debug());
            problems.add(problems.line_of(key.span().start), unknown + &hint);
        }
    }

    /// Reports that a key is missing.
    pub(super) fn lacks(&self, key: &str, problems: &mut Problems) {
        if self.name.is_empty() {
            problems.add_overall(format!("`{key}` is missing"));
        } else {
            problems.add(self.line, format!("`{}` is missing", self.path_of(key)));
        }
    }

    pub(super) fn has(&self, key: &str) -> bool {
        self.table.contains_key(key)
    }

    /// The line that a key's value begins on; the table's own without the key.
    pub(super) fn line_at(&self, key: &str, problems: &Problems) -> usize {
        let value = self.table.get(key);
        value.map_or(self.line, |value| problems.line_of(value.span().start))
    }

    pub(super) fn text(&self, key: &str, problems: &mut Problems) -> Option<Lined<String>> {
        let value = self.table.get(key)?;
        self.text_of(key, value, problems)
    }

    /// A text that must be there and say something.
    pub(super) fn needed_text(&self, key: &str, problems: &mut Problems) -> Option<Lined<String>> {
        if !self.has(key) {
            self.lacks(key, problems);
        }
        self.said_text(key, problems)
    }

    /// A text that must say something if it is there.
    pub(super) fn said_text(&self, key: &str, problems: &mut Problems) -> Option<Lined<String>> {
        let text = self.text(key, problems)?;
        if text.value.trim().is_empty() {
            problems.add(text.line, format!("`{}` is empty", self.path_of(key)));
            return None;
        }
        Some(text)
    }

    /// The texts of a list; none without the key.
    pub(super) fn texts(
        &self,
        key: &str,
        problems: &mut Problems,
    ) -> Option<Lined<Vec<Lined<String>>>> {
        let value = self.table.get(key)?;
        let DeValue::Array(items) = value.get_ref() else {
            self.wrong_type(key, "a list of texts", value, problems);
            return None;
        };
        let texts = items
            .iter()
            .filter_map(|item| self.text_of(key, item, problems));
        let value_line = value.span().start;
        let texts = texts.collect();
        Some(Lined {
            line: problems.line_of(value_line),
            value: texts,
        })
    }

    /// The texts of a list without their lines; empty without the key.
    pub(super) fn plain_texts(&self, key: &str, problems: &mut Problems) -> Vec<String> {
        let texts = self.texts(key, problems).map(|list| list.value);
        let texts = texts.unwrap_or_default().into_iter();
        texts.map(|text| text.value).collect()
    }

    pub(super) fn flag(&self, key: &str, problems: &mut Problems) -> Option<bool> {
        let value = self.table.get(key)?;
        if let DeValue::Boolean(flag) = value.get_ref() {
            return Some(*flag);
        }
        self.wrong_type(key, "true or false", value, problems);
        None
    }

    pub(super) fn count(&self, key: &str, problems: &mut Problems) -> Option<Lined<u64>> {
        let value = self.table.get(key)?;
        if let DeValue::Integer(number) = value.get_ref()
            && let Ok(count) = u64::from_str_radix(number.as_str(), number.radix())
        {
            let line = problems.line_of(value.span().start);
            return Some(Lined { line, value: count });
        }
        self.wrong_type(key, "a whole number from 0", value, problems);
        None
    }

    /// An amount that may have a fraction.
    pub(super) fn amount(&self, key: &str, problems: &mut Problems) -> Option<f64> {
        let value = self.table.get(key)?;
        let amount = match value.get_ref() {
            DeValue::Float(number) => number.as_str().parse().ok(),
            DeValue::Integer(number) => number.as_str().parse().ok(),
            DeValue::String(_)
            | DeValue::Boolean(_)
            | DeValue::Datetime(_)
            | DeValue::Array(_)
            | DeValue::Table(_) => None,
        };
        if amount.is_none() {
            self.wrong_type(key, "an amount", value, problems);
        }
        amount
    }

    pub(super) fn table(&self, key: &str, problems: &mut Problems) -> Option<Fields<'t>> {
        let Some(value) = self.table.get(key) else {
            self.lacks(key, problems);
            return None;
        };
        let DeValue::Table(table) = value.get_ref() else {
            self.wrong_type(key, "a table", value, problems);
            return None;
        };
        let line = problems.line_of(value.span().start);
        Some(Fields::new(self.path_of(key), line, table))
    }

    /// The tables of a list; none without the key.
    pub(super) fn tables(
        &self,
        key: &str,
        problems: &mut Problems,
    ) -> Option<Vec<Lined<&'t DeTable<'t>>>> {
        let value = self.table.get(key)?;
        let DeValue::Array(items) = value.get_ref() else {
            self.wrong_type(key, "a list of tables", value, problems);
            return None;
        };
        let mut tables = Vec::with_capacity(items.len());
        for item in items {
            if let DeValue::Table(table) = item.get_ref() {
                let line = problems.line_of(item.span().start);
                tables.push(Lined { line, value: table });
            } else {
                self.wrong_type(key, "a list of tables", item, problems);
            }
        }
        Some(tables)
    }

    fn text_of(
        &self,
        key: &str,
        value: &Spanned<DeValue<'_>>,
        problems: &mut Problems,
    ) -> Option<Lined<String>> {
        let DeValue::String(text) = value.get_ref() else {
            self.wrong_type(key, "a text", value, problems);
            return None;
        };
        Some(Lined {
            line: problems.line_of(value.span().start),
            value: text.as_ref().to_owned(),
        })
    }

    fn wrong_type(
        &self,
        key: &str,
        wanted: &str,
        found: &Spanned<DeValue<'_>>,
        problems: &mut Problems,
    ) {
        let line = problems.line_of(found.span().start);
        let found = match found.get_ref() {
            DeValue::String(_) => "a text",
            DeValue::Integer(number) => &format!("the number {number}"),
            DeValue::Float(_) => "a fraction",
            DeValue::Boolean(_) => "true or false",
            DeValue::Datetime(_) => "a date",
            DeValue::Array(_) => "a list",
            DeValue::Table(_) => "a table",
        };
        let key = self.path_of(key);
        problems.add(line, format!("`{key}` takes {wanted}, not {found}"));
    }

    pub(super) fn path_of(&self, key: &str) -> String {
        if self.name.is_empty() {
            key.to_owned()
        } else {
            format!("{}.{key}", self.name)
        }
    }
}
