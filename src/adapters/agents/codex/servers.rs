//! The MCP servers of the user's codex configuration, switched off: they run outside its sandbox, with credentials of
//! their own. codex has no option for it, and merges tables, so each has to be named.

use std::env;
use std::ffi::OsString;
use std::fs;
use std::path::{Path, PathBuf};

use toml::{Table, Value};

use crate::engine::ports::AgentRequest;

/// The setting that switches off all that the configuration names; none where it names none, or cannot be read.
pub(super) fn all_off(request: &AgentRequest<'_>) -> Option<String> {
    let config = fs::read_to_string(folder(request)?.join("config.toml")).ok()?;
    off(&config)
}

/// codex's folder as the program will find it.
fn folder(request: &AgentRequest<'_>) -> Option<PathBuf> {
    let variable = |name: &str| -> Option<OsString> {
        let given = request.env.iter().rev().find(|(known, _)| known == name);
        given
            .map(|(_, value)| value.clone())
            .or_else(|| env::var_os(name))
            .filter(|value| !value.is_empty())
    };
    variable("CODEX_HOME")
        .map(PathBuf::from)
        .or_else(|| Some(Path::new(&variable("HOME")?).join(".codex")))
}

fn off(config: &str) -> Option<String> {
    let config: Table = config.parse().ok()?;
    let servers = config.get("mcp_servers")?.as_table()?;
    if servers.is_empty() {
        return None;
    }
    let off: Table = [("enabled".to_owned(), Value::Boolean(false))]
        .into_iter()
        .collect();
    let all: Table = servers
        .keys()
        .map(|name| (name.clone(), Value::Table(off.clone())))
        .collect();
    // One inline table: the dots of a name in a dotted key would be taken for steps.
    Some(format!("mcp_servers={}", Value::Table(all)))
}

#[cfg(test)]
mod tests {
    use super::off;

    #[test]
    fn each_server_is_switched_off_by_its_name() {
        let config = "model = \"m\"\n[mcp_servers.mine]\ncommand = \"x\"\n[mcp_servers.\"a.b\"]\nurl = \"y\"\n";
        assert_eq!(
            off(config).unwrap(),
            "mcp_servers={ \"a.b\" = { enabled = false }, mine = { enabled = false } }"
        );
    }

    #[test]
    fn a_configuration_without_servers_or_of_another_kind_says_nothing() {
        for config in [
            "",
            "model = \"m\"",
            "mcp_servers = 3",
            "[mcp_servers]",
            "= =",
        ] {
            assert_eq!(off(config), None, "{config}");
        }
    }
}
