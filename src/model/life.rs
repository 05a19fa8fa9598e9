//! [`Life`]: whether a run goes on, was cut off, or has ended: what its journal says, held against who has the lock.

use crate::model::history::History;
use crate::model::id::RunId;

/// Whether a run goes on.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Life {
    /// A process works on it.
    Going,
    /// Its process is gone, and its journal does not say that it ended.
    CutOff,
    /// It ended.
    Ended,
}

impl Life {
    /// The life of a run, where `working` is the run that holds the repository's lock.
    #[must_use]
    pub fn of(history: &History, working: Option<&RunId>) -> Self {
        if working == Some(&history.run) {
            Self::Going
        } else if history.ended.is_some() {
            Self::Ended
        } else {
            Self::CutOff
        }
    }
}

#[cfg(test)]
mod tests {
    use super::Life;
    use crate::model::sample;

    #[test]
    fn a_run_without_end_goes_on_only_while_somebody_holds_the_lock_for_it() {
        let mut history = sample::history(vec![None]);
        let other = "20260102T030405Z-ffff".parse().unwrap();
        assert_eq!(Life::of(&history, Some(&sample::run())), Life::Going);
        assert_eq!(Life::of(&history, Some(&other)), Life::CutOff);
        assert_eq!(Life::of(&history, None), Life::CutOff);
        history.ended = Some(history.started);
        assert_eq!(Life::of(&history, None), Life::Ended);
        assert_eq!(Life::of(&history, Some(&sample::run())), Life::Going);
    }
}
