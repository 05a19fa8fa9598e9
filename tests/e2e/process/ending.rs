//! How guarded programs end, and that nothing of theirs is left.

use std::time::{Duration, Instant};

use batch::adapters::guard::GRACE;
use batch::adapters::process::{Invocation, Processes};
use batch::engine::ports::{CommandEnd, PortError};

use super::support::Bench;

/// One program in the foreground, one behind it, and one that left group and session.
const FAMILY: &str = "sleep 1001 & setsid sleep 1002 & sleep 1003";
const ASLEEP: [&str; 3] = ["sleep 1001", "sleep 1002", "sleep 1003"];

#[tokio::test]
async fn a_program_ends_with_its_own_exit_code() {
    let bench = Bench::new();
    for code in [0, 1, 3, 125, 255] {
        let end = bench.logged(&format!("exit {code}")).await;
        assert_eq!(end, CommandEnd::Exited(code));
    }
}

#[tokio::test]
async fn a_program_ends_by_its_own_signal() {
    let bench = Bench::new();
    for signal in [1, 2, 6, 9, 11, 13, 15] {
        let end = bench.logged(&format!("kill -{signal} $$")).await;
        assert_eq!(end, CommandEnd::Signalled(signal));
    }
}

#[tokio::test]
async fn a_signal_that_cannot_be_repeated_is_told_as_a_shell_does() {
    let bench = Bench::new();
    assert_eq!(bench.logged("kill -40 $$").await, CommandEnd::Exited(168));
}

#[tokio::test]
async fn a_program_that_is_not_there_is_127_and_the_log_says_so() {
    let bench = Bench::new();
    let missing = bench.invocation("no-such-program").arg("x");
    let end = bench.processes.logged(&missing, &bench.watch).await;
    assert_eq!(end.unwrap(), CommandEnd::Exited(127));
    assert!(
        bench.log().starts_with("batch: no-such-program: No such"),
        "{}",
        bench.log()
    );
}

#[tokio::test]
async fn a_program_that_cannot_be_run_is_126() {
    let bench = Bench::new();
    let folder = bench.invocation("/etc/passwd");
    let end = bench.processes.logged(&folder, &bench.watch).await;
    assert_eq!(end.unwrap(), CommandEnd::Exited(126));
    assert!(bench.log().contains("/etc/passwd"), "{}", bench.log());
}

#[tokio::test]
async fn a_folder_that_is_not_there_is_named() {
    let bench = Bench::new();
    let nowhere = Invocation::new("true", "/no/such/folder");
    let error = bench.processes.logged(&nowhere, &bench.watch).await;
    assert_eq!(
        error.unwrap_err().to_string(),
        "true: /no/such/folder is not a folder"
    );
}

#[tokio::test]
async fn a_guard_that_is_not_there_is_named() {
    let mut bench = Bench::new();
    bench.processes = Processes::new("/no/such/guard");
    let error = bench
        .processes
        .logged(&bench.invocation("true"), &bench.watch)
        .await;
    let error = error.unwrap_err().to_string();
    assert!(
        error.starts_with("true: the guard /no/such/guard: No such"),
        "{error}"
    );
}

#[tokio::test]
async fn after_the_timeout_the_whole_family_is_gone() {
    let mut bench = Bench::new();
    bench.watch.timeout = Duration::from_millis(300);
    let end = bench.logged(FAMILY).await;
    assert_eq!(end, CommandEnd::TimedOut(Duration::from_millis(300)));
    assert_eq!(bench.alive(), [""; 0]);
}

#[tokio::test]
async fn what_a_program_leaves_behind_is_ended_and_not_waited_for() {
    let bench = Bench::new();
    let begun = Instant::now();
    let end = bench
        .logged("sleep 1001 & setsid sh -c 'sleep 1002 & sleep 1003' & echo done")
        .await;
    assert_eq!(end, CommandEnd::Exited(0));
    assert_eq!(bench.alive(), [""; 0]);
    assert_eq!(bench.log(), "done\n");
    assert!(begun.elapsed() < Duration::from_secs(5));
}

#[tokio::test]
async fn leftovers_that_ignore_the_polite_signal_are_killed() {
    let bench = Bench::new();
    let end = bench
        .logged("(trap '' TERM; setsid sleep 1001) & sleep 0.1; exit 4")
        .await;
    assert_eq!(end, CommandEnd::Exited(4));
    assert_eq!(bench.alive(), [""; 0]);
}

#[tokio::test]
async fn a_straggler_that_ends_by_itself_has_its_say() {
    let bench = Bench::new();
    bench.logged("(sleep 0.02; echo late) & echo early").await;
    assert_eq!(bench.log(), "early\nlate\n");
}

#[tokio::test]
async fn when_the_parent_is_killed_everything_is_gone_soon() {
    let bench = Bench::new();
    let mut parent = bench.start_parent("process::ending::parent_of_a_family", &[]);
    bench.until_asleep(&ASLEEP).await;
    parent.kill().unwrap();
    parent.wait().unwrap();
    bench.until_gone().await;
}

#[tokio::test]
#[ignore = "the parent in `when_the_parent_is_killed_everything_is_gone_soon`"]
async fn parent_of_a_family() {
    if let Some(bench) = Bench::as_parent() {
        bench.logged(FAMILY).await;
    }
}

#[tokio::test]
async fn when_the_future_is_dropped_everything_is_gone_soon() {
    let bench = Bench::new();
    tokio::select! {
        _ = bench.logged(FAMILY) => unreachable!("it sleeps"),
        () = bench.until_asleep(&ASLEEP) => {}
    }
    bench.until_gone().await;
}

#[tokio::test]
async fn a_request_to_stop_lets_the_program_clean_up() {
    let bench = Bench::new();
    let stop = bench.watch.stop.clone();
    let text = "trap 'echo cleaning; exit 0' TERM; sleep 1001 & wait";
    let (end, ()) = tokio::join!(bench.logged(text), async {
        bench.until_asleep(&["sleep 1001"]).await;
        stop.asked.cancel();
    });
    assert_eq!(end, CommandEnd::Stopped);
    assert_eq!(bench.log(), "cleaning\n");
    assert_eq!(bench.alive(), [""; 0]);
}

#[tokio::test]
async fn a_program_that_ignores_the_polite_signal_is_killed_after_the_grace() {
    let bench = Bench::new();
    let stop = bench.watch.stop.clone();
    let (ended, asked) = tokio::join!(
        async {
            let end = bench.logged("trap '' TERM; sleep 1001; sleep 1002").await;
            assert_eq!(end, CommandEnd::Stopped);
            Instant::now()
        },
        async {
            bench.until_asleep(&["sleep 1001"]).await;
            stop.asked.cancel();
            Instant::now()
        }
    );
    let took = ended.duration_since(asked);
    assert!(took >= GRACE && took < GRACE * 2, "{took:?}");
    assert_eq!(bench.alive(), [""; 0]);
}

#[tokio::test]
async fn a_second_request_kills_at_once() {
    let bench = Bench::new();
    let stop = bench.watch.stop.clone();
    let (ended, asked) = tokio::join!(
        async {
            let end = bench
                .logged("trap '' TERM; setsid sleep 1001 & sleep 1002")
                .await;
            assert_eq!(end, CommandEnd::Stopped);
            Instant::now()
        },
        async {
            bench.until_asleep(&["sleep 1001", "sleep 1002"]).await;
            let asked = Instant::now();
            stop.asked.cancel();
            tokio::time::sleep(Duration::from_millis(50)).await;
            stop.now.cancel();
            asked
        }
    );
    assert!(ended.duration_since(asked) < GRACE);
    assert_eq!(bench.alive(), [""; 0]);
}

#[tokio::test]
async fn after_the_request_to_stop_nothing_is_started() {
    let bench = Bench::new();
    bench.watch.stop.asked.cancel();
    assert_eq!(bench.logged("touch started").await, CommandEnd::Stopped);
    let output = bench
        .processes
        .logged_output(&bench.shell("touch started"), &bench.watch)
        .await;
    assert!(matches!(output, Err(PortError::Stopped)));
    let there = bench.watch.log.ancestors().nth(2).unwrap().join("started");
    assert!(!there.exists());
}

#[tokio::test]
async fn a_program_cannot_end_its_guard_with_the_usual_signals() {
    let bench = Bench::new();
    let text = "kill -TERM $PPID; kill -INT $PPID; kill -HUP $PPID; kill -TERM 0; exit 5";
    let end = bench.logged(&format!("trap '' TERM; {text}")).await;
    assert_eq!(end, CommandEnd::Exited(5));
}

#[tokio::test]
async fn a_guard_that_answers_no_more_is_killed_with_all_below_it() {
    let mut bench = Bench::new();
    bench.watch.timeout = Duration::from_millis(300);
    let end = bench.logged("kill -STOP $PPID; setsid sleep 1001").await;
    assert_eq!(end, CommandEnd::TimedOut(Duration::from_millis(300)));
    bench.until_gone().await;
}
