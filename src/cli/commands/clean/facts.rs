//! [`Facts`]: what is true of the runs that may be cleaned up: journals, refs, worktrees, remote and forge.

use std::collections::{BTreeMap, BTreeSet};
use std::path::PathBuf;

use jiff::{SignedDuration, Timestamp};

use super::safety::{Commits, Kept};
use super::standing::Pulls;
use super::worktrees;
use crate::adapters::git::left_worktrees::LeftWorktrees;
use crate::adapters::git::pool_folder;
use crate::adapters::journal;
use crate::adapters::residents::Residents;
use crate::adapters::run_lock::Holder;
use crate::adapters::store::choose;
use crate::cli::args::CleanArgs;
use crate::cli::exit::Problem;
use crate::cli::session::Session;
use crate::engine::cleaning::{BranchFacts, Named, RunFacts, State, UnitFacts};
use crate::engine::ports::Clock as _;
use crate::model::history::History;
use crate::model::id::{ObjectId, RunId};
use crate::model::life::Life;

/// What is true of all of them.
pub(super) struct Facts {
    /// Each run, the oldest first.
    pub(super) runs: Vec<RunFacts>,
    /// What their journals say.
    pub(super) histories: BTreeMap<RunId, History>,
    /// The worktrees that are there.
    pub(super) left: LeftWorktrees,
    /// How many were passed over, because they are too young.
    pub(super) young: usize,
    /// Who works in the repository now.
    pub(super) holder: Option<Holder>,
    /// Where the pool's folder is.
    pub(super) pool: PathBuf,
}

/// A run as far as it is known without asking anybody.
struct Local {
    run: RunId,
    state: State,
    history: Option<History>,
    refs: Vec<(String, ObjectId)>,
}

impl Facts {
    /// Gathers them.
    ///
    /// # Errors
    /// [`Problem`] when there is no such run, or the repository cannot be read.
    pub(super) async fn gather(session: &Session, args: &CleanArgs) -> Result<Self, Problem> {
        let pool = pool_folder::repository_folder(args.worktrees.as_deref(), &session.place)?;
        let left = LeftWorktrees::find(&session.place, &pool);
        let holder = session.store.in_progress()?;
        let mut refs = refs_by_run(session).await?;
        let stored: BTreeSet<RunId> = session.store.runs()?.into_iter().collect();
        let mut known = stored.clone();
        known.extend(refs.keys().cloned());
        known.extend(left.runs().cloned());
        let (mut young, mut locals) = (0, Vec::new());
        for run in wanted(args, known.into_iter().collect())? {
            let refs = refs.remove(&run).unwrap_or_default();
            let local = Local::of(session, run, &stored, holder.as_ref(), refs);
            match args.older_than {
                Some(age) if local.is_younger_than(session.clock.now(), age) => young += 1,
                Some(_) | None => locals.push(local),
            }
        }
        let runs = asked(session, args.force, &locals, &left).await?;
        let histories = locals.into_iter().filter_map(|local| local.history);
        Ok(Self {
            runs,
            histories: histories
                .map(|history| (history.run.clone(), history))
                .collect(),
            left,
            young,
            holder,
            pool,
        })
    }
}

/// The refs below `refs/batch/`, by run; what lies there under no run's name is none of ours.
async fn refs_by_run(
    session: &Session,
) -> Result<BTreeMap<RunId, Vec<(String, ObjectId)>>, Problem> {
    let mut by_run: BTreeMap<RunId, Vec<(String, ObjectId)>> = BTreeMap::new();
    for (name, object) in session.place.batch_refs().await? {
        let below = name.strip_prefix("refs/batch/");
        let run = below.and_then(|below| below.split('/').next()?.parse().ok());
        if let Some(run) = run {
            by_run.entry(run).or_default().push((name, object));
        }
    }
    Ok(by_run)
}

fn wanted(args: &CleanArgs, known: Vec<RunId>) -> Result<Vec<RunId>, Problem> {
    if args.runs.is_empty() {
        return Ok(known);
    }
    let mut wanted = BTreeSet::new();
    for name in &args.runs {
        wanted.insert(choose(name, &known)?.clone());
    }
    Ok(wanted.into_iter().collect())
}

impl Local {
    fn of(
        session: &Session,
        run: RunId,
        stored: &BTreeSet<RunId>,
        holder: Option<&Holder>,
        refs: Vec<(String, ObjectId)>,
    ) -> Self {
        let working = holder.and_then(|holder| holder.run.as_ref());
        let (state, history) = if working == Some(&run) {
            (State::Going, None)
        } else if stored.contains(&run) {
            match journal::history(&session.store.run(&run).journal()) {
                Ok(history) => (of_life(Life::of(&history, working)), Some(history)),
                Err(error) => (State::Unreadable(error.to_string()), None),
            }
        } else {
            let start = format!("refs/batch/{run}/start.json");
            let resumable = refs.iter().any(|(name, _)| *name == start);
            (State::Lost { resumable }, None)
        };
        Self {
            run,
            state,
            history,
            refs,
        }
    }

    fn is_younger_than(&self, now: Timestamp, age: std::time::Duration) -> bool {
        let told = self.history.as_ref();
        let last = told.map(|history| history.ended.unwrap_or(history.started));
        let Some(last) = last.or_else(|| self.run.started()) else {
            return false;
        };
        let age = SignedDuration::try_from(age).unwrap_or(SignedDuration::MAX);
        now.duration_since(last) < age
    }

    /// Whether what it left may be removed, so that remote and forge are to be asked.
    fn is_open_to_removal(&self, force: bool) -> bool {
        match self.state {
            State::Ended => true,
            State::Lost { resumable } => force || !resumable,
            State::Going | State::CutOff | State::Unreadable(_) => false,
        }
    }

    /// Whether its worktrees may be removed, so that they are to be looked at.
    fn opens_worktrees(&self, force: bool) -> bool {
        self.is_open_to_removal(force) || (force && self.state == State::CutOff)
    }
}

fn of_life(life: Life) -> State {
    match life {
        Life::Going => State::Going,
        Life::CutOff => State::CutOff,
        Life::Ended => State::Ended,
    }
}

/// Asks remotes and forges, and looks into worktrees, where something hangs on the answer.
async fn asked(
    session: &Session,
    force: bool,
    locals: &[Local],
    left: &LeftWorktrees,
) -> Result<Vec<RunFacts>, Problem> {
    let open = locals.iter();
    let open: Vec<&Local> = open
        .filter(|local| local.is_open_to_removal(force))
        .collect();
    let histories = open.iter().filter_map(|local| local.history.as_ref());
    // It heeds an interrupt by itself, and the rest all at once.
    let pulls = Pulls::ask(session, &histories.collect::<Vec<_>>()).await?;
    let looking = async {
        let runs = open.iter();
        let runs = runs.map(|local| (local.history.as_ref(), local.refs.as_slice()));
        let all = locals.iter().filter_map(|local| local.history.as_ref());
        let commits = Commits::ask(session, &runs.collect::<Vec<Kept>>(), all, &pulls).await?;
        let checked_out = session.place.checked_out().await?;
        let residents = Residents::look();
        let mut facts = Vec::with_capacity(locals.len());
        for local in locals {
            let history = local.history.as_ref();
            let worktrees = if local.opens_worktrees(force) {
                let kept = local.refs.iter().map(|(_, object)| object);
                worktrees::look(session, left, &residents, &local.run, history, kept).await?
            } else {
                Vec::new()
            };
            let refs = local.refs.iter().map(|(name, object)| Named {
                name: name.clone(),
                object: object.clone(),
                safety: commits.safety(history, object),
            });
            let branches = history.map_or_else(Vec::new, |history| {
                branches(history, &commits, &checked_out)
            });
            facts.push(RunFacts {
                run: local.run.clone(),
                state: local.state.clone(),
                units: history.map_or_else(Vec::new, |history| units(history, &commits, &pulls)),
                refs: refs.collect(),
                branches,
                worktrees,
            });
        }
        Ok(facts)
    };
    session.interrupts.guard(looking).await
}

fn units(history: &History, commits: &Commits, pulls: &Pulls) -> Vec<UnitFacts> {
    let units = history.units.iter();
    let facts = units.map(|unit| UnitFacts {
        outcome: unit.outcome.clone(),
        delivered: unit
            .delivered
            .as_ref()
            .map(|commit| (commit.clone(), commits.safety(Some(history), commit))),
        pull: pulls
            .of(history, unit)
            .map(|pull| (pull.number, pull.facts())),
    });
    facts.collect()
}

/// The branches of this repository that deliver the run's units, where it has no remote.
fn branches(
    history: &History,
    commits: &Commits,
    checked_out: &BTreeMap<String, PathBuf>,
) -> Vec<BranchFacts> {
    if history.remote.is_some() {
        return Vec::new();
    }
    let heads = commits.heads_here();
    let facts = history.units.iter().filter_map(|unit| {
        let name = format!("refs/heads/{}", unit.branch);
        let object = heads.get(&unit.branch)?.clone();
        Some(BranchFacts {
            checked_out: checked_out.get(&name).cloned(),
            named: Named {
                safety: commits.safety(Some(history), &object),
                name,
                object,
            },
        })
    });
    facts.collect()
}
