//! What README.md shows is so: the help of the built program, and commands that it understands.

use std::ffi::OsString;
use std::path::Path;
use std::process::Command;

use batch::cli::args::{Cli, Refusal};

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
    assert_eq!(shown, 2);
}

#[test]
fn the_program_understands_each_command_of_the_readme() {
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
        match Cli::from_argv(words.into_iter().map(OsString::from)) {
            Ok(_) => understood += 1,
            Err(Refusal::Clap(error)) => panic!("{line}: {error}"),
            Err(Refusal::Problem(problem)) => panic!("{line}: {problem}"),
        }
    }
    assert!(understood > 10);
}
