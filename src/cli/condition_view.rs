//! How a unit's [`Condition`] is shown: its word with a sign, its tone; and how many units are in which.
//!
//! A colour never carries the meaning alone. Called by `batch status` and `batch list`.

use serde_json::{Value, json};

use crate::cli::style::{Look, Tone};
use crate::model::condition::{Condition, Tally};

/// The word, with its sign before it where signs are used; not coloured.
#[must_use]
pub fn word(condition: Condition, look: Look) -> String {
    match look {
        Look::Spoken | Look::Plain => condition.as_str().to_owned(),
        Look::Signs | Look::Colours => format!("{} {}", sign(condition), condition.as_str()),
    }
}

/// The tone in which it is told.
#[must_use]
pub fn tone(condition: Condition) -> Tone {
    match condition {
        Condition::Opened => Tone::Good,
        Condition::Failed => Tone::Bad,
        Condition::Interrupted | Condition::Pushed | Condition::Cancelled => Tone::Caution,
        Condition::Working | Condition::Testing | Condition::Publishing => Tone::Strong,
        Condition::Waiting | Condition::Unchanged => Tone::Faint,
    }
}

/// `3 opened · 2 working · 1 failed`.
#[must_use]
pub fn counts(tally: &Tally, look: Look) -> String {
    let counts = tally.counts().map(|(condition, count)| {
        let words = format!("{count} {}", condition.as_str());
        look.paint(tone(condition), &words)
    });
    let between = if look == Look::Spoken { ", " } else { " · " };
    counts.collect::<Vec<_>>().join(between)
}

/// The same for programs: every condition with its count, and all of them together.
#[must_use]
pub fn counted(tally: &Tally) -> Value {
    let total: usize = tally.counts().map(|(_, count)| count).sum();
    let mut counts = json!({ "total": total });
    for condition in Condition::ALL {
        counts[condition.as_str()] = json!(0);
    }
    for (condition, count) in tally.counts() {
        counts[condition.as_str()] = json!(count);
    }
    counts
}

/// One column wide; that of its outcome where it has one.
fn sign(condition: Condition) -> char {
    match condition {
        Condition::Opened => '✓',
        Condition::Pushed => '↑',
        Condition::Unchanged => '=',
        Condition::Failed => '✗',
        Condition::Cancelled => '-',
        Condition::Waiting => '…',
        Condition::Working | Condition::Testing | Condition::Publishing => '▸',
        Condition::Interrupted => '!',
    }
}

#[cfg(test)]
mod tests {
    use super::{counted, counts, word};
    use crate::cli::style::Look;
    use crate::model::condition::{Condition, Tally};

    #[test]
    fn counts_are_told_in_one_order_and_zeros_to_programs_alone() {
        let tally = Tally::count([Condition::Failed, Condition::Opened, Condition::Failed]);
        assert_eq!(counts(&tally, Look::Plain), "1 opened · 2 failed");
        let told = counted(&tally);
        assert_eq!(
            (&told["total"], &told["failed"], &told["waiting"]),
            (&3.into(), &2.into(), &0.into())
        );
        assert_eq!(word(Condition::Failed, Look::Signs), "✗ failed");
        assert_eq!(word(Condition::Failed, Look::Plain), "failed");
    }
}
