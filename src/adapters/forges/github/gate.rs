//! [`Gate`]: holds calls to GitHub to the pace, and tells of pauses. It hands out a [`Pass`] for each request, and the
//! transport sends none without: so nothing is sent within a pause that this process knows of.
//!
//! What is decided, `pace` decides; here it is waited for.

use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError, Weak};
use std::time::{Duration, Instant};

use jiff::{SignedDuration, Timestamp};
use tokio::sync::{OwnedSemaphorePermit, Semaphore, watch};

use super::api::Kind;
use super::ledger::Ledger;
use super::limit::Limit;
use super::pace::{Points, Rates, Turn};
use crate::engine::ports::{Clock, ForgePause, Stop};

/// How many requests are on their way at the same time; GitHub allows 100 for all that a user runs.
const SEATS: usize = 8;

/// A longer pause is not waited for: who comes back then can go on.
const FAR: SignedDuration = SignedDuration::from_hours(3);

/// A wait for a cap that is longer is told as a pause is.
const TOLD: SignedDuration = SignedDuration::from_secs(10);

/// Lets requests begin.
pub(super) struct Gate {
    shared: Arc<Shared>,
    seats: Arc<Semaphore>,
    rates: Rates,
}

struct Shared {
    ledger: Ledger,
    points: Mutex<Points>,
    told: watch::Sender<Option<ForgePause>>,
    /// Whether somebody sees to it that the end of a pause is told.
    is_watched: AtomicBool,
    clock: Arc<dyn Clock>,
    stop: Stop,
    /// How often a wait looks at the clock.
    look: Duration,
}

/// The permission for one request.
#[must_use]
pub(super) struct Pass {
    /// When it was given.
    given: Timestamp,
    _seat: OwnedSemaphorePermit,
}

/// Why no request may be sent.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Barred {
    /// The user stopped.
    Stopped,
    /// The pause is too long to be waited for.
    Far(ForgePause),
}

impl Gate {
    pub(super) fn new(
        ledger: Ledger,
        rates: Rates,
        clock: Arc<dyn Clock>,
        stop: Stop,
        look: Duration,
    ) -> Self {
        Self {
            shared: Arc::new(Shared {
                ledger,
                points: Mutex::default(),
                told: watch::Sender::new(None),
                is_watched: AtomicBool::new(false),
                clock,
                stop,
                look,
            }),
            seats: Arc::new(Semaphore::new(SEATS)),
            rates,
        }
    }

    /// Waits until a call may be sent. A write has its place in the ledger then.
    pub(super) async fn enter(&self, kind: Kind) -> Result<Pass, Barred> {
        loop {
            let seat = self.seat().await?;
            match self.turn(kind).await? {
                Turn::Now => {
                    // The disk took its time: another call may have been refused since. From here to the sending nothing
                    // is waited for.
                    let given = self.shared.clock.now();
                    if self.shared.ledger.known().pause(given).is_none() {
                        return Ok(Pass { given, _seat: seat });
                    }
                }
                Turn::Paused(pause) => {
                    drop(seat);
                    self.tell(&pause);
                    if pause.until.duration_since(self.shared.clock.now()) > FAR {
                        return Err(Barred::Far(pause));
                    }
                    self.wait_until(pause.until).await?;
                }
                Turn::Later(until, reason) => {
                    drop(seat);
                    let long = until.duration_since(self.shared.clock.now()) > TOLD;
                    if let Some(reason) = reason.filter(|_| long) {
                        self.tell(&ForgePause { reason, until });
                    }
                    self.wait_until(until).await?;
                }
            }
        }
    }

    async fn seat(&self) -> Result<OwnedSemaphorePermit, Barred> {
        let stop = &self.shared.stop;
        tokio::select! {
            biased;
            () = stop.asked.cancelled() => Err(Barred::Stopped),
            () = stop.now.cancelled() => Err(Barred::Stopped),
            seat = Arc::clone(&self.seats).acquire_owned() => {
                Ok(seat.expect("the semaphore is never closed"))
            }
        }
    }

    /// Asks the ledger, and takes a place there.
    async fn turn(&self, kind: Kind) -> Result<Turn, Barred> {
        let shared = Arc::clone(&self.shared);
        let rates = self.rates;
        let turn = blocking(move || {
            let now = shared.clock.now();
            if let Some(until) = shared.points().wait(kind, now) {
                return Turn::Later(until, None);
            }
            let turn = match kind {
                Kind::Read => {
                    shared.ledger.look(now);
                    shared.ledger.known().enter(kind, now, rates)
                }
                Kind::Write | Kind::Content => shared
                    .ledger
                    .change(now, |pace| pace.enter(kind, now, rates)),
            };
            if turn == Turn::Now {
                shared.points().pay(kind, now);
            }
            turn
        });
        let stop = &self.shared.stop;
        tokio::select! {
            biased;
            () = stop.asked.cancelled() => Err(Barred::Stopped),
            () = stop.now.cancelled() => Err(Barred::Stopped),
            turn = turn => Ok(turn),
        }
    }

    /// Notes that a write was answered, or will not be any more: the next keeps its distance from here.
    pub(super) async fn written(&self) {
        let shared = Arc::clone(&self.shared);
        blocking(move || {
            let now = shared.clock.now();
            shared.ledger.change(now, |pace| pace.written(now));
        })
        .await;
    }

    /// Notes that GitHub limited the request with that pass, or all that follow it. When this is over, no request of
    /// this process begins before the pause ends.
    pub(super) async fn limited(&self, given: Timestamp, limit: Limit) -> Option<ForgePause> {
        let now = self.shared.clock.now();
        let pause = {
            // At once for this process, before the disk is asked.
            let mut known = self.shared.ledger.known();
            known.limited(given, now, &limit);
            known.pause(now)
        };
        if let Some(pause) = &pause {
            self.tell(pause);
        }
        let shared = Arc::clone(&self.shared);
        // What is known is written with the rest.
        blocking(move || shared.ledger.change(now, |_| ())).await;
        pause
    }

    /// Waits so long, by the clock.
    pub(super) async fn wait(&self, length: Duration) -> Result<(), Barred> {
        let now = self.shared.clock.now();
        self.wait_until(now.checked_add(length).unwrap_or(now))
            .await
    }

    /// Waits for that time by the clock, but no longer than it is until then now: the clock may be set back meanwhile.
    async fn wait_until(&self, until: Timestamp) -> Result<(), Barred> {
        let shared = &self.shared;
        let left = |until: Timestamp| {
            let left = until.duration_since(shared.clock.now());
            Duration::try_from(left).unwrap_or_default()
        };
        let (begun, longest) = (Instant::now(), left(until));
        loop {
            let left = left(until).min(longest.saturating_sub(begun.elapsed()));
            if left.is_zero() {
                return Ok(());
            }
            tokio::select! {
                biased;
                () = shared.stop.asked.cancelled() => return Err(Barred::Stopped),
                () = shared.stop.now.cancelled() => return Err(Barred::Stopped),
                () = tokio::time::sleep(left.min(shared.look)) => {}
            }
        }
    }

    /// The pauses, as they come and go.
    pub(super) fn pauses(&self) -> watch::Receiver<Option<ForgePause>> {
        self.shared.told.subscribe()
    }

    /// Why the pace is not kept for other processes, if it is not.
    pub(super) fn warning(&self) -> Option<String> {
        self.shared.ledger.warning()
    }

    fn tell(&self, pause: &ForgePause) {
        let shared = &self.shared;
        shared.told.send_if_modified(|told| {
            let is_new = told.as_ref().is_none_or(|told| told.until < pause.until);
            if is_new {
                *told = Some(pause.clone());
            }
            is_new
        });
        if !shared.is_watched.swap(true, Ordering::AcqRel) {
            tokio::spawn(see_the_pause_end(Arc::downgrade(shared)));
        }
    }
}

impl Shared {
    fn points(&self) -> MutexGuard<'_, Points> {
        self.points.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Pass {
    /// When it was given.
    pub(super) fn given(&self) -> Timestamp {
        self.given
    }
}

/// Nobody may be waiting to enter, so the end of a pause is not left to those. Ends with the gate.
async fn see_the_pause_end(gate: Weak<Shared>) {
    loop {
        let (stop, look) = {
            let Some(shared) = gate.upgrade() else {
                return;
            };
            let now = shared.clock.now();
            let mut ended = false;
            shared.told.send_if_modified(|told| {
                ended = told.as_ref().is_none_or(|told| told.until <= now);
                if ended {
                    // Before the word of the end is out, so that the next pause finds a watcher.
                    shared.is_watched.store(false, Ordering::Release);
                    *told = None;
                }
                ended
            });
            if ended {
                return;
            }
            let until = shared.told.borrow().as_ref().map_or(now, |told| told.until);
            let left = Duration::try_from(until.duration_since(now)).unwrap_or_default();
            (shared.stop.clone(), left.min(shared.look))
        };
        tokio::select! {
            () = tokio::time::sleep(look) => {}
            // The run ends: nobody is to be told any more.
            () = stop.asked.cancelled() => return,
        }
    }
}

/// Runs what waits for the disk or a lock where waiting harms nobody.
async fn blocking<T: Send + 'static>(work: impl FnOnce() -> T + Send + 'static) -> T {
    match tokio::task::spawn_blocking(work).await {
        Ok(done) => done,
        Err(error) => std::panic::resume_unwind(error.into_panic()),
    }
}

#[cfg(test)]
mod tests {
    use std::sync::{Arc, Mutex};
    use std::time::Duration;

    use jiff::{SignedDuration, Timestamp};

    use super::{Gate, Kind, Ledger, Rates, Stop};
    use crate::engine::ports::Clock;

    /// As it was set.
    struct Set(Mutex<Timestamp>);

    impl Clock for Set {
        fn now(&self) -> Timestamp {
            *self.0.lock().unwrap()
        }
    }

    #[tokio::test]
    async fn a_clock_that_is_set_back_during_a_wait_makes_it_no_longer() {
        let then = Timestamp::from_second(1_800_000_000).unwrap();
        let clock = Arc::new(Set(Mutex::new(then)));
        let rates = Rates {
            interval: Duration::ZERO,
            per_minute: 60,
            per_hour: 450,
        };
        let gate = Gate::new(
            Ledger::new(None, "x"),
            rates,
            Arc::clone(&clock) as Arc<dyn Clock>,
            Stop::default(),
            Duration::from_millis(1),
        );
        let _pass = gate.enter(Kind::Content).await.unwrap();
        let (waited, ()) = tokio::join!(gate.wait(Duration::from_millis(20)), async {
            *clock.0.lock().unwrap() = then - SignedDuration::from_hours(24 * 365);
        });
        waited.unwrap();
    }
}
