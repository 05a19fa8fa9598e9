//! [`GitRepository`]: staging, trees, commits and merges, by the git executable.
//!
//! It trusts nothing that a worker left: where HEAD is, which files the index is told to overlook, whose repository the
//! worktree's `.git` names. The engine calls it between the steps of a unit.

use std::path::{Path, PathBuf};
use std::sync::Arc;

use async_trait::async_trait;

use crate::adapters::git::diff;
use crate::adapters::git::folding;
use crate::adapters::git::git::{Git, failure};
use crate::adapters::git::ground::Place;
use crate::adapters::git::merge::{MergedTree, commit_tree, merge_trees};
use crate::adapters::git::seal::Seal;
use crate::adapters::git::staging::{
    dissolve_repositories, embedded_repositories, overlook_nothing, unstage_untouched,
};
use crate::adapters::git::worktree::{admin_folder, exists, make_writable};
use crate::adapters::plain_files;
use crate::engine::ports::{Merged, PortError, Repository, Stop, Watch, Workspace};
use crate::model::id::ObjectId;
use crate::model::tree::FileChange;

/// What an operation that a worker left open keeps in the worktree's own folder, and `git commit` would take up: other
/// parents, another author, another message.
const LEFT_OPEN: [&str; 9] = [
    "MERGE_HEAD",
    "MERGE_MODE",
    "MERGE_MSG",
    "MERGE_RR",
    "CHERRY_PICK_HEAD",
    "REVERT_HEAD",
    "REBASE_HEAD",
    "SQUASH_MSG",
    "AUTO_MERGE",
];

/// The repository of one place.
#[derive(Debug, Clone)]
pub struct GitRepository {
    git: Git,
    common_dir: PathBuf,
    seal: Arc<Seal>,
}

impl GitRepository {
    /// The repository behind a checkout.
    #[must_use]
    pub fn new(place: &Place) -> Self {
        Self {
            // What is not bounded by a watch has to come to its end, whatever the user wants by then.
            git: place.git().clone().stopping_at(Stop::default()),
            common_dir: place.common_dir.clone(),
            seal: Arc::new(Seal::of(place)),
        }
    }

    /// What commits and deliveries go by; it holds until it is taken and something changes.
    #[must_use]
    pub fn seal(&self) -> &Arc<Seal> {
        &self.seal
    }

    pub(super) fn git(&self) -> &Git {
        &self.git
    }

    /// Git in a worktree that is still ours. A lock that a killed child left is removed: nothing else runs there now.
    pub(super) fn worktree(&self, workspace: &Workspace) -> Result<Git, PortError> {
        let admin = self.admin(workspace)?;
        for name in ["index.lock", "HEAD.lock"] {
            let _ = std::fs::remove_file(admin.join(name));
        }
        Ok(self.git.in_worktree(&workspace.path))
    }

    fn admin(&self, workspace: &Workspace) -> Result<PathBuf, PortError> {
        admin_folder(&workspace.path, &self.common_dir)
            .map_err(|words| PortError::failed("using the worktree", words))
    }

    /// Git with the worktree's files and an index of its own, by the user's repository alone: it needs nothing that the
    /// worktree's `.git` names.
    fn beside(&self, workspace: &Workspace, index: &Path) -> Git {
        self.git
            .in_worktree(&workspace.path)
            .variable("GIT_DIR", &self.common_dir)
            .variable("GIT_WORK_TREE", &workspace.path)
            .variable("GIT_INDEX_FILE", index)
    }

    /// Puts HEAD back to the base, and ends what a worker left open. A worker that committed, or checked out a branch,
    /// moved HEAD; so did our own commit, when a hook changed its tree and it is made again.
    async fn return_to_base(&self, git: &Git, workspace: &Workspace) -> Result<(), PortError> {
        let admin = self.admin(workspace)?;
        for name in LEFT_OPEN {
            let _ = std::fs::remove_file(admin.join(name));
        }
        if exists(&admin.join("reftable")) {
            // There the heads are refs; only those of a merge are files all the same.
            git.call("ending what was left open")
                .args(["update-ref", "--stdin"])
                .stdin("delete CHERRY_PICK_HEAD\ndelete REVERT_HEAD\n")
                .bytes()
                .await?;
        }
        let base = workspace.base.as_str();
        let head = std::fs::read(admin.join("HEAD")).unwrap_or_default();
        if head.trim_ascii() == base.as_bytes() {
            return Ok(());
        }
        git.call("returning to the base")
            .args(["update-ref", "--no-deref", "HEAD", base])
            .bytes()
            .await
            .map(drop)
    }

    /// Makes index and files those of a tree; untracked files stay unless they are in the way.
    pub(super) async fn check_out(
        git: &Git,
        tree: &ObjectId,
        watch: &Watch,
    ) -> Result<(), PortError> {
        let read_tree = || {
            git.call(format!("checking out tree {}", tree.short()))
                .args(["read-tree", "--reset", "-u", tree.as_str()])
                .logged(watch)
        };
        match read_tree().await {
            Err(PortError::Failed { .. }) => {
                make_writable(git.dir());
                read_tree().await.map(drop)
            }
            other => other.map(drop),
        }
    }
}

#[async_trait]
impl Repository for GitRepository {
    async fn stage_all(&self, workspace: &Workspace, watch: &Watch) -> Result<(), PortError> {
        self.seal.holds("staging").await?;
        let git = self.worktree(workspace)?;
        overlook_nothing(&git).await?;
        git.call("staging")
            .setting("advice.addEmbeddedRepo=false")
            .args(["add", "--all"])
            .logged(watch)
            .await?;
        if let Some(folder) = embedded_repositories(&git).await?.first() {
            return Err(PortError::failed(
                "staging",
                format!("{folder}: a git repository inside the worktree"),
            ));
        }
        unstage_untouched(&git, &workspace.base).await
    }

    async fn salvage(&self, workspace: &Workspace, watch: &Watch) -> Result<ObjectId, PortError> {
        plain_files::remove_odd(&workspace.path);
        let doing = "saving what is in the files";
        // Behind a link it would be somebody else's files that are made ready.
        if !std::fs::symlink_metadata(&workspace.path).is_ok_and(|found| found.is_dir()) {
            let words = format!("{} is not a folder", workspace.path.display());
            return Err(PortError::failed(doing, words));
        }
        let folder = tempfile::tempdir().map_err(|error| PortError::failed(doing, error))?;
        let git = self.beside(workspace, &folder.path().join("index"));
        git.call(doing)
            .args(["read-tree", workspace.base.as_str()])
            .within(watch)
            .bytes()
            .await?;
        make_writable(git.dir());
        dissolve_repositories(&git).await?;
        // What cannot be read is left out, and the log says so: the rest is worth keeping.
        let added = git
            .call(doing)
            .args(["add", "--all", "--ignore-errors"])
            .logged_output(watch)
            .await?;
        if !matches!(added.status.code(), Some(0 | 1)) {
            return Err(failure(doing, &added));
        }
        unstage_untouched(&git, &workspace.base).await?;
        git.call(doing).arg("write-tree").id().await
    }

    async fn restore(
        &self,
        workspace: &Workspace,
        tree: &ObjectId,
        watch: &Watch,
    ) -> Result<(), PortError> {
        let git = self.worktree(workspace)?;
        self.return_to_base(&git, workspace).await?;
        overlook_nothing(&git).await?;
        Self::check_out(&git, tree, watch).await?;
        let clean = || {
            git.call("removing untracked files")
                .args(["clean", "-ffdq"])
                .logged(watch)
        };
        match clean().await {
            Err(PortError::Failed { .. }) => {
                make_writable(git.dir());
                clean().await.map(drop)
            }
            other => other.map(drop),
        }
    }

    async fn write_tree(&self, workspace: &Workspace) -> Result<ObjectId, PortError> {
        let git = self.worktree(workspace)?;
        git.call("writing the staged tree")
            .arg("write-tree")
            .id()
            .await
    }

    async fn changes(&self, old: &ObjectId, new: &ObjectId) -> Result<Vec<FileChange>, PortError> {
        let doing = format!("comparing {} and {}", old.short(), new.short());
        let printed = self
            .git
            .reading(&doing)
            .args(["diff-tree", "-r", "-z", "--raw", "--no-abbrev"])
            .args(["--no-renames", "--ignore-submodules=none"])
            .args([old.as_str(), new.as_str(), "--"])
            .bytes()
            .await?;
        diff::read_changes(&printed)
            .ok_or_else(|| PortError::failed(doing, "git printed something else than a diff"))
    }

    async fn tree_of(&self, commit: &ObjectId) -> Result<Option<ObjectId>, PortError> {
        let output = self
            .git
            .reading("reading a commit")
            .env("GIT_NO_LAZY_FETCH", "1")
            .args(["rev-parse", "--verify", "--quiet"])
            .arg(format!("{commit}^{{tree}}"))
            .output()
            .await?;
        let text = String::from_utf8_lossy(&output.stdout);
        Ok(output
            .status
            .success()
            .then(|| ObjectId::new(text.trim_end())))
    }

    async fn commit(
        &self,
        workspace: &Workspace,
        message: &str,
        signoff: bool,
        watch: &Watch,
    ) -> Result<ObjectId, PortError> {
        let doing = "committing";
        self.seal.holds(doing).await?;
        let git = self.worktree(workspace)?;
        self.return_to_base(&git, workspace).await?;
        let mut call = git
            .call(doing)
            .args(["commit", "--quiet", "--cleanup=whitespace", "-F", "-"])
            .stdin(message);
        if signoff {
            call = call.arg("--signoff");
        }
        call.logged(watch).await?;
        let line = git
            .reading(doing)
            .args(["rev-list", "--parents", "--max-count=1", "HEAD", "--"])
            .text()
            .await?;
        let ids: Vec<&str> = line.split(' ').collect();
        match ids[..] {
            [commit, parent] if parent == workspace.base.as_str() => Ok(ObjectId::new(commit)),
            _ => Err(PortError::failed(
                doing,
                format!(
                    "HEAD is not one commit on top of {}; did a hook commit?",
                    workspace.base.short()
                ),
            )),
        }
    }

    async fn keep(
        &self,
        tree: &ObjectId,
        parent: &ObjectId,
        reference: &str,
        message: &str,
    ) -> Result<ObjectId, PortError> {
        let commit = commit_tree(&self.git, tree, &[parent], message).await?;
        self.set_ref(reference, &commit).await?;
        Ok(commit)
    }

    async fn with_changes(
        &self,
        tree: &ObjectId,
        changes: &[FileChange],
    ) -> Result<ObjectId, PortError> {
        let doing = "putting a tree together";
        let folder = tempfile::tempdir().map_err(|error| PortError::failed(doing, error))?;
        let git = self
            .git
            .clone()
            .variable("GIT_INDEX_FILE", folder.path().join("index"));
        git.call(doing)
            .args(["read-tree", tree.as_str()])
            .bytes()
            .await?;
        git.call(doing)
            .args(["update-index", "--replace", "-z", "--index-info"])
            .stdin(index_info(changes))
            .bytes()
            .await?;
        git.call(doing).arg("write-tree").id().await
    }

    async fn changes_of(&self, revision: &str) -> Result<Option<Vec<FileChange>>, PortError> {
        let mut ids = Vec::new();
        for end in ["^1", ""] {
            let output = self
                .git
                .reading("reading kept edits")
                .env("GIT_NO_LAZY_FETCH", "1")
                .args(["rev-parse", "--verify", "--quiet", "--end-of-options"])
                .arg(format!("{revision}{end}^{{tree}}"))
                .output()
                .await?;
            if !output.status.success() {
                return Ok(None);
            }
            let text = String::from_utf8_lossy(&output.stdout);
            ids.push(ObjectId::new(text.trim_end()));
        }
        self.changes(&ids[0], &ids[1]).await.map(Some)
    }

    async fn fold_commits(&self, workspace: &Workspace) -> Result<usize, PortError> {
        plain_files::remove_odd(&workspace.path);
        let admin = folding::mend(workspace, &self.common_dir)?;
        folding::forget_settings(&self.git, &admin).await?;
        let git = self.worktree(workspace)?;
        let commits = folding::commits_on_top(&git, workspace).await;
        self.return_to_base(&git, workspace).await?;
        Ok(commits)
    }

    async fn set_ref(&self, reference: &str, commit: &ObjectId) -> Result<(), PortError> {
        self.git
            .call(format!("writing {reference}"))
            .args(["update-ref", "--no-deref", reference, commit.as_str()])
            .bytes()
            .await
            .map(drop)
    }

    async fn merge(
        &self,
        ours: &ObjectId,
        theirs: &ObjectId,
        message: &str,
    ) -> Result<Merged, PortError> {
        match merge_trees(&self.git, ours, theirs).await? {
            MergedTree::Clean(tree) => commit_tree(&self.git, &tree, &[ours, theirs], message)
                .await
                .map(Merged::Clean),
            MergedTree::Conflict(paths) => Ok(Merged::Conflict(paths)),
        }
    }
}

/// What `git update-index --index-info` is told of changes: removals first, so that a file can take a folder's place.
fn index_info(changes: &[FileChange]) -> Vec<u8> {
    let mut lines = Vec::new();
    let (added, removed): (Vec<_>, Vec<_>) =
        changes.iter().partition(|change| change.new.is_some());
    for change in removed.into_iter().chain(added) {
        let head = match &change.new {
            Some(new) => format!("{} {}\t", new.mode.as_octal(), new.id),
            // Any id will do for what is removed, as long as it has the right length.
            None => format!(
                "0 {}\t",
                change.old.as_ref().map_or("", |old| old.id.as_str())
            ),
        };
        lines.extend_from_slice(head.as_bytes());
        lines.extend_from_slice(change.path.as_bytes());
        lines.push(0);
    }
    lines
}
