//! `batch status`: how far a run is, unit by unit, from its journal and logs alone. A file a part.

use crate::cli::args::{Format, GlobalArgs, StatusArgs};
use crate::cli::exit::{Exit, Problem};
use crate::cli::onlooker::{Onlooker, Seen};
use crate::cli::page::stdout_width;
use crate::cli::style::Look;
use crate::model::life::Life;

mod document;
mod now;
mod short;
mod view;
mod watch;

/// Shows it.
///
/// # Errors
/// [`Problem`] when there is no such run, or its journal cannot be read.
pub fn status(global: GlobalArgs, args: &StatusArgs) -> Result<Exit, Problem> {
    let onlooker = match Onlooker::open(global) {
        // A prompt stands in folders of all kinds.
        Err(_) if args.short => return Ok(Exit::Done),
        opened => opened?,
    };
    if args.short {
        return short(&onlooker, args.run.as_deref());
    }
    let seen = onlooker.look_at(onlooker.find(args.run.as_deref())?)?;
    if args.watch {
        return watch::watch(&onlooker, seen, args.exit_status);
    }
    onlooker.answer(whole(&onlooker, &seen));
    Ok(Exit::Done)
}

/// All there is to say of a run at this moment, for people or for programs.
fn whole(onlooker: &Onlooker, seen: &Seen) -> String {
    let now = now::Now::of(seen, onlooker.now());
    match onlooker.global.format {
        Format::Json => format!("{:#}\n", document::document(&now)),
        Format::Text => {
            let view = view::View {
                now: &now,
                global: &onlooker.global,
                columns: stdout_width(),
                look: Look::of_stdout(),
            };
            view.whole()
        }
    }
}

/// One line of a run that goes on; of no other.
fn short(onlooker: &Onlooker, named: Option<&str>) -> Result<Exit, Problem> {
    let going = onlooker.store.in_progress()?.and_then(|holder| holder.run);
    let Some(going) = going else {
        return Ok(Exit::Done);
    };
    let folder = onlooker.find(named)?;
    if *folder.run() == going {
        let seen = onlooker.look_at(folder)?;
        if seen.life == Life::Going {
            let line = short::line(seen.history(), seen.life, Look::of_stdout());
            onlooker.answer(format!("{line}\n"));
        }
    }
    Ok(Exit::Done)
}
