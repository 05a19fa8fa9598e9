//! The texts as their readers see them.

use snapbox::IntoData as _;

use super::{Delivery, Sibling, Size, Texts};
use crate::model::id::{ObjectId, RunId};
use crate::model::outcome::Outcome;
use crate::model::path::RepoPath;
use crate::model::plan::{Plan, TestPolicy};
use crate::model::sample;
use crate::model::spend::{Spend, Usd};

mod agents;
mod quiet;

/// What a reviewer is told, with nothing left out.
fn told(delivery: &Delivery<'_>) -> String {
    let parts = Texts::new().unwrap().pr_parts(delivery).unwrap();
    format!("{}---\n{}---\n{}", parts.what, parts.checked, parts.rest)
}

fn body(plan: &Plan, files: &[RepoPath], warnings: &[String]) -> String {
    told(&Delivery {
        files,
        warnings,
        ..delivery(plan, &sample::run(), &sample::commit("c"))
    })
}

/// A delivery of the plan's first unit of which nothing is told.
fn delivery<'a>(plan: &'a Plan, run: &'a RunId, commit: &'a ObjectId) -> Delivery<'a> {
    Delivery {
        run,
        plan,
        unit: &plan.units[0],
        base: &plan.base.commit,
        branch: "batch/rename-frob-0a1b/unit-1",
        commit,
        files: &[],
        warnings: &[],
        agent: None,
        summary: None,
        siblings: &[],
        tracked: None,
        size: Size::ALL[0],
    }
}

#[test]
fn a_part_that_builds_on_others_says_so_and_the_others_promise_no_more_than_is_so() {
    let mut plan = sample::plan(3);
    assert!(body(&plan, &[], &[]).contains("merged in any order."));
    plan.units[2].after = vec![sample::id("unit-1"), sample::id("unit-2")];
    let first = body(&plan, &[], &[]);
    assert!(
        first.contains("It can be reviewed and merged on its own; other parts"),
        "{first}"
    );
    assert!(
        first.contains("on `main` at `bbbbbbbbbbbb`, branch"),
        "{first}"
    );
    plan.units.swap(0, 2);
    let last = told(&Delivery {
        base: &sample::commit("e"),
        ..delivery(&plan, &sample::run(), &sample::commit("c"))
    });
    assert!(
        last.contains("It builds on `unit-1`, `unit-2`, and is to be merged after that; its own changes are those on top of commit `eeeeeeeeeeee`."),
        "{last}"
    );
    assert!(
        last.contains("for `main`, on commit `eeeeeeeeeeee`, branch"),
        "{last}"
    );
}

#[test]
fn what_waits_as_planned_is_in_the_report_and_no_failure() {
    let waits = Outcome::Pushed {
        reason: "waits for `unit-1` to be merged".to_owned(),
        as_planned: true,
    };
    let history = sample::history(vec![Some(sample::opened(1)), Some(waits)]);
    let texts = Texts::new().unwrap().reports(&history).unwrap();
    let (_, end) = texts.markdown.split_once("still to come\n\n").unwrap();
    assert_eq!(
        end,
        "- `unit-2`: waits for \\`unit-1\\` to be merged\n\n\
         `batch prs publish 20260102T030405Z-0a1b` opens them as soon as they can be.\n"
    );
    assert!(
        texts.failures.contains("Nothing did: every unit"),
        "{}",
        texts.failures
    );
}

#[test]
fn a_commit_message_is_a_subject_and_the_task() {
    let mut plan = sample::plan(2);
    plan.units[0].task = format!("{}\n\n- one\n- two\n", "Replace each call. ".repeat(6));
    snapbox::assert_data_eq!(
        Texts::new()
            .unwrap()
            .commit_message(&plan, &plan.units[0])
            .unwrap(),
        snapbox::str![[r#"
rename frob to frobnicate: src/part1

Replace each call. Replace each call. Replace each call. Replace each
call. Replace each call. Replace each call.

- one
- two

"#]]
    );
}

#[test]
fn a_subject_that_was_cut_stands_whole_in_the_body() {
    let mut plan = sample::plan(1);
    plan.change.description =
        "migrate all of the class components in src/ to functional components".to_owned();
    plan.units[0].title = "src/pages/settings".to_owned();
    snapbox::assert_data_eq!(
        Texts::new()
            .unwrap()
            .commit_message(&plan, &plan.units[0])
            .unwrap(),
        snapbox::str![[r#"
migrate all of the class components in src/ to…: src/pages/settings

migrate all of the class components in src/ to functional components:
src/pages/settings

Replace frob by frobnicate in the files of this folder.

"#]]
    );
}

#[test]
fn a_title_is_one_line_whatever_the_plan_says() {
    let mut plan = sample::plan(1);
    plan.change.description = "rename\u{1b}[31m\nfrob".to_owned();
    plan.units[0].title = "a\nb".to_owned();
    let title = Texts::new()
        .unwrap()
        .pr_title(&plan, &plan.units[0])
        .unwrap();
    assert_eq!(title, "rename: a b");
}

#[test]
fn a_pull_request_tells_its_reviewer_what_why_and_how_it_was_checked() {
    let mut plan = sample::plan(3);
    plan.units[0].check = Some("make -C src/part1 check".to_owned());
    let files = ["src/a.rs".into(), RepoPath::new(*b"src/caf\xe9 `x`")];
    let warnings = ["the test passed on its second run".to_owned()];
    let siblings = [
        Sibling {
            title: "part2 [x]".to_owned(),
            url: Some("https://h/o/r/pulls?q=x".to_owned()),
        },
        Sibling {
            title: "part3".to_owned(),
            url: None,
        },
    ];
    let (run, commit) = (sample::run(), sample::commit("c"));
    let delivery = Delivery {
        files: &files,
        warnings: &warnings,
        siblings: &siblings,
        tracked: Some(12),
        ..delivery(&plan, &run, &commit)
    };
    snapbox::assert_data_eq!(told(&delivery), snapbox::str![[r#"
> rename frob to frobnicate

This is one of the 3 parts of that change, made by the rewrite `s/\bfrob\b/frobnicate/g`.
No two parts touch the same file, so each can be reviewed on its own and merged in any order.
Part of #12.

**This part: src/part1**

> Replace frob by frobnicate in the files of this folder.
---
The check of this part passed: `make -C src/part1 check`

The test passed: `make test`

That was on exactly the tree of commit `cccccccccccc`: nothing changed between there and the push.

Worth knowing:

- the test passed on its second run
---
## Files

- `src/a.rs`
- ``"src/caf\351 `x`"``

## The other parts

- [part2 \[x\]](https://h/o/r/pulls?q=x)
- part3

## Where it comes from

Unit `unit-1` of run `20260102T030405Z-0a1b`, on `main` at `bbbbbbbbbbbb`, branch `batch/rename-frob-0a1b/unit-1`.
To take the unit up again: `batch rerun 20260102T030405Z-0a1b --unit unit-1`

"#]].raw());
}

#[test]
fn an_untested_pull_request_says_so_and_a_long_command_has_a_block() {
    let mut plan = sample::plan(1);
    plan.test = TestPolicy::None;
    let untested = body(&plan, &[], &[]);
    assert!(untested.contains("Nothing was run"), "{untested}");
    plan.test = TestPolicy::Command("make\nmake test".to_owned());
    let tested = body(&plan, &[], &[]);
    assert!(
        tested.contains("The test passed:\n\n```text\nmake\nmake test\n```\n\nThat was on"),
        "{tested}"
    );
}

#[test]
fn of_many_files_the_first_fifty_are_named() {
    let files: Vec<RepoPath> = (0..53)
        .map(|n| RepoPath::from(format!("f{n}").as_str()))
        .collect();
    let body = body(&sample::plan(2), &files, &[]);
    assert!(body.contains("- `f49`\n- and 3 more\n"), "{body}");
    assert!(!body.contains("f50"), "{body}");
}

#[test]
fn many_files_and_parts_are_folded_away_where_the_forge_shows_html_and_counted_where_there_is_no_room()
 {
    let plan = sample::plan(2);
    let (run, commit) = (sample::run(), sample::commit("c"));
    let files = vec![RepoPath::from("f"); 11];
    let sibling = Sibling {
        title: "part".to_owned(),
        url: Some("https://h/o/r/pulls?q=x".to_owned()),
    };
    let siblings = vec![sibling; 40];
    let all = Delivery {
        files: &files,
        siblings: &siblings,
        ..delivery(&plan, &run, &commit)
    };
    let text = told(&all);
    assert!(
        text.contains("## Files\n\n<details>\n<summary>11 files</summary>\n\n- `f`\n"),
        "{text}"
    );
    assert!(text.contains("- and 10 more\n\n</details>\n"), "{text}");
    let least = Delivery {
        size: Size::ALL[4],
        ..all
    };
    let text = told(&least);
    assert!(
        text.contains("## Files\n\n11 files\n\n## The other parts\n\n40 other parts\n\n## Where"),
        "{text}"
    );
}

#[test]
fn a_task_cannot_swallow_the_rest_of_the_body() {
    let mut plan = sample::plan(1);
    plan.units[0].task = "drop <!--\n```\nhalf a fence".to_owned();
    let body = body(&plan, &[], &[]);
    assert!(
        body.contains("> drop <!--\n> ```\n> half a fence\n---\n"),
        "{body}"
    );
}

#[test]
fn the_report_lists_every_unit_and_how_to_go_on() {
    let mut history = sample::history(vec![
        Some(sample::opened(7)),
        Some(sample::failed("exit code 2", &["boom"])),
        Some(Outcome::Unchanged),
        None,
    ]);
    history.units[1].title = "a|b\n<x>".to_owned();
    history.units[0].warnings = vec!["the hook rewrote a file".to_owned()];
    history.ended = Some(sample::at(185));
    history.exit_code = Some(1);
    snapbox::assert_data_eq!(
        Texts::new().unwrap().report(&history).unwrap(),
        snapbox::str![[r#"
# Run `20260102T030405Z-0a1b`

> rename frob to frobnicate

1 of 4 units opened a pull request, 1 unchanged, 1 failed, 1 not finished.

- Base: `main` at `bbbbbbbbbbbb`
- Began: 2026-01-02 03:04:05 UTC
- Ended: 2026-01-02 03:07:10 UTC, after 3 min 5 s, with exit code 1

## Units

| unit | title | outcome | pull request | files | took |
|---|---|---|---|--:|--:|
| `unit-1` | src/part1 | opened | [#7](file:///pulls/7.json) | 2 | 1.5 s |
| `unit-2` | a\|b \<x\> | failed |  | 0 | 1.5 s |
| `unit-3` | src/part3 | unchanged |  | 0 | 1.5 s |
| `unit-4` | src/part4 | not finished |  | 0 |  |

## Worth knowing

- `unit-1`: the hook rewrote a file

## How to go on

[failures.md](failures.md) says what went wrong. `batch rerun 20260102T030405Z-0a1b` takes up what is not finished.

"#]]
        .raw()
    );
}

#[test]
fn the_failures_log_groups_equal_causes() {
    let tail = ["```", "FAILED tests/a.sh"];
    let mut history = sample::history(vec![
        Some(sample::failed("exit code 2", &tail)),
        Some(sample::opened(7)),
        Some(sample::failed("timed out\nafter 300 s", &[])),
        Some(sample::failed("exit code 2", &tail)),
        Some(sample::cancelled()),
        Some(sample::pushed()),
        None,
    ]);
    history.units[0].kept = Some("refs/batch/r/unit-1/attempt-1".to_owned());
    history.units[3].commit = Some(sample::commit("d"));
    snapbox::assert_data_eq!(
        Texts::new().unwrap().failures(&history).unwrap(),
        snapbox::str![[r#"
# What went wrong in run `20260102T030405Z-0a1b`

> rename frob to frobnicate

1 of 7 units opened a pull request, 1 pushed without a pull request yet, 3 failed, 1 cancelled, 1 not finished.

To take up what failed, was cancelled or did not finish: `batch rerun 20260102T030405Z-0a1b`

## Test: exit code 2

Kind of failure: tests.

2 units failed in this way.

### `unit-1` src/part1

The last lines of its log:

````text
```
FAILED tests/a.sh
````

- The whole log: `/repo/.git/batch/runs/r/logs/u/1-test.log`
- Its edits: `git show refs/batch/r/unit-1/attempt-1`
- To take it up again: `batch rerun 20260102T030405Z-0a1b --unit unit-1`

### `unit-4` src/part4

The last lines of its log are those of the unit above.

- The whole log: `/repo/.git/batch/runs/r/logs/u/1-test.log`
- Its commit: `git show dddddddddddd`
- To take it up again: `batch rerun 20260102T030405Z-0a1b --unit unit-4`

## Test: timed out

Kind of failure: tests.

```text
timed out
after 300 s
```

### `unit-3` src/part3

- The whole log: `/repo/.git/batch/runs/r/logs/u/1-test.log`
- To take it up again: `batch rerun 20260102T030405Z-0a1b --unit unit-3`

## Cancelled

- `unit-5` src/part5: the user stopped the run

## Pushed, with the pull request still to come

- `unit-6` src/part6: the forge is full

## Not finished

- `unit-7` src/part7

To open the pull requests of what is pushed: `batch prs publish 20260102T030405Z-0a1b`

"#]]
    );
}

#[test]
fn the_failures_log_shows_a_red_base() {
    let mut history = sample::history(vec![None, None]);
    history.base_refused = Some(sample::refusal());
    snapbox::assert_data_eq!(
        Texts::new().unwrap().failures(&history).unwrap(),
        snapbox::str![[r#"
# What went wrong in run `20260102T030405Z-0a1b`

> rename frob to frobnicate

The base is red, so no unit was started: the test failed on main at bbbbbbbbbbbb.

## The base is red

The test failed on `main` at `bbbbbbbbbbbb` itself, so no unit was started.

```text
exit code 1
```

The last lines of its log:

```text
FAILED tests/a.sh
```

The whole log: `/repo/.git/batch/runs/r/logs/base/1-test.log`

If it lacked something on this machine, `batch rerun 20260102T030405Z-0a1b` starts the units once that is there; `--allow-red-base` builds on the base as it is. A base that is mended by a commit needs a new run: this one stays on `bbbbbbbbbbbb`.

"#]]
    );
    let report = Texts::new().unwrap().report(&history).unwrap();
    assert!(report.contains("## The base is red"), "{report}");
}

#[test]
fn without_failures_the_log_says_so_in_a_sentence() {
    let history = sample::history(vec![Some(sample::opened(1)), Some(Outcome::Unchanged)]);
    let failures = Texts::new().unwrap().failures(&history).unwrap();
    assert!(
        failures.ends_with(
            "\n\nNothing did: every unit opened its pull request, waits for it as planned, or had nothing to change.\n"
        ),
        "{failures}"
    );
}

#[test]
fn the_report_has_a_column_of_costs_where_any_unit_cost_something() {
    let mut history = sample::history(vec![Some(sample::opened(1)), Some(Outcome::Unchanged)]);
    history.units[0].spend = Spend {
        cost: Usd::from_dollars(0.42),
        estimated: true,
        ..Spend::default()
    };
    history.research.cost = Usd::from_dollars(0.5);
    let report = Texts::new().unwrap().report(&history).unwrap();
    let lines: Vec<&str> = report
        .lines()
        .filter(|line| line.starts_with('|') || line.starts_with("- Cost"))
        .collect();
    snapbox::assert_data_eq!(
        lines.join("\n"),
        snapbox::str![[r#"
- Cost: \~\$0.92, of which research \$0.50
| unit | title | outcome | pull request | files | took | cost |
|---|---|---|---|--:|--:|--:|
| `unit-1` | src/part1 | opened | [#1](file:///pulls/1.json) | 2 | 1.5 s | \~\$0.42 |
| `unit-2` | src/part2 | unchanged |  | 0 | 1.5 s |  |
"#]]
        .raw()
    );
}

#[test]
fn the_json_report_is_a_document_that_ends_its_line() {
    let history = sample::history(vec![]);
    let texts = Texts::new().unwrap().reports(&history).unwrap();
    assert!(texts.json.ends_with("}\n"));
}
