//! [`read`]: from the text of a plan file to a [`Plan`], or to all that is wrong with it.
//!
//! This file knows keys and types; what the values must be to each other is `check`'s.

use toml::de::DeTable;

use crate::model::base_tree::BaseTree;
use crate::model::change::{Change, Source};
use crate::model::glob::PathFilter;
use crate::model::id::UnitId;
use crate::model::plan::{Base, Plan, TestPolicy};
use crate::model::plan_file::commit::object_id;
use crate::model::plan_file::draft::{Draft, DraftExclusion, DraftUnit, Told};
use crate::model::plan_file::expression::{Expression, Judge};
use crate::model::plan_file::fields::{Fields, Lined};
use crate::model::plan_file::problem::{PlanProblems, Problems};
use crate::model::plan_file::{check, cost, maker};

/// The version of the plan format, and the only one that is read.
pub const VERSION: u64 = 1;

const TOP_KEYS: [&str; 13] = [
    "version",
    "setup",
    "test",
    "no-test",
    "end-to-end",
    "summary",
    "conventions",
    "notes",
    "change",
    "base",
    "research",
    "units",
    "excluded",
];
const CHANGE_KEYS: [&str; 9] = [
    "description",
    "agent",
    "model",
    "rewrite",
    "command",
    "from",
    "from-commit",
    "paths",
    "matching",
];
const BASE_KEYS: [&str; 2] = ["ref", "commit"];
const UNIT_KEYS: [&str; 16] = [
    "id",
    "title",
    "task",
    "paths",
    "context",
    "contracts",
    "constraints",
    "agent",
    "model",
    "rewrite",
    "command",
    "check",
    "after",
    "owner",
    "notes",
    "lines",
];

/// Reads a plan. With the files of its base, globs are expanded to them and scopes are checked against them; without,
/// a glob is a problem: what [`write`](super::write()) wrote has none. `judge` says what is wrong with an expression.
///
/// # Errors
/// [`PlanProblems`] names everything that is wrong, by line.
pub fn read(
    text: &str,
    tree: Option<&BaseTree<'_>>,
    judge: &dyn Fn(Expression<'_>) -> Result<(), String>,
) -> Result<Plan, PlanProblems> {
    let mut problems = Problems::of(text);
    let plan = draft(text, tree, judge, &mut problems)
        .and_then(|draft| check::plan(draft, tree, &mut problems));
    match plan {
        Some(plan) if problems.is_empty() => Ok(plan),
        _ => Err(problems.into_sorted()),
    }
}

/// Reads the base alone, which must be at hand before a plan with globs can be [`read`].
///
/// # Errors
/// [`PlanProblems`] when the base cannot be made out: everything that is wrong as far as it shows without the base.
pub fn base(text: &str) -> Result<Base, PlanProblems> {
    let mut problems = Problems::of(text);
    let draft = draft(text, None, &|_| Ok(()), &mut problems);
    draft
        .and_then(|draft| draft.base)
        .ok_or_else(|| problems.into_sorted())
}

/// The typed values of the file; none when there is no telling what they would mean.
fn draft(
    text: &str,
    tree: Option<&BaseTree<'_>>,
    judge: Judge<'_>,
    problems: &mut Problems,
) -> Option<Draft> {
    let (document, errors) = DeTable::parse_recoverable(text);
    // The first error by place: the parser may meet it late, and those after it are often its consequences.
    let place = |error: &toml::de::Error| error.span().map_or(0, |span| span.start);
    if let Some(error) = errors.iter().min_by_key(|error| place(error)) {
        let message = error.message().replace('\n', ", ");
        problems.add(problems.line_of(place(error)), message);
        return None;
    }
    let top = Fields::new("", 1, document.get_ref());
    version_fits(&top, problems).then(|| Draft {
        change: change(&top, tree, judge, problems),
        base: base_of(&top, problems),
        setup: top.said_text("setup", problems).map(|setup| setup.value),
        test: test(&top, problems),
        told: Told {
            end_to_end: top
                .said_text("end-to-end", problems)
                .map(|command| command.value),
            summary: top.said_text("summary", problems).map(|text| text.value),
            conventions: top.plain_texts("conventions", problems),
            research: cost::research(&top, problems),
        },
        notes: top.plain_texts("notes", problems),
        units: units(&top, judge, problems),
        excluded: excluded(&top, problems),
    })
}

/// Whether the rest can be judged: another version's keys may mean anything.
fn version_fits(top: &Fields<'_>, problems: &mut Problems) -> bool {
    if !top.has("version") {
        top.lacks("version", problems);
    }
    let version = top.count("version", problems);
    let Some(Lined { line, value: other }) = version.filter(|version| version.value != VERSION)
    else {
        top.refuse_others(&TOP_KEYS, problems);
        return true;
    };
    let message = if other > VERSION {
        format!("plan version {other} is newer than this program, which reads version {VERSION}")
    } else {
        format!("unknown plan version {other}: this program reads version {VERSION}")
    };
    problems.add(line, message);
    false
}

fn test(top: &Fields<'_>, problems: &mut Problems) -> TestPolicy {
    let command = top.said_text("test", problems);
    let none = top.flag("no-test", problems) == Some(true);
    if none && top.has("test") {
        let line = top.line_at("no-test", problems);
        problems.add(line, "`test` and `no-test` contradict each other");
    }
    match command {
        Some(command) => TestPolicy::Command(command.value),
        None if none => TestPolicy::None,
        None => TestPolicy::Undecided,
    }
}

fn base_of(top: &Fields<'_>, problems: &mut Problems) -> Option<Base> {
    let base = top.table("base", problems)?;
    base.refuse_others(&BASE_KEYS, problems);
    let branch = base.needed_text("ref", problems);
    let branch = branch.and_then(|Lined { line, value }| {
        let odd = |c: char| c.is_whitespace() || c.is_control();
        let fits = !value.starts_with('-') && !value.contains(odd);
        if !fits {
            let message = format!("`{}` is not the name of a branch", value.escape_debug());
            problems.add(line, message);
        }
        fits.then_some(value)
    });
    let commit = base.needed_text("commit", problems);
    let commit = commit.and_then(|text| object_id(&text, problems));
    Some(Base {
        branch: branch?,
        commit: commit?,
    })
}

fn change(
    top: &Fields<'_>,
    tree: Option<&BaseTree<'_>>,
    judge: Judge<'_>,
    problems: &mut Problems,
) -> Option<Change> {
    let change = top.table("change", problems)?;
    change.refuse_others(&CHANGE_KEYS, problems);
    let description = change.needed_text("description", problems);
    let agent = maker::agent(&change, problems);
    let source = maker::of_change(&change, agent.is_some(), judge, problems);
    if let Some(Source::From { .. }) = source
        && agent.is_some()
    {
        let line = change.line_at("agent", problems);
        problems.add(line, "a change that exists (`from`) needs no agent");
    }
    let paths = change.texts("paths", problems).map(|list| list.value);
    let paths = paths.unwrap_or_default();
    for path in &paths {
        let exists = |path: &_| tree.is_some_and(|tree| tree.contains(path));
        if let Err(error) = PathFilter::new(std::slice::from_ref(&path.value), exists) {
            problems.add(path.line, error.to_string());
        }
    }
    let matching = change.said_text("matching", problems);
    if let Some(matching) = &matching
        && let Err(why) = judge(Expression::Matching(&matching.value))
    {
        problems.add(matching.line, why);
    }
    Some(Change {
        description: description?.value,
        source: source?,
        agent,
        paths: paths.into_iter().map(|path| path.value).collect(),
        matching: matching.map(|matching| matching.value),
    })
}

fn units(top: &Fields<'_>, judge: Judge<'_>, problems: &mut Problems) -> Vec<DraftUnit> {
    let tables = top.tables("units", problems);
    if tables.as_ref().is_some_and(Vec::is_empty) || !top.has("units") {
        problems.add_overall("the plan has no units");
    }
    let tables = tables.unwrap_or_default().into_iter().enumerate();
    tables
        .map(|(at, table)| {
            let name = format!("unit {}", at + 1);
            unit(
                &name,
                &Fields::new("units", table.line, table.value),
                judge,
                problems,
            )
        })
        .collect()
}

fn excluded(top: &Fields<'_>, problems: &mut Problems) -> Vec<DraftExclusion> {
    let tables = top.tables("excluded", problems).unwrap_or_default();
    let excluded = tables.into_iter().map(|table| {
        let excluded = Fields::new("excluded", table.line, table.value);
        excluded.refuse_others(&["paths", "reason"], problems);
        if !excluded.has("paths") {
            excluded.lacks("paths", problems);
        }
        let paths = excluded.texts("paths", problems);
        DraftExclusion {
            paths: paths.map_or_else(Vec::new, |paths| paths.value),
            reason: excluded
                .needed_text("reason", problems)
                .map(|reason| reason.value),
        }
    });
    excluded.collect()
}

fn unit(name: &str, unit: &Fields<'_>, judge: Judge<'_>, problems: &mut Problems) -> DraftUnit {
    unit.refuse_others(&UNIT_KEYS, problems);
    if !unit.has("paths") {
        unit.lacks("paths", problems);
    }
    let id = unit.needed_text("id", problems);
    let id = id.and_then(|Lined { line, value }| {
        let id = UnitId::parse(&value).map_err(|why| problems.add(line, why));
        id.ok().map(|value| Lined { line, value })
    });
    DraftUnit {
        name: id
            .as_ref()
            .map_or_else(|| name.to_owned(), |id| format!("unit `{}`", id.value)),
        id,
        title: unit.needed_text("title", problems).map(|title| title.value),
        task: unit.needed_text("task", problems).map(|task| task.value),
        paths: unit.texts("paths", problems),
        context: unit.said_text("context", problems).map(|text| text.value),
        contracts: unit.plain_texts("contracts", problems),
        constraints: unit.plain_texts("constraints", problems),
        source: maker::of_unit(unit, judge, problems),
        agent: maker::agent(unit, problems),
        check: unit.said_text("check", problems).map(|check| check.value),
        after: unit
            .texts("after", problems)
            .map_or_else(Vec::new, |list| list.value),
        owner: unit.text("owner", problems).map(|owner| owner.value),
        notes: unit.plain_texts("notes", problems),
        lines: unit.count("lines", problems).map(|lines| lines.value),
    }
}
