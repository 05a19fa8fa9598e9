//! The last lines of a log, as a person would have seen them on a terminal and safe to show on one.

use std::fs::File;
use std::io::{self, Read, Seek, SeekFrom};
use std::path::Path;

/// How much of the file's end is looked at, in bytes.
const WINDOW: u64 = 64 << 10;

/// The most characters of a line.
const LINE_CHARS: usize = 200;

/// The last `lines` lines of a log, cleaned of escapes and control characters, each at most 200 characters; nothing
/// when it cannot be read.
#[must_use]
pub fn tail(path: &Path, lines: usize) -> Vec<String> {
    let Ok(text) = end_of(path) else {
        return Vec::new();
    };
    let mut last: Vec<String> = text
        .trim_end()
        .rsplit('\n')
        .take(lines)
        .map(|line| visible(line, LINE_CHARS))
        .collect();
    last.reverse();
    if last.iter().all(String::is_empty) {
        last.clear();
    }
    last
}

fn end_of(path: &Path) -> io::Result<String> {
    let mut file = File::open(path)?;
    let start = file.metadata()?.len().saturating_sub(WINDOW);
    file.seek(SeekFrom::Start(start))?;
    let mut bytes = Vec::new();
    file.take(WINDOW).read_to_end(&mut bytes)?;
    Ok(String::from_utf8_lossy(&bytes).into_owned())
}

/// What a terminal shows of a line in the end, in `most` characters. Progress bars print it again and again after a
/// carriage return.
#[must_use]
pub fn visible(line: &str, most: usize) -> String {
    // Line by line: a sequence that was never closed must not swallow the lines after it.
    let plain = anstream::adapter::strip_str(line).to_string();
    let shown = plain
        .rsplit('\r')
        .find(|part| !part.trim().is_empty())
        .unwrap_or_default();
    let mut chars = shown
        .trim_end()
        .chars()
        .map(|char| if char == '\t' { ' ' } else { char })
        .filter(|char| !char.is_control());
    let mut cut: String = chars.by_ref().take(most).collect();
    if chars.next().is_some() {
        cut.pop();
        cut.push('…');
    }
    cut
}

#[cfg(test)]
mod tests {
    use super::*;

    fn of(bytes: &[u8], lines: usize) -> Vec<String> {
        let file = tempfile::NamedTempFile::new().unwrap();
        std::fs::write(file.path(), bytes).unwrap();
        tail(file.path(), lines)
    }

    #[test]
    fn the_last_lines_come_in_order_without_the_blank_ones_at_the_end() {
        assert_eq!(of(b"a\nb\n\nc\n\n \n", 3), ["b", "", "c"]);
        assert_eq!(of(b"only", 3), ["only"]);
    }

    #[test]
    fn no_file_and_no_words_are_no_lines() {
        assert!(tail(Path::new("/nonexistent/log"), 3).is_empty());
        assert!(of(b"", 3).is_empty());
        assert!(of(b"\n\n\x1b[0m\n", 3).is_empty());
        assert!(of(b"a\n", 0).is_empty());
    }

    #[test]
    fn escapes_and_control_characters_are_gone() {
        let line = b"\x1b[1;31merror\x1b[0m: \x1b]0;title\x07\x1b]8;;http://x\x1b\\link\x1b]8;;\x1b\\\x08 \x00bell\x07\tend\n";
        assert_eq!(of(line, 1), ["error: link bell end"]);
        assert_eq!(of("c1 \u{9b}31m\u{7f}x\n".as_bytes(), 1).len(), 1);
    }

    #[test]
    fn a_sequence_that_is_never_closed_takes_its_own_line_only() {
        assert_eq!(of(b"a\x1b]0;open\nnext\n", 2), ["a", "next"]);
    }

    #[test]
    fn a_progress_line_is_what_was_visible_last() {
        assert_eq!(of(b" 1%\r 50%\r100%\ndone\r\n", 2), ["100%", "done"]);
        assert_eq!(of(b"50%\r\x1b[K", 1), ["50%"]);
    }

    #[test]
    fn bytes_that_are_no_text_are_shown_as_such() {
        assert_eq!(of(b"caf\xe9\n", 1), ["caf\u{fffd}"]);
    }

    #[test]
    fn a_long_line_is_cut_by_characters() {
        let lines = of("é".repeat(201).as_bytes(), 1);
        assert_eq!(lines[0].chars().count(), 200);
        assert!(lines[0].ends_with("é…"));
        assert_eq!(of("é".repeat(200).as_bytes(), 1), ["é".repeat(200)]);
    }

    #[test]
    fn only_the_end_of_a_large_file_is_read() {
        let mut bytes = vec![b'x'; 1 << 20];
        bytes.extend_from_slice(b"\nlast\n");
        let lines = of(&bytes, 20);
        assert_eq!(lines.len(), 2);
        assert_eq!(lines[1], "last");
    }
}
