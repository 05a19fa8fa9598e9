//! What opencode's events mean. An event is a line of JSON; its own tries at a failed call show in its log alone.

use jiff::{SignedDuration, Timestamp};
use serde_json::Value;

use crate::adapters::agents::dialect::Listener;
use crate::adapters::agents::ending::{LastWords, refused, stopped};
use crate::adapters::agents::json_line::{self, count, denial, status, text, used_with};
use crate::engine::ports::CommandEnd;
use crate::model::agent::{AgentAnswer, AgentEnd, AgentEvent};
use crate::model::spend::{Spend, Tokens, Usd};

/// What it says of a tool that was refused. Nothing but these words tells it from a tool that failed.
const REFUSALS: [&str; 2] = [
    "The user has specified a rule which prevents you",
    "The user rejected permission",
];

/// The members of a tool's input that say what it is used with.
const INPUTS: [&str; 5] = ["command", "filePath", "pattern", "path", "url"];

/// What has been heard so far.
#[derive(Debug, Default)]
pub(super) struct Heard {
    turn_limit: Option<u32>,
    session: Option<String>,
    /// The message that `text` belongs to.
    message: Option<String>,
    text: String,
    spend: Spend,
    turns: u32,
    /// Why the last turn ended.
    reason: Option<String>,
    /// The error that came after it.
    error: Option<AgentEnd>,
    denied: Vec<String>,
    /// Calls to the model that failed, one after another.
    failures: u32,
    last_words: LastWords,
}

impl Heard {
    /// Nothing yet; `turn_limit` is how many turns it was given.
    pub(super) fn new(turn_limit: Option<u32>) -> Self {
        Self {
            turn_limit,
            ..Self::default()
        }
    }
}

impl Listener for Heard {
    fn out(&mut self, line: &str, hear: &mut dyn FnMut(AgentEvent)) {
        let Some(event) = json_line::object(line) else {
            // It may be what a plugin prints, or why opencode did not start.
            self.last_words.hear(line);
            return;
        };
        if self.session.is_none()
            && let Some(session) = text(&event, "/sessionID")
        {
            self.session = Some(session.to_owned());
            hear(AgentEvent::Session(session.to_owned()));
        }
        match text(&event, "/type") {
            Some("tool_use") => self.tool(&event, hear),
            Some("text") => self.says(&event, hear),
            Some("step_finish") => self.turn(&event, hear),
            Some("error") => self.error = Some(error(&event)),
            _ => {}
        }
    }

    fn err(&mut self, line: &str, hear: &mut dyn FnMut(AgentEvent)) {
        if line.contains("level=ERROR") && line.contains("message=\"stream error\"") {
            self.failures += 1;
            // After the first it may give up; the second shows that it did not.
            if self.failures > 1 {
                hear(AgentEvent::Retrying {
                    status: None,
                    attempt: self.failures,
                    delay: None,
                });
            }
        }
        self.last_words.hear(line);
    }

    fn end(self: Box<Self>, end: CommandEnd, _last_message: Option<String>) -> AgentAnswer {
        AgentAnswer {
            end: self.came_to(end),
            text: Some(self.text).filter(|text| !text.is_empty()),
            structured: None,
            session: self.session,
            spend: self.spend,
            turns: Some(self.turns),
        }
    }
}

impl Heard {
    fn tool(&mut self, event: &Value, hear: &mut dyn FnMut(AgentEvent)) {
        self.failures = 0;
        let name = text(event, "/part/tool").unwrap_or("?").to_owned();
        let with = used_with(event.pointer("/part/state/input"), &INPUTS);
        hear(AgentEvent::Tool {
            name: name.clone(),
            with: with.clone(),
        });
        match text(event, "/part/state/status") {
            Some("completed") => {
                if matches!(name.as_str(), "write" | "edit" | "multiedit")
                    && let Some(path) = text(event, "/part/state/input/filePath")
                {
                    hear(AgentEvent::File(path.to_owned()));
                }
                // A patch is of several files.
                let files = event
                    .pointer("/part/state/metadata/files")
                    .and_then(Value::as_array);
                for file in files.into_iter().flatten() {
                    if let Some(path) = text(file, "/filePath") {
                        hear(AgentEvent::File(path.to_owned()));
                    }
                }
            }
            Some("error") => {
                let said = text(event, "/part/state/error").unwrap_or_default();
                if REFUSALS.iter().any(|words| said.starts_with(words)) {
                    let tool = denial(&mut self.denied, &name, &with);
                    hear(AgentEvent::Denied { tool });
                }
            }
            _ => {}
        }
    }

    fn says(&mut self, event: &Value, hear: &mut dyn FnMut(AgentEvent)) {
        self.failures = 0;
        let Some(said) = text(event, "/part/text") else {
            return;
        };
        let message = text(event, "/part/messageID");
        if self.message.as_deref() == message && !self.text.is_empty() {
            self.text.push('\n');
            self.text.push_str(said);
        } else {
            self.message = message.map(str::to_owned);
            said.clone_into(&mut self.text);
        }
        hear(AgentEvent::Text(said.to_owned()));
    }

    fn turn(&mut self, event: &Value, hear: &mut dyn FnMut(AgentEvent)) {
        self.failures = 0;
        self.turns += 1;
        self.reason = text(event, "/part/reason").map(str::to_owned);
        // It goes on after some errors, a context that grew too long among them.
        self.error = None;
        let tokens = Tokens {
            input: count(event, "/part/tokens/input")
                .saturating_add(count(event, "/part/tokens/cache/write")),
            cached: count(event, "/part/tokens/cache/read"),
            output: count(event, "/part/tokens/output")
                .saturating_add(count(event, "/part/tokens/reasoning")),
        };
        // It says 0 where it knows no price.
        let cost = event
            .pointer("/part/cost")
            .and_then(Value::as_f64)
            .and_then(Usd::from_dollars)
            .filter(|cost| *cost != Usd(0));
        let spend = Spend {
            cost,
            estimated: false,
            tokens,
        };
        if !spend.is_nothing() {
            self.spend += spend;
            hear(AgentEvent::Spent(spend));
        }
    }

    fn came_to(&self, end: CommandEnd) -> AgentEnd {
        if let Some(end) = stopped(end) {
            return end;
        }
        if let Some(error) = &self.error {
            return error.clone();
        }
        if end != CommandEnd::Exited(0) {
            return self.last_words.unexplained(end);
        }
        // In the turn after the last that it has, it is told to sum up and end.
        if self.turn_limit.is_some_and(|limit| self.turns > limit) {
            return AgentEnd::OutOfTurns;
        }
        if !self.denied.is_empty() {
            return AgentEnd::Denied(self.denied.clone());
        }
        match self.reason.as_deref() {
            Some("stop") => AgentEnd::Completed,
            Some(reason) => AgentEnd::Failed(format!("its last turn ended by \"{reason}\"")),
            None => self.last_words.unexplained(end),
        }
    }
}

/// What an `error` event means.
fn error(event: &Value) -> AgentEnd {
    let said = text(event, "/error/data/message")
        .or_else(|| text(event, "/error/name"))
        .unwrap_or("an error without words");
    if text(event, "/error/name") == Some("ProviderAuthError") {
        return AgentEnd::Unauthorised(said.to_owned());
    }
    let Some(status) = status(event, "/error/data/statusCode") else {
        return AgentEnd::Failed(said.to_owned());
    };
    // OpenAI answers 429 also where there is no credit left.
    let body = text(event, "/error/data/responseBody").and_then(json_line::object);
    let code = body.as_ref().and_then(|body| text(body, "/error/code"));
    if code == Some("insufficient_quota") {
        return AgentEnd::NoQuota(said.to_owned());
    }
    refused(status, said, resets(event))
}

/// When the provider's limit is lifted: the header counts from the event's time, in seconds.
fn resets(event: &Value) -> Option<Timestamp> {
    let now = event.pointer("/timestamp").and_then(Value::as_i64)?;
    let seconds = text(event, "/error/data/responseHeaders/retry-after")?;
    Timestamp::from_millisecond(now)
        .ok()?
        .checked_add(SignedDuration::from_secs(seconds.trim().parse().ok()?))
        .ok()
}
