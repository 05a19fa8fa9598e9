//! The beginning and the end of what a log holds since a line, for whoever must mend what it tells: an agent.
//!
//! Errors stand at either end of what compilers and test programs print; the middle is left out.

use std::fs::File;
use std::io::{self, Read, Seek, SeekFrom};
use std::path::Path;

use super::tail::visible;

/// How much of a long log is looked at, from its end, in bytes.
const WINDOW: u64 = 1 << 20;

/// The most characters of a line.
const LINE_CHARS: usize = 500;

/// The lines after the last one that is `since`, cleaned of escapes and control characters: the first and the last of
/// them, `most` characters at the most, with a line between them that counts those left out. `None` when there is
/// nothing to read.
#[must_use]
pub fn excerpt(path: &Path, since: &str, most: usize) -> Option<String> {
    let text = end_of(path).ok()?;
    let lines: Vec<String> = text.lines().map(|line| visible(line, LINE_CHARS)).collect();
    let from = lines
        .iter()
        .rposition(|line| line == since)
        .map_or(0, |at| at + 1);
    let lines: Vec<&str> = lines[from..].iter().map(String::as_str).collect();
    let cut = both_ends(&lines, most);
    (!cut.trim().is_empty()).then_some(cut)
}

fn end_of(path: &Path) -> io::Result<String> {
    let mut file = File::open(path)?;
    let start = file.metadata()?.len().saturating_sub(WINDOW);
    file.seek(SeekFrom::Start(start))?;
    let mut bytes = Vec::new();
    file.take(WINDOW).read_to_end(&mut bytes)?;
    Ok(String::from_utf8_lossy(&bytes).into_owned())
}

/// Whole lines from both ends: a third of the room for the beginning, the rest for the end.
fn both_ends(lines: &[&str], most: usize) -> String {
    let length = |line: &&str| line.chars().count() + 1;
    if lines.iter().map(length).sum::<usize>() <= most {
        return lines.join("\n").trim_matches('\n').to_owned();
    }
    let fitting = |lines: &mut dyn Iterator<Item = &&str>, room: usize| {
        let mut used = 0;
        lines
            .take_while(|line| {
                used += length(line);
                used <= room
            })
            .count()
    };
    let first = fitting(&mut lines.iter(), most / 3);
    let last = fitting(&mut lines[first..].iter().rev(), most - most / 3);
    let left_out = lines.len() - first - last;
    let middle = format!("[… {left_out} lines left out …]");
    let mut kept: Vec<&str> = lines[..first].to_vec();
    kept.push(&middle);
    kept.extend(&lines[lines.len() - last..]);
    kept.join("\n")
}

#[cfg(test)]
mod tests {
    use super::{both_ends, excerpt};

    fn of(text: &str, most: usize) -> Option<String> {
        let file = tempfile::NamedTempFile::new().unwrap();
        std::fs::write(file.path(), text).unwrap();
        excerpt(file.path(), "=== again ===", most)
    }

    #[test]
    fn a_short_log_is_whole_and_without_escapes() {
        assert_eq!(
            of("\n\x1b[31mred\x1b[0m\n\n 1%\r100%\n", 100).as_deref(),
            Some("red\n\n100%")
        );
    }

    #[test]
    fn what_came_before_the_last_try_is_not_shown() {
        assert_eq!(
            of("old\n\n=== again ===\nnew\n", 100).as_deref(),
            Some("new")
        );
        assert_eq!(of("old\n=== again ===\n", 100), None);
    }

    #[test]
    fn no_file_and_no_words_are_nothing() {
        assert_eq!(excerpt("/nonexistent".as_ref(), "x", 9), None);
        assert_eq!(of(" \n\n", 100), None);
    }

    #[test]
    fn of_a_long_log_both_ends_stay() {
        let lines: Vec<String> = (0..1000).map(|n| format!("line {n}\n")).collect();
        let text = lines.concat();
        let cut = of(&text, 300).unwrap();
        assert!(cut.starts_with("line 0\nline 1\n"), "{cut}");
        assert!(cut.ends_with("line 998\nline 999"), "{cut}");
        assert!(cut.contains("lines left out"), "{cut}");
        assert!(cut.chars().count() < 340, "{cut}");
    }

    #[test]
    fn a_single_line_that_is_too_long_is_cut_and_not_doubled() {
        let cut = of(&"x".repeat(10_000), 2_000).unwrap();
        assert_eq!(cut.chars().count(), 500);
        assert_eq!(both_ends(&["abc", "def"], 3), "[… 2 lines left out …]");
    }
}
