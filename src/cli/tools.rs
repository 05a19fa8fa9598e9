//! [`Toolbox`]: puts the adapters into the engine's hands, for one go at a run.

use std::sync::Arc;

use tokio::sync::Semaphore;

use crate::adapters::commands::ShellCommands;
use crate::adapters::git::RemoteChoice;
use crate::adapters::git::objects::GitObjects;
use crate::adapters::git::remote::Deliveries;
use crate::adapters::git::repository::GitRepository;
use crate::adapters::process;
use crate::adapters::run_folder::RunFolder;
use crate::cli::exit::Problem;
use crate::cli::makers::Makers;
use crate::cli::session::Session;
use crate::engine::ports::{Commands, Workspaces};
use crate::engine::prompt::Prompts;
use crate::engine::union::Union;
use crate::engine::worker::Tools;
use crate::model::id::{ObjectId, UnitId};
use crate::model::plan::Plan;
use crate::model::scope::Ownership;
use crate::model::site::Site;

/// What the workers' tools are made of.
pub struct Toolbox<'a> {
    /// The repository, and what starts processes.
    pub session: &'a Session,
    /// Where branches go.
    pub remote: &'a RemoteChoice,
    /// The fork of the remote's repository that they go to instead.
    pub fork: Option<&'a Site>,
    /// Where steps log.
    pub folder: &'a RunFolder,
    /// The plan.
    pub plan: &'a Plan,
    /// What is delivered already, with the commits that the branches are at.
    pub finished: Vec<(UnitId, ObjectId)>,
    /// Who owns what.
    pub ownership: &'a Arc<Ownership>,
    /// Git, in worktrees.
    pub repository: &'a Arc<GitRepository>,
    /// The pool of worktrees.
    pub workspaces: &'a Arc<dyn Workspaces>,
}

impl Toolbox<'_> {
    /// The tools, with so many checks and tests at the same time.
    ///
    /// # Errors
    /// [`Problem`] when what makes the change's edits cannot be used.
    pub async fn tools(&self, tests: usize) -> Result<Tools, Problem> {
        let place = &self.session.place;
        let commands: Arc<dyn Commands> =
            Arc::new(ShellCommands::new(self.session.processes.clone()));
        let makers = Makers {
            session: self.session,
            plan: self.plan,
            ownership: self.ownership,
            repository: self.repository,
            commands: &commands,
        };
        let mut deliveries =
            Deliveries::new(place, self.remote.clone()).sealed(Arc::clone(self.repository.seal()));
        if let Some(fork) = self.fork {
            deliveries = deliveries.to_fork(fork.clone());
        }
        Ok(Tools {
            makers: makers.ready().await?,
            workspaces: Arc::clone(self.workspaces),
            repository: self.repository.clone(),
            objects: Arc::new(GitObjects::open(place)),
            commands,
            remote: Arc::new(deliveries),
            logs: Arc::new(self.folder.logs(process::tail)),
            union: Arc::new(Union::new(
                self.repository.clone(),
                self.plan.base.commit.clone(),
                self.finished.clone(),
            )),
            ownership: Arc::clone(self.ownership),
            texts: self.session.texts()?,
            prompts: Prompts::new()?,
            tests: Arc::new(Semaphore::new(tests)),
        })
    }
}
