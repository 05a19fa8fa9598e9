//! [`Summary`]: how many units of a run ended how. The report counts them; the journal's last record keeps the counts, so
//! that a list of runs need not add up each.

use serde::{Deserialize, Serialize};

use crate::model::spend::Spend;

/// How many units ended how; those that have not ended are in `total` alone.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct Summary {
    /// All units of the run.
    pub total: usize,
    /// Those with a pull request.
    pub opened: usize,
    /// Those delivered, with the pull request still to come.
    pub pushed: usize,
    /// Those that had nothing to do.
    pub unchanged: usize,
    /// Those that failed.
    pub failed: usize,
    /// Those that were stopped or not started.
    pub cancelled: usize,
    /// What agents cost, research and all attempts; none where none was asked.
    #[serde(default)]
    pub spend: Option<Spend>,
}

impl Summary {
    /// The units that have not ended.
    #[must_use]
    pub fn unfinished(&self) -> usize {
        let ended = [
            self.opened,
            self.pushed,
            self.unchanged,
            self.failed,
            self.cancelled,
        ];
        ended.into_iter().fold(self.total, usize::saturating_sub)
    }
}
