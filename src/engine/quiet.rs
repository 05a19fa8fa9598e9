//! Words of the user or an agent made so that a forge takes no order from them: nobody is notified by an `@name`, no
//! issue is linked by a `#12`, and none is closed by "fixes #12". What is seen stays the same, but for parentheses.
//!
//! Pure text: called by `markdown` for what stands in bodies, and by `text` for commit messages and titles.

use std::sync::LazyLock;

use regex::Regex;

/// Takes no room, and parts what forges read together.
const APART: char = '\u{200b}';

/// A closing word directly before an issue. Source: GitHub Docs, "Using keywords in issues and pull requests".
const CLOSING: &str = r"(?xi)
    ( \b (?: close[sd]? | fix(?:es|ed)? | resolve[sd]? ) (?: :\s* | \s+(?::\s*)? ) )
    (
        (?: [\w.-]+ / [\w.-]+ )? \#[0-9]+ \b
      | GH-[0-9]+ \b
      | https?://[^\s/()]+ (?: /[^\s/()]+ ){2} / (?: issues | pull ) /[0-9]+ (?: [/?\#][^\s()]* )?
    )";

static CLOSINGS: LazyLock<Regex> =
    LazyLock::new(|| Regex::new(CLOSING).expect("tests run this very expression"));

/// The text with each issue that it would close in parentheses, where a forge leaves it open.
pub(crate) fn closings(text: &str) -> String {
    CLOSINGS.replace_all(text, "${1}(${2})").into_owned()
}

/// The text with what would notify people or link issues taken apart, whether it is Markdown or not.
pub(crate) fn mentions(text: &str) -> String {
    let mut apart = String::with_capacity(text.len() + 8);
    let (mut before, mut in_address) = (None, false);
    for (at, c) in text.char_indices() {
        let rest = &text[at..];
        if in_address {
            in_address = !c.is_whitespace() && !r#"<>()[]"'`\"#.contains(c);
        } else if before.is_none_or(|c: char| c.is_whitespace() || c == '(') {
            in_address = is_address(rest);
        }
        apart.push(c);
        let next = rest[c.len_utf8()..].chars().next();
        let parted = match c {
            _ if in_address => false,
            // An e-mail address has a letter or digit there.
            '@' => {
                !before.is_some_and(|c| c.is_ascii_alphanumeric())
                    && next.is_some_and(|c| c.is_ascii_alphanumeric())
            }
            '#' => next.is_some_and(|c| c.is_ascii_digit()),
            '-' => next.is_some_and(|c| c.is_ascii_digit()) && ends_in_gh(&text[..at]),
            _ => false,
        };
        if parted {
            apart.push(APART);
        }
        before = Some(c);
    }
    apart
}

/// Whether a web address begins the text, which a forge makes a link as a whole.
fn is_address(text: &str) -> bool {
    let host = text
        .strip_prefix("https://")
        .or_else(|| text.strip_prefix("http://"));
    host.is_some_and(|host| host.starts_with(|c: char| c.is_ascii_alphanumeric()))
}

fn ends_in_gh(text: &str) -> bool {
    let mut back = text.chars().rev();
    let gh = [back.next(), back.next()].map(|c| c.map(|c| c.to_ascii_lowercase()));
    gh == [Some('h'), Some('g')] && !back.next().is_some_and(char::is_alphanumeric)
}

#[cfg(test)]
mod tests {
    use super::{closings, mentions};

    #[test]
    fn an_issue_after_a_closing_word_stands_in_parentheses() {
        for (text, quiet) in [
            ("fixes #3", "fixes (#3)"),
            ("Fix: #3", "Fix: (#3)"),
            ("RESOLVED:#3, closes #4.", "RESOLVED:(#3), closes (#4)."),
            ("close GH-3", "close (GH-3)"),
            ("fixed gh-3", "fixed (gh-3)"),
            ("resolve octo/my.sample_x#3", "resolve (octo/my.sample_x#3)"),
            (
                "closed https://github.com/o/r/issues/3.",
                "closed (https://github.com/o/r/issues/3).",
            ),
            (
                "(fixes http://h:1/o/r/pull/3#issuecomment-1)",
                "(fixes (http://h:1/o/r/pull/3#issuecomment-1))",
            ),
            (
                "fixes\n  #3\ncloses\u{a0}#4",
                "fixes\n  (#3)\ncloses\u{a0}(#4)",
            ),
            ("fixes : #3", "fixes : (#3)"),
        ] {
            assert_eq!(closings(text), quiet);
            assert_eq!(closings(quiet), quiet, "a second time changes nothing");
        }
    }

    #[test]
    fn what_closes_nothing_stays_as_it_is() {
        for text in [
            "",
            "see #3",
            "hotfixes #3",
            "fixes (#3)",
            "fixes bug #3",
            "fixes #3rd and #fff",
            "fixing #3",
            "prefix #3",
            "fixes https://github.com/o/r/commits/3",
            "close the file; #!/bin/sh",
            "fixes # 3",
        ] {
            assert_eq!(closings(text), text);
        }
    }

    #[test]
    fn names_and_issues_are_taken_apart() {
        for (text, quiet) in [
            ("@bob", "@\u{200b}bob"),
            ("(@octo/team), @1st", "(@\u{200b}octo/team), @\u{200b}1st"),
            ("_@bob_ é@bob", "_@\u{200b}bob_ é@\u{200b}bob"),
            ("@@bob", "@@\u{200b}bob"),
            ("#12 and o/r#12", "#\u{200b}12 and o/r#\u{200b}12"),
            ("\\#12", "\\#\u{200b}12"),
            ("GH-12, (gh-3)", "GH-\u{200b}12, (gh-\u{200b}3)"),
            (
                "[x](https://h/a)@bob https://h/a\n@bob",
                "[x](https://h/a)@\u{200b}bob https://h/a\n@\u{200b}bob",
            ),
            ("https://@bob", "https://@\u{200b}bob"),
        ] {
            assert_eq!(mentions(text), quiet);
            assert_eq!(mentions(quiet), quiet, "a second time changes nothing");
        }
    }

    #[test]
    fn what_notifies_nobody_stays_as_it_is() {
        for text in [
            "",
            "a@b.c",
            "first.last@example.com",
            "#!/bin/sh",
            "#fff",
            "# heading",
            "C# @ 3",
            "x @ y, @, #",
            "high-3 GH-x",
            "https://h/package/@types/node#3 is a link",
        ] {
            assert_eq!(mentions(text), text);
        }
    }
}
