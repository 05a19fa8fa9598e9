//! Whether a pull request may be merged now, and if not, what is missing: [`judge`]. Pure; who asks has the forge's word on
//! how the pull request stands, and the journal's on the commit that this run put its branch at.

use std::time::Duration;

use jiff::Timestamp;

use crate::model::counted::counted;
use crate::model::id::ObjectId;
use crate::model::pull::PullState;
use crate::model::standing::{Check, CheckState, Review, Standing, Verdict, Way};

/// After so long without any check there is nothing to be waited for: CI begins within minutes.
const QUIET: Duration = Duration::from_secs(600);

/// How many checks are named before the others are only counted.
const NAMED: usize = 3;

/// What the user wants to be gone without.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Waived {
    /// Whether checks need not pass.
    pub checks: bool,
    /// Whether nobody need approve.
    pub review: bool,
    /// Whether commits that others pushed are merged too.
    pub head: bool,
}

/// What may come of a pull request now.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Judgement {
    /// It may be merged; the words are what a person should know.
    Ready(Vec<String>),
    /// It may not: each of these is missing.
    Missing(Vec<Missing>),
}

/// What keeps a pull request from being merged.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Missing {
    /// It is not open.
    Open(PullState),
    /// It is a draft.
    Ready,
    /// Its branch is not where this run put it.
    OurHead {
        /// Where the branch is.
        seen: ObjectId,
        /// Where this run put it; none where nothing tells.
        recorded: Option<ObjectId>,
    },
    /// It conflicts with its base.
    NoConflict,
    /// A rule wants what came to the base since.
    UpToDate,
    /// A rule wants an approval.
    Approval,
    /// A reviewer wants changes.
    ChangesMade,
    /// These checks failed.
    Green(Vec<String>),
    /// So many of so many checks have not ended.
    Finished {
        /// How many.
        pending: usize,
        /// Of how many.
        of: usize,
    },
    /// No check was reported yet.
    Checks,
    /// The forge has not worked out yet whether it fits its base.
    Worked,
    /// A rule of the base branch is in the way, of which the forge does not say which.
    Rules,
}

impl Missing {
    /// The words, after "it cannot be merged: ".
    #[must_use]
    pub fn in_words(&self) -> String {
        match self {
            Self::Open(state) => format!("it is {state}"),
            Self::Ready => "it is a draft".to_owned(),
            Self::OurHead {
                seen,
                recorded: Some(recorded),
            } => format!(
                "its branch is at {}, and this run left it at {}",
                seen.short(),
                recorded.short()
            ),
            Self::OurHead {
                seen,
                recorded: None,
            } => format!(
                "no run here is known to have put its branch at {}",
                seen.short()
            ),
            Self::NoConflict => "it conflicts with its base".to_owned(),
            Self::UpToDate => "its branch must hold what came to the base since".to_owned(),
            Self::Approval => "it wants an approval".to_owned(),
            Self::ChangesMade => "a reviewer wants changes".to_owned(),
            Self::Green(names) => {
                format!("{} failed: {}", counted(names.len(), "check"), named(names))
            }
            Self::Finished { pending, of } => {
                let have = if *pending == 1 { "has" } else { "have" };
                format!("{pending} of {} {have} not ended", counted(of, "check"))
            }
            Self::Checks => "no check was reported yet".to_owned(),
            Self::Worked => "the forge has not worked out yet whether it can be".to_owned(),
            Self::Rules => "a rule of its base branch is in the way".to_owned(),
        }
    }

    /// Who can bring it.
    #[must_use]
    pub fn comes(&self) -> Comes {
        match self {
            Self::Worked => Comes::AtOnce,
            Self::Finished { .. } | Self::Checks => Comes::WithChecks,
            Self::Approval | Self::ChangesMade | Self::Rules => Comes::WithPeople,
            Self::Open(_)
            | Self::Ready
            | Self::OurHead { .. }
            | Self::NoConflict
            | Self::UpToDate
            | Self::Green(_) => Comes::Never,
        }
    }
}

/// How what is missing may come while somebody waits.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Comes {
    /// Within seconds, of the forge.
    AtOnce,
    /// Within minutes, of CI.
    WithChecks,
    /// When a person acts: nothing to stand and wait for, but auto-merge does.
    WithPeople,
    /// Not without a command.
    Never,
}

/// The latest of what is missing; [`Comes::AtOnce`] when nothing is.
#[must_use]
pub fn comes(missing: &[Missing]) -> Comes {
    let latest = missing.iter().map(Missing::comes).max();
    latest.unwrap_or(Comes::AtOnce)
}

/// All that is missing, in one sentence.
#[must_use]
pub fn in_words(missing: &[Missing]) -> String {
    let words: Vec<String> = missing.iter().map(Missing::in_words).collect();
    words.join("; ")
}

/// Judges a pull request. `recorded` is the commit that this run put the branch at, and `since` when it did so, or when the
/// pull request was opened.
#[must_use]
pub fn judge(
    standing: &Standing,
    recorded: Option<&ObjectId>,
    waived: Waived,
    since: Timestamp,
    now: Timestamp,
) -> Judgement {
    let pull = &standing.pull;
    match pull.state {
        PullState::Open => {}
        PullState::Merged | PullState::Closed => {
            return Judgement::Missing(vec![Missing::Open(pull.state)]);
        }
    }
    let mut missing = Vec::new();
    let mut notes = Vec::new();
    if recorded != Some(&pull.head_commit) {
        if waived.head {
            notes.push(format!(
                "with others' commits, at {}",
                pull.head_commit.short()
            ));
        } else {
            missing.push(Missing::OurHead {
                seen: pull.head_commit.clone(),
                recorded: recorded.cloned(),
            });
        }
    }
    if pull.draft || standing.way == Way::Draft {
        missing.push(Missing::Ready);
    }
    if !waived.review {
        missing.extend(review(standing.review));
    }
    let quiet = now.duration_since(since).unsigned_abs() >= QUIET;
    let checks = checks(standing, quiet);
    match checks {
        Err(lack) if !waived.checks => missing.push(lack),
        Err(_) => notes.push("whatever its checks say".to_owned()),
        Ok(note) => notes.extend(note.map(str::to_owned)),
    }
    match standing.way {
        Way::Conflict => missing.push(Missing::NoConflict),
        Way::Behind => missing.push(Missing::UpToDate),
        Way::Unknown => missing.push(Missing::Worked),
        // Where it is known what the rule wants, or the user wants to be without, that is enough.
        Way::Blocked if missing.is_empty() && !waived.checks && !waived.review => {
            missing.push(Missing::Rules);
        }
        Way::Clear | Way::Unstable | Way::Draft | Way::Blocked => {}
    }
    if missing.is_empty() {
        Judgement::Ready(notes)
    } else {
        Judgement::Missing(missing)
    }
}

fn review(review: Review) -> Option<Missing> {
    match review {
        Review::NotRequired | Review::Approved => None,
        Review::Required => Some(Missing::Approval),
        Review::ChangesRequested => Some(Missing::ChangesMade),
    }
}

/// Whether the checks let it pass: those that a rule wants, or all where no rule wants any.
fn checks(standing: &Standing, quiet: bool) -> Result<Option<&'static str>, Missing> {
    let all: Vec<&Check> = standing.checks.iter().collect();
    let required: Vec<&Check> = all.iter().copied().filter(|check| check.required).collect();
    let counted = if required.is_empty() { all } else { required };
    match Verdict::of(counted.iter().copied()) {
        Verdict::Passed(_) => Ok(None),
        Verdict::Failed(_) => {
            let failed = counted
                .iter()
                .filter(|check| check.state == CheckState::Failed);
            Err(Missing::Green(
                failed.map(|check| check.name.clone()).collect(),
            ))
        }
        Verdict::Pending(pending) => Err(Missing::Finished {
            pending,
            of: counted.len(),
        }),
        Verdict::NoneYet if !quiet => Err(Missing::Checks),
        // Whatever the rule wants, it is no review: a check, then, that nobody has begun.
        Verdict::NoneYet if standing.way == Way::Blocked && review(standing.review).is_none() => {
            Err(Missing::Checks)
        }
        Verdict::NoneYet => Ok(Some("no check was ever reported")),
    }
}

fn named(names: &[String]) -> String {
    let first: Vec<&str> = names.iter().take(NAMED).map(String::as_str).collect();
    match names.len().checked_sub(NAMED).filter(|&more| more > 0) {
        Some(more) => format!("{} and {more} more", first.join(", ")),
        None => first.join(", "),
    }
}

#[cfg(test)]
mod tests;
