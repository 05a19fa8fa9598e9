//! Gemini CLI.

use serde_json::json;

use super::alone::alone;
use super::five_units::five_units;
use super::program::{Hand, Program};

const GEMINI: Program = Program {
    name: "gemini",
    model: Some("gemini-2.5-flash"),
    files: |_| {
        let settings = json!({ "security": { "auth": { "selectedType": "gemini-api-key" } } });
        vec![(".gemini/settings.json", settings.to_string())]
    },
    variables: |url| {
        vec![
            ("GOOGLE_GEMINI_BASE_URL", url.to_owned()),
            ("GEMINI_API_KEY", "dummy".to_owned()),
        ]
    },
    hand: Hand::Tools,
    researches: true,
    schema: None,
    keeps: &[],
    tells_limits: true,
};

#[test]
fn a_change_becomes_pull_requests() {
    let name = "real_agents::gemini::a_change_becomes_pull_requests";
    alone(GEMINI.name, name, || five_units(&GEMINI));
}
