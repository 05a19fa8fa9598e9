//! [`Leader`]: a process that leads what was started for a run, told apart from any later one of the same id.

use serde::{Deserialize, Serialize};

/// A process that leads a session of its own, with all that it started in it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Leader {
    /// Its process id, which is also its group's and its session's.
    pub pid: u32,
    /// When it started, in clock ticks since the system did.
    pub started: u64,
    /// Which start of the system that was.
    pub boot: String,
}
