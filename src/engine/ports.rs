//! The traits through which the engine reaches the world, and the values that cross them.
//!
//! Each is as narrow as its callers need. The adapters implement them; nothing here does anything.

use std::ffi::OsString;
use std::path::{Path, PathBuf};
use std::time::Duration;

use async_trait::async_trait;
use jiff::Timestamp;
use tokio_util::sync::CancellationToken;

use crate::model::agent::{AgentAbilities, AgentAnswer, AgentEvent, AgentSession};
use crate::model::event::Record;
use crate::model::history::History;
use crate::model::id::{ObjectId, RunId, Slot, UnitId};
use crate::model::outcome::Step;
use crate::model::path::RepoPath;
use crate::model::plan::{Plan, Unit};
use crate::model::spend::Usd;
use crate::model::tree::{FileChange, TreeFile};

mod control;
mod forge;

pub use control::Controls;
pub use forge::{Forge, ForgeError, ForgePause, NewIssue};

/// Why something outside could not be done.
#[derive(Debug, Clone, thiserror::Error)]
pub enum PortError {
    /// It was tried and did not succeed.
    #[error("{doing}: {words}")]
    Failed {
        /// What was being done, as a fragment ("pushing batch/x/y").
        doing: String,
        /// What the other side said.
        words: String,
    },
    /// It took longer than allowed, and was ended.
    #[error("{doing}: no end after {} s", after.as_secs())]
    TimedOut {
        /// What was being done.
        doing: String,
        /// The limit.
        after: Duration,
    },
    /// The user stopped the run, and it was ended.
    #[error("stopped")]
    Stopped,
}

impl PortError {
    /// The usual case.
    #[expect(
        clippy::needless_pass_by_value,
        reason = "an error is handed over where it is made"
    )]
    pub fn failed(doing: impl Into<String>, words: impl ToString) -> Self {
        Self::Failed {
            doing: doing.into(),
            words: words.to_string(),
        }
    }
}

/// The user's wish to stop, as two flags that are only ever raised.
#[derive(Debug, Clone, Default)]
pub struct Stop {
    /// Start nothing new and end the children politely.
    pub asked: CancellationToken,
    /// Kill what is left.
    pub now: CancellationToken,
}

impl Stop {
    /// One that is raised with this one, and can be raised alone.
    #[must_use]
    pub fn child(&self) -> Self {
        Self {
            asked: self.asked.child_token(),
            now: self.now.child_token(),
        }
    }
}

/// How a thing that may take long is bounded and recorded.
#[derive(Debug, Clone)]
pub struct Watch {
    /// The file that everything it prints is appended to.
    pub log: PathBuf,
    /// After this it is ended.
    pub timeout: Duration,
    /// When this is raised it is ended.
    pub stop: Stop,
}

/// A worktree on loan.
#[derive(Debug, Clone)]
pub struct Workspace {
    /// Its root.
    pub path: PathBuf,
    /// A folder beside it for temporary files, emptied between units.
    pub tmp: PathBuf,
    /// Its place in the pool.
    pub slot: Slot,
    /// The commit that it is at.
    pub base: ObjectId,
    /// Whether it was made for this loan, so that the setup has not run in it.
    pub fresh: bool,
    /// The ignored files that `.worktreeinclude` brought in.
    pub copied: Vec<RepoPath>,
}

/// The pool of worktrees: at most one for each slot.
#[async_trait]
pub trait Workspaces: Send + Sync {
    /// Lends the slot's worktree at `base`: the one that is there, put back, or a new one.
    async fn lend(
        &self,
        slot: Slot,
        base: &ObjectId,
        watch: &Watch,
    ) -> Result<Workspace, PortError>;
    /// Puts a lent worktree back to its base, for another try in it.
    async fn reset(&self, workspace: &Workspace, watch: &Watch) -> Result<(), PortError>;
    /// Writes the list that `BATCH_FILES_FROM` names into the worktree's folder for temporary files.
    async fn list_files(&self, workspace: &Workspace, list: &[u8]) -> Result<PathBuf, PortError>;
    /// Takes it back; it is put in order when it is next lent.
    async fn give_back(&self, workspace: Workspace);
    /// Takes it back and removes it; the slot's next loan is a new one.
    async fn discard(&self, workspace: Workspace) -> Result<(), PortError>;
    /// Takes it back and leaves it where it is, for a person: it is not lent again. The slot's next loan is a new one.
    async fn set_aside(&self, workspace: Workspace);
    /// Removes all worktrees of the pool, but for those that were set aside.
    async fn close(&self) -> Result<(), PortError>;
}

/// Reads git objects; cheap to make one for each thread.
pub trait Objects: Send + Sync {
    /// All leaves of a commit's or tree's tree, sorted by path.
    ///
    /// # Errors
    /// [`PortError::Failed`] when the object is missing or damaged.
    fn files(&self, tree: &ObjectId) -> Result<Vec<TreeFile>, PortError>;
    /// Says that these files of the tree are going to be read, so that what is elsewhere can be brought in one go.
    fn want(&self, _tree: &ObjectId, _files: &[TreeFile]) {}
    /// The size of each of these files in bytes; none where it cannot be told without fetching or reading the blob.
    ///
    /// # Errors
    /// [`PortError::Failed`] when the repository cannot be opened.
    fn sizes(&self, files: &[TreeFile]) -> Result<Vec<Option<u64>>, PortError> {
        Ok(vec![None; files.len()])
    }
    /// A reader for one thread.
    ///
    /// # Errors
    /// [`PortError::Failed`] when the repository cannot be opened.
    fn reader(&self) -> Result<Box<dyn BlobReader + '_>, PortError>;
}

/// Reads blobs, one after another.
pub trait BlobReader {
    /// Replaces `into` by the contents of the file's blob.
    ///
    /// # Errors
    /// [`PortError::Failed`] when the blob is missing or damaged.
    fn read(&mut self, file: &TreeFile, into: &mut Vec<u8>) -> Result<(), PortError>;
}

/// What a merge in memory came to.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Merged {
    /// A merge commit that no ref names.
    Clean(ObjectId),
    /// The paths at which the two sides conflict.
    Conflict(Vec<RepoPath>),
}

/// What is done in worktrees and to the object store, with git.
#[async_trait]
pub trait Repository: Send + Sync {
    /// Stages all that differs in the worktree, ignored files aside.
    async fn stage_all(&self, workspace: &Workspace, watch: &Watch) -> Result<(), PortError>;
    /// The tree of what is in the files now, ignored ones aside: for edits that are to be kept where
    /// [`Repository::stage_all`] fails, because a repository lies inside the worktree or its own `.git` is not what it
    /// was. Index and HEAD stay; the `.git` of repositories inside is removed, so the worktree is not to be lent again.
    async fn salvage(&self, workspace: &Workspace, watch: &Watch) -> Result<ObjectId, PortError>;
    /// Puts HEAD back to the base, makes index and files those of `tree`, and removes what is untracked and not ignored.
    async fn restore(
        &self,
        workspace: &Workspace,
        tree: &ObjectId,
        watch: &Watch,
    ) -> Result<(), PortError>;
    /// Writes the index as a tree.
    async fn write_tree(&self, workspace: &Workspace) -> Result<ObjectId, PortError>;
    /// The paths at which two trees (or commits) differ, sorted; no rename detection.
    async fn changes(&self, old: &ObjectId, new: &ObjectId) -> Result<Vec<FileChange>, PortError>;
    /// The tree of a commit; none when the commit is not in this repository.
    async fn tree_of(&self, commit: &ObjectId) -> Result<Option<ObjectId>, PortError>;
    /// Commits the index in the worktree, with the user's hooks, signing and identity.
    async fn commit(
        &self,
        workspace: &Workspace,
        message: &str,
        signoff: bool,
        watch: &Watch,
    ) -> Result<ObjectId, PortError>;
    /// Makes `reference` name a new commit of `tree` on `parent`, without hooks or signing.
    async fn keep(
        &self,
        tree: &ObjectId,
        parent: &ObjectId,
        reference: &str,
        message: &str,
    ) -> Result<ObjectId, PortError>;
    /// The tree with each of these paths as the change's new end has it.
    async fn with_changes(
        &self,
        tree: &ObjectId,
        changes: &[FileChange],
    ) -> Result<ObjectId, PortError>;
    /// What a commit, or the one that a ref names, changes of its first parent, sorted; none when it is not in this
    /// repository, or has no parent.
    async fn changes_of(&self, revision: &str) -> Result<Option<Vec<FileChange>>, PortError>;
    /// Makes the worktree one that git works in as at its base, after an agent worked there: its `.git` names our
    /// repository, its HEAD is the base, nothing is left open; index and files stay. How many commits it had made on
    /// top. No branch is moved.
    async fn fold_commits(&self, workspace: &Workspace) -> Result<usize, PortError>;
    /// Makes `reference` name `commit`.
    async fn set_ref(&self, reference: &str, commit: &ObjectId) -> Result<(), PortError>;
    /// Merges two commits in memory.
    async fn merge(
        &self,
        ours: &ObjectId,
        theirs: &ObjectId,
        message: &str,
    ) -> Result<Merged, PortError>;
}

/// Where branches are delivered: a remote, or this repository when it has none.
#[async_trait]
pub trait Remote: Send + Sync {
    /// The commit that a branch is at there, now; where a push goes to several places, it is an error when they differ.
    async fn head(&self, branch: &str) -> Result<Option<ObjectId>, PortError>;
    /// Puts a branch at `commit` if it is at `expected` (none: if it does not exist). The user's hooks run in the
    /// worktree `from`, where `commit` is checked out; without one, in the checkout.
    async fn push(
        &self,
        commit: &ObjectId,
        branch: &str,
        expected: Option<&ObjectId>,
        from: Option<&Path>,
        watch: &Watch,
    ) -> Result<(), PortError>;
}

/// A shell command to run in a worktree.
#[derive(Debug, Clone)]
pub struct ShellCommand {
    /// The text, given to `sh -c`; bytes, for it may hold paths.
    pub text: OsString,
    /// Where it runs.
    pub cwd: PathBuf,
    /// Variables on top of the environment.
    pub env: Vec<(String, OsString)>,
}

/// How a command ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum CommandEnd {
    /// By itself, with this code.
    Exited(i32),
    /// By this signal.
    Signalled(i32),
    /// It took too long and was ended, with everything it had started.
    TimedOut(Duration),
    /// The user stopped the run, and it was ended.
    Stopped,
}

/// Runs the user's commands: setup, check, test.
#[async_trait]
pub trait Commands: Send + Sync {
    /// Runs one to its end, or ends it. Whatever it started is gone afterwards.
    ///
    /// # Errors
    /// [`PortError::Failed`] when it could not be started or its log not written.
    async fn run(&self, command: &ShellCommand, watch: &Watch) -> Result<CommandEnd, PortError>;
}

/// What a codemod is to do.
#[derive(Debug)]
pub struct Assignment<'a> {
    /// The run.
    pub run: &'a RunId,
    /// The whole plan.
    pub plan: &'a Plan,
    /// The unit to implement.
    pub unit: &'a Unit,
    /// The files at the base that the unit owns and the change looks at.
    pub files: &'a [TreeFile],
    /// Where to edit.
    pub workspace: &'a Workspace,
    /// The variables that describe the unit to commands.
    pub env: &'a [(String, OsString)],
    /// Bounds and log.
    pub watch: &'a Watch,
}

/// Where a codemod's edits are.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Edits {
    /// In the worktree's files; they still have to be staged.
    InFiles,
    /// In the index and the files; staging anew could alter them.
    Staged,
}

/// What makes a unit's edits without a model: a command, the built-in rewrite, or a slice of a change.
#[async_trait]
pub trait Codemod: Send + Sync {
    /// Makes the unit's edits in the workspace, and nothing else.
    ///
    /// # Errors
    /// [`PortError`] when it did not get to its end; the edits so far are there.
    async fn apply(&self, assignment: Assignment<'_>) -> Result<Edits, PortError>;
}

/// What an agent may do in a request.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum AgentMode {
    /// Read files, and change nothing.
    ReadOnly,
    /// Edit files below the root, and run the commands it was given.
    Edit,
}

/// Where a request to an agent ends at the latest; the watch's timeout apart.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct AgentLimits {
    /// Its turns: answers of its model, or where it does not tell those, uses of its tools. None leaves them to the
    /// program.
    pub turns: Option<u32>,
    /// What it may cost; none is no bound.
    pub cost: Option<Usd>,
    /// How many tokens it may spend, however they are counted; none is no bound.
    pub tokens: Option<u64>,
    /// How long it may print nothing.
    pub idle: Duration,
    /// How much it may print, in bytes.
    pub output: u64,
    /// By how much what lies below root and temporary folder may grow, in bytes.
    pub disk: u64,
}

/// What a coding agent is asked.
#[derive(Debug, Clone)]
pub struct AgentRequest<'a> {
    /// The words.
    pub prompt: &'a str,
    /// What it may do.
    pub mode: AgentMode,
    /// The folder that it works in.
    pub root: &'a Path,
    /// A folder for temporary files, outside the root.
    pub tmp: &'a Path,
    /// The model, as the program names it; none is the program's default.
    pub model: Option<&'a str>,
    /// Where it ends at the latest.
    pub limits: AgentLimits,
    /// The session to go on with; none begins one.
    pub session: Option<&'a AgentSession>,
    /// The JSON Schema that its last message is to fit, for programs that can be held to one.
    pub schema: Option<&'a serde_json::Value>,
    /// The files it is about, for programs that want them named.
    pub files: &'a [RepoPath],
    /// The shell commands that it may run besides reading and editing.
    pub commands: &'a [String],
    /// Variables on top of what the agent's environment holds.
    pub env: &'a [(String, OsString)],
    /// The file that all it prints is appended to, unchanged. What people read goes to the watch's log.
    pub transcript: &'a Path,
}

/// A coding agent: a program, run headless.
#[async_trait]
pub trait Agent: Send + Sync {
    /// Its name, as `--agent` takes it.
    fn name(&self) -> &str;
    /// What it can do.
    fn abilities(&self) -> AgentAbilities;
    /// Asks it, and sees it to its end; `hear` is given what it tells on the way. Whatever it started is gone afterwards.
    ///
    /// # Errors
    /// [`PortError`] when it could not be started, its log not written, or the user stopped it. Whatever it came to by
    /// itself, and limits that it ran into, are an [`AgentEnd`](crate::model::agent::AgentEnd).
    async fn ask(
        &self,
        request: &AgentRequest<'_>,
        watch: &Watch,
        hear: &mut (dyn FnMut(AgentEvent) + Send),
    ) -> Result<AgentAnswer, PortError>;
}

/// The files of the base, for an agent that does research: outside the repository, and not to be written to.
#[async_trait]
pub trait ReadOnlyCopy: Send + Sync {
    /// The folder that they are in.
    fn root(&self) -> &Path;
    /// A folder for temporary files, outside the root.
    fn tmp(&self) -> &Path;
    /// What was written, added or removed below the root since it was made, all the same.
    async fn touched(&self) -> Result<Vec<RepoPath>, PortError>;
}

/// Where steps log, and what stands there.
pub trait Logs: Send + Sync {
    /// The file for a step of a unit's attempt; the folder exists.
    fn file(&self, unit: &UnitId, attempt: u32, step: Step) -> PathBuf;
    /// The file for all that the agent of a unit's attempt prints; the folder exists.
    fn transcript(&self, unit: &UnitId, attempt: u32) -> PathBuf;
    /// The file for setup or test of the base; the folder exists.
    fn base_file(&self, step: Step) -> PathBuf;
    /// Says in a log that what follows is another try at the same step, if something stands there already.
    fn begin_anew(&self, log: &Path);
    /// The last lines of a log's last try, cleaned of escapes and control characters: at most 20, each at most 200 characters.
    /// `None` when nothing was logged there.
    fn tail(&self, log: &Path) -> Option<Vec<String>>;
    /// The beginning and the end of a log's last try, cleaned likewise: at most about so many characters. `None` when
    /// nothing was logged there.
    fn excerpt(&self, log: &Path, most: usize) -> Option<String>;
}

/// The append-only record of a run.
pub trait Journal: Send {
    /// Appends a record; when the event wants it, the record is on the disk on return.
    ///
    /// # Errors
    /// [`PortError::Failed`] when it cannot be written: the run must stop.
    fn append(&mut self, record: &Record) -> Result<(), PortError>;
}

/// Shows a run as it goes on.
pub trait Reporter: Send {
    /// Shows what just happened; `history` has it already.
    fn event(&mut self, record: &Record, history: &History);
    /// Shows that time passes.
    fn tick(&mut self, now: Timestamp, history: &History);
}

/// Tells the time.
pub trait Clock: Send + Sync {
    /// Now.
    fn now(&self) -> Timestamp;
}
