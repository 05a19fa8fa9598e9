//! [`Hearing`]: makes sense of what an agent prints whose recipe says where what stands.

use std::collections::BTreeMap;

use serde_json::Value;

use crate::adapters::agents::dialect::Listener;
use crate::adapters::agents::recipe::place::Place;
use crate::adapters::agents::recipe::{Answer, Meaning, OutputAs, Recipe};
use crate::engine::ports::CommandEnd;
use crate::model::agent::{AgentAnswer, AgentEnd, AgentEvent};
use crate::model::spend::{Spend, Tokens, Usd};

/// How much is kept of an output that is understood only as a whole, in bytes.
const KEPT: usize = 16 << 20;

/// How much is kept of standard error, in bytes.
const KEPT_ERR: usize = 4 << 10;

/// Makes sense of what such an agent prints.
pub(super) struct Hearing {
    recipe: Recipe,
    wants_schema: bool,
    found: Found,
    /// Standard output as far as it is needed whole; of JSON lines nothing.
    text: String,
    /// The end of standard error.
    err: String,
}

/// What stood at the places of an answer, each as it was there last.
#[derive(Debug, Default)]
struct Found {
    said: Option<String>,
    /// How often it said something.
    sayings: u32,
    result: Option<Value>,
    structured: Option<Value>,
    session: Option<String>,
    model: Option<String>,
    error: Option<Value>,
    turns: Option<u32>,
    cost: Option<Usd>,
    counts: BTreeMap<Count, u64>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum Count {
    Input,
    Output,
    Cached,
}

impl Found {
    fn look(&mut self, object: &Value, answer: &Answer, hear: &mut dyn FnMut(AgentEvent)) {
        let at = |place: &Option<Place>| place.as_ref().and_then(|place| place.of(object).cloned());
        let before = self.spend(answer);
        if let Some(session) = at(&answer.session).map(words).filter(|id| !id.is_empty()) {
            if self.session.as_ref() != Some(&session) {
                hear(AgentEvent::Session(session.clone()));
            }
            self.session = Some(session);
        }
        if let Some(model) = at(&answer.model).map(words).filter(|name| !name.is_empty()) {
            if self.model.as_ref() != Some(&model) {
                hear(AgentEvent::Model(model.clone()));
            }
            self.model = Some(model);
        }
        if let Some(said) = at(&answer.says).map(words) {
            hear(AgentEvent::Text(said.clone()));
            self.said = Some(said);
            self.sayings = self.sayings.saturating_add(1);
        }
        self.result = at(&answer.result).or(self.result.take());
        self.structured = at(&answer.structured).or(self.structured.take());
        self.error = at(&answer.error).or(self.error.take());
        let turns = at(&answer.turns).as_ref().and_then(number);
        self.turns = turns
            .and_then(|turns| u32::try_from(turns).ok())
            .or(self.turns);
        self.cost = at(&answer.cost).as_ref().and_then(dollars).or(self.cost);
        for (count, place) in [
            (Count::Input, &answer.input),
            (Count::Output, &answer.output),
            (Count::Cached, &answer.cached),
        ] {
            if let Some(tokens) = at(place).as_ref().and_then(number) {
                self.counts.insert(count, tokens);
            }
        }
        let spent = self.spend(answer).since(&before);
        if !spent.is_nothing() {
            hear(AgentEvent::Spent(spent));
        }
    }

    fn spend(&self, answer: &Answer) -> Spend {
        let of = |count| self.counts.get(&count).copied().unwrap_or_default();
        let (input, cached) = (of(Count::Input), of(Count::Cached));
        Spend {
            cost: self.cost,
            estimated: false,
            tokens: Tokens {
                input: if answer.input_holds_cached {
                    input.saturating_sub(cached)
                } else {
                    input
                },
                cached,
                output: of(Count::Output),
            },
        }
    }

    /// The turns that it told of, else its messages; none when it told nothing.
    fn turns(&self) -> Option<u32> {
        self.turns.or(Some(self.sayings).filter(|count| *count > 0))
    }

    /// What the agent itself calls wrong: anything but nothing, `false`, an empty text.
    fn wrong(&self) -> Option<String> {
        match self.error.as_ref()? {
            Value::Null | Value::Bool(false) => None,
            Value::Bool(true) => {
                let result = self.result.clone().map(words);
                Some(result.unwrap_or_else(|| "it says that it failed".to_owned()))
            }
            other => Some(words(other.clone())).filter(|words| !words.is_empty()),
        }
    }
}

impl Listener for Hearing {
    fn out(&mut self, line: &str, hear: &mut dyn FnMut(AgentEvent)) {
        match self.recipe.output {
            OutputAs::Text => {
                if !line.trim().is_empty() {
                    hear(AgentEvent::Text(line.to_owned()));
                }
                keep_last(&mut self.text, line, KEPT);
            }
            OutputAs::Json => keep_last(&mut self.text, line, KEPT),
            OutputAs::JsonLines => {
                if let Ok(object @ Value::Object(_)) = serde_json::from_str(line) {
                    self.found.look(&object, &self.recipe.answer, hear);
                }
            }
        }
    }

    fn err(&mut self, line: &str, _hear: &mut dyn FnMut(AgentEvent)) {
        keep_last(&mut self.err, line, KEPT_ERR);
    }

    fn turns(&self) -> u32 {
        self.found.turns().unwrap_or(0)
    }

    fn end(mut self: Box<Self>, end: CommandEnd, _last_message: Option<String>) -> AgentAnswer {
        if self.recipe.output == OutputAs::Json
            && let Some(document) = document(&self.text)
        {
            self.found.look(&document, &self.recipe.answer, &mut |_| {});
        }
        let text = self.answer_text();
        AgentAnswer {
            end: self.came_to(end),
            structured: self.structured(text.as_deref()),
            text,
            session: self.found.session.clone(),
            spend: self.found.spend(&self.recipe.answer),
            turns: self.found.turns(),
        }
    }
}

impl Hearing {
    /// For one call; `wants_schema` when it was told to answer by one.
    pub(super) fn new(recipe: Recipe, wants_schema: bool) -> Self {
        Self {
            recipe,
            wants_schema,
            found: Found::default(),
            text: String::new(),
            err: String::new(),
        }
    }

    fn answer_text(&self) -> Option<String> {
        let text = match self.recipe.output {
            OutputAs::Text => Some(self.text.clone()),
            OutputAs::Json | OutputAs::JsonLines => {
                let result = self.found.result.clone().map(words);
                result.or_else(|| self.found.said.clone())
            }
        };
        text.map(|text| text.trim().to_owned())
            .filter(|text| !text.is_empty())
    }

    fn structured(&self, text: Option<&str>) -> Option<Value> {
        if !self.wants_schema {
            return None;
        }
        match &self.found.structured {
            // Some hand over JSON as a text.
            Some(Value::String(json)) => serde_json::from_str(json).ok(),
            Some(value) => Some(value.clone()),
            None => serde_json::from_str(text?).ok(),
        }
    }

    fn came_to(&self, end: CommandEnd) -> AgentEnd {
        let code = match end {
            CommandEnd::Exited(code) => code,
            CommandEnd::Signalled(signal) => {
                return AgentEnd::Failed(self.why(&format!("ended by signal {signal}")));
            }
            CommandEnd::TimedOut(after) => return AgentEnd::TimedOut(after),
            CommandEnd::Stopped => return AgentEnd::Failed("stopped".to_owned()),
        };
        let why = || self.why(&format!("exit code {code}"));
        match self.recipe.codes.get(&code) {
            None => AgentEnd::Failed(why()),
            Some(Meaning::Unauthorised) => AgentEnd::Unauthorised(why()),
            Some(Meaning::RateLimited) => AgentEnd::RateLimited { resets: None },
            Some(Meaning::NoQuota) => AgentEnd::NoQuota(why()),
            Some(Meaning::OutOfTurns) => AgentEnd::OutOfTurns,
            Some(Meaning::OutOfBudget) => AgentEnd::OutOfBudget,
            Some(Meaning::Ok) => match (self.found.wrong(), &self.recipe.answer.result) {
                (Some(words), _) => AgentEnd::Failed(words),
                (None, Some(place)) if self.found.result.is_none() => {
                    let pointer = place.pointer();
                    AgentEnd::Failed(format!("it printed no result (looked for at {pointer})"))
                }
                (None, _) => AgentEnd::Completed,
            },
        }
    }

    /// What it said is wrong, else its last words on standard error, else how it ended.
    fn why(&self, end: &str) -> String {
        let err = self.err.trim();
        let said = self.found.wrong();
        said.unwrap_or_else(|| if err.is_empty() { end } else { err }.to_owned())
    }
}

/// Appends a line to a text, whose beginning goes when it becomes too long.
fn keep_last(text: &mut String, line: &str, most: usize) {
    text.push_str(line);
    text.push('\n');
    if text.len() > 2 * most {
        let cut = text.len() - most;
        let cut = (cut..=text.len()).find(|at| text.is_char_boundary(*at));
        text.drain(..cut.expect("its end is a boundary"));
    }
}

/// The JSON document in an output, whatever is printed around it.
fn document(text: &str) -> Option<Value> {
    serde_json::from_str(text.trim()).ok().or_else(|| {
        let (start, end) = (text.find('{')?, text.rfind('}')?);
        serde_json::from_str(text.get(start..=end)?).ok()
    })
}

fn words(value: Value) -> String {
    match value {
        Value::String(text) => text,
        other => other.to_string(),
    }
}

fn number(value: &Value) -> Option<u64> {
    match value {
        Value::String(text) => text.trim().parse().ok(),
        other => other.as_u64(),
    }
}

fn dollars(value: &Value) -> Option<Usd> {
    let dollars = match value {
        Value::String(text) => text.trim().trim_start_matches('$').parse().ok()?,
        other => other.as_f64()?,
    };
    Usd::from_dollars(dollars)
}
