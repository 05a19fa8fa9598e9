//! What a guarded program finds around it.

use std::ffi::OsString;

use batch::adapters::commands::ShellCommands;
use batch::engine::ports::{CommandEnd, Commands, ShellCommand};

use super::support::Bench;

#[tokio::test]
async fn standard_input_is_empty() {
    let bench = Bench::new();
    let end = bench.logged("cat; test ! -t 0; echo read $?").await;
    assert_eq!(end, CommandEnd::Exited(0));
    assert_eq!(bench.log(), "read 0\n");
}

#[tokio::test]
async fn standard_input_can_be_given_even_much_of_it() {
    let bench = Bench::new();
    let invocation = bench.shell("wc -c").stdin(vec![b'x'; 1 << 20]);
    bench
        .processes
        .logged(&invocation, &bench.watch)
        .await
        .unwrap();
    assert_eq!(bench.log().trim(), "1048576");
}

#[test]
fn there_is_no_terminal_to_ask_on() {
    let guard = env!("CARGO_BIN_EXE_batch");
    let ask = "(exec cat </dev/tty) 2>/dev/null || echo nobody to ask";
    let text = format!("(: </dev/tty) && echo terminal is here; {guard} __guard -- sh -c \"$ASK\"");
    let mut command = std::process::Command::new("sh");
    command.args(["-c", &text]).env("ASK", ask);
    let mut terminal = rexpect::session::spawn_command(command, Some(10_000)).unwrap();
    terminal.exp_string("terminal is here").unwrap();
    terminal.exp_string("nobody to ask").unwrap();
}

#[tokio::test]
async fn the_variables_of_the_repository_we_were_started_in_are_not_inherited() {
    let bench = Bench::new();
    let env = [
        ("GIT_DIR", "/elsewhere/.git"),
        ("GIT_INDEX_FILE", "/elsewhere/index"),
        ("GIT_CONFIG_COUNT", "0"),
        ("GIT_AUTHOR_NAME", "Somebody"),
    ];
    let mut parent = bench.start_parent("process::environment::parent_in_a_hook", &env);
    assert!(parent.wait().unwrap().success());
    let expected = "GIT_AUTHOR_NAME=Somebody\nGIT_INDEX_FILE=/our/own\n";
    assert_eq!(bench.log(), expected.repeat(2));
}

#[tokio::test]
#[ignore = "the parent in `the_variables_of_the_repository_we_were_started_in_are_not_inherited`"]
async fn parent_in_a_hook() {
    let Some(bench) = Bench::as_parent() else {
        return;
    };
    let text = "env | grep -E '^GIT_(DIR|INDEX_FILE|CONFIG_COUNT|AUTHOR_NAME)=' | sort";
    let ours = bench.shell(text).env("GIT_INDEX_FILE", "/our/own");
    bench.processes.logged(&ours, &bench.watch).await.unwrap();
    let captured = bench
        .processes
        .capture(&ours, bench.watch.timeout, &bench.watch.stop)
        .await
        .unwrap();
    let captured = String::from_utf8(captured.stdout).unwrap();
    std::fs::write(&bench.watch.log, bench.log() + &captured).unwrap();
}

#[tokio::test]
async fn a_shell_command_runs_in_its_folder_with_its_variables_and_no_prompts() {
    let bench = Bench::new();
    let folder = tempfile::tempdir().unwrap();
    let command = ShellCommand {
        text: "pwd; echo \"$BATCH_UNIT $GIT_TERMINAL_PROMPT\"; exit 7".into(),
        cwd: folder.path().canonicalize().unwrap(),
        env: vec![("BATCH_UNIT".to_owned(), OsString::from("a b"))],
    };
    let end = ShellCommands::new(bench.processes.clone())
        .run(&command, &bench.watch)
        .await;
    assert_eq!(end.unwrap(), CommandEnd::Exited(7));
    assert_eq!(bench.log(), format!("{}\na b 0\n", command.cwd.display()));
}

#[tokio::test]
async fn the_git_of_a_command_starts_nothing_in_the_background() {
    let bench = Bench::new();
    let command = ShellCommand {
        text: "git config --bool gc.auto; git config --bool maintenance.auto".into(),
        cwd: std::env::temp_dir(),
        env: Vec::new(),
    };
    let end = ShellCommands::new(bench.processes.clone())
        .run(&command, &bench.watch)
        .await
        .unwrap();
    assert_eq!(end, CommandEnd::Exited(0));
    assert_eq!(bench.log(), "false\nfalse\n");
}
