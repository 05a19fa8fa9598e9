//! Which agents there are ([`Agents`]), and which of them do the work: the user's word over the plan's.

use std::path::Path;
use std::sync::Arc;

use crate::adapters::agents::aider::Aider;
use crate::adapters::agents::claude::Claude;
use crate::adapters::agents::codex::Codex;
use crate::adapters::agents::dialect::Dialect;
use crate::adapters::agents::gemini::Gemini;
use crate::adapters::agents::headless::Headless;
use crate::adapters::agents::no_push::{self, Identity, Remotes};
use crate::adapters::agents::opencode::Opencode;
use crate::adapters::agents::priced::Priced;
use crate::adapters::agents::recipe::Recipe;
use crate::adapters::agents::roster::{FoundAgent, LookedFor, MissingAgent, Roster};
use crate::adapters::agents::settings::AgentSettings;
use crate::adapters::agents::surroundings::Surroundings;
use crate::adapters::git::git::Git;
use crate::adapters::process::Processes;
use crate::adapters::settings_file::{SettingsError, user_file};
use crate::cli::args::{AgentArgs, Otherwise};
use crate::cli::exit::{Exit, Problem};
use crate::cli::session::Session;
use crate::engine::ports::Agent;
use crate::model::agent::AgentChoice;
use crate::model::change::Source;
use crate::model::plan::Plan;
use crate::model::prices::Prices;

/// How a change is made without an agent, for who has none.
const WITHOUT: &str =
    "or make the change without an agent: --rewrite 's/OLD/NEW/g', --command CMD or --from REV";

/// The agents that can be asked.
pub struct Agents {
    roster: Roster,
    surroundings: Surroundings,
    processes: Processes,
    extra: Vec<String>,
    prices: Arc<Prices>,
}

impl Agents {
    /// Looks at what is set, and at what their git must be kept from.
    ///
    /// # Errors
    /// [`Problem`] when the settings are wrong.
    pub async fn of(session: &Session) -> Result<Self, Problem> {
        let root = &session.place.root;
        let settings = settings(root)?;
        let git = Git::new(session.processes.clone(), root);
        let (identity, remotes) = session
            .interrupts
            .guard(async { Ok((Identity::of(&git).await?, Remotes::of(&git).await?)) })
            .await?;
        Ok(Self {
            roster: roster(root, settings.recipes, settings.repository_recipes),
            surroundings: Surroundings::new(
                std::env::vars_os(),
                settings.env,
                no_push::settings(identity.as_ref(), &remotes),
            )
            .harmless(settings.repository_env),
            processes: session.processes.clone(),
            extra: settings.args,
            prices: Arc::new(Prices::built_in()),
        })
    }

    /// The agent of that name; without one the first whose program is found.
    ///
    /// # Errors
    /// [`Problem`] that says what was looked for, how to get it, and how to do without.
    pub fn named(&self, name: Option<&str>) -> Result<Arc<dyn Agent>, Problem> {
        let found = match name {
            Some(name) => self.roster.find(name),
            None => self.roster.first_on_path(),
        };
        let FoundAgent { dialect, program } =
            found.map_err(|missing| problem(&missing, self.roster.offered()))?;
        let headless = Headless::new(
            dialect,
            program,
            self.processes.clone(),
            self.surroundings.clone(),
        )
        .extra_args(self.extra.iter().map(Into::into));
        Ok(Arc::new(Priced::new(
            Arc::new(headless),
            Arc::clone(&self.prices),
        )))
    }
}

/// The names of the agents that are known without any settings.
#[must_use]
pub fn built_in_names() -> Vec<&'static str> {
    vec![
        Claude.name(),
        Codex.name(),
        Opencode.name(),
        Gemini.name(),
        Aider.name(),
    ]
}

/// The agents that can be named where nothing more is asked of them than where their programs are.
///
/// # Errors
/// [`SettingsError`] when the settings are wrong.
pub fn to_look_for(root: &Path) -> Result<Roster, SettingsError> {
    let settings = settings(root)?;
    Ok(roster(root, settings.recipes, settings.repository_recipes))
}

fn settings(root: &Path) -> Result<AgentSettings, SettingsError> {
    AgentSettings::read(root, user_file().as_deref(), &built_in_names())
}

fn roster(root: &Path, users: Vec<Recipe>, repositorys: Vec<Recipe>) -> Roster {
    let path = std::env::var_os("PATH").unwrap_or_default();
    Roster::new(built_in(), users, path, root.to_owned()).offering(repositorys)
}

fn built_in() -> Vec<Arc<dyn Dialect>> {
    vec![
        Arc::new(Claude),
        Arc::new(Codex),
        Arc::new(Opencode),
        Arc::new(Gemini),
        Arc::new(Aider),
    ]
}

/// Names those that the repository offers where none is found: they are taken by name alone.
fn problem<'a>(missing: &MissingAgent, offered: impl Iterator<Item = &'a str>) -> Problem {
    let exit = match missing {
        MissingAgent::Unknown { .. } => Exit::Usage,
        MissingAgent::NotFound(_) | MissingAgent::NoneFound(_) => Exit::NotReady,
    };
    let problem = Problem::new(exit, missing.to_string());
    match missing {
        MissingAgent::Unknown { .. } => {
            problem.hint("describe it in batch.toml, as the README's chapter on agents says")
        }
        MissingAgent::NotFound(agent) => problem.hint(format!("{}\n{WITHOUT}", way(agent))),
        MissingAgent::NoneFound(agents) => {
            let described =
                offered.map(|name| format!("--agent {name}, as batch.toml describes it"));
            let ways: Vec<String> = described.chain(agents.iter().map(way)).collect();
            problem.hint(format!("get one:\n  {}\n{WITHOUT}", ways.join("\n  ")))
        }
    }
}

/// How a person gets an agent.
#[must_use]
pub fn way(agent: &LookedFor) -> String {
    format!("{}: {}", agent.name, agent.how_to_get)
}

/// Looks for all agents that a plan names, and names the one that it leaves open, so that nothing is made where one is
/// missing, and a person is asked about the agent that it will be.
///
/// # Errors
/// [`Problem`] as of [`Agents::of`] and [`Agents::named`].
pub async fn settle(session: &Session, plan: &mut Plan) -> Result<(), Problem> {
    if !plan.has_agents() {
        return Ok(());
    }
    let agents = Agents::of(session).await?;
    let mut first = None;
    for unit in &plan.units {
        match plan.agent_of(unit).map(|choice| choice.name) {
            Some(None) if first.is_none() => {
                first = Some(agents.named(None)?.name().to_owned());
            }
            Some(Some(name)) => drop(agents.named(Some(&name))?),
            Some(None) | None => {}
        }
    }
    if let Some(first) = first {
        if !session.global.quiet {
            session.say(&format!("Agent: {first}, the first on PATH"));
        }
        name_the_open(plan, &first);
    }
    Ok(())
}

fn name_the_open(plan: &mut Plan, name: &str) {
    let named = |choice: AgentChoice| AgentChoice {
        name: Some(choice.name.unwrap_or_else(|| name.to_owned())),
        ..choice
    };
    let is_open = |choice: &AgentChoice| choice.name.is_none();
    let open: Vec<Option<AgentChoice>> = plan
        .units
        .iter()
        .map(|unit| plan.agent_of(unit).filter(is_open))
        .collect();
    if let Some(choice) = plan.change.agent.take() {
        plan.change.agent = Some(named(choice));
    }
    for (unit, choice) in plan.units.iter_mut().zip(open) {
        // Without a word of its own, it goes by the change's.
        if unit.agent.is_some() || plan.change.agent.is_none() {
            unit.agent = choice.map(named).or(unit.agent.take());
        }
    }
}

/// Gives the agent that is set to what needs one and names none.
pub fn fill(plan: &mut Plan, otherwise: &Otherwise) {
    if !plan.has_agents() {
        return;
    }
    if plan.change.source == Source::Agent {
        plan.change.agent.get_or_insert_default();
    }
    if let Some(agent) = &otherwise.agent {
        name_the_open(plan, agent);
    }
    // A model is one of its agent's.
    if let Some(choice) = &mut plan.change.agent
        && choice.name == otherwise.agent
        && choice.model.is_none()
    {
        choice.model.clone_from(&otherwise.model);
    }
}

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
