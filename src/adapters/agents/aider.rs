//! aider, run by `aider --message-file`: its command line.
//!
//! It prints for people and exits with 0 whatever happens. The events that it logs into a file of ours tell what each
//! call to its model cost, and whether it was answered; why one was not, only its words do. That file is never sent
//! anywhere: analytics are off. Known as of version 0.86.2.

use std::ffi::OsString;
use std::fs;
use std::io;

use crate::adapters::agents::dialect::{Call, Dialect, Listener};
use crate::engine::ports::{AgentMode, AgentRequest};
use crate::model::agent::AgentAbilities;

mod listener;

/// aider.
#[derive(Debug, Clone, Copy, Default)]
pub struct Aider;

impl Dialect for Aider {
    fn name(&self) -> &'static str {
        "aider"
    }

    fn program(&self) -> &'static str {
        "aider"
    }

    fn how_to_get(&self) -> &'static str {
        "`python -m pip install aider-install && aider-install`, and the key of a provider (OPENAI_API_KEY, …)"
    }

    fn abilities(&self) -> AgentAbilities {
        AgentAbilities {
            schema: false,
            sessions: false,
            research: false,
            turns: false,
        }
    }

    fn variables(&self) -> &[&str] {
        &[
            "AIDER_*",
            "LITELLM_*",
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

    fn call(&self, request: &AgentRequest<'_>) -> io::Result<Call> {
        let message = request.tmp.join("aider-message.txt");
        fs::write(&message, request.prompt)?;
        // It appends, and an earlier request's calls are none of this one's.
        let log = request.tmp.join("aider-events.jsonl");
        fs::write(&log, "")?;
        let mut args: Vec<OsString> = [
            "--yes-always",
            "--no-check-update",
            "--no-show-release-notes",
            "--no-show-model-warnings",
            "--no-analytics",
            "--no-pretty",
            "--no-stream",
            "--no-fancy-input",
            "--no-auto-commits",
            "--no-dirty-commits",
            "--no-gitignore",
            "--no-suggest-shell-commands",
            "--no-detect-urls",
            "--no-auto-lint",
            "--no-auto-test",
            // The files are named; a map of the others costs with each message.
            "--map-tokens",
            "0",
            // Otherwise a long message is summed up by two more calls after the last.
            "--max-chat-history-tokens",
            "10000000",
        ]
        .map(OsString::from)
        .into();
        if request.mode == AgentMode::ReadOnly {
            args.extend(["--dry-run", "--chat-mode", "ask"].map(OsString::from));
        }
        if let Some(model) = request.model {
            args.extend(["--model".into(), model.into()]);
        }
        for (option, file) in [
            ("--chat-history-file", "aider-chat.md"),
            ("--input-history-file", "aider-input"),
        ] {
            args.extend([option.into(), request.tmp.join(file).into()]);
        }
        args.extend([
            "--analytics-log".into(),
            log.clone().into(),
            "--message-file".into(),
            message.into(),
        ]);
        let files = match request.mode {
            AgentMode::ReadOnly => "--read",
            AgentMode::Edit => "--file",
        };
        for file in request.files {
            // A path could begin with a dash.
            let mut option = OsString::from(files);
            option.push("=");
            option.push(file.below(request.root));
            args.push(option);
        }
        Ok(Call {
            args,
            stdin: None,
            // Its library would ask the network for a table of prices; it has one of its own.
            env: vec![("LITELLM_LOCAL_MODEL_COST_MAP".to_owned(), "True".into())],
            last_message: Some(log),
        })
    }

    fn listener(&self, _request: &AgentRequest<'_>) -> Box<dyn Listener> {
        Box::new(listener::Heard::default())
    }
}

#[cfg(test)]
mod tests;
