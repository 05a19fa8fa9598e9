//! Whether the run's branches can be made: no name stands in their way, and the remote lets a push in.

use std::collections::BTreeMap;

use crate::adapters::git::base::BaseFound;
use crate::adapters::git::branches::{QUESTION, RemoteChoice};
use crate::adapters::git::git::{Call, Git, failure, said};
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
        let call = self.git.call("asking for the right to push");
        let place = remote.name().map(|name| (name, name));
        may_push(
            &self.git,
            call,
            place,
            &found.base.commit,
            &found.heads,
            branches,
        )
        .await
    }
}

/// Checks the branches against the heads that are there, and tries a push of the base's commit to the first of them by
/// this call; `place` is the remote's name for git, and for people.
pub(super) async fn may_push(
    git: &Git,
    call: Call<'_>,
    place: Option<(&str, &str)>,
    base: &ObjectId,
    heads: &BTreeMap<String, ObjectId>,
    branches: &[String],
) -> Result<(), GroundError> {
    let Some(first) = branches.first() else {
        return Ok(());
    };
    let well_formed = git
        .reading("checking a branch's name")
        .args(["check-ref-format", &format!("refs/heads/{first}")])
        .output()
        .await?;
    if !well_formed.status.success() || first.starts_with('-') {
        return Err(GroundError::BadBranchName(first.clone()));
    }
    if let Some((existing, wanted)) = blocked(heads, branches) {
        return Err(GroundError::Blocked {
            existing,
            wanted,
            remote: place.map(|(_, people)| people.to_owned()),
        });
    }
    let Some((remote, people)) = place else {
        return Ok(());
    };
    // The hook of a push may upload (LFS does): a trial must not run it.
    let output = call
        .for_the_remote()
        .args(["push", "--dry-run", "--no-verify", "--porcelain"])
        .arg(remote)
        .arg(format!("+{base}:refs/heads/{first}"))
        .timeout(QUESTION)
        .output()
        .await?;
    if output.status.success() {
        return Ok(());
    }
    Err(GroundError::NoRight {
        remote: people.to_owned(),
        words: said(failure("asking for the right to push", &output)),
    })
}

/// The first wanted branch that a branch there blocks: git keeps `x` and `x/y` in one place.
pub(super) fn blocked(
    heads: &BTreeMap<String, ObjectId>,
    wanted: &[String],
) -> Option<(String, String)> {
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
