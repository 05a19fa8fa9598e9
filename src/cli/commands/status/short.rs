//! The line for a shell prompt.

use crate::cli::style::{Look, Tone};
use crate::model::condition::{Condition, Tally};
use crate::model::history::History;
use crate::model::life::Life;

/// `batch 5/9, 1 failed`: how many units are done, and what wants attention.
pub(super) fn line(history: &History, life: Life, look: Look) -> String {
    let done = history.units.iter().filter(|unit| unit.outcome.is_some());
    let mut line = format!("batch {}/{}", done.count(), history.units.len());
    for (condition, count) in Tally::of(history, life).counts() {
        if condition == Condition::Failed {
            let failed = look.paint(Tone::Bad, &format!("{count} failed"));
            line.push_str(&format!(", {failed}"));
        }
    }
    if history.paused.is_some() {
        line.push_str(", paused");
    }
    line
}
