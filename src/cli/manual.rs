//! The manual's pages, one for each command, from the same description as the help.

use clap::{Command, CommandFactory};
use clap_mangen::Man;
use clap_mangen::roff::{Roff, roman};

use crate::cli::args::Cli;

/// A page.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Page {
    /// Its name, such as `batch-prs-list`.
    pub name: String,
    /// Its text, for `man`.
    pub text: Vec<u8>,
}

/// What `git batch --help` looks for: the same as `batch`'s own.
const FOR_GIT: &str = "git-batch";

/// All pages, `batch`'s own first.
#[must_use]
pub fn pages() -> Vec<Page> {
    let mut batch = Cli::command().term_width(80);
    batch.build();
    let mut pages = Vec::new();
    collect(&batch, &mut pages);
    pages.push(Page {
        name: FOR_GIT.to_owned(),
        text: b".so man1/batch.1\n".to_vec(),
    });
    pages
}

fn collect(command: &Command, pages: &mut Vec<Page>) {
    let name = command.get_display_name().unwrap_or(command.get_name());
    pages.push(Page {
        name: name.to_owned(),
        text: render(command),
    });
    for below in command.get_subcommands() {
        if below.get_name() != "help" && !below.is_hide_set() {
            collect(below, pages);
        }
    }
}

fn render(command: &Command) -> Vec<u8> {
    let version = env!("CARGO_PKG_VERSION");
    let man = Man::new(command.clone())
        .source(format!("batch {version}"))
        .manual("batch manual");
    let mut text = Vec::new();
    let write = |text: &mut Vec<u8>| {
        man.render_title(text)?;
        man.render_name_section(text)?;
        man.render_synopsis_section(text)?;
        man.render_description_section(text)?;
        man.render_options_section(text)?;
        if command
            .get_subcommands()
            .any(|below| below.get_name() != "help")
        {
            man.render_subcommands_section(text)?;
        }
        let after = command.get_after_help().map(ToString::to_string);
        examples(&after.unwrap_or_default()).to_writer(text)
    };
    write(&mut text).expect("memory takes it");
    text
}

/// The examples as they stand, and what the help says after them.
fn examples(after: &str) -> Roff {
    let mut roff = Roff::default();
    let mut as_it_stands = false;
    for line in after.lines() {
        if line == "Examples:" {
            roff.control("SH", ["EXAMPLES"]);
            roff.control("nf", []);
            as_it_stands = true;
        } else if let Some(example) = line.strip_prefix("  ").filter(|_| as_it_stands) {
            roff.text([roman(example)]);
        } else if as_it_stands && line.is_empty() {
            roff.control("fi", []);
            roff.control("PP", []);
            as_it_stands = false;
        } else if !line.is_empty() {
            roff.text([roman(line)]);
        }
    }
    if as_it_stands {
        roff.control("fi", []);
    }
    roff
}
