//! The user's tokens for a forge reach nothing that is started, but git where it talks to the remote with a helper that
//! needs one.

use std::collections::BTreeSet;
use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};

use crate::support::sandbox::{Sandbox, ran};

const TOKENS: [&str; 4] = [
    "GH_TOKEN",
    "GITHUB_TOKEN",
    "GH_ENTERPRISE_TOKEN",
    "GITHUB_ENTERPRISE_TOKEN",
];

/// Appends what it is given and its environment to a file.
fn spy(notes: &Path, name: &str) -> String {
    format!(
        "{{ echo \"# {name} $1 $2\"; env; }} >> '{}'/{name}",
        notes.display()
    )
}

fn script(path: &Path, text: &str) {
    std::fs::create_dir_all(path.parent().unwrap()).unwrap();
    std::fs::write(path, text).unwrap();
    std::fs::set_permissions(path, std::fs::Permissions::from_mode(0o755)).unwrap();
}

fn real_git() -> PathBuf {
    let path = std::env::var_os("PATH").unwrap();
    let mut found = std::env::split_paths(&path).map(|folder| folder.join("git"));
    found.find(|program| program.is_file()).unwrap()
}

/// A run with all four tokens set, of which everything that it started tells what it found. The answer: what of git found
/// a token, by its command.
fn commands_with_tokens(sandbox: &Sandbox) -> BTreeSet<String> {
    let notes = sandbox.path("notes");
    std::fs::create_dir(&notes).unwrap();
    for hook in ["pre-commit", "commit-msg", "post-commit"] {
        let text = format!("#!/bin/sh\n{}\n", spy(&notes, hook));
        script(&sandbox.repo().join(".git/hooks").join(hook), &text);
    }
    // The words after the settings say what is asked of git.
    let git = format!(
        "#!/bin/sh\nwords=; for word; do case \"$word\" in -c|*=*) ;; -*) ;; *) words=\"$words $word\"; break;; esac; done\n\
         if env | grep -q '=token-of-'; then echo \"$words\" >> '{}/git'; fi\nexec '{}' \"$@\"\n",
        notes.display(),
        real_git().display()
    );
    script(&sandbox.path("bin/git"), &git);
    let path = std::env::join_paths(
        std::iter::once(sandbox.path("bin"))
            .chain(std::env::split_paths(&std::env::var_os("PATH").unwrap())),
    );
    let codemod = format!(
        "{}; sed -i s/frob/frobnicate/ {{files}}",
        spy(&notes, "codemod")
    );
    let mut command = sandbox.batch_command();
    command
        .args(["rename frob to frobnicate", "--yes", "--paths=src/**"])
        .args(["--min-units=1", "--max-units=2", "--command", &codemod])
        .args([
            "--setup",
            &spy(&notes, "setup"),
            "--test",
            &spy(&notes, "test"),
        ])
        .env("PATH", path.unwrap());
    for name in TOKENS {
        command.env(name, format!("token-of-{name}"));
    }
    ran(&command.output().unwrap()).exits(0);
    for who in [
        "pre-commit",
        "commit-msg",
        "post-commit",
        "codemod",
        "setup",
        "test",
    ] {
        let found = std::fs::read_to_string(notes.join(who)).unwrap();
        assert!(found.contains("HOME="), "{who}: {found}");
        assert!(!found.contains("token-of-"), "{who}: {found}");
    }
    let asked = std::fs::read_to_string(notes.join("git")).unwrap_or_default();
    asked.lines().map(|line| line.trim().to_owned()).collect()
}

#[test]
fn the_users_tokens_reach_no_command_hook_or_codemod_and_not_git_either() {
    let sandbox = Sandbox::frobs(2);
    assert_eq!(commands_with_tokens(&sandbox), BTreeSet::new());
}

#[test]
fn git_has_them_where_it_talks_to_the_remote_and_asks_a_helper_that_needs_them() {
    let sandbox = Sandbox::frobs(2);
    let helper = "credential.https://github.com.helper";
    sandbox.git(["config", "--global", helper, "!gh auth git-credential"]);
    let talk = ["fetch", "ls-remote", "push"].map(str::to_owned);
    let found = commands_with_tokens(&sandbox);
    assert!(found.is_subset(&BTreeSet::from(talk)), "{found:?}");
    assert!(
        found.contains("push") && found.contains("ls-remote"),
        "{found:?}"
    );
}
