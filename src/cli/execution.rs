//! Carries out an approved plan: makes or reopens the run, wires its adapters to the engine, and reports.

use std::path::Path;
use std::sync::Arc;

use tokio::sync::Semaphore;

use crate::adapters::agents::command::CommandAgent;
use crate::adapters::agents::rewrite::RewriteAgent;
use crate::adapters::agents::slice::SliceAgent;
use crate::adapters::commands::ShellCommands;
use crate::adapters::forges::local::LocalForge;
use crate::adapters::git::RemoteChoice;
use crate::adapters::git::objects::GitObjects;
use crate::adapters::git::pool_folder;
use crate::adapters::git::remote::Deliveries;
use crate::adapters::git::repository::GitRepository;
use crate::adapters::git::source::Source as Slicer;
use crate::adapters::git::worktrees::Pool as WorktreePool;
use crate::adapters::journal::FileJournal;
use crate::adapters::process;
use crate::adapters::run_folder::RunFolder;
use crate::cli::args::WorkArgs;
use crate::cli::consent::Saved;
use crate::cli::exit::{Exit, Problem};
use crate::cli::planning;
use crate::cli::progress::choice::reporter;
use crate::cli::session::Session;
use crate::cli::summary;
use crate::engine::dispatch::Pool;
use crate::engine::edits;
use crate::engine::job::{Evidence, Rules};
use crate::engine::ports::{Agent, Clock, Commands, Forge, Repository, Stop, Watch, Workspaces};
use crate::engine::run::{self, Go, Recorder, UnitGo};
use crate::engine::survey::survey;
use crate::engine::text::Texts;
use crate::engine::union::Union;
use crate::engine::worker::Tools;
use crate::model::branch::branch_name;
use crate::model::change::Source;
use crate::model::event::{Event, JOURNAL_VERSION, Record, UnitHeader};
use crate::model::history::History;
use crate::model::id::{RunId, UnitId};
use crate::model::outcome::Outcome;
use crate::model::plan::Plan;
use crate::model::plan_file;
use crate::model::report::exit_code;
use crate::model::rewrite::Rewrites;
use crate::model::scope::Ownership;

/// The most workers when the user names no number; more do not help on one machine's disk.
const MOST_JOBS: usize = 8;

/// How an approved plan is to be carried out.
pub struct Execution<'a> {
    /// Where.
    pub session: &'a Session,
    /// Where branches go.
    pub remote: RemoteChoice,
    /// The bounds of the work.
    pub work: &'a WorkArgs,
    /// Whether a base that fails setup or test is accepted.
    pub allow_red_base: bool,
    /// Labels for the pull requests.
    pub labels: &'a [String],
}

impl Execution<'_> {
    /// Runs a plan for the first time, and says what came of it.
    ///
    /// # Errors
    /// [`Problem`] when the run could not be made or had to stop; a failed unit is none.
    pub async fn begin(
        &self,
        run: &RunId,
        plan: Plan,
        saved: Saved<'_>,
        prefix: &str,
    ) -> Result<Exit, Problem> {
        let lock = self.session.store.lock(run)?;
        let description = &plan.change.description;
        let started = Record {
            at: self.session.clock.now(),
            event: Event::RunStarted {
                version: JOURNAL_VERSION,
                run: run.clone(),
                change: description.clone(),
                base: plan.base.clone(),
                remote: self.remote.name().map(str::to_owned),
                forge: self.forge().name().to_owned(),
                units: plan
                    .units
                    .iter()
                    .map(|unit| UnitHeader {
                        id: unit.id.clone(),
                        title: unit.title.clone(),
                        branch: branch_name(prefix, description, run, &unit.id),
                    })
                    .collect(),
            },
        };
        let history = History::begin(&started)
            .map_err(|error| Problem::new(Exit::NotReady, error.to_string()))?;
        let folder = self
            .session
            .store
            .new_run(run, &plan_file::write(&plan), &started)?;
        saved.drop_now();
        let all: Vec<UnitId> = plan.units.iter().map(|unit| unit.id.clone()).collect();
        let exit = self.go(&folder, plan, history, &all, None, started).await;
        drop(lock);
        exit
    }

    /// Takes up units of a run that ended, as new attempts.
    ///
    /// # Errors
    /// As [`Execution::begin`].
    pub async fn again(
        &self,
        folder: &RunFolder,
        plan: Plan,
        history: History,
        units: Vec<UnitId>,
        note: Option<String>,
    ) -> Result<Exit, Problem> {
        let event = Event::RerunStarted {
            units: units.clone(),
            note: note.clone(),
        };
        let first = Record {
            at: self.session.clock.now(),
            event,
        };
        self.go(folder, plan, history, &units, note, first).await
    }

    /// Ends a run whose process died when all its units had ended: clears what that left, and writes the report.
    ///
    /// # Errors
    /// [`Problem`] when the journal or the reports could not be written.
    pub async fn conclude(&self, folder: &RunFolder, history: History) -> Result<Exit, Problem> {
        let (session, run) = (self.session, folder.run());
        let pool_folder =
            pool_folder::run_folder(self.work.worktrees.as_deref(), &session.place, run)?;
        let pool = WorktreePool::new(&session.place, pool_folder, run, self.work.fresh);
        let mut recorder = self.recorder(folder, history)?;
        close(&pool, &mut recorder).await?;
        self.finish(folder, recorder)
    }

    fn recorder(&self, folder: &RunFolder, history: History) -> Result<Recorder, Problem> {
        Ok(Recorder {
            journal: Box::new(FileJournal::open(&folder.journal())?),
            history,
            reporter: reporter(&self.session.global, self.session.look()),
            clock: self.session.clock.clone(),
        })
    }

    fn forge(&self) -> Arc<dyn Forge> {
        let clock: Arc<dyn Clock> = self.session.clock.clone();
        Arc::new(LocalForge::new(&self.session.place.common_dir, clock))
    }

    async fn go(
        &self,
        folder: &RunFolder,
        plan: Plan,
        history: History,
        units: &[UnitId],
        note: Option<String>,
        first: Record,
    ) -> Result<Exit, Problem> {
        let run = folder.run().clone();
        let repository = Arc::new(GitRepository::new(&self.session.place));
        self.hold_base(&repository, &run, &plan).await?;
        let plan = Arc::new(plan);
        let ownership = Arc::new(Ownership::new(
            plan.units.iter().map(|unit| (&unit.id, &unit.scope)),
        ));
        let pool_folder =
            pool_folder::run_folder(self.work.worktrees.as_deref(), &self.session.place, &run)?;
        let pool = WorktreePool::new(&self.session.place, pool_folder, &run, self.work.fresh);
        let rescued = self.rescued(folder, &pool, &repository, &history).await;
        let workspaces: Arc<dyn Workspaces> = Arc::new(pool);
        let tools = self
            .tools(
                folder,
                &plan,
                &history,
                &repository,
                &workspaces,
                &ownership,
            )
            .await?;
        let go = self.plan_go(&run, &plan, &history, units, note.as_deref(), &ownership)?;

        let rerun = matches!(first.event, Event::RerunStarted { .. });
        let mut recorder = self.recorder(folder, history)?;
        if rerun {
            for event in rescued {
                recorder.record(event)?;
            }
            recorder.record(first.event)?;
        } else {
            // The journal was born with it.
            recorder.reporter.event(&first, &recorder.history);
        }
        let mut interrupts = self.session.interrupts.lock().await;
        let ended = run::run(go, tools, self.forge(), &mut recorder, &mut interrupts).await;
        drop(interrupts);
        close(workspaces.as_ref(), &mut recorder).await?;
        ended?;
        self.finish(folder, recorder)
    }

    /// Keeps the edits of units that a killed process of this run left behind.
    async fn rescued(
        &self,
        folder: &RunFolder,
        pool: &WorktreePool,
        repository: &GitRepository,
        history: &History,
    ) -> Vec<Event> {
        let watch = Watch {
            log: folder.logs_folder().join("rescue.log"),
            timeout: self.work.timeout,
            stop: Stop::default(),
        };
        edits::rescue(
            repository,
            history,
            pool.abandoned(&history.base.commit),
            &watch,
        )
        .await
    }

    /// Keeps the base, and the change that is sliced, from git's garbage collection.
    async fn hold_base(
        &self,
        repository: &GitRepository,
        run: &RunId,
        plan: &Plan,
    ) -> Result<(), Problem> {
        repository
            .set_ref(&format!("refs/batch/{run}/base"), &plan.base.commit)
            .await?;
        if let Source::From { commit, .. } = &plan.change.source {
            repository
                .set_ref(&format!("refs/batch/{run}/source"), commit)
                .await?;
        }
        Ok(())
    }

    async fn tools(
        &self,
        folder: &RunFolder,
        plan: &Arc<Plan>,
        history: &History,
        repository: &Arc<GitRepository>,
        workspaces: &Arc<dyn Workspaces>,
        ownership: &Arc<Ownership>,
    ) -> Result<Tools, Problem> {
        let place = &self.session.place;
        let commands: Arc<dyn Commands> =
            Arc::new(ShellCommands::new(self.session.processes.clone()));
        let finished = history
            .units
            .iter()
            .filter(|unit| {
                matches!(
                    unit.outcome,
                    Some(Outcome::Opened { .. } | Outcome::Pushed { .. })
                )
            })
            .filter_map(|unit| Some((unit.id.clone(), unit.delivered.clone()?)))
            .collect();
        let cores = std::thread::available_parallelism().map_or(1, usize::from);
        let tests = self.work.test_jobs.map_or((cores / 2).max(1), usize::from);
        Ok(Tools {
            agent: self.agent(plan, &commands, ownership).await?,
            workspaces: Arc::clone(workspaces),
            repository: repository.clone(),
            objects: Arc::new(GitObjects::open(place)),
            commands,
            remote: Arc::new(Deliveries::new(place, self.remote.clone())),
            logs: Arc::new(folder.logs(process::tail)),
            union: Arc::new(Union::new(
                repository.clone(),
                plan.base.commit.clone(),
                finished,
            )),
            ownership: Arc::clone(ownership),
            texts: Texts::new().map_err(|error| Problem::new(Exit::Usage, error.to_string()))?,
            tests: Arc::new(Semaphore::new(tests)),
        })
    }

    async fn agent(
        &self,
        plan: &Plan,
        commands: &Arc<dyn Commands>,
        ownership: &Ownership,
    ) -> Result<Arc<dyn Agent>, Problem> {
        Ok(match &plan.change.source {
            Source::Rewrite(expressions) => {
                let rewrites = Rewrites::parse(expressions).map_err(|error| {
                    Problem::from(crate::engine::research::ResearchError::from(error))
                })?;
                Arc::new(RewriteAgent::new(rewrites))
            }
            Source::Command(command) => {
                Arc::new(CommandAgent::new(command.clone(), Arc::clone(commands)))
            }
            Source::From { commit, .. } => {
                let slicer = Slicer::new(&self.session.place);
                let existing =
                    planning::existing(self.session, &slicer, &plan.base.commit, commit).await?;
                let changed = existing
                    .changes
                    .into_iter()
                    .map(|change| change.path)
                    .collect();
                Arc::new(SliceAgent::new(
                    slicer,
                    existing.tree,
                    changed,
                    ownership.clone(),
                ))
            }
        })
    }

    fn plan_go(
        &self,
        run: &RunId,
        plan: &Arc<Plan>,
        history: &History,
        units: &[UnitId],
        note: Option<&str>,
        ownership: &Ownership,
    ) -> Result<Go, Problem> {
        let objects = GitObjects::open(&self.session.place);
        let files = tokio::task::block_in_place(|| survey(&objects, plan, ownership))?;
        let mut of_go = Vec::new();
        for (index, (unit, files)) in plan.units.iter().zip(files).enumerate() {
            if !units.contains(&unit.id) {
                continue;
            }
            let told = history.unit(&unit.id).ok_or_else(|| other_units(run))?;
            of_go.push(UnitGo {
                index,
                attempt: told.attempt + 1,
                base: told
                    .base
                    .clone()
                    .unwrap_or_else(|| plan.base.commit.clone()),
                branch: told.branch.clone(),
                files,
                delivered: told.delivered.clone().filter(|_| told.pr.is_none()),
                evidence: Evidence {
                    pushes: told.pushes.clone(),
                    failure: told.last_failure.clone(),
                    note: note.map(str::to_owned),
                },
            });
        }
        if of_go.len() != units.len() {
            return Err(other_units(run));
        }
        let cores = std::thread::available_parallelism().map_or(1, usize::from);
        Ok(Go {
            run: run.clone(),
            plan: Arc::clone(plan),
            units: of_go,
            pool: Pool {
                jobs: self.work.jobs.map_or(cores.min(MOST_JOBS), usize::from),
                fail_fast: self.work.fail_fast,
                base: run::base_policy(plan, self.allow_red_base),
            },
            rules: Rules {
                timeout: self.work.timeout,
                test_timeout: self.work.test_timeout,
                retries: self.work.retries,
                signoff: self.work.signoff,
            },
            labels: self.labels.to_vec(),
        })
    }

    /// Writes the reports, then says that the run ended: who hears it finds them there.
    fn finish(&self, folder: &RunFolder, mut recorder: Recorder) -> Result<Exit, Problem> {
        let code = exit_code(&recorder.history);
        let ended = Event::RunEnded {
            exit_code: code,
            report: folder.report().display().to_string(),
        };
        let mut history = recorder.history.clone();
        let record = Record {
            at: self.session.clock.now(),
            event: ended.clone(),
        };
        history
            .apply(&record)
            .map_err(|error| Problem::new(Exit::NotReady, error.to_string()))?;
        let texts = Texts::new().map_err(|error| Problem::new(Exit::Usage, error.to_string()))?;
        let reports = texts
            .reports(&history)
            .map_err(|error| Problem::new(Exit::Usage, error.to_string()))?;
        folder.write_reports(&reports)?;
        recorder.record(ended)?;
        summary::show(self.session, folder, &recorder.history);
        let copies = [
            (&self.work.report, &reports.markdown),
            (&self.work.failures, &reports.failures),
        ];
        for (path, text) in copies {
            if let Some(path) = path {
                write_copy(path, text)?;
            }
        }
        Ok(Exit::of_run(code))
    }
}

async fn close(workspaces: &dyn Workspaces, recorder: &mut Recorder) -> Result<(), Problem> {
    if let Err(error) = workspaces.close().await {
        recorder.record(Event::Warning {
            unit: None,
            text: format!("worktrees were left behind: {error}"),
        })?;
    }
    Ok(())
}

/// The plan in the run's folder was edited into another one.
fn other_units(run: &RunId) -> Problem {
    Problem::new(
        Exit::Usage,
        format!("the plan of run {run} no longer has the units that its journal tells of"),
    )
    .hint("put it back, or run it anew with `batch apply`")
}

/// Writes a report where the user wants a copy.
fn write_copy(path: &Path, text: &str) -> Result<(), Problem> {
    let write = || {
        if let Some(parent) = path
            .parent()
            .filter(|parent| !parent.as_os_str().is_empty())
        {
            std::fs::create_dir_all(parent)?;
        }
        std::fs::write(path, text)
    };
    write().map_err(|error| {
        Problem::new(
            Exit::NotReady,
            format!(
                "the report cannot be written to {}: {error}",
                path.display()
            ),
        )
        .hint("it is in the run's own folder all the same")
    })
}
