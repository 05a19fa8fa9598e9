//! `batch <CHANGE>`: puts the word `run` in where the user left it out.
//!
//! A description of one word needs the long form, so that a mistyped command never starts a run. Reads the options
//! from clap's own description of them; what it does not understand it leaves for clap to refuse.

use std::ffi::{OsStr, OsString};

use clap::error::{ContextKind, ContextValue};
use clap::{Arg, ArgAction, Command, Parser};

use super::{Cli, settable};
use crate::cli::exit::{Exit, Problem};

/// What the arguments begin with, options aside.
#[derive(Debug, PartialEq, Eq)]
enum Head {
    /// A command, or a request for help or the version.
    Command,
    /// A text in the place of a command, and whether another text follows it.
    Text { text: String, more: bool },
    /// Only options of `batch run`, or options that no command has.
    Options,
    /// Nothing that concerns this.
    Nothing,
}

/// Gives the arguments as clap understands them.
pub(super) fn expand(mut argv: Vec<OsString>) -> Result<Vec<OsString>, Problem> {
    match head(argv.get(1..).unwrap_or_default()) {
        Head::Command | Head::Nothing => Ok(argv),
        Head::Options => {
            argv.insert(1, "run".into());
            Ok(argv)
        }
        Head::Text { text, more } => match text.split_whitespace().count() {
            0 => Err(
                Problem::new(Exit::Usage, "the change has no description").hint(
                    "say in a sentence what the change is: batch \"rename frob to frobnicate\" …",
                ),
            ),
            1 => Err(unknown_command(text.trim(), more)),
            _ => {
                argv.insert(1, "run".into());
                Ok(argv)
            }
        },
    }
}

fn head(arguments: &[OsString]) -> Head {
    let mut batch = settable::description();
    batch.build();
    let mut of_run = false;
    let mut rest = arguments.iter();
    while let Some(argument) = rest.next() {
        let text = argument.to_string_lossy();
        if text == "--" {
            return rest.next().map_or(Head::Nothing, |first| {
                Head::text(first, rest.as_slice().first())
            });
        }
        if !text.starts_with('-') || text == "-" {
            return match batch.find_subcommand(&*text) {
                Some(_) => Head::Command,
                None => Head::text(argument, rest.as_slice().first()),
            };
        }
        match Seen::read(&text, &batch) {
            Seen::HelpOrVersion => return Head::Command,
            Seen::Unknown => return Head::Options,
            Seen::Known {
                global,
                value_follows,
            } => {
                of_run |= !global;
                if value_follows {
                    rest.next();
                }
            }
        }
    }
    if of_run { Head::Options } else { Head::Nothing }
}

impl Head {
    fn text(first: &OsStr, second: Option<&OsString>) -> Self {
        Self::Text {
            text: first.to_string_lossy().into_owned(),
            more: second.is_some_and(|second| !second.to_string_lossy().starts_with('-')),
        }
    }
}

/// What an argument with a leading dash is.
enum Seen {
    HelpOrVersion,
    Unknown,
    Known {
        /// Whether every command has it.
        global: bool,
        /// Whether the next argument is its value.
        value_follows: bool,
    },
}

impl Seen {
    fn read(text: &str, batch: &Command) -> Self {
        if let Some(long) = text.strip_prefix("--") {
            let (name, value) = match long.split_once('=') {
                Some((name, value)) => (name, Some(value)),
                None => (long, None),
            };
            return match find(batch, |arg| arg.get_long() == Some(name)) {
                None => Self::Unknown,
                Some(arg) if shows_and_exits(arg) => Self::HelpOrVersion,
                Some(arg) => Self::Known {
                    global: arg.is_global_set(),
                    value_follows: arg.get_action().takes_values()
                        && value.is_none()
                        && !arg.is_require_equals_set(),
                },
            };
        }
        // Short flags may be joined, and a value may be joined to the last of them: `-qj4`.
        let mut all_global = true;
        for (at, letter) in text.char_indices().skip(1) {
            let Some(arg) = find(batch, |arg| arg.get_short() == Some(letter)) else {
                return Self::Unknown;
            };
            if shows_and_exits(arg) {
                return Self::HelpOrVersion;
            }
            all_global &= arg.is_global_set();
            if arg.get_action().takes_values() {
                return Self::Known {
                    global: all_global,
                    value_follows: at + letter.len_utf8() == text.len(),
                };
            }
        }
        Self::Known {
            global: all_global,
            value_follows: false,
        }
    }
}

/// Looks among the options that `batch` itself has, then among those of `batch run`.
fn find(batch: &Command, wanted: impl Fn(&Arg) -> bool) -> Option<&Arg> {
    let run = batch.find_subcommand("run")?;
    batch
        .get_arguments()
        .chain(run.get_arguments())
        .find(|arg| wanted(arg))
}

fn shows_and_exits(arg: &Arg) -> bool {
    matches!(
        arg.get_action(),
        ArgAction::Help | ArgAction::HelpShort | ArgAction::HelpLong | ArgAction::Version
    )
}

fn unknown_command(word: &str, more: bool) -> Problem {
    let guess = nearest_command(word)
        .map(|name| format!("did you mean `{name}`? "))
        .unwrap_or_default();
    let word = word.escape_debug();
    let long_form = if more {
        "a change is described in quotes: batch \"…\"".to_owned()
    } else {
        format!("a change of one word is written: batch run {word}")
    };
    Problem::new(Exit::Usage, format!("there is no command `{word}`"))
        .hint(format!("{guess}{long_form}"))
}

/// The command that clap would have proposed.
fn nearest_command(word: &str) -> Option<String> {
    let error = Cli::try_parse_from(["batch", word]).err()?;
    match error.get(ContextKind::SuggestedSubcommand)? {
        ContextValue::String(name) => Some(name.clone()),
        ContextValue::Strings(names) => names.last().cloned(),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use std::ffi::OsString;

    use super::expand;

    fn expanded(line: &[&str]) -> String {
        let argv = std::iter::once("batch").chain(line.iter().copied());
        match expand(argv.map(OsString::from).collect()) {
            Ok(argv) => argv[1..]
                .iter()
                .map(|argument| argument.to_string_lossy().into_owned())
                .collect::<Vec<_>>()
                .join("|"),
            Err(problem) => problem.to_string(),
        }
    }

    #[test]
    fn two_words_in_the_place_of_a_command_are_a_change() {
        assert_eq!(expanded(&["rename a to b"]), "run|rename a to b");
        assert_eq!(expanded(&["a\nb"]), "run|a\nb");
        assert_eq!(expanded(&["--", "-x to y"]), "run|--|-x to y");
    }

    #[test]
    fn options_may_come_before_the_change() {
        for options in [
            &["-C", "dir"][..],
            &["-Cdir"],
            &["--format", "json"],
            &["--format=json"],
            &["--rewrite", "s/a/b/"],
            &["-qj4"],
            &["-qj", "4"],
            &["--yes", "--test", "make test", "-v"],
            &["--fork"],
            &["--auto-merge"],
        ] {
            let line = [options, &["rename a to b"]].concat();
            let wanted = [&["run"], &line[..]].concat().join("|");
            assert_eq!(expanded(&line), wanted);
        }
    }

    #[test]
    fn commands_help_and_version_are_left_alone() {
        for line in [
            &["run", "rename a to b"][..],
            &["-C", "dir", "prs", "list"],
            &["help", "run"],
            &["--help"],
            &["-qh", "rename a to b"],
            &["--version"],
            &["-V"],
            &["-q"],
            &["--"],
            &[],
        ] {
            assert_eq!(expanded(line), line.join("|"));
        }
    }

    #[test]
    fn options_without_a_change_are_for_run_to_refuse() {
        assert_eq!(expanded(&["--yes"]), "run|--yes");
        assert_eq!(
            expanded(&["--no-such-option", "x y"]),
            "run|--no-such-option|x y"
        );
    }

    #[test]
    fn one_word_never_starts_a_run() {
        assert_eq!(
            expanded(&["reru"]),
            "error: there is no command `reru`\n\
             hint: did you mean `rerun`? a change of one word is written: batch run reru"
        );
        assert_eq!(
            expanded(&["--rewrite", "s/a/b/", " xyzzy "]),
            "error: there is no command `xyzzy`\n\
             hint: a change of one word is written: batch run xyzzy"
        );
        assert_eq!(
            expanded(&["rename", "a", "to", "b", "--yes"]),
            "error: there is no command `rename`\n\
             hint: did you mean `resume`? a change is described in quotes: batch \"…\""
        );
        assert!(expanded(&[""]).starts_with("error: the change has no description\n"));
    }
}
