//! Gemini CLI, run by `gemini -o stream-json`: its command line.
//!
//! Its settings and its policy are files in the request's temporary folder, on the level that is meant for
//! administrators: nothing that the user allowed elsewhere is allowed here. It tells tokens, never money. Known as of
//! version 0.61.0.

use std::ffi::OsString;
use std::io;

use crate::adapters::agents::dialect::{Call, Dialect, Listener};
use crate::engine::ports::{AgentMode, AgentRequest};
use crate::model::agent::AgentAbilities;

mod listener;
mod settings;

/// Gemini CLI.
#[derive(Debug, Clone, Copy, Default)]
pub struct Gemini;

/// Its word for no extension; as the name of a server it fits none either.
const NONE: &str = "none";

impl Dialect for Gemini {
    fn name(&self) -> &'static str {
        "gemini"
    }

    fn program(&self) -> &'static str {
        "gemini"
    }

    fn how_to_get(&self) -> &'static str {
        "`npm install -g @google/gemini-cli`, then `gemini` once to log in, or GEMINI_API_KEY"
    }

    fn abilities(&self) -> AgentAbilities {
        AgentAbilities {
            schema: false,
            sessions: true,
            research: true,
            turns: true,
        }
    }

    fn variables(&self) -> &[&str] {
        &["GEMINI_*", "GOOGLE_*"]
    }

    fn call(&self, request: &AgentRequest<'_>) -> io::Result<Call> {
        let mode = match request.mode {
            AgentMode::ReadOnly => "default",
            AgentMode::Edit => "auto_edit",
        };
        let policy = settings::write_policy(request)?;
        let mut args: Vec<OsString> = vec![
            // The folder is a worktree that nobody could have trusted before.
            "--skip-trust".into(),
            "--approval-mode".into(),
            mode.into(),
            "--admin-policy".into(),
            policy.into(),
            "--output-format".into(),
            "stream-json".into(),
            // No server is called so, and no extension: these too would be started, with credentials of their own.
            "--allowed-mcp-server-names".into(),
            NONE.into(),
            "--extensions".into(),
            NONE.into(),
        ];
        if let Some(model) = request.model {
            args.extend(["--model".into(), model.into()]);
        }
        if let Some(session) = request.session {
            args.extend(["--resume".into(), (&session.id).into()]);
        }
        let env = settings::write_settings(request)?
            .map(|path| ("GEMINI_CLI_SYSTEM_SETTINGS_PATH".to_owned(), path.into()));
        Ok(Call {
            args,
            stdin: Some(request.prompt.as_bytes().to_vec()),
            env: env.into_iter().collect(),
            last_message: None,
        })
    }

    fn listener(&self, _request: &AgentRequest<'_>) -> Box<dyn Listener> {
        Box::new(listener::Heard::default())
    }
}

#[cfg(test)]
mod tests;
