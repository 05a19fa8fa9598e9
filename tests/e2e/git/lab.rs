//! A folder of its own for each test: repositories, a home without settings of the machine's, and what is true of them.

use std::collections::BTreeMap;
use std::fs;
use std::os::unix::ffi::OsStrExt;
use std::os::unix::fs::MetadataExt;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::time::Duration;

use batch::adapters::git::git::Git;
use batch::adapters::git::ground::Place;
use batch::adapters::git::worktrees::WorktreePool;
use batch::adapters::process::Processes;
use batch::engine::ports::{Stop, Watch};
use batch::model::id::{ObjectId, RunId};
use tempfile::TempDir;

pub(super) struct Lab {
    dir: TempDir,
    program: PathBuf,
}

impl Lab {
    pub(super) fn new() -> Self {
        Self::with_git("git")
    }

    pub(super) fn with_git(program: impl Into<PathBuf>) -> Self {
        let lab = Self {
            dir: tempfile::tempdir().unwrap(),
            program: program.into(),
        };
        fs::create_dir(lab.path("home")).unwrap();
        let settings = "[user]\n\tname = A U Thor\n\temail = author@example.com\n\
            [init]\n\tdefaultBranch = main\n[protocol \"file\"]\n\tallow = always\n";
        fs::write(lab.path("home/.gitconfig"), settings).unwrap();
        lab
    }

    pub(super) fn path(&self, name: &str) -> PathBuf {
        self.dir.path().canonicalize().unwrap().join(name)
    }

    fn variables(&self) -> [(&'static str, PathBuf); 4] {
        [
            ("HOME", self.path("home")),
            ("XDG_CONFIG_HOME", self.path("home/.config")),
            ("GIT_CONFIG_GLOBAL", self.path("home/.gitconfig")),
            ("GIT_CONFIG_NOSYSTEM", PathBuf::from("1")),
        ]
    }

    /// Runs git as the user would, and returns what it prints, without the last line end.
    pub(super) fn git(&self, dir: &Path, args: &[&str]) -> String {
        let (ok, said) = self.try_git(dir, args);
        assert!(ok, "git {args:?} in {}: {said}", dir.display());
        said
    }

    pub(super) fn try_git(&self, dir: &Path, args: &[&str]) -> (bool, String) {
        let mut command = Command::new(&self.program);
        for (name, _) in std::env::vars_os() {
            if name.as_bytes().starts_with(b"GIT_") {
                command.env_remove(name);
            }
        }
        let output = command
            .args(args)
            .current_dir(dir)
            .envs(self.variables())
            .output()
            .unwrap();
        let mut said = String::from_utf8_lossy(&output.stdout).into_owned();
        if !output.status.success() {
            said.push_str(&String::from_utf8_lossy(&output.stderr));
        }
        (
            output.status.success(),
            said.trim_end_matches('\n').to_owned(),
        )
    }

    pub(super) fn id(&self, dir: &Path, what: &str) -> ObjectId {
        ObjectId::parse(&self.git(dir, &["rev-parse", "--verify", what])).unwrap()
    }

    /// A repository with these files committed on `main`.
    pub(super) fn repository(&self, name: &str, files: &[(&str, &str)]) -> PathBuf {
        let root = self.path(name);
        fs::create_dir_all(&root).unwrap();
        self.git(&root, &["init", "--quiet"]);
        self.commit(&root, files, "first");
        root
    }

    /// Writes files and commits all that differs.
    pub(super) fn commit(&self, root: &Path, files: &[(&str, &str)], message: &str) -> ObjectId {
        for (name, text) in files {
            write(root, name, text);
        }
        self.git(root, &["add", "--all"]);
        self.git(root, &["commit", "--quiet", "--allow-empty", "-m", message]);
        self.id(root, "HEAD")
    }

    /// A bare remote `origin` of the repository, at the same commits.
    pub(super) fn origin(&self, root: &Path) -> PathBuf {
        let bare = self.path("origin.git");
        self.git(
            root,
            &["clone", "--quiet", "--bare", ".", bare.to_str().unwrap()],
        );
        self.git(root, &["remote", "add", "origin", bare.to_str().unwrap()]);
        self.git(root, &["fetch", "--quiet", "origin"]);
        bare
    }

    /// A commit that somebody else pushed to the bare repository.
    pub(super) fn elsewhere(&self, bare: &Path, branch: &str, files: &[(&str, &str)]) -> ObjectId {
        let clone = tempfile::tempdir_in(self.dir.path()).unwrap();
        let at = clone.path().join("clone");
        let from = format!("file://{}", bare.display());
        self.git(clone.path(), &["clone", "--quiet", &from, "clone"]);
        if !self.try_git(&at, &["checkout", "--quiet", branch]).0 {
            self.git(&at, &["checkout", "--quiet", "-b", branch]);
        }
        let commit = self.commit(&at, files, "elsewhere");
        self.git(&at, &["push", "--quiet", "origin", branch]);
        commit
    }

    /// The git of the adapters.
    pub(super) fn own_git(&self, dir: &Path) -> Git {
        let processes = Processes::new(env!("CARGO_BIN_EXE_batch"));
        let git = Git::new(processes, dir).program(&self.program);
        self.variables()
            .into_iter()
            .fold(git, |git, (name, value)| git.variable(name, value))
    }

    pub(super) async fn place(&self, dir: &Path) -> Place {
        Place::find(&self.own_git(dir), dir).await.unwrap()
    }

    pub(super) fn pool(&self, place: &Place, fresh_each_time: bool) -> WorktreePool {
        WorktreePool::new(place, self.path("cache/run"), &run(), fresh_each_time)
    }

    pub(super) fn watch(&self) -> Watch {
        Watch {
            log: self.path("log"),
            timeout: Duration::from_secs(60),
            stop: Stop::default(),
        }
    }

    pub(super) fn log(&self) -> String {
        fs::read_to_string(self.path("log")).unwrap_or_default()
    }
}

/// All gits on PATH: what differs between versions is tested with each.
pub(super) fn gits() -> Vec<PathBuf> {
    let path = std::env::var_os("PATH").unwrap();
    let mut found: Vec<PathBuf> = std::env::split_paths(&path)
        .filter_map(|folder| folder.join("git").canonicalize().ok())
        .collect();
    found.sort();
    found.dedup();
    found
}

pub(super) fn run() -> RunId {
    "20260102T030405Z-0a1b".parse().unwrap()
}

pub(super) fn write(root: &Path, name: &str, text: impl AsRef<[u8]>) {
    let path = root.join(name);
    fs::create_dir_all(path.parent().unwrap()).unwrap();
    fs::write(path, text).unwrap();
}

pub(super) fn read(root: &Path, name: &str) -> String {
    fs::read_to_string(root.join(name)).unwrap()
}

/// All that is the user's: each file of checkout and repository with contents, mode and time; objects and what is kept
/// for batch aside.
pub(super) fn everything(root: &Path) -> Everything {
    let mut all = BTreeMap::new();
    gather(root, root, &mut all);
    all
}

type Everything = BTreeMap<PathBuf, (Vec<u8>, u32, i64)>;

/// Fails with the names of what differs.
#[track_caller]
pub(super) fn assert_same(before: &Everything, after: &Everything) {
    let differs: Vec<&PathBuf> = before
        .keys()
        .chain(after.keys())
        .filter(|&path| before.get(path) != after.get(path))
        .collect();
    assert!(differs.is_empty(), "touched: {differs:?}");
}

fn gather(root: &Path, folder: &Path, all: &mut Everything) {
    const NOT_THE_USERS: [&str; 4] = [
        ".git/objects",
        ".git/batch",
        ".git/worktrees",
        ".git/refs/batch",
    ];
    for entry in fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        let name = path.strip_prefix(root).unwrap().to_owned();
        if NOT_THE_USERS.iter().any(|other| name == Path::new(other)) {
            continue;
        }
        let found = fs::symlink_metadata(&path).unwrap();
        if found.is_dir() {
            all.insert(name, (Vec::new(), found.mode(), 0));
            gather(root, &path, all);
        } else {
            let contents = fs::read(&path).unwrap_or_default();
            all.insert(name, (contents, found.mode(), found.mtime()));
        }
    }
}
