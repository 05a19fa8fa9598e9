//! [`Atoms`]: what a part is made of. Single candidates and tied groups in tree order, with weights and owners.

use std::collections::HashMap;
use std::ops::Range;

use super::candidate::Candidate;
use super::ties::Groups;
use super::tree::Tree;
use crate::model::path::RepoPath;

/// What one candidate counts for at most; beyond it sums could overflow.
const WEIGHT_MAX: u64 = 1 << 40;

/// Who owns something, as far as mixing goes: what nobody owns can be with anybody.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Owner {
    Nobody,
    One(usize),
    Several,
}

impl Owner {
    /// Who owns this and that together.
    pub(super) fn and(self, other: Self) -> Self {
        match (self, other) {
            (Self::Nobody, owner) | (owner, Self::Nobody) => owner,
            (Self::One(a), Self::One(b)) if a == b => self,
            (Self::One(_) | Self::Several, Self::One(_) | Self::Several) => Self::Several,
        }
    }
}

/// The atoms of a change, in tree order.
#[derive(Debug)]
pub(super) struct Atoms {
    /// The folders of the atoms' homes; its positions are those of atoms.
    pub(super) tree: Tree,
    /// The weight of all atoms before each, and of all.
    weight_before: Vec<u64>,
    /// The candidates, each atom's in tree order.
    members: Vec<usize>,
    /// Where each atom's members begin, and their end.
    starts: Vec<usize>,
    /// The owner of each candidate, as a number.
    owners: Vec<Option<usize>>,
    /// The candidate that each atom is at home with.
    homes: Vec<usize>,
    /// How many owners there are.
    pub(super) owner_count: usize,
}

impl Atoms {
    /// Joins candidates as the ties and the ownership rule demand. An atom is at home where its heaviest member is.
    ///
    /// # Panics
    /// When a tie names a candidate that does not exist.
    pub(super) fn new(candidates: &[Candidate], ties: &[Vec<usize>]) -> Self {
        let paths: Vec<&RepoPath> = candidates.iter().map(|candidate| &candidate.path).collect();
        let tree = Tree::new(&paths);
        let mut groups = Groups::new(&paths, &tree, ties);
        let Arranged {
            tree,
            homes,
            members,
            starts,
        } = if groups.any() {
            Arranged::in_groups(candidates, &tree, &mut groups)
        } else {
            Arranged::alone(tree)
        };
        let mut weight_before = Vec::with_capacity(starts.len());
        let mut weight = 0;
        weight_before.push(weight);
        for range in starts.windows(2) {
            let atom = &members[range[0]..range[1]];
            weight += atom
                .iter()
                .map(|&member| counted(&candidates[member]))
                .sum::<u64>();
            weight_before.push(weight);
        }
        let (owners, owner_count) = number_owners(candidates);
        Self {
            tree,
            weight_before,
            members,
            starts,
            owners,
            homes,
            owner_count,
        }
    }

    /// How many atoms there are.
    pub(super) fn len(&self) -> usize {
        self.starts.len() - 1
    }

    /// The candidate that each atom is at home with.
    pub(super) fn homes(&self) -> &[usize] {
        &self.homes
    }

    /// The weight of a range of atoms.
    pub(super) fn weight(&self, range: Range<usize>) -> u64 {
        self.weight_before[range.end] - self.weight_before[range.start]
    }

    /// The candidates in a range of atoms.
    pub(super) fn members(&self, range: Range<usize>) -> &[usize] {
        &self.members[self.starts[range.start]..self.starts[range.end]]
    }

    /// The distinct owners in a range of atoms, as numbers; at most `max`, those met first.
    pub(super) fn distinct_owners(&self, range: Range<usize>, max: usize) -> Vec<usize> {
        let mut distinct = Vec::new();
        for &member in self.members(range) {
            if let Some(owner) = self.owners[member]
                && !distinct.contains(&owner)
            {
                distinct.push(owner);
                if distinct.len() == max {
                    break;
                }
            }
        }
        distinct
    }

    /// Who owns an atom.
    pub(super) fn owner(&self, atom: usize) -> Owner {
        self.members(atom..atom + 1)
            .iter()
            .map(|&member| self.owners[member].map_or(Owner::Nobody, Owner::One))
            .fold(Owner::Nobody, Owner::and)
    }
}

/// What a candidate counts for.
fn counted(candidate: &Candidate) -> u64 {
    candidate.weight.clamp(1, WEIGHT_MAX)
}

/// Atoms in the order of the tree of their homes.
struct Arranged {
    tree: Tree,
    homes: Vec<usize>,
    members: Vec<usize>,
    starts: Vec<usize>,
}

impl Arranged {
    /// Each candidate is an atom.
    fn alone(tree: Tree) -> Self {
        Self {
            homes: tree.order.clone(),
            members: tree.order.clone(),
            starts: (0..=tree.order.len()).collect(),
            tree,
        }
    }

    /// Each group is an atom, its members in the order of `tree`, which is that of all candidates.
    fn in_groups(candidates: &[Candidate], tree: &Tree, groups: &mut Groups) -> Self {
        let mut number_of = HashMap::new();
        let mut atoms: Vec<Vec<usize>> = Vec::new();
        for &candidate in &tree.order {
            let number = *number_of.entry(groups.of(candidate)).or_insert(atoms.len());
            match atoms.get_mut(number) {
                Some(members) => members.push(candidate),
                None => atoms.push(vec![candidate]),
            }
        }
        let heaviest = |a: usize, b: usize| {
            let heavier = counted(&candidates[b]) > counted(&candidates[a]);
            if heavier { b } else { a }
        };
        let homes: Vec<usize> = atoms
            .iter()
            .map(|members| {
                members
                    .iter()
                    .copied()
                    .reduce(heaviest)
                    .expect("an atom has members")
            })
            .collect();
        let paths: Vec<&RepoPath> = homes.iter().map(|&home| &candidates[home].path).collect();
        let tree = Tree::new(&paths);
        let mut members = Vec::with_capacity(candidates.len());
        let mut starts = vec![0];
        for &atom in &tree.order {
            members.extend(&atoms[atom]);
            starts.push(members.len());
        }
        Self {
            homes: tree.order.iter().map(|&atom| homes[atom]).collect(),
            tree,
            members,
            starts,
        }
    }
}

/// Gives each distinct owner a number.
fn number_owners(candidates: &[Candidate]) -> (Vec<Option<usize>>, usize) {
    let mut numbers: HashMap<&str, usize> = HashMap::new();
    let owners = candidates
        .iter()
        .map(|candidate| {
            let owner = candidate.owner.as_deref()?;
            let next = numbers.len();
            Some(*numbers.entry(owner).or_insert(next))
        })
        .collect();
    (owners, numbers.len())
}
