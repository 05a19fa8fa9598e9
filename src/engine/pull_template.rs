//! The repository's own `PULL_REQUEST_TEMPLATE`: found in the base's tree, and filled. Its headings, checklists and words
//! stay in order and untouched; ours go under the headings that ask for them. Called for each go, and by [`pull_text`].
//!
//! [`pull_text`]: crate::engine::pull_text

use crate::engine::ports::{Objects, PortError};
use crate::engine::text::Parts;
use crate::model::tree::TreeFile;

/// Where the file may be, in lower case; the first that has one counts. Source: GitHub Docs, "Creating a pull request
/// template for your repository".
const FOLDERS: [&str; 3] = [".github/", "", "docs/"];

/// The names that the file may have, in any case.
const NAMES: [&str; 2] = ["pull_request_template.md", "pull_request_template.txt"];

/// A longer one leaves no room for what a reviewer needs to know; in bytes.
const LONGEST: usize = 30_000;

/// Words of headings that ask how it was checked.
const CHECKED: [&str; 13] = [
    "test",
    "tests",
    "tested",
    "testing",
    "verification",
    "verify",
    "verified",
    "validation",
    "validated",
    "qa",
    "checked",
    "proof",
    "evidence",
];

/// Words of headings that ask what is changed and why.
const WHAT: [&str; 17] = [
    "description",
    "describe",
    "summary",
    "what",
    "why",
    "changes",
    "motivation",
    "overview",
    "context",
    "purpose",
    "about",
    "details",
    "background",
    "proposal",
    "proposed",
    "rationale",
    "goal",
];

/// Words of headings that ask for something else, whatever else they say.
const OTHER: [&str; 12] = [
    "type",
    "types",
    "kind",
    "breaking",
    "checklist",
    "related",
    "issue",
    "issues",
    "screenshots",
    "changelog",
    "release",
    "next",
];

/// The base's template as text with plain line ends, where it has one that can be honoured: the only one, and not too long.
///
/// # Errors
/// [`PortError`] when the repository cannot be read.
pub fn pull_template(
    objects: &dyn Objects,
    files: &[TreeFile],
) -> Result<Option<String>, PortError> {
    let Some(file) = place(files) else {
        return Ok(None);
    };
    let mut contents = Vec::new();
    objects.reader()?.read(file, &mut contents)?;
    let text = String::from_utf8_lossy(&contents);
    let text = text.trim_start_matches('\u{feff}').replace("\r\n", "\n");
    let text = text.trim();
    Ok((!text.is_empty() && text.len() <= LONGEST).then(|| format!("{text}\n")))
}

fn place(files: &[TreeFile]) -> Option<&TreeFile> {
    let lower = |file: &TreeFile| file.path.as_bytes().to_ascii_lowercase();
    let regular = || files.iter().filter(|file| file.mode.is_regular());
    FOLDERS.iter().find_map(|folder| {
        let single = NAMES.iter().find_map(|name| {
            let place = format!("{folder}{name}");
            regular().find(|file| lower(file) == place.as_bytes())
        });
        single.or_else(|| {
            let several = format!("{folder}pull_request_template/");
            let mut within = regular().filter(|file| {
                let path = lower(file);
                let name = path.strip_prefix(several.as_bytes());
                name.is_some_and(|name| {
                    !name.contains(&b'/') && (name.ends_with(b".md") || name.ends_with(b".txt"))
                })
            });
            let only = within.next();
            // Of several, only a person can say which is meant.
            only.filter(|_| within.next().is_none())
        })
    })
}

/// The template with our parts in it.
#[must_use]
pub fn filled(template: &str, parts: &Parts) -> String {
    let lines: Vec<&str> = template.lines().collect();
    let headings = headings(&lines);
    let first = |asks: fn(&str) -> bool| headings.iter().find(|(_, words)| asks(words));
    let what = first(asks_what).map(|(at, _)| below(&lines, *at));
    let checked = first(asks_checked).map(|(at, _)| below(&lines, *at));
    let mut text = String::new();
    if what.is_none() {
        push(&mut text, &parts.what);
        if checked.is_none() {
            push_checked(&mut text, &parts.checked);
            push(&mut text, &parts.rest);
        }
    }
    let mut begun = 0;
    let mut places: Vec<(usize, &str)> = Vec::new();
    places.extend(what.map(|at| (at, parts.what.as_str())));
    places.extend(checked.map(|at| (at, parts.checked.as_str())));
    places.sort_unstable();
    for (at, part) in places {
        push(&mut text, &lines[begun..at].join("\n"));
        push(&mut text, part);
        begun = at;
    }
    push(&mut text, &lines[begun..].join("\n"));
    if what.is_some() && checked.is_none() {
        push_checked(&mut text, &parts.checked);
    }
    if what.is_some() || checked.is_some() {
        push(&mut text, &parts.rest);
    }
    text
}

fn push_checked(text: &mut String, checked: &str) {
    push(text, "## How it was checked");
    push(text, checked);
}

/// Appends a block after an empty line.
fn push(text: &mut String, block: &str) {
    let block = block.trim_matches('\n');
    if block.trim().is_empty() {
        return;
    }
    if !text.is_empty() {
        text.push('\n');
    }
    text.push_str(block);
    text.push('\n');
}

/// The template's headings: the lines after which they end, and their words in lower case. What stands in comments and
/// fences is none.
fn headings(lines: &[&str]) -> Vec<(usize, String)> {
    let mut found = Vec::new();
    let (mut fence, mut comment) = (None, false);
    for (at, line) in lines.iter().enumerate() {
        let trimmed = line.trim();
        if comment {
            comment = !trimmed.contains("-->");
            continue;
        }
        let tick = ["```", "~~~"]
            .into_iter()
            .find(|tick| trimmed.starts_with(tick));
        match (fence, tick) {
            (None, Some(tick)) => fence = Some(tick),
            (Some(open), Some(tick)) if open == tick => fence = None,
            _ => {}
        }
        if fence.is_some() || tick.is_some() {
            continue;
        }
        if let Some(begin) = trimmed.rfind("<!--") {
            comment = !trimmed[begin..].contains("-->");
        }
        let underlined = lines.get(at + 1).is_some_and(|next| {
            let next = next.trim();
            next.len() >= 3
                && (next.bytes().all(|byte| byte == b'=') || next.bytes().all(|byte| byte == b'-'))
        });
        if let Some(words) = heading(trimmed) {
            found.push((at + 1, words.to_lowercase()));
        } else if underlined && trimmed.starts_with(char::is_alphanumeric) {
            found.push((at + 2, trimmed.to_lowercase()));
        }
    }
    found
}

/// The words of a heading: one by `#`, or a line that is bold as a whole.
fn heading(line: &str) -> Option<&str> {
    let words = line.trim_start_matches('#');
    if (1..=6).contains(&(line.len() - words.len())) && words.starts_with([' ', '\t']) {
        return Some(words);
    }
    let bold = line.strip_prefix("**")?;
    let bold = bold.trim_end_matches(':').strip_suffix("**")?;
    (!bold.contains("**")).then_some(bold)
}

/// The line before which our words go: after the heading, and after comments that say what to write.
fn below(lines: &[&str], heading_end: usize) -> usize {
    let (mut at, mut end, mut comment) = (heading_end, heading_end, false);
    while let Some(line) = lines.get(at).map(|line| line.trim()) {
        if !comment && !line.is_empty() && !line.starts_with("<!--") {
            break;
        }
        comment = (comment || line.starts_with("<!--")) && !line.ends_with("-->");
        at += 1;
        if !comment && !line.is_empty() {
            end = at;
        }
    }
    end
}

fn has_word(heading: &str, words: &[&str]) -> bool {
    let mut parts = heading.split(|c: char| !c.is_alphanumeric());
    parts.any(|part| words.contains(&part))
}

fn asks_checked(heading: &str) -> bool {
    has_word(heading, &CHECKED) && !has_word(heading, &OTHER)
}

fn asks_what(heading: &str) -> bool {
    has_word(heading, &WHAT) && !has_word(heading, &CHECKED) && !has_word(heading, &OTHER)
}

#[cfg(test)]
mod tests;
