//! A few units first, what the rest will take, and the question again.

use std::path::Path;

use rexpect::process::Signal;
use serde_json::Value;

use crate::support::sandbox::{Ran, Sandbox};
use crate::support::terminal::{Terminal, key};

/// A change of four units, of which `src-part2` is the middle.
const CHANGE: &[&str] = &[
    "rename frob to frobnicate",
    "--rewrite",
    r"s/\bfrob\b/frobnicate/g",
    "--paths=src/**",
    "--min-units=4",
    "--max-units=4",
];

/// A test that this unit fails until a file is there.
fn fails(unit: &str, mended: &Path) -> String {
    let mended = mended.display();
    format!("--test=test \"$BATCH_UNIT\" != {unit} || test -e '{mended}'")
}

fn run(sandbox: &Sandbox, args: &[&str]) -> Ran {
    sandbox.batch(CHANGE.iter().chain(args))
}

fn events(sandbox: &Sandbox) -> Vec<Value> {
    let journal = sandbox.run_file("journal.jsonl");
    let events = journal
        .lines()
        .map(|line| serde_json::from_str(line).unwrap());
    events.collect()
}

/// The units in the order in which they were begun, and `?` where the canary had ended.
fn order(sandbox: &Sandbox) -> Vec<String> {
    let events = events(sandbox).into_iter();
    let told = events.filter_map(|event| match event["event"].as_str().unwrap() {
        "unit-started" => Some(event["unit"].as_str().unwrap().to_owned()),
        "canary-ended" => Some("?".to_owned()),
        _ => None,
    });
    told.collect()
}

fn words(sandbox: &Sandbox) -> Vec<String> {
    sandbox.outcomes().into_values().collect()
}

/// The reason why a unit of the last run was cancelled.
fn reason(sandbox: &Sandbox, unit: &str) -> String {
    let events = events(sandbox).into_iter().rev();
    let mut ended = events.filter(|event| event["event"] == "unit-ended" && event["unit"] == unit);
    let ended = ended.next().unwrap();
    assert_eq!(ended["outcome"], "cancelled", "{ended}");
    ended["reason"].as_str().unwrap().to_owned()
}

/// At the first question of a change in a terminal, with `args` more.
fn asked(sandbox: &Sandbox, args: &[&str]) -> Terminal {
    let mut terminal = Terminal::start(&sandbox.at_terminal(CHANGE.iter().chain(args)));
    terminal.sees("UNIT").sees("What now?").sees("quit");
    terminal
}

/// At the question after the canary of one unit.
fn asked_again(sandbox: &Sandbox, args: &[&str]) -> Terminal {
    let mut terminal = asked(sandbox, &[args, &["--canary=1"]].concat());
    terminal.types(key::FIRST);
    terminal.sees("The canary has ended: 1 of 4 units.");
    terminal.sees("What now?").sees("stop here");
    terminal
}

#[test]
fn with_yes_the_rest_goes_on_by_itself_when_the_canary_succeeded() {
    let sandbox = Sandbox::frobs(4);
    let ran = run(&sandbox, &["--yes", "--canary=1", "--test=true"]).exits(0);
    let order = order(&sandbox);
    assert_eq!(&order[..2], ["src-part2", "?"], "{order:?}");
    assert_eq!(order.len(), 5);
    for words in [
        "canary    src-part2 first; the others wait for how that ends",
        "4 units on main",
        "1 of them first",
        "The canary has ended: 1 of 4 units.",
        "The other 3 units, by what these took:\n  time      about ",
        "  disk      ",
        "going on with the rest",
    ] {
        assert!(
            ran.stderr.contains(words),
            "no {words:?} in\n{}",
            ran.stderr
        );
    }
    assert_eq!(words(&sandbox), ["opened"; 4]);
    // The base was proven once, and worktrees were kept for the rest.
    let told = events(&sandbox);
    let count = |event: &str| told.iter().filter(|told| told["event"] == event).count();
    assert_eq!((count("base-accepted"), count("run-started")), (1, 1));
    assert_eq!((count("canary-settled"), count("run-ended")), (1, 1));
    sandbox.has_no_worktree_left();
}

#[test]
fn with_yes_a_canary_that_fails_keeps_the_rest_from_beginning_and_a_rerun_takes_it_up() {
    let sandbox = Sandbox::frobs(4);
    let mended = sandbox.path("mended");
    let test = fails("src-part2", &mended);
    let args = ["--yes", "--canary=1", "--allow-red-base", &test];
    let ran = run(&sandbox, &args).exits(1);
    assert!(
        ran.stderr
            .contains("src-part2: test failed with exit code 1"),
        "{}",
        ran.stderr
    );
    assert_eq!(
        words(&sandbox),
        ["cancelled", "cancelled", "failed", "cancelled"]
    );
    assert_eq!(
        reason(&sandbox, "src-part0"),
        "not begun: 1 unit of the canary did not succeed"
    );
    std::fs::write(mended, "").unwrap();
    sandbox.batch(["rerun", "--allow-red-base"]).exits(0);
    assert_eq!(words(&sandbox), ["opened"; 4]);
    assert_eq!(
        order(&sandbox).iter().filter(|unit| *unit == "?").count(),
        1
    );
}

#[test]
fn a_red_base_and_fail_fast_leave_nothing_to_ask() {
    let sandbox = Sandbox::frobs(4);
    run(&sandbox, &["--yes", "--canary=1", "--test=false"]).exits(4);
    assert_eq!(words(&sandbox), ["cancelled"; 4]);
    assert_eq!(reason(&sandbox, "src-part0"), "the base does not pass test");
    assert_eq!(order(&sandbox), [] as [&str; 0]);
}

#[test]
fn at_the_terminal_the_rest_goes_on_after_a_second_yes() {
    let sandbox = Sandbox::frobs(4);
    let mut terminal = asked_again(&sandbox, &["--test=true"]);
    assert_eq!(sandbox.delivered().len(), 1);
    terminal.types(key::FIRST);
    terminal
        .ends()
        .exits(0)
        .shows("4 of 4 units opened pull requests");
    assert_eq!(sandbox.delivered().len(), 4);
}

#[test]
fn at_the_terminal_the_rest_can_be_left_for_a_rerun() {
    let sandbox = Sandbox::frobs(4);
    let mut terminal = asked_again(&sandbox, &["--no-test"]);
    terminal.types(key::UP).types(key::ENTER);
    terminal.ends().exits(1).shows("1 of 4 units opened");
    assert_eq!(
        reason(&sandbox, "src-part0"),
        "not begun: stopped after the canary"
    );
    sandbox.has_no_worktree_left();
    sandbox.batch(["rerun"]).exits(0);
    assert_eq!(words(&sandbox), ["opened"; 4]);
}

#[test]
fn ctrl_c_at_the_second_question_is_an_interrupt() {
    let sandbox = Sandbox::frobs(4);
    let mut terminal = asked_again(&sandbox, &["--no-test"]);
    terminal.types(key::CTRL_C);
    terminal.ends().exits(130);
    assert_eq!(reason(&sandbox, "src-part0"), "interrupted");
    sandbox.has_no_worktree_left();
}

#[test]
fn killed_at_the_second_question_nothing_is_lost_and_nothing_was_begun() {
    let sandbox = Sandbox::frobs(4);
    let mut terminal = asked_again(&sandbox, &["--no-test"]);
    terminal.signal(Signal::SIGKILL);
    terminal.ends();
    assert_eq!(order(&sandbox), ["src-part2", "?"]);
    // Who asks for the rest has agreed to it.
    sandbox.batch(["rerun"]).exits(0);
    assert_eq!(words(&sandbox), ["opened"; 4]);
    assert_eq!(sandbox.delivered().len(), 4);
    assert_eq!(sandbox.git(["worktree", "list"]).lines().count(), 1);
}

#[test]
fn a_resume_asks_again_about_what_the_canary_keeps_back() {
    let killed = |sandbox: &Sandbox| {
        let mut terminal = asked_again(sandbox, &["--no-test"]);
        terminal.signal(Signal::SIGKILL);
        terminal.ends();
    };
    let sandbox = Sandbox::frobs(4);
    killed(&sandbox);
    let mut terminal = Terminal::start(&sandbox.at_terminal(["resume"]));
    terminal.sees("The canary has ended: 1 of 4 units.");
    terminal
        .sees("go on with the other 3 units")
        .sees("stop here");
    assert_eq!(sandbox.delivered().len(), 1);
    terminal.types(key::FIRST);
    terminal.ends().exits(0);
    assert_eq!(words(&sandbox), ["opened"; 4]);

    let sandbox = Sandbox::frobs(4);
    killed(&sandbox);
    sandbox.batch(["resume", "--yes"]).exits(0);
    assert_eq!(words(&sandbox), ["opened"; 4]);

    let sandbox = Sandbox::frobs(4);
    killed(&sandbox);
    sandbox
        .batch(["resume"])
        .exits(1)
        .says("the rest is not begun");
    assert_eq!(sandbox.delivered().len(), 1);
    assert_eq!(
        reason(&sandbox, "src-part0"),
        "not begun: there was nobody to ask after the canary"
    );
}

#[test]
fn a_large_plan_is_offered_a_canary_and_shows_which_units_that_is() {
    let sandbox = Sandbox::frobs(10);
    let args = [
        "rename frob",
        r"--rewrite=s/\bfrob\b/frobnicate/g",
        "--paths=src/**",
        "--min-units=10",
        "--no-test",
    ];
    let mut terminal = Terminal::start(&sandbox.at_terminal(args));
    terminal.sees("approve: open 10 pull requests");
    terminal
        .sees("run 2 of 10 units first (canary)")
        .sees("quit");
    terminal.types("jj").types(key::ENTER);
    terminal
        .sees("canary    src-part")
        .sees(" first; the others");
    terminal.sees("approve: run 2 of 10 units first, then ask again");
    terminal.sees("begin all 10 units at once").sees("quit");
    terminal.types(key::FIRST);
    terminal.sees("The canary has ended: 2 of 10 units.");
    terminal.sees("stop here").types(key::ESCAPE);
    terminal.ends().exits(1);
    assert_eq!(sandbox.delivered().len(), 2);
}

#[test]
fn without_a_terminal_a_canary_needs_a_yes() {
    let sandbox = Sandbox::frobs(4);
    run(&sandbox, &["--canary=1", "--no-test"])
        .exits(3)
        .says("canary    src-part2 first");
    assert!(sandbox.delivered().is_empty());
}

#[test]
fn a_canary_of_all_units_keeps_none_back() {
    let sandbox = Sandbox::frobs(4);
    run(&sandbox, &["--yes", "--canary=4", "--no-test"])
        .exits(0)
        .says("note: the plan has 4 units, so that --canary keeps none back");
    assert!(!order(&sandbox).contains(&"?".to_owned()));
}

#[cfg(target_os = "linux")]
#[test]
fn what_agents_cost_is_in_the_forecast_and_a_note_reaches_the_rest_alone() {
    let sandbox = Sandbox::new(&[("f1", "old\n"), ("f2", "old\n"), ("f3", "old\n")]);
    sandbox.claude("cost=0.80\nwrites \"f${BATCH_UNIT#u}\" hello\nends done");
    let base = sandbox.git(["rev-parse", "HEAD"]);
    let mut plan = format!(
        "version = 1\n[change]\ndescription = \"greet\"\nagent = \"claude\"\n[base]\nref = \"main\"\ncommit = \"{base}\"\n"
    );
    for unit in 1..=3 {
        plan.push_str(&format!(
            "\n[[units]]\nid = \"u{unit}\"\ntitle = \"Unit {unit}\"\ntask = \"Greet.\"\npaths = [\"f{unit}\"]\n"
        ));
    }
    let path = sandbox.path("plan.toml");
    std::fs::write(&path, plan).unwrap();
    let mut command = sandbox.agent_command();
    command.env("TERM", "xterm-256color").arg("apply").arg(path);
    command.args(["--no-test", "--jobs=1", "--canary=1"]);
    let mut terminal = Terminal::start(&command);
    terminal.sees("canary    u2 first").sees("quit");
    terminal.types(key::FIRST);
    terminal
        .sees("The canary has ended: 1 of 3 units.")
        .sees("$0.80");
    terminal.sees("money     ~$1.60").sees("~$2.40 in all");
    terminal.sees("stop here").types("jj").types(key::ENTER);
    terminal
        .sees("What should they know?")
        .types("say it in French\r");
    terminal.ends().exits(0);
    let asked = sandbox.asked();
    let told: Vec<(&str, bool)> = asked
        .iter()
        .map(|asked| {
            let told = asked.prompt().contains("say it in French");
            (asked.unit.as_str(), told)
        })
        .collect();
    assert_eq!(told, [("u2", false), ("u1", true), ("u3", true)]);
}
