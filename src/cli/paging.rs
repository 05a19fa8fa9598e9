//! When a plan is longer than the screen, the person's pager shows it: `BATCH_PAGER`, else the one that git has.
//!
//! Only where someone looks at a terminal that can move its cursor; what fits is just printed, and so is everything where
//! the pager cannot be started. Called by the approval and by `--dry-run`.

use console::{Term, measure_text_width};
use tokio::runtime::Handle;

use crate::adapters::pager;
use crate::cli::args::Format;
use crate::cli::session::Session;
use crate::cli::style::Look;

/// Shows the text by the pager on this terminal; whether it was shown so.
#[must_use]
pub fn paged(session: &Session, term: &Term, look: Look, text: &str) -> bool {
    let global = &session.global;
    if global.quiet || global.format == Format::Json || !look.moves() || !term.is_term() {
        return false;
    }
    let Some((rows, columns)) = term.size_checked() else {
        return false;
    };
    if fits(text, rows.into(), columns.into()) {
        return false;
    }
    let chosen = pager::chosen(session.place.configured_pager());
    let command = tokio::task::block_in_place(|| Handle::current().block_on(chosen));
    pager::pages(&command) && pager::page(&command, text, !console::user_attended()).is_ok()
}

/// Whether the text and a line below it fit a screen.
fn fits(text: &str, rows: usize, columns: usize) -> bool {
    let lines = text.lines().map(|line| {
        let width = measure_text_width(line);
        width.div_ceil(columns.max(1)).max(1)
    });
    lines.sum::<usize>() < rows
}

#[cfg(test)]
mod tests {
    use super::fits;

    #[test]
    fn a_text_fits_with_a_line_to_spare() {
        assert!(fits("a\nb\n", 3, 80));
        assert!(!fits("a\nb\nc\n", 3, 80));
        assert!(fits("", 1, 80));
        // A line that is too wide takes two, colours none.
        assert!(!fits("123456\nb\n", 3, 5));
        assert!(fits("\u{1b}[31m12345\u{1b}[0m\nb\n", 3, 5));
    }
}
