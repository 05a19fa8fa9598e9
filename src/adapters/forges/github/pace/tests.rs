//! Tests of [`Pace`] and [`Points`].

use std::time::Duration;

use jiff::{SignedDuration, Timestamp};

use super::{Pace, Points, Rates, Turn};
use crate::adapters::forges::github::api::Kind;
use crate::adapters::forges::github::limit::Limit;

const RATES: Rates = Rates {
    interval: Duration::from_secs(2),
    per_minute: 60,
    per_hour: 450,
};

/// That many seconds after the tests' beginning.
fn at(seconds: f64) -> Timestamp {
    Timestamp::from_second(1_000_000).unwrap() + SignedDuration::from_secs_f64(seconds)
}

/// How long a call that comes then waits, in seconds; those that do not wait are sent.
fn wait(pace: &mut Pace, kind: Kind, now: f64) -> f64 {
    match pace.enter(kind, at(now), RATES) {
        Turn::Now => 0.0,
        Turn::Paused(pause) => pause.until.duration_since(at(now)).as_secs_f64(),
        Turn::Later(until, _) => until.duration_since(at(now)).as_secs_f64(),
    }
}

/// When each of so many calls is sent that come as fast as they may.
fn sent(pace: &mut Pace, kind: Kind, count: usize) -> Vec<f64> {
    let mut now = 0.0;
    let mut times = Vec::new();
    while times.len() < count {
        match wait(pace, kind, now) {
            0.0 => times.push(now),
            longer => now += longer,
        }
    }
    times
}

fn limit(seconds: Option<i64>) -> Limit {
    Limit {
        reason: "too much".to_owned(),
        wait: seconds.map(SignedDuration::from_secs),
    }
}

/// Seconds that are left of the pause.
fn left(pace: &Pace, now: f64) -> Option<f64> {
    let pause = pace.pause(at(now))?;
    Some(pause.until.duration_since(at(now)).as_secs_f64())
}

#[test]
fn content_is_two_seconds_apart_and_other_writes_one() {
    let mut pace = Pace::default();
    assert_eq!(sent(&mut pace, Kind::Content, 3), [0.0, 2.0, 4.0]);
    let mut pace = Pace::default();
    assert_eq!(sent(&mut pace, Kind::Write, 3), [0.0, 1.0, 2.0]);
    assert_eq!(wait(&mut pace, Kind::Content, 2.5), 0.5);
    assert_eq!(wait(&mut pace, Kind::Content, 3.0), 0.0);
    assert_eq!(wait(&mut pace, Kind::Write, 3.25), 0.75);
    assert_eq!(wait(&mut pace, Kind::Write, 4.0), 0.0);
    assert_eq!(wait(&mut pace, Kind::Content, 4.5), 0.5);
}

#[test]
fn reads_wait_for_no_write() {
    let mut pace = Pace::default();
    assert_eq!(wait(&mut pace, Kind::Content, 0.0), 0.0);
    assert_eq!(wait(&mut pace, Kind::Read, 0.0), 0.0);
}

#[test]
fn no_minute_and_no_hour_has_more_content_than_its_cap() {
    let rates = Rates {
        interval: Duration::ZERO,
        per_minute: 3,
        per_hour: 5,
    };
    let mut pace = Pace::default();
    let mut now = 0.0;
    let mut times = Vec::new();
    let mut reasons = Vec::new();
    while times.len() < 7 {
        match pace.enter(Kind::Content, at(now), rates) {
            Turn::Now => {
                times.push(now);
                now += 1.0;
            }
            Turn::Later(until, reason) => {
                now = until.duration_since(at(0.0)).as_secs_f64();
                reasons.extend(reason);
            }
            Turn::Paused(pause) => panic!("{pause:?}"),
        }
    }
    assert_eq!(times, [0.0, 1.0, 2.0, 60.0, 61.0, 3600.0, 3601.0]);
    assert_eq!(
        reasons,
        [
            "3 writes within one minute are as many as are sent",
            "5 writes within one hour are as many as are sent"
        ]
    );
}

#[test]
fn a_limit_pauses_reads_as_well_for_as_long_as_it_says() {
    let mut pace = Pace::default();
    pace.limited(at(0.0), at(1.0), &limit(Some(30)));
    for kind in [Kind::Read, Kind::Write, Kind::Content] {
        assert_eq!(wait(&mut pace, kind, 2.0), 29.0);
    }
    assert_eq!(wait(&mut pace, Kind::Read, 31.0), 0.0);
}

#[test]
fn a_guess_that_was_too_short_is_doubled_up_to_a_quarter_of_an_hour() {
    let mut pace = Pace::default();
    let mut now = 0.0;
    let mut pauses = Vec::new();
    for _ in 0..7 {
        pace.limited(at(now), at(now), &limit(None));
        let pause = left(&pace, now).unwrap();
        pauses.push(pause);
        now += pause + 1.0;
    }
    assert_eq!(pauses, [60.0, 120.0, 240.0, 480.0, 900.0, 900.0, 900.0]);
    pace.limited(at(now + 4000.0), at(now + 4000.0), &limit(None));
    assert_eq!(left(&pace, now + 4000.0), Some(60.0), "long after the last");
}

#[test]
fn a_burst_is_one_limit_and_the_longest_word_counts() {
    let mut pace = Pace::default();
    pace.limited(at(0.0), at(1.0), &limit(None));
    pace.limited(at(0.5), at(3.0), &limit(None));
    assert_eq!(left(&pace, 3.0), Some(58.0));
    pace.limited(at(0.5), at(3.0), &limit(Some(10)));
    assert_eq!(left(&pace, 3.0), Some(58.0));
    pace.limited(at(0.5), at(3.0), &limit(Some(100)));
    assert_eq!(left(&pace, 3.0), Some(100.0));
}

#[test]
fn a_pause_of_days_is_not_believed() {
    let mut pace = Pace::default();
    pace.limited(at(0.0), at(0.0), &limit(Some(10_000_000)));
    assert_eq!(left(&pace, 0.0), Some(24.0 * 3600.0));
}

#[test]
fn a_clock_that_was_set_back_makes_nobody_wait_for_long() {
    let mut pace = Pace::default();
    assert_eq!(wait(&mut pace, Kind::Content, 0.0), 0.0);
    pace.limited(at(0.0), at(0.0), &limit(Some(30)));
    assert!(pace.is_ahead(at(-1e6)));
    assert_eq!(wait(&mut pace, Kind::Content, -1e6), 30.0);
    assert!(!pace.is_ahead(at(-1e6)));
    assert_eq!(wait(&mut pace, Kind::Content, -1e6 + 30.0), 0.0);
}

#[test]
fn what_two_processes_noted_is_put_together() {
    let (mut one, mut other) = (Pace::default(), Pace::default());
    assert_eq!(wait(&mut one, Kind::Content, 0.0), 0.0);
    assert_eq!(wait(&mut other, Kind::Content, 1.0), 0.0);
    one.limited(at(0.0), at(1.0), &limit(Some(5)));
    other.limited(at(0.0), at(1.0), &limit(Some(9)));
    let mut merged = one.clone();
    merged.merge(other.clone());
    merged.merge(one);
    assert_eq!(left(&merged, 1.0), Some(9.0));
    assert_eq!(merged.content, [at(0.0), at(1.0)]);
    assert_eq!(merged.last_write, Some(at(1.0)));
}

#[test]
fn what_is_kept_is_no_longer_than_an_hours_content() {
    let mut pace = Pace::default();
    for hour in 0..3 {
        assert_eq!(
            wait(&mut pace, Kind::Content, f64::from(hour) * 4000.0),
            0.0
        );
    }
    assert_eq!(pace.content.len(), 1);
}

#[test]
fn calls_of_a_minute_cost_no_more_than_github_allows() {
    let mut points = Points::default();
    let mut pay = |kind, now| {
        let wait = points.wait(kind, at(now));
        if wait.is_none() {
            points.pay(kind, at(now));
        }
        wait
    };
    for _ in 0..179 {
        assert_eq!(pay(Kind::Write, 0.0), None);
    }
    for _ in 0..5 {
        assert_eq!(pay(Kind::Read, 10.0), None);
    }
    assert_eq!(pay(Kind::Read, 20.0), Some(at(60.0)));
    assert_eq!(pay(Kind::Content, 20.0), Some(at(60.0)));
    assert_eq!(pay(Kind::Content, 60.0), None);
}
