//! [`QuickClock`]: a time that the hub and the program under test share, and that may run faster than the world's.

use std::time::{Duration, Instant};

use batch::engine::ports::Clock;
use jiff::Timestamp;

/// A clock that started at the world's time and runs so many times as fast.
#[derive(Debug, Clone, Copy)]
pub struct QuickClock {
    started: Timestamp,
    began: Instant,
    speed: u32,
}

impl QuickClock {
    pub fn new(speed: u32) -> Self {
        Self {
            started: Timestamp::now(),
            began: Instant::now(),
            speed,
        }
    }

    /// What a time of the world is by this clock.
    pub fn scaled(&self, time: Duration) -> Duration {
        time * self.speed
    }
}

impl Clock for QuickClock {
    fn now(&self) -> Timestamp {
        if self.speed == 1 {
            return Timestamp::now();
        }
        self.started + self.scaled(self.began.elapsed())
    }
}
