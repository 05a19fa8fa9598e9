//! [`Bare`]: a bare repository of the hub: its branches, and the merges that GitHub makes in one.
//!
//! In this process, by libgit2: a request must not cost a handful of processes.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use git2::{BranchType, Commit, Oid, Repository, Signature};

/// A bare repository.
#[derive(Debug, Clone)]
pub struct Bare {
    pub path: PathBuf,
}

/// What a head changes, compared with where it left its base.
#[derive(Debug, Clone, Copy, Default)]
pub struct Extent {
    pub commits: usize,
    pub files: usize,
    pub added: usize,
    pub removed: usize,
}

impl Bare {
    /// Makes one; with `objects` it shares those of another, as the forks of a repository do.
    pub fn make(path: &Path, objects: Option<&Path>) -> Self {
        let mut options = git2::RepositoryInitOptions::new();
        options
            .bare(true)
            .initial_head("main")
            .external_template(false);
        let repository = Repository::init_opts(path, &options).unwrap();
        let mut config = repository.config().unwrap();
        for key in ["http.receivepack", "uploadpack.allowAnySHA1InWant"] {
            config.set_bool(key, true).unwrap();
        }
        for key in ["receive.autogc", "core.logAllRefUpdates"] {
            config.set_bool(key, false).unwrap();
        }
        config.set_i32("gc.auto", 0).unwrap();
        if let Some(objects) = objects {
            std::fs::remove_dir_all(path.join("objects")).unwrap();
            std::os::unix::fs::symlink(objects, path.join("objects")).unwrap();
        }
        Self {
            path: path.to_owned(),
        }
    }

    fn open(&self) -> Repository {
        Repository::open_bare(&self.path).unwrap()
    }

    /// The commit that a branch is at.
    pub fn branch(&self, name: &str) -> Option<Oid> {
        let repository = self.open();
        let branch = repository.find_branch(name, BranchType::Local).ok()?;
        branch.get().target()
    }

    /// All branches and the commits that they are at.
    pub fn branches(&self) -> BTreeMap<String, Oid> {
        let repository = self.open();
        let branches = repository.branches(Some(BranchType::Local)).unwrap();
        let named = branches.filter_map(|branch| {
            let (branch, _) = branch.unwrap();
            let name = branch.name().ok()??.to_owned();
            Some((name, branch.get().target()?))
        });
        named.collect()
    }

    /// Points a ref (`refs/heads/x`) to a commit.
    pub fn point(&self, name: &str, at: Oid) {
        self.open().reference(name, at, true, "hub").unwrap();
    }

    /// Removes a branch.
    pub fn delete(&self, branch: &str) {
        let repository = self.open();
        let mut branch = repository.find_branch(branch, BranchType::Local).unwrap();
        branch.delete().unwrap();
    }

    /// Whether there is such a commit.
    pub fn has(&self, commit: Oid) -> bool {
        self.open().find_commit(commit).is_ok()
    }

    /// The first line of a commit's message.
    pub fn title(&self, commit: Oid) -> String {
        let repository = self.open();
        let commit = repository.find_commit(commit).unwrap();
        commit
            .summary()
            .ok()
            .flatten()
            .unwrap_or_default()
            .to_owned()
    }

    /// Whether all of `older` is in `newer`.
    pub fn holds(&self, newer: Oid, older: Oid) -> bool {
        newer == older
            || self
                .open()
                .graph_descendant_of(newer, older)
                .unwrap_or(false)
    }

    /// The commits that `head` has and `base` has not, oldest first.
    pub fn ahead(&self, base: Oid, head: Oid) -> Vec<Oid> {
        let repository = self.open();
        let mut walk = repository.revwalk().unwrap();
        walk.set_sorting(git2::Sort::TOPOLOGICAL | git2::Sort::REVERSE)
            .unwrap();
        walk.push(head).unwrap();
        walk.hide(base).unwrap();
        walk.map(Result::unwrap).collect()
    }

    /// What `head` changes since it left `base`.
    pub fn extent(&self, base: Oid, head: Oid) -> Extent {
        let repository = self.open();
        let from = repository.merge_base(base, head).unwrap_or(base);
        let tree = |commit: Oid| repository.find_commit(commit)?.tree();
        let (old, new) = (tree(from).ok(), tree(head).ok());
        let diff = repository.diff_tree_to_tree(old.as_ref(), new.as_ref(), None);
        let stats = diff.and_then(|diff| diff.stats()).unwrap();
        Extent {
            commits: self.ahead(base, head).len(),
            files: stats.files_changed(),
            added: stats.insertions(),
            removed: stats.deletions(),
        }
    }

    /// The tree of both; none where they conflict.
    pub fn merged_tree(&self, base: Oid, head: Oid) -> Option<Oid> {
        let repository = self.open();
        let (base, head) = (commit(&repository, base), commit(&repository, head));
        let mut index = repository.merge_commits(&base, &head, None).ok()?;
        (!index.has_conflicts()).then(|| index.write_tree_to(&repository).unwrap())
    }

    /// A commit of this tree.
    pub fn commit(&self, tree: Oid, parents: &[Oid], message: &str, by: &str) -> Oid {
        let repository = self.open();
        let tree = repository.find_tree(tree).unwrap();
        let parents: Vec<Commit<'_>> = parents.iter().map(|&at| commit(&repository, at)).collect();
        let parents: Vec<&Commit<'_>> = parents.iter().collect();
        let who = signature(by);
        repository
            .commit(None, &who, &who, message, &tree, &parents)
            .unwrap()
    }

    /// A commit on top of `parent` with one file more, or another in its place.
    pub fn grown(&self, parent: Option<Oid>, path: &str, text: &str, by: &str) -> Oid {
        let repository = self.open();
        let parent = parent.map(|at| commit(&repository, at));
        let tree = parent.as_ref().map(|parent| parent.tree().unwrap());
        let blob = repository.blob(text.as_bytes()).unwrap();
        let mut update = git2::build::TreeUpdateBuilder::new();
        update.upsert(path, blob, git2::FileMode::Blob);
        let empty = || {
            let tree = repository.treebuilder(None).unwrap().write().unwrap();
            repository.find_tree(tree).unwrap()
        };
        let tree = update
            .create_updated(&repository, &tree.unwrap_or_else(empty))
            .unwrap();
        let parents: Vec<Oid> = parent.iter().map(Commit::id).collect();
        self.commit(tree, &parents, &format!("change {path}"), by)
    }

    /// The commits of `head` made again on top of `base`; none where one conflicts.
    pub fn rebased(&self, base: Oid, head: Oid, by: &str) -> Option<Oid> {
        let mut top = base;
        for at in self.ahead(base, head) {
            let repository = self.open();
            let picked = commit(&repository, at);
            if picked.parent_count() > 1 {
                continue;
            }
            let onto = commit(&repository, top);
            let mut index = repository.cherrypick_commit(&picked, &onto, 0, None).ok()?;
            if index.has_conflicts() {
                return None;
            }
            let tree = index.write_tree_to(&repository).unwrap();
            let tree = repository.find_tree(tree).unwrap();
            let message = picked.message().unwrap_or_default();
            let made = repository.commit(
                None,
                &picked.author(),
                &signature(by),
                message,
                &tree,
                &[&onto],
            );
            top = made.unwrap();
        }
        Some(top)
    }
}

fn commit(repository: &Repository, at: Oid) -> Commit<'_> {
    repository.find_commit(at).unwrap()
}

fn signature(login: &str) -> Signature<'static> {
    Signature::now(login, &format!("{login}@users.noreply.example.invalid")).unwrap()
}
