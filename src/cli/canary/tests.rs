//! What is shown after a canary, and what each answer means.

use std::collections::VecDeque;
use std::io;

use jiff::SignedDuration;
use snapbox::{assert_data_eq, str};

use super::{Word, asked, shown};
use crate::cli::page::Page;
use crate::cli::prompt::{Dialogue, Reply};
use crate::cli::style::Look;
use crate::engine::outlook::{Disk, Outlook};
use crate::model::history::History;
use crate::model::sample;
use crate::model::spend::{Spend, Usd};

const PAGE: Page = Page {
    look: Look::Plain,
    columns: 80,
};

fn history() -> History {
    let mut outcomes = vec![
        Some(sample::opened(1)),
        Some(sample::failed(
            "exit code 1 while the tests of the part ran on it\nmore",
            &[],
        )),
    ];
    outcomes.extend(vec![None; 22]);
    let mut history = sample::history(outcomes);
    history.canary = vec![sample::id("unit-1"), sample::id("unit-2")];
    for unit in &mut history.units {
        unit.asks = true;
    }
    history.units[0].spend = Spend {
        cost: Some(Usd(250_000)),
        ..Spend::default()
    };
    history
}

fn outlook() -> Outlook {
    Outlook {
        units: 22,
        time: Some(SignedDuration::from_secs(1500)),
        jobs: 3,
        spend: Some(Spend {
            cost: Some(Usd(5_500_000)),
            estimated: true,
            ..Spend::default()
        }),
        disk: Some(Disk {
            each: 600_000_000,
            worktrees: 3,
            more: 600_000_000,
            free: Some(500_000_000),
        }),
    }
}

#[test]
fn how_the_first_ended_and_what_the_rest_will_take_fits_80_columns() {
    let text = shown(&history(), &outlook(), PAGE);
    assert_data_eq!(
        &text,
        str![[r#"

The canary has ended: 2 of 24 units.

UNIT    OUTCOME   TOOK   COST  PULL REQUEST
unit-1  opened   1.5 s  $0.25  #1
unit-2  failed   1.5 s
  unit-2: exit code 1 while the tests of the part ran on it

The other 22 units, by what these took:
  time      about 25 min 0 s, 3 at a time
  money     ~$5.50; ~$5.75 in all
  disk      1.8 GB for 3 worktrees, 600 MB of it still to come; 500 MB free
warning: there is hardly room for them

"#]]
    );
    assert!(text.lines().all(|line| line.chars().count() <= 80));
}

#[test]
fn what_is_not_known_is_said_to_be_so() {
    let mut history = history();
    history.canary = vec![sample::id("unit-3")];
    let outlook = Outlook {
        time: None,
        spend: None,
        disk: None,
        units: 1,
        ..outlook()
    };
    let text = shown(&history, &outlook, PAGE);
    let (_, facts) = text
        .split_once("The other unit, by what these took:\n")
        .unwrap();
    assert_eq!(
        facts,
        "  time      not known: none of them was begun\n  money     not known: none of them was done\n"
    );
}

/// A person who gives these answers.
struct Person(VecDeque<Reply<usize>>, &'static str);

impl Dialogue for Person {
    fn page(&self) -> Page {
        PAGE
    }
    fn show(&mut self, _: &str) {}
    fn choose(&mut self, _: &str, _: &[String]) -> Reply<usize> {
        self.0.pop_front().expect("a question too many")
    }
    fn mark(&mut self, _: &str, _: &[String]) -> Reply<Vec<usize>> {
        Reply::Back
    }
    fn enter(&mut self, _: &str) -> Reply<String> {
        Reply::Given(self.1.to_owned())
    }
    fn edit(&mut self, _: &str) -> Reply<String> {
        Reply::Back
    }
}

fn answer(agents: bool, replies: Vec<Reply<usize>>, note: &'static str) -> Word {
    asked(22, agents, &mut Person(replies.into(), note))
}

#[test]
fn each_answer_is_a_word() {
    assert_eq!(answer(false, vec![Reply::Given(0)], ""), Word::GoOn(None));
    let stopped = Word::Stop("not begun: stopped after the canary".to_owned());
    assert_eq!(answer(false, vec![Reply::Given(1)], ""), stopped);
    assert_eq!(answer(true, vec![Reply::Given(2)], ""), stopped);
    assert_eq!(answer(true, vec![Reply::Back], ""), stopped);
    assert_eq!(
        answer(true, vec![Reply::Interrupted], ""),
        Word::Interrupted
    );
    assert_eq!(
        answer(true, vec![Reply::Given(1)], " mind the gap "),
        Word::GoOn(Some("mind the gap".to_owned()))
    );
    // An empty note leads back to the question.
    assert_eq!(
        answer(true, vec![Reply::Given(1), Reply::Back], " "),
        stopped
    );
    let gone = answer(true, vec![Reply::Failed(io::Error::other("gone"))], "");
    assert!(matches!(gone, Word::Stop(_)));
}
