//! [`Union`]: the merge in memory of all finished units, which each further unit must fit before it is pushed.
//!
//! Scopes keep two units from changing the same path; what git's merge can still turn into a conflict is found here,
//! and fails the later unit. Admissions go one at a time. Only commits without a ref are made.

use std::sync::Arc;

use tokio::sync::Mutex;

use crate::engine::ports::{Merged, PortError, Repository};
use crate::model::id::{ObjectId, UnitId};
use crate::model::path::RepoPath;

/// The finished units, merged.
pub struct Union {
    repository: Arc<dyn Repository>,
    state: Mutex<State>,
}

struct State {
    base: ObjectId,
    admitted: Vec<(UnitId, ObjectId)>,
    /// All of them merged; none after one was taken back.
    tip: Option<ObjectId>,
}

/// Whether a unit fits.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Admission {
    /// It does, and is part of the union now.
    Admitted,
    /// It conflicts with what is finished, at these paths.
    Conflict(Vec<RepoPath>),
}

impl Union {
    /// Begins with what was finished before: nothing in a new run.
    #[must_use]
    pub fn new(
        repository: Arc<dyn Repository>,
        base: ObjectId,
        finished: Vec<(UnitId, ObjectId)>,
    ) -> Self {
        Self {
            repository,
            state: Mutex::new(State {
                base,
                admitted: finished,
                tip: None,
            }),
        }
    }

    /// Merges a unit's commit onto the union, and keeps the result if it is clean.
    ///
    /// # Errors
    /// [`PortError`] when git could not merge at all.
    pub async fn admit(&self, unit: &UnitId, commit: &ObjectId) -> Result<Admission, PortError> {
        let mut state = self.state.lock().await;
        state.admitted.retain(|(other, _)| other != unit);
        let tip = match state.tip.take() {
            Some(tip) => tip,
            None => self.merged(&state).await?,
        };
        match self
            .repository
            .merge(&tip, commit, "all finished units")
            .await?
        {
            Merged::Clean(merged) => {
                state.admitted.push((unit.clone(), commit.clone()));
                state.tip = Some(merged);
                Ok(Admission::Admitted)
            }
            Merged::Conflict(paths) => {
                state.tip = Some(tip);
                Ok(Admission::Conflict(paths))
            }
        }
    }

    /// Takes a unit back that was admitted but could not be delivered.
    pub async fn retract(&self, unit: &UnitId) {
        let mut state = self.state.lock().await;
        state.admitted.retain(|(other, _)| other != unit);
        state.tip = None;
    }

    async fn merged(&self, state: &State) -> Result<ObjectId, PortError> {
        let mut tip = state.base.clone();
        for (_, commit) in &state.admitted {
            // These were clean when they were admitted; one that no longer is must not block the others.
            if let Merged::Clean(merged) = self
                .repository
                .merge(&tip, commit, "all finished units")
                .await?
            {
                tip = merged;
            }
        }
        Ok(tip)
    }
}
