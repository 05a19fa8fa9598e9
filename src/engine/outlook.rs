//! [`Outlook`]: what the rest of a run will take of time, money and disk, by what its first units really took. Pure: the
//! history tells of time and money, the caller has measured the worktrees.

use jiff::SignedDuration;

use crate::engine::forecast::{Experience, relative};
use crate::model::history::{History, UnitHistory};
use crate::model::id::UnitId;
use crate::model::order::Order;
use crate::model::outcome::Outcome;
use crate::model::spend::Spend;

/// What the rest will take.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Outlook {
    /// How many units are left.
    pub units: usize,
    /// How long they will take; none where no unit was done.
    pub time: Option<SignedDuration>,
    /// How many will be worked on at the same time.
    pub jobs: usize,
    /// What they will cost, beyond what was spent; none where none of them asks an agent, or none that did was done.
    pub spend: Option<Spend>,
    /// What their worktrees will take; none where that is not known.
    pub disk: Option<Disk>,
}

/// What worktrees take of a disk, in bytes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Disk {
    /// A worktree, as large as the largest one is.
    pub each: u64,
    /// How many there will be at the same time.
    pub worktrees: usize,
    /// What those that are not there yet will take.
    pub more: u64,
    /// What is free where they are; none where that is not known.
    pub free: Option<u64>,
}

/// The worktrees of a run as they are now.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Worktrees {
    /// The size of each in bytes.
    pub sizes: Vec<u64>,
    /// What is free where they are, in bytes.
    pub free: Option<u64>,
}

impl Outlook {
    /// What these units will take, so many of them at the same time.
    #[must_use]
    pub fn of(history: &History, rest: &[UnitId], jobs: usize, worktrees: &Worktrees) -> Self {
        let units: Vec<&UnitHistory> = history
            .units
            .iter()
            .filter(|unit| rest.contains(&unit.id))
            .collect();
        let jobs = jobs.max(1).min(units.len().max(1));
        Self {
            units: units.len(),
            time: time(history, &units, jobs),
            jobs,
            spend: spend(history, &units),
            disk: Disk::of(worktrees, jobs),
        }
    }
}

impl Disk {
    fn of(worktrees: &Worktrees, jobs: usize) -> Option<Self> {
        let each = *worktrees.sizes.iter().max()?;
        let more = jobs.saturating_sub(worktrees.sizes.len()) as u64;
        Some(Self {
            each,
            worktrees: jobs.max(worktrees.sizes.len()),
            more: each.saturating_mul(more),
            free: worktrees.free,
        })
    }

    /// Whether there is hardly room for them.
    #[must_use]
    pub fn is_short(&self) -> bool {
        self.free.is_some_and(|free| free < self.more)
    }
}

/// What units that ended took, in milliseconds: those that were done, or where there are none, all that were begun.
fn time(history: &History, rest: &[&UnitHistory], jobs: usize) -> Option<SignedDuration> {
    let ended = || {
        let units = history.units.iter();
        units.filter_map(|unit| Some((unit, unit.duration_ms()?)))
    };
    let done = |unit: &UnitHistory| match &unit.outcome {
        Some(Outcome::Opened { .. } | Outcome::Pushed { .. }) => true,
        Some(Outcome::Unchanged | Outcome::Failed(_) | Outcome::Cancelled { .. }) | None => false,
    };
    let mut told: Vec<_> = ended().filter(|(unit, _)| done(unit)).collect();
    if told.is_empty() {
        told = ended().collect();
    }
    let count = u64::try_from(told.len()).ok().filter(|count| *count > 0)?;
    let mean = told.iter().map(|(_, took)| took).sum::<u64>() / count;
    let lines: Vec<u64> = told.iter().filter_map(|(unit, _)| unit.lines).collect();
    let mean_lines = lines.iter().sum::<u64>().checked_div(lines.len() as u64);
    let takes: Vec<u64> = rest
        .iter()
        .map(|unit| scaled(mean, relative(unit.lines, mean_lines)))
        .collect();
    let order = Order::by_id(rest.iter().map(|unit| (&unit.id, unit.after.as_slice())));
    let ends = last_end(&takes, &order, jobs);
    Some(SignedDuration::from_millis(i64::try_from(ends).ok()?))
}

fn scaled(milliseconds: u64, factor: f64) -> u64 {
    #[expect(
        clippy::cast_precision_loss,
        clippy::cast_possible_truncation,
        clippy::cast_sign_loss,
        reason = "an estimate, and a factor between a half and three"
    )]
    let scaled = (milliseconds as f64 * factor) as u64;
    scaled
}

/// When the last unit ends, if each takes so long, begins in the plan's order once those before it are done, and so many
/// are at work at the same time.
fn last_end(takes: &[u64], order: &Order, jobs: usize) -> u64 {
    let mut ends: Vec<Option<u64>> = vec![None; takes.len()];
    let mut free = vec![0_u64; jobs.max(1)];
    loop {
        // The unit that can begin first; a circle would have none, and the plan has no circle.
        let ready = (0..takes.len()).filter(|&unit| ends[unit].is_none());
        let ready = ready.filter_map(|unit| {
            let parents = order.parents(unit).iter().map(|&parent| ends[parent]);
            let from = parents.collect::<Option<Vec<u64>>>()?;
            Some((from.into_iter().max().unwrap_or(0), unit))
        });
        let Some((from, unit)) = ready.min() else {
            return ends.into_iter().flatten().max().unwrap_or(0);
        };
        let slot = free.iter_mut().min().expect("there is one");
        *slot = (*slot).max(from).saturating_add(takes[unit]);
        ends[unit] = Some(*slot);
    }
}

fn spend(history: &History, rest: &[&UnitHistory]) -> Option<Spend> {
    let experience = Experience::of(history);
    let asking = rest.iter().filter(|unit| unit.asks);
    let told = asking.map(|unit| experience.estimate(unit.lines));
    let told = told.collect::<Option<Vec<Spend>>>()?;
    if told.is_empty() {
        return None;
    }
    let sum = told
        .into_iter()
        .fold(Spend::default(), |sum, one| sum + one);
    Some(Spend {
        estimated: true,
        ..sum
    })
}

#[cfg(test)]
mod tests;
