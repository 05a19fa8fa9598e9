//! Limits: the pause that they make, who keeps it, and what ends it.

use std::sync::Arc;
use std::time::Duration;

use super::server::{Reply, Server, answer, with};
use super::{connection, error, open, read, scene, state_file, tempo, unreachable};
use crate::adapters::forges::github::api::ApiError;
use crate::adapters::forges::github::gateway::Gateway;
use crate::engine::ports::Clock;

const SECONDARY: &str = r#"{"message": "You have exceeded a secondary rate limit. Please wait a few minutes before you try again."}"#;
const QUICKLY: &str = r#"{"message": "Validation Failed", "errors": [{"resource": "PullRequest", "code": "custom", "message": "was submitted too quickly"}]}"#;

#[tokio::test]
async fn a_limited_write_is_sent_again_after_the_pause_and_not_within() {
    for (reply, pause) in [
        (with(403, &[("retry-after", "20")], SECONDARY), 21.0),
        (with(429, &[("retry-after", "20")], "{}"), 21.0),
        (answer(403, SECONDARY), 60.0),
        (answer(429, ""), 60.0),
        (answer(422, QUICKLY), 60.0),
    ] {
        let (server, gateway) = scene(vec![reply]).await;
        let mut pauses = gateway.pauses();
        gateway.send(open()).await.unwrap();
        let asked = server.asked();
        assert_eq!(asked.len(), 2);
        assert_eq!(asked[0].body, asked[1].body);
        let between = asked[1].at.duration_since(asked[0].at).as_secs_f64();
        assert!(between >= pause, "{between} of {pause}");
        assert!(pauses.has_changed().unwrap(), "the pause was told");
        pauses.wait_for(Option::is_none).await.unwrap();
    }
}

#[tokio::test]
async fn nobody_sends_within_a_pause_not_even_another_process() {
    let folder = tempfile::tempdir().unwrap();
    let server = Server::start(vec![with(403, &[("retry-after", "30")], SECONDARY)], None).await;
    let of = |server: &Server| {
        let connection = connection(server, Some(folder.path()));
        Arc::new(Gateway::with_tempo(connection, tempo()).unwrap())
    };
    let (one, other) = (of(&server), of(&server));
    let first = {
        let one = Arc::clone(&one);
        tokio::spawn(async move { one.send(open()).await })
    };
    let mut pauses = one.pauses();
    let pause = pauses.wait_for(Option::is_some).await.unwrap().clone();
    let until = pause.unwrap().until;
    // Told is told at once; on the disk it is a moment later.
    let file = state_file(folder.path(), &server);
    while !std::fs::read_to_string(&file).is_ok_and(|text| text.contains("secondary")) {
        tokio::time::sleep(Duration::from_millis(1)).await;
    }
    let calls = [
        (Arc::clone(&one), read()),
        (Arc::clone(&other), read()),
        (other, open()),
    ]
    .map(|(gateway, call)| tokio::spawn(async move { gateway.send(call).await }));
    for call in calls.into_iter().chain([first]) {
        call.await.unwrap().unwrap();
    }
    let asked = server.asked();
    assert_eq!(asked.len(), 5);
    for later in &asked[1..] {
        assert!(later.at >= until, "{later:?} before {until}");
    }
    assert_eq!(one.warning(), None);
}

#[tokio::test]
async fn the_last_answer_before_the_reset_begins_a_pause() {
    let server = Server::start(Vec::new(), None).await;
    let reset = server.clock().now().as_second() + 9000;
    server.tell(vec![with(
        200,
        &[
            ("x-ratelimit-remaining", "0"),
            ("x-ratelimit-reset", &reset.to_string()),
        ],
        "{}",
    )]);
    let connection = connection(&server, None);
    let stop = connection.stop.clone();
    let gateway = Gateway::with_tempo(connection, tempo()).unwrap();
    gateway.send(read()).await.unwrap();
    let told = gateway.pauses().borrow().clone().unwrap();
    assert_eq!(told.reason, "GitHub's rate limit is used up");
    assert!(told.until.as_second() > reset);
    let waiting = gateway.send(read());
    let (waited, ()) = tokio::join!(waiting, async {
        tokio::time::sleep(Duration::from_millis(20)).await;
        stop.asked.cancel();
    });
    assert_eq!(error(waited), ApiError::Stopped);
    assert_eq!(server.asked().len(), 1);
}

#[tokio::test]
async fn a_pause_of_many_hours_is_not_waited_for() {
    let limited = with(403, &[("retry-after", "20000")], SECONDARY);
    let (server, gateway) = scene(vec![limited]).await;
    let words = unreachable(gateway.send(open()).await);
    assert!(
        words.starts_with("GitHub's secondary rate limit is reached, until 2026-"),
        "{words}"
    );
    assert_eq!(unreachable(gateway.send(read()).await), words);
    assert_eq!(server.asked().len(), 1);
}

#[tokio::test]
async fn a_call_that_is_always_limited_is_given_up() {
    let limited = with(429, &[("retry-after", "1")], "{}");
    let (server, gateway) = scene(vec![limited; 9]).await;
    let words = unreachable(gateway.send(open()).await);
    assert_eq!(
        words,
        "GitHub's secondary rate limit is reached, also after 6 pauses"
    );
    assert_eq!(server.asked().len(), 7);
}

#[tokio::test]
async fn a_stop_ends_every_wait() {
    let limited = with(403, &[("retry-after", "10000")], SECONDARY);
    for (replies, call) in [
        (vec![limited], open()),
        (vec![Reply::Reset, Reply::Reset], read()),
    ] {
        let server = Server::start(replies, None).await;
        let connection = connection(&server, None);
        let stop = connection.stop.clone();
        let mut tempo = tempo();
        tempo.backoff = [Duration::from_secs(100_000); 2];
        let gateway = Arc::new(Gateway::with_tempo(connection, tempo).unwrap());
        let sending = {
            let gateway = Arc::clone(&gateway);
            tokio::spawn(async move { gateway.send(call).await })
        };
        server.was_asked(1).await;
        // A write behind the one that waits, and a read.
        let behind = [open(), read()].map(|call| {
            let gateway = Arc::clone(&gateway);
            tokio::spawn(async move { gateway.send(call).await })
        });
        tokio::time::sleep(Duration::from_millis(20)).await;
        stop.asked.cancel();
        assert_eq!(error(sending.await.unwrap()), ApiError::Stopped);
        for call in behind {
            // Whatever was on its way before the stop came to its end.
            let _ = call.await.unwrap();
        }
    }
}
