//! What is shown when a run has ended: the table of units, one sentence, why units failed, and where everything is.
//!
//! `Summary::render` is pure. The whole of each failure is in the failures log; here is as much as tells most people
//! what to do next.

use std::io::Write as _;

use crate::adapters::run_folder::RunFolder;
use crate::cli::args::Format;
use crate::cli::copyable;
use crate::cli::page::stdout_width;
use crate::cli::session::Session;
use crate::cli::style::{Look, Tone, clean, clean_lines};
use crate::cli::table::{Cell, Column, Table};
use crate::cli::wrap::wrap;
use crate::model::history::{History, UnitHistory};
use crate::model::outcome::{Failure, Outcome};
use crate::model::report::{closing_sentence, duration_text};

/// So many different failures are shown.
const FAILURES: usize = 5;

/// So many warnings that belong to no unit are shown.
const WARNINGS: usize = 5;

/// So many units of one failure are named.
const UNITS: usize = 4;

/// So many lines of a cause, or of the end of a log, are shown.
const LINES: usize = 8;

/// What stands before the lines below a failure.
const INDENT: &str = "    ";

/// Prints the summary on standard output; with `--format json` the events have said it all.
pub fn show(session: &Session, folder: &RunFolder, history: &History) {
    if session.global.format == Format::Json {
        return;
    }
    let summary = Summary {
        history,
        report: copyable::path(&folder.report()),
        failures: copyable::path(&folder.failures()),
        resume: session.global.line("resume"),
        rerun: session.global.line("rerun"),
        publish: session.global.line("prs publish"),
    };
    let text = summary.render(stdout_width(), Look::of_stdout());
    // A closed standard output takes nothing away from what was done.
    let _ = std::io::stdout().write_all(text.as_bytes());
}

/// A run that has ended, and what is to be said of where it is.
struct Summary<'a> {
    history: &'a History,
    /// The report's path.
    report: String,
    /// The path of the failures log.
    failures: String,
    /// The command that goes on with what was stopped.
    resume: String,
    /// The command that takes up what did not get done.
    rerun: String,
    /// The command that opens the pull requests of units that waited.
    publish: String,
}

impl Summary<'_> {
    fn render(&self, columns: usize, look: Look) -> String {
        let history = self.history;
        let mut text = String::from("\n");
        let none_started = history.units.iter().all(|unit| unit.started.is_none());
        // After a red base every unit would say the same.
        if history.base_refused.is_none() || !none_started {
            text.push_str(&table(history, columns, look));
            text.push('\n');
        }
        for line in wrap(&closing_sentence(history), columns) {
            text.push_str(&format!("{line}\n"));
        }
        if let Some(cost) = cost(history) {
            text.push_str(&format!("cost: {cost}\n"));
        }
        let failures = self.failures(columns, look);
        if !failures.is_empty() {
            text.push_str(&format!("\n{failures}\n"));
        }
        text.push_str(&warnings(history, columns, look));
        text.push_str(&format!("report    {}\n", self.report));
        if history.unfinished().next().is_some() {
            text.push_str(&format!("failures  {}\n", self.failures));
        }
        for unit in &history.units {
            if let Some(worktree) = &unit.worktree {
                let worktree = copyable::path(worktree.as_ref());
                text.push_str(&format!("worktree  {}: {worktree}\n", unit.id));
            }
        }
        if history.open().any(|unit| unit.stopped) {
            text.push_str(&format!("go on     {}\n", self.resume));
        }
        let wants_rerun = |unit: &UnitHistory| {
            !unit.stopped && unit.outcome.as_ref().is_none_or(Outcome::wants_rerun)
        };
        if history.units.iter().any(wants_rerun) {
            text.push_str(&format!("again     {}\n", self.rerun));
        }
        text.push_str(&self.publishing());
        if history.base_refused.is_some() {
            text.push_str(
                "          once what it lacks is there; --allow-red-base builds on it as it is,\n          \
                 and a base mended by a commit needs a new run\n",
            );
        }
        text
    }

    /// The command that finishes what has its branch alone or is a draft, and when to use it.
    fn publishing(&self) -> String {
        let units = &self.history.units;
        let mut hints = Vec::new();
        if units.iter().any(|unit| unit.unpublished().is_some()) {
            hints.push(if self.history.interrupted {
                "opens what is pushed"
            } else {
                "opens what could not be opened, once that is mended"
            });
        }
        let mut options = "";
        if self.history.waits_for_caps() {
            hints.push("opens the next ones as others are merged or their checks end");
            options = " --watch";
        } else if units.iter().any(UnitHistory::waits_as_planned) {
            hints.push("once what they wait for is merged");
        }
        let wishes = &self.history.pulls;
        let drafts = wishes.draft && wishes.ready_when_green;
        if drafts && units.iter().any(|unit| unit.pull().is_some()) {
            hints.push("marks drafts ready once their checks pass");
            options = " --watch";
        }
        if hints.is_empty() {
            return String::new();
        }
        format!(
            "publish   {}{options}\n          {}\n",
            self.publish,
            hints.join(";\n          ")
        )
    }

    /// Each different failure once, with those that it happened to.
    fn failures(&self, columns: usize, look: Look) -> String {
        let mut text = String::new();
        if let Some(refusal) = &self.history.base_refused {
            let why = Why {
                who: format!("{} failed at {}", self.history.base.branch, refusal.step),
                tone: Tone::Bad,
                cause: &refusal.cause,
                tail: &refusal.tail,
            };
            why.write(&mut text, columns, look);
        }
        let mut groups: Vec<(&Failure, Vec<&UnitHistory>)> = Vec::new();
        for unit in &self.history.units {
            let Some(Outcome::Failed(failure)) = &unit.outcome else {
                continue;
            };
            let same = |(known, _): &&mut (&Failure, _)| {
                known.step == failure.step && known.cause == failure.cause
            };
            match groups.iter_mut().find(same) {
                Some((_, units)) => units.push(unit),
                None => groups.push((failure, vec![unit])),
            }
        }
        for (failure, units) in groups.iter().take(FAILURES) {
            let why = Why {
                who: format!("{} failed at {}", named(units), failure.step),
                tone: Tone::Bad,
                cause: &failure.cause,
                tail: &failure.tail,
            };
            why.write(&mut text, columns, look);
        }
        if let Some(more) = groups.len().checked_sub(FAILURES).filter(|&more| more > 0) {
            text.push_str(&format!("and {more} more in the failures log\n"));
        }
        self.unpublished(&mut text, columns, look);
        text
    }

    /// Each different reason once why a branch that is there has no pull request.
    fn unpublished(&self, text: &mut String, columns: usize, look: Look) {
        let mut groups: Vec<(&str, Vec<&UnitHistory>)> = Vec::new();
        for unit in &self.history.units {
            let Some(reason) = unit.unpublished() else {
                continue;
            };
            match groups.iter_mut().find(|(known, _)| *known == reason) {
                Some((_, units)) => units.push(unit),
                None => groups.push((reason, vec![unit])),
            }
        }
        for (reason, units) in groups.iter().take(FAILURES) {
            let why = Why {
                who: format!("{} pushed without a pull request", named(units)),
                tone: Tone::Caution,
                cause: reason,
                tail: &[],
            };
            why.write(text, columns, look);
        }
        let more = groups.len().saturating_sub(FAILURES);
        if more > 0 {
            text.push_str(&format!("and {more} more in the failures log\n"));
        }
    }
}

/// What belongs to no unit, and so stands in no row of the table.
fn warnings(history: &History, columns: usize, look: Look) -> String {
    let mut text = String::new();
    for warning in history.warnings.iter().take(WARNINGS) {
        let line = clean(&format!("warning: {warning}"));
        for (at, line) in wrap(&line, columns.saturating_sub(2)).iter().enumerate() {
            let indent = if at == 0 { "" } else { "  " };
            text.push_str(&format!("{indent}{}\n", look.paint(Tone::Caution, line)));
        }
    }
    if let Some(more) = history
        .warnings
        .len()
        .checked_sub(WARNINGS)
        .filter(|&more| more > 0)
    {
        text.push_str(&format!("and {more} more warnings in the report\n"));
    }
    if !text.is_empty() {
        text.push('\n');
    }
    text
}

/// The table of units; with what they cost where any cost something.
fn table(history: &History, columns: usize, look: Look) -> String {
    let id = || Column::text("UNIT").giving_way(2, 12);
    let outcome = || Column::text("OUTCOME");
    let pr = || Column::text("PR");
    let time = || Column::number("TIME");
    let note_column = || Column::text("NOTE").giving_way(1, 10);
    let text = |text: Option<String>| Cell::from(text.unwrap_or_default());
    let rows = history.units.iter().map(|unit| {
        let outcome = unit.outcome.as_ref();
        let cells = [
            Cell::from(unit.id.as_str()),
            Cell::toned(Tone::of(outcome), &look.outcome(outcome)),
            text(unit.pull().map(|pull| format!("#{}", pull.number))),
            text(unit.duration_ms().map(duration_text)),
        ];
        (cells, text(unit.spend.short()), Cell::from(note(unit)))
    });
    if history.units.iter().all(|unit| unit.spend.is_nothing()) {
        let mut table = Table::new([id(), outcome(), pr(), time(), note_column()]);
        for ([id, outcome, pr, time], _, note) in rows {
            table.row([id, outcome, pr, time, note]);
        }
        return table.render(Some(columns), look);
    }
    let cost = Column::number("COST");
    let mut table = Table::new([id(), outcome(), pr(), time(), cost, note_column()]);
    for ([id, outcome, pr, time], cost, note) in rows {
        table.row([id, outcome, pr, time, cost, note]);
    }
    table.render(Some(columns), look)
}

/// What the run cost, research with it; none when nothing was spent.
fn cost(history: &History) -> Option<String> {
    let all = history.spend().long()?;
    Some(match history.research.short() {
        Some(research) => format!("{all}, {research} of it for research"),
        None => all,
    })
}

/// The rest of a unit's line.
fn note(unit: &UnitHistory) -> String {
    match &unit.outcome {
        // Why is said below the table, where there is room for it.
        Some(Outcome::Failed(failure)) => format!("at {}", failure.step),
        Some(Outcome::Cancelled { reason } | Outcome::Pushed { reason, .. }) => first_line(reason),
        Some(Outcome::Opened { .. } | Outcome::Unchanged) | None => unit
            .warnings
            .first()
            .map(|warning| first_line(warning))
            .unwrap_or_default(),
    }
}

/// A failure, as much of it as tells most people what to do.
struct Why<'a> {
    /// Who it happened to, and what.
    who: String,
    tone: Tone,
    cause: &'a str,
    tail: &'a [String],
}

impl Why<'_> {
    fn write(&self, text: &mut String, columns: usize, look: Look) {
        let cause = clean_lines(self.cause);
        let mut lines = cause.lines().filter(|line| !line.is_empty());
        let first = lines.next().unwrap_or("no cause was given");
        let heading = format!("{}: {first}", self.who);
        for (at, line) in wrap(&heading, columns.saturating_sub(INDENT.len()))
            .iter()
            .enumerate()
        {
            let indent = if at == 0 { "" } else { "  " };
            text.push_str(&format!("{indent}{}\n", look.paint(self.tone, line)));
        }
        // A cause of several lines has the words that matter; else the log's end may have them.
        let further: Vec<String> = lines.map(str::to_owned).collect();
        let shown = if further.is_empty() {
            let tail: Vec<String> = self.tail.iter().map(|line| clean_lines(line)).collect();
            let tail: Vec<String> = tail.into_iter().filter(|line| !line.is_empty()).collect();
            tail[tail.len().saturating_sub(LINES)..].to_vec()
        } else {
            further.into_iter().take(LINES).collect()
        };
        for line in shown {
            let line = format!("{INDENT}{line}");
            text.push_str(&format!("{}\n", console::truncate_str(&line, columns, "…")));
        }
    }
}

/// The units by their ids, the first few of them.
fn named(units: &[&UnitHistory]) -> String {
    let names: Vec<&str> = units.iter().map(|unit| unit.id.as_str()).collect();
    match names.split_at_checked(UNITS) {
        Some((shown, more)) if more.len() > 1 => {
            format!("{} and {} more", shown.join(", "), more.len())
        }
        _ => match names.split_last() {
            Some((last, before)) if !before.is_empty() => {
                format!("{} and {last}", before.join(", "))
            }
            _ => names.concat(),
        },
    }
}

fn first_line(text: &str) -> String {
    clean(text.lines().next().unwrap_or_default())
}

#[cfg(test)]
#[expect(
    clippy::needless_raw_string_hashes,
    reason = "snapbox writes its snapshots so"
)]
mod tests;
