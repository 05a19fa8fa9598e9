//! The sections on what is shared, and on who owns what.

use crate::engine::facts_text::room::{RESERVE, Room};
use crate::engine::facts_text::spelling::{path, places};
use crate::engine::markdown::fence;
use crate::model::clean::clean;
use crate::model::counted::counted;
use crate::model::facts::{Facts, HotKind, HotPlace, Owners};
use crate::model::path::RepoPath;

/// The longest line that is quoted from a file.
const QUOTED_MAX: usize = 160;

pub(super) fn hot(facts: &Facts, room: usize) -> String {
    if facts.hot.is_empty() {
        return String::new();
    }
    let kinds = [
        (HotKind::Manifest, "Manifests"),
        (HotKind::Lockfile, "Lockfiles"),
        (HotKind::Barrel, "Barrels, package fronts, module lists"),
        (HotKind::Registry, "Registries and routes"),
        (HotKind::Schema, "Shared types and schemas"),
        (HotKind::Fixture, "Test fixtures and helpers"),
        (HotKind::Changelog, "Changelogs"),
        (HotKind::Version, "Version numbers"),
        (HotKind::Tooling, "Tool settings"),
        (HotKind::Generated, "Generated, and committed"),
    ];
    let lines = |most: usize| -> Vec<String> {
        let line = |(kind, name): &(HotKind, &str)| {
            let of_kind: Vec<&HotPlace> = facts
                .hot
                .iter()
                .filter(|place| place.kind == *kind)
                .collect();
            (!of_kind.is_empty()).then(|| format!("- {name}: {}", hot_line(&of_kind, most)))
        };
        kinds.iter().filter_map(line).collect()
    };
    let mut section = Room::new(room);
    section.push("## Shared files\n");
    section.push("Found by name and place. Each that the change needs belongs to one unit only.\n");
    let note = (facts.not_looked_into > 0).then(|| {
        format!(
            "- {} not looked into: barrels may be missing",
            counted(facts.not_looked_into, "file")
        )
    });
    let length =
        |lines: &[String]| -> usize { lines.iter().map(|line| line.chars().count() + 1).sum() };
    // As many names of each kind as there is room for.
    let chosen = [20, 12, 8, 4, 2, 1]
        .into_iter()
        .map(lines)
        .find(|lines| length(lines) + RESERVE <= section.left);
    let more = section.push_all(&chosen.unwrap_or_else(|| lines(1)));
    if more > 0 {
        section.push(&format!("- … and {more} more kinds"));
    }
    if let Some(note) = note {
        section.push(&note);
    }
    section.end()
}

fn hot_line(found: &[&HotPlace], most: usize) -> String {
    let shown: Vec<String> = found
        .iter()
        .take(most)
        .map(|place| {
            let path = path(&place.entry.to_path());
            if place.files > 1 {
                format!("{path} ({})", counted(place.files, "file"))
            } else {
                path
            }
        })
        .collect();
    let rest: Vec<&RepoPath> = found
        .iter()
        .skip(most)
        .map(|place| place.entry.path())
        .collect();
    if rest.is_empty() {
        shown.join(", ")
    } else {
        format!(
            "{}, … and {} more{}",
            shown.join(", "),
            rest.len(),
            places(&rest)
        )
    }
}

pub(super) fn owners(owners: Option<&Owners>, room: usize) -> String {
    let Some(owners) = owners else {
        return String::new();
    };
    let mut section = Room::new(room);
    section.push("## Owners\n");
    section.push(&format!(
        "{}: {}; the last that matches a path counts.\n",
        path(&owners.file),
        counted(owners.rules.len(), "rule")
    ));
    let mut excerpt = Vec::new();
    // What the fence around the excerpt takes.
    let mut left = section.left.saturating_sub(RESERVE + 30);
    for rule in &owners.rules {
        let rule = shortened(&clean(rule));
        let length = rule.chars().count() + 1;
        if length > left {
            break;
        }
        left -= length;
        excerpt.push(rule);
    }
    if !excerpt.is_empty() {
        section.push(&fence(&excerpt.join("\n")));
    }
    let more = owners.rules.len() - excerpt.len();
    if more > 0 {
        section.push(&format!("… and {more} more."));
    }
    section.end()
}

fn shortened(line: &str) -> String {
    match line.char_indices().nth(QUOTED_MAX) {
        Some((at, _)) => format!("{}…", &line[..at]),
        None => line.to_owned(),
    }
}
