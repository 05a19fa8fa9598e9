//! Lines of JSON as agents print them: read without trust. What is missing, null or of another kind is nothing, never
//! an error. The listeners call it.

use serde_json::Value;

/// How many characters of what a tool is used with are told.
const WITH: usize = 200;

/// The line as an object; none when it is anything else.
pub(super) fn object(line: &str) -> Option<Value> {
    let line = line.trim();
    if !line.starts_with('{') {
        return None;
    }
    let read = serde_json::from_str(line).or_else(|_| serde_json::from_str(&paired(line)));
    read.ok().filter(Value::is_object)
}

/// The line with half characters made whole ones: a program in JavaScript that cuts a text within one writes the half
/// as an escape, which no reader of Unicode takes.
fn paired(line: &str) -> String {
    let escape = |at: usize| {
        let digits = line.get(at..at + 6)?.strip_prefix("\\u")?;
        u16::from_str_radix(digits, 16).ok()
    };
    let (mut whole, mut at) = (String::with_capacity(line.len()), 0);
    while let Some(found) = line[at..].find('\\') {
        whole.push_str(&line[at..at + found]);
        at += found;
        let taken = match (escape(at), escape(at + 6)) {
            (Some(0xd800..=0xdbff), Some(0xdc00..=0xdfff)) => 12,
            (Some(0xd800..=0xdfff), _) => {
                whole.push_str("\\ufffd");
                at += 6;
                continue;
            }
            (Some(_), _) => 6,
            // What a backslash stands before is no escape's beginning.
            (None, _) => 1 + line[at + 1..].chars().next().map_or(0, char::len_utf8),
        };
        whole.push_str(&line[at..at + taken]);
        at += taken;
    }
    whole + &line[at..]
}

/// The text at a JSON pointer (`/part/text`), unless it is empty.
pub(super) fn text<'a>(value: &'a Value, pointer: &str) -> Option<&'a str> {
    value
        .pointer(pointer)
        .and_then(Value::as_str)
        .filter(|text| !text.is_empty())
}

/// The whole number at a JSON pointer; 0 where there is none.
pub(super) fn count(value: &Value, pointer: &str) -> u64 {
    value.pointer(pointer).and_then(Value::as_u64).unwrap_or(0)
}

/// The HTTP status at a JSON pointer.
pub(super) fn status(value: &Value, pointer: &str) -> Option<u16> {
    let number = value.pointer(pointer).and_then(Value::as_u64)?;
    u16::try_from(number).ok()
}

/// What a tool is used with: the first of these members of its input that is text, on one short line.
pub(super) fn used_with(input: Option<&Value>, members: &[&str]) -> String {
    let found = members
        .iter()
        .find_map(|member| input?.get(member)?.as_str());
    shortened(found.unwrap_or_default().lines().next().unwrap_or(""), WITH)
}

/// How many refusals are told with what they were about; of the others the tool's name is enough.
const REFUSALS: usize = 5;

/// Adds a refusal to those of a request, with what the tool was to be used with: a command that may not be run is what a
/// person can allow. Gives it back as it is told.
pub(super) fn denial(known: &mut Vec<String>, tool: &str, with: &str) -> String {
    let said = if with.is_empty() {
        tool.to_owned()
    } else {
        format!("{tool} ({with})")
    };
    let short = if known.len() < REFUSALS { &*said } else { tool };
    if !known.iter().any(|one| *one == said || one == short) {
        known.push(short.to_owned());
    }
    said
}

/// The text, or its beginning and a sign that there was more.
pub(super) fn shortened(text: &str, characters: usize) -> String {
    match text.char_indices().nth(characters) {
        Some((at, _)) => format!("{}…", &text[..at]),
        None => text.to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::{count, denial, object, shortened, status, text, used_with};

    #[test]
    fn half_a_character_costs_itself_alone() {
        let said = |line: &str| {
            let object = object(line);
            object.and_then(|object| text(&object, "/a").map(str::to_owned))
        };
        for (written, read) in [
            (r#"{"a":"x\ud83d"}"#, "x\u{fffd}"),
            (r#"{"a":"\ude00x \ud83d\ude00"}"#, "\u{fffd}x \u{1f600}"),
            (r#"{"a":"\ud83d\ud83d\ude00"}"#, "\u{fffd}\u{1f600}"),
            (r#"{"a":"\\ud83d é\ud83d\n"}"#, "\\ud83d é\u{fffd}\n"),
        ] {
            assert_eq!(said(written).as_deref(), Some(read), "{written}");
        }
        for broken in [r#"{"a":"\u12"#, r#"{"a":"\"#, r#"{"a":"\ud8é"}"#] {
            assert_eq!(said(broken), None, "{broken}");
        }
    }

    #[test]
    fn what_is_no_object_is_nothing() {
        for line in ["", "{", "null", "[1]", "\"x\"", "Warning: {}", "{\"a\":"] {
            assert_eq!(object(line), None, "{line}");
        }
        assert!(object(" {\"a\":1} ").is_some());
    }

    #[test]
    fn what_is_of_another_kind_is_nothing() {
        let odd = object(r#"{"text":null,"empty":"","n":-1,"status":70000,"deep":{"n":7}}"#);
        let odd = odd.unwrap();
        assert_eq!(text(&odd, "/text"), None);
        assert_eq!(text(&odd, "/empty"), None);
        assert_eq!(count(&odd, "/n"), 0);
        assert_eq!(count(&odd, "/deep/n"), 7);
        assert_eq!(status(&odd, "/status"), None);
    }

    #[test]
    fn a_tools_input_is_told_by_one_short_line() {
        let input = serde_json::json!({"command": "echo a\nrm b", "path": "x"});
        assert_eq!(used_with(Some(&input), &["command", "path"]), "echo a");
        assert_eq!(used_with(Some(&input), &["pattern"]), "");
        assert_eq!(used_with(None, &["command"]), "");
    }

    #[test]
    fn refusals_are_told_with_what_they_were_about_and_the_later_ones_in_short() {
        let mut known = Vec::new();
        assert_eq!(denial(&mut known, "Bash", "make a"), "Bash (make a)");
        denial(&mut known, "Bash", "make a");
        assert_eq!(denial(&mut known, "Web", ""), "Web");
        assert_eq!(known, ["Bash (make a)", "Web"]);
        for number in 0..9 {
            denial(&mut known, "Bash", &format!("make {number}"));
        }
        assert_eq!(known.len(), 6);
        assert_eq!(known[5], "Bash");
    }

    #[test]
    fn a_text_is_cut_between_characters() {
        assert_eq!(shortened("äöü", 3), "äöü");
        assert_eq!(shortened("äöü", 2), "äö…");
    }
}
