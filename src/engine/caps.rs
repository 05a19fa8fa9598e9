//! [`Caps`]: how many pull requests of a run may be open, or have checks that are not done, at the same time. Pure; the
//! publisher counts by it, in a run and later.

use jiff::{SignedDuration, Timestamp};

use crate::model::counted::counted;
use crate::model::pull::PullState;
use crate::model::standing::{Standing, Verdict};
use crate::model::wishes::Wishes;

/// For so long a pull request without any check counts as one whose checks are still to come; after it, as one that no CI
/// looks at.
const CHECKS_COME_WITHIN: SignedDuration = SignedDuration::from_mins(10);

/// What of a run's pull requests the user allows at the same time.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Caps {
    /// So many are open.
    pub open: Option<u32>,
    /// So many have checks that are not done.
    pub pending: Option<u32>,
}

/// What of a run's pull requests there is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Load {
    /// So many are open.
    pub open: u32,
    /// So many of these have checks that are not done.
    pub pending: u32,
}

impl Caps {
    /// Those that the user asked for.
    #[must_use]
    pub fn of(wishes: &Wishes) -> Self {
        Self {
            open: wishes.max_open,
            pending: wishes.max_pending_checks,
        }
    }

    /// Why another one has to wait; none when it may be opened.
    #[must_use]
    pub fn hold(self, load: Load) -> Option<String> {
        if let Some(cap) = self.open.filter(|&cap| load.open >= cap) {
            let there = are(load.open, "open");
            return Some(format!("waits: {there}, and --max-open-prs is {cap}"));
        }
        let cap = self.pending.filter(|&cap| load.pending >= cap)?;
        let there = match load.pending {
            1 => "checks of 1 pull request are not done".to_owned(),
            count => format!("checks of {count} pull requests are not done"),
        };
        Some(format!("waits: {there}, and --max-pending-checks is {cap}"))
    }

    /// The most that can be opened one after another, from nothing, before one has to wait; none where nothing bounds it.
    #[must_use]
    pub fn at_once(self) -> Option<u32> {
        self.open.into_iter().chain(self.pending).min()
    }
}

impl Load {
    /// What these come to.
    #[must_use]
    pub fn of(standings: &[Standing], now: Timestamp) -> Self {
        let open = || {
            let open = |standing: &&Standing| standing.pull.state == PullState::Open;
            standings.iter().filter(open)
        };
        Self {
            open: count(open().count()),
            pending: count(open().filter(|one| is_pending(one, now)).count()),
        }
    }

    /// As much as so many pull requests can come to.
    #[must_use]
    pub fn most(pulls: usize) -> Self {
        Self {
            open: count(pulls),
            pending: count(pulls),
        }
    }

    /// With one more that was just opened.
    #[must_use]
    pub fn and_one(self) -> Self {
        Self {
            open: self.open.saturating_add(1),
            pending: self.pending.saturating_add(1),
        }
    }
}

fn is_pending(standing: &Standing, now: Timestamp) -> bool {
    match standing.verdict() {
        Verdict::Pending(_) => true,
        Verdict::NoneYet => now.duration_since(standing.pull.created) < CHECKS_COME_WITHIN,
        // One that failed is not waited for, though others of the same commit may not be done.
        Verdict::Passed(_) | Verdict::Failed(_) => false,
    }
}

fn count(number: usize) -> u32 {
    u32::try_from(number).unwrap_or(u32::MAX)
}

fn are(number: u32, what: &str) -> String {
    let verb = if number == 1 { "is" } else { "are" };
    let pulls = counted(
        usize::try_from(number).unwrap_or(usize::MAX),
        "pull request",
    );
    format!("{pulls} {verb} {what}")
}

#[cfg(test)]
mod tests {
    use super::{Caps, Load};
    use crate::model::pull::PullState;
    use crate::model::sample;
    use crate::model::standing::{Check, CheckState, Review, Standing, Way};

    fn standing(state: PullState, checks: &[CheckState]) -> Standing {
        let history = sample::history(vec![None]);
        let mut pull = sample::pull(1, &sample::new_pull(&history.units[0]));
        pull.state = state;
        let check = |state: &CheckState| Check {
            name: "ci".to_owned(),
            state: *state,
            required: false,
        };
        Standing {
            pull,
            node: String::new(),
            review: Review::NotRequired,
            checks: checks.iter().map(check).collect(),
            way: Way::Unknown,
            auto_merge: false,
            queued: false,
        }
    }

    fn load(open: u32, pending: u32) -> Load {
        Load { open, pending }
    }

    #[test]
    fn open_ones_count_and_of_these_whose_checks_are_not_done() {
        use CheckState::{Failed, Passed, Pending};
        let standings = [
            standing(PullState::Open, &[Passed]),
            standing(PullState::Open, &[Passed, Pending]),
            standing(PullState::Open, &[Failed]),
            standing(PullState::Merged, &[Pending]),
            standing(PullState::Closed, &[]),
        ];
        assert_eq!(Load::of(&standings, sample::at(0)), load(3, 1));
    }

    #[test]
    fn without_any_check_one_is_waited_for_ten_minutes() {
        let standings = [standing(PullState::Open, &[])];
        assert_eq!(Load::of(&standings, sample::at(599)), load(1, 1));
        assert_eq!(Load::of(&standings, sample::at(600)), load(1, 0));
    }

    #[test]
    fn what_is_over_a_cap_waits_and_says_for_what() {
        let caps = Caps {
            open: Some(4),
            pending: Some(1),
        };
        assert_eq!(caps.hold(load(3, 0)), None);
        assert_eq!(
            caps.hold(load(4, 4)).as_deref(),
            Some("waits: 4 pull requests are open, and --max-open-prs is 4")
        );
        assert_eq!(
            caps.hold(load(1, 1)).as_deref(),
            Some("waits: checks of 1 pull request are not done, and --max-pending-checks is 1")
        );
        assert_eq!(Caps::default().hold(load(u32::MAX, u32::MAX)), None);
        assert_eq!(caps.at_once(), Some(1));
        assert_eq!(Caps::default().at_once(), None);
    }
}
