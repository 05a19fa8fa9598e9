//! An agent that only batch.toml knows, from its table to its answer.

use std::os::unix::fs::PermissionsExt;

use batch::adapters::agents::roster::Roster;
use batch::adapters::agents::settings::AgentSettings;
use batch::adapters::settings_file::REPOSITORY_FILE;
use batch::model::agent::{AgentEnd, AgentEvent};

use super::support::Lab;

const SETTINGS: &str = r#"
[agents.goose]
command = ["tools/goose", "run", "-i", "{prompt-file}", "{model}"]
model = ["--model", "{model}"]
output = "json-lines"
env = ["GOOSE_KEY"]
set = { GOOSE_MODE = "auto" }

[agents.goose.answer]
when = "type=result"
says = "type=text /text"
result = "/result"
cost = "/cost"
error = "/error"
"#;

const GOOSE: &str = r#"#!/bin/sh
echo "{\"type\":\"text\",\"text\":\"$GOOSE_MODE $GOOSE_KEY ${OTHER_KEY-none} $*\"}"
echo 'not json'
cat "$3" > asked
echo '{"type":"result","result":"done","cost":0.25,"error":null}'
"#;

#[tokio::test]
async fn an_agent_that_only_the_settings_know_is_asked_and_understood() {
    let mut lab = Lab::new();
    let root = lab.root();
    std::fs::write(root.join(REPOSITORY_FILE), SETTINGS).unwrap();
    std::fs::create_dir(root.join("tools")).unwrap();
    std::fs::write(root.join("tools/goose"), GOOSE).unwrap();
    let mode = std::fs::Permissions::from_mode(0o755);
    std::fs::set_permissions(root.join("tools/goose"), mode).unwrap();
    let settings = AgentSettings::read(&root, None, &[]).unwrap();
    let path = std::env::var_os("PATH").unwrap();
    let roster = Roster::new(Vec::new(), Vec::new(), path, root.clone())
        .offering(settings.repository_recipes);
    let found = roster.find("goose").unwrap();
    lab.program = found.program;
    let more = ["GOOSE_KEY", "OTHER_KEY"];
    lab.inherited
        .extend(more.map(|name| (name.into(), "k".into())));

    let asked = lab.ask_with(found.dialect, "migrate it").await;
    assert_eq!(asked.end(), &AgentEnd::Completed, "{}", lab.bench.log());
    assert_eq!(asked.text(), "done");
    let prompt = lab.bench.dir.join("tmp/prompt.md");
    let said = format!("auto k none run -i {}", prompt.display());
    assert_eq!(asked.heard[0], AgentEvent::Text(said));
    let spend = asked.answer.unwrap().spend;
    assert_eq!(spend.cost.unwrap().to_string(), "$0.25");
    assert_eq!(
        std::fs::read_to_string(root.join("asked")).unwrap(),
        "migrate it"
    );
}
