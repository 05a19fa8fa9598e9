//! Keeps edits that are not going to be delivered in a ref, so that none are lost: those of an attempt that failed or was
//! stopped, and those that a killed process left in its worktrees.

use crate::engine::ports::{PortError, Repository, Watch, Workspace};
use crate::model::event::Event;
use crate::model::history::History;
use crate::model::id::{ObjectId, RunId, UnitId};

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

/// Keeps what the units that were cut off had in these worktrees, which a process left that is dead. What could not be
/// kept is a warning: the worktree is removed all the same when its slot is needed.
pub async fn rescue(
    repository: &dyn Repository,
    history: &History,
    abandoned: Vec<Workspace>,
    watch: &Watch,
) -> Vec<Event> {
    let mut events = Vec::new();
    for left in abandoned {
        let unit = history
            .units
            .iter()
            .find(|unit| unit.outcome.is_none() && unit.slot == Some(left.slot));
        let Some((unit, base)) = unit.and_then(|unit| Some((unit, unit.base.clone()?))) else {
            continue;
        };
        let attempt = Attempt {
            run: &history.run,
            unit: &unit.id,
            number: unit.attempt,
            base: &base,
        };
        let workspace = Workspace {
            base: base.clone(),
            ..left
        };
        let kept = match repository.salvage(&workspace, watch).await {
            Ok(tree) => keep(repository, attempt, &tree).await,
            Err(error) => Err(error),
        };
        match kept {
            Ok(kept) => events.extend(kept),
            Err(error) => events.push(Event::Warning {
                unit: Some(unit.id.clone()),
                text: format!(
                    "the edits in {} could not be kept: {error}",
                    workspace.path.display()
                ),
            }),
        }
    }
    events
}
