//! Which remote there is to work with, and which branches it has now.

use std::collections::BTreeMap;
use std::path::PathBuf;
use std::time::Duration;

use crate::adapters::git::address::RemoteKind;
use crate::adapters::git::git::{failure, path, said};
use crate::adapters::git::ground::{GroundError, Head, Place};
use crate::model::id::ObjectId;

/// How long a question to a remote may take.
pub(super) const QUESTION: Duration = Duration::from_secs(120);

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

/// The branches of a remote or of this repository.
pub(super) struct Branches {
    /// The one that HEAD names, if it exists.
    pub(super) default: Option<String>,
    /// All, with their commits.
    pub(super) heads: BTreeMap<String, ObjectId>,
}

impl Branches {
    pub(super) fn names(&self) -> Vec<String> {
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
        match remote {
            RemoteChoice::Here => Ok(RemoteKind::Here),
            RemoteChoice::Named(name) => Ok(RemoteKind::of(&self.push_address(name).await?)),
        }
    }

    /// The repository that pushes to the remote end in, its folder of refs and objects, where it lies on this machine's
    /// disks; none where a server has it.
    ///
    /// # Errors
    /// [`GroundError::Git`] when the remote has no address.
    pub async fn remote_folder(
        &self,
        remote: &RemoteChoice,
    ) -> Result<Option<PathBuf>, GroundError> {
        let RemoteChoice::Named(name) = remote else {
            return Ok(Some(self.common_dir.clone()));
        };
        let address = self.push_address(name).await?;
        if RemoteKind::of(&address) != RemoteKind::Path {
            return Ok(None);
        }
        let folder = self
            .root
            .join(address.strip_prefix("file://").unwrap_or(&address));
        let inner = folder.join(".git");
        Ok(Some(if inner.is_dir() { inner } else { folder }))
    }

    async fn push_address(&self, name: &str) -> Result<String, GroundError> {
        let address = self
            .git
            .reading(format!("reading the address of remote {name}"))
            .args(["remote", "get-url", "--push", "--", name])
            .text()
            .await?;
        Ok(address)
    }

    /// The file of certificate authorities that git is to take for a web address (`http.sslCAInfo`), if any.
    ///
    /// # Errors
    /// [`GroundError::Git`] when git cannot be started.
    pub async fn ca_file(&self, url: &str) -> Result<Option<PathBuf>, GroundError> {
        let output = self
            .git
            .reading("reading http.sslCAInfo")
            .args([
                "config",
                "--type=path",
                "--get-urlmatch",
                "http.sslCAInfo",
                url,
            ])
            .output()
            .await?;
        let file = path(&output.stdout);
        Ok((output.status.success() && !file.as_os_str().is_empty()).then_some(file))
    }

    pub(super) async fn branches(&self, remote: &RemoteChoice) -> Result<Branches, GroundError> {
        match remote {
            RemoteChoice::Named(name) => {
                let doing = format!("reading remote {name}");
                let output = self
                    .git
                    .reading(&doing)
                    .for_the_remote()
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

#[cfg(test)]
mod tests {
    use super::read_ls_remote;

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
}
