//! What README.md shows is so: the help of the built program, commands that it understands, and agents that it takes.

use std::collections::BTreeSet;
use std::ffi::OsString;
use std::path::Path;
use std::process::Command;
use std::time::Duration;

use batch::adapters::agents::custom::Custom;
use batch::adapters::agents::dialect::Dialect;
use batch::adapters::agents::settings::AgentSettings;
use batch::cli::args::{Refusal, settable};
use batch::cli::settings::{Places, Start};
use batch::engine::ports::{AgentLimits, AgentMode, AgentRequest};
use batch::model::agent::AgentSession;
use batch::model::spend::Spend;

/// The fenced blocks of the README in that language.
fn blocks(language: &str) -> Vec<String> {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("README.md");
    let text = std::fs::read_to_string(path).unwrap();
    let opening = format!("```{language}\n");
    text.split(&opening)
        .skip(1)
        .map(|rest| rest.split("\n```").next().unwrap().to_owned())
        .collect()
}

#[test]
fn the_readme_shows_the_help_of_the_built_program() {
    let mut shown = 0;
    for block in blocks("text") {
        let Some((line, help)) = block.split_once('\n') else {
            continue;
        };
        let Some(arguments) = line.strip_prefix("$ batch ") else {
            continue;
        };
        if !arguments.ends_with("--help") {
            continue;
        }
        let output = Command::new(env!("CARGO_BIN_EXE_batch"))
            .args(arguments.split(' '))
            .env("COLUMNS", "80")
            .env("NO_COLOR", "1")
            .output()
            .unwrap();
        assert_eq!(help, String::from_utf8_lossy(&output.stdout).trim_end());
        shown += 1;
    }
    assert!(shown >= 4);
}

#[test]
fn the_program_understands_each_command_of_the_readme() {
    // The settings that it shows, so that the recipes which it names are there.
    let folder = tempfile::tempdir().unwrap();
    let mut settings = blocks("toml");
    settings.retain(|block| block.starts_with("base = ") || block.starts_with("[saved."));
    assert_eq!(settings.len(), 2);
    std::fs::write(folder.path().join("batch.toml"), settings.join("\n")).unwrap();
    let places = Places {
        root: Some(folder.path().to_owned()),
        ..Places::default()
    };
    let mut understood = 0;
    let commands = blocks("sh").join("\n").replace("\\\n", " ");
    for line in commands.lines() {
        let words = shlex::split(line).unwrap();
        let words: Vec<String> = match words.iter().map(String::as_str).collect::<Vec<_>>()[..] {
            ["batch", ..] => words,
            ["cargo", "run", "--release", "--", ..] => words[3..].to_vec(),
            ["cargo", ..] => continue,
            _ => panic!("{line}"),
        };
        let argv = words.into_iter().map(OsString::from);
        match Start::at(argv, |_| places.clone()) {
            Ok(_) => understood += 1,
            Err(Refusal::Clap(error)) => panic!("{line}: {error}"),
            Err(Refusal::Problem(problem)) => panic!("{line}: {problem}"),
        }
    }
    assert!(understood > 10);
}

#[test]
fn the_readme_lists_every_option_that_is_a_setting() {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("README.md");
    let text = std::fs::read_to_string(path).unwrap();
    let (_, table) = text.split_once("| keys | |\n").unwrap();
    let (table, _) = table.split_once("\n\n").unwrap();
    let names = table.lines().filter_map(|row| row.split('|').nth(1));
    let listed: BTreeSet<&str> = names
        .flat_map(|names| names.split('`').skip(1).step_by(2))
        .collect();
    let options = settable::options(&settable::description());
    let mut keys: BTreeSet<&str> = options.iter().filter_map(|arg| arg.get_long()).collect();
    assert!(keys.len() > 50);
    keys.extend([
        "description",
        "agent-env",
        "agent-args",
        "[agents.NAME]",
        "[github]",
    ]);
    assert_eq!(listed, keys);
}

/// The arguments of an agent for a request in which all is known.
fn arguments(agent: &Custom, mode: AgentMode, folder: &Path) -> String {
    let session = AgentSession {
        id: "the-session".to_owned(),
        spend: Spend::default(),
    };
    let request = AgentRequest {
        prompt: "the prompt",
        mode,
        root: folder,
        tmp: folder,
        model: Some("the-model"),
        limits: AgentLimits {
            turns: Some(7),
            cost: None,
            tokens: None,
            idle: Duration::from_secs(1),
            output: 1,
            disk: 1,
        },
        session: Some(&session),
        schema: None,
        files: &[],
        commands: &[],
        env: &[],
        transcript: folder,
    };
    let call = agent.call(&request).unwrap();
    let words: Vec<&str> = call.args.iter().map(|arg| arg.to_str().unwrap()).collect();
    words.join(" ")
}

#[test]
fn the_agents_that_the_readme_describes_are_taken_as_they_stand() {
    let mut settings = blocks("toml");
    settings.retain(|block| block.starts_with("[agents.") || block.starts_with("agent-"));
    let folder = tempfile::tempdir().unwrap();
    let folder = folder.path();
    let users = folder.join("config.toml");
    std::fs::write(&users, settings.join("\n")).unwrap();
    let built_in = ["claude", "codex", "opencode", "gemini", "aider"];
    let read = AgentSettings::read(folder, Some(&users), &built_in).unwrap();
    assert!(!read.env.is_empty());
    let prompt_file = folder.join("prompt.md").display().to_string();
    let mut told = Vec::new();
    for recipe in read.recipes {
        let agent = Custom::new(recipe);
        let abilities = agent.abilities();
        let mut modes = vec![AgentMode::Edit];
        modes.extend(abilities.research.then_some(AgentMode::ReadOnly));
        let lines: Vec<String> = modes
            .into_iter()
            .map(|mode| arguments(&agent, mode, folder))
            .collect();
        for line in &lines {
            let has_prompt = line.contains("the prompt") || line.contains(&prompt_file);
            assert!(has_prompt && line.contains("the-model"), "{line}");
            assert_eq!(line.contains("the-session"), abilities.sessions, "{line}");
            assert!(!line.contains(['{', '}']), "{line}");
        }
        told.push((agent.name().to_owned(), lines.len()));
    }
    let told: Vec<(&str, usize)> = told.iter().map(|(name, ways)| (&**name, *ways)).collect();
    assert_eq!(
        told,
        [("agy", 1), ("copilot", 2), ("cursor", 2), ("goose", 1)]
    );
}
