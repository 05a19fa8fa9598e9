//! [`RepoPath`]: the name of a file in a git tree, as bytes, and how it is written as text.
//!
//! Git paths are bytes; JSON and TOML hold Unicode. A path that is UTF-8 and does not begin with `"` is written as it
//! is; any other is written as git C-quotes it (`core.quotePath`), so that each path has one spelling and comes back.

use std::fmt;
use std::path::{Path, PathBuf};

use serde::{Deserialize, Deserializer, Serialize, Serializer};

/// The path of a file relative to the root of its repository, with `/` between its parts.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct RepoPath(Box<[u8]>);

/// A text that begins with `"` and is not a path as git quotes it.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("not a path as git quotes it: {0}")]
pub struct BadQuoting(pub String);

impl RepoPath {
    /// Takes the bytes as git printed them with `-z`.
    #[must_use]
    pub fn new(bytes: impl Into<Vec<u8>>) -> Self {
        Self(bytes.into().into_boxed_slice())
    }

    /// Reads what [`RepoPath::to_text`] wrote.
    ///
    /// # Errors
    /// [`BadQuoting`] when the text begins with `"` but is not a C-quoted string.
    pub fn parse(text: &str) -> Result<Self, BadQuoting> {
        if !text.starts_with('"') {
            return Ok(Self::new(text.as_bytes()));
        }
        unquote(text.as_bytes())
            .map(Self::new)
            .ok_or_else(|| BadQuoting(text.to_owned()))
    }

    /// The bytes, as git stores them.
    #[must_use]
    pub fn as_bytes(&self) -> &[u8] {
        &self.0
    }

    /// The spelling used in plans, journals and reports.
    #[must_use]
    pub fn to_text(&self) -> String {
        match std::str::from_utf8(&self.0) {
            Ok(text) if !text.starts_with('"') => text.to_owned(),
            _ => quote(&self.0),
        }
    }

    /// The path as git C-quotes it, also where [`RepoPath::to_text`] has no need to; [`RepoPath::parse`] reads both.
    #[must_use]
    pub fn to_quoted(&self) -> String {
        quote(&self.0)
    }

    /// The same path for the file system of this machine.
    #[must_use]
    pub fn as_path(&self) -> &Path {
        use std::os::unix::ffi::OsStrExt;
        Path::new(std::ffi::OsStr::from_bytes(&self.0))
    }

    /// This path below `root`.
    #[must_use]
    pub fn below(&self, root: &Path) -> PathBuf {
        root.join(self.as_path())
    }

    /// The folder that holds the file, without a trailing `/`; empty for the root.
    #[must_use]
    pub fn folder(&self) -> &[u8] {
        match self.0.iter().rposition(|&byte| byte == b'/') {
            Some(slash) => &self.0[..slash],
            None => &[],
        }
    }

    /// The folders that the file is below, the innermost first, without the root.
    pub fn folders(&self) -> impl Iterator<Item = &[u8]> {
        let slashes = self.0.iter().enumerate().rev();
        slashes
            .filter(|&(at, &byte)| byte == b'/' && at > 0)
            .map(|(at, _)| &self.0[..at])
    }
}

impl fmt::Display for RepoPath {
    /// Writes the path for people: control characters are quoted as well, so it never moves a cursor.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match std::str::from_utf8(&self.0) {
            Ok(text) if !text.starts_with('"') && !text.chars().any(char::is_control) => {
                f.write_str(text)
            }
            _ => f.write_str(&quote(&self.0)),
        }
    }
}

impl fmt::Debug for RepoPath {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}

impl From<&str> for RepoPath {
    fn from(path: &str) -> Self {
        Self::new(path.as_bytes())
    }
}

impl Serialize for RepoPath {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(&self.to_text())
    }
}

impl<'de> Deserialize<'de> for RepoPath {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let text = String::deserialize(deserializer)?;
        Self::parse(&text).map_err(serde::de::Error::custom)
    }
}

/// Quotes as git's `quote_c_style` does: octal for bytes outside ASCII and for control characters without a letter.
fn quote(bytes: &[u8]) -> String {
    let mut text = String::with_capacity(bytes.len() + 2);
    text.push('"');
    for &byte in bytes {
        match byte {
            0x07 => text.push_str("\\a"),
            0x08 => text.push_str("\\b"),
            b'\t' => text.push_str("\\t"),
            b'\n' => text.push_str("\\n"),
            0x0b => text.push_str("\\v"),
            0x0c => text.push_str("\\f"),
            b'\r' => text.push_str("\\r"),
            b'"' => text.push_str("\\\""),
            b'\\' => text.push_str("\\\\"),
            0x20..=0x7e => text.push(byte as char),
            _ => {
                text.push('\\');
                for shift in [6, 3, 0] {
                    text.push(char::from(b'0' + ((byte >> shift) & 7)));
                }
            }
        }
    }
    text.push('"');
    text
}

fn unquote(quoted: &[u8]) -> Option<Vec<u8>> {
    let inner = quoted.strip_prefix(b"\"")?.strip_suffix(b"\"")?;
    let mut bytes = Vec::with_capacity(inner.len());
    let mut rest = inner;
    while let Some((&byte, after)) = rest.split_first() {
        rest = after;
        if byte == b'"' {
            return None;
        }
        if byte != b'\\' {
            bytes.push(byte);
            continue;
        }
        let (&escape, after) = rest.split_first()?;
        rest = after;
        bytes.push(match escape {
            b'a' => 0x07,
            b'b' => 0x08,
            b't' => b'\t',
            b'n' => b'\n',
            b'v' => 0x0b,
            b'f' => 0x0c,
            b'r' => b'\r',
            b'"' | b'\\' => escape,
            b'0'..=b'3' => {
                let (digits, after) = rest.split_at_checked(2)?;
                rest = after;
                let mut value = escape - b'0';
                for &digit in digits {
                    if !(b'0'..=b'7').contains(&digit) {
                        return None;
                    }
                    value = value << 3 | (digit - b'0');
                }
                value
            }
            _ => return None,
        });
    }
    Some(bytes)
}

#[cfg(test)]
mod tests {
    use super::RepoPath;
    use proptest::prelude::*;

    #[test]
    fn a_plain_path_is_written_as_it_is() {
        for plain in [
            "src/a b.rs",
            "-dash",
            "naïve/é.txt",
            "with\"inside",
            "new\nline",
        ] {
            assert_eq!(RepoPath::from(plain).to_text(), plain);
        }
    }

    #[test]
    fn other_paths_are_quoted_as_git_does() {
        assert_eq!(
            RepoPath::new(*b"caf\xe9\t\"\\").to_text(),
            r#""caf\351\t\"\\""#
        );
        assert_eq!(RepoPath::from("\"lead").to_text(), r#""\"lead""#);
        assert_eq!(RepoPath::from("a\x1b[31m").to_string(), r#""a\033[31m""#);
    }

    #[test]
    fn folders_are_told_from_the_inside_out() {
        let folders = |path: &str| {
            let path = RepoPath::from(path);
            let folders: Vec<_> = path.folders().map(<[u8]>::to_vec).collect();
            folders
        };
        assert_eq!(folders("a/b/c"), [b"a/b".to_vec(), b"a".to_vec()]);
        assert!(folders("a").is_empty() && folders("/a").is_empty());
    }

    #[test]
    fn any_path_can_be_quoted() {
        let path = RepoPath::from("pages/[id].tsx");
        assert_eq!(path.to_quoted(), "\"pages/[id].tsx\"");
        assert_eq!(RepoPath::parse(&path.to_quoted()), Ok(path));
    }

    #[test]
    fn broken_quoting_is_refused() {
        for bad in ["\"", "\"a", "\"a\\\"", "\"\\400\"", "\"\\9\"", "\"a\"b\""] {
            assert!(RepoPath::parse(bad).is_err(), "{bad}");
        }
    }

    proptest! {
        #[test]
        fn every_path_comes_back(bytes in proptest::collection::vec(1u8.., 0..40)) {
            let path = RepoPath::new(bytes);
            prop_assert_eq!(RepoPath::parse(&path.to_text()).unwrap(), path.clone());
        }
    }
}
