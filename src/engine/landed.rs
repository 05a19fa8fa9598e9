//! Whether a merged pull request's commits are on the run's base branch: merged alone is not enough for one that was stacked
//! on another's branch. Asked before what stands on it is opened, in a run and later.

use crate::engine::ports::{Forge, ForgeError};
use crate::model::pull::{Pull, PullState};

/// The most branches that are followed down to the base; a forge that answers in a circle has no more.
const DEPTH: usize = 32;

/// Whether this pull request was merged into `base`, or into a branch that was merged there afterwards, as it was then.
///
/// # Errors
/// [`ForgeError`] when the forge does not say what became of a branch in between.
pub async fn is_on(base: &str, pull: &Pull, forge: &dyn Forge) -> Result<bool, ForgeError> {
    let mut pull = pull.clone();
    for _ in 0..DEPTH {
        if pull.state != PullState::Merged {
            return Ok(false);
        }
        if pull.base == base {
            return Ok(true);
        }
        let Some(below) = forge.find(&pull.base).await? else {
            return Ok(false);
        };
        // What was merged into that branch after its own merge never came to the base.
        if pull.merge_commit.is_none() || pull.merge_commit.as_ref() != Some(&below.head_commit) {
            return Ok(false);
        }
        pull = below;
    }
    Ok(false)
}
