//! Looks into a run's worktrees: whose they are, who stands in them, and whether they hold what is nowhere else.

use std::path::Path;

use crate::adapters::git::left_worktrees::{LeftWorktree, LeftWorktrees, Looked};
use crate::adapters::residents::Residents;
use crate::cli::exit::Problem;
use crate::cli::session::Session;
use crate::engine::cleaning::{Holds, WorktreeFacts};
use crate::model::history::{History, UnitHistory};
use crate::model::id::{ObjectId, RunId};

/// Looks into all of a run; `kept` are the commits that refs keep of it.
///
/// # Errors
/// [`Problem`] when the repository cannot be read: a worktree that cannot is kept.
pub(super) async fn look<'a>(
    session: &Session,
    left: &LeftWorktrees,
    residents: &Residents,
    run: &RunId,
    history: Option<&History>,
    kept: impl Iterator<Item = &'a ObjectId>,
) -> Result<Vec<WorktreeFacts>, Problem> {
    let mut found = left.of(run).peekable();
    if found.peek().is_none() {
        return Ok(Vec::new());
    }
    let kept: Vec<&ObjectId> = kept.collect();
    let mut facts = Vec::new();
    for worktree in found {
        let base = base_of(worktree, history).or_else(|| left.detached_head(worktree));
        let known = session
            .place
            .trees_of(kept.iter().copied().chain(&base))
            .await?;
        let holds = if !worktree.ours {
            Holds::NotOurs
        } else if let Some(resident) = residents.below(&worktree.path) {
            Holds::Process {
                pid: resident.pid,
                name: resident.name.clone(),
            }
        } else {
            match &base {
                None => Holds::Unknown("what it started from is not known".to_owned()),
                Some(base) => match left.look(worktree, base).await {
                    Ok(Looked::Empty) => Holds::Nothing,
                    Ok(Looked::Files(tree)) if known.contains(&tree) => Holds::Nothing,
                    Ok(Looked::Files(_) | Looked::UnderWay) => Holds::Edits,
                    Err(error) => Holds::Unknown(error.to_string()),
                },
            }
        };
        facts.push(WorktreeFacts {
            path: worktree.path.clone(),
            unit: unit_of(worktree, history).map(|unit| unit.id.clone()),
            holds,
        });
    }
    Ok(facts)
}

/// The unit that was worked on in a worktree: that for which it was kept, else when the run was cut off.
pub(super) fn unit_of<'a>(
    worktree: &LeftWorktree,
    history: Option<&'a History>,
) -> Option<&'a UnitHistory> {
    let units = &history?.units;
    let kept = units.iter().find(|unit| is_kept_for(unit, worktree));
    let cut_off = |unit: &&UnitHistory| unit.outcome.is_none() && unit.slot == Some(worktree.slot);
    kept.or_else(|| units.iter().find(cut_off))
}

/// Whether it was kept for a person when the unit failed.
pub(super) fn is_kept_for(unit: &UnitHistory, worktree: &LeftWorktree) -> bool {
    let kept = unit.worktree.as_ref();
    kept.is_some_and(|kept| Path::new(kept) == worktree.path)
}

/// The commit that a worktree started from, as far as its journal tells.
pub(super) fn base_of(worktree: &LeftWorktree, history: Option<&History>) -> Option<ObjectId> {
    let unit = unit_of(worktree, history).and_then(|unit| unit.base.clone());
    unit.or_else(|| Some(history?.base.commit.clone()))
}
