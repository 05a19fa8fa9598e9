//! What makes the edits of each unit: the codemods and agents that its plan names, made ready.

use std::collections::HashMap;
use std::sync::Arc;

use crate::adapters::agents::sealing::Sealing;
use crate::adapters::codemods::command::CommandCodemod;
use crate::adapters::codemods::rewrite::RewriteCodemod;
use crate::adapters::codemods::slice::SliceCodemod;
use crate::adapters::git::objects::GitObjects;
use crate::adapters::git::repository::GitRepository;
use crate::adapters::git::source::Slicer;
use crate::cli::agents::Agents;
use crate::cli::exit::Problem;
use crate::cli::planning;
use crate::cli::session::Session;
use crate::engine::ports::{Codemod, Commands};
use crate::engine::research::ResearchError;
use crate::engine::worker::{Maker, UnitAgent};
use crate::model::agent::AgentChoice;
use crate::model::change::Source;
use crate::model::id::UnitId;
use crate::model::plan::Plan;
use crate::model::rewrite::Rewrites;
use crate::model::scope::Ownership;

/// Makes ready what makes edits.
pub struct Makers<'a> {
    /// The repository, and what starts processes.
    pub session: &'a Session,
    /// The plan.
    pub plan: &'a Plan,
    /// Who owns what.
    pub ownership: &'a Arc<Ownership>,
    /// Git, in worktrees.
    pub repository: &'a Arc<GitRepository>,
    /// What runs commands.
    pub commands: &'a Arc<dyn Commands>,
}

impl Makers<'_> {
    /// What makes the edits of each unit of the plan.
    ///
    /// # Errors
    /// [`Problem`] when a codemod cannot be used, or an agent is not there.
    pub async fn ready(&self) -> Result<HashMap<UnitId, Maker>, Problem> {
        let mut ready: Vec<(Source, Arc<dyn Codemod>)> = Vec::new();
        let mut makers = HashMap::new();
        let agents = if self.plan.has_agents() {
            Some(Agents::of(self.session).await?)
        } else {
            None
        };
        for unit in &self.plan.units {
            let source = self.plan.source_of(unit);
            let known = ready.iter().find(|(other, _)| other == source);
            let codemod = if let Some((_, codemod)) = known {
                Some(Arc::clone(codemod))
            } else {
                let codemod = self.codemod(source).await?;
                ready.extend(codemod.clone().map(|codemod| (source.clone(), codemod)));
                codemod
            };
            let choice = self.plan.agent_of(unit);
            let agent = choice.zip(agents.as_ref());
            let agent = agent.map(|(choice, agents)| self.of_unit(agents, choice));
            let agent = agent.transpose()?;
            let maker = match (codemod, agent) {
                (Some(codemod), Some(agent)) => Maker::CodemodThenAgent(codemod, agent),
                (Some(codemod), None) => Maker::Codemod(codemod),
                (None, Some(agent)) => Maker::Agent(agent),
                (None, None) => unreachable!("what is not a codemod's is an agent's"),
            };
            makers.insert(unit.id.clone(), maker);
        }
        Ok(makers)
    }

    async fn codemod(&self, source: &Source) -> Result<Option<Arc<dyn Codemod>>, Problem> {
        Ok(Some(match source {
            Source::Agent => return Ok(None),
            Source::Rewrite(expressions) => {
                let rewrites = Rewrites::parse(expressions).map_err(ResearchError::from)?;
                let objects = Arc::new(GitObjects::open(&self.session.place));
                Arc::new(RewriteCodemod::new(
                    rewrites,
                    objects,
                    self.repository.clone(),
                ))
            }
            Source::Command(command) => Arc::new(CommandCodemod::new(
                command.clone(),
                Arc::clone(self.commands),
            )),
            Source::From { commit, .. } => {
                let slicer = Slicer::new(&self.session.place);
                let existing =
                    planning::existing(self.session, &slicer, &self.plan.base.commit, commit)
                        .await?;
                let changed = existing
                    .changes
                    .into_iter()
                    .map(|change| change.path)
                    .collect();
                Arc::new(SliceCodemod::new(
                    slicer,
                    existing.tree,
                    changed,
                    Ownership::clone(self.ownership),
                ))
            }
        }))
    }

    /// The agent of a unit, before whose work hooks and settings are sealed.
    fn of_unit(&self, agents: &Agents, choice: AgentChoice) -> Result<UnitAgent, Problem> {
        let agent = agents.named(choice.name.as_deref())?;
        Ok(UnitAgent {
            agent: Arc::new(Sealing::new(agent, Arc::clone(self.repository.seal()))),
            model: choice.model,
        })
    }
}
