//! Where a run's worktrees are put: outside the repository's own tree, since tools search upwards from where they run.

use std::path::{Path, PathBuf};

use etcetera::BaseStrategy;

use crate::adapters::git::ground::Place;
use crate::engine::ports::PortError;
use crate::model::id::RunId;

/// How many digits of the repository's hash a folder's name carries.
const HASH_DIGITS: usize = 8;

/// The folder for a run's worktrees, `<root>/<repository>-<hash>/<run>`; it is not made yet. The root is the one the
/// user chose, else [`default_root`].
///
/// # Errors
/// [`PortError::Failed`] when the chosen root is inside the checkout or the repository.
pub fn run_folder(chosen: Option<&Path>, place: &Place, run: &RunId) -> Result<PathBuf, PortError> {
    Ok(repository_folder(chosen, place)?.join(run.as_str()))
}

/// The folder that a repository has there, `<root>/<repository>-<hash>`; copies for research are made in it.
///
/// # Errors
/// [`PortError::Failed`] as for [`run_folder`].
pub fn repository_folder(chosen: Option<&Path>, place: &Place) -> Result<PathBuf, PortError> {
    let root = match chosen {
        Some(chosen) => {
            let root = real(&std::path::absolute(chosen).unwrap_or_else(|_| chosen.to_owned()));
            if is_inside(&root, place) {
                return Err(PortError::failed(
                    "choosing the folder for worktrees",
                    format!("{} is inside the repository", root.display()),
                ));
            }
            root
        }
        None => default_root(place),
    };
    Ok(root.join(repository_name(place)))
}

/// The user's cache folder; a folder of the user's under the system's temporary one where that is inside the repository
/// (a home folder under version control) or there is none.
#[must_use]
pub fn default_root(place: &Place) -> PathBuf {
    etcetera::choose_base_strategy()
        .ok()
        .map(|strategy| real(&strategy.cache_dir().join("batch")))
        .filter(|root| !is_inside(root, place))
        .unwrap_or_else(|| {
            let user = rustix::process::getuid().as_raw();
            real(&std::env::temp_dir().join(format!("batch-{user}")))
        })
}

/// The path without links, as far as it exists: git compares real paths.
fn real(path: &Path) -> PathBuf {
    for existing in path.ancestors() {
        if let Ok(real) = existing.canonicalize() {
            let rest = path.strip_prefix(existing).unwrap_or(Path::new(""));
            return if rest.as_os_str().is_empty() {
                real
            } else {
                real.join(rest)
            };
        }
    }
    path.to_owned()
}

fn is_inside(path: &Path, place: &Place) -> bool {
    [&place.root, &place.common_dir]
        .into_iter()
        .any(|own| path.starts_with(real(own)))
}

/// Tells repositories of the same name apart by a hash of their place.
fn repository_name(place: &Place) -> String {
    use std::os::unix::ffi::OsStrExt;
    // The folder of a `.git`, or a bare repository's own name.
    let common = &place.common_dir;
    let named = match common.file_name() {
        Some(name) if name == ".git" => common.parent().and_then(Path::file_name),
        other => other,
    };
    let name: String = named
        .unwrap_or_default()
        .to_string_lossy()
        .chars()
        .map(|c| {
            if c.is_ascii_alphanumeric() || "-_.".contains(c) {
                c
            } else {
                '-'
            }
        })
        .take(40)
        .collect();
    let hash = git2::Oid::hash_object(git2::ObjectType::Blob, common.as_os_str().as_bytes())
        .map(|oid| oid.to_string())
        .unwrap_or_default();
    let digits = &hash[..HASH_DIGITS.min(hash.len())];
    format!("{}-{digits}", name.trim_start_matches(['.', '-']))
}
