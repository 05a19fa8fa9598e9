//! The title and body of a unit's pull request. The body has three parts, so that each can go where a repository's own
//! template asks for it; what is too long is left out or cut as [`Size`] says.

use minijinja::{Value, context};

use super::{TextError, Texts, of_base, of_unit, says_something};
use crate::engine::headline::cut;
use crate::engine::markdown;
use crate::engine::quiet::closings;
use crate::model::change::Source;
use crate::model::id::{ObjectId, RunId};
use crate::model::path::RepoPath;
use crate::model::plan::{Plan, Unit};

/// More files than these are folded away where the forge shows HTML.
const FILES_UNFOLDED: usize = 10;

/// The template of a whole body.
const BODY: &str = "pr-body.md";

/// The template of a tracking issue's section.
const ISSUE: &str = "tracking-issue.md";

/// The longest title in characters. GitHub takes 256.
const TITLE_MAX: usize = 250;

/// What a pull request delivers.
#[derive(Debug, Clone, Copy)]
pub struct Delivery<'a> {
    /// The run.
    pub run: &'a RunId,
    /// The whole plan.
    pub plan: &'a Plan,
    /// The unit delivered.
    pub unit: &'a Unit,
    /// The commit that it started from.
    pub base: &'a ObjectId,
    /// Its branch on the remote.
    pub branch: &'a str,
    /// The commit that the branch is at.
    pub commit: &'a ObjectId,
    /// The paths that differ from the base.
    pub files: &'a [RepoPath],
    /// What a reviewer should know.
    pub warnings: &'a [String],
    /// The agent that was asked for it last, and its model where that is not the program's default.
    pub agent: Option<(&'a str, Option<&'a str>)>,
    /// What its agent said it had done.
    pub summary: Option<&'a str>,
    /// The other units.
    pub siblings: &'a [Sibling],
    /// The number of the tracking issue.
    pub tracked: Option<u64>,
    /// How much of it is told.
    pub size: Size,
}

/// Another unit of the change, as a pull request names it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Sibling {
    /// Its title.
    pub title: String,
    /// Where its pull request is found; none where the forge has no such place.
    pub url: Option<String>,
}

/// How much a pull request's body tells.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Size {
    /// The most files that it names.
    pub files: usize,
    /// The most other parts that it names.
    pub siblings: usize,
    /// The most characters of anything that a person or an agent wrote.
    pub words: usize,
}

impl Size {
    /// From what a reviewer gets where nothing is too long to what fits always: files go first, then words.
    pub const ALL: [Self; 5] = [
        Self::of(50, 30, usize::MAX),
        Self::of(0, 30, usize::MAX),
        Self::of(0, 30, 4000),
        Self::of(0, 0, 1000),
        Self::of(0, 0, 200),
    ];

    const fn of(files: usize, siblings: usize, words: usize) -> Self {
        Self {
            files,
            siblings,
            words,
        }
    }
}

/// A pull request's body in parts, Markdown each, ending its line.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Parts {
    /// What is changed and why, without headings.
    pub what: String,
    /// How it was checked, without headings.
    pub checked: String,
    /// The rest, with headings of its own.
    pub rest: String,
}

impl Texts {
    /// The title of a unit's pull request: one line, which closes no issue when it becomes a commit's. The embedded template
    /// makes it of at most 100 characters.
    ///
    /// # Errors
    /// [`TextError`] when the template does not render.
    pub fn pr_title(&self, plan: &Plan, unit: &Unit) -> Result<String, TextError> {
        let values = context! {
            change => &plan.change.description,
            unit => of_unit(unit),
        };
        let title = self.sound("pr-title.txt", values, is_one_line)?;
        Ok(cut(&closings(title.trim()), TITLE_MAX))
    }

    /// The body of a unit's pull request, for its reviewer.
    ///
    /// # Errors
    /// [`TextError`] when a template does not render.
    pub fn pr_parts(&self, delivery: &Delivery<'_>) -> Result<Parts, TextError> {
        let values = of_delivery(delivery);
        let part = |name: &str| {
            let part = self.render(name, values.clone())?;
            Ok(self.without_closings(name, part))
        };
        Ok(Parts {
            what: part("pr-what.md")?,
            checked: part("pr-checked.md")?,
            rest: part("pr-rest.md")?,
        })
    }

    /// The parts as a body of their own, without the repository's template.
    ///
    /// # Errors
    /// [`TextError`] when the template does not render.
    pub fn pr_body(&self, delivery: &Delivery<'_>, parts: &Parts) -> Result<String, TextError> {
        let values = context! {
            what => parts.what.trim_matches('\n'),
            checked => parts.checked.trim_matches('\n'),
            rest => parts.rest.trim_matches('\n'),
            ..of_delivery(delivery)
        };
        let body = self.sound(BODY, values, says_something)?;
        Ok(self.without_closings(BODY, body))
    }

    /// What a tracking issue says of its run, of these values.
    ///
    /// # Errors
    /// [`TextError`] when the template does not render.
    pub(in crate::engine) fn tracking(&self, values: Value) -> Result<String, TextError> {
        let text = self.sound(ISSUE, values, says_something)?;
        Ok(self.without_closings(ISSUE, text))
    }

    /// Whether the user has a body of their own, which goes before the repository's template.
    #[must_use]
    pub fn has_own_body(&self) -> bool {
        self.replaced.has(BODY)
    }

    /// A text by a template of the user's with each issue in parentheses that it would close: there, our filters are theirs
    /// to leave out.
    fn without_closings(&self, name: &str, text: String) -> String {
        if self.replaced.has(name) {
            closings(&text)
        } else {
            text
        }
    }
}

/// What a pull request's templates know. What people and agents wrote notifies nobody, whatever is made of it.
fn of_delivery(delivery: &Delivery<'_>) -> Value {
    let Delivery {
        run,
        plan,
        unit,
        base,
        branch,
        commit,
        files,
        warnings,
        agent,
        summary,
        siblings,
        tracked,
        size,
    } = delivery;
    let words = |text: &str| cut(text, size.words);
    let calm = |text: &str| markdown::quiet(&words(text));
    let after: Vec<String> = unit
        .after
        .iter()
        .map(|id| markdown::code(id.as_str()))
        .collect();
    let shown = siblings.iter().take(size.siblings);
    let shown =
        shown.map(|sibling| context! { title => calm(&sibling.title), url => &sibling.url });
    let linked = siblings.iter().any(|sibling| sibling.url.is_some());
    context! {
        run => run.as_str(),
        change => calm(&plan.change.description),
        maker => maker(plan, unit, *agent, size.words),
        count => plan.units.len(),
        unit => context! {
            id => unit.id.as_str(),
            title => markdown::quiet(&unit.title),
            owner => unit.owner.as_deref().map(calm),
        },
        task => calm(&unit.task),
        after => words(&after.join(", ")),
        ordered => plan.units.iter().any(|unit| !unit.after.is_empty()),
        base => of_base(&plan.base.branch, base),
        own_base => **base != plan.base.commit,
        tracked,
        summary => summary.map(calm),
        check => unit.check.as_deref().map(words),
        test => plan.test.command().map(words),
        commit => commit.short(),
        warnings => warnings.iter().map(|text| calm(text)).collect::<Vec<_>>(),
        branch => *branch,
        files => files.iter().take(size.files).map(ToString::to_string).collect::<Vec<_>>(),
        all_files => files.len(),
        folded => linked && files.len() > FILES_UNFOLDED,
        siblings => shown.collect::<Vec<_>>(),
        all_siblings => siblings.len(),
        linked,
    }
}

/// A title is one line, and there is one.
fn is_one_line(title: &str) -> Result<(), &'static str> {
    match title.trim().lines().count() {
        0 => Err("it renders to nothing: a pull request needs a title"),
        1 => Ok(()),
        _ => Err("a title is one line"),
    }
}

/// What made the edits, as Markdown: what the plan says, and the agent that was really asked.
fn maker(plan: &Plan, unit: &Unit, asked: Option<(&str, Option<&str>)>, words: usize) -> String {
    let agent = |(name, model): (&str, Option<&str>)| {
        let name = markdown::code(name);
        match model {
            Some(model) => format!("the agent {name} (model {})", markdown::code(model)),
            None => format!("the agent {name}"),
        }
    };
    let (kind, detail) = match plan.source_of(unit) {
        Source::Agent => {
            let planned = plan.agent_of(unit).unwrap_or_default();
            let planned = planned
                .name
                .as_deref()
                .map(|name| (name, planned.model.as_deref()));
            return asked
                .or(planned)
                .map_or_else(|| "an agent".to_owned(), agent);
        }
        Source::Rewrite(expressions) => ("the rewrite", expressions.join(" ")),
        Source::Command(command) => ("the command", command.clone()),
        Source::From { name, commit } => (
            "slicing an existing change,",
            format!("{name} ({})", commit.short()),
        ),
    };
    let codemod = format!("{kind} {}", markdown::code(&cut(&detail, words)));
    match asked {
        Some(asked) => format!(
            "{codemod} and, where that was not enough, by {}",
            agent(asked)
        ),
        None => codemod,
    }
}
