//! Tests of [`Gateway`] against a server of their own, by a clock that runs fast.

use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Duration;

use jiff::Timestamp;
use serde_json::{Value, json};

use super::{Connection, Gateway, Tempo};
use crate::adapters::forges::github::api::{Answer, ApiError, Call, Kind, Method};
use crate::adapters::forges::github::settings::GitHubSettings;
use crate::adapters::forges::github::token::{Token, TokenSource};
use crate::adapters::forges::github::transport::Timeouts;
use crate::engine::ports::Stop;
use server::{Reply, Server, answer, with};

mod network;
mod pausing;
mod server;

const SECRET: &str = "ghp_hidden";

/// Waits that are as short as the clock is quick.
fn tempo() -> Tempo {
    Tempo {
        timeouts: Timeouts {
            connect: Duration::from_secs(5),
            whole: Duration::from_secs(20),
        },
        look: Duration::from_millis(2),
        ..Tempo::default()
    }
}

fn connection(server: &Server, state_folder: Option<&Path>) -> Connection {
    Connection {
        api_url: server.url(),
        token: Token {
            secret: SECRET.into(),
            source: TokenSource::Variable("GH_TOKEN"),
        },
        settings: GitHubSettings::default(),
        state_folder: state_folder.map(Path::to_owned),
        ca_file: None,
        stop: Stop::default(),
        clock: server.clock(),
    }
}

fn gateway(server: &Server) -> Gateway {
    Gateway::with_tempo(connection(server, None), tempo()).unwrap()
}

/// The file in which the pace of calls to that server is kept.
fn state_file(state_folder: &Path, server: &Server) -> PathBuf {
    let name = server.address.to_string().replace(':', "_");
    let folder = state_folder.join("batch/github");
    folder.join(format!("{name}.json"))
}

async fn scene(replies: Vec<Reply>) -> (Server, Gateway) {
    let server = Server::start(replies, None).await;
    let gateway = gateway(&server);
    (server, gateway)
}

fn read() -> Call {
    Call::read("reading octo/sample", "/repos/octo/sample")
}

fn open() -> Call {
    let path = "/repos/octo/sample/pulls";
    Call::write(
        "opening a pull request",
        Kind::Content,
        Method::Post,
        path,
        json!({"title": "t"}),
    )
}

/// The error of a call; none of what is printed of it holds the token.
fn error(result: Result<Answer, ApiError>) -> ApiError {
    let error = result.unwrap_err();
    assert!(!format!("{error} {error:?}").contains("hidden"));
    error
}

/// Whether it is not known what became of a write, and the words for it.
fn unknown(result: Result<Answer, ApiError>) -> String {
    match error(result) {
        ApiError::Unknown { words, .. } => words,
        other => panic!("{other:?}"),
    }
}

fn unreachable(result: Result<Answer, ApiError>) -> String {
    match error(result) {
        ApiError::Unreachable { words, .. } => words,
        other => panic!("{other:?}"),
    }
}

#[tokio::test]
async fn a_request_is_what_github_asks_for() {
    let server = Server::start(vec![answer(201, r#"{"number": 7}"#)], None).await;
    let mut connection = connection(&server, None);
    connection.api_url = format!("{}/api/v3", server.url());
    let gateway = Gateway::with_tempo(connection, tempo()).unwrap();
    assert_eq!(gateway.send(open()).await.unwrap().body["number"], 7);
    let query = Call::graphql("asking", Kind::Read, "query {}", Value::Null);
    gateway.send(query).await.unwrap();
    let asked = server.asked();
    assert_eq!(
        asked[0].line,
        "POST /api/v3/repos/octo/sample/pulls HTTP/1.1"
    );
    assert_eq!(asked[0].body, r#"{"title":"t"}"#);
    for (name, value) in [
        ("authorization", "Bearer ghp_hidden"),
        ("accept", "application/vnd.github+json"),
        ("x-github-api-version", "2022-11-28"),
        ("user-agent", concat!("batch/", env!("CARGO_PKG_VERSION"))),
        ("content-type", "application/json"),
    ] {
        assert_eq!(asked[0].header(name), Some(value), "{name}");
    }
    assert_eq!(asked[1].line, "POST /api/graphql HTTP/1.1");
}

#[tokio::test]
async fn a_write_of_which_nothing_is_known_is_sent_once() {
    for (reply, words) in [
        (answer(502, "<html>"), "GitHub answers 502 Bad Gateway"),
        (
            answer(201, "<html>"),
            "GitHub answers 201 Created with a web page",
        ),
        (Reply::Reset, "the connection to "),
        (Reply::Cut, "the answer of "),
        (Reply::Flood(17 << 20), "the answer of "),
    ] {
        let (server, gateway) = scene(vec![reply]).await;
        let said = unknown(gateway.send(open()).await);
        assert!(said.starts_with(words), "{said}");
        assert_eq!(server.asked().len(), 1, "{words}");
    }
}

#[tokio::test]
async fn a_write_without_an_answer_in_time_is_sent_once() {
    let server = Server::start(vec![Reply::Stall], None).await;
    let mut tempo = tempo();
    tempo.timeouts.whole = Duration::from_millis(250);
    let gateway = Gateway::with_tempo(connection(&server, None), tempo).unwrap();
    let words = unknown(gateway.send(open()).await);
    assert_eq!(
        words,
        format!("no answer from {} within 0.25 s", server.address)
    );
    // On a busy machine the time may be up before it came.
    assert!(server.asked().len() <= 1);
}

#[tokio::test]
async fn a_read_is_tried_three_times() {
    let bad = [answer(502, ""), Reply::Reset, Reply::Cut];
    let (server, gateway) = scene(bad.to_vec()).await;
    let words = unreachable(gateway.send(read()).await);
    assert!(words.ends_with("; tried 3 times"), "{words}");
    assert_eq!(server.asked().len(), 3);

    let (server, gateway) = scene(vec![answer(200, "<html>"), answer(503, "")]).await;
    assert_eq!(gateway.send(read()).await.unwrap().body, json!({}));
    let asked = server.asked();
    let between = |one: usize| {
        asked[one]
            .at
            .duration_since(asked[one - 1].at)
            .as_secs_f64()
    };
    assert!(between(1) >= 1.0 && between(2) >= 3.0, "{asked:?}");
}

#[tokio::test]
async fn an_answer_that_is_too_long_is_not_asked_for_again() {
    let (server, gateway) = scene(vec![Reply::Flood(17 << 20)]).await;
    let words = unreachable(gateway.send(read()).await);
    assert!(words.ends_with(" has more than 16 MiB"), "{words}");
    assert_eq!(server.asked().len(), 1);
}

#[tokio::test]
async fn a_refusal_is_githubs_and_ends_a_call() {
    let body =
        r#"{"message": "Bad credentials", "documentation_url": "https://docs.github.com/rest"}"#;
    let (server, gateway) = scene(vec![answer(401, body)]).await;
    let ApiError::Refused(refusal) = error(gateway.send(open()).await) else {
        panic!("no refusal");
    };
    assert_eq!(refusal.words, "Bad credentials");
    assert_eq!(
        refusal.hint.as_deref(),
        Some("the token from GH_TOKEN is wrong, revoked or expired; set GH_TOKEN to another")
    );
    assert_eq!(server.asked().len(), 1);
}

#[tokio::test]
async fn a_call_follows_a_renamed_repository_a_write_only_where_it_is_to_be_repeated() {
    let moved = |server: &str| {
        with(
            301,
            &[("location", &format!("{server}/repositories/7?a=b"))],
            "{}",
        )
    };
    let server = Server::start(Vec::new(), None).await;
    let here = server.url();
    let (other, gateway) = {
        let server = Server::start(Vec::new(), None).await;
        let gateway = gateway(&server);
        (server, gateway)
    };
    other.tell(vec![with(
        307,
        &[("location", "/repositories/7?a=b")],
        "{}",
    )]);
    gateway.send(read()).await.unwrap();
    assert_eq!(other.asked()[1].line, "GET /repositories/7?a=b HTTP/1.1");
    other.tell(vec![moved(&other.url())]);
    let ApiError::Refused(refusal) = error(gateway.send(open()).await) else {
        panic!("no refusal");
    };
    assert_eq!(refusal.status, 301);
    assert_eq!(other.asked().len(), 3);
    let again = [("location", "/repositories/7/pulls")];
    other.tell(vec![with(307, &again, "{}")]);
    gateway.send(open()).await.unwrap();
    let line = other.asked().last().unwrap().line.clone();
    assert_eq!(line, "POST /repositories/7/pulls HTTP/1.1");
    // Elsewhere the token is never sent, nor anything else.
    other.tell(vec![moved(&here)]);
    assert!(matches!(
        error(gateway.send(read()).await),
        ApiError::Refused(_)
    ));
    let elsewhere = Call::read("reading", format!("{here}/x"));
    let words = unreachable(gateway.send(elsewhere).await);
    assert!(words.contains(" is no path"), "{words}");
    assert!(server.asked().is_empty());
    other.tell(vec![moved(&other.url()); 9]);
    let words = unreachable(gateway.send(read()).await);
    assert_eq!(words, "GitHub names another place 4 times");
    assert_eq!(other.asked().len(), 5 + 1 + 4);
}

#[tokio::test]
async fn a_list_is_read_page_by_page() {
    let server = Server::start(Vec::new(), None).await;
    let next = format!(
        "<{}/repositories/7/pulls?page=2>; rel=\"next\"",
        server.url()
    );
    server.tell(vec![
        with(200, &[("link", &next)], "[1, 2]"),
        answer(200, r#"{"total_count": 1, "check_runs": [3]}"#),
    ]);
    let gateway = gateway(&server);
    let items = gateway.list(read()).await.unwrap();
    assert_eq!(items, [json!(1), json!(2), json!(3)]);
    assert_eq!(
        server.asked()[1].line,
        "GET /repositories/7/pulls?page=2 HTTP/1.1"
    );
    assert!(gateway.list(read()).await.is_err(), "an object is no list");
}

#[tokio::test]
async fn writes_that_come_at_once_go_two_seconds_apart() {
    let folder = tempfile::tempdir().unwrap();
    let server = Server::start(Vec::new(), None).await;
    let connection = connection(&server, Some(folder.path()));
    let gateway = Arc::new(Gateway::with_tempo(connection, tempo()).unwrap());
    let writes: Vec<_> = (0..4)
        .map(|_| {
            let gateway = Arc::clone(&gateway);
            tokio::spawn(async move { gateway.send(open()).await })
        })
        .collect();
    for write in writes {
        write.await.unwrap().unwrap();
    }
    let file = state_file(folder.path(), &server);
    let kept: Value = serde_json::from_slice(&std::fs::read(file).unwrap()).unwrap();
    let times = kept["content"].as_array().unwrap().iter();
    let times: Vec<Timestamp> = times
        .map(|time| time.as_str().unwrap().parse().unwrap())
        .collect();
    assert_eq!(times.len(), 4);
    for pair in times.windows(2) {
        assert!(pair[1].duration_since(pair[0]).as_secs() >= 2, "{times:?}");
    }
    // None was sent before its time came.
    for (asked, time) in server.asked().iter().zip(times) {
        assert!(asked.at >= time);
    }
}

#[tokio::test]
async fn no_more_than_eight_requests_are_on_their_way() {
    let server = Server::start(vec![Reply::Stall; 12], None).await;
    let connection = connection(&server, None);
    let stop = connection.stop.clone();
    let gateway = Arc::new(Gateway::with_tempo(connection, tempo()).unwrap());
    let reads: Vec<_> = (0..12)
        .map(|_| {
            let gateway = Arc::clone(&gateway);
            tokio::spawn(async move { gateway.send(read()).await })
        })
        .collect();
    server.was_asked(8).await;
    tokio::time::sleep(Duration::from_millis(50)).await;
    assert_eq!(server.asked().len(), 8);
    stop.now.cancel();
    for read in reads {
        assert_eq!(error(read.await.unwrap()), ApiError::Stopped);
    }
}

#[tokio::test]
async fn what_the_user_stopped_is_not_sent() {
    let server = Server::start(Vec::new(), None).await;
    let connection = connection(&server, None);
    let stop = connection.stop.clone();
    let gateway = Gateway::with_tempo(connection, tempo()).unwrap();
    stop.asked.cancel();
    for call in [read(), open()] {
        assert_eq!(error(gateway.send(call).await), ApiError::Stopped);
    }
    assert!(server.asked().is_empty());
}

#[tokio::test]
async fn what_is_on_its_way_is_seen_to_its_end_unless_all_is_to_end_at_once() {
    let server = Server::start(vec![Reply::Stall, Reply::Stall], None).await;
    let connection = connection(&server, None);
    let stop = connection.stop.clone();
    let gateway = Arc::new(Gateway::with_tempo(connection, tempo()).unwrap());
    let sending = |call: Call| {
        let gateway = Arc::clone(&gateway);
        tokio::spawn(async move { gateway.send(call).await })
    };
    let (write, read) = (sending(open()), sending(read()));
    server.was_asked(2).await;
    stop.asked.cancel();
    tokio::time::sleep(Duration::from_millis(20)).await;
    assert!(!write.is_finished() && !read.is_finished());
    stop.now.cancel();
    assert_eq!(unknown(write.await.unwrap()), "stopped while it was sent");
    assert_eq!(error(read.await.unwrap()), ApiError::Stopped);
}
