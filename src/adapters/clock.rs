//! [`SystemClock`]: the time as the system has it, for the engine, which reads no clock itself.

use jiff::Timestamp;

use crate::engine::ports::Clock;

/// The system's clock.
#[derive(Debug, Clone, Copy, Default)]
pub struct SystemClock;

impl Clock for SystemClock {
    fn now(&self) -> Timestamp {
        Timestamp::now()
    }
}
