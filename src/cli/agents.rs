//! Which agents do the work: the user's word over the plan's.

use crate::cli::args::AgentArgs;
use crate::model::agent::AgentChoice;
use crate::model::plan::Plan;

/// Has the agent that the command line names make the edits, whatever the plan says. Units that need no agent get one
/// beside their codemod.
pub fn overrule(plan: &mut Plan, args: &AgentArgs) {
    let Some(choice) = args.choice() else {
        return;
    };
    for unit in &mut plan.units {
        if choice.name.is_some() {
            unit.agent = None;
        } else if let Some(agent) = &mut unit.agent {
            agent.model.clone_from(&choice.model);
        }
    }
    let of_plan = plan.change.agent.take().unwrap_or_default();
    // A model is one of its agent's.
    let model = match (&choice.name, choice.model) {
        (_, Some(model)) => Some(model),
        (Some(name), None) if of_plan.name.as_ref() != Some(name) => None,
        (_, None) => of_plan.model,
    };
    plan.change.agent = Some(AgentChoice {
        name: choice.name.or(of_plan.name),
        model,
    });
}

#[cfg(test)]
mod tests {
    use super::overrule;
    use crate::cli::args::AgentArgs;
    use crate::model::agent::AgentChoice;
    use crate::model::change::Source;
    use crate::model::sample;

    fn words(words: (Option<&str>, Option<&str>)) -> (Option<String>, Option<String>) {
        (words.0.map(str::to_owned), words.1.map(str::to_owned))
    }

    /// Whom the two units of a plan end with; the second says `codex` and `o5` of its own.
    fn overruled(
        of_plan: (Option<&str>, Option<&str>),
        by: (Option<&str>, Option<&str>),
    ) -> [String; 2] {
        let mut plan = sample::plan(2);
        plan.change.source = Source::Agent;
        let (name, model) = words(of_plan);
        plan.change.agent = Some(AgentChoice { name, model });
        let (name, model) = words((Some("codex"), Some("o5")));
        plan.units[1].agent = Some(AgentChoice { name, model });
        let (agent, model) = words(by);
        overrule(&mut plan, &AgentArgs { agent, model });
        let shown = |unit| {
            let AgentChoice { name, model } = plan.agent_of(unit).unwrap();
            format!(
                "{} {}",
                name.as_deref().unwrap_or("-"),
                model.as_deref().unwrap_or("-")
            )
        };
        [shown(&plan.units[0]), shown(&plan.units[1])]
    }

    #[test]
    fn the_command_line_names_the_agent_of_all_units() {
        let all = overruled((Some("claude"), Some("opus")), (Some("aider"), None));
        assert_eq!(all, ["aider -", "aider -"]);
    }

    #[test]
    fn a_model_alone_leaves_each_unit_its_agent() {
        let all = overruled((Some("claude"), Some("opus")), (None, Some("haiku")));
        assert_eq!(all, ["claude haiku", "codex haiku"]);
    }

    #[test]
    fn the_same_agent_keeps_its_model() {
        let all = overruled((Some("claude"), Some("opus")), (Some("claude"), None));
        assert_eq!(all, ["claude opus", "claude opus"]);
    }

    #[test]
    fn nothing_said_changes_nothing() {
        let all = overruled((Some("claude"), None), (None, None));
        assert_eq!(all, ["claude -", "codex o5"]);
    }
}
