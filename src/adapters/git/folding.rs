//! What an agent did to the git of its worktree, undone: commits, branches, a `.git` that is gone or names another
//! repository. Files stay as they are, and so does every ref that is not the worktree's own HEAD.
//!
//! The repository adapter calls it before anything else is done in the worktree. It trusts nothing that an agent could
//! write: which folder below `.git/worktrees` is the worktree's is known by the place that git noted there.

use std::fs;
use std::io;
use std::path::{Path, PathBuf};

use crate::adapters::git::git::Git;
use crate::adapters::git::worktree::{admin_folder, exists, registrations, remove_folder};
use crate::adapters::plain_files;
use crate::engine::ports::{PortError, Workspace};

/// What an operation of many commits that was left in the middle keeps in a worktree's own folder.
const UNFINISHED: [&str; 4] = ["rebase-merge", "rebase-apply", "sequencer", "BISECT_LOG"];

/// Where the worktree's own folder says that the repository is, as git writes it.
const COMMON: &[u8] = b"../..\n";

/// Makes `.git` of the worktree, and its own folder, name the repository at `common_dir` again; that folder.
pub(super) fn mend(workspace: &Workspace, common_dir: &Path) -> Result<PathBuf, PortError> {
    let doing = "mending what an agent left of the worktree's git";
    let failed = |error: io::Error| PortError::failed(doing, error);
    // Behind a link it would be somebody else's files that are worked on.
    if !fs::symlink_metadata(&workspace.path).is_ok_and(|found| found.is_dir()) {
        let words = format!("{} is not a folder", workspace.path.display());
        return Err(PortError::failed(doing, words));
    }
    let admin = match admin_folder(&workspace.path, common_dir) {
        Ok(admin) => admin,
        Err(broken) => {
            let admin = own_folder(workspace, common_dir)
                .ok_or_else(|| PortError::failed("using the worktree", broken))?;
            let pointer = workspace.path.join(".git");
            remove_folder(&pointer).map_err(failed)?;
            write_anew(&pointer, format!("gitdir: {}\n", admin.display())).map_err(failed)?;
            write_anew(&admin.join("gitdir"), format!("{}\n", pointer.display()))
                .map_err(failed)?;
            admin_folder(&workspace.path, common_dir)
                .map_err(|words| PortError::failed("using the worktree", words))?
        }
    };
    let common = admin.join("commondir");
    if plain_files::read(&common).ok().as_deref() != Some(COMMON) {
        write_anew(&common, COMMON).map_err(failed)?;
    }
    let head = admin.join("HEAD");
    if !is_head(&head) {
        write_anew(&head, format!("{}\n", workspace.base)).map_err(failed)?;
    }
    for name in UNFINISHED {
        remove_folder(&admin.join(name)).map_err(failed)?;
    }
    for name in ["index.lock", "HEAD.lock", "config.worktree.lock"] {
        remove_folder(&admin.join(name)).map_err(failed)?;
    }
    Ok(admin)
}

/// The folder below `.git/worktrees` that is the worktree's: by the place it names, else, where an agent wrote over
/// that, by its name, which git takes from the worktree's.
fn own_folder(workspace: &Workspace, common_dir: &Path) -> Option<PathBuf> {
    let one = match &registrations(&workspace.path, common_dir)[..] {
        [one] => one.clone(),
        [] => common_dir
            .join("worktrees")
            .join(workspace.path.file_name()?),
        _ => return None,
    };
    let real = one.canonicalize().ok()?;
    let worktrees = common_dir.join("worktrees").canonicalize().ok()?;
    (real.is_dir() && real.parent() == Some(&worktrees)).then_some(real)
}

/// Settings of the worktree alone are those that git gave it: the checkout's, where the repository has such, but for
/// the two that git leaves out (`git worktree add`, worktree.c: `copy_filtered_worktree_config`).
pub(super) async fn forget_settings(git: &Git, admin: &Path) -> Result<(), PortError> {
    let doing = "reading the checkout's own settings";
    let own = admin.join("config.worktree");
    if !exists(&own) {
        return Ok(());
    }
    let failed = |error: io::Error| PortError::failed(doing, error);
    let printed = git
        .reading(doing)
        .args(["rev-parse", "--path-format=absolute", "--git-path"])
        .arg("config.worktree")
        .bytes()
        .await?;
    let settings = plain_files::read(&super::git::path(&printed)).ok();
    remove_folder(&own).map_err(failed)?;
    let Some(settings) = settings else {
        return Ok(());
    };
    write_anew(&own, settings).map_err(failed)?;
    for name in ["core.bare", "core.worktree"] {
        // It ends with 5 where there is no such setting.
        git.call(doing)
            .args(["config", "--file"])
            .arg(&own)
            .args(["--unset-all", name])
            .output()
            .await?;
    }
    Ok(())
}

/// How many commits HEAD has that are neither the base's nor a remote's: those that an agent made there.
pub(super) async fn commits_on_top(git: &Git, workspace: &Workspace) -> usize {
    let counted = git
        .reading("counting an agent's commits")
        .env("GIT_NO_LAZY_FETCH", "1")
        .args(["rev-list", "--count", "HEAD", "--not"])
        .arg(workspace.base.as_str())
        .arg("--remotes")
        .text()
        .await;
    // A HEAD without a commit, or at one that is gone, holds none of them.
    counted
        .ok()
        .and_then(|text| text.parse().ok())
        .unwrap_or_default()
}

/// Whether a file is what git takes for a HEAD.
fn is_head(path: &Path) -> bool {
    let is_file = fs::symlink_metadata(path).is_ok_and(|found| found.is_file());
    let text = plain_files::read(path).unwrap_or_default();
    let text = text.trim_ascii();
    let is_id = matches!(text.len(), 40 | 64) && text.iter().all(u8::is_ascii_hexdigit);
    is_file && (is_id || text.starts_with(b"ref: refs/"))
}

/// Writes a file in the place of whatever stands there, and through no link.
fn write_anew(path: &Path, contents: impl AsRef<[u8]>) -> io::Result<()> {
    use std::io::Write as _;
    remove_folder(path)?;
    fs::OpenOptions::new()
        .write(true)
        .create_new(true)
        .open(path)?
        .write_all(contents.as_ref())
}
