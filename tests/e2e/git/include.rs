//! Ignored files of the checkout that worktrees get.

use std::fs;
use std::os::unix::fs::{MetadataExt, PermissionsExt, symlink};
use std::path::Path;

use batch::engine::ports::{Workspace, Workspaces};
use batch::model::id::Slot;

use super::lab::{Lab, assert_same, everything, read, write};

fn copied(workspace: &Workspace) -> Vec<String> {
    workspace.copied.iter().map(ToString::to_string).collect()
}

fn checkout(lab: &Lab, rules: &str) -> std::path::PathBuf {
    let root = lab.repository(
        "r",
        &[
            (".gitignore", ".env\nnode_modules/\n*.secret\n*.o\n"),
            (".worktreeinclude", rules),
            ("a", "1"),
            ("sub/b", "1"),
        ],
    );
    write(&root, ".env", "TOKEN=1\n");
    write(&root, "sub/.env", "TOKEN=2\n");
    write(&root, "x.o", "");
    write(&root, "untracked", "");
    write(&root, "node_modules/p/index.js", "p");
    write(&root, "node_modules/p/keys.secret", "k");
    write(&root, "node_modules/p/.git", "gitdir: /elsewhere\n");
    root
}

#[tokio::test]
async fn named_ignored_files_are_copied_and_copied_again() {
    let lab = Lab::new();
    let root = checkout(&lab, "# comment\n.env\n*.secret\n!sub/.env\nuntracked\na\n");
    fs::set_permissions(root.join(".env"), fs::Permissions::from_mode(0o600)).unwrap();
    let before = everything(&root);
    let place = lab.place(&root).await;
    let pool = lab.pool(&place, false);
    let base = lab.id(&root, "HEAD");
    let watch = lab.watch();
    let workspace = pool.lend(Slot(0), &base, &watch).await.unwrap();
    assert_eq!(copied(&workspace), [".env", "node_modules/p/keys.secret"]);
    let at = workspace.path.clone();
    assert_eq!(read(&at, ".env"), "TOKEN=1\n");
    let found = fs::metadata(at.join(".env")).unwrap();
    assert_eq!(found.mode() & 0o777, 0o600);
    assert_ne!(found.ino(), fs::metadata(root.join(".env")).unwrap().ino());
    assert!(!at.join("untracked").exists() && !at.join("sub/.env").exists());
    write(&at, ".env", "spoilt\n");
    fs::remove_file(at.join("node_modules/p/keys.secret")).unwrap();
    symlink(root.join("a"), at.join("node_modules/p/keys.secret")).unwrap();
    pool.give_back(workspace).await;
    let again = pool.lend(Slot(0), &base, &watch).await.unwrap();
    assert!(!again.fresh);
    assert_eq!(read(&at, ".env"), "TOKEN=1\n");
    assert_eq!(read(&at, "node_modules/p/keys.secret"), "k");
    assert_eq!(read(&root, "a"), "1");
    pool.close().await.unwrap();
    assert_same(&before, &everything(&root));
}

#[tokio::test]
async fn a_named_folder_is_copied_whole_with_links_as_links_and_no_repository() {
    let lab = Lab::new();
    let root = checkout(&lab, "node_modules/\n");
    symlink("../p/index.js", root.join("node_modules/p/link")).unwrap();
    symlink("/nowhere", root.join("node_modules/dangling")).unwrap();
    let place = lab.place(&root).await;
    let pool = lab.pool(&place, false);
    let base = lab.id(&root, "HEAD");
    let workspace = pool.lend(Slot(0), &base, &lab.watch()).await.unwrap();
    assert_eq!(
        copied(&workspace),
        [
            "node_modules/dangling",
            "node_modules/p/index.js",
            "node_modules/p/keys.secret",
            "node_modules/p/link"
        ]
    );
    let link = |name: &str| fs::read_link(workspace.path.join(name)).unwrap();
    assert_eq!(link("node_modules/p/link"), Path::new("../p/index.js"));
    assert_eq!(link("node_modules/dangling"), Path::new("/nowhere"));
    assert_eq!(lab.git(&workspace.path, &["status", "--porcelain"]), "");
    pool.close().await.unwrap();
}

#[tokio::test]
async fn what_the_worktree_tracks_or_does_not_ignore_is_not_overwritten() {
    let lab = Lab::new();
    let root = lab.repository("r", &[(".env", "tracked\n"), ("a", "1")]);
    let old = lab.id(&root, "HEAD");
    symlink("/tmp", root.join("conf")).unwrap();
    let linked = lab.commit(&root, &[], "a link");
    lab.git(&root, &["rm", "--quiet", ".env", "conf"]);
    lab.commit(
        &root,
        &[
            (".gitignore", ".env\n*.secret\n"),
            (".worktreeinclude", ".env\n*.secret\n"),
        ],
        "ignored now",
    );
    write(&root, ".env", "mine\n");
    write(&root, "x.secret", "mine\n");
    write(&root, "conf/y.secret", "mine\n");
    let place = lab.place(&root).await;
    let pool = lab.pool(&place, false);
    for base in [&old, &linked] {
        let workspace = pool.lend(Slot(0), base, &lab.watch()).await.unwrap();
        assert_eq!(copied(&workspace), [""; 0]);
        assert_eq!(read(&workspace.path, ".env"), "tracked\n");
        assert_eq!(lab.git(&workspace.path, &["status", "--porcelain"]), "");
        pool.give_back(workspace).await;
    }
    assert!(!Path::new("/tmp/y.secret").exists());
    let base = lab.id(&root, "HEAD");
    let workspace = pool.lend(Slot(0), &base, &lab.watch()).await.unwrap();
    assert_eq!(copied(&workspace), [".env", "conf/y.secret", "x.secret"]);
    pool.close().await.unwrap();
}

#[tokio::test]
async fn rules_that_cannot_be_understood_are_an_error_that_names_the_file() {
    let lab = Lab::new();
    let root = checkout(&lab, "[z-a]\n");
    let place = lab.place(&root).await;
    let pool = lab.pool(&place, false);
    let base = lab.id(&root, "HEAD");
    let error = pool.lend(Slot(0), &base, &lab.watch()).await.unwrap_err();
    assert!(error.to_string().contains(".worktreeinclude"), "{error}");
    pool.close().await.unwrap();
}
