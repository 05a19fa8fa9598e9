//! How an agent may end, and what that means for its unit.

use std::fs;
use std::time::Duration;

use batch::engine::job::WorkerEnd;
use batch::model::agent::{AgentAnswer, AgentEnd, AgentEvent};
use batch::model::event::{Ask, Event};
use batch::model::outcome::{FailureKind, Step};
use batch::model::spend::Usd;
use jiff::Timestamp;

use super::super::lab::{read, write};
use super::bench::{Act, Bench, answer, cent, does, ends, writes};

#[tokio::test(flavor = "multi_thread")]
async fn each_bad_end_fails_the_unit_in_its_kind_and_keeps_the_edits() {
    let second = Duration::from_secs(1);
    for (end, kind) in [
        (AgentEnd::OutOfTurns, FailureKind::Turns),
        (AgentEnd::OutOfBudget, FailureKind::Budget),
        (
            AgentEnd::Unauthorised("no key".into()),
            FailureKind::Unauthorised,
        ),
        (AgentEnd::NoQuota(String::new()), FailureKind::Quota),
        (AgentEnd::Failed("exit code 1".into()), FailureKind::Crash),
        (AgentEnd::Silent(second), FailureKind::Silence),
        (AgentEnd::TimedOut(second), FailureKind::Timeout),
        (AgentEnd::TooMuchOutput(1), FailureKind::Runaway),
        (AgentEnd::TooMuchDisk(1), FailureKind::Runaway),
    ] {
        let bench = Bench::new();
        let said = format!("{end:?}");
        let worked = bench
            .work(vec![ends(|root| write(root, "a", "half\n"), end)])
            .await;
        let failure = worked.failure();
        assert_eq!(
            (failure.step, failure.kind),
            (Step::Implement, kind),
            "{said}"
        );
        assert!(failure.cause.starts_with("the agent "), "{}", failure.cause);
        let kept = worked.kept().expect(&said);
        assert_eq!(bench.changed(kept), "a");
        assert_eq!(worked.spent(), cent());
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn refused_tools_are_a_warning_beside_edits_and_a_failure_without() {
    let denied = || AgentEnd::Denied(vec!["Bash".to_owned(), "Web\u{1b}[31m".to_owned()]);
    let bench = Bench::new();
    let worked = bench
        .work(vec![ends(|root| write(root, "a", "good\n"), denied())])
        .await;
    worked.is_delivered();
    assert_eq!(
        worked.warnings(),
        ["the agent was refused what it asked for: Bash, Web"]
    );
    let worked = Bench::new().work(vec![ends(|_| {}, denied())]).await;
    assert_eq!(worked.failure().kind, FailureKind::Permission);
    assert!(
        worked.failure().cause.contains("Bash, Web"),
        "{}",
        worked.failure().cause
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn a_rate_limit_is_waited_for_and_the_session_goes_on() {
    let bench = Bench::new();
    let resets = Timestamp::now() + Duration::from_millis(300);
    let limit = AgentEnd::RateLimited {
        resets: Some(resets),
    };
    let goes_on = does(move |root| {
        assert!(Timestamp::now() >= resets);
        assert_eq!(read(root, "a"), "half\n");
        write(root, "a", "good\n");
    });
    let worked = bench
        .work(vec![
            ends(|root| write(root, "a", "half\n"), limit),
            goes_on,
        ])
        .await;
    worked.is_delivered();
    assert_eq!(worked.abouts(), [Ask::Implement, Ask::GoOn]);
    assert_eq!(worked.asked[1].session.as_deref(), Some("the-session"));
    assert!(
        worked.asked[1].prompt.starts_with("You were interrupted"),
        "{}",
        worked.asked[1].prompt
    );
    assert!(
        worked
            .events
            .iter()
            .any(|event| matches!(event, Event::Paused { .. }))
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn what_was_asked_is_not_lost_at_a_rate_limit_that_leaves_no_session() {
    for sessions in [false, true] {
        let mut bench = Bench::new().test("test \"$(cat a)\" = good");
        bench.sessions = sessions;
        let limit: Act = Box::new(|_, _| AgentAnswer {
            session: None,
            ..answer(
                AgentEnd::RateLimited {
                    resets: Some(Timestamp::now() + Duration::from_millis(300)),
                },
                "",
            )
        });
        let worked = bench
            .work(vec![writes("a", "bad\n"), limit, writes("a", "good\n")])
            .await;
        worked.is_delivered();
        assert_eq!(
            worked.abouts(),
            [Ask::Implement, Ask::Fix { round: 1 }, Ask::GoOn]
        );
        let prompt = &worked.asked[2].prompt;
        for part in [
            "test failed with exit code 1",
            "interrupted by the provider's limit",
        ] {
            assert!(prompt.contains(part), "{part}: {prompt}");
        }
        assert_eq!(prompt.contains("> Do the part."), !sessions, "{prompt}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn turns_and_money_are_those_of_the_whole_unit() {
    let mut bench = Bench::new().test("test \"$(cat a)\" = good");
    bench.rules.max_turns = Some(5);
    bench.allowance.cost = Some(Usd(15_000));
    let worked = bench
        .work(vec![writes("a", "bad\n"), writes("a", "good\n")])
        .await;
    worked.is_delivered();
    let means: Vec<_> = worked
        .asked
        .iter()
        .map(|asked| (asked.turns, asked.cost))
        .collect();
    assert_eq!(
        means,
        [(Some(5), Some(Usd(15_000))), (Some(2), Some(Usd(5_000)))]
    );
    bench.rules.max_turns = Some(3);
    let worked = bench.work(vec![writes("a", "bad\n")]).await;
    assert_eq!(worked.failure().kind, FailureKind::Turns);
    bench.rules.max_turns = None;
    bench.allowance.cost = Some(Usd(10_000));
    let worked = bench.work(vec![writes("a", "bad\n")]).await;
    assert_eq!(worked.failure().kind, FailureKind::Budget);
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_told_on_the_way_is_passed_on_seldom_and_adds_up() {
    let bench = Bench::new();
    let talks = Box::new(
        |root: &std::path::Path, hear: &mut (dyn FnMut(AgentEvent) + Send)| {
            for number in 0..1000 {
                hear(AgentEvent::Text(format!("line {number}\u{1b}[31m")));
                let mut spend = cent();
                spend.cost = Some(Usd(10));
                spend.tokens.input = 1;
                hear(AgentEvent::Spent(spend));
            }
            write(root, "a", "good\n");
            let mut answer = answer(AgentEnd::Completed, "");
            answer.spend.cost = Some(Usd(12_000));
            answer.spend.tokens.input = 1000;
            answer.spend.tokens.output = 3000;
            answer
        },
    );
    let worked = bench.work(vec![talks]).await;
    worked.is_delivered();
    let spent = worked.spent();
    assert_eq!(
        (spent.cost, spent.tokens.input, spent.tokens.output),
        (Some(Usd(12_000)), 1000, 3000)
    );
    let told = worked
        .events
        .iter()
        .filter(|event| matches!(event, Event::Spent { .. } | Event::Activity { .. }));
    assert!(told.count() < 10);
    assert_eq!(worked.summary(), None);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_worktree_that_the_agent_destroyed_fails_the_unit_with_its_cause_and_saves_the_files() {
    let bench = Bench::new();
    let root = bench.root.clone();
    let destroys = does(move |worktree| {
        write(worktree, "a", "good\n");
        let name = worktree.file_name().unwrap();
        fs::remove_dir_all(root.join(".git/worktrees").join(name)).unwrap();
    });
    let worked = bench.work(vec![destroys]).await;
    let failure = worked.failure();
    assert_eq!(
        (failure.step, failure.kind),
        (Step::Implement, FailureKind::Crash)
    );
    assert!(
        failure.cause.contains("using the worktree"),
        "{}",
        failure.cause
    );
    assert_eq!(bench.changed(worked.kept().unwrap()), "a");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_retry_begins_at_the_base_with_what_went_wrong() {
    let mut bench = Bench::new();
    bench.rules.retries = 1;
    bench.allowance.cost = Some(Usd(15_000));
    let worked = bench
        .work(vec![
            ends(
                |root| write(root, "dir/half", "x"),
                AgentEnd::Failed("it broke".into()),
            ),
            does(|root| {
                assert!(!root.join("dir/half").exists());
                write(root, "a", "good\n");
            }),
        ])
        .await;
    worked.is_delivered();
    assert!(
        worked.asked[1]
            .prompt
            .contains("the agent ended badly: it broke")
    );
    assert!(
        worked.asked[1].prompt.contains("You begin anew"),
        "{}",
        worked.asked[1].prompt
    );
    assert_eq!(worked.asked[1].session, None);
    assert_eq!(worked.asked[1].cost, Some(Usd(5_000)));
}

#[tokio::test(flavor = "multi_thread")]
async fn who_is_not_logged_in_is_not_asked_again_whatever_the_retries() {
    let mut bench = Bench::new();
    bench.rules.retries = 3;
    let worked = bench
        .work(vec![ends(|_| {}, AgentEnd::Unauthorised(String::new()))])
        .await;
    assert!(matches!(worked.end, WorkerEnd::Failed(_)));
}
