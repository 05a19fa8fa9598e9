//! [`ModelServer`]: a model provider on loopback with a script in place of a model, for real agents to talk to.
//!
//! It speaks Anthropic Messages, `OpenAI` Responses, `OpenAI` chat completions and Gemini, streamed or not. It keeps no
//! state but what it was asked: the step of a script is the number of tool results since the words that it answers.

use std::collections::BTreeMap;
use std::net::SocketAddr;
use std::sync::{Arc, Mutex};
use std::time::{Duration, SystemTime, UNIX_EPOCH};

use axum::Router;
use axum::body::Bytes;
use axum::extract::State;
use axum::http::{HeaderValue, StatusCode, Uri, header};
use axum::response::{IntoResponse, Response};
use regex::Regex;
use serde_json::{Value, json};

use super::model_dialects::{Api, Call, offers_tools};

/// How long a limit (429) lasts, by what the refusal says.
const LIMIT: Duration = Duration::from_secs(2);

/// What is done when a prompt matches.
pub struct Rule {
    when: Regex,
    steps: Vec<Step>,
}

/// One turn of the model.
#[derive(Debug, Clone)]
pub enum Step {
    /// A file is edited by the agent's own tool, or by its shell where it has none.
    Edit(Edit),
    /// A command is run by the agent's shell tool.
    Run(String),
    /// The turn ends with these words.
    Say(String),
    /// The turn ends with this answer: by the agent's tool for it, or in words where it has none.
    Answer(Value),
    /// The provider's answer is this HTTP status, so many times; then the next step's turn comes.
    Fail(u16, usize),
}

/// The whole of a file, before and after.
#[derive(Debug, Clone)]
pub struct Edit {
    pub path: String,
    /// Empty for a file that is made.
    pub old: String,
    pub new: String,
}

impl Rule {
    /// These steps where the latest words to match are these.
    pub fn new(when: &str, steps: impl IntoIterator<Item = Step>) -> Self {
        Self {
            when: Regex::new(when).unwrap(),
            steps: steps.into_iter().collect(),
        }
    }
}

/// A running server; it ends with the program.
pub struct ModelServer {
    address: SocketAddr,
    shared: Arc<Shared>,
}

struct Shared {
    rules: Vec<Rule>,
    /// How often each rule's failing steps have failed.
    failed: Mutex<BTreeMap<(usize, usize), usize>>,
    asked: Mutex<Vec<String>>,
}

impl ModelServer {
    /// Starts one on a free port.
    pub fn start(rules: Vec<Rule>) -> Self {
        let shared = Arc::new(Shared {
            rules,
            failed: Mutex::default(),
            asked: Mutex::default(),
        });
        let listener = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
        listener.set_nonblocking(true).unwrap();
        let address = listener.local_addr().unwrap();
        let app = Router::new()
            .fallback(answer)
            .with_state(Arc::clone(&shared));
        std::thread::spawn(move || {
            let runtime = tokio::runtime::Builder::new_current_thread()
                .enable_all()
                .build()
                .unwrap();
            runtime.block_on(async {
                let listener = tokio::net::TcpListener::from_std(listener).unwrap();
                axum::serve(listener, app).await.unwrap();
            });
        });
        Self { address, shared }
    }

    /// Its address, without a path.
    pub fn url(&self) -> String {
        format!("http://{}", self.address)
    }

    /// The bodies of all requests so far.
    pub fn asked(&self) -> Vec<String> {
        self.shared.asked.lock().unwrap().clone()
    }
}

async fn answer(State(shared): State<Arc<Shared>>, uri: Uri, body: Bytes) -> Response {
    let path = uri.path().to_owned();
    let text = String::from_utf8_lossy(&body).into_owned();
    let body: Value = serde_json::from_str(&text).unwrap_or(Value::Null);
    if path.ends_with("count_tokens") {
        return json_of(StatusCode::OK, &json!({ "input_tokens": 100 }));
    }
    if path.ends_with(":countTokens") {
        return json_of(StatusCode::OK, &json!({ "totalTokens": 100 }));
    }
    let Some(api) = Api::of(&path) else {
        let models = json!([{ "id": "scripted", "object": "model", "type": "model" }]);
        return json_of(
            StatusCode::OK,
            &json!({ "object": "list", "data": models, "models": [] }),
        );
    };
    let number = {
        let mut asked = shared.asked.lock().unwrap();
        asked.push(text);
        asked.len()
    };
    match shared.next(api, &body) {
        Step::Fail(status, _) => failure(api, status),
        step @ (Step::Edit(_) | Step::Run(_) | Step::Say(_) | Step::Answer(_)) => {
            let call = Call::of(&step, &body);
            let said = match &step {
                Step::Say(text) => text.clone(),
                Step::Answer(answer) => answer.to_string(),
                Step::Edit(_) | Step::Run(_) | Step::Fail(..) => String::new(),
            };
            let streamed = api.is_streamed(&path, &body);
            let answer = api.answer(&body, call.as_ref(), &said, number, streamed);
            if streamed {
                ([(header::CONTENT_TYPE, "text/event-stream")], answer).into_response()
            } else {
                ([(header::CONTENT_TYPE, "application/json")], answer).into_response()
            }
        }
    }
}

impl Shared {
    /// The step that a request is answered with.
    fn next(&self, api: Api, body: &Value) -> Step {
        let conversation = api.conversation(body).to_string();
        // Words in JSON: a line end is two characters there.
        let latest =
            self.rules.iter().enumerate().filter_map(|(at, rule)| {
                Some((rule.when.find_iter(&conversation).last()?.end(), at))
            });
        let Some((end, at)) = latest.max_by_key(|&(end, at)| (end, std::cmp::Reverse(at))) else {
            return Step::Say("no rule of the script matches".to_owned());
        };
        let steps = &self.rules[at].steps;
        let needs_tools = |step: &Step| matches!(step, Step::Edit(_) | Step::Run(_));
        if !offers_tools(body) && steps.iter().any(needs_tools) {
            // A title or a summary.
            let words = steps.iter().find(|step| matches!(step, Step::Say(_)));
            return words.cloned().unwrap_or(Step::Say("ok".to_owned()));
        }
        let mut done = api.results_after(&conversation[end..]);
        for (number, step) in steps.iter().enumerate() {
            if let Step::Fail(_, times) = step {
                let mut failed = self.failed.lock().unwrap();
                let count = failed.entry((at, number)).or_default();
                if done == 0 && *count < *times {
                    *count += 1;
                    return step.clone();
                }
                continue;
            }
            if done == 0 {
                return step.clone();
            }
            done -= 1;
        }
        steps.last().cloned().unwrap_or(Step::Say("ok".to_owned()))
    }
}

/// A refusal as the providers word theirs. A limit is lifted soon, and says so in each way that a program reads.
fn failure(api: Api, status: u16) -> Response {
    let kind = match status {
        401 => "authentication_error",
        429 if api == Api::Responses => "usage_limit_reached",
        429 => "rate_limit_error",
        529 => "overloaded_error",
        _ => "api_error",
    };
    let lifted = SystemTime::now() + LIMIT;
    let lifted = lifted.duration_since(UNIX_EPOCH).unwrap().as_secs();
    let mut error = json!({ "type": kind, "message": format!("scripted {status}") });
    if api == Api::Responses {
        error["resets_at"] = json!(lifted);
    } else {
        error["code"] = json!(status);
        error["status"] = json!(kind.to_uppercase());
    }
    if api == Api::Gemini && status == 429 {
        error["details"] = json!([{
            "@type": "type.googleapis.com/google.rpc.RetryInfo",
            "retryDelay": format!("{}s", LIMIT.as_secs()),
        }]);
    }
    let body = json!({ "type": "error", "error": error });
    let mut response = json_of(StatusCode::from_u16(status).unwrap(), &body);
    let mut say = |name: &'static str, value: String| {
        let value = HeaderValue::from_str(&value).unwrap();
        response.headers_mut().insert(name, value);
    };
    if matches!(status, 429 | 503 | 529) {
        say("retry-after", "1".to_owned());
    }
    if status == 429 {
        say("anthropic-ratelimit-unified-status", "rejected".to_owned());
        say("anthropic-ratelimit-unified-reset", lifted.to_string());
        say(
            "anthropic-ratelimit-unified-representative-claim",
            "five_hour".to_owned(),
        );
    }
    response
}

fn json_of(status: StatusCode, body: &Value) -> Response {
    (
        status,
        [(header::CONTENT_TYPE, "application/json")],
        body.to_string(),
    )
        .into_response()
}
