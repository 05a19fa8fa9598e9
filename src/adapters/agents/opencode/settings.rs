//! The settings that opencode is run with: an agent of our own, with its permissions.
//!
//! Of several rules that match, the last wins, so their order counts.

use std::io;
use std::path::PathBuf;

use serde::{Serialize, Serializer};

use crate::adapters::agents::shell_parts::shell_parts;
use crate::engine::ports::{AgentMode, AgentRequest};

/// Where a repository speaks to agents; the first that is there counts, as it does for the program itself.
const INSTRUCTIONS: [&str; 2] = ["AGENTS.md", "CLAUDE.md"];

/// The name of our agent.
pub(super) const AGENT: &str = "batch";

#[derive(Serialize)]
#[expect(
    clippy::struct_excessive_bools,
    reason = "each is a setting of the program's"
)]
struct Settings {
    autoupdate: bool,
    share: &'static str,
    /// Its own undo history would cost a copy of each tree.
    snapshot: bool,
    /// Both are programs that are started for each file.
    formatter: bool,
    lsp: bool,
    /// The repository's words for agents, which it reads no more with the repository's settings off.
    instructions: Vec<PathBuf>,
    agent: Agents,
}

#[derive(Serialize)]
struct Agents {
    batch: OwnAgent,
}

#[derive(Serialize)]
struct OwnAgent {
    mode: &'static str,
    description: &'static str,
    #[serde(skip_serializing_if = "Option::is_none")]
    steps: Option<u32>,
    permission: Permission,
}

#[derive(Serialize)]
struct Permission {
    #[serde(rename = "*")]
    all_else: Verdict,
    read: Rules,
    glob: Verdict,
    grep: Verdict,
    list: Verdict,
    todowrite: Verdict,
    todoread: Verdict,
    edit: Verdict,
    bash: Rules,
    external_directory: Verdict,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "lowercase")]
enum Verdict {
    Allow,
    Deny,
}

/// Patterns and what becomes of what they match, as a JSON object in this order.
struct Rules(Vec<(String, Verdict)>);

impl Serialize for Rules {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_map(self.0.iter().map(|(pattern, verdict)| (pattern, verdict)))
    }
}

/// The settings for a request, as JSON.
pub(super) fn settings(request: &AgentRequest<'_>) -> io::Result<String> {
    let edit = match request.mode {
        AgentMode::ReadOnly => Verdict::Deny,
        AgentMode::Edit => Verdict::Allow,
    };
    let settings = Settings {
        autoupdate: false,
        share: "disabled",
        snapshot: false,
        formatter: false,
        lsp: false,
        instructions: INSTRUCTIONS
            .iter()
            .map(|name| request.root.join(name))
            .find(|path| path.is_file())
            .into_iter()
            .collect(),
        agent: Agents {
            batch: OwnAgent {
                mode: "primary",
                description: "One unit of a change",
                // In the last of these it is only told to sum up: so more turns than the limit mean that it ran out.
                steps: request.limits.turns.map(|turns| turns.saturating_add(1)),
                permission: Permission {
                    all_else: Verdict::Deny,
                    read: readable(),
                    glob: Verdict::Allow,
                    grep: Verdict::Allow,
                    list: Verdict::Allow,
                    todowrite: Verdict::Allow,
                    todoread: Verdict::Allow,
                    edit,
                    bash: commands(request),
                    external_directory: Verdict::Deny,
                },
            },
        },
    };
    Ok(serde_json::to_string(&settings)?)
}

/// All files but those that are made to hold secrets.
fn readable() -> Rules {
    let rules = [
        ("*", Verdict::Allow),
        ("*.env", Verdict::Deny),
        ("*.env.*", Verdict::Deny),
        ("*.env.example", Verdict::Allow),
    ];
    Rules(
        rules
            .map(|(pattern, verdict)| (pattern.to_owned(), verdict))
            .into(),
    )
}

/// The shell commands. It looks at each simple command of a line for itself, redirections included.
fn commands(request: &AgentRequest<'_>) -> Rules {
    let mut rules = vec![("*".to_owned(), Verdict::Deny)];
    if request.mode == AgentMode::ReadOnly {
        return Rules(rules);
    }
    let mut allow = |command: &str| {
        // A blank and a star at the end match nothing more too, but not in each version.
        rules.push((command.to_owned(), Verdict::Allow));
        rules.push((format!("{command} *"), Verdict::Allow));
    };
    allow("git status");
    allow("git diff");
    let parts: Vec<&str> = request
        .commands
        .iter()
        .flat_map(|command| shell_parts(command))
        .collect();
    // A name that stood here already would keep its place, so what redirects comes below alone.
    for part in parts.iter().filter(|part| !part.contains('>')) {
        allow(part);
    }
    // Both write files, anywhere.
    rules.push(("*>*".to_owned(), Verdict::Deny));
    rules.push(("git*--output*".to_owned(), Verdict::Deny));
    for part in &parts {
        if part.contains('>') {
            rules.push(((*part).to_owned(), Verdict::Allow));
        }
        rules.push((format!("{part} 2>&1"), Verdict::Allow));
    }
    Rules(rules)
}
