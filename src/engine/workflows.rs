//! What of `.github/workflows` runs for a pull request: a small scan of each file's `on:`, as much of YAML as that takes.
//! What it does not understand it takes for something that runs, so that no number is told too low. For the preflight.

use crate::engine::ports::{Objects, PortError};
use crate::model::tree::TreeFile;

/// Where workflows are. Source: GitHub Docs, "Workflow syntax for GitHub Actions".
const FOLDER: &str = ".github/workflows/";

/// The types of a pull request's events that come when it is opened.
const AT_OPENING: [&str; 2] = ["opened", "synchronize"];

/// A workflow, and what starts it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Workflow {
    /// Its name, or that of its file.
    pub name: String,
    /// What starts it of what a unit brings: one for each of push and pull request.
    pub triggers: Vec<Trigger>,
}

/// What starts a workflow.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Trigger {
    /// A pull request into one of these branches.
    PullRequest(Branches),
    /// A push to one of these branches.
    Push(Branches),
}

/// Which branches count.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Branches {
    only: Option<Vec<String>>,
    but: Vec<String>,
}

impl Branches {
    /// Whether a branch counts.
    #[must_use]
    pub fn take(&self, branch: &str) -> bool {
        let matches = |pattern: &String| matches(pattern, branch);
        let only = self.only.as_ref().is_none_or(|only| {
            // The last pattern that matches decides; `!` takes out again.
            let last = only
                .iter()
                .rev()
                .find(|pattern| matches(&pattern.trim_start_matches('!').to_owned()));
            last.is_some_and(|pattern| !pattern.starts_with('!'))
        });
        only && !self.but.iter().any(matches)
    }
}

/// The workflows of the base.
///
/// # Errors
/// [`PortError`] when the repository cannot be read.
pub fn workflows(objects: &dyn Objects, files: &[TreeFile]) -> Result<Vec<Workflow>, PortError> {
    let mut found = Vec::new();
    let reader = objects.reader()?;
    let mut reader = reader;
    for file in files.iter().filter(|file| file.mode.is_regular()) {
        let name = String::from_utf8_lossy(file.path.as_bytes());
        let Some(name) = name.strip_prefix(FOLDER) else {
            continue;
        };
        let is_yaml = |end: &str| {
            name.strip_suffix(end)
                .is_some_and(|stem| !stem.contains('/'))
        };
        if is_yaml(".yml") || is_yaml(".yaml") {
            let mut contents = Vec::new();
            reader.read(file, &mut contents)?;
            found.push(Workflow::read(name, &String::from_utf8_lossy(&contents)));
        }
    }
    Ok(found)
}

impl Workflow {
    /// Reads a workflow's file of this name.
    #[must_use]
    pub fn read(file: &str, text: &str) -> Self {
        let lines: Vec<Line<'_>> = text.lines().filter_map(Line::of).collect();
        let named = lines.iter().find_map(|line| line.top("name"));
        let name = named.map(plain).filter(|name| !name.is_empty());
        Self {
            name: name.unwrap_or(file).to_owned(),
            triggers: triggers(&lines),
        }
    }
}

/// A line without its comment: how far it is indented, and what it says.
#[derive(Clone, Copy)]
struct Line<'a> {
    indent: usize,
    text: &'a str,
}

impl<'a> Line<'a> {
    fn of(line: &'a str) -> Option<Self> {
        let text = line.trim_start_matches(' ');
        let indent = line.len() - text.len();
        let text = match text.find(" #") {
            Some(at) => &text[..at],
            None => text,
        };
        let text = text.trim();
        (!text.is_empty() && !text.starts_with('#')).then_some(Self { indent, text })
    }

    /// What a key at the top of the file has beside it.
    fn top(self, key: &str) -> Option<&'a str> {
        let (name, value) = self.entry()?;
        (self.indent == 0 && name == key).then_some(value)
    }

    /// A key, and what stands beside it.
    fn entry(self) -> Option<(&'a str, &'a str)> {
        let (key, value) = self.text.split_once(':')?;
        let is_whole = value.is_empty() || value.starts_with([' ', '\t']);
        is_whole.then(|| (plain(key), value.trim()))
    }
}

/// A word without its quotes.
fn plain(word: &str) -> &str {
    word.trim().trim_matches(['"', '\''])
}

fn triggers(lines: &[Line<'_>]) -> Vec<Trigger> {
    let Some(at) = lines.iter().position(|line| line.top("on").is_some()) else {
        return Vec::new();
    };
    let beside = lines[at].top("on").unwrap_or_default();
    let within = block(lines, at);
    if let Some(flow) = beside.strip_prefix('{') {
        let more: Vec<&str> = within.iter().map(|line| line.text).collect();
        return of_flow(&format!("{flow} {}", more.join(" ")));
    }
    if !beside.is_empty() {
        let more: Vec<&str> = within.iter().map(|line| line.text).collect();
        return items(&format!("{beside} {}", more.join(" ")))
            .iter()
            .filter_map(|event| trigger(event, &[]))
            .collect();
    }
    let Some(column) = within.first().map(|line| line.indent) else {
        return Vec::new();
    };
    let events = within
        .iter()
        .enumerate()
        .filter(|(_, line)| line.indent == column);
    let events = events.filter_map(|(at, line)| {
        if let Some(event) = line.text.strip_prefix('-') {
            return trigger(plain(event), &[]);
        }
        let (event, _) = line.entry()?;
        trigger(event, block(within, at))
    });
    events.collect()
}

/// The lines below one that are indented further, or are items of its list.
fn block<'a, 'b>(lines: &'b [Line<'a>], at: usize) -> &'b [Line<'a>] {
    let column = lines[at].indent;
    let rest = &lines[at + 1..];
    let is_within = |line: &Line<'_>| {
        line.indent > column || (line.indent == column && line.text.starts_with('-'))
    };
    let end = rest.iter().position(|line| !is_within(line));
    &rest[..end.unwrap_or(rest.len())]
}

/// The events of a flow mapping: their filters are not read, so each is taken to start it.
fn of_flow(flow: &str) -> Vec<Trigger> {
    let names = ["pull_request", "pull_request_target", "push"];
    let words: Vec<&str> = flow
        .split(|c: char| !c.is_alphanumeric() && c != '_')
        .collect();
    let there = names.iter().filter(|name| words.contains(name));
    there.filter_map(|name| trigger(name, &[])).collect()
}

fn trigger(event: &str, filters: &[Line<'_>]) -> Option<Trigger> {
    let list = |key: &str| {
        let at = filters
            .iter()
            .position(|line| line.entry().is_some_and(|(name, _)| name == key))?;
        let (_, beside) = filters[at].entry()?;
        let mut words = beside.to_owned();
        for line in block(filters, at) {
            words.push(',');
            words.push_str(line.text.strip_prefix('-').unwrap_or(line.text));
        }
        Some(items(&words))
    };
    let branches = || Branches {
        only: list("branches"),
        but: list("branches-ignore").unwrap_or_default(),
    };
    match event {
        "pull_request" | "pull_request_target" => {
            let types = list("types");
            let comes = types
                .is_none_or(|types| types.iter().any(|kind| AT_OPENING.contains(&kind.as_str())));
            comes.then(|| Trigger::PullRequest(branches()))
        }
        // With tags alone, no branch starts it.
        "push"
            if list("tags").is_some()
                && list("branches").is_none()
                && list("branches-ignore").is_none() =>
        {
            None
        }
        "push" => Some(Trigger::Push(branches())),
        _ => None,
    }
}

/// The items of a flow list, or the one that stands there.
fn items(text: &str) -> Vec<String> {
    let parts = text.split([',', '[', ']']).map(plain);
    parts
        .filter(|part| !part.is_empty())
        .map(str::to_owned)
        .collect()
}

/// Whether a branch fits a pattern: `**` takes anything, `*` anything but a slash, `?` the sign before or none, `+` one or
/// more of it.
fn matches(pattern: &str, branch: &str) -> bool {
    let mut regex = String::from("^");
    let mut rest = pattern;
    while let Some(c) = rest.chars().next() {
        rest = &rest[c.len_utf8()..];
        match c {
            '*' => match rest.strip_prefix('*') {
                Some(after) => {
                    rest = after;
                    regex.push_str(".*");
                }
                None => regex.push_str("[^/]*"),
            },
            '?' | '+' | '[' | ']' | '-' => regex.push(c),
            c => regex.push_str(&regex::escape(c.encode_utf8(&mut [0; 4]))),
        }
    }
    regex.push('$');
    // What is no pattern is taken for one that fits.
    regex::Regex::new(&regex).is_ok_and(|regex| regex.is_match(branch)) || pattern == branch
}

#[cfg(test)]
mod tests {
    use super::{Trigger, Workflow};

    /// What of `pr` (a pull request into main) and `push` (to a unit's branch) starts it.
    fn starts(text: &str) -> Vec<&'static str> {
        let workflow = Workflow::read("ci.yml", text);
        let started = workflow
            .triggers
            .iter()
            .filter_map(|trigger| match trigger {
                Trigger::PullRequest(branches) => branches.take("main").then_some("pr"),
                Trigger::Push(branches) => {
                    branches.take("batch/rename-0a1b/unit-1").then_some("push")
                }
            });
        started.collect()
    }

    #[test]
    fn each_way_to_write_events_is_read() {
        for text in [
            "on: [push, 'pull_request']",
            "\"on\":\n  - push # all\n  - pull_request\n",
            "on:\n- push\n- pull_request_target\njobs:\n  - x",
            "on:\n  push:\n  pull_request:\n    paths: ['src/**']\n",
            "on: { push: {}, pull_request: { types: [opened] } }",
            "on: [push,\n  pull_request]\njobs: {}",
        ] {
            let mut started = starts(text);
            started.sort_unstable();
            assert_eq!(started, ["pr", "push"], "{text}");
        }
        assert!(starts("on: workflow_dispatch\njobs:\n  push:\n    x: 1\n").is_empty());
        assert!(starts("jobs: {}").is_empty());
    }

    #[test]
    fn branches_tags_and_types_leave_some_out() {
        assert_eq!(
            starts(
                "on:\n  push:\n    branches: [main]\n  pull_request:\n    branches:\n      - 'ma*'\n"
            ),
            ["pr"]
        );
        assert_eq!(
            starts("on:\n  push:\n    branches:\n    - '**'\n    - '!batch/**'\n"),
            [""; 0]
        );
        assert_eq!(
            starts("on:\n  push:\n    branches-ignore: ['dependabot/**']\n"),
            ["push"]
        );
        assert_eq!(starts("on:\n  push:\n    tags: ['v*']\n"), [""; 0]);
        assert_eq!(
            starts("on:\n  pull_request:\n    types: [labeled, closed]\n"),
            [""; 0]
        );
        assert_eq!(
            starts("on:\n  pull_request:\n    types:\n      - synchronize\n"),
            ["pr"]
        );
    }

    #[test]
    fn a_workflow_is_called_by_its_name_or_its_file() {
        assert_eq!(
            Workflow::read("ci.yml", "name: 'Build it' # x\non: push").name,
            "Build it"
        );
        assert_eq!(Workflow::read("ci.yml", "on: push").name, "ci.yml");
    }
}
