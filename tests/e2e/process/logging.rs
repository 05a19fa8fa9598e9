//! What guarded programs print, and where it goes.

use std::time::Duration;

use batch::adapters::process::{LOG_CAP, tail};
use batch::engine::ports::{CommandEnd, PortError};

use super::support::Bench;

#[tokio::test]
async fn both_streams_are_appended_to_the_log_in_order() {
    let bench = Bench::new();
    bench.logged("echo 1; echo 2 >&2; echo 3").await;
    bench.logged("echo 4").await;
    assert_eq!(bench.log(), "1\n2\n3\n4\n");
}

#[tokio::test]
async fn a_flood_is_capped_and_the_log_says_by_how_much() {
    let bench = Bench::new();
    let text = "echo first; yes | head -c 100000000; echo why it failed; exit 1";
    assert_eq!(bench.logged(text).await, CommandEnd::Exited(1));
    let log = bench.log();
    let left_out = 6 + 100_000_000 + 14 - LOG_CAP;
    assert!(log.starts_with("first\ny\n"));
    assert!(log.contains(&format!("\n… {left_out} bytes left out …\n")));
    assert!(log.len() as u64 <= LOG_CAP + 100);
    assert_eq!(tail(&bench.watch.log, 2), ["y", "why it failed"]);
}

#[tokio::test]
async fn a_flood_without_end_is_ended_by_the_timeout() {
    let mut bench = Bench::new();
    bench.watch.timeout = Duration::from_millis(300);
    let end = bench.logged("yes").await;
    assert_eq!(end, CommandEnd::TimedOut(bench.watch.timeout));
    assert!(bench.log().len() as u64 <= LOG_CAP + 100);
}

#[tokio::test]
async fn a_log_that_cannot_be_written_is_an_error() {
    let mut bench = Bench::new();
    bench.watch.log = "/dev/full".into();
    let error = bench
        .processes
        .logged(&bench.shell("echo x"), &bench.watch)
        .await
        .unwrap_err();
    assert!(
        error.to_string().starts_with("writing the log /dev/full: "),
        "{error}"
    );
}

#[tokio::test]
async fn a_caller_that_needs_the_words_gets_the_streams_apart() {
    let bench = Bench::new();
    let invocation = bench.shell("echo out; sleep 0.05; echo err >&2; exit 3");
    let output = bench
        .processes
        .logged_output(&invocation.doing("pushing"), &bench.watch)
        .await
        .unwrap();
    assert_eq!(output.status.code(), Some(3));
    assert_eq!(
        (&output.stdout[..], &output.stderr[..]),
        (&b"out\n"[..], &b"err\n"[..])
    );
    assert_eq!(output.failure().to_string(), "pushing: err");
    assert_eq!(bench.log(), "out\nerr\n");
}

#[tokio::test]
async fn the_words_of_a_flood_are_its_last() {
    let bench = Bench::new();
    let text = "yes | head -c 20000000; echo end; yes | head -c 20000000 >&2; echo fin >&2";
    let output = bench
        .processes
        .logged_output(&bench.shell(text), &bench.watch)
        .await
        .unwrap();
    for (words, last) in [(output.stdout, "y\nend\n"), (output.stderr, "y\nfin\n")] {
        assert_eq!(words.len(), 1 << 20);
        assert!(words.ends_with(last.as_bytes()));
    }
}

#[tokio::test]
async fn a_caller_that_needs_the_words_is_told_of_the_timeout() {
    let mut bench = Bench::new();
    bench.watch.timeout = Duration::from_millis(100);
    let invocation = bench.shell("sleep 1001").doing("pushing a/b");
    let error = bench
        .processes
        .logged_output(&invocation, &bench.watch)
        .await
        .unwrap_err();
    assert!(matches!(error, PortError::TimedOut { doing, .. } if doing == "pushing a/b"));
}
