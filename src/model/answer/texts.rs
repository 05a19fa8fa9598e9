//! The texts of an answer made fit for a plan: without escapes and control characters, and none of them endless.
//!
//! Commands are not cleaned, for that would make other commands of them: one that holds what no command needs is refused.

use crate::model::answer::findings::Findings;
use crate::model::clean::{clean, clean_lines, turns_direction};

/// The longest title, in characters.
pub(super) const TITLE_MAX: usize = 80;
/// The longest task or context, in characters.
pub(super) const TASK_MAX: usize = 4_000;
/// The longest summary or reason, in characters.
pub(super) const REASON_MAX: usize = 2_000;
/// The longest convention, contract or constraint, in characters.
const ITEM_MAX: usize = 600;
/// The most conventions, contracts or constraints.
const ITEMS_MAX: usize = 24;
/// The longest command, in characters.
const COMMAND_MAX: usize = 1_000;

/// One line.
pub(super) fn line(text: &str, max: usize) -> String {
    cut(clean(text), max)
}

/// One or several lines.
pub(super) fn block(text: &str, max: usize) -> String {
    cut(clean_lines(text).trim().to_owned(), max)
}

/// Several lines that may say nothing.
pub(super) fn optional(text: &str, max: usize) -> Option<String> {
    let text = block(text, max);
    (!text.is_empty()).then_some(text)
}

/// The items that say something.
pub(super) fn items(texts: &[String]) -> Vec<String> {
    let items = texts.iter().map(|text| block(text, ITEM_MAX));
    let items = items.filter(|text| !text.is_empty());
    items.take(ITEMS_MAX).collect()
}

/// A command that will run on the user's machine once it was shown; `whose` is what problems call it.
pub(super) fn command(
    whose: &str,
    command: Option<&String>,
    findings: &mut Findings,
) -> Option<String> {
    let command = command.map(|command| command.trim()).unwrap_or_default();
    if command.is_empty() || command == "null" {
        return None;
    }
    let odd = |c: char| (c.is_control() && !matches!(c, '\n' | '\t')) || turns_direction(c);
    let why = if command.contains(odd) {
        "holds control characters"
    } else if command.chars().count() > COMMAND_MAX {
        "is too long for a command"
    } else {
        return Some(command.to_owned());
    };
    findings.mend(
        format!("{whose} {why}: give a plain shell command, or null"),
        format!("{whose} {why}, and was left out"),
    );
    None
}

fn cut(text: String, max: usize) -> String {
    if text.chars().nth(max).is_none() {
        return text;
    }
    let kept: String = text.chars().take(max - 1).collect();
    format!("{}…", kept.trim_end())
}

#[cfg(test)]
mod tests {
    use super::{command, items, line};
    use crate::model::answer::findings::{Findings, Patience};

    #[test]
    fn texts_are_cleaned_and_cut() {
        assert_eq!(line("\u{1b}[31mRed\u{1b}[0m\n title ", 80), "Red title");
        assert_eq!(line("abcdef", 5), "abcd…");
        let many = vec![" a\u{7} ".to_owned(), "  ".to_owned()];
        assert_eq!(items(&many), ["a"]);
        assert_eq!(items(&vec!["x".to_owned(); 100]).len(), 24);
    }

    #[test]
    fn a_command_is_taken_as_it_is_or_not_at_all() {
        let asked = |text: &str| {
            let mut findings = Findings::new(Patience::First);
            let kept = command("the check", Some(&text.to_owned()), &mut findings);
            (kept, findings.settle().is_ok())
        };
        assert_eq!(asked(" make test\n"), (Some("make test".into()), true));
        assert_eq!(asked("a &&\n\tb"), (Some("a &&\n\tb".into()), true));
        assert_eq!(asked(""), (None, true));
        for odd in ["rm \u{1b}[2K-rf", "a\u{202e}b", "a\rb", &"x".repeat(1_001)] {
            assert_eq!(asked(odd), (None, false), "{odd:?}");
        }
    }
}
