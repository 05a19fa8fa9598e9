//! Ctrl-C, signals and sudden death in the middle of a run, and how it is taken up again.
//!
//! Everything that a sandbox's programs start carries its home folder in the environment: so leftovers are found.

use std::collections::BTreeMap;
use std::path::PathBuf;
use std::process::{Child, Stdio};
use std::thread;
use std::time::{Duration, Instant};

use rustix::process::{Pid, Signal, kill_process};

use crate::support::sandbox::{Ran, Sandbox, ran};
use crate::support::terminal::{Terminal, key};

/// How long something may take before the test gives up.
const PATIENCE: Duration = Duration::from_secs(60);

/// A change of three units, two of them at the same time.
const CHANGE: &[&str] = &[
    "rename frob to frobnicate",
    "--rewrite",
    r"s/\bfrob\b/frobnicate/g",
    "--min-units=3",
    "--max-units=3",
    "--jobs=2",
    "--test-jobs=2",
    "--test=sh \"$HOME/test.sh\"",
    "--yes",
];

/// A test that leaves its name, and then sleeps until it is ended or `$HOME/go` is there. What it starts behind itself
/// has left its group and session.
const SLEEPS: &str = r#"
setsid sleep 1000 >/dev/null 2>&1 &
: > "$HOME/test-${BATCH_UNIT-base}"
while [ ! -e "$HOME/go" ]; do sleep 0.05; done
kill $!
"#;

/// The same, but it sleeps for units only.
fn sleeps_for_units() -> String {
    format!("[ -n \"${{BATCH_UNIT-}}\" ] || exit 0\n{SLEEPS}")
}

fn frobs(test: &str) -> Sandbox {
    let sandbox = Sandbox::frobs(3);
    sandbox.write("../home/test.sh", test);
    sandbox
}

/// Starts a run, and waits until all these are in its home folder.
#[track_caller]
fn started(sandbox: &Sandbox, marks: &[&str]) -> Child {
    let child = sandbox
        .batch_command()
        .args(CHANGE)
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap();
    wait_for_marks(sandbox, marks);
    child
}

#[track_caller]
fn wait_for_marks(sandbox: &Sandbox, marks: &[&str]) {
    let paths: Vec<PathBuf> = marks
        .iter()
        .map(|mark| sandbox.path("home").join(mark))
        .collect();
    until("the marks are there", || {
        paths.iter().all(|path| path.exists())
    });
}

#[track_caller]
fn until(what: &str, reached: impl Fn() -> bool) {
    let limit = Instant::now() + PATIENCE;
    while !reached() {
        assert!(Instant::now() < limit, "not reached: {what}");
        thread::sleep(Duration::from_millis(10));
    }
}

fn signal(child: &Child, signal: Signal) {
    let pid = Pid::from_raw(i32::try_from(child.id()).unwrap()).unwrap();
    kill_process(pid, signal).unwrap();
}

fn ended(child: Child) -> Ran {
    ran(&child.wait_with_output().unwrap())
}

/// The command lines of the sandbox's processes that are alive.
#[cfg(target_os = "linux")]
fn alive(sandbox: &Sandbox) -> Vec<String> {
    let entry = format!("HOME={}", sandbox.path("home").display());
    std::fs::read_dir("/proc")
        .unwrap()
        .filter_map(|process| {
            let process = process.unwrap().path();
            let environ = std::fs::read(process.join("environ")).ok()?;
            environ
                .split(|&byte| byte == 0)
                .any(|variable| variable == entry.as_bytes())
                .then(|| std::fs::read(process.join("cmdline")).unwrap_or_default())
        })
        .map(|line| String::from_utf8_lossy(&line).replace('\0', " "))
        .collect()
}

#[cfg(not(target_os = "linux"))]
fn alive(_: &Sandbox) -> Vec<String> {
    Vec::new()
}

/// Insists that nothing of the run is left but what it is meant to leave.
#[track_caller]
fn left_clean(sandbox: &Sandbox) {
    assert_eq!(alive(sandbox), Vec::<String>::new());
    // The one who made the cache folder may be dead, and nobody else knows that it was not the person's own.
    let _ = std::fs::remove_dir(sandbox.path("cache/batch"));
    sandbox.has_no_worktree_left();
}

/// Lets the tests pass, takes the last run up again, and insists that each unit has one pull request then.
#[track_caller]
fn finishes_when_taken_up_again(sandbox: &Sandbox) {
    std::fs::write(sandbox.path("home/go"), "").unwrap();
    sandbox.batch(["rerun"]).exits(0);
    has_one_pull_request_for_each_unit(sandbox);
    left_clean(sandbox);
    // There is nothing more to do, and nothing more is done.
    let journal = sandbox.run_file("journal.jsonl");
    sandbox.batch(["rerun"]).exits(0).says("Nothing to do");
    assert_eq!(journal, sandbox.run_file("journal.jsonl"));
}

#[track_caller]
fn has_one_pull_request_for_each_unit(sandbox: &Sandbox) {
    assert!(sandbox.outcomes().values().all(|end| end == "opened"));
    let listed = sandbox
        .batch(["prs", "list", "--format", "json"])
        .exits(0)
        .stdout;
    let listed: serde_json::Value = serde_json::from_str(&listed).unwrap();
    let mut units = BTreeMap::new();
    for pull in listed.as_array().unwrap() {
        let unit = pull["unit"].as_str().unwrap().to_owned();
        assert_eq!(
            Some(pull["head_commit"].as_str().unwrap()),
            sandbox.delivered().get(&unit).map(String::as_str)
        );
        *units.entry(unit).or_insert(0) += 1;
    }
    assert_eq!(units.len(), 3);
    assert!(units.values().all(|&count| count == 1), "{units:?}");
}

#[test]
fn ctrl_c_while_the_base_is_tested_starts_no_unit() {
    let sandbox = frobs(SLEEPS);
    let before = sandbox.users_own();
    let child = started(&sandbox, &["test-base"]);
    signal(&child, Signal::INT);
    let ran = ended(child).exits(130);
    assert!(ran.stdout.contains("batch resume"), "{}", ran.stdout);
    left_clean(&sandbox);
    assert!(sandbox.outcomes().values().all(|end| end == "cancelled"));
    sandbox.is_untouched(&before);
    finishes_when_taken_up_again(&sandbox);
}

#[test]
fn ctrl_c_while_units_are_tested_keeps_their_edits() {
    let sandbox = frobs(&sleeps_for_units());
    let before = sandbox.users_own();
    let child = started(&sandbox, &["test-src-part0", "test-src-part1"]);
    signal(&child, Signal::INT);
    let ran = ended(child).exits(130);
    let ran = ran.says("stopping: ending 2 workers; press Ctrl-C again to kill");
    assert!(ran.stdout.contains("batch resume"), "{}", ran.stdout);
    left_clean(&sandbox);
    assert!(sandbox.delivered().is_empty());

    let report = sandbox.report();
    assert_eq!(report["exit_code"], 130);
    assert_eq!(report["summary"]["cancelled"], 3);
    let run = report["run"].as_str().unwrap();
    for (unit, number) in [("src-part0", 0), ("src-part1", 1)] {
        let reference = format!("refs/batch/{run}/{unit}/attempt-1");
        let file = format!("{reference}:src/part{number}/one.txt");
        assert!(sandbox.git(["show", &file]).contains("frobnicate"));
        assert!(sandbox.run_file("failures.md").contains(&reference));
    }
    sandbox.is_untouched(&before);
    finishes_when_taken_up_again(&sandbox);
}

#[test]
fn ctrl_c_during_a_push_ends_the_hook_and_opens_nothing_twice() {
    let sandbox = frobs("exit 0");
    // The right to push is asked for before the first test, and not to be held up.
    sandbox.write_script(
        ".git/hooks/pre-push",
        r#"#!/bin/sh
        grep -q refs/heads/batch/ || exit 0
        [ -e "$HOME/tested" ] || exit 0
        : > "$HOME/pushing"
        while [ ! -e "$HOME/go" ]; do sleep 0.05; done
        "#,
    );
    sandbox.write(
        "../home/test.sh",
        "[ -z \"${BATCH_UNIT-}\" ] || : > \"$HOME/tested\"",
    );
    let child = started(&sandbox, &["pushing"]);
    signal(&child, Signal::INT);
    ended(child).exits(130);
    left_clean(&sandbox);
    assert!(sandbox.delivered().is_empty());
    finishes_when_taken_up_again(&sandbox);
}

#[test]
fn ctrl_c_while_the_remote_is_asked_changes_nothing() {
    let sandbox = frobs("exit 0");
    sandbox.write_script(
        "../home/upload-pack",
        "#!/bin/sh\n: > \"$HOME/asking\"\nsleep 1000\n",
    );
    let script = sandbox.path("home/upload-pack");
    sandbox.git([
        "config",
        "remote.origin.uploadpack",
        script.to_str().unwrap(),
    ]);
    let before = sandbox.users_own();
    let child = started(&sandbox, &["asking"]);
    signal(&child, Signal::INT);
    ended(child).exits(130).says("nothing was changed");
    until("all are gone", || alive(&sandbox).is_empty());
    sandbox.is_untouched(&before);
}

#[test]
fn ctrl_c_during_research_changes_nothing() {
    let sandbox = frobs("exit 0");
    // What is uncommitted is read through the repository's filters, and this one takes its time.
    sandbox.write(".gitattributes", "*.txt filter=slow\n");
    sandbox.commit_and_push("a filter");
    sandbox.git([
        "config",
        "filter.slow.clean",
        "cat; [ -e \"$HOME/fast\" ] || { : > \"$HOME/filtering\"; sleep 1000; }",
    ]);
    sandbox.write("src/part0/one.txt", "call frobnicate(0)\n");
    // The index's times must not make git filter the other files.
    let before = sandbox.users_own();
    let child = sandbox
        .batch_command()
        .args([
            "rename frob to frobnicate",
            "--from=worktree",
            "--no-test",
            "--yes",
        ])
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap();
    wait_for_marks(&sandbox, &["filtering"]);
    signal(&child, Signal::INT);
    ended(child).exits(130).says("nothing was changed");
    until("all are gone", || alive(&sandbox).is_empty());
    sandbox.is_untouched(&before);
}

#[test]
fn a_second_ctrl_c_kills_what_does_not_want_to_end() {
    let sandbox = frobs(
        r#"[ -n "${BATCH_UNIT-}" ] || exit 0
        trap ': > "$HOME/deaf"' TERM
        : > "$HOME/test-$BATCH_UNIT"
        while [ ! -e "$HOME/go" ]; do sleep 0.05; done"#,
    );
    let child = started(&sandbox, &["test-src-part0"]);
    signal(&child, Signal::INT);
    wait_for_marks(&sandbox, &["deaf"]);
    signal(&child, Signal::INT);
    let ran = ended(child).exits(130);
    assert!(ran.stdout.contains("batch resume"), "{}", ran.stdout);
    left_clean(&sandbox);
    finishes_when_taken_up_again(&sandbox);
}

#[test]
fn sigterm_and_a_lost_terminal_stop_a_run_as_ctrl_c_does() {
    for wish in [Signal::TERM, Signal::HUP] {
        let sandbox = frobs(&sleeps_for_units());
        let child = started(&sandbox, &["test-src-part0", "test-src-part1"]);
        signal(&child, wish);
        ended(child).exits(130);
        left_clean(&sandbox);
    }
}

#[test]
fn ctrl_c_at_the_terminal_leaves_it_as_it_was() {
    let sandbox = frobs(&sleeps_for_units());
    let mut terminal = Terminal::start(&sandbox.at_terminal(CHANGE));
    wait_for_marks(&sandbox, &["test-src-part0", "test-src-part1"]);
    terminal.types(key::CTRL_C);
    terminal.sees("press Ctrl-C again to kill");
    let left = terminal.ends().exits(130);
    let left = left.shows("interrupted: none of 3 units opened a pull request, 3 cancelled");
    left.shows("batch resume");
    left_clean(&sandbox);
    finishes_when_taken_up_again(&sandbox);
}

#[test]
fn after_a_sudden_death_nothing_lives_on_and_the_run_is_taken_up_again() {
    let sandbox = frobs(&sleeps_for_units());
    let before = sandbox.users_own();
    let child = started(&sandbox, &["test-src-part0", "test-src-part1"]);
    signal(&child, Signal::KILL);
    assert_eq!(ended(child).code, None);
    until("all are gone", || alive(&sandbox).is_empty());
    finishes_when_taken_up_again(&sandbox);
    sandbox.is_untouched(&before);
    // What the killed attempts had edited is kept, beside what the new ones delivered.
    for unit in ["src-part0", "src-part1"] {
        let kept = sandbox.git([
            "for-each-ref",
            "--format=%(refname)",
            &format!("refs/batch/*/{unit}/attempt-1"),
        ]);
        assert_eq!(kept.lines().count(), 1, "{unit}: {kept}");
        let file = format!("{kept}:src/{}/one.txt", unit.trim_start_matches("src-"));
        assert!(
            sandbox.git(["show", &file]).contains("frobnicate"),
            "{unit}"
        );
    }
}

#[test]
fn a_death_after_the_last_unit_is_made_good_by_a_rerun() {
    let sandbox = frobs("exit 0");
    let before = sandbox.users_own();
    sandbox.batch(CHANGE).exits(0);
    // As it is when the process dies between the end of its last unit and its own.
    let latest = sandbox.repo().join(".git/batch/latest");
    let run = std::fs::read_link(&latest).unwrap();
    let run = run.file_name().unwrap().to_str().unwrap().to_owned();
    let journal = sandbox.run_file("journal.jsonl");
    let (kept, end) = journal.trim_end().rsplit_once('\n').unwrap();
    assert!(end.contains("run-ended"), "{end}");
    std::fs::write(latest.join("journal.jsonl"), format!("{kept}\n")).unwrap();
    std::fs::remove_file(latest.join("report.json")).unwrap();
    let suffix = run.rsplit_once('-').unwrap().1;
    let left = sandbox.path(&format!("cache/batch/some/{run}/{suffix}-1-00dead"));
    let left = left.to_str().unwrap();
    sandbox.git(["worktree", "add", "-q", "--detach", "--lock", left]);

    let again = sandbox.batch(["rerun"]).exits(0).says("cut off");
    assert!(again.stdout.contains("3 of 3 units"), "{}", again.stdout);
    assert_eq!(sandbox.report()["summary"]["opened"], 3);
    has_one_pull_request_for_each_unit(&sandbox);
    left_clean(&sandbox);
    sandbox.is_untouched(&before);
    sandbox.batch(["rerun"]).exits(0).says("Nothing to do");
}

#[test]
fn the_worktrees_of_a_dead_run_are_found_in_the_folder_that_it_was_told() {
    let sandbox = frobs(&sleeps_for_units());
    let before = sandbox.users_own();
    let elsewhere = sandbox.path("elsewhere");
    let child = sandbox
        .batch_command()
        .args(CHANGE)
        .arg("--worktrees")
        .arg(&elsewhere)
        .stdout(Stdio::null())
        .stderr(Stdio::null())
        .spawn()
        .unwrap();
    wait_for_marks(&sandbox, &["test-src-part0", "test-src-part1"]);
    signal(&child, Signal::KILL);
    ended(child);
    until("all are gone", || alive(&sandbox).is_empty());

    finishes_when_taken_up_again(&sandbox);
    sandbox.is_untouched(&before);
    let left = std::fs::read_dir(&elsewhere).unwrap();
    assert_eq!(left.count(), 0);
    for unit in ["src-part0", "src-part1"] {
        let kept = sandbox.refs(&format!("refs/batch/*/{unit}/attempt-1"));
        assert_eq!(kept.len(), 1, "{unit}");
    }
}

#[test]
fn the_worktrees_of_a_dead_run_do_not_disturb_the_next_one() {
    let sandbox = frobs(&sleeps_for_units());
    let child = started(&sandbox, &["test-src-part0", "test-src-part1"]);
    signal(&child, Signal::KILL);
    ended(child);
    let dead = std::fs::read_link(sandbox.repo().join(".git/batch/latest")).unwrap();
    let dead = dead.file_name().unwrap().to_str().unwrap().to_owned();
    std::fs::write(sandbox.path("home/go"), "").unwrap();

    sandbox.batch(CHANGE).exits(0);
    has_one_pull_request_for_each_unit(&sandbox);

    // The dead one can still be taken up: its branches are its own.
    sandbox.batch(["rerun", &dead]).exits(0);
    let listed = sandbox.batch(["prs", "list", "--all", "--format=json"]);
    let listed: serde_json::Value = serde_json::from_str(&listed.exits(0).stdout).unwrap();
    assert_eq!(listed.as_array().unwrap().len(), 6);
    left_clean(&sandbox);
}

#[test]
fn a_worktree_whose_making_was_killed_does_not_keep_the_next_run_from_fetching() {
    let sandbox = frobs("exit 0");
    // As git leaves it between two of its steps.
    let half = sandbox.path("cache/half");
    let half = half.to_str().unwrap();
    let add = ["worktree", "add", "-q", "--detach", "--no-checkout"];
    let lock = ["--lock", "--reason", "in use by batch", half];
    sandbox.git(add.iter().chain(&lock));
    sandbox.write(".git/worktrees/half/HEAD", format!("{}\n", "0".repeat(40)));
    std::fs::remove_dir_all(half).unwrap();
    // There is something to fetch.
    let elsewhere = sandbox.path("elsewhere");
    let elsewhere = elsewhere.to_str().unwrap();
    sandbox.remote_git(["clone", "-q", ".", elsewhere]);
    sandbox.git([
        "-C",
        elsewhere,
        "commit",
        "-q",
        "--allow-empty",
        "-m",
        "more",
    ]);
    sandbox.git(["-C", elsewhere, "push", "-q", "origin", "HEAD:main"]);

    sandbox.batch(CHANGE).exits(0);
    left_clean(&sandbox);
}
