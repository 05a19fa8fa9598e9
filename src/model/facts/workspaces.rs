//! [`Workspace`]: what the root's files declare as members, in the few words of each format that say so.

use serde_json::Value;

use crate::model::facts::contents::Contents;
use crate::model::path::RepoPath;

/// What one file declares: which folders with which manifest are members.
pub(super) struct Workspace {
    pub(super) declared_in: RepoPath,
    pub(super) manifest: &'static str,
    pub(super) members: Vec<String>,
    pub(super) excluded: Vec<String>,
}
/// The workspaces that the root declares.
pub(super) fn workspaces(contents: &Contents, root_manifest: &Value) -> Vec<Workspace> {
    let mut found = Vec::new();
    let mut add =
        |declared_in: &str, manifest: &'static str, listed: Vec<String>, excluded: Vec<String>| {
            let (not, members): (Vec<String>, Vec<String>) =
                listed.into_iter().partition(|text| text.starts_with('!'));
            let not = not.iter().map(|text| text[1..].to_owned());
            if !members.is_empty() {
                found.push(Workspace {
                    declared_in: declared_in.into(),
                    manifest,
                    members,
                    excluded: excluded.into_iter().chain(not).collect(),
                });
            }
        };
    let text = |name: &str| contents.text(&name.into()).unwrap_or_default();
    let npm = match &root_manifest["workspaces"] {
        Value::Object(object) => strings(object.get("packages")),
        other => strings(Some(other)),
    };
    add("package.json", "package.json", npm, Vec::new());
    add(
        "pnpm-workspace.yaml",
        "package.json",
        pnpm(text("pnpm-workspace.yaml")),
        Vec::new(),
    );
    let lerna = contents.json(&"lerna.json".into()).unwrap_or_default();
    add(
        "lerna.json",
        "package.json",
        strings(lerna.get("packages")),
        Vec::new(),
    );
    let cargo = contents.toml(&"Cargo.toml".into()).unwrap_or_default();
    let cargo = cargo.get("workspace");
    let listed = |key: &str| toml_strings(cargo.and_then(|workspace| workspace.get(key)));
    add(
        "Cargo.toml",
        "Cargo.toml",
        listed("members"),
        listed("exclude"),
    );
    let python = contents.toml(&"pyproject.toml".into()).unwrap_or_default();
    let uv = python
        .get("tool")
        .and_then(|tool| tool.get("uv")?.get("workspace"));
    let listed = |key: &str| toml_strings(uv.and_then(|workspace| workspace.get(key)));
    add(
        "pyproject.toml",
        "pyproject.toml",
        listed("members"),
        listed("exclude"),
    );
    add("go.work", "go.mod", go_work(text("go.work")), Vec::new());
    add(
        "pom.xml",
        "pom.xml",
        between(text("pom.xml"), "<module>", "</module>"),
        Vec::new(),
    );
    for settings in ["settings.gradle", "settings.gradle.kts"] {
        for manifest in ["build.gradle", "build.gradle.kts"] {
            add(settings, manifest, gradle(text(settings)), Vec::new());
        }
    }
    found
}

fn strings(value: Option<&Value>) -> Vec<String> {
    let items = value.and_then(Value::as_array).into_iter().flatten();
    items.filter_map(Value::as_str).map(str::to_owned).collect()
}

fn toml_strings(value: Option<&toml::Value>) -> Vec<String> {
    let items = value.and_then(toml::Value::as_array).into_iter().flatten();
    items
        .filter_map(toml::Value::as_str)
        .map(str::to_owned)
        .collect()
}

/// The list below `packages:`; of YAML no more than this file is ever written with.
fn pnpm(text: &str) -> Vec<String> {
    let after = text
        .lines()
        .skip_while(|line| line.trim_end() != "packages:")
        .skip(1);
    let items = after
        .map(str::trim)
        .take_while(|line| line.is_empty() || line.starts_with(['-', '#']));
    items
        .filter_map(|line| line.strip_prefix('-'))
        .map(|item| {
            let item = item.trim();
            match item.chars().next() {
                Some(quote @ ('"' | '\'')) => item[1..].split(quote).next().unwrap_or_default(),
                _ => item.split(" #").next().unwrap_or_default().trim_end(),
            }
            .to_owned()
        })
        .collect()
}

/// The folders after `use`, on its line or in parentheses.
fn go_work(text: &str) -> Vec<String> {
    let mut listed = Vec::new();
    let mut within = false;
    for line in text.lines() {
        let line = line.split("//").next().unwrap_or_default().trim();
        if within {
            within = line != ")";
            if within && !line.is_empty() {
                listed.push(line.trim_matches('"').to_owned());
            }
        } else if let Some(rest) = line.strip_prefix("use") {
            match rest.trim() {
                "(" => within = true,
                "" => {}
                folder => listed.push(folder.trim_matches('"').to_owned()),
            }
        }
    }
    listed
}

fn between(text: &str, open: &str, close: &str) -> Vec<String> {
    let pieces = text.split(open).skip(1);
    let inner = pieces.filter_map(|piece| piece.split_once(close).map(|(inner, _)| inner.trim()));
    inner.map(str::to_owned).collect()
}

/// The quoted names after `include`, of which `:a:b` means the folder `a/b`.
fn gradle(text: &str) -> Vec<String> {
    let mut listed = Vec::new();
    let mut within = false;
    for line in text.lines().map(str::trim) {
        within |= line.starts_with("include") && !line.starts_with("includeBuild");
        if within {
            for quote in ['"', '\''] {
                let names = line.split(quote).skip(1).step_by(2);
                listed.extend(names.map(|name| name.trim_start_matches(':').replace(':', "/")));
            }
            within = line.ends_with([',', '(']);
        }
    }
    listed
}
