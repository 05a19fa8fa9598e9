//! Merges in memory and commits without a worktree: what repository and source adapters share.

use crate::adapters::git::git::{Git, failure, records};
use crate::adapters::git::ground::why_nobody_commits;
use crate::engine::ports::PortError;
use crate::model::id::ObjectId;
use crate::model::path::RepoPath;

/// Who commits where git knows nobody: only for commits that no branch carries.
const NOBODY: [(&str, &str); 4] = [
    ("GIT_AUTHOR_NAME", "batch"),
    ("GIT_AUTHOR_EMAIL", "batch@localhost"),
    ("GIT_COMMITTER_NAME", "batch"),
    ("GIT_COMMITTER_EMAIL", "batch@localhost"),
];

/// What merging two commits' trees came to.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum MergedTree {
    /// A tree.
    Clean(ObjectId),
    /// The paths in conflict.
    Conflict(Vec<RepoPath>),
}

/// Merges two commits by git's own machinery, as a forge does: the user's settings for merges do not count.
pub(super) async fn merge_trees(
    git: &Git,
    ours: &ObjectId,
    theirs: &ObjectId,
) -> Result<MergedTree, PortError> {
    let doing = format!("merging {} and {}", ours.short(), theirs.short());
    let output = git
        .reading(&doing)
        .setting("merge.renames=true")
        .setting("merge.directoryRenames=conflict")
        .setting("merge.renameLimit=7000")
        .args(["merge-tree", "--write-tree", "-z", "--name-only"])
        .args(["--no-messages", ours.as_str(), theirs.as_str()])
        .output()
        .await?;
    let mut printed = records(&output.stdout).filter(|record| !record.is_empty());
    let tree = printed
        .next()
        .and_then(|record| std::str::from_utf8(record).ok())
        .and_then(|text| ObjectId::parse(text).ok());
    match (output.status.code(), tree) {
        (Some(0), Some(tree)) => Ok(MergedTree::Clean(tree)),
        (Some(1), Some(_)) => {
            let mut paths: Vec<RepoPath> = printed.map(RepoPath::new).collect();
            paths.sort_unstable();
            paths.dedup();
            Ok(MergedTree::Conflict(paths))
        }
        _ => Err(failure(doing, &output)),
    }
}

/// Makes a commit of a tree: no hook, no signature, and a name even where none is configured.
pub(super) async fn commit_tree(
    git: &Git,
    tree: &ObjectId,
    parents: &[&ObjectId],
    message: &str,
) -> Result<ObjectId, PortError> {
    let mut call = git
        .call("making a commit")
        .setting("commit.gpgSign=false")
        .args(["commit-tree", tree.as_str(), "-F", "-"])
        .stdin(message);
    for parent in parents {
        call = call.args(["-p", parent.as_str()]);
    }
    if why_nobody_commits(git).await?.is_some() {
        for (name, value) in NOBODY {
            call = call.env(name, value);
        }
    }
    call.id().await
}
