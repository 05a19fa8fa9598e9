//! Runs that are not there, and journals that cannot be read: what the reading commands say, and that nothing is lost.

use super::support::{ended, tree};
use crate::support::sandbox::Sandbox;

#[test]
fn without_runs_or_repository_there_is_one_line_and_its_remedy() {
    let sandbox = Sandbox::local_frobs(1);
    for command in [&["status"][..], &["logs", "x"], &["report"]] {
        sandbox
            .batch(command)
            .exits(2)
            .says("error: this repository has no runs yet\nhint: begin one");
        let home = sandbox.path("home").display().to_string();
        sandbox
            .batch([&["-C", &home], command].concat())
            .exits(4)
            .says("not in a git repository\nhint: start in a checkout");
    }
    assert!(!sandbox.repo().join(".git/batch").exists());
}

#[test]
fn an_unknown_run_is_refused_with_those_like_it() {
    let sandbox = ended();
    let run = sandbox.report()["run"].as_str().unwrap().to_owned();
    let mistyped = format!("{}ffff", &run[..17]);
    for command in [
        &["status", &mistyped][..],
        &["report", &mistyped],
        &["logs", "src-part0", "--run", &mistyped],
    ] {
        sandbox
            .batch(command)
            .exits(2)
            .says(&format!("no run `{mistyped}`; there are {run}"));
    }
}

#[test]
fn a_journal_that_cannot_be_read_is_named_with_what_is_wrong_and_left_as_it_is() {
    let sandbox = ended();
    let journal = sandbox.repo().join(".git/batch/latest/journal.jsonl");
    let whole = std::fs::read_to_string(&journal).unwrap();
    let lines: Vec<&str> = whole.lines().collect();
    let damaged = [&lines[..3], &["{\"at\":\"20\u{0}"], &lines[3..]]
        .concat()
        .join("\n")
        + "\n";
    for (text, words) in [
        (
            whole.replacen("\"version\":1", "\"version\":7", 1),
            "format version 7 is newer than this program",
        ),
        (damaged, "line 4 is damaged"),
        (String::new(), "the journal is empty"),
        (
            lines[1].to_owned() + "\n",
            "does not begin with the run's start",
        ),
    ] {
        std::fs::write(&journal, text).unwrap();
        let before = tree(&sandbox.repo().join(".git"));
        for command in [&["status"][..], &["report"], &["logs", "src-part0"]] {
            let ran = sandbox
                .batch(command)
                .exits(4)
                .says(words)
                .says("journal.jsonl");
            assert_eq!(ran.stdout, "");
        }
        assert!(before == tree(&sandbox.repo().join(".git")));
    }
    // A line that was torn off is no damage: it was never acknowledged.
    std::fs::write(&journal, &whole[..whole.len() - 5]).unwrap();
    sandbox.batch(["status"]).exits(0);
    sandbox.batch(["list"]).exits(0);
}
