//! [`Outside`]: what an agent could change although it is not its worktree's: refs, settings, hooks, the user's checkout.
//!
//! Looked at before and after a run, and told as warnings. Nothing is ever undone: others work there too, and nobody
//! knows who it was.

#[cfg(test)]
mod tests;

use std::collections::{BTreeMap, BTreeSet};

use crate::adapters::git::git::{Git, line, records};
use crate::adapters::git::own_settings::{hooks, own_settings};
use crate::engine::ports::PortError;
use crate::model::clean::clean;

/// How many lines of one kind are told one by one.
const TOLD: usize = 8;

/// What is outside the worktrees of a run at one moment; names are in quotes where they are no text.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Outside {
    refs: BTreeMap<String, String>,
    stashes: Vec<String>,
    config: BTreeMap<String, Vec<String>>,
    hooks: BTreeMap<String, String>,
    head: String,
    files: BTreeMap<String, String>,
}

impl Outside {
    /// Looks at the repository whose checkout `git` runs in.
    ///
    /// # Errors
    /// [`PortError`] when git cannot be asked.
    pub async fn look(git: &Git) -> Result<Self, PortError> {
        let reading = |what: &str| git.reading(format!("looking at {what}"));
        let refs = reading("refs")
            .args(["for-each-ref", "--format=%(refname) %(objectname)"])
            .bytes()
            .await?;
        let stashes = reading("stashes")
            .args(["stash", "list", "--format=%H"])
            .bytes()
            .await?;
        let head = reading("HEAD")
            .args(["rev-parse", "--symbolic-full-name", "HEAD"])
            .output()
            .await?;
        let status = reading("the checkout")
            .args([
                "status",
                "--porcelain",
                "-z",
                "--no-renames",
                "--ignore-submodules=none",
            ])
            .bytes()
            .await?;
        Ok(Self {
            refs: pairs(&refs),
            stashes: lines(&stashes),
            config: own_settings(git).await?,
            hooks: hooks(git).await?,
            head: line(&head.stdout),
            files: records(&status).filter_map(entry).collect(),
        })
    }
}

/// What differs, a short line each; `ours` says which refs (by full name) this program changes itself.
#[must_use]
pub fn compare(before: &Outside, after: &Outside, ours: &dyn Fn(&str) -> bool) -> Vec<String> {
    let is_ours = |name: &str| name.starts_with("refs/batch/") || name == STASH || ours(name);
    let mut told = Vec::new();
    let mut refs = Vec::new();
    for (name, change) in changes(&before.refs, &after.refs) {
        if !is_ours(name) {
            refs.push(format!("{} {}", named(name), change.of_ref()));
        }
    }
    add(&mut told, "refs", refs);
    if before.stashes != after.stashes {
        let (old, new) = (before.stashes.len(), after.stashes.len());
        told.push(if old == new {
            "the stashes changed".to_owned()
        } else {
            format!("stashes: {old} before, {new} now")
        });
    }
    let setting = |(name, _): (&str, Change)| format!("config: {} changed", clean(name));
    let settings = changes(&before.config, &after.config).into_iter();
    add(&mut told, "settings", settings.map(setting).collect());
    // In another folder all are others, which that setting says already.
    if before.config.get(HOOKS) == after.config.get(HOOKS) {
        let hook =
            |(name, change): (&str, Change)| format!("hook `{}` {}", clean(name), change.of_file());
        let hooks = changes(&before.hooks, &after.hooks).into_iter();
        add(&mut told, "hooks", hooks.map(hook).collect());
    }
    if before.head != after.head {
        told.push(format!(
            "the checkout: HEAD is at {} now",
            shown(&after.head)
        ));
    }
    let file = |(name, _): (&str, Change)| format!("the checkout: {} changed", clean(name));
    let files = changes(&before.files, &after.files).into_iter();
    add(
        &mut told,
        "files of the checkout",
        files.map(file).collect(),
    );
    told
}

/// The setting that says where hooks are, as git lists it.
const HOOKS: &str = "core.hookspath";

/// The stash's own ref; its list says more.
const STASH: &str = "refs/stash";

#[derive(Debug, Clone, Copy)]
enum Change {
    New,
    Gone,
    Other,
}

impl Change {
    fn of_ref(self) -> &'static str {
        match self {
            Self::New => "is new",
            Self::Gone => "is gone",
            Self::Other => "moved",
        }
    }

    fn of_file(self) -> &'static str {
        match self {
            Self::New => "is new",
            Self::Gone => "is gone",
            Self::Other => "changed",
        }
    }
}

/// What is not the same in both, by name.
fn changes<'a, V: PartialEq>(
    before: &'a BTreeMap<String, V>,
    after: &'a BTreeMap<String, V>,
) -> Vec<(&'a str, Change)> {
    let names: BTreeSet<&String> = before.keys().chain(after.keys()).collect();
    let change = |name: &&'a String| match (before.get(*name), after.get(*name)) {
        (None, _) => Some((name.as_str(), Change::New)),
        (_, None) => Some((name.as_str(), Change::Gone)),
        (Some(old), Some(new)) => (old != new).then_some((name.as_str(), Change::Other)),
    };
    names.iter().filter_map(change).collect()
}

/// Adds lines of one kind; many become a number below the first.
fn add(told: &mut Vec<String>, kind: &str, mut lines: Vec<String>) {
    let more = lines.len().saturating_sub(TOLD);
    if more > 1 {
        lines.truncate(TOLD);
        lines.push(format!("{more} more {kind} changed"));
    }
    told.append(&mut lines);
}

/// A ref as people call it.
fn named(name: &str) -> String {
    let kinds = [
        ("refs/heads/", "branch"),
        ("refs/tags/", "tag"),
        ("refs/remotes/", "remote-tracking branch"),
    ];
    let known = kinds
        .iter()
        .find_map(|(prefix, kind)| Some((kind, name.strip_prefix(prefix)?)));
    match known {
        Some((kind, short)) => format!("{kind} `{}`", clean(short)),
        None => format!("ref `{}`", clean(name)),
    }
}

fn shown(head: &str) -> String {
    let short = head.strip_prefix("refs/heads/").unwrap_or(head);
    match short {
        "" => "nothing".to_owned(),
        "HEAD" => "no branch".to_owned(),
        branch => format!("branch `{}`", clean(branch)),
    }
}

fn lines(bytes: &[u8]) -> Vec<String> {
    let text = String::from_utf8_lossy(bytes);
    text.lines().map(str::to_owned).collect()
}

/// Names and what they stand for, one pair a line.
fn pairs(bytes: &[u8]) -> BTreeMap<String, String> {
    lines(bytes)
        .iter()
        .filter_map(|line| line.rsplit_once(' '))
        .map(|(name, id)| (name.to_owned(), id.to_owned()))
        .collect()
}

/// A record of `git status`: the path, and what is with it.
fn entry(record: &[u8]) -> Option<(String, String)> {
    let (state, path) = record.split_at_checked(3)?;
    let path = String::from_utf8_lossy(path).into_owned();
    Some((path, String::from_utf8_lossy(state).into_owned()))
}
