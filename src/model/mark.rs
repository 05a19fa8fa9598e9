//! [`Mark`]: the hidden line in a pull request's body that says whose it is, so that no unit ever gets a second one and a
//! run can be found again without its journal.

use std::fmt;

use serde::{Deserialize, Serialize};

use crate::model::id::{ObjectId, RunId, UnitId};

/// What a pull request, or a tracking issue, says of where it comes from.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Mark {
    /// The run.
    pub run: RunId,
    /// The unit.
    pub unit: UnitId,
    /// The plan's file as git names it (`git hash-object`); none in marks of versions before 0.2.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub plan: Option<ObjectId>,
    /// The commit that was tested; none in marks of versions before 0.2.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub commit: Option<ObjectId>,
}

impl Mark {
    /// The last mark that a body holds.
    #[must_use]
    pub fn find(body: &str) -> Option<Self> {
        body.rmatch_indices("<!-- batch ").find_map(|(at, open)| {
            let rest = &body[at + open.len()..];
            Self::read(rest[..rest.find("-->")?].trim())
        })
    }

    fn read(words: &str) -> Option<Self> {
        let value = |key: &str| {
            let mut values = words.split_ascii_whitespace();
            values.find_map(|word| word.strip_prefix(key)?.strip_prefix('='))
        };
        let id = |key: &str| {
            let value = value(key)?;
            let hexadecimal = value.bytes().all(|byte| byte.is_ascii_hexdigit());
            (hexadecimal && matches!(value.len(), 40 | 64)).then(|| ObjectId::new(value))
        };
        Some(Self {
            run: value("run")?.parse().ok()?,
            unit: UnitId::parse(value("unit")?).ok()?,
            plan: id("plan"),
            commit: id("commit"),
        })
    }
}

/// The HTML comment that Markdown does not show.
impl fmt::Display for Mark {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "<!-- batch run={} unit={}", self.run, self.unit)?;
        if let Some(plan) = &self.plan {
            write!(f, " plan={plan}")?;
        }
        if let Some(commit) = &self.commit {
            write!(f, " commit={commit}")?;
        }
        f.write_str(" -->")
    }
}

#[cfg(test)]
mod tests {
    use super::Mark;
    use crate::model::sample;

    #[test]
    fn a_mark_is_found_again_in_what_was_written() {
        let mark = Mark {
            run: sample::run(),
            unit: sample::id("unit-1"),
            plan: Some(sample::commit("a")),
            commit: Some(sample::commit("c")),
        };
        let body = format!("Words.\r\n\r\n{mark}\r\n");
        assert_eq!(Mark::find(&body), Some(mark));
    }

    #[test]
    fn the_last_mark_counts_and_what_is_none_is_passed_over() {
        let body = "<!-- batch run=20260102T030405Z-0a1b unit=a --> \
                    <!-- batch run=20260102T030405Z-0a1b unit=b -->\n<!-- batch run=x unit=c -->\n<!-- batch run=";
        let found = Mark::find(body).unwrap();
        assert_eq!(found.unit, sample::id("b"));
        assert_eq!((found.plan, found.commit), (None, None));
        assert_eq!(Mark::find("<!-- batch -->"), None);
        assert_eq!(Mark::find(""), None);
    }
}
