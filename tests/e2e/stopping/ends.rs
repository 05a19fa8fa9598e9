//! The command of `--notify`, when a run has ended.

use rustix::process::Signal;
use serde_json::Value;

use super::support::{WORK, Working, sandbox};
use crate::agent_runs::support::alive;
use crate::support::sandbox::{Ran, Sandbox};

/// Keeps what it is given.
const KEEPS: &str =
    r#"cat > "$HOME/report.json"; echo "$BATCH_RUN $BATCH_EXIT_CODE $BATCH_REPORT" > "$HOME/told""#;

fn rename(sandbox: &Sandbox, more: &[&str]) -> Ran {
    let all = ["--min-units=2", "--max-units=2"];
    let all: Vec<&str> = all.iter().chain(more).copied().collect();
    sandbox.rename_frob(&all)
}

/// What the command was told: run, exit code, and the report's path.
fn told(sandbox: &Sandbox) -> Vec<String> {
    let told = std::fs::read_to_string(sandbox.path("home/told")).unwrap();
    told.split_whitespace().map(str::to_owned).collect()
}

#[test]
fn it_is_given_the_report_of_a_run_that_ended_well_or_badly() {
    for (test, code) in [("true", 0), (r#"[ -z "${BATCH_UNIT-}" ]"#, 1)] {
        let sandbox = Sandbox::frobs(2);
        let ran = rename(&sandbox, &["--test", test, "--notify", KEEPS]);
        let ran = ran.exits(code);
        assert!(!ran.stderr.contains("--notify"), "{}", ran.stderr);
        let given = std::fs::read_to_string(sandbox.path("home/report.json")).unwrap();
        assert_eq!(given, sandbox.run_file("report.json"));
        let report: Value = serde_json::from_str(&given).unwrap();
        assert_eq!(report["exit_code"], code);
        let told = told(&sandbox);
        assert_eq!(report["run"], told[0].as_str());
        assert_eq!(told[1], code.to_string());
        let shown = std::fs::read_to_string(&told[2]).unwrap();
        assert_eq!(shown, sandbox.run_file("report.md"));
    }
}

#[test]
fn it_is_run_for_an_interrupted_run_and_for_a_rerun() {
    let sandbox = sandbox(1, WORK);
    let run = Working::on(&sandbox, 1, &["--notify", KEEPS], &["part0"]);
    run.signal(Signal::INT);
    run.ended().exits(130);
    assert_eq!(told(&sandbox)[1], "130");
    std::fs::write(sandbox.path("home/go"), "").unwrap();
    sandbox.batch(["rerun", "--notify", KEEPS]).exits(0);
    assert_eq!(told(&sandbox)[1], "0");
}

#[test]
fn one_that_fails_is_a_warning_and_its_words_are_in_a_log() {
    let sandbox = Sandbox::frobs(2);
    let notify = "echo out of paper; echo sorry >&2; exit 7";
    let ran = rename(
        &sandbox,
        &["--no-test", "--format=json", "--notify", notify],
    );
    let ran = ran.exits(0);
    let last = ran.stdout.lines().last().unwrap();
    assert!(last.contains(r#""event":"run-ended""#), "{last}");
    ran.says("warning: the command of --notify failed with exit code 7 (log: ");
    let log = sandbox.run_file("logs/notify.log");
    assert!(
        log.contains("out of paper") && log.contains("sorry"),
        "{log}"
    );
}

#[test]
fn one_that_hangs_is_ended_by_ctrl_c_and_the_run_has_ended_all_the_same() {
    let sandbox = sandbox(1, WORK);
    std::fs::write(sandbox.path("home/go"), "").unwrap();
    let hangs = r#"trap '' INT TERM; : > "$HOME/hanging"; sleep 5001; sleep 5002"#;
    let run = Working::on(&sandbox, 1, &["--notify", hangs], &["part0"]);
    run.waits_for("hanging");
    assert_eq!(sandbox.report()["exit_code"], 0);
    run.signal(Signal::INT);
    run.ended().exits(0);
    assert_eq!(alive(&sandbox), [""; 0]);
}

#[test]
fn a_repository_cannot_have_one_run() {
    let sandbox = Sandbox::frobs(2);
    sandbox.write("batch.toml", "notify = \": > $HOME/told\"\n");
    let ran = rename(&sandbox, &["--no-test"]).exits(2);
    ran.says("cannot be given by a repository");
    assert!(!sandbox.path("home/told").exists());
    // The user's own settings may.
    std::fs::remove_file(sandbox.repo().join("batch.toml")).unwrap();
    sandbox.own_settings(&format!("notify = '''{KEEPS}'''\n"));
    rename(&sandbox, &["--no-test"]).exits(0);
    assert_eq!(told(&sandbox)[1], "0");
}
