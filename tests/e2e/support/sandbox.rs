//! [`Sandbox`]: a real repository with a real bare remote, a home of its own, and the built program to run on it.
//!
//! Nothing of the machine's or the user's configuration reaches it, and sandboxes do not meet: tests run in parallel.

use std::collections::{BTreeMap, BTreeSet};
use std::ffi::{OsStr, OsString};
use std::os::unix::ffi::{OsStrExt, OsStringExt};
use std::path::{Path, PathBuf};
use std::process::{Command, Output, Stdio};

use tempfile::TempDir;

/// A folder with `home`, `repo` and, unless it was left out, `remote.git`.
pub struct Sandbox {
    dir: TempDir,
    /// The bare repository behind `origin`.
    remote: PathBuf,
    /// Variables of every program that is run in it.
    environment: Vec<(String, OsString)>,
}

/// What a program printed, and how it ended.
#[derive(Debug)]
pub struct Ran {
    pub code: Option<i32>,
    pub stdout: String,
    pub stderr: String,
}

impl Ran {
    /// Insists on an exit code, showing everything when it is another.
    #[track_caller]
    pub fn exits(self, code: i32) -> Self {
        assert_eq!(
            self.code,
            Some(code),
            "\n--- stdout\n{}\n--- stderr\n{}",
            self.stdout,
            self.stderr
        );
        self
    }

    /// Insists that standard error says something.
    #[track_caller]
    pub fn says(self, words: &str) -> Self {
        assert!(
            self.stderr.contains(words),
            "no {words:?} in\n{}",
            self.stderr
        );
        self
    }
}

impl Sandbox {
    /// A repository on `main` without a commit, and without a remote.
    pub fn empty() -> Self {
        let dir = tempfile::Builder::new()
            .prefix("batch-test-")
            .tempdir()
            .unwrap();
        let sandbox = Self {
            remote: dir.path().join("remote.git"),
            dir,
            environment: Vec::new(),
        };
        for folder in ["home", "repo", "cache", "tmp"] {
            std::fs::create_dir(sandbox.path(folder)).unwrap();
        }
        std::fs::write(
            sandbox.path("home/.gitconfig"),
            "[user]\n\tname = Test Author\n\temail = author@example.invalid\n\
             [init]\n\tdefaultBranch = main\n[gc]\n\tauto = 0\n[advice]\n\tdetachedHead = false\n",
        )
        .unwrap();
        sandbox.git(["init", "-q"]);
        sandbox
    }

    /// A repository with these files committed, and no remote.
    pub fn local(files: &[(&str, &str)]) -> Self {
        let sandbox = Self::empty();
        for (path, contents) in files {
            sandbox.write(path, contents);
        }
        sandbox.commit("first");
        sandbox
    }

    /// A repository with these files committed and pushed to a bare remote called `origin`.
    pub fn new(files: &[(&str, &str)]) -> Self {
        let sandbox = Self::local(files);
        sandbox.publish();
        sandbox
    }

    /// A project of `units` folders below `src`, with two files each that name `frob`.
    pub fn frobs(units: usize) -> Self {
        let sandbox = Self::local_frobs(units);
        sandbox.publish();
        sandbox
    }

    /// As [`Sandbox::frobs`], without a remote.
    pub fn local_frobs(units: usize) -> Self {
        let mut files = vec![("README.md".to_owned(), "# Sample\n".to_owned())];
        for unit in 0..units {
            for name in ["one", "two"] {
                let text = format!("call frob({unit})\nand frob again\nend\n");
                files.push((format!("src/part{unit}/{name}.txt"), text));
            }
        }
        let files: Vec<(&str, &str)> = files
            .iter()
            .map(|(path, text)| (path.as_str(), text.as_str()))
            .collect();
        Self::local(&files)
    }

    /// Makes the bare remote `origin` and pushes what is checked out to its `main`.
    pub fn publish(&self) {
        let remote = self.path("remote.git");
        self.run_git(
            &self.path(""),
            ["init", "-q", "--bare", "-b", "main", "remote.git"],
        );
        self.git(["remote", "add", "origin", remote.to_str().unwrap()]);
        self.git(["push", "-q", "-u", "origin", "HEAD:main"]);
    }

    /// Takes what another has set up as `origin`: its address, and the bare repository behind it.
    pub fn connect(&mut self, url: &str, remote: PathBuf) {
        self.remote = remote;
        self.git([
            OsStr::new("push"),
            OsStr::new("-q"),
            self.remote.as_os_str(),
            OsStr::new("HEAD:main"),
        ]);
        self.git(["remote", "add", "origin", url]);
        self.git(["fetch", "-q", "origin"]);
        self.git(["branch", "-q", "--set-upstream-to=origin/main"]);
    }

    /// Sets a variable of every program that is run in it.
    pub fn set(&mut self, name: &str, value: impl Into<OsString>) {
        self.environment.retain(|(known, _)| known != name);
        self.environment.push((name.to_owned(), value.into()));
    }

    /// A path below the sandbox's own folder.
    pub fn path(&self, name: &str) -> PathBuf {
        self.dir.path().join(name)
    }

    /// The checkout.
    pub fn repo(&self) -> PathBuf {
        self.path("repo")
    }

    /// Writes the user's own settings.
    pub fn own_settings(&self, text: &str) {
        let folder = self.path("home/.config/batch");
        std::fs::create_dir_all(&folder).unwrap();
        std::fs::write(folder.join("config.toml"), text).unwrap();
    }

    /// Writes a file of the checkout, making its folder.
    pub fn write(&self, path: impl AsRef<Path>, contents: impl AsRef<[u8]>) {
        let path = self.repo().join(path);
        std::fs::create_dir_all(path.parent().unwrap()).unwrap();
        std::fs::write(path, contents).unwrap();
    }

    /// Writes a file that can be executed.
    pub fn write_script(&self, path: impl AsRef<Path>, contents: &str) {
        use std::os::unix::fs::PermissionsExt;
        self.write(&path, contents);
        let path = self.repo().join(path);
        std::fs::set_permissions(path, std::fs::Permissions::from_mode(0o755)).unwrap();
    }

    /// Gives the remote a hook, by the lines of a shell script.
    pub fn remote_hook(&self, name: &str, script: &str) {
        let hook = self.remote.join("hooks").join(name);
        self.write_script(hook, &format!("#!/bin/sh\n{script}"));
    }

    /// Commits all that is in the checkout.
    pub fn commit(&self, message: &str) -> String {
        self.git(["add", "-A", "-f"]);
        self.git(["commit", "-q", "--allow-empty", "-m", message]);
        self.git(["rev-parse", "HEAD"])
    }

    /// Commits all and pushes it to the remote's `main`.
    pub fn commit_and_push(&self, message: &str) -> String {
        let commit = self.commit(message);
        self.git(["push", "-q", "origin", "HEAD:main"]);
        commit
    }

    /// Runs git in the checkout; trimmed output.
    #[track_caller]
    pub fn git<A: AsRef<OsStr>>(&self, args: impl IntoIterator<Item = A>) -> String {
        self.run_git(&self.repo(), args)
    }

    /// Runs git in the remote; trimmed output.
    #[track_caller]
    pub fn remote_git<A: AsRef<OsStr>>(&self, args: impl IntoIterator<Item = A>) -> String {
        self.run_git(&self.remote, args)
    }

    #[track_caller]
    fn run_git<A: AsRef<OsStr>>(&self, dir: &Path, args: impl IntoIterator<Item = A>) -> String {
        let args: Vec<OsString> = args
            .into_iter()
            .map(|arg| arg.as_ref().to_owned())
            .collect();
        let output = self
            .command("git")
            .current_dir(dir)
            .args(&args)
            .output()
            .unwrap();
        assert!(
            output.status.success(),
            "git {args:?}: {}{}",
            String::from_utf8_lossy(&output.stdout),
            String::from_utf8_lossy(&output.stderr)
        );
        String::from_utf8_lossy(&output.stdout)
            .trim_end()
            .to_owned()
    }

    /// A program with the sandbox's environment and nothing else.
    pub fn command(&self, program: impl AsRef<OsStr>) -> Command {
        let mut command = Command::new(program);
        command
            .env_clear()
            .env("PATH", std::env::var_os("PATH").unwrap_or_default())
            .env("HOME", self.path("home"))
            .env("XDG_CACHE_HOME", self.path("cache"))
            .env("TMPDIR", self.path("tmp"))
            .env("GIT_CONFIG_NOSYSTEM", "1")
            .env("LANG", "C.UTF-8")
            .env("TERM", "dumb")
            .envs(self.environment.iter().map(|(name, value)| (name, value)))
            .stdin(Stdio::null())
            .current_dir(self.repo());
        command
    }

    /// The built program, to be run in the checkout.
    pub fn batch_command(&self) -> Command {
        self.command(env!("CARGO_BIN_EXE_batch"))
    }

    /// Runs the built program in the checkout.
    pub fn batch<A: AsRef<OsStr>>(&self, args: impl IntoIterator<Item = A>) -> Ran {
        ran(&self.batch_command().args(args).output().unwrap())
    }

    /// The built program, to be run in the checkout on a terminal that knows colours.
    pub fn at_terminal<A: AsRef<OsStr>>(&self, args: impl IntoIterator<Item = A>) -> Command {
        let mut command = self.batch_command();
        command.env("TERM", "xterm-256color").args(args);
        // A long plan is not to wait for a pager of the machine's.
        command.env("GIT_PAGER", "cat");
        command
    }

    /// Renames `frob` to `frobnicate` in a run, with `args` more, without asking.
    pub fn rename_frob(&self, args: &[&str]) -> Ran {
        let all = [
            "rename frob to frobnicate",
            "--rewrite",
            r"s/\bfrob\b/frobnicate/g",
            "--yes",
        ];
        self.batch(all.iter().chain(args))
    }

    /// The branches of the remote below `batch/`, by the unit's id, with their commits.
    pub fn delivered(&self) -> BTreeMap<String, String> {
        let listed = self.remote_git([
            "for-each-ref",
            "--format=%(refname) %(objectname)",
            "refs/heads/batch/",
        ]);
        listed
            .lines()
            .map(|line| {
                let (name, commit) = line.split_once(' ').unwrap();
                (
                    name.rsplit_once('/').unwrap().1.to_owned(),
                    commit.to_owned(),
                )
            })
            .collect()
    }

    /// The last run's `report.json`.
    #[track_caller]
    pub fn report(&self) -> serde_json::Value {
        serde_json::from_str(&self.run_file("report.json")).unwrap()
    }

    /// A file of the last run.
    #[track_caller]
    pub fn run_file(&self, name: &str) -> String {
        let path = self.repo().join(".git/batch/latest").join(name);
        std::fs::read_to_string(&path).unwrap_or_else(|error| panic!("{}: {error}", path.display()))
    }

    /// The outcomes of the last run's units, by id.
    #[track_caller]
    pub fn outcomes(&self) -> BTreeMap<String, String> {
        self.report()["units"]
            .as_array()
            .unwrap()
            .iter()
            .map(|unit| {
                let text = |key: &str| unit[key].as_str().unwrap().to_owned();
                (text("id"), text("outcome"))
            })
            .collect()
    }

    /// All of the user's own that a run must leave as it was: refs outside `refs/batch/`, HEAD, index, configuration,
    /// reflogs, stash, and every file of the checkout. Path to contents, byte for byte.
    pub fn users_own(&self) -> BTreeMap<OsString, Vec<u8>> {
        let mut own = BTreeMap::new();
        collect(&self.repo(), &self.repo(), &mut own);
        own.retain(|path, _| {
            let path = path.as_bytes();
            ![
                &b".git/batch"[..],
                b".git/refs/batch",
                b".git/objects",
                b".git/logs/refs/batch",
            ]
            .iter()
            .any(|ours| path.starts_with(ours))
        });
        own
    }

    /// Insists that all of the user's own is byte for byte as it was before, naming what is not.
    #[track_caller]
    pub fn is_untouched(&self, before: &BTreeMap<OsString, Vec<u8>>) {
        let now = self.users_own();
        let paths: BTreeSet<_> = before.keys().chain(now.keys()).collect();
        let differing: Vec<_> = paths
            .into_iter()
            .filter(|path| before.get(*path) != now.get(*path))
            .collect();
        assert!(differing.is_empty(), "no longer as before: {differing:?}");
    }

    /// Insists that no worktree is left, neither registered nor on the disk.
    #[track_caller]
    pub fn has_no_worktree_left(&self) {
        assert_eq!(
            self.git(["worktree", "list", "--porcelain"])
                .matches("worktree ")
                .count(),
            1
        );
        let mut left = BTreeMap::new();
        collect(&self.path("cache"), &self.path("cache"), &mut left);
        assert!(left.is_empty(), "left in the cache: {:?}", left.keys());
    }
}

/// Every file and symlink below `folder`; folders that are empty count as well.
fn collect(root: &Path, folder: &Path, into: &mut BTreeMap<OsString, Vec<u8>>) {
    for entry in std::fs::read_dir(folder).unwrap() {
        let entry = entry.unwrap();
        let path = entry.path();
        let name = path.strip_prefix(root).unwrap().as_os_str().to_owned();
        let kind = entry.file_type().unwrap();
        if kind.is_dir() {
            let before = into.len();
            collect(root, &path, into);
            if into.len() == before {
                into.insert(name, b"(an empty folder)".to_vec());
            }
        } else if kind.is_symlink() {
            into.insert(
                name,
                std::fs::read_link(&path)
                    .unwrap()
                    .into_os_string()
                    .into_vec(),
            );
        } else if kind.is_file() {
            into.insert(name, std::fs::read(&path).unwrap());
        }
    }
}

/// What a finished program printed.
pub fn ran(output: &Output) -> Ran {
    Ran {
        code: output.status.code(),
        stdout: String::from_utf8_lossy(&output.stdout).into_owned(),
        stderr: String::from_utf8_lossy(&output.stderr).into_owned(),
    }
}
