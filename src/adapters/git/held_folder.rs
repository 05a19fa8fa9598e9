//! [`HeldFolder`]: a folder that is removed when its value is dropped, and by whoever comes next when the process died
//! before. Each is locked by its process; the kernel takes the lock away with the process.

use std::fs::{self, File, TryLockError};
use std::io;
use std::os::unix::fs::MetadataExt;
use std::path::{Path, PathBuf};

use crate::adapters::git::worktree::remove_folder;
use crate::adapters::random;

/// How often another name is tried.
const TRIES: u32 = 16;

/// A folder of this process.
#[derive(Debug)]
pub(super) struct HeldFolder {
    path: PathBuf,
    /// The folders above that were made for this one, the innermost first.
    made: Vec<PathBuf>,
    _lock: File,
}

impl HeldFolder {
    /// Makes a folder below `above` whose name begins with `prefix`, and removes those that nobody holds any more.
    pub(super) fn make(above: &Path, prefix: &str) -> io::Result<Self> {
        let made = above
            .ancestors()
            .take_while(|above| !above.exists())
            .count();
        fs::create_dir_all(above)?;
        let above = above.canonicalize()?;
        remove_left(&above, prefix);
        for _ in 0..TRIES {
            let path = above.join(format!("{prefix}{:08x}", random::bits() & 0xffff_ffff));
            match fs::create_dir(&path) {
                Ok(()) => {}
                // Whoever held the last folder here has just removed this one with it.
                Err(error) if error.kind() == io::ErrorKind::NotFound => {
                    fs::create_dir_all(&above)?;
                    continue;
                }
                Err(error) if error.kind() == io::ErrorKind::AlreadyExists => continue,
                Err(error) => return Err(error),
            }
            if let Some(lock) = lock(&path)? {
                return Ok(Self {
                    path,
                    made: above.ancestors().take(made).map(Path::to_owned).collect(),
                    _lock: lock,
                });
            }
        }
        Err(io::Error::other(format!(
            "no folder could be kept in {}",
            above.display()
        )))
    }

    pub(super) fn path(&self) -> &Path {
        &self.path
    }
}

impl Drop for HeldFolder {
    fn drop(&mut self) {
        let _ = remove_folder(&self.path);
        for above in &self.made {
            // Fails, as it should, when something else is in there by now.
            if fs::remove_dir(above).is_err() {
                break;
            }
        }
    }
}

/// Locks a folder just made; none when somebody took it for a left one in the moment between.
fn lock(path: &Path) -> io::Result<Option<File>> {
    let file = match File::open(path) {
        Ok(file) => file,
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(None),
        Err(error) => return Err(error),
    };
    match file.try_lock() {
        Ok(()) => {}
        Err(TryLockError::WouldBlock) => return Ok(None),
        // A file system without locks: then nobody removes what is left there either.
        Err(TryLockError::Error(_)) => return Ok(Some(file)),
    }
    let still_there = fs::symlink_metadata(path)
        .is_ok_and(|found| file.metadata().is_ok_and(|own| own.ino() == found.ino()));
    Ok(still_there.then_some(file))
}

/// Removes the folders of processes that are gone; what cannot be removed stays.
fn remove_left(above: &Path, prefix: &str) {
    for (path, _lock) in left(above, prefix) {
        let _ = remove_folder(&path);
    }
}

/// The folders of processes that are gone, each with the lock that keeps others from it.
pub(super) fn left(above: &Path, prefix: &str) -> Vec<(PathBuf, File)> {
    let entries = fs::read_dir(above).into_iter().flatten().flatten();
    entries
        .filter(|entry| {
            entry.file_name().to_string_lossy().starts_with(prefix)
                && entry.file_type().is_ok_and(|kind| kind.is_dir())
        })
        .filter_map(|entry| {
            let path = entry.path();
            let file = File::open(&path).ok()?;
            file.try_lock().ok()?;
            Some((path, file))
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use std::fs::{self, Permissions};
    use std::os::unix::fs::PermissionsExt;

    use super::HeldFolder;

    #[test]
    fn it_goes_with_its_value_and_takes_what_the_dead_left_along() {
        let dir = tempfile::tempdir().unwrap();
        let above = dir.path().join("cache/app");
        let left = above.join("research-00000000");
        fs::create_dir_all(left.join("copy")).unwrap();
        fs::write(left.join("copy/f"), "x").unwrap();
        fs::set_permissions(left.join("copy"), Permissions::from_mode(0o500)).unwrap();
        fs::create_dir(above.join("other")).unwrap();
        let one = HeldFolder::make(&above, "research-").unwrap();
        assert!(!left.exists() && one.path().is_dir());
        let two = HeldFolder::make(&above, "research-").unwrap();
        assert!(one.path().is_dir() && two.path().is_dir());
        let path = one.path().to_owned();
        drop(one);
        assert!(!path.exists() && two.path().is_dir());
        drop(two);
        assert!(above.join("other").is_dir());
    }

    #[test]
    fn the_folders_above_go_where_they_were_made_for_it() {
        let dir = tempfile::tempdir().unwrap();
        let above = dir.path().join("cache/app");
        drop(HeldFolder::make(&above, "research-").unwrap());
        assert!(!dir.path().join("cache").exists());
        fs::create_dir(dir.path().join("cache")).unwrap();
        drop(HeldFolder::make(&above, "research-").unwrap());
        assert!(dir.path().join("cache").exists() && !above.exists());
    }

    #[test]
    fn many_at_once_do_not_take_each_others() {
        let dir = tempfile::tempdir().unwrap();
        let above = dir.path().join("app");
        std::thread::scope(|scope| {
            for _ in 0..8 {
                scope.spawn(|| {
                    for _ in 0..20 {
                        let held = HeldFolder::make(&above, "research-").unwrap();
                        fs::write(held.path().join("f"), "x").unwrap();
                        assert!(held.path().join("f").exists());
                    }
                });
            }
        });
    }
}
