//! Who is not known, what else goes on, where output goes, and requests to end.

use std::io::{BufRead as _, BufReader, Read as _};
use std::process::{Child, Stdio};

use rustix::process::{Pid, Signal, kill_process};

use super::{refused, rewrite};
use crate::support::sandbox::{Sandbox, ran};

/// Starts a run whose test waits until `released` exists, and returns when that test waits.
#[expect(clippy::zombie_processes, reason = "who asked for it waits for it")]
fn waiting_run(sandbox: &Sandbox) -> Child {
    let released = sandbox.path("released").display().to_string();
    let begun = sandbox.path("begun");
    let test = format!(
        "touch '{}'; while ! test -e '{released}'; do sleep 0.05; done",
        begun.display()
    );
    let mut command = sandbox.batch_command();
    command
        .args(rewrite(&["--yes", "--test", &test]))
        .stdout(Stdio::piped())
        .stderr(Stdio::piped());
    let child = command.spawn().unwrap();
    for _ in 0..600 {
        if begun.exists() {
            return child;
        }
        std::thread::sleep(std::time::Duration::from_millis(50));
    }
    panic!("the test was never begun");
}

fn pid(child: &Child) -> Pid {
    Pid::from_raw(i32::try_from(child.id()).unwrap()).unwrap()
}

#[test]
fn nobody_to_commit_as_is_told_before_any_work() {
    let sandbox = Sandbox::frobs(5);
    let config = "[user]\n\tuseConfigOnly = true\n[init]\n\tdefaultBranch = main\n";
    std::fs::write(sandbox.path("home/.gitconfig"), config).unwrap();
    refused(&sandbox, &rewrite(&["--no-test", "--yes"]), 4)
        .says("error: git does not know who commits here: ")
        .says(
            "\nhint: tell it with `git config user.name \"Your Name\"` and `git config user.email ",
        );
    sandbox.git(["config", "user.name", "A"]);
    sandbox.git(["config", "user.email", "a@example.invalid"]);
    sandbox.batch(rewrite(&["--no-test", "--yes"])).exits(0);
}

#[test]
fn a_run_that_goes_on_is_named_and_nothing_else_is_begun() {
    let sandbox = Sandbox::frobs(5);
    let first = waiting_run(&sandbox);
    let run = std::fs::read_link(sandbox.repo().join(".git/batch/latest")).unwrap();
    let run = run.file_name().unwrap().to_str().unwrap().to_owned();
    let said = format!(
        "error: run {run} (pid {}) is going on in this repository\n\
         hint: wait for it to end, or end it with `batch stop`",
        first.id()
    );
    let other = sandbox.batch(rewrite(&["--no-test", "--yes"])).exits(4);
    assert_eq!(other.stderr.trim_end(), said);
    let again = sandbox.batch(["rerun"]).exits(4);
    assert!(again.stderr.starts_with(said.lines().next().unwrap()));
    again.says("or name with --unit what is to go back in its queue");
    std::fs::write(sandbox.path("released"), "").unwrap();
    ran(&first.wait_with_output().unwrap()).exits(0);
    assert_eq!(sandbox.delivered().len(), 5);
}

#[test]
fn a_request_to_end_is_obeyed_and_says_how_to_go_on() {
    for signal in [Signal::TERM, Signal::INT, Signal::HUP] {
        let sandbox = Sandbox::frobs(5);
        let before = sandbox.users_own();
        let run = waiting_run(&sandbox);
        kill_process(pid(&run), signal).unwrap();
        let ran = ran(&run.wait_with_output().unwrap()).exits(130);
        assert!(ran.stdout.contains("interrupted"), "{}", ran.stdout);
        assert!(ran.stdout.contains("batch resume"), "{}", ran.stdout);
        sandbox.is_untouched(&before);
        assert!(sandbox.outcomes().values().all(|end| end == "cancelled"));
        sandbox.has_no_worktree_left();
        sandbox.batch(["resume", "--no-test"]).exits(0);
        assert_eq!(sandbox.delivered().len(), 5);
    }
}

#[test]
fn whoever_closes_the_output_takes_nothing_from_the_work() {
    let sandbox = Sandbox::frobs(5);
    let mut child = sandbox
        .batch_command()
        .args(rewrite(&["--no-test", "--dry-run"]))
        .stdout(Stdio::piped())
        .stderr(Stdio::null())
        .spawn()
        .unwrap();
    let mut first = String::new();
    BufReader::with_capacity(1, child.stdout.take().unwrap())
        .read_line(&mut first)
        .unwrap();
    assert_eq!(first, "rename frob to frobnicate\n");
    assert_eq!(child.wait().unwrap().code(), Some(0));

    let mut child = sandbox
        .batch_command()
        .args(rewrite(&["--no-test", "--yes"]))
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap();
    drop(child.stdout.take());
    let mut said = String::new();
    child
        .stderr
        .take()
        .unwrap()
        .read_to_string(&mut said)
        .unwrap();
    assert_eq!(child.wait().unwrap().code(), Some(0), "{said}");
    assert_eq!(sandbox.delivered().len(), 5);
}

#[test]
fn no_colour_is_written_where_none_is_wanted() {
    let sandbox = Sandbox::frobs(5);
    let mut command = sandbox.batch_command();
    command.args(rewrite(&["--no-test", "--yes"]));
    command
        .env("NO_COLOR", "1")
        .env("CLICOLOR_FORCE", "0")
        .env("TERM", "xterm-256color");
    let done = ran(&command.output().unwrap()).exits(0);
    assert!(!done.stdout.contains('\u{1b}') && !done.stderr.contains('\u{1b}'));
}
