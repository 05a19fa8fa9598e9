//! The names things go by: git objects, units, runs and slots, each a type of its own.

use std::fmt;
use std::str::FromStr;

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

/// The hexadecimal id of a git object (40 digits for SHA-1, 64 for SHA-256).
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(transparent)]
pub struct ObjectId(String);

impl ObjectId {
    /// Takes an id that git printed.
    #[must_use]
    pub fn new(hex: impl Into<String>) -> Self {
        Self(hex.into())
    }

    /// Reads a full id from outside, such as a plan file.
    ///
    /// # Errors
    /// A sentence fragment when it is not 40 or 64 hexadecimal digits.
    pub fn parse(text: &str) -> Result<Self, String> {
        if matches!(text.len(), 40 | 64) && text.bytes().all(|byte| byte.is_ascii_hexdigit()) {
            Ok(Self(text.to_ascii_lowercase()))
        } else {
            Err(format!(
                "`{}` is not a full commit id (40 or 64 hexadecimal digits)",
                text.escape_debug()
            ))
        }
    }

    /// All digits.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// The first twelve digits, for people.
    #[must_use]
    pub fn short(&self) -> &str {
        self.0.get(..12).unwrap_or(&self.0)
    }
}

impl fmt::Display for ObjectId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

/// The longest unit id, in characters.
pub const UNIT_ID_MAX: usize = 48;

/// Names that refs beside the units' use (`refs/batch/<run>/base`), and so no unit may bear.
pub const RESERVED_UNIT_IDS: [&str; 2] = ["base", "source"];

/// The id of a unit: `[a-z0-9]+(-[a-z0-9]+)*`, at most 48 characters. It names the unit's branch, refs and logs.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct UnitId(String);

impl UnitId {
    /// Checks a text against the rule.
    ///
    /// # Errors
    /// A sentence fragment that says what an id may look like.
    pub fn parse(text: &str) -> Result<Self, String> {
        let well_formed = text.split('-').all(|part| {
            !part.is_empty()
                && part
                    .bytes()
                    .all(|b| b.is_ascii_lowercase() || b.is_ascii_digit())
        });
        if !well_formed || text.len() > UNIT_ID_MAX {
            return Err(format!(
                "`{}` is not a unit id: lower-case letters and digits in groups joined by `-`, at most {UNIT_ID_MAX} characters",
                text.escape_debug()
            ));
        }
        if RESERVED_UNIT_IDS.contains(&text) {
            return Err(format!(
                "`{text}` cannot be a unit's id: batch keeps a ref of that name"
            ));
        }
        Ok(Self(text.to_owned()))
    }

    /// The id as text.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl TryFrom<String> for UnitId {
    type Error = String;
    fn try_from(text: String) -> Result<Self, String> {
        Self::parse(&text)
    }
}

impl From<UnitId> for String {
    fn from(id: UnitId) -> Self {
        id.0
    }
}

impl fmt::Display for UnitId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(&self.0)
    }
}

/// Turns free text into the form of a unit id or branch part: lower-case ASCII words joined by `-`, at most `max`
/// characters, cut between words where that is possible. Empty when the text has no ASCII letter or digit.
#[must_use]
pub fn slug(text: &str, max: usize) -> String {
    let mut slug = String::new();
    for word in text
        .split(|c: char| !c.is_ascii_alphanumeric())
        .filter(|word| !word.is_empty())
    {
        let joint = usize::from(!slug.is_empty());
        if slug.len() + joint + word.len() > max {
            if slug.is_empty() {
                slug.push_str(&word[..max]);
            }
            break;
        }
        if joint == 1 {
            slug.push('-');
        }
        slug.push_str(word);
    }
    slug.make_ascii_lowercase();
    slug
}

/// The id of a run: `YYYYMMDDTHHMMSSZ-xxxx`, so that ids sort by when the runs started.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct RunId(String);

impl RunId {
    /// Makes the id of a run that starts at `now`; `salt` tells runs of the same second apart.
    #[must_use]
    pub fn new(now: Timestamp, salt: u16) -> Self {
        Self(format!("{}-{salt:04x}", now.strftime("%Y%m%dT%H%M%SZ")))
    }

    /// The id as text.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// When the run began; none where the id, as somebody wrote it, names no time.
    #[must_use]
    pub fn started(&self) -> Option<Timestamp> {
        self.0[..self.0.len() - 5].parse().ok()
    }

    /// The four digits that tell runs of the same second apart.
    #[must_use]
    pub fn suffix(&self) -> &str {
        &self.0[self.0.len() - 4..]
    }
}

impl FromStr for RunId {
    type Err = String;
    fn from_str(text: &str) -> Result<Self, String> {
        let bytes = text.as_bytes();
        let shaped = bytes.len() == 21
            && bytes.iter().enumerate().all(|(at, &byte)| match at {
                8 => byte == b'T',
                15 => byte == b'Z',
                16 => byte == b'-',
                17.. => byte.is_ascii_digit() || (b'a'..=b'f').contains(&byte),
                _ => byte.is_ascii_digit(),
            });
        if shaped {
            Ok(Self(text.to_owned()))
        } else {
            Err(format!(
                "`{}` is not a run id (20260102T030405Z-0a1b)",
                text.escape_debug()
            ))
        }
    }
}

impl TryFrom<String> for RunId {
    type Error = String;
    fn try_from(text: String) -> Result<Self, String> {
        text.parse()
    }
}

impl From<RunId> for String {
    fn from(id: RunId) -> Self {
        id.0
    }
}

impl fmt::Display for RunId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(&self.0)
    }
}

/// A place in the pool: 0 up to the number of jobs, one worktree each. Told to commands as `BATCH_SLOT`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Slot(pub usize);

impl fmt::Display for Slot {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}

#[cfg(test)]
mod tests {
    use super::{RunId, UnitId, slug};

    #[test]
    fn unit_ids_follow_the_rule() {
        for good in ["a", "src-auth", "x2-9", &"a".repeat(48)] {
            assert!(UnitId::parse(good).is_ok(), "{good}");
        }
        for bad in [
            "",
            "-",
            "a-",
            "-a",
            "a--b",
            "A",
            "a_b",
            "é",
            "base",
            &"a".repeat(49),
        ] {
            assert!(UnitId::parse(bad).is_err(), "{bad}");
        }
    }

    #[test]
    fn a_slug_is_cut_between_words() {
        assert_eq!(slug("Rename frob() to Frobnicate!", 20), "rename-frob-to");
        assert_eq!(slug("abcdefgh", 3), "abc");
        assert_eq!(slug("…", 10), "");
    }

    #[test]
    fn run_ids_are_read_back() {
        let id = RunId::new("2026-01-02T03:04:05Z".parse().unwrap(), 0x0a1b);
        assert_eq!(id.as_str(), "20260102T030405Z-0a1b");
        assert_eq!(id.as_str().parse::<RunId>().unwrap(), id);
        assert_eq!(id.started(), "2026-01-02T03:04:05Z".parse().ok());
        let no_time: RunId = "20269902T030405Z-0a1b".parse().unwrap();
        assert_eq!(no_time.started(), None);
        assert!("20260102T030405Z-0a1".parse::<RunId>().is_err());
        assert!("../../../etc/passwd__".parse::<RunId>().is_err());
    }
}
