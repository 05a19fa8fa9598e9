//! A change that exists: pinned, merged onto the base, compared and sliced.

use std::fs::{self, File};
use std::os::unix::fs::{PermissionsExt, symlink};
use std::path::PathBuf;
use std::time::{Duration, SystemTime};

use batch::adapters::git::repository::GitRepository;
use batch::adapters::git::source::{Slicer, SourceError, WORKTREE};
use batch::engine::ports::{Repository, Workspaces};
use batch::model::id::{ObjectId, Slot};
use batch::model::path::RepoPath;
use batch::model::slices::{Difference, DifferenceKind};

use super::lab::{Lab, assert_same, everything, gits, write};

#[tokio::test]
async fn what_is_uncommitted_is_pinned_without_touching_anything() {
    for git in gits() {
        let lab = Lab::with_git(git);
        let root = lab.repository(
            "r",
            &[
                ("a", "1"),
                ("gone", "1"),
                ("staged", "1"),
                (".gitignore", "*.o\n"),
            ],
        );
        let place = lab.place(&root).await;
        let source = Slicer::new(&place);
        assert!(matches!(
            source.pin(WORKTREE).await,
            Err(SourceError::NothingUncommitted)
        ));
        write(&root, "a", "2");
        write(&root, "new file", "1");
        write(&root, "x.o", "1");
        write(&root, "staged", "2");
        lab.git(&root, &["add", "staged"]);
        lab.git(&root, &["config", "core.splitIndex", "true"]);
        fs::remove_file(root.join("gone")).unwrap();
        let before = everything(&root);
        let pinned = source.pin(WORKTREE).await.unwrap();
        assert_same(&before, &everything(&root));
        let shown = lab.git(
            &root,
            &[
                "diff",
                "--no-renames",
                "--name-status",
                "HEAD",
                pinned.as_str(),
            ],
        );
        assert_eq!(shown, "M\ta\nD\tgone\nA\tnew file\nM\tstaged");
        assert_eq!(lab.id(&root, &format!("{pinned}^")), lab.id(&root, "HEAD"));
    }
}

#[tokio::test]
async fn an_edit_within_the_second_of_the_last_add_is_seen() {
    let lab = Lab::new();
    let root = lab.repository("r", &[("a", "1")]);
    lab.git(&root, &["config", "core.trustctime", "false"]);
    let then = SystemTime::now() - Duration::from_secs(1000);
    let date = |name: &str| {
        let file = File::options().write(true).open(root.join(name)).unwrap();
        file.set_modified(then).unwrap();
    };
    date("a");
    lab.git(&root, &["add", "a"]);
    write(&root, "a", "2");
    date("a");
    date(".git/index");
    let source = Slicer::new(&lab.place(&root).await);
    let pinned = source.pin(WORKTREE).await.unwrap();
    assert_eq!(lab.git(&root, &["show", &format!("{pinned}:a")]), "2");
}

#[tokio::test]
async fn a_sparse_checkouts_absent_files_are_no_deletions() {
    let lab = Lab::new();
    let root = lab.repository("r", &[("in/a", "1"), ("out/b", "1")]);
    lab.git(
        &root,
        &["sparse-checkout", "set", "--cone", "--sparse-index", "in"],
    );
    write(&root, "in/a", "2");
    let before = everything(&root);
    let source = Slicer::new(&lab.place(&root).await);
    let pinned = source.pin(WORKTREE).await.unwrap();
    assert_same(&before, &everything(&root));
    let shown = lab.git(
        &root,
        &[
            "diff",
            "--no-renames",
            "--name-status",
            "HEAD",
            pinned.as_str(),
        ],
    );
    assert_eq!(shown, "M\tin/a");
}

#[tokio::test]
async fn names_are_commits_or_an_error_with_gits_words() {
    for git in gits() {
        let lab = Lab::with_git(git);
        let root = lab.repository("r", &[("a", "1")]);
        let head = lab.id(&root, "HEAD");
        lab.git(&root, &["tag", "-a", "-m", "x", "v1"]);
        let source = Slicer::new(&lab.place(&root).await);
        for name in ["main", "v1", "HEAD", head.as_str(), head.short()] {
            assert_eq!(source.pin(name).await.unwrap(), head, "{name}");
        }
        for name in ["missing", "--all", "HEAD:a", ""] {
            let error = source.pin(name).await.unwrap_err();
            assert!(
                matches!(error, SourceError::NoCommit { .. }),
                "{name}: {error}"
            );
        }
    }
}

#[tokio::test]
async fn an_unfinished_merge_is_no_change_to_slice() {
    let lab = Lab::new();
    let root = lab.repository("r", &[("a", "1")]);
    lab.git(&root, &["checkout", "--quiet", "-b", "other"]);
    lab.commit(&root, &[("a", "2")], "other");
    lab.git(&root, &["checkout", "--quiet", "main"]);
    lab.commit(&root, &[("a", "3")], "main");
    assert!(!lab.try_git(&root, &["merge", "other"]).0);
    let source = Slicer::new(&lab.place(&root).await);
    let error = source.pin(WORKTREE).await.unwrap_err();
    assert_eq!(error.to_string(), "the checkout has unmerged paths: a");
    let (main, other) = (lab.id(&root, "main"), lab.id(&root, "other"));
    let error = source.merged_tree(&main, &other).await.unwrap_err();
    assert_eq!(error.to_string(), "the change conflicts with the base in a");
}

/// A branch that does to files whatever can be done to them: the repository, its base and the branch.
fn every_kind(lab: &Lab) -> (PathBuf, ObjectId, ObjectId) {
    let root = lab.repository(
        "r",
        &[
            ("edit", "1\n"),
            ("gone", "1\n"),
            ("mode", "1\n"),
            ("old/name", "1\n2\n3\n4\n5\n6\n"),
            ("folder", "was a file\n"),
            ("file/below", "was a folder\n"),
            (".gitattributes", "*.txt text=auto\n"),
            (".gitignore", "*.forced\n"),
            ("crlf.txt", "1\n"),
        ],
    );
    lab.git(&root, &["config", "core.autocrlf", "true"]);
    lab.git(&root, &["config", "diff.renames", "false"]);
    lab.git(&root, &["config", "diff.noprefix", "true"]);
    let base = lab.id(&root, "HEAD");
    lab.git(&root, &["checkout", "--quiet", "-b", "change"]);
    write(&root, "edit", "2\n");
    fs::remove_file(root.join("gone")).unwrap();
    fs::set_permissions(root.join("mode"), fs::Permissions::from_mode(0o755)).unwrap();
    fs::create_dir(root.join("new")).unwrap();
    fs::rename(root.join("old/name"), root.join("new/na\"me")).unwrap();
    fs::remove_file(root.join("folder")).unwrap();
    write(&root, "folder/below", "is a folder\n");
    fs::remove_dir_all(root.join("file")).unwrap();
    write(&root, "file", "is a file\n");
    symlink("edit", root.join("-link")).unwrap();
    write(&root, "pic", b"\x89\0\xff\n".as_slice());
    write(&root, "x.forced", "forced\n");
    lab.git(&root, &["add", "--all"]);
    lab.git(&root, &["add", "--force", "x.forced"]);
    // A blob with CRLF, as a machine without autocrlf commits it.
    write(&root, "crlf.txt", "1\r\n2\r\n");
    let blob = lab.git(&root, &["hash-object", "-w", "--no-filters", "crlf.txt"]);
    let info = format!("100644,{blob},crlf.txt");
    lab.git(&root, &["update-index", "--cacheinfo", &info]);
    lab.git(&root, &["commit", "--quiet", "-m", "change"]);
    let change = lab.id(&root, "HEAD");
    (root, base, change)
}

fn told(difference: &Difference) -> String {
    let kind = match &difference.kind {
        DifferenceKind::Added(_) => "added".to_owned(),
        DifferenceKind::Deleted(_) => "removed".to_owned(),
        DifferenceKind::Modified { .. } => "changed".to_owned(),
        DifferenceKind::Renamed { from, .. } => format!("was {from}"),
    };
    format!("{} {kind} {}", difference.path, difference.lines)
}

#[tokio::test]
async fn slices_of_every_kind_together_make_the_whole_tree() {
    for git in gits() {
        let lab = Lab::with_git(git);
        let (root, base, change) = every_kind(&lab);
        let place = lab.place(&root).await;
        let (source, repository) = (Slicer::new(&place), GitRepository::new(&place));
        let tree = source.merged_tree(&base, &change).await.unwrap();
        let differences = source.differences(&base, &tree).await.unwrap();
        let told: Vec<String> = differences.iter().map(told).collect();
        assert_eq!(
            told,
            [
                "-link added 1",
                "crlf.txt changed 3",
                "edit changed 2",
                "file added 1",
                "file/below removed 1",
                "folder removed 1",
                "folder/below added 1",
                "gone removed 1",
                "mode changed 0",
                "new/na\"me was old/name 0",
                "pic added 0",
                "x.forced added 1",
            ]
        );
        let pool = lab.pool(&place, false);
        let watch = lab.watch();
        let slices: [&[&str]; 4] = [
            &["edit", "gone", "mode", "-link", "unknown"],
            &["old/name", "new/na\"me", "crlf.txt"],
            &["folder", "folder/below", "file", "file/below"],
            &["pic", "x.forced"],
        ];
        let mut union = base.clone();
        for slice in slices {
            let workspace = pool.lend(Slot(0), &base, &watch).await.unwrap();
            let paths: Vec<RepoPath> = slice.iter().map(|&path| path.into()).collect();
            source
                .stage_slice(&workspace, &tree, &paths, &watch)
                .await
                .unwrap();
            let staged = repository.write_tree(&workspace).await.unwrap();
            let changed = repository.changes(&base, &staged).await.unwrap();
            assert!(changed.iter().all(|change| paths.contains(&change.path)));
            assert_eq!(
                changed.len(),
                slice.iter().filter(|&&path| path != "unknown").count()
            );
            let commit = repository
                .commit(&workspace, "slice", false, &watch)
                .await
                .unwrap();
            assert_eq!(
                repository.tree_of(&commit).await.unwrap(),
                Some(staged.clone())
            );
            assert_eq!(lab.git(&workspace.path, &["status", "--porcelain"]), "");
            let place_of_union = repository.merge(&union, &commit, "union").await.unwrap();
            let batch::engine::ports::Merged::Clean(merged) = place_of_union else {
                panic!("{slice:?}: {place_of_union:?}");
            };
            union = merged;
            pool.give_back(workspace).await;
        }
        assert_eq!(repository.tree_of(&union).await.unwrap(), Some(tree));
        pool.close().await.unwrap();
    }
}
