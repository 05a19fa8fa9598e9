//! Test commands and hooks that behave badly.

use std::path::Path;

use super::rewrite;
use crate::support::sandbox::Sandbox;

/// A shell command that only does its mischief for a unit, not on the base.
fn for_units(mischief: &str) -> String {
    format!("if [ -n \"$BATCH_UNIT\" ]; then {mischief}; fi")
}

#[test]
fn a_test_command_that_cannot_run_is_found_out_on_the_base() {
    let sandbox = Sandbox::frobs(5);
    for (test, cause, words) in [
        (
            "no-such-program --x",
            "test was not found (exit code 127)",
            "no-such-program",
        ),
        (
            "./README.md",
            "test could not be executed (exit code 126)",
            "README.md",
        ),
        (
            "echo so it is >&2; exit 3",
            "test failed with exit code 3",
            "so it is",
        ),
        ("kill -9 $$", "test was ended by signal 9", ""),
    ] {
        let before = sandbox.users_own();
        sandbox
            .batch(rewrite(&["--yes", "--test", test]))
            .exits(4)
            .says(&format!("base: failed at test: {cause}"));
        sandbox.is_untouched(&before);
        assert_eq!(sandbox.delivered().len(), 0);
        let log = sandbox.run_file("failures.md");
        assert!(log.contains(cause) && log.contains(words), "{log}");
        sandbox.has_no_worktree_left();
    }
}

#[test]
fn a_test_that_hangs_is_ended_at_its_limit() {
    let sandbox = Sandbox::frobs(5);
    sandbox
        .batch(rewrite(&[
            "--yes",
            "--test-timeout",
            "1s",
            "--test",
            "sleep 600",
        ]))
        .exits(4)
        .says("base: failed at test: test did not end within 1 s");

    let hangs = for_units("test \"$BATCH_UNIT\" != src-part3 || sleep 600");
    sandbox
        .batch(rewrite(&[
            "--yes",
            "--test-timeout",
            "2s",
            "--test",
            &hangs,
        ]))
        .exits(1);
    let outcomes = sandbox.outcomes();
    assert_eq!(outcomes["src-part3"], "failed");
    assert_eq!(outcomes.values().filter(|end| *end == "opened").count(), 4);
    sandbox.has_no_worktree_left();
}

#[test]
fn a_test_that_floods_its_output_has_a_log_with_an_end_and_a_note() {
    let sandbox = Sandbox::frobs(5);
    let flood = for_units(
        "test \"$BATCH_UNIT\" != src-part0 || { yes 'a line of the flood' | head -c 40000000; echo the end; exit 1; }",
    );
    sandbox
        .batch(rewrite(&["--yes", "--test", &flood]))
        .exits(1);
    let log = sandbox
        .repo()
        .join(".git/batch/latest/logs/src-part0/1-test.log");
    let bytes = std::fs::read(log).unwrap();
    assert!(bytes.len() < 12_000_000, "{} bytes", bytes.len());
    let text = String::from_utf8_lossy(&bytes);
    assert!(text.ends_with("the end\n"));
    assert!(
        text.lines().any(|line| line.contains("left out")),
        "nothing says that the log is cut"
    );
    assert!(sandbox.run_file("failures.md").len() < 100_000);
}

#[cfg(target_os = "linux")]
#[test]
fn what_a_test_leaves_running_or_lying_about_is_cleared_away() {
    let sandbox = Sandbox::frobs(5);
    let pids = sandbox.path("pids");
    let test = for_units(&format!(
        "setsid sleep 600 & echo $! >> '{0}'; (sleep 601 & echo $! >> '{0}'); \
         touch litter; mkdir -p deep/er; echo spoilt > README.md",
        pids.display()
    ));
    let before = sandbox.users_own();
    sandbox.batch(rewrite(&["--yes", "--test", &test])).exits(0);
    sandbox.is_untouched(&before);
    let pids = std::fs::read_to_string(pids).unwrap();
    assert_eq!(pids.lines().count(), 10, "{pids}");
    for pid in pids.lines() {
        let command = std::fs::read_to_string(Path::new("/proc").join(pid).join("cmdline"));
        assert!(
            !command.is_ok_and(|command| command.contains("sleep")),
            "{pid} goes on"
        );
    }
    for (unit, commit) in sandbox.delivered() {
        let changed = sandbox.remote_git(["diff", "--name-only", "main", &commit]);
        assert!(
            changed.lines().all(|path| path.starts_with("src/")),
            "{unit}: {changed}"
        );
    }
    sandbox.has_no_worktree_left();
}

#[test]
fn a_hook_that_asks_on_the_terminal_finds_none_and_fails_its_commit() {
    let sandbox = Sandbox::frobs(5);
    sandbox.write_script(
        ".git/hooks/pre-commit",
        "#!/bin/sh\nexec 3<>/dev/tty || { echo 'nobody to ask' >&2; exit 1; }\nread answer <&3\n",
    );
    sandbox.batch(rewrite(&["--no-test", "--yes"])).exits(1);
    assert!(sandbox.outcomes().values().all(|end| end == "failed"));
    let log = sandbox.run_file("failures.md");
    assert!(log.contains("/dev/tty"), "{log}");
    assert!(!log.contains("committing:"), "{log}");
    sandbox.has_no_worktree_left();
}
