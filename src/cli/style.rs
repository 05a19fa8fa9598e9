//! [`Look`]: how much a terminal is asked for, and [`Tone`]: what a colour means.
//!
//! A colour never carries a meaning alone: the word stands beside it. Decided once for each stream, then handed down;
//! nothing else in the program looks at `NO_COLOR` and its like.

use std::ffi::OsString;
use std::sync::atomic::{AtomicBool, Ordering};

pub use crate::model::clean::{clean, clean_joined, clean_lines};
use crate::model::outcome::Outcome;

/// How much may be used to show something.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Look {
    /// Words alone, in lines that can be read aloud: no columns, no menus, nothing that moves. For `--plain`.
    Spoken,
    /// Words alone: for files, pipes and terminals that can no more.
    Plain,
    /// Signs beside the words, no colour.
    Signs,
    /// Signs and colours.
    Colours,
}

/// What a colour says.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Tone {
    /// Nothing in particular.
    #[default]
    Normal,
    /// It went well.
    Good,
    /// It went wrong.
    Bad,
    /// It wants attention.
    Caution,
    /// It matters less than what is around it.
    Faint,
    /// It matters more.
    Strong,
}

/// Whether `--plain` was given.
static SPOKEN: AtomicBool = AtomicBool::new(false);

/// Has every stream be [`Look::Spoken`] from now on.
pub fn speak() {
    SPOKEN.store(true, Ordering::Relaxed);
}

impl Look {
    /// The look for standard output.
    #[must_use]
    pub fn of_stdout() -> Self {
        Self::of(&console::Term::stdout())
    }

    /// The look for standard error.
    #[must_use]
    pub fn of_stderr() -> Self {
        Self::of(&console::Term::stderr())
    }

    fn of(term: &console::Term) -> Self {
        if SPOKEN.load(Ordering::Relaxed) {
            return Self::Spoken;
        }
        Self::decide(term.is_term(), |name| std::env::var_os(name))
    }

    /// Whether a terminal of this look can move its cursor, for menus and for lines that change.
    #[must_use]
    pub fn moves(self) -> bool {
        match self {
            Self::Spoken | Self::Plain => false,
            Self::Signs | Self::Colours => true,
        }
    }

    /// `NO_COLOR` (<https://no-color.org>) beats `CLICOLOR_FORCE` (<https://bixense.com/clicolors>) beats what the
    /// stream is.
    fn decide(terminal: bool, var: impl Fn(&str) -> Option<OsString>) -> Self {
        let set = |name| var(name).is_some_and(|value| !value.is_empty());
        let on = |name| set(name) && var(name).is_some_and(|value| value != "0");
        let dumb = var("TERM").is_some_and(|term| term == "dumb");
        let off = var("CLICOLOR").is_some_and(|value| value == "0");
        let forced = on("CLICOLOR_FORCE");
        if !(forced || terminal && !dumb) {
            Self::Plain
        } else if set("NO_COLOR") || off && !forced {
            Self::Signs
        } else {
            Self::Colours
        }
    }

    /// The text in the colour of its tone, where colours are used.
    #[must_use]
    pub fn paint(self, tone: Tone, text: &str) -> String {
        let style = match tone {
            Tone::Normal => return text.to_owned(),
            Tone::Good => console::Style::new().green(),
            Tone::Bad => console::Style::new().red(),
            Tone::Caution => console::Style::new().yellow(),
            Tone::Faint => console::Style::new().dim(),
            Tone::Strong => console::Style::new().bold(),
        };
        match self {
            Self::Spoken | Self::Plain | Self::Signs => text.to_owned(),
            // console would look at the environment once more; that is decided here.
            Self::Colours => style.force_styling(true).apply_to(text).to_string(),
        }
    }

    /// How a unit ended as a word, with its sign before it where signs are used; not coloured.
    #[must_use]
    pub fn outcome(self, outcome: Option<&Outcome>) -> String {
        let word = outcome.map_or("not finished", Outcome::as_str);
        match self {
            Self::Spoken | Self::Plain => word.to_owned(),
            Self::Signs | Self::Colours => format!("{} {word}", sign(outcome)),
        }
    }
}

impl Tone {
    /// The tone in which a unit's end is told.
    #[must_use]
    pub fn of(outcome: Option<&Outcome>) -> Self {
        match outcome {
            Some(Outcome::Opened { .. }) => Self::Good,
            Some(Outcome::Pushed { .. } | Outcome::Cancelled { .. }) | None => Self::Caution,
            Some(Outcome::Unchanged) => Self::Faint,
            Some(Outcome::Failed(_)) => Self::Bad,
        }
    }
}

/// The sign of an outcome: one column wide.
fn sign(outcome: Option<&Outcome>) -> char {
    match outcome {
        Some(Outcome::Opened { .. }) => '✓',
        Some(Outcome::Pushed { .. }) => '↑',
        Some(Outcome::Unchanged) => '=',
        Some(Outcome::Failed(_)) => '✗',
        Some(Outcome::Cancelled { .. }) => '-',
        None => '…',
    }
}

#[cfg(test)]
mod tests {
    use super::{Look, Tone, sign};
    use crate::model::outcome::Outcome;
    use crate::model::sample;

    fn look(terminal: bool, vars: &[(&str, &str)]) -> Look {
        Look::decide(terminal, |name| {
            vars.iter()
                .find(|(known, _)| *known == name)
                .map(|(_, value)| value.into())
        })
    }

    #[test]
    fn the_look_follows_the_conventions() {
        for (terminal, vars, expected) in [
            (true, &[][..], Look::Colours),
            (false, &[], Look::Plain),
            (true, &[("NO_COLOR", "1")], Look::Signs),
            (true, &[("NO_COLOR", "0")], Look::Signs),
            (true, &[("NO_COLOR", "")], Look::Colours),
            (false, &[("CLICOLOR_FORCE", "1")], Look::Colours),
            (false, &[("CLICOLOR_FORCE", "0")], Look::Plain),
            (
                false,
                &[("CLICOLOR_FORCE", "1"), ("NO_COLOR", "1")],
                Look::Signs,
            ),
            (true, &[("CLICOLOR", "0")], Look::Signs),
            (true, &[("TERM", "dumb")], Look::Plain),
        ] {
            assert_eq!(look(terminal, vars), expected, "{terminal} {vars:?}");
        }
    }

    #[test]
    fn only_the_coloured_look_writes_escapes() {
        assert_eq!(Look::Plain.paint(Tone::Bad, "x"), "x");
        assert_eq!(Look::Signs.paint(Tone::Bad, "x"), "x");
        assert_eq!(Look::Colours.paint(Tone::Bad, "x"), "\u{1b}[31mx\u{1b}[0m");
        assert_eq!(Look::Colours.paint(Tone::Normal, "x"), "x");
    }

    #[test]
    fn each_outcome_has_a_word_and_a_sign_of_its_own() {
        let outcomes = [
            Some(sample::opened(1)),
            Some(sample::pushed()),
            Some(Outcome::Unchanged),
            Some(sample::failed("x", &[])),
            Some(sample::cancelled()),
            None,
        ];
        let signs: std::collections::BTreeSet<char> =
            outcomes.iter().map(|o| sign(o.as_ref())).collect();
        assert_eq!(signs.len(), outcomes.len());
        assert_eq!(Look::Plain.outcome(outcomes[0].as_ref()), "opened");
        assert_eq!(Look::Signs.outcome(outcomes[3].as_ref()), "✗ failed");
        assert_eq!(Look::Signs.outcome(None), "… not finished");
    }
}
