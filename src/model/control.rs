//! [`Request`] and [`Answer`]: what one process asks of the one that works on a run, and what it hears.
//!
//! Values alone; `adapters::control` carries them as files, and the dispatcher decides.

use std::fmt;

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use crate::model::id::UnitId;

/// The version of both formats.
pub const CONTROL_VERSION: u32 = 1;

/// What tells a request from all others. Sorted, they are in the order of asking.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(transparent)]
pub struct RequestId(String);

impl RequestId {
    /// The id of a request of this moment; `bits` tell it from others of the same.
    #[must_use]
    pub fn new(at: Timestamp, bits: u64) -> Self {
        let micros = u64::try_from(at.as_microsecond()).unwrap_or_default();
        Self(format!("{micros:016x}-{:08x}", bits & 0xffff_ffff))
    }

    /// The id that this text is, where it has the form of one.
    #[must_use]
    pub fn parse(text: &str) -> Option<Self> {
        let (at, bits) = text.split_once('-')?;
        let is_hex = |part: &str, length| {
            part.len() == length && part.bytes().all(|byte| byte.is_ascii_hexdigit())
        };
        (is_hex(at, 16) && is_hex(bits, 8)).then(|| Self(text.to_owned()))
    }
}

impl fmt::Display for RequestId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

/// Something that another process wants of the one that works on a run.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Request {
    /// [`CONTROL_VERSION`] of the program that asks.
    pub version: u32,
    /// Which request it is.
    pub id: RequestId,
    /// What is wanted.
    #[serde(flatten)]
    pub wish: Wish,
}

/// What is wanted.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "wish", rename_all = "kebab-case")]
pub enum Wish {
    /// Children are ended, politely at first.
    Stop {
        /// Those of these units; without any, the whole run ends.
        #[serde(default)]
        units: Vec<UnitId>,
        /// Without politeness.
        #[serde(default)]
        now: bool,
    },
    /// Units that failed or were cancelled are put back in the queue.
    Requeue {
        /// Which.
        units: Vec<UnitId>,
        /// What the workers should know.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        note: Option<String>,
    },
}

/// What comes of a request.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "answer", rename_all = "kebab-case")]
pub enum Answer {
    /// The whole run is being stopped.
    Stopping,
    /// These units are stopped, as far as there is anything to stop.
    UnitsStopped {
        /// Each with what it was doing.
        units: Vec<(UnitId, Doing)>,
    },
    /// These units are in the queue again, as far as there is something to do for them.
    Requeued {
        /// Each with what came of it.
        units: Vec<(UnitId, Requeued)>,
    },
    /// None of the units is put back: these must be done first, and are not.
    Missing {
        /// Those that must be done first.
        units: Vec<UnitId>,
    },
    /// It came too late: every unit has ended.
    Ending,
    /// It means nothing to the program that works on the run.
    NotUnderstood {
        /// Why, as a fragment.
        why: String,
    },
}

/// What comes of a unit that is to be put back in the queue.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "requeued", rename_all = "kebab-case")]
pub enum Requeued {
    /// It is there.
    Queued {
        /// As this attempt.
        attempt: u32,
    },
    /// It does this already; of one that has ended, nothing is left to do.
    Already {
        /// What it does.
        doing: Doing,
    },
}

/// What a unit does when it is asked about.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Doing {
    /// It waits for a worker, or for other units.
    Waiting,
    /// A worker is at it.
    Working,
    /// It is delivered, and its pull request is opened next.
    Publishing,
    /// It has ended, or is none of those that are worked on this time.
    Ended,
}

impl Doing {
    /// The word in tables and JSON.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Waiting => "waiting",
            Self::Working => "working",
            Self::Publishing => "publishing",
            Self::Ended => "ended",
        }
    }
}

#[cfg(test)]
mod tests {
    use super::{CONTROL_VERSION, Request, RequestId, Wish};
    use crate::model::sample;

    #[test]
    fn ids_sort_by_time_and_come_back_from_their_text() {
        let first = RequestId::new(sample::at(0), u64::MAX);
        let second = RequestId::new(sample::at(1), 0);
        assert!(first < second);
        for id in [first, second] {
            assert_eq!(RequestId::parse(&id.to_string()), Some(id));
        }
        for text in ["", "-", "../x", "0-0", "000643c1d5b0a000-0000000g"] {
            assert_eq!(RequestId::parse(text), None, "{text}");
        }
    }

    #[test]
    fn a_request_to_stop_names_units_only_where_some_are_meant() {
        let request = Request {
            version: CONTROL_VERSION,
            id: RequestId::new(sample::at(0), 7),
            wish: Wish::Stop {
                units: vec![sample::id("unit-1")],
                now: false,
            },
        };
        let text = serde_json::to_string(&request).unwrap();
        assert_eq!(serde_json::from_str::<Request>(&text).unwrap(), request);
        let bare = r#"{"version":1,"id":"000643c1d5b0a000-00000007","wish":"stop"}"#;
        let request: Request = serde_json::from_str(bare).unwrap();
        let whole = Wish::Stop {
            units: Vec::new(),
            now: false,
        };
        assert_eq!(request.wish, whole);
    }
}
