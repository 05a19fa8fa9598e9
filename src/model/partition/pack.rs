//! Cuts the sequence of blocks into the runs that cost least: dynamic programming over the sequence.
//!
//! The cost of a run is the sum of these, in units of [`ONE`] (a run of twice the mean size costs one):
//!
//! - *size*: (weight / mean − 1)², and up to one more for less than a quarter of the mean; nothing for a single file
//!   heavier than twice the mean, which no cut can help. Such files and their parts are left out of the mean, or one of
//!   them would make every finer cut look uneven;
//! - *broken folder*: up to [`BROKEN`] for a cut through a folder that could be whole: in full up to 1.5 times the
//!   mean, nothing from three times on;
//! - *ragged edge*: up to [`RAGGED`] for each side on which the run ends within a folder while reaching out of it,
//!   in full where the folder that holds the run is four times the mean or more;
//! - *owners*: [`MIXED`] for each owner after the first, up to [`OWNERS_MAX`] owners.
//!
//! More parts than wanted cost [`TOO_MANY`] times the relative distance, and fewer [`TOO_FEW`] times its square: a few
//! parts fewer for whole folders' sake are welcome, half as many are not.

use super::atoms::Atoms;

/// The unit of costs, and the mean weight in scaled sums.
const ONE: u64 = 1 << 20;
/// The price of cutting a folder that could be whole.
const BROKEN: u64 = 6 * ONE;
/// The price of an end within a folder that the run reaches out of.
const RAGGED: u64 = 7 * ONE / 4;
/// The price of each further owner.
const MIXED: u64 = 3 * ONE;
/// Beyond so many owners of one run, more cost nothing more.
const OWNERS_MAX: usize = 5;
/// The price of twice the wanted number of parts; below [`MIXED`] for each part as soon as more than one is wanted.
const TOO_MANY: u64 = 3 * ONE;
/// The price of no part where some are wanted.
const TOO_FEW: u64 = 16 * ONE;
/// A run this far off the mean is as bad as can be; its square and all sums of it fit.
const OFF_MAX: u64 = 1000 * ONE;
/// More than any partition costs, and small enough for one more run to be added.
const IMPOSSIBLE: u64 = u64::MAX / 2;
/// After so many elementary steps the best number of parts so far is taken.
const STEPS_MAX: usize = 100_000_000;

/// A folder that a boundary or a block lies in.
#[derive(Debug, Clone, Copy)]
struct Holder {
    depth: usize,
    weight: u64,
}

/// The blocks with all that their cost depends on.
struct Blocks {
    /// The weight before each block, and of all.
    before: Vec<u64>,
    /// Whether a block is one atom, which may be heavier than the limit.
    single: Vec<bool>,
    /// The weights of those, the heaviest first.
    singles: Vec<u64>,
    /// The outermost folder that a boundary within the block lies in.
    inner: Vec<Option<Holder>>,
    /// The owners within each block.
    owners: Vec<Vec<usize>>,
    owner_count: usize,
    /// The folder in which the boundary before each block lies; for the two ends, one outside of everything.
    boundary: Vec<Holder>,
}

/// Cuts the blocks that end at `ends` into `wanted` runs, or another number between `least` and `most`; returns the
/// number of blocks before the end of each run.
pub(super) fn pack(
    atoms: &Atoms,
    ends: &[usize],
    wanted: usize,
    (least, most): (usize, usize),
) -> Vec<usize> {
    let blocks = Blocks::new(atoms, ends);
    let mut best: Option<(u64, Vec<usize>)> = None;
    let mut steps = 0;
    for distance in 0..=most - least {
        let fewer = wanted.checked_sub(distance);
        for count in fewer.into_iter().chain([wanted + distance]) {
            let off = off_count(count, wanted);
            let dearer = best.as_ref().is_some_and(|(cost, _)| off >= *cost);
            if !(least..=most).contains(&count) || dearer || steps > STEPS_MAX {
                continue;
            }
            let table = Table::new(&blocks, count);
            steps += table.costs.len() * count;
            let (cost, cuts) = table.cheapest();
            let cost = cost + off;
            if best.as_ref().is_none_or(|(least, _)| cost < *least) {
                best = Some((cost, cuts));
            }
        }
    }
    best.expect("the wanted number is within the bounds").1
}

impl Blocks {
    fn new(atoms: &Atoms, ends: &[usize]) -> Self {
        let holder = |a: usize, b: usize| {
            let folder = &atoms.tree.folders[atoms.tree.common_folder(a, b)];
            Holder {
                depth: folder.depth,
                weight: atoms.weight(folder.first..folder.end),
            }
        };
        let outside = Holder {
            depth: 0,
            weight: u64::MAX,
        };
        let mut blocks = Self {
            before: vec![0],
            single: Vec::new(),
            singles: Vec::new(),
            inner: Vec::new(),
            owners: Vec::new(),
            owner_count: atoms.owner_count,
            boundary: vec![outside],
        };
        let mut start = 0;
        for &end in ends {
            if start > 0 {
                blocks.boundary.push(holder(start - 1, start));
            }
            blocks.before.push(atoms.weight(0..end));
            blocks.single.push(end == start + 1);
            if end == start + 1 {
                blocks.singles.push(atoms.weight(start..end));
            }
            let inner = (start + 1..end).map(|atom| holder(atom - 1, atom));
            blocks.inner.push(inner.min_by_key(|holder| holder.depth));
            blocks
                .owners
                .push(atoms.distinct_owners(start..end, OWNERS_MAX));
            start = end;
        }
        blocks.boundary.push(outside);
        blocks.singles.sort_unstable_by(|a, b| b.cmp(a));
        blocks
    }

    fn len(&self) -> usize {
        self.single.len()
    }
}

/// The cost of each run that is not too heavy, for one number of parts.
struct Table {
    count: usize,
    /// For each end, where the longest run that ends there starts.
    from: Vec<usize>,
    /// For each end, where the costs of its runs are, from the longest on.
    offset: Vec<usize>,
    costs: Vec<u64>,
}

impl Table {
    fn new(blocks: &Blocks, count: usize) -> Self {
        let scale = Scale::new(blocks, count);
        let before: Vec<u64> = blocks
            .before
            .iter()
            .map(|&weight| scale.of(weight))
            .collect();
        let cut: Vec<u64> = blocks
            .boundary
            .iter()
            .map(|holder| scale.broken(*holder))
            .collect();
        let mut table = Self {
            count,
            from: vec![0],
            offset: vec![0],
            costs: Vec::new(),
        };
        let mut seen = vec![0; blocks.owner_count];
        for end in 1..=blocks.len() {
            let offset = table.costs.len();
            let mut start = end - 1;
            let mut run = RunCost::default();
            loop {
                run.extend(blocks, &scale, start, end, &mut seen);
                let is_single = start + 1 == end && blocks.single[start];
                let size = match before[end] - before[start] {
                    scaled if is_single && scaled > 2 * ONE => 0,
                    scaled => size_cost(scaled),
                };
                table
                    .costs
                    .push(size + cut[start] + run.edges_and_owners(blocks, start, end));
                if start == 0 || blocks.before[end] - blocks.before[start - 1] > scale.limit {
                    break;
                }
                start -= 1;
            }
            table.costs[offset..].reverse();
            table.from.push(start);
            table.offset.push(offset);
        }
        table
    }

    fn runs_to(&self, end: usize) -> &[u64] {
        &self.costs[self.offset[end]..self.offset[end] + (end - self.from[end])]
    }

    /// The least cost of cutting everything into exactly the number of parts, and the ends of the parts.
    fn cheapest(&self) -> (u64, Vec<usize>) {
        let len = self.from.len() - 1;
        let mut layers = vec![vec![IMPOSSIBLE; len + 1]];
        layers[0][0] = 0;
        for parts in 1..=self.count {
            let before = &layers[parts - 1];
            let mut layer = vec![IMPOSSIBLE; len + 1];
            for end in parts..=len - (self.count - parts) {
                let sums = before[self.from[end]..end].iter().zip(self.runs_to(end));
                layer[end] = sums.map(|(a, b)| a + b).fold(IMPOSSIBLE, u64::min);
            }
            layers.push(layer);
        }
        let cost = layers[self.count][len];
        assert!(
            cost < IMPOSSIBLE,
            "a cut into any number of parts up to that of blocks exists"
        );
        let mut cuts = vec![len];
        let mut end = len;
        for parts in (1..self.count).rev() {
            let goal = layers[parts + 1][end];
            let sums = layers[parts][self.from[end]..end]
                .iter()
                .zip(self.runs_to(end));
            let start = sums.map(|(a, b)| a + b).position(|sum| sum == goal);
            end = self.from[end] + start.expect("the least sum is one of the sums");
            cuts.push(end);
        }
        cuts.reverse();
        (cost, cuts)
    }
}

/// Weights in relation to the mean part.
struct Scale {
    /// The weight of all but the files heavier than twice the mean.
    rest: u128,
    /// The number of parts but theirs.
    count: u128,
    /// What no part of several atoms may exceed: twice the mean.
    limit: u64,
}

impl Scale {
    fn new(blocks: &Blocks, count: usize) -> Self {
        let all = u128::from(blocks.before[blocks.len()]);
        let limit = u64::try_from(2 * all / count as u128).unwrap_or(u64::MAX);
        let (mut rest, mut count) = (all, count as u128);
        for &weight in &blocks.singles {
            let weight = u128::from(weight);
            if count == 1 || weight * count <= 2 * rest {
                break;
            }
            rest -= weight;
            count -= 1;
        }
        Self {
            rest: rest.max(1),
            count,
            limit,
        }
    }

    /// A weight in which the mean part has [`ONE`].
    fn of(&self, weight: u64) -> u64 {
        let scaled = u128::from(weight) * self.count * u128::from(ONE) / self.rest;
        u64::try_from(scaled).unwrap_or(u64::MAX)
    }

    /// The price of a cut in that folder.
    fn broken(&self, holder: Holder) -> u64 {
        let spare = (3 * ONE).saturating_sub(self.of(holder.weight));
        spare.min(3 * ONE / 2) * (BROKEN / ONE) * 2 / 3
    }

    /// The price of a ragged edge of a run within that folder.
    fn ragged(&self, holder: Holder) -> u64 {
        RAGGED / 4 * self.of(holder.weight).min(4 * ONE) / ONE
    }
}

/// The price of another number of parts than the wanted one.
fn off_count(count: usize, wanted: usize) -> u64 {
    let distance = count.abs_diff(wanted) as u64;
    let wanted_parts = wanted as u64;
    if count > wanted {
        TOO_MANY * distance / wanted_parts
    } else {
        TOO_FEW * distance * distance / (wanted_parts * wanted_parts)
    }
}

fn size_cost(scaled: u64) -> u64 {
    let off = scaled.abs_diff(ONE).min(OFF_MAX);
    off * off / ONE + (ONE / 4).saturating_sub(scaled) * 4
}

/// What is known of a run that grows to the left.
#[derive(Default)]
struct RunCost {
    /// The folder that holds the run.
    holder: Option<Holder>,
    /// The price of a ragged edge within it.
    ragged: u64,
    owners: usize,
}

impl RunCost {
    /// Takes in the block at `start`.
    fn extend(
        &mut self,
        blocks: &Blocks,
        scale: &Scale,
        start: usize,
        end: usize,
        seen: &mut [usize],
    ) {
        let joint = (start + 1 < end).then(|| blocks.boundary[start + 1]);
        for holder in [blocks.inner[start], joint].into_iter().flatten() {
            if self
                .holder
                .is_none_or(|outermost| holder.depth < outermost.depth)
            {
                self.holder = Some(holder);
                self.ragged = scale.ragged(holder);
            }
        }
        for &owner in &blocks.owners[start] {
            if seen[owner] != end {
                seen[owner] = end;
                self.owners += 1;
            }
        }
    }

    fn edges_and_owners(&self, blocks: &Blocks, start: usize, end: usize) -> u64 {
        let mut cost = 0;
        if let Some(holder) = self.holder {
            let edges = [blocks.boundary[start], blocks.boundary[end]];
            let ragged = edges
                .iter()
                .filter(|edge| edge.depth > holder.depth)
                .count();
            cost += self.ragged * ragged as u64;
        }
        let further = self.owners.clamp(1, OWNERS_MAX) - 1;
        cost + MIXED * further as u64
    }
}
