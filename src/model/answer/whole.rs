//! The answer that a change should not be split: the change as one unit, and as a row of units that wait for each other.

use std::collections::HashSet;

use crate::model::answer::coverage;
use crate::model::answer::findings::Findings;
use crate::model::answer::names::Names;
use crate::model::answer::parts::{plan, refused, scopes, settled, unit};
use crate::model::answer::paths::Paths;
use crate::model::answer::proposal::{NotSplit, Terms};
use crate::model::answer::shape::{Answer, Part};
use crate::model::answer::texts::{REASON_MAX, TITLE_MAX, block, line};
use crate::model::id::{UNIT_ID_MAX, UnitId, slug};
use crate::model::plan::{Plan, Unit};
use crate::model::scope::{Entry, Ownership, Scope};

/// The advice in an answer that says `do-not-split`.
///
/// # Errors
/// All that is wrong with the answer.
pub(super) fn whole(
    answer: &Answer,
    terms: &Terms<'_>,
    mut findings: Findings,
) -> Result<NotSplit, Vec<String>> {
    let mut reason = block(&answer.reason, REASON_MAX);
    if reason.is_empty() {
        findings.mend(
            "`reason` does not say why the change should not be split",
            "research gave no reason",
        );
        "research gave no reason".clone_into(&mut reason);
    }
    let steps = steps(answer);
    let names = Names::of(&steps, &mut findings);
    let mut paths = Paths::new(terms.tree, terms.root);
    let mut scopes = scopes(&steps, &names, &mut paths, &mut findings);
    paths.without_made_up(&mut scopes, &mut findings);
    let mut units: Vec<Unit> = Vec::with_capacity(steps.len());
    for (at, (step, (_, entries))) in steps.iter().zip(scopes).enumerate() {
        let before = units.last().map(|unit| unit.id.clone());
        units.push(Unit {
            after: before.into_iter().collect(),
            ..unit(
                step,
                names.id(at),
                Scope::new(entries),
                terms,
                &mut findings,
            )
        });
    }
    let mut phases = plan(answer, units, terms, &mut paths, &mut findings);
    let whole = one_unit(&phases, terms);
    if whole.units[0].scope.entries().is_empty() {
        findings.wrong("the verdict is `do-not-split`: name in `phases` the steps, or the one step, with the paths that the change touches");
    }
    for refused in refused(&whole, terms.tree) {
        findings.wrong(refused);
    }
    let several = phases.units.len() > 1 && refused(&phases, terms.tree).is_empty();
    if several {
        coverage::cover(&mut phases, terms.tree, terms.candidates, &mut findings);
    }
    let whole = settled(whole, findings)?;
    phases.notes.clone_from(&whole.notes);
    Ok(NotSplit {
        reason,
        whole,
        phases: several.then_some(phases),
    })
}

/// The phases as units; where the agent wrote units instead, those.
fn steps(answer: &Answer) -> Vec<Part> {
    if answer.phases.is_empty() {
        return answer.units.clone();
    }
    let numbered = answer.phases.iter().zip(1..);
    let steps = numbered.map(|(phase, number)| {
        let stem = slug(&phase.title, UNIT_ID_MAX - 4);
        Part {
            // Numbered, so that their names tell the order, and two of the same title are two.
            id: format!("{number}-{stem}"),
            title: phase.title.clone(),
            task: phase.task.clone(),
            paths: phase.paths.clone(),
            context: String::new(),
            contracts: Vec::new(),
            constraints: Vec::new(),
            check: None,
            after: Vec::new(),
        }
    });
    steps.collect()
}

/// The change as one unit that owns what any phase does, and every candidate that is not excluded.
fn one_unit(phases: &Plan, terms: &Terms<'_>) -> Plan {
    let description = &terms.blank.change.description;
    let excluded = Scope::new(
        phases
            .excluded
            .iter()
            .flat_map(|list| list.scope.entries())
            .cloned(),
    );
    let id = UnitId::parse(&slug(description, UNIT_ID_MAX));
    let id = id.unwrap_or_else(|_| UnitId::parse("change").expect("a word is an id"));
    let excluded = Ownership::new([(&id, &excluded)]);
    let mut entries: Vec<Entry> = Vec::new();
    let mut seen = HashSet::new();
    let of_phases = phases.units.iter().flat_map(|unit| unit.scope.entries());
    for entry in of_phases {
        if seen.insert(entry.clone()) {
            entries.push(entry.clone());
        }
    }
    let scope = Scope::new(entries.iter().cloned());
    let owned = Ownership::new([(&id, &scope)]);
    let left = terms.candidates.iter().map(|candidate| &candidate.path);
    let left = left.filter(|path| owned.owner(path).is_none() && excluded.owner(path).is_none());
    entries.extend(left.map(|path| Entry::File(path.clone())));
    let mut task = description.clone();
    for (unit, number) in phases.units.iter().zip(1..) {
        task.push_str(&format!("\n\n{number}. {}: {}", unit.title, unit.task));
    }
    let unit = Unit::new(id, line(description, TITLE_MAX), task, Scope::new(entries));
    Plan {
        units: vec![unit],
        ..phases.clone()
    }
}
