//! [`Slicer`]: takes a change that exists already (`--from`), pins it to a commit, merges it onto the base, and cuts it into slices.
//!
//! Slices enter a worktree by mode and object id: through files, line endings would be normalised and ignored files lost.

use std::collections::HashSet;
use std::fs::{self, File};
use std::io;
use std::path::{Path, PathBuf};

use crate::adapters::git::diff;
use crate::adapters::git::git::{Git, path, records};
use crate::adapters::git::ground::{Head, Place};
use crate::adapters::git::merge::{MergedTree, commit_tree, merge_trees};
use crate::adapters::git::repository::GitRepository;
use crate::engine::ports::{PortError, Repository, Watch, Workspace};
use crate::model::id::ObjectId;
use crate::model::named::named;
use crate::model::path::RepoPath;
use crate::model::slices::Difference;

/// What `--from` calls the uncommitted changes of the checkout.
pub const WORKTREE: &str = "worktree";

/// How many paths an error names.
const LISTED: usize = 8;

/// Why a change cannot be sliced.
#[derive(Debug, Clone, thiserror::Error)]
pub enum SourceError {
    /// What was named is no commit.
    #[error("--from `{name}` is no commit{}", because(words))]
    NoCommit {
        /// What was named.
        name: String,
        /// What git said.
        words: String,
    },
    /// The checkout is as its HEAD.
    #[error("the checkout has no uncommitted changes")]
    NothingUncommitted,
    /// The checkout is in the middle of a merge.
    #[error("the checkout has unmerged paths: {}", named(.0, LISTED))]
    Unmerged(Vec<RepoPath>),
    /// The change does not merge with the base.
    #[error("the change conflicts with the base in {}", named(.0, LISTED))]
    Conflict(Vec<RepoPath>),
    /// Git failed where it should not.
    #[error(transparent)]
    Git(#[from] PortError),
}

/// Git's words, but not those that say no more than that there is no such name.
fn because(words: &str) -> String {
    match words {
        "" | "Needed a single revision" => String::new(),
        words => format!(": {words}"),
    }
}

/// Slices changes of one repository.
#[derive(Debug, Clone)]
pub struct Slicer {
    repository: GitRepository,
    git: Git,
    head: Head,
}

impl Slicer {
    /// For changes that the place's repository or checkout holds.
    #[must_use]
    pub fn new(place: &Place) -> Self {
        Self {
            repository: GitRepository::new(place),
            git: place.git().clone(),
            head: place.head.clone(),
        }
    }

    /// The commit that holds the change: what `name` means, or for [`WORKTREE`] a new commit on HEAD of all that is
    /// uncommitted, untracked files included. The user's index and files are only read.
    ///
    /// # Errors
    /// [`SourceError`] when there is no such commit, or nothing uncommitted.
    pub async fn pin(&self, name: &str) -> Result<ObjectId, SourceError> {
        if name == WORKTREE {
            return self.pin_checkout().await;
        }
        let no_commit = |words: String| SourceError::NoCommit {
            name: name.to_owned(),
            words,
        };
        if name.starts_with('-') {
            return Err(no_commit("a name does not begin with a dash".to_owned()));
        }
        let doing = "finding the change";
        let found = self
            .git
            .reading(doing)
            .args(["rev-parse", "--verify", &format!("{name}^{{commit}}")])
            .id()
            .await;
        found.map_err(|error| match error {
            PortError::Failed { words, .. } => no_commit(words),
            other @ (PortError::TimedOut { .. } | PortError::Stopped) => SourceError::Git(other),
        })
    }

    async fn pin_checkout(&self) -> Result<ObjectId, SourceError> {
        let doing = "reading the uncommitted changes";
        let Some(head) = self.head.commit() else {
            return Err(SourceError::NoCommit {
                name: WORKTREE.to_owned(),
                words: "HEAD has no commit yet".to_owned(),
            });
        };
        let unmerged = self
            .git
            .reading(doing)
            .args(["diff", "--name-only", "--diff-filter=U", "-z"])
            .bytes()
            .await?;
        if !unmerged.is_empty() {
            let mut paths: Vec<RepoPath> = records(&unmerged).map(RepoPath::new).collect();
            paths.dedup();
            return Err(SourceError::Unmerged(paths));
        }
        let failed = |error: io::Error| PortError::failed(doing, error);
        let own = tempfile::tempdir().map_err(failed)?;
        let index = own.path().join("index");
        let theirs = self.index_of_checkout().await?;
        if theirs.exists() {
            copy_with_time(&theirs, &index).map_err(failed)?;
        }
        let with_own_index = || self.git.call(doing).env("GIT_INDEX_FILE", &index);
        with_own_index()
            .setting("advice.addEmbeddedRepo=false")
            .args(["add", "--all"])
            .bytes()
            .await?;
        let tree = with_own_index().arg("write-tree").id().await?;
        if self.repository.tree_of(head).await?.as_ref() == Some(&tree) {
            return Err(SourceError::NothingUncommitted);
        }
        Ok(commit_tree(
            &self.git,
            &tree,
            &[head],
            "uncommitted changes of the checkout",
        )
        .await?)
    }

    async fn index_of_checkout(&self) -> Result<PathBuf, PortError> {
        let printed = self
            .git
            .reading("finding the index")
            .args(["rev-parse", "--path-format=absolute", "--git-path", "index"])
            .bytes()
            .await?;
        Ok(path(&printed))
    }

    /// The tree of the change merged onto the base.
    ///
    /// # Errors
    /// [`SourceError::Conflict`] where the two do not merge.
    pub async fn merged_tree(
        &self,
        base: &ObjectId,
        change: &ObjectId,
    ) -> Result<ObjectId, SourceError> {
        match merge_trees(&self.git, base, change).await? {
            MergedTree::Clean(tree) => Ok(tree),
            MergedTree::Conflict(paths) => Err(SourceError::Conflict(paths)),
        }
    }

    /// What `tree` changes in `base`, sorted by path; renames are found at 50% whatever the user's settings say.
    ///
    /// # Errors
    /// [`SourceError::Git`] when an object is missing.
    pub async fn differences(
        &self,
        base: &ObjectId,
        tree: &ObjectId,
    ) -> Result<Vec<Difference>, SourceError> {
        let doing = "comparing the change with the base";
        let printed = self
            .git
            .reading(doing)
            .args(["diff-tree", "-r", "-z", "--raw", "--numstat", "--no-abbrev"])
            .args(["-M50%", "-l7000", "--no-textconv", "--no-ext-diff"])
            .args([
                "--ignore-submodules=none",
                base.as_str(),
                tree.as_str(),
                "--",
            ])
            .bytes()
            .await?;
        diff::read_renamed(&printed).ok_or_else(|| {
            PortError::failed(doing, "git printed something else than a diff").into()
        })
    }

    /// Brings exactly these paths from `tree` into the workspace, which is at its base: into its index, by mode and
    /// object id, and its files. A path that `tree` has not is removed.
    ///
    /// # Errors
    /// [`PortError`] when git refuses.
    pub async fn stage_slice(
        &self,
        workspace: &Workspace,
        tree: &ObjectId,
        paths: &[RepoPath],
        watch: &Watch,
    ) -> Result<(), PortError> {
        let wanted: HashSet<&RepoPath> = paths.iter().collect();
        let mut slice = self.repository.changes(&workspace.base, tree).await?;
        slice.retain(|change| wanted.contains(&change.path));
        self.repository
            .stage_exactly(workspace, &slice, watch)
            .await
    }
}

/// Git trusts an entry only when the index is younger than the file: a copy that looks younger than what it was made of
/// would hide edits made within the same second.
fn copy_with_time(from: &Path, to: &Path) -> io::Result<()> {
    let time = fs::metadata(from)?.modified()?;
    fs::copy(from, to)?;
    File::options().write(true).open(to)?.set_modified(time)
}
