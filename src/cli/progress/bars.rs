//! [`Bars`]: the moving display on a terminal, by indicatif.
//!
//! A line for each busy slot and one for the whole run stay at the bottom; what has happened is printed above them.
//! The words are `telling`'s and `lines`'; here they are only put on the screen.

use indicatif::{MultiProgress, ProgressBar, ProgressDrawTarget, ProgressStyle};
use jiff::Timestamp;

use super::echo::CaretEcho;
use super::lines;
use super::telling::{Detail, Telling};
use crate::cli::style::Look;
use crate::cli::wrap::wrap;
use crate::engine::ports::Reporter;
use crate::model::event::{Event, Record};
use crate::model::history::History;

/// Columns left free at the right: some terminals wrap a line that fills the last one.
const MARGIN: usize = 1;

/// Shows a run on a terminal, in place.
pub struct Bars {
    screen: MultiProgress,
    width: Box<dyn Fn() -> usize + Send>,
    detail: Detail,
    look: Look,
    slots: Vec<ProgressBar>,
    overall: ProgressBar,
    echo: Option<CaretEcho>,
    /// Whether it draws on the terminal itself.
    on_stderr: bool,
}

impl Bars {
    /// Draws on `target`, which is `width()` columns wide at the moment.
    #[must_use]
    pub fn new(
        target: ProgressDrawTarget,
        width: impl Fn() -> usize + Send + 'static,
        detail: Detail,
        look: Look,
    ) -> Self {
        let screen = MultiProgress::with_draw_target(target);
        let overall = screen.add(line());
        Self {
            screen,
            width: Box::new(width),
            detail,
            look,
            slots: Vec::new(),
            overall,
            echo: None,
            on_stderr: false,
        }
    }

    /// Draws on standard error.
    #[must_use]
    pub fn stderr(detail: Detail, look: Look) -> Self {
        let term = console::Term::stderr();
        let width = move || usize::from(term.size().1);
        let mut bars = Self::new(ProgressDrawTarget::stderr(), width, detail, look);
        bars.on_stderr = true;
        bars.echo = CaretEcho::off();
        bars
    }

    fn print(&self, telling: &Telling, column: usize, whole: bool) {
        let id = telling.unit.as_ref().map_or_else(String::new, |unit| {
            lines::id_cell(unit.as_str(), column) + "  "
        });
        let indent = console::measure_text_width(&id);
        let text = if whole {
            let columns = (self.width)().saturating_sub(indent + MARGIN);
            id + &wrap(&telling.text, columns).join(&format!("\n{:indent$}", ""))
        } else {
            self.fit(&(id + &telling.text))
        };
        // A screen that cannot be written to is no reason to stop the run.
        let _ = self.screen.println(text);
    }

    fn draw(&mut self, now: Timestamp, history: &History) {
        if self.overall.is_finished() {
            // It was taken away for a question.
            self.overall = self.screen.add(line());
            self.echo = self.on_stderr.then(CaretEcho::off).flatten();
        }
        let busy = lines::slots(history, now);
        while self.slots.len() < busy.len() {
            self.slots
                .push(self.screen.insert_before(&self.overall, line()));
        }
        for (at, slot) in self.slots.iter().enumerate() {
            self.set(slot, busy.get(at).map_or("", String::as_str));
        }
        self.set(&self.overall, &lines::overall(history, now, self.look));
    }

    /// Takes lines away that no slot uses: not at each event, as the slot mostly gets its next unit at once.
    fn tidy(&mut self, busy: usize) {
        for idle in self.slots.drain(busy.min(self.slots.len())..) {
            idle.finish_and_clear();
            self.screen.remove(&idle);
        }
    }

    fn set(&self, line: &ProgressBar, text: &str) {
        let text = self.fit(text);
        if line.message() != text {
            line.set_message(text);
        }
    }

    fn fit(&self, text: &str) -> String {
        let columns = (self.width)().saturating_sub(MARGIN);
        console::truncate_str(text, columns, "…").into_owned()
    }

    fn clear(&mut self) {
        self.tidy(0);
        self.overall.finish_and_clear();
        self.echo = None;
    }
}

impl Reporter for Bars {
    fn event(&mut self, record: &Record, history: &History) {
        let in_the_lines = matches!(
            record.event,
            Event::StepStarted { .. } | Event::BaseStepStarted { .. }
        );
        // Warnings are not to be had elsewhere while the run goes on; causes are, in full, in its report.
        let whole = matches!(
            record.event,
            Event::Warning { .. } | Event::Interrupted | Event::StopAsked { .. }
        );
        let telling = Telling::of(record, history, self.look);
        if let Some(telling) = telling.filter(|telling| telling.from <= self.detail)
            && (!in_the_lines || self.detail == Detail::Verbose)
        {
            self.print(&telling, lines::id_column(history), whole);
        }
        if matches!(record.event, Event::RunEnded { .. } | Event::CanaryEnded) {
            self.clear();
        } else {
            self.draw(record.at, history);
        }
    }

    fn tick(&mut self, now: Timestamp, history: &History) {
        self.draw(now, history);
        self.tidy(lines::slots(history, now).len());
    }
}

impl Drop for Bars {
    fn drop(&mut self) {
        self.clear();
    }
}

fn line() -> ProgressBar {
    let style = ProgressStyle::with_template("{msg}").expect("the template names one known key");
    ProgressBar::no_length().with_style(style)
}

#[cfg(test)]
#[expect(
    clippy::needless_raw_string_hashes,
    reason = "snapbox writes its snapshots so"
)]
mod tests {
    use indicatif::{InMemoryTerm, ProgressDrawTarget};
    use snapbox::{assert_data_eq, str};

    use super::{Bars, Detail, Look};
    use crate::cli::progress::script::Script;

    fn shown(columns: u16, detail: Detail, script: &Script) -> String {
        let term = InMemoryTerm::new(30, columns);
        let target = ProgressDrawTarget::term_like(Box::new(term.clone()));
        let mut bars = Bars::new(target, move || columns.into(), detail, Look::Signs);
        script.play(&mut bars);
        term.contents()
    }

    #[test]
    fn busy_slots_stand_below_what_has_ended() {
        assert_data_eq!(
            shown(80, Detail::Normal, &Script::midway()),
            str![[r#"
run 20260102T030405Z-0a1b: 9 units on main at bbbbbbbbbbbb
unit-3  attempt 2
unit-1  ✓ opened #12 in 13 s
unit-2  ✓ opened #13 https://forge.example/o/r/pull/13 in 14 s
unit-3  warning: the log was capped at 10 MiB
unit-3  ✗ failed at test in 16 s: exit code 1 while testing 日本語 and what el…
unit-4  = unchanged in 17 s
unit-5  - cancelled: the user stopped the run
  unit-7  test       1:05:48
  unit-8  implement  1:06:08
[######      ] 5/9  1:06:40  2 opened, 1 failed, 1 cancelled, 1 unchanged, 1 o…
"#]]
        );
    }

    #[test]
    fn the_base_is_shown_while_it_is_tested() {
        assert_data_eq!(
            shown(80, Detail::Normal, &Script::base()),
            str![[r#"
run 20260102T030405Z-0a1b: 9 units on main at bbbbbbbbbbbb
  base    test        0:12
[            ] 0/9  0:21
"#]]
        );
    }

    #[test]
    fn an_interrupt_says_what_a_second_one_does() {
        assert_data_eq!(
            shown(80, Detail::Normal, &Script::midway().interrupted()),
            str![[r#"
run 20260102T030405Z-0a1b: 9 units on main at bbbbbbbbbbbb
unit-3  attempt 2
unit-1  ✓ opened #12 in 13 s
unit-2  ✓ opened #13 https://forge.example/o/r/pull/13 in 14 s
unit-3  warning: the log was capped at 10 MiB
unit-3  ✗ failed at test in 16 s: exit code 1 while testing 日本語 and what el…
unit-4  = unchanged in 17 s
unit-5  - cancelled: the user stopped the run
stopping: ending 2 workers; press Ctrl-C again to kill
  unit-7  test       1:05:49
  unit-8  implement  1:06:09
[######      ] 5/9  1:06:41  stopping: 2 opened, 1 failed, 1 cancelled, 1 unch…
"#]]
        );
    }

    #[test]
    fn at_the_end_no_line_of_the_display_is_left() {
        assert_data_eq!(
            shown(80, Detail::Normal, &Script::midway().interrupted().ended()),
            str![[r#"
run 20260102T030405Z-0a1b: 9 units on main at bbbbbbbbbbbb
unit-3  attempt 2
unit-1  ✓ opened #12 in 13 s
unit-2  ✓ opened #13 https://forge.example/o/r/pull/13 in 14 s
unit-3  warning: the log was capped at 10 MiB
unit-3  ✗ failed at test in 16 s: exit code 1 while testing 日本語 and what el…
unit-4  = unchanged in 17 s
unit-5  - cancelled: the user stopped the run
stopping: ending 2 workers; press Ctrl-C again to kill
unit-7  - cancelled: the user stopped the run
"#]]
        );
    }

    #[test]
    fn a_narrow_terminal_cuts_lines_and_never_wraps_them() {
        assert_data_eq!(
            shown(40, Detail::Normal, &Script::midway()),
            str![[r#"
run 20260102T030405Z-0a1b: 9 units on …
unit-3  attempt 2
unit-1  ✓ opened #12 in 13 s
unit-2  ✓ opened #13 https://forge.exa…
unit-3  warning: the log was capped at
        10 MiB
unit-3  ✗ failed at test in 16 s: exit…
unit-4  = unchanged in 17 s
unit-5  - cancelled: the user stopped …
  unit-7  test       1:05:48
  unit-8  implement  1:06:08
[######      ] 5/9  1:06:40  2 opened,…
"#]]
        );
    }

    #[test]
    fn quiet_bars_tell_failures_alone() {
        assert_data_eq!(
            shown(80, Detail::Quiet, &Script::midway()),
            str![[r#"
unit-3  ✗ failed at test in 16 s: exit code 1 while testing 日本語 and what el…
  unit-7  test       1:05:48
  unit-8  implement  1:06:08
[######      ] 5/9  1:06:40  2 opened, 1 failed, 1 cancelled, 1 unchanged, 1 o…
"#]]
        );
    }

    #[test]
    fn what_agents_do_and_cost_is_shown_and_a_pause_with_its_end() {
        assert_data_eq!(
            shown(80, Detail::Normal, &Script::agents()),
            str![[r#"
run 20260102T030405Z-0a1b: 6 units on main at bbbbbbbbbbbb
unit-1  ✓ opened #12 in 20 s for $0.25
unit-2  = unchanged in 30 s for $0.50
paused until 03:09:45 UTC: the provider's rate limit is reached
  unit-3  implement   1:38    $0.75  edits src/part3/mod.rs
  unit-4  implement   1:38    $1.00
  paused, going on in 4:00 (03:09:45 UTC): the provider's rate limit is reached
[####        ] 2/6  1:40  ~$3.10 (about $3.85 in all)  1 opened, 1 unchanged
"#]]
        );
        assert_data_eq!(
            shown(80, Detail::Normal, &Script::agents().resumed()),
            str![[r#"
run 20260102T030405Z-0a1b: 6 units on main at bbbbbbbbbbbb
unit-1  ✓ opened #12 in 20 s for $0.25
unit-2  = unchanged in 30 s for $0.50
paused until 03:09:45 UTC: the provider's rate limit is reached
going on, 1 agent at a time
  unit-3  implement   5:39    $0.75  edits src/part3/mod.rs
  unit-4  implement   5:39    $1.00
[####        ] 2/6  5:41  ~$3.10 (about $3.85 in all)  1 opened, 1 unchanged
"#]]
        );
    }

    #[test]
    fn a_display_that_is_dropped_midway_leaves_no_line() {
        let term = InMemoryTerm::new(30, 80);
        let target = ProgressDrawTarget::term_like(Box::new(term.clone()));
        let mut bars = Bars::new(target, || 80, Detail::Quiet, Look::Signs);
        Script::base().play(&mut bars);
        assert_ne!(term.contents(), "");
        drop(bars);
        assert_eq!(term.contents(), "");
    }
}
