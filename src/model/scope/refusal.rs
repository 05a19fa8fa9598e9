//! [`Refused`]: an entry that breaks the ownership rule, where it stands, and why.

use std::fmt;

use crate::model::id::UnitId;
use crate::model::path::RepoPath;
use crate::model::scope::Entry;

/// Where an entry stands among all units' scopes.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Place {
    /// The unit, counted from 0 in the order given.
    pub unit: usize,
    /// The entry of its scope, counted from 0.
    pub entry: usize,
}

/// An entry that breaks the ownership rule.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Refused {
    /// The unit whose entry it is.
    pub unit: UnitId,
    /// The entry.
    pub entry: Entry,
    /// Where it stands.
    pub place: Place,
    /// What is wrong with it.
    pub why: Refusal,
}

/// What is wrong with an entry.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Refusal {
    /// It names nothing.
    Empty,
    /// It begins with `/`.
    Absolute,
    /// It has two `/` in a row.
    EmptyPart,
    /// A part of it is `.`.
    Dot,
    /// A part of it is `..`.
    DotDot,
    /// A part of it is `.git`, in any case.
    DotGit,
    /// It has a NUL byte, which no path can have.
    Nul,
    /// A folder of it is a symlink of the base.
    BelowSymlink(RepoPath),
    /// A folder of it is another repository.
    BelowSubmodule(RepoPath),
    /// Another unit has the same entry, or one that differs in case or Unicode form alone.
    SameEntry {
        /// The other unit.
        unit: UnitId,
        /// Its entry.
        entry: Entry,
        /// Where that stands.
        place: Place,
    },
    /// It is a file where another unit's entry needs a folder.
    FolderOf {
        /// The other unit.
        unit: UnitId,
        /// Its entry.
        entry: Entry,
        /// Where that stands.
        place: Place,
    },
}

impl Refusal {
    /// Where the other entry stands, when there is one.
    #[must_use]
    pub fn other(&self) -> Option<Place> {
        match self {
            Self::SameEntry { place, .. } | Self::FolderOf { place, .. } => Some(*place),
            Self::Empty
            | Self::Absolute
            | Self::EmptyPart
            | Self::Dot
            | Self::DotDot
            | Self::DotGit
            | Self::Nul
            | Self::BelowSymlink(_)
            | Self::BelowSubmodule(_) => None,
        }
    }
}

impl fmt::Display for Refused {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "unit `{}`: `{}` ", self.unit, self.entry)?;
        match &self.why {
            Refusal::Empty => f.write_str("is empty"),
            Refusal::Absolute => f.write_str("is absolute: paths begin at the repository's root"),
            Refusal::EmptyPart => f.write_str("has an empty part"),
            Refusal::Dot => f.write_str("has a part `.`"),
            Refusal::DotDot => f.write_str("has a part `..`"),
            Refusal::DotGit => f.write_str("is inside `.git`"),
            Refusal::Nul => f.write_str("has a NUL byte"),
            Refusal::BelowSymlink(link) => write!(f, "is below the symlink `{link}`"),
            Refusal::BelowSubmodule(at) => write!(f, "is inside the submodule `{at}`"),
            Refusal::SameEntry { unit, entry, .. } if *entry == self.entry => {
                write!(f, "is in unit `{unit}` as well")
            }
            Refusal::SameEntry { unit, entry, .. } => write!(
                f,
                "and `{entry}` of unit `{unit}` differ in case or Unicode form only"
            ),
            Refusal::FolderOf { unit, entry, .. } => {
                write!(f, "is a file, and a folder of `{entry}` in unit `{unit}`")
            }
        }
    }
}
