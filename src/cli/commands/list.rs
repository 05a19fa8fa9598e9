//! `batch list`: the runs of this repository, the latest first.

use jiff::Timestamp;
use serde_json::{Value, json};

use crate::adapters::journal::{self, JournalError};
use crate::adapters::run_folder::RunFolder;
use crate::cli::age::short_age;
use crate::cli::args::{Format, RunsArgs};
use crate::cli::condition_view::{counted, counts};
use crate::cli::exit::{Exit, Problem};
use crate::cli::onlooker::Onlooker;
use crate::cli::page::stdout_width;
use crate::cli::run_state::RunState;
use crate::cli::style::{Look, Tone};
use crate::cli::table::{Cell, Column, Table};
use crate::model::condition::Tally;
use crate::model::id::RunId;
use crate::model::life::Life;

/// What is told of a run.
struct Row {
    change: String,
    started: Timestamp,
    ended: Option<Timestamp>,
    state: RunState,
    exit_code: Option<u8>,
    tally: Tally,
}

/// Lists them.
///
/// # Errors
/// [`Problem`] when the folder of runs cannot be read. A single run whose journal cannot be is listed as such.
pub fn list(onlooker: &Onlooker, args: &RunsArgs) -> Result<Exit, Problem> {
    let runs = onlooker.store.runs()?;
    let holder = onlooker.store.in_progress()?;
    let working = holder.and_then(|holder| holder.run);
    let limit = if args.all {
        runs.len()
    } else {
        args.limit.get()
    };
    let rows: Vec<(&RunId, Result<Row, JournalError>)> = runs
        .iter()
        .rev()
        .take(limit)
        .map(|run| (run, row(&onlooker.store.run(run), working.as_ref())))
        .collect();
    for (run, row) in &rows {
        if let Err(error) = row {
            onlooker.say(&format!("Run {run} cannot be read: {error}"));
        }
    }
    match onlooker.global.format {
        Format::Json => {
            let documents: Vec<Value> = rows.iter().map(|(run, row)| document(run, row)).collect();
            onlooker.answer(format!("{:#}\n", Value::Array(documents)));
        }
        Format::Text if runs.is_empty() => onlooker.say("No runs."),
        Format::Text => {
            onlooker.answer(table(
                &rows,
                onlooker.now(),
                stdout_width(),
                Look::of_stdout(),
            ));
            let more = runs.len() - rows.len();
            if more > 0 {
                onlooker.say(&format!("and {more} more; --all lists every run"));
            }
        }
    }
    Ok(Exit::Done)
}

fn row(folder: &RunFolder, working: Option<&RunId>) -> Result<Row, JournalError> {
    let journal = folder.journal();
    let is_at_work = working == Some(folder.run());
    if !is_at_work && let Some(outline) = journal::outline(&journal)? {
        return Ok(Row {
            change: outline.change,
            started: outline.started,
            ended: Some(outline.ended),
            state: RunState::of(Life::Ended, Some(outline.exit_code)),
            exit_code: Some(outline.exit_code),
            tally: Tally::of_summary(&outline.summary),
        });
    }
    let history = journal::history(&journal)?;
    let life = Life::of(&history, working);
    let exit_code = history.exit_code.filter(|_| life == Life::Ended);
    Ok(Row {
        tally: Tally::of(&history, life),
        change: history.change,
        // A rerun begins the history anew; the run is as old as its id.
        started: folder.run().started().unwrap_or(history.started),
        ended: history.ended.filter(|_| life == Life::Ended),
        state: RunState::of(life, exit_code),
        exit_code,
    })
}

fn document(run: &RunId, row: &Result<Row, JournalError>) -> Value {
    let row = match row {
        Ok(row) => row,
        Err(error) => {
            return json!({ "run": run, "state": "unreadable", "error": error.to_string() });
        }
    };
    json!({
        "run": run,
        "change": row.change,
        "state": row.state,
        "started": row.started,
        "ended": row.ended,
        "exit_code": row.exit_code,
        "counts": counted(&row.tally),
    })
}

fn table(
    rows: &[(&RunId, Result<Row, JournalError>)],
    now: Timestamp,
    columns: usize,
    look: Look,
) -> String {
    let mut table = Table::new([
        Column::text("RUN"),
        Column::number("AGE"),
        Column::text("STATE"),
        Column::text("UNITS").giving_way(2, 12),
        Column::text("CHANGE").giving_way(1, 12),
    ]);
    for (run, row) in rows {
        let run = Cell::from(run.as_str());
        let blank = Cell::default;
        match row {
            Ok(row) => table.row([
                run,
                Cell::from(short_age(now.duration_since(row.started))),
                Cell::toned(row.state.tone(), &row.state.word()),
                Cell::from(counts(&row.tally, Look::Plain)),
                Cell::from(&row.change),
            ]),
            Err(_) => table.row([
                run,
                blank(),
                Cell::toned(Tone::Bad, "unreadable"),
                blank(),
                blank(),
            ]),
        }
    }
    table.render(Some(columns), look)
}
