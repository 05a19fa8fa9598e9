//! [`Pace`]: when the next call to GitHub may be sent, after what was sent and what GitHub said. Pure: the time is given
//! to it. It is kept on the disk by `ledger`, so that all processes of a user keep one pace; `gate` waits.

use std::collections::VecDeque;
use std::time::Duration;

use jiff::{SignedDuration, Timestamp};
use serde::{Deserialize, Serialize};

use super::api::Kind;
use super::limit::Limit;
use crate::engine::ports::ForgePause;

/// The first pause after a limit that does not say how long it is; as GitHub asks for.
const FIRST_PAUSE: SignedDuration = SignedDuration::from_secs(60);

/// The longest pause after a limit that does not say how long it is.
const LONGEST_PAUSE: SignedDuration = SignedDuration::from_secs(15 * 60);

/// A longer pause is not believed, whoever names it.
const FURTHEST: SignedDuration = SignedDuration::from_hours(24);

const MINUTE: SignedDuration = SignedDuration::from_secs(60);
const HOUR: SignedDuration = SignedDuration::from_secs(3600);

/// What calls may cost within a minute; GitHub's secondary limit for REST.
const POINTS_PER_MINUTE: u32 = 900;

/// How fast content may be made.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Rates {
    /// Between two calls that make content; two writes keep half of it.
    pub(super) interval: Duration,
    /// How much content within a minute.
    pub(super) per_minute: u32,
    /// How much content within an hour.
    pub(super) per_hour: u32,
}

/// What was sent of late, and the last pause.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
pub(super) struct Pace {
    /// When content was made within the last hour, the oldest first.
    #[serde(default)]
    content: Vec<Timestamp>,
    /// When the last write was answered, or sent while it is on its way.
    #[serde(default)]
    last_write: Option<Timestamp>,
    /// The last pause, which may be over.
    #[serde(default)]
    pause: Option<Pause>,
}

/// A time in which nothing is sent.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
struct Pause {
    reason: String,
    since: Timestamp,
    until: Timestamp,
    /// Whether GitHub said how long; else it is a guess, which is doubled when it was too short.
    named: bool,
}

/// Whether a call may be sent.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Turn {
    /// It may, and its place is taken.
    Now,
    /// Nothing may be sent before the end of a pause.
    Paused(ForgePause),
    /// This one may not be sent before then; the reason is a fragment for people where it can take long.
    Later(Timestamp, Option<String>),
}

impl Pace {
    /// Takes a place for a call, if it may be sent now.
    pub(super) fn enter(&mut self, kind: Kind, now: Timestamp, rates: Rates) -> Turn {
        self.settle(now);
        if let Some(pause) = self.pause(now) {
            return Turn::Paused(pause);
        }
        let spacing = |last: Option<Timestamp>, interval: Duration| {
            last.and_then(|last| last.checked_add(interval).ok())
                .map(|until| (until, None))
        };
        let waits = match kind {
            Kind::Read => return Turn::Now,
            Kind::Write => vec![spacing(self.last_write, rates.interval / 2)],
            Kind::Content => vec![
                spacing(self.last_write, rates.interval / 2),
                spacing(self.content.last().copied(), rates.interval),
                self.cap(rates.per_minute, MINUTE, "minute"),
                self.cap(rates.per_hour, HOUR, "hour"),
            ],
        };
        let longest = waits
            .into_iter()
            .flatten()
            .max_by_key(|(until, _)| *until)
            .filter(|(until, _)| *until > now);
        if let Some((until, reason)) = longest {
            return Turn::Later(until, reason);
        }
        self.last_write = Some(now);
        if kind == Kind::Content {
            self.content.push(now);
        }
        Turn::Now
    }

    /// Notes that a write was answered: GitHub counts from what it last did, and not from when that was sent.
    pub(super) fn written(&mut self, now: Timestamp) {
        self.last_write = self.last_write.max(Some(now));
    }

    /// When the oldest of so many leaves the span in which there may be no more of them.
    fn cap(
        &self,
        most: u32,
        span: SignedDuration,
        name: &str,
    ) -> Option<(Timestamp, Option<String>)> {
        let most = usize::try_from(most).unwrap_or(usize::MAX);
        let oldest = self.content.len().checked_sub(most)?;
        let until = self.content.get(oldest)?.checked_add(span).ok()?;
        let reason = format!("{most} writes within one {name} are as many as are sent");
        Some((until, Some(reason)))
    }

    /// The pause that goes on.
    pub(super) fn pause(&self, now: Timestamp) -> Option<ForgePause> {
        let pause = self.pause.as_ref().filter(|pause| now < pause.until)?;
        Some(ForgePause {
            reason: pause.reason.clone(),
            until: pause.until,
        })
    }

    /// Notes that GitHub wants to be left alone, as it said to a call that was sent at `sent`.
    pub(super) fn limited(&mut self, sent: Timestamp, now: Timestamp, limit: &Limit) {
        self.settle(now);
        let last = self.pause.take();
        let wait = match limit.wait {
            Some(wait) => wait.clamp(SignedDuration::from_secs(1), FURTHEST),
            None => match &last {
                // One of a burst that was sent before the pause began: its guess is the same.
                Some(last) if sent <= last.since => last.until.duration_since(now),
                // Again, soon after a guess: it was too short.
                Some(last) if !last.named && now < last.until + last.length() => {
                    (last.length() * 2).min(LONGEST_PAUSE)
                }
                _ => FIRST_PAUSE,
            },
        };
        let until = now.checked_add(wait).unwrap_or(Timestamp::MAX);
        self.pause = match last {
            Some(last) if last.until >= until => Some(last),
            _ => Some(Pause {
                reason: limit.reason.clone(),
                since: now,
                until,
                named: limit.wait.is_some(),
            }),
        };
    }

    /// Takes over what another process, or this one, noted since.
    pub(super) fn merge(&mut self, other: Self) {
        self.content.extend(other.content);
        self.content.sort_unstable();
        self.content.dedup();
        self.last_write = self.last_write.max(other.last_write);
        let until = |pause: &Option<Pause>| pause.as_ref().map(|pause| pause.until);
        if until(&other.pause) > until(&self.pause) {
            self.pause = other.pause;
        }
    }

    /// Whether something in it has not been yet: the clock was set back.
    pub(super) fn is_ahead(&self, now: Timestamp) -> bool {
        let writes = self.content.iter().chain(&self.last_write);
        let mut all = writes.chain(self.pause.as_ref().map(|pause| &pause.since));
        all.any(|at| *at > now)
    }

    /// Forgets what is over, and takes what has not been yet as if it were now, or else a clock that was set back by a year would
    /// make calls wait for a year.
    pub(super) fn settle(&mut self, now: Timestamp) {
        for at in self.content.iter_mut().chain(&mut self.last_write) {
            *at = (*at).min(now);
        }
        self.content.retain(|at| now.duration_since(*at) <= HOUR);
        if let Some(pause) = &mut self.pause {
            let length = pause.length().clamp(SignedDuration::ZERO, FURTHEST);
            pause.since = pause.since.min(now);
            pause.until = pause.since.checked_add(length).unwrap_or(Timestamp::MAX);
        }
    }
}

impl Pause {
    fn length(&self) -> SignedDuration {
        self.until.duration_since(self.since)
    }
}

/// What calls of this process cost within the last minute.
#[derive(Debug, Default)]
pub(super) struct Points(VecDeque<(Timestamp, u32)>);

impl Points {
    /// When a call can be paid for; none where that is now.
    pub(super) fn wait(&mut self, kind: Kind, now: Timestamp) -> Option<Timestamp> {
        let cost = cost(kind);
        self.0
            .retain(|(at, _)| *at <= now && now.duration_since(*at) < MINUTE);
        let spent: u32 = self.0.iter().map(|(_, cost)| cost).sum();
        let mut free = POINTS_PER_MINUTE.saturating_sub(spent);
        if free >= cost {
            return None;
        }
        let frees = self.0.iter().find(|(_, back)| {
            free += back;
            free >= cost
        });
        frees.and_then(|(at, _)| at.checked_add(MINUTE).ok())
    }

    /// Pays for a call that is sent.
    pub(super) fn pay(&mut self, kind: Kind, now: Timestamp) {
        self.0.push_back((now, cost(kind)));
    }
}

/// As GitHub counts.
fn cost(kind: Kind) -> u32 {
    match kind {
        Kind::Read => 1,
        Kind::Write | Kind::Content => 5,
    }
}

#[cfg(test)]
mod tests;
