//! Holds the sample to its story: which tests pass before, during and after the change, however it is split.

use std::collections::BTreeMap;
use std::process::{Command, Output};
use std::sync::LazyLock;

use regex::Regex;
use tempfile::TempDir;

use super::*;

/// The project's files without git, with the given `.env`.
fn project(env: Env) -> (TempDir, Sample) {
    let folder = TempDir::new().unwrap();
    let sample = Sample {
        folder: folder.path().to_owned(),
        checkout: folder.path().join("shop"),
        remote: folder.path().join("shop.git"),
    };
    write_project(&sample.checkout).unwrap();
    match env {
        Env::None => {}
        Env::Old => write_env(&sample.checkout).unwrap(),
        Env::Mended => {
            write_env(&sample.checkout).unwrap();
            sample.mend().unwrap();
        }
    }
    (folder, sample)
}

#[derive(Clone, Copy)]
enum Env {
    None,
    Old,
    Mended,
}

fn test_of(root: &Path, files: &[&str]) -> Output {
    Command::new("sh")
        .arg("-c")
        .arg(format!("{} {}", Sample::TEST, files.join(" ")))
        .current_dir(root)
        .output()
        .unwrap()
}

fn text(output: &Output) -> String {
    String::from_utf8(output.stdout.clone()).unwrap()
}

#[track_caller]
fn assert_green(root: &Path, when: &str) {
    let output = test_of(root, &[]);
    assert!(output.status.success(), "{when}: {}", text(&output));
    assert!(text(&output).ends_with("all 11 passed\n"), "{when}");
}

#[track_caller]
fn assert_red(root: &Path, setting: &str, when: &str) {
    let output = test_of(root, &[]);
    let expected =
        format!("FAIL  services/payments\n      payments: {setting} is not set; add it to .env\n");
    assert_eq!(output.status.code(), Some(1), "{when}: {}", text(&output));
    assert!(
        text(&output).contains(&expected),
        "{when}: {}",
        text(&output)
    );
    assert!(
        text(&output).ends_with("failed: services/payments\n"),
        "{when}"
    );
}

/// The files that the rewrite changes, each with what it makes of them.
static REWRITTEN: LazyLock<BTreeMap<&str, String>> = LazyLock::new(|| {
    let parts: Vec<&str> = Sample::REWRITE.split('/').collect();
    let &["s", regex, replacement, "g"] = parts.as_slice() else {
        panic!("not the form that these tests understand: {parts:?}");
    };
    let regex = Regex::new(regex).unwrap();
    FILES
        .iter()
        .filter(|(_, old)| regex.is_match(old))
        .map(|(path, old)| (*path, regex.replace_all(old, replacement).into_owned()))
        .collect()
});

fn folder_of(path: &str) -> &str {
    path.rsplit_once('/').map_or("", |(folder, _)| folder)
}

fn changed_folders() -> BTreeMap<&'static str, Vec<&'static str>> {
    let mut folders = BTreeMap::<_, Vec<_>>::new();
    for path in REWRITTEN.keys().copied() {
        folders.entry(folder_of(path)).or_default().push(path);
    }
    folders
}

/// Does the change in the chosen files, and undoes it in all others.
fn change_only(root: &Path, chosen: impl Fn(&str) -> bool) {
    for (path, old) in FILES {
        if let Some(new) = REWRITTEN.get(path) {
            fs::write(root.join(path), if chosen(path) { new } else { *old }).unwrap();
        }
    }
}

fn own_git(env: &[(&str, &OsStr)]) -> impl AsyncFn(&Path, Vec<OsString>) -> Result<(), PortError> {
    async move |cwd: &Path, args: Vec<OsString>| git_says(env, cwd, &args).map(drop)
}

fn git_says(
    env: &[(&str, &OsStr)],
    cwd: &Path,
    args: &[impl AsRef<OsStr>],
) -> Result<String, PortError> {
    let mut command = Command::new("git");
    for (name, _) in std::env::vars_os() {
        if name.as_encoded_bytes().starts_with(b"GIT_") {
            command.env_remove(name);
        }
    }
    let output = command
        .envs(env.iter().copied())
        .current_dir(cwd)
        .args(args)
        .output()
        .unwrap();
    if output.status.success() {
        Ok(text(&output).trim_end().to_owned())
    } else {
        let words = String::from_utf8_lossy(&output.stderr);
        Err(PortError::failed(
            format!("git in {}", cwd.display()),
            words,
        ))
    }
}

/// A home whose git settings break what they can.
fn hostile_home() -> TempDir {
    let home = TempDir::new().unwrap();
    let hooks = home.path().join("hooks");
    fs::create_dir(&hooks).unwrap();
    for hook in [
        "pre-commit",
        "commit-msg",
        "pre-push",
        "pre-receive",
        "update",
    ] {
        write_file(&hooks.join(hook), "#!/bin/sh\nexit 1\n").unwrap();
    }
    fs::write(home.path().join("attributes"), "* text eol=crlf\n").unwrap();
    fs::write(home.path().join("ignore"), "*.md\nlib/\n").unwrap();
    let at = home.path().display();
    let config = format!(
        "[commit]\n gpgSign = true\n[push]\n gpgSign = true\n[gpg]\n program = false\n\
         [user]\n useConfigOnly = true\n[safe]\n bareRepository = explicit\n\
         [init]\n defaultBranch = trunk\n templateDir = {at}\n defaultObjectFormat = sha256\n\
         [protocol \"file\"]\n allow = never\n\
         [core]\n hooksPath = {at}/hooks\n autocrlf = true\n attributesFile = {at}/attributes\n excludesFile = {at}/ignore\n"
    );
    fs::write(home.path().join(".gitconfig"), config).unwrap();
    home
}

#[test]
fn the_table_holds_every_file_of_the_folder() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("templates/demo");
    let on_disk: Vec<PathBuf> = ignore::WalkBuilder::new(&root)
        .standard_filters(false)
        .sort_by_file_path(Path::cmp)
        .build()
        .map(Result::unwrap)
        .filter(|entry| entry.file_type().is_some_and(|kind| kind.is_file()))
        .map(|entry| entry.path().strip_prefix(&root).unwrap().to_owned())
        .collect();
    let mut embedded: Vec<PathBuf> = FILES.iter().map(|(path, _)| path.into()).collect();
    embedded.sort();
    assert_eq!(embedded, on_disk);
}

#[test]
fn the_change_is_worth_splitting() {
    let folders = changed_folders();
    let files: usize = folders.values().map(Vec::len).sum();
    assert!((60..=70).contains(&FILES.len()), "{} files", FILES.len());
    assert!((40..=50).contains(&files), "{files} files change");
    assert!((10..=13).contains(&folders.len()), "{folders:?}");
    assert!(
        folders.values().all(|files| files.len() <= 4),
        "{folders:?}"
    );
}

#[test]
fn the_change_leaves_no_old_name_behind() {
    let old = Regex::new(r"SHOP_[A-Z]+_URL").unwrap();
    assert!(REWRITTEN.values().all(|text| !old.is_match(text)));
    assert!(REWRITTEN["docs/settings.md"].contains("`SHOP_CURRENCY`"));
}

#[test]
fn the_base_is_green_only_with_the_developers_own_env() {
    let (_folder, sample) = project(Env::Old);
    assert_green(&sample.checkout, "with .env");
    let (_folder, sample) = project(Env::None);
    assert_red(&sample.checkout, OLD_SETTING, "without .env");
}

#[test]
fn each_folder_alone_is_green_except_the_one_that_is_staged_to_fail() {
    let (_folder, sample) = project(Env::Old);
    for folder in changed_folders().keys() {
        change_only(&sample.checkout, |path| folder_of(path) == *folder);
        if *folder == Sample::FAILING_FOLDER {
            assert_red(&sample.checkout, NEW_SETTING, folder);
        } else {
            assert_green(&sample.checkout, folder);
        }
    }
}

#[test]
fn all_but_the_failing_folder_together_are_green_and_all_are_red() {
    let (_folder, sample) = project(Env::Old);
    change_only(&sample.checkout, |path| {
        folder_of(path) != Sample::FAILING_FOLDER
    });
    assert_green(&sample.checkout, "all but payments");
    change_only(&sample.checkout, |_| true);
    assert_red(&sample.checkout, NEW_SETTING, "all");
}

#[test]
fn once_mended_base_and_any_part_of_the_change_are_green() {
    let (_folder, sample) = project(Env::Mended);
    change_only(&sample.checkout, |_| false);
    assert_green(&sample.checkout, "base");
    change_only(&sample.checkout, |_| true);
    assert_green(&sample.checkout, "all");
    for folder in changed_folders().keys() {
        change_only(&sample.checkout, |path| folder_of(path) != *folder);
        assert_green(&sample.checkout, folder);
    }
}

#[test]
fn a_split_through_folders_fails_exactly_where_the_settings_of_payments_are() {
    let files: Vec<&str> = REWRITTEN.keys().copied().collect();
    let (_folder, sample) = project(Env::Old);
    for stride in 2..=4 {
        for rest in [0, 1] {
            let part: Vec<&str> = files.iter().skip(rest).step_by(stride).copied().collect();
            change_only(&sample.checkout, |path| part.contains(&path));
            if part.contains(&"services/payments/settings.sh") {
                assert_red(&sample.checkout, NEW_SETTING, &part.join(" "));
            } else {
                assert_green(&sample.checkout, &part.join(" "));
            }
        }
    }
}

#[test]
fn the_test_command_takes_files() {
    let (_folder, sample) = project(Env::Old);
    let said = |files: &[&str]| text(&test_of(&sample.checkout, files));
    assert_eq!(
        said(&[
            "services/orders/place.sh",
            "./services/orders/README.md",
            "docs/style.md",
            "jobs/remind.sh"
        ]),
        "ok    services/orders\nok    jobs\nall 2 passed\n"
    );
    assert!(said(&["jobs/remind.sh", "lib/http.sh"]).ends_with("all 11 passed\n"));
    assert!(said(&["README.md"]).ends_with("all 11 passed\n"));
}

#[tokio::test]
async fn it_is_made_whatever_the_users_git_settings_are() {
    let parent = TempDir::new().unwrap();
    let home = hostile_home();
    let env = [
        ("HOME", home.path().as_os_str()),
        ("XDG_CONFIG_HOME", home.path().as_os_str()),
        ("GIT_CONFIG_NOSYSTEM", OsStr::new("1")),
    ];
    let sample = make(parent.path(), own_git(&env)).await.unwrap();
    let says = |args: &[&str]| git_says(&env, &sample.checkout, args).unwrap();

    assert_eq!(
        says(&["status", "--porcelain=v2", "--branch"])
            .lines()
            .nth(1),
        Some("# branch.head main")
    );
    assert_eq!(says(&["status", "--porcelain"]), "");
    assert_eq!(
        says(&["log", "--format=%an <%ae> %cn"]),
        "Sample Author <sample@example.invalid> Sample Author"
    );
    assert_eq!(says(&["ls-files"]).lines().count(), FILES.len());
    assert_eq!(says(&["check-ignore", ".env"]), ".env");
    let head = says(&["rev-parse", "HEAD"]);
    assert!(
        says(&["ls-remote", "--symref", "origin"])
            .starts_with(&format!("ref: refs/heads/main\tHEAD\n{head}\tHEAD"))
    );

    // A later commit, a push of it and a worktree, as a run makes them.
    says(&["commit", "--quiet", "--allow-empty", "--message", "More"]);
    says(&["push", "--quiet", "origin", "HEAD:refs/heads/batch/x/y"]);
    says(&["worktree", "add", "--quiet", "--detach", "../worktree"]);
    let worktree = sample.folder.join("worktree");
    fs::copy(sample.checkout.join(".env"), worktree.join(".env")).unwrap();
    assert_green(&worktree, "in a worktree");
}

#[tokio::test]
async fn two_samples_do_not_meet_and_a_failed_one_leaves_nothing() {
    let parent = TempDir::new().unwrap();
    let first = make(parent.path(), own_git(&[])).await.unwrap();
    let second = make(parent.path(), own_git(&[])).await.unwrap();
    assert_ne!(first.folder, second.folder);
    let name = first.folder.file_name().unwrap().to_str().unwrap();
    assert!(name.starts_with("batch-demo-"), "{name}");

    let no_commit = async |_: &Path, args: Vec<OsString>| match args[0].to_str() {
        Some("commit") => Err(PortError::failed("git commit", "no")),
        _ => Ok(()),
    };
    let error = make(parent.path(), no_commit).await.unwrap_err();
    assert_eq!(error.to_string(), "git commit: no");
    assert_eq!(fs::read_dir(parent.path()).unwrap().count(), 2);

    let nowhere = parent.path().join("nowhere");
    let error = make(&nowhere, no_commit).await.unwrap_err();
    assert!(
        error
            .to_string()
            .starts_with(&format!("cannot write {}: ", nowhere.display()))
    );
}
