//! What the work starts from: the base branch as it is now on the remote, or here where there is none.
//!
//! Nothing here moves a ref, a file or a setting: commits that are missing are fetched into the object store alone.

use std::collections::BTreeMap;

use jiff::Timestamp;

use crate::adapters::git::branches::{Branches, RemoteChoice};
use crate::adapters::git::git::line;
use crate::adapters::git::ground::{GroundError, Head, Place};
use crate::engine::ports::PortError;
use crate::model::id::ObjectId;
use crate::model::plan::Base;

/// The base, and what is to be said of it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct BaseFound {
    /// The branch and its commit, which is in this repository.
    pub base: Base,
    /// When that commit was made.
    pub committed: Timestamp,
    /// How the checkout stands to that commit; none when nothing is checked out.
    pub drift: Option<Drift>,
    /// How many commits the branch has gone on since that commit.
    pub moved: u64,
    /// All branches there, for [`Place::may_push`].
    pub heads: BTreeMap<String, ObjectId>,
}

/// How the checkout stands to the base.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Drift {
    /// What was compared: the branch of the base's name, or `HEAD`.
    pub of: String,
    /// How many commits of the base it lacks.
    pub behind: u64,
    /// How many commits it has that the base lacks.
    pub ahead: u64,
}

impl Place {
    /// Finds the base: the remote's default branch as it is now, or the branch `wanted` there (`origin/x` means `x`).
    /// Its commit is fetched if it is missing, which moves nothing.
    ///
    /// # Errors
    /// [`GroundError`] when there is no such branch, or the remote cannot be read.
    pub async fn base(
        &self,
        remote: &RemoteChoice,
        wanted: Option<&str>,
    ) -> Result<BaseFound, GroundError> {
        // A forced push between the question and the fetch leaves the answer behind: ask again, once.
        let mut tries_left = 1;
        loop {
            let branches = self.branches(remote).await?;
            let branch = self.pick(remote, wanted, &branches)?;
            let commit = branches.heads[&branch].clone();
            if !self.has_commit(&commit).await? {
                if let RemoteChoice::Named(name) = remote {
                    self.fetch(name, &format!("refs/heads/{branch}")).await?;
                }
                if !self.has_commit(&commit).await? {
                    if tries_left == 0 {
                        return Err(missing(commit, branch, remote));
                    }
                    tries_left -= 1;
                    continue;
                }
            }
            let base = Base { branch, commit };
            return self.describe(base, branches.heads, 0).await;
        }
    }

    /// Makes sure that the commit a plan names is here, fetching it if need be, and says how far its branch has moved.
    ///
    /// # Errors
    /// [`GroundError::CommitMissing`], or as [`Place::base`].
    pub async fn ensure_commit(
        &self,
        remote: &RemoteChoice,
        base: &Base,
    ) -> Result<BaseFound, GroundError> {
        let branches = self.branches(remote).await?;
        let branch = self.pick(remote, Some(&base.branch), &branches)?;
        let tip = branches.heads[&branch].clone();
        if let RemoteChoice::Named(name) = remote {
            if !self.has_commit(&base.commit).await? || !self.has_commit(&tip).await? {
                self.fetch(name, &format!("refs/heads/{branch}")).await?;
            }
            if !self.has_commit(&base.commit).await? {
                // Off the branch by now; most servers still give it by its name.
                let _ = self.fetch(name, base.commit.as_str()).await;
            }
        }
        if !self.has_commit(&base.commit).await? {
            return Err(missing(base.commit.clone(), branch, remote));
        }
        let (_, moved) = self.count(&base.commit, &tip).await?;
        let base = Base {
            branch,
            commit: base.commit.clone(),
        };
        self.describe(base, branches.heads, moved).await
    }

    fn pick(
        &self,
        remote: &RemoteChoice,
        wanted: Option<&str>,
        branches: &Branches,
    ) -> Result<String, GroundError> {
        let Some(wanted) = wanted else {
            return match (&branches.default, remote) {
                (Some(branch), _) => Ok(branch.clone()),
                (None, RemoteChoice::Named(name)) if branches.heads.is_empty() => {
                    Err(GroundError::EmptyRemote(name.clone()))
                }
                (None, RemoteChoice::Named(name)) => Err(GroundError::NoDefaultBranch {
                    remote: name.clone(),
                    known: branches.names(),
                }),
                (None, RemoteChoice::Here) => Err(match &self.head {
                    Head::Unborn { .. } if branches.heads.is_empty() => GroundError::NoCommits,
                    Head::Unborn { name } => GroundError::Unborn(name.clone()),
                    Head::Branch { .. } | Head::Detached { .. } => {
                        GroundError::DetachedWithoutRemote
                    }
                }),
            };
        };
        let own = remote.name().map(|name| format!("{name}/"));
        let readings = [
            Some(wanted),
            wanted.strip_prefix("refs/heads/"),
            own.as_deref().and_then(|own| wanted.strip_prefix(own)),
            own.as_deref().and_then(|own| {
                wanted
                    .strip_prefix("refs/remotes/")
                    .and_then(|wanted| wanted.strip_prefix(own))
            }),
        ];
        readings
            .into_iter()
            .flatten()
            .find(|name| branches.heads.contains_key(*name))
            .map(str::to_owned)
            .ok_or_else(|| GroundError::NoSuchBase {
                name: wanted.to_owned(),
                remote: remote.name().map(str::to_owned),
                known: branches.names(),
            })
    }

    async fn describe(
        &self,
        base: Base,
        heads: BTreeMap<String, ObjectId>,
        moved: u64,
    ) -> Result<BaseFound, GroundError> {
        let seconds = self
            .git
            .reading("reading the base's date")
            .args(["log", "-1", "--format=%ct", base.commit.as_str(), "--"])
            .text()
            .await?;
        let committed = seconds
            .parse()
            .ok()
            .and_then(|seconds| Timestamp::from_second(seconds).ok())
            .unwrap_or(Timestamp::UNIX_EPOCH);
        let own = self
            .git
            .reading("reading the branch of the base's name")
            .args(["rev-parse", "--verify", "--quiet"])
            .arg(format!("refs/heads/{}^{{commit}}", base.branch))
            .output()
            .await?;
        let compared = if own.status.success() {
            Some((base.branch.clone(), ObjectId::new(line(&own.stdout))))
        } else {
            self.head
                .commit()
                .map(|commit| ("HEAD".to_owned(), commit.clone()))
        };
        let drift = match compared {
            Some((of, commit)) => {
                let (behind, ahead) = self.count(&base.commit, &commit).await?;
                Some(Drift { of, behind, ahead })
            }
            None => None,
        };
        Ok(BaseFound {
            base,
            committed,
            drift,
            moved,
            heads,
        })
    }

    /// How many commits only `left` has, and how many only `right`.
    async fn count(&self, left: &ObjectId, right: &ObjectId) -> Result<(u64, u64), PortError> {
        let doing = "comparing histories";
        let text = self
            .git
            .reading(doing)
            .args(["rev-list", "--left-right", "--count"])
            .arg(format!("{left}...{right}"))
            .arg("--")
            .text()
            .await?;
        let mut numbers = text.split_ascii_whitespace().map(str::parse);
        match (numbers.next(), numbers.next()) {
            (Some(Ok(left)), Some(Ok(right))) => Ok((left, right)),
            _ => Err(PortError::failed(doing, format!("git printed `{text}`"))),
        }
    }
}

fn missing(commit: ObjectId, branch: String, remote: &RemoteChoice) -> GroundError {
    GroundError::CommitMissing {
        commit,
        branch,
        remote: remote.name().map(str::to_owned),
    }
}
