//! What goes back to the agent: failing checks and tests, what is not the unit's; and how often.

use std::fs;

use batch::engine::job::WorkerEnd;
use batch::model::event::Ask;
use batch::model::outcome::{FailureKind, Step};
use batch::model::scope::{Entry, Scope};

use super::super::lab::{read, write};
use super::bench::{Bench, does, writes};

#[tokio::test(flavor = "multi_thread")]
async fn edits_that_pass_are_delivered_and_the_summary_is_told() {
    let mut bench = Bench::new().test("test \"$(cat a)\" = good && touch litter");
    bench.plan.units[0].check = Some("grep -q good {files}".to_owned());
    bench.evidence.note = Some("mind the dates".to_owned());
    let worked = bench.work(vec![writes("a", "good\n")]).await;
    worked.is_delivered();
    assert_eq!(bench.delivered("a"), "good");
    assert_eq!(worked.summary(), Some("Did it.\nLook at a."));
    assert_eq!(worked.warnings(), [] as [&str; 0]);
    let [asked] = &worked.asked[..] else {
        panic!("asked {} times", worked.asked.len());
    };
    assert!(asked.prompt.contains("> Do the part."), "{}", asked.prompt);
    assert!(
        asked.prompt.contains("> mind the dates"),
        "{}",
        asked.prompt
    );
    assert_eq!(
        asked.commands,
        [
            "grep -q good a dir/c",
            "test \"$(cat a)\" = good && touch litter"
        ]
    );
    assert_eq!(asked.env["BATCH_UNIT"], "one");
    assert_eq!(asked.listed, "a\ndir/c\n");
    assert!(asked.transcript.ends_with("one-1-agent.jsonl"));
    assert_eq!(worked.spent(), super::bench::cent());
}

#[tokio::test(flavor = "multi_thread")]
async fn a_failing_test_goes_back_to_the_same_session_with_its_output() {
    let bench = Bench::new().test("touch litter; cat a; test \"$(cat a)\" = good");
    let second = does(|root| {
        assert_eq!(read(root, "a"), "bad\n");
        assert!(
            !root.join("litter").exists(),
            "what the test left is still there"
        );
        write(root, "a", "good\n");
    });
    let worked = bench.work(vec![writes("a", "bad\n"), second]).await;
    worked.is_delivered();
    assert_eq!(worked.abouts(), [Ask::Implement, Ask::Fix { round: 1 }]);
    let fix = &worked.asked[1];
    assert_eq!(fix.session.as_deref(), Some("the-session"));
    assert!(
        fix.prompt.contains("test failed with exit code 1"),
        "{}",
        fix.prompt
    );
    assert!(
        fix.prompt.contains("What it printed:\n\n```text\nbad\n```"),
        "{}",
        fix.prompt
    );
    assert_eq!(
        bench.changed(
            &bench
                .lab
                .id(&bench.lab.path("origin.git"), "batch/change/one")
                .to_string()
        ),
        "a"
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn after_the_last_round_the_test_fails_the_unit_and_its_edits_are_kept() {
    let mut bench = Bench::new().test("test \"$(cat a)\" = good");
    bench.rules.fixes = 1;
    let worked = bench
        .work(vec![writes("a", "bad\n"), writes("a", "worse\n")])
        .await;
    let failure = worked.failure();
    assert_eq!(
        (failure.step, failure.kind),
        (Step::Test, FailureKind::Tests)
    );
    assert!(
        worked.asked[1].prompt.contains("the last time"),
        "{}",
        worked.asked[1].prompt
    );
    let kept = worked.kept().unwrap();
    assert_eq!(
        bench.lab.git(&bench.root, &["show", &format!("{kept}:a")]),
        "worse"
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn an_agent_that_remembers_nothing_is_told_everything_again() {
    let mut bench = Bench::new().test("test \"$(cat a)\" = good");
    bench.sessions = false;
    let worked = bench
        .work(vec![writes("a", "bad\n"), writes("a", "good\n")])
        .await;
    worked.is_delivered();
    let fix = &worked.asked[1];
    assert_eq!(fix.session, None);
    for part in [
        "> Do the part.",
        "your edits are in your folder",
        "test failed with exit code 1",
    ] {
        assert!(fix.prompt.contains(part), "{part}: {}", fix.prompt);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_not_the_units_is_put_back_and_the_agent_told_once() {
    let bench = Bench::new();
    let strays = does(|root| {
        write(root, "a", "good\n");
        write(root, "b", "not mine\n");
        write(root, "litter/x", "not mine\n");
        fs::remove_file(root.join(".gitignore")).unwrap();
    });
    let again = does(|root| {
        assert_eq!(read(root, "a"), "good\n");
        assert_eq!(read(root, "b"), "2\n");
        assert!(!root.join("litter").exists());
        assert!(root.join(".gitignore").exists());
        write(root, "new", "mine\n");
    });
    let worked = bench.work(vec![strays, again]).await;
    worked.is_delivered();
    assert_eq!(worked.abouts(), [Ask::Implement, Ask::Scope]);
    for path in ["- `b`", "- `litter/x`", "- `.gitignore`"] {
        assert!(
            worked.asked[1].prompt.contains(path),
            "{}",
            worked.asked[1].prompt
        );
    }
    assert_eq!(bench.delivered("new"), "mine");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_second_excursion_fails_the_unit() {
    let bench = Bench::new();
    let worked = bench
        .work(vec![writes("b", "x\n"), writes("b", "y\n")])
        .await;
    assert_eq!(worked.failure().kind, FailureKind::Scope);
    assert!(
        worked.failure().cause.contains("(it is two's)"),
        "{}",
        worked.failure().cause
    );
    let bench = Bench::new();
    let worked = bench.work(vec![writes("b", "x\n"), does(|_| {})]).await;
    assert_eq!(
        (worked.failure().step, worked.failure().kind),
        (Step::Gate, FailureKind::Scope)
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn an_agent_that_changes_nothing_leaves_the_unit_unchanged() {
    let bench = Bench::new();
    let worked = bench.work(vec![does(|_| {})]).await;
    assert_eq!(worked.end, WorkerEnd::Unchanged);
    assert_eq!(worked.warnings(), ["the agent changed nothing: Did it."]);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_reused_worktree_is_doubted_before_the_agent_and_its_work_not_done_again() {
    let mut bench = Bench::new();
    bench.reused = true;
    let marks = bench.lab.path("marks");
    let test = format!(
        "if test -e '{0}'; then exit 0; fi; touch '{0}'; exit 1",
        marks.display()
    );
    let bench = bench.test(&test);
    let worked = bench.work(vec![writes("a", "good\n")]).await;
    worked.is_delivered();
    assert_eq!(
        worked.warnings(),
        ["test failed in a reused worktree; trying the same edits in a new one"]
    );
    assert_eq!(bench.delivered("a"), "good");
}

#[tokio::test(flavor = "multi_thread")]
async fn commits_of_the_agent_are_folded_and_said() {
    let bench = Bench::new();
    let settings = bench.lab.path("home/.gitconfig");
    let commits = does(move |root| {
        let git = |args: &[&str]| {
            let done = std::process::Command::new("git")
                .args(args)
                .current_dir(root)
                .env("GIT_CONFIG_GLOBAL", &settings)
                .status();
            assert!(done.unwrap().success());
        };
        write(root, "a", "good\n");
        git(&["commit", "-qam", "one"]);
        write(root, "new", "more\n");
        git(&["switch", "-qc", "mine"]);
        git(&["add", "new"]);
        git(&["commit", "-qm", "two"]);
    });
    let worked = bench.work(vec![commits]).await;
    worked.is_delivered();
    assert_eq!(
        worked.warnings(),
        ["the agent committed 2 times; its commits were folded into the unit's own"]
    );
    let parents = bench.lab.git(
        &bench.lab.path("origin.git"),
        &["rev-parse", "batch/change/one~1"],
    );
    assert_eq!(parents, bench.base.as_str());
    assert_eq!(bench.delivered("new"), "more");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_git_file_that_the_agent_removed_is_put_back() {
    let bench = Bench::new();
    let removes = does(|root| {
        write(root, "a", "good\n");
        fs::remove_file(root.join(".git")).unwrap();
    });
    bench.work(vec![removes]).await.is_delivered();
    assert_eq!(bench.delivered("a"), "good");
}

#[tokio::test(flavor = "multi_thread")]
async fn an_agent_that_takes_its_edits_back_when_a_test_fails_has_failed() {
    let bench = Bench::new().test("test \"$(cat a)\" != bad");
    let worked = bench
        .work(vec![writes("a", "bad\n"), writes("a", "1\n")])
        .await;
    assert_eq!(worked.failure().kind, FailureKind::Tests);
    assert!(
        worked
            .failure()
            .cause
            .ends_with("; after that the agent left no edits"),
        "{}",
        worked.failure().cause
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn an_agent_that_changes_nothing_is_believed_only_where_the_units_own_check_agrees() {
    let mut bench = Bench::new().test("exit 1");
    bench.plan.units[0].check = Some("grep -q 1 a".to_owned());
    let worked = bench.work(vec![does(|_| {})]).await;
    assert_eq!(worked.end, WorkerEnd::Unchanged);
    let mut bench = Bench::new();
    bench.plan.units[0].check = Some("touch litter; grep -q good {files}".to_owned());
    let second = does(|root| {
        assert!(!root.join("litter").exists());
        write(root, "a", "good\n");
    });
    let worked = bench.work(vec![does(|_| {}), second]).await;
    worked.is_delivered();
    assert_eq!(worked.abouts(), [Ask::Implement, Ask::Fix { round: 1 }]);
    assert!(
        worked.asked[1].prompt.starts_with("You changed nothing"),
        "{}",
        worked.asked[1].prompt
    );
    for rounds in [0, 2] {
        bench.rules.fixes = rounds;
        let acts = (0..=rounds.min(1)).map(|_| does(|_| {}));
        let worked = bench.work(acts.collect()).await;
        assert_eq!(
            (worked.failure().step, worked.failure().kind),
            (Step::Check, FailureKind::Tests)
        );
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_scope_that_is_too_long_for_the_prompt_is_listed_whole() {
    let mut bench = Bench::new();
    let many = (0..70).map(|n| Entry::parse(&format!("made/{n:02}")).unwrap());
    let entries = ["a", "dir/"].map(|path| Entry::parse(path).unwrap());
    bench.plan.units[0].scope = Scope::new(many.chain(entries));
    let worked = bench.work(vec![writes("made/69", "good\n")]).await;
    worked.is_delivered();
    let listed: Vec<&str> = worked.asked[0].listed.lines().collect();
    assert_eq!(listed.len(), 72);
    for entry in ["a", "dir/", "made/69"] {
        assert!(listed.contains(&entry), "{entry}: {listed:?}");
    }
}
