//! [`RunState`]: how a run stands, in one word: what `batch list` and `batch status` call it.

use serde::{Serialize, Serializer};

use crate::cli::style::Tone;
use crate::model::life::Life;

/// How a run stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum RunState {
    /// A process works on it.
    GoingOn,
    /// The user stopped it, or its process is gone: it can be resumed.
    Interrupted,
    /// Every unit is as the plan wants it.
    Done,
    /// A unit is not.
    Failed,
    /// It stopped before its first unit, for the base itself fails.
    RedBase,
}

impl RunState {
    /// What a run's life and exit code come to.
    #[must_use]
    pub fn of(life: Life, exit_code: Option<u8>) -> Self {
        match (life, exit_code) {
            (Life::Going, _) => Self::GoingOn,
            (Life::CutOff, _) | (Life::Ended, Some(130)) => Self::Interrupted,
            (Life::Ended, Some(0)) => Self::Done,
            (Life::Ended, Some(4)) => Self::RedBase,
            (Life::Ended, _) => Self::Failed,
        }
    }

    /// The word in JSON.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::GoingOn => "going-on",
            Self::Interrupted => "interrupted",
            Self::Done => "done",
            Self::Failed => "failed",
            Self::RedBase => "red-base",
        }
    }

    /// The word for people.
    #[must_use]
    pub fn word(self) -> String {
        self.as_str().replace('-', " ")
    }

    /// The tone in which it is told.
    #[must_use]
    pub fn tone(self) -> Tone {
        match self {
            Self::GoingOn => Tone::Strong,
            Self::Interrupted => Tone::Caution,
            Self::Done => Tone::Good,
            Self::Failed | Self::RedBase => Tone::Bad,
        }
    }
}

impl Serialize for RunState {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(self.as_str())
    }
}
