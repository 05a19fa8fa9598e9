//! [`WorktreePool`]: the worktrees that workers borrow, one for each slot, made when first lent and put back when lent again.
//!
//! Adds and removals are serialised across processes; checkouts run beside each other. All of it is undone by
//! [`Workspaces::close`].

use std::collections::{BTreeMap, BTreeSet};
use std::ffi::OsString;
use std::fs;
use std::io;
use std::path::{Path, PathBuf};
use std::sync::Mutex;

use async_trait::async_trait;
use tokio::sync::OnceCell;

use crate::adapters::git::as_new::unlike_a_new_one;
use crate::adapters::git::git::{Git, failure};
use crate::adapters::git::ground::Place;
use crate::adapters::git::lock::WorktreesLock;
use crate::adapters::git::removal::{delete, remove_worktree};
use crate::adapters::git::staging::embedded_repositories;
use crate::adapters::git::worktree::{
    admin_folder, exists, make_writable, place_of, remove_folder,
};
use crate::adapters::plain_files;
use crate::adapters::random;
use crate::adapters::worktree_include::WorktreeInclude;
use crate::engine::ports::{PortError, Stop, Watch, Workspace, Workspaces};
use crate::model::id::{ObjectId, RunId, Slot};
use crate::model::path::RepoPath;

/// What an operation that was left in the middle keeps in a worktree's own folder; `git reset` does not end these.
const UNFINISHED: [&str; 4] = ["rebase-merge", "rebase-apply", "sequencer", "BISECT_LOG"];

/// Why git is not to remove a worktree of ours by itself.
pub(super) const LOCK_REASON: &str = "in use by batch";

/// The worktrees of one run.
#[derive(Debug)]
pub struct WorktreePool {
    git: Git,
    common_dir: PathBuf,
    folder: PathBuf,
    /// What the names of the run's worktrees begin with.
    prefix: String,
    /// The worktrees that were set aside earlier.
    kept: BTreeSet<PathBuf>,
    fresh_each_time: bool,
    include: WorktreeInclude,
    /// Set once what earlier processes left is removed, or was tried to be.
    leftovers: OnceCell<()>,
    state: Mutex<State>,
}

#[derive(Debug, Default)]
struct State {
    /// The slots that have a worktree, or a part of one.
    filled: BTreeMap<Slot, Filled>,
    /// The folders above the worktrees that this pool made.
    made: BTreeSet<PathBuf>,
    /// What earlier processes left and is not to be removed.
    spared: BTreeSet<PathBuf>,
    /// What the names of this process's worktrees end with: a child that outlived a killed process writes on below the
    /// paths that it knows, and must not find ours there. Each that is set aside ends what its slot ended with.
    endings: BTreeMap<Slot, String>,
    /// The worktrees that were set aside by this process.
    aside: BTreeSet<PathBuf>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Filled {
    /// Something of a worktree is there, which was not lent.
    InPart,
    /// It was lent, so that all that is done once in a new worktree is the borrower's.
    Lent,
}

impl WorktreePool {
    /// A pool of the run's worktrees in `folder`, which is made when it is needed. With `fresh_each_time` no worktree
    /// is lent twice.
    #[must_use]
    pub fn new(place: &Place, folder: PathBuf, run: &RunId, fresh_each_time: bool) -> Self {
        // The stop of the ground's git is the prompt's: what the pool does is bounded by each loan's watch.
        let git = place.git().clone().stopping_at(Stop::default());
        Self {
            include: WorktreeInclude::new(git.clone()),
            git,
            common_dir: place.common_dir.clone(),
            folder,
            prefix: format!("{}-", run.suffix()),
            kept: BTreeSet::new(),
            fresh_each_time,
            leftovers: OnceCell::new(),
            state: Mutex::default(),
        }
    }

    /// Leaves these alone, which were set aside earlier.
    #[must_use]
    pub fn keeping(mut self, kept: impl IntoIterator<Item = PathBuf>) -> Self {
        self.kept.extend(kept);
        self
    }

    /// Where the worktrees are.
    #[must_use]
    pub fn folder(&self) -> &Path {
        &self.folder
    }

    /// The worktrees that earlier processes of the run left, whose edits may be all that is left of a unit. They are
    /// removed when the first slot is lent. Their base is the commit that is checked out there, or else `base`.
    #[must_use]
    pub fn abandoned(&self, base: &ObjectId) -> Vec<Workspace> {
        self.leftovers()
            .into_iter()
            .filter_map(|path| {
                let name = path.file_name()?.to_string_lossy().into_owned();
                let number = name
                    .strip_prefix(&self.prefix)?
                    .split('-')
                    .next()?
                    .parse::<usize>()
                    .ok()?;
                // An agent may have deleted its `.git`; what it edited is there all the same.
                let is_worktree = path.join(".git").exists()
                    || path.is_dir() && self.common_dir.join("worktrees").join(&name).is_dir();
                let head = self.common_dir.join("worktrees").join(&name).join("HEAD");
                let head = fs::read_to_string(head).unwrap_or_default();
                let is_commit = matches!(head.trim().len(), 40 | 64)
                    && head.trim().bytes().all(|digit| digit.is_ascii_hexdigit())
                    && head
                        .bytes()
                        .any(|digit| digit.is_ascii_hexdigit() && digit != b'0');
                let base = if is_commit {
                    ObjectId::new(head.trim())
                } else {
                    base.clone()
                };
                is_worktree.then(|| Workspace {
                    tmp: path.with_file_name(format!("{name}.tmp")),
                    path,
                    slot: Slot(number.saturating_sub(1)),
                    base,
                    fresh: false,
                    copied: Vec::new(),
                })
            })
            .collect()
    }

    /// Leaves these worktrees of earlier processes as they are.
    pub fn spare(&self, worktrees: Vec<PathBuf>) {
        self.state().spared.extend(worktrees);
    }

    /// Removes what else earlier processes left, also where an add was killed before it had a folder. What cannot be
    /// removed is tried again at the end.
    pub async fn remove_abandoned(&self) {
        self.leftovers
            .get_or_init(async || drop(self.remove_leftovers().await))
            .await;
    }

    fn path(&self, slot: Slot) -> PathBuf {
        self.folder.join(self.name(slot))
    }

    fn tmp(&self, slot: Slot) -> PathBuf {
        self.folder.join(format!("{}.tmp", self.name(slot)))
    }

    fn name(&self, slot: Slot) -> String {
        let mut state = self.state();
        let ending = state.endings.entry(slot).or_insert_with(new_ending);
        format!("{}{}-{ending}", self.prefix, slot.0 + 1)
    }

    fn mark(&self, slot: Slot, filled: Filled) {
        self.state().filled.insert(slot, filled);
    }

    fn state(&self) -> std::sync::MutexGuard<'_, State> {
        self.state.lock().expect("nothing panics under this lock")
    }

    fn workspace(
        &self,
        slot: Slot,
        base: &ObjectId,
        fresh: bool,
        copied: Vec<RepoPath>,
    ) -> Result<Workspace, PortError> {
        let tmp = self.tmp(slot);
        empty_folder(&tmp)
            .map_err(|error| PortError::failed(format!("emptying {}", tmp.display()), error))?;
        Ok(Workspace {
            path: self.path(slot),
            tmp,
            slot,
            base: base.clone(),
            fresh,
            copied,
        })
    }

    async fn make(
        &self,
        slot: Slot,
        base: &ObjectId,
        watch: &Watch,
    ) -> Result<Workspace, PortError> {
        let path = self.path(slot);
        self.mark(slot, Filled::InPart);
        self.add(&path, base, watch).await?;
        let worktree = self.git.in_worktree(&path);
        worktree
            .call(format!("checking out {}", base.short()))
            .args(["reset", "--hard", "--quiet", base.as_str(), "--"])
            .logged(watch)
            .await?;
        let copied = self.include.copy_into(&worktree).await?;
        let workspace = self.workspace(slot, base, true, copied)?;
        self.mark(slot, Filled::Lent);
        Ok(workspace)
    }

    async fn add(&self, path: &Path, base: &ObjectId, watch: &Watch) -> Result<(), PortError> {
        let doing = format!("adding worktree {}", path.display());
        let _lock = WorktreesLock::take(&self.common_dir, &watch.stop).await?;
        self.make_folders()
            .map_err(|error| PortError::failed(&doing, error))?;
        // A detached worktree tracks nothing: git takes `--no-track` with a new branch only.
        self.git
            .call(&doing)
            .args(["worktree", "add", "--quiet", "--detach", "--no-checkout"])
            .args(["--lock", "--reason", LOCK_REASON, "--"])
            .arg(path)
            .arg(base.as_str())
            .within(watch)
            .bytes()
            .await?;
        let admin = admin_folder(path, &self.common_dir)
            .map_err(|words| PortError::failed(&doing, words))?;
        forget_sparseness(&admin);
        Ok(())
    }

    fn make_folders(&self) -> io::Result<()> {
        let missing: Vec<PathBuf> = self
            .folder
            .ancestors()
            .take_while(|folder| !exists(folder))
            .map(Path::to_owned)
            .collect();
        fs::create_dir_all(&self.folder)?;
        self.state().made.extend(missing);
        Ok(())
    }

    /// Makes a used worktree one that is at `base` and holds nothing else but ignored files.
    async fn put_back(
        &self,
        path: &Path,
        base: &ObjectId,
        watch: &Watch,
    ) -> Result<Vec<RepoPath>, PortError> {
        let doing = format!("putting worktree {} back", path.display());
        let failed = |words: String| PortError::failed(&doing, words);
        let admin = admin_folder(path, &self.common_dir).map_err(failed)?;
        if let Some(left) = UNFINISHED.iter().find(|left| exists(&admin.join(left))) {
            return Err(failed(format!("{left} was left unfinished")));
        }
        forget_sparseness(&admin);
        for name in ["index", "index.lock", "HEAD.lock"] {
            let _ = fs::remove_file(admin.join(name));
        }
        let worktree = self.git.in_worktree(path);
        // A reset alone would move the branch that a worker had checked out.
        worktree
            .call(&doing)
            .args(["update-ref", "--no-deref", "HEAD", base.as_str()])
            .within(watch)
            .bytes()
            .await?;
        if let Err(error) = self.clean(&worktree, base, watch).await {
            if matches!(error, PortError::Stopped) {
                return Err(error);
            }
            make_writable(path);
            self.clean(&worktree, base, watch).await?;
        }
        let copied = self.include.copy_into(&worktree).await?;
        if unlike_a_new_one(&worktree, watch).await? {
            return Err(failed("not clean after a reset".to_owned()));
        }
        // Neither clean nor status looks for one in a folder of tracked files, and the next unit would find it.
        match embedded_repositories(&worktree).await?.first() {
            Some(folder) => Err(failed(format!("{folder} became a repository"))),
            None => Ok(copied),
        }
    }

    async fn clean(&self, worktree: &Git, base: &ObjectId, watch: &Watch) -> Result<(), PortError> {
        let doing = format!("resetting {}", worktree.dir().display());
        worktree
            .call(&doing)
            .args(["read-tree", base.as_str()])
            .within(watch)
            .bytes()
            .await?;
        // A new index knows no times, and reset would write each file anew: slower than reading them, and what is
        // built from them would all look stale.
        let refreshed = worktree
            .call(&doing)
            .args(["update-index", "-q", "--refresh"])
            .logged_output(watch)
            .await?;
        if !matches!(refreshed.status.code(), Some(0 | 1)) {
            return Err(failure(doing, &refreshed));
        }
        worktree
            .call(&doing)
            .args(["reset", "--hard", "--quiet", base.as_str(), "--"])
            .logged(watch)
            .await?;
        worktree
            .call(&doing)
            .args(["clean", "-ffdq"])
            .logged(watch)
            .await?;
        Ok(())
    }

    /// Removes the slot's worktree and all that a killed add may have left of it.
    async fn remove(&self, slot: Slot) -> Result<(), PortError> {
        self.mark(slot, Filled::InPart);
        self.remove_worktree(&self.path(slot)).await?;
        delete(self.tmp(slot)).await?;
        self.state().filled.remove(&slot);
        Ok(())
    }

    async fn remove_worktree(&self, path: &Path) -> Result<(), PortError> {
        remove_worktree(&self.git, &self.common_dir, path).await
    }

    /// Removes what earlier processes of the run left, also where an add was killed before it had a folder.
    async fn remove_leftovers(&self) -> Result<(), PortError> {
        let mut first_error = Ok(());
        for path in self.leftovers() {
            first_error = first_error.and(self.remove_worktree(&path).await);
            // An earlier process may have been told another folder.
            let above = path.ancestors().skip(1).take(2).map(Path::to_owned);
            self.state().made.extend(above);
        }
        first_error
    }

    /// Worktrees that earlier processes of the run left, in whatever folder, and what stands beside them.
    fn leftovers(&self) -> BTreeSet<PathBuf> {
        let own = self.own_names();
        let is_leftover = |name: &OsString| {
            let name = name.to_string_lossy();
            let own_name = name.strip_suffix(".tmp").unwrap_or(&name);
            name.starts_with(&self.prefix) && !own.contains(own_name)
        };
        let in_folder = names_in(&self.folder)
            .filter(is_leftover)
            .map(|name| self.folder.join(name));
        let mut left: BTreeSet<PathBuf> = in_folder.collect();
        let registered = self.common_dir.join("worktrees");
        for name in names_in(&registered).filter(is_leftover) {
            match place_of(&registered.join(&name), &self.common_dir) {
                Some(path) => {
                    let mut tmp = path.clone().into_os_string();
                    tmp.push(".tmp");
                    left.extend([path, tmp.into()]);
                }
                None => drop(left.insert(self.folder.join(name))),
            }
        }
        let spared = self.state().spared.clone();
        left.retain(|path| !spared.contains(path));
        left
    }

    /// The names of this process's worktrees, and of those that were set aside.
    fn own_names(&self) -> BTreeSet<String> {
        let state = self.state();
        let slots = state.endings.iter();
        let lent = slots.map(|(slot, ending)| format!("{}{}-{ending}", self.prefix, slot.0 + 1));
        let aside = state.aside.iter().chain(&self.kept);
        let aside = aside.filter_map(|path| path.file_name());
        lent.chain(aside.map(|name| name.to_string_lossy().into_owned()))
            .collect()
    }
}

#[async_trait]
impl Workspaces for WorktreePool {
    async fn lend(
        &self,
        slot: Slot,
        base: &ObjectId,
        watch: &Watch,
    ) -> Result<Workspace, PortError> {
        let filled = self.state().filled.get(&slot).copied();
        if filled == Some(Filled::Lent) && !self.fresh_each_time {
            match self.put_back(&self.path(slot), base, watch).await {
                Ok(copied) => return self.workspace(slot, base, false, copied),
                Err(PortError::Stopped) => return Err(PortError::Stopped),
                Err(PortError::Failed { .. } | PortError::TimedOut { .. }) => {}
            }
        }
        self.remove(slot).await?;
        // A survivor that still writes there must not keep this process from its work.
        self.remove_abandoned().await;
        self.make(slot, base, watch).await
    }

    async fn reset(&self, workspace: &Workspace, watch: &Watch) -> Result<(), PortError> {
        self.put_back(&workspace.path, &workspace.base, watch)
            .await?;
        empty_folder(&workspace.tmp).map_err(|error| {
            PortError::failed(format!("emptying {}", workspace.tmp.display()), error)
        })
    }

    async fn list_files(&self, workspace: &Workspace, list: &[u8]) -> Result<PathBuf, PortError> {
        const NAME: &str = "batch-files";
        let path = workspace.tmp.join(NAME);
        let written = plain_files::put(&workspace.tmp, NAME, list);
        written.map_err(|error| PortError::failed(format!("writing {}", path.display()), error))?;
        Ok(path)
    }

    async fn give_back(&self, _workspace: Workspace) {}

    async fn discard(&self, workspace: Workspace) -> Result<(), PortError> {
        self.remove(workspace.slot).await
    }

    async fn set_aside(&self, workspace: Workspace) {
        // What a person has no use for.
        let _ = delete(workspace.tmp).await;
        let mut state = self.state();
        state.filled.remove(&workspace.slot);
        state.endings.remove(&workspace.slot);
        state.aside.insert(workspace.path);
    }

    async fn close(&self) -> Result<(), PortError> {
        let mut first_error = self.remove_leftovers().await;
        let slots: Vec<Slot> = self.state().filled.keys().copied().collect();
        for slot in slots {
            first_error = first_error.and(self.remove(slot).await);
        }
        let _lock = WorktreesLock::take(&self.common_dir, &Stop::default()).await?;
        // Only empty folders go: the run's, the repository's (another run's pool may have made it), and those above
        // that this pool made. Backwards, so that what is below goes first.
        let mut folders = std::mem::take(&mut self.state().made);
        folders.insert(self.folder.clone());
        folders.extend(self.folder.parent().map(Path::to_owned));
        for folder in folders.iter().rev() {
            let _ = fs::remove_dir(folder);
        }
        first_error
    }
}

/// Git copies the checkout's sparse patterns to a new worktree; ours are full, for hooks and workers too.
fn forget_sparseness(admin: &Path) {
    let _ = fs::remove_file(admin.join("info/sparse-checkout"));
}

fn new_ending() -> String {
    format!("{:06x}", random::bits() & 0x00ff_ffff)
}

fn names_in(folder: &Path) -> impl Iterator<Item = OsString> {
    let entries = fs::read_dir(folder).into_iter().flatten().flatten();
    entries.map(|entry| entry.file_name())
}

fn empty_folder(path: &Path) -> io::Result<()> {
    remove_folder(path)?;
    fs::create_dir_all(path)
}
