//! [`Prompts`]: what an agent is told of its unit, rendered from model values.
//!
//! The words stand in `templates/`. What comes from plans, logs and file names is quoted, fenced or made a code span,
//! and cut: an agent reads it as data, and a prompt has an end. The worker calls it.

use std::sync::Arc;

use minijinja::{Environment, Value, context};

use crate::engine::headline::cut;
use crate::engine::markdown::code;
use crate::engine::text::{TextError, environment, render};
use crate::model::change::Source;
use crate::model::clean::clean_lines;
use crate::model::id::UnitId;
use crate::model::outcome::Failure;
use crate::model::path::RepoPath;
use crate::model::plan::{Plan, Unit};
use crate::model::scope::Entry;
use crate::model::tree::TreeFile;

/// The most characters of a text of several paragraphs: a task, a context.
const TEXT: usize = 8_000;

/// The most characters of one of several: a contract, a convention.
const ITEM: usize = 800;

/// The most contracts, constraints and conventions.
const ITEMS: usize = 40;

/// The most paths of a list; more are counted by folder.
const PATHS: usize = 60;

/// The most other parts that are named.
const NEIGHBOURS: usize = 10;

/// Renders the prompts of units.
#[derive(Debug, Clone)]
pub struct Prompts {
    templates: Arc<Environment<'static>>,
}

/// What a unit's agent has to know.
#[derive(Debug, Clone, Copy)]
pub struct Brief<'a> {
    /// The whole plan.
    pub plan: &'a Plan,
    /// The unit.
    pub unit: &'a Unit,
    /// Its files at the base.
    pub files: &'a [TreeFile],
    /// The check and the test, as they will run.
    pub commands: &'a [String],
    /// What the user wants it to know.
    pub note: Option<&'a str>,
}

/// What an attempt before this one left.
#[derive(Debug, Clone, Copy, Default)]
pub struct Earlier<'a> {
    /// Why it failed.
    pub failure: Option<&'a Failure>,
    /// The paths of its edits that are in the worktree already.
    pub taken: &'a [RepoPath],
}

/// What is wrong with the edits.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Trouble {
    /// What made them, a check or a test ended badly.
    Failed {
        /// How.
        cause: String,
        /// The command.
        command: Option<String>,
        /// What it printed, as far as it matters.
        output: Option<String>,
    },
    /// The gate does not let them pass.
    Refused {
        /// The paths that were put back to the base.
        reverted: Vec<RepoPath>,
        /// What else is refused, and is still there.
        left: Vec<String>,
    },
}

impl Prompts {
    /// The embedded templates.
    ///
    /// # Errors
    /// [`TextError`] when a template does not parse; the embedded ones do.
    pub fn new() -> Result<Self, TextError> {
        let mut templates = environment(&[
            (
                "unit-brief.md",
                include_str!("../../templates/unit-brief.md"),
            ),
            (
                "unit-rules.md",
                include_str!("../../templates/unit-rules.md"),
            ),
            ("implement.md", include_str!("../../templates/implement.md")),
            ("take-over.md", include_str!("../../templates/take-over.md")),
            ("trouble.md", include_str!("../../templates/trouble.md")),
            ("fix.md", include_str!("../../templates/fix.md")),
            ("scope.md", include_str!("../../templates/scope.md")),
            ("go-on.md", include_str!("../../templates/go-on.md")),
        ])?;
        templates.add_filter("item", |text: &str| item(text));
        Ok(Self {
            templates: Arc::new(templates),
        })
    }

    /// The first prompt of a unit that the agent makes alone.
    ///
    /// # Errors
    /// [`TextError`] when the template does not render.
    pub fn implement(&self, brief: &Brief<'_>, earlier: Earlier<'_>) -> Result<String, TextError> {
        let known = earlier.failure.is_some() || !earlier.taken.is_empty();
        let earlier = known.then(|| {
            context! {
                taken => paths(earlier.taken),
                step => earlier.failure.map(|failure| failure.step.as_str()),
                cause => earlier.failure.map(|failure| capped(&failure.cause, ITEM * 3)),
                tail => earlier.failure.map(|failure| failure.tail.join("\n")),
            }
        });
        self.render("implement.md", context! { earlier, ..of_brief(brief) })
    }

    /// The first prompt of a unit on which something else has worked: `how`, as in "the codemod".
    ///
    /// # Errors
    /// [`TextError`] when the template does not render.
    pub fn take_over(
        &self,
        brief: &Brief<'_>,
        how: &str,
        done: &[RepoPath],
        trouble: &Trouble,
    ) -> Result<String, TextError> {
        let trouble = self.trouble(trouble)?;
        let values = context! { how, done => paths(done), trouble };
        self.render("take-over.md", context! { ..values, ..of_brief(brief) })
    }

    /// The prompt that gives a failure back: of edits, or of the unit as it was where the agent has `edited` nothing;
    /// `last` says that it is for the last time.
    ///
    /// # Errors
    /// [`TextError`] when the template does not render.
    pub fn fix(&self, trouble: &Trouble, edited: bool, last: bool) -> Result<String, TextError> {
        let trouble = self.trouble(trouble)?;
        self.render("fix.md", context! { trouble, edited, last })
    }

    /// The prompt that gives back what the gate refuses.
    ///
    /// # Errors
    /// [`TextError`] when the template does not render.
    pub fn scope(&self, trouble: &Trouble) -> Result<String, TextError> {
        let trouble = self.trouble(trouble)?;
        self.render("scope.md", context! { trouble })
    }

    /// The prompt after a provider's limit.
    ///
    /// # Errors
    /// [`TextError`] when the template does not render.
    pub fn go_on(&self) -> Result<String, TextError> {
        self.render("go-on.md", context! {})
    }

    fn trouble(&self, trouble: &Trouble) -> Result<String, TextError> {
        let values = match trouble {
            Trouble::Failed {
                cause,
                command,
                output,
            } => context! {
                cause => capped(cause, ITEM * 3),
                command => command.as_deref().map(|command| capped(command, ITEM * 3)),
                output,
                reverted => Vec::<String>::new(),
                left => Vec::<String>::new(),
            },
            Trouble::Refused { reverted, left } => context! {
                cause => Value::from(()),
                reverted => paths(reverted),
                left => left.iter().take(PATHS).map(|line| code(&cut(line, ITEM))).collect::<Vec<_>>(),
            },
        };
        let text = self.render("trouble.md", values)?;
        Ok(text.trim().to_owned())
    }

    fn render(&self, name: &str, values: Value) -> Result<String, TextError> {
        render(&self.templates, name, values)
    }
}

/// What made a unit's edits before its agent, in words for [`Prompts::take_over`].
#[must_use]
pub fn maker_of(source: &Source) -> String {
    match source {
        Source::Agent => "an earlier attempt".to_owned(),
        Source::Rewrite(expressions) => {
            format!("a rewrite, {},", code(&cut(&expressions.join(" "), ITEM)))
        }
        Source::Command(command) => format!("a command, {},", code(&cut(command, ITEM))),
        Source::From { name, .. } => format!("a slice of a change that exists, {},", code(name)),
    }
}

fn of_brief(brief: &Brief<'_>) -> Value {
    let Brief {
        plan,
        unit,
        files,
        commands,
        note,
    } = brief;
    let scope = of_scope(unit);
    // Where the scope names the files, they need not be named again.
    let looked_at: Vec<RepoPath> = if unit.scope.entries().iter().any(is_folder) {
        files.iter().map(|file| file.path.clone()).collect()
    } else {
        Vec::new()
    };
    context! {
        change => capped(&plan.change.description, TEXT),
        summary => plan.summary.as_deref().map(|text| capped(text, TEXT)),
        count => plan.units.len(),
        title => cut(&unit.title, ITEM),
        task => capped(&unit.task, TEXT),
        context => unit.context.as_deref().map(|text| capped(text, TEXT)),
        scope,
        files => paths(&looked_at),
        contracts => items(&unit.contracts),
        constraints => items(&unit.constraints),
        neighbours => neighbours(plan, unit),
        conventions => items(&plan.conventions),
        commands => commands.iter().map(|command| capped(command, TEXT)).collect::<Vec<_>>(),
        note => note.map(|note| capped(note, TEXT)),
    }
}

fn is_folder(entry: &Entry) -> bool {
    match entry {
        Entry::Folder(_) => true,
        Entry::File(_) => false,
    }
}

/// Every entry of a scope, folders with a `/` at their end, where these are too many for the prompt.
pub(super) fn whole_scope(unit: &Unit) -> Option<Vec<RepoPath>> {
    let entries = unit.scope.entries();
    let spelled = |entry: &Entry| match entry {
        Entry::File(path) => path.clone(),
        Entry::Folder(path) => RepoPath::new([path.as_bytes(), b"/"].concat()),
    };
    (entries.len() > PATHS).then(|| entries.iter().map(spelled).collect())
}

/// The entries of a scope; where they are too many, folders with how many files in each are the unit's.
fn of_scope(unit: &Unit) -> Value {
    let entries = unit.scope.entries();
    let folders = entries.iter().any(is_folder);
    if entries.len() <= PATHS {
        let lines: Vec<String> = entries.iter().map(|entry| code(&entry.to_text())).collect();
        return context! { lines, more => 0, folders, listed => false, counted => false };
    }
    let (whole, single): (Vec<&Entry>, Vec<&Entry>) =
        entries.iter().partition(|entry| is_folder(entry));
    let mut lines: Vec<String> = whole
        .iter()
        .take(PATHS / 2)
        .map(|entry| format!("{}, all of it", code(&entry.to_text())))
        .collect();
    let shown = lines.len();
    let single: Vec<RepoPath> = single.iter().map(|entry| entry.path().clone()).collect();
    lines.extend(by_folder(&single));
    context! {
        lines, more => whole.len() - shown, folders, listed => true, counted => !single.is_empty(),
    }
}

/// Paths as a list of code spans; where they are too many, counted by folder.
fn paths(paths: &[RepoPath]) -> Vec<String> {
    if paths.len() <= PATHS {
        return paths.iter().map(|path| code(&path.to_text())).collect();
    }
    by_folder(paths)
}

fn by_folder(paths: &[RepoPath]) -> Vec<String> {
    let mut folders: Vec<(&[u8], usize)> = Vec::new();
    let mut sorted: Vec<&[u8]> = paths.iter().map(RepoPath::folder).collect();
    sorted.sort_unstable();
    for folder in sorted {
        match folders.last_mut() {
            Some((last, count)) if *last == folder => *count += 1,
            Some(_) | None => folders.push((folder, 1)),
        }
    }
    let left_out: usize = folders.iter().skip(PATHS).map(|(_, count)| count).sum();
    let mut lines: Vec<String> = folders
        .iter()
        .take(PATHS)
        .map(|(folder, count)| {
            let files = if *count == 1 { "file" } else { "files" };
            let shown = RepoPath::new([folder, b"/".as_slice()].concat());
            let shown = if folder.is_empty() {
                "the root".to_owned()
            } else {
                code(&shown.to_text())
            };
            format!("{shown}: {count} {files}")
        })
        .collect();
    if left_out > 0 {
        lines.push(format!(
            "{left_out} more files in {} more folders",
            folders.len() - PATHS
        ));
    }
    lines
}

/// The other units that this one's contracts and constraints speak of, with what they own.
fn neighbours(plan: &Plan, unit: &Unit) -> Vec<Value> {
    let said: Vec<&String> = unit.constraints.iter().chain(&unit.contracts).collect();
    let named = |id: &UnitId| said.iter().any(|text| names(text, id.as_str()));
    plan.units
        .iter()
        .filter(|other| other.id != unit.id && named(&other.id))
        .take(NEIGHBOURS)
        .map(|other| {
            let entries = other.scope.entries();
            let mut owns: Vec<String> =
                entries.iter().take(5).map(|entry| code(&entry.to_text())).collect();
            if entries.len() > 5 {
                owns.push(format!("{} more", entries.len() - 5));
            }
            context! { id => other.id.as_str(), title => cut(&other.title, ITEM), owns => owns.join(", ") }
        })
        .collect()
}

/// Whether a text has the id as a word of its own.
fn names(text: &str, id: &str) -> bool {
    let is_part = |c: char| c.is_alphanumeric() || matches!(c, '-' | '_' | '/');
    text.split(|c| !is_part(c)).any(|word| word == id)
}

fn items(texts: &[String]) -> Vec<String> {
    texts
        .iter()
        .take(ITEMS)
        .map(|text| capped(text, ITEM))
        .collect()
}

/// A list item; what comes after its first line is indented, so that it stays in the item.
fn item(text: &str) -> String {
    let text = clean_lines(text.trim());
    format!("- {}", text.replace('\n', "\n  "))
}

/// The text in at most so many characters, with a line that says so where it was longer.
fn capped(text: &str, most: usize) -> String {
    let text = text.trim();
    if text.chars().count() <= most {
        return text.to_owned();
    }
    let kept: String = text.chars().take(most).collect();
    format!("{}\n[… the rest is left out …]", kept.trim_end())
}

#[cfg(test)]
mod tests;
