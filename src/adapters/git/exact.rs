//! Puts files into a worktree by mode and object id, so that no line ending is converted and no ignored file lost: for
//! edits that exist as objects, or are made from them.

use std::fs;
use std::os::unix::ffi::OsStrExt;
use std::path::PathBuf;

use crate::adapters::git::repository::GitRepository;
use crate::engine::ports::{PortError, Watch, Workspace};
use crate::model::id::ObjectId;
use crate::model::path::RepoPath;
use crate::model::tree::FileChange;

impl GitRepository {
    /// Makes these changes to the workspace, which is at its base, in its index and its files.
    ///
    /// # Errors
    /// [`PortError`] when git refuses.
    pub async fn stage_exactly(
        &self,
        workspace: &Workspace,
        changes: &[FileChange],
        watch: &Watch,
    ) -> Result<(), PortError> {
        let git = self.worktree(workspace)?;
        let tree = self.changed_tree(workspace, changes, watch).await?;
        Self::check_out(&git, &tree, watch).await
    }

    /// Writes the contents of these files, as they are, as blobs; their ids, in the same order.
    ///
    /// # Errors
    /// [`PortError`] when git refuses.
    pub async fn write_blobs(
        &self,
        files: &[PathBuf],
        watch: &Watch,
    ) -> Result<Vec<ObjectId>, PortError> {
        let doing = "writing the new contents";
        let mut list = Vec::new();
        for file in files {
            list.extend_from_slice(file.as_os_str().as_bytes());
            list.push(b'\n');
        }
        let printed = self
            .git()
            .call(doing)
            .args(["hash-object", "-w", "--no-filters", "--stdin-paths"])
            .stdin(list)
            .within(watch)
            .text()
            .await?;
        let ids: Result<Vec<ObjectId>, String> = printed.lines().map(ObjectId::parse).collect();
        let ids = ids.map_err(|error| PortError::failed(doing, error))?;
        if ids.len() == files.len() {
            Ok(ids)
        } else {
            Err(PortError::failed(
                doing,
                "git wrote another number of blobs",
            ))
        }
    }

    /// The base's tree with these changes, made in an index of its own.
    async fn changed_tree(
        &self,
        workspace: &Workspace,
        changes: &[FileChange],
        watch: &Watch,
    ) -> Result<ObjectId, PortError> {
        let doing = "making the unit's tree";
        let index = workspace.tmp.join("exact-index");
        let call = || {
            self.git()
                .call(doing)
                .env("GIT_INDEX_FILE", &index)
                .within(watch)
        };
        call()
            .args(["read-tree", workspace.base.as_str()])
            .bytes()
            .await?;
        call()
            .args(["update-index", "--replace", "-z", "--index-info"])
            .stdin(index_info(changes))
            .bytes()
            .await?;
        let tree = call().arg("write-tree").id().await;
        let _ = fs::remove_file(&index);
        tree
    }
}

/// Removals first: a file may take the place of a folder.
fn index_info(changes: &[FileChange]) -> Vec<u8> {
    let mut lines = Vec::new();
    let mut add = |mode: &str, id: &str, path: &RepoPath| {
        lines.extend_from_slice(format!("{mode} {id}\t").as_bytes());
        lines.extend_from_slice(path.as_bytes());
        lines.push(0);
    };
    for change in changes {
        if let (Some(old), None) = (&change.old, &change.new) {
            add("0", &"0".repeat(old.id.as_str().len()), &change.path);
        }
    }
    for change in changes {
        if let Some(new) = &change.new {
            add(new.mode.as_octal(), new.id.as_str(), &change.path);
        }
    }
    lines
}
