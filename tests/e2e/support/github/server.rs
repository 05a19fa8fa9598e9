//! The hub's server: each request is noted, met by the fault whose turn it is, held against tokens and limits, answered
//! from the [`State`], and its answer noted.

use std::sync::{Arc, Mutex, MutexGuard};
use std::time::{Duration, Instant};

use axum::Router;
use axum::body::{Body, Bytes};
use axum::extract::{ConnectInfo, Request};
use axum::http::request::Parts;
use axum::response::Response;
use batch::engine::ports::Clock as _;
use serde_json::{Value, json};
use tokio::sync::watch;

use super::faults::Fault;
use super::git_http::{self, Access, Served};
use super::limits;
use super::log::Entry;
use super::reply::{Reply, Sent};
use super::routes::{Ask, unescape};
use super::shapes;
use super::state::State;
use super::wire::{Cord, Wire};

/// What the server and the test share.
pub struct Shared {
    pub state: Mutex<State>,
    /// True once the hub is dropped.
    pub closing: watch::Sender<bool>,
}

impl Shared {
    pub fn lock(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap()
    }
}

/// Serves until the hub is dropped.
pub async fn serve(shared: Arc<Shared>, wire: Wire) {
    let mut closing = shared.closing.subscribe();
    let app = Router::new()
        .fallback(answer)
        .with_state(shared)
        .into_make_service_with_connect_info::<Cord>();
    tokio::select! {
        ended = axum::serve(wire, app) => ended.unwrap(),
        _ = closing.wait_for(|closing| *closing) => {}
    }
}

/// A request that was noted.
struct Noted {
    /// Its place in the log.
    at: usize,
    fault: Option<Fault>,
}

async fn answer(
    axum::extract::State(shared): axum::extract::State<Arc<Shared>>,
    ConnectInfo(cord): ConnectInfo<Cord>,
    request: Request,
) -> Response {
    let (parts, body) = request.into_parts();
    let Ok(body) = axum::body::to_bytes(body, usize::MAX).await else {
        return Response::new(Body::empty());
    };
    let noted = note(&shared, &parts, &body, &cord);
    let mut sent = Sent::default();
    if noted.fault.is_none_or(Fault::is_after) {
        sent = match git_http::parts(parts.uri.path()) {
            Some(_) => git(&shared, &parts, body, noted.at).await,
            None => interface(&shared, &parts, &body, &cord, noted.at),
        };
    }
    let mut response = match noted.fault {
        None => {
            shared.lock().log.entries[noted.at].status = Some(sent.status);
            sent.into_response()
        }
        Some(fault) => spoil(&shared, fault, sent, &cord, noted.at).await,
    };
    let date = jiff::fmt::rfc2822::DateTimePrinter::new()
        .timestamp_to_rfc9110_string(&shared.lock().clock.now());
    response
        .headers_mut()
        .insert("date", date.unwrap().parse().unwrap());
    response
}

/// Enters a request in the log.
fn note(shared: &Shared, parts: &Parts, body: &Bytes, cord: &Cord) -> Noted {
    let mut state = shared.lock();
    let path = parts.uri.path();
    let is_git = git_http::parts(path).is_some();
    let nth = (!is_git).then(|| {
        state.log.asked += 1;
        state.log.asked
    });
    let entry = Entry {
        nth,
        method: parts.method.to_string(),
        path: path.to_owned(),
        query: parts.uri.query().unwrap_or_default().to_owned(),
        body: if is_git {
            Value::Null
        } else {
            serde_json::from_slice(body).unwrap_or_default()
        },
        at: Instant::now(),
        connection: cord.number,
        status: None,
        created: None,
        faulty: false,
    };
    let inside = state
        .limits
        .inside_pause(state.clock, cord.number)
        .filter(|_| !is_git);
    if let Some(left) = inside {
        let words = format!("{} came {left:?} before the end of a pause", entry.line());
        state.log.violations.push(words);
    }
    let fault = state.faults.next(nth, parts.method.as_str(), path);
    state.log.entries.push(Entry {
        faulty: fault.is_some(),
        ..entry
    });
    Noted {
        at: state.log.entries.len() - 1,
        fault,
    }
}

/// Answers a request of git's.
async fn git(shared: &Shared, parts: &Parts, body: Bytes, at: usize) -> Sent {
    let (slug, rest) = git_http::parts(parts.uri.path()).unwrap();
    let query = parts.uri.query().unwrap_or_default();
    let writes = rest == "git-receive-pack" || query.contains("service=git-receive-pack");
    let authorization = parts
        .headers
        .get("authorization")
        .and_then(|value| value.to_str().ok());
    let access = shared.lock().access(slug, writes, authorization);
    match access {
        Access::Denied(status, words) => {
            let sent = Sent::text(status, &words);
            match status {
                401 => sent.with("www-authenticate", "Basic realm=\"GitHub\""),
                _ => sent,
            }
        }
        Access::Granted { folder, id, login } => {
            let sent = git_http::serve(Served {
                folder,
                id,
                login,
                method: parts.method.as_str(),
                rest,
                query,
                headers: &parts.headers,
                body,
            })
            .await;
            if rest == "git-receive-pack" {
                shared.lock().log.entries[at].created = Some(format!("push {slug}"));
            }
            sent
        }
    }
}

/// Answers a request to the interface.
fn interface(shared: &Shared, parts: &Parts, body: &Bytes, cord: &Cord, at: usize) -> Sent {
    let mut state = shared.lock();
    let state = &mut *state;
    let reply = answered(state, parts, body);
    let mut sent = reply.clone();
    let authorization = parts
        .headers
        .get("authorization")
        .and_then(|value| value.to_str().ok());
    if let Ok(Some(token)) = state.token(authorization) {
        sent.headers.extend(token.headers());
    }
    sent.headers.extend(state.limits.headers());
    let now = state.clock.now();
    state.limits.announce(&sent, now, cord.number);
    let entry = &mut state.log.entries[at];
    entry.created.clone_from(&reply.created);
    let wrong = shapes::wrong(
        &entry.method,
        &entry.path,
        &entry.query,
        &entry.body,
        &reply,
    );
    let line = entry.line();
    state
        .log
        .misshapen
        .extend(wrong.into_iter().map(|words| format!("{line}: {words}")));
    Sent::of(&sent)
}

fn answered(state: &mut State, parts: &Parts, body: &Bytes) -> Reply {
    let now = state.clock.now();
    let authorization = parts
        .headers
        .get("authorization")
        .and_then(|value| value.to_str().ok());
    let Ok(Some(token)) = state.token(authorization) else {
        let words = match authorization {
            Some(_) => "Bad credentials",
            None => "Requires authentication",
        };
        return Reply::refused(401, words);
    };
    if parts
        .headers
        .get("user-agent")
        .is_none_or(reqwest::header::HeaderValue::is_empty)
    {
        let words = "Request forbidden by administrative rules. Please make sure your request has a User-Agent header";
        return Reply::refused(403, words);
    }
    if let Some(refusal) = state.limits.count(now) {
        return refusal;
    }
    let sent: Result<Value, _> = serde_json::from_slice(body);
    let Ok(sent) = sent.or_else(|error| {
        if body.is_empty() {
            Ok(Value::Null)
        } else {
            Err(error)
        }
    }) else {
        return Reply::refused(400, "Problems parsing JSON");
    };
    let path = parts.uri.path();
    let is_graphql = path == "/api/graphql";
    let writes = if is_graphql {
        sent["query"]
            .as_str()
            .is_some_and(|query| query.trim_start().starts_with("mutation"))
    } else {
        parts.method.as_str() != "GET"
    };
    if let Some(refusal) =
        state
            .limits
            .spend(now, writes, parts.method.as_str() == "POST" && !is_graphql)
    {
        return refusal;
    }
    if is_graphql {
        return state.graphql(&sent, &token);
    }
    let Some(below) = path.strip_prefix("/api/v3/") else {
        return Reply::not_found();
    };
    let pairs = parts.uri.query().unwrap_or_default().split('&');
    let query = pairs.filter_map(|pair| pair.split_once('='));
    let query = query.map(|(name, value)| (unescape(name), unescape(&value.replace('+', " "))));
    let ask = Ask {
        method: parts.method.to_string(),
        path: below.split('/').map(unescape).collect(),
        query: query.collect(),
        body: sent,
        token,
    };
    state.answer(&ask)
}

/// Does to an answer what a fault does.
async fn spoil(shared: &Shared, fault: Fault, sent: Sent, cord: &Cord, at: usize) -> Response {
    let page = |status: u16| {
        let words = "<html><body><h1>Unicorn!</h1></body></html>";
        Sent::page(status, "text/html; charset=utf-8", words)
    };
    let sent = match fault {
        Fault::ResetBefore | Fault::ResetAfter => return cut(cord),
        Fault::StallBefore(time) | Fault::StallAfter(time) => {
            stall(shared, time).await;
            return cut(cord);
        }
        Fault::BadGatewayBefore | Fault::BadGatewayAfter => page(502),
        Fault::Unavailable => page(503),
        Fault::ServerError => Sent::of(&Reply::refused(500, "Server Error")),
        Fault::HtmlBefore | Fault::HtmlAfter => page(200),
        Fault::Forbidden(pause) => limited(shared, &limits::secondary(403, pause), cord),
        Fault::TooMany(pause) => limited(shared, &limits::secondary(429, pause), cord),
        Fault::Exhausted(seconds) => {
            let reset = limits::epoch(shared.lock().clock.now()) + seconds;
            let reply = limits::exhausted()
                .with("x-ratelimit-remaining", "0")
                .with("x-ratelimit-reset", reset.to_string());
            limited(shared, &reply, cord)
        }
        Fault::EmptyBody => Sent {
            body: Vec::new(),
            ..sent
        },
        Fault::GraphqlErrors => Sent::of(&Reply::ok(json!({
            "data": null,
            "errors": [{ "message": "Something went wrong while executing your query. Please include `A1B2` when reporting this issue." }],
        }))),
        Fault::CutBody => {
            shared.lock().log.entries[at].status = Some(sent.status);
            return sent.into_half();
        }
    };
    shared.lock().log.entries[at].status = Some(sent.status);
    sent.into_response()
}

fn limited(shared: &Shared, reply: &Reply, cord: &Cord) -> Sent {
    let mut state = shared.lock();
    let now = state.clock.now();
    state.limits.announce(reply, now, cord.number);
    Sent::of(reply)
}

fn cut(cord: &Cord) -> Response {
    cord.cut();
    Response::new(Body::empty())
}

/// Waits so long, or until the hub is dropped.
async fn stall(shared: &Shared, time: Option<Duration>) {
    let mut closing = shared.closing.subscribe();
    let closed = closing.wait_for(|closing| *closing);
    match time {
        Some(time) => drop(tokio::time::timeout(time, closed).await),
        None => drop(closed.await),
    }
}
