//! The moving part of the display as text: a line for each busy slot, and one for the whole.
//!
//! Pure: a function of the history and the time. [`super::bars`] puts the lines on the screen.

use std::fmt::Write as _;

use jiff::Timestamp;

use crate::cli::style::{Look, Tone, clean};
use crate::engine::forecast::corrected;
use crate::model::foundation::waits_for;
use crate::model::history::{History, UnitHistory};
use crate::model::outcome::Step;
use crate::model::report::{Summary, clock_text};
use crate::model::spend::tokens_text;

/// Columns of the bar, brackets aside.
const BAR: usize = 12;

/// Columns of what a unit cost: `~$12.34`, `120k tokens`.
const COST: usize = 7;

/// Ids are cut to this many columns, so that step and time stay in sight at 80.
pub(super) const ID_MAX: usize = 40;

/// The lines of busy slots, by slot; before the first unit, the line of the base.
pub(super) fn slots(history: &History, now: Timestamp) -> Vec<String> {
    let column = id_column(history);
    if let Some((step, since)) = history.base_step {
        return vec![line("base", column, step.as_str(), since, now)];
    }
    let mut busy: Vec<_> = history
        .units
        .iter()
        .filter_map(|unit| Some((unit.slot?, unit)))
        .collect();
    busy.sort_by_key(|(slot, _)| *slot);
    let costs = busy.iter().any(|(_, unit)| !unit.spend.is_nothing());
    let busy = busy.into_iter().map(|(_, unit)| {
        let (step, since) = unit
            .step
            .unwrap_or((Step::Prepare, unit.started.unwrap_or(now)));
        let mut line = line(unit.id.as_str(), column, step.as_str(), since, now);
        if costs {
            let cost = unit.spend.short().unwrap_or_default();
            let _ = write!(line, "  {cost:>COST$}");
        }
        if let Some(activity) = &unit.activity {
            let _ = write!(line, "  {}", clean(activity));
        }
        line
    });
    let pauses = pause(history, now).into_iter();
    busy.chain(pauses.chain(forge_pause(history, now)))
        .collect()
}

/// The line of a pause, and when it ends.
fn pause(history: &History, now: Timestamp) -> Option<String> {
    let (reason, until) = history.paused.as_ref()?;
    let until = until.map_or_else(String::new, |until| {
        let time = until.strftime("%H:%M:%S UTC");
        format!(", going on in {} ({time})", clock(now, until))
    });
    Some(format!("  paused{until}: {}", clean(reason)))
}

/// The line of a time in which the forge is left alone, and when it ends.
fn forge_pause(history: &History, now: Timestamp) -> Option<String> {
    let (reason, until) = history.forge_paused.as_ref()?;
    let time = until.strftime("%H:%M:%S UTC");
    let left = clock(now, *until);
    Some(format!(
        "  no pull requests for {left} ({time}): {}",
        clean(reason)
    ))
}

/// What the run has spent, and what it will have spent as far as its first units tell; none when nothing was spent.
pub(super) fn money(history: &History) -> Option<String> {
    let spent = history.spend();
    let mut text = spent.short()?;
    if let Some(total) = corrected(history) {
        let total = match total.cost {
            Some(cost) => cost.to_string(),
            None => format!("{} tokens", tokens_text(total.tokens.total())),
        };
        let _ = write!(text, " (about {total} in all)");
    }
    Some(text)
}

/// The line of the whole run: bar, counts, time.
pub(super) fn overall(history: &History, now: Timestamp, look: Look) -> String {
    let summary = Summary::of(history);
    let total = history.units.len();
    let done = total - history.units.iter().filter(|unit| is_open(unit)).count();
    let delivering = history
        .units
        .iter()
        .filter(|unit| is_delivering(unit))
        .count();
    let mut text = format!(
        "[{}] {done}/{total}  {}",
        look.paint(Tone::Good, &bar(done, total)),
        clock(history.started, now)
    );
    if let Some(money) = money(history) {
        let _ = write!(text, "  {money}");
    }
    let mut joint = "  ";
    if history.interrupted {
        text.push_str("  stopping");
        joint = ": ";
    }
    for (count, word, tone) in [
        (summary.opened, "opened", Tone::Good),
        (summary.failed, "failed", Tone::Bad),
        (summary.cancelled, "cancelled", Tone::Caution),
        (summary.pushed, "pushed", Tone::Caution),
        (summary.unchanged, "unchanged", Tone::Normal),
        (delivering, "opening", Tone::Normal),
        (waiting(history).count(), "waiting", Tone::Normal),
    ] {
        if count > 0 {
            let counted = look.paint(tone, &format!("{count} {word}"));
            let _ = write!(text, "{joint}{counted}");
            joint = ", ";
        }
    }
    text
}

/// The width of the column of ids.
pub(super) fn id_column(history: &History) -> usize {
    history
        .units
        .iter()
        .map(|unit| unit.id.as_str().len())
        .max()
        .unwrap_or_default()
        .clamp("base".len(), ID_MAX)
}

/// An id, cut or filled to a column's width.
pub(super) fn id_cell(id: &str, column: usize) -> String {
    format!("{:<column$}", console::truncate_str(id, column, "…"))
}

fn line(id: &str, column: usize, step: &str, since: Timestamp, now: Timestamp) -> String {
    format!(
        "  {}  {step:<9}  {:>5}",
        id_cell(id, column),
        clock(since, now)
    )
}

/// The units that wait for others, each with those.
pub(super) fn waiting(
    history: &History,
) -> impl Iterator<Item = (&UnitHistory, Vec<&UnitHistory>)> {
    let open = history.units.iter().filter(|unit| is_open(unit));
    let not_begun = open.filter(|unit| unit.started.is_none() && !unit.after.is_empty());
    not_begun
        .map(|unit| (unit, waits_for(unit, history)))
        .filter(|(_, before)| !before.is_empty())
}

fn is_open(unit: &UnitHistory) -> bool {
    unit.outcome.is_none()
}

/// Whether the worker is done and the pull request is in the queue.
fn is_delivering(unit: &UnitHistory) -> bool {
    unit.outcome.is_none() && unit.slot.is_none() && unit.started.is_some()
}

fn bar(done: usize, total: usize) -> String {
    let full = (done * BAR).checked_div(total).unwrap_or_default();
    format!("{:<BAR$}", "#".repeat(full))
}

/// `0:07`, `12:34`, `1:02:03`; a clock that was set back shows 0:00.
pub(super) fn clock(since: Timestamp, now: Timestamp) -> String {
    clock_text(now.duration_since(since).as_secs().max(0).unsigned_abs())
}
