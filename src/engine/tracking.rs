//! The tracking issue: what stands in it of a run, and how that section is put into an issue's body without touching
//! what people wrote around it. Pure; the publisher reads and writes the issue.

use std::collections::BTreeSet;

use minijinja::context;

use crate::engine::headline::cut;
use crate::engine::markdown;
use crate::engine::ports::NewIssue;
use crate::engine::quiet::closings;
use crate::engine::text::{TextError, Texts};
use crate::model::clean::clean;
use crate::model::event::Event;
use crate::model::history::{History, UnitHistory};
use crate::model::id::RunId;
use crate::model::outcome::Outcome;

/// The most bytes of a section: GitHub takes bodies of 65,536 characters, and people need room for theirs.
const SECTION_MAX: usize = 40_000;
/// The most bytes of an issue's body that a section is put into.
const BODY_MAX: usize = 65_000;
/// The most characters of the change's description.
const CHANGE_SHOWN: usize = 4000;
/// The most characters of a title or of a note.
const LINE_SHOWN: usize = 150;

/// What a run's tracking issue says.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Board {
    run: RunId,
    change: String,
    lines: Vec<Line>,
}

/// A unit of it.
#[derive(Debug, Clone, PartialEq, Eq)]
struct Line {
    title: String,
    pull: Option<u64>,
    /// Whether there is nothing left to do for it, as far as the run itself knows.
    done: bool,
    note: Option<String>,
}

/// The issue has no room for the section.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("the issue's body has no room for the list of units")]
pub struct Full;

/// Whether an event changes what the issue says.
#[must_use]
pub fn is_told(event: &Event) -> bool {
    matches!(event, Event::UnitEnded { .. } | Event::PullOpened { .. })
}

impl Board {
    /// What is to be said of a run as far as it has come.
    #[must_use]
    pub fn of(history: &History) -> Self {
        Self {
            run: history.run.clone(),
            change: history.change.clone(),
            lines: history.units.iter().map(Line::of).collect(),
        }
    }

    /// The issue that is made for the run, with those of these pull requests ticked off that are merged.
    ///
    /// # Errors
    /// [`TextError`] when the template does not render.
    pub fn new_issue(&self, texts: &Texts, merged: &BTreeSet<u64>) -> Result<NewIssue, TextError> {
        let change = clean(self.change.trim().lines().next().unwrap_or_default());
        let parts = match self.lines.len() {
            1 => "1 part".to_owned(),
            count => format!("{count} parts"),
        };
        Ok(NewIssue {
            title: format!("{} ({parts})", cut(&closings(&change), LINE_SHOWN)),
            body: format!("{}\n", self.section(texts, merged)?),
            mark: begin(&self.run),
        })
    }

    /// The body with this run's section as it is now, at its place or, where it has none yet, at the end. What was ticked
    /// off in it stays so.
    ///
    /// # Errors
    /// [`TextError`] when the template does not render; [`Full`] within.
    pub fn placed(
        &self,
        body: &str,
        texts: &Texts,
        merged: &BTreeSet<u64>,
    ) -> Result<Result<String, Full>, TextError> {
        let place = place(body, &self.run);
        let mut merged = merged.clone();
        if let Some((start, end)) = place {
            merged.extend(ticked(&body[start..end]));
        }
        let section = self.section(texts, &merged)?;
        let placed = match place {
            Some((start, end)) => format!("{}{section}{}", &body[..start], &body[end..]),
            None if body.trim().is_empty() => format!("{section}\n"),
            None => format!("{}\n\n{section}\n", body.trim_end()),
        };
        Ok(if placed.len() > BODY_MAX && placed.len() > body.len() {
            Err(Full)
        } else {
            Ok(placed)
        })
    }

    /// The section between its marks, without an end of line.
    fn section(&self, texts: &Texts, merged: &BTreeSet<u64>) -> Result<String, TextError> {
        let mut shown = self.lines.len();
        loop {
            let list = self.list(texts, merged, shown)?;
            if list.len() <= SECTION_MAX || shown == 0 {
                let (begin, end) = (begin(&self.run), end(&self.run));
                return Ok(format!("{begin}\n{list}{end}"));
            }
            shown /= 2;
        }
    }

    fn list(
        &self,
        texts: &Texts,
        merged: &BTreeSet<u64>,
        shown: usize,
    ) -> Result<String, TextError> {
        let is_done =
            |line: &Line| line.done || line.pull.is_some_and(|pull| merged.contains(&pull));
        let lines = self.lines.iter().take(shown);
        let lines = lines.map(|line| {
            context! {
                title => markdown::quiet(&line.title),
                pull => line.pull,
                done => is_done(line),
                note => line.note.as_deref().map(markdown::quiet),
            }
        });
        texts.tracking(context! {
            run => self.run.as_str(),
            change => markdown::quiet(&cut(&self.change, CHANGE_SHOWN)),
            count => self.lines.len(),
            lines => lines.collect::<Vec<_>>(),
            more => self.lines.len() - shown,
            merged => self.lines.iter().filter(|line| is_done(line)).count(),
        })
    }
}

impl Line {
    fn of(unit: &UnitHistory) -> Self {
        let (done, note) = match &unit.outcome {
            None | Some(Outcome::Opened { .. }) => (false, None),
            Some(Outcome::Pushed { reason, .. }) => (false, Some(reason.clone())),
            Some(Outcome::Unchanged) => (true, Some("nothing to change".to_owned())),
            Some(Outcome::Failed(failure)) => (false, Some(format!("failed at {}", failure.step))),
            Some(Outcome::Cancelled { reason }) => (false, Some(format!("not done: {reason}"))),
        };
        let note = note.map(|note| cut(note.lines().next().unwrap_or_default(), LINE_SHOWN));
        Self {
            title: cut(&clean(&unit.title), LINE_SHOWN),
            pull: unit.pull().map(|pull| pull.number),
            done,
            note,
        }
    }
}

fn begin(run: &RunId) -> String {
    format!("<!-- batch tracking run={run} begins -->")
}

fn end(run: &RunId) -> String {
    format!("<!-- batch tracking run={run} ends -->")
}

/// Where a body has the section of a run, marks included: the last whole one.
fn place(body: &str, run: &RunId) -> Option<(usize, usize)> {
    let (begin, end) = (begin(run), end(run));
    let start = body
        .rmatch_indices(&begin)
        .map(|(at, _)| at)
        .find(|&at| body[at..].contains(&end))?;
    let length = body[start..].find(&end)? + end.len();
    Some((start, start + length))
}

/// The pull requests that are ticked off in a section.
fn ticked(section: &str) -> impl Iterator<Item = u64> {
    section.lines().filter_map(|line| {
        let rest = line
            .trim()
            .strip_prefix("- [x] #")
            .or_else(|| line.trim().strip_prefix("- [X] #"))?;
        let digits = rest
            .find(|c: char| !c.is_ascii_digit())
            .unwrap_or(rest.len());
        rest[..digits].parse().ok()
    })
}

#[cfg(test)]
mod tests;
