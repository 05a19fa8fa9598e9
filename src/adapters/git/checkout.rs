//! [`Checkout`]: which files of the user's checkout hold just what their blobs hold, so that they can be read in the
//! blobs' place: a file's bytes come several times faster from the disk's cache than from a pack.
//!
//! It believes the index as git does (size and times unchanged, and older than the index itself), and beyond that only
//! where nothing can stand between blob and file: no filter of the user's but LFS, and the same size as the blob. Line
//! endings, `ident`, encodings and LFS all change the size. Only the object reader asks it.

use std::collections::HashMap;
use std::fs;
use std::io::Read as _;
use std::os::unix::fs::MetadataExt;
use std::path::{Path, PathBuf};

use git2::{Index, IndexTime, Oid};

use crate::model::path::RepoPath;

/// The index flag for files that git was told to believe unchanged (`CE_VALID` in git's cache.h).
const ASSUME_VALID: u16 = 0x8000;

/// The extended index flag for files outside a sparse checkout (`CE_SKIP_WORKTREE`, shifted as libgit2 keeps it).
const SKIP_WORKTREE: u16 = 1 << 14;

/// What the index remembers of one file.
#[derive(Debug, Clone, Copy)]
struct Remembered {
    id: Oid,
    modified: (i64, u32),
    size: u64,
}

/// The checkout as its index remembers it.
#[derive(Debug, Default)]
pub(super) struct Checkout {
    root: PathBuf,
    files: HashMap<Box<[u8]>, Remembered>,
}

impl Checkout {
    /// Reads the index; a checkout that cannot be trusted, or read, remembers nothing.
    pub(super) fn read(root: &Path, git_dir: &Path, config: &git2::Config) -> Self {
        Self::try_read(root, git_dir, config).unwrap_or_default()
    }

    fn try_read(root: &Path, git_dir: &Path, config: &git2::Config) -> Option<Self> {
        if has_own_filters(config)? {
            return None;
        }
        let path = git_dir.join("index");
        let written = modified(&fs::metadata(&path).ok()?)?;
        let files = Index::open(&path)
            .ok()?
            .iter()
            .filter(|entry| {
                entry.flags & ASSUME_VALID == 0 && entry.flags_extended & SKIP_WORKTREE == 0
            })
            .filter_map(|entry| {
                let modified = index_time(entry.mtime);
                // A file as young as the index may have changed since without its times telling.
                let is_settled = modified < written && entry.mtime.seconds() != 0;
                let remembered = Remembered {
                    id: entry.id,
                    modified,
                    size: entry.file_size.into(),
                };
                is_settled.then(|| (entry.path.into_boxed_slice(), remembered))
            })
            .collect();
        Some(Self {
            root: root.to_owned(),
            files,
        })
    }

    /// Reads the file into `into` if it holds just what the blob `id` holds, which `size` gives.
    pub(super) fn read_file(
        &self,
        path: &RepoPath,
        id: Oid,
        size: impl FnOnce() -> Option<u64>,
        into: &mut Vec<u8>,
    ) -> Option<()> {
        let remembered = self
            .files
            .get(path.as_bytes())
            .filter(|remembered| remembered.id == id)?;
        let place = path.below(&self.root);
        let now = fs::symlink_metadata(&place).ok()?;
        // The index keeps sizes modulo 2^32.
        let same_size = now.len() & 0xffff_ffff == remembered.size;
        if !now.is_file()
            || !same_size
            || modified(&now)? != remembered.modified
            || size()? != now.len()
        {
            return None;
        }
        into.clear();
        fs::File::open(&place).ok()?.read_to_end(into).ok()?;
        (into.len() as u64 == now.len()).then_some(())
    }
}

/// Whether a filter is configured that could keep a file's size and still change it.
fn has_own_filters(config: &git2::Config) -> Option<bool> {
    let mut own = false;
    config
        .entries(Some(r"^filter\..*\.(clean|smudge|process)$"))
        .ok()?
        .for_each(|entry| {
            own |= !entry
                .name()
                .is_ok_and(|name| name.starts_with("filter.lfs."));
        })
        .ok()?;
    Some(own)
}

fn index_time(time: IndexTime) -> (i64, u32) {
    (i64::from(time.seconds()), time.nanoseconds())
}

fn modified(metadata: &fs::Metadata) -> Option<(i64, u32)> {
    Some((metadata.mtime(), u32::try_from(metadata.mtime_nsec()).ok()?))
}
