//! The units of a run that have no pull request yet, with the reason: what `batch prs list` says below its table.

use crate::cli::style::{Look, Tone, clean_joined};
use crate::cli::wrap::wrap;
use crate::model::history::History;
use crate::model::outcome::Outcome;

/// A line for each, wrapped; empty where there is none.
pub(super) fn lines(chosen: &[&History], width: usize, look: Look) -> String {
    let mut text = String::new();
    for history in chosen {
        for unit in &history.units {
            let Some(Outcome::Pushed { reason, .. }) = &unit.outcome else {
                continue;
            };
            if text.is_empty() {
                text.push_str(&look.paint(Tone::Faint, "WITHOUT A PULL REQUEST"));
                text.push('\n');
            }
            let line = format!("{}: {}", unit.id, clean_joined(reason));
            for (at, line) in wrap(&line, width.saturating_sub(2)).iter().enumerate() {
                let indent = if at == 0 { "" } else { "  " };
                text.push_str(&format!("{indent}{line}\n"));
            }
        }
    }
    text
}
