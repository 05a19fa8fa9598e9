//! What the failures log lists: failed units grouped by equal causes, and the others that are not done.
//!
//! Pure: from a [`History`] to the values that `templates/failures.md` lays out. Called by `engine::text`.

use serde::Serialize;

use crate::engine::headline::cut;
use crate::engine::remedy::Remedy;
use crate::model::history::{History, UnitHistory};
use crate::model::id::ObjectId;
use crate::model::outcome::{Failure, FailureKind, Outcome, PullLink, Step};

/// The most characters of a cause that a heading shows.
const HEADING: usize = 100;

/// Failed units of the same step, kind and cause.
#[derive(Debug, Serialize)]
pub(crate) struct Group<'a> {
    step: Step,
    kind: FailureKind,
    /// The cause in a line.
    headline: String,
    /// The whole cause, where the line does not hold it.
    cause: Option<&'a str>,
    units: Vec<Failed<'a>>,
    #[serde(skip)]
    key: &'a str,
}

#[derive(Debug, Serialize)]
struct Failed<'a> {
    id: &'a str,
    title: &'a str,
    tail: String,
    /// Whether the unit before it in the group has the same tail, so that it need not be shown again.
    same_tail: bool,
    log: Option<&'a str>,
    kept: Option<&'a str>,
    worktree: Option<&'a str>,
    commit: Option<&'a str>,
    pr: Option<&'a PullLink>,
    remedy: Remedy,
}

/// Units that are not done for a reason other than a failure.
#[derive(Debug, Serialize)]
pub(crate) struct List<'a> {
    heading: &'static str,
    units: Vec<Listed<'a>>,
}

#[derive(Debug, Serialize)]
struct Listed<'a> {
    id: &'a str,
    title: &'a str,
    reason: Option<String>,
    kept: Option<&'a str>,
}

/// The failed units, grouped; groups and units in plan order.
pub(crate) fn groups(history: &History) -> Vec<Group<'_>> {
    let mut groups: Vec<Group<'_>> = Vec::new();
    for (unit, failure) in history.units.iter().filter_map(failed) {
        let key = failure.cause.trim();
        let at = groups.iter().position(|group| {
            (group.step, group.kind, group.key) == (failure.step, failure.kind, key)
        });
        let at = at.unwrap_or_else(|| {
            let first_line = key.lines().next().unwrap_or("no cause was given");
            let headline = cut(first_line, HEADING);
            groups.push(Group {
                step: failure.step,
                kind: failure.kind,
                cause: (headline != key && !key.is_empty()).then_some(key),
                headline,
                units: Vec::new(),
                key,
            });
            groups.len() - 1
        });
        let group = &mut groups[at];
        let tail = failure.tail.join("\n");
        group.units.push(Failed {
            id: unit.id.as_str(),
            title: &unit.title,
            same_tail: !tail.is_empty()
                && group.units.last().is_some_and(|before| before.tail == tail),
            tail,
            log: failure.log.as_deref(),
            kept: unit.kept.as_deref(),
            worktree: unit.worktree.as_deref(),
            commit: unit.commit.as_ref().map(ObjectId::short),
            pr: unit.pull(),
            remedy: Remedy::of(failure, &history.run, unit),
        });
    }
    groups
}

/// The cancelled, the pushed and the unfinished units, as far as there are any; without those that wait as planned.
pub(crate) fn lists(history: &History) -> Vec<List<'_>> {
    let mut cancelled = Vec::new();
    let mut pushed = Vec::new();
    let mut unfinished = Vec::new();
    for unit in &history.units {
        match &unit.outcome {
            Some(Outcome::Cancelled { reason }) => cancelled.push(listed(unit, Some(reason))),
            Some(Outcome::Pushed {
                reason,
                as_planned: false,
            }) => pushed.push(listed(unit, Some(reason))),
            Some(
                Outcome::Opened { .. }
                | Outcome::Pushed {
                    as_planned: true, ..
                }
                | Outcome::Unchanged
                | Outcome::Failed(_),
            ) => {}
            None => unfinished.push(listed(unit, None)),
        }
    }
    [
        ("Cancelled", cancelled),
        ("Pushed, with the pull request still to come", pushed),
        ("Not finished", unfinished),
    ]
    .into_iter()
    .filter(|(_, units)| !units.is_empty())
    .map(|(heading, units)| List { heading, units })
    .collect()
}

fn failed(unit: &UnitHistory) -> Option<(&UnitHistory, &Failure)> {
    match unit.outcome.as_ref()? {
        Outcome::Failed(failure) => Some((unit, failure)),
        Outcome::Opened { .. }
        | Outcome::Pushed { .. }
        | Outcome::Unchanged
        | Outcome::Cancelled { .. } => None,
    }
}

fn listed<'a>(unit: &'a UnitHistory, reason: Option<&'a str>) -> Listed<'a> {
    Listed {
        id: unit.id.as_str(),
        title: &unit.title,
        // What can be done about it stands below it.
        reason: reason.map(|reason| reason.replace('\n', "; ")),
        kept: unit.kept.as_deref(),
    }
}
