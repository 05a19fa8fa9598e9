//! What dead processes left that is no run's: half-made run folders, and copies of the base that research read.

use std::path::PathBuf;

use super::facts::Facts;
use crate::adapters::git::research_copy::left_copies;
use crate::cli::session::Session;

/// What there is of it. While a run goes on its own half-made things cannot be told from those of the dead.
pub(super) fn find(session: &Session, facts: &Facts) -> Vec<PathBuf> {
    let mut found = left_copies(&facts.pool);
    if facts.holder.is_none() {
        found.extend(session.store.leavings());
    }
    found.sort();
    found
}
