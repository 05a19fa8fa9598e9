//! [`WorktreeInclude`]: which ignored files of the user's checkout (`.env`, say) a worktree gets copies of.
//!
//! `.worktreeinclude` at the top of the checkout names them in gitignore syntax. Only files that are ignored and
//! untracked, in the checkout and in the worktree, are copied: never one that could be committed. The pool calls it on
//! each loan.

use std::collections::{HashMap, HashSet};
use std::fs::{self, File, FileTimes};
use std::io;
use std::os::unix::ffi::OsStrExt;
use std::os::unix::fs::MetadataExt;
use std::path::{Path, PathBuf};

use ignore::Match;
use ignore::gitignore::{Gitignore, GitignoreBuilder};
use tokio::sync::OnceCell;

use crate::adapters::git::git::{Git, records};
use crate::engine::ports::PortError;
use crate::model::path::RepoPath;

/// The file that names what is copied.
const NAME: &str = ".worktreeinclude";

const DOING: &str = "copying what .worktreeinclude names";

/// The files of one checkout that its worktrees get.
#[derive(Debug)]
pub struct WorktreeInclude {
    checkout: Git,
    // Looked up once: a walk through `node_modules` for each loan would cost more than the loan.
    files: OnceCell<Vec<RepoPath>>,
}

impl WorktreeInclude {
    /// Of the checkout that `checkout` runs at the top of.
    #[must_use]
    pub fn new(checkout: Git) -> Self {
        Self {
            checkout,
            files: OnceCell::new(),
        }
    }

    /// Copies the files into a worktree, and says which it now has. A file that is there and has kept size and time is
    /// left.
    ///
    /// # Errors
    /// [`PortError::Failed`] when `.worktreeinclude` is not understood or a file cannot be copied.
    pub async fn copy_into(&self, worktree: &Git) -> Result<Vec<RepoPath>, PortError> {
        let files = self.files.get_or_try_init(|| self.find()).await?;
        if files.is_empty() {
            return Ok(Vec::new());
        }
        let reachable = within_real_folders(worktree.dir(), files);
        let ignored = ignored_there(worktree, &reachable).await?;
        let (from, to) = (self.checkout.dir().to_owned(), worktree.dir().to_owned());
        let copying = tokio::task::spawn_blocking(move || {
            ignored
                .into_iter()
                .filter_map(|file| match copy(&file.below(&from), &file.below(&to)) {
                    Ok(true) => Some(Ok(file)),
                    Ok(false) => None,
                    Err(error) => Some(Err(PortError::failed(DOING, format!("{file}: {error}")))),
                })
                .collect()
        });
        copying
            .await
            .unwrap_or_else(|error| Err(PortError::failed(DOING, error)))
    }

    async fn find(&self) -> Result<Vec<RepoPath>, PortError> {
        let root = self.checkout.dir().to_owned();
        let Some(rules) = rules(&root)? else {
            return Ok(Vec::new());
        };
        let listed = self
            .checkout
            .reading(DOING)
            .args(["ls-files", "-z", "--others", "--ignored"])
            .args(["--exclude-standard", "--directory"])
            .bytes()
            .await?;
        let searching = tokio::task::spawn_blocking(move || {
            let mut files = Vec::new();
            for record in records(&listed) {
                let (name, is_folder) = match record.strip_suffix(b"/") {
                    Some(folder) => (folder, true),
                    None => (record, false),
                };
                select(&root, &RepoPath::new(name), is_folder, &rules, &mut files);
            }
            files.sort_unstable();
            files.dedup();
            files
        });
        searching
            .await
            .map_err(|error| PortError::failed(DOING, error))
    }
}

fn rules(root: &Path) -> Result<Option<Gitignore>, PortError> {
    let path = root.join(NAME);
    if !path.is_file() {
        return Ok(None);
    }
    let failed = |error: ignore::Error| PortError::failed(format!("reading {NAME}"), error);
    let mut builder = GitignoreBuilder::new(root);
    if let Some(error) = builder.add(&path) {
        return Err(failed(error));
    }
    builder.build().map(Some).map_err(failed)
}

/// Adds the files that the rules name at or below an ignored path.
fn select(
    root: &Path,
    path: &RepoPath,
    is_folder: bool,
    rules: &Gitignore,
    files: &mut Vec<RepoPath>,
) {
    match rules.matched_path_or_any_parents(path.as_path(), is_folder) {
        Match::Ignore(_) if is_folder => add_all(root, path, files),
        Match::Ignore(_) => files.push(path.clone()),
        Match::None | Match::Whitelist(_) if is_folder => {
            for (below, is_folder) in children(root, path) {
                select(root, &below, is_folder, rules, files);
            }
        }
        Match::None | Match::Whitelist(_) => {}
    }
}

fn add_all(root: &Path, folder: &RepoPath, files: &mut Vec<RepoPath>) {
    for (below, is_folder) in children(root, folder) {
        if is_folder {
            add_all(root, &below, files);
        } else {
            files.push(below);
        }
    }
}

/// What is in a folder, and whether it is a folder. A `.git` is left out: a copy of one would lead the worker's git into
/// another repository.
fn children(root: &Path, folder: &RepoPath) -> Vec<(RepoPath, bool)> {
    fs::read_dir(folder.below(root))
        .into_iter()
        .flatten()
        .flatten()
        .filter(|entry| entry.file_name() != ".git")
        .filter_map(|entry| {
            let mut path = folder.as_bytes().to_vec();
            path.push(b'/');
            path.extend_from_slice(entry.file_name().as_bytes());
            Some((RepoPath::new(path), entry.file_type().ok()?.is_dir()))
        })
        .collect()
}

/// The files all of whose folders are real in the worktree, or missing: nothing is written through a link.
fn within_real_folders(worktree: &Path, files: &[RepoPath]) -> Vec<RepoPath> {
    let mut known = HashMap::new();
    files
        .iter()
        .filter(|file| is_real(worktree, Path::new(file.as_path()), &mut known))
        .cloned()
        .collect()
}

fn is_real(worktree: &Path, path: &Path, known: &mut HashMap<PathBuf, bool>) -> bool {
    let Some(folder) = path
        .parent()
        .filter(|folder| !folder.as_os_str().is_empty())
    else {
        return true;
    };
    if let Some(&real) = known.get(folder) {
        return real;
    }
    let real = is_real(worktree, folder, known)
        && fs::symlink_metadata(worktree.join(folder)).map_or(true, |found| found.is_dir());
    known.insert(folder.to_owned(), real);
    real
}

/// The files that git ignores, and does not track, in the worktree.
async fn ignored_there(worktree: &Git, files: &[RepoPath]) -> Result<Vec<RepoPath>, PortError> {
    let mut asked = Vec::new();
    for file in files {
        // Without `./` a leading `:` would be read as pathspec magic.
        asked.extend_from_slice(b"./");
        asked.extend_from_slice(file.as_bytes());
        asked.push(0);
    }
    let output = worktree
        .reading(DOING)
        .args(["check-ignore", "-z", "--stdin"])
        .stdin(asked)
        .output()
        .await?;
    match output.status.code() {
        Some(0 | 1) => {}
        _ => return Err(crate::adapters::git::git::failure(DOING, &output)),
    }
    let ignored: HashSet<&[u8]> = records(&output.stdout)
        .map(|path| path.strip_prefix(b"./").unwrap_or(path))
        .collect();
    Ok(files
        .iter()
        .filter(|file| ignored.contains(file.as_bytes()))
        .cloned()
        .collect())
}

/// Copies a file or a link, with its mode and time; `false` when it is neither or has gone.
fn copy(from: &Path, to: &Path) -> io::Result<bool> {
    let Ok(source) = fs::symlink_metadata(from) else {
        return Ok(false);
    };
    let there = fs::symlink_metadata(to).ok();
    if !source.is_file() && !source.is_symlink() {
        return Ok(false);
    }
    if let Some(there) = &there {
        if source.is_file() && is_same(&source, there) {
            return Ok(true);
        }
        // Written through a link or a second name, a copy would land elsewhere.
        if there.is_dir() {
            fs::remove_dir_all(to)?;
        } else {
            fs::remove_file(to)?;
        }
    }
    if let Some(folder) = to.parent() {
        fs::create_dir_all(folder)?;
    }
    if source.is_symlink() {
        std::os::unix::fs::symlink(fs::read_link(from)?, to)?;
        return Ok(true);
    }
    fs::copy(from, to)?;
    if let Ok(modified) = source.modified() {
        // Its owner may set the time of a read-only file, but has to open it for reading then.
        let _ =
            File::open(to).and_then(|file| file.set_times(FileTimes::new().set_modified(modified)));
    }
    Ok(true)
}

fn is_same(source: &fs::Metadata, there: &fs::Metadata) -> bool {
    there.is_file()
        && there.nlink() == 1
        && (there.len(), there.mode(), there.mtime(), there.mtime_nsec())
            == (
                source.len(),
                source.mode(),
                source.mtime(),
                source.mtime_nsec(),
            )
}
