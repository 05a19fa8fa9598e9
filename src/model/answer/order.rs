//! Which units of an answer wait for which: names that mean no unit, and units that wait for each other in a circle.

use crate::model::answer::findings::Findings;
use crate::model::answer::names::Names;
use crate::model::answer::shape::Part;
use crate::model::order::Order;

/// For each unit the places of those before it, sorted; what goes round in a circle is a problem.
pub(super) fn order(parts: &[Part], names: &Names, findings: &mut Findings) -> Vec<Vec<usize>> {
    let before = parts.iter().enumerate();
    let before = before.map(|(at, part)| before_one(at, part, names, findings));
    let before: Vec<Vec<usize>> = before.collect();
    if let Some(circle) = circle(&before) {
        let ids: Vec<_> = circle
            .iter()
            .map(|&at| format!("`{}`", names.id(at)))
            .collect();
        findings.wrong(format!(
            "units wait for each other in a circle: {} waits for {}",
            ids.join(" waits for "),
            ids[0]
        ));
    }
    before
}

fn before_one(at: usize, part: &Part, names: &Names, findings: &mut Findings) -> Vec<usize> {
    let mut before = Vec::new();
    for name in &part.after {
        match names.place(name) {
            // A unit that waits for itself is a slip that means nothing.
            Some(other) if other == at => {}
            Some(other) => before.push(other),
            None => {
                let (id, written) = (names.id(at), name.escape_debug());
                let hint = names.hint(name);
                findings.mend(
                    format!("unit `{id}` waits for `{written}`, which is no unit{hint}"),
                    format!("research let `{id}` wait for `{written}`, which is no unit"),
                );
            }
        }
    }
    before.sort_unstable();
    before.dedup();
    before
}

/// Some circle, in the order of waiting.
fn circle(before: &[Vec<usize>]) -> Option<Vec<usize>> {
    let order = Order::new(before.to_vec());
    let start = (0..before.len()).find(|&unit| order.is_before(unit, unit))?;
    let mut path = vec![start];
    loop {
        let at = path[path.len() - 1];
        // Whoever has the start before itself is on a way back to it, though perhaps by another circle.
        let mut above = order.parents(at).iter().copied();
        let next = above.find(|&next| next == start || order.is_before(start, next))?;
        if let Some(begin) = path.iter().position(|&unit| unit == next) {
            return Some(path.split_off(begin));
        }
        path.push(next);
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::circle;
    use crate::model::order::Order;

    #[test]
    fn a_circle_is_found_and_a_diamond_is_none() {
        assert_eq!(circle(&[vec![1], vec![2], vec![0]]), Some(vec![0, 1, 2]));
        assert_eq!(circle(&[vec![1, 2], vec![3], vec![3], vec![]]), None);
        assert_eq!(circle(&[vec![], vec![2], vec![1]]), Some(vec![1, 2]));
    }

    proptest! {
        #[test]
        fn what_only_waits_for_earlier_ones_has_no_circle(edges in proptest::collection::vec((0usize..20, 0usize..20), 0..60)) {
            let mut before = vec![Vec::new(); 20];
            for (a, b) in edges {
                if a != b {
                    before[a.max(b)].push(a.min(b));
                }
            }
            prop_assert_eq!(circle(&before), None);
        }

        #[test]
        fn a_circle_is_named_whenever_there_is_one(edges in proptest::collection::vec((0usize..8, 0usize..8), 0..20)) {
            let mut before = vec![Vec::new(); 8];
            for (a, b) in edges {
                before[a].push(b);
            }
            let order = Order::new(before.clone());
            let found = circle(&before);
            prop_assert_eq!(found.is_some(), (0..8).any(|unit| order.is_before(unit, unit)));
            if let Some(circle) = found {
                for (at, unit) in circle.iter().enumerate() {
                    prop_assert!(before[*unit].contains(&circle[(at + 1) % circle.len()]));
                }
            }
        }
    }
}
