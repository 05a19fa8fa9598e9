//! Commands of Node, Bun and Deno projects, from `package.json`, the lockfile beside it, and `deno.json`.

use serde_json::Value;

use crate::model::facts::commands::folder::{Finder, Folder};
use crate::model::facts::commands::suggestion::CommandKind;
use crate::model::path::RepoPath;

/// What installs a project's packages and runs its scripts.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(in crate::model::facts) enum PackageManager {
    Npm,
    Pnpm,
    /// Version 1.
    YarnClassic,
    /// Version 2 and later.
    Yarn,
    Bun,
}

impl PackageManager {
    /// By the `packageManager` that the manifest names, else by the lockfile that is there; with whether one is there.
    pub(in crate::model::facts) fn of(
        manifest: &Value,
        has: impl Fn(&str) -> bool,
    ) -> (Self, bool) {
        let locked = if has("pnpm-lock.yaml") {
            Some(Self::Pnpm)
        } else if has("yarn.lock") {
            Some(if has(".yarnrc.yml") {
                Self::Yarn
            } else {
                Self::YarnClassic
            })
        } else if has("bun.lock") || has("bun.lockb") {
            Some(Self::Bun)
        } else if has("package-lock.json") || has("npm-shrinkwrap.json") {
            Some(Self::Npm)
        } else {
            None
        };
        let named = manifest["packageManager"].as_str().and_then(|named| {
            let (name, version) = named.split_once('@').unwrap_or((named, ""));
            match name {
                "pnpm" => Some(Self::Pnpm),
                "yarn" if version.starts_with("1.") => Some(Self::YarnClassic),
                "yarn" => Some(Self::Yarn),
                "bun" => Some(Self::Bun),
                "npm" => Some(Self::Npm),
                _ => None,
            }
        });
        (named.or(locked).unwrap_or(Self::Npm), locked.is_some())
    }

    fn install(self, locked: bool) -> &'static str {
        match (self, locked) {
            (Self::Npm, true) => "npm ci",
            (Self::Npm, false) => "npm install --no-package-lock",
            (Self::Pnpm, true) => "pnpm install --frozen-lockfile",
            (Self::Pnpm, false) => "pnpm install --no-lockfile",
            (Self::YarnClassic, true) => "yarn install --frozen-lockfile",
            (Self::YarnClassic, false) => "yarn install --no-lockfile",
            (Self::Yarn, true) => "yarn install --immutable",
            (Self::Yarn, false) => "yarn install",
            (Self::Bun, true) => "bun install --frozen-lockfile",
            (Self::Bun, false) => "bun install --no-save",
        }
    }

    /// The command that runs a script of the root's manifest.
    fn script(self, name: &str) -> String {
        match (self, name) {
            (Self::Npm, "test") => "npm test".to_owned(),
            (Self::Npm, _) => format!("npm run {name}"),
            (Self::Pnpm, "test") => "pnpm test".to_owned(),
            (Self::Pnpm, _) => format!("pnpm run {name}"),
            (Self::Yarn | Self::YarnClassic, _) => format!("yarn {name}"),
            // `bun test` is Bun's own test runner, whatever the script says.
            (Self::Bun, _) => format!("bun run {name}"),
        }
    }

    /// The command that runs the test script of one package of a workspace, from the root.
    pub(in crate::model::facts) fn package_test(
        self,
        folder: &str,
        name: Option<&str>,
    ) -> Option<String> {
        let quoted = |text: &str| {
            shlex::try_quote(text)
                .ok()
                .map(std::borrow::Cow::into_owned)
        };
        match self {
            Self::Npm => Some(format!("npm test --workspace {}", quoted(folder)?)),
            Self::Pnpm => Some(format!(
                "pnpm --filter {} test",
                quoted(&format!("./{folder}"))?
            )),
            Self::Yarn | Self::YarnClassic => {
                Some(format!("yarn workspace {} test", quoted(name?)?))
            }
            Self::Bun => Some(format!("cd {} && bun run test", quoted(folder)?)),
        }
    }
}

/// The manifest's test script, unless it is what `npm init` writes.
pub(in crate::model::facts) fn real_test_script(manifest: &Value) -> Option<&str> {
    let script = manifest["scripts"]["test"].as_str()?;
    (!script.trim().is_empty() && !script.contains("no test specified")).then_some(script)
}

pub(super) fn look(folder: &Folder<'_>, finder: &mut Finder<'_>) {
    if let Some(from) = folder.file("package.json") {
        // What cannot be read declares nothing, and is a Node project all the same.
        let manifest = folder.json("package.json").unwrap_or_default();
        node(folder, finder, from, &manifest);
    }
    if let Some(from) = folder.first(&["deno.json", "deno.jsonc"]) {
        deno(folder, finder, from);
    }
}

fn node(folder: &Folder<'_>, finder: &mut Finder<'_>, from: &RepoPath, manifest: &Value) {
    let (manager, locked) = PackageManager::of(manifest, |name| folder.file(name).is_some());
    let depends = ["dependencies", "devDependencies", "workspaces"]
        .iter()
        .any(|key| !matches!(manifest[key], Value::Null));
    if locked || depends {
        finder.usual(CommandKind::Setup, manager.install(locked), from);
    }
    let script = |name: &str| manifest["scripts"][name].as_str();
    let watches = |script: &str| script.contains("--watch") && !script.contains("--watch=false");
    let mut tested = false;
    for name in ["test", "test:ci", "test:run", "tests", "test:unit"] {
        let real = match name {
            "test" => real_test_script(manifest),
            _ => script(name),
        };
        if let Some(text) = real.filter(|text| !watches(text)) {
            tested = true;
            // Without the variable it waits for keys.
            let waits =
                text.contains("react-scripts test") || text.contains("react-app-rewired test");
            let prefix = if waits { "CI=true " } else { "" };
            let command = format!("{prefix}{}", manager.script(name));
            finder.declared(CommandKind::Test, &command, from);
            if name == "test" {
                break;
            }
        }
    }
    if !tested {
        let runners = [
            ("vitest", "npx vitest run"),
            ("jest", "npx jest"),
            ("mocha", "npx mocha"),
        ];
        for (package, command) in runners {
            if ["devDependencies", "dependencies"]
                .iter()
                .any(|key| manifest[key][package].is_string())
            {
                finder.guessed(CommandKind::Test, command, from);
            }
        }
        if manager == PackageManager::Bun {
            finder.guessed(CommandKind::Test, "bun test", from);
        }
    }
    for name in ["lint", "lint:check", "eslint", "typecheck", "type-check"] {
        if script(name).is_some() {
            finder.declared(CommandKind::Lint, &manager.script(name), from);
        }
    }
    for name in [
        "format",
        "fmt",
        "format:write",
        "format:fix",
        "prettier",
        "prettier:write",
        "fix:prettier",
    ] {
        let checks = |text: &str| text.contains("--check") || text.contains("--list-different");
        if script(name).is_some_and(|text| !checks(text)) {
            finder.declared(CommandKind::Format, &manager.script(name), from);
        }
    }
    if let Some(file) = folder.first(&["biome.json", "biome.jsonc"]) {
        finder.guessed(CommandKind::Format, "npx biome format --write .", file);
    }
    let prettier = [
        ".prettierrc",
        ".prettierrc.json",
        ".prettierrc.js",
        ".prettierrc.yml",
        ".prettierrc.yaml",
        ".prettierrc.toml",
        "prettier.config.js",
        "prettier.config.mjs",
        "prettier.config.cjs",
    ];
    if let Some(file) = folder.first(&prettier) {
        finder.guessed(CommandKind::Format, "npx prettier --write .", file);
    }
}

fn deno(folder: &Folder<'_>, finder: &mut Finder<'_>, from: &RepoPath) {
    let settings = folder.json("deno.json").unwrap_or_default();
    for (kind, task, usual) in [
        (CommandKind::Test, "test", "deno test"),
        (CommandKind::Lint, "lint", "deno lint"),
        (CommandKind::Format, "fmt", "deno fmt"),
    ] {
        if matches!(settings["tasks"][task], Value::Null) {
            finder.usual(kind, usual, from);
        } else {
            finder.declared(kind, &format!("deno task {task}"), from);
        }
    }
}
