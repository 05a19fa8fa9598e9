//! The word after a canary: what became of the units that went first, what the rest will take, and the question again.
//!
//! `shown` is pure. The execution calls [`word`], and does what it says.

use std::io::Write as _;

use crate::cli::page::Page;
use crate::cli::prompt::{Dialogue, Reply, Terminal};
use crate::cli::session::Session;
use crate::cli::style::{Look, Tone, clean};
use crate::cli::table::{Cell, Column, Table};
use crate::cli::wrap::wrap;
use crate::engine::canary::failed;
use crate::engine::facts_text::size;
use crate::engine::outlook::{Disk, Outlook};
use crate::model::counted::counted;
use crate::model::history::{History, UnitHistory};
use crate::model::outcome::Outcome;
use crate::model::report::duration_text;

/// What the user says of the units that were kept back.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Word {
    /// They are to be begun, perhaps with a note to their workers.
    GoOn(Option<String>),
    /// They are not, for this reason.
    Stop(String),
    /// Ctrl-C.
    Interrupted,
}

/// Why the rest was not begun, where the user decided so.
const STOPPED: &str = "not begun: stopped after the canary";

/// Shows how the canary ended and what the rest will take, and gets the user's word. Where it was `given` before nothing
/// is asked: the rest goes on if all of the canary succeeded. Workers that are agents can be told a note.
#[must_use]
pub fn word(
    session: &Session,
    history: &History,
    outlook: &Outlook,
    agents: bool,
    given: bool,
) -> Word {
    let look = session.look();
    let failed = failed(history).count();
    if given {
        session.say(&shown(history, outlook, Page::stderr(look)));
        return if failed == 0 {
            Word::GoOn(None)
        } else {
            let canary = counted(failed, "unit");
            Word::Stop(format!("not begun: {canary} of the canary did not succeed"))
        };
    }
    if let Some(mut terminal) = Terminal::take(look) {
        terminal.show(&shown(history, outlook, terminal.page()));
        terminal.show("\n");
        return asked(outlook.units, agents, &mut terminal);
    }
    let shown = shown(history, outlook, Page::stderr(look));
    let _ = writeln!(std::io::stderr(), "{shown}");
    Word::Stop("not begun: there was nobody to ask after the canary".to_owned())
}

fn asked(rest: usize, agents: bool, dialogue: &mut dyn Dialogue) -> Word {
    let rest = match rest {
        1 => "the other unit".to_owned(),
        rest => format!("the other {rest} units"),
    };
    let mut items = vec![format!("go on with {rest}")];
    if agents {
        items.push("go on, and tell their workers something".to_owned());
    }
    items.push("stop here: what is done stays, `batch rerun` takes up the rest".to_owned());
    loop {
        let at = match dialogue.choose("What now? (arrows choose, enter takes it)", &items) {
            Reply::Given(at) => at,
            Reply::Back => return Word::Stop(STOPPED.to_owned()),
            Reply::Interrupted => return Word::Interrupted,
            Reply::Failed(_) => {
                return Word::Stop("not begun: there was nobody to ask".to_owned());
            }
        };
        if at == 0 {
            return Word::GoOn(None);
        }
        if at + 1 == items.len() {
            return Word::Stop(STOPPED.to_owned());
        }
        match dialogue.enter("What should they know?") {
            Reply::Given(note) if !note.trim().is_empty() => {
                return Word::GoOn(Some(note.trim().to_owned()));
            }
            Reply::Interrupted => return Word::Interrupted,
            Reply::Given(_) | Reply::Back | Reply::Failed(_) => {}
        }
    }
}

/// The units that went first, and what the others will take.
fn shown(history: &History, outlook: &Outlook, page: Page) -> String {
    let first: Vec<&UnitHistory> = history
        .canary
        .iter()
        .filter_map(|id| history.unit(id))
        .collect();
    let mut text = format!(
        "\nThe canary has ended: {} of {}.\n\n",
        first.len(),
        counted(history.units.len(), "unit")
    );
    text.push_str(&table(&first, page));
    for unit in &first {
        if let Some(why) = why(unit) {
            let line = format!("{}: {}", unit.id, clean(why));
            for line in wrap(&line, page.columns.saturating_sub(2)) {
                text.push_str(&format!("  {line}\n"));
            }
        }
    }
    let rest = match outlook.units {
        1 => "The other unit".to_owned(),
        rest => format!("The other {rest} units"),
    };
    text.push_str(&format!("\n{rest}, by what these took:\n"));
    for (label, value) in facts(history, outlook) {
        if page.look == Look::Spoken {
            text.push_str(&format!("{label}: {value}\n"));
            continue;
        }
        let mut label = label;
        for line in wrap(&value, page.columns.saturating_sub(12)) {
            text.push_str(&format!("  {label:<10}{line}\n"));
            label = "";
        }
    }
    if outlook.disk.as_ref().is_some_and(Disk::is_short) {
        let warning = page.look.paint(Tone::Caution, "warning:");
        text.push_str(&format!("{warning} there is hardly room for them\n"));
    }
    text
}

fn table(units: &[&UnitHistory], page: Page) -> String {
    let mut table = Table::new([
        Column::text("UNIT").giving_way(2, 12),
        Column::text("OUTCOME"),
        Column::number("TOOK"),
        Column::number("COST"),
        Column::text("PULL REQUEST").giving_way(3, 12),
    ]);
    for unit in units {
        let outcome = unit.outcome.as_ref();
        let pull = unit.pull().map(|pull| match &pull.url {
            Some(url) if url.starts_with("http") => url.clone(),
            Some(_) | None => format!("#{}", pull.number),
        });
        table.row([
            Cell::from(unit.id.as_str()),
            Cell::toned(Tone::of(outcome), &page.look.outcome(outcome)),
            Cell::from(unit.duration_ms().map(duration_text).unwrap_or_default()),
            Cell::from(unit.spend.short().unwrap_or_default()),
            Cell::from(pull.unwrap_or_default()),
        ]);
    }
    table.render(Some(page.columns), page.look)
}

/// Why a unit has not come to its pull request.
fn why(unit: &UnitHistory) -> Option<&str> {
    let words = match unit.outcome.as_ref()? {
        Outcome::Failed(failure) => &failure.cause,
        Outcome::Pushed { reason, .. } | Outcome::Cancelled { reason } => reason,
        Outcome::Opened { .. } | Outcome::Unchanged => return None,
    };
    words.lines().next()
}

/// What the rest will take, each with its label.
fn facts(history: &History, outlook: &Outlook) -> Vec<(&'static str, String)> {
    let mut facts = Vec::new();
    facts.push((
        "time",
        match outlook.time {
            Some(time) => {
                let time = duration_text(u64::try_from(time.as_millis()).unwrap_or_default());
                format!("about {time}, {} at a time", outlook.jobs)
            }
            None => "not known: none of them was begun".to_owned(),
        },
    ));
    let asks = history.held_back().any(|unit| unit.asks);
    match outlook
        .spend
        .and_then(|spend| spend.long().map(|long| (spend, long)))
    {
        Some((spend, long)) => {
            let total = history.spend() + spend;
            let total = total.short().unwrap_or_default();
            facts.push(("money", format!("{long}; {total} in all")));
        }
        None if asks => facts.push(("money", "not known: none of them was done".to_owned())),
        None => {}
    }
    if let Some(disk) = &outlook.disk {
        let mut words = format!(
            "{} for {}",
            size(disk.each.saturating_mul(disk.worktrees as u64)),
            counted(disk.worktrees, "worktree"),
        );
        if disk.more > 0 {
            words.push_str(&format!(", {} of it still to come", size(disk.more)));
        }
        if let Some(free) = disk.free {
            words.push_str(&format!("; {} free", size(free)));
        }
        facts.push(("disk", words));
    }
    facts
}

#[cfg(test)]
#[expect(
    clippy::needless_raw_string_hashes,
    reason = "snapbox writes its snapshots so"
)]
mod tests;
