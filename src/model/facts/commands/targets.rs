//! Targets of Makefiles, recipes of justfiles and tasks of Taskfiles whose names say what they are for.

use crate::model::facts::commands::folder::{Finder, Folder};
use crate::model::facts::commands::suggestion::CommandKind;

/// The names that are looked for, the likeliest of each kind first. `install` is none: it often writes outside the tree.
const NAMES: [(CommandKind, &str); 12] = [
    (CommandKind::Setup, "setup"),
    (CommandKind::Setup, "bootstrap"),
    (CommandKind::Setup, "deps"),
    (CommandKind::Test, "test"),
    (CommandKind::Test, "tests"),
    (CommandKind::Test, "unittest"),
    (CommandKind::Test, "check"),
    (CommandKind::Lint, "lint"),
    (CommandKind::Lint, "vet"),
    (CommandKind::Format, "fmt"),
    (CommandKind::Format, "format"),
    (CommandKind::Format, "style"),
];

pub(super) fn look(folder: &Folder<'_>, finder: &mut Finder<'_>) {
    for (file, program, is_target) in [
        (
            "GNUmakefile",
            "make",
            is_make_target as fn(&str, &str) -> bool,
        ),
        ("makefile", "make", is_make_target),
        ("Makefile", "make", is_make_target),
        ("justfile", "just", is_recipe),
        ("Justfile", "just", is_recipe),
        (".justfile", "just", is_recipe),
        ("Taskfile.yml", "task", is_task),
        ("Taskfile.yaml", "task", is_task),
    ] {
        let (Some(from), Some(text)) = (folder.file(file), folder.text(file)) else {
            continue;
        };
        for (kind, name) in NAMES {
            if text.lines().any(|line| is_target(line, name)) {
                finder.declared(kind, &format!("{program} {name}"), from);
            }
        }
    }
}

/// Whether the line is a rule for the target, not an assignment to a variable of that name.
fn is_make_target(line: &str, name: &str) -> bool {
    if line.starts_with(['\t', ' ', '#', '.']) {
        return false;
    }
    let Some((targets, after)) = line.split_once(':') else {
        return false;
    };
    let assigns = after.starts_with('=') || after.starts_with(":=");
    !assigns && targets.split_whitespace().any(|target| target == name)
}

/// Whether the line begins the recipe; one whose parameters have no defaults cannot be run alone.
fn is_recipe(line: &str, name: &str) -> bool {
    let Some(rest) = line.strip_prefix('@').unwrap_or(line).strip_prefix(name) else {
        return false;
    };
    let Some((parameters, after)) = rest.split_once(':') else {
        return false;
    };
    let mut parameters = parameters.split_whitespace();
    let separate = rest.starts_with([' ', ':']);
    separate && !after.starts_with('=') && parameters.all(|p| p.contains('=') || p.starts_with('*'))
}

fn is_task(line: &str, name: &str) -> bool {
    let indent = line.len() - line.trim_start().len();
    let key = line
        .trim()
        .strip_suffix(':')
        .map(|key| key.trim_matches(['"', '\'']));
    (1..=4).contains(&indent) && key == Some(name)
}
