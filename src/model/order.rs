//! [`Order`]: which units wait for which, as `after` says it: parents, ancestors, waves. Pure counting; that no unit waits
//! for itself is for `plan_file` to say. Ownership, the plan's view, signs and the dispatcher ask it.

use std::collections::HashMap;

use crate::model::id::UnitId;

/// Who waits for whom, by the units' places.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Order {
    parents: Vec<Vec<usize>>,
    /// A row of bits a unit: those that come before it, however far. Empty where nobody waits.
    before: Vec<Vec<u64>>,
}

impl Order {
    /// The order of units of which each names those before it; an id that none of them has is left out.
    #[must_use]
    pub fn by_id<'a>(units: impl Iterator<Item = (&'a UnitId, &'a [UnitId])> + Clone) -> Self {
        let places: HashMap<&UnitId, usize> = units.clone().map(|(id, _)| id).zip(0..).collect();
        let parents = units.map(|(_, after)| {
            let known = after.iter().filter_map(|id| places.get(id).copied());
            known.collect()
        });
        Self::new(parents.collect())
    }

    /// The order of units of which each has these parents, by place.
    #[must_use]
    pub fn new(parents: Vec<Vec<usize>>) -> Self {
        let mut order = Self {
            parents,
            before: Vec::new(),
        };
        for known in &mut order.parents {
            known.sort_unstable();
            known.dedup();
        }
        if order.is_flat() {
            return order;
        }
        let words = order.parents.len().div_ceil(64);
        for unit in 0..order.parents.len() {
            let mut row = vec![0; words];
            let mut open = order.parents[unit].clone();
            while let Some(at) = open.pop() {
                if !bit(&row, at) {
                    row[at / 64] |= 1 << (at % 64);
                    open.extend(&order.parents[at]);
                }
            }
            order.before.push(row);
        }
        order
    }

    /// Whether no unit waits for another.
    #[must_use]
    pub fn is_flat(&self) -> bool {
        self.parents.iter().all(Vec::is_empty)
    }

    /// The units that one waits for directly, in the plan's order.
    #[must_use]
    pub fn parents(&self, unit: usize) -> &[usize] {
        &self.parents[unit]
    }

    /// Whether `first` must be done before `second` can start, directly or by way of others.
    #[must_use]
    pub fn is_before(&self, first: usize, second: usize) -> bool {
        self.before.get(second).is_some_and(|row| bit(row, first))
    }

    /// Whether one of two units waits for the other, so that they never change a path at the same time.
    #[must_use]
    pub fn are_related(&self, one: usize, other: usize) -> bool {
        self.is_before(one, other) || self.is_before(other, one)
    }

    /// All units that wait for one, directly or by way of others, in the plan's order.
    pub fn dependents(&self, unit: usize) -> impl Iterator<Item = usize> {
        (0..self.parents.len()).filter(move |&other| self.is_before(unit, other))
    }

    /// All units that one waits for, directly or by way of others, in the plan's order.
    pub fn ancestors(&self, unit: usize) -> impl Iterator<Item = usize> {
        (0..self.parents.len()).filter(move |&other| self.is_before(other, unit))
    }

    /// The wave that each unit can start in, counted from 1: a unit's is the one after the last of its parents'.
    #[must_use]
    pub fn waves(&self) -> Vec<usize> {
        let mut waves = vec![0; self.parents.len()];
        for start in 0..waves.len() {
            let mut open = vec![start];
            while let Some(&at) = open.last() {
                // What comes before itself as well waits for nothing: there is no wave for a circle.
                let parents = self.parents[at].iter().copied();
                let mut parents =
                    parents.filter(|&above| !self.is_before(at, above) && above != at);
                if let Some(above) = parents.clone().find(|&above| waves[above] == 0) {
                    open.push(above);
                } else {
                    let last = parents.by_ref().map(|above| waves[above]).max();
                    waves[at] = last.unwrap_or(0) + 1;
                    open.pop();
                }
            }
        }
        waves
    }

    /// The longest chain of units that wait for each other, the first to start first.
    #[must_use]
    pub fn longest_chain(&self) -> Vec<usize> {
        let waves = self.waves();
        let mut wave = waves.iter().copied().max().unwrap_or(0);
        let mut next = waves.iter().position(|&of| of == wave);
        let mut chain = Vec::new();
        while let Some(at) = next {
            chain.push(at);
            wave -= 1;
            let parents = self.parents[at].iter().copied();
            next = parents
                .filter(|_| wave > 0)
                .find(|&above| waves[above] == wave);
        }
        chain.reverse();
        chain
    }
}

fn bit(row: &[u64], at: usize) -> bool {
    row[at / 64] & (1 << (at % 64)) != 0
}

#[cfg(test)]
mod tests {
    use super::Order;

    fn order(parents: &[&[usize]]) -> Order {
        Order::new(parents.iter().map(|parents| parents.to_vec()).collect())
    }

    #[test]
    fn who_comes_before_is_known_however_far() {
        // A diamond with a tail, and one apart.
        let order = order(&[&[], &[0], &[0, 0], &[2, 1], &[3], &[]]);
        assert_eq!(order.ancestors(4).collect::<Vec<_>>(), [0, 1, 2, 3]);
        assert_eq!(order.dependents(0).collect::<Vec<_>>(), [1, 2, 3, 4]);
        assert_eq!(order.parents(3), [1, 2]);
        assert!(order.is_before(0, 4) && !order.is_before(4, 0));
        assert!(!order.are_related(1, 2) && order.are_related(3, 0));
        assert!(!order.are_related(5, 0) && !order.are_related(0, 0));
        assert_eq!(order.waves(), [1, 2, 2, 3, 4, 1]);
        assert_eq!(order.longest_chain(), [0, 1, 3, 4]);
    }

    #[test]
    fn without_order_all_start_at_once() {
        let flat = order(&[&[], &[]]);
        assert!(flat.is_flat() && !flat.are_related(0, 1));
        assert_eq!(flat.waves(), [1, 1]);
        assert_eq!(order(&[]).longest_chain(), Vec::<usize>::new());
    }

    #[test]
    fn a_circle_is_counted_to_an_end() {
        let order = order(&[&[1], &[0], &[2], &[1]]);
        assert!(order.is_before(0, 0) && order.are_related(0, 1));
        assert_eq!(order.waves(), [1, 1, 1, 2]);
    }

    #[test]
    fn long_chains_are_counted_without_a_stack() {
        let parents = (0_usize..3000).map(|at| at.checked_sub(1).into_iter().collect());
        let order = Order::new(parents.collect());
        assert_eq!(order.waves()[2999], 3000);
        assert!(order.is_before(0, 2999));
    }
}
