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
    /// The change as units one after another, where research advises against splitting it.
    fn phases(&self) -> Option<Plan>;
    /// Whether research can be told what should be different.
    fn listens(&self) -> bool;
    /// Has research change the plan by a person's words.
    fn revise(&self, plan: &Plan, words: &str) -> Revised;
}

/// What came of the words to research.
#[derive(Debug)]
pub enum Revised {
    /// Another plan.
    Plan(Box<Plan>),
    /// None, for these reasons.
    Refused(Vec<String>),
    /// Ctrl-C while it was thought about.
    Interrupted,
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
    Phases,
    Say,
    View,
    Edit,
    Drop,
    Quit,
}

impl Choice {
    /// What can be chosen for a plan.
    fn offered(plan: &Plan, desk: &dyn Desk) -> Vec<Self> {
        let all = [
            Self::Approve,
            Self::Phases,
            Self::Say,
            Self::View,
            Self::Edit,
            Self::Drop,
            Self::Quit,
        ];
        let fits = |choice: &Self| match choice {
            Self::Phases => desk.phases().is_some_and(|phases| phases != *plan),
            Self::Say => desk.listens(),
            Self::Drop => plan.units.len() > 1,
            Self::Approve | Self::View | Self::Edit | Self::Quit => true,
        };
        all.into_iter().filter(fits).collect()
    }

    fn label(self, plan: &Plan, desk: &dyn Desk) -> String {
        match self {
            Self::Approve if plan.units.len() == 1 => "approve: open 1 pull request".to_owned(),
            Self::Approve => format!("approve: open {} pull requests", plan.units.len()),
            Self::Phases => {
                let phases = desk.phases().map_or(0, |phases| phases.units.len());
                format!("take it in {phases} phases instead, one after another")
            }
            Self::Say => "say what should be different".to_owned(),
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
    let offered = Choice::offered(plan, desk);
    let labels = offered.iter().map(|choice| choice.label(plan, desk));
    let items: Vec<String> = labels.collect();
    let Some(at) = settle(dialogue.choose("What now?", &items))? else {
        return Err(Decision::Declined);
    };
    match offered[at] {
        Choice::Approve => Err(Decision::Approved),
        Choice::Quit => Err(Decision::Declined),
        Choice::Phases => Ok(desk.phases()),
        Choice::Say => say(plan, desk, dialogue),
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

/// Hands a person's words to research.
fn say(
    plan: &Plan,
    desk: &dyn Desk,
    dialogue: &mut dyn Dialogue,
) -> Result<Option<Plan>, Decision> {
    let prompt = "What should be different?";
    let words = settle(dialogue.enter(prompt))?.unwrap_or_default();
    if words.trim().is_empty() {
        return Ok(None);
    }
    match desk.revise(plan, words.trim()) {
        Revised::Plan(revised) => Ok(Some(*revised)),
        Revised::Refused(problems) => {
            complain(dialogue, &problems);
            dialogue.show("the plan is as it was\n");
            Ok(None)
        }
        Revised::Interrupted => Err(Decision::Interrupted),
    }
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
mod tests;
