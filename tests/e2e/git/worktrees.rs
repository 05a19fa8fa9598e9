//! Worktrees lent, put back, thrown away; and the user's own things as they were.

use std::fs::{self, Permissions};
use std::os::unix::fs::{PermissionsExt, symlink};
use std::path::Path;
use std::sync::Arc;

use batch::adapters::git::pool_folder;
use batch::engine::ports::{PortError, Workspaces};
use batch::model::id::{ObjectId, Slot};
use futures::future::join_all;

use super::lab::{Lab, assert_same, everything, gits, read, run, write};

fn worktrees(lab: &Lab, root: &Path) -> usize {
    lab.git(root, &["worktree", "list", "--porcelain"])
        .lines()
        .filter(|line| line.starts_with("worktree "))
        .count()
        - 1
}

fn status(lab: &Lab, root: &Path) -> String {
    lab.git(root, &["status", "--porcelain", "--ignored"])
}

#[tokio::test]
async fn a_worktree_is_lent_detached_at_its_base_and_nothing_remains_at_the_end() {
    for git in gits() {
        let lab = Lab::with_git(git);
        let root = lab.repository("r", &[("a", "1"), (".gitignore", "build/\n")]);
        let first = lab.id(&root, "HEAD");
        lab.commit(&root, &[("a", "2"), ("b", "1")], "second");
        let second = lab.id(&root, "HEAD");
        write(&root, "a", "dirty");
        lab.git(&root, &["stash", "--quiet"]);
        write(&root, "a", "dirty again");
        let before = everything(&root);
        let place = lab.place(&root).await;
        let pool = lab.pool(&place, false);
        let watch = lab.watch();
        let workspace = pool.lend(Slot(1), &second, &watch).await.unwrap();
        assert!(workspace.fresh);
        let name = workspace.path.file_name().unwrap().to_str().unwrap();
        assert!(name.starts_with("0a1b-2-"), "{name}");
        assert_eq!(read(&workspace.path, "a"), "2");
        assert!(workspace.tmp.is_dir() && !workspace.tmp.starts_with(&workspace.path));
        assert_eq!(lab.id(&workspace.path, "HEAD"), second);
        assert!(!lab.try_git(&workspace.path, &["symbolic-ref", "HEAD"]).0);
        write(&workspace.path, "build/out", "kept");
        write(&workspace.path, "stray", "");
        write(&workspace.tmp, "litter", "");
        pool.give_back(workspace).await;
        let again = pool.lend(Slot(1), &first, &watch).await.unwrap();
        assert!(!again.fresh);
        assert_eq!(read(&again.path, "a"), "1");
        assert_eq!(read(&again.path, "build/out"), "kept");
        assert!(!again.path.join("b").exists());
        assert!(!again.tmp.join("litter").exists());
        assert_eq!(status(&lab, &again.path), "!! build/");
        pool.close().await.unwrap();
        assert_eq!(worktrees(&lab, &root), 0);
        assert!(!lab.path("cache").exists());
        assert!(!root.join(".git/worktrees").exists());
        assert_same(&before, &everything(&root));
    }
}

#[tokio::test]
async fn putting_back_undoes_whatever_a_worker_did() {
    let lab = Lab::new();
    let root = lab.repository(
        "r",
        &[
            ("a", "1"),
            ("b", "1"),
            ("c/d/e", "1"),
            ("dir/f", "1"),
            ("link", "1"),
            (".gitignore", "*.o\n"),
        ],
    );
    let base = lab.id(&root, "HEAD");
    lab.git(&root, &["branch", "precious"]);
    let precious = lab.commit(&root, &[("a", "2")], "second");
    lab.git(&root, &["branch", "--force", "precious"]);
    let place = lab.place(&root).await;
    let pool = lab.pool(&place, false);
    let watch = lab.watch();
    let workspace = pool.lend(Slot(0), &base, &watch).await.unwrap();
    let at = workspace.path.clone();
    let untouched = fs::metadata(at.join("c/d/e")).unwrap().modified().unwrap();
    write(&at, "stray/nested/x", "");
    lab.git(&at, &["init", "--quiet", "stray/nested"]);
    lab.git(
        &at.join("stray/nested"),
        &["commit", "--quiet", "--allow-empty", "-m", "x"],
    );
    lab.git(&at, &["update-index", "--skip-worktree", "a"]);
    lab.git(&at, &["update-index", "--assume-unchanged", "b"]);
    write(&at, "a", "hidden edit");
    write(&at, "b", "hidden edit");
    fs::remove_dir_all(at.join("dir")).unwrap();
    write(&at, "dir", "a file now");
    fs::remove_file(at.join("link")).unwrap();
    symlink("/etc", at.join("link")).unwrap();
    write(&at, "x.o", "built");
    fs::create_dir(at.join("locked")).unwrap();
    write(&at, "locked/y", "");
    fs::set_permissions(at.join("locked"), Permissions::from_mode(0o500)).unwrap();
    let git_dir = lab.git(&at, &["rev-parse", "--git-dir"]);
    write(Path::new(&git_dir), "index.lock", "");
    lab.git(&at, &["symbolic-ref", "HEAD", "refs/heads/precious"]);
    pool.reset(&workspace, &watch).await.unwrap();
    assert_eq!(lab.id(&root, "precious"), precious);
    assert_eq!(lab.id(&at, "HEAD"), base);
    assert_eq!((read(&at, "a"), read(&at, "b")), ("1".into(), "1".into()));
    assert_eq!(
        (read(&at, "dir/f"), read(&at, "link")),
        ("1".into(), "1".into())
    );
    assert_eq!(status(&lab, &at), "!! x.o");
    let now = fs::metadata(at.join("c/d/e")).unwrap().modified().unwrap();
    assert_eq!(now, untouched, "what is built from it would look stale");
    pool.close().await.unwrap();
}

type Harm = fn(&Lab, &Path);

#[tokio::test]
async fn a_worktree_that_cannot_be_put_back_is_made_anew() {
    let lab = Lab::new();
    let root = lab.repository("r", &[("a", "1"), ("src/b", "1")]);
    let base = lab.id(&root, "HEAD");
    let place = lab.place(&root).await;
    let pool = lab.pool(&place, false);
    let watch = lab.watch();
    let harms: [Harm; 6] = [
        // Neither clean nor status looks at it.
        |lab, at| drop(lab.git(at, &["init", "--quiet", "src"])),
        |_, at| fs::remove_file(at.join(".git")).unwrap(),
        |lab, at| {
            fs::remove_file(at.join(".git")).unwrap();
            lab.git(at, &["init", "--quiet"]);
        },
        |_, at| fs::remove_dir_all(at).unwrap(),
        |_, at| {
            fs::remove_dir_all(at).unwrap();
            symlink("/etc", at).unwrap();
        },
        |lab, at| {
            let git_dir = lab.git(at, &["rev-parse", "--git-dir"]);
            fs::create_dir(Path::new(&git_dir).join("rebase-merge")).unwrap();
        },
    ];
    for (number, harm) in harms.into_iter().enumerate() {
        let workspace = pool.lend(Slot(0), &base, &watch).await.unwrap();
        harm(&lab, &workspace.path);
        pool.give_back(workspace).await;
        let again = pool.lend(Slot(0), &base, &watch).await.unwrap();
        assert!(again.fresh, "{number}");
        assert_eq!(read(&again.path, "a"), "1", "{number}");
        assert_eq!(worktrees(&lab, &root), 1, "{number}");
        pool.discard(again).await.unwrap();
        assert_eq!(worktrees(&lab, &root), 0, "{number}");
    }
    pool.close().await.unwrap();
    assert!(Path::new("/etc/passwd").exists());
}

#[tokio::test]
async fn with_fresh_each_time_nothing_is_lent_twice() {
    let lab = Lab::new();
    let root = lab.repository("r", &[("a", "1"), (".gitignore", "*.o\n")]);
    let base = lab.id(&root, "HEAD");
    let place = lab.place(&root).await;
    let pool = lab.pool(&place, true);
    let workspace = pool.lend(Slot(0), &base, &lab.watch()).await.unwrap();
    write(&workspace.path, "x.o", "");
    pool.give_back(workspace).await;
    let again = pool.lend(Slot(0), &base, &lab.watch()).await.unwrap();
    assert!(again.fresh && !again.path.join("x.o").exists());
    pool.close().await.unwrap();
}

#[tokio::test]
async fn loans_and_discards_of_two_runs_go_on_beside_each_other() {
    let lab = Lab::new();
    let root = lab.repository("r", &[("a", "1"), ("b/c", "1")]);
    let base = lab.id(&root, "HEAD");
    let place = lab.place(&root).await;
    let other = batch::adapters::git::worktrees::WorktreePool::new(
        &place,
        lab.path("cache/other"),
        &"20260102T030405Z-ffff".parse().unwrap(),
        false,
    );
    let pools = [Arc::new(lab.pool(&place, false)), Arc::new(other)];
    let watch = lab.watch();
    for _ in 0..2 {
        let loans = (0..12).map(|number| {
            let (pool, base, watch) = (pools[number % 2].clone(), &base, &watch);
            async move {
                let workspace = pool.lend(Slot(number / 2), base, watch).await.unwrap();
                assert_eq!(read(&workspace.path, "b/c"), "1");
                if number % 3 == 0 {
                    pool.discard(workspace).await.unwrap();
                } else {
                    pool.give_back(workspace).await;
                }
            }
        });
        join_all(loans).await;
    }
    assert_eq!(worktrees(&lab, &root), 8);
    for pool in pools {
        pool.close().await.unwrap();
    }
    assert_eq!(worktrees(&lab, &root), 0);
    assert!(!lab.path("cache").exists());
}

#[tokio::test]
async fn what_a_killed_add_left_does_not_stop_the_next() {
    let lab = Lab::new();
    let root = lab.repository("r", &[("a", "1")]);
    let base = lab.id(&root, "HEAD");
    let place = lab.place(&root).await;
    let killed = |left: &str| {
        let admin = root.join(".git/worktrees/0a1b-1-ffffff");
        let path = lab.path("cache/run/0a1b-1-ffffff");
        fs::create_dir_all(&admin).unwrap();
        fs::write(admin.join("locked"), "initializing").unwrap();
        if left == "locked" {
            return;
        }
        fs::write(admin.join("gitdir"), format!("{}/.git\n", path.display())).unwrap();
        if left == "gitdir" {
            return;
        }
        fs::create_dir_all(&path).unwrap();
        fs::write(path.join(".git"), format!("gitdir: {}\n", admin.display())).unwrap();
        fs::write(path.join("half"), "").unwrap();
        fs::write(admin.join("HEAD"), format!("{}\n", "0".repeat(40))).unwrap();
        if left == "HEAD" {
            return;
        }
        fs::write(admin.join("commondir"), "../..\n").unwrap();
        fs::write(admin.join("index.lock"), "").unwrap();
    };
    for left in ["locked", "gitdir", "HEAD", "checkout"] {
        killed(left);
        let pool = lab.pool(&place, false);
        let workspace = pool.lend(Slot(0), &base, &lab.watch()).await.unwrap();
        assert_eq!(read(&workspace.path, "a"), "1", "{left}");
        assert_eq!(worktrees(&lab, &root), 1, "{left}");
        pool.close().await.unwrap();
        killed(left);
        // A later process that lends nothing clears it too.
        lab.pool(&place, false).close().await.unwrap();
        assert!(!root.join(".git/worktrees").exists(), "{left}");
        assert!(!lab.path("cache").exists(), "{left}");
    }
}

#[tokio::test]
async fn no_two_processes_use_the_same_path() {
    let lab = Lab::new();
    let root = lab.repository("r", &[("a", "1")]);
    let base = lab.id(&root, "HEAD");
    let place = lab.place(&root).await;
    let killed = lab.pool(&place, false);
    let watch = lab.watch();
    let first = killed.lend(Slot(0), &base, &watch).await.unwrap();
    // The process is gone; a child that it could not end writes on.
    let pool = lab.pool(&place, false);
    let second = pool.lend(Slot(0), &base, &watch).await.unwrap();
    assert_ne!(first.path, second.path);
    assert_ne!(first.tmp, second.tmp);
    assert!(!first.path.exists() && !first.tmp.exists());
    write(&first.path, "a", "by the survivor");
    assert_eq!(read(&second.path, "a"), "1");
    pool.close().await.unwrap();
    assert_eq!(worktrees(&lab, &root), 0);
    assert!(!lab.path("cache").exists());
}

#[tokio::test]
async fn a_sparse_checkout_and_its_worktree_settings_do_not_make_ours_sparse() {
    for git in gits() {
        let lab = Lab::with_git(git);
        let root = lab.repository("r", &[("in/a", "1"), ("out/b", "1")]);
        lab.git(
            &root,
            &["sparse-checkout", "set", "--cone", "--sparse-index", "in"],
        );
        assert!(!root.join("out").exists());
        let before = everything(&root);
        let place = lab.place(&root).await;
        assert!(place.facts.sparse);
        let pool = lab.pool(&place, false);
        let base = lab.id(&root, "HEAD");
        let workspace = pool.lend(Slot(0), &base, &lab.watch()).await.unwrap();
        assert_eq!(read(&workspace.path, "out/b"), "1");
        // As a hook or a test would, without our settings.
        lab.git(&workspace.path, &["reset", "--quiet", "--hard"]);
        assert_eq!(read(&workspace.path, "out/b"), "1");
        pool.give_back(workspace).await;
        let again = pool.lend(Slot(0), &base, &lab.watch()).await.unwrap();
        assert!(!again.fresh);
        assert_eq!(read(&again.path, "out/b"), "1");
        pool.close().await.unwrap();
        assert_same(&before, &everything(&root));
    }
}

#[tokio::test]
async fn shallow_and_partial_clones_get_full_worktrees() {
    let lab = Lab::new();
    let root = lab.repository("r", &[("a", "1"), ("b", "1")]);
    lab.commit(&root, &[("a", "2")], "second");
    let bare = lab.origin(&root);
    lab.git(&bare, &["config", "uploadpack.allowFilter", "true"]);
    let from = format!("file://{}", bare.display());
    for kind in ["--depth=1", "--filter=blob:none"] {
        let clone = lab.path(kind);
        lab.git(
            &root,
            &[
                "clone",
                "--quiet",
                "--no-checkout",
                kind,
                &from,
                clone.to_str().unwrap(),
            ],
        );
        let place = lab.place(&clone).await;
        let pool = lab.pool(&place, false);
        let head = lab.id(&clone, "HEAD");
        let watch = lab.watch();
        let loans = (0..6).map(|slot| pool.lend(Slot(slot), &head, &watch));
        for workspace in join_all(loans).await {
            assert_eq!(read(&workspace.unwrap().path, "a"), "2", "{kind}");
        }
        pool.close().await.unwrap();
    }
}

#[tokio::test]
async fn a_checkout_that_fails_says_why_and_is_not_lent() {
    let lab = Lab::new();
    let root = lab.repository("r", &[("a", "1"), (".gitattributes", "a filter=f\n")]);
    lab.git(
        &root,
        &[
            "config",
            "filter.f.smudge",
            "echo the smudge broke >&2; false",
        ],
    );
    lab.git(&root, &["config", "filter.f.clean", "cat"]);
    lab.git(&root, &["config", "filter.f.required", "true"]);
    let place = lab.place(&root).await;
    let pool = lab.pool(&place, false);
    let base = lab.id(&root, "HEAD");
    let error = pool.lend(Slot(0), &base, &lab.watch()).await.unwrap_err();
    assert!(
        error.to_string().contains("smudge filter f failed"),
        "{error}"
    );
    assert!(lab.log().contains("the smudge broke"), "{}", lab.log());
    pool.close().await.unwrap();
    assert_eq!(worktrees(&lab, &root), 0);
}

#[tokio::test]
async fn a_worktree_whose_checkout_failed_is_not_taken_for_a_used_one() {
    let lab = Lab::new();
    let root = lab.repository("r", &[("a", "1"), (".gitattributes", "a filter=f\n")]);
    let failed = lab.path("failed");
    let once = format!(
        "cat; test -e '{0}' || {{ touch '{0}'; exit 1; }}",
        failed.display()
    );
    lab.git(&root, &["config", "filter.f.smudge", &once]);
    lab.git(&root, &["config", "filter.f.clean", "cat"]);
    lab.git(&root, &["config", "filter.f.required", "true"]);
    let place = lab.place(&root).await;
    let pool = lab.pool(&place, false);
    let base = lab.id(&root, "HEAD");
    let watch = lab.watch();
    assert!(pool.lend(Slot(0), &base, &watch).await.is_err());
    let workspace = pool.lend(Slot(0), &base, &watch).await.unwrap();
    assert!(workspace.fresh, "the setup has not run in it");
    pool.give_back(workspace).await;
    assert!(!pool.lend(Slot(0), &base, &watch).await.unwrap().fresh);
    pool.close().await.unwrap();
}

#[tokio::test]
async fn files_that_git_calls_changed_when_they_are_not_do_not_cost_a_new_worktree() {
    let lab = Lab::new();
    let root = lab.repository(
        "r",
        &[("a.txt", "1\r\n"), ("mixed\n.txt", "1\r\n2\n"), ("c", "1")],
    );
    write(&root, ".gitattributes", "*.txt text eol=crlf\n");
    lab.git(&root, &["add", ".gitattributes"]);
    lab.git(
        &root,
        &["commit", "--quiet", "-m", "too late for the others"],
    );
    let base = lab.id(&root, "HEAD");
    let place = lab.place(&root).await;
    let pool = lab.pool(&place, false);
    let watch = lab.watch();
    let workspace = pool.lend(Slot(0), &base, &watch).await.unwrap();
    for text in ["2\r\n", "1\n"] {
        write(&workspace.path, "a.txt", text);
        write(&workspace.path, "c", "2");
        pool.give_back(workspace.clone()).await;
        let again = pool.lend(Slot(0), &base, &watch).await.unwrap();
        assert!(!again.fresh);
        assert_eq!(read(&again.path, "a.txt"), "1\r\n");
        assert_eq!(read(&again.path, "mixed\n.txt"), "1\r\n2\r\n");
        assert_eq!(read(&again.path, "c"), "1");
    }
    pool.close().await.unwrap();
}

#[tokio::test]
async fn a_wish_to_stop_ends_a_loan_and_the_pool_can_still_be_closed() {
    let lab = Lab::new();
    let root = lab.repository("r", &[("a", "1")]);
    let place = lab.place(&root).await;
    let pool = lab.pool(&place, false);
    let watch = lab.watch();
    let base = lab.id(&root, "HEAD");
    let workspace = pool.lend(Slot(0), &base, &watch).await.unwrap();
    pool.give_back(workspace).await;
    watch.stop.asked.cancel();
    for slot in [Slot(0), Slot(1)] {
        let error = pool.lend(slot, &base, &watch).await.unwrap_err();
        assert!(matches!(error, PortError::Stopped), "{error}");
    }
    pool.close().await.unwrap();
    assert_eq!(worktrees(&lab, &root), 0);
}

#[tokio::test]
async fn a_missing_base_is_an_error_and_leaves_nothing() {
    let lab = Lab::new();
    let root = lab.repository("r", &[("a", "1")]);
    let place = lab.place(&root).await;
    let pool = lab.pool(&place, false);
    let nothing = ObjectId::new("1".repeat(40));
    let error = pool
        .lend(Slot(0), &nothing, &lab.watch())
        .await
        .unwrap_err();
    assert!(error.to_string().starts_with("adding worktree"), "{error}");
    pool.close().await.unwrap();
    assert!(!lab.path("cache").exists());
}

#[tokio::test]
async fn the_folder_for_worktrees_is_never_inside_the_repository() {
    let lab = Lab::new();
    let root = lab.repository("odd name é", &[("a", "1")]);
    let place = lab.place(&root).await;
    for inside in [
        root.join("x"),
        root.clone(),
        root.join(".git/x"),
        root.join("x/../y"),
    ] {
        let error = pool_folder::run_folder(Some(&inside), &place, &run()).unwrap_err();
        assert!(
            error.to_string().contains("is inside the repository"),
            "{error}"
        );
    }
    let outside = lab.path("elsewhere");
    let folder = pool_folder::run_folder(Some(&outside), &place, &run()).unwrap();
    let name = folder.strip_prefix(&outside).unwrap().to_str().unwrap();
    assert!(name.starts_with("odd-name---"), "{name}");
    assert!(name.ends_with("/20260102T030405Z-0a1b"), "{name}");
    assert!(!pool_folder::default_root(&place).starts_with(&root));
    symlink(&root, lab.path("alias")).unwrap();
    let alias = lab.path("alias").join("x");
    assert!(pool_folder::run_folder(Some(&alias), &place, &run()).is_err());
}

#[tokio::test]
async fn a_worktree_whose_git_file_was_deleted_is_still_found_after_its_process_died() {
    let lab = Lab::new();
    let root = lab.repository("r", &[("a", "1")]);
    let base = lab.id(&root, "HEAD");
    let place = lab.place(&root).await;
    let watch = lab.watch();
    let lent = lab
        .pool(&place, false)
        .lend(Slot(1), &base, &watch)
        .await
        .unwrap();
    write(&lent.path, "a", "edited");
    fs::remove_file(lent.path.join(".git")).unwrap();
    let found = lab.pool(&place, false).abandoned(&base);
    assert_eq!(found.len(), 1, "{found:?}");
    assert_eq!(found[0].slot, Slot(1));
    assert_eq!(read(&found[0].path, "a"), "edited");
}
