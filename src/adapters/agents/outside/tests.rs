//! What is told of two looks at a repository.

use super::*;
use crate::adapters::git::own_settings::settings;

fn map(pairs: &[(&str, &str)]) -> BTreeMap<String, String> {
    let pairs = pairs.iter();
    pairs
        .map(|(name, value)| ((*name).to_owned(), (*value).to_owned()))
        .collect()
}

fn refs(pairs: &[(&str, &str)]) -> Outside {
    Outside {
        refs: map(pairs),
        ..Outside::default()
    }
}

fn told(before: &Outside, after: &Outside) -> Vec<String> {
    compare(before, after, &|_| false)
}

#[test]
fn refs_are_called_what_people_call_them() {
    let before = refs(&[
        ("refs/heads/gone", "1"),
        ("refs/tags/v1", "1"),
        ("refs/heads/main", "1"),
    ]);
    let after = refs(&[
        ("refs/heads/x", "1"),
        ("refs/tags/v1", "2"),
        ("refs/heads/main", "1"),
        ("refs/notes/commits", "1"),
        ("refs/remotes/origin/\u{1b}[2Jy", "1"),
    ]);
    assert_eq!(
        told(&before, &after),
        [
            "branch `gone` is gone",
            "branch `x` is new",
            "ref `refs/notes/commits` is new",
            "remote-tracking branch `origin/y` is new",
            "tag `v1` moved",
        ]
    );
}

#[test]
fn what_this_program_does_itself_is_no_news() {
    let after = refs(&[
        ("refs/batch/r/u/commit", "1"),
        ("refs/heads/batch/r/u", "1"),
        (STASH, "1"),
    ]);
    let ours = |name: &str| name.starts_with("refs/heads/batch/");
    assert_eq!(compare(&refs(&[]), &after, &ours), [] as [&str; 0]);
    assert_eq!(told(&after, &after), [] as [&str; 0]);
}

#[test]
fn settings_are_named_and_their_values_kept_to_ourselves() {
    let mut before = Outside::default();
    settings(
        b"remote.origin.url\nold\0a.b\n1\0a.b\n2\0core.bare\0",
        &mut before.config,
    );
    let mut after = Outside::default();
    settings(
        b"remote.origin.url\nhttps://u:secret@x\0a.b\n1\0core.bare\0",
        &mut after.config,
    );
    assert_eq!(
        told(&before, &after),
        ["config: a.b changed", "config: remote.origin.url changed"]
    );
}

#[test]
fn stashes_hooks_and_the_checkout_are_told_too() {
    let before = Outside {
        stashes: vec!["1".to_owned()],
        hooks: map(&[("pre-push", "1")]),
        head: "refs/heads/main".to_owned(),
        files: map(&[("src/a.rs", " M ")]),
        ..Outside::default()
    };
    let after = Outside {
        hooks: map(&[("pre-push", "2"), ("pre-commit", "1")]),
        head: "HEAD".to_owned(),
        files: map(&[("src/b.rs", "?? ")]),
        ..Outside::default()
    };
    assert_eq!(
        told(&before, &after),
        [
            "stashes: 1 before, 0 now",
            "hook `pre-commit` is new",
            "hook `pre-push` changed",
            "the checkout: HEAD is at no branch now",
            "the checkout: src/a.rs changed",
            "the checkout: src/b.rs changed",
        ]
    );
}

#[test]
fn many_of_a_kind_become_a_number() {
    let names: Vec<String> = (0..TOLD + 5)
        .map(|n| format!("refs/heads/b{n:02}"))
        .collect();
    let all: Vec<(&str, &str)> = names.iter().map(|name| (name.as_str(), "1")).collect();
    let lines = told(&refs(&[]), &refs(&all));
    assert_eq!(lines.len(), TOLD + 1);
    assert_eq!(lines[TOLD], "5 more refs changed");
    assert_eq!(told(&refs(&[]), &refs(&all[..=TOLD])).len(), TOLD + 1);
}

#[test]
fn hooks_of_another_folder_are_one_line() {
    let at = |folder: &str, hook: &str| Outside {
        config: [("core.hookspath".to_owned(), vec![folder.to_owned()])].into(),
        hooks: map(&[(hook, "1")]),
        ..Outside::default()
    };
    assert_eq!(
        told(&at("a", "pre-push"), &at("b", "pre-commit")),
        ["config: core.hookspath changed"]
    );
}
