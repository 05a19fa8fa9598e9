//! Answers that are no plan: asked again for, mended, or told to the user, and nothing of the repository moves.

use std::path::Path;

use serde_json::{Value, json};

use super::support::{answering, part, researched, run, split};
use crate::support::sandbox::{Ran, Sandbox};

/// Runs a change whose research comes to nothing, and insists on that.
#[track_caller]
fn refused(sandbox: &Sandbox) -> Ran {
    let before = sandbox.users_own();
    let ran = run(sandbox, &[]).exits(2);
    assert_eq!(researched(sandbox).len(), 3);
    let ran = ran.says("claude gave no usable plan in 3 answers (transcript: ");
    let (_, rest) = ran.stderr.split_once("(transcript: ").unwrap();
    let (transcript, _) = rest.split_once(')').unwrap();
    assert!(Path::new(transcript).is_file(), "{transcript}");
    sandbox.is_untouched(&before);
    assert!(sandbox.delivered().is_empty());
    sandbox.has_no_worktree_left();
    ran
}

#[test]
fn an_answer_without_json_is_asked_for_three_times() {
    let sandbox = Sandbox::frobs(5);
    sandbox.claude("ends 'Sure! I would begin with src.'");
    refused(&sandbox).says("hint: say more in the change's description");
    let again = &researched(&sandbox)[2];
    assert!(again.all.contains("\nresumed: yes\n"), "{}", again.all);
}

#[test]
fn no_unit_at_all_is_no_plan() {
    refused(&answering(&[split([])])).says("  the verdict is `split`, and there are no units");
}

#[test]
fn three_hundred_units_are_no_plan() {
    let mut answer = split([]);
    let units: Vec<Value> = (0..300).map(part).collect();
    answer["units"] = json!(units);
    refused(&answering(&[answer])).says("300 units");
}

#[test]
fn made_up_paths_are_no_plan() {
    let mut answer = split(0..5);
    for (at, unit) in answer["units"]
        .as_array_mut()
        .unwrap()
        .iter_mut()
        .enumerate()
    {
        unit["paths"] = json!([format!("lib/nowhere{at}/**/*.ts")]);
    }
    refused(&answering(&[answer])).says("lib/nowhere");
}

#[test]
fn units_that_overlap_are_asked_for_again_and_the_mended_plan_runs() {
    let mut overlapping = split(0..5);
    overlapping["units"][1]["paths"] = json!(["src/part0/", "src/part1/"]);
    let sandbox = answering(&[overlapping, split(0..5)]);
    run(&sandbox, &[])
        .exits(0)
        .says("research: claude is asked again (answer 2 of 3)")
        .says("src/part0/");
    let asked = researched(&sandbox);
    assert_eq!(asked.len(), 2);
    assert!(
        asked[1].all.contains("\nresumed: yes\n"),
        "{}",
        asked[1].all
    );
    assert!(
        asked[1].prompt().contains("src/part0/"),
        "{}",
        asked[1].prompt()
    );
    assert_eq!(sandbox.delivered().len(), 5);
}

#[test]
fn escape_sequences_of_the_agent_reach_neither_terminal_nor_pull_request() {
    let evil = |text: &str| format!("\u{1b}]0;{text}\u{7}\u{1b}[2J{text}\u{202e}\u{9b}31m");
    let mut answer = split(0..5);
    for key in ["reason", "summary"] {
        answer[key] = json!(evil("why"));
    }
    answer["conventions"] = json!([evil("tabs")]);
    answer["exclusions"][0]["reason"] = json!(evil("because"));
    for unit in answer["units"].as_array_mut().unwrap() {
        unit["title"] = json!(evil("title"));
        for key in ["task", "context"] {
            unit[key] = json!(evil("words"));
        }
        unit["contracts"] = json!([evil("contract")]);
        unit["constraints"] = json!([evil("constraint")]);
    }
    let sandbox = answering(&[answer]);
    let ran = run(&sandbox, &["-v"]).exits(0);
    let mut texts = vec![ran.stdout, ran.stderr, sandbox.run_file("report.md")];
    texts.push(sandbox.run_file("plan.toml"));
    for pull in sandbox.pulls() {
        texts.extend(["title", "body"].map(|key| pull[key].as_str().unwrap_or("").to_owned()));
    }
    for text in texts {
        assert!(
            !text.contains(['\u{1b}', '\u{7}', '\u{9b}', '\u{202e}']),
            "{text:?}"
        );
        assert!(!text.contains("0;title"), "{text:?}");
    }
}

#[test]
fn a_check_with_control_characters_is_never_run() {
    let mut answer = split(0..5);
    let check = "true \u{1b}]0; touch $HOME/ran \u{7}";
    answer["units"][0]["check"] = json!(check);
    answer["end_to_end_check"] = json!(check);
    let sandbox = answering(&[answer]);
    let ran = run(&sandbox, &[]).exits(0);
    assert!(!ran.stderr.contains('\u{1b}'), "{}", ran.stderr);
    ran.says("holds control characters, and was left out");
    assert!(!sandbox.path("home/ran").exists());
}

#[test]
fn one_agent_can_do_the_research_and_another_the_work() {
    let sandbox = answering(&[split(0..5)]);
    sandbox.agent("codex", "#!/bin/sh\nexit 1\n");
    let args = ["--agent=codex", "--research-agent=claude", "--dry-run"];
    let ran = run(&sandbox, &args)
        .exits(0)
        .says("Agent: codex; claude does the research");
    assert!(
        ran.stdout.contains("\n  agent     codex\n"),
        "{}",
        ran.stdout
    );
    assert!(
        ran.stdout.contains("\n  research  by claude, cost $0.02"),
        "{}",
        ran.stdout
    );
}

#[test]
fn a_plan_of_an_agent_can_be_kept_and_applied() {
    let mut answer = split(0..5);
    answer["conventions"] = json!(["two files a part"]);
    answer["units"][3]["after"] = json!(["part2"]);
    answer["units"][3]["check"] = json!("grep -q frobnicated src/part2/one.txt");
    let sandbox = answering(&[answer]);
    let before = sandbox.users_own();
    let path = sandbox.path("kept.toml");
    let path = path.to_str().unwrap();
    let args = ["plan", "frobnicate all parts", "--no-test", "-o", path];
    sandbox
        .batch_with_agent(&args)
        .exits(0)
        .says("5 units; to run them: batch apply ");
    sandbox.is_untouched(&before);
    sandbox.has_no_worktree_left();

    let shown = sandbox
        .batch_with_agent(&["apply", path, "--dry-run"])
        .exits(0)
        .stdout;
    for words in [
        "  summary   It is all in src.",
        "  check     grep -q frobnicated src/part2/one.txt  (part3)",
        "  covers    10 files in units, 1 left alone\n            - README.md: it says nothing of it",
        "; 1 convention noted",
        "part3 after part2",
    ] {
        assert!(shown.contains(words), "no {words:?} in\n{shown}");
    }
    sandbox.batch_with_agent(&["apply", path, "--yes"]).exits(0);
    assert_eq!(sandbox.delivered().len(), 5);
    assert_eq!(researched(&sandbox).len(), 1);
}
