//! `batch demo`: the whole job as it is told to somebody new, on whatever machine they have.

use std::process::Command;

use crate::support::sandbox::{Ran, Sandbox, ran};
use crate::support::terminal::{Terminal, key};

/// What happens, in order.
const STORY: &[&str] = &[
    "== A sample repository, made for this demo",
    "== One change, planned and carried out",
    "$ batch run 'rename the SHOP_*_URL settings to STORE_*_URL' --rewrite",
    "opens 10 pull requests on the forge `local`, branches pushed to origin",
    "services-payments: failed at test",
    "== One unit failed on purpose. The failures log says why",
    "STORE_PAYMENTS_URL is not set",
    "== The cause is mended, and what failed runs again",
    "added STORE_PAYMENTS_URL to ",
    "$ batch rerun",
    "services-payments: opened #10",
    "== Done. It is all still there",
    "Try next:",
];

/// A person's home and temporary folder, without any repository of theirs.
fn home() -> Sandbox {
    Sandbox::empty()
}

fn demo(home: &Sandbox, args: &[&str]) -> Command {
    let mut command = home.batch_command();
    command
        .current_dir(home.path("home"))
        .arg("demo")
        .args(args);
    command
}

#[track_caller]
fn tells_the_story(text: &str) {
    let mut rest = text;
    for words in STORY {
        let at = rest.find(words);
        rest = &rest[at.unwrap_or_else(|| panic!("no {words:?} in its place in\n{text}"))..];
    }
}

/// The lines below `Try next:`.
#[track_caller]
fn proposals(ran: &Ran) -> Vec<&str> {
    let (_, after) = ran.stderr.split_once("Try next:\n").expect(&ran.stderr);
    after
        .lines()
        .take_while(|line| !line.is_empty())
        .map(str::trim)
        .collect()
}

#[track_caller]
fn works(home: &Sandbox, line: &str) -> Ran {
    let mut shell = home.command("sh");
    shell.current_dir(home.path("home")).args(["-c", line]);
    ran(&shell.output().unwrap()).exits(0)
}

#[test]
fn the_demo_tells_its_story_and_what_it_proposes_works() {
    let home = home();
    let ran_demo = ran(&demo(&home, &["--yes"]).output().unwrap()).exits(0);
    tells_the_story(&ran_demo.stderr);
    assert!(
        ran_demo
            .stdout
            .contains("9 of 10 units opened pull requests, 1 failed")
    );
    // It was tried twice, and the log that is shown is of the second try alone.
    let reasons = ran_demo.stderr.matches("STORE_PAYMENTS_URL is not set");
    assert_eq!(reasons.count(), 1, "{}", ran_demo.stderr);
    assert!(
        ran_demo
            .stdout
            .contains("10 of 10 units opened pull requests")
    );

    // It is where temporary things of this person go.
    let made: Vec<_> = std::fs::read_dir(home.path("tmp"))
        .unwrap()
        .map(|entry| entry.unwrap().file_name().into_string().unwrap())
        .collect();
    assert_eq!(made.len(), 1, "{made:?}");
    assert!(made[0].starts_with("batch-demo-"), "{made:?}");

    let proposals = proposals(&ran_demo);
    let [list, show, merge, log] = proposals[..] else {
        panic!("{proposals:?}")
    };
    assert!(list.ends_with("prs list"), "{list}");
    let listed = works(&home, list).stdout;
    assert_eq!(listed.lines().count(), 11, "{listed}");
    assert!(works(&home, show).stdout.contains("diff --git"));
    works(&home, merge);
    assert!(works(&home, list).stdout.contains("merged"));
    works(&home, log);
    let (_, remove) = ran_demo.stderr.rsplit_once("Remove it all with: ").unwrap();
    works(&home, remove.trim());
    assert_eq!(std::fs::read_dir(home.path("tmp")).unwrap().count(), 0);
}

#[test]
fn two_demos_at_once_do_not_disturb_each_other_whatever_git_is_told_to_do() {
    let home = home();
    home.write_script("../home/hooks/pre-commit", "#!/bin/sh\nexit 1\n");
    home.write_script("../home/hooks/pre-push", "#!/bin/sh\nexit 1\n");
    let hooks = home.path("home/hooks");
    for (name, value) in [
        ("commit.gpgsign", "true"),
        ("user.signingkey", "no-such-key"),
        ("core.hooksPath", hooks.to_str().unwrap()),
        ("init.defaultBranch", "x"),
        ("push.default", "nothing"),
        ("core.autocrlf", "true"),
        ("color.ui", "always"),
        ("diff.noprefix", "true"),
    ] {
        home.git(["config", "--global", name, value]);
    }
    let children = [0, 1].map(|_| {
        let mut command = demo(&home, &[]);
        command.stdout(std::process::Stdio::piped());
        command
            .stderr(std::process::Stdio::piped())
            .spawn()
            .unwrap()
    });
    for child in children {
        let ran = ran(&child.wait_with_output().unwrap()).exits(0);
        tells_the_story(&ran.stderr);
    }
    assert_eq!(std::fs::read_dir(home.path("tmp")).unwrap().count(), 2);
}

#[test]
fn at_a_terminal_the_demo_asks_and_takes_no_for_an_answer() {
    let home = home();
    let mut command = demo(&home, &[]);
    command.env("TERM", "xterm-256color");
    let mut terminal = Terminal::start(&command);
    terminal.sees("What now?").sees("quit").types("q");
    terminal.ends().exits(3).shows("Nothing was changed.");
}

#[test]
fn at_a_terminal_a_yes_takes_the_demo_to_its_end() {
    let home = home();
    let mut command = demo(&home, &[]);
    command.env("TERM", "xterm-256color");
    let mut terminal = Terminal::start(&command);
    terminal.sees("What now?").sees("quit").types(key::FIRST);
    let left = terminal.ends().exits(0);
    for words in ["9 of 10 units", "10 of 10 units", "Try next:"] {
        assert!(left.screen.contains(words), "{}", left.screen);
    }
}

#[test]
fn for_programs_the_demos_standard_output_is_events_and_nothing_else() {
    let home = home();
    let ran = ran(&demo(&home, &["--format=json"]).output().unwrap()).exits(0);
    let ends = ran
        .stdout
        .lines()
        .map(|line| serde_json::from_str::<serde_json::Value>(line).unwrap())
        .filter(|event| event["event"] == "run-ended")
        .count();
    assert_eq!(ends, 2);
}
