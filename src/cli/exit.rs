//! [`Exit`]: how the program can end, and [`Problem`]: what it says when it ends badly.
//!
//! The only place where an error meets an exit code. Commands turn the errors of the layers below into problems.

use std::fmt;
use std::process::ExitCode;

use crate::cli::style::{Look, Tone, clean_lines};

/// How the program ended, as its exit code tells scripts.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[repr(u8)]
pub enum Exit {
    /// Every unit opened its pull request, or waits for it as planned, or had nothing to change.
    Done = 0,
    /// A unit failed or was cancelled.
    UnitFailed = 1,
    /// The command line, the plan or the settings are wrong: no description, a bad pattern, nothing matched, plan
    /// errors, no test command.
    Usage = 2,
    /// The plan was declined, or could not be asked about.
    Declined = 3,
    /// The environment is not ready: no git repository, a bare or empty one, base missing, blocked branch name, no
    /// rights, red base, git too old.
    NotReady = 4,
    /// The user stopped it.
    Interrupted = 130,
}

impl Exit {
    /// The meaning of a run's exit code, as [`exit_code`](crate::model::report::exit_code) gives it.
    #[must_use]
    pub fn of_run(code: u8) -> Self {
        match code {
            0 => Self::Done,
            4 => Self::NotReady,
            130 => Self::Interrupted,
            _ => Self::UnitFailed,
        }
    }

    /// The number that the shell sees.
    #[must_use]
    pub fn code(self) -> u8 {
        self as u8
    }
}

impl From<Exit> for ExitCode {
    fn from(exit: Exit) -> Self {
        Self::from(exit.code())
    }
}

/// Why a command could not do its work, in the words that the user reads.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Problem {
    /// What is wrong: a lowercase fragment that names the thing, perhaps with further lines.
    pub message: String,
    /// What would mend it.
    pub hint: Option<String>,
    /// The exit code that it leads to.
    pub exit: Exit,
}

impl Problem {
    /// A problem without a remedy.
    pub fn new(exit: Exit, message: impl Into<String>) -> Self {
        Self {
            message: message.into(),
            hint: None,
            exit,
        }
    }

    /// The user stopped the command before it did anything.
    #[must_use]
    pub fn interrupted() -> Self {
        Self::new(Exit::Interrupted, "interrupted; nothing was changed")
    }

    /// Adds the remedy, if there is one.
    #[must_use]
    pub fn hint_if(self, hint: Option<&str>) -> Self {
        match hint {
            Some(hint) => self.hint(hint),
            None => self,
        }
    }

    /// Adds the remedy.
    #[must_use]
    pub fn hint(mut self, hint: impl Into<String>) -> Self {
        self.hint = Some(hint.into());
        self
    }

    /// The lines `error: …` and `hint: …`: cleaned, further lines indented, without a final newline.
    #[must_use]
    pub fn render(&self, look: Look) -> String {
        let error = labelled(look, Tone::Bad, "error:", &self.message);
        match &self.hint {
            None => error,
            Some(hint) => {
                let hint = labelled(look, Tone::Good, "hint:", hint);
                format!("{error}\n{hint}")
            }
        }
    }
}

impl std::error::Error for Problem {}

impl fmt::Display for Problem {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.render(Look::Plain))
    }
}

fn labelled(look: Look, tone: Tone, label: &str, text: &str) -> String {
    let text = clean_lines(text);
    let text = text.trim_end().replace('\n', "\n  ");
    format!("{} {text}", look.paint(tone, label))
}

#[cfg(test)]
mod tests {
    use super::{Exit, Problem};

    #[test]
    fn a_problem_is_an_error_and_a_hint() {
        let problem = Problem::new(Exit::NotReady, "`x` is not a git repository");
        assert_eq!(problem.to_string(), "error: `x` is not a git repository");
        let problem = problem.hint("go to one, or name it with -C DIR");
        assert_eq!(
            problem.to_string(),
            "error: `x` is not a git repository\nhint: go to one, or name it with -C DIR"
        );
    }

    #[test]
    fn further_lines_are_indented() {
        let problem = Problem::new(
            Exit::Usage,
            "the plan has 2 problems\nline 3: a\nline 9: b\n",
        );
        assert_eq!(
            problem.to_string(),
            "error: the plan has 2 problems\n  line 3: a\n  line 9: b"
        );
    }
}
