//! [`Limits`]: GitHub's limits on requests, and the watch on pauses: what arrives inside one that was announced is noted.

use std::collections::VecDeque;
use std::time::Duration;

use batch::engine::ports::Clock as _;
use jiff::Timestamp;

use super::clock::QuickClock;
use super::reply::Reply;

/// Requests of another connection may have been under way when a pause was announced.
const UNDER_WAY: Duration = Duration::from_millis(40);

/// The seconds of an hour.
const HOUR: u64 = 3600;

/// Clocks are read in steps.
const CLOCKS: Duration = Duration::from_millis(5);

/// The limits.
#[derive(Debug)]
pub struct Limits {
    /// Requests an hour.
    pub hourly: u64,
    pub used: u64,
    /// When requests are there again, in seconds since the epoch.
    pub reset: u64,
    /// The least time between two that change something.
    pub spacing: Duration,
    /// The most that make something in a minute.
    pub per_minute: usize,
    /// The most that make something in an hour.
    pub per_hour: usize,
    /// The most points in a minute: one for what only reads, five for what changes something.
    pub points: u64,
    /// How long a refusal by a secondary limit asks to wait; none to leave it to the reader.
    pub retry_after: Option<u64>,
    /// Whether it refuses by 422 "was submitted too quickly" in place of 403.
    pub too_quickly: bool,
    /// What was sent so far.
    pub kept: Kept,
}

/// What was sent, and the pauses that were announced.
#[derive(Debug, Default)]
pub struct Kept {
    written: Option<Timestamp>,
    made: VecDeque<(Timestamp, u64)>,
    spent: VecDeque<(Timestamp, u64)>,
    pauses: Vec<Pause>,
}

/// An announced pause.
#[derive(Debug)]
struct Pause {
    announced: Timestamp,
    until: Timestamp,
    connection: u64,
}

impl Default for Limits {
    fn default() -> Self {
        Self {
            hourly: 5000,
            used: 0,
            reset: epoch(Timestamp::now()) + HOUR,
            spacing: Duration::ZERO,
            per_minute: usize::MAX,
            per_hour: usize::MAX,
            points: u64::MAX,
            retry_after: Some(1),
            too_quickly: false,
            kept: Kept::default(),
        }
    }
}

/// Seconds since the epoch.
pub fn epoch(now: Timestamp) -> u64 {
    u64::try_from(now.as_second()).unwrap()
}

/// How long ago that was.
fn since(now: Timestamp, then: Timestamp) -> Duration {
    Duration::try_from(now.duration_since(then)).unwrap_or_default()
}

impl Limits {
    /// The limits that GitHub documents, as they are for a person's token.
    pub fn documented() -> Self {
        Self {
            per_minute: 80,
            per_hour: 500,
            points: 900,
            ..Self::default()
        }
    }

    /// How far inside an announced pause a request is, if it is.
    pub fn inside_pause(&self, clock: QuickClock, connection: u64) -> Option<Duration> {
        let now = clock.now();
        self.kept.pauses.iter().find_map(|pause| {
            let under_way = connection != pause.connection
                && since(now, pause.announced) < clock.scaled(UNDER_WAY);
            let left = since(pause.until, now);
            (!under_way && left > clock.scaled(CLOCKS)).then_some(left)
        })
    }

    /// Notes the pause that an answer announces.
    pub fn announce(&mut self, reply: &Reply, now: Timestamp, connection: u64) {
        let header = |name: &str| {
            let found = reply.headers.iter().find(|(known, _)| *known == name);
            found.and_then(|(_, value)| value.parse::<u64>().ok())
        };
        let until = match (header("retry-after"), header("x-ratelimit-remaining")) {
            (Some(seconds), _) => now + Duration::from_secs(seconds),
            (None, Some(0)) if matches!(reply.status, 403 | 429) => {
                let reset = header("x-ratelimit-reset").unwrap_or_default();
                Timestamp::from_second(i64::try_from(reset).unwrap()).unwrap()
            }
            _ => return,
        };
        self.kept.pauses.push(Pause {
            announced: now,
            until,
            connection,
        });
    }

    /// Counts a request; the refusal when the hour's are used up.
    pub fn count(&mut self, now: Timestamp) -> Option<Reply> {
        if epoch(now) >= self.reset {
            self.used = 0;
            self.reset = epoch(now) + HOUR;
        }
        if self.used >= self.hourly {
            return Some(exhausted());
        }
        self.used += 1;
        None
    }

    /// Counts a request that the hour has room for; the refusal when it is too much at once. `makes`: it makes something
    /// that people see.
    pub fn spend(&mut self, now: Timestamp, writes: bool, makes: bool) -> Option<Reply> {
        let kept = &mut self.kept;
        for (queue, seconds) in [(&mut kept.spent, 60), (&mut kept.made, HOUR)] {
            let is_past = |(at, _): &(Timestamp, u64)| since(now, *at).as_secs() >= seconds;
            while queue.front().is_some_and(is_past) {
                queue.pop_front();
            }
        }
        let points = if writes { 5 } else { 1 };
        let spent: u64 = kept.spent.iter().map(|(_, points)| points).sum();
        let soon = writes && kept.written.is_some_and(|at| since(now, at) < self.spacing);
        let minute = kept
            .made
            .iter()
            .filter(|(at, _)| since(now, *at).as_secs() < 60);
        let many = makes && (minute.count() >= self.per_minute || kept.made.len() >= self.per_hour);
        if soon || many || spent + points > self.points {
            return Some(self.secondary());
        }
        kept.spent.push_back((now, points));
        if writes {
            kept.written = Some(now);
        }
        if makes {
            kept.made.push_back((now, 1));
        }
        None
    }

    fn secondary(&self) -> Reply {
        if self.too_quickly {
            return Reply::custom("PullRequest", "was submitted too quickly");
        }
        secondary(403, self.retry_after)
    }

    /// The headers of each answer.
    pub fn headers(&self) -> Vec<(&'static str, String)> {
        let remaining = self.hourly.saturating_sub(self.used);
        vec![
            ("x-ratelimit-limit", self.hourly.to_string()),
            ("x-ratelimit-remaining", remaining.to_string()),
            ("x-ratelimit-used", self.used.to_string()),
            ("x-ratelimit-reset", self.reset.to_string()),
            ("x-ratelimit-resource", "core".to_owned()),
        ]
    }
}

/// The refusal of the primary limit; the server adds the headers that say when it ends.
pub fn exhausted() -> Reply {
    Reply::refused(403, "API rate limit exceeded for user ID 1.")
}

/// The refusal of a secondary limit.
pub fn secondary(status: u16, retry_after: Option<u64>) -> Reply {
    let words =
        "You have exceeded a secondary rate limit. Please wait a few minutes before you try again.";
    let reply = Reply::refused(status, words);
    match retry_after {
        Some(seconds) => reply.with("retry-after", seconds.to_string()),
        None => reply,
    }
}
