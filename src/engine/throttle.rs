//! [`Throttle`]: holds requests to agents to what the provider takes. All workers of a run share one.
//!
//! What is decided, [`Pace`] decides; here it is waited for, and told: [`Event::Paused`] when a pause begins or grows,
//! [`Event::Resumed`] when it is over or the width has grown again.

use std::num::NonZeroUsize;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use jiff::Timestamp;
use tokio::sync::Notify;

use crate::engine::pace::{Era, Pace, Pause, Slowed};
use crate::engine::ports::{Clock, PortError, Stop};
use crate::engine::teller::Teller;
use crate::model::event::Event;

/// How often a pause looks at the clock: timers stand still while a computer sleeps, and a clock may be set.
const LOOK: Duration = Duration::from_secs(5);

/// Lets requests to agents begin.
#[derive(Clone)]
pub struct Throttle(Arc<Shared>);

struct Shared {
    pace: Mutex<Pace>,
    /// Held from a decision until it is told, so that what is told is in the order of what was decided.
    telling: tokio::sync::Mutex<()>,
    changed: Notify,
    teller: Teller,
    clock: Arc<dyn Clock>,
    stop: Stop,
}

/// The permission for one request. Dropped, it is over, and tells nothing of the provider's limits.
#[must_use]
pub struct Pass {
    shared: Arc<Shared>,
    era: Era,
}

impl Throttle {
    /// Lets so many requests run at the same time. A pause ends with its time, or when `stop` is raised.
    #[must_use]
    pub fn new(width: NonZeroUsize, teller: Teller, clock: Arc<dyn Clock>, stop: Stop) -> Self {
        Self(Arc::new(Shared {
            pace: Mutex::new(Pace::new(width)),
            telling: tokio::sync::Mutex::new(()),
            changed: Notify::new(),
            teller,
            clock,
            stop,
        }))
    }

    /// Waits while there is a pause, and while as many requests run as may.
    ///
    /// # Errors
    /// [`PortError::Stopped`] when the user stopped the run instead.
    pub async fn enter(&self, stop: &Stop) -> Result<Pass, PortError> {
        loop {
            let mut changed = std::pin::pin!(self.0.changed.notified());
            // From here on no change is missed, whoever is first.
            changed.as_mut().enable();
            if stop.asked.is_cancelled() {
                return Err(PortError::Stopped);
            }
            let entered = self.0.pace().enter();
            if let Some(era) = entered {
                return Ok(Pass {
                    shared: Arc::clone(&self.0),
                    era,
                });
            }
            tokio::select! {
                () = changed => {}
                () = stop.asked.cancelled() => return Err(PortError::Stopped),
            }
        }
    }
}

impl Pass {
    /// Says that the request met the provider's limit, and when that is lifted, if the provider said so. Whoever wants
    /// to go on enters again; whether there is any sense in that.
    pub async fn limited(self, resets: Option<Timestamp>) -> bool {
        let shared = Arc::clone(&self.shared);
        let order = shared.telling.lock().await;
        let (slowed, in_vain) = {
            let mut pace = shared.pace();
            let slowed = pace.limited(self.era, shared.clock.now(), resets);
            (slowed, pace.is_in_vain())
        };
        // The place is free only when the pause has begun, so that nobody slips in between.
        drop(self);
        match slowed {
            Slowed::Paused(pause) => {
                shared.tell_paused(pause).await;
                drop(order);
                tokio::spawn(Arc::clone(&shared).see_the_pause_end());
            }
            Slowed::Prolonged(pause) => shared.tell_paused(pause).await,
            Slowed::Known => {}
        }
        !in_vain
    }

    /// Says that the request ended without meeting a limit.
    pub async fn done(self) {
        let shared = Arc::clone(&self.shared);
        let order = shared.telling.lock().await;
        let (grew, jobs, paused) = {
            let mut pace = shared.pace();
            (
                pace.answered(self.era),
                pace.width(),
                pace.pause().is_some(),
            )
        };
        drop(self);
        if grew && !paused {
            shared.teller.tell(Event::Resumed { jobs }).await;
        }
        drop(order);
    }
}

impl Drop for Pass {
    fn drop(&mut self) {
        self.shared.pace().leave();
        self.shared.changed.notify_waiters();
    }
}

impl Shared {
    fn pace(&self) -> MutexGuard<'_, Pace> {
        // A panic elsewhere leaves a pace that is whole: each of its functions is.
        self.pace.lock().unwrap_or_else(PoisonError::into_inner)
    }

    async fn tell_paused(&self, pause: Pause) {
        let reason = if pause.named {
            "the provider's rate limit is reached"
        } else {
            "the provider's rate limit is reached; it does not say for how long"
        };
        let event = Event::Paused {
            reason: reason.to_owned(),
            until: Some(pause.until),
        };
        self.teller.tell(event).await;
    }

    /// Nobody may be waiting to enter, so the end of a pause is not left to those.
    async fn see_the_pause_end(self: Arc<Self>) {
        loop {
            let Some(pause) = self.pace().pause() else {
                return;
            };
            let now = self.clock.now();
            let order = self.telling.lock().await;
            let resumed = {
                let mut pace = self.pace();
                pace.resume(now).then(|| pace.width())
            };
            if let Some(jobs) = resumed {
                self.teller.tell(Event::Resumed { jobs }).await;
                self.changed.notify_waiters();
                return;
            }
            drop(order);
            let left = Duration::try_from(pause.until.duration_since(now)).unwrap_or_default();
            tokio::select! {
                () = tokio::time::sleep(left.min(LOOK)) => {}
                // The run ends: nobody is to be told any more.
                () = self.stop.asked.cancelled() => return,
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use std::num::NonZeroUsize;
    use std::sync::{Arc, Mutex};
    use std::time::Duration;

    use jiff::{SignedDuration, Timestamp};
    use tokio::sync::mpsc;
    use tokio::time::timeout;

    use super::{Pass, Throttle};
    use crate::engine::dispatch::Input;
    use crate::engine::ports::{Clock, PortError, Stop};
    use crate::engine::teller::{Message, Teller};
    use crate::model::event::Event;

    /// A clock that stands still until it is moved.
    struct Hands(Mutex<Timestamp>);

    impl Clock for Hands {
        fn now(&self) -> Timestamp {
            *self.0.lock().unwrap()
        }
    }

    struct Scene {
        throttle: Throttle,
        clock: Arc<Hands>,
        stop: Stop,
        told: mpsc::Receiver<Message>,
    }

    const SOON: Duration = Duration::from_secs(20);

    fn scene(width: usize) -> Scene {
        let (sender, told) = mpsc::channel(16);
        let clock = Arc::new(Hands(Mutex::new(Timestamp::from_second(1000).unwrap())));
        let stop = Stop::default();
        let width = NonZeroUsize::new(width).unwrap();
        let teller = Teller::new(sender);
        Scene {
            throttle: Throttle::new(width, teller, clock.clone(), stop.clone()),
            clock,
            stop,
            told,
        }
    }

    impl Scene {
        async fn enter(&self) -> Pass {
            let entered = timeout(SOON, self.throttle.enter(&self.stop)).await;
            entered
                .expect("nobody waits")
                .unwrap_or_else(|_| panic!("stopped"))
        }

        /// Whether one who enters now has to wait.
        async fn waits(&self) -> bool {
            let soon = Duration::from_millis(20);
            timeout(soon, self.throttle.enter(&self.stop))
                .await
                .is_err()
        }

        fn pass_seconds(&self, seconds: i64) {
            *self.clock.0.lock().unwrap() += SignedDuration::from_secs(seconds);
        }

        async fn told(&mut self) -> Event {
            let message = timeout(SOON, self.told.recv()).await.unwrap().unwrap();
            match message.input {
                Input::Told(event) => event,
                other => panic!("{other:?}"),
            }
        }
    }

    #[tokio::test]
    async fn those_beyond_the_width_wait_until_one_is_over() {
        let scene = scene(1);
        let pass = scene.enter().await;
        assert!(scene.waits().await);
        drop(pass);
        scene.enter().await.done().await;
        assert!(!scene.waits().await);
    }

    #[tokio::test]
    async fn a_limit_pauses_all_and_is_told_once_for_a_burst() {
        let mut scene = scene(2);
        let (one, other) = (scene.enter().await, scene.enter().await);
        let resets = Timestamp::from_millisecond(1_000_300).unwrap();
        one.limited(Some(resets)).await;
        other.limited(Some(resets)).await;
        let Event::Paused { until, reason } = scene.told().await else {
            panic!("not paused");
        };
        assert_eq!(reason, "the provider's rate limit is reached");
        assert!(until.unwrap() > resets);
        assert!(scene.waits().await);
        scene.pass_seconds(4);
        assert_eq!(scene.told().await, Event::Resumed { jobs: 1 });
        let pass = scene.enter().await;
        assert!(scene.waits().await, "the width is halved");
        drop(pass);
    }

    #[tokio::test]
    async fn one_who_waits_is_stopped() {
        let scene = scene(1);
        let _pass = scene.enter().await;
        let stop = scene.stop.clone();
        let waiting = scene.throttle.enter(&scene.stop);
        let (entered, ()) = tokio::join!(waiting, async move { stop.asked.cancel() });
        assert!(matches!(entered, Err(PortError::Stopped)));
    }

    #[tokio::test]
    async fn nothing_that_could_tell_is_left_after_a_stop() {
        let Scene {
            throttle,
            stop,
            mut told,
            ..
        } = scene(1);
        let Ok(pass) = throttle.enter(&stop).await else {
            panic!("stopped");
        };
        pass.limited(None).await;
        drop(throttle);
        stop.asked.cancel();
        let all = async { while told.recv().await.is_some() {} };
        timeout(SOON, all).await.expect("the channel closes");
    }

    #[tokio::test]
    async fn the_width_that_has_grown_is_told() {
        let mut scene = scene(2);
        let resets = Timestamp::from_millisecond(1_000_100).unwrap();
        scene.enter().await.limited(Some(resets)).await;
        assert!(matches!(scene.told().await, Event::Paused { .. }));
        scene.pass_seconds(4);
        assert_eq!(scene.told().await, Event::Resumed { jobs: 1 });
        for _ in 0..3 {
            scene.enter().await.done().await;
        }
        assert_eq!(scene.told().await, Event::Resumed { jobs: 2 });
    }
}
