//! Conversations with a scripted agent: what it is asked, and what comes of what it answers.

use std::time::Duration;

use serde_json::json;

use self::talk::{
    Copy, FULL, PLAIN, Wish, answer, cost, end, gives, overlapping, ready, right, says, split,
    talk, talk_within, unit,
};
use super::{InquiryError, InquiryEvent, InquiryLimits};
use crate::model::agent::{AgentAbilities, AgentAnswer, AgentEnd, AgentEvent};
use crate::model::answer::Proposal;
use crate::model::sample;
use crate::model::spend::Usd;

mod talk;

#[tokio::test]
async fn a_right_answer_becomes_a_plan_at_once() {
    let mut talk = talk(FULL, vec![ready(), gives(right())]);
    let plan = talk.plan().await;
    assert_eq!(plan.units.len(), 2);
    let research = plan.research.unwrap();
    assert_eq!(
        (research.agent.as_str(), research.model.as_deref()),
        ("claude", Some("opus"))
    );
    assert_eq!(research.spend, cost(2));
    let asked = talk.asked();
    assert_eq!(asked.len(), 2);
    // The probe is small, and its session is not gone on with.
    assert_eq!(
        (asked[0].turns, asked[0].timeout),
        (Some(1), Duration::from_secs(60))
    );
    assert!(asked[0].prompt.contains("ready") && !asked[0].schema);
    assert!(asked[1].schema && asked[1].session.is_none());
    assert!(talk.events.contains(&InquiryEvent::Probing));
    assert!(
        talk.events
            .contains(&InquiryEvent::Agent(AgentEvent::Text("I look".into())))
    );
}

#[tokio::test]
async fn a_wrong_answer_is_asked_for_again_with_what_is_wrong() {
    let script = vec![
        ready(),
        says("Here are my thoughts."),
        gives(overlapping()),
        gives(right()),
    ];
    let mut talk = talk(FULL, script);
    let plan = talk.plan().await;
    assert_eq!(plan.units.len(), 2);
    assert_eq!(plan.research.unwrap().spend, cost(4));
    let asked = talk.asked();
    assert!(
        asked[2].prompt.contains("the answer is not JSON"),
        "{}",
        asked[2].prompt
    );
    assert!(
        asked[3]
            .prompt
            .contains("`src/b/1.ts` is in unit `a` as well")
    );
    assert!(asked[3].prompt.contains("the last time"));
    // The session knows what it was asked, and what it cost.
    assert!(!asked[3].prompt.contains("make forms functional"));
    assert_eq!(asked[3].session, Some(("s1".to_owned(), cost(2))));
    let problems = talk
        .events
        .iter()
        .filter(|event| matches!(event, InquiryEvent::Problems(_)));
    assert_eq!(problems.count(), 2);
}

#[tokio::test]
async fn an_agent_without_sessions_or_schema_is_told_everything_anew() {
    let fenced = format!("My plan:\n```json\n{}\n```\nGood luck.", right());
    let script = vec![ready(), says(&overlapping().to_string()), says(&fenced)];
    let mut talk = talk(PLAIN, script);
    assert_eq!(talk.plan().await.units.len(), 2);
    let asked = talk.asked();
    assert!(
        asked
            .iter()
            .all(|asked| asked.session.is_none() && !asked.schema)
    );
    assert!(
        asked[1].prompt.contains("\"do-not-split\""),
        "the schema is in the prompt"
    );
    for part in [
        "make forms functional",
        "\"do-not-split\"",
        "src/b/1.ts\",\"src/b",
        "in unit `a` as well",
    ] {
        let part = part.replace("\",\"src/b", "");
        assert!(asked[2].prompt.contains(&part), "{part}");
    }
}

#[tokio::test]
async fn three_wrong_answers_are_an_error_with_all_that_is_wrong() {
    let script = vec![
        ready(),
        gives(overlapping()),
        says("no"),
        gives(overlapping()),
    ];
    let mut talk = talk(FULL, script);
    assert_eq!(
        talk.error().await,
        "claude gave no usable plan in 3 answers (transcript: /transcript):\n  unit `b`: `src/b/1.ts` is in unit `a` as well"
    );
    assert_eq!(talk.inquiry.spend(), cost(4));
}

#[tokio::test]
async fn an_earlier_answer_that_can_be_mended_is_better_than_none() {
    let lacking = answer(&[unit("a", &["src/a/"])]);
    let script = vec![ready(), gives(lacking), says("no"), says("never")];
    let plan = talk(FULL, script).plan().await;
    assert_eq!(plan.excluded[0].reason, "not placed by research");
}

#[tokio::test]
async fn whoever_is_not_logged_in_is_asked_nothing_more() {
    let said = AgentEnd::Unauthorised("Invalid API key · run /login".to_owned());
    let mut talk = talk(FULL, vec![end(said)]);
    assert_eq!(
        talk.error().await,
        "claude is not logged in: Invalid API key · run /login (transcript: /transcript)"
    );
    assert_eq!(talk.asked().len(), 1);
}

#[tokio::test]
async fn an_agent_that_cannot_look_for_files_is_not_even_probed() {
    let cannot = AgentAbilities {
        research: false,
        turns: true,
        ..PLAIN
    };
    let mut talk = talk(cannot, Vec::new());
    assert!(matches!(
        talk.has(Wish::Research).await,
        Err(InquiryError::CannotResearch { .. })
    ));
    assert!(talk.asked().is_empty());
}

#[tokio::test]
async fn the_advice_not_to_split_is_an_answer() {
    let mut whole = answer(&[]);
    whole["verdict"] = json!("do-not-split");
    whole["reason"] = json!("one file feeds all");
    let mut talk = talk(FULL, vec![ready(), gives(whole)]);
    match talk.has(Wish::Research).await.unwrap() {
        Proposal::Whole(found) => {
            assert_eq!(found.reason, "one file feeds all");
            assert_eq!(found.whole.research.unwrap().spend, cost(2));
        }
        Proposal::Split(plan) => panic!("{plan:#?}"),
    }
}

#[tokio::test]
async fn the_users_words_go_to_the_same_session() {
    let three = answer(&[
        unit("a", &["src/a/"]),
        unit("b", &["src/b/1.ts"]),
        unit("c", &["src/b/"]),
    ]);
    let mut talk = talk(
        FULL,
        vec![ready(), gives(right()), gives(overlapping()), gives(three)],
    );
    let mut plan = talk.plan().await;
    plan.units[0].title = "edited by hand".to_owned();
    let revised = split(
        talk.has(Wish::Revise("split \u{1b}[1mb by feature", &plan))
            .await,
    );
    assert_eq!(revised.units.len(), 3);
    assert_eq!(revised.research.unwrap().spend, cost(4));
    let asked = talk.asked();
    assert_eq!(asked.len(), 4);
    assert!(
        asked[2].prompt.contains("> split b by feature"),
        "{}",
        asked[2].prompt
    );
    assert!(asked[2].prompt.contains("edited by hand"));
    assert_eq!(asked[2].session, Some(("s1".to_owned(), cost(1))));
    assert!(!asked[2].prompt.contains("What makes a good split"));
}

#[tokio::test]
async fn without_a_session_the_users_words_come_with_all_the_rest() {
    let mut talk = talk(
        PLAIN,
        vec![
            ready(),
            says(&right().to_string()),
            says(&right().to_string()),
        ],
    );
    let plan = talk.plan().await;
    split(talk.has(Wish::Revise("other titles", &plan)).await);
    let asked = talk.asked();
    assert!(asked[2].prompt.contains("What makes a good split"));
    assert!(asked[2].prompt.contains("> other titles"));
}

#[tokio::test]
async fn a_rate_limit_is_waited_for_and_charges_no_ask() {
    let soon = sample::at(0) + jiff::SignedDuration::from_millis(20);
    let limited = || end(AgentEnd::RateLimited { resets: Some(soon) });
    let script = vec![limited(), ready(), limited(), gives(right())];
    let mut talk = talk(FULL, script);
    talk.plan().await;
    let waits = talk
        .events
        .iter()
        .filter(|event| **event == InquiryEvent::Waiting { until: soon });
    assert_eq!(waits.count(), 2);
    let asked = talk.asked();
    assert!(
        asked[3].prompt.starts_with("You were interrupted"),
        "{}",
        asked[3].prompt
    );
    assert_eq!(asked[3].session, Some(("s1".to_owned(), cost(1))));
}

#[tokio::test]
async fn a_rate_limit_that_lasts_is_an_error_with_its_end() {
    let late = sample::at(16 * 60);
    let mut talk = talk(
        FULL,
        vec![ready(), end(AgentEnd::RateLimited { resets: Some(late) })],
    );
    assert!(
        talk.error()
            .await
            .contains("provider's limit until 2026-01-02 03:20 UTC")
    );
    let limits = InquiryLimits {
        backoff: Duration::ZERO,
        ..InquiryLimits::default()
    };
    let endless = (0..9)
        .map(|_| end(AgentEnd::RateLimited { resets: None }))
        .collect();
    let mut endless = talk_within(FULL, endless, limits, Copy::default());
    assert!(endless.error().await.contains("does not say until when"));
    assert_eq!(endless.asked().len(), 4);
}

#[tokio::test]
async fn used_up_turns_are_asked_for_an_answer_where_the_session_goes_on() {
    let mut goes_on = talk(
        FULL,
        vec![ready(), end(AgentEnd::OutOfTurns), gives(right())],
    );
    goes_on.plan().await;
    assert!(
        goes_on.asked()[2]
            .prompt
            .contains("answer now, from what you know")
    );
    let mut plain = talk(PLAIN, vec![ready(), end(AgentEnd::OutOfTurns)]);
    assert!(plain.error().await.starts_with("claude used up its turns"));
}

#[tokio::test]
async fn denied_tools_do_no_harm_to_an_answer() {
    let denied = |structured| AgentAnswer {
        structured,
        ..end(AgentEnd::Denied(vec!["Bash".to_owned()]))
    };
    talk(FULL, vec![ready(), denied(Some(right()))])
        .plan()
        .await;
    let mut nothing = talk(FULL, vec![ready(), denied(None)]);
    assert!(
        nothing
            .error()
            .await
            .starts_with("claude was refused Bash and gave no answer")
    );
}

#[tokio::test]
async fn all_asks_together_keep_to_the_limit_on_cost() {
    let limits = InquiryLimits {
        cost: Some(Usd(20_000)),
        ..InquiryLimits::default()
    };
    let script = vec![ready(), gives(overlapping())];
    let mut talk = talk_within(FULL, script, limits, Copy::default());
    assert!(
        talk.error()
            .await
            .starts_with("claude reached the limit on what research may cost")
    );
    let asked = talk.asked();
    assert_eq!(
        (asked[0].cost, asked[1].cost),
        (Some(Usd(20_000)), Some(Usd(10_000)))
    );
}

#[tokio::test]
async fn what_was_written_to_the_copy_is_noted_once() {
    let copy = Copy {
        touched: vec!["src/a/1.ts".into()],
    };
    let script = vec![ready(), gives(overlapping()), gives(right())];
    let mut talk = talk_within(FULL, script, InquiryLimits::default(), copy);
    let plan = talk.plan().await;
    let warning =
        "claude wrote to the copy that it was to read (src/a/1.ts); nothing is taken from there";
    assert_eq!(plan.notes, [warning]);
    let told = talk
        .events
        .iter()
        .filter(|event| matches!(event, InquiryEvent::Warning(_)));
    assert_eq!(told.count(), 1);
}

#[tokio::test]
async fn a_wish_to_stop_ends_the_waiting() {
    let soon = sample::at(600);
    let mut talk = talk(
        FULL,
        vec![end(AgentEnd::RateLimited { resets: Some(soon) })],
    );
    talk.inquiry.stop.asked.cancel();
    assert_eq!(talk.error().await, "stopped");
}

#[tokio::test]
async fn the_prompt_says_what_research_needs() {
    let mut talk = talk(PLAIN, vec![ready(), says(&right().to_string())]);
    talk.plan().await;
    let prompt = &talk.asked()[1].prompt;
    for part in [
        "> make forms functional",
        "limited to these paths: `src/**`.",
        "`main` at `bbbbbbbbbbbb`",
        "## The repository at its base",
        "Make 5 to 30 units",
        "the test command, `make test`",
        "Every one of the 2 candidate files",
        "\"$schema\"",
    ] {
        assert!(prompt.contains(part), "{part} in\n{prompt}");
    }
    assert!(!prompt.contains("\n\n\n"), "{prompt}");
}
