//! What `git add` gets wrong after a worker: edits that the index overlooks, files that nobody edited, and repositories
//! inside the worktree.

use std::collections::BTreeSet;
use std::path::Path;

use crate::adapters::git::diff;
use crate::adapters::git::git::{Git, records};
use crate::adapters::git::worktree::{exists, remove_folder};
use crate::engine::ports::PortError;
use crate::model::id::ObjectId;
use crate::model::path::RepoPath;

const LOOKING: &str = "looking for repositories inside the worktree";

/// Clears the bits by which the index leaves edits unseen; a worker may have set them.
pub(super) async fn overlook_nothing(git: &Git) -> Result<(), PortError> {
    let doing = "looking through the index";
    let listed = git
        .reading(doing)
        .args(["ls-files", "-v", "-z"])
        .bytes()
        .await?;
    let mut overlooked = Vec::new();
    for record in records(&listed) {
        if let [tag, b' ', path @ ..] = record
            && (*tag == b'S' || tag.is_ascii_lowercase())
        {
            overlooked.extend_from_slice(path);
            overlooked.push(0);
        }
    }
    if overlooked.is_empty() {
        return Ok(());
    }
    // Git heeds only one of the two in a call.
    for bit in ["--no-assume-unchanged", "--no-skip-worktree"] {
        git.call(doing)
            .args(["update-index", bit, "-z", "--stdin"])
            .stdin(overlooked.as_slice())
            .bytes()
            .await?;
    }
    Ok(())
}

/// Takes back what is staged of files whose bytes are still those of their base's blob: where line endings were committed
/// against the attributes' word, `git add` would normalise files that nobody edited.
pub(super) async fn unstage_untouched(git: &Git, base: &ObjectId) -> Result<(), PortError> {
    let doing = "comparing what is staged with the base";
    let printed = git
        .reading(doing)
        .args(["diff-index", "--cached", "-z", "--raw", "--no-abbrev"])
        .args(["--no-renames", "--diff-filter=M", base.as_str(), "--"])
        .bytes()
        .await?;
    let changes = diff::read_changes(&printed)
        .ok_or_else(|| PortError::failed(doing, "git printed something else than a diff"))?;
    let mut asked = Vec::new();
    let mut edited = Vec::new();
    for change in changes {
        let path = change.path.as_bytes();
        let (Some(old), Some(new)) = (change.old, change.new) else {
            continue;
        };
        // Names are read line by line, and unquoted.
        if old.id != new.id && new.mode.is_regular() && path[0] != b'"' && !path.contains(&b'\n') {
            asked.extend_from_slice(path);
            asked.push(b'\n');
            edited.push((change.path, old, new));
        }
    }
    if edited.is_empty() {
        return Ok(());
    }
    let hashed = git
        .reading(doing)
        .args(["hash-object", "--no-filters", "--stdin-paths"])
        .stdin(asked)
        .text()
        .await?;
    let mut untouched = Vec::new();
    for (id, (path, old, new)) in hashed.lines().zip(&edited) {
        if id == old.id.as_str() {
            untouched.extend_from_slice(format!("{} {id}\t", new.mode.as_octal()).as_bytes());
            untouched.extend_from_slice(path.as_bytes());
            untouched.push(0);
        }
    }
    if untouched.is_empty() {
        return Ok(());
    }
    git.call(doing)
        .args(["update-index", "-z", "--index-info"])
        .stdin(untouched)
        .bytes()
        .await
        .map(drop)
}

/// The folders of tracked files that have become repositories of their own: what is new below them stays unseen. (One
/// that was untracked is staged as a submodule, which the gate refuses.)
pub(super) async fn embedded_repositories(git: &Git) -> Result<Vec<RepoPath>, PortError> {
    let listed = git
        .reading(LOOKING)
        .args(["ls-files", "-z"])
        .bytes()
        .await?;
    let mut folders = BTreeSet::new();
    for record in records(&listed) {
        let mut path = record;
        while let Some(slash) = path.iter().rposition(|&byte| byte == b'/') {
            path = &path[..slash];
            if !folders.insert(path) {
                break;
            }
        }
    }
    Ok(folders
        .into_iter()
        .map(RepoPath::new)
        .filter(|folder| is_repository(git.dir(), folder))
        .collect())
}

/// Whether a folder of the worktree has a `.git`. A folder behind a link is not the worktree's.
fn is_repository(root: &Path, folder: &RepoPath) -> bool {
    let is_real = |folder: &Path| {
        std::fs::symlink_metadata(root.join(folder)).is_ok_and(|found| found.is_dir())
    };
    exists(&folder.below(root).join(".git")) && folder.as_path().ancestors().all(is_real)
}

/// Makes ordinary folders of the repositories inside the worktree, those below ignored folders and the submodules that
/// the index knows aside.
pub(super) async fn dissolve_repositories(git: &Git) -> Result<(), PortError> {
    // One that lies in another is listed only once the outer one is none any more.
    loop {
        let mut found = embedded_repositories(git).await?;
        let untracked = git
            .reading(LOOKING)
            .args(["ls-files", "-z", "--others", "--exclude-standard"])
            .bytes()
            .await?;
        found.extend(
            records(&untracked)
                .filter_map(|record| record.strip_suffix(b"/"))
                .map(RepoPath::new)
                .filter(|folder| is_repository(git.dir(), folder)),
        );
        if found.is_empty() {
            return Ok(());
        }
        for folder in found {
            let inner = folder.below(git.dir()).join(".git");
            remove_folder(&inner).map_err(|error| {
                PortError::failed(format!("removing {}", inner.display()), error)
            })?;
        }
    }
}
