//! Commands of Python projects, from `pyproject.toml`, `setup.cfg`, `tox.ini` and the lockfile that names their manager.

use crate::model::facts::commands::folder::{Finder, Folder};
use crate::model::facts::commands::suggestion::CommandKind;
use crate::model::path::RepoPath;

/// How commands are run in the project's environment, and how that is made.
struct Environment<'a> {
    run: &'static str,
    /// With the file that told.
    setup: Option<(&'static str, &'a RepoPath)>,
}

pub(super) fn look(folder: &Folder<'_>, finder: &mut Finder<'_>) {
    let manifests = [
        "pyproject.toml",
        "setup.py",
        "setup.cfg",
        "Pipfile",
        "requirements.txt",
        "tox.ini",
        "noxfile.py",
    ];
    let Some(manifest) = folder.first(&manifests) else {
        return;
    };
    let settings = folder.toml("pyproject.toml").unwrap_or_default();
    let tool = |name: &str| settings.get("tool").and_then(|tools| tools.get(name));
    let environment = environment(folder);
    if let Some((command, from)) = environment.setup {
        finder.usual(CommandKind::Setup, command, from);
    } else if folder.first(&["pyproject.toml", "setup.py"]).is_some() {
        // An environment of its own: one outside may hold an editable install of the user's checkout, and tests would
        // run on that instead of on the worktree.
        let command = "python3 -m venv .venv && .venv/bin/python -m pip install -e . pytest";
        finder.guessed(CommandKind::Setup, command, manifest);
    }
    let run = environment.run;
    let in_cfg = |section: &str| {
        folder
            .text("setup.cfg")
            .is_some_and(|text| text.contains(section))
    };
    let pytest_settings = tool("pytest").map(|_| "pyproject.toml");
    let pytest = pytest_settings
        .or(in_cfg("[tool:pytest]").then_some("setup.cfg"))
        .or(folder
            .text("tox.ini")
            .filter(|text| text.contains("[pytest]"))
            .map(|_| "tox.ini"))
        .and_then(|name| folder.file(name))
        .or_else(|| folder.first(&["pytest.ini", ".pytest.ini", "conftest.py"]));
    if let Some(from) = pytest {
        finder.usual(CommandKind::Test, &format!("{run}pytest"), from);
    } else if folder.has_folder("tests") || folder.has_folder("test") {
        finder.guessed(CommandKind::Test, &format!("{run}pytest"), manifest);
    }
    let tox = folder
        .first(&["tox.ini"])
        .or_else(|| tool("tox").and(folder.file("pyproject.toml")));
    if let Some(from) = tox {
        finder.guessed(CommandKind::Test, "tox", from);
    }
    if let Some(from) = folder.file("noxfile.py") {
        finder.guessed(CommandKind::Test, "nox", from);
    }
    if let Some(from) = folder.file("manage.py") {
        let python = run.strip_suffix("-m ").unwrap_or(run);
        let python = if python.ends_with("run ") {
            format!("{python}python ")
        } else {
            python.to_owned()
        };
        finder.guessed(CommandKind::Test, &format!("{python}manage.py test"), from);
    }
    let ruff = tool("ruff")
        .and(folder.file("pyproject.toml"))
        .or_else(|| folder.first(&["ruff.toml", ".ruff.toml"]));
    if let Some(from) = ruff {
        finder.usual(CommandKind::Lint, "ruff check", from);
        finder.usual(CommandKind::Format, "ruff format", from);
    }
    if let Some(from) = tool("black").and(folder.file("pyproject.toml")) {
        finder.usual(CommandKind::Format, "black .", from);
    }
    if let Some(from) = folder.first(&[".flake8"]) {
        finder.usual(CommandKind::Lint, "flake8", from);
    }
}

fn environment<'a>(folder: &Folder<'a>) -> Environment<'a> {
    for (lockfile, run, setup) in [
        ("uv.lock", "uv run ", "uv sync --locked"),
        ("poetry.lock", "poetry run ", "poetry install"),
        ("pdm.lock", "pdm run ", "pdm install --frozen-lockfile"),
        ("Pipfile.lock", "pipenv run ", "pipenv sync --dev"),
    ] {
        if let Some(from) = folder.file(lockfile) {
            return Environment {
                run,
                setup: Some((setup, from)),
            };
        }
    }
    for (requirements, setup) in [
        (
            "requirements-dev.txt",
            "python3 -m venv .venv && .venv/bin/python -m pip install -r requirements-dev.txt",
        ),
        (
            "requirements.txt",
            "python3 -m venv .venv && .venv/bin/python -m pip install -r requirements.txt",
        ),
    ] {
        if let Some(from) = folder.file(requirements) {
            return Environment {
                run: ".venv/bin/python -m ",
                setup: Some((setup, from)),
            };
        }
    }
    Environment {
        run: ".venv/bin/python -m ",
        setup: None,
    }
}
