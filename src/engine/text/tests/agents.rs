//! What the texts say of agents: who really made a part, and what they say of it.

use super::{delivery, told};
use crate::engine::text::{Delivery, Texts};
use crate::model::agent::AgentChoice;
use crate::model::change::Source;
use crate::model::outcome::Outcome;
use crate::model::plan::Plan;
use crate::model::sample;

#[test]
fn what_the_agent_says_is_quoted_in_the_pull_request() {
    let plan = sample::plan(1);
    let body = told(&Delivery {
        summary: Some("Replaced it.\n## No heading of ours"),
        ..delivery(&plan, &sample::run(), &sample::commit("c"))
    });
    assert!(
        body.contains("\n\nThe agent says:\n\n> Replaced it.\n> \\## No heading of ours\n---"),
        "{body}"
    );
}

#[test]
fn the_pull_request_names_what_really_made_it() {
    let mut plan = sample::plan(2);
    let made = |plan: &Plan, agent| {
        let body = told(&Delivery {
            agent,
            ..delivery(plan, &sample::run(), &sample::commit("c"))
        });
        let (_, rest) = body.split_once("made by ").unwrap();
        rest.split_once(".\n").unwrap().0.to_owned()
    };
    let rewrite = r"the rewrite `s/\bfrob\b/frobnicate/g`";
    assert_eq!(made(&plan, None), rewrite);
    assert_eq!(
        made(&plan, Some(("claude", None))),
        format!("{rewrite} and, where that was not enough, by the agent `claude`")
    );
    plan.units[0].source = Some(Source::Command("fix {files}".to_owned()));
    assert_eq!(made(&plan, None), "the command `fix {files}`");
    plan.units[0].source = Some(Source::Agent);
    assert_eq!(made(&plan, None), "an agent");
    plan.units[0].agent = Some(AgentChoice {
        name: Some("codex".to_owned()),
        model: Some("o`9".to_owned()),
    });
    assert_eq!(made(&plan, None), "the agent `codex` (model ``o`9``)");
    assert_eq!(
        made(&plan, Some(("claude", Some("opus")))),
        "the agent `claude` (model `opus`)"
    );
}

#[test]
fn the_report_tells_who_was_asked_for_a_unit_and_what_they_say() {
    let mut history = sample::history(vec![
        Some(sample::opened(1)),
        Some(Outcome::Unchanged),
        None,
    ]);
    let [first, second, _] = &mut history.units[..] else {
        panic!("not three units");
    };
    first.agent = Some("claude".to_owned());
    first.model = Some("opus".to_owned());
    first.summary = Some(format!(
        "Did *all*.\n# Really\u{1b}[1m. {}",
        "word ".repeat(100)
    ));
    second.agent = Some("codex".to_owned());
    let report = Texts::new().unwrap().report(&history).unwrap();
    let (_, said) = report
        .split_once("\n## What the agents say\n\n")
        .expect(&report);
    let lines: Vec<&str> = said.lines().collect();
    assert!(
        lines[0].starts_with(
            "- `unit-1`, by `claude` (model `opus`): Did \\*all\\*. # Really. word word"
        ),
        "{report}"
    );
    assert!(
        lines[0].ends_with("word…") && lines[0].len() < 400,
        "{report}"
    );
    assert_eq!(lines[1], "- `unit-2`, by `codex`: nothing");
    assert!(
        lines[2..].iter().all(|line| !line.starts_with("- `unit-")),
        "{report}"
    );
}
