//! The canary: the few units that go first, before the user is asked about the others. Which ones they are, when they are
//! worth it, and how a go is parted by them. Pure; the approval shows them, the execution asks.

use std::collections::BTreeMap;
use std::num::NonZeroUsize;

use crate::engine::forecast::Forecast;
use crate::engine::go::Go;
use crate::engine::pool::BasePolicy;
use crate::model::foundation::waits_for;
use crate::model::history::{History, UnitHistory};
use crate::model::id::UnitId;
use crate::model::order::Order;
use crate::model::outcome::Outcome;
use crate::model::plan::Plan;
use crate::model::spend::Usd;

/// A plan of so many units is a large one.
const LARGE: usize = 10;

/// One that may cost so much is a costly one, and worth a canary from so many units on.
const COSTLY: (Usd, usize) = (Usd(10_000_000), 4);

/// So many units go first where the user names no number.
const USUAL: NonZeroUsize = NonZeroUsize::new(2).expect("two are not none");

/// How many units are advised to go first; none where the plan is neither large nor costly. `files` is how many files each
/// unit has.
#[must_use]
pub fn advised(plan: &Plan, files: &[usize]) -> Option<NonZeroUsize> {
    let (cost, least) = COSTLY;
    let units = plan.units.len();
    let may_cost = || Forecast::of(plan, files).and_then(|forecast| forecast.high.cost);
    let is_costly = || units >= least && may_cost().is_some_and(|most| most >= cost);
    (units >= LARGE || is_costly()).then_some(USUAL)
}

/// The units that go first, in the plan's order: so many, and none where that would be all of them.
///
/// They wait for no unit that does not go first itself. The one that the most others wait for is among them, for what
/// fails there costs the most. The others speak for the rest: each way to make the edits has its share of them, and of
/// each way they are of middling sizes, neither the smallest nor the largest.
#[must_use]
pub fn chosen(plan: &Plan, files: &[usize], count: NonZeroUsize) -> Vec<UnitId> {
    let units = &plan.units;
    if count.get() >= units.len() {
        return Vec::new();
    }
    let order = plan.order();
    let mut chosen: Vec<usize> = Vec::new();
    let awaited = |&unit: &usize| order.dependents(unit).count();
    let free = |unit: &usize| order.parents(*unit).is_empty();
    let most_awaited = (0..units.len())
        .filter(free)
        .rev()
        .max_by_key(awaited)
        .filter(|unit| awaited(unit) > 0);
    chosen.extend(most_awaited);
    let sizes = sizes(plan, files);
    while chosen.len() < count.get() {
        let left = count.get() - chosen.len();
        let more = spread(plan, &order, &sizes, &chosen, left);
        if more.is_empty() {
            break;
        }
        chosen.extend(more);
    }
    chosen.sort_unstable();
    chosen.into_iter().map(|at| units[at].id.clone()).collect()
}

/// How large each unit is: its lines, or what its files are taken for.
fn sizes(plan: &Plan, files: &[usize]) -> Vec<u64> {
    let size = |(at, unit): (usize, &crate::model::plan::Unit)| {
        let files = files.get(at).copied().unwrap_or(1) as u64;
        unit.lines.unwrap_or(files.saturating_mul(50))
    };
    plan.units.iter().enumerate().map(size).collect()
}

/// At most so many of the units that wait for none, or where there are no more of these, that can start once the chosen ones
/// are done; spread over makers and sizes.
fn spread(plan: &Plan, order: &Order, sizes: &[u64], chosen: &[usize], count: usize) -> Vec<usize> {
    let can_start = |unit: &usize| {
        !chosen.contains(unit)
            && order
                .parents(*unit)
                .iter()
                .all(|unit| chosen.contains(unit))
    };
    let can_start: Vec<usize> = (0..plan.units.len()).filter(can_start).collect();
    let free = |unit: &usize| order.parents(*unit).is_empty();
    let any_free = can_start.iter().any(free);
    let mut makers: BTreeMap<String, Vec<usize>> = BTreeMap::new();
    for unit in can_start {
        if any_free && !free(&unit) {
            continue;
        }
        let one = &plan.units[unit];
        let maker = format!("{:?} {:?}", plan.source_of(one), plan.agent_of(one));
        makers.entry(maker).or_default().push(unit);
    }
    let mut makers: Vec<Vec<usize>> = makers.into_values().collect();
    // Who makes the most has the first word.
    makers.sort_by_key(|units| (std::cmp::Reverse(units.len()), units[0]));
    let mut shares = vec![0; makers.len()];
    let mut left = count;
    while left > 0 {
        let before = left;
        for (share, units) in shares.iter_mut().zip(&makers) {
            if left > 0 && *share < units.len() {
                *share += 1;
                left -= 1;
            }
        }
        if left == before {
            break;
        }
    }
    let mut found = Vec::new();
    for (units, share) in makers.iter_mut().zip(shares) {
        units.sort_by_key(|unit| (sizes[*unit], *unit));
        // The middles of as many equal parts.
        found.extend((0..share).map(|at| units[(2 * at + 1) * units.len() / (2 * share)]));
    }
    found
}

/// A go in the two parts that the canary makes of it.
pub struct Parts {
    /// What the user has agreed to; may be empty.
    pub first: Go,
    /// What waits for the user's word; none where nothing does.
    pub rest: Option<Go>,
}

/// Parts a go by what its run's history holds back.
#[must_use]
pub fn parted(mut go: Go, history: &History) -> Parts {
    let held: Vec<&UnitId> = history.held_back().map(|unit| &unit.id).collect();
    let plan = go.plan.clone();
    let is_held = |unit: &crate::engine::go::UnitGo| held.contains(&&plan.units[unit.index].id);
    let (rest, first): (Vec<_>, Vec<_>) = go.units.into_iter().partition(is_held);
    let rest = (!rest.is_empty()).then(|| {
        let mut pool = go.pool;
        if !first.is_empty() {
            // It was proven for those that went first.
            pool.base = BasePolicy::Trust;
        }
        Go {
            run: go.run.clone(),
            plan: go.plan.clone(),
            units: rest,
            pool,
            rules: go.rules.clone(),
            plan_id: go.plan_id.clone(),
            template: go.template.clone(),
            files: go.files.clone(),
            cap: go.cap,
            stack: go.stack,
        }
    });
    go.units = first;
    Parts { first: go, rest }
}

/// What becomes of the rest without a word of the user's; none where they are to be asked.
#[must_use]
pub fn forbidden(history: &History, fail_fast: bool) -> Option<String> {
    if history.interrupted {
        return Some("interrupted".to_owned());
    }
    if let Some(refusal) = &history.base_refused {
        return Some(format!("the base does not pass {}", refusal.step));
    }
    let failed = failed(history).next()?;
    fail_fast.then(|| format!("{} failed, and --fail-fast was given", failed.id))
}

/// Those of the canary that did not come to what they should.
pub fn failed(history: &History) -> impl Iterator<Item = &UnitHistory> {
    let canary = history.canary.iter().filter_map(|id| history.unit(id));
    canary.filter(|unit| match &unit.outcome {
        Some(Outcome::Opened { .. } | Outcome::Unchanged) => false,
        Some(Outcome::Pushed { as_planned, .. }) => !as_planned,
        Some(Outcome::Failed(_) | Outcome::Cancelled { .. }) | None => true,
    })
}

/// Those of these units that wait for one which is not done and not among them, each with the reason; what they keep from
/// starting follows them.
#[must_use]
pub fn in_vain(history: &History, going: &[UnitId]) -> Vec<(UnitId, String)> {
    let mut left: Vec<&UnitId> = going.iter().collect();
    let mut found = Vec::new();
    loop {
        let blocked = left.iter().enumerate().find_map(|(at, id)| {
            let unit = history.unit(id)?;
            let missing = waits_for(unit, history);
            let missing = missing.into_iter().find(|unit| !left.contains(&&unit.id))?;
            Some((at, missing))
        });
        let Some((at, missing)) = blocked else {
            return found;
        };
        let how = match &missing.outcome {
            Some(Outcome::Failed(_)) => "failed",
            Some(
                Outcome::Cancelled { .. }
                | Outcome::Opened { .. }
                | Outcome::Pushed { .. }
                | Outcome::Unchanged,
            )
            | None => "was cancelled",
        };
        let reason = format!("waits for `{}`, which {how}", missing.id);
        found.push((left.remove(at).clone(), reason));
    }
}

#[cfg(test)]
mod tests;
