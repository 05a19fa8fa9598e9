//! Answers of research, and a fake that gives them one after another.

use std::process::Command;

use serde_json::{Value, json};

use crate::support::fake_agent::Asked;
use crate::support::sandbox::{Ran, Sandbox};

/// Implements a unit by its first file.
pub const IMPLEMENTS: &str = r#"
file=$(head -n 1 "$BATCH_FILES_FROM")
writes "$file" frobnicated
ends "Did $BATCH_UNIT."
"#;

/// Gives `answer-1.json` to the first ask, `answer-2.json` to the second, and so on; the last one again and again. Where
/// there is a `before-2`, that is run before the second.
const ANSWERS: &str = r#"
if [ -z "${BATCH_UNIT-}" ]; then
  n=1
  while ! mkdir "$here/ask-$n" 2> /dev/null; do n=$((n + 1)); done
  if [ -f "$here/before-$n" ]; then . "$here/before-$n"; fi
  while [ ! -f "$here/answer-$n.json" ]; do n=$((n - 1)); done
  answers "$here/answer-$n.json"
fi
"#;

/// One unit, with all of `src/partN/`.
pub fn part(number: usize) -> Value {
    json!({
        "id": format!("part{number}"),
        "title": format!("Frobnicate part {number}"),
        "task": format!("Change what part {number} says."),
        "paths": [format!("src/part{number}/")],
        "context": "", "contracts": [], "constraints": [], "check": null, "after": [],
    })
}

/// An answer with a unit for each of these folders.
pub fn split(parts: impl IntoIterator<Item = usize>) -> Value {
    let units: Vec<Value> = parts.into_iter().map(part).collect();
    json!({
        "verdict": "split", "reason": "by folder", "summary": "It is all in src.",
        "conventions": [], "end_to_end_check": null, "units": units,
        "exclusions": [{"paths": ["README.md"], "reason": "it says nothing of it"}],
        "shared_files": [], "phases": [],
    })
}

/// The advice to take `parts` folders in as many phases.
pub fn not_split(parts: usize) -> Value {
    let phase = |number: usize| {
        json!({
            "title": format!("Part {number}"),
            "task": format!("Change what part {number} says."),
            "paths": [format!("src/part{number}/")],
        })
    };
    let phases: Vec<Value> = (0..parts).map(phase).collect();
    json!({
        "verdict": "do-not-split", "reason": "Frob is one function.", "summary": "It is all in src.",
        "conventions": [], "end_to_end_check": null, "units": [], "exclusions": [], "shared_files": [],
        "phases": phases,
    })
}

/// Five folders, and a `claude` that gives these answers in turn and implements what it is told.
pub fn answering(answers: &[Value]) -> Sandbox {
    let sandbox = Sandbox::frobs(5);
    sandbox.claude(&format!("{ANSWERS}\n{IMPLEMENTS}"));
    for (answer, number) in answers.iter().zip(1..) {
        let path = sandbox.bin().join(format!("answer-{number}.json"));
        std::fs::write(path, answer.to_string()).unwrap();
    }
    sandbox
}

/// Has the fake do this before it answers for the n-th time.
pub fn before(sandbox: &Sandbox, ask: usize, script: &str) {
    std::fs::write(sandbox.bin().join(format!("before-{ask}")), script).unwrap();
}

/// Runs the change without asking.
pub fn run(sandbox: &Sandbox, more: &[&str]) -> Ran {
    let args = ["frobnicate all parts", "--no-test", "--yes"];
    sandbox.batch_with_agent(&[&args, more].concat())
}

/// The change at a terminal.
pub fn at_terminal(sandbox: &Sandbox, more: &[&str]) -> Command {
    let mut command = sandbox.agent_command();
    command
        .env("TERM", "xterm-256color")
        .args(["frobnicate all parts", "--no-test"])
        .args(more);
    command
}

/// What was asked for research, the probe left out.
pub fn researched(sandbox: &Sandbox) -> Vec<Asked> {
    let all = sandbox.asked().into_iter();
    all.filter(|asked| asked.unit.is_empty() && !asked.prompt().contains("single word"))
        .collect()
}
