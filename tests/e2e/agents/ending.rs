//! How agents end, and that nothing of theirs is left.

use std::sync::Arc;
use std::time::{Duration, Instant};

use batch::engine::ports::PortError;
use batch::model::agent::AgentEnd;

use super::support::{Lab, Scripted};

/// A program in the foreground, and one that left group and session.
const FAMILY: &str = "echo begun; setsid sleep 1002 & sleep 1003";
const ASLEEP: [&str; 2] = ["sleep 1002", "sleep 1003"];

#[tokio::test]
async fn one_that_prints_nothing_is_ended_with_all_it_started() {
    let mut lab = Lab::new();
    lab.limits.idle = Duration::from_millis(400);
    let asked = lab.ask(FAMILY).await;
    assert_eq!(asked.end(), &AgentEnd::Silent(lab.limits.idle));
    assert_eq!(asked.said(), ["begun"]);
    assert_eq!(lab.bench.alive(), [""; 0]);
    assert_eq!(lab.bench.log(), "says: begun\nended: silent for 0 s\n");
}

#[tokio::test]
async fn one_that_prints_slowly_is_not_silent() {
    let mut lab = Lab::new();
    lab.limits.idle = Duration::from_millis(700);
    let script = "for n in 1 2 3 4; do sleep 0.3; echo $n; done; for n in 1 2; do sleep 0.3; echo $n >&2; done";
    let asked = lab.ask(script).await;
    assert_eq!(asked.end(), &AgentEnd::Completed);
    assert_eq!(asked.said(), ["1", "2", "3", "4"]);
}

#[tokio::test]
async fn the_time_limit_ends_one_that_goes_on_printing() {
    let mut lab = Lab::new();
    lab.bench.watch.timeout = Duration::from_millis(400);
    let asked = lab
        .ask("trap '' TERM; while :; do echo x; sleep 0.1; done")
        .await;
    assert_eq!(asked.end(), &AgentEnd::TimedOut(lab.bench.watch.timeout));
    assert_eq!(lab.bench.alive(), [""; 0]);
}

#[tokio::test]
async fn one_that_prints_too_much_is_ended_and_the_transcript_is_as_long_as_the_limit() {
    let mut lab = Lab::new();
    lab.limits.output = 100_000;
    let asked = lab.ask("yes | head -c 100000000; sleep 1001").await;
    assert_eq!(asked.end(), &AgentEnd::TooMuchOutput(100_000));
    assert_eq!(asked.said().len(), 50_000);
    assert_eq!(std::fs::metadata(lab.transcript()).unwrap().len(), 100_000);
    assert_eq!(lab.bench.alive(), [""; 0]);
}

#[tokio::test]
async fn one_without_a_limit_on_turns_of_its_own_is_ended_in_the_turn_after_the_last() {
    let mut lab = Lab::new();
    lab.limits.turns = Some(2);
    let asked = lab.ask("echo 1; echo 2").await;
    assert_eq!(asked.end(), &AgentEnd::Completed);
    let asked = lab
        .ask("for n in 1 2 3; do echo $n; done; sleep 1001")
        .await;
    assert_eq!(asked.end(), &AgentEnd::OutOfTurns);
    assert_eq!(asked.said(), ["1", "2", "3"]);
    assert_eq!(lab.bench.alive(), [""; 0]);
    assert!(lab.bench.log().ends_with("ended: out of turns\n"));
}

#[tokio::test]
async fn one_that_may_print_a_lot_is_followed_to_its_end() {
    let lab = Lab::new();
    let asked = lab.ask("head -c 100000000 /dev/zero; echo; echo end").await;
    assert_eq!(asked.end(), &AgentEnd::Completed);
    assert_eq!(asked.text(), "end");
    assert_eq!(
        std::fs::metadata(lab.transcript()).unwrap().len(),
        100_000_005
    );
}

#[tokio::test]
async fn one_that_fills_the_disk_is_ended_wherever_it_writes() {
    for place in [".", "$TMPDIR"] {
        let mut lab = Lab::new();
        lab.limits.disk = 1 << 20;
        let script = format!("ln -s / link; head -c 3000000 /dev/zero > {place}/big; sleep 1001");
        let asked = lab.ask(&script).await;
        assert_eq!(asked.end(), &AgentEnd::TooMuchDisk(1 << 20), "{place}");
        assert_eq!(lab.bench.alive(), [""; 0]);
    }
}

#[tokio::test]
async fn what_was_there_before_is_no_growth() {
    let mut lab = Lab::new();
    std::fs::write(lab.root().join("old"), vec![1; 3_000_000]).unwrap();
    lab.limits.disk = 1 << 20;
    let asked = lab.ask("echo x > new; sleep 0.2").await;
    assert_eq!(asked.end(), &AgentEnd::Completed);
}

#[tokio::test]
async fn a_child_that_outlives_its_agent_is_ended_and_not_waited_for() {
    let lab = Lab::new();
    let begun = Instant::now();
    let asked = lab
        .ask("setsid sh -c 'trap \"\" TERM; sleep 1001; sleep 1002' & echo done")
        .await;
    assert_eq!(asked.end(), &AgentEnd::Completed);
    assert_eq!(asked.said(), ["done"]);
    assert_eq!(lab.bench.alive(), [""; 0]);
    assert!(begun.elapsed() < Duration::from_secs(8));
}

#[tokio::test]
async fn one_that_is_killed_from_outside_has_failed() {
    let lab = Lab::new();
    let asked = lab.ask("echo before; kill -9 $$; echo after").await;
    assert_eq!(asked.end(), &AgentEnd::Failed("Signalled(9)".to_owned()));
    assert_eq!(asked.said(), ["before"]);
}

#[tokio::test]
async fn the_wish_to_stop_is_an_error_and_ends_all() {
    let lab = Lab::new();
    let stop = lab.bench.watch.stop.clone();
    let (asked, ()) = tokio::join!(lab.ask(FAMILY), async {
        lab.bench.until_asleep(&ASLEEP).await;
        stop.asked.cancel();
    });
    assert!(matches!(asked.answer, Err(PortError::Stopped)));
    assert_eq!(asked.said(), ["begun"]);
    assert_eq!(lab.bench.alive(), [""; 0]);
    let again = lab.ask("touch started").await;
    assert!(matches!(again.answer, Err(PortError::Stopped)));
    assert!(!lab.root().join("started").exists());
}

#[tokio::test]
async fn when_the_future_is_dropped_everything_is_gone_soon() {
    let lab = Lab::new();
    tokio::select! {
        _ = lab.ask(FAMILY) => unreachable!("it sleeps"),
        () = lab.bench.until_asleep(&ASLEEP) => {}
    }
    lab.bench.until_gone().await;
}

#[tokio::test]
async fn a_program_that_is_not_executable_or_not_there_is_named() {
    let mut lab = Lab::new();
    for program in ["/etc/passwd", "/no/such/agent", "/tmp"] {
        lab.program = program.into();
        let error = lab.ask("").await.answer.unwrap_err();
        let words = format!("starting scripted: {program} is no executable file");
        assert_eq!(error.to_string(), words);
    }
}

/// Fails the first time, after it has said this much.
fn stumbling(says: &str) -> String {
    format!("{says}; test -e there && echo well || {{ touch there; exit 7; }}")
}

#[tokio::test]
async fn one_that_may_stumble_at_the_start_is_started_once_more() {
    let again = || Arc::new(Scripted { starts_again: true });
    let asked = Lab::new().ask_with(again(), &stumbling(":")).await;
    assert_eq!(asked.end(), &AgentEnd::Completed);
    assert_eq!(asked.said(), ["well"]);
    let asked = Lab::new().ask_with(again(), "exit 7").await;
    assert!(matches!(asked.end(), AgentEnd::Failed(_)));
}

#[tokio::test]
async fn one_that_had_begun_or_never_stumbles_is_not_started_again() {
    let again = Arc::new(Scripted { starts_again: true });
    let asked = Lab::new().ask_with(again, &stumbling("echo hello")).await;
    assert!(matches!(asked.end(), AgentEnd::Failed(_)));
    assert_eq!(asked.said(), ["hello"]);
    let asked = Lab::new().ask(&stumbling(":")).await;
    assert!(matches!(asked.end(), AgentEnd::Failed(_)));
}
