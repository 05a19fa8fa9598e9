//! What can be wrong with a request: nothing goes on, nobody of that name, nobody who listens.

use super::support::{WORK, Working, control, go, sandbox};
use crate::support::sandbox::Sandbox;

#[test]
fn where_no_run_goes_on_there_is_nothing_to_do() {
    let sandbox = Sandbox::frobs(2);
    let nothing = "Nothing to do: no run goes on in this repository.";
    sandbox.batch(["stop"]).exits(0).says(nothing);
    sandbox
        .rename_frob(&["--no-test", "--min-units=2"])
        .exits(0);
    let journal = sandbox.run_file("journal.jsonl");
    sandbox.batch(["stop"]).exits(0).says(nothing);
    let run = sandbox.report()["run"].as_str().unwrap().to_owned();
    sandbox
        .batch(["stop", "--run", &run])
        .exits(0)
        .says("does not go on; 2 of 2 units opened pull requests.");
    assert_eq!(journal, sandbox.run_file("journal.jsonl"));
}

#[test]
fn what_does_not_exist_is_refused_with_what_does() {
    let sandbox = sandbox(1, WORK);
    let run = Working::on(&sandbox, 1, &[], &["part0"]);
    let wrong = sandbox.batch(["stop", "part1"]).exits(2);
    wrong
        .says("has no unit `part1`")
        .says("did you mean `part0`?");
    sandbox.batch(["stop", "Part0"]).exits(2);
    let wrong = sandbox.batch(["stop", "--run", "nonsense"]).exits(2);
    wrong.says("no run `nonsense`");
    go(&sandbox, "go");
    run.ended().exits(0);
    let run = sandbox.report()["run"].as_str().unwrap().to_owned();
    let wrong = sandbox.batch(["stop", "part9", "--run", &run]).exits(2);
    wrong.says("did you mean `part0`?");
}

#[test]
fn a_run_of_another_name_goes_on_undisturbed() {
    let sandbox = sandbox(1, WORK);
    go(&sandbox, "go");
    Working::on(&sandbox, 1, &[], &["part0"]).ended().exits(0);
    let first = sandbox.report()["run"].as_str().unwrap().to_owned();
    std::fs::remove_file(sandbox.path("home/go")).unwrap();
    std::fs::remove_file(sandbox.path("home/at-part0")).unwrap();
    let second = Working::on(&sandbox, 1, &[], &["part0"]);
    let stop = sandbox.batch(["stop", "--run", &first]).exits(0);
    stop.says("does not go on");
    go(&sandbox, "go");
    second.ended().exits(0);
}

#[test]
fn a_run_whose_folder_takes_no_requests_says_so_and_goes_on() {
    let sandbox = sandbox(1, WORK);
    let run = Working::on(&sandbox, 1, &[], &["part0"]);
    sandbox.batch(["stop"]).exits(0);
    run.ended().exits(130);
    // A file is in the way of the folder in the next go at the run.
    let folder = control(&sandbox);
    std::fs::remove_dir(&folder).unwrap();
    std::fs::write(&folder, "in the way").unwrap();
    std::fs::remove_file(sandbox.path("home/at-part0")).unwrap();
    let again = Working::start(&sandbox, &["rerun"]);
    again.waits_for("at-part0");
    let stop = sandbox.batch(["stop"]).exits(4);
    stop.says("takes no requests").says("Ctrl-C");
    go(&sandbox, "go");
    let again = again.ended().exits(0);
    again.says("warning: `batch stop` will not reach this run, Ctrl-C does: opening ");
}
