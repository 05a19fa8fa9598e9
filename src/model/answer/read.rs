//! Finds the JSON of an [`Answer`] in what an agent wrote, which may be prose around it, a fenced block, or no JSON at all.

use serde_json::Value;

use crate::model::answer::shape::Answer;
use crate::model::clean::clean;

/// The longest answer that is looked into, in bytes; a plan of a thousand units with a hundred paths each fits.
pub const ANSWER_MAX: usize = 8 << 20;

/// How many places of a text are tried as the beginning of an object.
const BEGINNINGS: usize = 64;

/// The longest message of the parser that is passed on, in characters.
const WORDS_MAX: usize = 300;

/// Reads the answer out of a message.
///
/// # Errors
/// What is wrong with it, for the agent.
pub fn read(text: &str) -> Result<Answer, String> {
    if text.len() > ANSWER_MAX {
        return Err(too_large(text.len()));
    }
    read_object(&object_in(text)?)
}

/// Reads the answer that a program held to the schema gave.
///
/// # Errors
/// What is wrong with it, for the agent.
pub fn read_value(value: &Value) -> Result<Answer, String> {
    let size = size(value);
    if size > ANSWER_MAX {
        return Err(too_large(size));
    }
    read_object(value)
}

fn read_object(value: &Value) -> Result<Answer, String> {
    serde_path_to_error::deserialize(value).map_err(|error| {
        let place = error.path().to_string();
        let words = shortened(&error.inner().to_string());
        match place.as_str() {
            "." => format!("the answer does not fit the schema: {words}"),
            _ => format!(
                "the answer does not fit the schema at `{}`: {words}",
                clean(&place)
            ),
        }
    })
}

/// About as many bytes as the value takes as text.
fn size(value: &Value) -> usize {
    match value {
        Value::Null | Value::Bool(_) | Value::Number(_) => 4,
        Value::String(text) => text.len() + 2,
        Value::Array(items) => items.iter().map(|item| size(item) + 1).sum::<usize>() + 2,
        Value::Object(map) => {
            let fields = map.iter().map(|(key, value)| key.len() + size(value) + 4);
            fields.sum::<usize>() + 2
        }
    }
}

fn too_large(size: usize) -> String {
    format!(
        "the answer is too large: {} kB, where {} kB are the most; name folders and globs rather than single files",
        size >> 10,
        ANSWER_MAX >> 10
    )
}

/// The object that looks most like an answer: the last fenced one, else the first that begins somewhere in the text.
fn object_in(text: &str) -> Result<Value, String> {
    let whole = serde_json::from_str::<Value>(text.trim());
    if let Ok(value @ Value::Object(_)) = whole {
        return Ok(value);
    }
    let mut found: Vec<Value> = Vec::new();
    for block in fenced(text).iter().rev() {
        found.extend(serde_json::from_str(block).ok());
    }
    let mut rest = text;
    for _ in 0..BEGINNINGS {
        let Some(begin) = rest.find('{') else { break };
        rest = &rest[begin..];
        let mut values = serde_json::Deserializer::from_str(rest).into_iter::<Value>();
        let read = values.next();
        let after = values.byte_offset();
        if let Some(Ok(value)) = read {
            found.push(value);
            rest = &rest[after..];
        } else {
            rest = &rest[1..];
        }
    }
    found.retain(Value::is_object);
    let telling = found
        .iter()
        .position(|value| value.get("verdict").is_some());
    if !found.is_empty() {
        return Ok(found.swap_remove(telling.unwrap_or(0)));
    }
    Err(no_object(text))
}

fn no_object(text: &str) -> String {
    let (Some(begin), Some(end)) = (text.find('{'), text.rfind('}')) else {
        return "the answer is not JSON: there is no object in it".to_owned();
    };
    let braces = text.get(begin..=end).unwrap_or_default();
    match serde_json::from_str::<Value>(braces) {
        Err(error) => format!("the answer is not JSON: {}", shortened(&error.to_string())),
        Ok(_) => "the answer is not JSON: there is no object in it".to_owned(),
    }
}

/// What stands in fenced blocks; a fence ends at one of the same sign that is at least as long.
fn fenced(text: &str) -> Vec<String> {
    let mut blocks = Vec::new();
    let mut open: Option<(char, usize, Vec<&str>)> = None;
    for line in text.lines() {
        let fence = fence_of(line);
        open = match (open.take(), fence) {
            (None, None) => None,
            (None, Some((sign, length, _))) => Some((sign, length, Vec::new())),
            (Some((sign, length, lines)), Some((other, longer, true)))
                if other == sign && longer >= length =>
            {
                blocks.push(lines.join("\n"));
                None
            }
            (Some((sign, length, mut lines)), _) => {
                lines.push(line);
                Some((sign, length, lines))
            }
        };
    }
    // One that was never closed ends with the text.
    blocks.extend(open.map(|(_, _, lines)| lines.join("\n")));
    blocks
}

/// The sign and length of a fence, and whether it can close a block: then nothing follows it.
fn fence_of(line: &str) -> Option<(char, usize, bool)> {
    let line = line.trim();
    let sign = line.chars().next().filter(|c| matches!(c, '`' | '~'))?;
    let rest = line.trim_start_matches(sign);
    let length = line.len() - rest.len();
    (length >= 3).then_some((sign, length, rest.is_empty()))
}

fn shortened(words: &str) -> String {
    let words = clean(words);
    match words.char_indices().nth(WORDS_MAX) {
        Some((end, _)) => format!("{}…", &words[..end]),
        None => words,
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;
    use serde_json::json;

    use super::{ANSWER_MAX, read, read_value};
    use crate::model::answer::Verdict;

    const SMALL: &str = r#"{"verdict": "split", "reason": "a \"}\" and ``` inside"}"#;

    #[test]
    fn an_answer_is_found_wherever_it_stands() {
        for text in [
            SMALL.to_owned(),
            format!("  \n{SMALL}\n"),
            format!("Here it is:\n\n```json\n{SMALL}\n```\nDone."),
            format!("````\n```\nnot this {{}}\n```\n````\n~~~\n{SMALL}\n~~~"),
            format!("```json\n{SMALL}"),
            format!("I looked at `{{a: 1}}` and {{\"x\": 2}}.\n{SMALL} That is {{all}}."),
            format!("{}{SMALL}", "{".repeat(20)),
        ] {
            let answer = read(&text).unwrap_or_else(|error| panic!("{text}: {error}"));
            assert_eq!(answer.verdict, Verdict::Split, "{text}");
            assert_eq!(answer.reason, "a \"}\" and ``` inside", "{text}");
        }
    }

    #[test]
    fn what_is_wrong_is_said_with_its_place() {
        for (text, why) in [
            ("", "the answer is not JSON: there is no object in it"),
            (
                "I could not do it.",
                "the answer is not JSON: there is no object in it",
            ),
            (
                r#"{"verdict": "split","#,
                "the answer is not JSON: there is no object in it",
            ),
            (
                r#"{"verdict": "split", units: []}"#,
                "the answer is not JSON: key must be a string at line 1 column 22",
            ),
            (
                r#"[{"verdict": "maybe"}]"#,
                "the answer does not fit the schema at `verdict`: unknown variant `maybe`, expected `split` or `do-not-split`",
            ),
            (
                r#"{"units": []}"#,
                "the answer does not fit the schema: missing field `verdict`",
            ),
            (
                r#"{"verdict": "split", "units": [{"id": "a", "paths": ["x", 3]}]}"#,
                "the answer does not fit the schema at `units[0].paths[1]`: invalid type: integer `3`, expected a string",
            ),
        ] {
            assert_eq!(read(text).unwrap_err(), why, "{text}");
        }
    }

    #[test]
    fn nulls_and_unknown_fields_do_no_harm() {
        let value =
            json!({"verdict": "do-not-split", "units": null, "reason": null, "mood": "good"});
        let answer = read_value(&value).unwrap();
        assert!(answer.units.is_empty() && answer.reason.is_empty());
    }

    #[test]
    fn a_huge_answer_is_not_looked_into() {
        let huge = format!(
            "{{\"verdict\": \"split\", \"reason\": \"{}\"}}",
            "x".repeat(10 << 20)
        );
        assert!(read(&huge).unwrap_err().contains("too large: 10240 kB"));
        let value = json!({"verdict": "split", "conventions": vec!["y".repeat(1 << 20); 9]});
        assert!(read_value(&value).unwrap_err().contains("too large"));
        let deep = "[".repeat(ANSWER_MAX / 2);
        assert!(read(&deep).is_err());
        assert!(read(&"{".repeat(ANSWER_MAX)).is_err());
    }

    proptest! {
        #[test]
        fn no_text_breaks_it(text in "(?s)[\\{\\}\\[\\]\",:`~\n a-c0-9\u{1b}]{0,80}") {
            let _ = read(&text);
        }

        #[test]
        fn prose_around_an_answer_does_not_hide_it(before in "[a-z`\n .]{0,40}", after in "[a-z`\n .{}]{0,40}") {
            let text = format!("{before}\n\n```json\n{SMALL}\n```\n{after}");
            prop_assert!(read(&text).is_ok(), "{}", text);
        }
    }
}
