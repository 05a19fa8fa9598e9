//! The shape of the source: imports point down only, every file says what it is, and no file is overlong.

use std::path::{Path, PathBuf};

/// The layers from the top down; each may name those after it.
const LAYERS: [&str; 4] = ["cli", "adapters", "engine", "model"];

/// The most lines of a file.
const LINES_MAX: usize = 500;

/// Files that may be longer, each with the reason.
const LONGER: [(&str, &str); 0] = [];

/// Every source file with its path from the root of the crate.
fn sources() -> Vec<(String, String)> {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let mut files = Vec::new();
    collect(&root.join("src"), &mut files);
    assert!(files.len() > 100, "found only {files:?}");
    let read = |file: &PathBuf| {
        let name = file.strip_prefix(root).unwrap().display().to_string();
        (name, std::fs::read_to_string(file).unwrap())
    };
    let mut sources: Vec<_> = files.iter().map(read).collect();
    sources.sort();
    sources
}

fn collect(folder: &Path, into: &mut Vec<PathBuf>) {
    for entry in std::fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            collect(&path, into);
        } else if path.extension().is_some_and(|end| end == "rs") {
            into.push(path);
        }
    }
}

/// The layers that a line of code names, `use crate::{...}` on one line included.
fn named(line: &str) -> Vec<&'static str> {
    let code = line.split("//").next().unwrap_or_default();
    let mut named = Vec::new();
    for (at, start) in code.match_indices("crate::") {
        let after = &code[at + start.len()..];
        let choices = after
            .strip_prefix('{')
            .map_or(vec![after], |group| group.split(',').collect());
        for choice in choices {
            let word = choice
                .trim()
                .split(|c: char| !c.is_alphanumeric() && c != '_')
                .next();
            named.extend(LAYERS.iter().find(|layer| Some(**layer) == word));
        }
    }
    named
}

/// The places where a file names a layer above its own.
fn upward(name: &str, text: &str) -> Vec<String> {
    let layer = name.strip_prefix("src/").unwrap().split('/').next();
    let Some(own) = LAYERS.iter().position(|known| Some(*known) == layer) else {
        return Vec::new();
    };
    let lines = text.lines().enumerate();
    let above = lines.flat_map(|(number, line)| {
        named(line)
            .into_iter()
            .filter(|other| LAYERS[..own].contains(other))
            .map(move |other| format!("{name}:{}: names {other}", number + 1))
    });
    above.collect()
}

#[test]
fn imports_point_down_only() {
    let wrong: Vec<String> = sources()
        .iter()
        .flat_map(|(name, text)| upward(name, text))
        .collect();
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

#[test]
fn an_import_that_points_up_is_found() {
    let text = "//! crate::cli is only named here\nuse crate::model::id;\nuse crate::{engine, cli::app};\n";
    assert_eq!(
        upward("src/engine/x.rs", text),
        ["src/engine/x.rs:3: names cli"]
    );
    assert_eq!(upward("src/model/x.rs", text).len(), 2);
    assert_eq!(upward("src/cli/x.rs", text), [] as [&str; 0]);
}

#[test]
fn every_file_opens_with_what_it_is() {
    for (name, text) in sources() {
        let opens = text
            .strip_prefix("//! ")
            .is_some_and(|rest| rest.starts_with(|first: char| !first.is_whitespace()));
        assert!(opens, "{name} does not open with `//!`");
    }
}

#[test]
fn no_file_is_overlong_without_a_reason() {
    let long: Vec<String> = sources()
        .iter()
        .filter(|(name, _)| !LONGER.iter().any(|(long, _)| long == name))
        .map(|(name, text)| (name, text.lines().count()))
        .filter(|(_, lines)| *lines > LINES_MAX)
        .map(|(name, lines)| format!("{name}: {lines} lines"))
        .collect();
    assert!(long.is_empty(), "{}", long.join("\n"));
}
