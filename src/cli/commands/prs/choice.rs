//! Which pull requests a verb is for: those that are numbered, or all open ones of a run; and the forge that has them.

use std::num::NonZeroU64;

use super::runs::{Runs, numbers_of};
use crate::cli::args::{ChosenPulls, Format};
use crate::cli::exit::{Exit, Problem};
use crate::cli::forge::{self, RunForge};
use crate::cli::session::Session;
use crate::engine::ports::{Forge as _, Stop};
use crate::model::pull::PullState;

/// The forge, and the numbers there, each once.
///
/// # Errors
/// [`Problem`] when there is no such run, or its forge cannot be asked.
pub(super) async fn of(
    session: &Session,
    runs: &Runs,
    chosen: &ChosenPulls,
) -> Result<(RunForge, Vec<NonZeroU64>), Problem> {
    if !chosen.all {
        return numbered(session, runs, &chosen.numbers).await;
    }
    let history = Runs::one(session, chosen.run.as_deref())?;
    let forge = forge::of_run(session, &history, &Stop::default()).await?;
    let open: Vec<u64> = match &forge {
        RunForge::Local(local) => {
            let pulls = local.list().await?.into_iter();
            let ours = pulls.filter(|pull| pull.run() == Some(&history.run));
            let open = ours.filter(|pull| pull.state == PullState::Open);
            open.map(|pull| pull.number).collect()
        }
        RunForge::GitHub(github) => {
            let numbers = numbers_of(&history);
            let asked = async { Ok(github.standings(&numbers).await?) };
            let standings = session.interrupts.guard(asked).await?.into_iter();
            let open = standings.filter(|standing| standing.pull.state == PullState::Open);
            open.map(|standing| standing.pull.number).collect()
        }
    };
    let numbers = open.into_iter().filter_map(NonZeroU64::new).collect();
    Ok((forge, numbers))
}

/// The forge of these.
///
/// # Errors
/// [`Problem`] when it cannot be spoken to.
pub(super) async fn numbered(
    session: &Session,
    runs: &Runs,
    numbers: &[NonZeroU64],
) -> Result<(RunForge, Vec<NonZeroU64>), Problem> {
    let mut each = Vec::with_capacity(numbers.len());
    for number in numbers {
        if !each.contains(number) {
            each.push(*number);
        }
    }
    let plain: Vec<u64> = each.iter().map(|number| number.get()).collect();
    let forge = runs.forge_of(session, &plain).await?;
    Ok((forge, each))
}

/// Says that no pull request is open.
///
/// # Errors
/// None: nothing to do is no failure.
#[expect(clippy::unnecessary_wraps, reason = "it is the end of a command")]
pub(super) fn nothing(session: &Session) -> Result<Exit, Problem> {
    session.say("No pull request of this run is open.");
    if session.global.format == Format::Json {
        session.answer("[]\n");
    }
    Ok(Exit::Done)
}
