//! `batch status`: in each state of a run, for people, programs and prompts; and `--watch`.

use rexpect::process::Signal;
use serde_json::{Value, json};

use super::support::{Running, ended, json, tree};
use crate::support::terminal::{Terminal, key};

/// The unit of that id.
#[track_caller]
fn unit<'a>(status: &'a Value, id: &str) -> &'a Value {
    let mut units = status["units"].as_array().unwrap().iter();
    units.find(|unit| unit["id"] == id).unwrap()
}

#[test]
fn while_a_run_goes_on_every_unit_is_told_by_its_state_step_and_last_line() {
    let running = Running::start();
    let status = running.status();
    assert_eq!(status["version"], 1);
    assert_eq!(status["state"], "going-on");
    assert!(status["pid"].as_u64().unwrap() > 1);
    assert_eq!(status["change"], "rename frob to frobnicate");
    assert_eq!(
        (&status["counts"]["total"], &status["counts"]["waiting"]),
        (&json!(5), &json!(2))
    );
    let tested = unit(&status, "src-part0");
    assert_eq!(tested["state"], "testing");
    assert_eq!(
        (&tested["step"], &tested["attempt"]),
        (&json!("test"), &json!(1))
    );
    assert_eq!(tested["last_line"], "testing src-part0");
    assert!(tested["elapsed_ms"].is_u64() && tested["quiet_ms"].is_null());
    assert!(std::path::Path::new(tested["log"].as_str().unwrap()).exists());
    let failed = unit(&status, "src-part1");
    assert_eq!(
        (&failed["state"], &failed["failure"]["step"]),
        (&json!("failed"), &json!("test"))
    );
    let waiting = unit(&status, "src-part4");
    assert_eq!(waiting["state"], "waiting");
    assert!(waiting["elapsed_ms"].is_null() && waiting["step"].is_null());

    let text = running.sandbox.batch(["status"]).exits(0).stdout;
    for words in [
        "going on for",
        "2 testing · 2 waiting · 1 failed",
        "src-part0  testing  test",
        "testing src-part0",
        "src-part1  failed   test",
        "src-part4  waiting",
    ] {
        assert!(text.contains(words), "no {words:?} in\n{text}");
    }
    assert!(
        text.lines().all(|line| line.chars().count() <= 80),
        "{text}"
    );
    assert!(!text.contains('\u{1b}'), "{text:?}");
    let short = running.sandbox.batch(["status", "--short"]).exits(0).stdout;
    assert_eq!(short, "batch 1/5, 1 failed\n");
}

#[test]
fn a_run_that_has_ended_is_told_with_its_exit_code_and_the_way_on() {
    let sandbox = ended();
    let ran = sandbox.batch(["status"]).exits(0);
    let run = sandbox.report()["run"].as_str().unwrap().to_owned();
    for words in [
        ", exit code 1\n",
        "4 opened · 1 failed\n",
        "test failed with exit code 3",
        "#4",
        &format!("\nagain: batch rerun {run}\n"),
    ] {
        assert!(
            ran.stdout.contains(words),
            "no {words:?} in\n{}",
            ran.stdout
        );
    }
    let status = json(
        &sandbox
            .batch(["status", &run[..15], "--format=json"])
            .exits(0),
    );
    assert_eq!(
        (&status["state"], &status["exit_code"]),
        (&json!("failed"), &json!(1))
    );
    assert_eq!(unit(&status, "src-part0")["state"], "opened");
    assert!(unit(&status, "src-part0")["pr"]["number"].is_u64());
    // There is nothing to tell a prompt, here or where there is no repository at all.
    assert_eq!(sandbox.batch(["status", "--short"]).exits(0).stdout, "");
    let outside = sandbox.path("home").display().to_string();
    let ran = sandbox
        .batch(["-C", &outside, "status", "--short"])
        .exits(0);
    assert_eq!((ran.stdout, ran.stderr), (String::new(), String::new()));
}

#[test]
fn a_run_whose_process_is_gone_is_interrupted_and_so_are_its_units_under_way() {
    let mut running = Running::start();
    running.dies();
    let status = running.status();
    assert_eq!(
        (&status["state"], &status["pid"]),
        (&json!("interrupted"), &Value::Null)
    );
    let states = ["src-part0", "src-part1", "src-part2", "src-part3"]
        .map(|id| unit(&status, id)["state"].as_str().unwrap());
    assert_eq!(states, ["interrupted", "failed", "interrupted", "waiting"]);
    let run = status["run"].as_str().unwrap();
    let ran = running.sandbox.batch(["status"]).exits(0);
    let next = format!("its process is gone; go on with: batch resume {run}\n");
    assert!(ran.stdout.ends_with(&next), "{}", ran.stdout);
    assert_eq!(
        running.sandbox.batch(["status", "--short"]).exits(0).stdout,
        ""
    );
    // Whoever watches is not left waiting for it.
    running.sandbox.batch(["status", "--watch"]).exits(0);
    running
        .sandbox
        .batch(["status", "--watch", "--exit-status"])
        .exits(130);
}

#[test]
fn the_commands_that_read_write_nothing_and_are_not_in_the_way_of_a_run() {
    let running = Running::start();
    for _ in 0..20 {
        running.sandbox.batch(["status", "--short"]).exits(0);
    }
    let sandbox = running.ends(1);
    let git = sandbox.repo().join(".git");
    let before = tree(&git);
    for args in [
        &["status"][..],
        &["status", "--watch"],
        &["status", "--format=json"],
        &["list"],
        &["logs", "src-part0"],
        &["logs", "src-part0", "--follow"],
        &["logs", "base"],
        &["report"],
        &["report", "--format=html"],
    ] {
        let ran = sandbox.batch(args).exits(0);
        assert!(
            !ran.stdout.is_empty() && ran.stderr.is_empty(),
            "{args:?}: {ran:?}"
        );
        assert!(before == tree(&git), "{args:?} changed something");
    }
}

#[test]
fn a_watched_run_is_drawn_in_place_until_it_ends() {
    let running = Running::start();
    let mut terminal = Terminal::start(&running.sandbox.at_terminal(["status", "--watch"]));
    terminal.sees("2 testing").sees("src-part0");
    running.go();
    terminal.sees("4 opened");
    let left = terminal.ends().exits(0);
    let left = left.shows("exit code 1").shows("✓ opened");
    // One picture is left, the last.
    assert_eq!(left.screen.matches("UNIT ").count(), 1, "{}", left.screen);
    assert!(!left.screen.contains("testing"), "{}", left.screen);
    running.ends(1);
}

#[test]
fn ctrl_c_ends_the_watching_and_not_the_run() {
    let running = Running::start();
    let mut terminal = Terminal::start(&running.sandbox.at_terminal(["status", "--watch"]));
    terminal.sees("2 testing").types(key::CTRL_C);
    let left = terminal.ends();
    assert!(
        left.cursor && left.code.is_none_or(|code| code == 130),
        "{left:?}"
    );
    assert_eq!(running.status()["state"], "going-on");
    running.ends(1);
}

#[test]
fn without_a_terminal_a_watched_run_is_a_line_for_each_change_and_its_exit_code_can_be_had() {
    let running = Running::start();
    let watching = |args: &[&str]| {
        let mut command = running.sandbox.batch_command();
        command.args(["status", "--watch"]).args(args);
        command
            .stdout(std::process::Stdio::piped())
            .spawn()
            .unwrap()
    };
    let lines = watching(&[]);
    let documents = watching(&["--format=json", "--exit-status"]);
    let sandbox = running.ends(1);
    let lines = crate::support::sandbox::ran(&lines.wait_with_output().unwrap()).exits(0);
    let opened = lines.stdout.matches(": opened #").count();
    assert!(
        opened >= 1 && !lines.stdout.contains('\u{1b}'),
        "{}",
        lines.stdout
    );
    assert!(lines.stdout.contains("exit code 1"), "{}", lines.stdout);
    let documents = documents.wait_with_output().unwrap();
    let documents = crate::support::sandbox::ran(&documents).exits(1);
    let states: Vec<Value> = documents
        .stdout
        .lines()
        .map(|line| serde_json::from_str::<Value>(line).unwrap()["state"].take())
        .collect();
    assert_eq!(states.first().unwrap(), "going-on");
    assert_eq!(states.last().unwrap(), "failed");
    drop(sandbox);
}

#[test]
fn a_signal_to_a_watcher_leaves_the_terminal_as_it_was() {
    let running = Running::start();
    let mut terminal = Terminal::start(&running.sandbox.at_terminal(["status", "--watch"]));
    terminal.sees("2 testing").signal(Signal::SIGTERM);
    assert!(terminal.ends().cursor);
    running.ends(1);
}
