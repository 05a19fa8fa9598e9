//! The names by which shared files are known.

use crate::model::facts::hot_kind::HotKind;
use crate::model::facts::standing::{has_generated_name, is_test_matter, name};
use crate::model::path::RepoPath;

/// The kind that a file's name and place alone give it.
pub(super) fn hot_kind(path: &RepoPath) -> Option<HotKind> {
    let name = name(path).to_ascii_lowercase();
    if is_lockfile(&name) {
        return (!is_test_matter(path.folder())).then_some(HotKind::Lockfile);
    }
    if is_fixture(&name) {
        return Some(HotKind::Fixture);
    }
    if is_test_matter(path.folder()) {
        return None;
    }
    if has_generated_name(path) {
        // Minified copies and source maps are made by the hundred, and nobody edits what they are made from for them.
        let by_the_hundred = name.contains(".min.") || stem_and_ending(&name).1 == "map";
        return (!by_the_hundred).then_some(HotKind::Generated);
    }
    let (stem, ending) = stem_and_ending(&name);
    if is_manifest(&name, ending) {
        Some(HotKind::Manifest)
    } else if is_version(&name) {
        Some(HotKind::Version)
    } else if is_changelog(stem, ending) {
        Some(HotKind::Changelog)
    } else if is_tooling(&name) {
        Some(HotKind::Tooling)
    } else if is_schema(&name, stem, ending) {
        Some(HotKind::Schema)
    } else if is_registry(stem, ending) {
        Some(HotKind::Registry)
    } else {
        None
    }
}

fn stem_and_ending(name: &str) -> (&str, &str) {
    name.rsplit_once('.').unwrap_or((name, ""))
}

fn is_manifest(name: &str, ending: &str) -> bool {
    matches!(
        name,
        "package.json"
            | "pnpm-workspace.yaml"
            | "lerna.json"
            | "nx.json"
            | "turbo.json"
            | "deno.json"
            | "deno.jsonc"
            | "cargo.toml"
            | "go.mod"
            | "go.work"
            | "pyproject.toml"
            | "setup.py"
            | "setup.cfg"
            | "pipfile"
            | "pom.xml"
            | "build.gradle"
            | "build.gradle.kts"
            | "settings.gradle"
            | "settings.gradle.kts"
            | "libs.versions.toml"
            | "gradle.properties"
            | "composer.json"
            | "mix.exs"
            | "gemfile"
            | "package.swift"
            | "pubspec.yaml"
            | "build.sbt"
            | "cmakelists.txt"
            | "meson.build"
            | "module.bazel"
            | "directory.build.props"
            | "directory.packages.props"
            | "environment.yml"
            | "deps.edn"
            | "project.clj"
            | "rebar.config"
            | "stack.yaml"
    ) || matches!(
        ending,
        "csproj" | "fsproj" | "vbproj" | "sln" | "slnx" | "gemspec" | "cabal" | "podspec"
    ) || (name.starts_with("requirements") && matches!(ending, "txt" | "in"))
}

/// Whether a package manager writes files of that name, given in lower case.
pub(super) fn is_lockfile(name: &str) -> bool {
    matches!(
        name,
        "package-lock.json"
            | "npm-shrinkwrap.json"
            | "yarn.lock"
            | "pnpm-lock.yaml"
            | "bun.lock"
            | "bun.lockb"
            | "deno.lock"
            | "cargo.lock"
            | "go.sum"
            | "go.work.sum"
            | "uv.lock"
            | "poetry.lock"
            | "pdm.lock"
            | "pipfile.lock"
            | "composer.lock"
            | "mix.lock"
            | "gemfile.lock"
            | "packages.lock.json"
            | "gradle.lockfile"
            | "package.resolved"
            | "podfile.lock"
            | "pubspec.lock"
            | "flake.lock"
            | "module.bazel.lock"
    )
}

fn is_registry(stem: &str, ending: &str) -> bool {
    const NAMES: [&str; 16] = [
        "routes",
        "router",
        "routing",
        "routers",
        "urls",
        "registry",
        "registries",
        "plugins",
        "plugin_registry",
        "plugin-registry",
        "app.module",
        "app-routing.module",
        "container",
        "bindings",
        "urlconf",
        "commands",
    ];
    is_code(ending) && NAMES.contains(&stem)
}

fn is_schema(name: &str, stem: &str, ending: &str) -> bool {
    matches!(
        ending,
        "prisma" | "graphql" | "gql" | "graphqls" | "proto" | "avsc" | "thrift" | "xsd"
    ) || name.ends_with(".d.ts")
        || name.ends_with(".d.mts")
        || matches!(name, "schema.rb" | "structure.sql" | "schema.sql")
        || (matches!(stem, "openapi" | "swagger" | "asyncapi")
            && matches!(ending, "json" | "yaml" | "yml"))
        || name.ends_with(".schema.json")
        || (is_code(ending)
            && matches!(
                stem,
                "types" | "schema" | "schemas" | "interfaces" | "constants"
            ))
}

fn is_fixture(name: &str) -> bool {
    const STEMS: [&str; 15] = [
        "conftest",
        "factories",
        "fixtures",
        "testutil",
        "testutils",
        "test_util",
        "test_utils",
        "test-utils",
        "test_helper",
        "test-helpers",
        "spec_helper",
        "rails_helper",
        "setuptests",
        "jest.setup",
        "vitest.setup",
    ];
    name.rsplit_once('.')
        .is_some_and(|(stem, ending)| is_code(ending) && STEMS.contains(&stem))
}

fn is_changelog(stem: &str, ending: &str) -> bool {
    let stem = if ending.is_empty() || matches!(ending, "md" | "rst" | "txt" | "markdown" | "adoc")
    {
        stem
    } else {
        return false;
    };
    matches!(
        stem,
        "changelog"
            | "changes"
            | "history"
            | "news"
            | "releases"
            | "release_notes"
            | "release-notes"
    )
}

fn is_version(name: &str) -> bool {
    matches!(
        name,
        "version"
            | "version.txt"
            | "version.py"
            | "_version.py"
            | "__version__.py"
            | "version.rb"
            | "version.go"
            | "version.ts"
            | "version.js"
            | "version.h"
            | ".bumpversion.cfg"
            | ".bumpversion.toml"
            | ".release-please-manifest.json"
    )
}

fn is_tooling(name: &str) -> bool {
    matches!(
        name,
        "tsconfig.json"
            | "tsconfig.base.json"
            | "jsconfig.json"
            | "biome.json"
            | "tox.ini"
            | "noxfile.py"
            | "pytest.ini"
            | "makefile"
            | "justfile"
            | "taskfile.yml"
            | "dockerfile"
            | "docker-compose.yml"
            | "compose.yaml"
            | ".pre-commit-config.yaml"
            | ".golangci.yml"
            | ".golangci.yaml"
            | ".rubocop.yml"
            | "rustfmt.toml"
            | "clippy.toml"
            | ".editorconfig"
            | ".gitlab-ci.yml"
            | "jenkinsfile"
    ) || [
        ".eslintrc",
        "eslint.config.",
        ".prettierrc",
        "babel.config.",
        "webpack.config.",
        "vite.config.",
        "vitest.config.",
        "jest.config.",
        "rollup.config.",
        "next.config.",
        "tailwind.config.",
        "playwright.config.",
    ]
    .iter()
    .any(|start| name.starts_with(start))
}

fn is_code(ending: &str) -> bool {
    matches!(
        ending,
        "ts" | "tsx"
            | "mts"
            | "cts"
            | "js"
            | "jsx"
            | "mjs"
            | "cjs"
            | "py"
            | "rb"
            | "php"
            | "go"
            | "rs"
            | "java"
            | "kt"
            | "cs"
            | "ex"
            | "exs"
            | "swift"
            | "dart"
            | "vue"
            | "scala"
    )
}

#[cfg(test)]
mod tests {
    use super::hot_kind;
    use crate::model::facts::hot_kind::HotKind;
    use crate::model::path::RepoPath;

    #[test]
    fn names_and_places_tell_the_kind() {
        for (path, kind) in [
            ("package.json", Some(HotKind::Manifest)),
            ("a/b/Api.CSPROJ", Some(HotKind::Manifest)),
            ("requirements-dev.txt", Some(HotKind::Manifest)),
            ("Cargo.lock", Some(HotKind::Lockfile)),
            ("shop/urls.py", Some(HotKind::Registry)),
            ("docs/routes.md", None),
            ("prisma/schema.prisma", Some(HotKind::Schema)),
            ("src/types.ts", Some(HotKind::Schema)),
            ("types/global.d.ts", Some(HotKind::Schema)),
            ("tests/conftest.py", Some(HotKind::Fixture)),
            ("CHANGES.rst", Some(HotKind::Changelog)),
            ("changes.py", None),
            ("src/x/_version.py", Some(HotKind::Version)),
            ("routeTree.gen.ts", Some(HotKind::Generated)),
            ("app.min.js", None),
            ("tsconfig.json", Some(HotKind::Tooling)),
            ("tests/integration/yarn.lock", None),
            ("tests/data/package.json", None),
            ("src/main.rs", None),
        ] {
            assert_eq!(hot_kind(&path.into()), kind, "{path}");
        }
        assert_eq!(
            hot_kind(&RepoPath::new(*b"caf\xe9/urls.py")),
            Some(HotKind::Registry)
        );
    }
}
