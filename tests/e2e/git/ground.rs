//! What stands before anything, the base, and the right to push.

use std::fs;
use std::os::unix::fs::PermissionsExt;
use std::path::Path;

use batch::adapters::git::ground::{GroundError, Head, Place};
use batch::adapters::git::{RemoteChoice, RemoteKind, Server};
use batch::model::plan::Base;

use super::lab::{Lab, assert_same, everything, gits, write};

async fn refusal(lab: &Lab, dir: &Path) -> GroundError {
    Place::find(&lab.own_git(dir), dir).await.unwrap_err()
}

#[tokio::test]
async fn a_folder_without_repository_is_told_apart_from_one_that_git_refuses() {
    let lab = Lab::new();
    fs::create_dir(lab.path("plain")).unwrap();
    assert!(matches!(
        refusal(&lab, &lab.path("plain")).await,
        GroundError::NotARepository(_)
    ));
    assert!(matches!(
        refusal(&lab, &lab.path("missing")).await,
        GroundError::NoFolder(_)
    ));
    let root = lab.repository("r", &[("a", "1")]);
    write(&root, ".git/config", "[core\n");
    let error = refusal(&lab, &root).await;
    assert!(matches!(error, GroundError::Refused { .. }), "{error}");
    assert!(error.to_string().contains("bad config"), "{error}");
}

#[tokio::test]
async fn bare_repositories_and_gits_own_folder_are_refused() {
    let lab = Lab::new();
    let root = lab.repository("r", &[("a", "1")]);
    let bare = lab.origin(&root);
    assert!(matches!(refusal(&lab, &bare).await, GroundError::Bare(_)));
    let error = refusal(&lab, &root.join(".git")).await;
    assert!(matches!(error, GroundError::InsideGitFolder(_)), "{error}");
}

#[tokio::test]
async fn an_old_git_is_named_with_the_version_that_is_needed() {
    let lab = Lab::new();
    write(
        &lab.path(""),
        "old/git",
        "#!/bin/sh\necho git version 2.30.1\n",
    );
    let old = lab.path("old/git");
    fs::set_permissions(&old, fs::Permissions::from_mode(0o755)).unwrap();
    let root = lab.repository("r", &[("a", "1")]);
    let git = lab.own_git(&root).program(&old);
    let error = Place::find(&git, &root).await.unwrap_err().to_string();
    assert_eq!(error, "git 2.30.1 is too old: 2.39 or newer is needed");
    let none = lab.own_git(&root).program(lab.path("no-such-git"));
    let error = Place::find(&none, &root).await.unwrap_err().to_string();
    assert!(error.starts_with("git cannot be started"), "{error}");
}

#[tokio::test]
async fn the_place_is_found_from_a_sub_folder_and_from_a_linked_worktree() {
    let lab = Lab::new();
    let root = lab.repository("r", &[("deep/er/a", "1")]);
    let place = lab.place(&root.join("deep/er")).await;
    assert_eq!(
        (&place.root, &place.common_dir),
        (&root, &root.join(".git"))
    );
    assert!(matches!(&place.head, Head::Branch { name, .. } if name == "main"));
    lab.git(
        &root,
        &["worktree", "add", "--quiet", "--detach", "../odd\nname"],
    );
    let linked = lab.place(&lab.path("odd\nname")).await;
    assert_eq!(linked.root, lab.path("odd\nname"));
    assert_eq!(linked.common_dir, root.join(".git"));
    assert!(linked.git_dir.starts_with(root.join(".git/worktrees")));
    assert!(matches!(linked.head, Head::Detached { .. }));
}

#[tokio::test]
async fn facts_are_told() {
    let lab = Lab::new();
    let root = lab.repository(
        "r",
        &[
            ("a", "1"),
            ("b", "1"),
            ("x/.gitattributes", "*.bin filter=lfs\n"),
        ],
    );
    write(&root, "a", "2");
    write(&root, "new/1", "");
    write(&root, "new/2", "");
    let facts = lab.place(&root).await.facts;
    assert_eq!(facts.dirty, 2);
    assert!(facts.lfs && !facts.shallow && !facts.partial && !facts.sparse && !facts.submodules);
}

#[tokio::test]
async fn a_hooks_variables_do_not_lead_elsewhere() {
    let lab = Lab::new();
    let root = lab.repository("r", &[("a", "1")]);
    let other = lab.repository("other", &[("a", "1")]);
    // The program's own environment is that of the hook, so it has to be another process.
    let hook = format!(
        "#!/bin/sh\ncd {} && exec {} --exact git::ground::inside_a_hook --ignored >{}\n",
        other.display(),
        std::env::current_exe().unwrap().display(),
        lab.path("said").display()
    );
    write(&root, ".git/hooks/pre-commit", hook);
    fs::set_permissions(
        root.join(".git/hooks/pre-commit"),
        fs::Permissions::from_mode(0o755),
    )
    .unwrap();
    write(&root, "a", "2");
    lab.git(&root, &["commit", "--quiet", "-am", "with a hook"]);
    let said = fs::read_to_string(lab.path("said")).unwrap();
    assert!(said.contains("1 passed"), "{said}");
}

/// Run by the hook of the test above, in the folder of another repository.
#[tokio::test]
#[ignore = "the test above runs it in a hook"]
async fn inside_a_hook() {
    assert!(std::env::var_os("GIT_INDEX_FILE").is_some());
    let lab = Lab::new();
    let here = std::env::current_dir().unwrap();
    let place = lab.place(&here).await;
    assert_eq!(place.root, here);
    assert_eq!(place.facts.dirty, 0);
}

#[tokio::test]
async fn the_base_is_the_remotes_default_branch_as_it_is_now_and_fetching_it_moves_nothing() {
    for git in gits() {
        let lab = Lab::with_git(git);
        let root = lab.repository("r", &[("a", "1")]);
        let bare = lab.origin(&root);
        lab.git(&root, &["config", "fetch.prune", "true"]);
        lab.git(&root, &["config", "remote.origin.tagOpt", "--tags"]);
        lab.git(&root, &["update-ref", "refs/remotes/origin/gone", "HEAD"]);
        let new = lab.elsewhere(&bare, "main", &[("a", "2")]);
        lab.git(&bare, &["tag", "v1", "main"]);
        let place = lab.place(&root).await;
        let before = everything(&root);
        let remote = place.choose_remote(None).await.unwrap();
        let found = place.base(&remote, None).await.unwrap();
        assert_same(&before, &everything(&root));
        assert_eq!(found.base.branch, "main");
        assert_eq!(found.base.commit, new);
        let drift = found.drift.unwrap();
        assert_eq!(
            (drift.of.as_str(), drift.behind, drift.ahead),
            ("main", 1, 0)
        );
        assert_eq!(lab.git(&root, &["cat-file", "-t", new.as_str()]), "commit");
    }
}

#[tokio::test]
async fn fetching_moves_nothing_in_shallow_and_partial_clones_either() {
    for git in gits() {
        let lab = Lab::with_git(git);
        let root = lab.repository("r", &[("a", "1")]);
        lab.commit(&root, &[("a", "2")], "second");
        let bare = lab.origin(&root);
        lab.git(&bare, &["config", "uploadpack.allowFilter", "true"]);
        lab.git(&bare, &["config", "uploadpack.allowAnySHA1InWant", "true"]);
        let from = format!("file://{}", bare.display());
        for kind in ["--depth=1", "--filter=blob:none", "--filter=tree:0"] {
            let clone = lab.path(kind);
            lab.git(
                &root,
                &["clone", "--quiet", kind, &from, clone.to_str().unwrap()],
            );
            let new = lab.elsewhere(&bare, "main", &[("b", kind)]);
            let place = lab.place(&clone).await;
            assert_eq!(place.facts.shallow, kind == "--depth=1");
            assert_eq!(place.facts.partial, kind != "--depth=1");
            let before = everything(&clone);
            let remote = place.choose_remote(None).await.unwrap();
            let found = place.base(&remote, None).await.unwrap();
            assert_eq!(found.base.commit, new, "{kind}");
            assert_same(&before, &everything(&clone));
        }
    }
}

#[tokio::test]
async fn the_named_branch_is_the_one_on_the_remote() {
    let lab = Lab::new();
    let root = lab.repository("r", &[("a", "1")]);
    let bare = lab.origin(&root);
    let there = lab.elsewhere(&bare, "release/1", &[("a", "2")]);
    lab.git(&root, &["branch", "only-here"]);
    let place = lab.place(&root).await;
    let remote = place.choose_remote(None).await.unwrap();
    for name in [
        "release/1",
        "origin/release/1",
        "refs/heads/release/1",
        "refs/remotes/origin/release/1",
    ] {
        let found = place.base(&remote, Some(name)).await.unwrap();
        assert_eq!(found.base.commit, there, "{name}");
        assert_eq!(found.base.branch, "release/1");
    }
    let error = place.base(&remote, Some("only-here")).await.unwrap_err();
    assert_eq!(
        error.to_string(),
        "no branch `only-here` on origin: there is main, release/1"
    );
}

#[tokio::test]
async fn the_remote_is_the_named_one_or_origin_or_the_only_one() {
    let lab = Lab::new();
    let root = lab.repository("r", &[("a", "1")]);
    let chosen = |name: &str| Ok::<_, String>(RemoteChoice::Named(name.to_owned()));
    let ask = async |named: Option<&str>| {
        let place = lab.place(&root).await;
        place
            .choose_remote(named)
            .await
            .map_err(|error| error.to_string())
    };
    assert_eq!(ask(None).await, Ok(RemoteChoice::Here));
    lab.git(&root, &["remote", "add", "up", "/nowhere"]);
    assert_eq!(ask(None).await, chosen("up"));
    lab.git(&root, &["remote", "add", "fork", "/nowhere"]);
    assert_eq!(
        ask(None).await.unwrap_err(),
        "there are several remotes and none is called origin: fork, up"
    );
    assert_eq!(ask(Some("fork")).await, chosen("fork"));
    lab.git(&root, &["remote", "add", "origin", "/nowhere"]);
    assert_eq!(ask(None).await, chosen("origin"));
    assert_eq!(
        ask(Some("other")).await.unwrap_err(),
        "no remote `other`: there is fork, origin, up"
    );
}

#[tokio::test]
async fn remotes_without_a_base_say_why() {
    let lab = Lab::new();
    let root = lab.repository("r", &[("a", "1")]);
    let place = lab.place(&root).await;
    lab.git(&root, &["init", "--quiet", "--bare", "../empty.git"]);
    lab.git(&root, &["remote", "add", "empty", "../empty.git"]);
    lab.git(&root, &["remote", "add", "gone", "../gone.git"]);
    let base = async |name: &str| {
        let remote = RemoteChoice::Named(name.to_owned());
        place.base(&remote, None).await.unwrap_err()
    };
    assert!(matches!(base("empty").await, GroundError::EmptyRemote(_)));
    let error = base("gone").await;
    assert!(matches!(error, GroundError::Unreachable { .. }));
    assert!(
        error
            .to_string()
            .contains("does not appear to be a git repository"),
        "{error}"
    );
    lab.git(&root, &["push", "--quiet", "empty", "main:dev"]);
    lab.git(
        &lab.path("empty.git"),
        &["symbolic-ref", "HEAD", "refs/heads/missing"],
    );
    let error = base("empty").await;
    assert!(
        matches!(&error, GroundError::NoDefaultBranch { known, .. } if known == &["dev"]),
        "{error}"
    );
}

#[tokio::test]
async fn without_a_remote_the_base_is_the_branch_that_is_checked_out() {
    let lab = Lab::new();
    let root = lab.repository("r", &[("a", "1")]);
    let found = lab
        .place(&root)
        .await
        .base(&RemoteChoice::Here, None)
        .await
        .unwrap();
    assert_eq!(found.base.branch, "main");
    lab.git(&root, &["checkout", "--quiet", "--detach"]);
    let place = lab.place(&root).await;
    assert!(matches!(
        place.base(&RemoteChoice::Here, None).await,
        Err(GroundError::DetachedWithoutRemote)
    ));
    assert!(place.base(&RemoteChoice::Here, Some("main")).await.is_ok());
    fs::create_dir(lab.path("unborn")).unwrap();
    lab.git(&lab.path("unborn"), &["init", "--quiet"]);
    let unborn = lab.place(&lab.path("unborn")).await;
    assert!(matches!(unborn.head, Head::Unborn { .. }));
    assert!(matches!(
        unborn.base(&RemoteChoice::Here, None).await,
        Err(GroundError::NoCommits)
    ));
}

#[tokio::test]
async fn the_commit_of_a_plan_is_fetched_and_how_far_its_branch_moved_is_told() {
    let lab = Lab::new();
    let root = lab.repository("r", &[("a", "1")]);
    let bare = lab.origin(&root);
    let planned = lab.elsewhere(&bare, "main", &[("a", "2")]);
    lab.elsewhere(&bare, "main", &[("a", "3")]);
    lab.elsewhere(&bare, "main", &[("a", "4")]);
    let place = lab.place(&root).await;
    let remote = place.choose_remote(None).await.unwrap();
    let wanted = Base {
        branch: "main".to_owned(),
        commit: planned.clone(),
    };
    let found = place.ensure_commit(&remote, &wanted).await.unwrap();
    assert_eq!((found.base.commit, found.moved), (planned, 2));
    let nowhere = Base {
        branch: "main".to_owned(),
        commit: batch::model::id::ObjectId::new("1".repeat(40)),
    };
    let error = place.ensure_commit(&remote, &nowhere).await.unwrap_err();
    assert_eq!(
        error.to_string(),
        "commit 111111111111 is neither here nor on branch main on origin"
    );
}

#[tokio::test]
async fn the_right_to_push_is_tried_without_a_trace() {
    let lab = Lab::new();
    let root = lab.repository("r", &[("a", "1")]);
    let bare = lab.origin(&root);
    let place = lab.place(&root).await;
    let remote = place.choose_remote(None).await.unwrap();
    let found = place.base(&remote, None).await.unwrap();
    let branches = ["batch/change-0a1b/unit".to_owned()];
    let before = everything(&root);
    place.may_push(&remote, &found, &branches).await.unwrap();
    assert_same(&before, &everything(&root));
    assert_eq!(
        lab.git(&bare, &["branch", "--format=%(refname)"]),
        "refs/heads/main"
    );
    lab.git(&root, &["config", "remote.origin.pushurl", "../gone.git"]);
    let error = place
        .may_push(&remote, &found, &branches)
        .await
        .unwrap_err();
    assert!(matches!(error, GroundError::NoRight { .. }), "{error}");
    let bad = ["a..b/unit".to_owned()];
    let error = place.may_push(&remote, &found, &bad).await.unwrap_err();
    assert!(matches!(error, GroundError::BadBranchName(_)), "{error}");
}

#[tokio::test]
async fn a_branch_that_blocks_the_runs_is_named() {
    let lab = Lab::new();
    let root = lab.repository("r", &[("a", "1")]);
    let bare = lab.origin(&root);
    lab.git(&bare, &["branch", "batch", "main"]);
    let place = lab.place(&root).await;
    let branches = ["batch/change-0a1b/unit".to_owned()];
    let remote = place.choose_remote(None).await.unwrap();
    let found = place.base(&remote, None).await.unwrap();
    assert_eq!(
        place
            .may_push(&remote, &found, &branches)
            .await
            .unwrap_err()
            .to_string(),
        "branch `batch` on origin blocks `batch/change-0a1b/unit`"
    );
    lab.git(&root, &["branch", "batch/change-0a1b/unit/below"]);
    let found = place.base(&RemoteChoice::Here, None).await.unwrap();
    assert!(matches!(
        place.may_push(&RemoteChoice::Here, &found, &branches).await,
        Err(GroundError::Blocked { .. })
    ));
}

#[tokio::test]
async fn the_kind_of_a_remote_is_that_of_where_pushes_go() {
    let lab = Lab::new();
    let root = lab.repository("r", &[("a", "1")]);
    lab.git(&root, &["remote", "add", "origin", "gh:a/b"]);
    lab.git(
        &root,
        &["config", "url.https://github.com/.insteadOf", "gh:"],
    );
    let place = lab.place(&root).await;
    let remote = place.choose_remote(None).await.unwrap();
    assert_eq!(
        place.remote_kind(&remote).await.unwrap(),
        RemoteKind::Server(Server {
            host: "github.com".to_owned(),
            path: "/a/b".to_owned(),
        })
    );
    lab.git(&root, &["config", "remote.origin.pushurl", "/srv/a.git"]);
    assert_eq!(place.remote_kind(&remote).await.unwrap(), RemoteKind::Path);
    assert_eq!(
        place.remote_kind(&RemoteChoice::Here).await.unwrap(),
        RemoteKind::Here
    );
}
