//! What is typed: no description, one word, unknown options, no test, no yes, a forge that cannot be had.

use super::{CHANGE, refused, refused_saying, rewrite};
use crate::support::sandbox::Sandbox;

#[test]
fn a_change_needs_a_description() {
    let sandbox = Sandbox::frobs(5);
    for nothing in ["", " \n"] {
        refused_saying(
            &sandbox,
            &[nothing, "--rewrite", "s/a/b/"],
            2,
            "error: the change has no description\n\
             hint: say in a sentence what the change is: batch \"rename frob to frobnicate\" …",
        );
        refused(&sandbox, &["run", nothing, "--rewrite", "s/a/b/"], 2)
            .says("say in a sentence what the change is");
    }
}

#[test]
fn one_word_is_taken_for_a_mistyped_command() {
    let sandbox = Sandbox::frobs(5);
    refused_saying(
        &sandbox,
        &["rerum", "--rewrite", "s/a/b/"],
        2,
        "error: there is no command `rerum`\n\
         hint: did you mean `rerun`? a change of one word is written: batch run rerum",
    );
}

#[test]
fn an_unknown_option_is_named_with_the_one_most_like_it() {
    let sandbox = Sandbox::frobs(5);
    refused(&sandbox, &[CHANGE, "--rewite", "s/a/b/"], 2)
        .says("unexpected argument '--rewite'")
        .says("'--rewrite'");
}

#[test]
fn without_a_test_command_and_a_terminal_nothing_is_begun() {
    let sandbox = Sandbox::frobs(5);
    refused_saying(
        &sandbox,
        &rewrite(&["--yes"]),
        2,
        "error: there is no test command, and a unit is only delivered when its test passes\n\
         hint: give one with --test CMD, or do without by --no-test",
    );
    assert!(!sandbox.repo().join(".git/batch/plans").exists());
}

#[test]
fn without_a_terminal_and_a_yes_the_plan_is_saved_and_can_be_run() {
    let sandbox = Sandbox::frobs(5);
    let before = sandbox.users_own();
    let ran = sandbox.batch(rewrite(&["--no-test"])).exits(3);
    sandbox.is_untouched(&before);
    assert_eq!(sandbox.delivered().len(), 0);
    let plan = ".git/batch/plans/rename-frob-to-frobnicate.toml";
    assert!(
        ran.stderr.ends_with(&format!(
            "error: there is no terminal to ask on, so nothing was done\n\
             hint: pass --yes, or run the saved plan: batch apply {plan} --yes\n"
        )),
        "{}",
        ran.stderr
    );
    sandbox
        .batch(["apply", plan, "--yes", "--no-test"])
        .exits(0);
    assert_eq!(sandbox.delivered().len(), 5);
    sandbox.is_untouched(&before);
}

#[test]
fn a_server_that_pull_requests_cannot_be_opened_on_is_told_before_it_is_asked() {
    let sandbox = Sandbox::frobs(5);
    sandbox
        .batch([
            "plan",
            CHANGE,
            "--rewrite",
            "s/frob/x/",
            "--no-test",
            "-o",
            "../plan.toml",
        ])
        .exits(0);
    // Any way to a server would leave this file.
    let asked = sandbox.path("asked");
    let trap = format!("touch '{}'; exit 1; :", asked.display());
    sandbox.git(["config", "core.sshCommand", &trap]);
    sandbox.git(["config", "credential.helper", &format!("!{trap}")]);
    for (address, host) in [
        (
            "git@gitlab.example.invalid:x/y.git",
            "gitlab.example.invalid",
        ),
        (
            "https://git.example.invalid:8443/x/y",
            "git.example.invalid:8443",
        ),
    ] {
        sandbox.git(["remote", "set-url", "origin", address]);
        let said = format!(
            "error: the remote origin is at {host}, where this version cannot open pull requests\n\
             hint: --forge github says that it is a GitHub Enterprise Server; for another name of github.com, \
             say --repo github.com/OWNER/NAME\n\
             \x20 --forge local pushes the branches and keeps the pull requests in this repository; \
             `batch prs` shows and merges them"
        );
        refused_saying(&sandbox, &rewrite(&["--no-test", "--yes"]), 4, &said);
        refused_saying(&sandbox, &["apply", "../plan.toml", "--yes"], 4, &said);
    }
    for address in [
        "https://github.com/x/y.git",
        "git@github.com:x/y.git",
        "ssh://git@github.com:22/x/y",
    ] {
        sandbox.git(["remote", "set-url", "origin", address]);
        let refused = refused(&sandbox, &rewrite(&["--no-test", "--yes"]), 4);
        refused.says("error: no token for github.com: ");
    }
    assert!(!asked.exists());
    sandbox.git([
        "remote",
        "set-url",
        "origin",
        "git@gitlab.example.invalid:x/y.git",
    ]);
    refused(
        &sandbox,
        &rewrite(&["--no-test", "--yes", "--forge", "local"]),
        4,
    )
    .says("remote origin cannot be read");
    assert!(asked.exists(), "the trap does not work");
}

#[test]
fn a_branch_that_blocks_those_of_the_run_is_named() {
    let sandbox = Sandbox::frobs(5);
    sandbox.remote_git(["branch", "batch", "main"]);
    refused(&sandbox, &rewrite(&["--no-test", "--yes"]), 4)
        .says("error: branch `batch` on origin blocks `batch/rename-frob-to-frobnicate-")
        .says("\nhint: choose another --branch-prefix, or rename the branch that is there\n");
    sandbox
        .batch(rewrite(&["--no-test", "--yes", "--branch-prefix", "auto/"]))
        .exits(0);

    let alone = Sandbox::local(&[("a.txt", "frob\n")]);
    alone.git(["branch", "batch"]);
    refused(&alone, &rewrite(&["--no-test", "--yes"]), 4)
        .says("error: branch `batch` in this repository blocks `batch/");
}

#[test]
fn a_prefix_that_cannot_begin_a_branch_is_a_usage_error() {
    let sandbox = Sandbox::frobs(5);
    for prefix in [
        "foo..", "foo bar/", "/", "a//", ".x/", "x.lock/", "a~", "-x/",
    ] {
        let option = format!("--branch-prefix={prefix}");
        refused(&sandbox, &rewrite(&["--no-test", "--yes", &option]), 2)
            .says("cannot be a branch's name\nhint: choose another --branch-prefix");
    }
}
