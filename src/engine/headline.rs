//! A change and one of its units in a single line, for commit subjects and pull request titles; and prose in lines.
//!
//! Pure text: called by the templates of `engine::text` as the functions and filters of the same names.

use crate::model::clean::{clean, clean_lines};

/// "`change`: `title`" in at most `max` characters. What is too long is cut between words; the title goes last.
pub(crate) fn headline(change: &str, title: &str, max: usize) -> String {
    let change = clean(change.trim().lines().next().unwrap_or_default());
    let change = change.trim_end_matches(['.', ':', ' ']);
    let title = clean(title);
    if change.is_empty() || title.is_empty() {
        return cut(if title.is_empty() { change } else { &title }, max);
    }
    let room = max.saturating_sub(2);
    let for_change = room
        .saturating_sub(title.chars().count())
        .max(change.chars().count().min(room / 2));
    let change = cut(change, for_change);
    let title = cut(&title, room.saturating_sub(change.chars().count()));
    format!("{change}: {title}")
}

/// The text in at most `max` characters, with `…` where something is missing.
pub(crate) fn cut(text: &str, max: usize) -> String {
    if text.chars().count() <= max {
        return text.to_owned();
    }
    let kept: String = text.chars().take(max.saturating_sub(1)).collect();
    let whole_words = kept
        .rfind(' ')
        .map(|space| &kept[..space])
        // A single long word at the end is cut within, rather than dropped with most of the line.
        .filter(|words| words.chars().count() * 2 > max);
    let kept = whole_words
        .unwrap_or(&kept)
        .trim_end_matches([' ', ',', ';', ':', '.', '-']);
    format!("{kept}…")
}

/// Prose in lines of at most `max` characters. List items keep their indentation; indented and fenced lines stay whole.
pub(crate) fn wrap(text: &str, max: usize) -> String {
    let mut lines = Vec::new();
    let mut fenced = false;
    for line in clean_lines(text).lines() {
        let fence = line.trim_start().starts_with("```");
        fenced ^= fence;
        if fence || fenced || line.starts_with("    ") || line.chars().count() <= max {
            lines.push(line.to_owned());
        } else {
            wrap_line(line, max, &mut lines);
        }
    }
    lines.join("\n")
}

fn wrap_line(line: &str, max: usize, lines: &mut Vec<String>) {
    let unindented = line.trim_start();
    let item = unindented.starts_with("- ") || unindented.starts_with("* ");
    let lead = line.len() - unindented.len();
    let further = " ".repeat(lead + if item { 2 } else { 0 });
    let mut current = line[..lead].to_owned();
    let mut width = lead;
    let mut empty = true;
    for word in unindented.split_whitespace() {
        let length = word.chars().count();
        if !empty && width + 1 + length > max {
            lines.push(std::mem::replace(&mut current, further.clone()));
            width = further.len();
            empty = true;
        }
        if !empty {
            current.push(' ');
            width += 1;
        }
        current.push_str(word);
        width += length;
        empty = false;
    }
    lines.push(current);
}

#[cfg(test)]
mod tests {
    use super::{cut, headline, wrap};
    use proptest::prelude::*;

    #[test]
    fn a_headline_that_fits_is_whole() {
        assert_eq!(
            headline("Rename frob to frobnicate.\nmore", "src/auth", 72),
            "Rename frob to frobnicate: src/auth"
        );
        assert_eq!(headline("", "src/auth", 72), "src/auth");
        assert_eq!(headline("Rename", " ", 72), "Rename");
    }

    #[test]
    fn a_long_change_gives_way_to_the_title() {
        assert_eq!(
            headline(
                "migrate all of the class components in src/ to functional components, hooks included",
                "src/pages/settings",
                72
            ),
            "migrate all of the class components in src/ to…: src/pages/settings"
        );
    }

    #[test]
    fn a_long_title_leaves_half_of_the_line_to_the_change() {
        let line = headline(&"word ".repeat(30), &"x".repeat(200), 72);
        assert!(line.starts_with("word word word"), "{line}");
        assert!(line.ends_with("xxx…"), "{line}");
        assert!(line.chars().count() > 60, "{line}");
    }

    #[test]
    fn prose_is_wrapped_and_code_is_not() {
        let code = format!("    {}", "c".repeat(30));
        assert_eq!(
            wrap(
                &format!("one two three four\n\n- five six seven\n{code}"),
                12
            ),
            format!("one two\nthree four\n\n- five six\n  seven\n{code}")
        );
    }

    proptest! {
        #[test]
        fn a_headline_is_one_line_and_never_too_long(change in ".{0,200}", title in ".{0,200}") {
            let line = headline(&change, &title, 72);
            prop_assert!(line.chars().count() <= 72);
            prop_assert!(!line.chars().any(char::is_control));
        }

        #[test]
        fn a_cut_text_is_never_longer_than_allowed(text in ".{0,60}", max in 1_usize..50) {
            prop_assert!(cut(&text, max).chars().count() <= max);
        }

        #[test]
        fn wrapping_loses_no_word(text in "[a-z -]{0,200}") {
            let wrapped = wrap(&text, 20);
            prop_assert_eq!(
                wrapped.split_whitespace().collect::<Vec<_>>(),
                text.split_whitespace().collect::<Vec<_>>()
            );
        }
    }
}
