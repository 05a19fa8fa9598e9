//! A codemod first, and an agent for what it leaves or breaks.

use batch::engine::job::WorkerEnd;
use batch::model::event::Ask;
use batch::model::kept::Kept;
use batch::model::outcome::{Failure, FailureKind, Step};

use super::super::lab::{read, write};
use super::bench::{Bench, does};

#[tokio::test(flavor = "multi_thread")]
async fn where_all_passes_after_the_codemod_no_agent_is_asked() {
    let mut bench = Bench::new().test("test \"$(cat a)\" = good");
    bench.codemod = Some(("a", "good\n", true));
    bench.work(Vec::new()).await.is_delivered();
    assert_eq!(bench.delivered("a"), "good");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_test_that_fails_after_the_codemod_is_the_agents() {
    let mut bench = Bench::new().test("touch litter; echo not good; test \"$(cat a)\" = good");
    bench.codemod = Some(("a", "nearly\n", true));
    let act = does(|root| {
        assert_eq!(read(root, "a"), "nearly\n");
        assert!(!root.join("litter").exists());
        write(root, "a", "good\n");
    });
    let worked = bench.work(vec![act]).await;
    worked.is_delivered();
    assert_eq!(worked.abouts(), [Ask::TakeOver]);
    let prompt = &worked.asked[0].prompt;
    for part in [
        "# What was done already",
        "- `a`",
        "test failed with exit code 1",
        "not good",
    ] {
        assert!(prompt.contains(part), "{part}: {prompt}");
    }
    assert_eq!(
        worked.warnings(),
        ["scripted took over: test failed with exit code 1"]
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn a_codemod_that_fails_or_strays_is_the_agents_too() {
    for (path, well) in [("a", false), ("b", false), ("b", true)] {
        let mut bench = Bench::new();
        bench.codemod = Some((path, "half\n", well));
        let act = does(|root| {
            assert_eq!(read(root, "b"), "2\n");
            write(root, "a", "good\n");
        });
        let worked = bench.work(vec![act]).await;
        worked.is_delivered();
        assert_eq!(worked.abouts(), [Ask::TakeOver]);
        let cause = if well { "- `b`" } else { "exit code 7" };
        assert!(
            worked.asked[0].prompt.contains(cause),
            "{}",
            worked.asked[0].prompt
        );
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_codemod_that_changes_nothing_needs_the_agent_only_where_the_check_says_so() {
    let mut bench = Bench::new();
    bench.codemod = Some(("a", "1\n", true));
    assert_eq!(bench.work(Vec::new()).await.end, WorkerEnd::Unchanged);
    bench.plan.units[0].check = Some("grep -q good a".to_owned());
    let worked = bench
        .work(vec![does(|root| write(root, "a", "good\n"))])
        .await;
    worked.is_delivered();
    assert!(
        worked.asked[0].prompt.contains("It changed nothing."),
        "{}",
        worked.asked[0].prompt
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn a_rerun_goes_on_from_what_the_agent_had_made() {
    let mut bench = Bench::new();
    bench.codemod = Some(("a", "by the codemod\n", true));
    bench.kept(&[("a", "by the agent\n")]).await;
    let act = does(|root| {
        assert_eq!(read(root, "a"), "by the agent\n");
        write(root, "a", "good\n");
    });
    let worked = bench.work(vec![act]).await;
    worked.is_delivered();
    assert_eq!(worked.abouts(), [Ask::Implement]);
}

#[tokio::test(flavor = "multi_thread")]
async fn an_agent_that_takes_the_codemods_edits_back_has_failed() {
    let mut bench = Bench::new().test("test \"$(cat a)\" != bad");
    bench.codemod = Some(("a", "bad\n", true));
    let worked = bench.work(vec![does(|root| write(root, "a", "1\n"))]).await;
    assert_eq!(
        (worked.failure().step, worked.failure().kind),
        (Step::Test, FailureKind::Tests)
    );
    for (path, well, step) in [("a", false, Step::Implement), ("b", true, Step::Gate)] {
        let mut bench = Bench::new();
        bench.codemod = Some((path, "half\n", well));
        let worked = bench.work(vec![does(|root| write(root, "a", "1\n"))]).await;
        assert_eq!(worked.failure().step, step);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn an_agent_that_leaves_what_its_codemod_left_undone_has_failed() {
    let mut bench = Bench::new();
    bench.codemod = Some(("a", "1\n", true));
    bench.plan.units[0].check = Some("grep -q good a".to_owned());
    let worked = bench.work(vec![does(|_| {})]).await;
    assert_eq!(worked.failure().step, Step::Check);
    assert!(
        worked.failure().cause.ends_with("the agent left no edits"),
        "{}",
        worked.failure().cause
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn a_rerun_asks_the_agent_only_where_the_kept_edits_still_do_not_pass() {
    let mut bench = Bench::new().test("test \"$(cat a)\" = good");
    bench.codemod = Some(("a", "by the codemod\n", true));
    bench.kept(&[("a", "good\n")]).await;
    bench.evidence.failure = Some(Failure::of(Step::Test, "the test was slow"));
    bench.work(Vec::new()).await.is_delivered();
    let mut bench = Bench::new().test("test \"$(cat a)\" = good");
    bench.codemod = Some(("a", "by the codemod\n", true));
    bench.kept(&[("a", "nearly\n")]).await;
    bench.evidence.failure = Some(Failure::of(Step::Test, "test failed"));
    let worked = bench
        .work(vec![does(|root| write(root, "a", "good\n"))])
        .await;
    worked.is_delivered();
    assert_eq!(worked.abouts(), [Ask::TakeOver]);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_rerun_whose_kept_edits_are_gone_begins_with_the_codemod() {
    let mut bench = Bench::new();
    bench.codemod = Some(("a", "good\n", true));
    bench.evidence.kept = Some(Kept::Unproven("refs/batch/none/one/attempt-1".to_owned()));
    bench.work(Vec::new()).await.is_delivered();
    assert_eq!(bench.delivered("a"), "good");
}
