//! `batch doctor`: each thing that keeps a run from working is found, and the command that is shown for it mends it.

use std::os::unix::fs::PermissionsExt;
use std::path::Path;

use serde_json::Value;

use crate::support::sandbox::{Ran, Sandbox, ran};

/// What the doctor found of one thing.
struct Findings(Vec<Value>);

impl Findings {
    /// The words of it all, with the verdicts.
    fn text(&self) -> String {
        let lines = self.0.iter().map(|found| {
            let text = |key: &str| found[key].as_str().unwrap_or_default().to_owned();
            format!(
                "{}: {} {}\n",
                text("verdict"),
                text("words"),
                text("advice")
            )
        });
        lines.collect()
    }

    #[track_caller]
    fn says(&self, words: &str) -> &Self {
        assert!(
            self.text().contains(words),
            "no {words:?} in\n{}",
            self.text()
        );
        self
    }

    /// Types the commands that are shown where the user stands.
    #[track_caller]
    fn mend(&self, sandbox: &Sandbox, here: &Path) {
        let mut commands = self
            .0
            .iter()
            .flat_map(|found| found["commands"].as_array().unwrap());
        let first = commands.next().expect("a command is shown");
        for command in std::iter::once(first).chain(commands) {
            let mut shell = sandbox.command("sh");
            let output = shell
                .args(["-c", command.as_str().unwrap()])
                .current_dir(here)
                .output()
                .unwrap();
            assert!(output.status.success(), "{command}: {output:?}");
        }
    }
}

/// What is found of one thing, with the exit code that it leads to.
#[track_caller]
fn found(sandbox: &Sandbox, check: &str, args: &[&str]) -> (Findings, Option<i32>) {
    let Ran {
        code,
        stdout,
        stderr,
    } = sandbox.batch(["doctor", "--format", "json"].iter().chain(args));
    let document: Value =
        serde_json::from_str(&stdout).unwrap_or_else(|error| panic!("{error}: {stdout}{stderr}"));
    let all = document["findings"].as_array().unwrap();
    let of_it = all.iter().filter(|found| found["check"] == check).cloned();
    let problems = document["problems"].as_u64().unwrap();
    assert_eq!(code, Some(if problems > 0 { 4 } else { 0 }), "{stdout}");
    (Findings(of_it.collect()), code)
}

/// Insists that this thing is well.
#[track_caller]
fn well(sandbox: &Sandbox, check: &str, args: &[&str]) {
    let (found, _) = found(sandbox, check, args);
    let verdicts: Vec<&Value> = found.0.iter().map(|found| &found["verdict"]).collect();
    assert!(
        !verdicts.is_empty() && verdicts.iter().all(|verdict| *verdict == "ok"),
        "{}",
        found.text()
    );
}

fn ready() -> Sandbox {
    Sandbox::new(&[("Makefile", "test:\n\ttrue\n"), ("src/a.txt", "frob\n")])
}

/// A folder of programs, before all others on PATH.
fn programs(sandbox: &mut Sandbox, scripts: &[(&str, &str)]) {
    let folder = sandbox.path("programs");
    std::fs::create_dir_all(&folder).unwrap();
    for (name, script) in scripts {
        let file = folder.join(name);
        std::fs::write(&file, format!("#!/bin/sh\n{script}\n")).unwrap();
        std::fs::set_permissions(&file, std::fs::Permissions::from_mode(0o755)).unwrap();
    }
    let path = std::env::var_os("PATH").unwrap();
    let all = std::iter::once(folder).chain(std::env::split_paths(&path));
    sandbox.set("PATH", std::env::join_paths(all).unwrap());
}

#[test]
fn where_all_is_ready_each_line_says_so_and_nothing_is_touched() {
    let sandbox = ready();
    let before = sandbox.users_own();
    let objects = sandbox.git(["count-objects", "-v"]);
    let Ran { stdout, .. } = sandbox.batch(["doctor"]).exits(0);
    for check in [
        "git",
        "repository",
        "remote",
        "push",
        "forge",
        "identity",
        "signing",
        "hooks",
        "disk",
        "folders",
        "leftovers",
        "settings",
        "test",
    ] {
        let line = format!("ok       {check:12}");
        assert!(stdout.contains(&line), "no {line:?} in\n{stdout}");
    }
    assert!(stdout.contains("origin, default branch main"), "{stdout}");
    assert!(stdout.contains("make test (Makefile)"), "{stdout}");
    assert!(stdout.contains(" 0 problems\n"), "{stdout}");
    sandbox.is_untouched(&before);
    assert_eq!(sandbox.git(["count-objects", "-v"]), objects);
    assert!(!sandbox.repo().join(".git/batch").exists());
    sandbox.has_no_worktree_left();
}

#[test]
fn an_identity_that_is_missing_is_set_by_the_commands_that_are_shown() {
    let sandbox = ready();
    let config = sandbox.path("home/.gitconfig");
    std::fs::write(config, "[user]\n\tuseConfigOnly = true\n").unwrap();
    let (identity, code) = found(&sandbox, "identity", &[]);
    assert_eq!(code, Some(4));
    identity.says("problem: git does not know who commits here");
    identity.mend(&sandbox, &sandbox.repo());
    well(&sandbox, "identity", &[]);
}

#[test]
fn a_relative_hooks_path_is_made_absolute_by_the_command_that_is_shown_also_from_elsewhere() {
    let sandbox = ready();
    sandbox.write_script(".husky/_/pre-commit", "#!/bin/sh\n");
    sandbox.git(["config", "core.hooksPath", ".husky/_"]);
    let repo = sandbox.repo();
    let from_elsewhere = ["-C", repo.to_str().unwrap()];
    let (hooks, code) = found(&sandbox, "hooks", &from_elsewhere);
    assert_eq!(code, Some(0));
    hooks.says("warning: core.hooksPath is `.husky/_`, which each worktree resolves for itself and has nothing at");
    hooks.mend(&sandbox, &sandbox.path(""));
    well(&sandbox, "hooks", &[]);
    sandbox.git(["config", "core.hooksPath", ".husky/_"]);
    sandbox.commit("hooks");
    let (hooks, _) = found(&sandbox, "hooks", &[]);
    hooks.says("a unit's own copy of the hooks runs");
}

#[test]
fn a_hook_that_git_passes_over_is_woken_by_the_command_that_is_shown() {
    let sandbox = ready();
    sandbox.write(".git/hooks/pre-commit", "#!/bin/sh\n");
    let (hooks, _) = found(&sandbox, "hooks", &[]);
    hooks.says("warning: not executable, so git passes over it: pre-commit");
    hooks.mend(&sandbox, &sandbox.repo());
    well(&sandbox, "hooks", &[]);
}

#[test]
fn a_worktree_whose_making_was_killed_is_removed_by_the_command_that_is_shown() {
    let sandbox = ready();
    let half = sandbox.path("cache/a half");
    let half = half.to_str().unwrap();
    let add = ["worktree", "add", "-q", "--detach", "--no-checkout"];
    let lock = ["--lock", "--reason", "in use by batch", half];
    sandbox.git(add.iter().chain(&lock));
    let admin = sandbox.git(["-C", half, "rev-parse", "--absolute-git-dir"]);
    std::fs::write(
        Path::new(&admin).join("HEAD"),
        format!("{}\n", "0".repeat(40)),
    )
    .unwrap();
    let (left, code) = found(&sandbox, "leftovers", &[]);
    assert_eq!(code, Some(4));
    left.says("problem: 1 worktree whose making was killed");
    left.mend(&sandbox, &sandbox.repo());
    well(&sandbox, "leftovers", &[]);
    sandbox.git(["fetch", "-q", "origin"]);
    sandbox.has_no_worktree_left();
}

#[test]
fn a_run_that_was_cut_off_and_worktrees_that_are_left_are_told_with_what_takes_them_up() {
    let sandbox = Sandbox::frobs(5);
    sandbox
        .rename_frob(&["--no-test", "--forge", "local"])
        .exits(0);
    well(&sandbox, "leftovers", &[]);
    let left = sandbox.path("cache/left");
    let left = left.to_str().unwrap();
    let add = ["worktree", "add", "-q", "--detach"];
    let lock = ["--lock", "--reason", "in use by batch", left];
    sandbox.git(add.iter().chain(&lock));
    let (ended, code) = found(&sandbox, "leftovers", &[]);
    ended.says("warning: 1 worktree of runs that ended");
    assert_eq!(ended.0[0]["commands"][0], "batch clean");
    assert_eq!(code, Some(0));
    // As a process leaves it that is killed before its last record.
    let journal = sandbox.repo().join(".git/batch/latest/journal.jsonl");
    let text = std::fs::read_to_string(&journal).unwrap();
    let (kept, _) = text.trim_end().rsplit_once('\n').unwrap();
    std::fs::write(&journal, format!("{kept}\n")).unwrap();
    let (cut, _) = found(&sandbox, "leftovers", &[]);
    let run = sandbox.report()["run"].as_str().unwrap().to_owned();
    cut.says(&format!("warning: run {run} was cut off"));
    assert_eq!(cut.0[0]["commands"][0], format!("batch resume {run}"));
}

#[test]
fn a_commit_is_really_signed_and_one_that_asks_for_somebody_is_a_problem() {
    let mut sandbox = ready();
    well(&sandbox, "signing", &[]);
    programs(
        &mut sandbox,
        &[
            // As git reads it: the status on one stream, the signature on the other.
            (
                "signs",
                "cat > /dev/null; echo '[GNUPG:] SIG_CREATED ' >&2; echo a signature",
            ),
            (
                "asks",
                "read answer < /dev/tty && echo '[GNUPG:] SIG_CREATED ' >&2",
            ),
            (
                "locked",
                "echo 'gpg: signing failed: No pinentry' >&2; exit 2",
            ),
        ],
    );
    sandbox.git(["config", "commit.gpgsign", "true"]);
    sandbox.git(["config", "gpg.program", "signs"]);
    let before = sandbox.users_own();
    let objects = sandbox.git(["count-objects", "-v"]);
    well(&sandbox, "signing", &[]);
    sandbox.is_untouched(&before);
    assert_eq!(sandbox.git(["count-objects", "-v"]), objects);
    for (program, said) in [("asks", "no worker could"), ("locked", "No pinentry")] {
        sandbox.git(["config", "gpg.program", program]);
        let (signing, code) = found(&sandbox, "signing", &[]);
        assert_eq!(code, Some(4));
        signing
            .says("problem: commits are to be signed (openpgp)")
            .says(said);
        signing.says("git config commit.gpgsign false");
    }
}

#[test]
fn a_key_of_ssh_signs_without_asking_unless_it_has_a_passphrase() {
    let sandbox = ready();
    let made = |name: &str, passphrase: &str| {
        let file = sandbox.path(name);
        let output = sandbox
            .command("ssh-keygen")
            .args(["-q", "-t", "ed25519", "-N", passphrase, "-f"])
            .arg(&file)
            .output();
        output
            .is_ok_and(|output| output.status.success())
            .then_some(file)
    };
    let (Some(open), Some(closed)) = (made("open", ""), made("closed", "secret")) else {
        println!("skipped: no ssh-keygen here");
        return;
    };
    for (setting, value) in [("commit.gpgsign", "true"), ("gpg.format", "ssh")] {
        sandbox.git(["config", setting, value]);
    }
    sandbox.git(["config", "user.signingkey", open.to_str().unwrap()]);
    well(&sandbox, "signing", &[]);
    sandbox.git(["config", "user.signingkey", closed.to_str().unwrap()]);
    let (signing, code) = found(&sandbox, "signing", &[]);
    assert_eq!(code, Some(4));
    let command = format!("ssh-add {}", closed.display());
    assert_eq!(signing.0[0]["commands"][0], command);
}

#[test]
fn outside_a_repository_it_says_so_and_looks_at_the_rest() {
    let sandbox = ready();
    let here = sandbox.path("home");
    let args = ["-C", here.to_str().unwrap()];
    let (repository, code) = found(&sandbox, "repository", &args);
    assert_eq!(code, Some(4));
    repository.says("not in a git repository").says("-C DIR");
    well(&sandbox, "git", &args);
    well(&sandbox, "identity", &args);
    well(&sandbox, "folders", &args);
    let remote = sandbox.path("remote.git");
    let (repository, _) = found(&sandbox, "repository", &["-C", remote.to_str().unwrap()]);
    repository.says("problem: ").says("a bare repository");
    let empty = Sandbox::empty();
    let (repository, _) = found(&empty, "repository", &[]);
    repository.says("problem: the repository has no commit yet");
    repository.mend(&empty, &empty.repo());
    well(&empty, "repository", &[]);
}

#[test]
fn a_remote_that_cannot_be_worked_with_is_a_problem_unless_it_is_not_asked() {
    let sandbox = ready();
    sandbox.remote_git(["symbolic-ref", "HEAD", "refs/heads/gone"]);
    let (remote, code) = found(&sandbox, "remote", &[]);
    remote.says("warning: origin has no default branch");
    assert_eq!(code, Some(0));
    sandbox.remote_git(["symbolic-ref", "HEAD", "refs/heads/main"]);
    sandbox.remote_git(["branch", "batch", "main"]);
    let (remote, code) = found(&sandbox, "remote", &[]);
    remote.says("problem: branch `batch` on origin blocks every branch below `batch/`");
    assert_eq!(code, Some(4));
    std::fs::remove_dir_all(sandbox.path("remote.git")).unwrap();
    let (remote, code) = found(&sandbox, "remote", &[]);
    remote.says("problem: remote origin cannot be read");
    assert_eq!(code, Some(4));
    well(&sandbox, "remote", &["--offline"]);
    let (remote, _) = found(&sandbox, "remote", &["--remote", "nope"]);
    remote.says("problem: no remote `nope`: there is origin");
}

#[test]
fn an_empty_remote_is_filled_by_the_command_that_is_shown() {
    let sandbox = Sandbox::local(&[("a", "1")]);
    well(&sandbox, "remote", &[]);
    let remote = sandbox.path("remote.git");
    let remote = remote.to_str().unwrap();
    sandbox.git(["init", "-q", "--bare", "-b", "main", remote]);
    sandbox.git(["remote", "add", "origin", remote]);
    let (empty, code) = found(&sandbox, "remote", &[]);
    assert_eq!(code, Some(4));
    empty.says("problem: origin is empty");
    empty.mend(&sandbox, &sandbox.repo());
    well(&sandbox, "remote", &[]);
    well(&sandbox, "push", &[]);
}

#[test]
fn a_shallow_clone_is_deepened_by_the_command_that_is_shown() {
    let sandbox = ready();
    sandbox.write("b", "2");
    sandbox.commit_and_push("second");
    let url = format!("file://{}", sandbox.path("remote.git").display());
    let clone = sandbox.path("clone");
    let clone = clone.to_str().unwrap();
    sandbox.git(["clone", "-q", "--depth", "1", &url, clone]);
    let (kind, _) = found(&sandbox, "repository", &["-C", clone]);
    kind.says("warning: a shallow clone");
    kind.mend(&sandbox, &sandbox.repo());
    well(&sandbox, "repository", &["-C", clone]);
}

#[test]
fn what_kind_of_repository_it_is_is_told() {
    let mut sandbox = ready();
    sandbox.git(["sparse-checkout", "set", "--cone", "src"]);
    let (kind, code) = found(&sandbox, "repository", &[]);
    kind.says("ok: a sparse checkout")
        .says("ok: worktrees have settings of their own");
    assert_eq!(code, Some(0));
    sandbox.git(["sparse-checkout", "disable"]);
    sandbox.write(
        ".gitmodules",
        "[submodule \"x\"]\n\tpath = x\n\turl = ./x\n",
    );
    sandbox.write(".gitattributes", "*.bin filter=lfs\n");
    sandbox.git(["add", "-A"]);
    programs(&mut sandbox, &[("git-lfs", "exit 127")]);
    let (kind, code) = found(&sandbox, "repository", &[]);
    kind.says("warning: has submodules")
        .says("git-lfs is not installed");
    assert_eq!(code, Some(4));
    programs(&mut sandbox, &[("git-lfs", "exit 0")]);
    let (kind, _) = found(&sandbox, "repository", &[]);
    kind.says("git is not told to call it");
    sandbox.git(["config", "filter.lfs.clean", "cat"]);
    let (kind, _) = found(&sandbox, "repository", &[]);
    kind.says("ok: keeps files in git LFS, which is installed");
}

#[test]
fn a_token_is_told_by_its_place_and_never_shown() {
    let mut sandbox = ready();
    sandbox.git([
        "remote",
        "set-url",
        "origin",
        "https://github.com/octo/sample",
    ]);
    programs(&mut sandbox, &[("gh", "exit 1")]);
    let (forge, code) = found(&sandbox, "forge", &["--offline"]);
    assert_eq!(code, Some(4));
    forge
        .says("problem: no token for github.com")
        .says("gh auth login");
    sandbox.set("GH_TOKEN", "ghp_hidden");
    let Ran { stdout, stderr, .. } = sandbox.batch(["doctor", "--offline", "-v"]).exits(0);
    assert!(stdout.contains("from GH_TOKEN"), "{stdout}");
    assert!(
        !format!("{stdout}{stderr}").contains("ghp_hidden"),
        "{stdout}"
    );
}

#[test]
fn another_program_called_batch_is_told_with_the_way_around_it() {
    let mut sandbox = ready();
    programs(
        &mut sandbox,
        &[("batch", "echo I am at"), ("git-batch", "exit 1")],
    );
    let (path, code) = found(&sandbox, "path", &[]);
    assert_eq!(code, Some(0));
    path.says("warning: batch starts another program: ");
    let command = path.0[0]["commands"][0].as_str().unwrap().to_owned();
    let mut shell = sandbox.command("sh");
    shell.args(["-c", &format!("{command}; batch doctor --format json")]);
    let Ran { stdout, .. } = ran(&shell.output().unwrap()).exits(0);
    let document: Value = serde_json::from_str(&stdout).unwrap();
    let all = document["findings"].as_array().unwrap();
    let path = all.iter().find(|found| found["check"] == "path").unwrap();
    assert_eq!(path["verdict"], "ok");
}

#[test]
fn an_agent_that_cannot_be_started_is_told_and_one_that_can_by_its_version() {
    let mut sandbox = ready();
    let scripts = [
        ("claude", "echo '2.1.0 (Claude Code)'"),
        ("codex", "echo no node >&2; exit 1"),
    ];
    programs(&mut sandbox, &scripts);
    let (agents, code) = found(&sandbox, "agents", &[]);
    assert_eq!(code, Some(0));
    agents.says("ok: claude 2.1.0 (Claude Code) (");
    agents.says("warning: codex is at ").says("no node");
    let mut sandbox = ready();
    let git = sandbox.path("only");
    std::fs::create_dir(&git).unwrap();
    for program in ["git", "sh"] {
        let real = batch::adapters::programs::on_path(program, &std::env::var_os("PATH").unwrap());
        std::os::unix::fs::symlink(real.unwrap(), git.join(program)).unwrap();
    }
    sandbox.set("PATH", git.as_os_str());
    let (agents, _) = found(&sandbox, "agents", &["--offline"]);
    agents
        .says("warning: no coding agent on PATH")
        .says("get one:\nclaude: ");
}

#[test]
fn settings_that_are_wrong_and_folders_that_cannot_be_written_are_problems() {
    let mut sandbox = ready();
    sandbox.write("batch.toml", "\n\ntset = 'x'\n");
    let (settings, code) = found(&sandbox, "settings", &[]);
    assert_eq!(code, Some(4));
    settings.says("batch.toml: line 3");
    std::fs::remove_file(sandbox.repo().join("batch.toml")).unwrap();
    std::fs::write(sandbox.path("state"), "a file").unwrap();
    sandbox.set("XDG_STATE_HOME", sandbox.path("state"));
    let (folders, code) = found(&sandbox, "folders", &[]);
    assert_eq!(code, Some(4));
    folders.says("cannot be written to");
}

#[test]
fn what_the_settings_want_is_looked_for() {
    let sandbox = ready();
    sandbox.write(
        "batch.toml",
        "test = 'make check'\nbase = 'gone'\nagent = 'nobody'\n",
    );
    let (test, code) = found(&sandbox, "test", &[]);
    assert_eq!(code, Some(4));
    test.says("ok: make check (by the settings)");
    let (remote, _) = found(&sandbox, "remote", &[]);
    remote.says("problem: the settings want `gone` as the base, which is no branch on origin");
    let (agents, _) = found(&sandbox, "agents", &[]);
    agents.says("problem: the settings want one that is not there: no agent is called `nobody`");
}

#[test]
fn a_test_that_is_not_found_or_only_guessed_is_a_warning() {
    let sandbox = Sandbox::new(&[("a.txt", "1")]);
    let (test, code) = found(&sandbox, "test", &[]);
    assert_eq!(code, Some(0));
    test.says("warning: no test command was found")
        .says("--no-test");
    sandbox.write("tox.ini", "[tox]\n");
    sandbox.commit_and_push("tox");
    let (test, _) = found(&sandbox, "test", &[]);
    test.says("warning: perhaps tox (a guess from tox.ini)");
}

#[test]
fn only_what_is_not_well_is_shown_where_it_is_to_be_quiet_and_nothing_is_wider_than_80_columns() {
    let sandbox = ready();
    sandbox.git(["config", "core.hooksPath", ".hooks"]);
    let all = sandbox.batch(["doctor"]).exits(0).stdout;
    for line in all
        .lines()
        .filter(|line| !line.starts_with("         run "))
    {
        let paths = line.contains(sandbox.path("").to_str().unwrap());
        assert!(paths || line.chars().count() <= 80, "{line}");
    }
    let quiet = sandbox.batch(["doctor", "-q"]).exits(0).stdout;
    assert!(
        quiet.contains("warning  hooks ") && !quiet.lines().any(|line| line.starts_with("ok")),
        "{quiet}"
    );
}
