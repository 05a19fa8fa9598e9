//! Branches delivered to a remote, or to a repository without one.

use std::fs;
use std::os::unix::fs::PermissionsExt;

use batch::adapters::git::RemoteChoice;
use batch::adapters::git::ground::Place;
use batch::adapters::git::remote::Deliveries;
use batch::engine::ports::{Remote, Workspaces};
use batch::model::id::Slot;
use batch::model::site::Site;

use super::lab::{Lab, assert_same, everything, gits, read, write};

const BRANCH: &str = "batch/change-0a1b/unit";

#[tokio::test]
async fn a_push_is_create_only_or_leased_and_leaves_no_trace_here() {
    for git in gits() {
        let lab = Lab::with_git(git);
        let root = lab.repository("r", &[("a", "1")]);
        let bare = lab.origin(&root);
        let first = lab.id(&root, "HEAD");
        let second = lab.commit(&root, &[("a", "2")], "second");
        lab.git(&root, &["tag", "-a", "-m", "x", "v1"]);
        lab.git(&root, &["config", "push.followTags", "true"]);
        lab.git(&root, &["config", "push.default", "matching"]);
        lab.git(&root, &["config", "remote.origin.mirror", "true"]);
        lab.git(
            &root,
            &["config", "remote.origin.pushurl", "short:origin.git"],
        );
        let folder = format!("url.{}/.insteadOf", lab.path("").display());
        lab.git(&root, &["config", &folder, "short:"]);
        let place = lab.place(&root).await;
        let choice = place.choose_remote(None).await.unwrap();
        let remote = Deliveries::new(&place, choice);
        let watch = lab.watch();
        let before = everything(&root);
        assert_eq!(remote.head(BRANCH).await.unwrap(), None);
        remote
            .push(&first, BRANCH, None, None, &watch)
            .await
            .unwrap();
        assert_eq!(remote.head(BRANCH).await.unwrap(), Some(first.clone()));
        remote
            .push(&first, BRANCH, None, None, &watch)
            .await
            .unwrap();
        let error = remote
            .push(&second, BRANCH, None, None, &watch)
            .await
            .unwrap_err();
        assert_eq!(
            error.to_string(),
            format!("pushing {BRANCH}: [rejected] (stale info)")
        );
        let error = remote
            .push(&second, BRANCH, Some(&second), None, &watch)
            .await;
        assert!(error.is_err());
        remote
            .push(&second, BRANCH, Some(&first), None, &watch)
            .await
            .unwrap();
        remote
            .push(&first, BRANCH, Some(&second), None, &watch)
            .await
            .unwrap();
        assert_eq!(remote.head(BRANCH).await.unwrap(), Some(first));
        assert_eq!(remote.head("unit").await.unwrap(), None);
        assert_eq!(lab.git(&bare, &["tag"]), "");
        assert_same(&before, &everything(&root));
    }
}

#[tokio::test]
async fn the_remotes_own_words_come_through() {
    let lab = Lab::new();
    let root = lab.repository("r", &[("a", "1")]);
    let bare = lab.origin(&root);
    let hook = bare.join("hooks/pre-receive");
    fs::create_dir_all(hook.parent().unwrap()).unwrap();
    fs::write(&hook, "#!/bin/sh\necho >&2 'no pushes on Friday'\nexit 1\n").unwrap();
    fs::set_permissions(&hook, fs::Permissions::from_mode(0o755)).unwrap();
    let place = lab.place(&root).await;
    let remote = Deliveries::new(&place, RemoteChoice::Named("origin".to_owned()));
    let commit = lab.id(&root, "HEAD");
    let error = remote
        .push(&commit, BRANCH, None, None, &lab.watch())
        .await
        .unwrap_err();
    assert_eq!(
        error.to_string(),
        format!(
            "pushing {BRANCH}: no pushes on Friday\n[remote rejected] (pre-receive hook declined)"
        )
    );
    assert!(lab.log().contains("no pushes on Friday"));
    fs::remove_dir_all(&bare).unwrap();
    let error = remote
        .push(&commit, BRANCH, None, None, &lab.watch())
        .await
        .unwrap_err();
    assert!(
        error
            .to_string()
            .contains("does not appear to be a git repository"),
        "{error}"
    );
    assert!(remote.head(BRANCH).await.is_err());
}

#[tokio::test]
async fn pre_push_hooks_run() {
    let lab = Lab::new();
    let root = lab.repository("r", &[("a", "1")]);
    lab.origin(&root);
    let hook = root.join(".git/hooks/pre-push");
    fs::create_dir_all(hook.parent().unwrap()).unwrap();
    fs::write(&hook, "#!/bin/sh\necho >&2 uploading to $1\nexit 1\n").unwrap();
    fs::set_permissions(&hook, fs::Permissions::from_mode(0o755)).unwrap();
    let place = lab.place(&root).await;
    let remote = Deliveries::new(&place, RemoteChoice::Named("origin".to_owned()));
    let commit = lab.id(&root, "HEAD");
    let error = remote
        .push(&commit, BRANCH, None, None, &lab.watch())
        .await
        .unwrap_err();
    assert!(
        error.to_string().contains("uploading to batch-origin"),
        "{error}"
    );
}

#[tokio::test]
async fn pre_push_hooks_find_what_is_pushed_and_not_the_users_checkout() {
    for git in gits() {
        let lab = Lab::with_git(git);
        let root = lab.repository("r", &[("a", "1")]);
        lab.origin(&root);
        lab.git(&root, &["remote", "set-url", "origin", "../origin.git"]);
        let base = lab.id(&root, "HEAD");
        let seen = lab.path("seen");
        let hook = root.join(".git/hooks/pre-push");
        fs::create_dir_all(hook.parent().unwrap()).unwrap();
        let text = format!(
            "#!/bin/sh\n(pwd; git rev-parse HEAD; cat a) >'{}'; echo built >built\n",
            seen.display()
        );
        fs::write(&hook, text).unwrap();
        fs::set_permissions(&hook, fs::Permissions::from_mode(0o755)).unwrap();
        let place = lab.place(&root).await;
        let pool = lab.pool(&place, false);
        let watch = lab.watch();
        let workspace = pool.lend(Slot(0), &base, &watch).await.unwrap();
        let commit = lab.commit(&workspace.path, &[("a", "2")], "second");
        let before = everything(&root);
        let remote = Deliveries::new(&place, RemoteChoice::Named("origin".to_owned()));
        let from = Some(workspace.path.as_path());
        remote
            .push(&commit, BRANCH, None, from, &watch)
            .await
            .unwrap();
        assert_eq!(remote.head(BRANCH).await.unwrap(), Some(commit.clone()));
        assert_eq!(
            read(&lab.path(""), "seen"),
            format!("{}\n{commit}\n2", workspace.path.display())
        );
        assert!(workspace.path.join("built").exists());
        assert_same(&before, &everything(&root));
        // A worktree that is no longer ours is none to push from.
        write(&workspace.path, ".git", "gitdir: /nowhere\n");
        let error = remote
            .push(&base, BRANCH, Some(&commit), from, &watch)
            .await;
        assert!(error.is_err());
        pool.close().await.unwrap();
    }
}

#[tokio::test]
async fn a_branch_is_asked_for_where_it_was_pushed_to() {
    for git in gits() {
        let lab = Lab::with_git(git);
        let root = lab.repository("r", &[("a", "1")]);
        let upstream = lab.origin(&root);
        let fork = lab.path("fork.git");
        let cloned = ["clone", "--quiet", "--bare", ".", fork.to_str().unwrap()];
        lab.git(&root, &cloned);
        let commit = lab.id(&root, "HEAD");
        let instead = format!("url.{}.pushInsteadOf", fork.display());
        let ways: [&[&str]; 3] = [
            &["config", "remote.origin.pushurl", fork.to_str().unwrap()],
            &["config", "remote.origin.pushurl", "../fork.git"],
            &["config", &instead, upstream.to_str().unwrap()],
        ];
        for (number, way) in ways.into_iter().enumerate() {
            let branch = format!("batch/x/{number}");
            lab.try_git(&root, &["config", "--unset", "remote.origin.pushurl"]);
            lab.git(&root, way);
            let place = lab.place(&root).await;
            let remote = Deliveries::new(&place, RemoteChoice::Named("origin".to_owned()));
            assert_eq!(remote.head(&branch).await.unwrap(), None, "{way:?}");
            remote
                .push(&commit, &branch, None, None, &lab.watch())
                .await
                .unwrap();
            let there = remote.head(&branch).await.unwrap();
            assert_eq!(there, Some(commit.clone()), "{way:?}");
            assert_eq!(lab.id(&fork, &branch), commit, "{way:?}");
            assert!(
                !lab.try_git(&upstream, &["rev-parse", "--verify", &branch])
                    .0
            );
        }
    }
}

#[tokio::test]
async fn of_several_places_to_push_to_all_must_have_the_branch() {
    let lab = Lab::new();
    let root = lab.repository("r", &[("a", "1")]);
    let first = lab.origin(&root);
    let second = lab.path("second.git");
    let cloned = ["clone", "--quiet", "--bare", ".", second.to_str().unwrap()];
    lab.git(&root, &cloned);
    for place in [&first, &second] {
        let add = ["config", "--add", "remote.origin.pushurl"];
        lab.git(&root, &[&add[..], &[place.to_str().unwrap()]].concat());
    }
    let hook = second.join("hooks/pre-receive");
    fs::create_dir_all(hook.parent().unwrap()).unwrap();
    fs::write(&hook, "#!/bin/sh\necho >&2 'closed'\nexit 1\n").unwrap();
    fs::set_permissions(&hook, fs::Permissions::from_mode(0o755)).unwrap();
    let place = lab.place(&root).await;
    let remote = Deliveries::new(&place, RemoteChoice::Named("origin".to_owned()));
    let commit = lab.id(&root, "HEAD");
    let watch = lab.watch();
    let pushed = remote.push(&commit, BRANCH, None, None, &watch).await;
    let error = pushed.unwrap_err().to_string();
    assert!(error.contains("closed"), "{error}");
    let error = remote.head(BRANCH).await.unwrap_err().to_string();
    let named = format!(
        "it is at {} in one of the places that {} pushes to, and missing in another",
        commit.short(),
        "origin"
    );
    assert!(error.contains(&named), "{error}");
    fs::remove_file(&hook).unwrap();
    remote
        .push(&commit, BRANCH, None, None, &watch)
        .await
        .unwrap();
    assert_eq!(remote.head(BRANCH).await.unwrap(), Some(commit));
}

/// An ssh that runs what it is asked to on this machine, in the folder `server`, and notes whom it was asked for.
fn local_ssh(lab: &Lab) -> String {
    let script = lab.path("ssh");
    let server = lab.path("server");
    fs::create_dir_all(&server).unwrap();
    let text = format!(
        "#!/bin/sh\nfor last; do :; done\necho \"$last\" >> '{}'\ncd '{}' && eval \"$last\"\n",
        lab.path("asked").display(),
        server.display()
    );
    fs::write(&script, text).unwrap();
    fs::set_permissions(&script, fs::Permissions::from_mode(0o755)).unwrap();
    script.display().to_string()
}

#[tokio::test]
async fn branches_for_a_fork_are_pushed_and_asked_for_beside_the_remote() {
    let lab = Lab::new();
    let root = lab.repository("r", &[("a", "1")]);
    let ssh = local_ssh(&lab);
    for name in ["octo/sample.git", "me/sample-1.git"] {
        let bare = lab.path("server").join(name);
        let bare = bare.to_str().unwrap();
        lab.git(&root, &["clone", "--quiet", "--bare", ".", bare]);
    }
    let address = "git@host.example:octo/sample.git";
    lab.git(&root, &["remote", "add", "origin", address]);
    let commit = lab.commit(&root, &[("a", "2")], "second");
    let git = lab.own_git(&root).variable("GIT_SSH_COMMAND", &ssh);
    let place = Place::find(&git, &root).await.unwrap();
    let choice = place.choose_remote(None).await.unwrap();
    let fork = Site::of("host.example", "me/sample-1").unwrap();
    let remote = Deliveries::new(&place, choice.clone()).to_fork(fork);
    let branches = [BRANCH.to_owned()];
    remote.may_push(&commit, &branches).await.unwrap();
    let watch = lab.watch();
    remote
        .push(&commit, BRANCH, None, None, &watch)
        .await
        .unwrap();
    assert_eq!(remote.head(BRANCH).await.unwrap(), Some(commit.clone()));
    let at = |name: &str| {
        let bare = lab.path("server").join(name);
        lab.git(
            &bare,
            &["for-each-ref", "--format=%(refname)", "refs/heads/batch"],
        )
    };
    assert_eq!(at("me/sample-1.git"), format!("refs/heads/{BRANCH}"));
    assert_eq!(at("octo/sample.git"), "");
    assert_eq!(
        Deliveries::new(&place, choice.clone())
            .head(BRANCH)
            .await
            .unwrap(),
        None
    );
    let asked = fs::read_to_string(lab.path("asked")).unwrap();
    assert!(
        asked.contains("git-receive-pack 'me/sample-1.git'"),
        "{asked}"
    );
    assert!(!asked.contains("git-receive-pack 'octo"), "{asked}");

    let below = [format!("{BRANCH}/below")];
    let blocked = remote.may_push(&commit, &below).await.unwrap_err();
    assert!(
        blocked.to_string().contains("on me/sample-1 blocks"),
        "{blocked}"
    );
    let gone = Site::of("host.example", "nobody/sample").unwrap();
    let gone = Deliveries::new(&place, choice).to_fork(gone);
    let error = gone.may_push(&commit, &branches).await.unwrap_err();
    assert!(
        error
            .to_string()
            .contains("remote nobody/sample cannot be read"),
        "{error}"
    );
}

#[tokio::test]
async fn a_path_has_no_fork_beside_it() {
    let lab = Lab::new();
    let root = lab.repository("r", &[("a", "1")]);
    lab.origin(&root);
    let place = lab.place(&root).await;
    let choice = place.choose_remote(None).await.unwrap();
    let fork = Site::of("host.example", "me/sample").unwrap();
    let remote = Deliveries::new(&place, choice).to_fork(fork);
    let error = remote.head(BRANCH).await.unwrap_err().to_string();
    assert!(error.contains("remote origin is on no server"), "{error}");
}

#[tokio::test]
async fn a_branch_is_removed_only_where_it_was_left() {
    for git in gits() {
        let lab = Lab::with_git(git);
        let root = lab.repository("r", &[("a", "1")]);
        lab.origin(&root);
        let first = lab.id(&root, "HEAD");
        let second = lab.commit(&root, &[("a", "2")], "second");
        let place = lab.place(&root).await;
        let watch = lab.watch();
        for choice in [place.choose_remote(None).await.unwrap(), RemoteChoice::Here] {
            let remote = Deliveries::new(&place, choice);
            remote
                .push(&second, BRANCH, None, None, &watch)
                .await
                .unwrap();
            let before = everything(&root);
            let error = remote.delete(BRANCH, &first, &watch).await.unwrap_err();
            let named = format!("it is at {}, not at {}", second.short(), first.short());
            assert!(error.to_string().contains(&named), "{error}");
            assert_same(&before, &everything(&root));
            assert_eq!(remote.head(BRANCH).await.unwrap(), Some(second.clone()));
            remote.delete(BRANCH, &second, &watch).await.unwrap();
            assert_eq!(remote.head(BRANCH).await.unwrap(), None);
            remote.delete(BRANCH, &second, &watch).await.unwrap();
        }
    }
}

#[tokio::test]
async fn without_a_remote_branches_are_set_here_with_the_same_rules() {
    let lab = Lab::new();
    let root = lab.repository("r", &[("a", "1")]);
    let first = lab.id(&root, "HEAD");
    let second = lab.commit(&root, &[("a", "2")], "second");
    let place = lab.place(&root).await;
    let here = Deliveries::new(&place, RemoteChoice::Here);
    let watch = lab.watch();
    assert_eq!(here.head(BRANCH).await.unwrap(), None);
    here.push(&first, BRANCH, None, None, &watch).await.unwrap();
    here.push(&first, BRANCH, None, None, &watch).await.unwrap();
    assert_eq!(lab.id(&root, &format!("refs/heads/{BRANCH}")), first);
    let error = here
        .push(&second, BRANCH, None, None, &watch)
        .await
        .unwrap_err();
    assert!(error.to_string().contains("already exists"), "{error}");
    here.push(&second, BRANCH, Some(&first), None, &watch)
        .await
        .unwrap();
    let below = format!("{BRANCH}/below");
    let error = here
        .push(&second, &below, None, None, &watch)
        .await
        .unwrap_err();
    assert!(error.to_string().contains("cannot create"), "{error}");
    assert_eq!(here.head("batch/change-0a1b").await.unwrap(), None);
}
