//! Words and command lines as a shell takes them back, for lines that a person copies.

use std::path::Path;

/// The word, quoted only where a shell would read it otherwise.
#[must_use]
pub fn word(text: &str) -> String {
    let is_plain = |c: char| c.is_ascii_alphanumeric() || "_-./:=@%+,".contains(c);
    if !text.is_empty() && text.chars().all(is_plain) {
        return text.to_owned();
    }
    // Single quotes keep `\` and `$` as they were typed; shlex would take double ones and escape each.
    format!("'{}'", text.replace('\'', r"'\''"))
}

/// A path as a word.
#[must_use]
pub fn path(path: &Path) -> String {
    word(&path.display().to_string())
}

/// Words as a line.
#[must_use]
pub fn line<'a>(words: impl IntoIterator<Item = &'a str>) -> String {
    let words: Vec<String> = words.into_iter().map(word).collect();
    words.join(" ")
}

#[cfg(test)]
mod tests {
    use super::{line, word};

    #[test]
    fn a_word_is_quoted_where_a_shell_would_read_it_otherwise() {
        for (text, shown) in [
            ("prs", "prs"),
            ("/tmp/a-b_c.d", "/tmp/a-b_c.d"),
            ("", "''"),
            ("a b", "'a b'"),
            ("~", "'~'"),
            (r"s/\bx\b/${1}/g", r"'s/\bx\b/${1}/g'"),
            ("it's", r"'it'\''s'"),
        ] {
            assert_eq!(word(text), shown);
        }
    }

    #[test]
    fn what_is_copied_is_what_was_meant() {
        let words = ["a b", "it's", "", "$x `y` \"z\" \\", "日本語\n"];
        assert_eq!(shlex::split(&line(words)).unwrap(), words);
    }
}
