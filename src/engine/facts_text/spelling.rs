//! How paths, lists of them and sizes are spelled; a path always stands in a code span.

use std::cmp::Reverse;
use std::collections::BTreeMap;

use crate::engine::markdown::code;
use crate::model::path::RepoPath;

/// How many places a line names for what it leaves out.
const PLACES: usize = 3;

/// The first few paths, and how many more there are.
pub(super) fn listed(paths: &[&RepoPath], most: usize) -> String {
    let shown: Vec<String> = paths.iter().take(most).map(|shown| path(shown)).collect();
    match paths.len().saturating_sub(most) {
        0 => shown.join(", "),
        more => format!("{} and {more} more", shown.join(", ")),
    }
}

/// The outermost folders that hold most of these, after a space; nothing when they lie in the root.
pub(super) fn places(paths: &[&RepoPath]) -> String {
    let mut counts: BTreeMap<&[u8], usize> = BTreeMap::new();
    for path in paths {
        if let Some(top) = path.folders().last() {
            *counts.entry(top).or_default() += 1;
        }
    }
    let mut counts: Vec<(&[u8], usize)> = counts.into_iter().collect();
    counts.sort_by_key(|&(_, count)| Reverse(count));
    let folder = |top: &[u8]| folder_path(&RepoPath::new(top));
    match counts.as_slice() {
        [] => String::new(),
        [(top, count)] if *count == paths.len() => format!(" in {}", folder(top)),
        _ => {
            let shown = counts.iter().take(PLACES);
            let shown: Vec<String> = shown
                .map(|(top, count)| format!("{count} in {}", folder(top)))
                .collect();
            let others = if counts.len() > PLACES { ", …" } else { "" };
            format!(" ({}{others})", shown.join(", "))
        }
    }
}

pub(super) fn path(path: &RepoPath) -> String {
    code(&path.to_string())
}

pub(super) fn folder_path(folder: &RepoPath) -> String {
    if folder.as_bytes().is_empty() {
        return code("./");
    }
    path(&RepoPath::new([folder.as_bytes(), b"/"].concat()))
}

/// A number of bytes in the largest unit that leaves at least one, with one decimal below ten.
#[must_use]
#[expect(clippy::cast_precision_loss, reason = "two digits are shown")]
pub fn size(bytes: u64) -> String {
    let mut value = bytes as f64;
    let mut unit = "B";
    for next in ["kB", "MB", "GB", "TB"] {
        if value < 999.5 {
            break;
        }
        value /= 1000.0;
        unit = next;
    }
    if unit == "B" || value >= 9.95 {
        format!("{value:.0} {unit}")
    } else {
        format!("{value:.1} {unit}")
    }
}

#[cfg(test)]
mod tests {
    use super::size;

    #[test]
    fn sizes_have_two_digits_or_three() {
        let told: Vec<String> = [0, 999, 1000, 9949, 9950, 999_499, 999_500, 24_000_000]
            .map(size)
            .into();
        assert_eq!(
            told,
            [
                "0 B", "999 B", "1.0 kB", "9.9 kB", "10 kB", "999 kB", "1.0 MB", "24 MB"
            ]
        );
    }
}
