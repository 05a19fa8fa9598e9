//! codex, run by `codex exec --json`: its command line.
//!
//! Its own sandbox is on: it writes below the root and into the request's temporary folder alone, and what it runs has
//! no network and no key. What it prints is made sense of in `codex/listener.rs`. Known as of version 0.169.0.

use std::ffi::OsString;
use std::fs;
use std::io;

use crate::adapters::agents::dialect::{Call, Dialect, Listener};
use crate::engine::ports::{AgentMode, AgentRequest};
use crate::model::agent::AgentAbilities;

mod listener;
mod refusal;
mod servers;
mod strict;

/// codex.
#[derive(Debug, Clone, Copy, Default)]
pub struct Codex;

/// Its keys, endpoints and folders. Not all of `CODEX_*`: what runs in one of its sessions inherits that session's
/// sandbox and id under such names.
const VARIABLES: &[&str] = &[
    "OPENAI_*",
    "AZURE_OPENAI_*",
    "CODEX_HOME",
    "CODEX_API_KEY",
    "CODEX_ACCESS_TOKEN",
    "CODEX_SQLITE_HOME",
    "CODEX_CA_CERTIFICATE",
    "AWS_*",
];

/// What holds whatever the user's configuration says. A setting that a later version does not know is ignored there.
const SETTINGS: &[&str] = &[
    "approval_policy=\"never\"",
    "web_search=\"disabled\"",
    "notify=[]",
    "features.hooks=false",
    // Connectors and plugins act with credentials of their own.
    "features.apps=false",
    "features.plugins=false",
    // It would wait for the network without end, and without a pause that a watchdog could see.
    "features.unbounded_connection_retries=false",
    "check_for_update_on_startup=false",
    "sandbox_workspace_write.network_access=false",
    "sandbox_workspace_write.exclude_slash_tmp=true",
    "sandbox_workspace_write.exclude_tmpdir_env_var=true",
    // What it runs finds its variables, git's settings among them (`GIT_CONFIG_KEY_0`), but for its own.
    "shell_environment_policy.inherit=\"all\"",
    "shell_environment_policy.ignore_default_excludes=true",
    "shell_environment_policy.exclude=[\"OPENAI_*\",\"AZURE_OPENAI_*\",\"CODEX_*\",\"AWS_*\"]",
];

impl Dialect for Codex {
    fn name(&self) -> &'static str {
        "codex"
    }

    fn program(&self) -> &'static str {
        "codex"
    }

    fn how_to_get(&self) -> &'static str {
        "`npm install -g @openai/codex`, then `codex login`, or CODEX_API_KEY"
    }

    fn abilities(&self) -> AgentAbilities {
        AgentAbilities {
            schema: true,
            sessions: true,
            research: true,
            turns: false,
        }
    }

    fn variables(&self) -> &[&str] {
        VARIABLES
    }

    fn call(&self, request: &AgentRequest<'_>) -> io::Result<Call> {
        let last_message = request.tmp.join("last-message.txt");
        let mut args: Vec<OsString> = ["exec", "--json", "--skip-git-repo-check", "--sandbox"]
            .map(OsString::from)
            .to_vec();
        args.push(
            match request.mode {
                AgentMode::ReadOnly => "read-only",
                AgentMode::Edit => "workspace-write",
            }
            .into(),
        );
        let mut say = |flag: &str, value: OsString| args.extend([flag.into(), value]);
        for setting in SETTINGS {
            say("--config", setting.into());
        }
        let roots = toml::Value::Array(vec![request.tmp.to_string_lossy().into_owned().into()]);
        say(
            "--config",
            format!("sandbox_workspace_write.writable_roots={roots}").into(),
        );
        if let Some(off) = servers::all_off(request) {
            say("--config", off.into());
        }
        if let Some(model) = request.model {
            say("--model", model.into());
        }
        say("--output-last-message", last_message.clone().into());
        if let Some(schema) = request.schema {
            let path = request.tmp.join("schema.json");
            fs::write(&path, strict::stricter(schema).to_string())?;
            say("--output-schema", path.into());
        }
        if let Some(session) = request.session {
            say("resume", (&session.id).into());
        }
        args.push("-".into());
        Ok(Call {
            args,
            stdin: Some(request.prompt.as_bytes().to_vec()),
            env: Vec::new(),
            last_message: Some(last_message),
        })
    }

    fn listener(&self, request: &AgentRequest<'_>) -> Box<dyn Listener> {
        let before = request.session.map(|session| session.spend);
        Box::new(listener::Heard::new(
            before.unwrap_or_default().tokens,
            request.schema.is_some(),
        ))
    }
}

#[cfg(test)]
mod tests;
