//! [`Execution`]: carries an approved plan out, for the first time or again: sets up what the engine needs, lets it run,
//! and has it told what came of it.

use std::collections::BTreeMap;
use std::num::NonZeroU32;
use std::sync::Arc;

use crate::adapters::git::RemoteChoice;
use crate::adapters::git::git::Git;
use crate::adapters::git::objects::GitObjects;
use crate::adapters::git::repository::GitRepository;
use crate::adapters::git::worktrees::WorktreePool;
use crate::adapters::journal::FileJournal;
use crate::adapters::run_folder::RunFolder;
use crate::cli::args::WorkArgs;
use crate::cli::beginning::{Told, run_started};
use crate::cli::closing::close;
use crate::cli::consent::Saved;
use crate::cli::exit::{Exit, Problem};
use crate::cli::forge::{Destination, RunForge};
use crate::cli::progress::choice::reporter;
use crate::cli::recovery;
use crate::cli::session::Session;
use crate::cli::tools::Toolbox;
use crate::engine::go::{Begin, Go, Wanted, take_up};
use crate::engine::job::Rules;
use crate::engine::pool::{BasePolicy, Pool};
use crate::engine::ports::{Clock, Objects, Repository, Stop, Workspaces};
use crate::engine::pull_template::pull_template;
use crate::engine::recorder::Recorder;
use crate::engine::research::ResearchError;
use crate::engine::survey::{survey, survey_unit};
use crate::model::change::Source;
use crate::model::event::{Event, Record};
use crate::model::history::History;
use crate::model::id::{ObjectId, RunId, UnitId};
use crate::model::plan::Plan;
use crate::model::plan_file;
use crate::model::scope::Ownership;
use crate::model::tree::TreeFile;
use crate::model::wishes::Wishes;

mod kept;
mod outside;
mod parts;
mod resuming;

use self::outside::{look_outside, tell_outside};
use self::parts::Crew;

/// How an approved plan is to be carried out.
pub struct Execution<'a> {
    /// Where.
    pub session: &'a Session,
    /// Where branches go.
    pub remote: RemoteChoice,
    /// Where pull requests go.
    pub destination: Destination,
    /// The bounds of the work.
    pub work: &'a WorkArgs,
    /// Whether a base that fails setup or test is accepted.
    pub allow_red_base: bool,
    /// What the user asks of the pull requests; none leaves it as the run began with.
    pub pulls: Option<Wishes>,
}

/// The units that go first in a new run.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct First {
    /// Which; empty where all begin at once.
    pub units: Vec<UnitId>,
    /// Whether the user has said yes to the others already, if these succeed.
    pub given: bool,
}

/// How a go enters the journal.
enum Opening {
    /// The journal was born with this record, which is only to be told.
    Run(Box<Record>),
    /// These are to be recorded.
    Again(Vec<Event>),
}

/// What a go takes up.
struct Taken {
    opening: Opening,
    units: Vec<Wanted>,
    note: Option<String>,
    base: BasePolicy,
    /// Whether the user has said yes to what a canary keeps back.
    given: bool,
    /// How many attempts of each unit have edits that are kept, whatever the journal tells.
    kept: BTreeMap<UnitId, u32>,
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
        first: First,
    ) -> Result<Exit, Problem> {
        let forge = self.forge().await?;
        let store = &self.session.store;
        let lock = store.lock(run)?;
        let told = Told {
            remote: self.remote.name(),
            destination: &self.destination,
            pulls: self.pulls.clone().unwrap_or_default(),
            canary: first.units,
        };
        let started = Record {
            at: self.session.clock.now(),
            event: run_started(run, &plan, prefix, told),
        };
        let history = History::begin(&started)?;
        let plan_toml = plan_file::write(&plan);
        let folder = store.new_run(run, &plan_toml, &started)?;
        saved.drop_now();
        let repository = GitRepository::new(&self.session.place);
        recovery::keep_beginning(&repository, run, &plan_toml, &started).await?;
        let units = plan.units.iter().map(|unit| Wanted::anew(unit.id.clone()));
        let taken = Taken {
            opening: Opening::Run(Box::new(started)),
            units: units.collect(),
            note: None,
            base: BasePolicy::of(&plan, self.allow_red_base),
            given: first.given,
            kept: BTreeMap::new(),
        };
        let pool = self.pool(&history, &[])?;
        let exit = self.go(&folder, plan, history, taken, pool, forge).await;
        drop(lock);
        exit
    }

    /// Takes up units of a run that ended, as new attempts. The caller holds the lock.
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
        let forge = self.forge().await?;
        let pool = self.pool(&history, &units)?;
        let kept = self.kept(folder.run()).await?;
        let mut events = self.reclaimed(folder, &pool, &history, &units).await;
        events.extend(self.rescued(folder, &pool, &history, &plan, &kept).await);
        events.push(Event::RerunStarted {
            units: units.clone(),
            note: note.clone(),
            pulls: self.pulls.clone(),
        });
        let taken = Taken {
            opening: Opening::Again(events),
            units: units.into_iter().map(Wanted::anew).collect(),
            note,
            base: BasePolicy::of(&plan, self.allow_red_base),
            given: true,
            kept,
        };
        self.go(folder, plan, history, taken, pool, forge).await
    }

    /// The forge, and the stop that it heeds.
    async fn forge(&self) -> Result<(RunForge, Stop), Problem> {
        let stop = Stop::default();
        let forge = self.destination.forge(self.session, &stop).await?;
        Ok((forge, stop))
    }

    /// Ends a run whose process died when all its units had ended: clears what that left, and writes the report.
    ///
    /// # Errors
    /// [`Problem`] when the journal or the reports could not be written.
    pub async fn conclude(&self, folder: &RunFolder, history: History) -> Result<Exit, Problem> {
        let pool = self.pool(&history, &[])?;
        let recorder = self.recorder(folder, history)?;
        self.concluded(folder, &pool, recorder).await
    }

    async fn concluded(
        &self,
        folder: &RunFolder,
        pool: &WorktreePool,
        mut recorder: Recorder,
    ) -> Result<Exit, Problem> {
        remove_worktrees(pool, &mut recorder).await?;
        close(self.session, folder, self.work, recorder).await
    }

    async fn go(
        &self,
        folder: &RunFolder,
        plan: Plan,
        history: History,
        taken: Taken,
        pool: WorktreePool,
        (forge, stop): (RunForge, Stop),
    ) -> Result<Exit, Problem> {
        let place = &self.session.place;
        let mut leaders = self.session.processes.work_for(folder.run());
        let plan = Arc::new(plan);
        let ownership = Arc::new(plan.ownership());
        let repository = Arc::new(GitRepository::new(place));
        self.hold_base(&repository, folder.run(), &plan).await?;
        let mut told = match &taken.opening {
            Opening::Run(_) => history.clone(),
            // What a killed process left is where the next attempt begins.
            Opening::Again(events) => self.told(&history, events)?,
        };
        let worktrees = pool.folder().to_owned();
        for (unit, &attempts) in &taken.kept {
            told.count_kept(unit, attempts);
        }
        let workspaces: Arc<dyn Workspaces> = Arc::new(pool);
        let toolbox = Toolbox {
            session: self.session,
            remote: &self.remote,
            fork: self.destination.fork(),
            folder,
            plan: &plan,
            finished: finished(&told, &taken.units),
            ownership: &ownership,
            repository: &repository,
            workspaces: &workspaces,
        };
        let tools = toolbox.tools(self.work.tests()).await?;
        let plan_id = folder.plan_id()?;
        let go = self.units_to_go(&plan, plan_id, &told, &ownership, &taken)?;

        let mut recorder = self.recorder(folder, history)?;
        match taken.opening {
            Opening::Run(started) => recorder.reporter.event(&started, &recorder.history),
            Opening::Again(events) => recorder.record_all(events)?,
        }
        let git = Git::new(self.session.processes.clone(), &place.root);
        let before = if plan.has_agents() {
            look_outside(&git, &mut recorder).await?
        } else {
            None
        };
        let crew = Crew {
            tools: Arc::new(tools),
            recorder: &mut recorder,
            folder,
            leaders: &mut leaders,
            worktrees: &worktrees,
        };
        let ended = self.in_parts(go, (forge, stop), crew, taken.given).await;
        remove_worktrees(&*workspaces, &mut recorder).await?;
        if let Some(before) = before {
            tell_outside(&before, &git, &mut recorder).await?;
        }
        ended?;
        close(self.session, folder, self.work, recorder).await
    }

    fn recorder(&self, folder: &RunFolder, history: History) -> Result<Recorder, Problem> {
        Ok(Recorder {
            journal: Box::new(FileJournal::open(&folder.journal())?),
            history,
            reporter: reporter(&self.session.global, self.session.look()),
            clock: self.session.clock.clone(),
        })
    }

    /// What the engine is to do: the units of this go, and the bounds of the work.
    fn units_to_go(
        &self,
        plan: &Arc<Plan>,
        plan_id: ObjectId,
        history: &History,
        ownership: &Ownership,
        taken: &Taken,
    ) -> Result<Go, Problem> {
        let objects = GitObjects::open(&self.session.place);
        let files = tokio::task::block_in_place(|| surveyed(&objects, plan, history, ownership))?;
        let template = template(&objects, &plan.base.commit)?;
        let note = taken.note.as_deref();
        let units = take_up(&taken.units, plan, history, files.clone(), note)?;
        Ok(Go {
            run: history.run.clone(),
            plan: Arc::clone(plan),
            units,
            files,
            pool: Pool {
                jobs: self.work.workers(plan.has_agents()),
                fail_fast: self.work.fail_fast,
                base: taken.base,
            },
            rules: Rules {
                timeout: self.work.timeout,
                test_timeout: self.work.test_timeout,
                retries: self.work.retries,
                fixes: self.work.fixes,
                max_turns: self.work.max_turns.map(NonZeroU32::get),
                idle: self.work.idle_timeout,
                fresh: self.work.fresh,
                signoff: self.work.signoff,
                keep_worktrees: self.work.keep_worktrees,
            },
            plan_id,
            template,
            cap: self.work.cap(),
            stack: self.work.stack,
        })
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
}

/// The commits of the units whose branches are delivered, which the others must fit.
fn finished(history: &History, wanted: &[Wanted]) -> Vec<(UnitId, ObjectId)> {
    let delivered = wanted.iter().filter_map(|wanted| match &wanted.begin {
        Begin::AtPull(commit) => Some((wanted.unit.clone(), commit.clone())),
        Begin::Anew | Begin::AtCommit(_) => None,
    });
    let is_wanted = |unit: &UnitId| wanted.iter().any(|wanted| wanted.unit == *unit);
    let done = history.done().filter(|(unit, _)| !is_wanted(unit));
    let done = done.map(|(unit, commit)| (unit.clone(), commit.clone()));
    done.chain(delivered).collect()
}

/// The files of each unit, in the plan's order: at the commit that the unit begins from, for others may have changed them
/// there since the plan's base.
fn surveyed(
    objects: &dyn Objects,
    plan: &Plan,
    history: &History,
    ownership: &Ownership,
) -> Result<Vec<Arc<[TreeFile]>>, ResearchError> {
    let mut files = survey(objects, plan, ownership)?;
    for (index, files) in files.iter_mut().enumerate() {
        let told = plan
            .units
            .get(index)
            .and_then(|unit| history.unit(&unit.id));
        let base = told.filter(|unit| unit.after.is_empty());
        let base = base.and_then(|unit| unit.base.as_ref());
        if let Some(base) = base.filter(|base| **base != plan.base.commit) {
            *files = survey_unit(objects, plan, ownership, index, base)?;
        }
    }
    Ok(files)
}

/// The template for pull requests that a commit of the base has.
///
/// # Errors
/// [`Problem`] when the repository cannot be read.
pub fn template(objects: &dyn Objects, base: &ObjectId) -> Result<Option<Arc<str>>, Problem> {
    let text = tokio::task::block_in_place(|| pull_template(objects, &objects.files(base)?))?;
    Ok(text.map(Arc::from))
}

/// Removes the worktrees of the run; what stays of them is a warning, for its units have ended.
async fn remove_worktrees(
    workspaces: &dyn Workspaces,
    recorder: &mut Recorder,
) -> Result<(), Problem> {
    if let Err(error) = workspaces.close().await {
        recorder.record(Event::Warning {
            unit: None,
            text: format!("worktrees were left behind: {error}"),
        })?;
    }
    Ok(())
}
