//! opencode, run by `opencode run --format json`: its command line.
//!
//! It runs as an agent of our own making, defined in the configuration that the environment holds: an agent's rules come
//! after all others, so that nothing that the user allowed elsewhere is allowed here. Every rule allows or denies; one
//! that asked would end the turn. Known as of version 1.18.33.

use std::ffi::OsString;
use std::io;

use crate::adapters::agents::dialect::{Call, Dialect, Listener};
use crate::engine::ports::{AgentMode, AgentRequest};
use crate::model::agent::AgentAbilities;

mod listener;
mod plugins;
mod settings;

/// opencode.
#[derive(Debug, Clone, Copy, Default)]
pub struct Opencode;

impl Dialect for Opencode {
    fn name(&self) -> &'static str {
        "opencode"
    }

    fn program(&self) -> &'static str {
        "opencode"
    }

    fn how_to_get(&self) -> &'static str {
        "`npm install -g opencode-ai`, then `opencode auth login`"
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
        &[
            "OPENCODE_*",
            "ANTHROPIC_*",
            "OPENAI_*",
            "GEMINI_API_KEY",
            "GOOGLE_*",
            "OPENROUTER_API_KEY",
            "DEEPSEEK_*",
            "MISTRAL_*",
            "GROQ_*",
            "XAI_*",
            "AZURE_*",
            "AWS_*",
            "OLLAMA_*",
        ]
    }

    /// The first to start in a home folder, or after an update, makes its database over; a second meanwhile fails.
    fn starts_again(&self) -> bool {
        true
    }

    fn call(&self, request: &AgentRequest<'_>) -> io::Result<Call> {
        if request.mode == AgentMode::ReadOnly
            && let Some(path) = plugins::of_repository(request.root)
        {
            let words = format!(
                "it would run the plugins of the repository's {}, and nobody has agreed to that yet",
                path.display()
            );
            return Err(io::Error::new(io::ErrorKind::Unsupported, words));
        }
        let mut args: Vec<OsString> = [
            "run",
            "--format",
            "json",
            "--agent",
            settings::AGENT,
            // Without a title it has the model think of one.
            "--title",
            settings::AGENT,
            // Its own tries at a failed call show nowhere else.
            "--print-logs",
            "--log-level",
            "ERROR",
        ]
        .map(OsString::from)
        .into();
        if let Some(model) = request.model {
            args.extend(["--model".into(), model.into()]);
        }
        if let Some(session) = request.session {
            args.extend(["--session".into(), (&session.id).into()]);
        }
        let switches = [
            "OPENCODE_DISABLE_AUTOUPDATE",
            "OPENCODE_DISABLE_MODELS_FETCH",
            "OPENCODE_DISABLE_LSP_DOWNLOAD",
            "OPENCODE_DISABLE_SHARE",
            // Servers, plugins and tools that the repository or the user names would be started unasked.
            "OPENCODE_DISABLE_PROJECT_CONFIG",
            "OPENCODE_PURE",
        ];
        let mut env: Vec<(String, OsString)> = switches
            .iter()
            .map(|switch| ((*switch).to_owned(), "1".into()))
            .collect();
        env.push((
            "OPENCODE_CONFIG_CONTENT".to_owned(),
            settings::settings(request)?.into(),
        ));
        Ok(Call {
            args,
            stdin: Some(request.prompt.as_bytes().to_vec()),
            env,
            last_message: None,
        })
    }

    fn listener(&self, request: &AgentRequest<'_>) -> Box<dyn Listener> {
        Box::new(listener::Heard::new(request.limits.turns))
    }
}

#[cfg(test)]
mod tests;
