//! [`approve`]: shows the plan and has a person say yes to it, as it is or changed.
//!
//! Changes nothing outside: the plan that was settled on is handed back, and the commands save or run it.

use std::io::Write as _;

use crate::cli::page::Page;
use crate::cli::plan_view::PlanView;
use crate::cli::prompt::{Dialogue, Reply, Terminal};
use crate::cli::style::{Look, Tone, clean};
use crate::model::plan::Plan;

/// How a plan is looked at and changed; what the approval needs of research and of the plan file.
pub trait Desk {
    /// What is to be shown of a plan.
    fn view<'a>(&self, plan: &'a Plan) -> PlanView<'a>;
    /// The plan as its file's text.
    fn write(&self, plan: &Plan) -> String;
    /// Reads such a text again.
    ///
    /// # Errors
    /// All problems at once, each a line that names its place in the text.
    fn read(&self, text: &str) -> Result<Plan, Vec<String>>;
}

/// What was decided.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Decision {
    /// The plan is to be carried out.
    Approved,
    /// It is not.
    Declined,
    /// There was nobody to ask.
    NotAsked,
    /// Ctrl-C.
    Interrupted,
}

/// What was decided, and on what.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Approval {
    /// The decision.
    pub decision: Decision,
    /// The plan as it was last shown, with all changes.
    pub plan: Plan,
}

/// Shows the plan on standard error and asks, unless `given`: then the answer is yes already.
#[must_use]
pub fn approve(plan: Plan, desk: &dyn Desk, given: bool, look: Look) -> Approval {
    if !given && let Some(mut terminal) = Terminal::take(look) {
        return converse(plan, desk, &mut terminal);
    }
    let shown = desk.view(&plan).render(Page::stderr(look));
    // A closed standard error takes no answer away.
    let _ = writeln!(std::io::stderr(), "{shown}");
    let decision = if given {
        Decision::Approved
    } else {
        Decision::NotAsked
    };
    Approval { decision, plan }
}

/// What the menu offers, in this order.
#[derive(Debug, Clone, Copy)]
enum Choice {
    Approve,
    View,
    Edit,
    Drop,
    Quit,
}

impl Choice {
    const ALL: [Self; 5] = [
        Self::Approve,
        Self::View,
        Self::Edit,
        Self::Drop,
        Self::Quit,
    ];

    fn label(self, units: usize) -> String {
        match self {
            Self::Approve if units == 1 => "approve: open 1 pull request".to_owned(),
            Self::Approve => format!("approve: open {units} pull requests"),
            Self::View => "view a unit".to_owned(),
            Self::Edit => "edit the plan in your editor".to_owned(),
            Self::Drop => "drop units".to_owned(),
            Self::Quit => "quit".to_owned(),
        }
    }
}

fn converse(mut plan: Plan, desk: &dyn Desk, dialogue: &mut dyn Dialogue) -> Approval {
    dialogue.show(&desk.view(&plan).render(dialogue.page()));
    dialogue.show("\n");
    loop {
        match round(&plan, desk, dialogue) {
            Ok(None) => {}
            Ok(Some(changed)) => {
                plan = changed;
                dialogue.show("\n");
                dialogue.show(&desk.view(&plan).render(dialogue.page()));
                dialogue.show("\n");
            }
            Err(decision) => return Approval { decision, plan },
        }
    }
}

/// One choice from the menu: a changed plan, or nothing new, or the end.
fn round(
    plan: &Plan,
    desk: &dyn Desk,
    dialogue: &mut dyn Dialogue,
) -> Result<Option<Plan>, Decision> {
    let items = Choice::ALL.map(|choice| choice.label(plan.units.len()));
    let Some(at) = settle(dialogue.choose("What now?", &items))? else {
        return Err(Decision::Declined);
    };
    match Choice::ALL[at] {
        Choice::Approve => Err(Decision::Approved),
        Choice::Quit => Err(Decision::Declined),
        Choice::View => view(plan, desk, dialogue).map(|()| None),
        Choice::Edit => edit(plan, desk, dialogue),
        Choice::Drop => drop_units(plan, desk, dialogue),
    }
}

fn view(plan: &Plan, desk: &dyn Desk, dialogue: &mut dyn Dialogue) -> Result<(), Decision> {
    if let Some(at) = settle(dialogue.choose("Which unit?", &unit_names(plan)))? {
        dialogue.show(
            &desk
                .view(plan)
                .render_unit(&plan.units[at], dialogue.page()),
        );
    }
    Ok(())
}

/// Offers the editor until the text is a plan, or the person lets go.
fn edit(
    plan: &Plan,
    desk: &dyn Desk,
    dialogue: &mut dyn Dialogue,
) -> Result<Option<Plan>, Decision> {
    let original = desk.write(plan);
    let mut text = original.clone();
    loop {
        text = match dialogue.edit(&text) {
            Reply::Given(edited) => edited,
            Reply::Back => return Ok(None),
            Reply::Interrupted => return Err(Decision::Interrupted),
            Reply::Failed(error) => {
                let reason = clean(&error.to_string());
                complain(dialogue, &[format!("the plan is as it was: {reason}")]);
                return Ok(None);
            }
        };
        if text == original {
            dialogue.show("the plan is as it was\n");
            return Ok(None);
        }
        match desk.read(&text) {
            Ok(edited) => return Ok(Some(edited)),
            Err(problems) => complain(dialogue, &problems),
        }
        let items = ["edit again", "give up the edits"].map(str::to_owned);
        match settle(dialogue.choose("What now?", &items))? {
            Some(0) => {}
            Some(_) | None => return Ok(None),
        }
    }
}

fn drop_units(
    plan: &Plan,
    desk: &dyn Desk,
    dialogue: &mut dyn Dialogue,
) -> Result<Option<Plan>, Decision> {
    let prompt = "Drop which units? (space marks, enter drops, esc goes back)";
    let Some(marked) = settle(dialogue.mark(prompt, &unit_names(plan)))? else {
        return Ok(None);
    };
    if marked.is_empty() {
        return Ok(None);
    }
    if marked.len() == plan.units.len() {
        complain(dialogue, &["a plan has at least one unit".to_owned()]);
        return Ok(None);
    }
    let mut smaller = plan.clone();
    for at in marked.into_iter().rev() {
        smaller.units.remove(at);
    }
    // What is left may name what went: the plan file's rules decide, as for an edit.
    match desk.read(&desk.write(&smaller)) {
        Ok(_) => Ok(Some(smaller)),
        Err(problems) => {
            complain(dialogue, &problems);
            Ok(None)
        }
    }
}

fn settle<T>(reply: Reply<T>) -> Result<Option<T>, Decision> {
    match reply {
        Reply::Given(answer) => Ok(Some(answer)),
        Reply::Back => Ok(None),
        Reply::Interrupted => Err(Decision::Interrupted),
        Reply::Failed(_) => Err(Decision::NotAsked),
    }
}

fn unit_names(plan: &Plan) -> Vec<String> {
    plan.units
        .iter()
        .map(|unit| format!("{}  {}", unit.id, clean(&unit.title)))
        .collect()
}

fn complain(dialogue: &mut dyn Dialogue, problems: &[String]) {
    let label = dialogue.page().look.paint(Tone::Bad, "error:");
    for problem in problems {
        dialogue.show(&format!("{label} {}\n", clean(problem)));
    }
}

#[cfg(test)]
mod tests {
    use std::collections::VecDeque;
    use std::io;

    use super::{Approval, Decision, Desk, converse};
    use crate::cli::page::Page;
    use crate::cli::plan_view::PlanView;
    use crate::cli::prompt::{Dialogue, Reply};
    use crate::cli::style::Look;
    use crate::model::plan::Plan;
    use crate::model::sample;

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
                act @ (Act::Pick(_) | Act::Mark(_) | Act::Write(_)) => {
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
            panic!("asked {prompt}")
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
        fn view<'a>(&self, plan: &'a Plan) -> PlanView<'a> {
            PlanView {
                plan,
                files: vec![1; plan.units.len()],
                base_age: None,
                base_remarks: Vec::new(),
                forge: "local".to_owned(),
                remote: None,
                warnings: Vec::new(),
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
    }

    fn ids(plan: &Plan) -> String {
        let ids: Vec<_> = plan.units.iter().map(|unit| unit.id.as_str()).collect();
        ids.join(" ")
    }

    fn talk(acts: impl IntoIterator<Item = Act>) -> (Approval, Person) {
        let mut person = Person {
            acts: acts.into_iter().collect(),
            ..Person::default()
        };
        let approval = converse(sample::plan(3), &Ids, &mut person);
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
                .contains("unit-2: src/part2\n  task      Replace frob")
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
}
