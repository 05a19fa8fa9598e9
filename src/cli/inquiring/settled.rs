//! What a person settled at approval, which research knows nothing of, carried over into the plan that it makes next.

use crate::model::agent::AgentChoice;
use crate::model::plan::{Plan, Unit};

/// Gives the revised plan what was settled in the one before it; what has no place there any more is noted.
pub(super) fn keep(revised: &mut Plan, before: &Plan) {
    revised.change.clone_from(&before.change);
    revised.setup.clone_from(&before.setup);
    revised.test.clone_from(&before.test);
    for unit in &before.units {
        if unit.source.is_none() && unit.agent.is_none() {
            continue;
        }
        match revised.units.iter_mut().find(|same| same.id == unit.id) {
            Some(same) => {
                same.source.clone_from(&unit.source);
                same.agent.clone_from(&unit.agent);
            }
            None => revised.notes.push(lost(unit)),
        }
    }
}

fn lost(unit: &Unit) -> String {
    let id = &unit.id;
    let agent = unit.agent.as_ref().map(shown);
    let what = match (&unit.source, agent) {
        (Some(_), None) => "its own way to make its edits".to_owned(),
        (None, agent) => format!("its own agent ({})", agent.unwrap_or_default()),
        (Some(_), Some(agent)) => {
            format!("its own way to make its edits and its own agent ({agent})")
        }
    };
    format!("there is no unit {id} any more, and {what} went with it")
}

fn shown(choice: &AgentChoice) -> String {
    let words = [&choice.name, &choice.model];
    let said: Vec<&str> = words.into_iter().flatten().map(String::as_str).collect();
    said.join(", ")
}

#[cfg(test)]
mod tests {
    use super::keep;
    use crate::model::agent::AgentChoice;
    use crate::model::change::Source;
    use crate::model::sample;

    #[test]
    fn what_a_person_edited_stays_in_the_next_plan() {
        let mut before = sample::plan(3);
        before.change.description = "another sentence".to_owned();
        before.setup = Some("make ready".to_owned());
        let codex = AgentChoice {
            name: Some("codex".to_owned()),
            model: Some("o5".to_owned()),
        };
        before.units[0].source = Some(Source::Agent);
        before.units[2].agent = Some(codex.clone());
        let mut revised = sample::plan(3);
        revised.units[2].title = "New".to_owned();
        keep(&mut revised, &before);
        assert_eq!(revised.change, before.change);
        assert_eq!(revised.setup, before.setup);
        assert_eq!(revised.units[0].source, Some(Source::Agent));
        assert_eq!(revised.units[2].agent, Some(codex));
        assert_eq!(revised.units[2].title, "New");
        assert_eq!(revised.notes, sample::plan(3).notes);
    }

    #[test]
    fn what_went_with_its_unit_is_said() {
        let mut before = sample::plan(2);
        before.units[1].agent = Some(AgentChoice {
            name: Some("codex".to_owned()),
            model: None,
        });
        let mut revised = sample::plan(1);
        keep(&mut revised, &before);
        let said = format!(
            "there is no unit {} any more, and its own agent (codex) went with it",
            before.units[1].id
        );
        assert_eq!(revised.notes.last(), Some(&said));
    }
}
