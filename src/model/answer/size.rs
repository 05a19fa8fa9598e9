//! Sizes of the units of an answer: one far above the median makes the run and its review last as long as it does.

use std::collections::HashSet;

use crate::model::answer::findings::Findings;
use crate::model::answer::names::unique;
use crate::model::answer::texts::{TITLE_MAX, line};
use crate::model::base_tree::BaseTree;
use crate::model::id::UnitId;
use crate::model::partition::{Bounds, Candidate, partition};
use crate::model::plan::{Plan, Unit};
use crate::model::scope::{Entry, Scope};
use crate::model::signs::TIMES_MEDIAN;

/// Of fewer units none is far from the others.
const UNITS_FEW: usize = 3;

/// Asks for a better split of units far above the median, once; afterwards those of given candidates are split here.
pub(super) fn even(
    plan: &mut Plan,
    tree: &BaseTree<'_>,
    candidates: &[Candidate],
    max: usize,
    findings: &mut Findings,
) {
    let sizes = sizes(plan, tree, candidates);
    let mut sorted = sizes.clone();
    sorted.sort_unstable();
    let median = sorted.get(sorted.len().saturating_sub(1) / 2).copied();
    let Some(median) = median.filter(|&median| median > 0 && sizes.len() >= UNITS_FEW) else {
        return;
    };
    let large = |&at: &usize| sizes[at] >= median.saturating_mul(TIMES_MEDIAN);
    let large: Vec<usize> = (0..sizes.len()).filter(large).collect();
    let what = if candidates.is_empty() {
        "files"
    } else {
        "lines"
    };
    // From the last one on, so that the places of the others stay.
    for at in large.into_iter().rev() {
        let (id, size) = (plan.units[at].id.clone(), sizes[at]);
        if findings.advises() {
            findings.advise(format!(
                "unit `{id}` has {size} {what}, where the median of the units is {median}: split it along a boundary"
            ));
            continue;
        }
        let slots = (max + 1).saturating_sub(plan.units.len());
        let wanted = usize::try_from(size.div_ceil(median.saturating_mul(3))).unwrap_or(usize::MAX);
        if let Some(parts) = split(plan, at, candidates, wanted.min(slots)) {
            findings.note(format!(
                "research's unit `{id}` had {size} {what}, where the median was {median}; it was split by folders into {parts}"
            ));
        }
    }
}

/// The lines of each unit's candidates; without candidates, its files.
fn sizes(plan: &Plan, tree: &BaseTree<'_>, candidates: &[Candidate]) -> Vec<u64> {
    let ownership = plan.ownership();
    if candidates.is_empty() {
        let counts = ownership.file_counts(tree.files());
        return counts.into_iter().map(|count| count as u64).collect();
    }
    let mut sizes = vec![0_u64; plan.units.len()];
    for candidate in candidates {
        for unit in ownership.owners_at(&candidate.path) {
            sizes[unit] = sizes[unit].saturating_add(candidate.weight.max(1));
        }
    }
    sizes
}

/// Puts parts in a unit's place, and says how many; none when it cannot be split.
fn split(plan: &mut Plan, at: usize, candidates: &[Candidate], wanted: usize) -> Option<usize> {
    let ownership = plan.ownership();
    let own: Vec<Candidate> = candidates
        .iter()
        .filter(|candidate| ownership.owners_at(&candidate.path).contains(&at))
        .cloned()
        .collect();
    let bounds = Bounds::new(wanted, wanted).ok().filter(|_| wanted > 1)?;
    let parts = partition(&own, &[], bounds).parts;
    if parts.len() < 2 {
        return None;
    }
    let whole = plan.units[at].clone();
    let mut taken: HashSet<String> = plan.units.iter().map(|unit| unit.id.to_string()).collect();
    let units = parts.iter().enumerate().map(|(number, part)| {
        let files = part.files.iter().map(|&file| own[file].path.clone());
        let scope = match number {
            // What is no candidate, and what is made anew, stays with the first.
            0 => rest_of(
                &whole.scope,
                parts[1..]
                    .iter()
                    .flat_map(|part| &part.files)
                    .map(|&file| &own[file]),
            ),
            _ => Scope::of_files(files),
        };
        Unit {
            id: unique(&format!("{}-{}", whole.id, part.id), &mut taken),
            title: line(&format!("{}: {}", whole.title, part.title), TITLE_MAX),
            task: format!(
                "{}\n\nOf this, only the part in {}: other units do the rest.",
                whole.task, part.title
            ),
            scope,
            owner: part.owner.clone(),
            lines: Some(part.weight),
            ..whole.clone()
        }
    });
    let units: Vec<Unit> = units.collect();
    let ids: Vec<UnitId> = units.iter().map(|unit| unit.id.clone()).collect();
    plan.units.splice(at..=at, units);
    for unit in &mut plan.units {
        let after = unit.after.drain(..);
        let after = after.flat_map(|id| {
            if id == whole.id {
                ids.clone()
            } else {
                vec![id]
            }
        });
        unit.after = after.collect();
    }
    Some(parts.len())
}

/// The scope, and those of its files that no other part has.
fn rest_of<'a>(scope: &Scope, others: impl Iterator<Item = &'a Candidate>) -> Scope {
    let others: HashSet<_> = others.map(|candidate| &candidate.path).collect();
    let entries = scope.entries().iter();
    Scope::new(
        entries
            .filter(|entry| !matches!(entry, Entry::File(path) if others.contains(path)))
            .cloned(),
    )
}
