//! The refs below `refs/batch/`, and what else of this repository's refs `batch clean` looks at and removes.

use std::collections::{BTreeMap, BTreeSet};
use std::path::PathBuf;

use crate::adapters::git::git::{path, records};
use crate::adapters::git::ground::Place;
use crate::engine::ports::PortError;
use crate::model::id::ObjectId;

impl Place {
    /// All refs below `refs/batch/`, by name, with what they name.
    ///
    /// # Errors
    /// [`PortError`] when git cannot list them.
    pub async fn batch_refs(&self) -> Result<BTreeMap<String, ObjectId>, PortError> {
        let listed = self
            .git
            .reading("listing refs/batch")
            .args(["for-each-ref", "--format=%(objectname) %(refname)"])
            .arg("refs/batch/")
            .text()
            .await?;
        let lines = listed.lines().filter_map(|line| line.split_once(' '));
        Ok(lines
            .map(|(id, name)| (name.to_owned(), ObjectId::new(id)))
            .collect())
    }

    /// Removes refs that are as they were seen: all of them, or none.
    ///
    /// # Errors
    /// [`PortError`] when one of them has moved meanwhile.
    pub async fn remove_refs(&self, refs: &[(String, ObjectId)]) -> Result<(), PortError> {
        let mut lines = String::new();
        for (name, object) in refs {
            lines.push_str(&format!("delete {name} {object}\n"));
        }
        self.git
            .call("removing refs")
            .args(["update-ref", "--no-deref", "--stdin"])
            .stdin(lines)
            .bytes()
            .await
            .map(drop)
    }

    /// Which of these commits cannot be reached from any of the tips. A tip that is not in this repository leads to
    /// nothing but itself.
    ///
    /// # Errors
    /// [`PortError`] when git cannot walk the history.
    pub async fn not_reached(
        &self,
        commits: &BTreeSet<ObjectId>,
        tips: &BTreeSet<ObjectId>,
    ) -> Result<BTreeSet<ObjectId>, PortError> {
        let asked: BTreeSet<&ObjectId> = commits.difference(tips).collect();
        if asked.is_empty() {
            return Ok(BTreeSet::new());
        }
        let here = self.here(asked.iter().copied().chain(tips)).await?;
        let mut lines = String::new();
        for commit in asked.iter().filter(|commit| here.contains(**commit)) {
            lines.push_str(&format!("{commit}\n"));
        }
        let walks = !lines.is_empty();
        for tip in tips.iter().filter(|tip| here.contains(*tip)) {
            lines.push_str(&format!("^{tip}\n"));
        }
        let mut left: BTreeSet<ObjectId> = asked
            .iter()
            .filter(|commit| !here.contains(**commit))
            .map(|commit| (*commit).clone())
            .collect();
        if walks {
            let walked = self
                .git
                .reading("looking for commits in branches")
                .args(["rev-list", "--stdin"])
                .stdin(lines)
                .text()
                .await?;
            let walked = walked.lines().map(ObjectId::new);
            left.extend(walked.filter(|commit| asked.contains(commit)));
        }
        Ok(left)
    }

    /// Those of these commits that are in this repository.
    async fn here(
        &self,
        commits: impl Iterator<Item = &ObjectId>,
    ) -> Result<BTreeSet<ObjectId>, PortError> {
        self.present(commits.map(ObjectId::to_string), "commit")
            .await
    }

    /// The trees of these commits, where they are here.
    ///
    /// # Errors
    /// [`PortError`] when git cannot be started.
    pub async fn trees_of(
        &self,
        commits: impl Iterator<Item = &ObjectId>,
    ) -> Result<BTreeSet<ObjectId>, PortError> {
        let trees = commits.map(|commit| format!("{commit}^{{tree}}"));
        self.present(trees, "tree").await
    }

    /// The objects of that kind which these expressions name; nothing is fetched for it.
    async fn present(
        &self,
        expressions: impl Iterator<Item = String>,
        kind: &str,
    ) -> Result<BTreeSet<ObjectId>, PortError> {
        let mut lines = expressions.collect::<Vec<_>>().join("\n");
        lines.push('\n');
        let listed = self
            .git
            .reading("looking for objects")
            .env("GIT_NO_LAZY_FETCH", "1")
            .args(["cat-file", "--batch-check=%(objectname) %(objecttype)"])
            .stdin(lines)
            .text()
            .await?;
        let lines = listed.lines().filter_map(|line| line.split_once(' '));
        Ok(lines
            .filter(|(_, found)| *found == kind)
            .map(|(id, _)| ObjectId::new(id))
            .collect())
    }

    /// The branches that are checked out, and where.
    ///
    /// # Errors
    /// [`PortError`] when git cannot list the worktrees.
    pub async fn checked_out(&self) -> Result<BTreeMap<String, PathBuf>, PortError> {
        let listed = self
            .git
            .reading("listing worktrees")
            .args(["worktree", "list", "--porcelain", "-z"])
            .bytes()
            .await?;
        let mut at = PathBuf::new();
        let mut found = BTreeMap::new();
        for record in records(&listed) {
            if let Some(place) = record.strip_prefix(b"worktree ") {
                at = path(place);
            } else if let Some(branch) = record.strip_prefix(b"branch ") {
                found.insert(String::from_utf8_lossy(branch).into_owned(), at.clone());
            }
        }
        Ok(found)
    }
}
