//! The base of a unit that waits for others: what those delivered, merged in memory, and what the unit is to look at
//! there. Called before its worker begins; a merge that conflicts fails the unit, and nothing else.

use crate::engine::job::Job;
use crate::engine::ports::{Merged, PortError, Repository};
use crate::engine::survey::survey_unit;
use crate::engine::teller::Teller;
use crate::engine::worker::Tools;
use crate::model::event::Event;
use crate::model::foundation::{in_words, stands_on};
use crate::model::history::History;
use crate::model::id::{ObjectId, UnitId};
use crate::model::outcome::{Failure, FailureKind, Step};
use crate::model::path::RepoPath;

/// How many paths in conflict a cause names before it only counts.
const NAMED: usize = 20;

/// The delivered units that a unit starts from, with their commits; none for a unit that starts from the plan's base.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(super) struct Foundation(Vec<(UnitId, ObjectId)>);

impl Foundation {
    /// What the run's history says that the unit stands on now.
    pub(super) fn of(unit: &UnitId, history: &History) -> Self {
        let units = stands_on(unit, history).into_iter();
        let units = units.filter_map(|unit| Some((unit.id.clone(), unit.delivered.clone()?)));
        Self(units.collect())
    }

    /// The job on the base that this makes, which a ref holds from now on.
    ///
    /// # Errors
    /// The [`Failure`] of the unit: the commits conflict, or could not be merged.
    pub(super) async fn lay(
        &self,
        mut job: Job,
        tools: &Tools,
        teller: &Teller,
    ) -> Result<Job, Failure> {
        let of = in_words(self.0.iter().map(|(unit, _)| unit));
        let message = format!("Merge {of}, on which `{}` builds", job.id());
        let Some(base) = self.merged(&*tools.repository, &message).await? else {
            return Ok(job);
        };
        let reference = job.reference("base");
        let kept = tools.repository.set_ref(&reference, &base).await;
        kept.map_err(|error| broken(&error))?;
        teller
            .tell(Event::BaseMade {
                unit: job.id().clone(),
                attempt: job.attempt,
                base: base.clone(),
                of: self.0.iter().map(|(unit, _)| unit.clone()).collect(),
            })
            .await;
        let files = tokio::task::block_in_place(|| {
            survey_unit(
                &*tools.objects,
                &job.plan,
                &tools.ownership,
                job.index,
                &base,
            )
        });
        job.files = files.map_err(|error| Failure::of(Step::Prepare, error.to_string()))?;
        job.base = base;
        Ok(job)
    }

    /// All of them merged, one after another; none when there are none.
    async fn merged(
        &self,
        repository: &dyn Repository,
        message: &str,
    ) -> Result<Option<ObjectId>, Failure> {
        let Some(((_, first), others)) = self.0.split_first() else {
            return Ok(None);
        };
        let mut base = first.clone();
        for (at, (unit, commit)) in others.iter().enumerate() {
            let merged = repository.merge(&base, commit, message).await;
            base = match merged.map_err(|error| broken(&error))? {
                Merged::Clean(merged) => merged,
                Merged::Conflict(paths) => return Err(conflict(unit, &self.0[..=at], &paths)),
            };
        }
        Ok(Some(base))
    }
}

fn broken(error: &PortError) -> Failure {
    Failure::of(
        Step::Prepare,
        format!("its base could not be made: {error}"),
    )
}

fn conflict(unit: &UnitId, merged: &[(UnitId, ObjectId)], paths: &[RepoPath]) -> Failure {
    let others = in_words(merged.iter().map(|(unit, _)| unit));
    let mut cause =
        format!("what it waits for does not fit together: `{unit}` conflicts with {others} in");
    for path in paths.iter().take(NAMED) {
        cause.push_str(&format!("\n  {path}"));
    }
    if let Some(more) = paths.len().checked_sub(NAMED).filter(|&more| more > 0) {
        cause.push_str(&format!("\n  and {more} more"));
    }
    Failure {
        kind: FailureKind::Conflict,
        ..Failure::of(Step::Prepare, cause)
    }
}

#[cfg(test)]
mod tests {
    use async_trait::async_trait;

    use super::Foundation;
    use crate::engine::ports::{Merged, PortError, Repository, Watch, Workspace};
    use crate::model::id::ObjectId;
    use crate::model::outcome::{FailureKind, Step};
    use crate::model::sample;
    use crate::model::tree::FileChange;

    /// Merges two commits into one called after both; `x` conflicts with everything.
    struct Merges;

    #[async_trait]
    impl Repository for Merges {
        async fn stage_all(&self, _: &Workspace, _: &Watch) -> Result<(), PortError> {
            Err(PortError::Stopped)
        }
        async fn salvage(&self, _: &Workspace, _: &Watch) -> Result<ObjectId, PortError> {
            Err(PortError::Stopped)
        }
        async fn restore(&self, _: &Workspace, _: &ObjectId, _: &Watch) -> Result<(), PortError> {
            Err(PortError::Stopped)
        }
        async fn write_tree(&self, _: &Workspace) -> Result<ObjectId, PortError> {
            Err(PortError::Stopped)
        }
        async fn changes(&self, _: &ObjectId, _: &ObjectId) -> Result<Vec<FileChange>, PortError> {
            Err(PortError::Stopped)
        }
        async fn tree_of(&self, _: &ObjectId) -> Result<Option<ObjectId>, PortError> {
            Err(PortError::Stopped)
        }
        async fn commit(
            &self,
            _: &Workspace,
            _: &str,
            _: bool,
            _: &Watch,
        ) -> Result<ObjectId, PortError> {
            Err(PortError::Stopped)
        }
        async fn keep(
            &self,
            _: &ObjectId,
            _: &ObjectId,
            _: &str,
            _: &str,
        ) -> Result<ObjectId, PortError> {
            Err(PortError::Stopped)
        }
        async fn with_changes(
            &self,
            _: &ObjectId,
            _: &[FileChange],
        ) -> Result<ObjectId, PortError> {
            Err(PortError::Stopped)
        }
        async fn changes_of(&self, _: &str) -> Result<Option<Vec<FileChange>>, PortError> {
            Err(PortError::Stopped)
        }
        async fn fold_commits(&self, _: &Workspace) -> Result<usize, PortError> {
            Err(PortError::Stopped)
        }
        async fn set_ref(&self, _: &str, _: &ObjectId) -> Result<(), PortError> {
            Err(PortError::Stopped)
        }
        async fn merge(
            &self,
            ours: &ObjectId,
            theirs: &ObjectId,
            _: &str,
        ) -> Result<Merged, PortError> {
            Ok(if theirs.as_str() == "x" {
                Merged::Conflict(vec!["src/a".into(), "src/b".into()])
            } else {
                Merged::Clean(ObjectId::new(format!("{ours}{theirs}")))
            })
        }
    }

    /// Units of these names, with their names as commits.
    fn foundation(names: &[&str]) -> Foundation {
        let units = names
            .iter()
            .map(|name| (sample::id(name), ObjectId::new(*name)));
        Foundation(units.collect())
    }

    #[tokio::test]
    async fn the_commits_are_merged_one_after_another() {
        let merged = async |names: &[&str]| foundation(names).merged(&Merges, "m").await;
        assert_eq!(merged(&[]).await, Ok(None));
        assert_eq!(merged(&["a"]).await, Ok(Some(ObjectId::new("a"))));
        let all = Some(ObjectId::new("abc"));
        assert_eq!(merged(&["a", "b", "c"]).await, Ok(all));
    }

    #[tokio::test]
    async fn a_conflict_names_the_units_and_the_paths() {
        let units = foundation(&["a", "b", "x", "c"]);
        let failure = units.merged(&Merges, "m").await.unwrap_err();
        assert_eq!(
            (failure.step, failure.kind),
            (Step::Prepare, FailureKind::Conflict)
        );
        assert_eq!(
            failure.cause,
            "what it waits for does not fit together: `x` conflicts with `a` and `b` in\n  src/a\n  src/b"
        );
    }
}
