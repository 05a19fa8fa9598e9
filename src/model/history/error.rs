//! [`HistoryError`]: why records do not add up to a history.

use crate::model::id::UnitId;

/// A record that does not fit those before it.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum HistoryError {
    /// There is no record at all.
    #[error("the journal is empty")]
    Empty,
    /// Another record than `run-started` comes first.
    #[error("the journal does not begin with the run's start")]
    NoStart,
    /// It was written by a later version of the program.
    #[error("the journal has format version {0}, and this program reads up to {supported}", supported = crate::model::event::JOURNAL_VERSION)]
    Newer(u32),
    /// It speaks of a unit that the run does not have.
    #[error("the journal names unit `{0}`, which the run does not have")]
    UnknownUnit(UnitId),
}
