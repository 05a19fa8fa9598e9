//! Which display a command gets.

use std::io;

use jiff::tz::TimeZone;

use super::bars::Bars;
use super::json::Json;
use super::plain::Plain;
use super::telling::Detail;
use crate::cli::args::{Format, GlobalArgs};
use crate::cli::style::Look;
use crate::engine::ports::Reporter;

/// The reporter that the options and standard error, of this look, call for.
///
/// JSON goes to standard output. Bars need a terminal that can move its cursor, and the user's consent.
#[must_use]
pub fn reporter(options: &GlobalArgs, look: Look) -> Box<dyn Reporter> {
    let detail = match (options.quiet, options.verbose) {
        (true, _) => Detail::Quiet,
        (false, false) => Detail::Normal,
        (false, true) => Detail::Verbose,
    };
    match options.format {
        Format::Json => Box::new(Json::new(io::stdout())),
        Format::Text if detail == Detail::Quiet || options.no_progress => {
            plain(Detail::Quiet, look)
        }
        Format::Text if look.moves() && console::user_attended_stderr() => {
            Box::new(Bars::stderr(detail, look))
        }
        Format::Text => plain(detail, look),
    }
}

fn plain(detail: Detail, look: Look) -> Box<dyn Reporter> {
    let plain = Plain::new(io::stderr(), detail, TimeZone::system());
    Box::new(match look {
        // Read aloud before each line, the time is in the way.
        Look::Spoken => plain.without_times(),
        Look::Plain | Look::Signs | Look::Colours => plain,
    })
}
