//! [`LocalForge`]: the embedded forge. Pull requests are JSON files below `<git-common-dir>/batch/forge/`, one each,
//! that anybody can read without a server.
//!
//! It records and numbers; branches and merges are git's. Every change is made under a kernel lock, so that several
//! processes can open pull requests at once. Called by the publisher through [`Forge`], and by `batch prs`.

use std::fs::{self, File, OpenOptions};
use std::io;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use async_trait::async_trait;
use serde::{Deserialize, Serialize};

use crate::adapters::atomic;
use crate::adapters::forges::percent::encoded;
use crate::engine::ports::{Clock, Forge, ForgeError};
use crate::model::id::ObjectId;
use crate::model::pull::{NewPull, Pull, PullState};
use crate::model::standing::{Review, Standing, Way};
use crate::model::wishes::Extras;

/// The version of a pull request's file.
const VERSION: u64 = 1;

/// Why the local forge could not do something.
#[derive(Debug, thiserror::Error)]
pub enum LocalForgeError {
    /// The disk.
    #[error("{}: {error}", path.display())]
    Io {
        /// The file or folder.
        path: PathBuf,
        /// What the system said.
        error: io::Error,
    },
    /// A file that is no pull request.
    #[error("{} is damaged: {words}", path.display())]
    Damaged {
        /// The file.
        path: PathBuf,
        /// What is wrong with it.
        words: String,
    },
    /// It was written by a later version of the program.
    #[error("{} has format version {version}, and this program reads up to {VERSION}", path.display())]
    Newer {
        /// The file.
        path: PathBuf,
        /// Its version.
        version: u64,
    },
    /// There is no pull request of that number.
    #[error("there is no pull request #{0}")]
    NoSuchPull(u64),
    /// An open pull request has that branch already.
    #[error("pull request #{number} is open for branch {head}")]
    AlreadyOpen {
        /// Its number.
        number: u64,
        /// The branch.
        head: String,
    },
    /// It is merged or closed already.
    #[error("pull request #{number} is {state}")]
    NotOpen {
        /// Its number.
        number: u64,
        /// Where it stands.
        state: PullState,
    },
}

/// The forge of a repository that has no other.
#[derive(Clone)]
pub struct LocalForge {
    folder: Arc<Path>,
    clock: Arc<dyn Clock>,
}

/// What is asked of a pull request's file before it is read as one.
#[derive(Deserialize)]
struct Head {
    version: u64,
}

/// A pull request as its file holds it.
#[derive(Serialize, Deserialize)]
struct Stored {
    version: u64,
    #[serde(flatten)]
    pull: Pull,
}

impl LocalForge {
    /// The forge of the repository with this common directory. Nothing is made before the first pull request.
    #[must_use]
    pub fn new(common_dir: &Path, clock: Arc<dyn Clock>) -> Self {
        // A relative path would make urls that name nothing.
        let common_dir = std::path::absolute(common_dir).unwrap_or_else(|_| common_dir.to_owned());
        Self {
            folder: common_dir.join("batch/forge").into(),
            clock,
        }
    }

    /// All pull requests, by number.
    ///
    /// # Errors
    /// [`LocalForgeError`] naming the first file that cannot be read.
    pub async fn list(&self) -> Result<Vec<Pull>, LocalForgeError> {
        self.blocking(Self::read_all).await
    }

    /// The pull request of that number.
    ///
    /// # Errors
    /// [`LocalForgeError::NoSuchPull`], or what is wrong with its file.
    pub async fn pull(&self, number: u64) -> Result<Pull, LocalForgeError> {
        self.blocking(move |forge| forge.read(number)).await
    }

    async fn all(&self) -> Result<Vec<Pull>, ForgeError> {
        self.list()
            .await
            .map_err(|error| ForgeError::refused("reading the pull requests", error))
    }

    /// Closes an open pull request.
    ///
    /// # Errors
    /// [`LocalForgeError::NoSuchPull`], or [`LocalForgeError::NotOpen`] when it is merged or closed already.
    pub async fn close(&self, number: u64) -> Result<Pull, LocalForgeError> {
        self.change(number, |pull| pull.state = PullState::Closed)
            .await
    }

    /// Says that an open pull request is merged, and by which commit unless it was merged elsewhere. Those that were
    /// opened against its branch go to the branch that it was merged into from now on.
    ///
    /// # Errors
    /// As [`LocalForge::close`].
    pub async fn record_merge(
        &self,
        number: u64,
        merge_commit: Option<ObjectId>,
    ) -> Result<Pull, LocalForgeError> {
        let merged = self
            .change(number, move |pull| {
                pull.state = PullState::Merged;
                pull.merge_commit = merge_commit;
            })
            .await?;
        for above in self.list().await? {
            if above.state == PullState::Open && above.base == merged.head {
                self.retarget(above.number, merged.base.clone()).await?;
            }
        }
        Ok(merged)
    }

    /// Says that an open pull request is to be merged into another branch.
    ///
    /// # Errors
    /// As [`LocalForge::close`].
    pub async fn retarget(&self, number: u64, base: String) -> Result<Pull, LocalForgeError> {
        self.change(number, move |pull| pull.base = base).await
    }

    /// Changes an open pull request under the lock.
    async fn change(
        &self,
        number: u64,
        edit: impl FnOnce(&mut Pull) + Send + 'static,
    ) -> Result<Pull, LocalForgeError> {
        self.blocking(move |forge| {
            let _lock = forge.lock()?;
            let mut pull = forge.read(number)?;
            if pull.state != PullState::Open {
                return Err(LocalForgeError::NotOpen {
                    number,
                    state: pull.state,
                });
            }
            edit(&mut pull);
            forge.write(&pull, atomic::replace)?;
            Ok(pull)
        })
        .await
    }

    /// Runs what waits for the disk or the lock where waiting harms nobody.
    async fn blocking<T: Send + 'static>(
        &self,
        work: impl FnOnce(&Self) -> Result<T, LocalForgeError> + Send + 'static,
    ) -> Result<T, LocalForgeError> {
        let forge = self.clone();
        match tokio::task::spawn_blocking(move || work(&forge)).await {
            Ok(result) => result,
            Err(error) => Err(LocalForgeError::Io {
                path: self.folder.to_path_buf(),
                error: io::Error::other(error),
            }),
        }
    }

    fn create(&self, new: &NewPull) -> Result<Pull, LocalForgeError> {
        let _lock = self.lock()?;
        let pulls = self.read_all()?;
        let same = |pull: &&Pull| pull.head == new.head && pull.state == PullState::Open;
        if let Some(open) = pulls.iter().find(same) {
            return Err(LocalForgeError::AlreadyOpen {
                number: open.number,
                head: new.head.clone(),
            });
        }
        let number = pulls.last().map_or(1, |last| last.number + 1);
        let pull = Pull {
            number,
            mark: Some(new.mark.clone()),
            title: new.title.clone(),
            body: new.body.clone(),
            state: PullState::Open,
            draft: new.draft,
            head: new.head.clone(),
            head_commit: new.head_commit.clone(),
            base: new.base.clone(),
            labels: new.extras.labels.clone(),
            created: self.clock.now(),
            merge_commit: None,
            url: Some(file_url(&self.file(number))),
        };
        self.write(&pull, atomic::create)?;
        Ok(pull)
    }

    fn pulls_folder(&self) -> PathBuf {
        self.folder.join("pulls")
    }

    fn file(&self, number: u64) -> PathBuf {
        self.pulls_folder().join(format!("{number:04}.json"))
    }

    /// Held until the value is dropped. The lock's file is never removed: two could then be locked under one name.
    fn lock(&self) -> Result<File, LocalForgeError> {
        let pulls = self.pulls_folder();
        fs::create_dir_all(&pulls).map_err(at(&pulls))?;
        let path = self.folder.join("lock");
        let file = OpenOptions::new()
            .write(true)
            .create(true)
            .truncate(false)
            .open(&path)
            .map_err(at(&path))?;
        file.lock().map_err(at(&path))?;
        Ok(file)
    }

    fn read_all(&self) -> Result<Vec<Pull>, LocalForgeError> {
        let folder = self.pulls_folder();
        let entries = match fs::read_dir(&folder) {
            Ok(entries) => entries,
            Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(Vec::new()),
            Err(error) => return Err(at(&folder)(error)),
        };
        let mut pulls = Vec::new();
        for entry in entries {
            let name = entry.map_err(at(&folder))?.file_name();
            if let Some(number) = name.to_str().and_then(number_of) {
                pulls.push(self.read(number)?);
            }
        }
        pulls.sort_by_key(|pull| pull.number);
        Ok(pulls)
    }

    fn read(&self, number: u64) -> Result<Pull, LocalForgeError> {
        let path = self.file(number);
        let damaged = |words: String| LocalForgeError::Damaged {
            path: path.clone(),
            words,
        };
        let text = match fs::read(&path) {
            Ok(text) => text,
            Err(error) if error.kind() == io::ErrorKind::NotFound => {
                return Err(LocalForgeError::NoSuchPull(number));
            }
            Err(error) => return Err(at(&path)(error)),
        };
        // The version first: a newer format may not parse as a pull request.
        let Head { version } =
            serde_json::from_slice(&text).map_err(|error| damaged(error.to_string()))?;
        if version > VERSION {
            return Err(LocalForgeError::Newer { path, version });
        }
        let Stored { mut pull, .. } =
            serde_json::from_slice(&text).map_err(|error| damaged(error.to_string()))?;
        if pull.number != number {
            return Err(damaged(format!("it says that it is #{}", pull.number)));
        }
        // Said anew: the repository may have been moved since.
        pull.url = Some(file_url(&path));
        Ok(pull)
    }

    fn write(
        &self,
        pull: &Pull,
        put: fn(&Path, &[u8]) -> io::Result<()>,
    ) -> Result<(), LocalForgeError> {
        let path = self.file(pull.number);
        let stored = Stored {
            version: VERSION,
            pull: pull.clone(),
        };
        let mut text =
            serde_json::to_vec_pretty(&stored).map_err(|error| at(&path)(error.into()))?;
        text.push(b'\n');
        put(&path, &text).map_err(at(&path))
    }
}

#[async_trait]
impl Forge for LocalForge {
    fn name(&self) -> &'static str {
        "local"
    }

    async fn find(&self, head: &str) -> Result<Option<Pull>, ForgeError> {
        let pulls = self.all().await?;
        Ok(pulls
            .into_iter()
            .filter(|pull| pull.head == head)
            .max_by_key(|pull| (pull.state == PullState::Open, pull.number)))
    }

    async fn get(&self, number: u64) -> Result<Pull, ForgeError> {
        self.pull(number)
            .await
            .map_err(|error| ForgeError::refused(format!("reading pull request #{number}"), error))
    }

    async fn open(&self, new: &NewPull) -> Result<Pull, ForgeError> {
        let new = new.clone();
        self.blocking(move |forge| forge.create(&new))
            .await
            .map_err(|error| ForgeError::refused("opening the pull request", error))
    }

    async fn refresh(&self, number: u64, new: &NewPull) -> Result<Pull, ForgeError> {
        let new = new.clone();
        self.change(number, move |pull| {
            pull.title = new.title;
            pull.body = new.body;
            pull.head_commit = new.head_commit;
            pull.mark = Some(new.mark);
        })
        .await
        .map_err(|error| ForgeError::refused(format!("updating pull request #{number}"), error))
    }

    async fn give(&self, _: &Pull, extras: &Extras) -> Vec<String> {
        let Extras {
            labels: _,
            assignees,
            reviewers,
            teams,
            milestone,
            auto_merge,
        } = extras;
        let left_out = [
            ("assignees", !assignees.is_empty()),
            ("reviewers", !reviewers.is_empty() || !teams.is_empty()),
            ("milestones", milestone.is_some()),
            ("auto-merge", auto_merge.is_some()),
        ];
        let left_out = left_out.into_iter().filter(|(_, asked)| *asked);
        left_out
            .map(|(what, _)| format!("the local forge knows no {what}; the pull request has none"))
            .collect()
    }

    async fn standings(&self, numbers: &[u64]) -> Result<Vec<Standing>, ForgeError> {
        let pulls = self.all().await?;
        let standing = |number: &u64| {
            let pull = pulls.iter().find(|pull| pull.number == *number)?;
            Some(Standing {
                node: pull.number.to_string(),
                review: Review::NotRequired,
                checks: Vec::new(),
                way: Way::Unknown,
                auto_merge: false,
                queued: false,
                pull: pull.clone(),
            })
        };
        Ok(numbers.iter().filter_map(standing).collect())
    }
}

fn at(path: &Path) -> impl FnOnce(io::Error) -> LocalForgeError {
    move |error| LocalForgeError::Io {
        path: path.to_owned(),
        error,
    }
}

/// The number in a pull request's file name; other files in the folder are nobody's business.
fn number_of(name: &str) -> Option<u64> {
    let digits = name.strip_suffix(".json")?;
    let number = digits.parse().ok()?;
    (format!("{number:04}") == digits).then_some(number)
}

/// The `file://` url of an absolute path.
fn file_url(path: &Path) -> String {
    use std::os::unix::ffi::OsStrExt;
    let path = encoded(path.as_os_str().as_bytes(), b"/");
    format!("file://{path}")
}

#[cfg(test)]
mod tests;
