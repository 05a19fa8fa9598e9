//! The section of a tracking issue, by itself and within what people write.

use std::collections::BTreeSet;

use snapbox::IntoData as _;

use super::{Board, Full};
use crate::engine::text::Texts;
use crate::model::outcome::Outcome;
use crate::model::sample;

fn board() -> Board {
    let waits = Outcome::Pushed {
        reason: "waits: 4 pull requests are open, and --max-open-prs is 4".to_owned(),
        as_planned: true,
    };
    Board::of(&sample::history(vec![
        Some(sample::opened(12)),
        Some(sample::opened(13)),
        Some(waits),
        Some(sample::failed("exit code 1", &[])),
        Some(Outcome::Unchanged),
        None,
    ]))
}

fn placed(body: &str, merged: &[u64]) -> String {
    let merged: BTreeSet<u64> = merged.iter().copied().collect();
    let placed = board().placed(body, &Texts::new().unwrap(), &merged);
    placed.unwrap().unwrap()
}

#[test]
fn an_issue_is_a_checklist_of_all_units() {
    let texts = Texts::new().unwrap();
    let issue = board().new_issue(&texts, &BTreeSet::from([13])).unwrap();
    assert_eq!(issue.title, "rename frob to frobnicate (6 parts)");
    assert!(issue.body.lines().any(|line| line == issue.mark));
    snapbox::assert_data_eq!(issue.body, snapbox::str![[r#"
<!-- batch tracking run=20260102T030405Z-0a1b begins -->
> rename frob to frobnicate

6 parts, each with a pull request of its own:

- [ ] #12 src/part1
- [x] #13 src/part2
- [ ] src/part3 (waits: 4 pull requests are open, and --max-open-prs is 4)
- [ ] src/part4 (failed at test)
- [x] src/part5 (nothing to change)
- [ ] src/part6

2 of 6 merged or without anything to change.

Run `20260102T030405Z-0a1b`. What failed or was stopped: `batch rerun 20260102T030405Z-0a1b`. What waits: `batch prs publish 20260102T030405Z-0a1b`.
This list is written anew as the run goes on; what stands outside of it is left as it is.
<!-- batch tracking run=20260102T030405Z-0a1b ends -->

"#]].raw());
}

#[test]
fn a_section_is_put_at_the_end_once_and_then_only_it_is_changed() {
    let first = placed("Please help.\r\n", &[]);
    assert!(
        first.starts_with("Please help.\n\n<!-- batch tracking"),
        "{first}"
    );
    // People wrote around it, and their editor changed the ends of lines.
    let edited = format!("Top\r\n{}\r\nBottom", first.replace('\n', "\r\n"));
    let second = placed(&edited, &[12]);
    assert!(
        second.starts_with("Top\r\nPlease help.\r\n\r\n<!-- batch"),
        "{second}"
    );
    assert!(second.ends_with(" ends -->\r\n\r\nBottom"), "{second}");
    assert_eq!(second.matches("begins -->").count(), 1);
    assert!(
        second.contains("- [x] #12 src/part1\n- [ ] #13"),
        "{second}"
    );
    // What is known to be merged stays ticked off by who does not know it.
    assert_eq!(placed(&second, &[]), second);
}

#[test]
fn half_a_section_is_left_alone() {
    let whole = placed("", &[]);
    let (half, _) = whole.split_once("- [ ] #13").unwrap();
    let mended = placed(half, &[]);
    assert!(mended.starts_with(half.trim_end()), "{mended}");
    assert_eq!(placed(&mended, &[]), mended);
}

#[test]
fn an_issue_without_room_is_not_written() {
    let texts = Texts::new().unwrap();
    let body = "x".repeat(64_900);
    assert_eq!(
        board().placed(&body, &texts, &BTreeSet::new()).unwrap(),
        Err(Full)
    );
}

#[test]
fn of_very_many_units_some_are_counted() {
    let mut history = sample::history(vec![None; 2000]);
    for unit in &mut history.units {
        unit.title = "a title of some length that repeats".to_owned();
    }
    let texts = Texts::new().unwrap();
    let issue = Board::of(&history)
        .new_issue(&texts, &BTreeSet::new())
        .unwrap();
    assert!(issue.body.len() < 50_000, "{}", issue.body.len());
    assert!(issue.body.contains("- and 1500 more\n"), "{}", issue.body);
}

#[test]
fn the_words_of_a_change_notify_nobody_and_close_nothing() {
    let mut history = sample::history(vec![Some(sample::opened(12))]);
    history.change = "Fixes #3 for @bob".to_owned();
    history.units[0].title = "fixes #3 for @bob".to_owned();
    let texts = Texts::new().unwrap();
    let issue = Board::of(&history).new_issue(&texts, &BTreeSet::new());
    let issue = issue.unwrap();
    assert_eq!(issue.title, "Fixes (#3) for @bob (1 part)");
    for line in [
        "> Fixes (#\u{200b}3) for @\u{200b}bob",
        "- [ ] #12 fixes (#\u{200b}3) for @\u{200b}bob",
    ] {
        assert!(
            issue.body.lines().any(|found| found == line),
            "{}",
            issue.body
        );
    }
}
