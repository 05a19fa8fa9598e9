//! What a further attempt begins from.

use batch::engine::job::Kept;
use batch::model::event::Ask;
use batch::model::outcome::{Failure, FailureKind, Step};

use super::super::lab::{read, write};
use super::bench::{Bench, does};

fn failed(step: Step, cause: &str) -> Failure {
    Failure {
        tail: vec!["FAIL one".to_owned()],
        ..Failure::of(step, cause)
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_rerun_begins_from_the_edits_of_the_attempt_before_where_they_were_in_scope() {
    let mut bench = Bench::new();
    bench
        .kept(&[("a", "half\n"), ("dir/d", "new\n"), ("b", "not mine\n")])
        .await;
    bench.evidence.failure = Some(failed(Step::Test, "test failed with exit code 1"));
    let act = does(|root| {
        assert_eq!(read(root, "a"), "half\n");
        assert_eq!(read(root, "b"), "2\n");
        write(root, "a", "good\n");
    });
    let worked = bench.work(vec![act]).await;
    worked.is_delivered();
    assert_eq!(bench.delivered("dir/d"), "new");
    let prompt = &worked.asked[0].prompt;
    for part in [
        "- `dir/d`",
        "git diff HEAD",
        "test failed with exit code 1",
        "FAIL one",
    ] {
        assert!(prompt.contains(part), "{part}: {prompt}");
    }
    assert_eq!(
        worked.warnings(),
        [
            "1 of the edits of the attempt before were left out: they are not the unit's to make",
            "began from the edits of the attempt before (2 files)",
        ]
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn a_fresh_rerun_begins_at_the_base_and_still_knows_the_failure() {
    let mut bench = Bench::new();
    bench.kept(&[("a", "half\n")]).await;
    bench.evidence.failure = Some(failed(Step::Implement, "the agent used up its turns"));
    bench.rules.fresh = true;
    let act = does(|root| {
        assert_eq!(read(root, "a"), "1\n");
        write(root, "a", "good\n");
    });
    let worked = bench.work(vec![act]).await;
    worked.is_delivered();
    assert!(worked.asked[0].prompt.contains("You begin anew"));
    assert!(worked.asked[0].prompt.contains("used up its turns"));
}

#[tokio::test(flavor = "multi_thread")]
async fn edits_that_only_could_not_be_pushed_are_pushed_without_asking_the_agent() {
    let mut bench = Bench::new().test("test \"$(cat a)\" = good");
    bench.committed(&[("a", "good\n")]).await;
    bench.evidence.failure = Some(failed(Step::Push, "the remote hung up"));
    bench.work(Vec::new()).await.is_delivered();
    assert_eq!(bench.delivered("a"), "good");
}

#[tokio::test(flavor = "multi_thread")]
async fn edits_that_conflict_or_no_longer_pass_go_to_the_agent() {
    let mut bench = Bench::new().test("test \"$(cat a)\" = good");
    bench.committed(&[("a", "bad\n")]).await;
    bench.evidence.failure = Some(failed(Step::Push, "the remote hung up"));
    let mend = || does(|root| write(root, "a", "good\n"));
    let worked = bench.work(vec![mend()]).await;
    worked.is_delivered();
    assert_eq!(worked.abouts(), [Ask::TakeOver]);
    let mut bench = Bench::new();
    bench.committed(&[("a", "bad\n")]).await;
    let conflict = failed(
        Step::Push,
        "conflicts with the units that finished before it",
    );
    bench.evidence.failure = Some(Failure {
        kind: FailureKind::Conflict,
        ..conflict
    });
    let worked = bench.work(vec![mend()]).await;
    worked.is_delivered();
    assert_eq!(worked.abouts(), [Ask::Implement]);
}

#[tokio::test(flavor = "multi_thread")]
async fn kept_edits_that_are_gone_are_a_warning() {
    let mut bench = Bench::new();
    bench.evidence.kept = Some(Kept::Unproven("refs/batch/none/one/attempt-1".to_owned()));
    let worked = bench
        .work(vec![does(|root| write(root, "a", "good\n"))])
        .await;
    worked.is_delivered();
    assert_eq!(
        worked.warnings(),
        ["the edits of the attempt before are no longer there"]
    );
}
