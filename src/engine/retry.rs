//! [`Retries`]: whether a unit that failed is tried again within its attempt, and where. A pure decision.

use crate::model::outcome::Step;

/// What is left to be tried.
#[derive(Debug, Clone, Copy)]
pub struct Retries {
    left: u32,
    may_doubt_worktree: bool,
}

/// What comes after a failure.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Again {
    /// The same once more in a new worktree, since what another unit left in this one may be to blame.
    InNewWorktree,
    /// A new try from the base, as the user allowed.
    FromBase,
    /// The failure stands.
    No,
}

impl Retries {
    /// With so many retries allowed.
    #[must_use]
    pub fn new(allowed: u32) -> Self {
        Self {
            left: allowed,
            may_doubt_worktree: true,
        }
    }

    /// Decides after a failure of `step`, and counts it. `reused` is whether the worktree had served another unit.
    pub fn after(&mut self, step: Step, reused: bool) -> Again {
        let repeatable = match step {
            Step::Implement | Step::Gate | Step::Check | Step::Test => true,
            Step::Prepare | Step::Commit | Step::Push | Step::OpenPr => false,
        };
        if repeatable && reused && self.may_doubt_worktree {
            self.may_doubt_worktree = false;
            return Again::InNewWorktree;
        }
        if repeatable && self.left > 0 {
            self.left -= 1;
            return Again::FromBase;
        }
        Again::No
    }
}

#[cfg(test)]
mod tests {
    use super::{Again, Retries};
    use crate::model::outcome::Step;

    #[test]
    fn a_reused_worktree_is_doubted_once_and_costs_no_retry() {
        let mut retries = Retries::new(1);
        assert_eq!(retries.after(Step::Test, true), Again::InNewWorktree);
        assert_eq!(retries.after(Step::Test, true), Again::FromBase);
        assert_eq!(retries.after(Step::Test, true), Again::No);
    }

    #[test]
    fn a_new_worktree_is_never_doubted() {
        assert_eq!(Retries::new(0).after(Step::Gate, false), Again::No);
        assert_eq!(Retries::new(1).after(Step::Gate, false), Again::FromBase);
    }

    #[test]
    fn what_reached_git_is_not_repeated() {
        for step in [Step::Prepare, Step::Commit, Step::Push, Step::OpenPr] {
            assert_eq!(Retries::new(3).after(step, true), Again::No, "{step}");
        }
    }
}
