//! [`Budget`]: whether what is left of a run's money and tokens is enough for another unit, and how much of it that unit
//! may spend. Pure. The dispatcher asks before each start.
//!
//! A unit is given an allowance when it starts, and what all running units may still spend never exceeds what is left
//! of the cap. So at the end no more than the cap is spent, but for one thing: an agent learns what a call to its model
//! costs when it is answered. Each running unit can go beyond its allowance by one such call, or, with a program that
//! tells what it spent only at its end, by one request. Where the price of a model is not known, a cap on money
//! does not hold; one on tokens does.
//!
//! The cap is the run's: research and earlier goes count.

use std::collections::BTreeMap;

use crate::engine::forecast::Experience;
use crate::model::id::UnitId;
use crate::model::spend::{Allowance, Spend, Usd, tokens_text};

/// What the running units may spend, and what is left.
#[derive(Debug, Clone)]
pub struct Budget {
    cap: Allowance,
    spent: Spend,
    running: BTreeMap<UnitId, Running>,
    experience: Experience,
}

#[derive(Debug, Clone)]
struct Running {
    allowance: Allowance,
    lines: Option<u64>,
    spent: Spend,
}

/// A unit that could be started.
#[derive(Debug, Clone, Copy)]
pub struct Candidate {
    /// What it will cost as far as the forecast tells.
    pub guess: Spend,
    /// About how many lines it changes or looks at.
    pub lines: Option<u64>,
}

/// Whether a unit may start.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Verdict {
    /// It may, and may spend so much.
    Start(Allowance),
    /// Not now, but perhaps when one that runs has ended.
    Wait,
    /// Not any more; why, for people.
    Never(String),
}

/// What one sort of money is worth to a unit: the whole, what is taken, and what it needs.
struct Share {
    cap: u64,
    taken: u64,
    need: u64,
    /// Whether the need is a forecast that nothing has confirmed yet.
    guessed: bool,
}

impl Budget {
    /// A budget of which so much is spent already, by a run whose units have cost so much.
    #[must_use]
    pub fn new(cap: Allowance, spent: Spend, experience: Experience) -> Self {
        Self {
            cap,
            spent,
            running: BTreeMap::new(),
            experience,
        }
    }

    /// Whether the unit may start; `waiting` is how many could, this one included.
    ///
    /// It needs what units of its size have cost. Until one is done there is only the forecast: then what is left is
    /// enough if no other unit runs, for a guess is no reason to do nothing. What is left beyond the needs is
    /// shared out evenly.
    #[must_use]
    pub fn verdict(&self, candidate: &Candidate, waiting: usize) -> Verdict {
        let learned = self.experience.estimate(candidate.lines);
        let need = learned.unwrap_or(candidate.guess);
        let share = |cap, spent, reserved: u64, need| Share {
            cap,
            taken: reserved.saturating_add(spent),
            need,
            guessed: learned.is_none(),
        };
        let cost = self.cap.cost.map(|cap| {
            let spent = self.spent.cost.unwrap_or_default();
            let reserved = self.reserved(|left| left.cost.map(|cost| cost.0));
            share(cap.0, spent.0, reserved, need.cost.unwrap_or_default().0)
        });
        let tokens = self.cap.tokens.map(|cap| {
            let reserved = self.reserved(|left| left.tokens);
            share(
                cap,
                self.spent.tokens.total(),
                reserved,
                need.tokens.total(),
            )
        });
        let alone = self.running.is_empty();
        let fits = |share: &Option<Share>| share.as_ref().is_none_or(|share| share.fits(alone));
        if fits(&cost) && fits(&tokens) {
            let part = |share: Share| share.part(waiting.max(1) as u64);
            return Verdict::Start(Allowance {
                cost: cost.map(|share| Usd(part(share))),
                tokens: tokens.map(part),
            });
        }
        if !alone {
            return Verdict::Wait;
        }
        Verdict::Never(self.why(!fits(&cost), &need))
    }

    /// Takes note that a unit runs with this allowance.
    pub fn start(&mut self, unit: &UnitId, lines: Option<u64>, allowance: Allowance) {
        let running = Running {
            allowance,
            lines,
            spent: Spend::default(),
        };
        self.running.insert(unit.clone(), running);
    }

    /// Takes note that so much more was spent on a unit.
    pub fn spend(&mut self, unit: &UnitId, spend: Spend) {
        self.spent += spend;
        if let Some(running) = self.running.get_mut(unit) {
            running.spent += spend;
        }
    }

    /// Takes note that a unit no longer spends; `whole` is whether it got as far as units do, so that what it cost tells
    /// of the others. What it spent since it started; none when it did not run.
    pub fn end(&mut self, unit: &UnitId, whole: bool) -> Option<Spend> {
        let running = self.running.remove(unit)?;
        if whole {
            self.experience.add(running.lines, running.spent);
        }
        Some(running.spent)
    }

    /// What the running units may still spend.
    fn reserved(&self, of: impl Fn(Allowance) -> Option<u64>) -> u64 {
        let left = self.running.values().filter_map(|running| {
            let left = running.allowance.after(&running.spent);
            of(left)
        });
        left.fold(0, u64::saturating_add)
    }

    /// Why a unit that needs so much is not started, for lack of money or else of tokens.
    fn why(&self, money: bool, need: &Spend) -> String {
        let (cap, spent, needed, option) = if money {
            let tilde = if self.spent.estimated { "~" } else { "" };
            (
                self.cap.cost.unwrap_or_default().to_string(),
                format!("{tilde}{}", self.spent.cost.unwrap_or_default()),
                need.cost.unwrap_or_default().to_string(),
                "--max-cost",
            )
        } else {
            let tokens = |count| format!("{} tokens", tokens_text(count));
            (
                tokens(self.cap.tokens.unwrap_or_default()),
                tokens_text(self.spent.tokens.total()),
                tokens(need.tokens.total()),
                "--max-tokens",
            )
        };
        let again = format!("`batch rerun {option} …` goes on");
        if self.cap.after(&self.spent).is_used_up() {
            format!("the budget of {cap} is used up ({spent} spent); {again}")
        } else {
            format!(
                "the budget of {cap} is too small for another unit ({spent} spent, one costs about {needed}); {again}"
            )
        }
    }
}

impl Share {
    fn left(&self) -> u64 {
        self.cap.saturating_sub(self.taken)
    }

    fn fits(&self, alone: bool) -> bool {
        let left = self.left();
        left > 0 && (self.need <= left || (self.guessed && alone))
    }

    /// What one of so many waiting units may spend: half as much again as it needs, or an even share if that is more; never
    /// nothing, for it would be stopped before it began.
    fn part(&self, waiting: u64) -> u64 {
        let left = self.left();
        let ample = self.need.saturating_add(self.need / 2);
        ample.max(left / waiting).max(1).min(left)
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::{Strategy, prop, proptest};

    use super::{Budget, Candidate, Verdict};
    use crate::engine::forecast::Experience;
    use crate::model::id::UnitId;
    use crate::model::sample::id;
    use crate::model::spend::{Allowance, Spend, Tokens, Usd};

    fn spend(cost: u64, tokens: u64) -> Spend {
        Spend {
            cost: Some(Usd(cost)),
            estimated: false,
            tokens: Tokens {
                input: tokens,
                ..Tokens::default()
            },
        }
    }

    fn cap(cost: Option<u64>, tokens: Option<u64>) -> Allowance {
        Allowance {
            cost: cost.map(Usd),
            tokens,
        }
    }

    fn budget(cap: Allowance) -> Budget {
        Budget::new(cap, Spend::default(), Experience::default())
    }

    fn guess(cost: u64, tokens: u64) -> Candidate {
        Candidate {
            guess: spend(cost, tokens),
            lines: None,
        }
    }

    fn money(verdict: &Verdict) -> u64 {
        match verdict {
            Verdict::Start(allowance) => allowance.cost.unwrap().0,
            other => panic!("{other:?}"),
        }
    }

    fn reason(verdict: Verdict) -> String {
        match verdict {
            Verdict::Never(reason) => reason,
            other => panic!("{other:?}"),
        }
    }

    #[test]
    fn without_a_cap_there_is_no_bound() {
        let verdict = budget(Allowance::default()).verdict(&guess(1, 1), 3);
        assert_eq!(verdict, Verdict::Start(Allowance::default()));
    }

    #[test]
    fn what_is_left_is_shared_out_among_those_that_wait() {
        let mut budget = budget(cap(Some(100), None));
        for waiting in (1..=4).rev() {
            let verdict = budget.verdict(&guess(5, 0), waiting);
            assert_eq!(money(&verdict), 25);
            let unit = id(&format!("u{waiting}"));
            budget.start(&unit, None, cap(Some(25), None));
        }
    }

    #[test]
    fn what_a_unit_left_goes_to_those_after_it() {
        let mut budget = budget(cap(Some(100), None));
        budget.start(&id("a"), None, cap(Some(50), None));
        budget.spend(&id("a"), spend(10, 0));
        assert_eq!(money(&budget.verdict(&guess(5, 0), 1)), 50);
        budget.end(&id("a"), true);
        assert_eq!(money(&budget.verdict(&guess(5, 0), 1)), 90);
    }

    #[test]
    fn one_waits_while_another_that_runs_may_leave_enough() {
        let mut budget = budget(cap(Some(100), None));
        budget.start(&id("a"), None, cap(Some(80), None));
        assert_eq!(budget.verdict(&guess(30, 0), 1), Verdict::Wait);
        budget.spend(&id("a"), spend(30, 0));
        budget.end(&id("a"), false);
        assert_eq!(money(&budget.verdict(&guess(30, 0), 1)), 70);
    }

    #[test]
    fn a_guess_does_not_keep_the_first_unit_from_starting_but_experience_does() {
        let mut budget = budget(cap(Some(100), None));
        assert_eq!(money(&budget.verdict(&guess(500, 0), 3)), 100);
        budget.start(&id("a"), None, cap(Some(100), None));
        budget.spend(&id("a"), spend(60, 0));
        budget.end(&id("a"), true);
        assert_eq!(
            reason(budget.verdict(&guess(1, 0), 2)),
            "the budget of $0.0001 is too small for another unit (<$0.0001 spent, one costs about <$0.0001); `batch rerun --max-cost …` goes on"
        );
    }

    #[test]
    fn nothing_starts_when_all_is_spent() {
        let dollars = |amount: f64| Usd::from_dollars(amount).unwrap().0;
        let cap = cap(Some(dollars(5.0)), None);
        let spent = Spend {
            estimated: true,
            ..spend(dollars(5.2), 0)
        };
        let budget = Budget::new(cap, spent, Experience::default());
        assert_eq!(
            reason(budget.verdict(&guess(0, 0), 1)),
            "the budget of $5.00 is used up (~$5.20 spent); `batch rerun --max-cost …` goes on"
        );
    }

    #[test]
    fn tokens_are_held_to_as_money_is() {
        let cap = cap(Some(1_000_000), Some(200_000));
        let budget = Budget::new(cap, spend(0, 200_000), Experience::default());
        assert_eq!(
            reason(budget.verdict(&guess(0, 0), 1)),
            "the budget of 200k tokens is used up (200k spent); `batch rerun --max-tokens …` goes on"
        );
    }

    #[derive(Debug, Clone)]
    struct Unit {
        guess: u64,
        lines: Option<u64>,
        /// What it spends, call by call.
        calls: Vec<u64>,
    }

    fn unit() -> impl Strategy<Value = Unit> {
        let lines = prop::option::of(0_u64..2000);
        let calls = prop::collection::vec(0_u64..40, 0..12);
        (0_u64..400, lines, calls).prop_map(|(guess, lines, calls)| Unit {
            guess,
            lines,
            calls,
        })
    }

    #[test]
    fn where_less_is_left_than_units_wait_each_is_still_given_something() {
        let budget = Budget::new(cap(Some(38), None), spend(30, 0), Experience::default());
        let free = Candidate {
            guess: spend(0, 0),
            lines: None,
        };
        let one = cap(Some(1), None);
        assert_eq!(budget.verdict(&free, 9), Verdict::Start(one));
    }

    proptest! {
        /// Units are started in order, as many as fit and have a slot, and spend call by call until they are done or
        /// their allowance is used up.
        #[test]
        fn no_more_is_given_out_than_there_is_and_all_units_come_to_an_end(
            limit in 0_u64..500,
            by_tokens in proptest::bool::ANY,
            research in 0_u64..100,
            jobs in 1_usize..5,
            units in prop::collection::vec(unit(), 0..20),
        ) {
            let amount = |n| if by_tokens { spend(0, n) } else { spend(n, 0) };
            let bound = |n| if by_tokens { cap(None, Some(n)) } else { cap(Some(n), None) };
            let given = |allowance: Allowance| {
                if by_tokens { allowance.tokens.unwrap() } else { allowance.cost.unwrap().0 }
            };
            let mut budget = Budget::new(bound(limit), amount(research), Experience::default());
            let mut waiting: Vec<(UnitId, Unit)> = units
                .into_iter()
                .enumerate()
                .map(|(at, unit)| (id(&format!("u{at}")), unit))
                .collect();
            waiting.reverse();
            let mut running: Vec<(UnitId, Unit, u64, u64)> = Vec::new();
            let mut spent = research;
            let mut largest = 0;
            for _ in 0..10_000 {
                while running.len() < jobs && let Some((name, unit)) = waiting.last() {
                    let candidate = Candidate { guess: amount(unit.guess), lines: unit.lines };
                    match budget.verdict(&candidate, waiting.len()) {
                        Verdict::Start(allowance) => {
                            let allowance = given(allowance);
                            let reserved: u64 = running
                                .iter()
                                .map(|(_, _, allowance, spent)| allowance.saturating_sub(*spent))
                                .sum();
                            assert!(allowance > 0);
                            assert!(spent + reserved + allowance <= limit);
                            budget.start(name, unit.lines, bound(allowance));
                            let (name, unit) = waiting.pop().unwrap();
                            running.push((name, unit, allowance, 0));
                        }
                        Verdict::Wait => {
                            assert!(!running.is_empty(), "it would wait for ever");
                            break;
                        }
                        Verdict::Never(_) => {
                            assert!(running.is_empty());
                            waiting.clear();
                        }
                    }
                }
                let Some((name, mut unit, allowance, mut own)) = running.pop() else { break };
                match unit.calls.pop().filter(|_| own < allowance) {
                    Some(call) => {
                        budget.spend(&name, amount(call));
                        spent += call;
                        own += call;
                        largest = largest.max(call);
                        running.insert(0, (name, unit, allowance, own));
                    }
                    None => drop(budget.end(&name, own < allowance)),
                }
            }
            assert!(waiting.is_empty() && running.is_empty());
            assert!(spent <= limit.max(research) + jobs as u64 * largest);
        }
    }
}
