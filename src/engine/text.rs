//! [`Texts`]: what people read of a run (commit messages, pull requests, reports), rendered from model values.
//!
//! The words stand in `templates/`; this file gives them their values. A template sees plain values and the filters
//! of `markdown` and `headline`, and a name it misspells is an error. Called by the worker, the publisher and the run.

use std::sync::Arc;

use minijinja::syntax::SyntaxConfig;
use minijinja::value::Serde;
use minijinja::{AutoEscape, Environment, UndefinedBehavior, Value, context};

use crate::engine::failures;
use crate::engine::quiet::closings;
use crate::engine::{headline, markdown};
use crate::model::clean::clean;
use crate::model::history::{BaseRefusal, History, UnitHistory};
use crate::model::id::ObjectId;
use crate::model::outcome::{Outcome, PullLink};
use crate::model::plan::{Plan, Unit};
use crate::model::report::{Report, closing_sentence, duration_text};

/// The filters that templates have beside those of minijinja.
const FILTERS: [&str; 11] = [
    "code", "text", "quote", "quiet", "words", "inert", "fence", "command", "cell", "wrap",
    "first_up",
];

/// The longest summary of an agent in the report, in characters.
const SUMMARY_SHOWN: usize = 300;

mod originals;
mod page;
mod pull;
mod replaced;

pub use self::originals::replaceable;
use self::originals::{PAGES, REPLACEABLE, RESEARCH};
pub use self::pull::{Delivery, Parts, Sibling, Size};
pub use self::replaced::Replacement;
use self::replaced::{Replaced, Sound};

/// A template could not be read or rendered.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("template {template}: {words}")]
pub struct TextError {
    /// The template's file name.
    pub template: String,
    /// What is wrong with it, and where.
    pub words: String,
    /// What would mend it.
    pub hint: Option<String>,
}

impl TextError {
    /// An error without a remedy.
    pub(in crate::engine) fn new(template: &str, words: String) -> Self {
        Self {
            template: template.to_owned(),
            words,
            hint: None,
        }
    }
}

/// Renders the templates.
#[derive(Debug, Clone)]
pub struct Texts {
    templates: Arc<Environment<'static>>,
    replaced: Arc<Replaced>,
}

/// The three files that a run leaves for its readers.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ReportTexts {
    /// `report.md`.
    pub markdown: String,
    /// `report.json`.
    pub json: String,
    /// `failures.md`.
    pub failures: String,
}

impl Texts {
    /// The embedded templates.
    ///
    /// # Errors
    /// [`TextError`] when a template does not parse; the embedded ones do.
    pub fn new() -> Result<Self, TextError> {
        let own = REPLACEABLE.iter().chain(&RESEARCH).chain(&PAGES);
        let named = own.flat_map(|(name, within, text)| [(*name, *text), (*within, *text)]);
        let templates = environment(&named.collect::<Vec<_>>())?;
        Ok(Self {
            templates: Arc::new(templates),
            replaced: Arc::default(),
        })
    }

    /// The same with these templates of the user's. On trial, whatever is wrong with one is an error; else the embedded
    /// one takes its place and [`Texts::complaints`] tells of it.
    #[must_use]
    pub fn replacing(&self, replacements: Vec<Replacement>, on_trial: bool) -> Self {
        Self {
            templates: Arc::clone(&self.templates),
            replaced: Arc::new(Replaced::new(replacements, on_trial)),
        }
    }

    /// What went wrong with the user's templates since this was asked last.
    #[must_use]
    pub fn complaints(&self) -> Vec<String> {
        self.replaced.complaints()
    }

    /// The message of a unit's commit: a subject of at most 72 characters, then the task. No word of it closes an issue.
    ///
    /// # Errors
    /// [`TextError`] when the template does not render.
    pub fn commit_message(&self, plan: &Plan, unit: &Unit) -> Result<String, TextError> {
        let message = self.sound(
            "commit-message.txt",
            context! {
                change => &plan.change.description,
                unit => of_unit(unit),
            },
            has_subject,
        )?;
        Ok(closings(&message))
    }

    /// The report and the failures log of a run as far as it has come.
    ///
    /// # Errors
    /// [`TextError`] when a template does not render.
    pub fn reports(&self, history: &History) -> Result<ReportTexts, TextError> {
        Ok(ReportTexts {
            markdown: self.report(history)?,
            json: self.report_json(history)?,
            failures: self.failures(history)?,
        })
    }

    /// `report.json`: the same for programs.
    ///
    /// # Errors
    /// [`TextError`] when a value has no JSON form; a report's have.
    pub fn report_json(&self, history: &History) -> Result<String, TextError> {
        let report = Report::of(history);
        let mut json = serde_json::to_string_pretty(&report)
            .map_err(|error| TextError::new("report.json", error.to_string()))?;
        json.push('\n');
        Ok(json)
    }

    /// `report.md`: the run and its units for people.
    ///
    /// # Errors
    /// [`TextError`] when the template does not render.
    pub fn report(&self, history: &History) -> Result<String, TextError> {
        let took = history.ended.and_then(|ended| {
            u64::try_from(ended.duration_since(history.started).as_millis()).ok()
        });
        self.sound(
            "report.md",
            context! {
                run => history.run.as_str(),
                change => &history.change,
                sentence => closing_sentence(history),
                base => of_base(&history.base.branch, &history.base.commit),
                started => second(history.started),
                ended => history.ended.map(second),
                took => duration_text(took.unwrap_or_default()),
                exit_code => history.exit_code,
                refusal => history.base_refused.as_ref().map(of_refusal),
                units => history.units.iter().map(row).collect::<Vec<_>>(),
                warnings => warnings(history),
                agents => history.units.iter().filter_map(of_agent).collect::<Vec<_>>(),
                waiting => history.units.iter().filter_map(waiting).collect::<Vec<_>>(),
                unfinished => history.unfinished().count(),
                stopped => was_stopped(history),
                failed => history.units.iter().any(|unit| matches!(unit.outcome, Some(Outcome::Failed(_)))),
                publish => publish(history),
                cost => history.spend().long(),
                research_cost => history.research.long(),
                units_cost => history.units.iter().any(|unit| !unit.spend.is_nothing()),
            },
            says_something,
        )
    }

    /// `failures.md`: each failed unit with what is needed to mend it; equal causes under one heading.
    ///
    /// # Errors
    /// [`TextError`] when the template does not render.
    pub fn failures(&self, history: &History) -> Result<String, TextError> {
        let red = history.base_refused.is_some();
        self.sound(
            "failures.md",
            context! {
                run => history.run.as_str(),
                change => &history.change,
                sentence => closing_sentence(history),
                base => of_base(&history.base.branch, &history.base.commit),
                refusal => history.base_refused.as_ref().map(of_refusal),
                several => history.unfinished().count() > 1,
                stopped => was_stopped(history),
                failures => Serde(failures::groups(history)),
                publish => publish(history),
                unpublished => history.units.iter().any(|unit| unit.unpublished().is_some()),
                lists => Serde(if red { Vec::new() } else { failures::lists(history) }),
            },
            says_something,
        )
    }

    pub(in crate::engine) fn render(&self, name: &str, values: Value) -> Result<String, TextError> {
        self.sound(name, values, |_| Ok(()))
    }

    /// The same, where not every text will do.
    fn sound(&self, name: &str, values: Value, sound: Sound) -> Result<String, TextError> {
        self.replaced.render(&self.templates, name, values, sound)
    }
}

/// An environment in which these templates see plain values and the filters of `markdown` and `headline`.
///
/// # Errors
/// [`TextError`] when a template does not parse.
pub(crate) fn environment(
    sources: &[(&'static str, &'static str)],
) -> Result<Environment<'static>, TextError> {
    let mut templates = Environment::new();
    // For the place of an error within its line, in every build.
    templates.set_debug(true);
    templates.set_undefined_behavior(UndefinedBehavior::Strict);
    templates.set_auto_escape_callback(|name| match name.rsplit_once('.') {
        Some((_, "html")) => AutoEscape::Html,
        Some(_) | None => AutoEscape::None,
    });
    let syntax = SyntaxConfig::builder()
        .trim_blocks(true)
        .lstrip_blocks(true)
        .build()
        .map_err(|error| broken("any", &error))?;
    templates.set_syntax(syntax);
    templates.add_filter("code", |text: &str| markdown::code(text));
    templates.add_filter("text", |text: &str| markdown::text(text));
    templates.add_filter("quote", |text: &str| markdown::quote(text));
    templates.add_filter("quiet", |text: &str| markdown::quiet(text));
    templates.add_filter("words", |text: &str| markdown::words(text));
    templates.add_filter("inert", |text: &str| markdown::inert(text));
    templates.add_filter("fence", |text: &str| markdown::fence(text));
    templates.add_filter("command", |text: &str| markdown::command(text));
    templates.add_filter("cell", |text: &str| markdown::cell(text));
    templates.add_filter("wrap", |text: &str, max: usize| headline::wrap(text, max));
    templates.add_filter("first_up", first_up);
    templates.add_function("headline", |change: &str, title: &str, max: usize| {
        let line = headline::headline(change, title, max);
        headline::cut(&closings(&line), max)
    });
    for (name, source) in sources {
        templates
            .add_template(name, source)
            .map_err(|error| broken(name, &error))?;
    }
    Ok(templates)
}

/// A template with its values in their places.
pub(crate) fn render(
    templates: &Environment<'_>,
    name: &str,
    values: Value,
) -> Result<String, TextError> {
    let text = templates
        .get_template(name)
        .and_then(|template| template.render(values))
        .map_err(|error| broken(name, &error))?;
    Ok(format!("{}\n", text.trim()))
}

/// A commit's subject is one line, and there is one.
fn has_subject(message: &str) -> Result<(), &'static str> {
    let mut lines = message.lines().map(str::trim);
    let subject = lines.next().unwrap_or_default();
    if subject.is_empty() {
        return Err("it renders to nothing: a commit needs a subject");
    }
    match lines.next() {
        None | Some("") => Ok(()),
        Some(_) => Err("the subject is its first line: an empty line must follow it"),
    }
}

/// A text that is there for its readers says something.
fn says_something(text: &str) -> Result<(), &'static str> {
    if text.trim().is_empty() {
        return Err("it renders to nothing");
    }
    Ok(())
}

fn broken(template: &str, error: &minijinja::Error) -> TextError {
    TextError::new(template, error.to_string())
}

/// The text with a capital first letter; the rest stays as it is.
fn first_up(text: &str) -> String {
    let mut chars = text.chars();
    match chars.next() {
        Some(first) => first.to_uppercase().chain(chars).collect(),
        None => String::new(),
    }
}

fn second(at: jiff::Timestamp) -> String {
    at.strftime("%Y-%m-%d %H:%M:%S UTC").to_string()
}

fn of_unit(unit: &Unit) -> Value {
    context! { id => unit.id.as_str(), title => &unit.title, task => &unit.task }
}

fn of_base(branch: &str, commit: &ObjectId) -> Value {
    context! { branch, short => commit.short() }
}

fn of_refusal(refusal: &BaseRefusal) -> Value {
    context! {
        what => refusal.what(),
        cause => &refusal.cause,
        log => &refusal.log,
        tail => refusal.tail.join("\n"),
    }
}

fn of_pull(pr: &PullLink) -> Value {
    context! { number => pr.number, url => &pr.url }
}

/// A line of the report's table.
fn row(unit: &UnitHistory) -> Value {
    context! {
        id => unit.id.as_str(),
        title => &unit.title,
        outcome => unit.outcome.as_ref().map_or("not finished", Outcome::as_str),
        pr => unit.pull().map(of_pull),
        files => unit.files.len(),
        took => unit.duration_ms().map(duration_text),
        cost => unit.spend.short(),
    }
}

/// Who was asked for a unit, and what they say of it.
fn of_agent(unit: &UnitHistory) -> Option<Value> {
    let summary = unit.summary.as_deref().unwrap_or_default();
    let agent = unit.agent.as_ref()?;
    Some(context! {
        id => unit.id.as_str(),
        agent,
        model => &unit.model,
        summary => headline::cut(&clean(summary), SUMMARY_SHOWN),
    })
}

/// A unit whose pull request is still to come, and why.
fn waiting(unit: &UnitHistory) -> Option<Value> {
    match unit.outcome.as_ref()? {
        Outcome::Pushed { reason, .. } => {
            let reason = reason.replace('\n', "; ");
            Some(context! { id => unit.id.as_str(), reason })
        }
        Outcome::Opened { .. }
        | Outcome::Unchanged
        | Outcome::Failed(_)
        | Outcome::Cancelled { .. } => None,
    }
}

/// The command that opens what is still to come.
fn publish(history: &History) -> String {
    let watch = if history.waits_for_caps() {
        " --watch"
    } else {
        ""
    };
    format!("batch prs publish {}{watch}", history.run)
}

fn warnings(history: &History) -> Vec<Value> {
    let of_run = history
        .warnings
        .iter()
        .map(|text| context! { unit => Value::from(()), text });
    let of_units = history.units.iter().flat_map(|unit| {
        unit.warnings
            .iter()
            .map(|text| context! { unit => unit.id.as_str(), text })
    });
    of_run.chain(of_units).collect()
}

/// Whether the user stopped units, which a resume goes on with.
fn was_stopped(history: &History) -> bool {
    history.open().any(|unit| unit.stopped)
}

#[cfg(test)]
#[expect(
    clippy::needless_raw_string_hashes,
    reason = "snapbox writes its snapshots so"
)]
mod tests;
