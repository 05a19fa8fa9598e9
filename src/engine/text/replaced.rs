//! [`Replacement`]: a user's own template in the place of an embedded one. It is tried before any work starts; should it
//! fail later all the same, the embedded one takes its place and that is complained of: no unit and no report is lost.

use std::collections::BTreeMap;
use std::sync::Mutex;

use minijinja::{Environment, Error, ErrorKind, Value};

use super::{TextError, render};
use crate::engine::headline::cut;
use crate::model::nearest::nearest;

/// The longest line of a template that is shown with what is wrong in it.
const LINE_SHOWN: usize = 100;

/// What helps where a value is missing.
const MISSING: &str = "what may be missing is asked for first: {% if … %}";

/// What a rendered text must be, beyond what every text is.
pub(super) type Sound = fn(&str) -> Result<(), &'static str>;

/// A user's template.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Replacement {
    /// The name of the embedded one, as [`replaceable`](super::replaceable) has it.
    pub name: String,
    /// Where it is, as a person is told.
    pub place: String,
    /// Its text.
    pub source: String,
}

/// The user's templates, by the names of those that they replace.
#[derive(Debug, Default)]
pub(super) struct Replaced {
    by_name: BTreeMap<String, Replacement>,
    /// Whether they are only tried: what is wrong with one is an error then.
    on_trial: bool,
    complaints: Mutex<Vec<String>>,
}

impl Replaced {
    pub(super) fn new(replacements: Vec<Replacement>, on_trial: bool) -> Self {
        let named = replacements.into_iter();
        Self {
            by_name: named.map(|one| (one.name.clone(), one)).collect(),
            on_trial,
            complaints: Mutex::default(),
        }
    }

    pub(super) fn has(&self, name: &str) -> bool {
        self.by_name.contains_key(name)
    }

    /// The text by the user's template, if there is one, else by the embedded one.
    pub(super) fn render(
        &self,
        templates: &Environment<'_>,
        name: &str,
        values: Value,
        sound: Sound,
    ) -> Result<String, TextError> {
        let Some(own) = self.by_name.get(name) else {
            return render(templates, name, values);
        };
        if self.on_trial {
            return match own.stranger(templates, &values) {
                Some(error) => Err(error),
                None => own.render(templates, &values, sound),
            };
        }
        let error = match own.render(templates, &values, sound) {
            Ok(text) => return Ok(text),
            Err(error) => error,
        };
        self.complain(format!("{error}\nthe embedded one was used instead"));
        render(templates, name, values)
    }

    /// What went wrong since this was asked last.
    pub(super) fn complaints(&self) -> Vec<String> {
        std::mem::take(&mut *self.lock())
    }

    fn complain(&self, words: String) {
        let mut complaints = self.lock();
        if !complaints.contains(&words) {
            complaints.push(words);
        }
    }

    fn lock(&self) -> std::sync::MutexGuard<'_, Vec<String>> {
        let locked = self.complaints.lock();
        locked.unwrap_or_else(std::sync::PoisonError::into_inner)
    }
}

impl Replacement {
    fn render(
        &self,
        templates: &Environment<'_>,
        values: &Value,
        sound: Sound,
    ) -> Result<String, TextError> {
        let text = templates
            .template_from_named_str(&self.place, &self.source)
            .and_then(|template| template.render(values))
            .map_err(|error| self.broken(&error))?;
        let text = format!("{}\n", text.trim());
        sound(&text).map_err(|words| TextError::new(&self.place, words.to_owned()))?;
        Ok(text)
    }

    /// A variable that there is not, wherever in the template it stands.
    fn stranger(&self, templates: &Environment<'_>, values: &Value) -> Option<TextError> {
        let template = templates
            .template_from_named_str(&self.place, &self.source)
            .ok()?;
        let known = values.try_iter().ok()?;
        let known: Vec<String> = known.map(|name| name.to_string()).collect();
        let functions: Vec<&str> = templates.globals().map(|(name, _)| name).collect();
        let mut strange: Vec<String> = template.undeclared_variables(false).into_iter().collect();
        strange.retain(|name| !known.contains(name) && !functions.contains(&name.as_str()));
        strange.sort();
        let name = strange.first()?;
        let known: Vec<&str> = known.iter().map(String::as_str).collect();
        let line = self.line_with(name);
        let mut error = self.at(line, &format!("there is no `{name}`"));
        error.hint = Some(match nearest(name, &known) {
            Some(nearest) => format!("did you mean `{nearest}`?"),
            None => format!("there are {}", known.join(", ")),
        });
        Some(error)
    }

    fn broken(&self, error: &Error) -> TextError {
        // Of what was taken in by another template, the innermost error says what is wrong.
        let expression = error
            .range()
            .filter(|_| error.name() == Some(&self.place))
            .and_then(|range| self.source.get(range));
        let expression = expression.map(str::trim);
        let detail = error.detail().map(str::to_owned);
        let detail = detail.unwrap_or_else(|| error.kind().to_string());
        let (words, hint) = match (error.kind(), expression) {
            (ErrorKind::UndefinedError, Some(expression)) => (
                format!("`{expression}` has no value"),
                Some(MISSING.to_owned()),
            ),
            (ErrorKind::UndefinedError, None) => (detail, Some(MISSING.to_owned())),
            (ErrorKind::UnknownFilter, _) => {
                let filters = super::FILTERS.join(", ");
                let hint = format!("batch adds to the filters of minijinja: {filters}");
                (detail, Some(hint))
            }
            (ErrorKind::SyntaxError, _) => (format!("{}: {detail}", error.kind()), None),
            // A filter that is given nothing says this.
            (ErrorKind::InvalidOperation, Some(expression)) => (
                format!("`{expression}`: {detail}"),
                Some(MISSING.to_owned()),
            ),
            _ => (detail, None),
        };
        let line = error.line().filter(|_| error.name() == Some(&self.place));
        let mut told = self.at(line, &words);
        told.hint = hint;
        told
    }

    fn at(&self, line: Option<usize>, words: &str) -> TextError {
        let Some(line) = line.filter(|line| *line > 0) else {
            return TextError::new(&self.place, words.to_owned());
        };
        let mut words = format!("line {line}: {words}");
        if let Some(text) = self.source.lines().nth(line - 1) {
            words.push_str(&format!("\n{line} | {}", cut(text.trim_end(), LINE_SHOWN)));
        }
        TextError::new(&self.place, words)
    }

    /// The first line that uses the name.
    fn line_with(&self, name: &str) -> Option<usize> {
        let within = |line: &str| {
            line.contains(['{', '%'])
                && line
                    .split(|c: char| !c.is_alphanumeric() && c != '_')
                    .any(|word| word == name)
        };
        let at = self.source.lines().position(within)?;
        Some(at + 1)
    }
}
