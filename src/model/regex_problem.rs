//! [`place`]: where a regex goes wrong. The regex crate's own error is several lines of drawing; its parser tells the
//! place as a number.

use regex_syntax::Error;

/// The character, counted from 0, at which the pattern goes wrong, and what is wrong there.
pub(crate) fn place(pattern: &str, error: &Error) -> (usize, String) {
    let (offset, words) = match error {
        Error::Parse(error) => (error.span().start.offset, error.kind().to_string()),
        Error::Translate(error) => (error.span().start.offset, error.kind().to_string()),
        other => (0, other.to_string()),
    };
    (pattern[..offset].chars().count(), words)
}
