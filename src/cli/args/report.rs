//! The arguments of `batch report`.
//!
//! Its `--format` knows more than the one of all commands, whose place it takes: clap puts a global option into no
//! command that has one of that id, and copies the value upwards. So the value is of the type that all commands know,
//! and what was written is read here.

use std::path::PathBuf;

use clap::builder::{PossibleValue, PossibleValuesParser, TypedValueParser as _};
use clap::{Arg, ArgMatches, Args, Command, Error, FromArgMatches, ValueHint};

use super::Format;

/// The id of the option, as in the global options.
const ID: &str = "format";

/// Arguments of `batch report`.
#[derive(Debug, Clone, PartialEq, Eq, Args)]
pub struct ReportArgs {
    /// The run, or the beginning or end of its id [default: the one that goes on, else the last]
    pub run: Option<String>,
    /// Write the report to FILE [default: standard output]
    #[arg(short, long, value_name = "FILE", value_hint = ValueHint::FilePath)]
    pub output: Option<PathBuf>,
    /// As what it is written.
    #[command(flatten)]
    pub format: ReportFormat,
}

/// As what a report is written.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ReportFormat {
    /// As `report.md`.
    Markdown,
    /// As `report.json`.
    Json,
    /// As a page for a browser.
    Html,
}

impl Args for ReportFormat {
    fn augment_args(command: Command) -> Command {
        let names = ["md", "json", "html"].map(PossibleValue::new);
        // What it is called elsewhere.
        let text = PossibleValue::new("text").hide(true);
        let parser = PossibleValuesParser::new(names.into_iter().chain([text]));
        command.arg(
            Arg::new(ID)
                .long(ID)
                .value_name("md|json|html")
                .default_value("md")
                .hide_possible_values(true)
                .help("Write it as Markdown, as JSON or as a web page")
                .value_parser(parser.map(|name| match &*name {
                    "json" => Format::Json,
                    _ => Format::Text,
                })),
        )
    }

    fn augment_args_for_update(command: Command) -> Command {
        Self::augment_args(command)
    }
}

impl FromArgMatches for ReportFormat {
    fn from_arg_matches(matches: &ArgMatches) -> Result<Self, Error> {
        let written = matches.get_raw(ID).and_then(Iterator::last);
        Ok(match written.and_then(|word| word.to_str()) {
            Some("json") => Self::Json,
            Some("html") => Self::Html,
            Some(_) | None => Self::Markdown,
        })
    }

    fn update_from_arg_matches(&mut self, matches: &ArgMatches) -> Result<(), Error> {
        *self = Self::from_arg_matches(matches)?;
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use clap::Parser as _;

    use super::ReportFormat;
    use crate::cli::args::{Cli, Command, Format};

    #[test]
    fn the_format_is_read_wherever_it_stands() {
        let read = |words: &[&str]| {
            let cli = Cli::try_parse_from([&["batch"], words].concat()).unwrap();
            let Command::Report(args) = cli.command else {
                panic!("another command");
            };
            (args.format, cli.global.format)
        };
        for (words, expected) in [
            (&["report"][..], (ReportFormat::Markdown, Format::Text)),
            (
                &["report", "--format", "md"],
                (ReportFormat::Markdown, Format::Text),
            ),
            (
                &["report", "--format=text"],
                (ReportFormat::Markdown, Format::Text),
            ),
            (
                &["report", "--format", "html"],
                (ReportFormat::Html, Format::Text),
            ),
            (
                &["report", "--format", "json"],
                (ReportFormat::Json, Format::Json),
            ),
            (
                &["--format", "json", "report"],
                (ReportFormat::Json, Format::Json),
            ),
        ] {
            assert_eq!(read(words), expected, "{words:?}");
        }
        assert!(Cli::try_parse_from(["batch", "status", "--format", "html"]).is_err());
    }
}
