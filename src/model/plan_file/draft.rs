//! [`Draft`]: a plan file whose values have the right types, with the lines that they stand on; not yet a plan.

use crate::model::change::Change;
use crate::model::id::UnitId;
use crate::model::plan::{Base, TestPolicy};
use crate::model::plan_file::fields::Lined;

/// What could be read; a part is missing where a problem was noted.
pub(super) struct Draft {
    pub(super) change: Option<Change>,
    pub(super) base: Option<Base>,
    pub(super) setup: Option<String>,
    pub(super) test: TestPolicy,
    pub(super) notes: Vec<String>,
    pub(super) units: Vec<DraftUnit>,
}

/// A unit, likewise.
pub(super) struct DraftUnit {
    /// What messages call it: its id, or `unit 3`.
    pub(super) name: String,
    pub(super) id: Option<Lined<UnitId>>,
    pub(super) title: Option<String>,
    pub(super) task: Option<String>,
    pub(super) paths: Option<Lined<Vec<Lined<String>>>>,
    pub(super) check: Option<String>,
    pub(super) after: Vec<Lined<String>>,
    pub(super) owner: Option<String>,
    pub(super) notes: Vec<String>,
    pub(super) lines: Option<u64>,
}
