//! What a person can do with a plan before saying yes to it.

use std::collections::VecDeque;
use std::io;
use std::time::Duration;

use super::{Approval, Decision, Desk, Offer, OpenedAs, Revised, converse};
use crate::cli::page::Page;
use crate::cli::plan_view::{Delivery, PlanView};
use crate::cli::prompt::{Dialogue, Reply};
use crate::cli::style::Look;
use crate::engine::preflight::{Preflight, WritePace};
use crate::model::answer::NotSplit;
use crate::model::plan::{Plan, TestPolicy};
use crate::model::sample;
use crate::model::wishes::Wishes;

/// A person who does these things, one after another.
#[derive(Default)]
struct Person {
    acts: VecDeque<Act>,
    seen: String,
    edited: Vec<String>,
}

enum Act {
    Pick(&'static str),
    Mark(Vec<usize>),
    Write(&'static str),
    Say(&'static str),
    Escape,
    CtrlC,
    Vanish,
}

impl Person {
    fn next<T>(&mut self, take: impl FnOnce(&mut Self, Act) -> T) -> Reply<T> {
        match self.acts.pop_front().expect("a question too many") {
            Act::Escape => Reply::Back,
            Act::CtrlC => Reply::Interrupted,
            Act::Vanish => Reply::Failed(io::Error::other("gone")),
            act @ (Act::Pick(_) | Act::Mark(_) | Act::Write(_) | Act::Say(_)) => {
                Reply::Given(take(self, act))
            }
        }
    }
}

impl Dialogue for Person {
    fn page(&self) -> Page {
        Page {
            look: Look::Plain,
            columns: 80,
        }
    }

    fn show(&mut self, text: &str) {
        self.seen.push_str(text);
    }

    fn choose(&mut self, _: &str, items: &[String]) -> Reply<usize> {
        self.next(|_, act| match act {
            Act::Pick(wanted) => items.iter().position(|i| i.starts_with(wanted)).unwrap(),
            _ => panic!("asked to choose one of {items:?}"),
        })
    }

    fn mark(&mut self, _: &str, items: &[String]) -> Reply<Vec<usize>> {
        self.next(|_, act| match act {
            Act::Mark(marked) => marked,
            _ => panic!("asked to mark some of {items:?}"),
        })
    }

    fn enter(&mut self, prompt: &str) -> Reply<String> {
        self.next(|_, act| match act {
            Act::Say(words) => words.to_owned(),
            _ => panic!("asked {prompt}"),
        })
    }

    fn edit(&mut self, text: &str) -> Reply<String> {
        self.edited.push(text.to_owned());
        self.next(|_, act| match act {
            Act::Write(text) => text.to_owned(),
            _ => panic!("asked to edit {text}"),
        })
    }
}

/// A plan's text is the ids of its units, `!` is no id, and unit-3 cannot be without unit-1.
struct Ids;

impl Desk for Ids {
    fn view<'a>(&self, plan: &'a Plan, _: OpenedAs) -> PlanView<'a> {
        PlanView {
            plan,
            files: vec![1; plan.units.len()],
            base_age: None,
            base_remarks: Vec::new(),
            delivery: None,
            remote: None,
            warnings: Vec::new(),
            cap: crate::model::spend::Allowance::default(),
            coverage: None,
            advice: None,
            canary: Vec::new(),
            tree: None,
        }
    }

    fn write(&self, plan: &Plan) -> String {
        ids(plan)
    }

    fn read(&self, text: &str) -> Result<Plan, Vec<String>> {
        if text.contains('!') {
            return Err(vec!["line 1: `!` is not a unit id".to_owned()]);
        }
        if text.contains("unit-3") && !text.contains("unit-1") {
            return Err(vec!["line 1: unit-3 comes after unit-1".to_owned()]);
        }
        let mut plan = sample::plan(9);
        plan.units.retain(|unit| text.contains(unit.id.as_str()));
        Ok(plan)
    }

    fn listens(&self) -> bool {
        false
    }

    fn revise(&self, _: &Plan, _: &str) -> Revised {
        panic!("nobody listens")
    }
}

fn ids(plan: &Plan) -> String {
    let ids: Vec<_> = plan.units.iter().map(|unit| unit.id.as_str()).collect();
    ids.join(" ")
}

fn talk(acts: impl IntoIterator<Item = Act>) -> (Approval, Person) {
    talk_at(&Ids, acts)
}

fn talk_at(desk: &dyn Desk, acts: impl IntoIterator<Item = Act>) -> (Approval, Person) {
    let mut person = Person {
        acts: acts.into_iter().collect(),
        ..Person::default()
    };
    let offer = Offer {
        plan: sample::plan(3),
        advice: None,
        opened: OpenedAs::Usual,
        first: None,
    };
    let approval = converse(offer, desk, &mut person);
    assert!(person.acts.is_empty(), "the talk ended early");
    (approval, person)
}

#[test]
fn yes_is_yes_and_quitting_is_no() {
    let (approval, person) = talk([Act::Pick("approve")]);
    assert_eq!(approval.decision, Decision::Approved);
    assert_eq!(approval.plan, sample::plan(3));
    assert!(person.seen.contains("3 pull requests"));
    for no in [Act::Pick("quit"), Act::Escape] {
        assert_eq!(talk([no]).0.decision, Decision::Declined);
    }
}

#[test]
fn ctrl_c_interrupts_at_every_question() {
    for before in [vec![], vec!["view"], vec!["edit"], vec!["drop"]] {
        let acts = before.into_iter().map(Act::Pick).chain([Act::CtrlC]);
        assert_eq!(talk(acts).0.decision, Decision::Interrupted);
    }
}

#[test]
fn a_terminal_that_goes_away_is_no_consent() {
    assert_eq!(talk([Act::Vanish]).0.decision, Decision::NotAsked);
}

#[test]
fn a_unit_can_be_looked_at_before_the_yes() {
    let acts = [Act::Pick("view"), Act::Pick("unit-2"), Act::Pick("approve")];
    let (approval, person) = talk(acts);
    assert_eq!(approval.decision, Decision::Approved);
    assert!(
        person
            .seen
            .contains("unit-2: src/part2\n  task         Replace frob")
    );
}

#[test]
fn an_edited_plan_is_shown_again_and_taken() {
    let acts = [
        Act::Pick("edit"),
        Act::Write("unit-1 unit-2"),
        Act::Pick("approve: open 2"),
    ];
    let (approval, person) = talk(acts);
    assert_eq!(approval.decision, Decision::Approved);
    assert_eq!(ids(&approval.plan), "unit-1 unit-2");
    assert!(person.seen.contains("2 pull requests"));
}

#[test]
fn a_broken_edit_is_named_and_can_be_mended() {
    let acts = [
        Act::Pick("edit"),
        Act::Write("unit-1 !"),
        Act::Pick("edit again"),
        Act::Write("unit-1"),
        Act::Pick("quit"),
    ];
    let (approval, person) = talk(acts);
    assert_eq!(person.edited, ["unit-1 unit-2 unit-3", "unit-1 !"]);
    assert!(
        person
            .seen
            .contains("error: line 1: `!` is not a unit id\n")
    );
    assert_eq!(approval.decision, Decision::Declined);
    assert_eq!(ids(&approval.plan), "unit-1");
}

#[test]
fn a_broken_edit_can_be_given_up() {
    let acts = [
        Act::Pick("edit"),
        Act::Write("!"),
        Act::Pick("give up"),
        Act::Pick("approve"),
    ];
    assert_eq!(talk(acts).0.plan, sample::plan(3));
}

#[test]
fn an_edit_without_a_change_and_an_editor_that_fails_lead_back() {
    let acts = [
        Act::Pick("edit"),
        Act::Write("unit-1 unit-2 unit-3"),
        Act::Pick("edit"),
        Act::Vanish,
        Act::Pick("approve"),
    ];
    let (approval, person) = talk(acts);
    assert_eq!(approval.plan, sample::plan(3));
    assert!(person.seen.contains("the plan is as it was\n"));
    assert!(person.seen.contains("error: the plan is as it was: gone\n"));
}

#[test]
fn units_can_be_dropped_but_not_all() {
    let acts = [
        Act::Pick("drop"),
        Act::Mark(vec![0, 1, 2]),
        Act::Pick("drop"),
        Act::Mark(vec![]),
        Act::Pick("drop"),
        Act::Mark(vec![0, 2]),
        Act::Pick("approve: open 1 pull request"),
    ];
    let (approval, person) = talk(acts);
    assert!(
        person
            .seen
            .contains("error: a plan has at least one unit\n")
    );
    assert_eq!(ids(&approval.plan), "unit-2");
}

#[test]
fn a_unit_that_another_one_needs_cannot_be_dropped() {
    let acts = [
        Act::Pick("drop"),
        Act::Mark(vec![0]),
        Act::Pick("approve: open 3"),
    ];
    let (approval, person) = talk(acts);
    assert!(person.seen.contains("unit-3 comes after unit-1"));
    assert_eq!(approval.plan, sample::plan(3));
}

/// A desk with research behind it that knows two words, and that advises two phases.
struct Researched;

impl Desk for Researched {
    fn view<'a>(&self, plan: &'a Plan, _: OpenedAs) -> PlanView<'a> {
        Ids.view(plan, OpenedAs::Usual)
    }

    fn write(&self, plan: &Plan) -> String {
        Ids.write(plan)
    }

    fn read(&self, text: &str) -> Result<Plan, Vec<String>> {
        Ids.read(text)
    }

    fn listens(&self) -> bool {
        true
    }

    fn revise(&self, plan: &Plan, words: &str) -> Revised {
        assert_eq!(plan.units.len(), 3);
        match words {
            "fewer units" => Revised::Plan(Box::new((sample::plan(2), None))),
            "wait" => Revised::Interrupted,
            _ => Revised::Refused(vec!["research did not understand".to_owned()]),
        }
    }
}

#[test]
fn research_can_be_told_what_should_be_different() {
    let acts = [
        Act::Pick("say"),
        Act::Say(" fewer units "),
        Act::Pick("approve: open 2"),
    ];
    let (approval, person) = talk_at(&Researched, acts);
    assert_eq!(approval.plan, sample::plan(2));
    assert!(person.seen.contains("2 pull requests"));
}

#[test]
fn words_that_lead_to_no_plan_leave_the_plan_as_it_was() {
    let acts = [
        Act::Pick("say"),
        Act::Say("hm"),
        Act::Pick("say"),
        Act::Say("  "),
        Act::Pick("say"),
        Act::Escape,
        Act::Pick("approve: open 3"),
    ];
    let (approval, person) = talk_at(&Researched, acts);
    assert_eq!(approval.plan, sample::plan(3));
    assert!(person.seen.contains("error: research did not understand\n"));
    let acts = [Act::Pick("say"), Act::Say("wait")];
    assert_eq!(talk_at(&Researched, acts).0.decision, Decision::Interrupted);
}

/// A change that should not be split, and could be made in two phases; what was settled of it is the test.
fn advised(acts: impl IntoIterator<Item = Act>) -> (Approval, Person) {
    let mut person = Person {
        acts: acts.into_iter().collect(),
        ..Person::default()
    };
    let whole = sample::plan(1);
    let settled = Plan {
        test: TestPolicy::None,
        ..whole.clone()
    };
    let offer = Offer {
        plan: settled,
        advice: Some(NotSplit {
            reason: "one commit".to_owned(),
            whole,
            phases: Some(sample::plan(2)),
        }),
        opened: OpenedAs::Usual,
        first: None,
    };
    let approval = converse(offer, &Researched, &mut person);
    assert!(person.acts.is_empty(), "the talk ended early");
    (approval, person)
}

#[test]
fn a_change_that_should_not_be_split_can_be_taken_in_phases() {
    let acts = [
        Act::Pick("take it in 2 phases"),
        Act::Pick("approve: open 2"),
    ];
    let (approval, person) = advised(acts);
    assert_eq!(approval.plan.units, sample::plan(2).units);
    assert_eq!(approval.plan.test, TestPolicy::None);
    for words in [
        "rename frob to frobnicate\nadvice: research advises not to split this change: one commit. It is taken",
        "as one unit.",
        "one after another.",
    ] {
        assert!(person.seen.contains(words), "{}", person.seen);
    }
}

#[test]
fn phases_can_be_taken_back() {
    let acts = [
        Act::Pick("take it in 2 phases"),
        Act::Pick("take it as one unit"),
        Act::Pick("approve: open 1"),
    ];
    let (approval, _) = advised(acts);
    assert_eq!(approval.plan.units, sample::plan(1).units);
    assert_eq!(approval.plan.test, TestPolicy::None);
}

#[test]
fn advice_outlasts_an_edit() {
    let acts = [
        Act::Pick("edit"),
        Act::Write("unit-1 unit-2 unit-4"),
        Act::Pick("drop"),
        Act::Mark(vec![2]),
        Act::Pick("take it as one"),
        Act::Escape,
    ];
    let (approval, _) = advised(acts);
    assert_eq!(ids(&approval.plan), "unit-1");
}

/// The same on a server, where a unit has an owner.
struct OnServer;

impl Desk for OnServer {
    fn view<'a>(&self, plan: &'a Plan, opened: OpenedAs) -> PlanView<'a> {
        let wishes = opened.settle(Wishes::default());
        let pace = WritePace {
            interval: Duration::ZERO,
            per_minute: 60,
            per_hour: 450,
        };
        let delivery = Delivery {
            site: "github.com/octo/sample".to_owned(),
            fork: None,
            preflight: Preflight::of(plan, &wishes, &[], "batch/a/b", pace),
            wishes,
        };
        PlanView {
            delivery: Some(delivery),
            ..Ids.view(plan, opened)
        }
    }

    fn write(&self, plan: &Plan) -> String {
        Ids.write(plan)
    }

    fn read(&self, text: &str) -> Result<Plan, Vec<String>> {
        Ids.read(text)
    }

    fn listens(&self) -> bool {
        false
    }

    fn revise(&self, plan: &Plan, words: &str) -> Revised {
        Ids.revise(plan, words)
    }
}

#[test]
fn drafts_are_offered_on_a_server_and_taken_back_and_kept_with_a_smaller_plan() {
    let talk = |acts: Vec<Act>| {
        let mut person = Person {
            acts: acts.into(),
            ..Person::default()
        };
        let offer = Offer {
            plan: sample::plan(3),
            advice: None,
            opened: OpenedAs::Ready,
            first: None,
        };
        (converse(offer, &OnServer, &mut person).opened, person.seen)
    };
    let drafts = || Act::Pick("open them as drafts");
    let (opened, seen) = talk(vec![
        drafts(),
        Act::Pick("drop units"),
        Act::Mark(vec![2]),
        Act::Pick("approve: open 2 draft pull requests"),
    ]);
    assert_eq!(opened, OpenedAs::Drafts);
    assert!(
        seen.contains("opens 3 pull requests on github.com/octo/sample"),
        "{seen}"
    );
    assert!(
        seen.contains("opens 2 draft pull requests on github.com/octo/sample"),
        "{seen}"
    );
    let back = Act::Pick("open them ready for review");
    let (opened, _) = talk(vec![
        drafts(),
        back,
        Act::Pick("approve: open 3 pull requests"),
    ]);
    assert_eq!(opened, OpenedAs::Ready);
}
