//! [`Resumption`]: what a run that was interrupted or cut off has still to do, unit by unit. Pure; who asks has looked at
//! the remote, at the forge and at the commits that this repository keeps.
//!
//! What the remote and the forge show comes first, then what the repository keeps, then the journal. Nothing is taken
//! for the run's own that neither journal, kept commits nor a mark tells of.

use std::collections::BTreeMap;

use crate::engine::adopting::{Found, There, delivery, delivery_with_pull, is_ours, there};
use crate::engine::go::{Begin, Wanted};
use crate::model::event::Event;
use crate::model::foundation::in_words;
use crate::model::history::{History, UnitHistory};
use crate::model::id::{ObjectId, UnitId};
use crate::model::outcome::{Failure, FailureKind, Outcome, Step};

/// What is to be done.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Resumption {
    /// What the journal lacks, in order.
    pub events: Vec<Event>,
    /// The units that go on, in the plan's order.
    pub wanted: Vec<Wanted>,
}

impl Resumption {
    /// Whether there is nothing to do and nothing to record.
    #[must_use]
    pub fn is_idle(&self) -> bool {
        self.events.is_empty() && self.wanted.is_empty()
    }
}

/// How a unit goes on.
#[derive(Debug, Clone, PartialEq, Eq)]
enum Course {
    /// It does not: it has ended so.
    Ended(Vec<Event>),
    /// From there, once these are on record.
    On(Vec<Event>, Begin),
}

/// Settles how the open units go on, by what was found of each. With `test_again` a commit that was tested counts for
/// nothing, for it is to be tested by another command now.
#[must_use]
pub fn resumption(
    history: &History,
    found: &BTreeMap<UnitId, Found<'_>>,
    test_again: bool,
) -> Resumption {
    let mut courses: BTreeMap<usize, Course> = BTreeMap::new();
    for (index, unit) in history.units.iter().enumerate() {
        if unit.is_open() {
            let found = found.get(&unit.id).copied().unwrap_or_default();
            courses.insert(index, course(unit, history, found, test_again));
        }
    }
    begin_anew_with_their_base(history, &mut courses);
    cancel_what_waits_in_vain(history, &mut courses);
    let mut resumption = Resumption::default();
    for (index, course) in courses {
        match course {
            Course::Ended(events) => resumption.events.extend(events),
            Course::On(events, begin) => {
                resumption.events.extend(events);
                let unit = history.units[index].id.clone();
                resumption.wanted.push(Wanted { unit, begin });
            }
        }
    }
    resumption
}

fn course(unit: &UnitHistory, history: &History, found: Found<'_>, test_again: bool) -> Course {
    // A commit that the journal tells of an attempt before counts no more: another attempt was begun since.
    let is_latest = |commit: &ObjectId| {
        unit.attempt == 0 || unit.commit.as_ref() == Some(commit) || !unit.commits.contains(commit)
    };
    let from_here = || match found.kept {
        Some(kept) if is_latest(kept) && !test_again => {
            Course::On(Vec::new(), Begin::AtCommit(kept.clone()))
        }
        Some(_) | None => Course::On(Vec::new(), Begin::Anew),
    };
    let at_pull = |head: &ObjectId| {
        let events = delivery(unit, history, head);
        Course::On(events, Begin::AtPull(head.clone()))
    };
    match there(unit, history, found) {
        There::Branch(head) if is_latest(head) => at_pull(head),
        There::Pull(pull) if is_latest(&pull.head_commit) => {
            Course::Ended(delivery_with_pull(unit, history, pull))
        }
        There::Nothing | There::Branch(_) | There::Pull(_) => from_here(),
        There::Left(why) => match found.head {
            // The publisher says what is in the way.
            Some(head) if is_ours(head, unit, history, found) && is_latest(head) => at_pull(head),
            Some(_) => left(unit, &why),
            None => from_here(),
        },
    }
}

/// A unit whose branch others pushed to: nothing of it is overwritten, and nothing spent on what could not be delivered.
fn left(unit: &UnitHistory, why: &str) -> Course {
    let outcome = if unit.delivered.is_some() {
        Outcome::Pushed {
            reason: why.to_owned(),
            as_planned: false,
        }
    } else if unit.asks {
        Outcome::Failed(Failure {
            kind: FailureKind::Delivery,
            ..Failure::of(Step::Push, why)
        })
    } else {
        // A codemod may well come to the same tree, which is delivered then.
        return Course::On(Vec::new(), Begin::Anew);
    };
    ended(unit, outcome)
}

/// The unit's end, where that is news.
fn ended(unit: &UnitHistory, outcome: Outcome) -> Course {
    if unit.outcome.as_ref() == Some(&outcome) {
        return Course::Ended(Vec::new());
    }
    Course::Ended(vec![Event::UnitEnded {
        unit: unit.id.clone(),
        attempt: unit.attempt,
        outcome,
    }])
}

/// A commit stands on what the units before it delivered. Where one of those is made anew, so is what stands on it.
fn begin_anew_with_their_base(history: &History, courses: &mut BTreeMap<usize, Course>) {
    let is_anew = |course: Option<&Course>| matches!(course, Some(Course::On(_, Begin::Anew)));
    loop {
        let shaken = courses.iter().find_map(|(&index, course)| {
            let at_commit = matches!(course, Course::On(_, Begin::AtCommit(_)));
            let mut parents = parents(history, index);
            (at_commit && parents.any(|parent| is_anew(courses.get(&parent)))).then_some(index)
        });
        let Some(index) = shaken else { return };
        courses.insert(index, Course::On(Vec::new(), Begin::Anew));
    }
}

/// What still has work to do and waits for a unit that is not done and does not go on.
fn cancel_what_waits_in_vain(history: &History, courses: &mut BTreeMap<usize, Course>) {
    let is_lost = |index: usize, courses: &BTreeMap<usize, Course>| match courses.get(&index) {
        Some(Course::On(..)) => false,
        Some(Course::Ended(events)) => events.iter().any(is_undone),
        None => (history.units[index].outcome.as_ref()).is_none_or(Outcome::wants_rerun),
    };
    loop {
        let in_vain = courses.iter().find_map(|(&index, course)| {
            let works = match course {
                Course::On(_, Begin::Anew | Begin::AtCommit(_)) => true,
                Course::On(_, Begin::AtPull(_)) | Course::Ended(_) => false,
            };
            let lost: Vec<&UnitId> = parents(history, index)
                .filter(|&parent| is_lost(parent, courses))
                .map(|parent| &history.units[parent].id)
                .collect();
            (works && !lost.is_empty()).then(|| (index, in_words(lost)))
        });
        let Some((index, lost)) = in_vain else { return };
        let reason = format!("waits for {lost}, which is not done");
        let mut course = ended(&history.units[index], Outcome::Cancelled { reason });
        if let Course::Ended(events) = &mut course
            && events.is_empty()
        {
            // It is on record already, and those that wait for this one wait in vain all the same.
            courses.remove(&index);
        } else {
            courses.insert(index, course);
        }
    }
}

fn is_undone(event: &Event) -> bool {
    matches!(event, Event::UnitEnded { outcome, .. } if outcome.wants_rerun())
}

/// The places of the units that one waits for directly.
fn parents(history: &History, index: usize) -> impl Iterator<Item = usize> {
    let after = &history.units[index].after;
    let units = history.units.iter().enumerate();
    units
        .filter(|(_, unit)| after.contains(&unit.id))
        .map(|(place, _)| place)
}

#[cfg(test)]
mod tests;
