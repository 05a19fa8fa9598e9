//! What Gemini CLI's events and exit codes mean. An event is a line of JSON; which HTTP status a call failed with, the
//! exit code tells.

use std::time::Duration;

use jiff::{SignedDuration, Timestamp};
use serde_json::Value;

use crate::adapters::agents::dialect::Listener;
use crate::adapters::agents::ending::{LastWords, refused, stopped};
use crate::adapters::agents::json_line::{self, count, denial, text, used_with};
use crate::engine::ports::CommandEnd;
use crate::model::agent::{AgentAnswer, AgentEnd, AgentEvent};
use crate::model::spend::{Spend, Tokens};

/// The members of a tool's parameters that say what it is used with.
const INPUTS: [&str; 5] = ["command", "file_path", "pattern", "dir_path", "path"];

/// Its own exit codes.
const NOT_LOGGED_IN: i32 = 41;
const OUT_OF_TURNS: i32 = 53;

/// The word in Google's answer to a key that it does not know; the status is 400, as for any bad request.
const BAD_KEY: &str = "API_KEY_INVALID";

/// What it calls the error of a quota that is used up for the day, rather than for the minute.
const USED_UP: &str = "TerminalQuotaError";

/// A tool that is in use.
#[derive(Debug)]
struct Use {
    id: String,
    tool: String,
    with: String,
    /// The file that it writes, if it does.
    file: Option<String>,
}

/// What the program said that it came to.
#[derive(Debug)]
enum Outcome {
    Success,
    Error { kind: String, words: String },
}

/// What has been heard so far.
#[derive(Debug, Default)]
pub(super) struct Heard {
    session: Option<String>,
    /// Whether the model has said or done anything.
    answered: bool,
    /// The message that is being said, in pieces.
    saying: String,
    /// The last one that was said to its end.
    said: Option<String>,
    using: Vec<Use>,
    denied: Vec<String>,
    spend: Spend,
    outcome: Option<Outcome>,
    /// When the result was given, on the program's clock.
    at: Option<Timestamp>,
    /// For how many milliseconds the provider asked to be left alone.
    wait: Option<i64>,
    /// The call to the model that failed last, as long as it is not known to be tried again.
    failed: Option<FailedAttempt>,
    bad_key: bool,
    used_up: bool,
    last_words: LastWords,
}

impl Listener for Heard {
    fn out(&mut self, line: &str, hear: &mut dyn FnMut(AgentEvent)) {
        let Some(event) = json_line::object(line) else {
            self.last_words.hear(line);
            return;
        };
        let kind = text(&event, "/type");
        if kind != Some("message") {
            self.finish_message(hear);
        }
        match kind {
            Some("init") => {
                if let Some(session) = text(&event, "/session_id") {
                    self.session = Some(session.to_owned());
                    hear(AgentEvent::Session(session.to_owned()));
                }
                if let Some(model) = text(&event, "/model") {
                    hear(AgentEvent::Model(model.to_owned()));
                }
            }
            Some("message") => self.says(&event, hear),
            Some("tool_use") => self.uses(&event, hear),
            Some("tool_result") => self.used(&event, hear),
            Some("error") => {
                self.last_words
                    .hear(text(&event, "/message").unwrap_or_default());
            }
            Some("result") => self.result(&event, hear),
            _ => {}
        }
    }

    fn err(&mut self, line: &str, hear: &mut dyn FnMut(AgentEvent)) {
        if let Some(failed) = FailedAttempt::of(line) {
            self.failed = Some(failed);
        }
        if line.contains("Retrying ")
            && let Some(FailedAttempt { number, status }) = self.failed.take()
        {
            hear(AgentEvent::Retrying {
                status,
                attempt: number.saturating_add(1),
                delay: delay(line),
            });
        }
        if let Some((_, wait)) = line.split_once("retryDelayMs: ") {
            self.wait = wait.trim_end_matches(',').parse().ok();
        }
        self.bad_key |= line.contains(BAD_KEY);
        self.used_up |= line.contains(USED_UP);
        // Stack traces would push out what they are about.
        if !line.starts_with("    at ") {
            self.last_words.hear(line);
        }
    }

    fn end(mut self: Box<Self>, end: CommandEnd, _last_message: Option<String>) -> AgentAnswer {
        self.finish_message(&mut |_| {});
        AgentAnswer {
            end: self.came_to(end),
            text: self.said,
            structured: None,
            // One in which the model never answered cannot be gone on with: it is not found again.
            session: self.session.filter(|_| self.answered),
            spend: self.spend,
            turns: None,
        }
    }
}

impl Heard {
    fn says(&mut self, event: &Value, hear: &mut dyn FnMut(AgentEvent)) {
        if text(event, "/role") != Some("assistant") {
            return;
        }
        if event.get("delta").and_then(Value::as_bool) != Some(true) {
            self.finish_message(hear);
        }
        self.answered = true;
        self.saying
            .push_str(text(event, "/content").unwrap_or_default());
    }

    fn finish_message(&mut self, hear: &mut dyn FnMut(AgentEvent)) {
        let said = std::mem::take(&mut self.saying);
        if !said.trim().is_empty() {
            hear(AgentEvent::Text(said.clone()));
            self.said = Some(said);
        }
    }

    fn uses(&mut self, event: &Value, hear: &mut dyn FnMut(AgentEvent)) {
        self.answered = true;
        let tool = text(event, "/tool_name").unwrap_or("?").to_owned();
        let writes = matches!(tool.as_str(), "write_file" | "replace");
        let with = used_with(event.get("parameters"), &INPUTS);
        self.using.push(Use {
            id: text(event, "/tool_id").unwrap_or_default().to_owned(),
            tool: tool.clone(),
            with: with.clone(),
            file: text(event, "/parameters/file_path")
                .filter(|_| writes)
                .map(str::to_owned),
        });
        hear(AgentEvent::Tool { name: tool, with });
    }

    fn used(&mut self, event: &Value, hear: &mut dyn FnMut(AgentEvent)) {
        let id = text(event, "/tool_id").unwrap_or_default();
        let Some(place) = self.using.iter().position(|one| one.id == id) else {
            return;
        };
        let Use {
            tool, with, file, ..
        } = self.using.swap_remove(place);
        if text(event, "/status") == Some("success") {
            if let Some(file) = file {
                hear(AgentEvent::File(file));
            }
        } else if text(event, "/error/type") == Some("policy_violation") {
            let tool = denial(&mut self.denied, &tool, &with);
            hear(AgentEvent::Denied { tool });
        }
    }

    fn result(&mut self, event: &Value, hear: &mut dyn FnMut(AgentEvent)) {
        self.outcome = Some(if text(event, "/status") == Some("success") {
            Outcome::Success
        } else {
            let words = text(event, "/error/message").unwrap_or("an error without words");
            self.bad_key |= words.contains(BAD_KEY);
            Outcome::Error {
                kind: text(event, "/error/type").unwrap_or_default().to_owned(),
                words: words.to_owned(),
            }
        });
        self.at = text(event, "/timestamp").and_then(|at| at.parse().ok());
        let prompts = count(event, "/stats/input_tokens");
        let total = Spend {
            tokens: Tokens {
                input: count(event, "/stats/input"),
                cached: count(event, "/stats/cached"),
                // Thoughts are in the total alone.
                output: count(event, "/stats/total_tokens")
                    .saturating_sub(prompts)
                    .max(count(event, "/stats/output_tokens")),
            },
            ..Spend::default()
        };
        let more = total.since(&self.spend);
        if !more.is_nothing() {
            self.spend += more;
            hear(AgentEvent::Spent(more));
        }
    }

    fn came_to(&self, end: CommandEnd) -> AgentEnd {
        if let Some(end) = stopped(end) {
            return end;
        }
        let (kind, words) = match &self.outcome {
            Some(Outcome::Success) if end == CommandEnd::Exited(0) => {
                return if self.denied.is_empty() {
                    AgentEnd::Completed
                } else {
                    AgentEnd::Denied(self.denied.clone())
                };
            }
            Some(Outcome::Error { kind, words }) => (kind.as_str(), words.clone()),
            Some(Outcome::Success) | None => ("", self.last_words.text(end)),
        };
        let code = match end {
            CommandEnd::Exited(code) => Some(code),
            CommandEnd::Signalled(_) | CommandEnd::TimedOut(_) | CommandEnd::Stopped => None,
        };
        if code == Some(OUT_OF_TURNS) || kind == "FatalTurnLimitedError" {
            return AgentEnd::OutOfTurns;
        }
        if code == Some(NOT_LOGGED_IN) || self.bad_key {
            return AgentEnd::Unauthorised(words);
        }
        if self.used_up {
            return AgentEnd::NoQuota(words);
        }
        match code.and_then(http_status) {
            Some(status) => refused(status, &words, self.resets()),
            None => AgentEnd::Failed(words),
        }
    }

    /// When the provider's limit is lifted.
    fn resets(&self) -> Option<Timestamp> {
        self.at?
            .checked_add(SignedDuration::from_millis(self.wait?))
            .ok()
    }
}

/// The HTTP status that it exited with; of its number only the last eight bits get through.
fn http_status(code: i32) -> Option<u16> {
    let code = u16::try_from(code).ok()?;
    match code {
        144..=255 => Some(code + 256),
        // From 512 on; of these only the one that says "too much to do" is told from its own codes.
        17 => Some(529),
        _ => None,
    }
}

/// A call to the model that failed.
#[derive(Debug, Clone, Copy)]
struct FailedAttempt {
    /// 1 for the first.
    number: u32,
    status: Option<u16>,
}

impl FailedAttempt {
    /// From `Attempt 1 failed with status 429. Retrying with backoff...` or, where the provider told how long to wait,
    /// `Attempt 1 failed: WORDS`.
    fn of(line: &str) -> Option<Self> {
        let (number, rest) = line.strip_prefix("Attempt ")?.split_once(" failed")?;
        let status = rest
            .strip_prefix(" with status ")
            .and_then(|rest| rest.split_once('.'))
            .and_then(|(status, _)| status.parse().ok());
        Some(Self {
            number: number.parse().ok()?,
            status,
        })
    }
}

/// How long it waits before the next try: `Retrying after 5996ms...`, but not `Retrying with backoff...`.
fn delay(line: &str) -> Option<Duration> {
    let (_, rest) = line.split_once("Retrying after ")?;
    let (milliseconds, _) = rest.split_once("ms")?;
    milliseconds.parse().ok().map(Duration::from_millis)
}
