//! Tests, checks and retries: what they run on, what they leave, how many run at once.

use crate::support::sandbox::{Ran, Sandbox};

fn run(sandbox: &Sandbox, parts: &str, more: &[&str]) -> Ran {
    let (least, most) = (
        format!("--min-units={parts}"),
        format!("--max-units={parts}"),
    );
    let all = ["--paths=src/**", &least, &most];
    sandbox.rename_frob(&[&all, more].concat())
}

/// A shell script that holds a place in the folder while it runs, and notes how many others did.
fn counted(sandbox: &Sandbox, name: &str, meeting: usize) -> String {
    let records = sandbox.records().join(name);
    std::fs::create_dir_all(records.join("now")).unwrap();
    std::fs::create_dir_all(records.join("ever")).unwrap();
    sandbox.tool(
        name,
        &format!(
            r#"test -n "$BATCH_UNIT" || exit 0
            cd '{}'; : > now/$$; : > ever/$$
            ls now | wc -l >> counts
            # As many as may run at the same time do meet here.
            tries=0; until [ "$(ls ever | wc -l)" -ge {meeting} ] || [ $tries -ge 400 ]; do
                sleep 0.05; tries=$((tries + 1)); done
            ls now | wc -l >> counts
            rm now/$$"#,
            records.display()
        ),
    )
}

fn most(sandbox: &Sandbox, name: &str) -> usize {
    let counts = sandbox.recorded(&format!("{name}/counts"));
    counts
        .lines()
        .map(|line| line.trim().parse::<usize>().unwrap())
        .max()
        .unwrap()
}

#[test]
fn as_many_units_as_jobs_are_worked_on_at_once_and_no_more() {
    let sandbox = Sandbox::frobs(6);
    let tool = counted(&sandbox, "work", 3);
    sandbox
        .batch([
            "rename frob to frobnicate",
            "--command",
            &format!("{tool} && sed -i s/frob/frobnicate/ {{files}}"),
            "--paths=src/**",
            "--min-units=6",
            "--max-units=6",
            "--jobs=3",
            "--no-test",
            "--yes",
        ])
        .exits(0);
    assert_eq!(most(&sandbox, "work"), 3);
}

#[test]
fn as_many_tests_as_allowed_run_at_once_and_no_more() {
    let sandbox = Sandbox::frobs(6);
    let tool = counted(&sandbox, "test", 2);
    run(
        &sandbox,
        "6",
        &["--jobs=4", "--test-jobs=2", "--test", &tool],
    )
    .exits(0);
    assert_eq!(most(&sandbox, "test"), 2);
    let sandbox = Sandbox::frobs(4);
    let tool = counted(&sandbox, "test", 1);
    run(
        &sandbox,
        "4",
        &["--jobs=4", "--test-jobs=1", "--test", &tool],
    )
    .exits(0);
    assert_eq!(most(&sandbox, "test"), 1);
}

#[test]
fn what_a_test_leaves_behind_is_never_committed_nor_seen_by_the_next_unit() {
    let sandbox = Sandbox::frobs(4);
    let test = "test ! -e litter -a ! -e src/litter || exit 1; \
        grep -rq litter README.md src && exit 1; \
        mkdir -p litter/deep && echo x > litter/deep/f && echo x > src/litter && \
        echo litter >> README.md && for f in {files}; do echo litter >> $f; done; \
        rm -f src/part3/two.txt; git add -A; git init -q litter/repo; true";
    run(&sandbox, "4", &["--jobs=1", "--test", test]).exits(0);
    let delivered = sandbox.delivered();
    assert_eq!(delivered.len(), 4);
    for commit in delivered.values() {
        assert_eq!(sandbox.changed(commit).len(), 2);
        let patch = sandbox.remote_git(["show", commit]);
        assert!(!patch.contains("litter"), "{patch}");
    }
    sandbox.has_no_worktree_left();
}

#[test]
fn a_test_sees_the_units_edits_and_nothing_else() {
    let sandbox = Sandbox::frobs(3);
    let records = sandbox.records();
    let test = format!(
        "test -z \"$BATCH_UNIT\" || grep -rl frobnicate . --include='*.txt' | sort > '{}'/\"$BATCH_UNIT\"",
        records.display()
    );
    run(&sandbox, "3", &["--jobs=1", "--test", &test]).exits(0);
    for part in 0..3 {
        assert_eq!(
            sandbox.recorded(&format!("src-part{part}")),
            format!("./src/part{part}/one.txt\n./src/part{part}/two.txt\n")
        );
    }
}

#[test]
fn a_test_that_fails_fails_its_unit_and_its_edits_are_kept() {
    let sandbox = Sandbox::frobs(3);
    let before = sandbox.users_own();
    let test = "! grep -rq frobnicate src/part1 || { echo FAILED part1 is not ready; exit 7; }";
    run(&sandbox, "3", &["--test", test]).exits(1);
    let (step, cause) = sandbox.failure("src-part1");
    assert_eq!(step, "test");
    assert!(cause.contains("exit code 7"), "{cause}");
    let failures = sandbox.run_file("failures.md");
    for words in [
        "FAILED part1 is not ready",
        "batch rerun",
        "--unit src-part1",
        "attempt-1",
    ] {
        assert!(failures.contains(words), "{words} in {failures}");
    }
    let kept = sandbox.refs("refs/batch/*/src-part1/*");
    assert_eq!(kept.len(), 1, "{kept:?}");
    assert!(kept[0].ends_with("/attempt-1"));
    assert_eq!(sandbox.delivered().len(), 2);
    assert_eq!(sandbox.pulls().len(), 2);
    sandbox.is_untouched(&before);
    sandbox.has_no_worktree_left();
}

#[test]
fn a_retry_begins_at_the_base_again() {
    let sandbox = Sandbox::frobs(2);
    let records = sandbox.records();
    let tool = sandbox.tool(
        "flaky",
        &format!(
            r#"grep -rq half src && exit 9
            if ! test -e "{0}/$BATCH_UNIT"; then
                : > "{0}/$BATCH_UNIT"; echo half >> README.md; echo half > src/new.txt
                for f; do echo half >> $f; done; exit 1
            fi
            sed -i s/frob/frobnicate/ "$@""#,
            records.display()
        ),
    );
    let args = [
        "rename frob to frobnicate",
        "--command",
        &format!("{tool} {{files}}"),
        "--paths=src/**",
        "--min-units=2",
        "--max-units=2",
        "--jobs=2",
        "--no-test",
        "--yes",
        "--retries=1",
    ];
    sandbox.batch(args).exits(0);
    for commit in sandbox.delivered().values() {
        assert_eq!(sandbox.changed(commit).len(), 2);
        assert!(!sandbox.remote_git(["show", commit]).contains("half"));
    }
}

#[test]
fn without_retries_left_the_unit_fails() {
    let sandbox = Sandbox::frobs(2);
    let records = sandbox.records();
    let command = format!("echo $BATCH_UNIT >> '{}'/tries; false", records.display());
    sandbox
        .batch([
            "rename frob to frobnicate",
            "--command",
            &command,
            "--paths=src/**",
            "--min-units=2",
            "--max-units=2",
            "--jobs=2",
            "--no-test",
            "--yes",
            "--retries=2",
        ])
        .exits(1);
    let tries = sandbox.recorded("tries");
    for unit in ["src-part0", "src-part1"] {
        assert_eq!(
            tries.lines().filter(|line| *line == unit).count(),
            3,
            "{tries}"
        );
    }
}

#[test]
fn with_fail_fast_nothing_more_is_started() {
    let sandbox = Sandbox::frobs(4);
    run(
        &sandbox,
        "4",
        &[
            "--jobs=1",
            "--fail-fast",
            "--test",
            "! grep -rq frobnicate src/part1",
        ],
    )
    .exits(1);
    let outcomes: Vec<String> = sandbox.outcomes().into_values().collect();
    assert_eq!(outcomes, ["opened", "failed", "cancelled", "cancelled"]);
    assert_eq!(sandbox.delivered().len(), 1);
}

#[test]
fn a_red_base_stops_the_run_before_any_worker() {
    let sandbox = Sandbox::frobs(3);
    let before = sandbox.users_own();
    let red = run(
        &sandbox,
        "3",
        &["--test", "echo the base is broken; exit 5"],
    )
    .exits(4);
    assert!(red.stdout.contains("the base is broken"), "{}", red.stdout);
    assert!(sandbox.delivered().is_empty());
    assert!(
        sandbox
            .outcomes()
            .values()
            .all(|outcome| outcome == "cancelled")
    );
    assert_eq!(sandbox.report()["exit_code"], 4);
    sandbox.is_untouched(&before);
    sandbox.has_no_worktree_left();
}

#[test]
fn a_red_base_can_be_allowed() {
    let sandbox = Sandbox::frobs(3);
    let test = "grep -q frobnicate src/part*/one.txt";
    run(&sandbox, "3", &["--test", test, "--allow-red-base"]).exits(0);
    assert_eq!(sandbox.delivered().len(), 3);
}

#[test]
fn a_test_that_is_not_there_or_hangs_says_so() {
    let sandbox = Sandbox::frobs(2);
    let red = run(&sandbox, "2", &["--test", "no-such-command-anywhere"]).exits(4);
    assert!(
        red.stdout.contains("no-such-command-anywhere"),
        "{}",
        red.stdout
    );
    let hangs = "test -z \"$BATCH_UNIT\" || sleep 600";
    run(&sandbox, "2", &["--test", hangs, "--test-timeout=1s"]).exits(1);
    let (step, cause) = sandbox.failure("src-part0");
    assert_eq!(step, "test");
    assert!(cause.contains("1s") || cause.contains("1 s"), "{cause}");
}

#[test]
fn without_a_word_about_tests_nothing_is_begun() {
    let sandbox = Sandbox::frobs(2);
    let refused = sandbox.rename_frob(&[]).exits(2);
    assert!(refused.stderr.contains("--no-test"), "{}", refused.stderr);
    assert!(sandbox.refs("refs/batch").is_empty());
}
