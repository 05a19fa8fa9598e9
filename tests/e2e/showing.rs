//! How a plan is shown: as a tree of paths, by the person's pager, and for a screen reader.

use std::process::Command;

use crate::support::sandbox::{Ran, Sandbox};
use crate::support::terminal::{COLUMNS, Terminal, key};

/// A change of as many units as there are folders, without a test.
fn change(units: usize) -> Vec<String> {
    [
        "run",
        "rename frob to frobnicate",
        r"--rewrite=s/\bfrob\b/frobnicate/g",
        "--paths=src/**",
        "--no-test",
    ]
    .into_iter()
    .map(str::to_owned)
    .chain([
        format!("--min-units={units}"),
        format!("--max-units={units}"),
    ])
    .collect()
}

fn at_terminal(sandbox: &Sandbox, units: usize, args: &[&str]) -> Command {
    let more = args.iter().map(|arg| (*arg).to_owned());
    sandbox.at_terminal(change(units).into_iter().chain(more))
}

fn batch(sandbox: &Sandbox, units: usize, args: &[&str]) -> Ran {
    let more = args.iter().map(|arg| (*arg).to_owned());
    sandbox.batch(change(units).into_iter().chain(more))
}

#[test]
fn a_plan_is_shown_as_a_tree_of_paths() {
    let sandbox = Sandbox::frobs(3);
    let ran = batch(&sandbox, 3, &["--dry-run", "--tree"]).exits(0);
    let tree = "\nsrc/      6 files of 3 units\n  part0/  2 files  src-part0\n  part1/  2 files  src-part1\n  part2/  2 files  src-part2\n";
    assert!(ran.stdout.contains(tree), "{}", ran.stdout);
    assert!(!ran.stdout.contains("UNIT"), "{}", ran.stdout);
    let mut terminal = Terminal::start(&at_terminal(&sandbox, 3, &[]));
    terminal.sees("show it as a tree of paths").sees("quit");
    terminal.types(key::UP).types(key::UP).types(key::ENTER);
    terminal.sees("src/      6 files of 3 units");
    terminal.sees("src-part2").sees("What now?").sees("quit");
    terminal.types("q");
    terminal.ends().exits(3);
}

/// A pager that keeps what it was given, and how it was set up, and shows the end of it.
fn pager(sandbox: &Sandbox, more: &str) -> String {
    let script = format!(
        "#!/bin/sh\ncat > \"$TMPDIR/paged\"\nprintf '%s' \"$LESS\" > \"$TMPDIR/less\"\necho PAGED\n{more}\n"
    );
    sandbox.write_script("../pager.sh", &script);
    sandbox.path("pager.sh").display().to_string()
}

fn paged(sandbox: &Sandbox) -> Option<String> {
    std::fs::read_to_string(sandbox.path("tmp/paged")).ok()
}

#[test]
fn a_plan_that_is_longer_than_the_screen_goes_through_the_pager() {
    let sandbox = Sandbox::frobs(25);
    let pager = pager(&sandbox, "trap '' INT; kill -INT 0; sleep 0.1");
    let mut command = at_terminal(&sandbox, 25, &[]);
    command.env("BATCH_PAGER", &pager).env("GIT_PAGER", "false");
    let mut terminal = Terminal::start(&command);
    // Ctrl-C in it, which a terminal sends to all, is the pager's.
    terminal.sees("PAGED").sees("What now?").sees("quit");
    assert!(!terminal.text().contains("opens 25 pull requests"));
    let text = paged(&sandbox).unwrap();
    assert!(text.contains("src-part24") && text.contains("opens 25 pull requests"));
    assert_eq!(
        std::fs::read_to_string(sandbox.path("tmp/less")).unwrap(),
        "FRX"
    );
    terminal.types("q");
    terminal.ends().exits(3);
}

#[test]
fn gits_own_pager_is_used_and_one_that_fails_leaves_the_text() {
    let sandbox = Sandbox::frobs(25);
    let pager = pager(&sandbox, "");
    sandbox.git(["config", "core.pager", &pager]);
    let mut command = at_terminal(&sandbox, 25, &["--dry-run"]);
    command.env_remove("GIT_PAGER");
    Terminal::start(&command).ends().exits(0).shows("PAGED");
    assert!(paged(&sandbox).unwrap().contains("src-part24"));
    for broken in ["/no/such/pager", "exit 3"] {
        command.env("BATCH_PAGER", broken);
        let left = Terminal::start(&command).ends().exits(0);
        assert!(left.screen.contains("src-part24"), "{}", left.screen);
    }
}

#[test]
fn what_fits_or_is_not_for_a_persons_screen_is_not_paged() {
    let sandbox = Sandbox::frobs(25);
    let pager = pager(&sandbox, "");
    for (units, more) in [
        (2, &["--dry-run"][..]),
        (25, &["--dry-run", "--plain"]),
        (25, &["--dry-run", "--format=json"]),
        (25, &["--dry-run", "-q"]),
    ] {
        let mut command = at_terminal(&sandbox, units, more);
        command.env("BATCH_PAGER", &pager);
        let left = Terminal::start(&command).ends().exits(0);
        assert!(!left.raw.contains("PAGED"), "{more:?}: {}", left.screen);
    }
    let mut command = sandbox.batch_command();
    command.args(change(25)).arg("--dry-run");
    let output = command.env("BATCH_PAGER", &pager).output().unwrap();
    assert!(String::from_utf8_lossy(&output.stdout).contains("src-part24"));
    assert_eq!(paged(&sandbox), None);
}

#[test]
fn for_a_screen_reader_there_are_words_and_line_ends_alone() {
    let sandbox = Sandbox::frobs(4);
    let mut terminal = Terminal::start(&at_terminal(&sandbox, 4, &["--plain", "--canary=1"]));
    terminal.sees("src-part0: title src/part0, files 2, lines 4");
    terminal.sees("canary: src-part2 first; the others wait for how that ends");
    terminal
        .sees("What now?")
        .sees("1. approve: run 1 of 4 units first");
    terminal.sees("Type a number and press Enter, or q to go back:");
    terminal
        .types("y\r")
        .sees("That is none of the numbers from 1 to ");
    terminal.types("1\r");
    terminal.sees("src-part2: opened #1");
    terminal.sees("The canary has ended: 1 of 4 units.");
    terminal.sees("src-part2: outcome opened, took ");
    terminal.sees("1. go on with the other 3 units");
    terminal.sees("Type a number").types("1\r");
    let left = terminal
        .ends()
        .exits(0)
        .shows("src-part3: outcome opened, pr #");
    assert!(!left.raw.contains('\u{1b}'), "{:?}", left.raw);
    assert!(!left.raw.contains(['✓', '…', '[']), "{}", left.raw);
    for args in [
        &["prs", "list", "--plain"][..],
        &["status", "--plain"],
        &["list", "--plain"],
        &["prs", "--plain", "--help"],
        &["run", "--plain", "--nonsense"],
        &["rerun", "--plain", "nonsense"],
    ] {
        let left = Terminal::start(&sandbox.at_terminal(args)).ends();
        assert!(!left.raw.contains('\u{1b}'), "{args:?}: {:?}", left.raw);
    }
}

#[test]
fn typed_questions_can_be_gone_back_from_and_interrupted() {
    let sandbox = Sandbox::frobs(3);
    let start = || {
        let mut terminal = Terminal::start(&at_terminal(&sandbox, 3, &["--plain"]));
        terminal.sees("Type a number");
        terminal
    };
    let mut terminal = start();
    // Drop a unit by its number, then quit.
    let drop = terminal
        .text()
        .lines()
        .find(|line| line.ends_with("drop units"))
        .and_then(|line| line.split('.').next().map(str::to_owned))
        .unwrap();
    terminal.types(&format!("{drop}\r"));
    terminal.sees("Drop which units?").sees("3. src-part2");
    terminal.sees("Type numbers").types("2, 2\r");
    terminal.sees("approve: open 2 pull requests");
    terminal.sees("Type a number").types("q\r");
    terminal.ends().exits(3).shows("Nothing was changed.");
    for (keys, code) in [(key::CTRL_C, 130), ("\u{4}", 3)] {
        let mut terminal = start();
        terminal.types(keys);
        terminal.ends().exits(code);
    }
    assert!(sandbox.delivered().is_empty());
}

#[test]
fn a_dumb_terminal_is_asked_by_lines_and_nothing_is_wider_than_80_columns() {
    let sandbox = Sandbox::frobs(3);
    for (variable, value) in [("TERM", "dumb"), ("NO_COLOR", "1")] {
        let mut command = at_terminal(&sandbox, 3, &[]);
        command.env(variable, value);
        let mut terminal = Terminal::start(&command);
        terminal.sees("What now?").sees("quit");
        let colours = terminal.text();
        for line in colours.lines() {
            assert!(line.chars().count() <= usize::from(COLUMNS), "{line}");
        }
        terminal.types(if value == "dumb" { "q\r" } else { "q" });
        let left = terminal.ends().exits(3);
        if value == "dumb" {
            assert!(!left.raw.contains('\u{1b}'), "{:?}", left.raw);
        } else {
            assert!(!left.raw.contains("\u{1b}[3"), "{:?}", left.raw);
        }
    }
}
