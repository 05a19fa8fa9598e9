//! [`Heard`]: what Claude Code's stream of JSON lines says, and what it came to.
//!
//! The last line decides, but not by its `subtype` alone: that is `success` after a refused call too. Why a call was
//! refused stands as a code in the message that it printed in the answer's place, and as an HTTP status in the result.

use std::collections::HashMap;
use std::time::Duration;

use jiff::Timestamp;
use serde_json::Value;

use super::usage;
use crate::adapters::agents::dialect::Listener;
use crate::adapters::agents::ending::{LastWords, refused, stopped};
use crate::adapters::agents::json_line::{self, count, denial, status, text, used_with};
use crate::engine::ports::CommandEnd;
use crate::model::agent::{AgentAnswer, AgentEnd, AgentEvent};
use crate::model::spend::{Spend, Tokens};

/// The members of a tool's input that say what it is used with.
const INPUTS: [&str; 5] = ["command", "file_path", "notebook_path", "pattern", "path"];

/// The tools that change the file that they name.
const WRITING: [&str; 3] = ["Write", "Edit", "NotebookEdit"];

/// What has been heard so far.
#[derive(Debug, Default)]
pub(super) struct Heard {
    /// What the session cost before: `total_cost_usd` counts on from there.
    before: Spend,
    session: Option<String>,
    said: Option<String>,
    /// The tokens of each message: it is printed once for each of its parts, with the same id and count.
    messages: HashMap<String, Tokens>,
    /// What was told as spent.
    told: Spend,
    /// What the results so far say that this request cost.
    own: Spend,
    /// The files that tools in use are to change, by the use's id.
    writing: HashMap<String, String>,
    /// What the tools are used with, by the use's id.
    uses: HashMap<String, String>,
    /// The tools that were refused, with what they were to be used with, and the ids of their uses.
    denied: Vec<String>,
    denied_uses: Vec<String>,
    /// The code of the refusal that was printed last, if nothing came after it.
    refusal: Option<String>,
    /// When the limit that was reached is lifted.
    resets: Option<Timestamp>,
    result: Option<Value>,
    last_words: LastWords,
}

impl Heard {
    pub(super) fn new(before: Spend) -> Self {
        Self {
            before,
            ..Self::default()
        }
    }
}

impl Listener for Heard {
    fn out(&mut self, line: &str, hear: &mut dyn FnMut(AgentEvent)) {
        let Some(event) = json_line::object(line) else {
            self.last_words.hear(line);
            return;
        };
        if self.session.is_none()
            && let Some(session) = text(&event, "/session_id")
        {
            self.session = Some(session.to_owned());
            hear(AgentEvent::Session(session.to_owned()));
        }
        match text(&event, "/type") {
            Some("assistant") => self.says(&event, hear),
            Some("user") => self.used(&event, hear),
            Some("system") => match text(&event, "/subtype") {
                Some("init") => {
                    if let Some(model) = text(&event, "/model") {
                        hear(AgentEvent::Model(model.to_owned()));
                    }
                }
                Some("api_retry") => hear(retry(&event)),
                Some("permission_denied") => self.denied(&event, hear),
                _ => {}
            },
            Some("rate_limit_event") => self.limit(&event, hear),
            Some("result") => self.result(event, hear),
            _ => {}
        }
    }

    fn err(&mut self, line: &str, _hear: &mut dyn FnMut(AgentEvent)) {
        self.last_words.hear(line);
    }

    fn end(self: Box<Self>, end: CommandEnd, _last_message: Option<String>) -> AgentAnswer {
        let end = self.came_to(end);
        let result = self.result.unwrap_or_default();
        // Beside an error it is the program's own words, not the agent's.
        let last = text(&result, "/result").filter(|_| well(&result));
        AgentAnswer {
            end,
            text: last.map(str::to_owned).or(self.said),
            structured: result
                .get("structured_output")
                .filter(|answer| !answer.is_null())
                .cloned(),
            session: self.session,
            spend: self.told,
            turns: result
                .get("num_turns")
                .and_then(Value::as_u64)
                .and_then(|turns| u32::try_from(turns).ok()),
        }
    }
}

impl Heard {
    fn says(&mut self, event: &Value, hear: &mut dyn FnMut(AgentEvent)) {
        if let Some(code) = text(event, "/error") {
            // It stands in for an answer, made up by the program.
            self.refusal = Some(code.to_owned());
            return;
        }
        self.refusal = None;
        for part in parts(event) {
            match text(part, "/type") {
                Some("text") => {
                    if let Some(words) = text(part, "/text") {
                        self.said = Some(words.to_owned());
                        hear(AgentEvent::Text(words.to_owned()));
                    }
                }
                Some("tool_use") => self.uses(part, hear),
                _ => {}
            }
        }
        if let Some(id) = text(event, "/message/id") {
            let now = usage::tokens(event, "/message/usage");
            let counted = self.messages.entry(id.to_owned()).or_default();
            let more = Spend {
                tokens: now.since(counted),
                ..Spend::default()
            };
            counted.input = counted.input.max(now.input);
            counted.cached = counted.cached.max(now.cached);
            counted.output = counted.output.max(now.output);
            self.spent(more, hear);
        }
    }

    fn uses(&mut self, part: &Value, hear: &mut dyn FnMut(AgentEvent)) {
        let name = text(part, "/name").unwrap_or("?").to_owned();
        let file = text(part, "/input/file_path").or(text(part, "/input/notebook_path"));
        if let (true, Some(id), Some(file)) =
            (WRITING.contains(&name.as_str()), text(part, "/id"), file)
        {
            self.writing.insert(id.to_owned(), file.to_owned());
        }
        let with = used_with(part.get("input"), &INPUTS);
        if let Some(id) = text(part, "/id") {
            self.uses.insert(id.to_owned(), with.clone());
        }
        hear(AgentEvent::Tool { name, with });
    }

    fn used(&mut self, event: &Value, hear: &mut dyn FnMut(AgentEvent)) {
        for part in parts(event) {
            let file = text(part, "/tool_use_id").and_then(|id| self.writing.remove(id));
            let failed = part.get("is_error").and_then(Value::as_bool) == Some(true);
            if let (Some(file), false) = (file, failed) {
                hear(AgentEvent::File(file));
            }
        }
    }

    /// Takes a refusal of a tool, as it is told at once and once more in the result.
    fn denied(&mut self, event: &Value, hear: &mut dyn FnMut(AgentEvent)) {
        let id = text(event, "/tool_use_id").unwrap_or_default();
        if self.denied_uses.iter().any(|known| known == id) {
            return;
        }
        self.denied_uses.push(id.to_owned());
        // At once it is told without its input.
        let with = match self.uses.remove(id) {
            Some(with) => with,
            None => used_with(event.get("tool_input"), &INPUTS),
        };
        let name = text(event, "/tool_name").unwrap_or("?");
        let tool = denial(&mut self.denied, name, &with);
        hear(AgentEvent::Denied { tool });
    }

    fn limit(&mut self, event: &Value, hear: &mut dyn FnMut(AgentEvent)) {
        let reached = match text(event, "/rate_limit_info/status") {
            Some("rejected") => true,
            Some("allowed") | None => return,
            Some(_) => false,
        };
        let resets = event
            .pointer("/rate_limit_info/resetsAt")
            .and_then(Value::as_i64)
            .and_then(|seconds| Timestamp::from_second(seconds).ok());
        if reached {
            self.resets = resets;
        }
        hear(AgentEvent::Limit { resets, reached });
    }

    fn result(&mut self, event: Value, hear: &mut dyn FnMut(AgentEvent)) {
        let denials = event.get("permission_denials").and_then(Value::as_array);
        for denial in denials.into_iter().flatten() {
            self.denied(denial, hear);
        }
        match usage::since_last_result(&event) {
            Some(more) => self.own += more,
            None => self.own = usage::by_totals(&event, &self.before),
        }
        let more = self.own.since(&self.told);
        self.spent(more, hear);
        self.result = Some(event);
    }

    fn spent(&mut self, more: Spend, hear: &mut dyn FnMut(AgentEvent)) {
        // A cost of nothing is news, too: it is known then.
        if more.cost.is_some() || !more.is_nothing() {
            self.told += more;
            hear(AgentEvent::Spent(more));
        }
    }

    fn came_to(&self, end: CommandEnd) -> AgentEnd {
        if let Some(end) = stopped(end) {
            return end;
        }
        let Some(result) = &self.result else {
            return self.unexplained(end);
        };
        let subtype = text(result, "/subtype").unwrap_or_default();
        match subtype {
            "error_max_turns" => return AgentEnd::OutOfTurns,
            "error_max_budget_usd" => return AgentEnd::OutOfBudget,
            _ => {}
        }
        if subtype == "success" && well(result) {
            return if self.denied.is_empty() {
                AgentEnd::Completed
            } else {
                AgentEnd::Denied(self.denied.clone())
            };
        }
        let words = words(result);
        self.refusal_by_code(&words).unwrap_or_else(|| {
            refused(
                status(result, "/api_error_status").unwrap_or_default(),
                &words,
                self.resets,
            )
        })
    }

    /// What the code of a refused call says, where it says more than the HTTP status: an account without credit is
    /// answered with 400, and a program that is not logged in makes no call at all.
    fn refusal_by_code(&self, words: &str) -> Option<AgentEnd> {
        match self.refusal.as_deref()? {
            "authentication_failed"
            | "oauth_org_not_allowed"
            | "account_on_hold"
            | "verification_required"
            | "cloud_credential_error" => Some(AgentEnd::Unauthorised(words.to_owned())),
            "billing_error" => Some(AgentEnd::NoQuota(words.to_owned())),
            "rate_limit" | "overloaded" => Some(AgentEnd::RateLimited {
                resets: self.resets,
            }),
            _ => None,
        }
    }

    /// The end of a stream that stopped before its result; a refusal in it still counts.
    fn unexplained(&self, end: CommandEnd) -> AgentEnd {
        let words = self.last_words.text(end);
        self.refusal_by_code(&words)
            .unwrap_or(AgentEnd::Failed(words))
    }
}

/// Whether a result has no error flag.
fn well(result: &Value) -> bool {
    result.get("is_error").and_then(Value::as_bool) == Some(false)
}

/// The parts of a message's content.
fn parts(event: &Value) -> impl Iterator<Item = &Value> {
    let content = event.pointer("/message/content").and_then(Value::as_array);
    content.into_iter().flatten()
}

fn retry(event: &Value) -> AgentEvent {
    // It counts its retries: the first is the second try.
    let attempt = count(event, "/attempt").saturating_add(1);
    AgentEvent::Retrying {
        status: status(event, "/error_status"),
        attempt: u32::try_from(attempt).unwrap_or(u32::MAX),
        delay: event
            .get("retry_delay_ms")
            .and_then(Value::as_f64)
            .and_then(|milliseconds| Duration::try_from_secs_f64(milliseconds / 1000.0).ok()),
    }
}

/// What a result that is no success says for itself.
fn words(result: &Value) -> String {
    if let Some(words) = text(result, "/result") {
        return words.to_owned();
    }
    let errors = result.get("errors").and_then(Value::as_array);
    let errors: Vec<&str> = errors
        .into_iter()
        .flatten()
        .filter_map(Value::as_str)
        .collect();
    if errors.is_empty() {
        let subtype = text(result, "/subtype").unwrap_or("an error");
        return format!("{subtype} without words");
    }
    errors.join("\n")
}
