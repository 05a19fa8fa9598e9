//! A run whose journal or folder is lost or damaged: begun again from what the run kept in the object store when it
//! started, and from what can be read. What landed is not settled here: `batch resume` asks remote and forge for it.

use std::collections::BTreeMap;
use std::io::ErrorKind;

use crate::adapters::git::left_worktrees::LeftWorktrees;
use crate::adapters::git::pool_folder;
use crate::adapters::git::remote::Deliveries;
use crate::adapters::git::repository::GitRepository;
use crate::adapters::journal::{self, JournalError};
use crate::adapters::run_folder::RunFolder;
use crate::adapters::store::choose;
use crate::cli::beginning::{Told, run_started};
use crate::cli::exit::{Exit, Problem};
use crate::cli::forge;
use crate::cli::plan_reading::reread_plan;
use crate::cli::session::Session;
use crate::engine::ports::Clock as _;
use crate::engine::rebuilding::{Remains, events};
use crate::model::branch::branch_name;
use crate::model::counted::counted;
use crate::model::event::Record;
use crate::model::history::History;
use crate::model::id::{ObjectId, RunId, Slot, UnitId};
use crate::model::plan::Plan;
use crate::model::wishes::Wishes;

/// What a run begins with is kept at these names below `refs/batch/<run>/`; no unit's id has a dot.
const PLAN: &str = "plan.toml";
const START: &str = "start.json";

/// What branches begin with where the user says nothing of it.
const PREFIX: &str = "batch/";

/// Keeps in the object store what a run begins with, before it does anything that others see.
///
/// # Errors
/// [`Problem`] when git cannot write it.
pub async fn keep_beginning(
    repository: &GitRepository,
    run: &RunId,
    plan_toml: &str,
    first: &Record,
) -> Result<(), Problem> {
    let start =
        journal::line(first).map_err(|error| Problem::new(Exit::NotReady, error.to_string()))?;
    for (name, bytes) in [(PLAN, plan_toml.as_bytes()), (START, &start)] {
        let reference = format!("refs/batch/{run}/{name}");
        repository.keep_file(&reference, bytes).await?;
    }
    Ok(())
}

/// The run that is named, or without a name the last one, where its journal or folder is lost or damaged: it is made
/// again, and that is said. None where nothing is to be made again; without a name also where a younger run was left in
/// the middle, or one goes on.
///
/// # Errors
/// [`Problem`] when there is no such run, too little is left of it, or its journal is from a newer version.
pub async fn recovered(
    session: &Session,
    named: Option<&str>,
) -> Result<Option<RunFolder>, Problem> {
    let refs = session.place.batch_refs().await?;
    let stored = session.store.runs()?;
    let mut known = stored.clone();
    for name in refs.keys() {
        let run = name.strip_prefix("refs/batch/").and_then(|below| {
            let (run, below) = below.split_once('/')?;
            run.parse::<RunId>().ok().filter(|_| below == START)
        });
        known.extend(run.filter(|run| !stored.contains(run)));
    }
    known.sort();
    let candidates: Vec<RunId> = match named {
        Some(named) => vec![choose(named, &known)?.clone()],
        None if session.store.in_progress()?.is_some() => return Ok(None),
        None => known.into_iter().rev().collect(),
    };
    for run in candidates {
        let lost = match condition(&session.store.run(&run)) {
            Ok(Condition::Sound(history)) if named.is_none() => {
                if history.ended.is_none() || history.interrupted {
                    return Ok(None);
                }
                continue;
            }
            Ok(Condition::Sound(_)) => return Ok(None),
            Ok(Condition::Lost(lost)) => lost,
            // An old one is nobody's wish, and is named where it is.
            Err(_) if named.is_none() => continue,
            Err(error) => return Err(error.into()),
        };
        return again(session, &run, lost, &refs).await.map(Some);
    }
    Ok(None)
}

/// What a run's journal is worth.
enum Condition {
    Sound(Box<History>),
    Lost(Lost),
}

/// What is wrong with a journal, and what can be read of it.
struct Lost {
    records: Vec<Record>,
    words: String,
}

fn condition(folder: &RunFolder) -> Result<Condition, JournalError> {
    let lost = |records, words| Ok(Condition::Lost(Lost { records, words }));
    match journal::up_to_damage(&folder.journal()) {
        Ok((records, Some(damage))) => lost(records, damage.to_string()),
        Ok((records, None)) => match History::fold(&records) {
            Ok(_) if !folder.plan().exists() => {
                lost(records, format!("the plan of run {} is gone", folder.run()))
            }
            Ok(history) => Ok(Condition::Sound(Box::new(history))),
            Err(_) => lost(
                Vec::new(),
                format!("the journal of run {} is empty", folder.run()),
            ),
        },
        Err(JournalError::Io { error, .. }) if error.kind() == ErrorKind::NotFound => {
            let what = if folder.path().exists() {
                "journal"
            } else {
                "folder"
            };
            lost(
                Vec::new(),
                format!("the {what} of run {} is gone", folder.run()),
            )
        }
        Err(error) => Err(error),
    }
}

/// Makes journal, plan and folder again.
async fn again(
    session: &Session,
    run: &RunId,
    lost: Lost,
    refs: &BTreeMap<String, ObjectId>,
) -> Result<RunFolder, Problem> {
    let lock = session.store.lock(run)?;
    let repository = GitRepository::new(&session.place);
    let plan_toml = kept(&repository, run, PLAN).await?;
    let mut folder = session.store.run(run);
    let mut records = lost.records;
    if !folder.plan().exists() && plan_toml.is_none() {
        let words = format!("{}, and its plan is kept nowhere", lost.words);
        return Err(Problem::new(Exit::NotReady, words));
    }
    if records.is_empty() {
        let kept = start(&repository, run).await?;
        records.push(match kept {
            Some(kept) => kept,
            None => as_it_must_have_begun(session, &folder).await?,
        });
    }
    let begun_anew = records.len() == 1;
    // Whoever reads the journal from here on finds a whole one, if not yet all that can be known.
    let aside = if folder.path().exists() {
        folder.mend(plan_toml.as_deref(), &records)?
    } else {
        let plan = plan_toml.unwrap_or_default();
        folder = session.store.new_run(run, &plan, &records[0])?;
        None
    };
    session.say(&match &aside {
        Some(aside) => format!(
            "{}; it is kept as {}.",
            capital(&lost.words),
            aside.display()
        ),
        None => format!("{}.", capital(&lost.words)),
    });
    if begun_anew {
        let plan = reread_plan(&folder.plan())?;
        let remains = remains(session, &folder, &plan, refs).await?;
        let at = session.clock.now();
        let told = events(&remains, &plan.base.commit);
        records.extend(told.into_iter().map(|event| Record { at, event }));
        if records.len() > 1 {
            // The short journal of a moment ago is nothing to keep.
            std::fs::remove_file(folder.journal())
                .map_err(|error| Problem::new(Exit::NotReady, error.to_string()))?;
            folder.mend(None, &records)?;
        }
        session.say(&format!(
            "It is begun again from what run {run} kept in refs; what landed is asked of remote and forge."
        ));
    } else {
        session.say(&format!(
            "The {} before that are taken over; what landed since is asked of remote and forge.",
            counted(records.len(), "record")
        ));
    }
    drop(lock);
    Ok(folder)
}

async fn kept(
    repository: &GitRepository,
    run: &RunId,
    name: &str,
) -> Result<Option<String>, Problem> {
    let bytes = repository
        .kept_file(&format!("refs/batch/{run}/{name}"))
        .await?;
    Ok(bytes.map(|bytes| String::from_utf8_lossy(&bytes).into_owned()))
}

/// The run's first record, as it was kept.
async fn start(repository: &GitRepository, run: &RunId) -> Result<Option<Record>, Problem> {
    let reference = format!("refs/batch/{run}/{START}");
    let Some(text) = kept(repository, run, START).await? else {
        return Ok(None);
    };
    let record: Record = serde_json::from_str(&text).map_err(|error| {
        Problem::new(Exit::NotReady, format!("{reference} is damaged: {error}"))
    })?;
    match History::begin(&record) {
        Ok(history) if history.run == *run => Ok(Some(record)),
        Ok(_) => Ok(None),
        Err(error) => Err(Problem::new(
            Exit::NotReady,
            format!("{reference}: {error}"),
        )),
    }
}

/// The first record, by the plan, the remote as it is now, and the branches there: the prefix of their names is nowhere
/// else.
async fn as_it_must_have_begun(session: &Session, folder: &RunFolder) -> Result<Record, Problem> {
    let run = folder.run();
    let plan = reread_plan(&folder.plan())?;
    let remote = session.remote(None).await?;
    let destination = forge::by_remote(session, &remote).await?;
    let deliveries = Deliveries::new(&session.place, remote.clone());
    let heads = async { Ok(deliveries.heads_below("").await?) };
    let heads = session.interrupts.guard(heads).await?;
    let ends = plan.units.iter();
    let ends = ends.map(|unit| branch_name("", &plan.change.description, run, &unit.id));
    let ends: Vec<String> = ends.collect();
    let prefix = heads
        .keys()
        .find_map(|head| ends.iter().find_map(|end| head.strip_suffix(end.as_str())));
    let told = Told {
        remote: remote.name(),
        destination: &destination,
        pulls: Wishes::default(),
        canary: Vec::new(),
    };
    session.say(&format!(
        "What run {run} was told besides its plan is kept nowhere: remote and forge are taken as they are now."
    ));
    Ok(Record {
        at: run.started().unwrap_or_else(|| session.clock.now()),
        event: run_started(run, &plan, prefix.unwrap_or(PREFIX), told),
    })
}

/// What there is of the units besides the journal: refs, logs, worktrees.
async fn remains(
    session: &Session,
    folder: &RunFolder,
    plan: &Plan,
    refs: &BTreeMap<String, ObjectId>,
) -> Result<Vec<Remains>, Problem> {
    let mut left = left_by_unit(session, folder, plan).await?;
    let remains = plan.units.iter().map(|unit| {
        let prefix = format!("refs/batch/{}/{}/attempt-", folder.run(), unit.id);
        let mut edits: Vec<(u32, String, ObjectId)> = refs
            .iter()
            .filter_map(|(name, commit)| {
                let number = name.strip_prefix(&prefix)?.parse().ok()?;
                Some((number, name.clone(), commit.clone()))
            })
            .collect();
        edits.sort();
        Remains {
            attempt: folder.last_logged(&unit.id),
            edits,
            left: left.remove(&unit.id),
            unit: unit.id.clone(),
        }
    });
    Ok(remains.collect())
}

/// The worktrees that the run's processes left, by the unit that owns what was changed in them.
async fn left_by_unit(
    session: &Session,
    folder: &RunFolder,
    plan: &Plan,
) -> Result<BTreeMap<UnitId, (Slot, ObjectId)>, Problem> {
    let pool = pool_folder::repository_folder(None, &session.place)?;
    let worktrees = LeftWorktrees::find(&session.place, &pool);
    let ownership = plan.ownership();
    let mut by_unit = BTreeMap::new();
    for left in worktrees.of(folder.run()) {
        let base = worktrees
            .detached_head(left)
            .unwrap_or_else(|| plan.base.commit.clone());
        // One that git cannot read is nobody's; it stays until its slot is needed.
        let Ok(changed) = worktrees.changed(left, &base).await else {
            continue;
        };
        if let Some(unit) = changed.iter().find_map(|path| ownership.owner(path)) {
            by_unit.insert(unit.clone(), (left.slot, base));
        }
    }
    Ok(by_unit)
}

fn capital(words: &str) -> String {
    let mut letters = words.chars();
    letters.next().map_or_else(String::new, |first| {
        first.to_uppercase().chain(letters).collect()
    })
}
