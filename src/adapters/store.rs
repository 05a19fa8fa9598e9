//! [`Store`]: the folder `<git-common-dir>/batch/`, where runs and plans are kept, and how a run is found in it.
//!
//! A run's folder appears complete, by rename; what changes later is replaced atomically. One run's own files are
//! `run_folder`'s, the lock is `run_lock`'s. Called by the commands.

use std::fs;
use std::io;
use std::path::{Path, PathBuf};
use std::time::SystemTime;

use crate::adapters::atomic;
use crate::adapters::journal;
use crate::adapters::run_folder::RunFolder;
use crate::adapters::run_lock::{Holder, RunLock};
use crate::adapters::store_error::{NEAR, StoreError};
use crate::model::event::Record;
use crate::model::id::{RunId, slug};

/// How many files of research are kept: logs and transcripts of the last ten.
const RESEARCH_FILES: usize = 20;

/// What the names of folders begin with that are to become a run's, and of those that were one's.
const NEW: &str = ".new-";
const OLD: &str = ".old-";

/// What the name of a link begins with that is to become `latest`.
const LATEST: &str = ".latest-";

/// The folder in which a repository's runs and plans are kept.
#[derive(Debug, Clone)]
pub struct Store {
    root: PathBuf,
}

impl Store {
    /// The store of the repository whose common directory this is (the `.git` that its worktrees share). Nothing is
    /// made yet.
    #[must_use]
    pub fn new(common_dir: &Path) -> Self {
        Self {
            root: common_dir.join("batch"),
        }
    }

    /// Where it is.
    #[must_use]
    pub fn root(&self) -> &Path {
        &self.root
    }

    /// Takes the lock that one run at a time may hold; it is given back when the value is dropped, or the process dies.
    ///
    /// # Errors
    /// [`StoreError::Busy`] when another process, or another value in this one, holds it.
    pub fn lock(&self, run: &RunId) -> Result<RunLock, StoreError> {
        make_folder(&self.root)?;
        RunLock::take(&self.root.join("run-in-progress"), run)
    }

    /// Who works in the repository now, if anybody does; nothing is made or written.
    ///
    /// # Errors
    /// [`StoreError::Io`] when the lock's file cannot be read.
    pub fn in_progress(&self) -> Result<Option<Holder>, StoreError> {
        RunLock::holder(&self.root.join("run-in-progress"))
    }

    /// Whether a run could take the lock now; nothing is made or written.
    ///
    /// # Errors
    /// [`StoreError::Busy`] when another process holds it.
    pub fn is_free(&self) -> Result<(), StoreError> {
        RunLock::look(&self.root.join("run-in-progress"))
    }

    /// Makes a run's folder with its plan and its journal's first record, and makes it the latest. The caller holds
    /// the lock.
    ///
    /// # Errors
    /// [`StoreError::Io`] when the disk refuses, or a run of that id exists.
    pub fn new_run(
        &self,
        run: &RunId,
        plan_toml: &str,
        first: &Record,
    ) -> Result<RunFolder, StoreError> {
        let runs = self.runs_folder();
        make_folder(&runs)?;
        let path = runs.join(run.as_str());
        let make = || {
            let first = journal::line(first)?;
            let hidden = tempfile::Builder::new().prefix(NEW).tempdir_in(&runs)?;
            let folder = RunFolder::at(hidden.path().to_owned(), run.clone());
            atomic::create(&folder.plan(), plan_toml.as_bytes())?;
            atomic::create(&folder.journal(), &first)?;
            fs::create_dir(folder.logs_folder())?;
            share(hidden.path())?;
            fs::rename(hidden.path(), &path)?;
            // What the name meant is gone: there is nothing left to remove.
            let _ = hidden.keep();
            atomic::sync_folder(&runs)
        };
        make().map_err(StoreError::io("making the run", &path))?;
        self.point_latest_at(run)?;
        Ok(RunFolder::at(path, run.clone()))
    }

    /// All runs, the oldest first.
    ///
    /// # Errors
    /// [`StoreError::Io`] when the folder cannot be read; a missing one holds no runs.
    pub fn runs(&self) -> Result<Vec<RunId>, StoreError> {
        let folder = self.runs_folder();
        let entries = match fs::read_dir(&folder) {
            Ok(entries) => entries,
            Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(Vec::new()),
            Err(error) => return Err(StoreError::io("reading", &folder)(error)),
        };
        let mut runs = Vec::new();
        for entry in entries {
            let entry = entry.map_err(StoreError::io("reading", &folder))?;
            if let Some(run) = entry
                .file_name()
                .to_str()
                .and_then(|name| name.parse().ok())
            {
                runs.push(run);
            }
        }
        runs.sort();
        Ok(runs)
    }

    /// The run of that id, or of which that is the beginning or the end; without a name, the latest.
    ///
    /// # Errors
    /// [`StoreError::NoRuns`], [`StoreError::NoSuchRun`] or [`StoreError::Ambiguous`].
    pub fn find(&self, wanted: Option<&str>) -> Result<RunFolder, StoreError> {
        let runs = self.runs()?;
        let run = match wanted {
            None => self
                .latest(&runs)
                .or(runs.last())
                .ok_or(StoreError::NoRuns)?,
            Some(wanted) => choose(wanted, &runs)?,
        };
        Ok(self.run(run))
    }

    /// The folder of a run that is known to exist.
    #[must_use]
    pub fn run(&self, run: &RunId) -> RunFolder {
        RunFolder::at(self.runs_folder().join(run.as_str()), run.clone())
    }

    /// Removes a run's folder; `latest` then names the last of those that are left. What a death in the middle leaves is
    /// told by [`Store::leavings`].
    ///
    /// # Errors
    /// [`StoreError::Io`] when the disk refuses.
    pub fn forget(&self, run: &RunId) -> Result<(), StoreError> {
        let runs = self.runs()?;
        let link = self.root.join("latest");
        if self.latest(&runs).is_none_or(|latest| latest == run) {
            match runs.iter().rfind(|other| *other != run) {
                Some(other) => self.point_latest_at(other)?,
                None => match fs::remove_file(&link) {
                    Err(error) if error.kind() != io::ErrorKind::NotFound => {
                        return Err(StoreError::io("removing", &link)(error));
                    }
                    Ok(()) | Err(_) => {}
                },
            }
        }
        let folder = self.run(run).path().to_owned();
        let aside = self.runs_folder().join(format!("{OLD}{run}"));
        let remove = || {
            if aside.exists() {
                fs::remove_dir_all(&aside)?;
            }
            // Nobody finds half a run.
            fs::rename(&folder, &aside)?;
            fs::remove_dir_all(&aside)
        };
        remove().map_err(StoreError::io("removing", &folder))
    }

    /// What killed processes left half-made or half-removed. The caller holds the lock, without which these may be
    /// somebody's.
    #[must_use]
    pub fn leavings(&self) -> Vec<PathBuf> {
        let below = |folder: &Path, prefixes: &[&str]| -> Vec<PathBuf> {
            let entries = fs::read_dir(folder).into_iter().flatten().flatten();
            let is_left = |name: &str| prefixes.iter().any(|prefix| name.starts_with(prefix));
            entries
                .filter(|entry| is_left(&entry.file_name().to_string_lossy()))
                .map(|entry| entry.path())
                .collect()
        };
        let mut left = below(&self.runs_folder(), &[NEW, OLD]);
        left.extend(below(&self.root, &[LATEST]));
        left
    }

    /// Keeps a plan that is not run, under a name made from `name` that no other plan has.
    ///
    /// # Errors
    /// [`StoreError::Io`] when it cannot be written.
    pub fn save_plan(&self, name: &str, text: &str) -> Result<PathBuf, StoreError> {
        let folder = self.root.join("plans");
        make_folder(&folder)?;
        let stem = match slug(name, 48) {
            slug if slug.is_empty() => "plan".to_owned(),
            slug => slug,
        };
        let mut further = 1_u32;
        loop {
            let path = folder.join(match further {
                1 => format!("{stem}.toml"),
                _ => format!("{stem}-{further}.toml"),
            });
            match atomic::create(&path, text.as_bytes()) {
                Ok(()) => return Ok(path),
                Err(error) if error.kind() == io::ErrorKind::AlreadyExists => further += 1,
                Err(error) => return Err(StoreError::io("saving the plan", &path)(error)),
            }
        }
    }

    /// The log of an agent's research, by name; its folder is made, and the oldest in it are removed.
    ///
    /// # Errors
    /// [`StoreError::Io`] when it cannot be.
    pub fn research_log(&self, name: &str) -> Result<PathBuf, StoreError> {
        let folder = self.root.join("research");
        make_folder(&folder)?;
        forget_old(&folder);
        Ok(folder.join(format!("{name}.log")))
    }

    fn runs_folder(&self) -> PathBuf {
        self.root.join("runs")
    }

    fn latest<'a>(&self, runs: &'a [RunId]) -> Option<&'a RunId> {
        let target = fs::read_link(self.root.join("latest")).ok()?;
        let name = target.file_name()?.to_str()?;
        runs.iter().find(|run| run.as_str() == name)
    }

    /// A relative link, so that it stays right when the repository is moved.
    fn point_latest_at(&self, run: &RunId) -> Result<(), StoreError> {
        let link = self.root.join("latest");
        let beside = self.root.join(format!("{LATEST}{run}"));
        let replace = || {
            match fs::remove_file(&beside) {
                Err(error) if error.kind() != io::ErrorKind::NotFound => return Err(error),
                Ok(()) | Err(_) => {}
            }
            std::os::unix::fs::symlink(Path::new("runs").join(run.as_str()), &beside)?;
            fs::rename(&beside, &link)
        };
        replace().map_err(StoreError::io("pointing at the latest run", &link))
    }
}

/// A temporary folder is the owner's alone; a run's folder is as open as the umask lets any other be.
fn share(folder: &Path) -> io::Result<()> {
    let parent = folder
        .parent()
        .ok_or_else(|| io::Error::from(io::ErrorKind::NotADirectory))?;
    fs::set_permissions(folder, fs::metadata(parent)?.permissions())
}

fn make_folder(folder: &Path) -> Result<(), StoreError> {
    fs::create_dir_all(folder).map_err(StoreError::io("making", folder))
}

/// The run of that id, or of which that is the beginning or the end.
///
/// # Errors
/// [`StoreError::NoRuns`], [`StoreError::NoSuchRun`] or [`StoreError::Ambiguous`].
pub fn choose<'a>(wanted: &str, runs: &'a [RunId]) -> Result<&'a RunId, StoreError> {
    if let Some(run) = runs.iter().find(|run| run.as_str() == wanted) {
        return Ok(run);
    }
    let fits = |run: &&RunId| {
        !wanted.is_empty() && (run.as_str().starts_with(wanted) || run.as_str().ends_with(wanted))
    };
    let fitting: Vec<&RunId> = runs.iter().filter(fits).collect();
    match fitting[..] {
        [run] => Ok(run),
        [] if runs.is_empty() => Err(StoreError::NoRuns),
        [] => Err(StoreError::NoSuchRun {
            wanted: wanted.to_owned(),
            near: near(wanted, runs),
        }),
        _ => Err(StoreError::Ambiguous {
            wanted: wanted.to_owned(),
            runs: fitting.into_iter().cloned().collect(),
        }),
    }
}

/// The runs that share the longest beginning or end with what was wanted, the youngest first.
fn near(wanted: &str, runs: &[RunId]) -> Vec<RunId> {
    let likeness = |run: &RunId| {
        let id = run.as_str();
        let same = |(a, b): &(u8, u8)| a == b;
        let front = id.bytes().zip(wanted.bytes()).take_while(same).count();
        let back = id
            .bytes()
            .rev()
            .zip(wanted.bytes().rev())
            .take_while(same)
            .count();
        front.max(back)
    };
    let mut near: Vec<RunId> = runs.iter().rev().cloned().collect();
    near.sort_by_key(|run| std::cmp::Reverse(likeness(run)));
    near.truncate(NEAR);
    near
}

/// Removes all but the latest of the files that research left; what stays is no harm.
fn forget_old(folder: &Path) {
    let entries = fs::read_dir(folder).into_iter().flatten().flatten();
    let mut files: Vec<(SystemTime, PathBuf)> = entries
        .filter_map(|entry| Some((entry.metadata().ok()?.modified().ok()?, entry.path())))
        .collect();
    files.sort();
    let old = files.len().saturating_sub(RESEARCH_FILES);
    for (_, path) in files.drain(..old) {
        let _ = fs::remove_file(path);
    }
}

#[cfg(test)]
mod tests;
