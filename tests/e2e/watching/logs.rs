//! `batch logs`: by unit, step and attempt; followed; and cleaned where a terminal shows them.

use std::process::Stdio;

use super::support::{Running, ended, json};
use crate::support::sandbox::ran;
use crate::support::terminal::Terminal;

#[test]
fn the_logs_of_a_unit_come_step_by_step_and_of_the_latest_attempt() {
    let sandbox = ended();
    let all = sandbox.batch(["logs", "src-part0"]).exits(0).stdout;
    let place = |words: &str| {
        all.find(words)
            .unwrap_or_else(|| panic!("no {words:?} in {all}"))
    };
    assert!(place("==> attempt 1 · test <==") < place("testing \u{1b}[31msrc-part0"));
    assert!(place("the test has passed") < place("==> attempt 1 · push <=="));
    let test = sandbox
        .batch(["logs", "src-part0", "--step", "test"])
        .exits(0)
        .stdout;
    assert_eq!(
        test,
        "testing \u{1b}[31msrc-part0\u{1b}[0m\nthe test has passed\n"
    );
    let base = sandbox.batch(["logs", "base"]).exits(0).stdout;
    assert_eq!(base, "the base is fit\n");

    sandbox.write("../home/test.sh", "echo this time it passes");
    sandbox.batch(["rerun"]).exits(0);
    let of = |args: &[&str]| {
        let all = [&["logs", "src-part1", "--step=test"], args].concat();
        sandbox.batch(all).exits(0).stdout
    };
    assert_eq!(of(&[]), "this time it passes\n");
    assert_eq!(of(&["--attempt", "1"]), "the linker is missing\n");
    let document = json(
        &sandbox
            .batch([
                "logs",
                "src-part1",
                "--attempt=1",
                "--step=test",
                "--format=json",
            ])
            .exits(0),
    );
    assert_eq!(document["unit"], "src-part1");
    assert_eq!(document["logs"][0]["text"], "the linker is missing\n");
    assert_eq!(document["logs"][0]["step"], "test");
}

#[test]
fn followed_logs_show_what_comes_until_the_unit_has_ended() {
    let running = Running::start();
    let mut command = running.sandbox.batch_command();
    command
        .args(["logs", "src-part0", "-f"])
        .stdout(Stdio::piped());
    let following = command.spawn().unwrap();
    let mut command = running.sandbox.batch_command();
    command
        .args(["logs", "src-part4", "-f"])
        .stdout(Stdio::piped());
    let waiting = command.spawn().unwrap();
    let mut terminal = Terminal::start(&running.sandbox.at_terminal(["logs", "src-part2", "-f"]));
    terminal.sees("testing src-part2");
    running.go();
    let followed = ran(&following.wait_with_output().unwrap()).exits(0).stdout;
    assert!(followed.contains("the test has passed\n"), "{followed}");
    assert!(followed.contains("==> attempt 1 · push <=="), "{followed}");
    // One that had not begun is waited for.
    let waited = ran(&waiting.wait_with_output().unwrap()).exits(0).stdout;
    assert!(waited.contains("testing \u{1b}[31msrc-part4"), "{waited}");
    let left = terminal.ends().exits(0).shows("the test has passed");
    assert!(!left.raw.contains("\u{1b}[31m"), "{}", left.raw);
    running.ends(1);
}

#[test]
fn what_is_not_there_is_refused_with_what_is() {
    let sandbox = ended();
    for (args, words, hint) in [
        (
            &["logs", "src-prt0"][..],
            "has no unit `src-prt0`",
            "did you mean `src-part0`?",
        ),
        (&["logs", "SRC PART0"], "has no unit `SRC PART0`", "hint: "),
        (
            &["logs", "src-part0", "--attempt=7"],
            "src-part0 has no attempt 7",
            "its latest is 1",
        ),
        (
            &["logs", "src-part0", "--step=check"],
            "attempt 1 of src-part0 has no log of step check",
            "test",
        ),
        (
            &["logs", "src-part0", "--transcript"],
            "has no transcript of an agent",
            "test",
        ),
        (
            &["logs", "src-part0", "--step=tset"],
            "invalid value 'tset'",
            "'test'",
        ),
        (&["logs", "src-part0", "--run=9"], "no run `9`", "there are"),
        (
            &["logs", "src-part0", "-f", "--format=json"],
            "no JSON document",
            "leave --follow out",
        ),
    ] {
        sandbox.batch(args).exits(2).says(words).says(hint);
    }
}

#[test]
fn a_unit_of_which_nothing_was_logged_yet_is_no_mistake() {
    let running = Running::start();
    let ran = running.sandbox.batch(["logs", "src-part4"]).exits(0);
    let ran = ran.says("Nothing was logged of src-part4 yet.");
    assert_eq!(ran.stdout, "");
}
