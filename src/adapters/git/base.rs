//! What the work starts from and where it goes: the remote, the base branch as it is there now, and the right to push.
//!
//! Nothing here moves a ref, a file or a setting: commits that are missing are fetched into the object store alone.

use std::collections::BTreeMap;
use std::time::Duration;

use jiff::Timestamp;

use crate::adapters::git::address::RemoteKind;
use crate::adapters::git::git::{failure, line};
use crate::adapters::git::ground::{GroundError, Head, Place};
use crate::engine::ports::PortError;
use crate::model::id::ObjectId;
use crate::model::plan::Base;

/// How long a question to a remote may take.
pub(super) const QUESTION: Duration = Duration::from_secs(120);

/// How long a fetch may take.
const FETCH: Duration = Duration::from_secs(3600);

/// Where branches are delivered.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum RemoteChoice {
    /// To the remote of that name.
    Named(String),
    /// To this repository, which has no remote.
    Here,
}

impl RemoteChoice {
    /// The remote's name, if there is a remote.
    #[must_use]
    pub fn name(&self) -> Option<&str> {
        match self {
            Self::Named(name) => Some(name),
            Self::Here => None,
        }
    }
}

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

/// The branches of a remote or of this repository.
struct Branches {
    default: Option<String>,
    heads: BTreeMap<String, ObjectId>,
}

impl Branches {
    fn names(&self) -> Vec<String> {
        self.heads.keys().cloned().collect()
    }
}

impl Place {
    /// Chooses the remote: the named one, else `origin`, else the only one, else none.
    ///
    /// # Errors
    /// [`GroundError::NoSuchRemote`], [`GroundError::SeveralRemotes`].
    pub async fn choose_remote(&self, named: Option<&str>) -> Result<RemoteChoice, GroundError> {
        let listed = self.git.reading("listing remotes").arg("remote");
        let known: Vec<String> = listed.text().await?.lines().map(str::to_owned).collect();
        let wanted = named.unwrap_or("origin");
        if known.iter().any(|name| name == wanted) {
            return Ok(RemoteChoice::Named(wanted.to_owned()));
        }
        match (named, known.as_slice()) {
            (Some(name), _) => Err(GroundError::NoSuchRemote {
                name: name.to_owned(),
                known,
            }),
            (None, []) => Ok(RemoteChoice::Here),
            (None, [only]) => Ok(RemoteChoice::Named(only.clone())),
            (None, _) => Err(GroundError::SeveralRemotes { known }),
        }
    }

    /// Where pushes to the remote go, after the user's `insteadOf` settings.
    ///
    /// # Errors
    /// [`GroundError::Git`] when the remote has no address.
    pub async fn remote_kind(&self, remote: &RemoteChoice) -> Result<RemoteKind, GroundError> {
        let RemoteChoice::Named(name) = remote else {
            return Ok(RemoteKind::Here);
        };
        let address = self
            .git
            .reading(format!("reading the address of remote {name}"))
            .args(["remote", "get-url", "--push", "--", name])
            .text()
            .await?;
        Ok(RemoteKind::of(&address))
    }

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
                (None, RemoteChoice::Here) => Err(match self.head {
                    Head::Unborn { .. } => GroundError::NoCommits,
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

    async fn branches(&self, remote: &RemoteChoice) -> Result<Branches, GroundError> {
        match remote {
            RemoteChoice::Named(name) => {
                let doing = format!("reading remote {name}");
                let output = self
                    .git
                    .reading(&doing)
                    .args(["ls-remote", "--symref", "--", name, "HEAD", "refs/heads/*"])
                    .timeout(QUESTION)
                    .output()
                    .await?;
                if !output.status.success() {
                    return Err(GroundError::Unreachable {
                        remote: name.clone(),
                        words: said(failure(doing, &output)),
                    });
                }
                Ok(read_ls_remote(&String::from_utf8_lossy(&output.stdout)))
            }
            RemoteChoice::Here => {
                let listed = self
                    .git
                    .reading("listing branches")
                    .args(["for-each-ref", "--format=%(objectname)%09%(refname)"])
                    .arg("refs/heads/")
                    .text()
                    .await?;
                let mut branches = read_ls_remote(&listed);
                branches.default = match &self.head {
                    Head::Branch { name, .. } => Some(name.clone()),
                    Head::Detached { .. } | Head::Unborn { .. } => None,
                };
                Ok(branches)
            }
        }
    }

    /// Whether the commit is here, without fetching it in a partial clone where git can be kept from that.
    async fn has_commit(&self, commit: &ObjectId) -> Result<bool, PortError> {
        Ok(self
            .git
            .reading("looking for a commit")
            .env("GIT_NO_LAZY_FETCH", "1")
            .args(["cat-file", "-e", &format!("{commit}^{{commit}}")])
            .output()
            .await?
            .status
            .success())
    }

    /// Fetches objects and nothing else: no ref, no `FETCH_HEAD`, no tag, no setting.
    async fn fetch(&self, remote: &str, what: &str) -> Result<(), GroundError> {
        let doing = format!("fetching {what} from {remote}");
        let output = self
            .git
            .call(&doing)
            .setting("fetch.writeCommitGraph=false")
            .setting(format!("remote.{remote}.followRemoteHEAD=never"))
            .args(["fetch", "--quiet", "--no-tags", "--refmap="])
            .args(["--no-write-fetch-head", "--no-prune", "--no-prune-tags"])
            .args(["--no-recurse-submodules", "--no-auto-maintenance"])
            .args(["--", remote, what])
            .timeout(FETCH)
            .output()
            .await?;
        if output.status.success() {
            return Ok(());
        }
        Err(GroundError::Unreachable {
            remote: remote.to_owned(),
            words: said(failure(doing, &output)),
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

fn said(error: PortError) -> String {
    match error {
        PortError::Failed { words, .. } => words,
        other @ (PortError::TimedOut { .. } | PortError::Stopped) => other.to_string(),
    }
}

/// Reads `ls-remote --symref`. Its patterns match the end of a name, so `HEAD` brings `refs/heads/x/HEAD` too.
fn read_ls_remote(text: &str) -> Branches {
    let mut heads = BTreeMap::new();
    let mut named = None;
    for (value, name) in text.lines().filter_map(|line| line.split_once('\t')) {
        if let Some(target) = value.strip_prefix("ref: ") {
            if name == "HEAD" {
                named = target.strip_prefix("refs/heads/").map(str::to_owned);
            }
        } else if let Some(branch) = name.strip_prefix("refs/heads/") {
            heads.insert(branch.to_owned(), ObjectId::new(value));
        }
    }
    Branches {
        default: named.filter(|branch| heads.contains_key(branch)),
        heads,
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
    use super::{blocked, read_ls_remote};
    use crate::model::id::ObjectId;

    #[test]
    fn the_default_branch_is_the_one_that_head_names() {
        let read = read_ls_remote(
            "ref: refs/heads/trunk\tHEAD\n11\tHEAD\n22\trefs/heads/a/HEAD\n11\trefs/heads/trunk\n",
        );
        assert_eq!(read.default.as_deref(), Some("trunk"));
        assert_eq!(read.names(), ["a/HEAD", "trunk"]);
    }

    #[test]
    fn a_head_that_names_a_missing_branch_is_no_default() {
        assert_eq!(read_ls_remote("11\trefs/heads/other\n").default, None);
        assert_eq!(read_ls_remote("").default, None);
    }

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
