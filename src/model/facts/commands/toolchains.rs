//! What everybody runs in a project of a given toolchain, known by a file that lies in its root.

use crate::model::facts::commands::folder::{Finder, Folder};
use crate::model::facts::commands::suggestion::CommandKind::{Format, Lint, Setup, Test};

/// What a language's own tool does in a folder with one of these files: the test, and the formatter.
const LANGUAGES: [(&[&str], &str, Option<&str>); 8] = [
    (&["build.zig"], "zig build test", Some("zig fmt .")),
    (&["gleam.toml"], "gleam test", Some("gleam format")),
    (&["dune-project"], "dune test", Some("dune fmt")),
    (&["stack.yaml"], "stack test", None),
    (&["project.clj"], "lein test", None),
    (&["shard.yml"], "crystal spec", Some("crystal tool format")),
    (&["build.mill", "build.sc"], "mill __.test", None),
    (&["rebar.config"], "rebar3 eunit", None),
];

pub(super) fn look(folder: &Folder<'_>, finder: &mut Finder<'_>) {
    rust(folder, finder);
    go(folder, finder);
    jvm(folder, finder);
    ruby(folder, finder);
    php(folder, finder);
    others(folder, finder);
    if let Some(from) = folder.file(".pre-commit-config.yaml") {
        finder.usual(Lint, "pre-commit run --all-files", from);
    }
}

fn rust(folder: &Folder<'_>, finder: &mut Finder<'_>) {
    let Some(from) = folder.file("Cargo.toml") else {
        return;
    };
    let manifest = folder.toml("Cargo.toml").unwrap_or_default();
    let all = if manifest.contains_key("workspace") {
        " --workspace"
    } else {
        ""
    };
    finder.usual(Test, &format!("cargo test{all}"), from);
    finder.usual(Lint, &format!("cargo clippy{all} --all-targets"), from);
    finder.usual(Format, "cargo fmt", from);
}

fn go(folder: &Folder<'_>, finder: &mut Finder<'_>) {
    if let Some(from) = folder.file("go.mod") {
        finder.usual(Setup, "go mod download", from);
        finder.usual(Test, "go test ./...", from);
        if let Some(settings) = folder.first(&[".golangci.yml", ".golangci.yaml", ".golangci.toml"])
        {
            finder.usual(Lint, "golangci-lint run", settings);
        }
        finder.usual(Lint, "go vet ./...", from);
        finder.usual(Format, "gofmt -w .", from);
    }
}

fn jvm(folder: &Folder<'_>, finder: &mut Finder<'_>) {
    if let Some(from) = folder.file("pom.xml") {
        let wrapped = folder.file("mvnw").is_some();
        finder.usual(
            Test,
            if wrapped {
                "./mvnw -B test"
            } else {
                "mvn -B test"
            },
            from,
        );
    }
    let gradle = [
        "settings.gradle.kts",
        "settings.gradle",
        "build.gradle.kts",
        "build.gradle",
    ];
    if let Some(from) = folder.first(&gradle) {
        let wrapped = folder.file("gradlew").is_some();
        finder.usual(
            Test,
            if wrapped {
                "./gradlew test"
            } else {
                "gradle test"
            },
            from,
        );
    }
    if let Some(from) = folder.file("build.sbt") {
        finder.usual(Test, "sbt test", from);
    }
}

fn ruby(folder: &Folder<'_>, finder: &mut Finder<'_>) {
    let Some(from) = folder.file("Gemfile") else {
        if let Some(rakefile) = folder.first(&["Rakefile", "rakefile"]) {
            finder.guessed(Test, "rake test", rakefile);
        }
        return;
    };
    finder.usual(Setup, "bundle install", from);
    if folder.has_folder("spec") || folder.file(".rspec").is_some() {
        finder.usual(
            Test,
            "bundle exec rspec",
            folder.file(".rspec").unwrap_or(from),
        );
    } else if folder.has_folder("test")
        && folder.file("config.ru").is_some()
        && folder.has_folder("bin")
    {
        finder.usual(Test, "bin/rails test", from);
    }
    if let Some(rakefile) = folder.file("Rakefile") {
        finder.guessed(Test, "bundle exec rake test", rakefile);
    }
    if let Some(settings) = folder.file(".rubocop.yml") {
        finder.usual(Lint, "bundle exec rubocop", settings);
        finder.guessed(Format, "bundle exec rubocop -a", settings);
    }
}

fn php(folder: &Folder<'_>, finder: &mut Finder<'_>) {
    let Some(from) = folder.file("composer.json") else {
        return;
    };
    finder.usual(Setup, "composer install", from);
    let manifest = folder.json("composer.json").unwrap_or_default();
    for (kind, name) in [
        (Test, "test"),
        (Lint, "lint"),
        (Format, "format"),
        (Format, "cs-fix"),
    ] {
        if !manifest["scripts"][name].is_null() {
            finder.declared(kind, &format!("composer {name}"), from);
        }
    }
    if let Some(settings) = folder.first(&["phpunit.xml", "phpunit.xml.dist", "phpunit.dist.xml"]) {
        finder.usual(Test, "vendor/bin/phpunit", settings);
    }
}

fn others(folder: &Folder<'_>, finder: &mut Finder<'_>) {
    if let Some(from) = folder.file("mix.exs") {
        finder.usual(Setup, "mix deps.get", from);
        finder.usual(Test, "mix test", from);
        finder.usual(Format, "mix format", from);
    }
    if let Some(from) = folder
        .ending(&[".sln", ".slnx"])
        .or_else(|| folder.ending(&[".csproj", ".fsproj", ".vbproj"]))
    {
        finder.usual(Setup, "dotnet restore", from);
        finder.usual(Test, "dotnet test", from);
        finder.usual(Format, "dotnet format", from);
    }
    if let Some(from) = folder.file("Package.swift") {
        finder.usual(Test, "swift test", from);
    }
    if let Some(from) = folder.file("pubspec.yaml") {
        let flutter = folder
            .text("pubspec.yaml")
            .is_some_and(|text| text.contains("sdk: flutter"));
        finder.usual(
            Setup,
            if flutter {
                "flutter pub get"
            } else {
                "dart pub get"
            },
            from,
        );
        finder.usual(
            Test,
            if flutter { "flutter test" } else { "dart test" },
            from,
        );
        finder.usual(Format, "dart format .", from);
    }
    for (files, test, format) in LANGUAGES {
        if let Some(from) = folder.first(files) {
            finder.usual(Test, test, from);
            if let Some(format) = format {
                finder.usual(Format, format, from);
            }
        }
    }
    if let Some(from) = folder
        .ending(&[".cabal"])
        .or_else(|| folder.file("cabal.project"))
    {
        // Stack's projects have such a file too.
        if folder.file("stack.yaml").is_none() {
            finder.usual(Test, "cabal test all", from);
        }
    }
    if let Some(from) = folder.file("CMakeLists.txt") {
        let built = "cmake -S . -B build && cmake --build build && ctest --test-dir build --output-on-failure";
        finder.guessed(Test, built, from);
    }
    if let Some(from) = folder.file("meson.build") {
        finder.guessed(Test, "meson setup build && meson test -C build", from);
    }
    if let Some(from) = folder.first(&["Makefile.PL", "Build.PL", "cpanfile"])
        && folder.has_folder("t")
    {
        finder.guessed(Test, "prove -lr t", from);
    }
    if let Some(from) = folder.first(&["MODULE.bazel", "WORKSPACE", "WORKSPACE.bazel"]) {
        finder.guessed(Test, "bazel test //...", from);
    }
}
