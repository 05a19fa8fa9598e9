//! Completions, by the shells themselves; and the manual's pages.

use std::path::Path;

use crate::support::sandbox::{Sandbox, ran};

/// A sandbox whose PATH leads to the built program first.
fn installed(mut sandbox: Sandbox) -> Sandbox {
    let folder = Path::new(env!("CARGO_BIN_EXE_batch"))
        .parent()
        .unwrap()
        .to_owned();
    let path = std::env::var_os("PATH").unwrap();
    let all = std::iter::once(folder).chain(std::env::split_paths(&path));
    sandbox.set("PATH", std::env::join_paths(all).unwrap());
    sandbox
}

/// What bash offers for a line that ends where the cursor is; its last word may be empty.
#[track_caller]
fn bash(sandbox: &Sandbox, words: &[&str]) -> Vec<String> {
    let git = words[0] == "git";
    let function = if git {
        "_git_batch"
    } else {
        "_clap_complete_batch"
    };
    let script = format!(
        "source <(batch completions bash)\n\
         COMP_WORDS=(\"$@\"); COMP_CWORD=$(($# - 1)); COMP_TYPE=9\n\
         {function} batch \"${{COMP_WORDS[COMP_CWORD]}}\" 2>&1\n\
         printf '%s\\n' \"${{COMPREPLY[@]}}\""
    );
    let mut command = sandbox.command("bash");
    command.args(["--norc", "-c", &script, "bash"]).args(words);
    let ran = ran(&command.output().unwrap()).exits(0);
    assert_eq!(ran.stderr, "");
    let mut offered: Vec<String> = ran.stdout.lines().map(str::to_owned).collect();
    offered.retain(|line| !line.is_empty());
    offered
}

fn worked() -> Sandbox {
    let sandbox = installed(Sandbox::frobs(5));
    sandbox
        .rename_frob(&["--no-test", "--forge", "local"])
        .exits(0);
    sandbox
}

#[test]
fn bash_completes_commands_and_options_and_values() {
    let sandbox = installed(Sandbox::empty());
    assert_eq!(bash(&sandbox, &["batch", "doc"]), ["doctor"]);
    let commands = bash(&sandbox, &["batch", ""]);
    for command in [
        "run", "plan", "apply", "rerun", "prs", "doctor", "init", "demo",
    ] {
        assert!(
            commands.iter().any(|offered| offered == command),
            "{command}: {commands:?}"
        );
    }
    assert_eq!(bash(&sandbox, &["batch", "prs", "mer"]), ["merge"]);
    assert_eq!(bash(&sandbox, &["batch", "plan", "--rew"]), ["--rewrite"]);
    assert_eq!(
        bash(&sandbox, &["batch", "run", "x", "--format", ""]),
        ["text", "json"]
    );
    // The short form of `run`.
    assert_eq!(
        bash(&sandbox, &["batch", "'rename frob'", "--test-j"]),
        ["--test-jobs"]
    );
    assert_eq!(bash(&sandbox, &["batch", "apply", "../ho"]), ["../home/"]);
}

#[test]
fn bash_completes_runs_units_pull_requests_and_agents_from_the_repository() {
    let sandbox = worked();
    let run = sandbox.report()["run"].as_str().unwrap().to_owned();
    assert_eq!(bash(&sandbox, &["batch", "rerun", "20"]).concat(), run);
    let units = bash(&sandbox, &["batch", "rerun", "--unit", ""]);
    assert_eq!(units.len(), 5, "{units:?}");
    assert_eq!(
        bash(&sandbox, &["batch", "rerun", &run, "--unit", "src-part3"]),
        ["src-part3"]
    );
    let offered = bash(&sandbox, &["batch", "prs", "merge", ""]);
    assert_eq!(offered[..5], ["1", "2", "3", "4", "5"]);
    assert_eq!(
        bash(&sandbox, &["batch", "plan", "--agent", "co"]),
        ["codex"]
    );
    assert_eq!(
        bash(&sandbox, &["git", "batch", "rerun", "--unit", "src-part1"]),
        ["src-part1"]
    );
    assert_eq!(bash(&sandbox, &["git", "batch", "prs", "sh"]), ["show"]);
    // From elsewhere, where -C leads.
    let repo = sandbox.repo();
    let repo = repo.to_str().unwrap();
    let mut elsewhere = sandbox.command("sh");
    elsewhere
        .current_dir(sandbox.path("home"))
        .env("_BATCH_COMPLETE", "fish")
        .args([
            "-c",
            "exec batch -- batch -C \"$0\" rerun --unit src-part2",
            repo,
        ]);
    let offered = ran(&elsewhere.output().unwrap()).exits(0);
    assert_eq!(offered.stdout.lines().count(), 1, "{offered:?}");
    assert!(offered.stdout.starts_with("src-part2\t"), "{offered:?}");
}

#[test]
fn saved_changes_are_completed_and_what_is_broken_is_passed_over_in_silence() {
    let sandbox = worked();
    let asked = |words: &[&str]| {
        let mut command = sandbox.command("batch");
        command.env("_BATCH_COMPLETE", "fish").arg("--").args(words);
        let ran = ran(&command.output().unwrap()).exits(0);
        assert_eq!(ran.stderr, "");
        ran.stdout
    };
    std::fs::write(
        sandbox.repo().join(".git/batch/latest/journal.jsonl"),
        "no journal",
    )
    .unwrap();
    assert_eq!(asked(&["batch", "rerun", "--unit", ""]), "");
    assert!(asked(&["batch", "rerun", ""]).contains("20"));
    sandbox.write("batch.toml", "[broken");
    assert_eq!(asked(&["batch", "plan", "--agent", "cod"]), "");
    assert_eq!(asked(&["batch", "doct"]).lines().count(), 1);
    assert_eq!(asked(&[]), "");
}

#[test]
fn each_shell_gets_a_script_and_zsh_and_fish_complete_by_theirs() {
    let sandbox = installed(Sandbox::empty());
    for shell in ["bash", "zsh", "fish", "elvish", "powershell"] {
        let script = sandbox.batch(["completions", shell]).exits(0).stdout;
        assert!(
            script.contains("_BATCH_COMPLETE") && script.contains("git-batch"),
            "{script}"
        );
        // By its name: an update puts another program there.
        assert!(!script.contains(env!("CARGO_BIN_EXE_batch")), "{script}");
    }
    sandbox
        .batch(["completions", "tcsh"])
        .exits(2)
        .says("bash, zsh, fish");
    let line = "source (batch completions fish | psub); complete -C 'batch doc'";
    let Ok(fish) = sandbox
        .command("fish")
        .args(["--no-config", "-c", line])
        .output()
    else {
        println!("skipped: no fish here");
        return;
    };
    assert!(ran(&fish).exits(0).stdout.starts_with("doctor\t"));
}

#[test]
fn where_another_batch_is_first_on_path_the_script_starts_this_one() {
    let mut sandbox = Sandbox::empty();
    sandbox.write_script("../other/batch", "#!/bin/sh\nexit 9\n");
    let path = std::env::var_os("PATH").unwrap();
    let all = std::iter::once(sandbox.path("other")).chain(std::env::split_paths(&path));
    sandbox.set("PATH", std::env::join_paths(all).unwrap());
    let script = sandbox.batch(["completions", "bash"]).exits(0).stdout;
    assert!(script.contains(env!("CARGO_BIN_EXE_batch")), "{script}");
}

#[test]
fn each_command_has_a_page_of_the_manual_with_its_options_and_examples() {
    let sandbox = Sandbox::empty();
    let page = sandbox.batch(["man", "run"]).exits(0).stdout;
    for part in [
        ".TH batch-run 1",
        ".SH NAME",
        ".SH SYNOPSIS",
        "\\-\\-rewrite",
        ".SH EXAMPLES",
        ".nf",
    ] {
        assert!(page.contains(part), "no {part:?} in\n{page}");
    }
    assert!(
        sandbox
            .batch(["man"])
            .exits(0)
            .stdout
            .contains(".TH batch 1")
    );
    sandbox.batch(["man", "prs", "list"]).exits(0);
    sandbox
        .batch(["man", "nope"])
        .exits(2)
        .says("no command `nope`")
        .says("prs list");
    let folder = sandbox.path("man/man1");
    let args = ["man", "--dir", folder.to_str().unwrap()];
    sandbox.batch(args).exits(0);
    sandbox.batch(args).exits(0);
    let names: std::collections::BTreeSet<String> = std::fs::read_dir(&folder)
        .unwrap()
        .map(|entry| entry.unwrap().file_name().into_string().unwrap())
        .collect();
    for name in [
        "batch.1",
        "batch-run.1",
        "batch-doctor.1",
        "batch-prs-merge.1",
        "git-batch.1",
    ] {
        assert!(names.contains(name), "no {name} in {names:?}");
    }
    for name in &names {
        // What groff has to say of a page it says on standard error.
        let mut groff = sandbox.command("groff");
        groff
            .current_dir(sandbox.path("man"))
            .args(["-s", "-ww", "-man", "-Tutf8", "-P-cbou"]);
        let Ok(shown) = groff.arg(folder.join(name)).output() else {
            println!("skipped: no groff here");
            return;
        };
        let shown = ran(&shown).exits(0);
        assert_eq!(shown.stderr, "", "{name}");
        let command = name.trim_end_matches(".1").replace('-', " ");
        assert!(
            shown.stdout.contains("EXAMPLES"),
            "{name}: {}",
            shown.stdout
        );
        assert!(
            name == "git-batch.1" || shown.stdout.contains(&command),
            "{name}"
        );
    }
}

#[test]
fn git_finds_the_manual_of_its_own_batch() {
    let sandbox = installed(Sandbox::empty());
    let folder = sandbox.path("man/man1");
    sandbox
        .batch(["man", "--dir", folder.to_str().unwrap()])
        .exits(0);
    let mut git = sandbox.command("git");
    git.env("MANPATH", sandbox.path("man"))
        .env("MANPAGER", "cat")
        .args(["batch", "--help"]);
    if sandbox.command("man").arg("--version").output().is_err() {
        println!("skipped: no man here");
        return;
    }
    let shown = ran(&git.output().unwrap()).exits(0);
    assert!(shown.stdout.contains("Split one large change"), "{shown:?}");
}
