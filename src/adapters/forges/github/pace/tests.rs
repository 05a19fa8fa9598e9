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

/// That many milliseconds after the tests' beginning.
fn at(milliseconds: i64) -> Timestamp {
    Timestamp::from_second(1_000_000).unwrap() + SignedDuration::from_millis(milliseconds)
}

fn span(from: Timestamp, to: Timestamp) -> i64 {
    to.as_millisecond() - from.as_millisecond()
}

/// How long a call that comes then waits, in milliseconds; those that do not wait are sent.
fn wait(pace: &mut Pace, kind: Kind, now: i64) -> i64 {
    match pace.enter(kind, at(now), RATES) {
        Turn::Now => 0,
        Turn::Paused(pause) => span(at(now), pause.until),
        Turn::Later(until, _) => span(at(now), until),
    }
}

/// When each of so many calls is sent that come as fast as they may.
fn sent(pace: &mut Pace, kind: Kind, count: usize) -> Vec<i64> {
    let mut now = 0;
    let mut times = Vec::new();
    while times.len() < count {
        match wait(pace, kind, now) {
            0 => times.push(now),
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

/// Milliseconds that are left of the pause.
fn left(pace: &Pace, now: i64) -> Option<i64> {
    let pause = pace.pause(at(now))?;
    Some(span(at(now), pause.until))
}

#[test]
fn content_is_two_seconds_apart_and_other_writes_one() {
    let mut pace = Pace::default();
    assert_eq!(sent(&mut pace, Kind::Content, 3), [0, 2000, 4000]);
    let mut pace = Pace::default();
    assert_eq!(sent(&mut pace, Kind::Write, 3), [0, 1000, 2000]);
    assert_eq!(wait(&mut pace, Kind::Content, 2500), 500);
    assert_eq!(wait(&mut pace, Kind::Content, 3000), 0);
    assert_eq!(wait(&mut pace, Kind::Write, 3250), 750);
    assert_eq!(wait(&mut pace, Kind::Write, 4000), 0);
    assert_eq!(wait(&mut pace, Kind::Content, 4500), 500);
}

#[test]
fn a_write_keeps_its_distance_from_the_answer_to_the_one_before() {
    let mut pace = Pace::default();
    assert_eq!(wait(&mut pace, Kind::Write, 0), 0);
    pace.written(at(700));
    assert_eq!(wait(&mut pace, Kind::Write, 1000), 700);
    // An answer that was heard late takes back nothing.
    assert_eq!(wait(&mut pace, Kind::Write, 1700), 0);
    pace.written(at(1600));
    assert_eq!(wait(&mut pace, Kind::Write, 2650), 50);
}

#[test]
fn reads_wait_for_no_write() {
    let mut pace = Pace::default();
    assert_eq!(wait(&mut pace, Kind::Content, 0), 0);
    assert_eq!(wait(&mut pace, Kind::Read, 0), 0);
}

#[test]
fn no_minute_and_no_hour_has_more_content_than_its_cap() {
    let rates = Rates {
        interval: Duration::ZERO,
        per_minute: 3,
        per_hour: 5,
    };
    let mut pace = Pace::default();
    let mut now = 0;
    let mut times = Vec::new();
    let mut reasons = Vec::new();
    while times.len() < 7 {
        match pace.enter(Kind::Content, at(now), rates) {
            Turn::Now => {
                times.push(now);
                now += 1000;
            }
            Turn::Later(until, reason) => {
                now = span(at(0), until);
                reasons.extend(reason);
            }
            Turn::Paused(pause) => panic!("{pause:?}"),
        }
    }
    assert_eq!(times, [0, 1000, 2000, 60_000, 61_000, 3_600_000, 3_601_000]);
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
    pace.limited(at(0), at(1000), &limit(Some(30)));
    for kind in [Kind::Read, Kind::Write, Kind::Content] {
        assert_eq!(wait(&mut pace, kind, 2000), 29_000);
    }
    assert_eq!(wait(&mut pace, Kind::Read, 31_000), 0);
}

#[test]
fn a_guess_that_was_too_short_is_doubled_up_to_a_quarter_of_an_hour() {
    let mut pace = Pace::default();
    let mut now = 0;
    let mut pauses = Vec::new();
    for _ in 0..7 {
        pace.limited(at(now), at(now), &limit(None));
        let pause = left(&pace, now).unwrap();
        pauses.push(pause);
        now += pause + 1000;
    }
    assert_eq!(
        pauses,
        [60_000, 120_000, 240_000, 480_000, 900_000, 900_000, 900_000]
    );
    pace.limited(at(now + 4_000_000), at(now + 4_000_000), &limit(None));
    assert_eq!(
        left(&pace, now + 4_000_000),
        Some(60_000),
        "long after the last"
    );
}

#[test]
fn a_burst_is_one_limit_and_the_longest_word_counts() {
    let mut pace = Pace::default();
    pace.limited(at(0), at(1000), &limit(None));
    pace.limited(at(500), at(3000), &limit(None));
    assert_eq!(left(&pace, 3000), Some(58_000));
    pace.limited(at(500), at(3000), &limit(Some(10)));
    assert_eq!(left(&pace, 3000), Some(58_000));
    pace.limited(at(500), at(3000), &limit(Some(100)));
    assert_eq!(left(&pace, 3000), Some(100_000));
}

#[test]
fn a_pause_of_days_is_not_believed() {
    let mut pace = Pace::default();
    pace.limited(at(0), at(0), &limit(Some(10_000_000)));
    assert_eq!(left(&pace, 0), Some(86_400_000));
}

#[test]
fn a_clock_that_was_set_back_makes_nobody_wait_for_long() {
    let mut pace = Pace::default();
    assert_eq!(wait(&mut pace, Kind::Content, 0), 0);
    pace.limited(at(0), at(0), &limit(Some(30)));
    assert!(pace.is_ahead(at(-1_000_000_000)));
    assert_eq!(wait(&mut pace, Kind::Content, -1_000_000_000), 30_000);
    assert!(!pace.is_ahead(at(-1_000_000_000)));
    assert_eq!(wait(&mut pace, Kind::Content, -999_970_000), 0);
}

#[test]
fn what_two_processes_noted_is_put_together() {
    let (mut one, mut other) = (Pace::default(), Pace::default());
    assert_eq!(wait(&mut one, Kind::Content, 0), 0);
    assert_eq!(wait(&mut other, Kind::Content, 1000), 0);
    one.limited(at(0), at(1000), &limit(Some(5)));
    other.limited(at(0), at(1000), &limit(Some(9)));
    let mut merged = one.clone();
    merged.merge(other.clone());
    merged.merge(one);
    assert_eq!(left(&merged, 1000), Some(9000));
    assert_eq!(merged.content, [at(0), at(1000)]);
    assert_eq!(merged.last_write, Some(at(1000)));
}

#[test]
fn what_is_kept_is_no_longer_than_an_hours_content() {
    let mut pace = Pace::default();
    for hour in 0..3 {
        assert_eq!(wait(&mut pace, Kind::Content, hour * 4_000_000), 0);
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
        assert_eq!(pay(Kind::Write, 0), None);
    }
    for _ in 0..5 {
        assert_eq!(pay(Kind::Read, 10_000), None);
    }
    assert_eq!(pay(Kind::Read, 20_000), Some(at(60_000)));
    assert_eq!(pay(Kind::Content, 20_000), Some(at(60_000)));
    assert_eq!(pay(Kind::Content, 60_000), None);
}
