//! codex.

use super::alone::alone;
use super::five_units::five_units;
use super::program::{Hand, Program};

/// A model that it knows: another would be offered no tool for patches.
const CODEX: Program = Program {
    name: "codex",
    model: Some("gpt-5.5"),
    files: |url| {
        let config = format!(
            r#"model_provider = "loop"
[analytics]
enabled = false
[model_providers.loop]
name = "loop"
base_url = "{url}/v1"
wire_api = "responses"
env_key = "OPENAI_API_KEY"
request_max_retries = 1
stream_max_retries = 1
supports_websockets = false
"#
        );
        vec![(".codex/config.toml", config)]
    },
    variables: |_| vec![("OPENAI_API_KEY", "dummy".to_owned())],
    hand: Hand::Tools,
    researches: true,
    schema: Some(r#""type":"json_schema""#),
    keeps: &[],
    tells_limits: true,
};

#[test]
fn a_change_becomes_pull_requests() {
    let name = "real_agents::codex::a_change_becomes_pull_requests";
    alone(CODEX.name, name, || five_units(&CODEX));
}
