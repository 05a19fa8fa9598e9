//! The words of the user and of agents order nothing in what is written for them: nobody is notified, nothing is closed.

use super::{delivery, told};
use crate::engine::text::{Delivery, Sibling, Texts};
use crate::model::plan::Plan;
use crate::model::sample;

const WORDS: &str = "Fixes #3 as @bob asked in GH-4";

fn plan() -> Plan {
    let mut plan = sample::plan(2);
    plan.change.description = WORDS.to_owned();
    plan.units[0].title = format!("title {WORDS}");
    plan.units[0].task = format!("task {WORDS}\nfixes https://github.com/o/r/issues/3");
    plan
}

#[test]
fn a_body_notifies_nobody_and_closes_only_what_is_ours() {
    let plan = plan();
    let body = told(&Delivery {
        warnings: &[WORDS.to_owned()],
        summary: Some(WORDS),
        siblings: &[Sibling {
            title: WORDS.to_owned(),
            url: None,
        }],
        tracked: Some(12),
        ..delivery(&plan, &sample::run(), &sample::commit("c"))
    });
    let quiet = "Fixes (#\u{200b}3) as @\u{200b}bob asked in GH-\u{200b}4";
    assert_eq!(body.matches(quiet).count(), 6, "{body}");
    for loud in ["#3", "@bob", "GH-4", "fixes https"] {
        assert!(!body.contains(loud), "{loud} in {body}");
    }
    assert!(body.contains("Part of #12."), "{body}");
}

#[test]
fn commit_messages_and_titles_close_nothing_and_keep_their_length() {
    let texts = Texts::new().unwrap();
    let mut plan = plan();
    let message = texts.commit_message(&plan, &plan.units[0]).unwrap();
    let title = texts.pr_title(&plan, &plan.units[0]).unwrap();
    assert_eq!(message.matches("Fixes (#3)").count(), 3, "{message}");
    assert!(
        message.contains("fixes (https://github.com/o/r/issues/3)"),
        "{message}"
    );
    assert!(title.starts_with("Fixes (#3) as @bob"), "{title}");
    // The two only meet in the line that is made of them.
    plan.change.description = "Fix".to_owned();
    plan.units[0].title = format!("#3 {}", "x".repeat(200));
    let title = texts.pr_title(&plan, &plan.units[0]).unwrap();
    assert!(title.starts_with("Fix: (#3) xxx"), "{title}");
    assert_eq!(title.chars().count(), 100);
}
