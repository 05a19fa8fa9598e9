//! What a further attempt begins from.

use batch::engine::job::WorkerEnd;
use batch::model::event::Ask;
use batch::model::kept::Kept;
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

#[tokio::test(flavor = "multi_thread")]
async fn edits_that_only_could_not_be_pushed_go_to_the_agent_where_the_person_has_a_word_for_it() {
    let mut bench = Bench::new().test("test \"$(cat a)\" = good");
    bench.committed(&[("a", "good\n")]).await;
    bench.evidence.failure = Some(failed(Step::Push, "the remote hung up"));
    bench.evidence.note = Some("make a new one too".to_owned());
    let act = does(|root| {
        assert_eq!(read(root, "a"), "good\n");
        write(root, "new", "more\n");
    });
    let worked = bench.work(vec![act]).await;
    worked.is_delivered();
    assert_eq!(worked.abouts(), [Ask::Implement]);
    assert!(worked.asked[0].prompt.contains("> make a new one too"));
    assert_eq!(bench.delivered("new"), "more");
}

#[tokio::test(flavor = "multi_thread")]
async fn an_agent_that_takes_back_edits_that_did_not_pass_has_failed() {
    for proven in [true, false] {
        let mut bench = Bench::new().test("test \"$(cat a)\" != bad");
        if proven {
            bench.committed(&[("a", "bad\n")]).await;
            bench.evidence.failure = Some(failed(Step::Push, "the remote hung up"));
        } else {
            bench.kept(&[("a", "bad\n")]).await;
            bench.evidence.failure = Some(failed(Step::Test, "test failed with exit code 1"));
        }
        let worked = bench.work(vec![does(|root| write(root, "a", "1\n"))]).await;
        assert_eq!(worked.failure().kind, FailureKind::Tests, "{proven}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn committed_edits_that_the_base_has_by_now_are_no_failure_for_the_agent_to_mend() {
    let mut bench = Bench::new();
    bench.committed(&[("a", "good\n")]).await;
    bench.evidence.failure = Some(failed(Step::Push, "the remote hung up"));
    write(&bench.root, "a", "good\n");
    bench.lab.git(&bench.root, &["commit", "-qam", "the same"]);
    bench.base = bench.lab.id(&bench.root, "HEAD");
    let worked = bench.work(vec![does(|_| {})]).await;
    assert_eq!(worked.end, WorkerEnd::Unchanged);
    assert_eq!(worked.abouts(), [Ask::Implement]);
    let prompt = &worked.asked[0].prompt;
    assert!(prompt.contains("the remote hung up"), "{prompt}");
    assert!(!prompt.contains("nothing to look at"), "{prompt}");
}
