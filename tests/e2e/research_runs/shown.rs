//! What is shown while research goes on and of its plan, with each way to be told less or more.

use serde_json::json;

use super::support::{answering, at_terminal, not_split, run, split};
use crate::support::terminal::{COLUMNS, Terminal, key};

#[test]
fn the_ledger_says_where_each_candidate_is() {
    let sandbox = answering(&[split(0..5)]);
    let ran = run(&sandbox, &["--dry-run", "--paths", "**"]).exits(0);
    let ledger = "  covers    11 candidate files: 10 in units, 1 left alone\n            - README.md: it says nothing of it\n";
    assert!(ran.stdout.contains(ledger), "{}", ran.stdout);
}

#[test]
fn programs_get_json_alone_whatever_is_told_beside_it() {
    for more in [&[][..], &["-v"], &["-q"], &["--no-progress"]] {
        let sandbox = answering(&[split(0..5)]);
        let args = [&["--dry-run", "--format=json"][..], more].concat();
        let ran = run(&sandbox, &args).exits(0);
        let plan: serde_json::Value = serde_json::from_str(&ran.stdout).unwrap();
        assert_eq!(plan["summary"], "It is all in src.");
        assert_eq!(plan["excluded"][0]["paths"], json!(["README.md"]));
        let silent = more.contains(&"-q") || more.contains(&"--no-progress");
        assert_eq!(
            ran.stderr.contains("research: claude"),
            !silent,
            "{}",
            ran.stderr
        );
        assert_eq!(
            ran.stderr.contains("Agent: "),
            !more.contains(&"-q"),
            "{}",
            ran.stderr
        );
    }
}

#[test]
fn a_change_that_should_not_be_split_is_taken_as_one_unit_by_yes() {
    let sandbox = answering(&[not_split(2)]);
    run(&sandbox, &["-v"])
        .exits(0)
        .says("\nadvice: claude advises not to split this change: Frob is one function. It is\n        taken here as one unit.\n");
    assert_eq!(sandbox.delivered().len(), 1);
}

#[test]
fn a_plan_that_is_only_written_comes_with_the_advice() {
    let sandbox = answering(&[not_split(2)]);
    let ran = sandbox.batch_with_agent(&["plan", "frobnicate all parts", "--no-test"]);
    let advice = "research advises not to split this change: Frob is one function.";
    let ran = ran.exits(0).says(&format!("\nnote: {advice}\n"));
    assert!(ran.stdout.contains(advice), "{}", ran.stdout);
    assert_eq!(ran.stdout.matches("[[units]]").count(), 1, "{}", ran.stdout);
}

#[test]
fn the_line_of_research_is_gone_when_it_ends() {
    let sandbox = answering(&[split(0..5)]);
    super::support::before(&sandbox, 1, "runs 'grep -rn frob src'; sleep 1.5");
    for (colour, more) in [(None, &[][..]), (Some("1"), &["-v"])] {
        let _ = std::fs::remove_dir(sandbox.bin().join("ask-1"));
        let mut command = at_terminal(&sandbox, more);
        if let Some(set) = colour {
            command.env("NO_COLOR", set);
        }
        let mut terminal = Terminal::start(&command);
        terminal.sees("research (").sees("Bash grep -rn frob src");
        terminal.sees("What now?").sees("quit").types("q");
        let left = terminal.ends().exits(3);
        assert!(!left.screen.contains("research ("), "{}", left.screen);
        let wide = |line: &&str| line.len() > usize::from(COLUMNS) && line.contains("research");
        assert_eq!(left.screen.lines().find(wide), None);
    }
}

#[test]
fn ctrl_c_during_research_leaves_nothing_behind() {
    let sandbox = answering(&[split(0..5)]);
    super::support::before(
        &sandbox,
        1,
        "runs \"true # $(printf '%090d' 1)\"; setsid sleep 1000 & sleep 1000",
    );
    let own = sandbox.users_own();
    let mut terminal = Terminal::start(&at_terminal(&sandbox, &[]));
    // The line fills the terminal: what it echoes must not push it up.
    terminal.sees("Bash true").types(key::CTRL_C);
    let left = terminal.ends().exits(130);
    assert!(!left.screen.contains("research ("), "{}", left.screen);
    super::words::nothing_lives_on(&sandbox);
    sandbox.is_untouched(&own);
    sandbox.has_no_worktree_left();
}
