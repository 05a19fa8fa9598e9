//! [`Package`]: the members of the workspaces that a repository's root declares.
//!
//! Read from package.json, pnpm-workspace.yaml, lerna.json, Cargo.toml, go.work, pyproject.toml (uv), pom.xml and
//! settings.gradle. A package is the first of the natural boundaries that a change can be split at.

use std::collections::BTreeMap;

use crate::model::facts::commands::{PackageManager, real_test_script};
use crate::model::facts::contents::Contents;
use crate::model::facts::standing::{Standing, folder_standing, is_test_matter, name};
use crate::model::facts::workspaces::{Workspace, workspaces};
use crate::model::glob::Pattern;
use crate::model::path::RepoPath;
use crate::model::tree::TreeFile;

/// A member of a workspace.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Package {
    /// Its folder, without a trailing `/`.
    pub folder: RepoPath,
    /// Its name, if its manifest has one.
    pub name: Option<String>,
    /// How many files are below its folder.
    pub files: usize,
    /// The command that tests it alone, from the repository's root.
    pub test: Option<String>,
    /// The file that declares the workspace.
    pub declared_in: RepoPath,
}

/// Whether packages may be read from a file of that path.
pub(super) fn is_to_be_read(path: &RepoPath) -> bool {
    let root = path.folder().is_empty();
    match name(path).as_str() {
        "package.json" | "Cargo.toml" | "pyproject.toml" => root || !is_test_matter(path.folder()),
        "pnpm-workspace.yaml"
        | "lerna.json"
        | "go.work"
        | "pom.xml"
        | "settings.gradle"
        | "settings.gradle.kts" => root,
        _ => false,
    }
}

/// The packages of the workspaces, sorted by folder; each folder once. The files are sorted by path.
#[must_use]
pub fn packages(files: &[TreeFile], contents: &Contents) -> Vec<Package> {
    let at_root = |name: &str| {
        let path = RepoPath::from(name);
        files.binary_search_by(|file| file.path.cmp(&path)).is_ok()
    };
    let root_manifest = contents.json(&"package.json".into()).unwrap_or_default();
    let (manager, _) = PackageManager::of(&root_manifest, at_root);
    let mut found: BTreeMap<RepoPath, Package> = BTreeMap::new();
    for workspace in workspaces(contents, &root_manifest) {
        let patterns = |texts: &[String]| -> Vec<Pattern> {
            let parse = |text: &String| Pattern::parse(trimmed(text), |_| false).ok();
            texts.iter().filter_map(parse).collect()
        };
        let (members, excluded) = (patterns(&workspace.members), patterns(&workspace.excluded));
        for file in files.iter().filter(|file| file.mode.is_regular()) {
            let folder = file.path.folder();
            if folder.is_empty()
                || !file
                    .path
                    .as_bytes()
                    .ends_with(workspace.manifest.as_bytes())
            {
                continue;
            }
            let folder = RepoPath::new(folder);
            if name(&file.path) != workspace.manifest
                || folder_standing(folder.as_bytes()) == Standing::Vendored
                || !means(&members, &folder)
                || means(&excluded, &folder)
            {
                continue;
            }
            let package = package(&workspace, &folder, file, contents, manager, files);
            found.entry(folder).or_insert(package);
        }
    }
    found.into_values().collect()
}

fn means(patterns: &[Pattern], folder: &RepoPath) -> bool {
    patterns.iter().any(|pattern| match pattern {
        Pattern::Literal(entry) => entry.path() == folder,
        Pattern::Glob(glob) => glob.matches(folder),
    })
}

fn trimmed(pattern: &str) -> &str {
    pattern
        .strip_prefix("./")
        .unwrap_or(pattern)
        .trim_end_matches('/')
}

fn package(
    workspace: &Workspace,
    folder: &RepoPath,
    manifest: &TreeFile,
    contents: &Contents,
    manager: PackageManager,
    files: &[TreeFile],
) -> Package {
    let json = contents.json(&manifest.path).unwrap_or_default();
    let toml = contents.toml(&manifest.path).unwrap_or_default();
    let toml_name = |table: &str| Some(toml.get(table)?.get("name")?.as_str()?.to_owned());
    let name = match workspace.manifest {
        "package.json" => json["name"].as_str().map(str::to_owned),
        "Cargo.toml" => toml_name("package"),
        "pyproject.toml" => toml_name("project"),
        _ => None,
    };
    let path = std::str::from_utf8(folder.as_bytes()).ok();
    let quoted = path.and_then(|path| shlex::try_quote(path).ok());
    let test = match (workspace.manifest, path, quoted) {
        (_, None, _) | (_, _, None) => None,
        ("package.json", Some(path), _) => {
            real_test_script(&json).and_then(|_| manager.package_test(path, name.as_deref()))
        }
        ("Cargo.toml", ..) => name
            .as_deref()
            .and_then(|name| shlex::try_quote(name).ok())
            .map(|name| format!("cargo test -p {name}")),
        ("go.mod", Some(path), _) => shlex::try_quote(&format!("./{path}/..."))
            .ok()
            .map(|below| format!("go test {below}")),
        ("pyproject.toml", _, Some(quoted)) => Some(format!("cd {quoted} && uv run pytest")),
        ("pom.xml", _, Some(quoted)) => Some(format!("mvn -B test -pl {quoted} -am")),
        (_, Some(path), _) => {
            let project = format!(":{}:test", path.replace('/', ":"));
            shlex::try_quote(&project)
                .ok()
                .map(|project| format!("./gradlew {project}"))
        }
    };
    let below = [folder.as_bytes(), b"/"].concat();
    let from = files.partition_point(|file| file.path.as_bytes() < below.as_slice());
    let count = files[from..].partition_point(|file| file.path.as_bytes().starts_with(&below));
    Package {
        folder: folder.clone(),
        name,
        files: count,
        test,
        declared_in: workspace.declared_in.clone(),
    }
}

#[cfg(test)]
mod tests {
    use super::packages;
    use crate::model::facts::sample::with_texts;

    fn told(files: &[(&str, &str)]) -> Vec<String> {
        let (files, contents) = with_texts(files);
        packages(&files, &contents)
            .iter()
            .map(|package| {
                let name = package.name.as_deref().unwrap_or("-");
                let test = package.test.as_deref().unwrap_or("-");
                format!("{} {name} {} {test}", package.folder, package.files)
            })
            .collect()
    }

    #[test]
    fn npm_packages_are_those_that_the_globs_mean() {
        let member = r#"{"name":"@x/a","scripts":{"test":"jest"}}"#;
        let files = [
            (
                "package.json",
                r#"{"workspaces":["packages/*","./tools/","!packages/c"]}"#,
            ),
            ("packages/a/package.json", member),
            ("packages/a/src/b.js", ""),
            ("packages/b/package.json", "{}"),
            ("packages/c/package.json", member),
            ("packages/b/deep/package.json", member),
            ("packages/d/other.json", ""),
            ("packages/e/not-package.json", ""),
            ("tools/package.json", "no JSON"),
        ];
        assert_eq!(
            told(&files),
            [
                "packages/a @x/a 2 npm test --workspace packages/a",
                "packages/b - 2 -",
                "tools - 1 -"
            ]
        );
    }

    #[test]
    fn pnpm_lists_its_packages_in_yaml() {
        let yaml = "catalog:\n  - x\npackages:\n  # ours\n  - 'apps/**'\n\n  - libs # all\n  - \"!**/old\"\nother:\n  - y\n";
        let member = r#"{"scripts":{"test":"x"}}"#;
        let files = [
            ("pnpm-workspace.yaml", yaml),
            ("pnpm-lock.yaml", ""),
            ("apps/a/b/package.json", member),
            ("apps/old/package.json", member),
            ("libs/package.json", member),
            ("y/package.json", member),
        ];
        assert_eq!(
            told(&files),
            [
                "apps/a/b - 1 pnpm --filter ./apps/a/b test",
                "libs - 1 pnpm --filter ./libs test"
            ]
        );
    }

    #[test]
    fn other_workspaces_are_read_too() {
        let cargo = "[workspace]\nmembers=['crates/*']\nexclude=['crates/old']";
        assert_eq!(
            told(&[
                ("Cargo.toml", cargo),
                ("crates/a/Cargo.toml", "[package]\nname='aa'"),
                ("crates/old/Cargo.toml", "[package]\nname='old'")
            ]),
            ["crates/a aa 1 cargo test -p aa"]
        );
        let go = "go 1.22\nuse (\n\t./a // first\n\n\t./b/c\n)\nuse ./d\n";
        assert_eq!(
            told(&[
                ("go.work", go),
                ("a/go.mod", ""),
                ("b/c/go.mod", ""),
                ("d/go.mod", ""),
                ("e/go.mod", "")
            ]),
            [
                "a - 1 go test ./a/...",
                "b/c - 1 go test ./b/c/...",
                "d - 1 go test ./d/..."
            ]
        );
        assert_eq!(
            told(&[
                (
                    "settings.gradle.kts",
                    "include(\n  \":app\",\n  ':lib:core')\n"
                ),
                ("lib/core/build.gradle.kts", "")
            ]),
            ["lib/core - 1 ./gradlew :lib:core:test"]
        );
        assert_eq!(
            told(&[
                ("pom.xml", "<modules><module>core</module></modules>"),
                ("core/pom.xml", "")
            ]),
            ["core - 1 mvn -B test -pl core -am"]
        );
    }

    #[test]
    fn a_repository_without_a_workspace_has_no_packages() {
        assert!(told(&[]).is_empty());
        assert!(told(&[("package.json", "{}"), ("a/package.json", "{}")]).is_empty());
        assert!(
            told(&[
                ("pnpm-workspace.yaml", "packages: [a]"),
                ("a/package.json", "{}")
            ])
            .is_empty()
        );
    }
}
