//! The sample repository of `batch demo`: a small web shop in shell scripts, with a bare remote.
//!
//! It stages a true story: the change is harmless wherever a setting has a default, and the one service whose setting
//! has none fails its test until the developer's own `.env`, which git ignores, knows the new name. What must hold for
//! any split of the change is tested here. Knows nothing of runs; `commands::demo` calls it.

mod files;
#[cfg(test)]
mod tests;

use std::ffi::{OsStr, OsString};
use std::fs;
use std::io::{self, Write};
use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};

use self::files::FILES;
use crate::engine::ports::PortError;

/// The setting that only the developer's `.env` holds, before the change and after it.
const OLD_SETTING: &str = "SHOP_PAYMENTS_URL";
const NEW_SETTING: &str = "STORE_PAYMENTS_URL";
const SETTING_VALUE: &str = "https://sandbox.payments.example";

/// Settings of the sample's own, so that the user's neither break it nor get into it: signing that asks for a key,
/// hooks, line endings that no shell takes, a refusal of remotes that are folders, a missing identity.
const CONFIG: &[(&str, &str)] = &[
    ("user.name", "Sample Author"),
    ("user.email", "sample@example.invalid"),
    ("commit.gpgSign", "false"),
    ("push.gpgSign", "false"),
    ("core.autocrlf", "false"),
    ("core.attributesFile", "/dev/null"),
    ("protocol.file.allow", "always"),
];

/// Options of `git init` that the user's settings would otherwise decide.
const INIT: &str = "init --quiet --template= --initial-branch=main --object-format=sha1";

/// The message of its one commit.
const MESSAGE: &str = "Run the shop from shell scripts

One folder for each service, with its settings, commands and tests.";

/// A sample repository on the disk.
#[derive(Debug, Clone)]
pub struct Sample {
    /// The new folder that holds the other two.
    pub folder: PathBuf,
    /// The developer's checkout, on `main`.
    pub checkout: PathBuf,
    /// The bare repository that is its `origin`.
    pub remote: PathBuf,
}

/// Why no sample could be made.
#[derive(Debug, thiserror::Error)]
pub enum SampleError {
    /// A file or folder of it could not be written.
    #[error("cannot write {}: {source}", path.display())]
    Write {
        /// The file or folder.
        path: PathBuf,
        /// What the system said.
        source: io::Error,
    },
    /// Git could not be run, or refused.
    #[error(transparent)]
    Git(#[from] PortError),
}

impl Sample {
    /// The change, in a sentence.
    pub const DESCRIPTION: &str = "rename the SHOP_*_URL settings to STORE_*_URL";
    /// The built-in rewrite that makes the change, in the whole repository.
    pub const REWRITE: &str = r"s/\bSHOP_([A-Z]+)_URL\b/STORE_${1}_URL/g";
    /// The project's test command; takes well under a second.
    pub const TEST: &str = "sh ./test.sh";
    /// The folder whose unit fails its test until [`Sample::mend`].
    pub const FAILING_FOLDER: &str = "services/payments";

    /// Adds the setting's new name to the checkout's `.env`, beside the old one, which `main` still reads. Says in one
    /// line for people what was done.
    ///
    /// # Errors
    /// When the file cannot be written.
    pub fn mend(&self) -> io::Result<String> {
        let path = self.checkout.join(".env");
        let mut file = fs::OpenOptions::new().append(true).open(&path)?;
        writeln!(file, "{NEW_SETTING}={SETTING_VALUE}")?;
        Ok(format!("added {NEW_SETTING} to {}", path.display()))
    }
}

/// Makes a sample in a new `batch-demo-*` folder below `parent`; a failure leaves nothing behind.
///
/// `git` runs git with arguments in a folder, without the variables that tie git to another repository.
///
/// # Errors
/// [`SampleError`] when a file cannot be written or git fails.
pub async fn make(
    parent: &Path,
    git: impl AsyncFn(&Path, Vec<OsString>) -> Result<(), PortError>,
) -> Result<Sample, SampleError> {
    let failed = |source| SampleError::Write {
        path: parent.to_owned(),
        source,
    };
    // The remote's URL must hold in worktrees elsewhere, so a relative TMPDIR will not do.
    let parent = parent.canonicalize().map_err(failed)?;
    let folder = tempfile::Builder::new()
        .prefix("batch-demo-")
        .tempdir_in(parent)
        .map_err(failed)?;
    let sample = Sample {
        folder: folder.path().to_owned(),
        checkout: folder.path().join("shop"),
        remote: folder.path().join("shop.git"),
    };
    written(&sample.remote, fs::create_dir(&sample.remote))?;
    write_project(&sample.checkout)?;
    for (cwd, args) in git_commands(&sample) {
        git(cwd, args).await?;
    }
    // After the commit, which takes even ignored files.
    write_env(&sample.checkout)?;
    // The folder is the user's to look at, and is never removed by the program.
    let _ = folder.keep();
    Ok(sample)
}

/// The calls of git that make repositories of the two folders, each with where it runs, in order.
fn git_commands(sample: &Sample) -> Vec<(&Path, Vec<OsString>)> {
    let (remote, checkout) = (sample.remote.as_path(), sample.checkout.as_path());
    let mut commands = vec![
        (remote, line(INIT, &["--bare"])),
        (checkout, line(INIT, NOTHING)),
    ];
    // The files are named because `safe.bareRepository=explicit` forbids git to find the first.
    commands.extend(configure(remote, "config", remote.join("hooks")));
    commands.extend(configure(
        checkout,
        ".git/config",
        checkout.join(".git/hooks"),
    ));
    commands.extend([
        // By force: the user's own ignore rules must not thin the project out.
        (checkout, line("add --all --force", NOTHING)),
        (checkout, line("commit --quiet --message", &[MESSAGE])),
        (checkout, line("remote add origin", &[remote])),
        (
            checkout,
            line("push --quiet --set-upstream origin main", NOTHING),
        ),
        (checkout, line("remote set-head origin main", NOTHING)),
    ]);
    commands
}

/// The calls of git that put [`CONFIG`] into a repository's `file`. The hooks' folder is absolute because a relative
/// one would be looked up in each worktree.
fn configure<'a>(
    root: &'a Path,
    file: &'static str,
    hooks: PathBuf,
) -> impl Iterator<Item = (&'a Path, Vec<OsString>)> {
    CONFIG
        .iter()
        .map(|(key, value)| (*key, OsString::from(value)))
        .chain([("core.hooksPath", hooks.into_os_string())])
        .map(move |(key, value)| {
            let setting = [OsString::from(key), value];
            (root, line(&format!("config --file {file}"), &setting))
        })
}

/// For commands that are all words.
const NOTHING: &[&str] = &[];

/// Arguments for git: `words`, split at spaces, and then `rest` as it is.
fn line(words: &str, rest: &[impl AsRef<OsStr>]) -> Vec<OsString> {
    words
        .split(' ')
        .map(OsString::from)
        .chain(rest.iter().map(|arg| arg.as_ref().to_owned()))
        .collect()
}

/// Writes the project's tracked files below `root`; those that begin with `#!` are executable.
fn write_project(root: &Path) -> Result<(), SampleError> {
    for (path, text) in FILES {
        let path = root.join(path);
        written(&path, write_file(&path, text))?;
    }
    Ok(())
}

fn write_file(path: &Path, text: &str) -> io::Result<()> {
    if let Some(folder) = path.parent() {
        fs::create_dir_all(folder)?;
    }
    fs::write(path, text)?;
    let mode = if text.starts_with("#!") { 0o755 } else { 0o644 };
    fs::set_permissions(path, fs::Permissions::from_mode(mode))
}

/// Writes the file that a developer has and git does not.
fn write_env(root: &Path) -> Result<(), SampleError> {
    let path = root.join(".env");
    let text = format!(
        "# Yours alone: git ignores this file, and .worktreeinclude brings it into new worktrees.\n{OLD_SETTING}={SETTING_VALUE}\n"
    );
    written(&path, fs::write(&path, text))
}

fn written(path: &Path, result: io::Result<()>) -> Result<(), SampleError> {
    result.map_err(|source| SampleError::Write {
        path: path.to_owned(),
        source,
    })
}
