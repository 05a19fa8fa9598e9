//! From the parts of an answer to units and their plan, whichever verdict they belong to. `judge` and `whole` call it.

use crate::model::answer::coverage;
use crate::model::answer::findings::Findings;
use crate::model::answer::names::Names;
use crate::model::answer::paths::Paths;
use crate::model::answer::proposal::Terms;
use crate::model::answer::shape::{Answer, Part};
use crate::model::answer::texts::{
    REASON_MAX, TASK_MAX, TITLE_MAX, block, command, items, line, optional,
};
use crate::model::base_tree::BaseTree;
use crate::model::counted::counted;
use crate::model::id::UnitId;
use crate::model::plan::{Plan, Unit};
use crate::model::scope::{Entry, Refused, Scope};

/// How many entries that break the ownership rule are told.
const REFUSED_TOLD: usize = 20;

pub(super) fn settled(mut plan: Plan, findings: Findings) -> Result<Plan, Vec<String>> {
    plan.notes.extend(findings.settle()?);
    Ok(plan)
}

pub(super) fn scopes(
    parts: &[Part],
    names: &Names,
    paths: &mut Paths<'_>,
    findings: &mut Findings,
) -> Vec<(String, Vec<Entry>)> {
    let scopes = parts.iter().enumerate().map(|(at, part)| {
        let whose = format!("unit `{}`", names.id(at));
        let entries = paths.entries(&whose, &part.paths, findings);
        (whose, entries)
    });
    scopes.collect()
}

/// A unit without what it waits for.
pub(super) fn unit(
    part: &Part,
    id: &UnitId,
    scope: Scope,
    terms: &Terms<'_>,
    findings: &mut Findings,
) -> Unit {
    let title = line(&part.title, TITLE_MAX);
    let title = if title.is_empty() {
        id.to_string()
    } else {
        title
    };
    let mut task = block(&part.task, TASK_MAX);
    if task.is_empty() {
        findings.mend(
            format!("unit `{id}` has no task"),
            format!("research gave `{id}` no task of its own"),
        );
        task = format!("{}: the part in {title}.", terms.blank.change.description);
    }
    Unit {
        context: optional(&part.context, TASK_MAX),
        contracts: items(&part.contracts),
        constraints: items(&part.constraints),
        check: command(
            &format!("the check of unit `{id}`"),
            part.check.as_ref(),
            findings,
        ),
        ..Unit::new(id.clone(), title, task, scope)
    }
}

pub(super) fn plan(
    answer: &Answer,
    units: Vec<Unit>,
    terms: &Terms<'_>,
    paths: &mut Paths<'_>,
    findings: &mut Findings,
) -> Plan {
    Plan {
        end_to_end: command(
            "end_to_end_check",
            answer.end_to_end_check.as_ref(),
            findings,
        ),
        summary: optional(&answer.summary, REASON_MAX),
        conventions: items(&answer.conventions),
        units,
        excluded: coverage::exclusions(&answer.exclusions, paths, terms.tree, findings),
        ..terms.blank.clone()
    }
}

/// What breaks the ownership rule, the first in full.
pub(super) fn refused(plan: &Plan, tree: &BaseTree<'_>) -> Vec<String> {
    let refused = plan.ownership().problems(tree);
    let told = refused.iter().take(REFUSED_TOLD).map(Refused::to_string);
    let mut told: Vec<String> = told.collect();
    if let Some(more) = refused
        .len()
        .checked_sub(REFUSED_TOLD)
        .filter(|&more| more > 0)
    {
        told.push(format!("and so for {}", counted(more, "more path")));
    }
    told
}
