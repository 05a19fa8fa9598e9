//! [`LeftWorktrees`]: the worktrees of this repository's runs that are there now, wherever they were put, and what is in
//! them. Reads; `batch clean` calls it.
//!
//! Ours are known by their names, `<pool>/<run>/<xxxx>-<slot>-<six digits>`, and by the reason of git's lock on them.

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};

use tempfile::TempDir;

use crate::adapters::git::git::{Git, records};
use crate::adapters::git::ground::Place;
use crate::adapters::git::removal::{delete, remove_worktree};
use crate::adapters::git::worktree::{admin_folder, exists, place_of};
use crate::adapters::git::worktrees::LOCK_REASON;
use crate::engine::ports::{PortError, Stop};
use crate::model::id::{ObjectId, RunId, Slot};
use crate::model::path::RepoPath;

/// What git, or a person with it, leaves in a worktree's own folder while something is under way there.
const UNDER_WAY: [&str; 7] = [
    "rebase-merge",
    "rebase-apply",
    "sequencer",
    "BISECT_LOG",
    "MERGE_HEAD",
    "CHERRY_PICK_HEAD",
    "REVERT_HEAD",
];

/// The worktrees of the runs of one repository.
#[derive(Debug)]
pub struct LeftWorktrees {
    git: Git,
    common_dir: PathBuf,
    found: Vec<LeftWorktree>,
}

/// One of them.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct LeftWorktree {
    /// The run.
    pub run: RunId,
    /// Where it is, or was to be.
    pub path: PathBuf,
    /// Its place in the pool.
    pub slot: Slot,
    /// Whether git's lock on it is ours; where git knows nothing of it, its name and place say so.
    pub ours: bool,
}

/// What the files and HEAD of a worktree are, held against what the repository keeps.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Looked {
    /// It was never checked out, or its folder is gone.
    Empty,
    /// Its files are exactly those of this tree, and its HEAD is on some ref or was never moved.
    Files(ObjectId),
    /// It has a commit that no ref leads to, or git was left in the middle of something.
    UnderWay,
}

impl LeftWorktrees {
    /// Finds them: those that git knows, and those that lie in this folder of the pool.
    #[must_use]
    pub fn find(place: &Place, pool: &Path) -> Self {
        let common_dir = &place.common_dir;
        let mut found = BTreeMap::new();
        for folder in folders_in(pool) {
            for path in folders_in(&folder) {
                if let Some(left) = named(&path) {
                    found.insert(path, left);
                }
            }
        }
        for admin in folders_in(&common_dir.join("worktrees")) {
            let Some(path) = place_of(&admin, common_dir) else {
                continue;
            };
            if let Some(mut left) = named(&path) {
                left.ours = fs::read_to_string(admin.join("locked"))
                    .is_ok_and(|reason| reason.trim() == LOCK_REASON);
                found.insert(path, left);
            }
        }
        Self {
            git: place.git().clone().stopping_at(Stop::default()),
            common_dir: common_dir.clone(),
            found: found.into_values().collect(),
        }
    }

    /// Those of a run.
    pub fn of<'a>(&'a self, run: &'a RunId) -> impl Iterator<Item = &'a LeftWorktree> {
        self.found.iter().filter(move |left| left.run == *run)
    }

    /// The runs that have any.
    pub fn runs(&self) -> impl Iterator<Item = &RunId> {
        self.found.iter().map(|left| &left.run)
    }

    /// Looks at one, which started from `base`. Nothing is written to it or to the repository.
    ///
    /// # Errors
    /// [`PortError`] when git cannot read it.
    pub async fn look(&self, left: &LeftWorktree, base: &ObjectId) -> Result<Looked, PortError> {
        if !left.path.is_dir() {
            return Ok(Looked::Empty);
        }
        // Without the `.git` that git made, the files are all there is.
        if let Ok(admin) = admin_folder(&left.path, &self.common_dir) {
            if UNDER_WAY.iter().any(|name| exists(&admin.join(name))) {
                return Ok(Looked::UnderWay);
            }
            let head = fs::read_to_string(admin.join("HEAD")).unwrap_or_default();
            let head = head.trim();
            if head.bytes().all(|digit| digit == b'0') {
                return Ok(Looked::Empty);
            }
            if let Ok(head) = ObjectId::parse(head)
                && head != *base
                && !self.is_on_a_ref(&head).await?
            {
                return Ok(Looked::UnderWay);
            }
        }
        self.tree_of_files(&left.path, base)
            .await
            .map(Looked::Files)
    }

    /// The commit that its HEAD names by itself; none where it is on a branch, or cannot be read.
    #[must_use]
    pub fn detached_head(&self, left: &LeftWorktree) -> Option<ObjectId> {
        let admin = admin_folder(&left.path, &self.common_dir).ok()?;
        let head = fs::read_to_string(admin.join("HEAD")).ok()?;
        ObjectId::parse(head.trim()).ok()
    }

    /// Removes one, its folder for temporary files, and the pool's folders above that are empty then.
    ///
    /// # Errors
    /// [`PortError`] when it cannot be removed.
    pub async fn remove(&self, left: &LeftWorktree) -> Result<(), PortError> {
        remove_worktree(&self.git, &self.common_dir, &left.path).await?;
        let mut tmp = left.path.clone().into_os_string();
        tmp.push(".tmp");
        delete(tmp.into()).await?;
        for above in left.path.ancestors().skip(1).take(2) {
            let _ = fs::remove_dir(above);
        }
        Ok(())
    }

    async fn is_on_a_ref(&self, commit: &ObjectId) -> Result<bool, PortError> {
        let listed = self
            .git
            .reading("looking for a commit in all refs")
            .args(["rev-list", "--max-count=1", commit.as_str()])
            .args(["--not", "--all", "--"])
            .text()
            .await?;
        Ok(listed.is_empty())
    }

    /// The paths at which the files of one differ from `base`, ignored ones aside.
    ///
    /// # Errors
    /// [`PortError`] when git cannot read it.
    pub async fn changed(
        &self,
        left: &LeftWorktree,
        base: &ObjectId,
    ) -> Result<Vec<RepoPath>, PortError> {
        let (git, _folder) = self.beside(&left.path, base).await?;
        let listed = git
            .reading(format!("looking at {}", left.path.display()))
            .args([
                "diff-index",
                "--cached",
                "--name-only",
                "--no-renames",
                "-z",
            ])
            .args([base.as_str(), "--"])
            .bytes()
            .await?;
        Ok(records(&listed)
            .map(|path| RepoPath::new(path.to_vec()))
            .collect())
    }

    async fn tree_of_files(&self, root: &Path, base: &ObjectId) -> Result<ObjectId, PortError> {
        let (git, _folder) = self.beside(root, base).await?;
        let doing = format!("looking at {}", root.display());
        git.reading(doing).arg("write-tree").id().await
    }

    /// Git with an index that holds the files, ignored ones aside; index and new objects are thrown away with the folder.
    async fn beside(&self, root: &Path, base: &ObjectId) -> Result<(Git, TempDir), PortError> {
        let doing = format!("looking at {}", root.display());
        let folder = tempfile::tempdir().map_err(|error| PortError::failed(&doing, error))?;
        let objects = folder.path().join("objects");
        fs::create_dir(&objects).map_err(|error| PortError::failed(&doing, error))?;
        let git = self
            .git
            .in_worktree(root)
            .variable("GIT_DIR", &self.common_dir)
            .variable("GIT_WORK_TREE", root)
            .variable("GIT_INDEX_FILE", folder.path().join("index"))
            .variable("GIT_OBJECT_DIRECTORY", &objects)
            .variable(
                "GIT_ALTERNATE_OBJECT_DIRECTORIES",
                self.common_dir.join("objects"),
            );
        git.reading(&doing)
            .args(["read-tree", base.as_str()])
            .bytes()
            .await?;
        git.reading(&doing)
            .setting("advice.addEmbeddedRepo=false")
            .args(["add", "--all"])
            .bytes()
            .await?;
        Ok((git, folder))
    }
}

/// A worktree by its place and name, if these are as the pool gives them.
fn named(path: &Path) -> Option<LeftWorktree> {
    let run: RunId = path.parent()?.file_name()?.to_str()?.parse().ok()?;
    let mut parts = path.file_name()?.to_str()?.split('-');
    let suffix = parts.next()?;
    let number: usize = parts.next()?.parse().ok()?;
    let ending = parts.next()?;
    let is_ours = suffix == run.suffix()
        && number > 0
        && ending.len() == 6
        && ending.bytes().all(|byte| byte.is_ascii_hexdigit())
        && parts.next().is_none();
    is_ours.then(|| LeftWorktree {
        run,
        path: path.to_owned(),
        slot: Slot(number - 1),
        ours: true,
    })
}

/// What lies in a folder and is no link; a folder that is gone has nothing.
fn folders_in(folder: &Path) -> Vec<PathBuf> {
    let entries = fs::read_dir(folder).into_iter().flatten().flatten();
    entries
        .filter(|entry| entry.file_type().is_ok_and(|kind| kind.is_dir()))
        .map(|entry| entry.path())
        .collect()
}

#[cfg(test)]
mod tests {
    use std::path::Path;

    use super::named;

    #[test]
    fn a_worktree_is_ours_by_its_whole_name_and_the_folder_above() {
        let run = "/c/repo-0123abcd/20260102T030405Z-0a1b";
        let found = named(Path::new(&format!("{run}/0a1b-3-00ff00"))).unwrap();
        assert_eq!(found.run.as_str(), "20260102T030405Z-0a1b");
        assert_eq!(found.slot.0, 2);
        for other in [
            "0a1b-3-00ff00.tmp",
            "0a1b-0-00ff00",
            "0a1b-3-00ff0",
            "0a1b-3",
            "ffff-3-00ff00",
            "0a1b-3-00ff00-x",
            "mine",
        ] {
            assert_eq!(named(Path::new(&format!("{run}/{other}"))), None, "{other}");
        }
        assert_eq!(named(Path::new("/home/me/work/0a1b-3-00ff00")), None);
    }
}
