//! `batch init`: what it writes is taken by batch, and what is there is never lost; and a run without a test command,
//! which asks with what was found first.

use crate::support::sandbox::{Ran, Sandbox};
use crate::support::terminal::{Terminal, key};

/// A plan of the sandbox's change, without a word about the test.
const PLAN: [&str; 6] = [
    "plan",
    "rename frob to frobnicate",
    "--rewrite",
    "s/frob/frobnicate/g",
    "--min-units",
    "1",
];

/// The keys that the file sets.
fn settings(text: &str) -> toml::Table {
    text.parse()
        .unwrap_or_else(|error| panic!("{error}:\n{text}"))
}

/// The file with every setting that is commented out in force; of several for one key the last.
fn all_in_force(text: &str) -> String {
    let mut lines: Vec<String> = Vec::new();
    for line in text.lines() {
        let set = line.strip_prefix("# ").unwrap_or(line);
        let key = set.split_once(" = ").map(|(key, _)| key.to_owned());
        match key.filter(|key| !key.is_empty() && !key.contains([' ', '#', '`'])) {
            Some(key) => {
                lines.retain(|other| !other.starts_with(&format!("{key} = ")));
                lines.push(set.to_owned());
            }
            None => lines.push(line.to_owned()),
        }
    }
    lines.join("\n") + "\n"
}

/// Sample repositories: the files beside one to change, and the test and setup that the file is to set.
type Sample = (
    &'static [(&'static str, &'static str)],
    Option<&'static str>,
    Option<&'static str>,
);

const SAMPLES: [Sample; 16] = [
    (
        &[
            (
                "package.json",
                r#"{"scripts":{"test":"jest","fmt":"prettier --write ."},"devDependencies":{"jest":"1"}}"#,
            ),
            ("package-lock.json", "{}"),
        ],
        Some("npm test"),
        Some("npm ci"),
    ),
    (
        &[
            (
                "package.json",
                r#"{"scripts":{"test":"vitest run"},"packageManager":"pnpm@9.0.0"}"#,
            ),
            ("pnpm-lock.yaml", ""),
        ],
        Some("pnpm test"),
        Some("pnpm install --frozen-lockfile"),
    ),
    (
        &[("Cargo.toml", "[package]\nname = 'x'\n")],
        Some("cargo test"),
        None,
    ),
    (
        &[("go.mod", "module x\n")],
        Some("go test ./..."),
        Some("go mod download"),
    ),
    (
        &[
            (
                "pyproject.toml",
                "[tool.pytest.ini_options]\n[tool.black]\n",
            ),
            ("uv.lock", ""),
        ],
        Some("uv run pytest"),
        Some("uv sync --locked"),
    ),
    (&[("tox.ini", "[tox]\n")], None, None),
    (
        &[("Makefile", "check:\n\ttrue\nfmt:\n\ttrue\n")],
        Some("make check"),
        None,
    ),
    (
        &[("build.gradle.kts", ""), ("gradlew", "#!/bin/sh\n")],
        Some("./gradlew test"),
        None,
    ),
    (&[("pom.xml", "<project/>")], Some("mvn -B test"), None),
    (&[("mix.exs", "")], Some("mix test"), Some("mix deps.get")),
    (
        &[("composer.json", r#"{"scripts":{"test":"phpunit"}}"#)],
        Some("composer test"),
        Some("composer install"),
    ),
    (
        &[("App.sln", "")],
        Some("dotnet test"),
        Some("dotnet restore"),
    ),
    (&[("justfile", "test:\n  true\n")], Some("just test"), None),
    (&[("deno.json", "{}")], Some("deno test"), None),
    // Nothing in the root says which of the two is to run.
    (
        &[
            ("web/package.json", r#"{"scripts":{"test":"jest"}}"#),
            ("it's/go.mod", ""),
        ],
        None,
        None,
    ),
    (&[("notes.txt", "nothing to go by\n")], None, None),
];

#[test]
fn what_is_written_for_each_kind_of_repository_is_taken_by_batch() {
    for (files, test, setup) in SAMPLES {
        let mut all = vec![("src/a.txt", "frob\n")];
        all.extend(files);
        let sandbox = Sandbox::new(&all);
        sandbox.batch(["init"]).exits(0).says("wrote ");
        let text = std::fs::read_to_string(sandbox.repo().join("batch.toml")).unwrap();
        let set = settings(&text);
        let value = |key: &str| set.get(key).and_then(toml::Value::as_str);
        assert_eq!(
            (value("test"), value("setup")),
            (test, setup),
            "{files:?}\n{text}"
        );
        sandbox.batch(PLAN).exits(0);
        // What is commented out is right as well.
        sandbox.write("batch.toml", all_in_force(&text));
        assert!(
            settings(&all_in_force(&text)).contains_key("agent"),
            "{text}"
        );
        sandbox.batch(PLAN).exits(0);
    }
}

#[test]
fn what_was_found_is_told_with_its_place_and_what_is_uncertain_with_its_reason() {
    let sandbox = Sandbox::new(&[
        (
            "package.json",
            r#"{"scripts":{"test":"jest","format":"prettier --write ."}}"#,
        ),
        ("Makefile", "test:\n\tnpm test\n"),
    ]);
    let before = sandbox.users_own();
    let text = sandbox.batch(["init", "--stdout"]).exits(0).stdout;
    sandbox.is_untouched(&before);
    for line in [
        "# Found in package.json.\ntest = \"npm test\"\n",
        "#   make test (Makefile)\n",
        "# The formatter: `npm run format`, found in package.json.",
        "# test = \"npm run format && git diff --exit-code && npm test\"\n",
        "# Without it that is the remote's default branch, as it is then, now main.\n# base = \"main\"\n",
    ] {
        assert!(text.contains(line), "no {line:?} in\n{text}");
    }
    for line in text.lines() {
        assert!(line.chars().count() <= 80, "{line}");
    }
    let monorepo = Sandbox::new(&[
        ("web/package.json", r#"{"scripts":{"test":"jest"}}"#),
        ("api/go.mod", "module api\n"),
    ]);
    let text = monorepo.batch(["init", "--stdout"]).exits(0).stdout;
    assert!(
        text.contains("#   cd api && go test ./... (api/go.mod)\n"),
        "{text}"
    );
    assert!(
        text.contains("#   cd web && npm test (web/package.json)\n"),
        "{text}"
    );
    assert!(
        text.contains("# test = \"(cd web && npm test) && (cd api && go test ./...)\"\n"),
        "{text}"
    );
}

#[test]
fn a_file_that_is_there_is_never_lost() {
    let sandbox = Sandbox::new(&[
        ("go.mod", "module x\n"),
        ("batch.toml", "test = \"mine\"\n"),
    ]);
    let before = sandbox.users_own();
    sandbox
        .batch(["init"])
        .exits(2)
        .says("batch.toml is there already")
        .says("--force");
    sandbox.is_untouched(&before);
    let old = |name: &str| std::fs::read_to_string(sandbox.repo().join(name)).unwrap();
    sandbox
        .batch(["init", "--force"])
        .exits(0)
        .says("batch.toml.old");
    assert_eq!(old("batch.toml.old"), "test = \"mine\"\n");
    assert!(old("batch.toml").contains("go test"));
    sandbox.write("batch.toml", "test = \"again\"\n");
    sandbox
        .batch(["init", "--force"])
        .exits(0)
        .says("batch.toml.old-2");
    assert_eq!(old("batch.toml.old-2"), "test = \"again\"\n");
    // A link that leads nowhere is something too.
    std::fs::remove_file(sandbox.repo().join("batch.toml")).unwrap();
    std::os::unix::fs::symlink("gone", sandbox.repo().join("batch.toml")).unwrap();
    sandbox.batch(["init"]).exits(2);
}

#[test]
fn it_answers_programs_too_and_works_where_there_is_little() {
    let sandbox = Sandbox::empty();
    let Ran { stdout, .. } = sandbox.batch(["init", "--format", "json"]).exits(0);
    let document: serde_json::Value = serde_json::from_str(&stdout).unwrap();
    assert!(
        document["path"]
            .as_str()
            .unwrap()
            .ends_with("/repo/batch.toml")
    );
    assert!(settings(document["text"].as_str().unwrap()).is_empty());
    let outside = sandbox.path("home");
    sandbox
        .batch(["-C", outside.to_str().unwrap(), "init"])
        .exits(4)
        .says("not in a git repository");
}

/// A repository of one unit, whose Makefile has a test, and its change without a word about that.
fn change(sandbox: &Sandbox) -> std::process::Command {
    sandbox.at_terminal([
        "rename frob to frobnicate",
        "--rewrite",
        "s/frob/frobnicate/g",
        "--min-units",
        "1",
    ])
}

fn tested() -> Sandbox {
    let manifest = r#"{"scripts":{"test":"true"}}"#;
    Sandbox::new(&[
        ("src/a.txt", "frob\n"),
        ("Makefile", "test:\n\ttrue\n"),
        ("package.json", manifest),
    ])
}

/// The plan's line about the test, after the command at this place of the list was taken.
fn shown_after(place: usize, typed: Option<&str>) -> String {
    let sandbox = tested();
    let mut terminal = Terminal::start(&change(&sandbox));
    terminal.sees("test command, run before each commit");
    for item in [
        "npm test  (package.json)",
        "make test  (Makefile)",
        "another command",
        "no test",
    ] {
        terminal.sees(item);
    }
    terminal.types(&key::DOWN.repeat(place)).types(key::ENTER);
    if let Some(typed) = typed {
        terminal
            .sees("(empty: no test)")
            .types(typed)
            .types(key::ENTER);
    }
    terminal
        .sees("UNIT")
        .sees("What now?")
        .sees("quit")
        .types("q");
    let left = terminal.ends().exits(3);
    let test = left.screen.lines().find(|line| line.starts_with("  test "));
    test.unwrap_or_else(|| panic!("{}", left.screen)).to_owned()
}

#[test]
fn a_run_without_a_test_command_asks_with_what_was_found_first() {
    assert!(shown_after(1, None).contains("npm test"));
    assert!(shown_after(2, None).contains("make test"));
}

#[test]
fn another_command_can_be_typed_and_a_test_done_without() {
    assert!(shown_after(3, Some("true && true")).contains("true && true"));
    let without = shown_after(4, None);
    assert!(
        !without.contains("npm") && !without.contains("make"),
        "{without}"
    );
}

#[test]
fn ctrl_c_at_the_question_ends_it_with_nothing_changed() {
    let sandbox = tested();
    let before = sandbox.users_own();
    let mut terminal = Terminal::start(&change(&sandbox));
    terminal.sees("no test").types(key::CTRL_C);
    terminal.ends().exits(130).shows("nothing was changed");
    sandbox.is_untouched(&before);
}

#[test]
fn where_nobody_can_be_asked_the_refusal_names_what_was_found() {
    let sandbox = tested();
    let before = sandbox.users_own();
    let args = [
        "rename frob to frobnicate",
        "--rewrite",
        "s/frob/frobnicate/g",
        "--yes",
    ];
    sandbox
        .batch(args)
        .exits(2)
        .says("there is no test command")
        .says("hint: package.json tells of one: --test 'npm test'; or do without by --no-test");
    sandbox.is_untouched(&before);
    let bare = Sandbox::frobs(5);
    bare.batch(args)
        .exits(2)
        .says("give one with --test CMD, or do without by --no-test");
}
