//! What agents did outside of their worktrees while a run went on: looked at before and after, and told as warnings.

use crate::adapters::agents::outside::{self, Outside};
use crate::adapters::git::git::Git;
use crate::cli::exit::Problem;
use crate::engine::recorder::Recorder;
use crate::model::event::Event;

/// How the repository and the checkout are before agents work; where that cannot be seen, the run goes on without.
pub(super) async fn look_outside(
    git: &Git,
    recorder: &mut Recorder,
) -> Result<Option<Outside>, Problem> {
    match Outside::look(git).await {
        Ok(before) => Ok(Some(before)),
        Err(error) => {
            let text = format!("what agents do outside the worktrees will not be noticed: {error}");
            recorder.record(Event::Warning { unit: None, text })?;
            Ok(None)
        }
    }
}

/// Tells what changed in the repository and the checkout while agents were at work. Others share both, so it may have
/// been anyone, and nothing of it is undone.
pub(super) async fn tell_outside(
    before: &Outside,
    git: &Git,
    recorder: &mut Recorder,
) -> Result<(), Problem> {
    let changes = match Outside::look(git).await {
        Ok(after) => {
            let units = &recorder.history.units;
            let ours = |name: &str| {
                let branch = name.strip_prefix("refs/heads/");
                branch.is_some_and(|branch| units.iter().any(|unit| unit.branch == branch))
            };
            outside::compare(before, &after, &ours)
        }
        Err(error) => vec![error.to_string()],
    };
    for change in changes {
        let text = format!("outside the worktrees, while agents worked: {change}");
        recorder.record(Event::Warning { unit: None, text })?;
    }
    Ok(())
}
