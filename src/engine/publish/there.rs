//! [`There`]: what a pull request that is found at a unit's branch means for the unit. Pure.

use crate::engine::hold::{Hold, Why};
use crate::model::pull::{NewPull, Pull, PullState};

/// What the branch has already.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum There {
    /// No pull request.
    Nothing,
    /// An open one of this unit.
    Ours(Pull),
    /// An open one without a mark: a person opened it.
    SomebodyElses(Pull),
    /// One that was merged, at the commit that was tested.
    Delivered(Pull),
}

impl There {
    /// What was found, by its state and mark.
    ///
    /// # Errors
    /// [`Hold`] when it is in the way of what is to be opened.
    pub(super) fn of(found: Option<Pull>, new: &NewPull) -> Result<Self, Hold> {
        let Some(pull) = found else {
            return Ok(Self::Nothing);
        };
        let number = pull.number;
        let refused = |reason: String| Err(Hold::new(Why::Refused, reason));
        match pull.state {
            PullState::Open => match &pull.mark {
                None => Ok(Self::SomebodyElses(pull)),
                Some(mark) if mark.run == new.mark.run && mark.unit == new.mark.unit => {
                    Ok(Self::Ours(pull))
                }
                Some(mark) => refused(format!(
                    "#{number} is open for branch {}, and is of unit {} of run {}\nclose it if it is not wanted",
                    new.head, mark.unit, mark.run
                )),
            },
            PullState::Merged if pull.head_commit == new.head_commit => Ok(Self::Delivered(pull)),
            PullState::Merged => refused(format!(
                "#{number} of its branch was merged at commit {}, and {} was tested\n\
                 what {} lacks since needs a new run",
                pull.head_commit.short(),
                new.head_commit.short(),
                pull.base
            )),
            PullState::Closed => refused(format!(
                "#{number} of its branch was closed, and a unit gets only one\nreopen it if it is wanted after all"
            )),
        }
    }
}

/// Whether an open one of ours needs no change.
pub(super) fn is_as_wanted(pull: &Pull, new: &NewPull) -> bool {
    // A forge may store other line ends than it was given.
    let plain = |text: &str| text.replace("\r\n", "\n").trim().to_owned();
    pull.mark.as_ref() == Some(&new.mark)
        && pull.head_commit == new.head_commit
        && pull.title == new.title
        && plain(&pull.body) == plain(&new.body)
}

/// What a person should know of an open one that is adopted.
pub(super) fn differences(pull: &Pull, new: &NewPull) -> Vec<String> {
    let other_base = pull.base != new.base;
    let text = || {
        format!(
            "#{} is to be merged into {}, and not into {}",
            pull.number, pull.base, new.base
        )
    };
    other_base.then(text).into_iter().collect()
}
