//! One unit in full, for [`PlanView`](super::PlanView): all that its worker is told, and all that will run for it.

use super::makers::{agent, source};
use super::text::{Text, command};
use super::{entry_name, join_ids};
use crate::cli::page::Page;
use crate::cli::style::{clean, clean_lines};
use crate::model::plan::{Plan, Unit};

/// So many of a unit's paths are named.
const PATHS_SHOWN: usize = 20;

/// The width of the labels on the left.
const LABEL: usize = 13;

/// All of a unit of this plan.
pub(super) fn render(plan: &Plan, unit: &Unit, page: Page) -> String {
    let mut text = Text::on(page, LABEL);
    text.heading(&format!("{}: {}", unit.id, clean(&unit.title)));
    text.fact("task", &clean_lines(&unit.task));
    if let Some(context) = &unit.context {
        text.fact("context", &clean_lines(context));
    }
    for (label, items) in [
        ("contracts", &unit.contracts),
        ("constraints", &unit.constraints),
    ] {
        let items: Vec<String> = items.iter().map(|item| clean_lines(item)).collect();
        text.items(label, &items);
    }
    for (label, value) in source(plan.source_of(unit)) {
        text.fact(label, &value);
    }
    if let Some(choice) = plan.agent_of(unit) {
        text.fact("agent", &agent(&choice));
    }
    if let Some(check) = &unit.check {
        text.fact("check", &command(check));
    }
    if !unit.after.is_empty() {
        text.fact("after", &join_ids(&unit.after));
    }
    if let Some(owner) = &unit.owner {
        text.fact("owner", &clean(owner));
    }
    for note in &unit.notes {
        text.fact("note", &clean(note));
    }
    let entries = unit.scope.entries();
    for (at, entry) in entries.iter().take(PATHS_SHOWN).enumerate() {
        let label = if at == 0 { "paths" } else { "" };
        text.fact(label, &entry_name(entry));
    }
    if let Some(more) = entries.len().checked_sub(PATHS_SHOWN).filter(|&n| n > 0) {
        text.fact("", &format!("and {more} more"));
    }
    text.done()
}
