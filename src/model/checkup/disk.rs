//! Whether there is space for as many worktrees as work at the same time.

use std::path::PathBuf;

use super::{Check, Finding};

/// What there is, and what is needed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Space {
    /// The folder that worktrees are made in.
    pub folder: PathBuf,
    /// How many bytes a user may still write there.
    pub free: u64,
    /// How many bytes a checkout of the base has.
    pub checkout: u64,
    /// How many worktrees there are at the same time.
    pub worktrees: usize,
}

/// What a setup, a build and tests are guessed to add to a checkout, as a multiple of it.
const MARGIN: u64 = 4;

/// Below this many bytes left after the worktrees it is always told.
const NARROW: u64 = 512 << 20;

/// What is to be said of it.
#[must_use]
pub fn judge(space: &Space) -> Finding {
    let check = Check::Disk;
    let worktrees = u64::try_from(space.worktrees).unwrap_or(u64::MAX);
    let needed = space.checkout.saturating_mul(worktrees);
    let free = bytes(space.free);
    let words = format!(
        "{free} free at {}; {} worktrees of {} take {}",
        space.folder.display(),
        space.worktrees,
        bytes(space.checkout),
        bytes(needed)
    );
    let advice =
        "free some space, put worktrees elsewhere with --worktrees DIR, or use fewer with --jobs N";
    if space.free < needed {
        return Finding::problem(check, words).advise(advice);
    }
    if space.free < needed.saturating_mul(MARGIN) || space.free - needed < NARROW {
        let words = format!("{words}, and what setup and tests write comes on top");
        return Finding::warning(check, words).advise(advice);
    }
    Finding::ok(check, words)
}

/// A number of bytes as people say it.
#[must_use]
pub fn bytes(count: u64) -> String {
    const UNITS: [&str; 5] = ["KiB", "MiB", "GiB", "TiB", "PiB"];
    if count < 1024 {
        return format!("{count} B");
    }
    // In tenths, rounded down: what is free is never said to be more than it is.
    let mut tenths = u128::from(count) * 10;
    let mut unit = 0;
    tenths /= 1024;
    while tenths >= 10 * 1024 && unit + 1 < UNITS.len() {
        tenths /= 1024;
        unit += 1;
    }
    if tenths >= 1000 {
        format!("{} {}", tenths / 10, UNITS[unit])
    } else {
        format!("{}.{} {}", tenths / 10, tenths % 10, UNITS[unit])
    }
}

#[cfg(test)]
mod tests {
    use super::{Space, bytes, judge};
    use crate::model::checkup::Verdict;

    #[test]
    fn bytes_are_said_as_people_say_them() {
        for (count, said) in [
            (0, "0 B"),
            (1023, "1023 B"),
            (1024, "1.0 KiB"),
            (1536, "1.5 KiB"),
            (1_048_575, "1023 KiB"),
            (10_u64.pow(9), "953 MiB"),
            (5 << 30, "5.0 GiB"),
            (u64::MAX, "16383 PiB"),
        ] {
            assert_eq!(bytes(count), said);
        }
    }

    #[test]
    fn worktrees_that_do_not_fit_are_a_problem_and_a_tight_fit_a_warning() {
        let gib: u64 = 1 << 30;
        let with = |free, checkout, worktrees| {
            let space = Space {
                folder: "/cache".into(),
                free,
                checkout,
                worktrees,
            };
            judge(&space).verdict
        };
        assert_eq!(with(100 * gib, gib, 3), Verdict::Ok);
        assert_eq!(with(4 * gib, gib, 3), Verdict::Warning);
        assert_eq!(with(2 * gib, gib, 3), Verdict::Problem);
        assert_eq!(with(gib / 4, 10, 3), Verdict::Warning);
        assert_eq!(with(u64::MAX, u64::MAX, 9), Verdict::Warning);
        assert_eq!(with(0, 1, 1), Verdict::Problem);
    }
}
