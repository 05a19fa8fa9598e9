//! [`clean`]: text from outside made fit to be shown.
//!
//! File names, commit subjects and what programs print can hold escape sequences and characters that move a cursor or
//! turn the reading direction round. Whoever shows such text on a terminal or in Markdown calls this first.

/// One line without escape sequences, control characters and marks of direction; runs of blank space become one space.
#[must_use]
pub fn clean(text: &str) -> String {
    let mut line = String::with_capacity(text.len());
    for word in without_escapes(text)
        .split_whitespace()
        .filter(|w| !w.is_empty())
    {
        if !line.is_empty() {
            line.push(' ');
        }
        line.push_str(word);
    }
    line
}

/// The same for text of several lines: line breaks and indentation stay, a tab counts as four spaces.
#[must_use]
pub fn clean_lines(text: &str) -> String {
    let plain = without_escapes(text).replace('\t', "    ");
    plain
        .lines()
        .map(str::trim_end)
        .collect::<Vec<_>>()
        .join("\n")
}

/// The same for text of several lines that is to stand in one: a semicolon between each two.
#[must_use]
pub fn clean_joined(text: &str) -> String {
    let lines = text.lines().map(clean);
    let said: Vec<String> = lines.filter(|line| !line.is_empty()).collect();
    said.join("; ")
}

/// What the user typed, on one line and otherwise as it was typed: only what no terminal should get is escaped.
#[must_use]
pub fn typed(text: &str) -> String {
    let mut line = String::with_capacity(text.len());
    for c in text.chars() {
        if c.is_control() || turns_direction(c) {
            line.extend(c.escape_debug());
        } else {
            line.push(c);
        }
    }
    line
}

/// Whether a character changes the order in which others are shown (the bidirectional controls of Unicode).
pub(crate) fn turns_direction(c: char) -> bool {
    matches!(c, '\u{61c}' | '\u{200e}' | '\u{200f}' | '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}')
}

/// Removes ECMA-48 sequences, then every other control character; `\n` and `\t` stay, a lone `\r` becomes a `\n`.
fn without_escapes(text: &str) -> String {
    let mut plain = String::with_capacity(text.len());
    let mut chars = text.chars().peekable();
    while let Some(c) = chars.next() {
        match c {
            '\u{1b}' => match chars.next_if(|next| !next.is_control()) {
                Some('[') => skip_parameters(&mut chars),
                Some(']' | 'P' | 'X' | '^' | '_') => skip_string(&mut chars),
                Some(' '..='/') => drop(chars.next_if(char::is_ascii)),
                Some(_) | None => {}
            },
            '\u{9b}' => skip_parameters(&mut chars),
            '\u{90}' | '\u{98}' | '\u{9d}'..='\u{9f}' => skip_string(&mut chars),
            '\r' if chars.peek() == Some(&'\n') => {}
            '\r' => plain.push('\n'),
            '\n' | '\t' => plain.push(c),
            c if c.is_control() || turns_direction(c) => {}
            c => plain.push(c),
        }
    }
    plain
}

type Chars<'a> = std::iter::Peekable<std::str::Chars<'a>>;

/// The rest of `CSI … final`: parameters and intermediates up to a byte of 0x40 to 0x7e.
fn skip_parameters(chars: &mut Chars<'_>) {
    while chars.next_if(|c| matches!(c, ' '..='?')).is_some() {}
    chars.next_if(|c| matches!(c, '@'..='~'));
}

/// The rest of a string sequence up to BEL or ST; an unfinished one ends with its line, so that it hides no more.
fn skip_string(chars: &mut Chars<'_>) {
    while let Some(c) = chars.next_if(|c| *c != '\n') {
        match c {
            '\u{7}' | '\u{9c}' => return,
            '\u{1b}' => {
                chars.next_if_eq(&'\\');
                return;
            }
            _ => {}
        }
    }
}

#[cfg(test)]
mod tests {
    use super::{clean, clean_joined, clean_lines};
    use proptest::prelude::*;

    #[test]
    fn lines_that_are_to_stand_in_one_do_not_run_into_each_other() {
        let text = "#2 of its branch was closed\n\n  reopen it\u{1b}[0m\n";
        assert_eq!(clean_joined(text), "#2 of its branch was closed; reopen it");
    }

    #[test]
    fn escape_sequences_leave_no_trace() {
        for (raw, shown) in [
            ("\u{1b}[31mred\u{1b}[0m", "red"),
            ("\u{1b}]0;title\u{7}after", "after"),
            ("\u{1b}]8;;http://x\u{1b}\\link\u{1b}]8;;\u{1b}\\", "link"),
            ("\u{9b}2Jc1", "c1"),
            ("\u{1b}(Bset", "set"),
            ("end\u{1b}", "end"),
            ("end\u{1b}[", "end"),
            ("\u{1b}]never closed\nnext", "next"),
            ("a\u{1b}\u{1b}[1mb", "ab"),
            ("bell\u{7}back\u{8}space\u{7f}", "bellbackspace"),
            ("over\rwritten\r\nline", "over written line"),
            ("admin\u{202e}txt.exe", "admintxt.exe"),
        ] {
            assert_eq!(clean(raw), shown, "{raw:?}");
        }
    }

    #[test]
    fn what_people_write_stays() {
        assert_eq!(
            clean("  naïve 👩\u{200d}💻 \t 日本語 "),
            "naïve 👩\u{200d}💻 日本語"
        );
        assert_eq!(clean_lines("a\n  b \n\tc\r\n"), "a\n  b\n    c");
    }

    proptest! {
        #[test]
        fn nothing_that_moves_a_cursor_survives(text in any::<String>()) {
            prop_assert!(!clean(&text).chars().any(char::is_control));
            prop_assert!(!clean_lines(&text).chars().any(|c| c.is_control() && c != '\n'));
        }
    }
}
