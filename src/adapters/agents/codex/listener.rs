//! [`Heard`]: what codex's stream of JSON lines says, and what it came to.
//!
//! `turn.completed` and `turn.failed` decide; an `error` line stands in good runs too. Tokens are told at the end of the
//! turn, for the whole session and with the cached ones among the input; money never.

use jiff::Zoned;
use serde_json::Value;

use super::{refusal, strict};
use crate::adapters::agents::dialect::Listener;
use crate::adapters::agents::ending::{LastWords, stopped};
use crate::adapters::agents::json_line::{self, count, text, used_with};
use crate::engine::ports::CommandEnd;
use crate::model::agent::{AgentAnswer, AgentEnd, AgentEvent};
use crate::model::spend::{Spend, Tokens};

/// What it says on standard error alone, when it wanted to edit outside of its root.
const PATCH_REFUSED: &str = "patch rejected: ";

/// How the turn ended.
#[derive(Debug)]
enum Turn {
    Completed,
    Failed(String),
}

/// What has been heard so far.
#[derive(Debug)]
pub(super) struct Heard {
    /// The session's tokens before this request.
    before: Tokens,
    /// Whether the last message is to be JSON.
    schema: bool,
    session: Option<String>,
    said: Option<String>,
    /// The items that were told when they began.
    begun: Vec<String>,
    turns: u32,
    denied: Vec<String>,
    spend: Spend,
    turn: Option<Turn>,
    last_words: LastWords,
}

impl Heard {
    pub(super) fn new(before: Tokens, schema: bool) -> Self {
        Self {
            before,
            schema,
            session: None,
            said: None,
            begun: Vec::new(),
            turns: 0,
            denied: Vec::new(),
            spend: Spend::default(),
            turn: None,
            last_words: LastWords::default(),
        }
    }
}

impl Listener for Heard {
    fn out(&mut self, line: &str, hear: &mut dyn FnMut(AgentEvent)) {
        let Some(event) = json_line::object(line) else {
            self.last_words.hear(line);
            return;
        };
        match text(&event, "/type") {
            Some("thread.started") => {
                if let Some(session) = text(&event, "/thread_id") {
                    self.session = Some(session.to_owned());
                    hear(AgentEvent::Session(session.to_owned()));
                }
            }
            Some("item.started") => self.begins(&event["item"], hear),
            Some("item.completed") => self.item(&event["item"], hear),
            Some("turn.completed") => {
                self.turn = Some(Turn::Completed);
                self.spent(&event, hear);
            }
            Some("turn.failed") => {
                let words = text(&event, "/error/message").unwrap_or("an error without words");
                self.turn = Some(Turn::Failed(words.to_owned()));
            }
            Some("error") => {
                let words = text(&event, "/message").unwrap_or_default();
                match refusal::attempt(words) {
                    Some(attempt) => hear(AgentEvent::Retrying {
                        status: refusal::status(words),
                        attempt,
                        delay: None,
                    }),
                    None => self.last_words.hear(words),
                }
            }
            _ => {}
        }
    }

    fn err(&mut self, line: &str, hear: &mut dyn FnMut(AgentEvent)) {
        self.last_words.hear(line);
        if line.contains(PATCH_REFUSED) {
            self.refuse("apply_patch", hear);
        }
    }

    /// It tells what it uses, but not which uses were of one answer of its model: each counts.
    fn turns(&self) -> u32 {
        self.turns
    }

    fn end(self: Box<Self>, end: CommandEnd, last_message: Option<String>) -> AgentAnswer {
        let end = self.came_to(end);
        let text = last_message
            .filter(|message| !message.is_empty())
            .or(self.said);
        let structured = if self.schema { text.as_deref() } else { None }
            .and_then(|text| serde_json::from_str(text).ok())
            .map(strict::without_nulls);
        AgentAnswer {
            end,
            text,
            structured,
            session: self.session,
            spend: self.spend,
            // An answer alone is a turn, too.
            turns: Some(self.turns.max(1)),
        }
    }
}

impl Heard {
    /// Tells what is being done, once for an item.
    fn begins(&mut self, item: &Value, hear: &mut dyn FnMut(AgentEvent)) {
        let id = text(item, "/id").unwrap_or_default();
        if self.begun.iter().any(|known| known == id) {
            return;
        }
        let (name, with) = match text(item, "/type") {
            Some("command_execution") => ("shell", used_with(Some(item), &["command"])),
            Some("file_change") => (
                "apply_patch",
                used_with(item.pointer("/changes/0"), &["path"]),
            ),
            Some("mcp_tool_call") => ("mcp", used_with(Some(item), &["tool", "server"])),
            Some("web_search") => ("web_search", used_with(Some(item), &["query"])),
            _ => return,
        };
        self.begun.push(id.to_owned());
        self.turns = self.turns.saturating_add(1);
        hear(AgentEvent::Tool {
            name: name.to_owned(),
            with,
        });
    }

    fn item(&mut self, item: &Value, hear: &mut dyn FnMut(AgentEvent)) {
        // Some items are told at their end alone.
        self.begins(item, hear);
        let kind = text(item, "/type").unwrap_or_default();
        let status = text(item, "/status");
        match (kind, status) {
            ("agent_message", _) => {
                if let Some(words) = text(item, "/text") {
                    self.said = Some(words.to_owned());
                    hear(AgentEvent::Text(words.to_owned()));
                }
            }
            ("file_change", Some("completed")) => {
                let changes = item.get("changes").and_then(Value::as_array);
                for change in changes.into_iter().flatten() {
                    if let Some(path) = text(change, "/path") {
                        hear(AgentEvent::File(path.to_owned()));
                    }
                }
            }
            ("command_execution", Some("declined")) => self.refuse("shell", hear),
            ("file_change", Some("declined")) => self.refuse("apply_patch", hear),
            ("error", _) => self
                .last_words
                .hear(text(item, "/message").unwrap_or_default()),
            _ => {}
        }
    }

    fn refuse(&mut self, tool: &str, hear: &mut dyn FnMut(AgentEvent)) {
        if !self.denied.iter().any(|known| known == tool) {
            self.denied.push(tool.to_owned());
        }
        hear(AgentEvent::Denied {
            tool: tool.to_owned(),
        });
    }

    fn spent(&mut self, event: &Value, hear: &mut dyn FnMut(AgentEvent)) {
        let cached = count(event, "/usage/cached_input_tokens");
        let session = Tokens {
            input: count(event, "/usage/input_tokens").saturating_sub(cached),
            cached,
            output: count(event, "/usage/output_tokens"),
        };
        let more = Spend {
            tokens: session.since(&self.before).since(&self.spend.tokens),
            ..Spend::default()
        };
        if !more.is_nothing() {
            self.spend += more;
            hear(AgentEvent::Spent(more));
        }
    }

    fn came_to(&self, end: CommandEnd) -> AgentEnd {
        if let Some(end) = stopped(end) {
            return end;
        }
        match &self.turn {
            Some(Turn::Completed) if self.denied.is_empty() => AgentEnd::Completed,
            Some(Turn::Completed) => AgentEnd::Denied(self.denied.clone()),
            Some(Turn::Failed(words)) => refusal::meaning(words, &Zoned::now()),
            None => self.last_words.unexplained(end),
        }
    }
}
