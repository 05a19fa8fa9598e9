//! Captures: quick plumbing without the guard.

use std::time::{Duration, Instant};

use batch::adapters::process::{Invocation, Output};
use batch::engine::ports::PortError;

use super::support::Bench;

async fn capture(bench: &Bench, invocation: &Invocation) -> Result<Output, PortError> {
    bench
        .processes
        .capture(invocation, bench.watch.timeout, &bench.watch.stop)
        .await
}

#[tokio::test]
async fn both_streams_are_captured_apart_with_the_exit_code() {
    let bench = Bench::new();
    let output = capture(&bench, &bench.shell("echo out; echo err >&2; exit 3"))
        .await
        .unwrap();
    assert_eq!(output.stdout, b"out\n");
    assert_eq!(output.stderr, b"err\n");
    assert_eq!(output.status.code(), Some(3));
}

#[tokio::test]
async fn input_is_fed_while_output_is_read() {
    let bench = Bench::new();
    let bytes: Vec<u8> = (0..=255).cycle().take(1 << 20).collect();
    let output = capture(&bench, &bench.invocation("cat").stdin(bytes.clone())).await;
    assert!(output.unwrap().stdout == bytes);
    let deaf = capture(&bench, &bench.shell("echo deaf").stdin(bytes)).await;
    assert_eq!(deaf.unwrap().success().unwrap(), b"deaf\n");
    let without = capture(&bench, &bench.invocation("cat")).await;
    assert_eq!(without.unwrap().success().unwrap(), b"");
}

#[tokio::test]
async fn a_program_that_is_not_there_is_an_error() {
    let bench = Bench::new();
    let error = capture(&bench, &bench.invocation("no-such-program")).await;
    let error = error.unwrap_err().to_string();
    assert!(
        error.starts_with("no-such-program: No such file"),
        "{error}"
    );
}

#[tokio::test]
async fn the_timeout_and_the_request_to_stop_end_the_group_politely() {
    let mut bench = Bench::new();
    let text = "trap 'touch tidied; exit' TERM; sleep 1001 & wait";
    let invocation = bench.shell(text).doing("waiting");
    let tidied = bench.watch.log.ancestors().nth(2).unwrap().join("tidied");
    bench.watch.timeout = Duration::from_millis(300);
    let error = capture(&bench, &invocation).await.unwrap_err();
    assert!(matches!(error, PortError::TimedOut { doing, .. } if doing == "waiting"));
    bench.until_gone().await;
    std::fs::remove_file(&tidied).unwrap();

    bench.watch.timeout = Duration::from_secs(60);
    let (ended, ()) = tokio::join!(capture(&bench, &invocation), async {
        bench.until_asleep(&["sleep 1001"]).await;
        bench.watch.stop.asked.cancel();
    });
    assert!(matches!(ended, Err(PortError::Stopped)));
    bench.until_gone().await;
    assert!(tidied.exists());
}

#[tokio::test]
async fn a_dropped_capture_kills_the_group() {
    let bench = Bench::new();
    let invocation = bench.shell("trap '' TERM; sleep 1001 & sleep 1002");
    tokio::select! {
        _ = capture(&bench, &invocation) => unreachable!("it sleeps"),
        () = bench.until_asleep(&["sleep 1001", "sleep 1002"]) => {}
    }
    bench.until_gone().await;
}

#[tokio::test]
async fn a_daemon_that_holds_the_pipes_is_not_waited_for() {
    let bench = Bench::new();
    let begun = Instant::now();
    let output = capture(&bench, &bench.shell("sleep 12 & echo started")).await;
    assert_eq!(output.unwrap().stdout, b"started\n");
    assert!(begun.elapsed() < Duration::from_secs(6));
}
