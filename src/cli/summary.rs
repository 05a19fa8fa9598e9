//! What is shown when a run has ended: the table of units, one sentence, and where everything is.

use std::io::Write as _;

use crate::adapters::run_folder::RunFolder;
use crate::cli::args::{Format, GlobalArgs};
use crate::cli::style::{Look, Tone, clean};
use crate::cli::table::{Cell, Column, Table};
use crate::model::history::{History, UnitHistory};
use crate::model::outcome::Outcome;
use crate::model::report::{closing_sentence, duration_text};

/// Prints the summary on standard output; with `--format json` the events have said it all.
pub fn show(global: &GlobalArgs, folder: &RunFolder, history: &History) {
    if global.format == Format::Json {
        return;
    }
    // A closed standard output takes nothing away from what was done.
    let _ = std::io::stdout()
        .write_all(render(global, folder, history, Look::of_stdout(false)).as_bytes());
}

/// The summary as text.
#[must_use]
pub fn render(global: &GlobalArgs, folder: &RunFolder, history: &History, look: Look) -> String {
    let mut table = Table::new([
        Column::text("UNIT").giving_way(2, 12),
        Column::text("OUTCOME"),
        Column::text("PR"),
        Column::number("TIME"),
        Column::text("NOTE").giving_way(1, 10),
    ]);
    for unit in &history.units {
        let outcome = unit.outcome.as_ref();
        table.row([
            Cell::from(unit.id.as_str()),
            Cell::toned(Tone::of(outcome), &look.outcome(outcome)),
            Cell::from(
                unit.pull()
                    .map(|pull| format!("#{}", pull.number))
                    .unwrap_or_default()
                    .as_str(),
            ),
            Cell::from(
                unit.duration_ms()
                    .map(duration_text)
                    .unwrap_or_default()
                    .as_str(),
            ),
            Cell::from(note(unit).as_str()),
        ]);
    }
    let mut text = String::from("\n");
    text.push_str(&table.render(Some(width()), look));
    text.push_str(&format!("\n{}\n", closing_sentence(history)));
    if let Some(refused) = &history.base_refused {
        text.push_str(&format!(
            "\nThe base {} fails {}:\n",
            history.base.branch,
            refused.what()
        ));
        for line in refused.tail.iter().filter(|line| !line.is_empty()) {
            text.push_str(&format!("  {}\n", clean(line)));
        }
        text.push_str(&format!(
            "Mend it, or pass --allow-red-base, then: {}\n",
            global.line("rerun")
        ));
    }
    text.push_str(&format!("report    {}\n", folder.report().display()));
    if history.unfinished().next().is_some() {
        text.push_str(&format!("failures  {}\n", folder.failures().display()));
        if history.base_refused.is_none() {
            text.push_str(&format!("again     {}\n", global.line("rerun")));
        }
    }
    text
}

/// The rest of the line: why it did not go as wanted.
fn note(unit: &UnitHistory) -> String {
    let first_line = |text: &str| clean(text.lines().next().unwrap_or_default());
    match &unit.outcome {
        Some(Outcome::Failed(failure)) => {
            format!("{}: {}", failure.step, first_line(&failure.cause))
        }
        Some(Outcome::Cancelled { reason } | Outcome::Pushed { reason }) => first_line(reason),
        Some(Outcome::Opened { .. } | Outcome::Unchanged) | None => unit
            .warnings
            .first()
            .map(|warning| first_line(warning))
            .unwrap_or_default(),
    }
}

/// The width that output may have: the terminal's, or 80 columns where there is none.
#[must_use]
pub fn width() -> usize {
    let term = console::Term::stdout();
    if term.is_term() {
        usize::from(term.size().1).max(40)
    } else {
        80
    }
}
