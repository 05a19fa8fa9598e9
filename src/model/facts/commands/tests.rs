//! Commands from made-up trees.

use crate::model::facts::commands::{CommandKind, Confidence, detect};
use crate::model::facts::sample::with_texts;

/// `kind: command (file, confidence)` of all that is found.
fn found(files: &[(&str, &str)]) -> Vec<String> {
    let (files, contents) = with_texts(files);
    let commands = detect(&files, &contents);
    let kinds = [
        CommandKind::Setup,
        CommandKind::Test,
        CommandKind::Lint,
        CommandKind::Format,
    ];
    kinds
        .iter()
        .flat_map(|&kind| commands.of(kind))
        .map(|found| {
            let sure = match found.confidence {
                Confidence::Declared => "",
                Confidence::Usual => "~",
                Confidence::Guessed => "?",
            };
            format!("{:?}: {}{sure} ({})", found.kind, found.command, found.from)
        })
        .collect()
}

fn tests_of(files: &[(&str, &str)]) -> Vec<String> {
    let found = found(files).into_iter();
    found
        .filter_map(|line| Some(line.strip_prefix("Test: ")?.rsplit_once(" (")?.0.to_owned()))
        .collect()
}

#[test]
fn an_empty_tree_tells_of_no_command() {
    assert!(found(&[]).is_empty());
    assert!(found(&[("README.md", "npm test")]).is_empty());
}

#[test]
fn scripts_are_run_by_the_package_manager_whose_lockfile_is_there() {
    let manifest = r#"{"scripts":{"test":"jest","lint":"eslint .","format":"prettier --write ."},"devDependencies":{}}"#;
    assert_eq!(
        found(&[("package.json", manifest), ("package-lock.json", "")]),
        [
            "Setup: npm ci~ (package.json)",
            "Test: npm test (package.json)",
            "Lint: npm run lint (package.json)",
            "Format: npm run format (package.json)"
        ]
    );
    for (lockfile, test) in [
        ("pnpm-lock.yaml", "pnpm test"),
        ("yarn.lock", "yarn test"),
        ("bun.lockb", "bun run test"),
    ] {
        assert_eq!(
            tests_of(&[("package.json", manifest), (lockfile, "")]),
            [test]
        );
    }
    let named = r#"{"packageManager":"pnpm@9.1.0","scripts":{"test":"x"}}"#;
    assert_eq!(
        tests_of(&[("package.json", named), ("yarn.lock", "")]),
        ["pnpm test"]
    );
}

#[test]
fn npms_placeholder_and_watchers_are_no_tests() {
    let placeholder = r#"{"scripts":{"test":"echo \"Error: no test specified\" && exit 1"}}"#;
    assert!(found(&[("package.json", placeholder)]).is_empty());
    let watcher = r#"{"scripts":{"test":"jest --watch","test:ci":"jest"}}"#;
    assert_eq!(tests_of(&[("package.json", watcher)]), ["npm run test:ci"]);
    let react = r#"{"scripts":{"test":"react-scripts test"}}"#;
    assert_eq!(tests_of(&[("package.json", react)]), ["CI=true npm test"]);
    let none = r#"{"devDependencies":{"vitest":"^1"}}"#;
    assert_eq!(tests_of(&[("package.json", none)]), ["npx vitest run?"]);
}

#[test]
fn a_manifest_that_is_damaged_or_begins_with_a_mark_is_taken_as_far_as_it_goes() {
    assert!(found(&[("package.json", "{ not json")]).is_empty());
    assert!(found(&[("package.json", "[1]")]).is_empty());
    assert!(found(&[("package.json", r#"{"scripts":"x"}"#)]).is_empty());
    let marked = "\u{feff}{\"scripts\":{\"test\":\"x\"}}";
    assert_eq!(tests_of(&[("package.json", marked)]), ["npm test"]);
    assert_eq!(tests_of(&[("Cargo.toml", "[[[")]), ["cargo test~"]);
}

#[test]
fn python_runs_in_the_environment_of_its_manager() {
    let pytest = (
        "pyproject.toml",
        "[project]\nname='x'\n[tool.pytest.ini_options]\n[tool.ruff]\n",
    );
    assert_eq!(
        found(&[pytest, ("uv.lock", "")]),
        [
            "Setup: uv sync --locked~ (uv.lock)",
            "Test: uv run pytest~ (pyproject.toml)",
            "Lint: ruff check~ (pyproject.toml)",
            "Format: ruff format~ (pyproject.toml)"
        ]
    );
    assert_eq!(
        tests_of(&[pytest, ("poetry.lock", "")]),
        ["poetry run pytest~"]
    );
    assert_eq!(
        tests_of(&[("setup.py", ""), ("tests/test_a.py", "")]),
        [".venv/bin/python -m pytest?"]
    );
    assert_eq!(
        tests_of(&[("setup.cfg", "[tool:pytest]")]),
        [".venv/bin/python -m pytest~"]
    );
    assert_eq!(tests_of(&[("tox.ini", "[tox]")]), ["tox?"]);
    assert_eq!(
        tests_of(&[("requirements.txt", ""), ("manage.py", "")]),
        [".venv/bin/python manage.py test?"]
    );
}

#[test]
fn what_the_project_wrote_comes_before_what_is_usual() {
    let makefile = "test := x\ncheck::\n\tgo vet\nlint fmt: deps\n\ttest: no\n.PHONY: test\n";
    assert_eq!(
        found(&[("Makefile", makefile), ("go.mod", "module x")]),
        [
            "Setup: go mod download~ (go.mod)",
            "Test: make check (Makefile)",
            "Test: go test ./...~ (go.mod)",
            "Lint: make lint (Makefile)",
            "Lint: go vet ./...~ (go.mod)",
            "Format: make fmt (Makefile)",
            "Format: gofmt -w .~ (go.mod)"
        ]
    );
    let justfile = "test filter='':\n  cargo test\nlint FILE:\n  x\n@fmt:\n  y\nformat := 'x'\n";
    assert_eq!(
        found(&[("justfile", justfile)]),
        ["Test: just test (justfile)", "Format: just fmt (justfile)"]
    );
    assert_eq!(
        tests_of(&[("Taskfile.yml", "tasks:\n  test:\n    cmds: [x]\n")]),
        ["task test"]
    );
}

#[test]
fn each_toolchain_has_its_usual_test() {
    for (files, test) in [
        (&["Cargo.toml"][..], "cargo test~"),
        (&["pom.xml", "mvnw"], "./mvnw -B test~"),
        (&["pom.xml"], "mvn -B test~"),
        (&["build.gradle.kts", "gradlew"], "./gradlew test~"),
        (&["mix.exs"], "mix test~"),
        (&["Gemfile", "spec/a_spec.rb"], "bundle exec rspec~"),
        (
            &["composer.json", "phpunit.xml.dist"],
            "vendor/bin/phpunit~",
        ),
        (&["App.sln"], "dotnet test~"),
        (&["deno.json"], "deno test~"),
        (&["Package.swift"], "swift test~"),
        (&["build.sbt"], "sbt test~"),
        (&["build.zig"], "zig build test~"),
        (&["stack.yaml", "x.cabal"], "stack test~"),
        (&["x.cabal"], "cabal test all~"),
        (&["rebar.config"], "rebar3 eunit~"),
        (&["Rakefile"], "rake test?"),
        (
            &["meson.build"],
            "meson setup build && meson test -C build?",
        ),
        (
            &["CMakeLists.txt"],
            "cmake -S . -B build && cmake --build build && ctest --test-dir build --output-on-failure?",
        ),
        (&["cpanfile", "t/a.t"], "prove -lr t?"),
        (&["package.json", "bun.lock"], "bun test?"),
    ] {
        let files: Vec<(&str, &str)> = files.iter().map(|&path| (path, "")).collect();
        assert_eq!(tests_of(&files), [test]);
    }
    assert_eq!(
        tests_of(&[("Cargo.toml", "[workspace]")]),
        ["cargo test --workspace~"]
    );
}

#[test]
fn folders_are_looked_into_when_the_root_tells_of_no_test() {
    assert_eq!(
        tests_of(&[
            ("a b/go.mod", ""),
            ("web/Cargo.toml", ""),
            ("vendor/go.mod", ""),
            ("x/y/go.mod", "")
        ]),
        ["cd 'a b' && go test ./...~", "cd web && cargo test~"]
    );
    assert_eq!(
        tests_of(&[("go.mod", ""), ("web/Cargo.toml", "")]),
        ["go test ./...~"]
    );
}
