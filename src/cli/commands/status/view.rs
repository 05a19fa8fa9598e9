//! [`View`]: a run's status as a person reads it: what is to be said of the run, and a table of its units.
//!
//! Pure. A colour never carries a meaning alone, and no line is wider than the terminal.

use crate::cli::age::ago;
use crate::cli::args::GlobalArgs;
use crate::cli::condition_view::{counts, tone, word};
use crate::cli::style::{Look, Tone, clean};
use crate::cli::table::{Cell, Column, Table};
use crate::cli::wrap::wrap;
use crate::engine::forecast::corrected;
use crate::model::condition::{Condition, Tally};
use crate::model::history::UnitHistory;
use crate::model::life::Life;
use crate::model::named::named;
use crate::model::outcome::Outcome;
use crate::model::report::{clock_text, duration_text};
use crate::model::spend::tokens_text;

use super::now::{Now, UnitNow};

/// How many units that another one waits for are named.
const NAMED: usize = 3;

/// A run at a moment, and what it is shown on.
pub(super) struct View<'a> {
    pub(super) now: &'a Now<'a>,
    pub(super) global: &'a GlobalArgs,
    pub(super) columns: usize,
    pub(super) look: Look,
}

impl View<'_> {
    /// All of it: the run, every unit, and what to do next.
    pub(super) fn whole(&self) -> String {
        let mut text = self.heading();
        text.push('\n');
        let units: Vec<&UnitNow<'_>> = self.now.units.iter().collect();
        text.push_str(&self.table(&units));
        if let Some(next) = self.next() {
            text.push_str(&format!("\n{next}\n"));
        }
        text
    }

    /// As much of it as fits into so many rows: what is under way first, and what is left out is counted.
    pub(super) fn fitting(&self, rows: usize) -> String {
        let mut text = self.heading();
        text.push('\n');
        let all = &self.now.units;
        // The table's own header takes a row.
        let room = rows.saturating_sub(text.lines().count() + 1);
        if all.len() <= room {
            text.push_str(&self.table(&all.iter().collect::<Vec<_>>()));
            return text;
        }
        let mut order: Vec<usize> = (0..all.len()).collect();
        order.sort_by_key(|&at| rank(all[at].condition));
        let (shown, left) = order.split_at(room.saturating_sub(1));
        let mut shown = shown.to_vec();
        shown.sort_unstable();
        let units: Vec<&UnitNow<'_>> = shown.iter().map(|&at| &all[at]).collect();
        text.push_str(&self.table(&units));
        let left_out = Tally::count(left.iter().map(|&at| all[at].condition));
        let counts = counts(&left_out, self.look);
        text.push_str(&format!("and {} more: {counts}\n", left.len()));
        text
    }

    /// What is to be said of the run, each line ended.
    pub(super) fn heading(&self) -> String {
        let history = self.now.history;
        let mut text = String::new();
        let mut line = |tone: Tone, words: &str| {
            for part in wrap(&clean(words), self.columns) {
                text.push_str(&format!("{}\n", self.look.paint(tone, &part)));
            }
        };
        line(
            Tone::Strong,
            &format!("run {}: {}", history.run, self.life()),
        );
        let change = clean(&history.change);
        line(
            Tone::Normal,
            &console::truncate_str(&change, self.columns, "…"),
        );
        if let Some(money) = self.money() {
            line(Tone::Normal, &format!("cost: {money}"));
        }
        for (tone, words) in self.standing() {
            line(tone, &words);
        }
        text.push_str(&counts(&self.now.tally(), self.look));
        text.push('\n');
        text
    }

    fn life(&self) -> String {
        let now = self.now;
        let took = duration_text(now.elapsed_ms());
        match now.life {
            Life::Going => {
                let what = if now.history.interrupted {
                    "stopping after"
                } else {
                    "going on for"
                };
                let pid = now
                    .pid
                    .map_or_else(String::new, |pid| format!(", pid {pid}"));
                format!("{what} {took}{pid}")
            }
            Life::CutOff => {
                let last = ago(now.at.duration_since(now.last));
                format!("interrupted {last} after {took}")
            }
            Life::Ended => {
                let ended = now.history.ended.unwrap_or(now.last);
                let ago = ago(now.at.duration_since(ended));
                let exit = now.history.exit_code;
                let exit = exit.map_or_else(String::new, |code| format!(", exit code {code}"));
                format!("ended {ago} after {took}{exit}")
            }
        }
    }

    fn money(&self) -> Option<String> {
        let history = self.now.history;
        let spent = history.spend().short()?;
        let total = match self.now.life {
            Life::Going => corrected(history),
            Life::CutOff | Life::Ended => None,
        };
        let Some(total) = total else {
            return Some(spent);
        };
        let total = match total.cost {
            Some(cost) => cost.to_string(),
            None => format!("{} tokens", tokens_text(total.tokens.total())),
        };
        Some(format!("{spent} (about {total} in all)"))
    }

    /// What keeps the whole run, or did.
    fn standing(&self) -> Vec<(Tone, String)> {
        let history = self.now.history;
        let mut lines = Vec::new();
        if let Some(refusal) = &history.base_refused {
            let cause = first_line(&refusal.cause);
            let what = refusal.what();
            lines.push((
                Tone::Bad,
                format!("the base is red: {what} failed: {cause}"),
            ));
        }
        if self.now.life != Life::Going {
            return lines;
        }
        if let Some((step, since)) = history.base_step {
            let seconds = self.now.at.duration_since(since).as_secs().max(0);
            let time = clock_text(seconds.unsigned_abs());
            lines.push((Tone::Normal, format!("the base itself: {step} for {time}")));
        }
        if let Some((reason, until)) = &history.paused {
            let until = until.map_or_else(String::new, |until| {
                format!(" until {}", until.strftime("%H:%M:%S UTC"))
            });
            lines.push((Tone::Caution, format!("agents pause{until}: {reason}")));
        }
        if let Some((reason, until)) = &history.forge_paused {
            let until = until.strftime("%H:%M:%S UTC");
            lines.push((
                Tone::Caution,
                format!("no pull requests until {until}: {reason}"),
            ));
        }
        lines
    }

    /// The command that goes on with what is not done.
    fn next(&self) -> Option<String> {
        let history = self.now.history;
        let line = |words: &str| self.global.line(&format!("{words} {}", history.run));
        match self.now.life {
            Life::Going => None,
            Life::CutOff => Some(format!(
                "its process is gone; go on with: {}",
                line("resume")
            )),
            Life::Ended => {
                let wants =
                    |unit: &UnitHistory| unit.outcome.as_ref().is_none_or(Outcome::wants_rerun);
                let waits =
                    |unit: &UnitHistory| unit.unpublished().is_some() || unit.waits_as_planned();
                if history.exit_code == Some(130) {
                    Some(format!("go on with: {}", line("resume")))
                } else if history.units.iter().any(wants) {
                    Some(format!("again: {}", line("rerun")))
                } else if history.units.iter().any(waits) {
                    Some(format!("publish: {}", line("prs publish")))
                } else {
                    None
                }
            }
        }
    }

    /// These units, a line each.
    pub(super) fn table(&self, units: &[&UnitNow<'_>]) -> String {
        let id = Column::text("UNIT").giving_way(2, 12);
        let state = Column::text("STATE");
        let step = Column::text("STEP");
        let time = Column::number("TIME");
        let note = Column::text("LAST").giving_way(1, 10);
        let cells = units.iter().map(|now| {
            let condition = now.condition;
            let step = match now.unit.step {
                Some((step, _))
                    if condition != Condition::Waiting && condition != Condition::Unchanged =>
                {
                    step.as_str()
                }
                Some(_) | None => "",
            };
            let seconds = now.elapsed_ms.map(|elapsed| clock_text(elapsed / 1000));
            let note = if now.quiet_ms.is_some() {
                Tone::Caution
            } else {
                Tone::Normal
            };
            (
                [
                    Cell::from(now.unit.id.as_str()),
                    Cell::toned(tone(condition), &word(condition, self.look)),
                    Cell::from(step),
                ],
                Cell::from(now.unit.attempt.to_string()),
                [
                    Cell::from(seconds.unwrap_or_default()),
                    Cell::toned(note, &words(now)),
                ],
            )
        });
        if units.iter().all(|now| now.unit.attempt <= 1) {
            let mut table = Table::new([id, state, step, time, note]);
            for ([id, state, step], _, [time, note]) in cells {
                table.row([id, state, step, time, note]);
            }
            return table.render(Some(self.columns), self.look);
        }
        let attempt = Column::number("ATTEMPT");
        let mut table = Table::new([id, state, step, attempt, time, note]);
        for ([id, state, step], attempt, [time, note]) in cells {
            table.row([id, state, step, attempt, time, note]);
        }
        table.render(Some(self.columns), self.look)
    }
}

/// What a person who follows a run looks at first.
fn rank(condition: Condition) -> u8 {
    match condition {
        Condition::Working | Condition::Testing | Condition::Publishing => 0,
        Condition::Failed | Condition::Interrupted => 1,
        Condition::Cancelled | Condition::Pushed => 2,
        Condition::Waiting => 3,
        Condition::Opened => 4,
        Condition::Unchanged => 5,
    }
}

/// The rest of a unit's line: its pull request, why it is as it is, or what was heard of it last.
fn words(now: &UnitNow<'_>) -> String {
    let unit = now.unit;
    let rest = match now.condition {
        Condition::Failed | Condition::Pushed | Condition::Cancelled => match &unit.outcome {
            Some(Outcome::Failed(failure)) => first_line(&failure.cause),
            Some(Outcome::Pushed { reason, .. } | Outcome::Cancelled { reason }) => {
                first_line(reason)
            }
            Some(Outcome::Opened { .. } | Outcome::Unchanged) | None => String::new(),
        },
        Condition::Opened => unit
            .pull()
            .and_then(|pull| pull.url.as_deref())
            .map(clean)
            .filter(|url| url.starts_with("http"))
            .unwrap_or_default(),
        Condition::Waiting if now.waits_for.is_empty() => String::new(),
        Condition::Waiting => format!("for {}", named(&now.waits_for, NAMED)),
        Condition::Working | Condition::Testing if now.queued => format!(
            "for its turn to {}",
            now.unit.step.map_or("test", |(step, _)| step.as_str())
        ),
        Condition::Working | Condition::Testing | Condition::Publishing => last_words(now),
        Condition::Interrupted | Condition::Unchanged => String::new(),
    };
    match unit.pull() {
        Some(pull) if rest.is_empty() => format!("#{}", pull.number),
        Some(pull) => format!("#{} {rest}", pull.number),
        None => rest,
    }
}

fn last_words(now: &UnitNow<'_>) -> String {
    let line = now.last_line.as_deref().map(clean).unwrap_or_default();
    let Some(quiet) = now.quiet_ms else {
        return line;
    };
    let minutes = quiet / 60_000;
    let quiet = if minutes < 60 {
        format!("quiet for {minutes} min")
    } else {
        format!("quiet for {} h {} min", minutes / 60, minutes % 60)
    };
    if line.is_empty() {
        quiet
    } else {
        format!("{quiet}: {line}")
    }
}

fn first_line(text: &str) -> String {
    clean(text.lines().next().unwrap_or_default())
}
