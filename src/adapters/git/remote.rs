//! [`Deliveries`]: puts branches on the remote, or into this repository where it has none.
//!
//! A push names commit and branch in full and what the branch must be at before, and leaves no trace in the user's
//! repository: no tracking ref, no setting. Hooks run: LFS uploads there.

use std::collections::BTreeMap;
use std::ffi::{OsStr, OsString};
use std::os::unix::ffi::OsStrExt;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use async_trait::async_trait;

use crate::adapters::git::address::{RemoteKind, moved_to};
use crate::adapters::git::branches::{QUESTION, RemoteChoice};
use crate::adapters::git::git::{Call, Git, failure, records, said};
use crate::adapters::git::ground::{GroundError, Place};
use crate::adapters::git::rights::may_push;
use crate::adapters::git::seal::Seal;
use crate::adapters::git::worktree::admin_folder;
use crate::adapters::process::Output;
use crate::engine::ports::{PortError, Remote, Stop, Watch};
use crate::model::id::ObjectId;
use crate::model::site::Site;

/// Branches, and the commits that they are at.
pub type Heads = BTreeMap<String, ObjectId>;

/// Settings of a remote that are not for a push of one branch.
const LEFT_OUT: [&str; 5] = ["fetch", "push", "mirror", "promisor", "partialclonefilter"];

/// Where the branches of a run go.
#[derive(Debug, Clone)]
pub struct Deliveries {
    git: Git,
    common_dir: PathBuf,
    choice: RemoteChoice,
    fork: Option<Site>,
    seal: Option<Arc<Seal>>,
}

impl Deliveries {
    /// To that remote of the place's repository.
    #[must_use]
    pub fn new(place: &Place, choice: RemoteChoice) -> Self {
        Self {
            git: place.git().clone().stopping_at(Stop::default()),
            common_dir: place.common_dir.clone(),
            choice,
            fork: None,
            seal: None,
        }
    }

    /// To this repository on the remote's server instead of the remote's own, reached in the same way.
    #[must_use]
    pub fn to_fork(mut self, fork: Site) -> Self {
        self.fork = Some(fork);
        self
    }

    /// Pushes only as long as the seal holds.
    #[must_use]
    pub fn sealed(mut self, seal: Arc<Seal>) -> Self {
        self.seal = Some(seal);
        self
    }

    /// Git in the worktree to deliver from, or in the checkout: that is where hooks run.
    fn git_in(&self, from: Option<&Path>) -> Result<Git, PortError> {
        let Some(from) = from else {
            return Ok(self.git.clone());
        };
        admin_folder(from, &self.common_dir)
            .map_err(|words| PortError::failed("using the worktree", words))?;
        Ok(self.git.in_worktree(from))
    }

    /// Has a branch be at `source`: a commit, or nothing, which removes it.
    async fn push_to(
        &self,
        remote: &str,
        source: &str,
        branch: &str,
        expected: Option<&ObjectId>,
        from: Option<&Path>,
        watch: &Watch,
    ) -> Result<(), PortError> {
        let doing = format!("pushing {branch}");
        let expected = expected.map_or("", ObjectId::as_str);
        let settings = self.settings_for_a_push(remote, from.is_some()).await?;
        let git = self.git_in(from)?;
        let double = double(remote);
        let call = with_double(git.call(&doing), &double, settings);
        let output = call
            .for_the_remote()
            .args(["push", "--porcelain"])
            .arg(format!("--force-with-lease=refs/heads/{branch}:{expected}"))
            .args(["--", &double])
            .arg(format!("{source}:refs/heads/{branch}"))
            .logged_output(watch)
            .await?;
        if output.status.success() {
            Ok(())
        } else {
            Err(refused(doing, &output))
        }
    }

    /// The settings of the remote's double for a push: to the fork where there is one, and from a worktree to a relative
    /// path as well.
    async fn settings_for_a_push(
        &self,
        remote: &str,
        from_worktree: bool,
    ) -> Result<Vec<(String, OsString)>, PortError> {
        let mut settings = self.settings_of(remote).await?;
        let addresses = self.pushed_to(remote).await?;
        let relative = from_worktree && addresses.iter().any(|address| is_relative(address));
        if relative || self.fork.is_some() {
            settings.retain(|(name, _)| name != "pushurl");
            settings.extend(addresses.into_iter().map(|address| {
                // Git would look for it from the worktree.
                let address = if from_worktree && is_relative(&address) {
                    self.git.dir().join(address).into_os_string()
                } else {
                    address
                };
                ("pushurl".to_owned(), address)
            }));
        }
        Ok(settings)
    }

    /// Where a push goes: to the remote's addresses for that, or to those of the fork beside them.
    async fn pushed_to(&self, remote: &str) -> Result<Vec<OsString>, PortError> {
        let addresses = self.addresses(remote, &["--push", "--all"]).await?;
        let Some(fork) = &self.fork else {
            return Ok(addresses);
        };
        let mut moved: Vec<OsString> = Vec::new();
        for address in addresses {
            let beside = address.to_str().and_then(|address| moved_to(address, fork));
            let beside = beside.ok_or_else(|| {
                let doing = format!("finding the fork {}", fork.slug());
                PortError::failed(doing, format!("remote {remote} is on no server"))
            })?;
            let beside = OsString::from(beside);
            if !moved.contains(&beside) {
                moved.push(beside);
            }
        }
        Ok(moved)
    }

    /// The remote's settings without its mapping to tracking refs. A push to a double of the remote that has these, and
    /// is known to that one process, leaves no tracking ref here. (They go by the environment: an address may hold a
    /// token, which other users could read on a command line.)
    async fn settings_of(&self, remote: &str) -> Result<Vec<(String, OsString)>, PortError> {
        let listed = self
            .git
            .reading(format!("reading the settings of remote {remote}"))
            .args(["config", "--list", "-z"])
            .bytes()
            .await?;
        let prefix = format!("remote.{remote}.");
        let settings = records(&listed).filter_map(|record| {
            let (name, value) = match record.iter().position(|&byte| byte == b'\n') {
                Some(end) => (&record[..end], &record[end + 1..]),
                None => (record, &b"true"[..]),
            };
            let name = std::str::from_utf8(name).ok()?.strip_prefix(&prefix)?;
            // A name with a dot is another remote's, whose name begins with this one's.
            let is_wanted = !name.contains('.') && !LEFT_OUT.contains(&name);
            is_wanted.then(|| (name.to_owned(), OsStr::from_bytes(value).to_owned()))
        });
        Ok(settings.collect())
    }

    /// The remote's addresses, as the user's `insteadOf` settings turn them.
    async fn addresses(&self, remote: &str, which: &[&str]) -> Result<Vec<OsString>, PortError> {
        let listed = self
            .git
            .reading(format!("reading the addresses of remote {remote}"))
            .args(["remote", "get-url"])
            .args(which)
            .args(["--", remote])
            .bytes()
            .await?;
        Ok(listed
            .split(|&byte| byte == b'\n')
            .filter(|line| !line.is_empty())
            .map(|line| OsStr::from_bytes(line).to_owned())
            .collect())
    }

    /// Sets a branch of this repository; git refuses when it is not where it should be.
    async fn set_here(
        &self,
        commit: &ObjectId,
        branch: &str,
        expected: Option<&ObjectId>,
        from: Option<&Path>,
        watch: &Watch,
    ) -> Result<(), PortError> {
        let git = self.git_in(from)?;
        if self.head_here(branch).await?.as_ref() == Some(commit) {
            return Ok(());
        }
        let nothing = "0".repeat(commit.as_str().len());
        git.call(format!("setting branch {branch}"))
            .args(["update-ref", "--no-deref", "-m", "batch: deliver"])
            .arg(format!("refs/heads/{branch}"))
            .arg(commit.as_str())
            .arg(expected.map_or(nothing.as_str(), ObjectId::as_str))
            .logged(watch)
            .await
            .map(drop)
    }

    async fn head_here(&self, branch: &str) -> Result<Option<ObjectId>, PortError> {
        Ok(self.heads_here(branch).await?.remove(branch))
    }

    /// Branches of this repository: the one of that name, and those below it.
    async fn heads_here(&self, below: &str) -> Result<Heads, PortError> {
        let listed = self
            .git
            .reading(format!("reading branch {below}"))
            .args(["for-each-ref", "--format=%(objectname)%09%(refname)"])
            .arg(format!("refs/heads/{below}"))
            .text()
            .await?;
        Ok(listed_heads(&listed))
    }

    async fn head_at(&self, remote: &str, branch: &str) -> Result<Option<ObjectId>, PortError> {
        Ok(self.heads_at(remote, branch).await?.remove(branch))
    }

    /// Asks where a push goes, which need not be where a fetch comes from.
    async fn heads_at(&self, remote: &str, pattern: &str) -> Result<Heads, PortError> {
        let doing = format!("asking {remote} for branch {pattern}");
        let pushed_to = self.pushed_to(remote).await?;
        // A remote may have an address for pushes only.
        let fetched_from = self.addresses(remote, &[]).await.unwrap_or_default();
        if pushed_to == fetched_from {
            let call = self.git.reading(doing);
            return listed_there(call, remote, pattern).await;
        }
        let mut settings = self.settings_of(remote).await?;
        settings.retain(|(name, _)| name != "url" && name != "pushurl");
        let double = double(remote);
        let mut found: Option<Heads> = None;
        for address in pushed_to {
            let mut settings = settings.clone();
            settings.push(("url".to_owned(), address));
            let call = with_double(self.git.reading(&doing), &double, settings);
            let here = listed_there(call, &double, pattern).await?;
            match &found {
                Some(there) => {
                    let branches = there.keys().chain(here.keys());
                    let mut pairs = branches.map(|branch| (there.get(branch), here.get(branch)));
                    if let Some((one, other)) = pairs.find(|(one, other)| one != other) {
                        return Err(PortError::failed(doing, difference(remote, one, other)));
                    }
                }
                None => found = Some(here),
            }
        }
        Ok(found.unwrap_or_default())
    }
}

impl Deliveries {
    /// The commits that all branches are at whose names begin so: with nothing, or with folders and their `/`.
    ///
    /// # Errors
    /// As [`Remote::head`].
    pub async fn heads_below(&self, prefix: &str) -> Result<Heads, PortError> {
        let mut heads = match &self.choice {
            RemoteChoice::Named(remote) => self.heads_at(remote, &format!("{prefix}*")).await?,
            RemoteChoice::Here => self.heads_here(prefix).await?,
        };
        heads.retain(|branch, _| branch.starts_with(prefix));
        Ok(heads)
    }

    /// Removes a branch that is at that commit; one that is gone already is removed.
    ///
    /// # Errors
    /// [`PortError::Failed`] with the remote's words, also when the branch is at another commit: somebody worked on it.
    pub async fn delete(
        &self,
        branch: &str,
        expected: &ObjectId,
        watch: &Watch,
    ) -> Result<(), PortError> {
        match self.head(branch).await? {
            None => return Ok(()),
            Some(head) if head != *expected => {
                let words = format!("it is at {}, not at {}", head.short(), expected.short());
                return Err(PortError::failed(format!("removing {branch}"), words));
            }
            Some(_) => {}
        }
        match &self.choice {
            RemoteChoice::Named(remote) => {
                self.push_to(remote, "", branch, Some(expected), None, watch)
                    .await
            }
            RemoteChoice::Here => self
                .git
                .call(format!("removing {branch}"))
                .args(["update-ref", "--no-deref", "-d"])
                .arg(format!("refs/heads/{branch}"))
                .arg(expected.as_str())
                .logged(watch)
                .await
                .map(drop),
        }
    }

    /// Checks that branches can be made in the fork: none there stands in their way, and a push would be let in.
    ///
    /// # Errors
    /// As [`Place::may_push`].
    pub async fn may_push(&self, base: &ObjectId, branches: &[String]) -> Result<(), GroundError> {
        let (RemoteChoice::Named(remote), Some(fork)) = (&self.choice, &self.fork) else {
            return Ok(());
        };
        let double = double(remote);
        let settings = self.settings_for_a_push(remote, false).await?;
        let mut reading = settings.clone();
        reading.retain(|(name, _)| name != "url" && name != "pushurl");
        let first = self.pushed_to(remote).await?.into_iter().next();
        reading.extend(first.map(|address| ("url".to_owned(), address)));
        let name = fork.slug();
        let doing = format!("reading {name}");
        let listing = with_double(self.git.reading(&doing), &double, reading)
            .for_the_remote()
            .args(["ls-remote", "--", &double, "refs/heads/*"])
            .timeout(QUESTION);
        let output = listing.output().await?;
        if !output.status.success() {
            return Err(GroundError::Unreachable {
                remote: name,
                words: said(failure(doing, &output)),
            });
        }
        let listed = String::from_utf8_lossy(&output.stdout);
        let heads = listed.lines().filter_map(|line| line.split_once('\t'));
        let heads = heads.filter_map(|(id, name)| {
            Some((
                name.strip_prefix("refs/heads/")?.to_owned(),
                ObjectId::new(id),
            ))
        });
        let trial = with_double(self.git.call(format!("asking {name}")), &double, settings);
        may_push(
            &self.git,
            trial,
            Some((&double, &name)),
            base,
            &heads.collect(),
            branches,
        )
        .await
    }
}

#[async_trait]
impl Remote for Deliveries {
    async fn head(&self, branch: &str) -> Result<Option<ObjectId>, PortError> {
        match &self.choice {
            RemoteChoice::Named(remote) => self.head_at(remote, branch).await,
            RemoteChoice::Here => self.head_here(branch).await,
        }
    }

    async fn push(
        &self,
        commit: &ObjectId,
        branch: &str,
        expected: Option<&ObjectId>,
        from: Option<&Path>,
        watch: &Watch,
    ) -> Result<(), PortError> {
        if let Some(seal) = &self.seal {
            seal.holds(&format!("pushing {branch}")).await?;
        }
        match &self.choice {
            RemoteChoice::Named(remote) => {
                self.push_to(remote, commit.as_str(), branch, expected, from, watch)
                    .await
            }
            RemoteChoice::Here => self.set_here(commit, branch, expected, from, watch).await,
        }
    }
}

/// The name that a remote's double has for one process.
fn double(remote: &str) -> String {
    format!("batch-{remote}")
}

/// A call that knows the remote's double by these settings.
fn with_double<'a>(
    mut call: Call<'a>,
    double: &str,
    settings: Vec<(String, OsString)>,
) -> Call<'a> {
    for (number, (name, value)) in settings.into_iter().enumerate() {
        call = call
            .env("GIT_CONFIG_COUNT", (number + 1).to_string())
            .env(
                &format!("GIT_CONFIG_KEY_{number}"),
                format!("remote.{double}.{name}"),
            )
            .env(&format!("GIT_CONFIG_VALUE_{number}"), value);
    }
    call
}

/// Whether git would look for the address from the folder that it runs in.
fn is_relative(address: &OsStr) -> bool {
    let text = address.to_string_lossy();
    RemoteKind::of(&text) == RemoteKind::Path
        && !text.contains("://")
        && !text.starts_with(['/', '~'])
}

async fn listed_there(call: Call<'_>, remote: &str, pattern: &str) -> Result<Heads, PortError> {
    let listed = call
        .for_the_remote()
        .args(["ls-remote", "--", remote])
        .arg(format!("refs/heads/{pattern}"))
        .timeout(QUESTION)
        .text()
        .await?;
    Ok(listed_heads(&listed))
}

/// How two of the places that a push goes to differ. Their addresses may hold tokens, so they are not named.
fn difference(remote: &str, one: Option<&ObjectId>, other: Option<&ObjectId>) -> String {
    let at = |commit: Option<&ObjectId>| match commit {
        Some(commit) => format!("at {}", commit.short()),
        None => "missing".to_owned(),
    };
    format!(
        "it is {} in one of the places that {remote} pushes to, and {} in another",
        at(one),
        at(other)
    )
}

/// Both commands match more than the whole name: the end of it, or a folder of it.
fn listed_heads(text: &str) -> Heads {
    let lines = text.lines().filter_map(|line| line.split_once('\t'));
    let heads = lines.filter_map(|(id, name)| {
        let branch = name.strip_prefix("refs/heads/")?;
        Some((branch.to_owned(), ObjectId::new(id)))
    });
    heads.collect()
}

/// The error of a push in the remote's own words, then the reason that git gives.
fn refused(doing: String, output: &Output) -> PortError {
    let stdout = String::from_utf8_lossy(&output.stdout);
    let stderr = String::from_utf8_lossy(&output.stderr);
    let theirs = stderr
        .lines()
        .filter_map(|line| line.strip_prefix("remote:"))
        .map(str::trim)
        // The reason below says it as well, and without the branch, which differs in every unit.
        .filter(|line| !line.is_empty() && !line.starts_with("error: hook declined to update "));
    // `! TAB from:to TAB [rejected] (reason)`
    let reasons = stdout
        .lines()
        .filter_map(|line| line.strip_prefix("!\t"))
        .filter_map(|line| line.split_once('\t'))
        .map(|(_, reason)| reason);
    let words: Vec<&str> = theirs.chain(reasons).collect();
    if words.is_empty() {
        failure(doing, output)
    } else {
        PortError::failed(doing, words.join("\n"))
    }
}
