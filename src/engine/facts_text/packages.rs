//! The section on packages.

use std::fmt::Write as _;

use crate::engine::facts_text::room::Room;
use crate::engine::facts_text::spelling::{folder_path, listed, places};
use crate::engine::markdown::code;
use crate::model::counted::counted;
use crate::model::facts::Package;
use crate::model::path::RepoPath;

pub(super) fn packages(packages: &[Package], room: usize) -> String {
    if packages.is_empty() {
        return String::new();
    }
    let common = common_test(packages);
    let lines: Vec<String> = packages
        .iter()
        .map(|package| {
            let mut line = format!("- {}", folder_path(&package.folder));
            if let Some(name) = &package.name {
                write!(line, " {}", code(name)).expect("a String takes all");
            }
            write!(line, " {}", counted(package.files, "file")).expect("a String takes all");
            match (&package.test, &common) {
                (None, _) => {}
                (Some(_), Some(_)) => line.push_str(", tested so"),
                (Some(test), None) => {
                    write!(line, ", test: {}", code(test)).expect("a String takes all");
                }
            }
            line
        })
        .collect();
    let mut section = Room::new(room);
    section.push("## Packages\n");
    let members = counted(packages.len(), "member");
    let mut declared: Vec<&RepoPath> = packages
        .iter()
        .map(|package| &package.declared_in)
        .collect();
    declared.sort_unstable();
    declared.dedup();
    let declared = listed(&declared, declared.len());
    section.push(&match &common {
        None => format!("{members}, declared in {declared}.\n"),
        Some(test) => format!(
            "{members}, declared in {declared}. One alone is tested by {}.\n",
            code(test)
        ),
    });
    let more = section.push_all(&lines);
    if more > 0 {
        let rest: Vec<&RepoPath> = packages[packages.len() - more..]
            .iter()
            .map(|package| &package.folder)
            .collect();
        let count = format!("- … and {more} more");
        if !section.push(&format!("{count}{}", places(&rest))) {
            section.push(&count);
        }
    }
    section.end()
}

/// The command that tests each of several packages, with `FOLDER` or `NAME` where theirs stands, if it is one for all.
fn common_test(packages: &[Package]) -> Option<String> {
    let mut patterns = packages.iter().filter_map(|package| {
        let test = package.test.as_ref()?;
        let by_folder = test.replace(&package.folder.to_text(), "FOLDER");
        Some(match &package.name {
            Some(name) if by_folder == *test => test.replace(name.as_str(), "NAME"),
            _ => by_folder,
        })
    });
    let first = patterns.next()?;
    let mut others = 0;
    let same = patterns.all(|other| {
        others += 1;
        other == first
    });
    (same && others > 0).then_some(first)
}
