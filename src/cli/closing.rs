//! [`close`]: the end of a run: its reports are written, it is said to have ended, the summary is shown, and whoever
//! looked away is called.

use std::path::Path;

use crate::adapters::journal;
use crate::adapters::run_folder::RunFolder;
use crate::cli::args::{Format, WorkArgs};
use crate::cli::exit::{Exit, Problem};
use crate::cli::notice;
use crate::cli::session::Session;
use crate::cli::style::clean_joined;
use crate::cli::summary;
use crate::engine::ports::Clock;
use crate::engine::recorder::Recorder;
use crate::model::event::{Event, Record};
use crate::model::report::{Summary, exit_code};

/// Writes the reports, then says that the run ended: who hears it finds them there.
///
/// # Errors
/// [`Problem`] when a report cannot be written.
pub async fn close(
    session: &Session,
    folder: &RunFolder,
    work: &WorkArgs,
    mut recorder: Recorder,
) -> Result<Exit, Problem> {
    let texts = session.texts()?;
    for complaint in texts.complaints() {
        let text = clean_joined(&complaint);
        recorder.record(Event::Warning { unit: None, text })?;
    }
    let code = exit_code(&recorder.history);
    // The report tells the same end as the journal, which it can be made from again.
    let ended = Record {
        at: session.clock.now(),
        event: Event::RunEnded {
            exit_code: code,
            report: folder.report().display().to_string(),
            summary: Some(Summary::of(&recorder.history)),
        },
    };
    let mut history = recorder.history.clone();
    history.apply(&ended)?;
    let reports = texts.reports(&history)?;
    folder.write_reports(&reports)?;
    recorder.put(&ended)?;
    session.warn_of_texts();
    summary::show(session, folder, &recorder.history);
    let copies = [
        (&work.report, &reports.markdown),
        (&work.failures, &reports.failures),
    ];
    for (path, text) in copies {
        if let Some(path) = path {
            write_copy(path, text)?;
        }
    }
    notice::ring(session, work, &recorder.history);
    notice::notify(session, work, folder, code).await;
    Ok(Exit::of_run(code))
}

/// The end of a command that had nothing to do and wrote nothing; with `--format json` one event says so.
///
/// # Errors
/// [`Problem`] when the event has no JSON form; it has.
pub fn nothing_done(session: &Session, folder: &RunFolder) -> Result<Exit, Problem> {
    if session.global.format == Format::Json {
        let event = Event::RunEnded {
            exit_code: Exit::Done.code(),
            report: folder.report().display().to_string(),
            summary: None,
        };
        let at = session.clock.now();
        let line = journal::line(&Record { at, event })
            .map_err(|error| Problem::new(Exit::NotReady, error.to_string()))?;
        session.answer_bytes(&line);
    }
    Ok(Exit::Done)
}

/// Writes a report where the user wants a copy.
fn write_copy(path: &Path, text: &str) -> Result<(), Problem> {
    let write = || {
        if let Some(parent) = path
            .parent()
            .filter(|parent| !parent.as_os_str().is_empty())
        {
            std::fs::create_dir_all(parent)?;
        }
        std::fs::write(path, text)
    };
    write().map_err(|error| {
        Problem::new(
            Exit::NotReady,
            format!(
                "the report cannot be written to {}: {error}",
                path.display()
            ),
        )
        .hint("it is in the run's own folder all the same")
    })
}
