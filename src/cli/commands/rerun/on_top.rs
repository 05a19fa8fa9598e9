//! `--on-top`: units whose branches others pushed to begin from those commits, which nothing may overwrite.

use crate::adapters::git::remote::Deliveries;
use crate::adapters::git::repository::GitRepository;
use crate::cli::exit::{Exit, Problem};
use crate::cli::forge::Destination;
use crate::cli::session::Session;
use crate::engine::ports::Remote as _;
use crate::model::change::Source;
use crate::model::counted::counted;
use crate::model::history::{History, UnitHistory};
use crate::model::id::{ObjectId, UnitId};
use crate::model::plan::Plan;

/// Has each of these units whose branch others pushed to begin where that is now.
///
/// # Errors
/// [`Problem`] when a branch does not hold what this run left there: then nobody knows what it is on top of. Also for a
/// slice of an existing change, which has no edits to make on top of others'.
pub(super) async fn begin(
    session: &Session,
    plan: &Plan,
    history: &mut History,
    units: &[UnitId],
) -> Result<(), Problem> {
    let remote = session.remote_of(history).await?;
    let destination = Destination::of_run(history)?;
    let mut deliveries = Deliveries::new(&session.place, remote.clone());
    if let Some(fork) = destination.fork() {
        deliveries = deliveries.to_fork(fork.clone());
    }
    let repository = GitRepository::new(&session.place);
    for unit in &mut history.units {
        let Some(left) = unit.delivered.clone().filter(|_| units.contains(&unit.id)) else {
            continue;
        };
        let refs = [format!("refs/heads/{}", unit.branch)];
        let looking = async {
            let Some(head) = deliveries.head(&unit.branch).await? else {
                return Ok(None);
            };
            if unit.pushes.contains(&head) {
                return Ok(None);
            }
            let here = session.place.bring(&remote, &refs, &head).await?;
            let above = if here {
                repository.ahead(&left, &head).await?
            } else {
                None
            };
            Ok(Some((head, above)))
        };
        match session.interrupts.guard(looking).await? {
            None => {}
            Some((head, Some(commits))) => {
                refuse_slice(plan, &unit.id)?;
                session.say(&format!(
                    "{} begins on top of {} that others pushed, at {}.",
                    unit.id,
                    counted(commits, "commit"),
                    head.short()
                ));
                begin_at(unit, head);
            }
            Some((head, None)) => {
                return Err(Problem::new(
                    Exit::NotReady,
                    format!(
                        "{} cannot go on top of its branch: that is at {}, which does not hold what this run left there",
                        unit.id,
                        head.short()
                    ),
                ));
            }
        }
    }
    Ok(())
}

/// A slice puts files as they are in its change: theirs would be undone.
fn refuse_slice(plan: &Plan, id: &UnitId) -> Result<(), Problem> {
    let unit = plan.units.iter().find(|unit| unit.id == *id);
    match unit.map(|unit| plan.source_of(unit)) {
        Some(Source::From { name, .. }) => {
            let words = format!(
                "{id} cannot go on top of its branch: it is a slice of {name}, and would undo what others pushed"
            );
            Err(Problem::new(Exit::NotReady, words).hint(format!(
                "put theirs into {name}, and slice that in a new run"
            )))
        }
        Some(Source::Agent | Source::Rewrite(_) | Source::Command(_)) | None => Ok(()),
    }
}

/// What an earlier attempt edited is in the branch as far as it was delivered; the rest would undo what others did.
fn begin_at(unit: &mut UnitHistory, head: ObjectId) {
    unit.pushes.push(head.clone());
    unit.base = Some(head);
    unit.after.clear();
    unit.edits = None;
    unit.delivered = None;
}

#[cfg(test)]
mod tests {
    use super::begin_at;
    use crate::model::sample;

    #[test]
    fn a_unit_on_top_of_others_commits_may_push_there_and_begins_without_older_edits() {
        let mut history = sample::history(vec![Some(sample::failed("broken", &[]))]);
        let unit = &mut history.units[0];
        unit.after = vec![sample::id("unit-2")];
        unit.delivered = Some(sample::commit("c"));
        begin_at(unit, sample::commit("d"));
        assert_eq!(unit.base, Some(sample::commit("d")));
        assert_eq!(unit.pushes, [sample::commit("d")]);
        assert_eq!((unit.after.len(), &unit.edits), (0, &None));
    }
}
