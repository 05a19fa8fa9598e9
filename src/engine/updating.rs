//! How a branch is brought up to a base that has moved: [`course`]. Pure; who asks has looked at branch and base.

use crate::model::counted::counted;
use crate::model::id::ObjectId;
use crate::model::path::RepoPath;

/// Where a pull request's branch is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Branch<'a> {
    /// Where its run left it.
    Ours,
    /// So many commits of others are on top of that.
    Others {
        /// How many.
        commits: u64,
        /// The last of them.
        head: &'a ObjectId,
    },
    /// Somewhere that does not hold what its run left there.
    Elsewhere {
        /// Where.
        head: &'a ObjectId,
    },
}

/// What the user wants.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Wanted {
    /// Whether the unit is to be put on the base, rather than the base merged into its branch.
    pub rebase: bool,
    /// Whether to go on top of what others pushed.
    pub on_top: bool,
}

/// How the branch and its base go together.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Fit<'a> {
    /// The branch holds all that the base has.
    UpToDate,
    /// The base can be merged into it.
    Clean,
    /// They conflict at these paths.
    Conflict(&'a [RepoPath]),
}

/// What is done.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Course {
    /// Nothing is to be done.
    Nothing,
    /// The base is merged into the branch.
    Merge,
    /// The change is carried over onto the base as it is now, and tested there.
    CarryOver,
    /// The unit is done again on the base as it is now.
    Redo,
    /// It is left alone, for this reason.
    Refuse {
        /// The reason, a fragment.
        why: String,
        /// Whether going on top of others' commits would help.
        on_top_helps: bool,
    },
}

/// Settles it. What others pushed is never overwritten.
#[must_use]
pub fn course(branch: Branch<'_>, fit: Fit<'_>, wanted: Wanted) -> Course {
    let refuse = |why: String, on_top_helps| Course::Refuse { why, on_top_helps };
    match (branch, fit) {
        (Branch::Elsewhere { head }, _) => refuse(
            format!(
                "its branch was moved to {}, which does not hold what this run left there",
                head.short()
            ),
            false,
        ),
        (_, Fit::UpToDate) => Course::Nothing,
        (Branch::Ours, Fit::Conflict(_)) => Course::Redo,
        (Branch::Ours, Fit::Clean) if wanted.rebase => Course::CarryOver,
        (Branch::Others { commits, head }, _) if !wanted.on_top => refuse(
            format!(
                "others pushed {} to its branch, up to {}",
                counted(commits, "commit"),
                head.short()
            ),
            true,
        ),
        (Branch::Others { .. }, Fit::Clean) if wanted.rebase => refuse(
            "a rebase would rewrite what others pushed to its branch".to_owned(),
            false,
        ),
        (Branch::Ours | Branch::Others { .. }, Fit::Clean) => Course::Merge,
        (Branch::Others { .. }, Fit::Conflict(paths)) => {
            let paths: Vec<String> = paths.iter().map(ToString::to_string).collect();
            let why = format!(
                "with what others pushed, its branch conflicts with the base in {}; done again, the unit would undo that",
                paths.join(", ")
            );
            refuse(why, false)
        }
    }
}

#[cfg(test)]
mod tests {
    use super::{Branch, Course, Fit, Wanted, course};
    use crate::model::path::RepoPath;
    use crate::model::sample;

    const MERGE: Wanted = Wanted {
        rebase: false,
        on_top: false,
    };
    const REBASE: Wanted = Wanted {
        rebase: true,
        on_top: false,
    };
    const ON_TOP: Wanted = Wanted {
        rebase: false,
        on_top: true,
    };

    #[test]
    fn a_branch_of_ours_is_merged_into_carried_over_or_done_again() {
        let paths = [RepoPath::from("src/a")];
        let conflict = Fit::Conflict(&paths);
        assert_eq!(course(Branch::Ours, Fit::UpToDate, REBASE), Course::Nothing);
        assert_eq!(course(Branch::Ours, Fit::Clean, MERGE), Course::Merge);
        assert_eq!(course(Branch::Ours, Fit::Clean, REBASE), Course::CarryOver);
        assert_eq!(course(Branch::Ours, conflict, MERGE), Course::Redo);
        assert_eq!(course(Branch::Ours, conflict, REBASE), Course::Redo);
    }

    #[test]
    fn what_others_pushed_is_never_overwritten() {
        let head = sample::commit("d");
        let others = Branch::Others {
            commits: 2,
            head: &head,
        };
        let refused = |branch, fit, wanted| match course(branch, fit, wanted) {
            Course::Refuse { why, on_top_helps } => (why, on_top_helps),
            other => panic!("{other:?}"),
        };
        let paths = [RepoPath::from("src/a")];
        let conflict = Fit::Conflict(&paths);
        for fit in [Fit::Clean, conflict] {
            let (why, on_top_helps) = refused(others, fit, MERGE);
            assert_eq!(
                why,
                "others pushed 2 commits to its branch, up to dddddddddddd"
            );
            assert!(on_top_helps);
        }
        assert_eq!(course(others, Fit::Clean, ON_TOP), Course::Merge);
        let both = Wanted {
            rebase: true,
            on_top: true,
        };
        assert!(refused(others, Fit::Clean, both).0.contains("rewrite"));
        assert!(refused(others, conflict, ON_TOP).0.contains("in src/a"));
        let elsewhere = Branch::Elsewhere { head: &head };
        for wanted in [MERGE, REBASE, ON_TOP, both] {
            let (why, on_top_helps) = refused(elsewhere, Fit::UpToDate, wanted);
            assert!(why.contains("moved to dddddddddddd"), "{why}");
            assert!(!on_top_helps);
        }
    }
}
