//! Gathers the atoms of a large change into blocks, so that packing costs no more than for a small one.
//!
//! A block is a whole folder or a run of siblings, at most a quarter of the lightest mean part. It decides nothing
//! that shows: only where within such a run a cut could be.

use super::atoms::{Atoms, Owner};

/// With so many atoms or fewer, each is a block; with more, there are at most so many blocks.
const BLOCKS_MAX: usize = 640;

/// For each unit there may be, at least so many blocks; a block is then at most a quarter of the mean.
const BLOCKS_FOR_EACH_UNIT: usize = 16;

/// What a block must respect.
#[derive(Debug, Clone, Copy)]
enum Respect {
    FoldersAndOwners,
    Folders,
    Nothing,
}

/// Where each block ends, for up to `units` parts.
pub(super) fn blocks(atoms: &Atoms, units: usize) -> Vec<usize> {
    let max = BLOCKS_MAX.max(units * BLOCKS_FOR_EACH_UNIT);
    if atoms.len() <= max {
        return (1..=atoms.len()).collect();
    }
    let all = atoms.weight(0..atoms.len());
    let coarsest = (all / max as u64).saturating_mul(4).max(1);
    let owners = folder_owners(atoms);
    for respect in [Respect::FoldersAndOwners, Respect::Folders] {
        let mut grain = 1;
        while grain <= coarsest {
            if let Some(blocks) = gather(atoms, &owners, grain, max, respect) {
                return blocks;
            }
            grain *= 2;
        }
    }
    // Only a tree of hundreds of folders, each with a little of its own and almost all in the next, comes here.
    let mut grain = 1;
    loop {
        if let Some(blocks) = gather(atoms, &owners, grain, max, Respect::Nothing) {
            return blocks;
        }
        grain *= 2;
    }
}

/// Who owns all that is below each folder.
fn folder_owners(atoms: &Atoms) -> Vec<Owner> {
    let folders = &atoms.tree.folders;
    let mut owners = vec![Owner::Nobody; folders.len()];
    for index in (0..folders.len()).rev() {
        let own = (folders[index].first..folders[index].own_end).map(|atom| atoms.owner(atom));
        owners[index] = own.fold(owners[index], Owner::and);
        let parent = folders[index].parent;
        owners[parent] = owners[parent].and(owners[index]);
    }
    owners
}

/// A run of siblings that still grows.
struct Run {
    blocks: Vec<usize>,
    end: usize,
    weight: u64,
    owner: Owner,
}

impl Run {
    fn close(&mut self) {
        if self.weight > 0 {
            self.blocks.push(self.end);
        }
        self.weight = 0;
        self.owner = Owner::Nobody;
    }
}

/// Gathers siblings up to `grain`; `None` when that gives more than `max` blocks.
fn gather(
    atoms: &Atoms,
    owners: &[Owner],
    grain: u64,
    max: usize,
    respect: Respect,
) -> Option<Vec<usize>> {
    let folders = &atoms.tree.folders;
    let (by_folder, by_owner) = match respect {
        Respect::FoldersAndOwners => (true, true),
        Respect::Folders => (true, false),
        Respect::Nothing => (false, false),
    };
    let mut run = Run {
        blocks: Vec::new(),
        end: 0,
        weight: 0,
        owner: Owner::Nobody,
    };
    let add = |run: &mut Run, end: usize, owner: Owner| {
        let weight = atoms.weight(run.end..end);
        let mixes = by_owner && run.owner.and(owner) == Owner::Several;
        if run.weight + weight > grain || mixes {
            run.close();
        }
        run.weight += weight;
        run.owner = run.owner.and(owner);
        run.end = end;
    };
    let mut index = 0;
    let mut siblings_of = 0;
    while index < folders.len() {
        let folder = &folders[index];
        if by_folder && folder.parent != siblings_of {
            run.close();
            siblings_of = folder.parent;
        }
        let light = atoms.weight(folder.first..folder.end) <= grain;
        let unmixed = !by_owner || owners[index] != Owner::Several;
        if light && unmixed {
            add(&mut run, folder.end, owners[index]);
            index = folder.next;
        } else {
            if by_folder {
                run.close();
                siblings_of = index;
            }
            for atom in folder.first..folder.own_end {
                add(&mut run, atom + 1, atoms.owner(atom));
                if run.blocks.len() > max {
                    return None;
                }
            }
            index += 1;
        }
        if run.blocks.len() > max {
            return None;
        }
    }
    run.close();
    (run.blocks.len() <= max).then_some(run.blocks)
}
