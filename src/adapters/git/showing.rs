//! What `batch prs` asks of git: a diff for people, where a branch is checked out, what it holds, and since when.

use std::collections::BTreeMap;
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

    /// How many commits `tip` has that `commit` does not hold; none when `tip` does not hold `commit`.
    ///
    /// # Errors
    /// [`PortError::Failed`] when a commit is missing.
    pub async fn ahead(&self, commit: &ObjectId, tip: &ObjectId) -> Result<Option<u64>, PortError> {
        if !self.holds(tip, commit).await? {
            return Ok(None);
        }
        let doing = format!("counting the commits above {}", commit.short());
        let text = self
            .git()
            .reading(&doing)
            .args(["rev-list", "--count"])
            .arg(format!("{commit}..{tip}"))
            .arg("--")
            .text()
            .await?;
        let words = || PortError::failed(doing, format!("git printed `{text}`"));
        text.trim().parse().map(Some).map_err(|_| words())
    }

    /// The commit that a ref names; none where there is no such ref.
    ///
    /// # Errors
    /// [`PortError`] when git cannot be started.
    pub async fn commit_at(&self, reference: &str) -> Result<Option<ObjectId>, PortError> {
        let output = self
            .git()
            .reading(format!("reading {reference}"))
            .args(["rev-parse", "--verify", "--quiet", "--end-of-options"])
            .arg(format!("{reference}^{{commit}}"))
            .output()
            .await?;
        let text = String::from_utf8_lossy(&output.stdout);
        let found = output.status.success();
        Ok(found.then(|| ObjectId::new(text.trim_end())))
    }

    /// The commits that all refs below this folder name, by the rest of their names.
    ///
    /// # Errors
    /// [`PortError::Failed`] when git cannot list them.
    pub async fn commits_below(
        &self,
        folder: &str,
    ) -> Result<BTreeMap<String, ObjectId>, PortError> {
        let listed = self
            .git()
            .reading(format!("reading {folder}"))
            .args(["for-each-ref", "--format=%(objectname)%09%(refname)"])
            .arg(folder)
            .text()
            .await?;
        let lines = listed.lines().filter_map(|line| line.split_once('\t'));
        let commits = lines.filter_map(|(id, name)| {
            Some((name.strip_prefix(folder)?.to_owned(), ObjectId::new(id)))
        });
        Ok(commits.collect())
    }

    /// The commits that a commit was made on, in its order.
    ///
    /// # Errors
    /// [`PortError::Failed`] when it is missing.
    pub async fn parents(&self, commit: &ObjectId) -> Result<Vec<ObjectId>, PortError> {
        let line = self
            .git()
            .reading(format!("reading commit {}", commit.short()))
            .args(["rev-list", "--parents", "--max-count=1"])
            .args([commit.as_str(), "--"])
            .text()
            .await?;
        let parents = line.split_ascii_whitespace().skip(1);
        Ok(parents.map(ObjectId::new).collect())
    }

    /// The commit from which two commits part; none where they share none.
    ///
    /// # Errors
    /// [`PortError::Failed`] when one is missing.
    pub async fn parting(
        &self,
        one: &ObjectId,
        other: &ObjectId,
    ) -> Result<Option<ObjectId>, PortError> {
        let doing = format!("comparing {} and {}", one.short(), other.short());
        let output = self
            .git()
            .reading(&doing)
            .args(["merge-base", one.as_str(), other.as_str()])
            .output()
            .await?;
        let text = String::from_utf8_lossy(&output.stdout);
        match output.status.code() {
            Some(0) => Ok(Some(ObjectId::new(text.trim_end()))),
            Some(1) => Ok(None),
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
