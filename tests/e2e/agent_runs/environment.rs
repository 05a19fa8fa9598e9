//! What an agent finds in its environment, and what it does not.

use super::support::{applying, asked_for, plan};
use crate::support::sandbox::{Sandbox, ran};

#[test]
fn an_agent_gets_its_key_and_an_identity_and_nothing_to_land_work_with() {
    let sandbox = Sandbox::frobs(1);
    sandbox.write("batch.toml", "agent-env = [\"MY_*\"]\n");
    sandbox.own_settings("agent-env = [\"NPM_TOKEN\"]\n");
    sandbox.claude(
        r#"{ git var GIT_AUTHOR_IDENT; git config credential.helper || echo no-helper; } > "$here/identity" 2>&1
        writes src/part0/one.txt done; ends done"#,
    );
    let text = plan(&sandbox, 1, "no-test = true", "agent = \"claude\"");
    let kept_back = [
        "GH_TOKEN",
        "GITHUB_TOKEN",
        "GH_ENTERPRISE_TOKEN",
        "SSH_AUTH_SOCK",
        "GIT_ASKPASS",
        "SSH_ASKPASS",
        "GPG_AGENT_INFO",
        "MY_GITHUB_TOKEN",
        "MY_PASSWORD",
        "CLAUDECODE",
        "OPENAI_API_KEY",
        "AWS_PROFILES",
        "SOMETHING_ELSE",
        "GIT_DIR",
        "GIT_INDEX_FILE",
    ];
    let let_through = ["ANTHROPIC_API_KEY", "MY_OWN", "NPM_TOKEN", "CARGO_HOME"];
    let mut command = applying(&sandbox, &text, &[]);
    for name in kept_back.into_iter().chain(let_through) {
        if !name.starts_with("GIT_DIR") && !name.starts_with("GIT_INDEX") {
            command.env(name, format!("secret-{name}"));
        }
    }
    command.env("SSH_AUTH_SOCK", sandbox.path("no-socket"));
    ran(&command.output().unwrap()).exits(0);
    let asked = &asked_for(&sandbox, "part0")[0];
    for name in kept_back {
        if name != "AWS_PROFILES" {
            assert_eq!(asked.variable(name).unwrap_or(""), "", "{name}");
        }
    }
    for name in let_through {
        assert_eq!(
            asked.variable(name),
            Some(&*format!("secret-{name}")),
            "{name}"
        );
    }
    assert_eq!(asked.variable("BATCH_UNIT"), Some("part0"));
    assert_eq!(asked.variable("GIT_TERMINAL_PROMPT"), Some("0"));
    assert!(asked.variable("BATCH_FILES_FROM").is_some());
    let tmp = asked.variable("TMPDIR").unwrap();
    assert_ne!(std::path::Path::new(tmp), sandbox.path("tmp"));
    let identity = std::fs::read_to_string(sandbox.bin().join("identity")).unwrap();
    assert!(
        identity.starts_with("Test Author <author@example.invalid>"),
        "{identity}"
    );
}
