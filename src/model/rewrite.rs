//! The built-in rewrite: `s/REGEX/REPLACEMENT/FLAGS`, parsed and applied to a file's bytes.
//!
//! The regex has the syntax of the regex crate and sees the whole file. Flags: `g` every match and not the first
//! alone, `i` case folded, `m` `^` and `$` at each line, `s` `.` matches a line feed, `x` blanks and comments. Any
//! character but a backslash or a line break can stand for `/`. In the replacement `$1`, `$name`, `${name}` are
//! groups, `$$` a dollar, and `\n \r \t \\` the characters they are in most languages.

use regex::bytes::{Captures, Regex, RegexBuilder};

use crate::model::clean::typed;
use crate::model::regex_problem::place;

const BOM: &[u8] = b"\xef\xbb\xbf";

/// How many leading bytes are searched for a NUL to tell binary from text, as git does (`FIRST_FEW_BYTES`).
const BINARY_PROBE: usize = 8000;

/// An expression that cannot be used.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("`{expression}`, character {column}: {problem}")]
pub struct RewriteError {
    /// The expression as it was given.
    pub expression: String,
    /// The character at which it goes wrong, counted from 1.
    pub column: usize,
    /// What is wrong there.
    pub problem: String,
}

/// One or more expressions, applied in order.
#[derive(Debug, Clone)]
pub struct Rewrites(Vec<Rewrite>);

#[derive(Debug, Clone)]
struct Rewrite {
    regex: Regex,
    replacement: Vec<Part>,
    every_match: bool,
}

#[derive(Debug, Clone, PartialEq, Eq)]
enum Part {
    Text(Vec<u8>),
    Group(usize),
}

/// What came of applying [`Rewrites`] to a file.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Rewritten {
    /// No expression matches.
    NoMatch,
    /// Something matches, and is replaced by itself.
    Same,
    /// Something matches, but the file is binary or not UTF-8, and is left alone.
    NotText,
    /// The new contents.
    Changed {
        /// All of the file.
        bytes: Vec<u8>,
        /// How many lines of it matched.
        lines: u64,
    },
}

impl Rewrites {
    /// Reads the expressions.
    ///
    /// # Errors
    /// [`RewriteError`] for the first that cannot be used, with the position of what is wrong.
    pub fn parse<S: AsRef<str>>(expressions: &[S]) -> Result<Self, RewriteError> {
        expressions
            .iter()
            .map(|expression| Rewrite::parse(expression.as_ref()))
            .collect::<Result<_, _>>()
            .map(Self)
    }

    /// Applies every expression in order. A leading byte order mark is not seen by the expressions, and stays.
    #[must_use]
    pub fn apply(&self, contents: &[u8]) -> Rewritten {
        let (mark, body) = match contents.strip_prefix(BOM) {
            Some(body) => (BOM, body),
            None => (&[][..], contents),
        };
        if !self.0.iter().any(|rewrite| rewrite.regex.is_match(body)) {
            return Rewritten::NoMatch;
        }
        if !is_text(contents) {
            return Rewritten::NotText;
        }
        let mut bytes = body.to_vec();
        let mut lines = 0;
        for rewrite in &self.0 {
            if let Some((next, touched)) = rewrite.apply(&bytes) {
                bytes = next;
                lines += touched;
            }
        }
        if bytes == body {
            return Rewritten::Same;
        }
        if !mark.is_empty() {
            bytes.splice(0..0, mark.iter().copied());
        }
        Rewritten::Changed { bytes, lines }
    }
}

/// Whether git and an editor would call it text: no NUL near the start, and UTF-8 throughout.
#[must_use]
pub fn is_text(contents: &[u8]) -> bool {
    !contents[..contents.len().min(BINARY_PROBE)].contains(&0)
        && std::str::from_utf8(contents).is_ok()
}

impl Rewrite {
    fn parse(expression: &str) -> Result<Self, RewriteError> {
        let error = |column: usize, problem: String| RewriteError {
            expression: typed(expression),
            column: column + 1,
            problem,
        };
        let chars: Vec<char> = expression.chars().collect();
        if chars.first() != Some(&'s') || chars.len() < 2 {
            return Err(error(
                0,
                "a rewrite has the form s/REGEX/REPLACEMENT/FLAGS".to_owned(),
            ));
        }
        let delimiter = chars[1];
        if matches!(delimiter, '\\' | '\n' | '\r') {
            return Err(error(
                1,
                "a backslash or a line break cannot be the delimiter".to_owned(),
            ));
        }
        let end_of = |from: usize, part: &str| {
            let mut at = from;
            while at < chars.len() {
                match chars[at] {
                    '\\' => at += 2,
                    c if c == delimiter => return Ok(at),
                    _ => at += 1,
                }
            }
            Err(error(
                chars.len(),
                format!("the `{delimiter}` that ends the {part} is missing"),
            ))
        };
        let regex_end = end_of(2, "regex")?;
        let replacement_end = end_of(regex_end + 1, "replacement")?;
        let (pattern, origins) = undelimited(&chars, 2, regex_end, delimiter);
        if pattern.is_empty() {
            return Err(error(2, "the regex is empty".to_owned()));
        }

        let mut every_match = false;
        let mut builder = RegexBuilder::new(&pattern);
        let mut syntax = regex_syntax::ParserBuilder::new();
        builder.crlf(true).octal(false);
        syntax.crlf(true).utf8(false);
        for (at, &flag) in chars.iter().enumerate().skip(replacement_end + 1) {
            match flag {
                'g' => every_match = true,
                'i' => {
                    builder.case_insensitive(true);
                    syntax.case_insensitive(true);
                }
                'm' => {
                    builder.multi_line(true);
                    syntax.multi_line(true);
                }
                's' => {
                    builder.dot_matches_new_line(true);
                    syntax.dot_matches_new_line(true);
                }
                'x' => {
                    builder.ignore_whitespace(true);
                    syntax.ignore_whitespace(true);
                }
                other => {
                    return Err(error(
                        at,
                        format!(
                            "`{}` is not a flag; there are g, i, m, s and x",
                            other.escape_debug()
                        ),
                    ));
                }
            }
        }
        if let Err(problem) = syntax.build().parse(&pattern) {
            let (at, words) = place(&pattern, &problem);
            let column = origins.get(at).copied().unwrap_or(regex_end);
            return Err(error(column, words));
        }
        let regex = builder
            .build()
            .map_err(|problem| error(2, problem.to_string().replace('\n', " ")))?;
        let replacement =
            parse_replacement(&chars, regex_end + 1, replacement_end, delimiter, &regex)
                .map_err(|(column, problem)| error(column, problem))?;
        Ok(Self {
            regex,
            replacement,
            every_match,
        })
    }

    /// The new contents and the number of lines that matched; `None` when nothing matches.
    fn apply(&self, contents: &[u8]) -> Option<(Vec<u8>, u64)> {
        let mut next = Vec::with_capacity(contents.len() + contents.len() / 16);
        let mut copied = 0;
        let mut lines = 0;
        let mut counted = 0;
        let limit = if self.every_match { usize::MAX } else { 1 };
        for captures in self.regex.captures_iter(contents).take(limit) {
            let whole = captures.get_match();
            next.extend_from_slice(&contents[copied..whole.start()]);
            self.replace(&captures, &mut next);
            copied = whole.end();
            // A line is counted once, by the first match that touches it.
            let line_breaks = |from: usize, to: usize| {
                memchr::memchr_iter(b'\n', &contents[from..to]).count() as u64
            };
            if lines == 0 || line_breaks(counted, whole.start()) > 0 {
                lines += 1;
            }
            lines += line_breaks(
                whole.start(),
                whole.end().saturating_sub(1).max(whole.start()),
            );
            counted = whole.end().saturating_sub(1).max(whole.start());
        }
        if lines == 0 {
            return None;
        }
        next.extend_from_slice(&contents[copied..]);
        Some((next, lines))
    }

    fn replace(&self, captures: &Captures<'_>, into: &mut Vec<u8>) {
        for part in &self.replacement {
            match part {
                Part::Text(text) => into.extend_from_slice(text),
                Part::Group(index) => {
                    if let Some(group) = captures.get(*index) {
                        into.extend_from_slice(group.as_bytes());
                    }
                }
            }
        }
    }
}

/// The pattern without the escapes that only protect the delimiter, and where each of its characters came from. An
/// escaped delimiter stays escaped when the bare character would mean something to a regex.
fn undelimited(chars: &[char], from: usize, to: usize, delimiter: char) -> (String, Vec<usize>) {
    let mut pattern = String::new();
    let mut origins = Vec::new();
    let mut at = from;
    while at < to {
        if chars[at] == '\\' && at + 1 < to {
            let protects =
                chars[at + 1] == delimiter && !regex_syntax::is_meta_character(delimiter);
            if !protects {
                pattern.push('\\');
                origins.push(at);
            }
            at += 1;
        }
        pattern.push(chars[at]);
        origins.push(at);
        at += 1;
    }
    (pattern, origins)
}

fn parse_replacement(
    chars: &[char],
    from: usize,
    to: usize,
    delimiter: char,
    regex: &Regex,
) -> Result<Vec<Part>, (usize, String)> {
    let mut parts = Vec::new();
    let mut text = String::new();
    let mut at = from;
    while at < to {
        let here = at;
        at += 1;
        match chars[here] {
            '\\' => {
                let escaped = chars[at];
                at += 1;
                text.push(match escaped {
                    c if c == delimiter => c,
                    '\\' => '\\',
                    'n' => '\n',
                    'r' => '\r',
                    't' => '\t',
                    '0'..='9' => {
                        return Err((
                            here,
                            format!(
                                "group {escaped} is written ${{{escaped}}} here, not \\{escaped}"
                            ),
                        ));
                    }
                    other => {
                        let other = other.escape_debug();
                        return Err((
                            here,
                            format!(
                                "`\\{other}` means nothing in a replacement; a backslash is `\\\\`"
                            ),
                        ));
                    }
                });
            }
            '$' if chars[at..to].first() == Some(&'$') => {
                text.push('$');
                at += 1;
            }
            '$' => {
                let (name, after) =
                    group_name(&chars[..to], at).map_err(|problem| (here, problem))?;
                at = after;
                if name.is_empty() {
                    text.push('$');
                    continue;
                }
                let index =
                    group_index(&name, regex).ok_or_else(|| (here, no_such_group(&name, regex)))?;
                if !text.is_empty() {
                    parts.push(Part::Text(std::mem::take(&mut text).into_bytes()));
                }
                parts.push(Part::Group(index));
            }
            other => text.push(other),
        }
    }
    if !text.is_empty() {
        parts.push(Part::Text(text.into_bytes()));
    }
    Ok(parts)
}

/// The name after a `$`, and where what follows it begins. Empty when the `$` is only a dollar sign.
fn group_name(chars: &[char], at: usize) -> Result<(String, usize), String> {
    if chars.get(at) == Some(&'{') {
        let close = chars[at..]
            .iter()
            .position(|&c| c == '}')
            .ok_or("the `}` that ends the group's name is missing; a dollar sign is `$$`")?;
        if close == 1 {
            return Err("`${}` names no group".to_owned());
        }
        return Ok((chars[at + 1..at + close].iter().collect(), at + close + 1));
    }
    let name: String = chars[at..]
        .iter()
        .take_while(|c| c.is_ascii_alphanumeric() || **c == '_')
        .collect();
    let after = at + name.len();
    Ok((name, after))
}

fn group_index(name: &str, regex: &Regex) -> Option<usize> {
    match name.parse::<usize>() {
        Ok(index) => (index < regex.captures_len()).then_some(index),
        Err(_) => regex.capture_names().position(|known| known == Some(name)),
    }
}

fn no_such_group(name: &str, regex: &Regex) -> String {
    let digits = name.bytes().take_while(u8::is_ascii_digit).count();
    let count = regex.captures_len() - 1;
    let mut words =
        format!("`${name}` names a group that the regex does not have (it has {count})");
    if digits > 0
        && digits < name.len()
        && name[..digits]
            .parse()
            .is_ok_and(|index: usize| index <= count)
    {
        let (number, rest) = name.split_at(digits);
        words.push_str(&format!(
            "; group {number} followed by text is `${{{number}}}{rest}`"
        ));
    }
    words
}

#[cfg(test)]
mod tests;
