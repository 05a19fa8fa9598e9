//! The script of the model that leads an agent through its five units.

use std::path::Path;

use serde_json::{Value, json};

use super::program::{Hand, Program};
use crate::support::model_server::{Edit, Rule, Step};

/// The change, in words.
pub const CHANGE: &str = "put the new word into every file";

/// The units; each owns the file of its name.
pub const UNITS: [&str; 5] = ["plain", "tried", "mended", "limited", "strayed"];

pub const OLD: &str = "old word\n";
pub const NEW: &str = "new word\n";

pub fn file(unit: &str) -> String {
    format!("src/{unit}.txt")
}

/// What the model does when it is asked for research, and for each of the units; `beside` is a file that the agent must
/// not be able to write.
pub fn rules(program: &Program, beside: &Path) -> Vec<Rule> {
    let edit = |path: &str, old: &str, new: &str| Edit {
        path: path.to_owned(),
        old: old.to_owned(),
        new: new.to_owned(),
    };
    let first = |unit: &str, steps: Vec<Step>| Rule::new(&format!("Your part: `{unit}`"), steps);
    let does = |edits: &[Edit], words: &str| program.edits(edits, words);
    let mut tried = does(&[edit("src/tried.txt", OLD, NEW)], "Put in and tried.");
    if program.hand == Hand::Tools {
        let touch = format!("touch {}", beside.display());
        let runs = ["sh ./test.sh", &touch].map(|command| Step::Run(command.to_owned()));
        tried.splice(1..1, runs);
    }
    let limited = does(
        &[edit("src/limited.txt", OLD, NEW)],
        "Put in after a while.",
    );
    let mut refused = limited.clone();
    // For longer than any of them tries; or just once, for one that tries longer than this test.
    let times = if program.tells_limits { usize::MAX } else { 1 };
    refused.insert(0, Step::Fail(429, times));
    let strays = [
        edit("src/strayed.txt", OLD, NEW),
        edit("README.md", "# Words\n", "# New words\n"),
    ];
    vec![
        Rule::new("single word ready", [Step::Say("ready".to_owned())]),
        Rule::new("You plan a large change", [Step::Answer(partition())]),
        first("plain", does(&[edit("src/plain.txt", OLD, NEW)], "Put in.")),
        first("tried", tried),
        first(
            "mended",
            does(&[edit("src/mended.txt", OLD, "half a word\n")], "Put in."),
        ),
        Rule::new(
            "mended.txt is half done",
            does(
                &[edit("src/mended.txt", "half a word\n", NEW)],
                "Mended what was half done.",
            ),
        ),
        first("limited", refused),
        Rule::new("interrupted by the provider's limit", limited),
        first("strayed", does(&strays, "Put in, also in the README.")),
        Rule::new(
            "These files are not yours",
            vec![Step::Say("Put in, without the README.".to_owned())],
        ),
    ]
}

/// The answer to research.
fn partition() -> Value {
    let units = UNITS.map(|unit| {
        json!({
            "id": unit,
            "title": unit,
            "task": "Put the new word in, in the place of the old one.",
            "paths": [file(unit)],
            "context": "Each file has one word.",
            "contracts": [],
            "constraints": [],
            "check": null,
            "after": [],
        })
    });
    json!({
        "verdict": "split",
        "reason": "Each file stands for itself.",
        "summary": "Every file has one old word, which becomes a new one.",
        "conventions": ["A word is a line."],
        "end_to_end_check": "sh ./test.sh",
        "units": units,
        "shared_files": [],
        "exclusions": [{ "paths": ["README.md", "test.sh"], "reason": "They hold no word." }],
        "phases": [],
    })
}
