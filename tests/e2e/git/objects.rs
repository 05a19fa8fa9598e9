//! Trees and blobs, read in process and by the executable.

use std::path::Path;

use batch::adapters::git::objects::GitObjects;
use batch::engine::ports::Objects;
use batch::model::id::ObjectId;
use batch::model::tree::{Mode, TreeFile};

use super::lab::{Lab, assert_same, everything, gits, write};

fn contents(objects: &GitObjects, files: &[TreeFile]) -> Vec<Vec<u8>> {
    let mut reader = objects.reader().unwrap();
    let mut bytes = b"left over".to_vec();
    files
        .iter()
        .map(|file| {
            reader.read(file, &mut bytes).unwrap();
            bytes.clone()
        })
        .collect()
}

fn fill(lab: &Lab, root: &Path) -> ObjectId {
    use std::os::unix::fs::symlink;
    write(root, "a.b", "");
    write(root, "a/b", "line\n");
    write(root, "a-b", b"\0\xff".as_slice());
    write(root, "new\nline", "x".repeat(100_000));
    symlink("a/b", root.join("link")).unwrap();
    lab.commit(root, &[], "files");
    lab.git(root, &["update-index", "--chmod=+x", "a/b"]);
    lab.git(root, &["commit", "--quiet", "-m", "mode"]);
    lab.id(root, "HEAD")
}

fn check(objects: &GitObjects, commit: &ObjectId) {
    let files = objects.files(commit).unwrap();
    let told: Vec<(String, Mode)> = files
        .iter()
        .map(|file| (file.path.to_text(), file.mode))
        .collect();
    let expected = [
        ("a-b", Mode::File),
        ("a.b", Mode::File),
        ("a/b", Mode::Executable),
        ("link", Mode::Symlink),
        ("new\nline", Mode::File),
    ];
    assert_eq!(told, expected.map(|(path, mode)| (path.to_owned(), mode)));
    let read = contents(objects, &files);
    let long = "x".repeat(100_000);
    let expected: [&[u8]; 5] = [b"\0\xff", b"", b"line\n", b"a/b", long.as_bytes()];
    assert_eq!(read, expected);
    let missing = TreeFile {
        id: ObjectId::new("1".repeat(commit.as_str().len())),
        ..files[0].clone()
    };
    let sizes = objects.sizes(&[files[2].clone(), missing.clone()]).unwrap();
    let known = objects.is_in_process().then_some(5);
    assert_eq!(sizes, [known, None]);
    let mut reader = objects.reader().unwrap();
    assert!(reader.read(&missing, &mut Vec::new()).is_err());
    let mut bytes = Vec::new();
    reader.read(&files[2], &mut bytes).unwrap();
    assert_eq!(bytes, b"line\n");
    assert!(objects.files(&missing.id).is_err());
}

#[tokio::test]
async fn an_ordinary_repository_is_read_in_process() {
    let lab = Lab::new();
    let root = lab.repository("r", &[]);
    let commit = fill(&lab, &root);
    let objects = GitObjects::open(&lab.place(&root).await);
    assert!(objects.is_in_process());
    check(&objects, &commit);
    lab.git(&root, &["gc", "--quiet"]);
    lab.git(
        &root,
        &["worktree", "add", "--quiet", "--detach", "../linked"],
    );
    let linked = GitObjects::open(&lab.place(&lab.path("linked")).await);
    assert!(linked.is_in_process());
    check(&linked, &commit);
}

#[tokio::test]
async fn repositories_that_libgit2_refuses_are_read_by_the_executable() {
    let lab = Lab::new();
    for options in ["--object-format=sha256", "--ref-format=reftable"] {
        let root = lab.path(options);
        std::fs::create_dir(&root).unwrap();
        if !lab.try_git(&root, &["init", "--quiet", options]).0 {
            continue;
        }
        let commit = fill(&lab, &root);
        let objects = GitObjects::open(&lab.place(&root).await);
        assert!(!objects.is_in_process(), "{options}");
        check(&objects, &commit);
    }
    let root = lab.repository("r", &[]);
    let commit = fill(&lab, &root);
    let bare = lab.origin(&root);
    lab.git(&bare, &["config", "uploadpack.allowFilter", "true"]);
    let from = format!("file://{}", bare.display());
    lab.git(
        &root,
        &[
            "clone",
            "--quiet",
            "--no-checkout",
            "--filter=blob:none",
            &from,
            "../partial",
        ],
    );
    let objects = GitObjects::open(&lab.place(&lab.path("partial")).await);
    assert!(!objects.is_in_process());
    check(&objects, &commit);
}

#[tokio::test]
async fn what_a_partial_clone_lacks_is_fetched_in_one_go_and_moves_nothing() {
    for git in gits() {
        let lab = Lab::with_git(git);
        let root = lab.repository("r", &[("a", "1"), ("b", "2"), ("c", "3")]);
        let bare = lab.origin(&root);
        lab.git(&bare, &["config", "uploadpack.allowFilter", "true"]);
        let from = format!("file://{}", bare.display());
        for filter in ["--filter=blob:none", "--filter=tree:0"] {
            let clone = lab.path(filter);
            let to = clone.to_str().unwrap();
            lab.git(
                &root,
                &["clone", "--quiet", "--no-checkout", filter, &from, to],
            );
            let place = lab.place(&clone).await;
            let objects = GitObjects::open(&place);
            let head = place.head.commit().unwrap();
            let before = everything(&clone);
            let mut files = objects.files(head).unwrap();
            files.retain(|file| file.path.to_text() != "c");
            objects.want(head, &files);
            let listed = ["rev-list", "--objects", "--missing=print", "HEAD"];
            let missing = lab.git(&clone, &listed);
            let missing: Vec<&str> = missing
                .lines()
                .filter_map(|line| line.strip_prefix('?'))
                .collect();
            assert_eq!(missing, [lab.id(&root, "HEAD:c").as_str()]);
            assert_same(&before, &everything(&clone));
        }
    }
}
