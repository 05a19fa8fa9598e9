//! [`Key`]: a setting by the name of its option, and how its values are read and judged: by the option's own parser.

use std::error::Error as _;

use clap::builder::{PossibleValue, Resettable, ValueParser};
use clap::{Arg, ArgAction, Command, Id, ValueHint};

use super::said::What;
use crate::adapters::settings_file::Value;
use crate::cli::args::settable;

/// A setting.
#[derive(Debug, Clone)]
pub(super) struct Key {
    arg: Arg,
}

/// How many values its option takes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Kind {
    /// None: it is on or off.
    Flag,
    /// One.
    One,
    /// One, or its name alone.
    OneOrNone,
    /// Several.
    List,
}

impl Key {
    /// The setting that an option is.
    #[must_use]
    pub(super) fn of(arg: Arg) -> Self {
        // Alone, it has nothing to be in conflict with.
        let arg = arg
            .conflicts_with(Resettable::<Id>::Reset)
            .requires(Resettable::<Id>::Reset)
            .required_unless_present(Resettable::<Id>::Reset)
            .required(false);
        Self { arg }
    }

    /// Its name, which is the long option's.
    #[must_use]
    pub(super) fn name(&self) -> &str {
        self.arg.get_long().expect("what has no name is no setting")
    }

    /// The variable that speaks for it.
    #[must_use]
    pub(super) fn variable(&self) -> String {
        let name = self.name().replace('-', "_").to_ascii_uppercase();
        format!("BATCH_{name}")
    }

    /// Whether it can be said for all changes.
    #[must_use]
    pub(super) fn is_for_all_changes(&self) -> bool {
        !settable::OF_A_CHANGE.contains(&self.name())
    }

    /// What holds where nobody says anything.
    #[must_use]
    pub(super) fn default(&self) -> Option<String> {
        let default = self.arg.get_default_values().first()?;
        default.to_str().map(str::to_owned)
    }

    /// What holds then, in the words of its help.
    #[must_use]
    pub(super) fn usual(&self) -> Option<String> {
        let help = self.arg.get_help()?.to_string();
        let (_, words) = help.split_once("[default: ")?;
        words.strip_suffix(']').map(str::to_owned)
    }

    /// Whether it takes several values.
    #[must_use]
    pub(super) fn is_list(&self) -> bool {
        self.kind() == Kind::List
    }

    /// Whether it is on or off.
    #[must_use]
    pub(super) fn is_flag(&self) -> bool {
        self.kind() == Kind::Flag
    }

    /// Reads what a file says.
    ///
    /// # Errors
    /// What is wrong, as a fragment.
    pub(super) fn read_value(&self, value: &Value) -> Result<What, String> {
        let values = match (self.kind(), value) {
            (_, Value::Truth(false)) => return Ok(What::TakenBack),
            (Kind::Flag, Value::Truth(true)) => vec!["true".to_owned()],
            (Kind::Flag, _) => return Err("it is true or false".to_owned()),
            (Kind::OneOrNone, Value::Truth(true)) => vec![self.bare()],
            (Kind::List, Value::List(values)) if values.is_empty() => return Ok(What::TakenBack),
            (Kind::List, Value::List(values)) => {
                let texts = values.iter().map(text);
                let texts: Option<Vec<String>> = texts.collect();
                texts.ok_or("it is a list of texts")?
            }
            (Kind::One | Kind::OneOrNone, Value::List(_)) => {
                return Err("it is one text, no list".to_owned());
            }
            (Kind::One | Kind::OneOrNone | Kind::List, value) => {
                vec![text(value).ok_or(if self.is_list() {
                    "it is a list of texts"
                } else {
                    "it is a text or a number"
                })?]
            }
        };
        let values: Vec<String> = values.into_iter().map(|text| self.expanded(text)).collect();
        self.judge(&values)?;
        Ok(What::Values(values))
    }

    /// Reads what a variable says: of several values each stands in a line of its own.
    ///
    /// # Errors
    /// What is wrong, as a fragment.
    pub(super) fn read_variable(&self, value: &str) -> Result<What, String> {
        let truth = match value.trim() {
            "1" | "true" => Some(true),
            "0" | "false" => Some(false),
            _ => None,
        };
        let values = match (self.kind(), truth) {
            (Kind::Flag | Kind::OneOrNone, Some(false)) => return Ok(What::TakenBack),
            (Kind::Flag, Some(true)) => vec!["true".to_owned()],
            (Kind::Flag, None) => return Err("it is 1 or 0, true or false".to_owned()),
            (Kind::OneOrNone, Some(true)) => vec![self.bare()],
            (Kind::One | Kind::OneOrNone, _) => vec![value.to_owned()],
            (Kind::List, _) => {
                let lines = value.lines().filter(|line| !line.trim().is_empty());
                lines.map(str::to_owned).collect()
            }
        };
        self.judge(&values)?;
        Ok(What::Values(values))
    }

    /// A shell replaces `~/` on a command line; nobody does so in a file.
    fn expanded(&self, text: String) -> String {
        let is_path = matches!(
            self.arg.get_value_hint(),
            ValueHint::AnyPath | ValueHint::FilePath | ValueHint::DirPath
        );
        let below = text.strip_prefix("~/").filter(|_| is_path);
        match (below, std::env::home_dir()) {
            (Some(below), Some(home)) => home.join(below).display().to_string(),
            (Some(_), None) | (None, _) => text,
        }
    }

    fn kind(&self) -> Kind {
        match self.arg.get_action() {
            ArgAction::SetTrue => Kind::Flag,
            ArgAction::Append => Kind::List,
            _ if self.may_be_bare() => Kind::OneOrNone,
            _ => Kind::One,
        }
    }

    fn may_be_bare(&self) -> bool {
        let count = self.arg.get_num_args();
        count.is_some_and(|count| count.min_values() == 0)
    }

    /// What its name alone means.
    fn bare(&self) -> String {
        let id = self.arg.get_id().as_str();
        let command = Command::new("batch").arg(self.as_text());
        let option = format!("--{}", self.name());
        let matches = command.try_get_matches_from(["batch", &option]);
        let matches = matches.expect("it may stand alone");
        matches.get_one(id).cloned().unwrap_or_default()
    }

    /// The same option, with any text for a value.
    fn as_text(&self) -> Arg {
        self.arg.clone().value_parser(ValueParser::string())
    }

    fn judge(&self, values: &[String]) -> Result<(), String> {
        let long = self.name();
        let given: Vec<String> = if self.is_flag() {
            vec![format!("--{long}")]
        } else {
            let option = |value| format!("--{long}={value}");
            values.iter().map(option).collect()
        };
        let words = std::iter::once("batch".to_owned()).chain(given);
        let command = Command::new("batch").arg(self.arg.clone());
        let Err(error) = command.try_get_matches_from(words) else {
            return Ok(());
        };
        Err(match error.source() {
            Some(cause) => cause.to_string(),
            None if values.iter().any(String::is_empty) => "it is empty".to_owned(),
            None => self.possible(),
        })
    }

    fn possible(&self) -> String {
        let values = self.arg.get_possible_values();
        let names: Vec<&str> = values.iter().map(PossibleValue::get_name).collect();
        match names.split_last() {
            Some((last, [])) => format!("it is {last}"),
            Some((last, others)) => format!("it is {} or {last}", others.join(", ")),
            None => "its option would not take that".to_owned(),
        }
    }
}

fn text(value: &Value) -> Option<String> {
    match value {
        Value::Text(text) | Value::Number(text) => Some(text.clone()),
        Value::Truth(_) | Value::List(_) | Value::Table(_) | Value::Date => None,
    }
}
