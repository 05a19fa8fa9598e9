//! The files that Gemini CLI is run with: settings, and the policy on what its tools may do.

use std::fs;
use std::io;
use std::path::{Path, PathBuf};

use serde::{Serialize, Serializer};
use serde_json::json;

use crate::adapters::agents::shell_parts::shell_parts;
use crate::engine::ports::{AgentMode, AgentRequest};

/// How often it tries a call: five and ten seconds are between them. Left alone it goes on for minutes.
const ATTEMPTS: u32 = 3;

/// Where an administrator's settings lie. Ours would stand in for them, so theirs are left alone.
const ADMINISTRATORS: [&str; 2] = [
    "/etc/gemini-cli/settings.json",
    "/Library/Application Support/GeminiCli/settings.json",
];

/// Its tools that only look.
const READING: [&str; 6] = [
    "read_file",
    "read_many_files",
    "list_directory",
    "glob",
    "grep_search",
    "update_topic",
];

const EDITING: [&str; 2] = ["write_file", "replace"];

const SHELL: &str = "run_shell_command";

/// A redirection to a file within the command, in the JSON that patterns are matched against. `2>&1` is none.
const REDIRECTION: &str = r#""command":"([^"\\]|\\.)*>([^&]|&([^12]|[12][^ "|;&]))"#;

/// Git's other way to write a file anywhere.
const GIT_OUTPUT: &str = r#""command":"([^"\\]|\\.)*--output"#;

#[derive(Debug, Serialize)]
struct Policy<'a> {
    rule: Vec<Rule<'a>>,
}

/// A rule; of those that match a call the one of the highest priority counts.
#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
struct Rule<'a> {
    #[serde(serialize_with = "one_or_several")]
    tool_name: Vec<&'a str>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    command_prefix: Vec<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    args_pattern: Option<&'a str>,
    decision: &'static str,
    priority: u32,
    #[serde(skip_serializing_if = "std::ops::Not::not")]
    allow_redirection: bool,
}

impl<'a> Rule<'a> {
    fn new(decision: &'static str, priority: u32, tools: &[&'a str]) -> Self {
        Self {
            tool_name: tools.to_vec(),
            command_prefix: Vec::new(),
            args_pattern: None,
            decision,
            priority,
            allow_redirection: false,
        }
    }
}

/// A rule on commands is refused whose tool stands in a list, be it alone there.
fn one_or_several<S: Serializer>(names: &[&str], serializer: S) -> Result<S::Ok, S::Error> {
    match names {
        [name] => serializer.serialize_str(name),
        names => serializer.collect_seq(names),
    }
}

/// Writes the policy and gives its path.
pub(super) fn write_policy(request: &AgentRequest<'_>) -> io::Result<PathBuf> {
    let policy = Policy {
        rule: rules(request),
    };
    let text = toml::to_string(&policy).map_err(io::Error::other)?;
    let path = request.tmp.join("gemini-policy.toml");
    fs::write(&path, text)?;
    Ok(path)
}

fn rules<'a>(request: &'a AgentRequest<'_>) -> Vec<Rule<'a>> {
    let mut rules = vec![
        Rule::new("deny", 100, &["*"]),
        Rule::new("allow", 200, &READING),
    ];
    if request.mode == AgentMode::ReadOnly {
        return rules;
    }
    rules.push(Rule::new("allow", 200, &EDITING));
    let parts: Vec<&str> = request
        .commands
        .iter()
        .flat_map(|command| shell_parts(command))
        .collect();
    let mut prefixes = vec!["git status", "git diff"];
    prefixes.extend(&parts);
    rules.push(Rule {
        command_prefix: prefixes,
        ..Rule::new("allow", 300, &[SHELL])
    });
    for pattern in [REDIRECTION, GIT_OUTPUT] {
        rules.push(Rule {
            args_pattern: Some(pattern),
            ..Rule::new("deny", 400, &[SHELL])
        });
    }
    // It looks at the command without its redirection too.
    let redirecting: Vec<&str> = parts
        .into_iter()
        .filter_map(|part| Some((part, part.split_once('>')?.0)))
        .flat_map(|(part, before)| {
            let digits = |c: char| c.is_ascii_digit() || c == '&';
            [part, before.trim_end_matches(digits).trim_end()]
        })
        .filter(|prefix| !prefix.is_empty())
        .collect();
    if !redirecting.is_empty() {
        rules.push(Rule {
            command_prefix: redirecting,
            allow_redirection: true,
            ..Rule::new("allow", 500, &[SHELL])
        });
    }
    rules
}

/// Writes the settings and gives their path; none where an administrator's have to hold.
pub(super) fn write_settings(request: &AgentRequest<'_>) -> io::Result<Option<PathBuf>> {
    if ADMINISTRATORS.iter().any(|path| Path::new(path).exists()) {
        return Ok(None);
    }
    let mut settings = json!({
        "general": {
            "enableAutoUpdate": false,
            "enableAutoUpdateNotification": false,
            "maxAttempts": ATTEMPTS,
        },
        "privacy": { "usageStatisticsEnabled": false },
        "telemetry": { "enabled": false },
        // What they name is run at once, without a word of the model's: the repository's too, where folders need no
        // trust.
        "hooksConfig": { "enabled": false },
        "tools": { "discoveryCommand": "", "callCommand": "" },
        "mcp": { "serverCommand": "" },
        // A file of the repository's could send the key elsewhere.
        "advanced": { "ignoreLocalEnv": true },
    });
    if let Some(turns) = request.limits.turns {
        settings["model"] = json!({ "maxSessionTurns": turns });
    }
    let path = request.tmp.join("gemini-settings.json");
    fs::write(&path, settings.to_string())?;
    Ok(Some(path))
}
