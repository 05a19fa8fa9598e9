//! aider.

use super::alone::alone;
use super::five_units::five_units;
use super::program::{Hand, Program};

/// It waits out a short limit by itself, and a long one for a minute.
const AIDER: Program = Program {
    name: "aider",
    model: Some("openai/gpt-4o"),
    files: |_| Vec::new(),
    variables: |url| {
        vec![
            ("OPENAI_API_BASE", format!("{url}/v1")),
            ("OPENAI_API_KEY", "dummy".to_owned()),
        ]
    },
    hand: Hand::Words,
    researches: false,
    schema: None,
    keeps: &[],
    tells_limits: false,
};

#[test]
fn a_change_becomes_pull_requests() {
    let name = "real_agents::aider::a_change_becomes_pull_requests";
    alone(AIDER.name, name, || five_units(&AIDER));
}
