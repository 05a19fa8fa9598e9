//! [`ResearchCopy`]: the files of the base in a folder of their own, for an agent to read before anything is approved.
//!
//! No `git worktree add`: until the user has said yes, no ref, file or setting of the repository changes. It is a
//! repository of its own, with the user's objects as alternates and no remote, so that `git log` and `git grep` work in
//! it. The files are checked out by the user's repository, which brings what a partial clone lacks.

use std::fs;
use std::io;
use std::os::unix::ffi::OsStrExt;
use std::path::{Path, PathBuf};

use async_trait::async_trait;

use crate::adapters::git::git::{Git, path};
use crate::adapters::git::ground::Place;
use crate::adapters::git::held_folder::{self, HeldFolder};
use crate::adapters::git::listing::{Listing, make_read_only};
use crate::adapters::git::worktree::remove_folder;
use crate::engine::ports::{PortError, ReadOnlyCopy, Watch};
use crate::model::id::ObjectId;
use crate::model::path::RepoPath;

/// What the names of the folders begin with.
const PREFIX: &str = "research-";

/// Settings of the checkout: no hook runs, and what git LFS keeps elsewhere stays there. Without a program its filter
/// does nothing, so that it leaves no folder of its own in the repository either.
const SETTINGS: [&str; 5] = [
    "core.hooksPath=/dev/null",
    "core.logAllRefUpdates=false",
    "filter.lfs.smudge=",
    "filter.lfs.process=",
    "filter.lfs.required=false",
];

/// What the copy's own git is told. Making files read-only changes when their inodes changed, and no agent should have
/// git read all of them again for it.
const OWN_SETTINGS: &str = "[core]\n\ttrustctime = false\n\tlogAllRefUpdates = false\n";

/// A copy of the base's files. It is removed when it is dropped.
#[derive(Debug)]
pub struct ResearchCopy {
    root: PathBuf,
    tmp: PathBuf,
    made: Listing,
    /// Last, since dropping it removes what the others speak of.
    _folder: HeldFolder,
}

impl ResearchCopy {
    /// Checks `base` out below the folder `above`, which is made if need be and has to be outside the repository. What
    /// processes that are gone have left there is removed.
    ///
    /// # Errors
    /// [`PortError`] when the disk or git refuses, or the watch ended it.
    pub async fn make(
        place: &Place,
        base: &ObjectId,
        above: &Path,
        watch: &Watch,
    ) -> Result<Self, PortError> {
        let doing = format!("copying {} for research", base.short());
        let failed = |error: io::Error| PortError::failed(&doing, error);
        let above = above.to_owned();
        let folder = blocking(move || HeldFolder::make(&above, PREFIX)).await;
        let folder = folder.map_err(failed)?;
        // Agents take the folder's name for the project's.
        let name = place.root.file_name().unwrap_or("repository".as_ref());
        let (root, tmp) = (
            folder.path().join("copy").join(name),
            folder.path().join("tmp"),
        );
        for made in [&root, &tmp] {
            fs::create_dir_all(made).map_err(failed)?;
        }
        begin(place, base, &root).await?;
        check_out(place, base, &root, &doing, watch).await?;
        let below = root.clone();
        let made = blocking(move || {
            make_read_only(&below)?;
            Listing::of(&below)
        });
        Ok(Self {
            made: made.await.map_err(failed)?,
            root,
            tmp,
            _folder: folder,
        })
    }
}

/// The copies below `above` whose processes are gone.
#[must_use]
pub fn left_copies(above: &Path) -> Vec<PathBuf> {
    let left = held_folder::left(above, PREFIX);
    left.into_iter().map(|(path, _)| path).collect()
}

/// Removes something that a dead process left: a copy, which is read-only, or any other folder, file or link.
///
/// # Errors
/// What the system says.
pub fn remove_left(path: &Path) -> io::Result<()> {
    remove_folder(path)
}

#[async_trait]
impl ReadOnlyCopy for ResearchCopy {
    fn root(&self) -> &Path {
        &self.root
    }

    fn tmp(&self) -> &Path {
        &self.tmp
    }

    async fn touched(&self) -> Result<Vec<RepoPath>, PortError> {
        let root = self.root.clone();
        let now = blocking(move || Listing::of(&root)).await;
        let now =
            now.map_err(|error| PortError::failed("looking at the copy for research", error))?;
        Ok(self.made.changes(&now))
    }
}

/// Makes the repository that is to be read, without a file.
async fn begin(place: &Place, base: &ObjectId, root: &Path) -> Result<(), PortError> {
    let doing = "making a repository for research";
    let failed = |error: io::Error| PortError::failed(doing, error);
    let user = place.git();
    let format = user
        .reading(doing)
        .args(["rev-parse", "--show-object-format"])
        .text()
        .await?;
    let objects = user
        .reading(doing)
        .args([
            "rev-parse",
            "--path-format=absolute",
            "--git-path",
            "objects",
        ])
        .bytes()
        .await?;
    let own = user.in_worktree(root);
    own.call(doing)
        .setting("init.defaultBranch=main")
        .args(["init", "--quiet", "--template="])
        .arg(format!("--object-format={format}"))
        .arg(root)
        .bytes()
        .await?;
    let git_dir = root.join(".git");
    let info = git_dir.join("objects/info");
    fs::create_dir_all(&info).map_err(failed)?;
    fs::write(info.join("alternates"), alternate(&path(&objects))).map_err(failed)?;
    match fs::copy(place.common_dir.join("shallow"), git_dir.join("shallow")) {
        Err(error) if error.kind() == io::ErrorKind::NotFound => {}
        other => drop(other.map_err(failed)?),
    }
    let config = git_dir.join("config");
    let mut settings = fs::read_to_string(&config).map_err(failed)?;
    settings.push_str(OWN_SETTINGS);
    fs::write(&config, settings).map_err(failed)?;
    own.call(doing)
        .args(["update-ref", "--no-deref", "HEAD", base.as_str()])
        .bytes()
        .await?;
    Ok(())
}

/// A line of `objects/info/alternates`; a name that would not stand there as it is, is quoted as git does it.
fn alternate(objects: &Path) -> Vec<u8> {
    let bytes = objects.as_os_str().as_bytes();
    let odd = bytes.contains(&b'\n') || bytes.starts_with(b"\"") || bytes.starts_with(b"#");
    let mut line = if odd {
        RepoPath::new(bytes).to_quoted().into_bytes()
    } else {
        bytes.to_vec()
    };
    line.push(b'\n');
    line
}

/// Fills the copy and its index by the user's repository, whose own index and files stay as they are.
async fn check_out(
    place: &Place,
    base: &ObjectId,
    root: &Path,
    doing: &str,
    watch: &Watch,
) -> Result<(), PortError> {
    let git: Git = place
        .git()
        .in_worktree(root)
        .variable("GIT_DIR", &place.common_dir)
        .variable("GIT_WORK_TREE", root)
        .variable("GIT_INDEX_FILE", root.join(".git/index"))
        .variable("GIT_LFS_SKIP_SMUDGE", "1");
    let mut call = git.reading(doing);
    for setting in SETTINGS {
        call = call.setting(setting);
    }
    call.args(["read-tree", "--reset", "-u", base.as_str()])
        .logged(watch)
        .await?;
    Ok(())
}

/// Does what takes the disk some time where it holds up nobody.
async fn blocking<T: Send + 'static>(
    work: impl FnOnce() -> io::Result<T> + Send + 'static,
) -> io::Result<T> {
    let done = tokio::task::spawn_blocking(work).await;
    done.unwrap_or_else(|error| Err(io::Error::other(error)))
}

#[cfg(test)]
mod tests {
    use std::path::Path;

    use super::alternate;

    #[test]
    fn odd_names_of_object_folders_are_quoted() {
        assert_eq!(alternate(Path::new("/a b/é")), "/a b/é\n".as_bytes());
        assert_eq!(alternate(Path::new("/a\nb")), b"\"/a\\nb\"\n");
    }
}
