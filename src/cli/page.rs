//! [`Page`]: what a text is shown on, a terminal or none, and how wide that is.

use crate::cli::style::Look;

/// What a text is shown on.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Page {
    /// How much may be used to show it.
    pub look: Look,
    /// How wide it is; a word that is wider stays whole, so that it can be copied.
    pub columns: usize,
}

impl Page {
    /// Standard error, as wide as the terminal is now; 80 columns where it is none.
    #[must_use]
    pub fn stderr(look: Look) -> Self {
        Self::of(&console::Term::stderr(), look)
    }

    /// Standard output, likewise.
    #[must_use]
    pub fn stdout(look: Look) -> Self {
        Self::of(&console::Term::stdout(), look)
    }

    fn of(term: &console::Term, look: Look) -> Self {
        let columns = term.size_checked();
        Self {
            look,
            columns: columns.map_or(80, |(_, columns)| usize::from(columns).clamp(40, 120)),
        }
    }
}

/// The width that a table on standard output may have: all of the terminal's, or 80 columns where there is none.
#[must_use]
pub fn stdout_width() -> usize {
    let term = console::Term::stdout();
    if term.is_term() {
        usize::from(term.size().1).max(40)
    } else {
        80
    }
}
