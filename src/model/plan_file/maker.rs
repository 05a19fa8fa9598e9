//! What makes the edits: the keys `agent`, `model`, `rewrite`, `command` and `from` of the change and of its units.

use crate::model::agent::AgentChoice;
use crate::model::change::Source;
use crate::model::plan_file::commit::object_id;
use crate::model::plan_file::expression::{Expression, Judge};
use crate::model::plan_file::fields::Fields;
use crate::model::plan_file::problem::Problems;

/// The name that stands for the first agent that is found.
pub(super) const FIRST_FOUND: &str = "auto";

/// The agent and its model, as far as the table names them.
pub(super) fn agent(table: &Fields<'_>, problems: &mut Problems) -> Option<AgentChoice> {
    let name = table.said_text("agent", problems).map(|name| name.value);
    let model = table.said_text("model", problems).map(|model| model.value);
    (name.is_some() || model.is_some()).then(|| AgentChoice {
        name: name.filter(|name| name != FIRST_FOUND),
        model,
    })
}

/// What makes a change's edits.
pub(super) fn of_change(
    change: &Fields<'_>,
    has_agent: bool,
    judge: Judge<'_>,
    problems: &mut Problems,
) -> Option<Source> {
    let from = change.said_text("from", problems);
    let commit = change.said_text("from-commit", problems);
    let commit = commit.and_then(|text| object_id(&text, problems));
    if change.has("from") != change.has("from-commit") {
        let message = "`change.from` and `change.from-commit` belong together";
        problems.add(change.line, message);
    }
    let codemod = codemod(change, &["rewrite", "command", "from"], judge, problems);
    if codemod.is_some() {
        return codemod;
    }
    if change.has("from") || change.has("from-commit") {
        return Some(Source::From {
            name: from?.value,
            commit: commit?,
        });
    }
    if has_agent {
        return Some(Source::Agent);
    }
    if !["rewrite", "command", "agent", "model"]
        .iter()
        .any(|key| change.has(key))
    {
        let message =
            "nothing makes the change: one of `agent`, `rewrite`, `command`, `from` is needed";
        problems.add(change.line, message);
    }
    None
}

/// What makes a unit's edits, where it says so itself.
pub(super) fn of_unit(
    unit: &Fields<'_>,
    judge: Judge<'_>,
    problems: &mut Problems,
) -> Option<Source> {
    codemod(unit, &["rewrite", "command"], judge, problems)
}

fn codemod(
    table: &Fields<'_>,
    keys: &[&str],
    judge: Judge<'_>,
    problems: &mut Problems,
) -> Option<Source> {
    let rewrites = table.texts("rewrite", problems);
    let command = table.said_text("command", problems);
    for rewrite in rewrites.iter().flat_map(|list| &list.value) {
        if let Err(why) = judge(Expression::Rewrite(&rewrite.value)) {
            problems.add(rewrite.line, why);
        }
    }
    if let Some(list) = rewrites.as_ref().filter(|list| list.value.is_empty()) {
        let message = format!("`{}` is empty", table.path_of("rewrite"));
        problems.add(list.line, message);
    }
    let given: Vec<_> = keys.iter().copied().filter(|key| table.has(key)).collect();
    if given.len() > 1 {
        let message = format!("only one of `{}` can make a change", given.join("`, `"));
        problems.add(table.line_at(given[1], problems), message);
    }
    if let Some(rewrites) = rewrites {
        let texts = rewrites.value.into_iter().map(|rewrite| rewrite.value);
        return Some(Source::Rewrite(texts.collect()));
    }
    command.map(|command| Source::Command(command.value))
}
