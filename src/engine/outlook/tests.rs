//! What the rest is said to take.

use jiff::SignedDuration;

use super::{Disk, Outlook, Worktrees, last_end};
use crate::model::history::History;
use crate::model::id::UnitId;
use crate::model::order::Order;
use crate::model::outcome::Outcome;
use crate::model::sample;
use crate::model::spend::{Spend, Usd};

fn rest(history: &History) -> Vec<UnitId> {
    let open = history.units.iter().filter(|unit| unit.outcome.is_none());
    open.map(|unit| unit.id.clone()).collect()
}

fn outlook(history: &History, jobs: usize) -> Outlook {
    Outlook::of(history, &rest(history), jobs, &Worktrees::default())
}

#[test]
fn time_is_what_the_first_took_for_as_many_at_once_as_work() {
    // Each attempt took 1.5 s.
    let mut outcomes = vec![Some(sample::opened(1)), Some(sample::opened(2))];
    outcomes.extend([None, None, None, None, None]);
    let history = sample::history(outcomes);
    let time = |jobs| outlook(&history, jobs).time.unwrap();
    assert_eq!(time(1), SignedDuration::from_millis(7500));
    assert_eq!(time(2), SignedDuration::from_millis(4500));
    assert_eq!(time(50), SignedDuration::from_millis(1500));
    assert_eq!(outlook(&history, 50).jobs, 5);
}

#[test]
fn a_larger_unit_takes_longer_and_what_failed_counts_only_where_nothing_was_done() {
    let mut history = sample::history(vec![
        Some(sample::opened(1)),
        Some(sample::failed("x", &[])),
        None,
    ]);
    history.units[1].ended = Some(sample::at(1000));
    history.units[0].lines = Some(10);
    history.units[2].lines = Some(30);
    // Half is the same for each, half grows with the lines.
    assert_eq!(
        outlook(&history, 1).time,
        Some(SignedDuration::from_millis(3000))
    );
    history.units[0].outcome = Some(sample::failed("y", &[]));
    assert_eq!(
        outlook(&history, 1).time.unwrap().as_secs(),
        (1 + 1000) / 2 * 2 + 1
    );
    history.units[0].started = None;
    history.units[1].started = None;
    assert_eq!(outlook(&history, 1).time, None);
}

#[test]
fn what_waits_for_others_makes_it_longer() {
    let chain = Order::new(vec![vec![], vec![0], vec![1]]);
    assert_eq!(last_end(&[10, 10, 10], &chain, 3), 30);
    let flat = Order::new(vec![vec![]; 3]);
    assert_eq!(last_end(&[10, 10, 10], &flat, 3), 10);
    assert_eq!(last_end(&[10, 10, 10], &flat, 2), 20);
    assert_eq!(last_end(&[], &Order::default(), 2), 0);
}

#[test]
fn money_is_told_of_units_that_ask_and_by_units_that_were_done() {
    let mut history = sample::history(vec![
        Some(sample::opened(1)),
        Some(Outcome::Unchanged),
        None,
        None,
        None,
    ]);
    assert_eq!(outlook(&history, 2).spend, None);
    for unit in &mut history.units {
        unit.asks = true;
    }
    assert_eq!(outlook(&history, 2).spend, None);
    for (unit, cost) in history.units.iter_mut().zip([300_000, 100_000]) {
        unit.spend = Spend {
            cost: Some(Usd(cost)),
            ..Spend::default()
        };
    }
    let spend = outlook(&history, 2).spend.unwrap();
    assert_eq!(spend.cost, Some(Usd(600_000)));
    assert!(spend.estimated);
    // A codemod costs nothing.
    history.units[4].asks = false;
    let spend = outlook(&history, 2).spend.unwrap();
    assert_eq!(spend.cost, Some(Usd(400_000)));
}

#[test]
fn the_disk_holds_a_worktree_for_each_that_works() {
    let history = sample::history(vec![Some(sample::opened(1)), None, None, None]);
    let disk = |sizes: &[u64], free| {
        let worktrees = Worktrees {
            sizes: sizes.to_vec(),
            free,
        };
        Outlook::of(&history, &rest(&history), 3, &worktrees).disk
    };
    assert_eq!(disk(&[], Some(1)), None);
    let two = disk(&[70, 100], Some(99)).unwrap();
    assert_eq!(
        two,
        Disk {
            each: 100,
            worktrees: 3,
            more: 100,
            free: Some(99)
        }
    );
    assert!(two.is_short());
    let all = disk(&[1, 2, 3, 4], Some(0)).unwrap();
    assert_eq!((all.more, all.worktrees), (0, 4));
    assert!(!all.is_short() && !disk(&[5], None).unwrap().is_short());
}
