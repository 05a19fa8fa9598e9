//! [`Plain`]: a line for each event worth telling, for logs and terminals without cursor control.

use std::io::Write;

use jiff::tz::TimeZone;
use jiff::{SignedDuration, Timestamp};

use super::lines;
use super::telling::{Detail, Telling};
use crate::cli::style::Look;
use crate::engine::ports::Reporter;
use crate::model::counted::counted;
use crate::model::event::{Event, Record};
use crate::model::history::History;
use crate::model::named::named;

/// After so long a silence it says what goes on: build servers end jobs that print nothing.
const SILENCE: SignedDuration = SignedDuration::from_secs(60);

/// How many units at work are named.
const NAMED: usize = 3;

/// Shows a run as lines without control codes.
pub struct Plain<W> {
    out: W,
    detail: Detail,
    zone: TimeZone,
    times: bool,
    last: Option<Timestamp>,
}

impl<W: Write> Plain<W> {
    /// Writes to `out`, with the time of day in `zone`.
    pub fn new(out: W, detail: Detail, zone: TimeZone) -> Self {
        Self {
            out,
            detail,
            zone,
            times: true,
            last: None,
        }
    }

    /// The same without the time of day.
    #[must_use]
    pub fn without_times(self) -> Self {
        Self {
            times: false,
            ..self
        }
    }

    fn say(&mut self, at: Timestamp, text: &str) {
        let time = at.to_zoned(self.zone.clone()).strftime("[%H:%M:%S] ");
        let time = if self.times {
            time.to_string()
        } else {
            String::new()
        };
        // A closed standard error is no reason to stop the run.
        let _ = writeln!(self.out, "{time}{text}").and_then(|()| self.out.flush());
        self.last = Some(at);
    }
}

impl<W: Write + Send> Reporter for Plain<W> {
    fn event(&mut self, record: &Record, history: &History) {
        let Some(telling) = Telling::of(record, history, Look::Plain) else {
            return;
        };
        if telling.from > self.detail {
            return;
        }
        let mut text = match &telling.unit {
            None => telling.text,
            Some(unit) => format!("{unit}: {}", telling.text),
        };
        if matches!(record.event, Event::UnitEnded { .. })
            && let Some(money) = lines::money(history)
        {
            text.push_str(&format!("; the run so far: {money}"));
        }
        self.say(record.at, &text);
    }

    fn tick(&mut self, now: Timestamp, history: &History) {
        let silent = self
            .last
            .is_some_and(|last| now.duration_since(last) >= SILENCE);
        if silent && self.detail != Detail::Quiet {
            self.say(now, &at_work(history, now));
        }
    }
}

/// The units that have a slot.
fn at_work(history: &History, now: Timestamp) -> String {
    let busy: Vec<String> = history
        .units
        .iter()
        .filter(|unit| unit.slot.is_some())
        .filter_map(|unit| {
            let (step, since) = unit.step?;
            Some(format!("{} ({step} {})", unit.id, lines::clock(since, now)))
        })
        .collect();
    let ended = history
        .units
        .iter()
        .filter(|unit| unit.outcome.is_some())
        .count();
    let mut text = format!("{ended} of {} done", counted(history.units.len(), "unit"));
    if !busy.is_empty() {
        text.push_str("; at work: ");
        text.push_str(&named(&busy, NAMED));
    }
    let waiting = lines::waiting(history).map(|(unit, before)| {
        let before: Vec<_> = before.iter().map(|unit| &unit.id).collect();
        format!("{} (for {})", unit.id, named(&before, NAMED))
    });
    let waiting: Vec<String> = waiting.collect();
    if !waiting.is_empty() {
        text.push_str("; waiting: ");
        text.push_str(&named(&waiting, NAMED));
    }
    if let Some(money) = lines::money(history) {
        text.push_str(&format!("; spent: {money}"));
    }
    if let Some((_, until)) = &history.paused {
        text.push_str("; paused");
        if let Some(until) = until {
            text.push_str(&format!(", going on in {}", lines::clock(now, *until)));
        }
    }
    if let Some((_, until)) = &history.forge_paused {
        let left = lines::clock(now, *until);
        text.push_str(&format!("; no pull requests for {left}"));
    }
    text
}

#[cfg(test)]
#[expect(
    clippy::needless_raw_string_hashes,
    reason = "snapbox writes its snapshots so"
)]
mod tests {
    use jiff::tz::TimeZone;
    use snapbox::{assert_data_eq, str};

    use super::{Detail, Plain, at_work};
    use crate::cli::progress::script::Script;
    use crate::model::sample;

    fn shown(detail: Detail, script: &Script) -> String {
        let mut out = Vec::new();
        script.play(&mut Plain::new(&mut out, detail, TimeZone::UTC));
        String::from_utf8(out).unwrap()
    }

    #[test]
    fn what_waits_is_named_with_what_it_waits_for() {
        let mut history = sample::history(vec![Some(sample::opened(1)), None, None, None]);
        history.units[2].after = vec![sample::id("unit-1"), sample::id("unit-2")];
        history.units[3].after = vec![sample::id("unit-1")];
        let text = at_work(&history, sample::at(0));
        assert_eq!(text, "1 of 4 units done; waiting: unit-3 (for unit-2)");
    }

    #[test]
    fn a_pause_of_the_forge_is_told_with_its_end() {
        let script = Script::forge_pause();
        assert_data_eq!(
            shown(Detail::Normal, &script),
            str![[r#"
[03:04:05] run 20260102T030405Z-0a1b: 1 unit on main at bbbbbbbbbbbb
[03:05:45] no pull request before 03:06:45 UTC: GitHub says that requests came too quickly
[03:06:45] pull requests go on

"#]]
        );
        let mut history = sample::history(vec![None]);
        history.forge_paused = Some(("a limit".to_owned(), sample::at(100)));
        let text = at_work(&history, sample::at(60));
        assert!(text.ends_with("; no pull requests for 0:40"), "{text}");
        let lines = crate::cli::progress::lines::slots(&history, sample::at(60));
        assert_eq!(
            lines,
            ["  no pull requests for 0:40 (03:05:45 UTC): a limit"]
        );
    }

    #[test]
    fn each_event_worth_telling_is_a_line() {
        assert_data_eq!(
            shown(Detail::Normal, &Script::midway().interrupted().ended()),
            str![[r#"
[03:04:05] run 20260102T030405Z-0a1b: 9 units on main at bbbbbbbbbbbb
[03:04:06] base: prepare
[03:04:14] base: test
[03:04:36] unit-3: attempt 2
[03:04:37] unit-1: implement
[03:04:37] unit-2: implement
[03:04:37] unit-3: implement
[03:04:37] unit-4: implement
[03:04:37] unit-5: implement
[03:04:37] unit-6: implement
[03:04:37] unit-7: implement
[03:04:37] unit-8: implement
[03:04:38] unit-1: test
[03:04:49] unit-1: opened #12 in 13 s
[03:04:50] unit-2: opened #13 https://forge.example/o/r/pull/13 in 14 s
[03:04:51] unit-3: warning: the log was capped at 10 MiB
[03:04:52] unit-3: failed at test in 16 s: exit code 1 while testing 日本語 and what else there is to test here
[03:04:53] unit-4: unchanged in 17 s
[03:04:54] unit-5: cancelled: the user stopped the run
[03:04:55] unit-6: push
[03:04:57] unit-7: test
[04:10:45] 5 of 9 units done; at work: unit-7 (test 1:05:48), unit-8 (implement 1:06:08)
[04:10:46] stopping: ending 2 workers; press Ctrl-C again to kill
[04:10:47] unit-7: cancelled: the user stopped the run

"#]]
        );
    }

    #[test]
    fn verbose_lines_tell_each_step() {
        assert_data_eq!(
            shown(Detail::Verbose, &Script::midway()),
            str![[r#"
[03:04:05] run 20260102T030405Z-0a1b: 9 units on main at bbbbbbbbbbbb
[03:04:06] base: prepare
[03:04:14] base: test
[03:04:35] base: fit to build on
[03:04:36] unit-1: prepare
[03:04:36] unit-2: prepare
[03:04:36] unit-3: attempt 2
[03:04:36] unit-3: prepare
[03:04:36] unit-4: prepare
[03:04:36] unit-5: prepare
[03:04:36] unit-6: prepare
[03:04:36] unit-7: prepare
[03:04:36] unit-8: prepare
[03:04:37] unit-1: implement
[03:04:37] unit-2: implement
[03:04:37] unit-3: implement
[03:04:37] unit-4: implement
[03:04:37] unit-5: implement
[03:04:37] unit-6: implement
[03:04:37] unit-7: implement
[03:04:37] unit-8: implement
[03:04:38] unit-1: test
[03:04:45] unit-1: pushed to batch/rename-frob-0a1b/unit-1
[03:04:49] unit-1: opened #12 in 13 s
[03:04:50] unit-2: opened #13 https://forge.example/o/r/pull/13 in 14 s
[03:04:51] unit-3: warning: the log was capped at 10 MiB
[03:04:52] unit-3: failed at test in 16 s: exit code 1 while testing 日本語 and what else there is to test here
[03:04:53] unit-4: unchanged in 17 s
[03:04:54] unit-5: cancelled: the user stopped the run
[03:04:55] unit-6: push
[03:04:57] unit-7: test
[04:10:45] 5 of 9 units done; at work: unit-7 (test 1:05:48), unit-8 (implement 1:06:08)

"#]]
        );
    }

    #[test]
    fn quiet_lines_tell_failures_alone() {
        assert_data_eq!(
            shown(Detail::Quiet, &Script::midway()),
            str![[r#"
[03:04:52] unit-3: failed at test in 16 s: exit code 1 while testing 日本語 and what else there is to test here

"#]]
        );
    }

    #[test]
    fn a_red_base_is_told_even_quietly() {
        assert_data_eq!(
            shown(Detail::Quiet, &Script::red_base()),
            str![[r#"
[03:04:35] base: failed at test: exit code 1

"#]]
        );
    }

    #[test]
    fn a_long_silence_is_broken() {
        assert_data_eq!(
            shown(Detail::Normal, &Script::midway().minutes_pass(3)),
            str![[r#"
[03:04:05] run 20260102T030405Z-0a1b: 9 units on main at bbbbbbbbbbbb
[03:04:06] base: prepare
[03:04:14] base: test
[03:04:36] unit-3: attempt 2
[03:04:37] unit-1: implement
[03:04:37] unit-2: implement
[03:04:37] unit-3: implement
[03:04:37] unit-4: implement
[03:04:37] unit-5: implement
[03:04:37] unit-6: implement
[03:04:37] unit-7: implement
[03:04:37] unit-8: implement
[03:04:38] unit-1: test
[03:04:49] unit-1: opened #12 in 13 s
[03:04:50] unit-2: opened #13 https://forge.example/o/r/pull/13 in 14 s
[03:04:51] unit-3: warning: the log was capped at 10 MiB
[03:04:52] unit-3: failed at test in 16 s: exit code 1 while testing 日本語 and what else there is to test here
[03:04:53] unit-4: unchanged in 17 s
[03:04:54] unit-5: cancelled: the user stopped the run
[03:04:55] unit-6: push
[03:04:57] unit-7: test
[04:10:45] 5 of 9 units done; at work: unit-7 (test 1:05:48), unit-8 (implement 1:06:08)
[04:11:45] 5 of 9 units done; at work: unit-7 (test 1:06:48), unit-8 (implement 1:07:08)
[04:12:45] 5 of 9 units done; at work: unit-7 (test 1:07:48), unit-8 (implement 1:08:08)

"#]]
        );
    }

    #[test]
    fn what_units_and_the_run_cost_is_told_and_when_a_pause_ends() {
        assert_data_eq!(
            shown(Detail::Normal, &Script::agents().resumed()),
            str![[r#"
[03:04:05] run 20260102T030405Z-0a1b: 6 units on main at bbbbbbbbbbbb
[03:04:07] unit-1: implement
[03:04:07] unit-2: implement
[03:04:07] unit-3: implement
[03:04:07] unit-4: implement
[03:04:26] unit-1: opened #12 in 20 s for $0.25; the run so far: ~$3.10
[03:04:36] unit-2: unchanged in 30 s for $0.50; the run so far: ~$3.10 (about $3.85 in all)
[03:04:45] paused until 03:09:45 UTC: the provider's rate limit is reached
[03:05:45] 2 of 6 units done; at work: unit-3 (implement 1:38), unit-4 (implement 1:38); spent: ~$3.10 (about $3.85 in all); paused, going on in 4:00
[03:09:45] going on, 1 agent at a time

"#]]
        );
    }

    #[test]
    fn no_control_code_of_an_agent_reaches_the_log() {
        let shown = shown(Detail::Verbose, &Script::midway());
        assert!(!shown.contains(|c: char| c.is_control() && c != '\n'));
    }
}
