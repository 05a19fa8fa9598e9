//! How a text is spelled in TOML so that people like to read it: literal where backslashes would double, over several
//! lines where it has several.

use std::fmt::Write as _;

/// One line: `"…"`, or `'…'` when that saves escapes.
pub(super) fn line(text: &str) -> String {
    if text.contains(['"', '\\']) && fits_literal(text) {
        return format!("'{text}'");
    }
    let mut spelled = String::with_capacity(text.len() + 2);
    spelled.push('"');
    for char in text.chars() {
        match char {
            '\n' => spelled.push_str("\\n"),
            '"' => spelled.push_str("\\\""),
            _ => push_escaped(char, &mut spelled),
        }
    }
    spelled.push('"');
    spelled
}

/// An expression full of backslashes: `'…'` whenever that is possible.
pub(super) fn expression(text: &str) -> String {
    if fits_literal(text) {
        format!("'{text}'")
    } else {
        line(text)
    }
}

/// Prose or a script: over several lines if it has several.
pub(super) fn block(text: &str) -> String {
    if !text.contains('\n') {
        return line(text);
    }
    let plain = |c: char| matches!(c, '\n' | '\t') || !c.is_control();
    if text.contains('\\') && !text.contains('\'') && text.chars().all(plain) {
        return format!("'''\n{text}'''");
    }
    let mut spelled = String::from("\"\"\"\n");
    let mut chars = text.chars().peekable();
    while let Some(char) = chars.next() {
        match char {
            '\n' => spelled.push('\n'),
            // Only a quote that the next one or the end would join needs an escape.
            '"' if matches!(chars.peek(), None | Some('"')) => spelled.push_str("\\\""),
            '"' => spelled.push('"'),
            _ => push_escaped(char, &mut spelled),
        }
    }
    spelled.push_str("\"\"\"");
    spelled
}

/// A list: on one line if it is short, otherwise one item a line.
pub(super) fn list(items: &[String]) -> String {
    const SHORT: usize = 80;
    let length: usize = items.iter().map(|item| item.len() + 2).sum();
    if items.len() <= 3 && length <= SHORT {
        return format!("[{}]", items.join(", "));
    }
    let mut spelled = String::from("[\n");
    for item in items {
        spelled.push_str("    ");
        spelled.push_str(item);
        spelled.push_str(",\n");
    }
    spelled.push(']');
    spelled
}

fn fits_literal(text: &str) -> bool {
    !text.contains('\'') && !text.contains(char::is_control)
}

fn push_escaped(char: char, spelled: &mut String) {
    match char {
        '\\' => spelled.push_str("\\\\"),
        '\t' => spelled.push_str("\\t"),
        '\r' => spelled.push_str("\\r"),
        _ if char.is_control() => {
            write!(spelled, "\\u{:04x}", u32::from(char)).expect("a String takes everything");
        }
        _ => spelled.push(char),
    }
}

#[cfg(test)]
mod tests {
    use super::{block, expression, line, list};
    use proptest::prelude::*;
    use toml::de::{DeTable, DeValue};

    fn read(spelled: &str) -> String {
        let text = format!("key = {spelled}\n");
        let table = DeTable::parse(&text).unwrap_or_else(|error| panic!("{text}: {error}"));
        match table.get_ref().get("key").unwrap().get_ref() {
            DeValue::String(text) => text.to_string(),
            other => panic!("{other:?}"),
        }
    }

    #[test]
    fn texts_are_spelled_the_plainest_way() {
        assert_eq!(line("make test"), r#""make test""#);
        assert_eq!(line(r#"say "hi""#), r#"'say "hi"'"#);
        assert_eq!(line("it's \"x\""), r#""it's \"x\"""#);
        assert_eq!(line("a\nb\r\u{7f}"), r#""a\nb\r\u007f""#);
        assert_eq!(expression("s/a/b/"), "'s/a/b/'");
        assert_eq!(expression("s/'/b/"), "\"s/'/b/\"");
        assert_eq!(block("one\ntwo \"x\"\n"), "\"\"\"\none\ntwo \"x\"\n\"\"\"");
        assert_eq!(block("a \\\nb\n"), "'''\na \\\nb\n'''");
        assert_eq!(block("\"\"\"\nx\""), "\"\"\"\n\\\"\\\"\"\nx\\\"\"\"\"");
        assert_eq!(list(&["1".into(), "2".into()]), "[1, 2]");
        assert_eq!(
            list(&["1".into(), "2".into(), "3".into(), "4".into()]),
            "[\n    1,\n    2,\n    3,\n    4,\n]"
        );
    }

    proptest! {
        #[test]
        fn every_text_comes_back(text in prop_oneof![".*", "(?s-u:[a\"'\\\\\n\r\t \x00\x7f]){0,12}"]) {
            prop_assert_eq!(read(&line(&text)), text.clone());
            prop_assert_eq!(read(&expression(&text)), text.clone());
            prop_assert_eq!(read(&block(&text)), text);
        }
    }
}
