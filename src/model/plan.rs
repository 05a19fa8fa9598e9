//! [`Plan`] and [`Unit`]: the partition of a change, as values. Reading and writing the file is `plan_file`'s.

use crate::model::change::Change;
use crate::model::id::{ObjectId, UnitId};
use crate::model::scope::{Ownership, Scope};

/// A change cut into units, with all that a run of it needs.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Plan {
    /// What was asked for.
    pub change: Change,
    /// What the units start from.
    pub base: Base,
    /// A command for each new worktree, before anything else runs in it.
    pub setup: Option<String>,
    /// What must pass before a unit is committed.
    pub test: TestPolicy,
    /// The units, in the order in which they are started.
    pub units: Vec<Unit>,
    /// What a reader of the plan should know.
    pub notes: Vec<String>,
}

/// The commit that units start from, and the branch that their pull requests go to.
#[derive(Debug, Clone, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
pub struct Base {
    /// The branch, as the remote names it (`main`).
    #[serde(rename = "ref")]
    pub branch: String,
    /// The commit.
    pub commit: ObjectId,
}

/// Whether and how units are tested.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum TestPolicy {
    /// By this shell command.
    Command(String),
    /// Not at all, by the user's word (`--no-test`).
    None,
    /// Nobody has said yet; a run must not start so.
    Undecided,
}

impl TestPolicy {
    /// The command, if there is one.
    #[must_use]
    pub fn command(&self) -> Option<&str> {
        match self {
            Self::Command(command) => Some(command),
            Self::None | Self::Undecided => None,
        }
    }
}

/// One slice of a change: one branch, one pull request.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Unit {
    /// Names the branch, refs and logs.
    pub id: UnitId,
    /// What the pull request is called, after the change's own name.
    pub title: String,
    /// What is to be done here, for a worker and a reviewer.
    pub task: String,
    /// The paths that it owns.
    pub scope: Scope,
    /// A command that verifies this unit alone.
    pub check: Option<String>,
    /// The units that must be done first.
    pub after: Vec<UnitId>,
    /// Who reviews these paths, by CODEOWNERS; several are separated by spaces.
    pub owner: Option<String>,
    /// What a reviewer of the plan should know.
    pub notes: Vec<String>,
    /// About how many lines it changes or looks at; for the table alone.
    pub lines: Option<u64>,
}

impl Plan {
    /// Who owns what, by the scopes of all units.
    #[must_use]
    pub fn ownership(&self) -> Ownership {
        Ownership::new(self.units.iter().map(|unit| (&unit.id, &unit.scope)))
    }
}
