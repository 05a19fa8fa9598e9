//! What a unit that waits for others stands on: the delivered units whose commits it holds besides its own, as the run's
//! history tells it. Bases are made of them, and a pull request waits until they are merged.

use crate::model::history::{History, UnitHistory};
use crate::model::id::UnitId;
use crate::model::order::Order;
use crate::model::outcome::Outcome;

/// The delivered units that a unit stands on, in the plan's order. One that had nothing to change has no commit: those
/// that it waited for count in its place. Whose commit is in another one's already is left out.
#[must_use]
pub fn stands_on<'a>(unit: &UnitId, history: &'a History) -> Vec<&'a UnitHistory> {
    let units = &history.units;
    let order = Order::by_id(units.iter().map(|unit| (&unit.id, unit.after.as_slice())));
    let Some(at) = units.iter().position(|known| known.id == *unit) else {
        return Vec::new();
    };
    let mut seen = vec![false; units.len()];
    let mut open = order.parents(at).to_vec();
    let mut found = Vec::new();
    while let Some(at) = open.pop() {
        if std::mem::replace(&mut seen[at], true) {
            continue;
        }
        if is_delivered(&units[at]) {
            found.push(at);
        } else {
            open.extend(order.parents(at));
        }
    }
    found.sort_unstable();
    let is_within = |at: usize| found.iter().any(|&other| order.is_before(at, other));
    let outermost = found.iter().filter(|&&at| !is_within(at));
    outermost.map(|&at| &units[at]).collect()
}

/// The units that keep one from being started: those of its `after` that are not done.
#[must_use]
pub fn waits_for<'a>(unit: &UnitHistory, history: &'a History) -> Vec<&'a UnitHistory> {
    let parents = unit.after.iter().filter_map(|id| history.unit(id));
    parents.filter(|parent| !is_done(parent)).collect()
}

/// All units that must be done before one of these can be and are not, without these themselves, in the plan's order.
#[must_use]
pub fn missing_before<'a>(units: &[UnitId], history: &'a History) -> Vec<&'a UnitHistory> {
    let all = &history.units;
    let order = Order::by_id(all.iter().map(|unit| (&unit.id, unit.after.as_slice())));
    let wanted = |at: usize| units.contains(&all[at].id);
    let is_missing =
        |&at: &usize| !wanted(at) && !is_done(&all[at]) && order.dependents(at).any(wanted);
    let missing = (0..all.len()).filter(is_missing);
    missing.map(|at| &all[at]).collect()
}

/// The names of units in a sentence: "`a`, `b` and `c`".
#[must_use]
pub fn in_words<'a>(units: impl IntoIterator<Item = &'a UnitId>) -> String {
    let names: Vec<String> = units.into_iter().map(|id| format!("`{id}`")).collect();
    match names.split_last() {
        Some((last, before)) if !before.is_empty() => {
            format!("{} and {last}", before.join(", "))
        }
        Some(_) | None => names.concat(),
    }
}

fn is_delivered(unit: &UnitHistory) -> bool {
    let delivered = matches!(
        unit.outcome,
        Some(Outcome::Opened { .. } | Outcome::Pushed { .. })
    );
    delivered && unit.delivered.is_some()
}

fn is_done(unit: &UnitHistory) -> bool {
    unit.outcome
        .as_ref()
        .is_some_and(|outcome| !outcome.wants_rerun())
}

#[cfg(test)]
mod tests {
    use super::{in_words, missing_before, stands_on, waits_for};
    use crate::model::history::History;
    use crate::model::outcome::Outcome;
    use crate::model::sample;

    /// Units of which each waits for those of these numbers, with their outcomes.
    fn history(units: &[(&[usize], Option<Outcome>)]) -> History {
        let outcomes = units.iter().map(|(_, outcome)| outcome.clone()).collect();
        let mut history = sample::history(outcomes);
        for (unit, (after, _)) in history.units.iter_mut().zip(units) {
            let after = after.iter().map(|number| format!("unit-{number}"));
            unit.after = after.map(|id| sample::id(&id)).collect();
            if matches!(
                unit.outcome,
                Some(Outcome::Opened { .. } | Outcome::Pushed { .. })
            ) {
                unit.delivered = Some(sample::commit("d"));
            }
        }
        history
    }

    fn stands(history: &History, number: usize) -> String {
        let units = stands_on(&sample::id(&format!("unit-{number}")), history);
        in_words(units.into_iter().map(|unit| &unit.id))
    }

    #[test]
    fn a_unit_stands_on_the_delivered_ones_before_it() {
        let opened = || Some(sample::opened(1));
        let diamond = history(&[
            (&[], opened()),
            (&[1], opened()),
            (&[1], Some(sample::pushed())),
            (&[3, 2, 1], None),
        ]);
        assert_eq!(stands(&diamond, 1), "");
        assert_eq!(stands(&diamond, 2), "`unit-1`");
        // The commits of 2 and 3 hold that of 1.
        assert_eq!(stands(&diamond, 4), "`unit-2` and `unit-3`");
    }

    #[test]
    fn in_the_place_of_an_unchanged_one_count_those_before_it() {
        let opened = || Some(sample::opened(1));
        let chain = history(&[
            (&[], opened()),
            (&[1], Some(Outcome::Unchanged)),
            (&[2], None),
            (&[], Some(Outcome::Unchanged)),
            (&[4], None),
        ]);
        assert_eq!(stands(&chain, 3), "`unit-1`");
        assert_eq!(stands(&chain, 5), "");
    }

    #[test]
    fn what_a_unit_waits_for_is_what_is_not_done() {
        let broken = Some(sample::failed("broken", &[]));
        let run = history(&[
            (&[], broken),
            (&[1], Some(sample::cancelled())),
            (&[2, 4], None),
            (&[], Some(Outcome::Unchanged)),
        ]);
        let ids =
            |units: Vec<&super::UnitHistory>| in_words(units.into_iter().map(|unit| &unit.id));
        assert_eq!(ids(waits_for(&run.units[2], &run)), "`unit-2`");
        let wanted = |number: usize| [sample::id(&format!("unit-{number}"))];
        assert_eq!(
            ids(missing_before(&wanted(3), &run)),
            "`unit-1` and `unit-2`"
        );
        assert_eq!(ids(missing_before(&wanted(1), &run)), "");
        let both = [sample::id("unit-2"), sample::id("unit-1")];
        assert_eq!(ids(missing_before(&both, &run)), "");
    }

    #[test]
    fn names_are_joined_as_in_a_sentence() {
        let ids = ["a", "b", "c"].map(sample::id);
        assert_eq!(in_words(&ids), "`a`, `b` and `c`");
        assert_eq!(in_words(&ids[..1]), "`a`");
    }
}
