//! What a person at a terminal is asked before a run, and what comes of each answer.

use std::process::Command;

use rexpect::process::Signal;

use crate::support::sandbox::Sandbox;
use crate::support::terminal::{COLUMNS, Left, Terminal, key};

/// A change of three units, and its test.
const CHANGE: &[&str] = &[
    "rename frob to frobnicate",
    "--rewrite",
    r"s/\bfrob\b/frobnicate/g",
    "--min-units=3",
    "--max-units=3",
];
const TEST: &str = "--test=test -d src";

fn frobs() -> Sandbox {
    Sandbox::frobs(3)
}

/// The change in a terminal, with `args` more, at the plan's question.
#[track_caller]
fn asked(sandbox: &Sandbox, args: &[&str]) -> Terminal {
    let command = sandbox.at_terminal(CHANGE.iter().chain(&[TEST]).chain(args));
    at_the_question(&command)
}

#[track_caller]
fn at_the_question(command: &Command) -> Terminal {
    let mut terminal = Terminal::start(command);
    terminal.sees("UNIT").sees("What now?").sees("quit");
    terminal
}

/// Puts a shell script into the sandbox that the terminal's person edits with.
fn edited_by(sandbox: &Sandbox, script: &str) -> Command {
    sandbox.write_script("../editor.sh", &format!("#!/bin/sh\n{script}\n"));
    let mut command = sandbox.at_terminal(CHANGE.iter().chain(&[TEST]));
    command.env("EDITOR", sandbox.path("editor.sh"));
    command
}

/// Insists that nothing has happened but that a plan was saved; its path.
#[track_caller]
fn nothing_happened(sandbox: &Sandbox, before: &Own) -> String {
    sandbox.is_untouched(before);
    assert!(sandbox.delivered().is_empty());
    assert_eq!(sandbox.git(["for-each-ref", "refs/batch"]), "");
    assert!(!sandbox.repo().join(".git/batch/runs").exists());
    sandbox.has_no_worktree_left();
    let plans: Vec<_> = std::fs::read_dir(sandbox.repo().join(".git/batch/plans"))
        .unwrap()
        .map(|entry| entry.unwrap().path())
        .collect();
    assert_eq!(plans.len(), 1, "{plans:?}");
    plans[0].to_str().unwrap().to_owned()
}

type Own = std::collections::BTreeMap<std::ffi::OsString, Vec<u8>>;

#[test]
fn a_yes_at_the_terminal_carries_the_plan_out() {
    let sandbox = frobs();
    let before = sandbox.users_own();
    let mut terminal = asked(&sandbox, &[]);
    terminal.types(key::FIRST);
    terminal
        .ends()
        .exits(0)
        .shows("3 of 3 units opened pull requests");
    assert_eq!(sandbox.delivered().len(), 3);
    sandbox.is_untouched(&before);
    assert!(
        !sandbox.repo().join(".git/batch/plans").exists()
            || std::fs::read_dir(sandbox.repo().join(".git/batch/plans"))
                .unwrap()
                .next()
                .is_none(),
        "the plan is in the run's folder and nowhere else"
    );
}

#[test]
fn a_letter_and_enter_are_no_yes() {
    let sandbox = frobs();
    let before = sandbox.users_own();
    let mut terminal = asked(&sandbox, &[]);
    terminal
        .types("n")
        .types(key::ENTER)
        .types("y\r")
        .types("q");
    terminal.ends().exits(3).shows("Nothing was changed.");
    nothing_happened(&sandbox, &before);
}

#[test]
fn a_unit_can_be_looked_at_and_the_question_comes_again() {
    let sandbox = frobs();
    let mut terminal = asked(&sandbox, &[]);
    terminal.types(key::DOWN).types(key::DOWN).types(key::ENTER);
    terminal.sees("Which unit?").sees("src-part2");
    terminal.types(key::DOWN).types(key::DOWN).types(key::ENTER);
    terminal.sees("src-part1:").sees("src/part1/one.txt");
    terminal.sees("What now?").sees("quit").types("q");
    terminal.ends().exits(3);
}

#[test]
fn quitting_saves_the_plan_and_the_line_that_is_shown_runs_it() {
    let sandbox = frobs();
    let before = sandbox.users_own();
    let mut terminal = asked(&sandbox, &[]);
    terminal.types(key::UP).types(key::ENTER);
    let left = terminal.ends().exits(3).shows("Nothing was changed.");
    nothing_happened(&sandbox, &before);

    let args = printed_apply(&left);
    sandbox
        .batch(args.iter().map(String::as_str).chain(["--yes"]))
        .exits(0);
    assert_eq!(sandbox.delivered().len(), 3);
}

/// The arguments of the `batch apply …` that stands on the screen.
#[track_caller]
fn printed_apply(left: &Left) -> Vec<String> {
    // A terminal wraps a long line without a word about it.
    let screen = left.screen.replace('\n', "");
    let (_, line) = screen.rsplit_once("batch apply ").expect(&screen);
    let mut args = vec!["apply".to_owned()];
    args.extend(shlex::split(line).unwrap());
    args
}

#[test]
fn units_can_be_dropped() {
    let sandbox = frobs();
    let mut terminal = asked(&sandbox, &[]);
    terminal.types("jjjj").types(key::ENTER);
    terminal.sees("Drop which units?").sees("src-part2");
    terminal.types("j ").types(key::ENTER);
    terminal.sees("UNIT").sees("approve: open 2 pull requests");
    terminal.sees("quit").types(key::FIRST);
    terminal
        .ends()
        .exits(0)
        .shows("2 of 2 units opened pull requests");
    let delivered: Vec<String> = sandbox.delivered().into_keys().collect();
    assert_eq!(delivered, ["src-part0", "src-part2"]);
}

#[test]
fn an_edit_that_is_no_plan_is_named_and_offered_again() {
    let sandbox = frobs();
    // The first edit gives two units the same path; the second mends that and names a unit anew.
    let command = edited_by(
        &sandbox,
        r#"if [ ! -e "$TMPDIR/edited" ]; then
            : > "$TMPDIR/edited"
            sed -i.bak 's|src/part1/|src/part0/|' "$1"
        else
            awk '/src\/part0\// && seen++ { gsub("part0", "part1") } { print }' "$1" > "$1.new"
            sed 's/^id = "src-part1"/id = "the-middle-one"/' "$1.new" > "$1"
        fi"#,
    );
    let mut terminal = at_the_question(&command);
    terminal.types("jjj").types(key::ENTER);
    terminal.sees("error: line ").sees("src/part0/");
    terminal.sees("edit again").sees("give up the edits");
    terminal.types(key::FIRST);
    terminal.sees("UNIT").sees("the-middle-one").sees("quit");
    terminal.types(key::FIRST);
    terminal.ends().exits(0);
    assert!(sandbox.delivered().contains_key("the-middle-one"));
}

#[test]
fn edits_can_be_given_up() {
    let sandbox = frobs();
    let command = edited_by(&sandbox, r#"echo nonsense >> "$1""#);
    let mut terminal = at_the_question(&command);
    terminal.types("jjj").types(key::ENTER);
    terminal.sees("error: ").sees("give up the edits");
    terminal.types(key::DOWN).types(key::DOWN).types(key::ENTER);
    terminal.sees("What now?").sees("quit");
    terminal.types(key::ESCAPE);
    let left = terminal.ends().exits(3);
    let args = printed_apply(&left);
    sandbox
        .batch(args.iter().map(String::as_str).chain(["--dry-run"]))
        .exits(0);
}

#[test]
fn an_editor_that_fails_or_is_not_there_leaves_the_plan_as_it_was() {
    let sandbox = frobs();
    let mut command = edited_by(&sandbox, r#"echo nonsense >> "$1"; exit 1"#);
    for editor in [sandbox.path("editor.sh"), "/no/such/editor".into()] {
        command.env("EDITOR", editor);
        let mut terminal = at_the_question(&command);
        terminal.types("jjj").types(key::ENTER);
        terminal.sees("error: the plan is as it was: ");
        terminal.sees("approve: open 3").sees("quit").types("q");
        terminal.ends().exits(3);
    }
}

#[test]
fn ctrl_c_in_the_editor_is_the_editors() {
    let sandbox = frobs();
    // A terminal sends the signal to all that is in the foreground.
    let command = edited_by(&sandbox, "trap '' INT; kill -INT 0; sleep 0.1");
    let mut terminal = at_the_question(&command);
    terminal.types("jjj").types(key::ENTER);
    terminal.sees("the plan is as it was");
    terminal.sees("approve: open 3").sees("quit");
    terminal.types(key::FIRST);
    terminal.ends().exits(0);
    assert_eq!(sandbox.delivered().len(), 3);
}

#[test]
fn ctrl_c_at_each_question_ends_with_the_cursor_shown_and_nothing_changed() {
    for (keys, question) in [
        ("", "quit"),
        ("jj\r", "src-part2"),
        ("jjjj\r", "src-part2"),
        ("jjj\r", "give up the edits"),
    ] {
        let sandbox = frobs();
        let before = sandbox.users_own();
        let command = edited_by(&sandbox, r#"echo nonsense >> "$1""#);
        let mut terminal = at_the_question(&command);
        if !keys.is_empty() {
            terminal.types(keys).sees(question);
        }
        terminal.types(key::CTRL_C);
        let left = terminal
            .ends()
            .exits(130)
            .shows("Interrupted; nothing was changed.");
        nothing_happened(&sandbox, &before);
        let args = printed_apply(&left);
        sandbox
            .batch(args.iter().map(String::as_str).chain(["--dry-run"]))
            .exits(0);
    }
}

#[test]
fn a_signal_at_the_question_ends_it_as_ctrl_c_does() {
    for signal in [Signal::SIGINT, Signal::SIGTERM] {
        let sandbox = frobs();
        let before = sandbox.users_own();
        let mut terminal = asked(&sandbox, &[]);
        terminal.signal(signal);
        terminal.ends().exits(130);
        nothing_happened(&sandbox, &before);
    }
}

#[test]
fn a_missing_test_command_is_asked_for() {
    let sandbox = frobs();
    let mut terminal = Terminal::start(&sandbox.at_terminal(CHANGE));
    terminal.sees("test command").types("test -d src\r");
    terminal.sees("test      test -d src").sees("quit");
    terminal.types(key::FIRST);
    terminal.ends().exits(0);
    assert!(
        sandbox
            .run_file("plan.toml")
            .contains("test = \"test -d src\"")
    );
}

#[test]
fn an_empty_answer_means_no_test() {
    let sandbox = frobs();
    let mut terminal = Terminal::start(&sandbox.at_terminal(CHANGE));
    terminal.sees("test command").types(key::ENTER);
    terminal.sees("test      none").sees("quit").types("q");
    terminal.ends().exits(3);
}

#[test]
fn ctrl_c_at_the_question_for_a_test_ends_with_nothing_changed() {
    let sandbox = frobs();
    let before = sandbox.users_own();
    let mut terminal = Terminal::start(&sandbox.at_terminal(CHANGE));
    terminal.sees("test command").types(key::CTRL_C);
    terminal.ends().exits(130).shows("nothing was changed");
    sandbox.is_untouched(&before);
    assert!(!sandbox.repo().join(".git/batch/runs").exists());
}

#[test]
fn yes_on_the_command_line_asks_nothing() {
    let sandbox = frobs();
    let command = sandbox.at_terminal(CHANGE.iter().chain(&[TEST, "--yes"]));
    let left = Terminal::start(&command).ends().exits(0);
    assert!(!left.raw.contains("What now?"), "{}", left.screen);
    left.shows("UNIT")
        .shows("3 of 3 units opened pull requests");
}

#[test]
fn without_a_terminal_nobody_is_asked_and_the_plan_is_saved() {
    let sandbox = frobs();
    let before = sandbox.users_own();
    let ran = sandbox.batch(CHANGE.iter().chain(&[TEST])).exits(3);
    let ran = ran.says("hint: pass --yes, or run the saved plan: batch apply ");
    let plan = nothing_happened(&sandbox, &before);
    assert!(ran.stderr.contains("UNIT"), "{}", ran.stderr);
    sandbox.batch(["apply", &plan, "--yes"]).exits(0);
    assert_eq!(sandbox.delivered().len(), 3);
}

#[test]
fn with_no_color_no_colour_is_printed() {
    // `ESC [ … m` sets colours; the others move the cursor.
    let coloured = |left: &Left| {
        left.raw.split("\x1b[").skip(1).any(|sequence| {
            sequence
                .trim_start_matches(|c: char| c.is_ascii_digit() || c == ';')
                .starts_with('m')
        })
    };
    let sandbox = frobs();
    let mut command = sandbox.at_terminal(CHANGE.iter().chain(&[TEST]));
    command.env("NO_COLOR", "1");
    let mut terminal = at_the_question(&command);
    terminal.types(key::FIRST);
    let left = terminal.ends().exits(0);
    assert!(!coloured(&left), "{:?}", left.raw);

    let sandbox = frobs();
    let mut terminal = asked(&sandbox, &[]);
    terminal.types(key::FIRST);
    assert!(coloured(&terminal.ends().exits(0)));
}

#[test]
fn the_plan_fits_80_columns_whatever_it_holds() {
    let long = "a-folder-with-quite-a-long-name/and-another-one-below-it-that-is-no-shorter";
    let owners = format!(
        "/{long}/ @a-team-with-a-long-name/of-many-people @someone-else-of-that-team\n/src/ @短い/チーム\n"
    );
    let sandbox = Sandbox::new(&[
        (".github/CODEOWNERS", &owners),
        (&format!("{long}/one.txt"), "frob\n"),
        (&format!("{long}/two.txt"), "frob\n"),
        (
            "src/日本語のとても長いフォルダーの名前/ファイル.txt",
            "frob\n",
        ),
        ("src/👩‍💻/café.txt", "frob\n"),
        ("docs/plain.txt", "frob\n"),
    ]);
    let mut terminal = Terminal::start(&sandbox.at_terminal(
        CHANGE[..3].iter().chain(&["--test=a command that is longer than the terminal is wide, so that it goes on below itself"]),
    ));
    terminal.sees("What now?").sees("quit").types("jj\r");
    terminal.sees("Which unit?").types(key::CTRL_C);
    let left = terminal.ends().exits(130);
    for line in left.raw.lines() {
        let line = console::strip_ansi_codes(line).into_owned();
        let line = line.trim_end_matches('\r');
        let width = console::measure_text_width(line);
        // What can be copied stays whole.
        let may_wrap = line.contains("batch apply ");
        assert!(
            may_wrap || width <= usize::from(COLUMNS),
            "{width} columns: {line}\n{}",
            left.screen
        );
    }
}

#[test]
fn a_pull_request_is_shown_in_colour_at_a_terminal_and_to_programs_without() {
    let sandbox = frobs();
    sandbox
        .batch(CHANGE.iter().chain(&[TEST, "--yes"]))
        .exits(0);
    let shown = |args: &[&str]| Terminal::start(&sandbox.at_terminal(args)).ends().exits(0);
    assert!(shown(&["prs", "show", "1"]).raw.contains("\u{1b}[32m+"));
    let json = shown(&["prs", "show", "1", "--format=json"]);
    assert!(!json.raw.contains("[32m"), "{}", json.raw);
}
