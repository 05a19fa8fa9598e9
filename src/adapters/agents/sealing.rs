//! [`Sealing`]: an agent before whose first request the hooks and settings of the repository are sealed.
//!
//! Not sooner: the setup of worktrees may set hooks up, and runs before any agent is asked.

use std::sync::Arc;

use async_trait::async_trait;

use crate::adapters::git::seal::Seal;
use crate::engine::ports::{Agent, AgentRequest, PortError, Watch};
use crate::model::agent::{AgentAbilities, AgentAnswer, AgentEvent};

/// An agent that finds the repository sealed.
pub struct Sealing {
    inner: Arc<dyn Agent>,
    seal: Arc<Seal>,
}

impl Sealing {
    /// The agent, behind the run's seal.
    #[must_use]
    pub fn new(inner: Arc<dyn Agent>, seal: Arc<Seal>) -> Self {
        Self { inner, seal }
    }
}

#[async_trait]
impl Agent for Sealing {
    fn name(&self) -> &str {
        self.inner.name()
    }

    fn abilities(&self) -> AgentAbilities {
        self.inner.abilities()
    }

    async fn ask(
        &self,
        request: &AgentRequest<'_>,
        watch: &Watch,
        hear: &mut (dyn FnMut(AgentEvent) + Send),
    ) -> Result<AgentAnswer, PortError> {
        self.seal.take().await?;
        self.inner.ask(request, watch, hear).await
    }
}
