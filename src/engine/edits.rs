//! Keeps edits that are not going to be delivered in a ref, so that none are lost: those of an attempt that failed or was
//! stopped, and those that a killed process left in its worktrees.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use crate::engine::ports::{PortError, Repository, Watch, Workspace};
use crate::model::event::Event;
use crate::model::history::{History, UnitHistory};
use crate::model::id::{ObjectId, RunId, Slot, UnitId};
use crate::model::path::RepoPath;
use crate::model::scope::Ownership;

/// One attempt, and where it started.
#[derive(Debug, Clone, Copy)]
pub struct Attempt<'a> {
    /// The run.
    pub run: &'a RunId,
    /// The unit.
    pub unit: &'a UnitId,
    /// Its number.
    pub number: u32,
    /// The commit that it started from.
    pub base: &'a ObjectId,
}

/// Keeps `tree` at `refs/batch/<run>/<unit>/attempt-<n>`; the event that tells of it, or none when the tree is the base's.
///
/// # Errors
/// [`PortError`] when git cannot.
pub async fn keep(
    repository: &dyn Repository,
    attempt: Attempt<'_>,
    tree: &ObjectId,
) -> Result<Option<Event>, PortError> {
    let Attempt {
        run, unit, number, ..
    } = attempt;
    let reference = format!("refs/batch/{run}/{unit}/attempt-{number}");
    keep_at(repository, attempt, tree, reference).await
}

/// Keeps what a person made of a failed attempt in its worktree, beside what the attempt itself had:
/// `refs/batch/<run>/<unit>/attempt-<n>-edited`. None when that is still all there is.
///
/// # Errors
/// [`PortError`] when git cannot.
pub async fn keep_edited(
    repository: &dyn Repository,
    attempt: Attempt<'_>,
    tree: &ObjectId,
    known: Option<&str>,
) -> Result<Option<Event>, PortError> {
    if let Some(known) = known {
        let known = repository.tree_of(&ObjectId::new(known)).await?;
        if known.as_ref() == Some(tree) {
            return Ok(None);
        }
    }
    let Attempt {
        run, unit, number, ..
    } = attempt;
    let reference = format!("refs/batch/{run}/{unit}/attempt-{number}-edited");
    keep_at(repository, attempt, tree, reference).await
}

async fn keep_at(
    repository: &dyn Repository,
    attempt: Attempt<'_>,
    tree: &ObjectId,
    reference: String,
) -> Result<Option<Event>, PortError> {
    if repository.changes(attempt.base, tree).await?.is_empty() {
        return Ok(None);
    }
    let Attempt {
        unit, number, base, ..
    } = attempt;
    let message = format!("{unit}: edits of attempt {number}");
    let commit = repository.keep(tree, base, &reference, &message).await?;
    Ok(Some(Event::EditsKept {
        unit: unit.clone(),
        attempt: number,
        reference,
        commit,
    }))
}

/// What became of the worktrees that a dead process left.
#[derive(Debug, Default)]
pub struct Rescued {
    /// What is kept, and what could not be.
    pub events: Vec<Event>,
    /// The worktrees whose edits could not be kept: they are all that there is of them.
    pub unsaved: Vec<PathBuf>,
}

/// Keeps what people made of failed attempts in worktrees that were kept for them, now that these units begin again: the
/// next attempt begins from that. What could not be kept is a warning, with its worktree.
pub async fn reclaim(
    repository: &dyn Repository,
    history: &History,
    units: &[UnitId],
    watch: &Watch,
) -> Rescued {
    let mut rescued = Rescued::default();
    for unit in history.units.iter().filter(|unit| units.contains(&unit.id)) {
        let (Some(path), Some(base)) = (&unit.worktree, &unit.base) else {
            continue;
        };
        let path = PathBuf::from(path);
        if !path.is_dir() {
            continue;
        }
        let attempt = Attempt {
            run: &history.run,
            unit: &unit.id,
            number: unit.attempt,
            base,
        };
        let workspace = Workspace {
            tmp: path.with_extension("tmp"),
            path,
            slot: Slot(0),
            base: base.clone(),
            fresh: false,
            copied: Vec::new(),
        };
        let kept = match repository.salvage(&workspace, watch).await {
            Ok(tree) => keep_edited(repository, attempt, &tree, unit.kept.as_deref()).await,
            Err(error) => Err(error),
        };
        match kept {
            Ok(kept) => rescued.events.extend(kept),
            Err(error) => {
                rescued.events.push(unkept(unit, &workspace.path, &error));
                rescued.unsaved.push(workspace.path);
            }
        }
    }
    rescued
}

fn unkept(unit: &UnitHistory, path: &Path, error: &PortError) -> Event {
    Event::Warning {
        unit: Some(unit.id.clone()),
        text: format!("the edits in {} could not be kept: {error}", path.display()),
    }
}

/// Keeps what the units that were cut off had in these worktrees, which a process left that is dead. Where the journal
/// does not tell whose a worktree was, its edits are the unit's that owns the first of them, as one attempt more than
/// those that are `kept` already.
pub async fn rescue(
    repository: &dyn Repository,
    history: &History,
    ownership: &Ownership,
    kept: &BTreeMap<UnitId, u32>,
    abandoned: Vec<Workspace>,
    watch: &Watch,
) -> Rescued {
    let mut rescued = Rescued::default();
    for left in abandoned {
        let by_slot = history
            .units
            .iter()
            .find(|unit| unit.outcome.is_none() && unit.slot == Some(left.slot));
        let path = left.path.clone();
        let begun = by_slot.and_then(|unit| Some((unit, unit.base.clone()?)));
        let saved = if let Some((unit, base)) = begun {
            let saved = save(repository, history, unit, Workspace { base, ..left }, watch);
            saved.await.map_err(|error| (Some(unit.id.clone()), error))
        } else {
            let whose = |path: &RepoPath| {
                let unit = history.unit(ownership.owner(path)?)?;
                // What was begun on record has told of its slot.
                (unit.outcome.is_none() && unit.attempt == 0).then_some(unit)
            };
            let saved = save_unknown(repository, history, &whose, kept, left, watch);
            saved.await.map_err(|error| (None, error))
        };
        match saved {
            Ok(event) => rescued.events.extend(event),
            Err((unit, error)) => {
                let text = format!(
                    "the edits in {} could not be kept, so it is left as it is: {error}",
                    path.display()
                );
                rescued.events.push(Event::Warning { unit, text });
                rescued.unsaved.push(path);
            }
        }
    }
    rescued
}

async fn save(
    repository: &dyn Repository,
    history: &History,
    unit: &UnitHistory,
    workspace: Workspace,
    watch: &Watch,
) -> Result<Option<Event>, PortError> {
    let tree = repository.salvage(&workspace, watch).await?;
    if let Some(commit) = &unit.commit
        && repository.tree_of(commit).await?.as_ref() == Some(&tree)
    {
        // A ref holds all of it.
        return Ok(None);
    }
    let attempt = Attempt {
        run: &history.run,
        unit: &unit.id,
        number: unit.attempt,
        base: &workspace.base,
    };
    keep(repository, attempt, &tree).await
}

async fn save_unknown<'a>(
    repository: &dyn Repository,
    history: &History,
    whose: &(dyn Fn(&RepoPath) -> Option<&'a UnitHistory> + Sync),
    kept: &BTreeMap<UnitId, u32>,
    workspace: Workspace,
    watch: &Watch,
) -> Result<Option<Event>, PortError> {
    let tree = repository.salvage(&workspace, watch).await?;
    let mut changes = repository.changes(&workspace.base, &tree).await?;
    let mut base = &workspace.base;
    if changes.is_empty() {
        // It may have been committed, and no ref names that yet.
        let committed = repository.changes_of(workspace.base.as_str()).await?;
        changes = committed
            .filter(|_| *base != history.base.commit)
            .unwrap_or_default();
        base = &history.base.commit;
    }
    let Some(unit) = changes.iter().find_map(|change| whose(&change.path)) else {
        return Ok(None);
    };
    let attempt = Attempt {
        run: &history.run,
        unit: &unit.id,
        number: kept.get(&unit.id).copied().unwrap_or_default() + 1,
        base,
    };
    keep(repository, attempt, &tree).await
}
