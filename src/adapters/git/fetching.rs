//! Fetches objects, and nothing else: what a fetch can move by the user's settings stays where it is.

use std::time::Duration;

use crate::adapters::git::branches::RemoteChoice;
use crate::adapters::git::git::{Call, failure, said};
use crate::adapters::git::ground::{GroundError, Place};
use crate::adapters::git::killed_adds::remove_killed_adds;
use crate::engine::ports::PortError;
use crate::model::id::ObjectId;

/// How long a fetch may take.
const FETCH: Duration = Duration::from_secs(3600);

impl Place {
    /// Whether the commit is here, without fetching it in a partial clone where git can be kept from that.
    pub(super) async fn has_commit(&self, commit: &ObjectId) -> Result<bool, PortError> {
        Ok(self
            .git
            .reading("looking for a commit")
            .env("GIT_NO_LAZY_FETCH", "1")
            .args(["cat-file", "-e", &format!("{commit}^{{commit}}")])
            .output()
            .await?
            .status
            .success())
    }

    /// Sees to it that a commit is here which these refs of the remote lead to, tried in their order; whether it is.
    ///
    /// # Errors
    /// [`GroundError`] when git cannot say what is here.
    pub async fn bring(
        &self,
        remote: &RemoteChoice,
        refs: &[String],
        commit: &ObjectId,
    ) -> Result<bool, GroundError> {
        for from in refs {
            if self.has_commit(commit).await? {
                return Ok(true);
            }
            if let RemoteChoice::Named(name) = remote {
                // The next ref, or the commit itself, may still lead there.
                let _ = self.fetch(name, from).await;
            }
        }
        Ok(self.has_commit(commit).await?)
    }

    /// Fetches objects and nothing else: no ref, no `FETCH_HEAD`, no tag, no setting.
    pub(super) async fn fetch(&self, remote: &str, what: &str) -> Result<(), GroundError> {
        remove_killed_adds(&self.common_dir).await?;
        let doing = format!("fetching {what} from {remote}");
        let output = fetching(self.git.call(&doing), remote)
            .args(["--", remote, what])
            .timeout(FETCH)
            .output()
            .await?;
        if output.status.success() {
            return Ok(());
        }
        Err(GroundError::Unreachable {
            remote: remote.to_owned(),
            words: said(failure(doing, &output)),
        })
    }
}

/// A fetch from the remote by which no ref, tag or `FETCH_HEAD` moves, whatever the settings say; what to fetch is still
/// to be said.
pub(super) fn fetching<'a>(call: Call<'a>, remote: &str) -> Call<'a> {
    call.for_the_remote()
        .setting("fetch.writeCommitGraph=false")
        .setting(format!("remote.{remote}.followRemoteHEAD=never"))
        .args(["fetch", "--quiet", "--no-tags", "--refmap="])
        .args(["--no-write-fetch-head", "--no-prune", "--no-prune-tags"])
        .args(["--no-recurse-submodules", "--no-auto-maintenance"])
}
