//! [`Place`]: the repository that the program was started in, and what is true of it before anything is done.
//!
//! It only reads. `base.rs` finds what the work starts from; the commands call both before research.

use std::path::{Path, PathBuf};

use crate::adapters::git::git::{Git, VersionError, failure, line, path, records, said};
use crate::engine::ports::PortError;
use crate::model::id::ObjectId;
use crate::model::named::named;

/// A checkout and the repository behind it.
#[derive(Debug, Clone)]
pub struct Place {
    /// The top of the checkout.
    pub root: PathBuf,
    /// What all worktrees of the repository share: refs, objects, configuration.
    pub common_dir: PathBuf,
    /// This checkout's own part of it: HEAD, index.
    pub git_dir: PathBuf,
    /// What is checked out.
    pub head: Head,
    /// What a plan's notes may have to mention.
    pub facts: Facts,
    pub(super) git: Git,
}

/// What is checked out.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Head {
    /// A branch.
    Branch {
        /// Its name, without `refs/heads/`.
        name: String,
        /// Its commit.
        commit: ObjectId,
    },
    /// A commit on no branch.
    Detached {
        /// The commit.
        commit: ObjectId,
    },
    /// A branch that has no commit yet.
    Unborn {
        /// Its name.
        name: String,
    },
}

impl Head {
    /// The commit, if there is one.
    #[must_use]
    pub fn commit(&self) -> Option<&ObjectId> {
        match self {
            Self::Branch { commit, .. } | Self::Detached { commit } => Some(commit),
            Self::Unborn { .. } => None,
        }
    }
}

/// Properties of a repository that change how it behaves.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[expect(
    clippy::struct_excessive_bools,
    reason = "independent facts, each told for itself"
)]
pub struct Facts {
    /// How many paths of the checkout are changed or untracked.
    pub dirty: usize,
    /// History is cut off.
    pub shallow: bool,
    /// Objects are fetched when they are needed.
    pub partial: bool,
    /// Only a part is checked out.
    pub sparse: bool,
    /// There are submodules; worktrees get empty folders for them.
    pub submodules: bool,
    /// Files are kept by git LFS.
    pub lfs: bool,
}

/// Why the work cannot begin.
#[derive(Debug, Clone, thiserror::Error)]
pub enum GroundError {
    /// The folder to start in is none.
    #[error("{}: {}", .0.display(), if .0.exists() { "not a folder" } else { "no such folder" })]
    NoFolder(PathBuf),
    /// No git, or an old one.
    #[error(transparent)]
    Version(#[from] VersionError),
    /// No repository here or further up.
    #[error("{}: not in a git repository", .0.display())]
    NotARepository(PathBuf),
    /// There is one, and git refuses to use it, as it does when it belongs to someone else.
    #[error("git refuses this repository: {words}")]
    Refused {
        /// What git said.
        words: String,
    },
    /// A repository without a checkout.
    #[error("{}: a bare repository, which has no checkout", .0.display())]
    Bare(PathBuf),
    /// The folder is git's own.
    #[error("{}: inside the repository's own folder, not in its checkout", .0.display())]
    InsideGitFolder(PathBuf),
    /// There is nothing to start from.
    #[error("the repository has no commit yet")]
    NoCommits,
    /// There are commits, and none on what is checked out.
    #[error("branch {0} has no commit yet")]
    Unborn(String),
    /// The remote that was named is none.
    #[error("no remote `{name}`: there is {}", list(known, "none"))]
    NoSuchRemote {
        /// What was named.
        name: String,
        /// What there is.
        known: Vec<String>,
    },
    /// Several remotes, none of them `origin`.
    #[error("there are several remotes and none is called origin: {}", known.join(", "))]
    SeveralRemotes {
        /// What there is.
        known: Vec<String>,
    },
    /// The remote cannot be asked.
    #[error("remote {remote} cannot be read: {words}")]
    Unreachable {
        /// The remote.
        remote: String,
        /// What git said.
        words: String,
    },
    /// The remote has no branch at all.
    #[error("remote {0} is empty: it has no branch to start from")]
    EmptyRemote(String),
    /// The remote's HEAD names no branch that exists.
    #[error(
        "remote {remote} has no default branch: its HEAD names none of {}",
        list(known, "its branches")
    )]
    NoDefaultBranch {
        /// The remote.
        remote: String,
        /// Its branches.
        known: Vec<String>,
    },
    /// The branch that was named is not there.
    #[error("no branch `{name}` {}: there is {}", place(remote.as_ref()), list(known, "none"))]
    NoSuchBase {
        /// What was named.
        name: String,
        /// Where it was looked for; none for this repository.
        remote: Option<String>,
        /// The branches that there are.
        known: Vec<String>,
    },
    /// Nothing says which branch the work is for.
    #[error("HEAD is detached and there is no remote, so nothing says which branch is the base")]
    DetachedWithoutRemote,
    /// The commit that a plan names cannot be had.
    #[error("commit {} is neither here nor on branch {branch} {}", commit.short(), place(remote.as_ref()))]
    CommitMissing {
        /// The commit.
        commit: ObjectId,
        /// The branch that should hold it.
        branch: String,
        /// Where the branch is; none for this repository.
        remote: Option<String>,
    },
    /// A branch of the run cannot be made because of one that is there.
    #[error("branch `{existing}` {} blocks `{wanted}`", place(remote.as_ref()))]
    Blocked {
        /// The branch that is there.
        existing: String,
        /// The branch that is wanted.
        wanted: String,
        /// Where; none for this repository.
        remote: Option<String>,
    },
    /// A name that git does not take for a branch.
    #[error("`{0}` cannot be a branch's name")]
    BadBranchName(String),
    /// The remote would not take a push.
    #[error("no right to push to {remote}: {words}")]
    NoRight {
        /// The remote.
        remote: String,
        /// What it said.
        words: String,
    },
    /// Commits would have no author.
    #[error("git does not know who commits here: {words}")]
    NoIdentity {
        /// What git said.
        words: String,
    },
    /// Git failed where it should not.
    #[error(transparent)]
    Git(#[from] PortError),
}

/// How many names an error lists.
const LISTED: usize = 8;

fn list(names: &[String], none: &str) -> String {
    if names.is_empty() {
        return none.to_owned();
    }
    named(names, LISTED)
}

fn place(remote: Option<&String>) -> String {
    match remote {
        Some(remote) => format!("on {remote}"),
        None => "in this repository".to_owned(),
    }
}

impl Place {
    /// Looks at the repository that `start` is in: a sub-folder, a linked worktree or a hook's folder will do.
    ///
    /// # Errors
    /// [`GroundError`] when there is none that work can start in.
    pub async fn find(git: &Git, start: &Path) -> Result<Self, GroundError> {
        if !start.is_dir() {
            return Err(GroundError::NoFolder(start.to_owned()));
        }
        let mut git = git.at(start);
        git.require_version().await?;
        refuse_where_there_is_no_checkout(&git, start).await?;
        let (root, common_dir, git_dir) = tokio::try_join!(
            named_folder(&git, "--show-toplevel"),
            named_folder(&git, "--git-common-dir"),
            named_folder(&git, "--git-dir"),
        )?;
        git = git.at(&root);
        git.learn_ssh().await?;
        git.learn_helpers().await?;
        let (head, facts) = tokio::try_join!(head(&git), facts(&git))?;
        Ok(Self {
            root,
            common_dir,
            git_dir,
            head,
            facts,
            git,
        })
    }

    /// Checks that a commit can be made: with nobody's name and address git refuses each of them.
    ///
    /// # Errors
    /// [`GroundError::NoIdentity`].
    pub async fn knows_committer(&self) -> Result<(), GroundError> {
        match why_nobody_commits(&self.git).await? {
            None => Ok(()),
            Some(words) => Err(GroundError::NoIdentity { words }),
        }
    }

    /// The pager that git is told to use here by its configuration.
    pub async fn configured_pager(&self) -> Option<String> {
        let call = self.git.reading("asking for the pager");
        let call = call.args(["config", "--get", "core.pager"]);
        Some(call.text().await.ok()?.trim().to_owned())
    }

    /// The git executable, run at the top of the checkout.
    #[must_use]
    pub fn git(&self) -> &Git {
        &self.git
    }
}

/// Why git does not know who commits, in its words; none when it does.
pub(super) async fn why_nobody_commits(git: &Git) -> Result<Option<String>, PortError> {
    let doing = "asking git who commits";
    for who in ["GIT_AUTHOR_IDENT", "GIT_COMMITTER_IDENT"] {
        let output = git.reading(doing).args(["var", who]).output().await?;
        if !output.status.success() {
            let words = said(failure(doing, &output));
            // Above it stands git's own advice, several lines of it.
            return Ok(Some(words.lines().last().unwrap_or_default().to_owned()));
        }
    }
    Ok(None)
}

async fn refuse_where_there_is_no_checkout(git: &Git, start: &Path) -> Result<(), GroundError> {
    let doing = "looking for the repository";
    let output = git
        .reading(doing)
        .args(["rev-parse", "--is-inside-work-tree", "--is-bare-repository"])
        .output()
        .await?;
    if !output.status.success() {
        // The exit code is the same for both; what lies on the disk tells them apart.
        if start
            .ancestors()
            .all(|folder| !folder.join(".git").exists())
        {
            return Err(GroundError::NotARepository(start.to_owned()));
        }
        return Err(GroundError::Refused {
            words: said(failure(doing, &output)),
        });
    }
    let text = line(&output.stdout);
    match text.split_once('\n') {
        Some(("true", _)) => Ok(()),
        Some((_, "true")) => Err(GroundError::Bare(start.to_owned())),
        _ => Err(GroundError::InsideGitFolder(start.to_owned())),
    }
}

async fn named_folder(git: &Git, which: &str) -> Result<PathBuf, PortError> {
    let printed = git
        .reading("finding the repository's folders")
        .args(["rev-parse", "--path-format=absolute", which])
        .bytes()
        .await?;
    Ok(path(&printed))
}

async fn head(git: &Git) -> Result<Head, PortError> {
    let doing = "reading HEAD";
    let (branch, commit) = tokio::try_join!(
        git.reading(doing)
            .args(["symbolic-ref", "--quiet", "HEAD"])
            .output(),
        git.reading(doing)
            .args(["rev-parse", "--verify", "--quiet", "HEAD^{commit}"])
            .output(),
    )?;
    let full = line(&branch.stdout);
    let name = full.strip_prefix("refs/heads/").unwrap_or(&full).to_owned();
    let commit = commit
        .status
        .success()
        .then(|| ObjectId::new(line(&commit.stdout)));
    Ok(match (branch.status.success(), commit) {
        (true, Some(commit)) => Head::Branch { name, commit },
        (false, Some(commit)) => Head::Detached { commit },
        (_, None) => Head::Unborn { name },
    })
}

async fn facts(git: &Git) -> Result<Facts, PortError> {
    let doing = "looking at the checkout";
    let says = |args: &'static [&'static str]| git.reading(doing).args(args).output();
    let (status, shallow, partial, sparse, modules, lfs) = tokio::try_join!(
        // Where a filter of the user's fails, so does this; it is only a remark.
        says(&[
            "status",
            "--porcelain=v1",
            "-z",
            "--no-renames",
            "--untracked-files=normal",
        ]),
        says(&["rev-parse", "--is-shallow-repository"]),
        says(&[
            "config",
            "--get-regexp",
            r"^(extensions\.partialclone|remote\..*\.promisor)$",
        ]),
        says(&["config", "--type=bool", "--get", "core.sparseCheckout"]),
        says(&["ls-files", "-z", "--", ".gitmodules"]),
        says(&[
            "grep",
            "--quiet",
            "--no-color",
            "-F",
            "-e",
            "filter=lfs",
            "--",
            ":(glob)**/.gitattributes",
        ]),
    )?;
    Ok(Facts {
        dirty: records(&status.stdout).count(),
        shallow: line(&shallow.stdout) == "true",
        partial: partial.status.success(),
        sparse: line(&sparse.stdout) == "true",
        submodules: !modules.stdout.is_empty(),
        lfs: lfs.status.success(),
    })
}
