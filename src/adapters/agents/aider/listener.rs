//! What can be told from what aider prints and from the events that it logs.

use std::time::Duration;

use serde_json::Value;

use crate::adapters::agents::dialect::Listener;
use crate::adapters::agents::ending::{LastWords, stopped};
use crate::adapters::agents::json_line::{self, count, shortened, text};
use crate::engine::ports::CommandEnd;
use crate::model::agent::{AgentAnswer, AgentEnd, AgentEvent};
use crate::model::spend::{Spend, Tokens, Usd};

/// What stands in the line of a failed call, and what it means. There is nothing but these words; the first that is
/// found counts.
const FAILURES: [(&str, Kind); 8] = [
    ("insufficient_quota", Kind::NoQuota),
    ("exceeded your current quota", Kind::NoQuota),
    ("Insufficient credits", Kind::NoQuota),
    ("litellm.BudgetExceededError", Kind::NoQuota),
    ("litellm.AuthenticationError", Kind::Unauthorised),
    ("litellm.PermissionDeniedError", Kind::Unauthorised),
    ("litellm.RateLimitError", Kind::RateLimited),
    ("litellm.", Kind::Other),
];

/// How it says that the model did not keep to the format of edits as often as it may.
const NO_MORE_TRIES: (&str, &str) = ("Only ", " reflections allowed, stopping.");

/// How long the words of a failure may be.
const WORDS: usize = 600;

/// Why a call to the model failed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Kind {
    NoQuota,
    Unauthorised,
    RateLimited,
    Other,
}

/// What has been heard so far.
#[derive(Debug, Default)]
pub(super) struct Heard {
    /// Whether what it says of itself at the start is over.
    begun: bool,
    /// Lines that may be the model's answer.
    saying: Vec<String>,
    /// The last answer.
    said: Option<String>,
    failure: Option<(Kind, String)>,
    /// Calls to the model that failed, one after another.
    failures: u32,
    answers: u32,
    out_of_tries: bool,
    last_words: LastWords,
}

impl Listener for Heard {
    fn out(&mut self, line: &str, hear: &mut dyn FnMut(AgentEvent)) {
        self.last_words.hear(line);
        if !self.begun {
            self.begun = line.starts_with("Aider v");
            return;
        }
        // Its account of itself ends with an empty line.
        if self.said.is_none()
            && !self.saying.iter().any(String::is_empty)
            && let Some(model) = model(line)
        {
            hear(AgentEvent::Model(model.to_owned()));
            return;
        }
        if line.starts_with("Tokens: ") && line.contains(" sent") {
            self.answered(hear);
            return;
        } else if let Some(file) = line.strip_prefix("Applied edit to ") {
            hear(AgentEvent::File(file.trim_end().to_owned()));
            return;
        } else if let Some(delay) = line.strip_prefix("Retrying in ") {
            self.failures += 1;
            self.saying.clear();
            hear(AgentEvent::Retrying {
                status: None,
                attempt: self.failures.saturating_add(1),
                delay: delay
                    .strip_suffix(" seconds...")
                    .and_then(|seconds| seconds.parse().ok())
                    .and_then(|seconds| Duration::try_from_secs_f64(seconds).ok()),
            });
            return;
        }
        self.out_of_tries |= line.starts_with(NO_MORE_TRIES.0) && line.ends_with(NO_MORE_TRIES.1);
        let failure = FAILURES.iter().find(|(words, _)| line.contains(words));
        if let Some((_, kind)) = failure {
            self.failure = Some((*kind, shortened(line, WORDS)));
        }
        self.saying.push(line.to_owned());
    }

    fn err(&mut self, line: &str, _hear: &mut dyn FnMut(AgentEvent)) {
        self.last_words.hear(line);
    }

    fn turns(&self) -> u32 {
        self.answers
    }

    fn end(self: Box<Self>, end: CommandEnd, last_message: Option<String>) -> AgentAnswer {
        let calls = Calls::read(last_message.as_deref().unwrap_or_default());
        AgentAnswer {
            end: self.came_to(end, &calls),
            text: self.said,
            structured: None,
            session: None,
            spend: calls.spend,
            turns: Some(calls.answered),
        }
    }
}

impl Heard {
    /// The model has answered: what was printed since the last time is what it said.
    fn answered(&mut self, hear: &mut dyn FnMut(AgentEvent)) {
        self.answers = self.answers.saturating_add(1);
        let lines = std::mem::take(&mut self.saying);
        let begin = match self.said {
            None => lines.iter().position(String::is_empty).unwrap_or(0),
            Some(_) => 0,
        };
        let said = lines[begin..].join("\n").trim().to_owned();
        if !said.is_empty() {
            hear(AgentEvent::Text(said.clone()));
        }
        self.said = Some(said).filter(|said| !said.is_empty());
        self.failure = None;
        self.failures = 0;
    }

    fn came_to(&self, end: CommandEnd, calls: &Calls) -> AgentEnd {
        if let Some(end) = stopped(end) {
            return end;
        }
        if end != CommandEnd::Exited(0) || calls.begun == 0 {
            return self.last_words.unexplained(end);
        }
        if calls.answered < calls.begun {
            return match &self.failure {
                Some((Kind::NoQuota, words)) => AgentEnd::NoQuota(words.clone()),
                Some((Kind::Unauthorised, words)) => AgentEnd::Unauthorised(words.clone()),
                Some((Kind::RateLimited, _)) => AgentEnd::RateLimited { resets: None },
                Some((Kind::Other, words)) => AgentEnd::Failed(words.clone()),
                None => self.last_words.unexplained(end),
            };
        }
        if self.out_of_tries {
            return AgentEnd::OutOfTurns;
        }
        AgentEnd::Completed
    }
}

/// `Main model: openai/gpt-4o with diff edit format`: the model. Without a second one it is only called model.
fn model(line: &str) -> Option<&str> {
    let told = line
        .strip_prefix("Main model: ")
        .or_else(|| line.strip_prefix("Model: "))?;
    Some(told.split_once(" with ")?.0)
}

/// The calls to its model, as it logged them.
#[derive(Debug, Default, PartialEq, Eq)]
struct Calls {
    begun: u32,
    answered: u32,
    spend: Spend,
}

impl Calls {
    fn read(log: &str) -> Self {
        let mut calls = Self::default();
        for event in log.lines().filter_map(json_line::object) {
            match text(&event, "/event") {
                Some("message_send_starting") => calls.begun += 1,
                Some("message_send") => {
                    calls.answered += 1;
                    calls.spend += spend(&event);
                }
                _ => {}
            }
        }
        calls
    }
}

/// What a call cost. What was read from a cache is within the tokens sent.
fn spend(event: &Value) -> Spend {
    let cost = event
        .pointer("/properties/cost")
        .and_then(Value::as_f64)
        .and_then(Usd::from_dollars);
    Spend {
        // It says 0 where it knows no price.
        cost: cost.filter(|cost| *cost != Usd(0)),
        estimated: false,
        tokens: Tokens {
            input: count(event, "/properties/prompt_tokens"),
            cached: 0,
            output: count(event, "/properties/completion_tokens"),
        },
    }
}
