//! What a remote says of its branches, and whether it would take a push. Nothing is fetched.

use std::collections::BTreeMap;

use crate::adapters::git::branches::RemoteChoice;
use crate::adapters::git::ground::{GroundError, Place};
use crate::adapters::git::rights::{blocked, may_push};
use crate::model::checkup::remote::Answered;
use crate::model::id::ObjectId;

/// What a remote answered.
#[derive(Debug, Clone)]
pub struct Asked {
    /// What is judged of it.
    pub answered: Answered,
    heads: BTreeMap<String, ObjectId>,
    /// A branch as a run would make it.
    branch: String,
}

impl Asked {
    /// The commit of the default branch.
    #[must_use]
    pub fn base(&self) -> Option<&ObjectId> {
        self.heads.get(self.answered.default.as_ref()?)
    }

    /// Whether it has the branch that a person calls so.
    #[must_use]
    pub fn has(&self, base: &str) -> bool {
        let own = format!("{}/", self.answered.remote);
        let readings = [
            Some(base),
            base.strip_prefix("refs/heads/"),
            base.strip_prefix(&own),
        ];
        let mut readings = readings.into_iter().flatten();
        readings.any(|name| self.heads.contains_key(name))
    }
}

impl Place {
    /// Asks a remote for its branches; a run's would begin with `prefix`.
    ///
    /// # Errors
    /// [`GroundError::Unreachable`] when it cannot be asked.
    pub async fn ask(&self, remote: &str, prefix: &str) -> Result<Asked, GroundError> {
        let choice = RemoteChoice::Named(remote.to_owned());
        let branches = self.branches(&choice).await?;
        let branch = format!("{prefix}doctor-0000/unit");
        let blocking = blocked(&branches.heads, std::slice::from_ref(&branch));
        Ok(Asked {
            answered: Answered {
                remote: remote.to_owned(),
                default: branches.default,
                branches: branches.heads.len(),
                blocking: blocking.map(|(existing, _)| existing),
                prefix: prefix.to_owned(),
            },
            heads: branches.heads,
            branch,
        })
    }

    /// Tries a push of what is checked out to a branch as a run would make it; nothing is sent.
    ///
    /// # Errors
    /// [`GroundError::NoRight`] and what else keeps it out.
    pub async fn would_take(&self, asked: &Asked) -> Result<(), GroundError> {
        let Some(commit) = self.head.commit() else {
            return Err(GroundError::NoCommits);
        };
        let remote = asked.answered.remote.as_str();
        may_push(
            &self.git,
            self.git.call("asking for the right to push"),
            Some((remote, remote)),
            commit,
            &asked.heads,
            std::slice::from_ref(&asked.branch),
        )
        .await
    }

    /// Whether a commit is here, so that its tree can be read without a fetch.
    ///
    /// # Errors
    /// [`GroundError::Git`] when git cannot be asked.
    pub async fn holds(&self, commit: &ObjectId) -> Result<bool, GroundError> {
        Ok(self.has_commit(commit).await?)
    }
}
