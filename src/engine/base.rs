//! Proves the base: setup and test once on the base itself, before the first worker.
//!
//! It uses the first slot's workspace, so that what the setup made there serves the first unit too.

use crate::engine::command_line;
use crate::engine::dispatch::BaseProof;
use crate::engine::job::Rules;
use crate::engine::ports::{CommandEnd, PortError, ShellCommand, Stop, Watch, Workspace};
use crate::engine::teller::Teller;
use crate::engine::user_command::{environment, why_bad};
use crate::engine::worker::Tools;
use crate::model::event::Event;
use crate::model::history::BaseRefusal;
use crate::model::id::{ObjectId, RunId, Slot};
use crate::model::outcome::Step;
use crate::model::path::RepoPath;
use crate::model::plan::Plan;

/// What proving the base needs to know.
pub struct BaseJob<'a> {
    /// The run.
    pub run: &'a RunId,
    /// The plan.
    pub plan: &'a Plan,
    /// The commit.
    pub base: &'a ObjectId,
    /// The files of all units, for a test that names `{files}`.
    pub files: &'a [RepoPath],
    /// Bounds.
    pub rules: &'a Rules,
}

enum Bad {
    Refused(BaseRefusal),
    Stopped,
}

/// Runs setup and test on the base.
pub async fn prove(job: &BaseJob<'_>, tools: &Tools, teller: &Teller, stop: &Stop) -> BaseProof {
    let prover = Prover {
        job,
        tools,
        teller,
        stop,
    };
    match prover.prove().await {
        Ok(()) => BaseProof::Green,
        Err(Bad::Refused(refusal)) => BaseProof::Red(refusal),
        Err(Bad::Stopped) => BaseProof::Stopped,
    }
}

struct Prover<'a> {
    job: &'a BaseJob<'a>,
    tools: &'a Tools,
    teller: &'a Teller,
    stop: &'a Stop,
}

impl Prover<'_> {
    async fn prove(&self) -> Result<(), Bad> {
        let watch = self.begin(Step::Prepare).await;
        let lent = self
            .tools
            .workspaces
            .lend(Slot(0), self.job.base, &watch)
            .await;
        let workspace = lent.map_err(|error| self.bad(Step::Prepare, &watch, &error))?;
        if let Some(setup) = self.job.plan.setup.as_deref().filter(|_| workspace.fresh) {
            let done = self
                .command(setup, "setup", Step::Prepare, &workspace, &watch)
                .await;
            if let Err(bad) = done {
                // A worktree whose setup failed must not pass for one that is set up.
                let _ = self.tools.workspaces.discard(workspace).await;
                return Err(bad);
            }
            // Units are tested without what the setup changed in tracked files, and so is the base.
            let restored = self
                .tools
                .repository
                .restore(&workspace, self.job.base, &watch)
                .await;
            restored.map_err(|error| self.bad(Step::Prepare, &watch, &error))?;
        }
        let tested = match self.job.plan.test.command() {
            Some(test) => {
                let watch = self.begin(Step::Test).await;
                self.command(test, "test", Step::Test, &workspace, &watch)
                    .await
            }
            None => Ok(()),
        };
        self.tools.workspaces.give_back(workspace).await;
        tested
    }

    async fn command(
        &self,
        template: &str,
        name: &str,
        step: Step,
        workspace: &Workspace,
        watch: &Watch,
    ) -> Result<(), Bad> {
        let list = command_line::files_from(self.job.files);
        let list = self
            .tools
            .workspaces
            .list_files(workspace, &list)
            .await
            .map_err(|error| self.bad(step, watch, &error))?;
        let env = environment(self.job.run, None, workspace, list);
        for text in command_line::calls(template, self.job.files, None, &workspace.path) {
            let command = ShellCommand {
                text,
                cwd: workspace.path.clone(),
                env: env.clone(),
            };
            let end = self
                .tools
                .commands
                .run(&command, watch)
                .await
                .map_err(|error| self.bad(step, watch, &error))?;
            match (end, why_bad(name, end)) {
                (_, None) => {}
                (CommandEnd::Stopped, Some(_)) => return Err(Bad::Stopped),
                (_, Some(cause)) => return Err(self.refused(step, watch, cause)),
            }
        }
        Ok(())
    }

    async fn begin(&self, step: Step) -> Watch {
        let log = self.tools.logs.base_file(step);
        self.teller
            .tell(Event::BaseStepStarted {
                step,
                log: log.display().to_string(),
            })
            .await;
        Watch {
            log,
            timeout: self.job.rules.timeout_of(step),
            stop: self.stop.clone(),
        }
    }

    fn bad(&self, step: Step, watch: &Watch, error: &PortError) -> Bad {
        match error {
            PortError::Stopped => Bad::Stopped,
            PortError::Failed { .. } | PortError::TimedOut { .. } => {
                self.refused(step, watch, error.to_string())
            }
        }
    }

    fn refused(&self, step: Step, watch: &Watch, cause: String) -> Bad {
        let tail = self.tools.logs.tail(&watch.log);
        let log = tail.as_ref().map(|_| watch.log.display().to_string());
        Bad::Refused(BaseRefusal {
            step,
            cause,
            log,
            tail: tail.unwrap_or_default(),
        })
    }
}
