//! [`GitObjects`]: reads trees and blobs, in process by git2.
//!
//! Repositories that libgit2 refuses (partial clones, reftable, SHA-256) are read by `git cat-file` instead: which of
//! the two is decided once, when it is opened. Research and the reports read through it; nothing here writes.

use std::path::PathBuf;
use std::sync::{Arc, OnceLock};

use git2::{ObjectType, Repository, RepositoryOpenFlags};

use crate::adapters::git::cat_file::{CatFile, fetch_missing, list_tree};
use crate::adapters::git::checkout::Checkout;
use crate::adapters::git::git::Git;
use crate::adapters::git::ground::Place;
use crate::engine::ports::{BlobReader, Objects, PortError};
use crate::model::id::ObjectId;
use crate::model::path::RepoPath;
use crate::model::tree::{Mode, TreeFile};

/// The object store of one repository.
#[derive(Debug, Clone)]
pub struct GitObjects {
    common_dir: PathBuf,
    git: Git,
    in_process: bool,
    root: PathBuf,
    git_dir: PathBuf,
    checkout: Arc<OnceLock<Checkout>>,
}

impl GitObjects {
    /// Opens the store of the place's repository.
    #[must_use]
    pub fn open(place: &Place) -> Self {
        let mut objects = Self {
            common_dir: place.common_dir.clone(),
            git: place.git().clone(),
            in_process: true,
            root: place.root.clone(),
            git_dir: place.git_dir.clone(),
            checkout: Arc::default(),
        };
        // libgit2 opens some partial clones, and then finds objects missing that git would fetch.
        objects.in_process = !place.facts.partial && objects.repository().is_ok();
        objects
    }

    /// Whether git2 reads this repository; otherwise `git cat-file` does.
    #[must_use]
    pub fn is_in_process(&self) -> bool {
        self.in_process
    }

    fn repository(&self) -> Result<Repository, PortError> {
        let nowhere: [&str; 0] = [];
        Repository::open_ext(&self.common_dir, RepositoryOpenFlags::NO_SEARCH, nowhere)
            .map_err(|error| PortError::failed("opening the repository", error.message()))
    }
}

impl Objects for GitObjects {
    fn files(&self, tree: &ObjectId) -> Result<Vec<TreeFile>, PortError> {
        if !self.in_process {
            return list_tree(&self.git, tree);
        }
        let doing = || format!("reading tree {}", tree.short());
        let failed = |error: git2::Error| PortError::failed(doing(), error.message());
        let repository = self.repository()?;
        let root = repository
            .find_object(oid(tree).map_err(failed)?, None)
            .and_then(|object| object.peel_to_tree())
            .map_err(failed)?;
        let mut files = Vec::new();
        collect(&repository, &root, &mut Vec::new(), &mut files).map_err(failed)?;
        Ok(files)
    }

    fn want(&self, tree: &ObjectId, files: &[TreeFile]) {
        if !self.in_process {
            // Where it fails, each read tries for itself and says what is wrong.
            let _ = fetch_missing(&self.git, tree, files);
        }
    }

    fn sizes(&self, files: &[TreeFile]) -> Result<Vec<Option<u64>>, PortError> {
        if !self.in_process {
            return Ok(vec![None; files.len()]);
        }
        let repository = self.repository()?;
        let odb = repository
            .odb()
            .map_err(|error| PortError::failed("opening the repository", error.message()))?;
        let size = |file: &TreeFile| {
            let (size, _) = odb.read_header(oid(&file.id).ok()?).ok()?;
            u64::try_from(size).ok()
        };
        Ok(files.iter().map(size).collect())
    }

    fn reader(&self) -> Result<Box<dyn BlobReader + '_>, PortError> {
        if self.in_process {
            let repository = self.repository()?;
            // A scan reads many files and has many readers; whoever only lists a tree does not need the index.
            let checkout = self.checkout.get_or_init(|| {
                configuration(&repository)
                    .map(|config| Checkout::read(&self.root, &self.git_dir, &config))
                    .unwrap_or_default()
            });
            Ok(Box::new(InProcess {
                repository,
                checkout,
            }))
        } else {
            Ok(Box::new(CatFile::start(&self.git)?))
        }
    }
}

fn oid(id: &ObjectId) -> Result<git2::Oid, git2::Error> {
    git2::Oid::from_str(id.as_str())
}

/// Appends the leaves below `tree` in git's order, which is that of their full paths' bytes.
fn collect(
    repository: &Repository,
    tree: &git2::Tree<'_>,
    path: &mut Vec<u8>,
    files: &mut Vec<TreeFile>,
) -> Result<(), git2::Error> {
    for entry in tree {
        let above = path.len();
        path.extend_from_slice(entry.name_bytes());
        if entry.kind() == Some(ObjectType::Tree) {
            path.push(b'/');
            let below = repository.find_tree(entry.id())?;
            collect(repository, &below, path, files)?;
        } else {
            files.push(TreeFile {
                path: RepoPath::new(path.as_slice()),
                mode: mode(entry.filemode()),
                id: ObjectId::new(entry.id().to_string()),
            });
        }
        path.truncate(above);
    }
    Ok(())
}

/// Git's own reading of modes: what is neither link, submodule nor executable is a plain file.
fn mode(bits: i32) -> Mode {
    match bits & 0o170_000 {
        0o120_000 => Mode::Symlink,
        0o160_000 => Mode::Submodule,
        _ if bits & 0o100 != 0 => Mode::Executable,
        _ => Mode::File,
    }
}

fn configuration(repository: &Repository) -> Result<git2::Config, git2::Error> {
    repository.config()?.snapshot()
}

struct InProcess<'a> {
    repository: Repository,
    checkout: &'a Checkout,
}

impl BlobReader for InProcess<'_> {
    fn read(&mut self, file: &TreeFile, into: &mut Vec<u8>) -> Result<(), PortError> {
        let failed = |error: git2::Error| {
            PortError::failed(format!("reading {}", file.path), error.message())
        };
        let id = oid(&file.id).map_err(failed)?;
        let size = || {
            let (size, _) = self.repository.odb().ok()?.read_header(id).ok()?;
            u64::try_from(size).ok()
        };
        if file.mode.is_regular()
            && self
                .checkout
                .read_file(&file.path, id, size, into)
                .is_some()
        {
            return Ok(());
        }
        let blob = self.repository.find_blob(id).map_err(failed)?;
        into.clear();
        into.extend_from_slice(blob.content());
        Ok(())
    }
}
