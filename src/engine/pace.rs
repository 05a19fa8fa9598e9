//! [`Pace`]: how many requests to agents may run at the same time, and until when none may, after what the provider's
//! limits told. Pure: the time is given to it. `throttle` waits and tells.

use std::num::NonZeroUsize;
use std::time::Duration;

use jiff::{SignedDuration, Timestamp};

/// The first wait after a limit that does not say when it is lifted.
const FIRST_WAIT: SignedDuration = SignedDuration::from_secs(60);

/// The longest wait after a limit that does not say when it is lifted.
const LONGEST_WAIT: SignedDuration = SignedDuration::from_secs(15 * 60);

/// A reset further away than this is not believed.
const FURTHEST_RESET: SignedDuration = SignedDuration::from_hours(24);

/// Further requests of a burst must name a reset later by this to move the pause's end.
const LATER: SignedDuration = SignedDuration::from_secs(10);

/// After so many pauses in a row without an answer in between, going on is in vain.
const PATIENCE: u32 = 12;

/// After so many answers without a limit the width grows by one.
const ANSWERS: u32 = 3;

/// Which limits a request can know of: those that came before it began.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Default)]
pub struct Era(u64);

/// A time without requests.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Pause {
    /// When it began.
    since: Timestamp,
    /// When it ends.
    pub until: Timestamp,
    /// Whether the provider named that time; else it is a guess.
    pub named: bool,
}

/// What a limit comes to.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Slowed {
    /// A pause begins.
    Paused(Pause),
    /// The pause that goes on ends later.
    Prolonged(Pause),
    /// Nothing changes: it is one more of a burst that is known.
    Known,
}

/// How many requests may run, and when.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Pace {
    full: usize,
    width: usize,
    running: usize,
    pause: Option<Pause>,
    era: Era,
    /// How many limits in a row did not say when they are lifted.
    guesses: u32,
    /// How many limits in a row came without an answer in between; a burst counts once.
    in_a_row: u32,
    /// How many answers came since the width last changed.
    answers: u32,
}

impl Pace {
    /// So many requests at the same time, until a limit is met.
    #[must_use]
    pub fn new(width: NonZeroUsize) -> Self {
        Self {
            full: width.get(),
            width: width.get(),
            running: 0,
            pause: None,
            era: Era::default(),
            guesses: 0,
            in_a_row: 0,
            answers: 0,
        }
    }

    /// How many requests may run at the same time.
    #[must_use]
    pub fn width(&self) -> usize {
        self.width
    }

    /// The pause that goes on.
    #[must_use]
    pub fn pause(&self) -> Option<Pause> {
        self.pause
    }

    /// Whether waiting once more is in vain: so many pauses have brought no answer.
    #[must_use]
    pub fn is_in_vain(&self) -> bool {
        self.in_a_row >= PATIENCE
    }

    /// Lets a request begin; none when it has to wait.
    #[must_use]
    pub fn enter(&mut self) -> Option<Era> {
        let free = self.pause.is_none() && self.running < self.width;
        free.then(|| {
            self.running += 1;
            self.era
        })
    }

    /// Takes note that a request has ended, however it did.
    pub fn leave(&mut self) {
        self.running = self.running.saturating_sub(1);
    }

    /// Takes note that a request of that era was answered without a limit; whether the width grew by it.
    pub fn answered(&mut self, era: Era) -> bool {
        // One that began before the last limit proves nothing of the time after it.
        if era < self.era {
            return false;
        }
        self.guesses = 0;
        self.in_a_row = 0;
        if self.width == self.full {
            return false;
        }
        self.answers += 1;
        let grows = self.answers >= ANSWERS;
        if grows {
            self.answers = 0;
            self.width += 1;
        }
        grows
    }

    /// Takes note of a limit that a request of that era met, and of when it is said to be lifted.
    ///
    /// The first of a burst halves the width and begins a pause. The others, begun before that pause as well, can only
    /// make it longer.
    pub fn limited(&mut self, era: Era, now: Timestamp, resets: Option<Timestamp>) -> Slowed {
        let resets = resets.filter(|resets| {
            let wait = resets.duration_since(now);
            wait > SignedDuration::ZERO && wait <= FURTHEST_RESET
        });
        if era == self.era {
            self.era = Era(self.era.0 + 1);
            self.width = (self.width / 2).max(1);
            self.answers = 0;
            self.in_a_row = self.in_a_row.saturating_add(1);
            let until = resets.unwrap_or_else(|| self.guess(now));
            return Slowed::Paused(self.begin(now, until, resets.is_some()));
        }
        match (resets, self.pause) {
            (Some(resets), Some(pause)) if resets.duration_since(pause.until) > LATER => {
                self.begin(now, resets, true);
                let pause = Pause {
                    since: pause.since,
                    ..self.pause.unwrap_or(pause)
                };
                self.pause = Some(pause);
                Slowed::Prolonged(pause)
            }
            // The burst's pause is over, and here is one that says it should not be.
            (Some(resets), None) => Slowed::Paused(self.begin(now, resets, true)),
            (Some(_) | None, _) => Slowed::Known,
        }
    }

    /// Ends the pause if its time has come; whether it did. A clock that was set back ends it too.
    pub fn resume(&mut self, now: Timestamp) -> bool {
        let over = self
            .pause
            .is_some_and(|pause| now >= pause.until || now < pause.since);
        if over {
            self.pause = None;
        }
        over
    }

    fn begin(&mut self, now: Timestamp, until: Timestamp, named: bool) -> Pause {
        let pause = Pause {
            since: now,
            // A time that cannot be told is later than anyone waits.
            until: until.checked_add(jitter(now)).unwrap_or(until),
            named,
        };
        self.pause = Some(pause);
        pause
    }

    fn guess(&mut self, now: Timestamp) -> Timestamp {
        let doubled = FIRST_WAIT.checked_mul(1 << self.guesses.min(16));
        let wait = doubled.map_or(LONGEST_WAIT, |wait| wait.min(LONGEST_WAIT));
        self.guesses = self.guesses.saturating_add(1);
        now.checked_add(wait).unwrap_or(now)
    }
}

/// Half a second to two and a half, so that not all who share an account come back at the same moment. The time's
/// fraction of a second is random enough for that.
fn jitter(now: Timestamp) -> Duration {
    let fraction = u64::from(now.subsec_nanosecond().unsigned_abs());
    Duration::from_millis(500) + Duration::from_nanos(2 * fraction)
}

#[cfg(test)]
mod tests {
    use std::num::NonZeroUsize;

    use jiff::{SignedDuration, Timestamp};
    use proptest::prelude::{Strategy, any, prop, prop_oneof, proptest};

    use super::{Pace, Slowed};

    fn at(second: i64) -> Timestamp {
        Timestamp::from_second(1_700_000_000 + second).unwrap()
    }

    fn pace(width: usize) -> Pace {
        Pace::new(NonZeroUsize::new(width).unwrap())
    }

    /// How long a pause that has just begun lasts, in seconds, jitter cut off.
    fn wait(slowed: Slowed, now: Timestamp) -> i64 {
        match slowed {
            Slowed::Paused(pause) | Slowed::Prolonged(pause) => {
                pause.until.duration_since(now).as_secs()
            }
            Slowed::Known => panic!("no pause"),
        }
    }

    #[test]
    fn no_more_run_than_the_width_allows() {
        let mut pace = pace(2);
        assert!(pace.enter().is_some());
        assert!(pace.enter().is_some());
        assert!(pace.enter().is_none());
        pace.leave();
        assert!(pace.enter().is_some());
    }

    #[test]
    fn a_burst_of_limits_halves_the_width_once() {
        let mut pace = pace(8);
        let eras: Vec<_> = std::iter::from_fn(|| pace.enter()).collect();
        assert_eq!(eras.len(), 8);
        let known = eras[1..].iter();
        let first = pace.limited(eras[0], at(0), Some(at(300)));
        assert_eq!(wait(first, at(0)), 300);
        for era in known {
            assert_eq!(pace.limited(*era, at(1), Some(at(300))), Slowed::Known);
        }
        assert_eq!(pace.width(), 4);
        assert!(!pace.resume(at(300)), "the jitter is still to come");
        assert!(pace.resume(at(303)));
        assert!(!pace.resume(at(303)));
    }

    #[test]
    fn a_limit_met_after_the_pause_halves_again_and_never_below_one() {
        let mut pace = pace(3);
        for (width, second) in [(1, 0), (1, 1000), (1, 2000)] {
            let era = pace.enter().unwrap();
            pace.limited(era, at(second), Some(at(second + 5)));
            pace.leave();
            assert_eq!(pace.width(), width);
            assert!(pace.enter().is_none());
            assert!(pace.resume(at(second + 9)));
        }
    }

    #[test]
    fn a_later_reset_of_the_same_burst_makes_the_pause_longer() {
        let mut pace = pace(4);
        let (one, other) = (pace.enter().unwrap(), pace.enter().unwrap());
        pace.limited(one, at(0), Some(at(30)));
        let slowed = pace.limited(other, at(2), Some(at(3600)));
        assert!(matches!(slowed, Slowed::Prolonged(_)));
        assert_eq!((wait(slowed, at(0)), pace.width()), (3600, 2));
    }

    #[test]
    fn one_of_a_burst_that_comes_when_the_pause_is_over_can_only_pause() {
        let mut pace = pace(4);
        let (one, other, third) = (
            pace.enter().unwrap(),
            pace.enter().unwrap(),
            pace.enter().unwrap(),
        );
        pace.limited(one, at(0), Some(at(30)));
        assert!(pace.resume(at(40)));
        assert_eq!(pace.limited(other, at(41), None), Slowed::Known);
        assert_eq!(wait(pace.limited(third, at(42), Some(at(90))), at(42)), 48);
        assert_eq!(pace.width(), 2);
    }

    #[test]
    fn without_a_reset_the_waits_double_until_an_answer_comes() {
        let mut pace = pace(1);
        let mut now = 0;
        let mut limited = |pace: &mut Pace| {
            let era = pace.enter().unwrap();
            let wait = wait(pace.limited(era, at(now), None), at(now));
            pace.leave();
            now += 2000;
            assert!(pace.resume(at(now)));
            wait
        };
        let waits: Vec<i64> = (0..6).map(|_| limited(&mut pace)).collect();
        assert_eq!(waits, [60, 120, 240, 480, 900, 900]);
        let era = pace.enter().unwrap();
        pace.answered(era);
        pace.leave();
        assert_eq!(limited(&mut pace), 60);
    }

    #[test]
    fn patience_ends_after_many_pauses_without_an_answer() {
        let mut pace = pace(1);
        let limited = |pace: &mut Pace, turn: i64| {
            let era = pace.enter().unwrap();
            pace.limited(era, at(turn * 1000), Some(at(turn * 1000 + 5)));
            pace.leave();
            assert!(pace.resume(at(turn * 1000 + 10)));
        };
        (0..11).for_each(|turn| limited(&mut pace, turn));
        assert!(!pace.is_in_vain());
        let era = pace.enter().unwrap();
        pace.answered(era);
        pace.leave();
        (20..31).for_each(|turn| limited(&mut pace, turn));
        assert!(!pace.is_in_vain());
        limited(&mut pace, 40);
        assert!(pace.is_in_vain());
    }

    #[test]
    fn a_reset_that_is_over_or_absurdly_far_is_not_believed() {
        for resets in [at(-5), at(0), at(25 * 3600), Timestamp::MAX, Timestamp::MIN] {
            let mut pace = pace(1);
            let era = pace.enter().unwrap();
            let slowed = pace.limited(era, at(0), Some(resets));
            assert_eq!(wait(slowed, at(0)), 60, "{resets}");
            assert!(matches!(slowed, Slowed::Paused(pause) if !pause.named));
        }
    }

    #[test]
    fn the_width_grows_back_with_answers_that_began_after_the_limit() {
        let mut pace = pace(4);
        let eras: Vec<_> = std::iter::from_fn(|| pace.enter()).collect();
        pace.limited(eras[0], at(0), None);
        for era in &eras[1..] {
            assert!(!pace.answered(*era));
        }
        (0..4).for_each(|_| pace.leave());
        assert!(pace.resume(at(100)));
        let grown = (0..12).map(|_| {
            let era = pace.enter().unwrap();
            pace.leave();
            pace.answered(era)
        });
        assert_eq!(grown.filter(|grown| *grown).count(), 2);
        assert_eq!(pace.width(), 4);
    }

    #[test]
    fn a_clock_that_is_set_back_ends_the_pause() {
        let mut pace = pace(1);
        let era = pace.enter().unwrap();
        pace.limited(era, at(0), Some(at(3600)));
        assert!(pace.resume(at(-7200)));
    }

    #[derive(Debug, Clone)]
    enum Beat {
        Enter,
        Answer,
        Limit(Option<i64>),
        Wait(i64),
    }

    fn beats() -> impl Strategy<Value = Vec<Beat>> {
        let resets = prop::option::of(-100_000_i64..200_000);
        let beat = prop_oneof![
            3 => any::<()>().prop_map(|()| Beat::Enter),
            2 => any::<()>().prop_map(|()| Beat::Answer),
            1 => resets.prop_map(Beat::Limit),
            1 => (0_i64..2000).prop_map(Beat::Wait),
        ];
        prop::collection::vec(beat, 0..200)
    }

    proptest! {
        #[test]
        fn whatever_happens_the_width_stays_in_bounds_and_every_pause_ends(
            full in 1_usize..9,
            beats in beats(),
        ) {
            let mut pace = pace(full);
            let mut now = at(0);
            let mut asks = Vec::new();
            for beat in beats {
                match beat {
                    Beat::Enter => {
                        let before = asks.len();
                        asks.extend(pace.enter());
                        assert!(asks.len() == before || asks.len() <= pace.width());
                    }
                    Beat::Answer => if let Some(era) = asks.pop() {
                        pace.leave();
                        pace.answered(era);
                    },
                    Beat::Limit(resets) => if let Some(era) = asks.pop() {
                        pace.leave();
                        let resets = resets.map(|seconds| now + SignedDuration::from_secs(seconds));
                        pace.limited(era, now, resets);
                    },
                    Beat::Wait(seconds) => {
                        now += SignedDuration::from_secs(seconds);
                        pace.resume(now);
                    }
                }
                assert!((1..=full).contains(&pace.width()));
                if let Some(pause) = pace.pause() {
                    assert!(pause.until.duration_since(now) <= SignedDuration::from_hours(25));
                }
            }
            now += SignedDuration::from_hours(25);
            pace.resume(now);
            assert!(pace.pause().is_none());
        }
    }
}
