//! `batch status`: how far a run is, unit by unit, from its journal and logs alone. A file a part.

use crate::cli::args::{Format, StatusArgs};
use crate::cli::exit::{Exit, Problem};
use crate::cli::onlooker::Onlooker;
use crate::cli::page::stdout_width;
use crate::cli::style::Look;
use crate::model::life::Life;

mod document;
mod now;
mod short;
mod view;

/// Shows it.
///
/// # Errors
/// [`Problem`] when there is no such run, or its journal cannot be read.
pub fn status(onlooker: &Onlooker, args: &StatusArgs) -> Result<Exit, Problem> {
    let folder = onlooker.find(args.run.as_deref())?;
    let seen = onlooker.look_at(folder)?;
    if args.short {
        if seen.life == Life::Going {
            let line = short::line(seen.history(), seen.life, Look::of_stdout());
            onlooker.answer(format!("{line}\n"));
        }
        return Ok(Exit::Done);
    }
    let now = now::Now::of(&seen, onlooker.now());
    match onlooker.global.format {
        Format::Json => {
            onlooker.answer(format!("{:#}\n", document::document(&now)));
        }
        Format::Text => {
            let view = view::View {
                now: &now,
                global: &onlooker.global,
                columns: stdout_width(),
                look: Look::of_stdout(),
            };
            onlooker.answer(view.whole());
        }
    }
    Ok(Exit::Done)
}
