//! [`approve`]: shows the plan and has a person say yes to it, as it is or changed.
//!
//! Changes nothing outside: the plan that was settled on is handed back, and the commands save or run it.

use std::io::Write as _;

use crate::cli::page::Page;
use crate::cli::plan_view::{PlanView, Tree};
use crate::cli::prompt::{Dialogue, Reply, Terminal};
use crate::cli::style::{Look, Tone, clean};
use crate::model::answer::NotSplit;
use crate::model::counted::counted;
use crate::model::id::UnitId;
use crate::model::plan::Plan;

mod offer;

pub use self::offer::{Offer, OpenedAs};

/// How a plan is looked at and changed; what the approval needs of research and of the plan file.
pub trait Desk {
    /// What is to be shown of a plan whose pull requests are opened so.
    fn view<'a>(&self, plan: &'a Plan, opened: OpenedAs) -> PlanView<'a>;
    /// The plan as its file's text.
    fn write(&self, plan: &Plan) -> String;
    /// Reads such a text again.
    ///
    /// # Errors
    /// All problems at once, each a line that names its place in the text.
    fn read(&self, text: &str) -> Result<Plan, Vec<String>>;
    /// Who owns what of the base, where that can be told.
    fn tree(&self, _plan: &Plan) -> Option<Tree> {
        None
    }
    /// Shows a text that is longer than the screen in another way than by printing it; whether it did.
    fn paged(&self, _text: &str) -> bool {
        false
    }
    /// Whether research can be told what should be different.
    fn listens(&self) -> bool;
    /// Has research change the plan by a person's words.
    fn revise(&self, plan: &Plan, words: &str) -> Revised;
}

/// What is to be shown of a plan, of the advice about it, and of how its pull requests are opened.
pub fn view_of<'a>(offer: &'a Offer, desk: &dyn Desk) -> PlanView<'a> {
    let view = desk.view(&offer.plan, offer.opened);
    PlanView {
        advice: offer.advice.as_ref(),
        canary: offer.canary(&view.files),
        ..view
    }
}

/// What came of the words to research.
#[derive(Debug)]
pub enum Revised {
    /// Another plan, with its own advice.
    Plan(Box<(Plan, Option<NotSplit>)>),
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
    /// How its pull requests are opened.
    pub opened: OpenedAs,
    /// The units that go first; empty where all begin at once.
    pub canary: Vec<UnitId>,
}

/// Shows the plan on standard error and asks, unless `given`: then the answer is yes already.
#[must_use]
pub fn approve(offer: Offer, desk: &dyn Desk, given: bool, look: Look) -> Approval {
    if !given && let Some(mut terminal) = Terminal::take(look) {
        return converse(offer, desk, &mut terminal);
    }
    let shown = view_of(&offer, desk).render(Page::stderr(look));
    // A closed standard error takes no answer away.
    let _ = writeln!(std::io::stderr(), "{shown}");
    let decision = if given {
        Decision::Approved
    } else {
        Decision::NotAsked
    };
    settled(offer, desk, decision)
}

/// The offer as it stands, with what was decided on it.
#[must_use]
pub fn settled(offer: Offer, desk: &dyn Desk, decision: Decision) -> Approval {
    let canary = offer.canary(&desk.view(&offer.plan, offer.opened).files);
    let Offer { plan, opened, .. } = offer;
    Approval {
        decision,
        plan,
        opened,
        canary,
    }
}

/// The question, with the keys that answer it: nothing is chosen yet when it is asked.
const WHAT_NOW: &str = "What now? (arrows choose, enter takes it)";

/// What the menu offers, in this order.
#[derive(Debug, Clone, Copy)]
enum Choice {
    Approve,
    BeginOtherwise,
    OpenOtherwise,
    Whole,
    Phases,
    Say,
    View,
    Tree,
    Edit,
    Drop,
    Quit,
}

impl Choice {
    /// What can be chosen.
    fn offered(offer: &Offer, desk: &dyn Desk) -> Vec<Self> {
        let all = [
            Self::Approve,
            Self::BeginOtherwise,
            Self::OpenOtherwise,
            Self::Whole,
            Self::Phases,
            Self::Say,
            Self::View,
            Self::Edit,
            Self::Drop,
            Self::Tree,
            Self::Quit,
        ];
        let files = desk.view(&offer.plan, offer.opened).files;
        let fits = |choice: &Self| match choice {
            Self::BeginOtherwise => offer.begun_otherwise(&files).is_some(),
            Self::OpenOtherwise => offer.opened.other().is_some(),
            Self::Whole => offer.whole().is_some(),
            Self::Phases => offer.phases().is_some(),
            Self::Say => desk.listens(),
            Self::Tree => desk.tree(&offer.plan).is_some(),
            Self::Drop => offer.plan.units.len() > 1,
            Self::Approve | Self::View | Self::Edit | Self::Quit => true,
        };
        all.into_iter().filter(fits).collect()
    }

    /// The words for it; `files` is how many files each unit has.
    fn label(self, offer: &Offer, files: &[usize]) -> String {
        let units = offer.plan.units.len();
        let canary = offer.canary(files).len();
        match self {
            Self::Approve if canary > 0 => {
                format!("approve: run {canary} of {units} units first, then ask again")
            }
            Self::BeginOtherwise => match offer.begun_otherwise(files).and_then(|it| it.first) {
                Some(first) => format!("run {first} of {units} units first (canary)"),
                None => format!("begin all {units} units at once"),
            },
            Self::Approve => {
                let pulls = match offer.opened {
                    OpenedAs::Usual | OpenedAs::Ready => counted(units, "pull request"),
                    OpenedAs::Drafts => counted(units, "draft pull request"),
                };
                format!("approve: open {pulls}")
            }
            Self::OpenOtherwise => match offer.opened {
                OpenedAs::Usual | OpenedAs::Ready => {
                    "open them as drafts: nobody is asked for a review yet".to_owned()
                }
                OpenedAs::Drafts => "open them ready for review".to_owned(),
            },
            Self::Whole => "take it as one unit instead".to_owned(),
            Self::Phases => {
                let phases = offer.phases().map_or(0, |phases| phases.units.len());
                format!("take it in {phases} phases instead, one after another")
            }
            Self::Say => "say what should be different".to_owned(),
            Self::View => "view a unit".to_owned(),
            Self::Tree => "show it as a tree of paths".to_owned(),
            Self::Edit => "edit the plan in your editor".to_owned(),
            Self::Drop => "drop units".to_owned(),
            Self::Quit => "quit".to_owned(),
        }
    }
}

fn converse(mut offer: Offer, desk: &dyn Desk, dialogue: &mut dyn Dialogue) -> Approval {
    show(&offer, desk, dialogue);
    loop {
        match round(&offer, desk, dialogue) {
            Ok(None) => {}
            Ok(Some(changed)) => {
                offer = changed;
                dialogue.show("\n");
                show(&offer, desk, dialogue);
            }
            Err(decision) => {
                return settled(offer, desk, decision);
            }
        }
    }
}

fn show(offer: &Offer, desk: &dyn Desk, dialogue: &mut dyn Dialogue) {
    let view = view_of(offer, desk);
    show_long(&view.render(dialogue.page()), desk, dialogue);
}

fn show_long(text: &str, desk: &dyn Desk, dialogue: &mut dyn Dialogue) {
    if !desk.paged(text) {
        dialogue.show(text);
    }
    dialogue.show("\n");
}

/// One choice from the menu: a changed plan, or nothing new, or the end.
fn round(
    offer: &Offer,
    desk: &dyn Desk,
    dialogue: &mut dyn Dialogue,
) -> Result<Option<Offer>, Decision> {
    let plan = &offer.plan;
    let choices = Choice::offered(offer, desk);
    let files = desk.view(plan, offer.opened).files;
    let labels = choices.iter().map(|choice| choice.label(offer, &files));
    let items: Vec<String> = labels.collect();
    let Some(at) = settle(dialogue.choose(WHAT_NOW, &items))? else {
        return Err(Decision::Declined);
    };
    let changed = match choices[at] {
        Choice::Approve => return Err(Decision::Approved),
        Choice::Quit => return Err(Decision::Declined),
        Choice::BeginOtherwise => return Ok(offer.begun_otherwise(&files)),
        Choice::OpenOtherwise => return Ok(offer.opened_otherwise()),
        Choice::Whole => return Ok(offer.whole().map(|whole| offer.taken_as(whole))),
        Choice::Phases => return Ok(offer.phases().map(|phases| offer.taken_as(phases))),
        Choice::Say => return say(offer, desk, dialogue),
        Choice::Tree => {
            if let Some(tree) = desk.tree(plan) {
                show_long(&tree.render(plan, dialogue.page()), desk, dialogue);
            }
            return Ok(None);
        }
        Choice::View => view(offer, desk, dialogue).map(|()| None),
        Choice::Edit => edit(plan, desk, dialogue),
        Choice::Drop => drop_units(plan, desk, dialogue),
    };
    Ok(changed?.map(|plan| offer.with(plan)))
}

fn view(offer: &Offer, desk: &dyn Desk, dialogue: &mut dyn Dialogue) -> Result<(), Decision> {
    let plan = &offer.plan;
    if let Some(at) = settle(dialogue.choose("Which unit?", &unit_names(plan)))? {
        dialogue.show(
            &desk
                .view(plan, offer.opened)
                .render_unit(&plan.units[at], dialogue.page()),
        );
    }
    Ok(())
}

/// Hands a person's words to research.
fn say(
    offer: &Offer,
    desk: &dyn Desk,
    dialogue: &mut dyn Dialogue,
) -> Result<Option<Offer>, Decision> {
    let prompt = "What should be different?";
    let words = settle(dialogue.enter(prompt))?.unwrap_or_default();
    if words.trim().is_empty() {
        return Ok(None);
    }
    match desk.revise(&offer.plan, words.trim()) {
        Revised::Plan(revised) => {
            let (plan, advice) = *revised;
            Ok(Some(Offer {
                plan,
                advice,
                ..offer.clone()
            }))
        }
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
        match settle(dialogue.choose(WHAT_NOW, &items))? {
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
