//! [`Standing`]: how far a pull request is on its way to be merged: state, review, checks, and what is in the way.

use serde::Serialize;

use crate::model::pull::Pull;

/// How far a pull request is.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Standing {
    /// The pull request as it is now.
    pub pull: Pull,
    /// The forge's own name for it, for its further calls.
    pub node: String,
    /// What reviewers decided.
    pub review: Review,
    /// What was reported of its head commit, and what is still to come.
    pub checks: Vec<Check>,
    /// Whether it fits its base branch, and the rules let it in.
    pub way: Way,
    /// Whether the forge merges it by itself once it may be.
    pub auto_merge: bool,
    /// Whether it is in the base branch's merge queue.
    pub queued: bool,
}

/// What reviewers decided.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Review {
    /// No rule wants a review.
    NotRequired,
    /// A review is wanted that nobody gave yet.
    Required,
    /// All that is wanted was given.
    Approved,
    /// Somebody wants changes.
    ChangesRequested,
}

/// One check of a head commit: a run of CI, or a status.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Check {
    /// Its name.
    pub name: String,
    /// How it stands.
    pub state: CheckState,
    /// Whether a rule of the base branch wants it.
    pub required: bool,
}

/// How a check stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum CheckState {
    /// It has not ended.
    Pending,
    /// It passed, or was skipped, or is neutral.
    Passed,
    /// It failed, was cancelled, or wants somebody to act.
    Failed,
}

/// What stands between a pull request and its base branch.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Way {
    /// Nothing.
    Clear,
    /// Nothing that a rule wants; a check that no rule wants did not pass.
    Unstable,
    /// A rule wants something that is not there: a review, a check.
    Blocked,
    /// A rule wants the branch to hold what came to the base since.
    Behind,
    /// It conflicts with the base.
    Conflict,
    /// It is a draft.
    Draft,
    /// The forge has not worked it out yet.
    Unknown,
}

/// What a pull request's checks come to.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Verdict {
    /// None was reported: CI may not have begun. That is not success.
    NoneYet,
    /// So many have not ended.
    Pending(usize),
    /// All passed.
    Passed(usize),
    /// So many failed.
    Failed(usize),
}

impl Verdict {
    /// Of these checks.
    #[must_use]
    pub fn of<'a>(checks: impl IntoIterator<Item = &'a Check>) -> Self {
        let (mut passed, mut pending, mut failed) = (0, 0, 0);
        for check in checks {
            match check.state {
                CheckState::Passed => passed += 1,
                CheckState::Pending => pending += 1,
                CheckState::Failed => failed += 1,
            }
        }
        match (passed, pending, failed) {
            (0, 0, 0) => Self::NoneYet,
            (_, _, 1..) => Self::Failed(failed),
            (_, 1.., 0) => Self::Pending(pending),
            (1.., 0, 0) => Self::Passed(passed),
        }
    }
}

impl Standing {
    /// What all its checks come to.
    #[must_use]
    pub fn verdict(&self) -> Verdict {
        Verdict::of(&self.checks)
    }

    /// What the checks come to that a rule wants; [`Verdict::NoneYet`] also where no rule wants any.
    #[must_use]
    pub fn required(&self) -> Verdict {
        Verdict::of(self.checks.iter().filter(|check| check.required))
    }
}

#[cfg(test)]
mod tests {
    use super::CheckState::{Failed, Passed, Pending};
    use super::{Check, CheckState, Verdict};

    #[test]
    fn one_failure_counts_more_than_what_is_pending_and_nothing_is_no_success() {
        let check = |state| Check {
            name: "ci".to_owned(),
            state,
            required: false,
        };
        let of = |states: &[CheckState]| {
            let checks: Vec<Check> = states.iter().copied().map(check).collect();
            Verdict::of(&checks)
        };
        assert_eq!(of(&[]), Verdict::NoneYet);
        assert_eq!(of(&[Passed, Pending]), Verdict::Pending(1));
        assert_eq!(of(&[Passed, Pending, Failed]), Verdict::Failed(1));
        assert_eq!(of(&[Passed, Passed]), Verdict::Passed(2));
    }
}
