//! `batch clean`: what is removed of finished runs, what is kept, and that no work is lost.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::thread;
use std::time::{Duration, Instant};

use serde_json::Value;

use crate::support::sandbox::{Ran, Sandbox};

/// How long something may take before the test gives up.
const PATIENCE: Duration = Duration::from_secs(60);

/// Runs with three units.
fn run(sandbox: &Sandbox, more: &[&str]) -> Ran {
    let three = ["--paths=src/**", "--min-units=3", "--max-units=3"];
    sandbox.rename_frob(&[&three, more].concat())
}

/// Runs with three units, of which `src-part1` fails.
fn failing(sandbox: &Sandbox) {
    let test = "! grep -rq frobnicate src/part1";
    run(sandbox, &["--test", test]).exits(1);
}

fn merge_all(sandbox: &Sandbox) {
    sandbox.batch(["prs", "merge", "--all"]).exits(0);
}

fn cleaned(sandbox: &Sandbox, more: &[&str]) -> Value {
    let all = ["clean", "--format", "json"].iter().chain(more);
    let ran = sandbox.batch(all).exits(0);
    serde_json::from_str(&ran.stdout).unwrap()
}

fn run_folders(sandbox: &Sandbox) -> Vec<PathBuf> {
    let runs = fs::read_dir(sandbox.repo().join(".git/batch/runs"));
    let entries = runs.into_iter().flatten();
    entries.map(|entry| entry.unwrap().path()).collect()
}

fn batch_refs(sandbox: &Sandbox) -> Vec<String> {
    sandbox.refs("refs/batch/")
}

fn why(document: &Value) -> Vec<String> {
    let kept = document["kept"].as_array().unwrap().iter();
    kept.map(|kept| kept["why"].as_str().unwrap().to_owned())
        .collect()
}

/// Makes the last run one that was cut off: its journal ends after its first `lines`.
fn cut_off(sandbox: &Sandbox, keep: impl Fn(&str) -> bool) {
    let path = sandbox.repo().join(".git/batch/latest/journal.jsonl");
    let text = fs::read_to_string(&path).unwrap();
    let kept = text.split_inclusive('\n').filter(|line| keep(line));
    fs::write(path, kept.collect::<String>()).unwrap();
}

/// A worktree as the pool makes them, of the last run, in the cache folder.
fn left_worktree(sandbox: &Sandbox, slot: usize) -> PathBuf {
    let run = sandbox.report()["run"].as_str().unwrap().to_owned();
    let pool = sandbox.path("cache/batch/repo-00000000").join(&run);
    fs::create_dir_all(&pool).unwrap();
    let path = pool.join(format!("{}-{slot}-00ff00", &run[17..]));
    let base = sandbox.report()["base"]["commit"]
        .as_str()
        .unwrap()
        .to_owned();
    sandbox.git([
        "worktree",
        "add",
        "-q",
        "--detach",
        "--lock",
        "--reason",
        "in use by batch",
        path.to_str().unwrap(),
        &base,
    ]);
    path
}

#[test]
fn after_the_merge_nothing_of_a_run_is_left_and_latest_does_not_dangle() {
    let sandbox = Sandbox::frobs(3);
    run(&sandbox, &["--no-test"]).exits(0);
    merge_all(&sandbox);
    let before = sandbox.users_own();
    let remote = sandbox.remote_git(["for-each-ref"]);
    assert!(!batch_refs(&sandbox).is_empty());

    let planned = cleaned(&sandbox, &["--dry-run"]);
    assert_eq!(planned["dry_run"], true);
    assert_eq!(run_folders(&sandbox).len(), 1);
    let done = cleaned(&sandbox, &[]);
    assert_eq!(done["removed"], planned["removed"]);
    assert_eq!(why(&done), [""; 0]);

    assert!(run_folders(&sandbox).is_empty());
    assert_eq!(batch_refs(&sandbox), [""; 0]);
    assert!(!sandbox.repo().join(".git/batch/latest").is_symlink());
    assert_eq!(remote, sandbox.remote_git(["for-each-ref"]));
    sandbox.is_untouched(&before);
    sandbox.has_no_worktree_left();
    sandbox
        .batch(["clean"])
        .exits(0)
        .says("Nothing to clean up.");
}

#[test]
fn a_dry_run_writes_nothing() {
    let sandbox = Sandbox::frobs(3);
    run(&sandbox, &["--no-test"]).exits(0);
    merge_all(&sandbox);
    let worktree = left_worktree(&sandbox, 1);
    fs::write(worktree.join("src/part0/one.txt"), "mine\n").unwrap();
    let before = (
        sandbox.users_own(),
        batch_refs(&sandbox),
        run_folders(&sandbox),
    );
    let ran = sandbox.batch(["clean", "--dry-run", "--force"]).exits(0);
    assert!(ran.stdout.contains("Would be removed:"), "{}", ran.stdout);
    let after = (
        sandbox.users_own(),
        batch_refs(&sandbox),
        run_folders(&sandbox),
    );
    assert!(before == after);
    assert!(worktree.exists());
}

#[test]
fn a_run_with_open_pull_requests_stays_until_they_are_merged_or_it_is_let_go() {
    let sandbox = Sandbox::frobs(3);
    run(&sandbox, &["--no-test"]).exits(0);
    let kept = cleaned(&sandbox, &[]);
    assert_eq!(kept["removed"].as_array().unwrap().len(), 0);
    assert_eq!(why(&kept), ["pull requests #1, #2 and #3 are open"]);
    sandbox.batch(["prs", "list"]).exits(0);

    let delivered = sandbox.delivered();
    cleaned(&sandbox, &["--force"]);
    assert!(run_folders(&sandbox).is_empty());
    assert_eq!(batch_refs(&sandbox), [""; 0]);
    assert_eq!(sandbox.delivered(), delivered);
    let all = sandbox.batch(["prs", "list", "--all"]).exits(0);
    assert_eq!(all.stdout.matches(" open ").count(), 3, "{}", all.stdout);
}

#[test]
fn without_a_remote_a_branch_goes_once_it_is_merged_and_never_before() {
    let sandbox = Sandbox::local_frobs(3);
    sandbox.git(["checkout", "-q", "-b", "mine"]);
    run(&sandbox, &["--no-test", "--base=main"]).exits(0);
    sandbox.batch(["prs", "merge", "1"]).exits(0);
    sandbox.batch(["prs", "close", "2"]).exits(0);
    let branches = || sandbox.refs("refs/heads/batch/").len();
    assert_eq!(branches(), 3);
    cleaned(&sandbox, &[]);
    assert_eq!(branches(), 3);
    let forced = cleaned(&sandbox, &["--force"]);
    // The merged one is on main; of the others, one is closed and one open.
    assert_eq!(branches(), 2);
    let only_here = why(&forced);
    assert!(
        only_here
            .iter()
            .all(|why| why == "its commit is nowhere else"),
        "{only_here:?}"
    );
    assert_eq!(only_here.len(), 4);
}

#[test]
fn a_branch_that_is_checked_out_stays() {
    let sandbox = Sandbox::local_frobs(3);
    sandbox.git(["checkout", "-q", "-b", "mine"]);
    run(&sandbox, &["--no-test", "--base=main"]).exits(0);
    merge_all(&sandbox);
    let branch = sandbox.unit("src-part0")["branch"]
        .as_str()
        .unwrap()
        .to_owned();
    sandbox.git(["checkout", "-q", &branch]);
    let done = cleaned(&sandbox, &[]);
    let words = format!("it is checked out in {}", sandbox.repo().display());
    assert_eq!(why(&done), [words]);
    assert_eq!(sandbox.refs("refs/heads/batch/").len(), 1);
    assert_eq!(sandbox.git(["rev-parse", "--abbrev-ref", "HEAD"]), branch);
}

#[test]
fn commits_that_the_remote_lost_are_kept_and_those_that_others_built_on_are_not() {
    let sandbox = Sandbox::frobs(3);
    run(&sandbox, &["--no-test"]).exits(0);
    let delivered = sandbox.delivered();
    for number in ["1", "2", "3"] {
        sandbox.batch(["prs", "close", number]).exits(0);
    }
    let branch = |unit: &str| sandbox.unit(unit)["branch"].as_str().unwrap().to_owned();
    sandbox.remote_git(["branch", "-q", "-D", &branch("src-part0")]);
    // Somebody rebased one branch away, and put a commit on top of another that was fetched here.
    sandbox.remote_git([
        "update-ref",
        &format!("refs/heads/{}", branch("src-part1")),
        "main",
    ]);
    sandbox.git(["fetch", "-q", "origin"]);
    sandbox.git(["checkout", "-q", "--detach", &delivered["src-part2"]]);
    sandbox.git(["commit", "-q", "--allow-empty", "-m", "on top"]);
    sandbox.git([
        "push",
        "-q",
        "origin",
        &format!("HEAD:{}", branch("src-part2")),
    ]);

    let kept = cleaned(&sandbox, &[]);
    assert_eq!(why(&kept), ["2 commits are on no branch but their own"]);
    cleaned(&sandbox, &["--force"]);
    let left = batch_refs(&sandbox);
    let names: Vec<&str> = left
        .iter()
        .filter_map(|name| name.rsplit('/').nth(1))
        .collect();
    assert_eq!(names, ["src-part0", "src-part1"]);
    sandbox.git(["cat-file", "-e", &delivered["src-part0"]]);
}

#[test]
fn offline_everything_is_kept_that_cannot_be_proven_to_be_there() {
    let sandbox = Sandbox::frobs(3);
    run(&sandbox, &["--no-test"]).exits(0);
    for number in ["1", "2", "3"] {
        sandbox.batch(["prs", "close", number]).exits(0);
    }
    fs::rename(sandbox.path("remote.git"), sandbox.path("away.git")).unwrap();
    let kept = cleaned(&sandbox, &["--force"]);
    assert_eq!(batch_refs(&sandbox).len(), 3, "the commits");
    for why in why(&kept) {
        assert!(
            why.starts_with("whether the remote has its commits is not known: "),
            "{why}"
        );
    }
    fs::rename(sandbox.path("away.git"), sandbox.path("remote.git")).unwrap();
    // Of a run that was let go, what the remote has needs no force.
    cleaned(&sandbox, &[]);
    assert_eq!(batch_refs(&sandbox), [""; 0]);
}

#[test]
fn the_edits_of_a_failed_attempt_stay_with_force_too() {
    let sandbox = Sandbox::frobs(3);
    failing(&sandbox);
    let kept = cleaned(&sandbox, &[]);
    assert_eq!(why(&kept), ["1 of 3 units is not done"]);
    let command = kept["kept"][0]["command"].as_str().unwrap();
    assert!(command.starts_with("batch rerun 2"), "{command}");
    assert_eq!(run_folders(&sandbox).len(), 1);

    let forced = cleaned(&sandbox, &["--force"]);
    assert_eq!(why(&forced), ["edits that were never pushed"]);
    assert!(run_folders(&sandbox).is_empty());
    let left = batch_refs(&sandbox);
    assert_eq!(left.len(), 1);
    assert!(left[0].ends_with("/src-part1/attempt-1"), "{left:?}");
    let edited = sandbox.git(["show", &format!("{}:src/part1/one.txt", left[0])]);
    assert!(edited.contains("frobnicate"), "{edited}");
}

#[test]
fn a_worktree_with_edits_stays_and_force_keeps_them_in_a_ref_first() {
    let sandbox = Sandbox::frobs(3);
    run(&sandbox, &["--no-test"]).exits(0);
    merge_all(&sandbox);
    let (edited, clean) = (left_worktree(&sandbox, 1), left_worktree(&sandbox, 2));
    fs::write(edited.join("src/part0/one.txt"), "by hand\n").unwrap();
    fs::write(edited.join("new.txt"), "untracked\n").unwrap();

    let kept = cleaned(&sandbox, &[]);
    assert_eq!(
        why(&kept),
        [
            "it holds edits that are nowhere else",
            "1 worktree of it stays"
        ]
    );
    assert!(edited.exists() && !clean.exists());
    let forced = cleaned(&sandbox, &["--force"]);
    let reference = forced["saved"][0]["ref"].as_str().unwrap();
    assert_eq!(
        sandbox.git(["show", &format!("{reference}:new.txt")]),
        "untracked"
    );
    assert_eq!(
        sandbox.git(["show", &format!("{reference}:src/part0/one.txt")]),
        "by hand"
    );
    assert!(!edited.exists());
    assert!(run_folders(&sandbox).is_empty());
    assert_eq!(sandbox.git(["worktree", "list"]).lines().count(), 1);
}

#[test]
fn a_commit_that_was_made_in_a_worktree_is_kept() {
    let sandbox = Sandbox::frobs(3);
    run(&sandbox, &["--no-test"]).exits(0);
    merge_all(&sandbox);
    let worktree = left_worktree(&sandbox, 1);
    fs::write(worktree.join("new.txt"), "mine\n").unwrap();
    let git = |args: &[&str]| sandbox.git([&["-C", worktree.to_str().unwrap()], args].concat());
    git(&["add", "."]);
    git(&["commit", "-q", "-m", "by hand"]);
    let commit = git(&["rev-parse", "HEAD"]);
    assert_eq!(
        why(&cleaned(&sandbox, &[]))[0],
        "it holds edits that are nowhere else"
    );
    cleaned(&sandbox, &["--force"]);
    let refs = sandbox.git(["for-each-ref", "--contains", &commit, "--format=%(refname)"]);
    assert!(refs.contains("/head."), "{refs}");
}

#[test]
fn a_worktree_that_somebody_stands_in_or_took_over_stays_with_force_too() {
    let sandbox = Sandbox::frobs(3);
    run(&sandbox, &["--no-test"]).exits(0);
    merge_all(&sandbox);
    let (used, taken) = (left_worktree(&sandbox, 1), left_worktree(&sandbox, 2));
    sandbox.git(["worktree", "unlock", taken.to_str().unwrap()]);
    let mut sleeper = Command::new("sleep")
        .arg("1000")
        .current_dir(used.join("src"))
        .stdin(Stdio::null())
        .spawn()
        .unwrap();
    let kept = cleaned(&sandbox, &["--force"]);
    sleeper.kill().unwrap();
    sleeper.wait().unwrap();
    if cfg!(target_os = "linux") {
        let words = format!("sleep (pid {}) works in it", sleeper.id());
        assert_eq!(why(&kept)[0], words);
        assert!(used.exists());
    }
    assert!(why(&kept).contains(&"it is not marked as batch's own".to_owned()));
    assert!(taken.exists());
}

#[test]
fn nothing_of_another_repository_or_of_the_users_own_is_removed() {
    let sandbox = Sandbox::frobs(3);
    run(&sandbox, &["--no-test"]).exits(0);
    merge_all(&sandbox);
    let own = sandbox.path("cache/batch/other-0123abcd/20260102T030405Z-0a1b/0a1b-1-00ff00");
    fs::create_dir_all(&own).unwrap();
    fs::write(own.join("f"), "x").unwrap();
    sandbox.git([
        "worktree",
        "add",
        "-q",
        "--detach",
        sandbox.path("mine").to_str().unwrap(),
    ]);
    sandbox.git(["update-ref", "refs/batch/mine", "HEAD"]);
    fs::create_dir_all(sandbox.repo().join(".git/batch/plans")).unwrap();
    sandbox.write(".git/batch/plans/plan.toml", "version = 1\n");
    cleaned(&sandbox, &["--force"]);
    assert!(own.join("f").exists());
    assert!(sandbox.path("mine/README.md").exists());
    assert!(sandbox.repo().join(".git/batch/plans/plan.toml").exists());
    assert_eq!(batch_refs(&sandbox), ["refs/batch/mine"]);
}

#[test]
fn a_run_that_was_cut_off_is_kept_and_force_saves_what_its_worktrees_hold() {
    let sandbox = Sandbox::frobs(3);
    run(&sandbox, &["--no-test", "--jobs=1"]).exits(0);
    let worktree = left_worktree(&sandbox, 1);
    // As if it had been killed while it worked on its last unit.
    cut_off(&sandbox, |line| {
        let ended = line.contains(r#""event":"unit-ended""#) && line.contains("src-part2");
        let freed = line.contains(r#""event":"slot-freed""#) && line.contains("src-part2");
        !ended && !freed && !line.contains(r#""event":"run-ended""#)
    });
    fs::write(worktree.join("src/part2/one.txt"), "half done\n").unwrap();
    let kept = cleaned(&sandbox, &[]);
    assert_eq!(why(&kept), ["it was cut off before it ended"]);
    let command = kept["kept"][0]["command"].as_str().unwrap();
    assert!(command.starts_with("batch resume 2"), "{command}");
    assert!(worktree.exists());

    let forced = cleaned(&sandbox, &["--force"]);
    let reference = forced["saved"][0]["ref"].as_str().unwrap();
    assert!(reference.ends_with("/src-part2/attempt-1"), "{reference}");
    let saved = sandbox.git(["show", &format!("{reference}:src/part2/one.txt")]);
    assert_eq!(saved, "half done");
    assert!(!worktree.exists());
    assert_eq!(run_folders(&sandbox).len(), 1);
    assert!(sandbox.run_file("journal.jsonl").contains("edits-kept"));
}

#[test]
fn a_run_that_goes_on_is_left_alone_and_others_are_cleaned_up_meanwhile() {
    let sandbox = Sandbox::frobs(3);
    run(&sandbox, &["--no-test"]).exits(0);
    merge_all(&sandbox);
    let test = "[ -z \"${BATCH_UNIT-}\" ] || { : > \"$HOME/at-work\"; while [ ! -e \"$HOME/go\" ]; do sleep 0.05; done; }";
    let mut going = sandbox
        .batch_command()
        .args(["end at last", "--rewrite", "s/end/END/", "--paths=src/**"])
        .args(["--min-units=1", "--max-units=1", "--test", test, "--yes"])
        .stdout(Stdio::null())
        .stderr(Stdio::null())
        .spawn()
        .unwrap();
    let limit = Instant::now() + PATIENCE;
    while !sandbox.path("home/at-work").exists() {
        assert!(Instant::now() < limit, "the run did not get to its test");
        thread::sleep(Duration::from_millis(10));
    }
    let done = cleaned(&sandbox, &["--force"]);
    assert_eq!(why(&done), ["it goes on"]);
    assert_eq!(run_folders(&sandbox).len(), 1);
    fs::write(sandbox.path("home/go"), "").unwrap();
    assert!(going.wait().unwrap().success());
    assert_eq!(sandbox.outcomes().len(), 1);
}

#[test]
fn only_the_runs_that_are_named_or_old_enough_are_looked_at() {
    let sandbox = Sandbox::frobs(3);
    run(&sandbox, &["--no-test"]).exits(0);
    merge_all(&sandbox);
    sandbox
        .batch(["clean", "--older-than", "1d"])
        .exits(0)
        .says("1 run is younger than that, and left alone.");
    sandbox
        .batch(["clean", "--run", "nonsense"])
        .exits(2)
        .says("no run `nonsense`");
    sandbox
        .batch(["clean", "--older-than", "soon"])
        .exits(2)
        .says("write it as 12h, 7d or 2w");
    assert_eq!(run_folders(&sandbox).len(), 1);
    let id = sandbox.report()["run"].as_str().unwrap().to_owned();
    cleaned(&sandbox, &["--run", &id[17..]]);
    assert!(run_folders(&sandbox).is_empty());
}

#[test]
fn what_killed_processes_left_half_made_goes_too() {
    let sandbox = Sandbox::frobs(3);
    run(&sandbox, &["--no-test"]).exits(0);
    merge_all(&sandbox);
    let half = sandbox.repo().join(".git/batch/runs/.new-abc123");
    fs::create_dir_all(half.join("logs")).unwrap();
    let done = cleaned(&sandbox, &[]);
    assert!(!half.exists());
    let leavings = done["removed"].as_array().unwrap().iter();
    assert_eq!(
        leavings
            .filter(|removed| removed["kind"] == "leaving")
            .count(),
        1
    );
}

#[test]
fn a_journal_that_cannot_be_read_keeps_its_run_and_says_why() {
    let sandbox = Sandbox::frobs(3);
    run(&sandbox, &["--no-test"]).exits(0);
    merge_all(&sandbox);
    let refs = batch_refs(&sandbox);
    cut_off(&sandbox, |line| !line.contains(r#""event":"run-started""#));
    let kept = cleaned(&sandbox, &["--force"]);
    assert!(why(&kept)[0].contains("journal"), "{kept:#}");
    assert_eq!(batch_refs(&sandbox), refs);
}

#[test]
fn a_person_reads_what_went_and_why_the_rest_stays() {
    let sandbox = Sandbox::frobs(3);
    failing(&sandbox);
    run(&sandbox, &["--no-test"]).exits(0);
    merge_all(&sandbox);
    let ran = sandbox.batch(["clean"]).exits(0);
    let runs = run_folders(&sandbox);
    let kept = runs[0].file_name().unwrap().to_str().unwrap();
    let text = ran.stdout.lines().collect::<Vec<_>>();
    assert_eq!(text[0], "Removed:");
    assert!(text[1].starts_with("RUN "), "{}", ran.stdout);
    assert!(text[2].ends_with("  its folder, 6 refs"), "{}", ran.stdout);
    assert_eq!(text[4], "Kept:");
    assert_eq!(text[5], format!("  run {kept}: 1 of 3 units is not done"));
    assert_eq!(text[6], format!("    go on: batch rerun {kept}"));
    let latest = fs::read_link(sandbox.repo().join(".git/batch/latest")).unwrap();
    assert_eq!(latest, Path::new("runs").join(kept));
}
