//! A plan as a file: written, edited, carried out later and elsewhere, saved when it was not run.

use std::path::PathBuf;

use crate::support::sandbox::{Ran, Sandbox, ran};

fn planned(sandbox: &Sandbox) -> PathBuf {
    let plan = sandbox.path("plan.toml");
    let path = plan.to_str().unwrap();
    sandbox
        .batch([
            "plan",
            "rename frob to frobnicate",
            "--rewrite=s/frob/frobnicate/g",
            "--no-test",
            "--min-units=3",
            "--max-units=3",
            "-o",
            path,
        ])
        .exits(0);
    plan
}

fn apply(sandbox: &Sandbox, plan: &std::path::Path, more: &[&str]) -> Ran {
    let all = ["apply", plan.to_str().unwrap(), "--yes"];
    sandbox.batch(all.iter().chain(more))
}

/// Runs the command that the program printed, as if it were pasted into a shell in this folder.
fn paste(sandbox: &Sandbox, said: &str, folder: &str) -> Ran {
    let line = said
        .lines()
        .find_map(|line| line.split_once(": batch ").map(|(_, words)| words))
        .unwrap_or_else(|| panic!("no command in {said}"));
    let text = format!("\"$BATCH\" {} --yes", line.trim_end_matches(" --yes"));
    let mut shell = sandbox.command("sh");
    shell
        .env("BATCH", env!("CARGO_BIN_EXE_batch"))
        .current_dir(sandbox.path(folder))
        .args(["-c", &text]);
    ran(&shell.output().unwrap())
}

#[test]
fn planning_changes_nothing_and_prints_a_plan_that_can_be_applied() {
    let sandbox = Sandbox::frobs(3);
    let before = sandbox.users_own();
    let printed = sandbox
        .batch([
            "plan",
            "rename frob to frobnicate",
            "--rewrite=s/frob/frobnicate/g",
        ])
        .exits(0);
    sandbox.is_untouched(&before);
    assert!(sandbox.refs("refs/batch").is_empty());
    assert!(sandbox.delivered().is_empty());
    let plan = sandbox.path("printed.toml");
    std::fs::write(&plan, printed.stdout).unwrap();
    apply(&sandbox, &plan, &["--test", "true"]).exits(0);
    assert_eq!(sandbox.report()["summary"]["opened"], 5);
}

#[test]
fn the_same_change_gives_the_same_plan() {
    let sandbox = Sandbox::frobs(7);
    let plan = || {
        let args = [
            "plan",
            "rename frob to frobnicate",
            "--rewrite=s/frob/frobnicate/g",
        ];
        sandbox.batch(args).exits(0).stdout
    };
    assert_eq!(plan(), plan());
}

#[test]
fn a_plan_can_be_edited_before_it_is_applied() {
    let sandbox = Sandbox::frobs(3);
    let plan = planned(&sandbox);
    let text = std::fs::read_to_string(&plan).unwrap();
    let mut parts: Vec<&str> = text.split("[[units]]").collect();
    assert_eq!(parts.len(), 4);
    parts.pop();
    let edited = parts
        .join("[[units]]")
        .replace("id = \"src-part0\"", "id = \"the-first\"")
        .replace("no-test = true", "test = \"test -n \\\"$BATCH_RUN\\\"\"")
        .replace(
            "[\"src/part1/one.txt\", \"src/part1/two.txt\"]",
            "[\"src/part1/o*.txt\"]\ncheck = \"grep -q frobnicate src/part1/one.txt\"",
        );
    std::fs::write(&plan, edited).unwrap();
    apply(&sandbox, &plan, &[]).exits(0);
    let delivered = sandbox.delivered();
    assert_eq!(
        delivered.keys().collect::<Vec<_>>(),
        ["src-part1", "the-first"]
    );
    assert_eq!(
        sandbox.changed(&delivered["src-part1"]),
        ["src/part1/one.txt"]
    );
}

#[test]
fn a_check_is_its_units_own() {
    let sandbox = Sandbox::frobs(3);
    let plan = planned(&sandbox);
    let text = std::fs::read_to_string(&plan).unwrap();
    let checked = text.replace(
        "id = \"src-part1\"",
        "check = \"echo not good enough; test $BATCH_UNIT != src-part1\"\nid = \"src-part1\"",
    );
    std::fs::write(&plan, checked).unwrap();
    apply(&sandbox, &plan, &[]).exits(1);
    let (step, cause) = sandbox.failure("src-part1");
    assert_eq!(
        (step.as_str(), cause.contains("exit code 1")),
        ("check", true),
        "{cause}"
    );
    assert!(sandbox.run_file("failures.md").contains("not good enough"));
    let delivered: Vec<String> = sandbox.delivered().into_keys().collect();
    assert_eq!(delivered, ["src-part0", "src-part2"]);
}

#[test]
fn a_plan_is_applied_to_its_own_commit_when_the_base_has_moved_on() {
    let sandbox = Sandbox::frobs(3);
    let base = sandbox.git(["rev-parse", "HEAD"]);
    let plan = planned(&sandbox);
    sandbox.write("src/part0/three.txt", "frob\n");
    sandbox.commit_and_push("meanwhile");
    sandbox.write("other.txt", "x\n");
    sandbox.commit_and_push("and more");
    apply(&sandbox, &plan, &[])
        .exits(0)
        .says("main has moved on by 2 commits");
    for commit in sandbox.delivered().values() {
        assert_eq!(
            sandbox.remote_git(["rev-parse", &format!("{commit}^")]),
            base
        );
    }
    assert_eq!(sandbox.report()["base"]["commit"], base.as_str());
}

#[test]
fn a_plan_for_a_commit_that_is_missing_here_fetches_it_and_moves_nothing() {
    let sandbox = Sandbox::frobs(3);
    let second = sandbox.path("second");
    sandbox.git([
        "clone",
        "-q",
        sandbox.path("remote.git").to_str().unwrap(),
        second.to_str().unwrap(),
    ]);
    sandbox.write("src/part0/three.txt", "frob\n");
    sandbox.commit_and_push("what the clone has not");
    let plan = planned(&sandbox);
    let refs = || {
        let mut git = sandbox.command("git");
        git.current_dir(&second)
            .args(["for-each-ref", "refs/heads", "refs/remotes", "refs/tags"]);
        String::from_utf8(git.output().unwrap().stdout).unwrap()
    };
    let before = refs();
    let mut batch = sandbox.batch_command();
    batch
        .current_dir(&second)
        .args(["apply", plan.to_str().unwrap(), "--yes"]);
    ran(&batch.output().unwrap()).exits(0);
    assert_eq!(before, refs());
    assert!(!second.join(".git/FETCH_HEAD").exists());
    let delivered = sandbox.delivered();
    assert!(
        sandbox
            .changed(&delivered["src-part0"])
            .contains(&"src/part0/three.txt".to_owned())
    );
}

#[test]
fn a_plan_whose_commit_is_nowhere_is_refused() {
    let sandbox = Sandbox::frobs(3);
    let plan = planned(&sandbox);
    let base = sandbox.git(["rev-parse", "HEAD"]);
    let text = std::fs::read_to_string(&plan).unwrap();
    std::fs::write(&plan, text.replace(&base, &"1".repeat(40))).unwrap();
    apply(&sandbox, &plan, &[]).exits(4).says("111111111111");
    assert!(sandbox.delivered().is_empty());
}

#[test]
fn a_dry_run_shows_and_saves_the_plan_and_does_nothing_else() {
    let sandbox = Sandbox::frobs(3);
    let before = sandbox.users_own();
    let dry = sandbox.rename_frob(&["--dry-run", "--no-test"]).exits(0);
    assert!(dry.stdout.contains("src-part0"), "{}", dry.stdout);
    sandbox.is_untouched(&before);
    assert!(sandbox.refs("refs/batch").is_empty());
    assert!(sandbox.delivered().is_empty());
    assert!(!sandbox.repo().join(".git/batch/runs").exists());
    paste(&sandbox, &dry.stderr, "repo").exits(0);
    assert_eq!(sandbox.delivered().len(), 5);
}

#[test]
fn without_a_terminal_the_plan_is_saved_and_the_printed_command_runs_it() {
    let sandbox = Sandbox::frobs(3);
    let args = [
        "rename frob to frobnicate",
        "--rewrite=s/frob/frobnicate/g",
        "--no-test",
    ];
    let first = sandbox.batch(args).exits(3);
    let second = sandbox.batch(args).exits(3);
    let plans = std::fs::read_dir(sandbox.repo().join(".git/batch/plans")).unwrap();
    assert_eq!(plans.count(), 2);
    assert!(sandbox.refs("refs/batch").is_empty());
    assert_ne!(first.stderr, second.stderr);
    paste(&sandbox, &first.stderr, "repo").exits(0);
    assert_eq!(sandbox.delivered().len(), 5);
}

#[test]
fn the_printed_command_works_from_a_sub_folder_and_from_elsewhere() {
    let sandbox = Sandbox::frobs(3);
    let args = [
        "rename frob to frobnicate",
        "--rewrite=s/frob/frobnicate/g",
        "--no-test",
    ];
    let mut below = sandbox.batch_command();
    below.current_dir(sandbox.path("repo/src/part0")).args(args);
    let below = ran(&below.output().unwrap()).exits(3);
    paste(&sandbox, &below.stderr, "repo/src/part0").exits(0);

    let mut elsewhere = sandbox.batch_command();
    elsewhere
        .current_dir(sandbox.path("home"))
        .args(["-C", "../repo"])
        .args(args);
    let elsewhere = ran(&elsewhere.output().unwrap()).exits(3);
    paste(&sandbox, &elsewhere.stderr, "home").exits(0);
    assert_eq!(
        sandbox.delivered().len(),
        5,
        "units of the same ids: {:?}",
        sandbox.delivered()
    );
    assert_eq!(
        sandbox
            .remote_git(["for-each-ref", "refs/heads/batch"])
            .lines()
            .count(),
        10
    );
}

#[test]
fn all_problems_of_a_plan_are_named_at_once_with_their_lines() {
    let sandbox = Sandbox::frobs(3);
    let plan = sandbox.path("plan.toml");
    let base = sandbox.git(["rev-parse", "HEAD"]);
    std::fs::write(
        &plan,
        format!(
            "version = 1\n[change]\ndescription = \"x y\"\ncommand = \"true\"\n[base]\nref = \"main\"\ncommit = \"{base}\"\n\
             [[units]]\nid = \"Not An Id\"\ntitle = \"a\"\ntask = \"a\"\npaths = [\"src/part0/\"]\n\
             [[units]]\nid = \"b\"\ntitle = \"b\"\ntask = \"b\"\npaths = [\"SRC/part0/\", \"../out\"]\nafter = [\"c\"]\n"
        ),
    )
    .unwrap();
    let refused = apply(&sandbox, &plan, &["--no-test"]).exits(2);
    for line in ["plan.toml:9:", "plan.toml:17:", "plan.toml:18:"] {
        assert!(
            refused.stderr.contains(line),
            "no {line} in\n{}",
            refused.stderr
        );
    }
    assert!(sandbox.refs("refs/batch").is_empty());
}
