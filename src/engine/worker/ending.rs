//! How a request to an agent ended, as a kind of failure and in words; and what the agent said then, made fit to be shown.

use std::time::Duration;

use crate::engine::headline::cut;
use crate::model::agent::AgentEnd;
use crate::model::clean::{clean, clean_lines};
use crate::model::outcome::FailureKind;

/// The most characters of what a program said about its end.
pub(super) const WORDS: usize = 500;

/// The most lines and characters of an agent's summary.
const SUMMARY: (usize, usize) = (12, 1_200);

/// The kind of failure that an end is, where it is one.
pub(super) fn kind_of(end: &AgentEnd) -> FailureKind {
    match end {
        AgentEnd::Completed => FailureKind::Other,
        AgentEnd::Denied(_) => FailureKind::Permission,
        AgentEnd::OutOfTurns => FailureKind::Turns,
        AgentEnd::OutOfBudget => FailureKind::Budget,
        AgentEnd::RateLimited { .. } => FailureKind::RateLimit,
        AgentEnd::Unauthorised(_) => FailureKind::Unauthorised,
        AgentEnd::NoQuota(_) => FailureKind::Quota,
        AgentEnd::Failed(_) => FailureKind::Crash,
        AgentEnd::Silent(_) => FailureKind::Silence,
        AgentEnd::TimedOut(_) => FailureKind::Timeout,
        AgentEnd::TooMuchOutput(_) | AgentEnd::TooMuchDisk(_) => FailureKind::Runaway,
    }
}

/// How a request ended, after "the agent": without control characters, and not long.
pub(super) fn why(end: &AgentEnd) -> String {
    let said = |what: &str, words: &str| {
        let words = cut(&clean(words), WORDS);
        if words.is_empty() {
            what.to_owned()
        } else {
            format!("{what}: {words}")
        }
    };
    let seconds = |after: &Duration| after.as_secs();
    match end {
        AgentEnd::Completed => "came to its end".to_owned(),
        AgentEnd::Denied(tools) => said("was refused", &tools.join(", ")),
        AgentEnd::OutOfTurns => "used up its turns".to_owned(),
        AgentEnd::OutOfBudget => "used up what it may spend".to_owned(),
        AgentEnd::RateLimited { resets: None } => "met the provider's limit".to_owned(),
        AgentEnd::RateLimited {
            resets: Some(resets),
        } => format!("met the provider's limit, which is lifted at {resets:.0}"),
        AgentEnd::Unauthorised(words) => said("is not logged in", words),
        AgentEnd::NoQuota(words) => said("has no quota left", words),
        AgentEnd::Failed(words) => said("ended badly", words),
        AgentEnd::Silent(after) => {
            format!(
                "was ended after {} s in which it printed nothing",
                seconds(after)
            )
        }
        AgentEnd::TimedOut(after) => format!("did not end within {} s", seconds(after)),
        AgentEnd::TooMuchOutput(bytes) => {
            format!("was ended because it printed more than {} MB", bytes >> 20)
        }
        AgentEnd::TooMuchDisk(bytes) => {
            format!(
                "was ended because its files grew by more than {} MB",
                bytes >> 20
            )
        }
    }
}

/// What an agent said at its end, fit to be shown: without escapes, and not long.
pub(super) fn summary(text: &str) -> String {
    let (lines, chars) = SUMMARY;
    let clean = clean_lines(text.trim());
    let mut kept: Vec<&str> = clean.lines().take(lines).collect();
    let cut_off = clean.lines().count() > lines;
    if cut_off {
        kept.pop();
        kept.push("…");
    }
    let joined = kept.join("\n");
    if joined.chars().count() <= chars {
        return joined;
    }
    let mut short: String = joined.chars().take(chars - 1).collect();
    short.push('…');
    short
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::{kind_of, summary, why};
    use crate::model::agent::AgentEnd;
    use crate::model::outcome::FailureKind;

    #[test]
    fn a_summary_is_clean_and_short() {
        assert_eq!(
            summary("\n\u{1b}[1mDone.\u{1b}[0m\n\n- a\n"),
            "Done.\n\n- a"
        );
        let lines = summary(&"line\n".repeat(50));
        assert_eq!(lines.lines().count(), 12);
        assert!(lines.ends_with('…'));
        assert_eq!(summary(&"é".repeat(5_000)).chars().count(), 1_200);
    }

    #[test]
    fn each_end_has_its_kind_and_words_that_any_terminal_can_show() {
        for (end, kind, words) in [
            (
                AgentEnd::OutOfTurns,
                FailureKind::Turns,
                "used up its turns",
            ),
            (
                AgentEnd::Unauthorised("\u{1b}[31mbad\nkey".into()),
                FailureKind::Unauthorised,
                "is not logged in: bad key",
            ),
            (
                AgentEnd::Failed(String::new()),
                FailureKind::Crash,
                "ended badly",
            ),
            (
                AgentEnd::Silent(Duration::from_secs(600)),
                FailureKind::Silence,
                "was ended after 600 s in which it printed nothing",
            ),
            (
                AgentEnd::TooMuchDisk(8 << 30),
                FailureKind::Runaway,
                "was ended because its files grew by more than 8192 MB",
            ),
        ] {
            assert_eq!(why(&end), words);
            assert_eq!(kind_of(&end), kind);
        }
    }
}
