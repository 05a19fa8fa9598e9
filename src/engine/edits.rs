//! Keeps edits that are not going to be delivered in a ref, so that none are lost: those of an attempt that failed or was
//! stopped, and those that a killed process left in its worktrees.

use std::collections::BTreeMap;
use std::path::PathBuf;

use crate::engine::ports::{PortError, Repository, Watch, Workspace};
use crate::model::event::Event;
use crate::model::history::{History, UnitHistory};
use crate::model::id::{ObjectId, RunId, UnitId};
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
    if repository.changes(attempt.base, tree).await?.is_empty() {
        return Ok(None);
    }
    let Attempt {
        run,
        unit,
        number,
        base,
    } = attempt;
    let reference = format!("refs/batch/{run}/{unit}/attempt-{number}");
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
