//! [`Retries`]: whether a unit that failed is tried again within its attempt, and where. A pure decision.

use crate::model::outcome::{FailureKind, Step};

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

    /// The same without doubt in worktrees: whoever makes the edits sees to that.
    #[must_use]
    pub fn trusting_worktrees(self) -> Self {
        Self {
            may_doubt_worktree: false,
            ..self
        }
    }

    /// Decides after a failure of `step`, and counts it. `reused` is whether the worktree had served another unit.
    pub fn after(&mut self, step: Step, kind: FailureKind, reused: bool) -> Again {
        let repeatable = match step {
            Step::Implement | Step::Gate | Step::Check | Step::Test => !meets_the_same(kind),
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

/// Whether the same agent would come to the same once more.
fn meets_the_same(kind: FailureKind) -> bool {
    match kind {
        FailureKind::Permission
        | FailureKind::Budget
        | FailureKind::Tokens
        | FailureKind::RateLimit
        | FailureKind::Unauthorised
        | FailureKind::Quota => true,
        FailureKind::Turns
        | FailureKind::Scope
        | FailureKind::Tests
        | FailureKind::Timeout
        | FailureKind::Silence
        | FailureKind::Runaway
        | FailureKind::Crash
        | FailureKind::Conflict
        | FailureKind::Setup
        | FailureKind::Delivery
        | FailureKind::Forge
        | FailureKind::Other => false,
    }
}

#[cfg(test)]
mod tests {
    use super::{Again, Retries};
    use crate::model::outcome::{FailureKind, Step};

    #[test]
    fn a_reused_worktree_is_doubted_once_and_costs_no_retry() {
        let mut retries = Retries::new(1);
        assert_eq!(
            retries.after(Step::Test, FailureKind::of(Step::Test), true),
            Again::InNewWorktree
        );
        assert_eq!(
            retries.after(Step::Test, FailureKind::of(Step::Test), true),
            Again::FromBase
        );
        assert_eq!(
            retries.after(Step::Test, FailureKind::of(Step::Test), true),
            Again::No
        );
    }

    #[test]
    fn a_new_worktree_is_never_doubted() {
        assert_eq!(
            Retries::new(0).after(Step::Gate, FailureKind::of(Step::Gate), false),
            Again::No
        );
        assert_eq!(
            Retries::new(1).after(Step::Gate, FailureKind::of(Step::Gate), false),
            Again::FromBase
        );
    }

    #[test]
    fn what_reached_git_is_not_repeated() {
        for step in [Step::Prepare, Step::Commit, Step::Push, Step::OpenPr] {
            assert_eq!(
                Retries::new(3).after(step, FailureKind::of(step), true),
                Again::No,
                "{step}"
            );
        }
    }

    #[test]
    fn an_agent_that_may_not_or_cannot_pay_is_not_asked_again() {
        for kind in [
            FailureKind::Unauthorised,
            FailureKind::Budget,
            FailureKind::Permission,
        ] {
            let again = Retries::new(3).after(Step::Implement, kind, false);
            assert_eq!(again, Again::No, "{kind:?}");
        }
    }

    #[test]
    fn a_worktree_may_be_trusted() {
        let mut retries = Retries::new(0).trusting_worktrees();
        assert_eq!(
            retries.after(Step::Test, FailureKind::Tests, true),
            Again::No
        );
    }
}
