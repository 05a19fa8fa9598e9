//! [`render`]: [`Facts`] as Markdown for a coding agent's prompt, never longer than it is told.
//!
//! Each section has a share of the room, and what one leaves goes to those after it. Where a list does not fit, it says
//! how much it leaves out and where that is. Everything from the repository stands in code spans or fences.

mod folders;
mod packages;
mod room;
mod shared;
mod spelling;

use crate::engine::facts_text::folders::{candidates, folders};
use crate::engine::facts_text::packages::packages;
use crate::engine::facts_text::room::Room;
use crate::engine::facts_text::shared::{hot, owners};
use crate::engine::facts_text::spelling::{listed, path};

pub use crate::engine::facts_text::spelling::size;
use crate::engine::markdown::code;
use crate::model::counted::counted;
use crate::model::facts::{Candidates, CommandKind, Confidence, Facts, Suggestion};

/// The room that a prompt usually has for facts, in characters.
pub const USUAL_ROOM: usize = 24_000;
/// With less room than this nothing can be said.
const LEAST_ROOM: usize = 1_000;
/// How many languages and commands of a kind are told.
const LANGUAGES: usize = 10;
const SUGGESTIONS: usize = 3;

/// The facts in at most `room` characters; at least a thousand are taken.
#[must_use]
pub fn render(facts: &Facts, room: usize) -> String {
    let room = room.max(LEAST_ROOM);
    let mut left = room;
    let mut take = |share: usize, of: usize, section: &dyn Fn(usize) -> String| {
        let text = section(left * share / of);
        left -= text.chars().count();
        text
    };
    // The candidates come last, so that what the others leave is theirs.
    let summary = take(10, 100, &|room| summary(facts, room));
    let commands = take(10, 90, &|room| commands(facts, room));
    let owners = take(6, 80, &|room| owners(facts.owners.as_ref(), room));
    let packages = take(14, 74, &|room| packages(&facts.packages, room));
    let hot = take(18, 60, &|room| hot(facts, room));
    let (folders_share, of) = match facts.candidates {
        Candidates::Given(_) => (20, 42),
        Candidates::Open { .. } => (41, 42),
    };
    let folders = take(folders_share, of, &|room| folders(&facts.tree, room));
    let candidates = take(1, 1, &|room| candidates(facts, room));
    [
        summary, commands, candidates, folders, packages, hot, owners,
    ]
    .concat()
}

fn summary(facts: &Facts, room: usize) -> String {
    let mut section = Room::new(room);
    section.push("## The repository at its base\n");
    section.push("Found by names and a few files' contents, before anybody read the code: a start, not the truth.\n");
    let root = facts.tree.root();
    let total = match root.bytes {
        Some(bytes) => format!("{}, {}", counted(root.files, "file"), size(bytes)),
        None => counted(root.files, "file"),
    };
    for most in [LANGUAGES, LANGUAGES / 3, 0] {
        if section.push(&format!("{total}.{}", languages(facts, most))) {
            break;
        }
    }
    if !facts.submodules.is_empty() {
        let shown = listed(&facts.submodules.iter().collect::<Vec<_>>(), 5);
        section.push(&format!("Submodules, which cannot be edited: {shown}."));
    }
    section.end()
}

fn languages(facts: &Facts, most: usize) -> String {
    let shown: Vec<String> = facts
        .languages
        .iter()
        .take(most)
        .map(|language| {
            let files = counted(language.files, "file");
            match language.bytes {
                0 => format!("{} {files}", language.name),
                bytes => format!("{} {files} ({})", language.name, size(bytes)),
            }
        })
        .collect();
    if shown.is_empty() {
        return String::new();
    }
    let more = match facts.languages.len().saturating_sub(most) {
        0 => String::new(),
        more => format!(" and {more} more"),
    };
    format!(" {}{more}.", shown.join(", "))
}

fn commands(facts: &Facts, room: usize) -> String {
    let mut lines = Vec::new();
    for (kind, name) in [
        (CommandKind::Setup, "Setup"),
        (CommandKind::Test, "Test"),
        (CommandKind::Lint, "Lint"),
        (CommandKind::Format, "Format"),
    ] {
        let told: Vec<String> = facts.commands.of(kind).map(suggestion).collect();
        let more = match told.len().saturating_sub(SUGGESTIONS) {
            0 => String::new(),
            more => format!(", or {more} more"),
        };
        if !told.is_empty() {
            let told = told[..told.len().min(SUGGESTIONS)].join(", or ");
            lines.push(format!("- {name}: {told}{more}"));
        }
    }
    if lines.is_empty() {
        lines.push("None was found.".to_owned());
    }
    let mut section = Room::new(room);
    section.push("## Commands\n");
    let more = section.push_all(&lines);
    if more > 0 {
        section.push(&format!("- … and {more} more kinds"));
    }
    section.end()
}

fn suggestion(suggestion: &Suggestion) -> String {
    let how = match suggestion.confidence {
        Confidence::Declared => "",
        Confidence::Usual => "usual with ",
        Confidence::Guessed => "a guess from ",
    };
    format!(
        "{} ({how}{})",
        code(&suggestion.command),
        path(&suggestion.from)
    )
}

#[cfg(test)]
mod tests;
