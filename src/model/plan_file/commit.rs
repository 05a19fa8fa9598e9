//! The ids of commits in a plan file.

use crate::model::id::ObjectId;
use crate::model::plan_file::fields::Lined;
use crate::model::plan_file::problem::Problems;

/// The id that a text spells; what is wrong with it is noted.
pub(super) fn object_id(text: &Lined<String>, problems: &mut Problems) -> Option<ObjectId> {
    let id = ObjectId::parse(&text.value);
    id.map_err(|why| problems.add(text.line, why)).ok()
}
