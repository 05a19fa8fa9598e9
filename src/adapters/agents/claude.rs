//! Claude Code, run by `claude -p`: its command line.
//!
//! It is given an edit mode, the commands that it may run and nothing of the user's own but the login and the model:
//! no hooks, no MCP servers, no skills. What it prints is made sense of in `claude/listener.rs`. Known as of version
//! 2.1.328.

use std::ffi::OsString;
use std::io;

use serde_json::json;

use crate::adapters::agents::dialect::{Call, Dialect, Listener};
use crate::adapters::programs::on_path;
use crate::engine::ports::{AgentMode, AgentRequest};
use crate::model::agent::AgentAbilities;

mod listener;
mod usage;

/// Claude Code.
#[derive(Debug, Clone, Copy, Default)]
pub struct Claude;

/// The tools by which it looks around; with those for editing, all that it has.
const READING: &str = "Read,Glob,Grep";
const EDITING: &str = "Read,Glob,Grep,Edit,Write,NotebookEdit,Bash";

/// How often it may try a refused call again before it gives up: we wait longer, and better informed, than it does.
const RETRIES: &str = "2";

/// Its keys, endpoints and folders. Not all of `CLAUDE_CODE_*`: what runs in one of its sessions inherits that
/// session's id and socket under such names.
const VARIABLES: &[&str] = &[
    "ANTHROPIC_*",
    "CLAUDE_CONFIG_DIR",
    "CLAUDE_CODE_OAUTH_TOKEN",
    "CLAUDE_CODE_OAUTH_REFRESH_TOKEN",
    "CLAUDE_CODE_OAUTH_SCOPES",
    "CLAUDE_CODE_API_KEY_HELPER_TTL_MS",
    "CLAUDE_CODE_CLIENT_CERT",
    "CLAUDE_CODE_CLIENT_KEY",
    "CLAUDE_CODE_CLIENT_KEY_PASSPHRASE",
    "CLAUDE_CODE_EFFORT_LEVEL",
    "CLAUDE_CODE_EXTRA_BODY",
    "CLAUDE_CODE_MAX_OUTPUT_TOKENS",
    "CLAUDE_CODE_USE_BEDROCK",
    "CLAUDE_CODE_USE_VERTEX",
    "CLAUDE_CODE_USE_FOUNDRY",
    "CLAUDE_CODE_USE_MANTLE",
    "CLAUDE_CODE_USE_ANTHROPIC_AWS",
    "CLAUDE_CODE_SKIP_BEDROCK_AUTH",
    "CLAUDE_CODE_SKIP_VERTEX_AUTH",
    "CLAUDE_CODE_SKIP_FOUNDRY_AUTH",
    "API_TIMEOUT_MS",
    "MAX_THINKING_TOKENS",
];

/// What it logs in to a cloud with, where a cloud's models are what it is set to.
const VARIABLES_WITH: &[(&[&str], &[&str])] = &[
    (
        &[
            "CLAUDE_CODE_USE_BEDROCK",
            "CLAUDE_CODE_USE_MANTLE",
            "CLAUDE_CODE_USE_ANTHROPIC_AWS",
        ],
        &["AWS_*"],
    ),
    (&["CLAUDE_CODE_USE_FOUNDRY"], &["AZURE_*"]),
    (
        &["CLAUDE_CODE_USE_VERTEX"],
        &[
            "CLOUD_ML_REGION",
            "VERTEX_REGION_*",
            "GOOGLE_APPLICATION_CREDENTIALS",
            "GOOGLE_CLOUD_PROJECT",
            "GCLOUD_PROJECT",
        ],
    ),
];

impl Dialect for Claude {
    fn name(&self) -> &'static str {
        "claude"
    }

    fn program(&self) -> &'static str {
        "claude"
    }

    fn how_to_get(&self) -> &'static str {
        "`npm install -g @anthropic-ai/claude-code`, then `claude` once to log in, or ANTHROPIC_API_KEY"
    }

    fn abilities(&self) -> AgentAbilities {
        AgentAbilities {
            schema: true,
            sessions: true,
            research: true,
            turns: true,
        }
    }

    fn variables(&self) -> &[&str] {
        VARIABLES
    }

    fn variables_with(&self) -> &[(&[&str], &[&str])] {
        VARIABLES_WITH
    }

    fn call(&self, request: &AgentRequest<'_>) -> io::Result<Call> {
        let mut args: Vec<OsString> = [
            "--print",
            "--output-format",
            "stream-json",
            "--verbose",
            "--strict-mcp-config",
            "--disable-slash-commands",
            // The user's settings may hold how to log in, the project's bring in its CLAUDE.md.
            "--setting-sources",
            "user,project",
        ]
        .map(OsString::from)
        .to_vec();
        let mut say = |flag: &str, value: OsString| args.extend([flag.into(), value]);
        let (mode, tools) = match request.mode {
            AgentMode::ReadOnly => ("default", READING),
            AgentMode::Edit => ("acceptEdits", EDITING),
        };
        say("--permission-mode", mode.into());
        say("--tools", tools.into());
        say("--settings", settings(request).to_string().into());
        if let Some(model) = request.model {
            say("--model", model.into());
        }
        if let Some(turns) = request.limits.turns {
            say("--max-turns", turns.to_string().into());
        }
        if let Some(cost) = request.limits.cost {
            say("--max-budget-usd", cost.dollars().to_string().into());
        }
        if let Some(session) = request.session {
            say("--resume", (&session.id).into());
        }
        if let Some(schema) = request.schema {
            say("--json-schema", schema.to_string().into());
        }
        Ok(Call {
            args,
            stdin: Some(request.prompt.as_bytes().to_vec()),
            env: env(request),
            last_message: None,
        })
    }

    fn listener(&self, request: &AgentRequest<'_>) -> Box<dyn Listener> {
        let before = request.session.map(|session| session.spend);
        Box::new(listener::Heard::new(before.unwrap_or_default()))
    }
}

/// Settings on top of the user's and the project's; what is denied here is denied, whatever those allow.
fn settings(request: &AgentRequest<'_>) -> serde_json::Value {
    let allow: Vec<String> = match request.mode {
        AgentMode::ReadOnly => Vec::new(),
        AgentMode::Edit => request
            .commands
            .iter()
            .flat_map(|command| [format!("Bash({command})"), format!("Bash({command} *)")])
            .collect(),
    };
    json!({
        "disableAllHooks": true,
        "permissions": {
            "allow": allow,
            "deny": [
                "WebFetch", "WebSearch",
                "Bash(git commit)", "Bash(git commit *)", "Bash(git push)", "Bash(git push *)",
            ],
        },
        // What it may run is the same with and without.
        "sandbox": {
            "enabled": has_sandbox(),
            "failIfUnavailable": false,
            "autoAllowBashIfSandboxed": false,
        },
    })
}

/// Whether its sandbox has its means here. Told to use one that has not, it complains, goes on without, and leaves empty
/// files and folders in the repository's git folder all the same.
fn has_sandbox() -> bool {
    let path = std::env::var_os("PATH").unwrap_or_default();
    let there = |program| on_path(program, &path).is_some();
    !cfg!(target_os = "linux") || ["bwrap", "socat"].into_iter().all(there)
}

fn env(request: &AgentRequest<'_>) -> Vec<(String, OsString)> {
    let set = |name: &str, value: &str| (name.to_owned(), value.into());
    vec![
        set("CLAUDE_CODE_MAX_RETRIES", RETRIES),
        set("CLAUDE_CODE_DISABLE_NONESSENTIAL_TRAFFIC", "1"),
        set("CLAUDE_CODE_DISABLE_AUTO_MEMORY", "1"),
        set("CLAUDE_CODE_DISABLE_BACKGROUND_TASKS", "1"),
        set("DISABLE_AUTOUPDATER", "1"),
        ("CLAUDE_CODE_TMPDIR".to_owned(), request.tmp.into()),
    ]
}

#[cfg(test)]
mod tests;
