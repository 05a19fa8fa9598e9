//! [`partition`]: from candidates to parts. The steps are the other files' work.

use std::collections::HashMap;
use std::ops::Range;

use super::atoms::Atoms;
use super::candidate::Candidate;
use super::count::Bounds;
use super::name::Names;
use super::{grain, pack};
use crate::model::counted::counted;
use crate::model::id::UnitId;

/// A change of fewer files is small.
const FILES_FEW: usize = 10;
/// A change of fewer lines is small.
const LINES_FEW: u64 = 100;
/// So many owners of a part are named; of the others only the number.
const OWNERS_NAMED: usize = 3;

/// The files of one unit to be.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Part {
    /// Readable, and no other part's.
    pub id: UnitId,
    /// What it covers, in at most 60 characters.
    pub title: String,
    /// Indices of candidates, in tree order.
    pub files: Vec<usize>,
    /// The owners of its files, those of the most files first, at most three and how many more.
    pub owner: Option<String>,
    /// The sum of its files' weights.
    pub weight: u64,
}

/// All candidates, each in one part.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Partition {
    /// The parts, in tree order.
    pub parts: Vec<Part>,
    /// What a reader of the plan should know.
    pub remarks: Vec<String>,
}

/// Cuts candidates into parts. Each of `ties` is a group of indices that stay together; the
/// [module](super) says what else is promised.
///
/// # Panics
/// When a tie names a candidate that does not exist.
#[must_use]
pub fn partition(candidates: &[Candidate], ties: &[Vec<usize>], bounds: Bounds) -> Partition {
    if candidates.is_empty() {
        return Partition::default();
    }
    let atoms = Atoms::new(candidates, ties);
    let lines = atoms.weight(0..atoms.len());
    let least = bounds.min().min(atoms.len());
    let most = bounds.max().min(atoms.len());
    let wanted = bounds.wanted(atoms.len(), lines).min(most);
    let ends = grain::blocks(&atoms, most);
    let cuts = pack::pack(&atoms, &ends, wanted, (least, most));

    let mut names = Names::new(&atoms, candidates);
    let mut parts = Vec::with_capacity(cuts.len());
    let mut start = 0;
    for cut in cuts {
        let range = start..ends[cut - 1];
        start = range.end;
        let (id, title) = names.name(range.clone());
        parts.push(Part {
            id,
            title,
            files: atoms.members(range.clone()).to_vec(),
            owner: owners(candidates, &atoms, range.clone()),
            weight: atoms.weight(range),
        });
    }
    Partition {
        parts,
        remarks: remarks(candidates.len(), atoms.len(), lines, bounds),
    }
}

/// The distinct owners of a range, as a reviewer reads them.
fn owners(candidates: &[Candidate], atoms: &Atoms, range: Range<usize>) -> Option<String> {
    let mut files: HashMap<&str, usize> = HashMap::new();
    for &member in atoms.members(range) {
        for owner in candidates[member]
            .owner
            .iter()
            .flat_map(|owner| owner.split_whitespace())
        {
            *files.entry(owner).or_default() += 1;
        }
    }
    let mut owners: Vec<(&str, usize)> = files.into_iter().collect();
    owners.sort_unstable_by(|a, b| b.1.cmp(&a.1).then(a.0.cmp(b.0)));
    let mut named: Vec<String> = owners
        .iter()
        .take(OWNERS_NAMED)
        .map(|(owner, _)| (*owner).to_owned())
        .collect();
    if owners.len() > OWNERS_NAMED {
        named.push(format!("+{}", owners.len() - OWNERS_NAMED));
    }
    (!named.is_empty()).then(|| named.join(" "))
}

fn remarks(files: usize, atoms: usize, lines: u64, bounds: Bounds) -> Vec<String> {
    let mut remarks = Vec::new();
    if atoms < bounds.min() {
        let tied = if atoms < files {
            " that can be separated"
        } else {
            ""
        };
        remarks.push(format!(
            "{}{tied}: {}, fewer than the minimum of {}",
            counted(atoms, "file"),
            counted(atoms, "unit"),
            bounds.min()
        ));
    }
    if files < FILES_FEW || lines < LINES_FEW {
        remarks.push(format!(
            "{} and {}: one pull request may serve better",
            counted(files, "file"),
            counted(lines, "line")
        ));
    }
    remarks
}
