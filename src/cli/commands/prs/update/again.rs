//! Units whose pull requests go onto the base as it is now: each as a new attempt of its run that begins there, from its
//! earlier change as far as that fits. Where all of it fits it is only tested anew; where not, its worker is told so.

use super::Onto;
use crate::adapters::git::repository::GitRepository;
use crate::adapters::journal;
use crate::cli::agents;
use crate::cli::args::UpdateArgs;
use crate::cli::commands::prs::runs::Runs;
use crate::cli::execution::Execution;
use crate::cli::exit::{Exit, Problem};
use crate::cli::forge::Destination;
use crate::cli::plan_reading::reread_plan;
use crate::cli::session::Session;
use crate::cli::verification;
use crate::engine::ports::{Merged, PortError, Repository as _};
use crate::model::change::Source;
use crate::model::history::{History, UnitHistory};
use crate::model::id::{ObjectId, RunId, UnitId};
use crate::model::kept::Kept;
use crate::model::plan::Plan;

/// Does them again, a go for those of a run that only have to be tested and one for the others. What came of each go.
///
/// # Errors
/// [`Problem`] of an interrupt.
pub(super) async fn again(
    session: &Session,
    runs: &Runs,
    args: &UpdateArgs,
    units: Vec<Onto>,
) -> Result<Vec<Result<Exit, Problem>>, Problem> {
    let mut results = Vec::new();
    for history in runs.histories().iter().rev() {
        for conflicting in [false, true] {
            let group = units.iter().filter(|unit| unit.run == history.run);
            let group = group.filter(|unit| unit.conflict.is_empty() != conflicting);
            let group: Vec<&Onto> = group.collect();
            if group.is_empty() {
                continue;
            }
            let result = go(session, args, &history.run, &group).await;
            match result {
                Err(problem) if problem.exit == Exit::Interrupted => return Err(problem),
                result => results.push(result),
            }
        }
    }
    Ok(results)
}

async fn go(
    session: &Session,
    args: &UpdateArgs,
    run: &RunId,
    group: &[&Onto],
) -> Result<Exit, Problem> {
    let folder = session.store.run(run);
    let lock = session.store.lock(run)?;
    let mut history = journal::history(&folder.journal())?;
    let mut plan = reread_plan(&folder.plan())?;
    verification::overrule(&mut plan, &args.verify);
    agents::overrule(&mut plan, &args.agent);
    let committer = async { Ok(session.place.knows_committer().await?) };
    session.interrupts.guard(committer).await?;
    let repository = GitRepository::new(&session.place);
    for onto in group {
        refuse_slice(&plan, onto)?;
        let kept = carried(&repository, run, onto).await?;
        begin_at(&mut history, &onto.unit, &onto.base, kept);
        // All are on the same branch of the same remote, asked about just now.
        plan.base.commit = onto.base.clone();
    }
    let execution = Execution {
        session,
        remote: session.remote_of(&history).await?,
        destination: Destination::of_run(&history)?,
        work: &args.work,
        allow_red_base: args.verify.allow_red_base,
        pulls: None,
    };
    let units = group.iter().map(|onto| onto.unit.clone()).collect();
    let note = note(args.note.as_deref(), group);
    let exit = execution.again(&folder, plan, history, units, note).await;
    drop(lock);
    exit
}

/// A slice puts files as they are in its change, at once where it conflicts, and else when its test fails: what came to
/// the base would be undone.
fn refuse_slice(plan: &Plan, onto: &Onto) -> Result<(), Problem> {
    let id = &onto.unit;
    let base = &plan.base.branch;
    let unit = plan.units.iter().find(|unit| unit.id == *id);
    match unit.map(|unit| plan.source_of(unit)) {
        Some(Source::From { name, .. }) => {
            let (conflicts, hint) = if onto.conflict.is_empty() {
                let hint = format!("leave --rebase out, so that {base} is merged into its branch");
                ("", hint)
            } else {
                let hint = format!("bring {name} up to {base}, and slice that in a new run");
                (" conflicts and", hint)
            };
            let words = format!(
                "{id}{conflicts} cannot be put on {base} as it is now: it is a slice of {name}, and would undo what came there"
            );
            Err(Problem::new(Exit::NotReady, words).hint(hint))
        }
        Some(Source::Agent | Source::Rewrite(_) | Source::Command(_)) | None => Ok(()),
    }
}

/// Has the unit's next attempt begin at this base, from these edits. What it stood on is in the base by now.
fn begin_at(history: &mut History, unit: &UnitId, base: &ObjectId, kept: Option<Kept>) {
    let unit = history.units.iter_mut().find(|known| known.id == *unit);
    let Some(UnitHistory {
        base: told,
        after,
        edits,
        last_failure,
        ..
    }) = unit
    else {
        return;
    };
    *told = Some(base.clone());
    after.clear();
    *edits = kept;
    *last_failure = None;
}

/// The unit's change on the base as it is now, kept in a ref: all of it where that is clean, else the files that nobody
/// else changed since.
async fn carried(
    repository: &GitRepository,
    run: &RunId,
    onto: &Onto,
) -> Result<Option<Kept>, PortError> {
    let Onto {
        unit, base, head, ..
    } = onto;
    let message = format!("{unit}: its change on the base as it is now");
    let tree = if onto.conflict.is_empty() {
        match repository.merge(base, head, &message).await? {
            Merged::Clean(merged) => repository.tree_of(&merged).await?,
            Merged::Conflict(_) => None,
        }
    } else {
        untouched_by_others(repository, base, head).await?
    };
    let Some(tree) = tree else { return Ok(None) };
    let reference = format!("refs/batch/{run}/{unit}/carried");
    let commit = repository.keep(&tree, base, &reference, &message).await?;
    Ok(Some(Kept::Committed(commit)))
}

/// The base with the unit's change to those files that the base did not change since; none where there are none.
async fn untouched_by_others(
    repository: &GitRepository,
    base: &ObjectId,
    head: &ObjectId,
) -> Result<Option<ObjectId>, PortError> {
    let Some(parting) = repository.parting(base, head).await? else {
        return Ok(None);
    };
    let theirs = repository.changes(&parting, base).await?;
    let mut ours = repository.changes(&parting, head).await?;
    ours.retain(|change| theirs.iter().all(|other| other.path != change.path));
    if ours.is_empty() {
        return Ok(None);
    }
    repository.with_changes(base, &ours).await.map(Some)
}

/// What the workers are told: the user's words, and where earlier changes do not fit.
fn note(words: Option<&str>, group: &[&Onto]) -> Option<String> {
    let conflicts = group.iter().filter(|onto| !onto.conflict.is_empty());
    let conflicts: Vec<String> = conflicts
        .map(|onto| {
            let paths: Vec<String> = onto.conflict.iter().map(ToString::to_string).collect();
            format!("{} (unit {})", paths.join(", "), onto.unit)
        })
        .collect();
    let moved = (!conflicts.is_empty()).then(|| {
        format!(
            "the base moved, and the earlier change conflicts with it in {}",
            conflicts.join("; ")
        )
    });
    match (words, moved) {
        (Some(words), Some(moved)) => Some(format!("{words}\n{moved}")),
        (Some(words), None) => Some(words.to_owned()),
        (None, moved) => moved,
    }
}

#[cfg(test)]
mod tests {
    use super::{Onto, begin_at, note};
    use crate::model::kept::Kept;
    use crate::model::sample;

    fn onto(unit: &str, conflict: &[&str]) -> Onto {
        Onto {
            run: sample::run(),
            unit: sample::id(unit),
            base: sample::commit("e"),
            head: sample::commit("c"),
            conflict: conflict.iter().map(|&path| path.into()).collect(),
        }
    }

    #[test]
    fn workers_are_told_what_does_not_fit_beside_the_users_words() {
        let (clean, torn) = (onto("unit-1", &[]), onto("unit-2", &["src/a", "src/b"]));
        let moved = "the base moved, and the earlier change conflicts with it in src/a, src/b (unit unit-2)";
        assert_eq!(note(None, &[&clean]), None);
        assert_eq!(note(Some("mind"), &[&clean]).as_deref(), Some("mind"));
        assert_eq!(note(None, &[&torn]).as_deref(), Some(moved));
        let both = note(Some("mind"), &[&torn]).unwrap();
        assert_eq!(both, format!("mind\n{moved}"));
    }

    #[test]
    fn a_unit_begins_at_the_new_base_and_no_longer_waits_for_what_is_merged_there() {
        let mut history = sample::history(vec![Some(sample::opened(1)), Some(sample::opened(2))]);
        history.units[1].after = vec![sample::id("unit-1")];
        let kept = Kept::Committed(sample::commit("d"));
        begin_at(
            &mut history,
            &sample::id("unit-2"),
            &sample::commit("e"),
            Some(kept.clone()),
        );
        let unit = &history.units[1];
        assert_eq!(unit.base, Some(sample::commit("e")));
        assert_eq!((unit.after.len(), &unit.edits), (0, &Some(kept)));
        assert_eq!(history.units[0].base, Some(sample::commit("b")));
    }
}
