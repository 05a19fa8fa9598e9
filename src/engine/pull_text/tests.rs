//! Whole pull requests, with what is far too long in them.

use std::sync::Arc;

use snapbox::IntoData as _;

use super::{BODY_MAX, Scribe, search, size};
use crate::engine::text::Texts;
use crate::model::history::History;
use crate::model::mark::Mark;
use crate::model::outcome::IssueLink;
use crate::model::plan::Plan;
use crate::model::pull::NewPull;
use crate::model::sample;
use crate::model::site::Site;

fn pull(plan: Plan, history: &History, template: Option<&str>) -> NewPull {
    let scribe = Scribe {
        plan: Arc::new(plan),
        texts: Texts::new().unwrap(),
        plan_id: sample::commit("a"),
        template: template.map(Arc::from),
    };
    let unit = sample::id("unit-1");
    scribe.pull(history, &unit, sample::commit("c")).unwrap()
}

#[test]
fn a_reviewer_finds_the_change_the_checks_the_other_parts_and_the_way_back() {
    let mut history = sample::history(vec![None, None]);
    history.site = Site::of("github.com", "octo/sample");
    history.tracked_by = Some(IssueLink {
        number: 12,
        url: None,
    });
    history.units[0].files = vec!["src/part1/a.rs".into()];
    let pull = pull(sample::plan(2), &history, None);
    assert_eq!(pull.title, "rename frob to frobnicate: src/part1");
    snapbox::assert_data_eq!(pull.body, snapbox::str![[r#"
> rename frob to frobnicate

This is one of the 2 parts of that change, made by the rewrite `s/\bfrob\b/frobnicate/g`.
No two parts touch the same file, so each can be reviewed on its own and merged in any order.
Part of #12.

**This part: src/part1**

> Replace frob by frobnicate in the files of this folder.

## How it was checked

The test passed: `make test`

That was on exactly the tree of commit `cccccccccccc`: nothing changed between there and the push.

## Files

- `src/part1/a.rs`

## The other parts

- [src/part2](https://github.com/octo/sample/pulls?q=is%3Apr+head%3Abatch%2Frename-frob-0a1b%2Funit-2)

## Where it comes from

Unit `unit-1` of run `20260102T030405Z-0a1b`, on `main` at `bbbbbbbbbbbb`, branch `batch/rename-frob-0a1b/unit-1`.
To take the unit up again: `batch rerun 20260102T030405Z-0a1b --unit unit-1`

<!-- batch run=20260102T030405Z-0a1b unit=unit-1 plan=aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa commit=cccccccccccccccccccccccccccccccccccccccc -->

"#]].raw());
}

#[test]
fn what_is_too_long_is_cut_and_the_mark_never() {
    let mut plan = sample::plan(1);
    let mut history = sample::history(vec![None]);
    let fits = |plan: &Plan, history: &History, template: Option<&str>| {
        let pull = pull(plan.clone(), history, template);
        assert!(size(&pull.body) <= BODY_MAX, "{}", pull.body.len());
        assert!(pull.title.chars().count() <= 256);
        assert_eq!(Mark::find(&pull.body), Some(pull.mark));
        pull.body
    };
    let long = "\u{1f600}".repeat(1000);
    history.units[0].files = (0..50)
        .map(|n| format!("{n}{long}").as_str().into())
        .collect();
    let body = fits(&plan, &history, None);
    assert!(
        body.contains("## Files\n\n50 files\n") && body.contains("Replace frob by"),
        "{body}"
    );
    let story = "word \n".repeat(15_000);
    plan.units[0].task.clone_from(&story);
    history.units[0].summary = Some(story.clone());
    let body = fits(&plan, &history, None);
    assert!(
        body.contains("> word") && body.contains("## Where it comes from"),
        "{body}"
    );
    plan.change.description.clone_from(&story);
    plan.units[0].title = long;
    plan.units[0].check = Some(story.clone());
    history.units[0].warnings = vec!["word ".repeat(1000); 60];
    fits(&plan, &history, None);
    fits(
        &plan,
        &history,
        Some(&"# Description\n\n- [ ] read\n".repeat(1000)),
    );
}

#[test]
fn the_other_parts_are_found_by_a_search_for_their_branches() {
    let site = Site::of("ghes.example:8443", "o/r").unwrap();
    assert_eq!(
        search(&site, "batch/a b+c/\u{e9}"),
        "https://ghes.example:8443/o/r/pulls?q=is%3Apr+head%3Abatch%2Fa%20b%2Bc%2F%C3%A9"
    );
}
