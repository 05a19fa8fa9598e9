//! Claude Code.

use super::alone::alone;
use super::five_units::five_units;
use super::program::{Hand, Program};

/// By the token of a plan: with a key it is not told when a limit is lifted.
const CLAUDE: Program = Program {
    name: "claude",
    model: None,
    files: |_| Vec::new(),
    variables: |url| {
        vec![
            ("ANTHROPIC_BASE_URL", url.to_owned()),
            ("CLAUDE_CODE_OAUTH_TOKEN", "dummy".to_owned()),
        ]
    },
    hand: Hand::Tools,
    researches: true,
    schema: Some(r#""name":"StructuredOutput""#),
    keeps: &[],
    tells_limits: true,
};

#[test]
fn a_change_becomes_pull_requests() {
    let name = "real_agents::claude::a_change_becomes_pull_requests";
    alone(CLAUDE.name, name, || five_units(&CLAUDE));
}
