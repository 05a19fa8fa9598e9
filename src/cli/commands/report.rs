//! `batch report`: the report of a run again, from its journal: also while it goes on, and where it was cut off.

use std::path::Path;

use crate::adapters::atomic;
use crate::cli::args::{ReportArgs, ReportFormat};
use crate::cli::exit::{Exit, Problem};
use crate::cli::onlooker::Onlooker;

/// Writes it.
///
/// # Errors
/// [`Problem`] when there is no such run, its journal cannot be read, or the file cannot be written.
pub fn report(onlooker: &Onlooker, args: &ReportArgs) -> Result<Exit, Problem> {
    let folder = onlooker.find(args.run.as_deref())?;
    let history = onlooker.history(&folder)?;
    let texts = onlooker.texts()?;
    let text = match args.format {
        ReportFormat::Markdown => texts.report(&history)?,
        ReportFormat::Json => texts.report_json(&history)?,
        ReportFormat::Html => texts.page(&history)?,
    };
    match &args.output {
        None => {
            onlooker.answer(text);
        }
        Some(path) => {
            write(path, &text)?;
            onlooker.say(&format!("Wrote the report to {}.", path.display()));
        }
    }
    Ok(Exit::Done)
}

fn write(path: &Path, text: &str) -> Result<(), Problem> {
    // A bare name has an empty folder, which cannot be opened.
    let path = std::path::absolute(path).unwrap_or_else(|_| path.to_owned());
    atomic::replace(&path, text.as_bytes()).map_err(|error| {
        let why = format!(
            "the report cannot be written to {}: {error}",
            path.display()
        );
        Problem::new(Exit::NotReady, why)
    })
}
