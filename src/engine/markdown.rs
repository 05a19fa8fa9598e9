//! Text as Markdown that cannot break out of its place: code spans, quotes, fenced blocks, table cells.
//!
//! What is shown in pull requests and reports comes from plans, paths and logs, and may hold any character. The
//! templates of `engine::text` pass all of it through these, as filters of the same names.

use crate::engine::quiet::{closings, mentions};
use crate::model::clean::{clean, clean_lines, turns_direction};

/// A code span that shows `content` as it is; a character without a visible form is shown by its escape.
pub(crate) fn code(content: &str) -> String {
    let mut shown = String::with_capacity(content.len());
    for c in content.chars() {
        if c.is_control() || turns_direction(c) {
            shown.extend(c.escape_debug());
        } else {
            shown.push(c);
        }
    }
    let ticks = "`".repeat(longest_run(&shown, '`') + 1);
    // A renderer takes one space off both ends, so that a span can begin and end with a backtick or a space.
    let padded = |c| matches!(c, '`' | ' ');
    if shown.is_empty() || shown.starts_with(padded) || shown.ends_with(padded) {
        format!("{ticks} {shown} {ticks}")
    } else {
        format!("{ticks}{shown}{ticks}")
    }
}

/// One line of plain text, with what Markdown or HTML would read as a sign escaped.
pub(crate) fn text(content: &str) -> String {
    let line = clean(content);
    let mut escaped = String::with_capacity(line.len() + 8);
    let mut before = None;
    let mut rest = line.chars().peekable();
    while let Some(c) = rest.next() {
        let sign = match c {
            '\\' | '`' | '*' | '[' | ']' | '<' | '>' | '|' | '~' | '&' | '$' => true,
            '#' | '-' | '+' | '=' => before.is_none(),
            // Within a word it is a letter: `snake_case` stays readable.
            '_' => {
                !before.is_some_and(char::is_alphanumeric)
                    || !rest.peek().is_some_and(|next| next.is_alphanumeric())
            }
            _ => false,
        };
        if sign {
            escaped.push('\\');
        }
        escaped.push(c);
        before = Some(c);
    }
    escaped
}

/// A block quote. It may hold Markdown of its own: a fence or comment left open in it ends with the quote.
pub(crate) fn quote(content: &str) -> String {
    clean_lines(content.trim())
        .lines()
        .map(|line| format!("> {line}").trim_end().to_owned())
        .collect::<Vec<_>>()
        .join("\n")
}

/// Markdown that people wrote, in which nobody is notified by an `@name` and no `#12` closes or links an issue.
pub(crate) fn quiet(content: &str) -> String {
    mentions(&closings(&clean_lines(content)))
}

/// A block quote of words that nobody has read: no markup of theirs counts, nobody is notified by an `@name` in them,
/// and no `#12` closes or links another's issue.
pub(crate) fn words(content: &str) -> String {
    let lines = closings(&clean_lines(content.trim()));
    let quoted: Vec<String> = lines
        .lines()
        .map(|line| format!("> {}", inert(line)).trim_end().to_owned())
        .collect();
    quoted.join("\n")
}

/// One line of plain text that in addition notifies nobody and links no issue.
pub(crate) fn inert(content: &str) -> String {
    mentions(&text(&closings(&clean(content))))
}

/// A fenced block whose fence is longer than any run of backticks in it.
pub(crate) fn fence(content: &str) -> String {
    let shown = clean_lines(content);
    let ticks = "`".repeat((longest_run(&shown, '`') + 1).max(3));
    format!("{ticks}text\n{shown}\n{ticks}")
}

/// A shell command after a colon: a code span when it is a line, a block of its own when it is longer.
pub(crate) fn command(content: &str) -> String {
    let content = content.trim();
    if content.contains('\n') {
        format!("\n\n{}", fence(content))
    } else {
        format!(" {}", code(content))
    }
}

/// Markdown made fit for a cell of a table, where even a code span ends at a bar.
pub(crate) fn cell(markdown: &str) -> String {
    let mut fit = String::with_capacity(markdown.len());
    let mut escaped = false;
    for c in markdown.chars() {
        if c == '|' && !escaped {
            fit.push('\\');
        }
        escaped = c == '\\' && !escaped;
        fit.push(if c == '\n' { ' ' } else { c });
    }
    fit
}

fn longest_run(text: &str, of: char) -> usize {
    text.split(|c| c != of).map(str::len).max().unwrap_or(0) / of.len_utf8()
}

#[cfg(test)]
mod tests {
    use super::{cell, code, fence, inert, quiet, quote, text, words};

    #[test]
    fn a_code_span_holds_any_text() {
        for (content, span) in [
            ("src/a b.rs", "`src/a b.rs`"),
            ("a`b", "``a`b``"),
            ("``", "``` `` ```"),
            (" lead", "`  lead `"),
            ("two\nlines\u{1b}", r"`two\nlines\u{1b}`"),
            ("txt.\u{202e}exe", r"`txt.\u{202e}exe`"),
            ("", "`  `"),
        ] {
            assert_eq!(code(content), span);
        }
    }

    #[test]
    fn words_of_a_stranger_have_no_effect() {
        assert_eq!(
            words("*Fixes* #12 for @all.\n\n# <!-- x -->\n- a_b\u{1b}[1m"),
            "> \\*Fixes\\* #\u{200b}12 for @\u{200b}all.\n>\n> \\# \\<!-- x --\\>\n> \\- a_b"
        );
    }

    #[test]
    fn markdown_made_quiet_keeps_its_markup() {
        assert_eq!(
            quiet("- *a* `b`\n\n  fixes\u{1b}[1m #3 for @bob"),
            "- *a* `b`\n\n  fixes (#\u{200b}3) for @\u{200b}bob"
        );
        assert_eq!(inert("fixes:\n#3"), "fixes: (#\u{200b}3)");
    }

    #[test]
    fn plain_text_cannot_become_markup() {
        for (content, escaped) in [
            ("snake_case stays", "snake_case stays"),
            ("_this_ <b>*not*</b>", r"\_this\_ \<b\>\*not\*\</b\>"),
            ("# no heading\nat all", r"\# no heading at all"),
            ("[x](http://y) ![z]", r"\[x\](http://y) !\[z\]"),
            ("a|b `c` &amp; \\", r"a\|b \`c\` \&amp; \\"),
        ] {
            assert_eq!(text(content), escaped);
        }
    }

    #[test]
    fn a_fence_is_longer_than_those_in_its_text() {
        assert_eq!(fence("a\nb"), "```text\na\nb\n```");
        assert_eq!(fence("````\nx"), "`````text\n````\nx\n`````");
    }

    #[test]
    fn a_quote_keeps_what_is_left_open_inside_it() {
        assert_eq!(quote("<!-- a\n\n```\n"), "> <!-- a\n>\n> ```");
        assert_eq!(quote(""), "");
    }

    #[test]
    fn a_cell_escapes_each_bar_once() {
        assert_eq!(cell(&code("a|b")), r"`a\|b`");
        assert_eq!(cell(&text("a|b")), r"a\|b");
    }
}
