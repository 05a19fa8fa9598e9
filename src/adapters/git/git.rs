//! [`Git`]: how our own git is started, so that no setting, hook or prompt of the user's surprises a run.
//!
//! It knows environment, settings and error words; what is asked of git stands in the files beside it. No other file
//! names the executable, but for the demo, which makes its sample as a user would.

use std::ffi::{OsStr, OsString};
use std::path::{Path, PathBuf};
use std::time::Duration;

use crate::adapters::git::credential_helpers::{HELPERS, may_take_a_token};
use crate::adapters::process::{ForgeTokens, Invocation, Output, Processes};
use crate::engine::ports::{PortError, Stop, Watch};
use crate::model::id::ObjectId;

/// The oldest git that works: Debian 12 has it.
pub const OLDEST: (u32, u32) = (2, 39);

/// How long plumbing that touches no network may take.
const LOCAL: Duration = Duration::from_secs(600);

/// Settings of our own git, whatever the user's say: nothing runs in the background or recurses into submodules, and
/// nothing is pushed that was not named. No index is split: the shared part of one of our own would land beside the
/// user's index, and with `index.skipHash` (a part of `feature.manyFiles`) git (2.47) reads such an index back empty, so
/// that each file looks changed.
const SETTINGS: [&str; 9] = [
    "push.followTags=false",
    "push.recurseSubmodules=no",
    "worktree.useRelativePaths=false",
    "maintenance.auto=false",
    "gc.auto=0",
    "submodule.recurse=false",
    "core.fsmonitor=false",
    "core.ignoreStat=false",
    "core.splitIndex=false",
];

/// Variables that change what git's arguments mean, or whom it asks.
const MISLEADING: [&str; 7] = [
    "GIT_LITERAL_PATHSPECS",
    "GIT_GLOB_PATHSPECS",
    "GIT_NOGLOB_PATHSPECS",
    "GIT_ICASE_PATHSPECS",
    "GIT_EXTERNAL_DIFF",
    "GIT_REFLOG_ACTION",
    "GIT_NAMESPACE",
];

/// How many of git's own lines an error carries.
const WORDS_LINES: usize = 8;

/// Starts git in one folder.
#[derive(Debug, Clone)]
pub struct Git {
    processes: Processes,
    program: OsString,
    dir: PathBuf,
    stop: Stop,
    variables: Vec<(OsString, OsString)>,
    ssh_is_configured: bool,
    tokens: ForgeTokens,
    worktree: bool,
}

impl Git {
    /// The git on PATH, run in `dir`.
    pub fn new(processes: Processes, dir: impl Into<PathBuf>) -> Self {
        Self {
            processes,
            program: OsString::from("git"),
            dir: dir.into(),
            stop: Stop::default(),
            variables: Vec::new(),
            ssh_is_configured: false,
            tokens: ForgeTokens::Withheld,
            worktree: false,
        }
    }

    /// Another executable than the one on PATH.
    #[must_use]
    pub fn program(mut self, program: impl Into<OsString>) -> Self {
        self.program = program.into();
        self
    }

    /// Sets a variable for all its calls, on top of the environment.
    #[must_use]
    pub fn variable(mut self, name: impl Into<OsString>, value: impl Into<OsString>) -> Self {
        self.variables.push((name.into(), value.into()));
        self
    }

    /// Ends its calls when `stop` is raised; by default they come to their end.
    #[must_use]
    pub fn stopping_at(mut self, stop: Stop) -> Self {
        self.stop = stop;
        self
    }

    /// The same git in another folder of the user's.
    #[must_use]
    pub fn at(&self, dir: impl Into<PathBuf>) -> Self {
        Self {
            dir: dir.into(),
            ..self.clone()
        }
    }

    /// The same git in a worktree of ours: always full, and never mistaken for a repository further up.
    #[must_use]
    pub fn in_worktree(&self, dir: impl Into<PathBuf>) -> Self {
        Self {
            worktree: true,
            ..self.at(dir)
        }
    }

    /// The folder that it runs in.
    #[must_use]
    pub fn dir(&self) -> &Path {
        &self.dir
    }

    /// Notes whether the user's settings name the ssh to use, which then is not replaced.
    ///
    /// # Errors
    /// [`PortError`] when git cannot be started.
    pub async fn learn_ssh(&mut self) -> Result<(), PortError> {
        self.ssh_is_configured = std::env::var_os("GIT_SSH_COMMAND").is_some()
            || std::env::var_os("GIT_SSH").is_some()
            || self
                .reading("reading core.sshCommand")
                .args(["config", "--get", "core.sshCommand"])
                .output()
                .await?
                .status
                .success();
        Ok(())
    }

    /// Notes whether what the user has git ask for a password may answer with a token from the environment.
    ///
    /// # Errors
    /// [`PortError`] when git cannot be started.
    pub async fn learn_helpers(&mut self) -> Result<(), PortError> {
        let listed = self.reading("reading the credential helpers");
        let listed = listed.args(["config", "-z", "--get-regexp", HELPERS]);
        let listed = listed.output().await?.stdout;
        let program = std::env::var_os("GIT_ASKPASS").unwrap_or_default();
        if !program.is_empty() || records(&listed).any(may_take_a_token) {
            self.tokens = ForgeTokens::Inherited;
        }
        Ok(())
    }

    /// Makes sure that the executable is there and new enough.
    ///
    /// # Errors
    /// [`VersionError`] when there is no git or an older one than [`OLDEST`].
    pub async fn require_version(&self) -> Result<(), VersionError> {
        let text = self
            .reading("starting git")
            .arg("version")
            .text()
            .await
            .map_err(VersionError::Missing)?;
        let found = text.strip_prefix("git version ").unwrap_or(&text);
        match numbers(found) {
            Some(numbers) if numbers >= OLDEST => Ok(()),
            Some(_) | None => Err(VersionError::TooOld {
                found: found.to_owned(),
            }),
        }
    }

    /// A call that writes.
    pub(in crate::adapters) fn call(&self, doing: impl Into<String>) -> Call<'_> {
        Call {
            git: self,
            doing: doing.into(),
            settings: Vec::new(),
            args: Vec::new(),
            env: Vec::new(),
            stdin: None,
            timeout: LOCAL,
            stop: self.stop.clone(),
            tokens: ForgeTokens::Withheld,
        }
    }

    /// A call that reads, and takes no lock for it (`git status` rewrites the index otherwise).
    pub(in crate::adapters) fn reading(&self, doing: impl Into<String>) -> Call<'_> {
        self.call(doing).env("GIT_OPTIONAL_LOCKS", "0")
    }

    fn invocation(&self, call: &Call<'_>) -> Invocation {
        let mut invocation = Invocation::new(&self.program, &self.dir).doing(&call.doing);
        for setting in SETTINGS {
            invocation = invocation.arg("-c").arg(setting);
        }
        if self.worktree {
            invocation = invocation.arg("-c").arg("core.sparseCheckout=false");
            if let Some(above) = self.dir.parent() {
                invocation = invocation.env("GIT_CEILING_DIRECTORIES", above);
            }
        }
        for setting in &call.settings {
            invocation = invocation.arg("-c").arg(setting);
        }
        invocation = invocation.args(call.args.iter().cloned());
        for name in MISLEADING {
            invocation = invocation.env_remove(name);
        }
        invocation = invocation
            .env("LC_ALL", "C")
            .env("GIT_TERMINAL_PROMPT", "0")
            .env("GIT_EDITOR", "true")
            .env("GIT_SEQUENCE_EDITOR", "true")
            .env("GIT_MERGE_AUTOEDIT", "no")
            .env("GIT_PAGER", "cat")
            .env("SSH_ASKPASS_REQUIRE", "never");
        // Empty means: ask nobody, not even the program of core.askPass. One that the user set may be a CI's.
        if std::env::var_os("GIT_ASKPASS").is_none() {
            invocation = invocation.env("GIT_ASKPASS", "");
        }
        if !self.ssh_is_configured {
            invocation = invocation.env("GIT_SSH_COMMAND", "ssh -o BatchMode=yes");
        }
        for (name, value) in self.variables.iter().chain(&call.env) {
            invocation = invocation.env(name, value);
        }
        if call.tokens == ForgeTokens::Inherited {
            invocation = invocation.with_forge_tokens();
        }
        match &call.stdin {
            Some(bytes) => invocation.stdin(bytes.clone()),
            None => invocation,
        }
    }
}

/// Why this machine's git cannot be used.
#[derive(Debug, Clone, thiserror::Error)]
pub enum VersionError {
    /// It could not be started.
    #[error("git cannot be started: {0}")]
    Missing(#[source] PortError),
    /// It is older than [`OLDEST`].
    #[error("git {found} is too old: {}.{} or newer is needed", OLDEST.0, OLDEST.1)]
    TooOld {
        /// What `git version` said.
        found: String,
    },
}

/// One call of git, as it is put together.
#[derive(Debug, Clone)]
pub(in crate::adapters) struct Call<'a> {
    git: &'a Git,
    doing: String,
    settings: Vec<OsString>,
    args: Vec<OsString>,
    env: Vec<(OsString, OsString)>,
    stdin: Option<Vec<u8>>,
    timeout: Duration,
    stop: Stop,
    tokens: ForgeTokens,
}

impl Call<'_> {
    /// Says that it talks to a remote: helpers that need a token of the user's from the environment then have it.
    pub(in crate::adapters) fn for_the_remote(mut self) -> Self {
        self.tokens = self.git.tokens;
        self
    }

    /// A setting for this call, as `name=value`.
    pub(in crate::adapters) fn setting(mut self, setting: impl Into<OsString>) -> Self {
        self.settings.push(setting.into());
        self
    }

    pub(in crate::adapters) fn arg(mut self, arg: impl AsRef<OsStr>) -> Self {
        self.args.push(arg.as_ref().to_owned());
        self
    }

    pub(in crate::adapters) fn args<A: AsRef<OsStr>>(
        mut self,
        args: impl IntoIterator<Item = A>,
    ) -> Self {
        self.args
            .extend(args.into_iter().map(|arg| arg.as_ref().to_owned()));
        self
    }

    pub(in crate::adapters) fn env(mut self, name: &str, value: impl AsRef<OsStr>) -> Self {
        self.env.push((name.into(), value.as_ref().to_owned()));
        self
    }

    pub(in crate::adapters) fn stdin(mut self, bytes: impl Into<Vec<u8>>) -> Self {
        self.stdin = Some(bytes.into());
        self
    }

    pub(in crate::adapters) fn timeout(mut self, timeout: Duration) -> Self {
        self.timeout = timeout;
        self
    }

    /// Bounds the call as the watch says, without its log.
    pub(in crate::adapters) fn within(mut self, watch: &Watch) -> Self {
        self.timeout = watch.timeout;
        self.stop = watch.stop.clone();
        self
    }

    /// Runs it; any end of its own is an output.
    pub(in crate::adapters) async fn output(self) -> Result<Output, PortError> {
        self.git
            .processes
            .capture(&self.git.invocation(&self), self.timeout, &self.stop)
            .await
    }

    /// Runs it under the guard and into the watch's log: for what may run hooks, filters or helpers of the user's.
    pub(in crate::adapters) async fn logged_output(
        self,
        watch: &Watch,
    ) -> Result<Output, PortError> {
        self.git
            .processes
            .logged_output(&self.git.invocation(&self), watch)
            .await
    }

    /// As [`Call::logged_output`], and it must succeed.
    pub(in crate::adapters) async fn logged(self, watch: &Watch) -> Result<Vec<u8>, PortError> {
        let doing = self.doing.clone();
        success(doing, self.logged_output(watch).await?)
    }

    /// What it prints, when it succeeds.
    pub(in crate::adapters) async fn bytes(self) -> Result<Vec<u8>, PortError> {
        let doing = self.doing.clone();
        success(doing, self.output().await?)
    }

    /// What it prints without the last line's end, when it succeeds.
    pub(in crate::adapters) async fn text(self) -> Result<String, PortError> {
        let bytes = self.bytes().await?;
        Ok(line(&bytes))
    }

    /// The object id that it prints, when it succeeds.
    pub(in crate::adapters) async fn id(self) -> Result<ObjectId, PortError> {
        let doing = self.doing.clone();
        let text = self.text().await?;
        ObjectId::parse(&text).map_err(|error| PortError::failed(doing, error))
    }

    /// The invocation itself, for a conversation.
    pub(in crate::adapters) fn into_invocation(self) -> Invocation {
        self.git.invocation(&self)
    }
}

fn success(doing: String, output: Output) -> Result<Vec<u8>, PortError> {
    if output.status.success() {
        Ok(output.stdout)
    } else {
        Err(failure(doing, &output))
    }
}

/// The error that a git which ended badly amounts to.
pub(in crate::adapters) fn failure(doing: impl Into<String>, output: &Output) -> PortError {
    let words = words(&output.stderr);
    if words.is_empty() {
        PortError::failed(doing, format!("git ended with {}", output.status))
    } else {
        PortError::failed(doing, words)
    }
}

/// What git says below any failure to reach a remote, whatever the reason was.
const ANY_REMOTE: [&str; 3] = [
    "Could not read from remote repository.",
    "Please make sure you have the correct access rights",
    "and the repository exists.",
];

/// What git had to say, without hints, progress and its `fatal: `; the last lines of it.
pub(in crate::adapters) fn words(stderr: &[u8]) -> String {
    let text = String::from_utf8_lossy(stderr);
    let lines: Vec<&str> = text
        .lines()
        // Progress overwrites itself with carriage returns; only the last state counts.
        .map(|line| {
            line.rsplit('\r')
                .find(|part| !part.is_empty())
                .unwrap_or("")
        })
        .map(str::trim_end)
        .filter(|line| !line.is_empty() && !line.starts_with("hint:"))
        .map(|line| {
            line.strip_prefix("fatal: ")
                .or_else(|| line.strip_prefix("error: "))
                .unwrap_or(line)
        })
        .collect();
    let telling: Vec<&str> = lines
        .iter()
        .copied()
        .filter(|line| !ANY_REMOTE.contains(line))
        .collect();
    let lines = if telling.is_empty() { lines } else { telling };
    lines[lines.len().saturating_sub(WORDS_LINES)..].join("\n")
}

/// The words of an error, without what was being done.
pub(super) fn said(error: PortError) -> String {
    match error {
        PortError::Failed { words, .. } => words,
        other @ (PortError::TimedOut { .. } | PortError::Stopped) => other.to_string(),
    }
}

/// A printed line without its end.
pub(in crate::adapters) fn line(bytes: &[u8]) -> String {
    String::from_utf8_lossy(bytes.strip_suffix(b"\n").unwrap_or(bytes)).into_owned()
}

/// A printed path without the line's end: paths may hold line ends of their own.
pub(in crate::adapters) fn path(bytes: &[u8]) -> PathBuf {
    use std::os::unix::ffi::OsStrExt;
    PathBuf::from(OsStr::from_bytes(
        bytes.strip_suffix(b"\n").unwrap_or(bytes),
    ))
}

/// The records of an output made with `-z`.
pub(in crate::adapters) fn records(bytes: &[u8]) -> impl Iterator<Item = &[u8]> {
    bytes
        .strip_suffix(b"\0")
        .into_iter()
        .flat_map(|bytes| bytes.split(|&byte| byte == 0))
}

fn numbers(version: &str) -> Option<(u32, u32)> {
    let mut parts = version.split(|c: char| !c.is_ascii_digit());
    Some((parts.next()?.parse().ok()?, parts.next()?.parse().ok()?))
}

#[cfg(test)]
mod tests {
    use super::{OLDEST, numbers, records, words};

    #[test]
    fn versions_of_all_vendors_are_understood() {
        assert_eq!(numbers("2.39.5"), Some((2, 39)));
        assert_eq!(numbers("2.47.3.windows.1"), Some((2, 47)));
        assert_eq!(numbers("2.39.5 (Apple Git-154)"), Some(OLDEST));
        assert_eq!(numbers("2.50-rc1"), Some((2, 50)));
        assert_eq!(numbers("unknown"), None);
        assert!(numbers("2.9.1").unwrap() < OLDEST);
        assert!(numbers("10.0").unwrap() > OLDEST);
    }

    #[test]
    fn words_are_what_a_person_should_read() {
        assert_eq!(
            words(b"Receiving: 10%\rReceiving: 100%\nhint: try this\n\nfatal: no such thing\n"),
            "Receiving: 100%\nno such thing"
        );
        assert_eq!(
            words(
                b"fatal: '/x' does not appear to be a git repository\n\
                  fatal: Could not read from remote repository.\n\n\
                  Please make sure you have the correct access rights\nand the repository exists.\n"
            ),
            "'/x' does not appear to be a git repository"
        );
        assert_eq!(
            words(b"fatal: Could not read from remote repository.\n"),
            "Could not read from remote repository."
        );
        assert_eq!(words(b""), "");
    }

    #[test]
    fn no_output_has_no_records() {
        assert_eq!(records(b"").count(), 0);
        assert_eq!(
            records(b"a\0\nb\0").collect::<Vec<_>>(),
            [b"a".as_slice(), b"\nb"]
        );
    }
}
