//! Staging, restoring, committing, keeping and merging.

use std::fs;
use std::os::unix::ffi::OsStrExt;
use std::os::unix::fs::{PermissionsExt, symlink};
use std::path::{Path, PathBuf};

use batch::adapters::git::repository::GitRepository;
use batch::adapters::git::worktrees::WorktreePool;
use batch::engine::ports::{Merged, PortError, Repository, Watch, Workspace, Workspaces};
use batch::model::id::{ObjectId, Slot};
use batch::model::path::RepoPath;
use batch::model::tree::Mode;

use super::lab::{Lab, assert_same, everything, gits, read, write};

struct Bench {
    lab: Lab,
    root: PathBuf,
    base: ObjectId,
    pool: WorktreePool,
    repository: GitRepository,
    workspace: Workspace,
    watch: Watch,
}

impl Bench {
    async fn new(files: &[(&str, &str)]) -> Self {
        Self::on(Lab::new(), files).await
    }

    async fn on(lab: Lab, files: &[(&str, &str)]) -> Self {
        let root = lab.repository("r", files);
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
            pool,
            workspace,
            watch,
        }
    }

    fn at(&self) -> &Path {
        &self.workspace.path
    }

    async fn stage(&self) -> Result<ObjectId, PortError> {
        self.repository
            .stage_all(&self.workspace, &self.watch)
            .await?;
        self.repository.write_tree(&self.workspace).await
    }

    async fn commit(&self, message: &str) -> Result<ObjectId, PortError> {
        self.repository
            .commit(&self.workspace, message, false, &self.watch)
            .await
    }

    async fn changed(&self, tree: &ObjectId) -> Vec<String> {
        let changes = self.repository.changes(&self.base, tree).await.unwrap();
        changes.iter().map(|change| change.path.to_text()).collect()
    }

    fn hook(&self, name: &str, text: &str) {
        let path = self.root.join(".git/hooks").join(name);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(&path, format!("#!/bin/sh\n{text}\n")).unwrap();
        fs::set_permissions(&path, fs::Permissions::from_mode(0o755)).unwrap();
    }
}

#[tokio::test]
async fn odd_names_are_staged_compared_and_restored_byte_for_byte() {
    let names: [&[u8]; 9] = [
        b"a file",
        b"-dash",
        b"\"quoted\"",
        b"new\nline",
        b"[brackets]*?",
        b"caf\xe9",
        "emoji \u{1f600}".as_bytes(),
        b":(top)magic",
        b"dir/-x\t",
    ];
    let bench = Bench::new(&[("a", "1")]).await;
    for name in names {
        let path = RepoPath::new(name).below(bench.at());
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(path, name).unwrap();
    }
    let tree = bench.stage().await.unwrap();
    let changes = bench.repository.changes(&bench.base, &tree).await.unwrap();
    let mut expected: Vec<&[u8]> = names.to_vec();
    expected.sort_unstable();
    let found: Vec<&[u8]> = changes
        .iter()
        .map(|change| change.path.as_bytes())
        .collect();
    assert_eq!(found, expected);
    for name in names {
        fs::write(RepoPath::new(name).below(bench.at()), "edited").unwrap();
    }
    fs::write(bench.at().join("litter"), "").unwrap();
    bench
        .repository
        .restore(&bench.workspace, &tree, &bench.watch)
        .await
        .unwrap();
    for name in names {
        assert_eq!(
            fs::read(RepoPath::new(name).below(bench.at())).unwrap(),
            name
        );
    }
    assert!(!bench.at().join("litter").exists());
    let mut all: Vec<Vec<u8>> = fs::read_dir(bench.at())
        .unwrap()
        .map(|entry| entry.unwrap().file_name().as_bytes().to_vec())
        .collect();
    all.sort();
    assert_eq!(all.len(), names.len() + 2);
    bench.pool.close().await.unwrap();
}

#[tokio::test]
async fn edits_that_the_index_was_told_to_overlook_are_seen() {
    let bench = Bench::new(&[("a", "1"), ("b", "1"), ("c", "1")]).await;
    let at = bench.at();
    bench.lab.git(at, &["update-index", "--skip-worktree", "a"]);
    bench
        .lab
        .git(at, &["update-index", "--assume-unchanged", "b"]);
    write(at, "a", "2");
    write(at, "b", "2");
    fs::remove_file(at.join("c")).unwrap();
    let tree = bench.stage().await.unwrap();
    assert_eq!(bench.changed(&tree).await, ["a", "b", "c"]);
    bench.lab.git(at, &["update-index", "--skip-worktree", "a"]);
    write(at, "a", "tampered");
    bench
        .repository
        .restore(&bench.workspace, &tree, &bench.watch)
        .await
        .unwrap();
    assert_eq!(read(at, "a"), "2");
    assert!(!at.join("c").exists());
    bench.pool.close().await.unwrap();
}

#[tokio::test]
async fn ignored_files_are_not_staged_and_survive_a_restore() {
    let bench = Bench::new(&[("a", "1"), (".gitignore", "build/\n")]).await;
    write(bench.at(), "build/out", "1");
    write(bench.at(), "a", "2");
    let tree = bench.stage().await.unwrap();
    assert_eq!(bench.changed(&tree).await, ["a"]);
    bench
        .repository
        .restore(&bench.workspace, &tree, &bench.watch)
        .await
        .unwrap();
    assert_eq!(read(bench.at(), "build/out"), "1");
    bench.pool.close().await.unwrap();
}

#[tokio::test]
async fn a_repository_inside_the_worktree_is_named_or_becomes_a_submodule_for_the_gate() {
    let bench = Bench::new(&[("src/a", "1"), ("b", "1")]).await;
    let at = bench.at();
    bench.lab.git(at, &["init", "--quiet", "src"]);
    let error = bench.stage().await.unwrap_err().to_string();
    assert!(error.contains("src"), "{error}");
    fs::remove_dir_all(at.join("src/.git")).unwrap();
    bench.lab.git(at, &["init", "--quiet", "vendored"]);
    let error = bench.stage().await.unwrap_err().to_string();
    assert!(
        error.contains("vendored/' does not have a commit checked out"),
        "{error}"
    );
    write(at, "vendored/x", "1");
    bench.lab.git(&at.join("vendored"), &["add", "x"]);
    bench
        .lab
        .git(&at.join("vendored"), &["commit", "--quiet", "-m", "x"]);
    let tree = bench.stage().await.unwrap();
    let changes = bench.repository.changes(&bench.base, &tree).await.unwrap();
    assert_eq!(changes.len(), 1);
    assert_eq!(changes[0].new.as_ref().unwrap().mode, Mode::Submodule);
    bench.pool.close().await.unwrap();
}

#[tokio::test]
async fn a_worktree_that_points_to_another_repository_is_not_used() {
    let bench = Bench::new(&[("a", "1")]).await;
    let other = bench.lab.repository("other", &[("a", "1")]);
    let before = everything(&other);
    let pointer = format!("gitdir: {}\n", other.join(".git").display());
    fs::write(bench.at().join(".git"), pointer).unwrap();
    write(bench.at(), "a", "2");
    let error = bench.stage().await.unwrap_err().to_string();
    assert!(error.contains("names another repository"), "{error}");
    assert!(bench.commit("x").await.is_err());
    assert_same(&before, &everything(&other));
    bench.pool.close().await.unwrap();
}

#[tokio::test]
async fn a_commit_has_the_staged_tree_the_message_and_the_base_as_its_only_parent() {
    let bench = Bench::new(&[("a", "1")]).await;
    let before = everything(&bench.root);
    write(bench.at(), "a", "2");
    let tree = bench.stage().await.unwrap();
    let message = "title\n\n# not a comment\nbody  \n\n\n";
    let commit = bench
        .repository
        .commit(&bench.workspace, message, true, &bench.watch)
        .await
        .unwrap();
    assert_eq!(bench.repository.tree_of(&commit).await.unwrap(), Some(tree));
    let show = ["log", "-1", "--format=%P%n%an%n%B", commit.as_str()];
    assert_eq!(
        bench.lab.git(&bench.root, &show).trim_end(),
        format!(
            "{}\nA U Thor\ntitle\n\n# not a comment\nbody\n\nSigned-off-by: A U Thor <author@example.com>",
            bench.base
        )
    );
    bench.pool.close().await.unwrap();
    assert_eq!(before, everything(&bench.root));
}

#[tokio::test]
async fn a_worker_that_moved_head_does_not_change_the_commits_parent() {
    let bench = Bench::new(&[("a", "1")]).await;
    write(bench.at(), "a", "2");
    bench
        .lab
        .git(bench.at(), &["checkout", "--quiet", "-b", "workers"]);
    bench
        .lab
        .git(bench.at(), &["commit", "--quiet", "-am", "by the worker"]);
    let theirs = bench.lab.id(&bench.root, "workers");
    write(bench.at(), "a", "3");
    let tree = bench.stage().await.unwrap();
    let commit = bench.commit("ours").await.unwrap();
    assert_eq!(bench.lab.id(&bench.root, &format!("{commit}^")), bench.base);
    assert_eq!(bench.repository.tree_of(&commit).await.unwrap(), Some(tree));
    assert_eq!(bench.lab.id(&bench.root, "workers"), theirs);
    bench.pool.close().await.unwrap();
}

#[tokio::test]
async fn a_restored_tree_is_committed_on_the_base_again() {
    let bench = Bench::new(&[("a", "1")]).await;
    bench.hook("pre-commit", "echo formatted > a; git add a");
    write(bench.at(), "a", "2");
    bench.stage().await.unwrap();
    let first = bench.commit("x").await.unwrap();
    let tree = bench.repository.tree_of(&first).await.unwrap().unwrap();
    bench
        .repository
        .restore(&bench.workspace, &tree, &bench.watch)
        .await
        .unwrap();
    assert_eq!(read(bench.at(), "a"), "formatted\n");
    // What the second check and test find is the base with the edits staged.
    assert_eq!(bench.lab.id(bench.at(), "HEAD"), bench.base);
    let staged = ["diff", "--cached", "--name-only"];
    assert_eq!(bench.lab.git(bench.at(), &staged), "a");
    let second = bench.commit("x").await.unwrap();
    let parents = ["log", "-1", "--format=%P", second.as_str()];
    assert_eq!(bench.lab.git(&bench.root, &parents), bench.base.as_str());
    assert_eq!(bench.repository.tree_of(&second).await.unwrap(), Some(tree));
    bench.pool.close().await.unwrap();
}

#[tokio::test]
async fn a_merge_or_pick_that_a_worker_left_open_does_not_reach_the_commit() {
    let bench = Bench::new(&[("a", "1")]).await;
    let at = bench.at();
    let theirs = [
        "-c",
        "user.name=Somebody Else",
        "commit",
        "--quiet",
        "--allow-empty",
        "-m",
        "theirs",
    ];
    bench.lab.git(at, &["checkout", "--quiet", "-b", "theirs"]);
    write(at, "b", "theirs");
    bench.lab.git(at, &["add", "b"]);
    bench.lab.git(at, &theirs);
    bench.lab.git(
        at,
        &["checkout", "--quiet", "--detach", bench.base.as_str()],
    );
    let open: [&[&str]; 3] = [
        &["merge", "--quiet", "--no-ff", "--no-commit", "theirs"],
        &["merge", "--quiet", "--squash", "theirs"],
        &["-c", "advice.mergeConflict=false", "cherry-pick", "theirs"],
    ];
    for left in open {
        bench
            .lab
            .git(at, &["reset", "--quiet", "--hard", bench.base.as_str()]);
        if left.contains(&"cherry-pick") {
            write(at, "b", "ours");
            bench.lab.git(at, &["add", "b"]);
            bench
                .lab
                .git(at, &["commit", "--quiet", "-m", "in the way"]);
        }
        let done = bench.lab.try_git(at, left).0;
        assert_eq!(done, !left.contains(&"cherry-pick"), "{left:?}");
        write(at, "b", "resolved");
        bench.stage().await.unwrap();
        let commit = bench.commit("ours").await.unwrap();
        let show = ["log", "-1", "--format=%P %an %s", commit.as_str()];
        assert_eq!(
            bench.lab.git(&bench.root, &show),
            format!("{} A U Thor ours", bench.base),
            "{left:?}"
        );
        let status = bench.lab.git(at, &["status"]);
        assert!(!status.contains("You are"), "{left:?}: {status}");
    }
    bench.pool.close().await.unwrap();
}

#[tokio::test]
async fn a_pick_that_a_worker_left_open_does_not_reach_the_commit_where_refs_are_in_tables() {
    let lab = Lab::new();
    let root = lab.path("r");
    fs::create_dir(&root).unwrap();
    let init = ["init", "--quiet", "--ref-format=reftable"];
    if !lab.try_git(&root, &init).0 {
        // An older git, without such repositories.
        return;
    }
    let base = lab.commit(&root, &[("a", "1")], "first");
    let place = lab.place(&root).await;
    let (pool, repository) = (lab.pool(&place, false), GitRepository::new(&place));
    let watch = lab.watch();
    let workspace = pool.lend(Slot(0), &base, &watch).await.unwrap();
    let at = &workspace.path;
    write(at, "a", "2");
    let theirs = ["-c", "user.name=Somebody Else", "commit", "--quiet", "-am"];
    lab.git(at, &[&theirs[..], &["theirs"]].concat());
    let theirs = lab.id(at, "HEAD");
    lab.git(at, &["reset", "--quiet", "--hard", base.as_str()]);
    lab.commit(at, &[("a", "3")], "in the way");
    assert!(!lab.try_git(at, &["cherry-pick", theirs.as_str()]).0);
    write(at, "a", "resolved");
    repository.stage_all(&workspace, &watch).await.unwrap();
    let commit = repository
        .commit(&workspace, "ours", false, &watch)
        .await
        .unwrap();
    let show = ["log", "-1", "--format=%P %an", commit.as_str()];
    assert_eq!(lab.git(&root, &show), format!("{base} A U Thor"));
    pool.close().await.unwrap();
}

#[tokio::test]
async fn what_is_in_the_files_is_saved_whatever_became_of_the_worktrees_git() {
    type Harm = fn(&Lab, &Path);
    let harms: [Harm; 6] = [
        |lab, at| drop(lab.git(at, &["init", "--quiet", "src"])),
        |lab, at| {
            lab.git(at, &["init", "--quiet", "new/inner"]);
            write(at, "new/inner/deep/x", "1");
            lab.git(at, &["init", "--quiet", "new/inner/deep"]);
        },
        |_, at| fs::remove_file(at.join(".git")).unwrap(),
        |lab, at| {
            fs::remove_file(at.join(".git")).unwrap();
            lab.git(at, &["init", "--quiet"]);
            lab.git(at, &["add", "--all"]);
            lab.git(at, &["commit", "--quiet", "-m", "the worker's own"]);
        },
        |lab, at| {
            let other = lab.repository("other", &[("a", "1")]);
            let pointer = format!("gitdir: {}\n", other.join(".git").display());
            fs::write(at.join(".git"), pointer).unwrap();
        },
        |lab, at| {
            let git_dir = lab.git(at, &["rev-parse", "--git-dir"]);
            write(Path::new(&git_dir), "index", "not an index");
        },
    ];
    for (number, harm) in harms.into_iter().enumerate() {
        let bench = Bench::new(&[("a", "1"), ("src/b", "1"), (".gitignore", "*.o\n")]).await;
        bench
            .lab
            .git(&bench.root, &["config", "core.splitIndex", "true"]);
        let at = bench.at();
        write(at, "src/b", "edited");
        write(at, "src/c", "new");
        write(at, "x.o", "ignored");
        fs::remove_file(at.join("a")).unwrap();
        harm(&bench.lab, at);
        assert!(bench.stage().await.is_err(), "{number}");
        let before = everything(&bench.root);
        let tree = bench
            .repository
            .salvage(&bench.workspace, &bench.watch)
            .await
            .unwrap();
        let mut expected = vec!["a", "src/b", "src/c"];
        if number == 1 {
            expected.insert(1, "new/inner/deep/x");
        }
        assert_eq!(bench.changed(&tree).await, expected, "{number}");
        assert_same(&before, &everything(&bench.root));
        bench.pool.close().await.unwrap();
    }
}

#[tokio::test]
async fn saving_touches_nothing_behind_a_link() {
    let bench = Bench::new(&[("a", "1"), ("src/b", "1")]).await;
    let other = bench.lab.repository("other", &[("b", "1"), ("x", "1")]);
    let before = everything(&other);
    let at = bench.at();
    fs::remove_dir_all(at.join("src")).unwrap();
    symlink(&other, at.join("src")).unwrap();
    let salvage = || bench.repository.salvage(&bench.workspace, &bench.watch);
    let tree = salvage().await.unwrap();
    assert_eq!(bench.changed(&tree).await, ["src", "src/b"]);
    fs::rename(at, at.with_extension("moved")).unwrap();
    symlink(&other, at).unwrap();
    let error = salvage().await.unwrap_err().to_string();
    assert!(error.ends_with("is not a folder"), "{error}");
    assert_same(&before, &everything(&other));
    fs::remove_dir_all(at.with_extension("moved")).unwrap();
    bench.pool.close().await.unwrap();
}

#[tokio::test]
async fn saving_leaves_the_folders_of_submodules_as_the_base_has_them() {
    let lab = Lab::new();
    let inner = lab.repository("inner", &[("x", "1")]);
    let root = lab.repository("r", &[("a", "1")]);
    lab.git(
        &root,
        &[
            "submodule",
            "--quiet",
            "add",
            inner.to_str().unwrap(),
            "sub",
        ],
    );
    let base = lab.commit(&root, &[], "with a submodule");
    let place = lab.place(&root).await;
    let (pool, repository) = (lab.pool(&place, false), GitRepository::new(&place));
    let watch = lab.watch();
    let workspace = pool.lend(Slot(0), &base, &watch).await.unwrap();
    let at = &workspace.path;
    lab.git(at, &["submodule", "--quiet", "update", "--init"]);
    assert_eq!(read(at, "sub/x"), "1");
    write(at, "a", "2");
    fs::remove_file(at.join(".git")).unwrap();
    let tree = repository.salvage(&workspace, &watch).await.unwrap();
    let changes = repository.changes(&base, &tree).await.unwrap();
    assert_eq!(changes.len(), 1, "{changes:?}");
    assert!(at.join("sub/.git").exists());
    pool.close().await.unwrap();
}

#[tokio::test]
async fn hooks_run_with_their_words_in_the_error_and_cannot_ask() {
    let bench = Bench::new(&[("a", "1")]).await;
    write(bench.at(), "a", "2");
    bench.stage().await.unwrap();
    bench.hook("pre-commit", "echo lint: a is bad >&2; exit 1");
    let error = bench.commit("x").await.unwrap_err().to_string();
    assert_eq!(error, "committing: lint: a is bad");
    bench.hook(
        "pre-commit",
        "read answer; test -z \"$answer\" && echo formatted > a && git add a",
    );
    let commit = bench.commit("x").await.unwrap();
    let shown = bench
        .lab
        .git(&bench.root, &["show", &format!("{commit}:a")]);
    assert_eq!(shown, "formatted");
    assert!(bench.lab.log().contains("lint: a is bad"));
    bench.hook("pre-commit", "true");
    bench.hook(
        "post-commit",
        "rm \"$0\"; git commit --quiet --allow-empty -m again",
    );
    write(bench.at(), "a", "4");
    bench.stage().await.unwrap();
    let error = bench.commit("x").await.unwrap_err().to_string();
    assert!(error.contains("did a hook commit?"), "{error}");
    bench.pool.close().await.unwrap();
}

#[tokio::test]
async fn edits_are_kept_in_a_ref_even_where_nobody_is_configured() {
    let bench = Bench::new(&[("a", "1")]).await;
    fs::write(
        bench.lab.path("home/.gitconfig"),
        "[user]\n\tuseConfigOnly = true\n[commit]\n\tgpgSign = true\n",
    )
    .unwrap();
    write(bench.at(), "a", "2");
    let tree = bench.stage().await.unwrap();
    let reference = "refs/batch/20260102T030405Z-0a1b/unit/attempt-1";
    let kept = bench
        .repository
        .keep(&tree, &bench.base, reference, "kept")
        .await
        .unwrap();
    assert_eq!(bench.lab.id(&bench.root, reference), kept);
    assert_eq!(bench.lab.id(&bench.root, &format!("{kept}^")), bench.base);
    assert_eq!(bench.repository.tree_of(&kept).await.unwrap(), Some(tree));
    let nothing = ObjectId::new("1".repeat(40));
    assert_eq!(bench.repository.tree_of(&nothing).await.unwrap(), None);
    let below = format!("{reference}/below");
    let error = bench.repository.set_ref(&below, &kept).await.unwrap_err();
    assert!(
        error.to_string().contains("exists; cannot create"),
        "{error}"
    );
    bench.pool.close().await.unwrap();
}

#[tokio::test]
async fn merges_are_clean_or_name_the_paths_whatever_the_users_settings() {
    for git in gits() {
        let lab = Lab::with_git(git);
        let root = lab.repository(
            "r",
            &[
                ("a", "1\n2\n3\n"),
                ("café b", "1\n"),
                ("old/x", "x\ny\nz\n"),
                ("old/y", "1\n2\n3\n"),
            ],
        );
        lab.git(&root, &["config", "merge.directoryRenames", "true"]);
        lab.git(&root, &["config", "merge.renames", "false"]);
        lab.git(&root, &["config", "diff.renames", "false"]);
        let repository = GitRepository::new(&lab.place(&root).await);
        let side = |branch: &str, files: &[(&str, &str)]| {
            lab.git(&root, &["checkout", "--quiet", "-B", branch, "main"]);
            lab.commit(&root, files, branch)
        };
        let ours = side("ours", &[("a", "one\n2\n3\n"), ("café b", "ours\n")]);
        let clean = side("clean", &[("a", "1\n2\nthree\n")]);
        let clash = side("clash", &[("a", "uno\n2\n3\n"), ("café b", "theirs\n")]);
        lab.git(&root, &["checkout", "--quiet", "-B", "moved", "main"]);
        lab.git(&root, &["mv", "old", "new"]);
        let moved = lab.commit(&root, &[], "moved");
        let edited = side("edited", &[("old/x", "x\ny\nz\nmore\n")]);
        let added = side("added", &[("old/z", "1\n")]);
        lab.git(&root, &["checkout", "--quiet", "main"]);
        let before = everything(&root);
        let merge = async |ours, theirs| repository.merge(ours, theirs, "merge").await.unwrap();
        let Merged::Clean(commit) = merge(&ours, &clean).await else {
            panic!("the two do not touch");
        };
        assert_eq!(
            lab.git(&root, &["show", &format!("{commit}:a")]),
            "one\n2\nthree"
        );
        assert_eq!(lab.id(&root, &format!("{commit}^1")), ours);
        assert_eq!(lab.id(&root, &format!("{commit}^2")), clean);
        let conflict = merge(&ours, &clash).await;
        assert_eq!(
            conflict,
            Merged::Conflict(vec!["a".into(), "café b".into()])
        );
        let Merged::Clean(commit) = merge(&moved, &edited).await else {
            panic!("an edit follows a rename");
        };
        assert_eq!(
            lab.git(&root, &["show", &format!("{commit}:new/x")]),
            "x\ny\nz\nmore"
        );
        let conflict = merge(&moved, &added).await;
        assert!(matches!(conflict, Merged::Conflict(_)), "{conflict:?}");
        let nothing = ObjectId::new("1".repeat(40));
        assert!(repository.merge(&ours, &nothing, "merge").await.is_err());
        assert_same(&before, &everything(&root));
    }
}

#[tokio::test]
async fn a_locks_leftover_of_a_killed_child_does_not_stop_the_next_step() {
    let bench = Bench::new(&[("a", "1")]).await;
    let git_dir = bench.lab.git(bench.at(), &["rev-parse", "--git-dir"]);
    write(Path::new(&git_dir), "index.lock", "");
    write(bench.at(), "a", "2");
    let tree = bench.stage().await.unwrap();
    write(Path::new(&git_dir), "index.lock", "");
    bench
        .repository
        .restore(&bench.workspace, &tree, &bench.watch)
        .await
        .unwrap();
    write(Path::new(&git_dir), "HEAD.lock", "");
    bench.commit("x").await.unwrap();
    bench.pool.close().await.unwrap();
}

#[tokio::test]
async fn files_with_line_endings_against_the_attributes_are_no_edits_until_somebody_edits_them() {
    let lab = Lab::new();
    let root = lab.repository("r", &[("a.txt", "1\r\n"), ("b.txt", "1\r\n"), ("c", "1")]);
    write(&root, ".gitattributes", "*.txt text\n");
    lab.git(&root, &["add", ".gitattributes"]);
    lab.git(
        &root,
        &["commit", "--quiet", "-m", "too late for the others"],
    );
    let base = lab.id(&root, "HEAD");
    assert_eq!(lab.git(&root, &["show", "HEAD:a.txt"]), "1\r");
    let place = lab.place(&root).await;
    let (pool, repository) = (lab.pool(&place, false), GitRepository::new(&place));
    let watch = lab.watch();
    for round in 0..2 {
        let workspace = pool.lend(Slot(0), &base, &watch).await.unwrap();
        // As a tool that writes what it read.
        write(&workspace.path, "a.txt", "1\r\n");
        write(&workspace.path, "b.txt", format!("{round} more\r\n"));
        repository.stage_all(&workspace, &watch).await.unwrap();
        let tree = repository.write_tree(&workspace).await.unwrap();
        let changes = repository.changes(&base, &tree).await.unwrap();
        assert_eq!(changes.len(), 1, "{changes:?}");
        assert_eq!(changes[0].path.to_text(), "b.txt");
        repository.restore(&workspace, &tree, &watch).await.unwrap();
        repository.stage_all(&workspace, &watch).await.unwrap();
        assert_eq!(repository.write_tree(&workspace).await.unwrap(), tree);
        pool.give_back(workspace).await;
    }
    pool.close().await.unwrap();
}
