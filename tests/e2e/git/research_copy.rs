//! The copy that an agent reads in research: what is in it, and that the repository has no trace of it.

use std::fs;
use std::os::unix::fs::{PermissionsExt, symlink};
use std::path::{Path, PathBuf};

use batch::adapters::git::ground::Place;
use batch::adapters::git::research_copy::ResearchCopy;
use batch::engine::ports::ReadOnlyCopy;
use batch::model::id::ObjectId;

use super::lab::{Lab, assert_same, everything, gits, read, write};

fn above(lab: &Lab) -> PathBuf {
    lab.path("cache/app-0a1b2c3d")
}

async fn copied(lab: &Lab, root: &Path, base: &ObjectId) -> ResearchCopy {
    copied_of(lab, &lab.place(root).await, base).await
}

async fn copied_of(lab: &Lab, place: &Place, base: &ObjectId) -> ResearchCopy {
    let copy = ResearchCopy::make(place, base, &above(lab), &lab.watch()).await;
    copy.unwrap_or_else(|error| panic!("{error}\n{}", lab.log()))
}

fn mode(path: &Path) -> u32 {
    fs::symlink_metadata(path).unwrap().permissions().mode() & 0o777
}

#[tokio::test]
async fn the_copy_is_the_base_whatever_is_checked_out_and_leaves_no_trace() {
    for git in gits() {
        let lab = Lab::with_git(&git);
        let root = lab.repository("app", &[("src/a.ts", "a\n"), ("bin/tool", "#!/bin/sh\n")]);
        symlink("src/a.ts", root.join("link")).unwrap();
        fs::set_permissions(root.join("bin/tool"), fs::Permissions::from_mode(0o755)).unwrap();
        let base = lab.commit(&root, &[("new\nline", "x"), ("é", "y")], "second");
        lab.origin(&root);
        lab.commit(&root, &[("src/a.ts", "later\n")], "third");
        write(&root, "src/a.ts", "dirty\n");
        write(&root, "untracked", "z");
        for hook in [
            "post-checkout",
            "post-index-change",
            "reference-transaction",
        ] {
            let path = root.join(".git/hooks").join(hook);
            let script = format!(
                "#!/bin/sh\necho {hook} >> '{}'\n",
                lab.path("hooks").display()
            );
            fs::create_dir_all(path.parent().unwrap()).unwrap();
            fs::write(&path, script).unwrap();
            fs::set_permissions(&path, fs::Permissions::from_mode(0o755)).unwrap();
        }
        let before = everything(&root);
        let objects = lab.git(&root, &["count-objects", "-v"]);

        let copy = copied(&lab, &root, &base).await;
        let at = copy.root().to_owned();
        assert!(
            at.starts_with(above(&lab)) && at.ends_with("app"),
            "{}",
            at.display()
        );
        assert_eq!(read(&at, "src/a.ts"), "a\n");
        assert_eq!(read(&at, "new\nline"), "x");
        assert_eq!(
            fs::read_link(at.join("link")).unwrap(),
            Path::new("src/a.ts")
        );
        assert_eq!(mode(&at.join("bin/tool")) & 0o111, 0o111);
        assert!(!at.join("untracked").exists());
        for path in ["", "src", "src/a.ts", ".git", ".git/index"] {
            assert_eq!(mode(&at.join(path)) & 0o222, 0, "{path}");
        }
        // An agent's own git works there, and finds nothing to push to.
        assert_eq!(lab.git(&at, &["status", "--porcelain"]), "");
        assert_eq!(lab.git(&at, &["rev-parse", "HEAD"]), base.as_str());
        assert_eq!(lab.git(&at, &["log", "--format=%s"]), "second\nfirst");
        assert_eq!(lab.git(&at, &["grep", "-l", "a"]), "src/a.ts");
        assert_eq!(lab.git(&at, &["remote"]), "");
        assert_eq!(lab.git(&at, &["for-each-ref"]), "");
        assert!(!lab.try_git(&at, &["symbolic-ref", "HEAD"]).0);
        assert!(copy.tmp().is_dir() && !copy.tmp().starts_with(&at));

        drop(copy);
        assert!(!above(&lab).exists());
        assert_same(&before, &everything(&root));
        assert_eq!(lab.git(&root, &["count-objects", "-v"]), objects);
        assert!(
            !lab.path("hooks").exists(),
            "{}",
            read(&lab.path(""), "hooks")
        );
    }
}

#[tokio::test]
async fn what_an_agent_writes_there_all_the_same_is_seen() {
    let lab = Lab::new();
    let root = lab.repository("app", &[("src/a.ts", "a\n"), ("b", "b\n")]);
    let copy = copied(&lab, &root, &lab.id(&root, "HEAD")).await;
    fs::read(copy.root().join("b")).unwrap();
    assert!(copy.touched().await.unwrap().is_empty());
    let folder = copy.root().join("src");
    fs::set_permissions(&folder, fs::Permissions::from_mode(0o755)).unwrap();
    fs::remove_file(folder.join("a.ts")).unwrap();
    fs::write(folder.join("new.ts"), "x").unwrap();
    let touched = copy.touched().await.unwrap();
    assert_eq!(touched, ["src/a.ts".into(), "src/new.ts".into()]);
}

#[tokio::test]
async fn repositories_with_sha_256_are_copied() {
    let lab = Lab::new();
    let root = lab.path("sha");
    fs::create_dir(&root).unwrap();
    lab.git(&root, &["init", "--quiet", "--object-format=sha256"]);
    let base = lab.commit(&root, &[("a/b", "c\n")], "first");
    assert_eq!(base.as_str().len(), 64);
    let copy = copied(&lab, &root, &base).await;
    assert_eq!(read(copy.root(), "a/b"), "c\n");
    assert_eq!(lab.git(copy.root(), &["rev-parse", "HEAD"]), base.as_str());
    assert_eq!(lab.git(copy.root(), &["status", "--porcelain"]), "");
}

#[tokio::test]
async fn what_a_partial_and_sparse_clone_lacks_is_fetched() {
    let lab = Lab::new();
    let full = lab.repository(
        "full",
        &[("in/a", "a\n"), ("out/b", "b\n"), ("out/c", "c\n")],
    );
    let bare = lab.origin(&full);
    lab.git(&bare, &["config", "uploadpack.allowFilter", "true"]);
    lab.git(&bare, &["config", "uploadpack.allowAnySHA1InWant", "true"]);
    let from = format!("file://{}", bare.display());
    let top = lab.path("");
    lab.git(
        &top,
        &[
            "clone",
            "--quiet",
            "--filter=blob:none",
            "--sparse",
            &from,
            "part",
        ],
    );
    let root = lab.path("part");
    lab.git(&root, &["sparse-checkout", "set", "in"]);
    let missing = || {
        lab.git(
            &root,
            &["rev-list", "--objects", "--all", "--missing=print"],
        )
        .matches('?')
        .count()
    };
    assert_eq!(missing(), 2);
    let before = everything(&root);
    let copy = copied(&lab, &root, &lab.id(&root, "HEAD")).await;
    assert_eq!(read(copy.root(), "out/b"), "b\n");
    assert_eq!(read(copy.root(), "in/a"), "a\n");
    assert_eq!(missing(), 0);
    assert_eq!(lab.git(copy.root(), &["status", "--porcelain"]), "");
    drop(copy);
    assert!(!root.join("out").exists());
    assert_same(&before, &everything(&root));
}

#[tokio::test]
async fn shallow_clones_linked_worktrees_and_borrowed_objects_are_copied() {
    let lab = Lab::new();
    let full = lab.repository("full", &[("a", "1\n")]);
    lab.commit(&full, &[("a", "2\n")], "second");
    let from = format!("file://{}", full.display());
    let top = lab.path("");
    lab.git(&top, &["clone", "--quiet", "--depth=1", &from, "shallow"]);
    lab.git(&top, &["clone", "--quiet", "--shared", "full", "borrowed"]);
    lab.git(
        &full,
        &["worktree", "add", "--quiet", "--detach", "../linked"],
    );
    for (name, commits) in [("shallow", "1"), ("borrowed", "2"), ("linked", "2")] {
        let root = lab.path(name);
        let copy = copied(&lab, &root, &lab.id(&root, "HEAD")).await;
        assert_eq!(read(copy.root(), "a"), "2\n", "{name}");
        assert_eq!(
            lab.git(copy.root(), &["rev-list", "--count", "HEAD"]),
            commits,
            "{name}"
        );
        assert_eq!(
            lab.git(copy.root(), &["status", "--porcelain"]),
            "",
            "{name}"
        );
    }
}

#[tokio::test]
async fn lfs_is_not_asked_and_submodules_stay_empty() {
    let lab = Lab::new();
    let inner = lab.repository("inner", &[("x", "x\n")]);
    let root = lab.repository("app", &[(".gitattributes", "*.bin filter=lfs\n")]);
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
    let base = lab.commit(&root, &[("big.bin", "version https://git-lfs\n")], "second");
    // Looking at the repository already runs filters, by `git status`.
    let place = lab.place(&root).await;
    for (key, value) in [
        ("filter.lfs.process", "touch process-ran; false"),
        ("filter.lfs.smudge", "touch smudge-ran; false"),
        ("filter.lfs.required", "true"),
    ] {
        lab.git(&root, &["config", key, value]);
    }
    let before = everything(&root);
    let copy = copied_of(&lab, &place, &base).await;
    assert_eq!(read(copy.root(), "big.bin"), "version https://git-lfs\n");
    assert_eq!(fs::read_dir(copy.root().join("sub")).unwrap().count(), 0);
    assert!(!copy.root().join("process-ran").exists() && !copy.root().join("smudge-ran").exists());
    assert_same(&before, &everything(&root));
}

#[tokio::test]
async fn what_cannot_be_made_leaves_nothing() {
    let lab = Lab::new();
    let root = lab.repository("app", &[("a", "a\n")]);
    let place = lab.place(&root).await;
    let nowhere = ObjectId::new("1".repeat(40));
    let made = ResearchCopy::make(&place, &nowhere, &above(&lab), &lab.watch()).await;
    assert!(made.is_err());
    assert!(!above(&lab).exists());
}
