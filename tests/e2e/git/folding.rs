//! What an agent does to the git of its worktree, and what is left of it.

use std::fs;
use std::path::{Path, PathBuf};

use batch::adapters::git::repository::GitRepository;
use batch::adapters::git::worktrees::WorktreePool;
use batch::engine::ports::{Repository, Watch, Workspace, Workspaces};
use batch::model::id::{ObjectId, Slot};
use batch::model::tree::FileChange;

use super::lab::{Lab, assert_same, everything, read, write};

struct Bench {
    lab: Lab,
    root: PathBuf,
    base: ObjectId,
    repository: GitRepository,
    workspace: Workspace,
    watch: Watch,
    _pool: WorktreePool,
}

impl Bench {
    async fn new() -> Self {
        let lab = Lab::new();
        let root = lab.repository("r", &[("a", "1\n"), ("b/c", "2\n"), ("gone", "3\n")]);
        let base = lab.id(&root, "HEAD");
        let place = lab.place(&root).await;
        let pool = lab.pool(&place, false);
        let watch = lab.watch();
        let workspace = pool.lend(Slot(0), &base, &watch).await.unwrap();
        Self {
            repository: GitRepository::new(&place),
            lab,
            root,
            base,
            workspace,
            watch,
            _pool: pool,
        }
    }

    fn at(&self) -> &Path {
        &self.workspace.path
    }

    fn agent(&self, args: &[&str]) {
        self.lab.git(self.at(), args);
    }

    fn admin(&self) -> PathBuf {
        self.root
            .join(".git/worktrees")
            .join(self.at().file_name().unwrap())
    }

    async fn folded(&self) -> usize {
        self.repository.fold_commits(&self.workspace).await.unwrap()
    }

    /// What is staged after the fold, against the base.
    async fn staged(&self) -> Vec<String> {
        self.repository
            .stage_all(&self.workspace, &self.watch)
            .await
            .unwrap();
        let tree = self.repository.write_tree(&self.workspace).await.unwrap();
        let changes = self.repository.changes(&self.base, &tree).await.unwrap();
        assert_eq!(self.lab.id(self.at(), "HEAD"), self.base);
        assert!(
            !self
                .lab
                .try_git(self.at(), &["symbolic-ref", "-q", "HEAD"])
                .0
        );
        changes.iter().map(|change| change.path.to_text()).collect()
    }
}

#[tokio::test]
async fn commits_of_an_agent_become_edits_and_are_counted() {
    let bench = Bench::new().await;
    write(bench.at(), "a", "one\n");
    bench.agent(&["commit", "-qam", "one"]);
    write(bench.at(), "b/c", "two\n");
    bench.agent(&["commit", "-qam", "two"]);
    write(bench.at(), "new", "three\n");
    assert_eq!(bench.folded().await, 2);
    assert_eq!(bench.staged().await, ["a", "b/c", "new"]);
    assert_eq!(bench.folded().await, 0);
}

#[tokio::test]
async fn a_branch_that_an_agent_made_stays_where_it_left_it() {
    let bench = Bench::new().await;
    bench.agent(&["switch", "-qc", "mine"]);
    write(bench.at(), "a", "one\n");
    bench.agent(&["commit", "-qam", "one"]);
    let tip = bench.lab.id(bench.at(), "HEAD");
    assert_eq!(bench.folded().await, 1);
    assert_eq!(bench.staged().await, ["a"]);
    assert_eq!(bench.lab.id(&bench.root, "mine"), tip);
}

#[tokio::test]
async fn an_amended_base_an_orphan_and_a_checkout_of_another_commit_are_survived() {
    let bench = Bench::new().await;
    write(bench.at(), "a", "one\n");
    bench.agent(&["commit", "-qa", "--amend", "-m", "amended"]);
    assert_eq!(bench.folded().await, 1);
    assert_eq!(bench.staged().await, ["a"]);
    bench.agent(&["checkout", "-q", "--orphan", "nothing"]);
    assert_eq!(bench.folded().await, 0);
    assert_eq!(bench.staged().await, ["a"]);
}

#[tokio::test]
async fn a_merge_and_a_rebase_in_the_middle_are_ended() {
    let bench = Bench::new().await;
    for (branch, text) in [("one", "one\n"), ("two", "two\n")] {
        bench.agent(&["checkout", "-qb", branch, bench.base.as_str()]);
        write(bench.at(), "a", text);
        bench.agent(&["commit", "-qam", branch]);
    }
    assert!(!bench.lab.try_git(bench.at(), &["merge", "one"]).0);
    write(bench.at(), "a", "both\n");
    bench.folded().await;
    assert_eq!(bench.staged().await, ["a"]);
    assert!(!bench.admin().join("MERGE_HEAD").exists());

    bench.agent(&["checkout", "-qf", "two"]);
    assert!(!bench.lab.try_git(bench.at(), &["rebase", "one"]).0);
    assert!(bench.admin().join("rebase-merge").exists());
    write(bench.at(), "a", "both\n");
    fs::write(bench.admin().join("index.lock"), "").unwrap();
    bench.folded().await;
    assert_eq!(bench.staged().await, ["a"]);
    assert!(!bench.admin().join("rebase-merge").exists());
}

#[tokio::test]
async fn a_git_file_that_is_gone_or_names_another_repository_is_put_back() {
    let bench = Bench::new().await;
    let other = bench.lab.repository("other", &[("o", "o")]);
    let before = everything(&other);
    let users = everything(&bench.root);
    let pointer = bench.at().join(".git");
    write(bench.at(), "a", "one\n");
    let ways: [&dyn Fn(); 5] = [
        &|| {},
        &|| fs::write(&pointer, format!("gitdir: {}/.git\n", other.display())).unwrap(),
        &|| fs::write(&pointer, "nonsense").unwrap(),
        &|| std::os::unix::fs::symlink(other.join(".git"), &pointer).unwrap(),
        &|| drop(bench.lab.git(bench.at(), &["init", "-q"])),
    ];
    for way in ways {
        fs::remove_file(&pointer).unwrap();
        way();
        bench.folded().await;
        assert_eq!(bench.staged().await, ["a"]);
        assert!(fs::symlink_metadata(&pointer).unwrap().is_file());
    }
    assert_same(&before, &everything(&other));
    assert_same(&users, &everything(&bench.root));
}

#[tokio::test]
async fn what_an_agent_wrote_into_the_worktrees_own_folder_is_put_right() {
    let bench = Bench::new().await;
    let other = bench.lab.repository("other", &[("o", "o")]);
    let before = everything(&other);
    write(bench.at(), "a", "one\n");
    let admin = bench.admin();
    fs::write(
        admin.join("commondir"),
        format!("{}/.git\n", other.display()),
    )
    .unwrap();
    fs::write(admin.join("HEAD"), "nonsense\n").unwrap();
    fs::write(admin.join("gitdir"), format!("{}/.git\n", other.display())).unwrap();
    bench.folded().await;
    assert_eq!(bench.staged().await, ["a"]);
    assert_same(&before, &everything(&other));
}

#[tokio::test]
async fn settings_of_the_worktree_alone_are_those_that_git_gave_it() {
    let bench = Bench::new().await;
    bench.lab.git(
        &bench.root,
        &["config", "extensions.worktreeConfig", "true"],
    );
    bench
        .lab
        .git(&bench.root, &["config", "--worktree", "batch.mine", "kept"]);
    let elsewhere = bench.lab.path("elsewhere");
    fs::create_dir(&elsewhere).unwrap();
    bench.agent(&[
        "config",
        "--worktree",
        "core.worktree",
        elsewhere.to_str().unwrap(),
    ]);
    write(bench.at(), "a", "one\n");
    bench.folded().await;
    assert_eq!(bench.staged().await, ["a"]);
    let settings = read(&bench.root, ".git/config.worktree");
    assert_eq!(
        fs::read_to_string(bench.admin().join("config.worktree")).unwrap(),
        settings
    );
}

#[tokio::test]
async fn a_worktree_whose_own_folder_is_gone_is_refused_and_its_edits_can_still_be_saved() {
    let bench = Bench::new().await;
    write(bench.at(), "a", "one\n");
    fs::remove_dir_all(bench.admin()).unwrap();
    let error = bench
        .repository
        .fold_commits(&bench.workspace)
        .await
        .unwrap_err();
    assert!(
        error.to_string().contains("names no folder of git"),
        "{error}"
    );
    let tree = bench
        .repository
        .salvage(&bench.workspace, &bench.watch)
        .await
        .unwrap();
    let changes = bench.repository.changes(&bench.base, &tree).await.unwrap();
    assert_eq!(changes.len(), 1);
}

#[tokio::test]
async fn kept_edits_are_read_and_put_onto_another_tree_in_part() {
    let bench = Bench::new().await;
    write(bench.at(), "a", "one\n");
    fs::remove_file(bench.at().join("gone")).unwrap();
    write(bench.at(), "gone/inside", "a folder now\n");
    write(bench.at(), "odd\nname", "odd\n");
    let repository = &bench.repository;
    let tree = repository
        .salvage(&bench.workspace, &bench.watch)
        .await
        .unwrap();
    let reference = "refs/batch/run/unit/attempt-1";
    let kept = repository
        .keep(&tree, &bench.base, reference, "kept")
        .await
        .unwrap();
    let changes = repository.changes_of(reference).await.unwrap().unwrap();
    assert_eq!(
        repository.changes_of(kept.as_str()).await.unwrap().as_ref(),
        Some(&changes)
    );
    let whole = repository
        .with_changes(&bench.base, &changes)
        .await
        .unwrap();
    assert_eq!(whole, tree);
    let back: Vec<FileChange> = changes
        .iter()
        .filter(|change| change.path.to_text() != "a")
        .map(|change| FileChange {
            path: change.path.clone(),
            old: change.new.clone(),
            new: change.old.clone(),
        })
        .collect();
    let part = repository.with_changes(&tree, &back).await.unwrap();
    let left = repository.changes(&bench.base, &part).await.unwrap();
    assert_eq!(left.len(), 1, "{left:?}");
    for no_such in ["refs/batch/none", "--all", bench.base.as_str()] {
        assert_eq!(repository.changes_of(no_such).await.unwrap(), None);
    }
}
