//! Units that wait for others: when they start, on what, and how their pull requests come to be opened and merged.

use std::path::PathBuf;

use serde_json::Value;

use crate::support::sandbox::{Ran, Sandbox, ran};

/// A unit of a plan: id, paths, what it waits for, and the command that makes its edits.
type Unit<'a> = (&'a str, &'a [&'a str], &'a [&'a str], &'a str);

/// Writes a plan of these units on what is checked out.
fn plan(sandbox: &Sandbox, units: &[Unit<'_>]) -> PathBuf {
    let commit = sandbox.git(["rev-parse", "HEAD"]);
    let mut text = format!(
        "version = 1\nno-test = true\n[change]\ndescription = \"do it in order\"\ncommand = \"true\"\n\
         [base]\nref = \"main\"\ncommit = \"{commit}\"\n"
    );
    for (id, paths, after, command) in units {
        text.push_str(&format!(
            "[[units]]\nid = \"{id}\"\ntitle = \"part {id}\"\ntask = \"Do {id}.\"\n\
             paths = {paths:?}\nafter = {after:?}\ncommand = '''{command}'''\n"
        ));
    }
    let path = sandbox.path("plan.toml");
    std::fs::write(&path, text).unwrap();
    path
}

fn apply(sandbox: &Sandbox, units: &[Unit<'_>], more: &[&str]) -> Ran {
    let plan = plan(sandbox, units);
    let all = ["apply", plan.to_str().unwrap(), "--yes"];
    sandbox.batch(all.iter().chain(more))
}

fn outcomes(sandbox: &Sandbox) -> Vec<String> {
    let outcomes = sandbox.outcomes();
    let outcomes = outcomes
        .iter()
        .map(|(id, outcome)| format!("{id} {outcome}"));
    outcomes.collect()
}

/// The files below `src` of a commit of the remote, with their contents.
fn files(sandbox: &Sandbox, commit: &str) -> Vec<String> {
    let listed = sandbox.remote_git(["ls-tree", "-r", "--name-only", commit, "--", "src"]);
    let files = listed.lines().map(|path| {
        let text = String::from_utf8(sandbox.blob(commit, path)).unwrap();
        format!("{path}: {}", text.replace('\n', " ").trim())
    });
    files.collect()
}

/// `prs list` as a line each: number, unit, state, base.
fn pulls(sandbox: &Sandbox) -> Vec<String> {
    let list = sandbox.batch(["prs", "list", "--format=json"]).exits(0);
    let list: Vec<Value> = serde_json::from_str(&list.stdout).unwrap();
    let lines = list.iter().map(|pull| {
        let text = |key: &str| pull[key].as_str().unwrap().to_owned();
        let base = text("base");
        let base = base.rsplit('/').next().unwrap();
        format!(
            "#{} {} {} {base}",
            pull["number"],
            text("unit"),
            text("state")
        )
    });
    lines.collect()
}

fn sample() -> Sandbox {
    Sandbox::new(&[
        ("src/a.txt", "a\n"),
        ("src/b.txt", "b\n"),
        ("README", "x\n"),
    ])
}

/// One before two beside each other, and one after both that changes what all of them changed.
const DIAMOND: &[Unit<'_>] = &[
    (
        "last",
        &["src/"],
        &["left", "right"],
        "cat src/a.txt src/b.txt src/shared.txt > src/all.txt; echo last >> src/shared.txt",
    ),
    (
        "first",
        &["src/shared.txt"],
        &[],
        "echo first > src/shared.txt",
    ),
    (
        "left",
        &["src/a.txt"],
        &["first"],
        "cat src/shared.txt >> src/a.txt; echo left >> src/a.txt",
    ),
    (
        "right",
        &["src/b.txt"],
        &["first"],
        "cat src/shared.txt >> src/b.txt; echo right >> src/b.txt",
    ),
];

const DIAMOND_DONE: [&str; 4] = [
    "src/a.txt: a first left",
    "src/all.txt: a first left b first right first",
    "src/b.txt: b first right",
    "src/shared.txt: first last",
];

#[test]
fn each_unit_starts_on_what_those_before_it_delivered() {
    let sandbox = sample();
    let before = sandbox.users_own();
    let main = sandbox.git(["rev-parse", "HEAD"]);
    apply(&sandbox, DIAMOND, &["--jobs=4"]).exits(0);
    assert_eq!(
        outcomes(&sandbox),
        ["first opened", "last pushed", "left pushed", "right pushed"]
    );
    let delivered = sandbox.delivered();
    assert_eq!(files(&sandbox, &delivered["last"]), DIAMOND_DONE);
    // One parent: its commit itself; several: a merge of them, which a ref holds.
    assert_eq!(sandbox.unit("first")["base"], main.as_str());
    assert_eq!(sandbox.unit("left")["base"], delivered["first"].as_str());
    let base = sandbox.unit("last")["base"].as_str().unwrap().to_owned();
    let run = sandbox.report()["run"].as_str().unwrap().to_owned();
    assert_eq!(
        sandbox.git(["rev-parse", &format!("refs/batch/{run}/last/base")]),
        base
    );
    let parents = sandbox.git(["rev-parse", &format!("{base}^1"), &format!("{base}^2")]);
    assert_eq!(
        parents,
        format!("{}\n{}", delivered["left"], delivered["right"])
    );
    assert_eq!(
        sandbox.unit("last")["files"],
        serde_json::json!(["src/all.txt", "src/shared.txt"])
    );
    assert_eq!(pulls(&sandbox), ["#1 first open main"]);
    sandbox.is_untouched(&before);
    sandbox.has_no_worktree_left();
}

#[test]
fn what_waits_is_published_when_those_before_it_are_merged_until_main_is_the_sum() {
    let sandbox = sample();
    apply(&sandbox, DIAMOND, &[])
        .exits(0)
        .says("waits for `first` to be merged");
    let early = sandbox.batch(["prs", "publish"]).exits(0);
    let early = early.says("left waits for first (#1, open).");
    early.says("last waits for left (no pull request yet), right (no pull request yet).");
    assert_eq!(pulls(&sandbox).len(), 1);

    sandbox.batch(["prs", "merge", "1"]).exits(0);
    let opened = sandbox
        .batch(["prs", "publish", "--format=json", "--label=tidy"])
        .exits(0)
        .says("last waits for left (#2, open), right (#3, open).");
    let opened: Vec<Value> = serde_json::from_str(&opened.stdout).unwrap();
    assert_eq!(opened.len(), 2);
    assert_eq!(
        pulls(&sandbox),
        [
            "#1 first merged main",
            "#2 left open main",
            "#3 right open main"
        ]
    );
    assert_eq!(
        outcomes(&sandbox),
        ["first opened", "last pushed", "left opened", "right opened"]
    );
    assert_eq!(sandbox.unit("left")["pr"]["number"], 2);
    // Its diff is its own part, not that of the unit before it.
    let shown = sandbox.batch(["prs", "show", "2"]).exits(0).stdout;
    assert!(
        shown.contains("+left") && !shown.contains("shared.txt\n+"),
        "{shown}"
    );
    assert!(shown.contains("labels: tidy"), "{shown}");

    let again = sandbox.batch(["prs", "publish", "--format=json"]).exits(0);
    assert_eq!(again.stdout.trim(), "[]");
    sandbox.batch(["prs", "merge", "3", "2"]).exits(0);
    sandbox.batch(["prs", "publish"]).exits(0).says("Opened #4");
    sandbox.batch(["prs", "merge", "4"]).exits(0);
    assert_eq!(files(&sandbox, "main"), DIAMOND_DONE);
    let last = sandbox.delivered()["last"].clone();
    assert_eq!(
        sandbox.remote_git(["rev-parse", "main^{tree}"]),
        sandbox.remote_git(["rev-parse", &format!("{last}^{{tree}}")])
    );
    sandbox
        .batch(["prs", "publish"])
        .exits(0)
        .says("Nothing to publish");
    assert_eq!(sandbox.report()["summary"]["opened"], 4);
    assert_eq!(sandbox.report()["exit_code"], 0);
}

const CHAIN: &[Unit<'_>] = &[
    ("one", &["src/a.txt"], &[], "echo one >> src/a.txt"),
    ("two", &["src/a.txt"], &["one"], "echo two >> src/a.txt"),
    ("three", &["src/a.txt"], &["two"], "echo three >> src/a.txt"),
    ("apart", &["src/b.txt"], &[], "echo apart >> src/b.txt"),
];

#[test]
fn a_stack_is_opened_at_once_and_merged_from_below() {
    let sandbox = sample();
    apply(&sandbox, CHAIN, &["--stack", "--jobs=1"]).exits(0);
    let stacked = pulls(&sandbox);
    let line = |unit: &str| {
        let line = stacked
            .iter()
            .find(|line| line.split(' ').nth(1) == Some(unit));
        line.unwrap().clone()
    };
    let number = |unit: &str| line(unit)[1..2].to_owned();
    assert!(line("one").ends_with("open main"));
    assert!(line("two").ends_with("open one"));
    assert!(line("three").ends_with("open two"));
    let table = sandbox.batch(["prs", "list"]).exits(0).stdout;
    assert!(
        table.contains("BASE") && table.contains(&format!("#{}", number("two"))),
        "{table}"
    );

    let refused = sandbox.batch(["prs", "merge", &number("three")]).exits(1);
    refused.says(&format!("stacked on #{}, which is open", number("two")));
    sandbox
        .batch([
            "prs",
            "merge",
            &number("three"),
            &number("apart"),
            &number("two"),
            &number("one"),
        ])
        .exits(0);
    assert!(
        pulls(&sandbox)
            .iter()
            .all(|line| line.ends_with("merged main"))
    );
    assert_eq!(
        files(&sandbox, "main"),
        ["src/a.txt: a one two three", "src/b.txt: b apart"]
    );
}

#[test]
fn on_several_units_there_is_no_stack() {
    let sandbox = sample();
    apply(&sandbox, DIAMOND, &["--stack"]).exits(0);
    assert_eq!(
        outcomes(&sandbox),
        ["first opened", "last pushed", "left opened", "right opened"]
    );
    sandbox.batch(["prs", "merge", "1", "2", "3"]).exits(0);
    sandbox.batch(["prs", "publish"]).exits(0).says("Opened #4");
    sandbox.batch(["prs", "merge", "4"]).exits(0);
    assert_eq!(files(&sandbox, "main"), DIAMOND_DONE);
}

#[test]
fn a_stack_on_a_pull_request_that_was_closed_is_not_merged() {
    let sandbox = sample();
    apply(&sandbox, &CHAIN[..2], &["--stack"]).exits(0);
    sandbox.batch(["prs", "close", "1"]).exits(0);
    sandbox
        .batch(["prs", "merge", "2"])
        .exits(1)
        .says("stacked on #1, which is closed");
}

#[test]
fn a_watch_opens_what_waits_as_others_are_merged_and_ends_when_nothing_waits() {
    let sandbox = sample();
    apply(&sandbox, &CHAIN[..2], &[]).exits(0);
    let watch = sandbox
        .batch_command()
        .args([
            "prs",
            "publish",
            "--watch",
            "--interval=1s",
            "--format=json",
        ])
        .stdout(std::process::Stdio::piped())
        .stderr(std::process::Stdio::piped())
        .spawn()
        .unwrap();
    sandbox.batch(["prs", "merge", "1"]).exits(0);
    let watched = ran(&watch.wait_with_output().unwrap()).exits(0);
    let opened: Value = serde_json::from_str(&watched.stdout).unwrap();
    assert_eq!(opened[0]["unit"], "two");
    let said = watched.stderr.matches("two waits for one").count();
    assert!(said <= 1, "{}", watched.stderr);
    assert_eq!(pulls(&sandbox), ["#1 one merged main", "#2 two open main"]);
}

#[test]
fn what_waits_for_a_pull_request_that_was_closed_is_told_so() {
    let sandbox = sample();
    apply(&sandbox, &CHAIN[..2], &[]).exits(0);
    sandbox.batch(["prs", "close", "1"]).exits(0);
    sandbox
        .batch(["prs", "publish"])
        .exits(1)
        .says("two waits for one (#1, closed).");
}

#[test]
fn a_failing_unit_takes_along_what_waits_for_it_and_a_rerun_takes_up_both() {
    let sandbox = sample();
    let mended = sandbox.path("mended");
    let broken = format!("test -e '{}' && echo one >> src/a.txt", mended.display());
    let mut chain = CHAIN.to_vec();
    chain[0].3 = &broken;
    apply(&sandbox, &chain, &[]).exits(1);
    assert_eq!(
        outcomes(&sandbox),
        [
            "apart opened",
            "one failed",
            "three cancelled",
            "two cancelled"
        ]
    );
    let journal = sandbox.run_file("journal.jsonl");
    assert_eq!(journal.matches("waits for `one`, which failed").count(), 2);

    // A unit alone cannot be taken up without those before it.
    let refused = sandbox.batch(["rerun", "--unit", "three"]).exits(2);
    let refused = refused.says("`three` cannot start: `one` and `two` must be done first");
    refused.says("--unit one --unit two --unit three");

    std::fs::write(&mended, "").unwrap();
    sandbox.batch(["rerun", "--unit", "one"]).exits(1);
    assert_eq!(sandbox.unit("two")["attempt"], 0);
    sandbox.batch(["rerun"]).exits(0);
    assert_eq!(
        outcomes(&sandbox),
        ["apart opened", "one opened", "three pushed", "two pushed"]
    );
    let three = sandbox.delivered()["three"].clone();
    assert_eq!(
        files(&sandbox, &three),
        ["src/a.txt: a one two three", "src/b.txt: b"]
    );
    sandbox.has_no_worktree_left();
}

#[test]
fn an_unchanged_unit_gives_way_to_those_before_it() {
    let sandbox = sample();
    let mut chain = CHAIN.to_vec();
    chain[1].3 = "true";
    chain[3].2 = &["nothing"];
    chain.push(("nothing", &["src/c.txt"], &[], "true"));
    apply(&sandbox, &chain, &["--stack"]).exits(0);
    assert_eq!(
        outcomes(&sandbox),
        [
            "apart opened",
            "nothing unchanged",
            "one opened",
            "three opened",
            "two unchanged"
        ]
    );
    assert_eq!(sandbox.unit("three")["base"], sandbox.unit("one")["commit"]);
    assert_eq!(
        sandbox.unit("apart")["base"],
        sandbox.report()["base"]["commit"]
    );
    let mut listed = pulls(&sandbox);
    listed.retain(|line| !line.contains("one open"));
    assert!(
        listed.iter().any(|line| line.ends_with("three open one")),
        "{listed:?}"
    );
    assert!(
        listed.iter().any(|line| line.ends_with("apart open main")),
        "{listed:?}"
    );
}

#[test]
fn a_rerun_of_what_waited_starts_on_what_is_delivered_by_then() {
    let sandbox = sample();
    let mended = sandbox.path("mended");
    let broken = format!(
        "test -e '{}' && cat src/a.txt > src/copy.txt",
        mended.display()
    );
    let units: &[Unit<'_>] = &[
        ("one", &["src/a.txt"], &[], "echo one >> src/a.txt"),
        ("other", &["src/b.txt"], &[], "echo other >> src/b.txt"),
        ("two", &["src/copy.txt"], &["one", "other"], &broken),
    ];
    apply(&sandbox, units, &[]).exits(1);
    let first_base = sandbox.unit("two")["base"].as_str().unwrap().to_owned();
    std::fs::write(&mended, "").unwrap();
    sandbox.batch(["rerun", "--unit", "two"]).exits(0);
    let two = sandbox.delivered()["two"].clone();
    assert_eq!(
        files(&sandbox, &two),
        [
            "src/a.txt: a one",
            "src/b.txt: b other",
            "src/copy.txt: a one"
        ]
    );
    let base = sandbox.unit("two")["base"].as_str().unwrap().to_owned();
    assert_eq!(sandbox.git(["rev-parse", &format!("{two}^")]), base);
    assert_eq!(
        sandbox.git(["rev-parse", &format!("{base}^{{tree}}")]),
        sandbox.git(["rev-parse", &format!("{first_base}^{{tree}}")])
    );
}

#[test]
fn a_dependent_is_given_the_files_that_those_before_it_made() {
    let sandbox = sample();
    let units: &[Unit<'_>] = &[
        (
            "make",
            &["src/new/"],
            &[],
            "mkdir src/new; echo frob > src/new/x.txt; echo frob > src/new/y.txt",
        ),
        (
            "use",
            &["src/new/"],
            &["make"],
            "for f in {files}; do echo $f >> $f; done",
        ),
    ];
    apply(&sandbox, units, &[]).exits(0);
    let made = sandbox.delivered()["use"].clone();
    assert_eq!(
        files(&sandbox, &made)[2..],
        [
            "src/new/x.txt: frob src/new/x.txt",
            "src/new/y.txt: frob src/new/y.txt"
        ]
    );
}

#[test]
fn the_gate_holds_a_dependent_to_its_own_paths() {
    let sandbox = sample();
    let mut chain = CHAIN.to_vec();
    chain[1] = ("two", &["src/c.txt"], &["one"], "echo two >> src/a.txt");
    apply(&sandbox, &chain[..2], &[]).exits(1);
    let (step, cause) = sandbox.failure("two");
    assert_eq!(step, "gate");
    assert!(
        cause.contains("src/a.txt: outside the unit's scope (it is one's)"),
        "{cause}"
    );
}

#[test]
fn without_order_two_units_still_cannot_have_the_same() {
    let sandbox = sample();
    let mut units = CHAIN.to_vec();
    units[2].2 = &["one"];
    apply(&sandbox, &units, &[])
        .exits(2)
        .says("unit `three`: `src/a.txt` is in unit `two` as well");
    units[2].2 = &["two"];
    units[0].2 = &["three"];
    apply(&sandbox, &units, &[]).exits(2).says(
        "a circle: unit `one` waits for unit `three` waits for unit `two` waits for unit `one`",
    );
}

#[test]
fn what_is_taken_up_after_those_before_it_are_merged_needs_to_wait_no_more() {
    for more in [&[][..], &["--stack"]] {
        let sandbox = sample();
        let mended = sandbox.path("mended");
        let broken = format!("test -e '{}' && echo two >> src/a.txt", mended.display());
        let units: &[Unit<'_>] = &[CHAIN[0], ("two", &["src/a.txt"], &["one"], &broken)];
        apply(&sandbox, units, more).exits(1);
        sandbox.batch(["prs", "merge", "1"]).exits(0);
        std::fs::write(&mended, "").unwrap();
        sandbox.batch([&["rerun"], more].concat()).exits(0);
        assert_eq!(pulls(&sandbox), ["#1 one merged main", "#2 two open main"]);
        sandbox.batch(["prs", "merge", "2"]).exits(0);
        assert_eq!(files(&sandbox, "main")[0], "src/a.txt: a one two");
    }
}
