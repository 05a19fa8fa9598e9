//! What `batch prs` asks of git: a diff for people, where a branch is checked out, and what it holds.

use std::path::PathBuf;

use crate::adapters::git::git::{failure, path};
use crate::adapters::git::repository::GitRepository;
use crate::engine::ports::PortError;
use crate::model::id::ObjectId;

impl GitRepository {
    /// The diff that a commit makes to `base`, or to its first parent, as `git diff` prints it.
    ///
    /// # Errors
    /// [`PortError::Failed`] when a commit is missing.
    pub async fn diff(
        &self,
        base: Option<&ObjectId>,
        commit: &ObjectId,
        colours: bool,
    ) -> Result<Vec<u8>, PortError> {
        let base = base.map_or_else(|| format!("{commit}^"), ToString::to_string);
        let colour = if colours {
            "--color=always"
        } else {
            "--color=never"
        };
        self.git()
            .reading(format!("showing commit {}", commit.short()))
            .args([
                "diff",
                "--no-ext-diff",
                colour,
                "-M",
                &base,
                commit.as_str(),
                "--",
            ])
            .bytes()
            .await
    }

    /// Whether `commit` is `tip` or an ancestor of it.
    ///
    /// # Errors
    /// [`PortError::Failed`] when a commit is missing.
    pub async fn holds(&self, tip: &ObjectId, commit: &ObjectId) -> Result<bool, PortError> {
        let doing = format!("looking for {} in {}", commit.short(), tip.short());
        let output = self
            .git()
            .reading(&doing)
            .args(["merge-base", "--is-ancestor", commit.as_str(), tip.as_str()])
            .output()
            .await?;
        match output.status.code() {
            Some(0) => Ok(true),
            Some(1) => Ok(false),
            _ => Err(failure(doing, &output)),
        }
    }

    /// The worktree that has a branch checked out.
    ///
    /// # Errors
    /// [`PortError::Failed`] when git does not list the worktrees.
    pub async fn checked_out_at(&self, branch: &str) -> Result<Option<PathBuf>, PortError> {
        let listed = self
            .git()
            .reading("listing worktrees")
            .args(["worktree", "list", "--porcelain", "-z"])
            .bytes()
            .await?;
        let wanted = format!("branch refs/heads/{branch}");
        let mut current = None;
        for line in listed.split(|&byte| byte == 0) {
            if let Some(folder) = line.strip_prefix(b"worktree ") {
                current = Some(path(folder));
            } else if line == wanted.as_bytes() {
                return Ok(current);
            }
        }
        Ok(None)
    }
}
