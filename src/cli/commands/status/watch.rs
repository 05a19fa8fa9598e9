//! `batch status --watch`: a run followed from another terminal until it ends: drawn in place on a terminal, else a line
//! for each change. It reads only what was appended, and Ctrl-C ends nothing but the watching.

use std::io;
use std::thread;
use std::time::Duration;

use jiff::Timestamp;
use jiff::tz::TimeZone;

use super::document::document;
use super::now::Now;
use super::view::View;
use super::whole;
use crate::cli::args::Format;
use crate::cli::exit::{Exit, Problem};
use crate::cli::onlooker::{Onlooker, Seen};
use crate::cli::page::stdout_width;
use crate::cli::progress::Detail;
use crate::cli::progress::plain::Plain;
use crate::cli::style::Look;
use crate::engine::ports::Reporter as _;
use crate::model::life::Life;

/// How often it looks whether something was appended.
const PAUSE: Duration = Duration::from_millis(200);

/// How many looks a drawn clock may be old.
const LOOKS: u32 = 5;

/// Follows the run to its end.
///
/// # Errors
/// [`Problem`] when its journal cannot be read any more.
pub(super) fn watch(
    onlooker: &Onlooker,
    mut seen: Seen,
    exit_status: bool,
) -> Result<Exit, Problem> {
    let look = Look::of_stdout();
    let followed = match onlooker.global.format {
        Format::Json => follow_as_documents(onlooker, &mut seen),
        Format::Text if !look.moves() => follow_as_lines(onlooker, &mut seen),
        Format::Text => follow_on_screen(onlooker, &mut seen, look),
    };
    followed?;
    Ok(match (exit_status, seen.life) {
        (false, _) => Exit::Done,
        (true, Life::Ended) => Exit::of_run(seen.history().exit_code.unwrap_or_default()),
        // Whoever reads the answer has gone, or the run's process has: how it comes out is not known.
        (true, Life::Going | Life::CutOff) => Exit::Interrupted,
    })
}

/// A document a line, whenever something has changed.
fn follow_as_documents(onlooker: &Onlooker, seen: &mut Seen) -> Result<(), Problem> {
    loop {
        let now = Now::of(seen, onlooker.now());
        if !onlooker.answer(format!("{}\n", document(&now))) || seen.life != Life::Going {
            return Ok(());
        }
        while !onlooker.look_again(seen, |_, _| ())? {
            thread::sleep(PAUSE);
        }
    }
}

/// All at first, a line for each thing that happens, and all again at the end.
fn follow_as_lines(onlooker: &Onlooker, seen: &mut Seen) -> Result<(), Problem> {
    let mut is_read = onlooker.answer(whole(onlooker, seen));
    if seen.life != Life::Going {
        return Ok(());
    }
    let detail = if onlooker.global.verbose {
        Detail::Verbose
    } else {
        Detail::Normal
    };
    let mut lines = Plain::new(io::stdout(), detail, TimeZone::system());
    is_read &= onlooker.answer("\n");
    while seen.life == Life::Going && is_read {
        thread::sleep(PAUSE);
        onlooker.look_again(seen, |record, history| lines.event(record, history))?;
        lines.tick(onlooker.now(), seen.history());
    }
    onlooker.answer(format!("\n{}", whole(onlooker, seen)));
    Ok(())
}

/// In place: as much of it as the terminal has rows for, and all of it at the end.
fn follow_on_screen(onlooker: &Onlooker, seen: &mut Seen, look: Look) -> Result<(), Problem> {
    let mut screen = Screen::default();
    let mut looks = LOOKS;
    while seen.life == Life::Going {
        if looks >= LOOKS {
            let (rows, columns) = size();
            let frame = frame(onlooker, seen, onlooker.now(), rows, columns, look);
            if !onlooker.answer(screen.draw(&frame, (rows, columns))) {
                return Ok(());
            }
            looks = 0;
        }
        thread::sleep(PAUSE);
        looks += 1;
        if onlooker.look_again(seen, |_, _| ())? {
            looks = LOOKS;
        }
    }
    let all = whole(onlooker, seen);
    onlooker.answer(screen.draw(&all, size()));
    Ok(())
}

fn frame(
    onlooker: &Onlooker,
    seen: &Seen,
    now: Timestamp,
    rows: usize,
    columns: usize,
    look: Look,
) -> String {
    let now = Now::of(seen, now);
    let view = View {
        now: &now,
        global: &onlooker.global,
        columns,
        look,
    };
    view.fitting(rows.saturating_sub(1))
}

fn size() -> (usize, usize) {
    let (rows, _) = console::Term::stdout().size();
    (usize::from(rows), stdout_width())
}

/// What stands on the terminal, by how many lines it has.
#[derive(Default)]
struct Screen {
    lines: usize,
    size: Option<(usize, usize)>,
}

impl Screen {
    /// What puts this text in the place of the one before. The cursor is never hidden: a Ctrl-C may come at any time.
    fn draw(&mut self, text: &str, size: (usize, usize)) -> String {
        let mut drawn = match self.size {
            Some(before) if before != size => "\u{1b}[H\u{1b}[2J".to_owned(),
            Some(_) if self.lines > 0 => format!("\r\u{1b}[{}A", self.lines),
            Some(_) | None => String::new(),
        };
        for line in text.lines() {
            drawn.push_str(&console::truncate_str(line, size.1, "…"));
            drawn.push_str("\u{1b}[K\n");
        }
        drawn.push_str("\u{1b}[J");
        self.lines = text.lines().count();
        self.size = Some(size);
        drawn
    }
}

#[cfg(test)]
mod tests {
    use super::Screen;

    #[test]
    fn each_text_takes_the_place_of_the_one_before() {
        let mut terminal = vt100::Parser::new(6, 20, 0);
        let mut screen = Screen::default();
        terminal.process(b"$ batch status\r\n");
        for text in [
            "one\ntwo\nthree\n",
            "1\n2\n",
            "a line that is too long for it\nb\n",
        ] {
            let drawn = screen.draw(text, (6, 20)).replace('\n', "\r\n");
            terminal.process(drawn.as_bytes());
        }
        let shown = terminal.screen().contents();
        assert_eq!(shown.trim_end(), "$ batch status\na line that is too …\nb");
    }
}
