//! A change in words, from the agent's research to the pull requests.

use serde_json::{Value, json};

use super::support::delivered;
use crate::support::fake_agent::Asked;
use crate::support::sandbox::{Ran, Sandbox};

/// Implements a unit by its first file.
const IMPLEMENTS: &str = r#"
file=$(head -n 1 "$BATCH_FILES_FROM")
writes "$file" frobnicated
ends "Did $BATCH_UNIT."
"#;

/// An answer with one unit for each of so many folders.
fn answer(units: usize) -> Value {
    let part = |unit: usize| {
        json!({
            "id": format!("part{unit}"),
            "title": format!("Frobnicate part {unit}"),
            "task": format!("Change what part {unit} says.\u{1b}[31m"),
            "paths": [format!("src/part{unit}/")],
            "context": "It is a sample.",
            "contracts": [], "constraints": [], "check": null, "after": [],
        })
    };
    let parts: Vec<Value> = (0..units).map(part).collect();
    json!({
        "verdict": "split", "reason": "by folder", "summary": "It is all in src.",
        "conventions": ["two files a part"], "end_to_end_check": null, "units": parts,
        "exclusions": [{"paths": ["README.md"], "reason": "it says nothing of it"}],
        "shared_files": [], "phases": [],
    })
}

fn run(sandbox: &Sandbox, more: &[&str]) -> Ran {
    let args = ["frobnicate all parts", "--no-test", "--yes"];
    sandbox.batch_with_agent(&[&args, more].concat())
}

/// What was asked for research, the probe left out.
fn researched(sandbox: &Sandbox) -> Vec<Asked> {
    let all = sandbox.asked().into_iter();
    all.filter(|asked| asked.unit.is_empty() && !asked.prompt().contains("single word"))
        .collect()
}

#[test]
fn a_change_in_words_is_researched_implemented_and_delivered() {
    let sandbox = Sandbox::frobs(5);
    let before = sandbox.users_own();
    sandbox.claude(IMPLEMENTS);
    sandbox.research(&answer(5));
    let said = run(&sandbox, &["-j5"]).exits(0);
    assert!(!said.stderr.contains('\u{1b}'), "{}", said.stderr);
    assert!(
        said.stderr.contains("Agent: claude, the first on PATH"),
        "{}",
        said.stderr
    );
    assert_eq!(sandbox.delivered().len(), 5);
    assert_eq!(
        delivered(&sandbox, "part4", "src/part4/one.txt"),
        "frobnicated\n"
    );
    let research = researched(&sandbox);
    assert_eq!(research.len(), 1);
    let args = research[0].all.lines().next().unwrap();
    assert!(args.contains("--json-schema"), "{args}");
    assert!(args.contains("--tools Read,Glob,Grep --"), "{args}");
    let folder = research[0]
        .all
        .lines()
        .find(|line| line.starts_with("folder: "));
    assert!(
        !folder.unwrap().contains(sandbox.repo().to_str().unwrap()),
        "{folder:?}"
    );
    let implemented = sandbox.asked();
    let of_unit = implemented
        .iter()
        .find(|asked| asked.unit == "part2")
        .unwrap();
    for words in ["It is all in src.", "two files a part", "It is a sample."] {
        let prompt = of_unit.prompt();
        assert!(prompt.contains(words), "no {words:?} in\n{prompt}");
    }
    sandbox.is_untouched(&before);
    sandbox.has_no_worktree_left();
}

#[test]
fn an_answer_that_is_no_plan_is_asked_for_again_and_not_for_ever() {
    let sandbox = Sandbox::frobs(5);
    let before = sandbox.users_own();
    let mut made_up = answer(5);
    made_up["units"][1]["paths"] = json!(["src/part0/", "src/nowhere/"]);
    sandbox.claude(IMPLEMENTS);
    sandbox.research(&made_up);
    let said = run(&sandbox, &[]);
    assert_ne!(said.code, Some(0), "{}", said.stderr);
    assert!(said.stderr.contains("part"), "{}", said.stderr);
    let research = researched(&sandbox);
    assert_eq!(research.len(), 3);
    assert!(
        research[1].all.contains("resumed: yes"),
        "{}",
        research[1].all
    );
    assert!(
        research[1].prompt().contains("src/part0/"),
        "{}",
        research[1].prompt()
    );
    sandbox.is_untouched(&before);
    assert!(sandbox.delivered().is_empty());
}

#[test]
fn who_is_not_logged_in_hears_so_before_any_research() {
    let sandbox = Sandbox::frobs(5);
    let before = sandbox.users_own();
    sandbox.agent(
        "claude",
        "#!/bin/sh\ncat > /dev/null\necho '{\"type\":\"result\",\"subtype\":\"success\",\"is_error\":true,\
         \"api_error_status\":401,\"result\":\"Invalid API key\",\"session_id\":\"s\",\"permission_denials\":[]}'\nexit 1\n",
    );
    let said = run(&sandbox, &[]).exits(4);
    for words in ["not logged in", "Invalid API key", "--rewrite"] {
        assert!(
            said.stderr.contains(words),
            "no {words:?} in\n{}",
            said.stderr
        );
    }
    sandbox.is_untouched(&before);
}

#[test]
fn without_an_agent_a_change_in_words_says_what_there_is() {
    let sandbox = Sandbox::frobs(5);
    let before = sandbox.users_own();
    let mut command = sandbox.batch_command();
    command.env("PATH", sandbox.path_without_agents()).args([
        "frobnicate all parts",
        "--no-test",
        "--yes",
    ]);
    let said = crate::support::sandbox::ran(&command.output().unwrap()).exits(4);
    for words in ["no coding agent on PATH", "npm install -g", "--rewrite"] {
        assert!(
            said.stderr.contains(words),
            "no {words:?} in\n{}",
            said.stderr
        );
    }
    sandbox.is_untouched(&before);
}
