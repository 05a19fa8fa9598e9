//! Which units of an answer wait for which: names that mean no unit, and units that wait for each other in a circle.

use crate::model::answer::findings::Findings;
use crate::model::answer::names::Names;
use crate::model::answer::shape::Part;

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

/// How far a walk has come with a unit.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Walked {
    Not,
    OnPath,
    Through,
}

/// Some circle, in the order of waiting; a walk with a stack of its own, since chains can be long.
fn circle(before: &[Vec<usize>]) -> Option<Vec<usize>> {
    let mut walked = vec![Walked::Not; before.len()];
    for start in 0..before.len() {
        let mut path: Vec<(usize, usize)> = Vec::new();
        let mut next = Some(start).filter(|_| walked[start] == Walked::Not);
        while let Some(at) = next {
            walked[at] = Walked::OnPath;
            path.push((at, 0));
            next = None;
            while let Some((at, followed)) = path.last_mut() {
                let at = *at;
                let Some(&other) = before[at].get(*followed) else {
                    walked[at] = Walked::Through;
                    path.pop();
                    continue;
                };
                *followed += 1;
                match walked[other] {
                    Walked::Through => {}
                    Walked::Not => {
                        next = Some(other);
                        break;
                    }
                    Walked::OnPath => {
                        let units = path.iter().map(|&(unit, _)| unit);
                        return Some(units.skip_while(|&unit| unit != other).collect());
                    }
                }
            }
        }
    }
    None
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::circle;

    #[test]
    fn a_circle_is_found_and_a_diamond_is_none() {
        assert_eq!(circle(&[vec![1], vec![2], vec![0]]), Some(vec![0, 1, 2]));
        assert_eq!(circle(&[vec![1, 2], vec![3], vec![3], vec![]]), None);
        assert_eq!(circle(&[vec![], vec![2], vec![1]]), Some(vec![1, 2]));
        let chain: Vec<Vec<usize>> = (0..100_000)
            .map(|at| if at == 0 { vec![] } else { vec![at - 1] })
            .collect();
        assert_eq!(circle(&chain), None);
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
    }
}
