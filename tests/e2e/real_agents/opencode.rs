//! opencode.

use serde_json::json;

use super::alone::alone;
use super::five_units::five_units;
use super::program::{Hand, Program};

const OPENCODE: Program = Program {
    name: "opencode",
    model: Some("loop/scripted"),
    files: |url| {
        let config = json!({
            "model": "loop/scripted",
            "small_model": "loop/scripted",
            "provider": { "loop": {
                "npm": "@ai-sdk/openai-compatible",
                "name": "loop",
                "options": { "baseURL": format!("{url}/v1"), "apiKey": "dummy" },
                "models": { "scripted": {
                    "name": "scripted",
                    "tool_call": true,
                    "limit": { "context": 100_000, "output": 8_000 },
                    "cost": { "input": 3, "output": 15 },
                } },
            } },
        });
        vec![(".config/opencode/opencode.json", config.to_string())]
    },
    variables: |_| Vec::new(),
    hand: Hand::Tools,
    researches: true,
    schema: None,
    keeps: &["opencode"],
    tells_limits: true,
};

#[test]
fn a_change_becomes_pull_requests() {
    let name = "real_agents::opencode::a_change_becomes_pull_requests";
    alone(OPENCODE.name, name, || five_units(&OPENCODE));
}
