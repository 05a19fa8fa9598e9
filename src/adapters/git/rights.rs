//! Whether the run's branches can be made: no name stands in their way, and the remote lets a push in.

use std::collections::BTreeMap;

use crate::adapters::git::base::BaseFound;
use crate::adapters::git::branches::{QUESTION, RemoteChoice};
use crate::adapters::git::git::{failure, said};
use crate::adapters::git::ground::{GroundError, Place};
use crate::model::id::ObjectId;

impl Place {
    /// Checks that the run's branches can be made: no branch there stands in their way, and a push would be let in.
    ///
    /// # Errors
    /// [`GroundError::Blocked`], [`GroundError::BadBranchName`], [`GroundError::NoRight`].
    pub async fn may_push(
        &self,
        remote: &RemoteChoice,
        found: &BaseFound,
        branches: &[String],
    ) -> Result<(), GroundError> {
        let Some(first) = branches.first() else {
            return Ok(());
        };
        let well_formed = self
            .git
            .reading("checking a branch's name")
            .args(["check-ref-format", &format!("refs/heads/{first}")])
            .output()
            .await?;
        if !well_formed.status.success() || first.starts_with('-') {
            return Err(GroundError::BadBranchName(first.clone()));
        }
        if let Some((existing, wanted)) = blocked(&found.heads, branches) {
            return Err(GroundError::Blocked {
                existing,
                wanted,
                remote: remote.name().map(str::to_owned),
            });
        }
        let RemoteChoice::Named(name) = remote else {
            return Ok(());
        };
        let doing = format!("asking {name} for the right to push");
        // The hook of a push may upload (LFS does): a trial must not run it.
        let output = self
            .git
            .call(&doing)
            .args(["push", "--dry-run", "--no-verify", "--porcelain"])
            .arg(name)
            .arg(format!("+{}:refs/heads/{first}", found.base.commit))
            .timeout(QUESTION)
            .output()
            .await?;
        if output.status.success() {
            return Ok(());
        }
        Err(GroundError::NoRight {
            remote: name.clone(),
            words: said(failure(doing, &output)),
        })
    }
}

/// The first wanted branch that a branch there blocks: git keeps `x` and `x/y` in one place.
fn blocked(heads: &BTreeMap<String, ObjectId>, wanted: &[String]) -> Option<(String, String)> {
    for branch in wanted {
        let above = branch
            .match_indices('/')
            .map(|(slash, _)| &branch[..slash])
            .find(|above| heads.contains_key(*above));
        let folder = format!("{branch}/");
        let below = || {
            heads
                .range(folder.clone()..)
                .next()
                .map(|(name, _)| name.as_str())
                .filter(|name| name.starts_with(&folder))
        };
        if let Some(existing) = above.or_else(below) {
            return Some((existing.to_owned(), branch.clone()));
        }
    }
    None
}

#[cfg(test)]
mod tests {
    use super::blocked;
    use crate::model::id::ObjectId;

    #[test]
    fn a_branch_blocks_those_below_and_above_it() {
        let heads = |names: &[&str]| {
            names
                .iter()
                .map(|name| ((*name).to_owned(), ObjectId::new("11")))
                .collect()
        };
        let wanted = ["batch/change-0a1b/unit".to_owned()];
        for existing in ["batch", "batch/change-0a1b", "batch/change-0a1b/unit/x"] {
            assert_eq!(
                blocked(&heads(&["main", existing]), &wanted),
                Some((existing.to_owned(), wanted[0].clone())),
                "{existing}"
            );
        }
        for harmless in [
            "batch-x",
            "batch/change",
            "batch/change-0a1b/unit",
            "batch/change-0a1b/unit-2",
        ] {
            assert_eq!(blocked(&heads(&[harmless]), &wanted), None, "{harmless}");
        }
    }
}
