//! The units of a run that have no pull request yet, with the reason: what `batch prs list` says below its table.

use crate::cli::style::{Look, Tone, clean_joined};
use crate::cli::wrap::wrap;
use crate::model::history::{History, UnitHistory};
use crate::model::outcome::Outcome;

/// A line for each, wrapped; empty where there is none.
pub(super) fn lines(chosen: &[&History], width: usize, look: Look) -> String {
    let mut text = String::new();
    for history in chosen {
        for unit in &history.units {
            let Some(why) = why(unit, history) else {
                continue;
            };
            if text.is_empty() {
                text.push_str(&look.paint(Tone::Faint, "WITHOUT A PULL REQUEST"));
                text.push('\n');
            }
            let line = format!("{}: {why}", unit.id);
            for (at, line) in wrap(&line, width.saturating_sub(2)).iter().enumerate() {
                let indent = if at == 0 { "" } else { "  " };
                text.push_str(&format!("{indent}{line}\n"));
            }
        }
    }
    text
}

/// Why a unit has no pull request; none where it has one, or wants none.
fn why(unit: &UnitHistory, history: &History) -> Option<String> {
    match &unit.outcome {
        Some(Outcome::Pushed { reason, .. }) => Some(clean_joined(reason)),
        _ if unit.pull().is_some() => None,
        Some(Outcome::Failed(failure)) => {
            let cause = failure.cause.lines().next().unwrap_or_default();
            Some(format!(
                "failed at {}: {}",
                failure.step,
                clean_joined(cause)
            ))
        }
        Some(Outcome::Cancelled { reason }) => Some(format!("cancelled: {}", clean_joined(reason))),
        Some(Outcome::Opened { .. } | Outcome::Unchanged) => None,
        None => history
            .ended
            .is_none()
            .then(|| "not done: the run goes on, or was cut off".to_owned()),
    }
}

#[cfg(test)]
mod tests {
    use super::lines;
    use crate::cli::style::Look;
    use crate::model::sample;

    #[test]
    fn every_unit_without_a_pull_request_that_should_have_one_is_named_with_its_reason() {
        let mut history = sample::history(vec![
            Some(sample::opened(1)),
            Some(sample::failed("exit code 1\nmore", &[])),
            Some(sample::cancelled()),
            Some(sample::pushed()),
            None,
        ]);
        history.ended = None;
        let told = lines(&[&history], 80, Look::Plain);
        assert_eq!(
            told,
            "WITHOUT A PULL REQUEST\n\
             unit-2: failed at test: exit code 1\n\
             unit-3: cancelled: the user stopped the run\n\
             unit-4: the forge is full\n\
             unit-5: not done: the run goes on, or was cut off\n"
        );
    }
}
