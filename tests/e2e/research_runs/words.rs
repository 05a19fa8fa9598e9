//! A person at the prompt who answers in words, or takes a change that should not be split.

use std::thread;
use std::time::{Duration, Instant};

use serde_json::json;

use super::support::{answering, at_terminal, before, not_split, researched, split};
use crate::agent_runs::support::alive;
use crate::support::sandbox::Sandbox;
use crate::support::terminal::{Terminal, key};

/// How long processes may take to be gone.
const PATIENCE: Duration = Duration::from_secs(30);

/// Insists that what the sandbox started ends, if it has not yet.
#[track_caller]
pub fn nothing_lives_on(sandbox: &Sandbox) {
    let limit = Instant::now() + PATIENCE;
    while !alive(sandbox).is_empty() {
        assert!(Instant::now() < limit, "alive: {:?}", alive(sandbox));
        thread::sleep(Duration::from_millis(20));
    }
}

#[track_caller]
fn asked(sandbox: &Sandbox) -> Terminal {
    let mut terminal = Terminal::start(&at_terminal(sandbox, &[]));
    terminal.sees("UNIT").sees("What now?").sees("quit");
    terminal
}

/// Chooses "say what should be different", `downs` lines below the first, and says it.
fn say(terminal: &mut Terminal, downs: usize, words: &str) {
    terminal.types(&"j".repeat(downs + 1)).types(key::ENTER);
    terminal.sees("What should be different?");
    terminal.types(words).types(key::ENTER);
}

#[test]
fn words_go_to_the_same_session_and_the_new_plan_is_shown_and_run() {
    let mut revised = split(0..5);
    revised["units"][4]["id"] = json!("the-last");
    let sandbox = answering(&[split(0..5), revised]);
    let mut terminal = asked(&sandbox);
    say(&mut terminal, 1, "call the fifth one the-last");
    terminal
        .sees("UNIT")
        .sees("the-last")
        .sees("approve: open 5")
        .sees("quit");
    terminal.types(key::FIRST);
    terminal
        .ends()
        .exits(0)
        .shows("5 of 5 units opened pull requests");
    assert!(sandbox.delivered().contains_key("the-last"));
    let asked = researched(&sandbox);
    assert_eq!(asked.len(), 2);
    assert!(
        asked[1].all.contains("\nresumed: yes\n"),
        "{}",
        asked[1].all
    );
    assert!(
        asked[1].prompt().contains("call the fifth one the-last"),
        "{}",
        asked[1].prompt()
    );
}

#[test]
fn words_that_lead_to_no_plan_leave_the_plan_as_it_was() {
    let sandbox = answering(&[split(0..5), split([])]);
    let mut terminal = asked(&sandbox);
    say(&mut terminal, 1, "no units, please");
    terminal.sees("error: claude gave no usable plan in 3 answers");
    terminal.sees("the plan is as it was");
    terminal
        .sees("approve: open 5")
        .sees("quit")
        .types(key::FIRST);
    terminal.ends().exits(0);
    assert_eq!(sandbox.delivered().len(), 5);
    assert_eq!(researched(&sandbox).len(), 4);
}

#[test]
fn a_change_that_should_not_be_split_can_be_taken_in_phases() {
    let sandbox = answering(&[not_split(2)]);
    let mut terminal = Terminal::start(&at_terminal(&sandbox, &[]));
    terminal
        .sees("advice: claude advises not to split")
        .sees("UNIT")
        .sees("quit");
    terminal.types("jj").types(key::ENTER);
    terminal.sees("in 2 phases").sees("2-part-1 after 1-part-0");
    terminal
        .sees("approve: open 2")
        .sees("take it as one unit instead")
        .sees("quit");
    terminal.types(key::FIRST);
    terminal
        .ends()
        .exits(0)
        .shows("1 of 2 units opened a pull request, 1 pushed");
    let delivered = sandbox.delivered();
    assert_eq!(
        delivered.keys().collect::<Vec<_>>(),
        ["1-part-0", "2-part-1"]
    );
    // The second stands on the first.
    let last = sandbox.blob(&delivered["2-part-1"], "src/part0/one.txt");
    assert_eq!(last, b"frobnicated\n");
}

#[test]
fn words_can_lead_to_the_advice_not_to_split_and_away_from_it() {
    let sandbox = answering(&[not_split(2), split(0..5), not_split(3)]);
    let mut terminal = Terminal::start(&at_terminal(&sandbox, &[]));
    terminal.sees("advice: ").sees("UNIT").sees("quit");
    say(&mut terminal, 2, "split it");
    terminal
        .sees("UNIT")
        .sees("approve: open 5")
        .sees("say what")
        .sees("quit");
    assert_eq!(terminal.text().matches("advice: ").count(), 1);
    say(&mut terminal, 1, "rather not");
    terminal
        .sees("advice: ")
        .sees("approve: open 1")
        .sees("take it in 3 phases")
        .sees("quit");
    terminal.types("q");
    terminal.ends().exits(3);
    assert_eq!(researched(&sandbox).len(), 3);
}

#[test]
fn ctrl_c_while_research_thinks_again_leaves_nothing_but_the_plan() {
    let sandbox = answering(&[split(0..5)]);
    before(&sandbox, 2, "setsid sleep 1000 & sleep 1000");
    let own = sandbox.users_own();
    let mut terminal = asked(&sandbox);
    say(&mut terminal, 1, "think again");
    terminal
        .sees("thinks about what you said")
        .types(key::CTRL_C);
    let left = terminal
        .ends()
        .exits(130)
        .shows("Interrupted; nothing was changed. The plan is saved");
    assert!(!left.screen.contains("research ("), "{}", left.screen);
    nothing_lives_on(&sandbox);
    sandbox.is_untouched(&own);
    sandbox.has_no_worktree_left();
}
