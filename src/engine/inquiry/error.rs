//! Why an agent's research has no plan, each end of the agent in a line of its own.

use std::path::PathBuf;

use crate::engine::ports::PortError;
use crate::engine::text::TextError;
use crate::model::agent::AgentEnd;
use crate::model::clean::clean;
use crate::model::named::named;

/// The most of an agent's words that an error repeats, in characters.
const WORDS_MAX: usize = 300;

/// Why there is no plan.
#[derive(Debug, Clone, thiserror::Error)]
pub enum InquiryError {
    /// The agent only edits what it is shown.
    #[error("{agent} does not look for files by itself, so it cannot do research")]
    CannotResearch {
        /// The agent.
        agent: String,
    },
    /// The agent ended without an answer that could be looked at; the end says what can be done about it.
    #[error("{} (transcript: {})", ended(agent, end), transcript.display())]
    Ended {
        /// The agent.
        agent: String,
        /// How it ended.
        end: AgentEnd,
        /// What it printed.
        transcript: PathBuf,
    },
    /// Its answers were all wrong.
    #[error(
        "{agent} gave no usable plan in {asks} answers (transcript: {}):{}",
        transcript.display(),
        listed(problems)
    )]
    Unusable {
        /// The agent.
        agent: String,
        /// How often it was asked.
        asks: u32,
        /// What is wrong with the last answer.
        problems: Vec<String>,
        /// What it printed.
        transcript: PathBuf,
    },
    /// A prompt could not be rendered.
    #[error(transparent)]
    Text(#[from] TextError),
    /// The agent could not be started, or the user stopped it.
    #[error(transparent)]
    Port(#[from] PortError),
}

fn listed(problems: &[String]) -> String {
    let lines = problems.iter().map(|problem| format!("\n  {problem}"));
    lines.collect()
}

fn ended(agent: &str, end: &AgentEnd) -> String {
    let said = |words: &str| {
        let words = clean(words);
        let short: String = words.chars().take(WORDS_MAX).collect();
        match short.as_str() {
            "" => String::new(),
            _ => format!(": {short}"),
        }
    };
    match end {
        AgentEnd::Completed => format!("{agent} ended without an answer"),
        AgentEnd::OutOfTurns => format!("{agent} used up its turns before it answered"),
        AgentEnd::OutOfBudget => {
            format!("{agent} reached the limit on what research may cost before it answered")
        }
        AgentEnd::Denied(tools) => {
            let tools: Vec<String> = tools.iter().map(|tool| clean(tool)).collect();
            format!(
                "{agent} was refused {} and gave no answer",
                named(&tools, 3)
            )
        }
        AgentEnd::RateLimited { resets: Some(at) } => {
            format!(
                "{agent} has reached its provider's limit until {}",
                at.strftime("%Y-%m-%d %H:%M UTC")
            )
        }
        AgentEnd::RateLimited { resets: None } => {
            format!("{agent} has reached its provider's limit, and does not say until when")
        }
        AgentEnd::Unauthorised(words) => format!("{agent} is not logged in{}", said(words)),
        AgentEnd::NoQuota(words) => format!("{agent} has no credit or quota left{}", said(words)),
        AgentEnd::Failed(words) => format!("{agent} failed{}", said(words)),
        AgentEnd::Silent(after) => {
            format!(
                "{agent} printed nothing for {} s, and was ended",
                after.as_secs()
            )
        }
        AgentEnd::TimedOut(after) => {
            format!(
                "{agent} had no answer after {} s, and was ended",
                after.as_secs()
            )
        }
        AgentEnd::TooMuchOutput(bytes) => {
            format!(
                "{agent} printed more than {} MB, and was ended",
                bytes >> 20
            )
        }
        AgentEnd::TooMuchDisk(bytes) => {
            format!(
                "{agent} wrote more than {} MB to the disk, and was ended",
                bytes >> 20
            )
        }
    }
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::InquiryError;
    use crate::model::agent::AgentEnd;

    #[test]
    fn each_end_is_told_in_one_clean_line() {
        let nasty = "\u{1b}[31mno key\r\nreally\u{1b}[0m".to_owned();
        let told = |end: AgentEnd| {
            let error = InquiryError::Ended {
                agent: "claude".to_owned(),
                end,
                transcript: "/t".into(),
            };
            error.to_string()
        };
        let at = "2026-01-02T03:04:05Z".parse().unwrap();
        for (end, line) in [
            (AgentEnd::Completed, "claude ended without an answer"),
            (
                AgentEnd::OutOfTurns,
                "claude used up its turns before it answered",
            ),
            (
                AgentEnd::Unauthorised(nasty),
                "claude is not logged in: no key really",
            ),
            (
                AgentEnd::NoQuota(String::new()),
                "claude has no credit or quota left",
            ),
            (AgentEnd::Failed("x".into()), "claude failed: x"),
            (
                AgentEnd::RateLimited { resets: Some(at) },
                "claude has reached its provider's limit until 2026-01-02 03:04 UTC",
            ),
            (
                AgentEnd::Denied(vec!["Read".into()]),
                "claude was refused Read and gave no answer",
            ),
            (
                AgentEnd::Silent(Duration::from_secs(60)),
                "claude printed nothing for 60 s, and was ended",
            ),
        ] {
            assert_eq!(told(end), format!("{line} (transcript: /t)"));
        }
    }
}
