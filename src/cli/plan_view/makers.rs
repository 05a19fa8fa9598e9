//! What makes edits, as [`PlanView`](super::PlanView) shows it: codemods and agents, of the change and of single units.

use super::text::command;
use crate::cli::style::clean;
use crate::model::agent::AgentChoice;
use crate::model::change::Source;
use crate::model::id::UnitId;
use crate::model::plan::Plan;

/// What makes the edits of units where that is not what makes the change's, with those units.
pub(super) fn others(plan: &Plan) -> Vec<(&'static str, String, Vec<&UnitId>)> {
    let mut others: Vec<(&'static str, String, Vec<&UnitId>)> = Vec::new();
    for unit in &plan.units {
        let mut facts = Vec::new();
        if plan.source_of(unit) != &plan.change.source {
            facts = source(plan.source_of(unit));
        }
        let choice = plan.agent_of(unit);
        if choice != plan.change.agent {
            facts.extend(choice.as_ref().map(|choice| ("agent", agent(choice))));
        }
        for (label, value) in facts {
            let same =
                |other: &&mut (&str, String, Vec<&UnitId>)| other.0 == label && other.1 == value;
            match others.iter_mut().find(same) {
                Some((_, _, units)) => units.push(&unit.id),
                None => others.push((label, value, vec![&unit.id])),
            }
        }
    }
    others
}

/// What makes edits, other than an agent.
pub(super) fn source(source: &Source) -> Vec<(&'static str, String)> {
    match source {
        Source::Agent => Vec::new(),
        Source::Rewrite(expressions) => {
            let expressions = expressions.iter();
            expressions.map(|text| ("rewrite", command(text))).collect()
        }
        Source::Command(text) => vec![("command", command(text))],
        Source::From { name, commit } => {
            vec![("from", format!("{} at {}", clean(name), commit.short()))]
        }
    }
}

/// The agent and its model, as far as they are named.
pub(super) fn agent(choice: &AgentChoice) -> String {
    let name = choice.name.as_deref().unwrap_or("the first that is found");
    match &choice.model {
        Some(model) => format!("{}, model {}", clean(name), clean(model)),
        None => clean(name),
    }
}
