//! The summary as it stands in a terminal.

use snapbox::{IntoData as _, assert_data_eq, str};

use super::{Look, Summary};
use crate::model::history::History;
use crate::model::outcome::Outcome;
use crate::model::sample;
use crate::model::spend::{Spend, Tokens, Usd};

fn shown(history: &History, columns: usize) -> String {
    let summary = Summary {
        history,
        report: "/r/report.md".to_owned(),
        failures: "/r/failures.md".to_owned(),
        resume: "batch resume".to_owned(),
        rerun: "batch rerun".to_owned(),
        publish: "batch prs publish".to_owned(),
    };
    summary.render(columns, Look::Signs)
}

#[test]
fn each_failure_is_shown_once_below_the_table() {
    let broken = || {
        let tail = [
            "ok 1",
            "",
            "not ok 2: \u{1b}[31mno such file\u{1b}[0m",
            "  in line 7",
        ];
        Some(sample::failed("test failed with exit code 1", &tail))
    };
    let refused = "the remote refused the push\nremote: only the release team may push to branches below batch/, ask them\n ! [remote rejected]";
    let outcomes = vec![
        Some(sample::opened(12)),
        broken(),
        Some(sample::failed(refused, &["not this one"])),
        broken(),
        Some(Outcome::Unchanged),
        Some(sample::cancelled()),
    ];
    assert_data_eq!(
        shown(&sample::history(outcomes), 60),
        str![[r#"

UNIT    OUTCOME      PR    TIME  NOTE
unit-1  ✓ opened     #12  1.5 s
unit-2  ✗ failed          1.5 s  at test
unit-3  ✗ failed          1.5 s  at test
unit-4  ✗ failed          1.5 s  at test
unit-5  = unchanged       1.5 s
unit-6  - cancelled       1.5 s  the user stopped the run

1 of 6 units opened a pull request, 1 unchanged, 3 failed, 1
cancelled

unit-2 and unit-4 failed at test: test failed with exit
  code 1
    ok 1
    not ok 2: no such file
      in line 7
unit-3 failed at test: the remote refused the push
    remote: only the release team may push to branches belo…
     ! [remote rejected]

report    /r/report.md
failures  /r/failures.md
again     batch rerun

"#]]
        .raw()
    );
}

#[test]
fn what_was_stopped_is_for_a_resume_and_what_failed_for_a_rerun() {
    let mut history = sample::history(vec![
        Some(sample::cancelled()),
        Some(sample::failed("broken", &[])),
    ]);
    history.interrupted = true;
    history.units[0].stopped = true;
    let text = shown(&history, 80);
    assert!(
        text.ends_with("go on     batch resume\nagain     batch rerun\n"),
        "{text}"
    );
    history.units.pop();
    let text = shown(&history, 80);
    assert!(text.ends_with("go on     batch resume\n"), "{text}");
}

#[test]
fn many_units_of_one_failure_are_counted() {
    let outcomes = vec![Some(sample::failed("no space left on device", &[])); 9];
    let text = shown(&sample::history(outcomes), 80);
    assert!(
        text.contains("\nunit-1, unit-2, unit-3, unit-4 and 5 more failed at test: no space left on\n  device\n\n"),
        "{text}"
    );
}

#[test]
fn a_red_base_is_told_without_a_table_of_units_that_were_not_begun() {
    let mut history = sample::history(vec![Some(sample::cancelled()), Some(sample::cancelled())]);
    for unit in &mut history.units {
        unit.started = None;
    }
    history.base_refused = Some(sample::refusal());
    assert_data_eq!(
        shown(&history, 80),
        str![[r#"

the base is red, so no unit was started: the test failed on main at bbbbbbbbbbbb

main failed at test: exit code 1
    FAILED tests/a.sh

report    /r/report.md
failures  /r/failures.md
again     batch rerun
          once what it lacks is there; --allow-red-base builds on it as it is,
          and a base mended by a commit needs a new run

"#]]
        .raw()
    );
}

#[test]
fn what_units_cost_has_a_column_where_any_cost_something() {
    let mut history = sample::history(vec![
        Some(sample::opened(1)),
        Some(Outcome::Unchanged),
        Some(Outcome::Cancelled {
            reason:
                "the budget of $5.00 is used up ($5.02 spent); `batch rerun --max-cost …` goes on"
                    .to_owned(),
        }),
    ]);
    history.units[0].spend = Spend {
        cost: Usd::from_dollars(4.6),
        estimated: true,
        tokens: Tokens {
            input: 1_230_000,
            ..Tokens::default()
        },
    };
    history.research.cost = Usd::from_dollars(0.42);
    assert_data_eq!(
        shown(&history, 80),
        str![[r#"

UNIT    OUTCOME      PR   TIME    COST  NOTE
unit-1  ✓ opened     #1  1.5 s  ~$4.60
unit-2  = unchanged      1.5 s
unit-3  - cancelled      1.5 s          the budget of $5.00 is used up ($5.02 s…

1 of 3 units opened a pull request, 1 unchanged, 1 cancelled
cost: ~$5.02 (1.2M tokens), $0.42 of it for research
report    /r/report.md
failures  /r/failures.md
again     batch rerun

"#]]
        .raw()
    );
}

#[test]
fn what_waits_as_planned_is_published_later() {
    let waits = Outcome::Pushed {
        reason: "waits for `unit-1` to be merged".to_owned(),
        as_planned: true,
    };
    let history = sample::history(vec![Some(sample::opened(1)), Some(waits)]);
    assert_data_eq!(
        shown(&history, 80),
        str![[r#"

UNIT    OUTCOME   PR   TIME  NOTE
unit-1  ✓ opened  #1  1.5 s
unit-2  ↑ pushed      1.5 s  waits for `unit-1` to be merged

1 of 2 units opened a pull request, 1 pushed without a pull request yet
report    /r/report.md
publish   batch prs publish
          once what they wait for is merged

"#]]
        .raw()
    );
}

#[test]
fn a_branch_without_its_pull_request_says_why_and_what_opens_it() {
    let refused = || {
        Some(Outcome::Pushed {
            reason: "the token may not open pull requests (opening a pull request for batch/x/unit-1)\ngive it `Pull requests: write`".to_owned(),
            as_planned: false,
        })
    };
    let waits = Outcome::Pushed {
        reason: "waits: 4 pull requests are open, and --max-open-prs is 4".to_owned(),
        as_planned: true,
    };
    let mut history = sample::history(vec![refused(), refused(), Some(waits)]);
    history.pulls.max_open = Some(4);
    assert_data_eq!(
        shown(&history, 80),
        str![[r#"

UNIT    OUTCOME   PR   TIME  NOTE
unit-1  ↑ pushed      1.5 s  the token may not open pull requests (opening a pu…
unit-2  ↑ pushed      1.5 s  the token may not open pull requests (opening a pu…
unit-3  ↑ pushed      1.5 s  waits: 4 pull requests are open, and --max-open-pr…

none of 3 units opened a pull request, 3 pushed without a pull request yet

unit-1 and unit-2 pushed without a pull request: the token may not open pull
  requests (opening a pull request for batch/x/unit-1)
    give it `Pull requests: write`

report    /r/report.md
failures  /r/failures.md
publish   batch prs publish --watch
          opens what could not be opened, once that is mended;
          opens the next ones as others are merged or their checks end

"#]]
        .raw()
    );
}

#[test]
fn when_all_went_well_there_is_nothing_to_take_up() {
    let history = sample::history(vec![Some(sample::opened(1)), Some(Outcome::Unchanged)]);
    assert_data_eq!(
        shown(&history, 80),
        str![[r#"

UNIT    OUTCOME      PR   TIME  NOTE
unit-1  ✓ opened     #1  1.5 s
unit-2  = unchanged      1.5 s

1 of 2 units opened a pull request, 1 unchanged
report    /r/report.md

"#]]
        .raw()
    );
}

#[test]
fn drafts_that_are_to_become_ready_have_a_command_for_that() {
    let mut history = sample::history(vec![Some(sample::opened(1))]);
    (history.pulls.draft, history.pulls.ready_when_green) = (true, true);
    let text = shown(&history, 80);
    assert!(
        text.ends_with(
            "\npublish   batch prs publish --watch\n          marks drafts ready once their checks pass\n"
        ),
        "{text}"
    );
}

#[test]
fn after_an_interrupt_publishing_has_nothing_to_wait_for() {
    let mut history = sample::history(vec![Some(sample::pushed())]);
    history.interrupted = true;
    let text = shown(&history, 80);
    assert!(
        text.ends_with("\npublish   batch prs publish\n          opens what is pushed\n"),
        "{text}"
    );
}
