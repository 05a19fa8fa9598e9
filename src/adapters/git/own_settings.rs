//! What a repository sets itself, and the hooks that it has: what an agent could change to have others run something.

use std::collections::BTreeMap;
use std::os::unix::ffi::OsStrExt;
use std::os::unix::fs::MetadataExt;
use std::path::{Path, PathBuf};

use crate::adapters::git::git::{Git, path, records};
use crate::adapters::plain_files;
use crate::engine::ports::PortError;

/// The settings of the repository's own files, several values of a name in order.
///
/// # Errors
/// [`PortError`] when git cannot be asked.
pub async fn own_settings(git: &Git) -> Result<BTreeMap<String, Vec<String>>, PortError> {
    let mut config = BTreeMap::new();
    for file in ["config", "config.worktree"] {
        let place = place(git, file).await?;
        // One that is not there sets nothing.
        let listed = git
            .reading("looking at the repository's settings")
            .args(["config", "--list", "-z", "--file"])
            .arg(place)
            .output()
            .await?;
        settings(&listed.stdout, &mut config);
    }
    Ok(config)
}

/// The hooks of the repository, wherever its settings put them, and what changes when they do.
///
/// # Errors
/// [`PortError`] when git cannot be asked.
pub async fn hooks(git: &Git) -> Result<BTreeMap<String, String>, PortError> {
    Ok(listing(&place(git, "hooks").await?))
}

/// What is left out of commits, and what filters files, beside what a tree itself says; by file.
///
/// # Errors
/// [`PortError`] when git cannot be asked.
pub async fn info(git: &Git) -> Result<BTreeMap<String, Vec<u8>>, PortError> {
    let mut found = BTreeMap::new();
    for name in ["info/exclude", "info/attributes", "info/grafts"] {
        let path = place(git, name).await?;
        if let Ok(contents) = plain_files::read(&path) {
            found.insert(name.to_owned(), contents);
        }
    }
    Ok(found)
}

/// A file of the repository's folder, wherever its settings put it.
pub(super) async fn place(git: &Git, name: &str) -> Result<PathBuf, PortError> {
    let printed = git
        .reading(format!("finding the repository's {name}"))
        .args(["rev-parse", "--git-path", name])
        .bytes()
        .await?;
    Ok(git.dir().join(path(&printed)))
}

/// What a file of settings says, several values of a name in order.
pub(in crate::adapters) fn settings(listed: &[u8], into: &mut BTreeMap<String, Vec<String>>) {
    for record in records(listed) {
        let text = String::from_utf8_lossy(record);
        let (name, value) = text.split_once('\n').unwrap_or((&text, ""));
        into.entry(name.to_owned())
            .or_default()
            .push(value.to_owned());
    }
}

/// The files of a folder, and what changes when they do.
fn listing(folder: &Path) -> BTreeMap<String, String> {
    let entries = std::fs::read_dir(folder).into_iter().flatten().flatten();
    entries
        .filter_map(|entry| {
            let metadata = entry.metadata().ok()?;
            let name = String::from_utf8_lossy(entry.file_name().as_bytes()).into_owned();
            let (mode, len) = (metadata.mode(), metadata.len());
            let (seconds, nanos) = (metadata.mtime(), metadata.mtime_nsec());
            Some((name, format!("{mode:o} {len} {seconds}.{nanos}")))
        })
        .collect()
}
