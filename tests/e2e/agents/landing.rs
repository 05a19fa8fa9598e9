//! That the git inside an agent pushes nothing to the user's remotes, and is of use otherwise.

use std::path::Path;
use std::process::Command;

use batch::adapters::agents::no_push::Remotes;
use batch::adapters::git::git::Git;

use super::support::Lab;

/// A repository at the agent's root with a remote beside it; what `setup` does comes last.
async fn lab(setup: &str) -> Lab {
    let mut lab = Lab::new();
    let dir = lab.bench.dir.clone();
    let make =
        "set -e; git init -q --bare -b main ../remote.git; git init -q --bare -b main ../other.git
        git init -q -b main; git config user.name A; git config user.email a@example.com
        git commit -q --allow-empty -m one; git remote add origin \"$PWD/../remote.git\"
        git push -q -u origin main; git commit -q --allow-empty -m two";
    shell(&lab, &format!("{make}\n{setup}"));
    let git = Git::new(lab.bench.processes.clone(), dir.join("root"))
        .variable("HOME", dir.join("home"))
        .variable("GIT_CONFIG_NOSYSTEM", "1");
    lab.remotes = Remotes::of(&git).await.unwrap();
    lab
}

fn shell(lab: &Lab, text: &str) {
    let status = Command::new("sh")
        .args(["-c", text])
        .current_dir(lab.root())
        .env("HOME", lab.bench.dir.join("home"))
        .env("GIT_CONFIG_NOSYSTEM", "1")
        .status();
    assert!(status.unwrap().success(), "{text}");
}

fn branches(repository: &Path) -> String {
    let output = Command::new("git")
        .args(["for-each-ref", "--format=%(refname:short) %(subject)"])
        .current_dir(repository)
        .output();
    String::from_utf8(output.unwrap().stdout).unwrap()
}

/// Tries each push inside an agent; each must fail, and the remote be as it was.
async fn none_gets_through(lab: &Lab, pushes: &[&str]) {
    for push in pushes {
        let asked = lab
            .ask(&format!("{push} && echo pushed || echo refused"))
            .await;
        assert_eq!(
            asked.said().last(),
            Some(&"refused"),
            "{push}: {}",
            lab.bench.log()
        );
    }
    for remote in ["remote.git", "other.git"] {
        let there = branches(&lab.bench.dir.join(remote));
        assert!(
            ["", "main one\n"].contains(&there.as_str()),
            "{remote}: {there}"
        );
    }
    assert!(
        lab.bench.log().contains("batch-push-is-disabled"),
        "{}",
        lab.bench.log()
    );
}

#[tokio::test]
async fn no_push_to_a_remote_gets_through_and_fetching_works() {
    let lab = lab("").await;
    let pushes = [
        "git push",
        "git push origin",
        "git push --no-verify origin HEAD:refs/heads/x",
        "git push --all origin",
        "git push \"$PWD/../remote.git\" main",
        "git push \"file://$PWD/../remote.git\" main",
        "git push \"$(realpath ../remote.git)\" main",
        "git push \"$(git remote get-url origin)\" main",
    ];
    none_gets_through(&lab, &pushes).await;
    let asked = lab
        .ask("git fetch -q origin && git ls-remote -q origin main | wc -l")
        .await;
    assert_eq!(asked.text().trim(), "1");
}

#[tokio::test]
async fn a_remote_by_a_relative_path_is_no_exception() {
    let lab = lab("git remote set-url origin ../remote.git").await;
    let pushes = [
        "git push",
        "git push ../remote.git main",
        "git push \"$(realpath ../remote.git)\" main",
    ];
    none_gets_through(&lab, &pushes).await;
}

#[tokio::test]
async fn an_address_for_pushes_alone_is_no_exception() {
    let lab = lab("git remote set-url --push origin \"$PWD/../other.git\"").await;
    let pushes = [
        "git push",
        "git push origin main",
        "git push \"$PWD/../other.git\" main",
    ];
    none_gets_through(&lab, &pushes).await;
    let asked = lab.ask("git fetch -q origin && echo fetched").await;
    assert_eq!(asked.text(), "fetched");
}

#[tokio::test]
async fn what_the_user_has_set_for_addresses_is_no_way_round() {
    let setup = "there=$(realpath ..)
        git config --global \"url.$there/.insteadOf\" near:
        git config --global \"url.$there/other.git.pushInsteadOf\" near:remote
        git config --global \"url.$there/.pushInsteadOf\" far:
        git remote set-url origin near:remote.git
        git remote add far far:other.git
        git remote add both near:remote.git
        git remote set-url --push both far:other.git
        git config --global --add \"url.$there/.insteadOf\" far:";
    let lab = lab(setup).await;
    let pushes = [
        "git push",
        "git push far main",
        "git push both main",
        "git push near:remote.git main",
        "git push far:other.git main",
        "git push \"$(realpath ../remote.git)\" main",
        "git push \"$(realpath ../other.git)\" main",
    ];
    none_gets_through(&lab, &pushes).await;
    let asked = lab.ask("git fetch -q origin && echo fetched").await;
    assert_eq!(asked.text(), "fetched", "{}", lab.bench.log());
}

#[tokio::test]
async fn pushes_between_other_repositories_are_left_alone() {
    let lab = lab("").await;
    let script = "cd $TMPDIR && git init -q --bare b.git && git init -q -b main r && cd r \
        && git -c user.name=A -c user.email=a@b commit -q --allow-empty -m x \
        && git remote add origin ../b.git && git push -q origin main && echo pushed";
    assert_eq!(
        lab.ask(script).await.text(),
        "pushed",
        "{}",
        lab.bench.log()
    );
}

#[tokio::test]
async fn credentials_signatures_and_a_ci_s_token_do_not_reach_the_git_inside() {
    let setup = "git config --global credential.helper '!echo password=leak; echo username=u; :'
        git config --global credential.https://example.com.helper '!echo password=leak; echo username=u; :'
        git config http.https://example.com/.extraheader 'AUTHORIZATION: basic leak'
        git config --global commit.gpgSign true
        git config --global gpg.program /no/such/program";
    let lab = lab(setup).await;
    let credential =
        r"printf 'protocol=https\nhost=example.com\n\n' | git credential fill || echo none";
    assert_eq!(lab.ask(credential).await.text(), "none");
    let header = "git config --get-urlmatch http.extraheader https://example.com/x.git; echo \"<$(git config --get-all http.https://example.com/.extraheader | tail -1)>\"";
    assert_eq!(lab.ask(header).await.text(), "<>");
    let commit = "git commit -q --allow-empty -m three && echo committed";
    assert_eq!(
        lab.ask(commit).await.text(),
        "committed",
        "{}",
        lab.bench.log()
    );
}
