//! From a [`Draft`] to a [`Plan`]: its units must fit each other. Scopes are `owned`'s, `after` is `waits`'.

use std::collections::HashMap;

use crate::model::base_tree::BaseTree;
use crate::model::id::UnitId;
use crate::model::plan::{Plan, Unit};
use crate::model::plan_file::draft::{Draft, DraftUnit};
use crate::model::plan_file::problem::Problems;
use crate::model::plan_file::{owned, waits};
use crate::model::scope::Scope;

/// The plan that a draft makes, if no part is missing; it is sound if no problem was noted.
pub(super) fn plan(
    draft: Draft,
    tree: Option<&BaseTree<'_>>,
    problems: &mut Problems,
) -> Option<Plan> {
    let Draft {
        change,
        base,
        setup,
        test,
        told,
        notes,
        units,
        excluded,
    } = draft;
    check_ids(&units, problems);
    let order = waits::check(&units, problems);
    let scopes = units.iter().zip(1..).map(|(unit, number)| {
        let owned = owned::by_unit(unit, tree, problems);
        (id_or_stand_in(unit, number), owned)
    });
    let scopes: Vec<_> = scopes.collect();
    let scopes = owned::check(&scopes, order, tree, problems);
    let units = units
        .into_iter()
        .zip(scopes)
        .map(finished)
        .collect::<Option<_>>();
    Some(Plan {
        setup,
        test,
        end_to_end: told.end_to_end,
        summary: told.summary,
        conventions: told.conventions,
        research: told.research,
        excluded: owned::excluded(excluded, tree, problems),
        notes,
        ..Plan::new(change?, base?, units?)
    })
}

fn finished((draft, scope): (DraftUnit, Scope)) -> Option<Unit> {
    let after = draft.after.iter();
    Some(Unit {
        context: draft.context,
        contracts: draft.contracts,
        constraints: draft.constraints,
        source: draft.source,
        agent: draft.agent,
        check: draft.check,
        after: after
            .map(|id| UnitId::parse(&id.value).ok())
            .collect::<Option<_>>()?,
        owner: draft.owner,
        notes: draft.notes,
        lines: draft.lines,
        ..Unit::new(draft.id?.value, draft.title?, draft.task?, scope)
    })
}

fn check_ids(units: &[DraftUnit], problems: &mut Problems) {
    let mut lines = HashMap::new();
    for id in units.iter().filter_map(|unit| unit.id.as_ref()) {
        if let Some(first) = lines.insert(&id.value, id.line) {
            let message = format!("the unit at line {first} is called `{}` already", id.value);
            problems.add(id.line, message);
        }
    }
}

/// The id; for a unit without a right one, a name that messages can use, since its scope counts all the same.
fn id_or_stand_in(unit: &DraftUnit, number: usize) -> UnitId {
    let stand_in = || UnitId::parse(&format!("unit-{number}")).expect("a word and a number");
    unit.id
        .as_ref()
        .map_or_else(stand_in, |id| id.value.clone())
}
