//! [`Draft`]: a plan file whose values have the right types, with the lines that they stand on; not yet a plan.

use crate::model::agent::AgentChoice;
use crate::model::change::{Change, Source};
use crate::model::id::UnitId;
use crate::model::plan::{Base, Research, TestPolicy};
use crate::model::plan_file::fields::Lined;

/// What could be read; a part is missing where a problem was noted.
pub(super) struct Draft {
    pub(super) change: Option<Change>,
    pub(super) base: Option<Base>,
    pub(super) setup: Option<String>,
    pub(super) test: TestPolicy,
    pub(super) told: Told,
    pub(super) notes: Vec<String>,
    pub(super) units: Vec<DraftUnit>,
    pub(super) excluded: Vec<DraftExclusion>,
}

/// What a plan says of the whole change beyond its units.
pub(super) struct Told {
    pub(super) end_to_end: Option<String>,
    pub(super) summary: Option<String>,
    pub(super) conventions: Vec<String>,
    pub(super) research: Option<Research>,
}

/// Files that are left alone, likewise.
pub(super) struct DraftExclusion {
    pub(super) paths: Vec<Lined<String>>,
    pub(super) reason: Option<String>,
}

/// A unit, likewise.
pub(super) struct DraftUnit {
    /// What messages call it: its id, or `unit 3`.
    pub(super) name: String,
    pub(super) id: Option<Lined<UnitId>>,
    pub(super) title: Option<String>,
    pub(super) task: Option<String>,
    pub(super) paths: Option<Lined<Vec<Lined<String>>>>,
    pub(super) context: Option<String>,
    pub(super) contracts: Vec<String>,
    pub(super) constraints: Vec<String>,
    pub(super) source: Option<Source>,
    pub(super) agent: Option<AgentChoice>,
    pub(super) check: Option<String>,
    pub(super) after: Vec<Lined<String>>,
    pub(super) owner: Option<String>,
    pub(super) notes: Vec<String>,
    pub(super) lines: Option<u64>,
}
