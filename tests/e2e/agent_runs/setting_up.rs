//! Agents by name: those that batch.toml describes, and those that are not there.

use super::support::{apply, delivered, plan};
use crate::support::sandbox::{Ran, Sandbox, ran};

const SCRIBE: &str = r#"#!/bin/sh
printf 'args: %s\n' "$*" > "$(dirname "$0")/args-$BATCH_UNIT"
cat >> "$(dirname "$0")/args-$BATCH_UNIT"
echo 'Looking around.'
echo by scribe > "src/$BATCH_UNIT/one.txt"
echo 'Wrote one.txt.'
"#;

fn applied(sandbox: &Sandbox, agent: &str) -> Ran {
    let text = plan(sandbox, 1, "no-test = true", agent);
    apply(sandbox, &text, &[])
}

#[test]
fn an_agent_that_batch_toml_describes_does_the_work() {
    let sandbox = Sandbox::frobs(2);
    sandbox.write(
        "batch.toml",
        "[agents.scribe]\ncommand = [\"scribe\", \"--root\", \"{root}\"]\nprompt = \"stdin\"\n\
         model = [\"--model\", \"{model}\"]\nedit = [\"--write\"]\n",
    );
    sandbox.agent("scribe", SCRIBE);
    let text = plan(
        &sandbox,
        2,
        "no-test = true",
        "agent = \"scribe\"\nmodel = \"m1\"",
    );
    apply(&sandbox, &text, &[]).exits(0);
    assert_eq!(
        delivered(&sandbox, "part1", "src/part1/one.txt"),
        "by scribe\n"
    );
    let args = std::fs::read_to_string(sandbox.bin().join("args-part1")).unwrap();
    for words in [
        "--root /",
        "--model m1",
        "--write",
        "Change what part 1 says.",
    ] {
        assert!(args.contains(words), "no {words:?} in\n{args}");
    }
    let unit = sandbox.unit("part1");
    assert_eq!(unit["agent"], "scribe");
    assert!(
        unit["summary"].as_str().unwrap().contains("Wrote one.txt."),
        "{unit:#}"
    );
    assert!(unit["spend"].is_null(), "{unit:#}");
}

#[test]
fn an_agent_that_nobody_knows_is_refused_before_anything_is_made() {
    let sandbox = Sandbox::frobs(1);
    let before = sandbox.users_own();
    let ran = applied(&sandbox, "agent = \"cloude\"").exits(2);
    for words in [
        "no agent is called `cloude`",
        "claude, codex, opencode, gemini, aider",
        "batch.toml",
    ] {
        assert!(
            ran.stderr.contains(words),
            "no {words:?} in\n{}",
            ran.stderr
        );
    }
    sandbox.is_untouched(&before);
    assert!(
        sandbox.refs("refs/batch").is_empty(),
        "{:?}",
        sandbox.refs("refs/batch")
    );
    assert!(!sandbox.repo().join(".git/batch/latest").exists());
}

#[test]
fn without_its_program_a_person_is_told_how_to_get_one_and_how_to_do_without() {
    let sandbox = Sandbox::frobs(1);
    let tools = sandbox.path_without_agents();
    let text = plan(&sandbox, 1, "no-test = true", "agent = \"auto\"");
    let path = sandbox.path("plan.toml");
    for (text, words) in [
        (
            text.clone(),
            "no coding agent on PATH: looked for claude, codex, opencode, gemini, aider",
        ),
        (
            text.replace("auto", "gemini"),
            "agent gemini: no program gemini on PATH",
        ),
    ] {
        std::fs::write(&path, text).unwrap();
        let mut command = sandbox.batch_command();
        command
            .env("PATH", &tools)
            .arg("apply")
            .arg(&path)
            .arg("--yes");
        let ran = ran(&command.output().unwrap()).exits(4).says(words);
        for words in ["npm install -g", "--rewrite", "--command", "--from"] {
            assert!(
                ran.stderr.contains(words),
                "no {words:?} in\n{}",
                ran.stderr
            );
        }
    }
    assert!(!sandbox.repo().join(".git/batch/latest").exists());
}

#[test]
fn what_a_repository_describes_runs_only_when_it_is_named() {
    let sandbox = Sandbox::frobs(1);
    let tools = sandbox.path_without_agents();
    sandbox.write("batch.toml", "[agents.scribe]\ncommand = [\"./scribe\"]\n");
    sandbox.write("scribe", "#!/bin/sh\ntouch \"$HOME/ran\"\n");
    let mode = std::os::unix::fs::PermissionsExt::from_mode(0o755);
    std::fs::set_permissions(sandbox.repo().join("scribe"), mode).unwrap();
    let asked = |more: &[&str]| {
        let mut command = sandbox.batch_command();
        command
            .env("PATH", &tools)
            .args(["Say it better", "--yes", "--no-test"])
            .args(more);
        ran(&command.output().unwrap())
    };
    asked(&[])
        .exits(4)
        .says("no coding agent on PATH")
        .says("--agent scribe, as batch.toml describes it");
    // It is taken then, and cannot research.
    asked(&["--agent", "scribe"]).says("scribe does not look for files by itself");
    assert!(!sandbox.path("home/ran").exists());
}

#[test]
fn a_wrong_recipe_is_named_by_file_line_and_key() {
    let sandbox = Sandbox::frobs(1);
    sandbox.agent("scribe", SCRIBE);
    for (text, words) in [
        (
            "[agents.scribe]\ncommand = []\n",
            "line 2: agents.scribe.command:",
        ),
        (
            "[agents.scribe]\ncommand = [\"scribe\"]\nprompt = \"telepathy\"\n",
            "line 3: agents.scribe.prompt:",
        ),
        (
            "[agents.scribe]\n\ncommand = [\"scribe\", \"{prmpt}\"]\n",
            "line 3: agents.scribe.command:",
        ),
        (
            "[agents.scribe]\ncommand = [\"scribe\"]\ncolour = 1\n",
            "line 3: agents.scribe.colour:",
        ),
        ("[agents.scribe\n", "line 1:"),
        (
            "[agents.claude]\ncommand = [\"scribe\"]\nprompt = \"stdin\"\n",
            "agents.claude: an agent of this name is built in",
        ),
    ] {
        sandbox.write("batch.toml", text);
        let ran = applied(&sandbox, "agent = \"scribe\"").exits(2);
        assert!(
            ran.stderr.contains(words),
            "no {words:?} in\n{}",
            ran.stderr
        );
        assert!(ran.stderr.contains("batch.toml"), "{}", ran.stderr);
    }
}
