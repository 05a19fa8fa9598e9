//! `batch rerun`: the failed and cancelled units of a run again, as new attempts within its history.

use crate::adapters::journal;
use crate::cli::aftermath;
use crate::cli::agents;
use crate::cli::args::RerunArgs;
use crate::cli::asking::Going;
use crate::cli::closing;
use crate::cli::execution::Execution;
use crate::cli::exit::{Exit, Problem};
use crate::cli::forge::Destination;
use crate::cli::plan_reading::reread_plan;
use crate::cli::rights;
use crate::cli::session::Session;
use crate::cli::units;
use crate::cli::verification;
use crate::model::foundation::{in_words, missing_before};
use crate::model::history::History;
use crate::model::id::UnitId;

mod on_top;
mod requeue;

/// Takes up what did not get done. Does not ask again.
///
/// # Errors
/// [`Problem`] when there is no such run or unit, or it could not be begun.
pub async fn rerun(session: &Session, args: RerunArgs) -> Result<Exit, Problem> {
    session.texts()?;
    let folder = session.store.find(args.run.as_deref())?;
    let going = Going::find(session).await?;
    if let Some(going) = going.filter(|going| going.run() == folder.run()) {
        return requeue::requeue(session, &going, args).await;
    }
    let lock = session.store.lock(folder.run())?;
    let mut history = journal::history(&folder.journal())?;
    let units = chosen(&history, &args.units)?;
    refuse_without_those_before(session, &history, &units)?;
    aftermath::clear(session, &history).await?;
    let cut_off = history.ended.is_none() && history.unfinished().next().is_none();
    if units.is_empty() && !cut_off {
        session.say(&format!(
            "Nothing to do: run {} has no failed or cancelled unit.",
            folder.run()
        ));
        return closing::nothing_done(session, &folder);
    }
    let destination = Destination::of_run(&history)?;
    destination.take_stack(args.work.stack)?;
    let execution = Execution {
        session,
        remote: session.remote_of(&history).await?,
        destination,
        work: &args.work,
        allow_red_base: args.verify.allow_red_base,
        pulls: args.wishes.replacing(&history.pulls),
    };
    if cut_off {
        session.say(&format!(
            "Every unit of run {} had ended when it was cut off; it is concluded now.",
            folder.run()
        ));
        return execution.conclude(&folder, history).await;
    }
    rights::still_there(session, &history).await?;
    let mut plan = reread_plan(&folder.plan())?;
    verification::overrule(&mut plan, &args.verify);
    agents::overrule(&mut plan, &args.agent);
    let committer = async { Ok(session.place.knows_committer().await?) };
    session.interrupts.guard(committer).await?;
    if args.on_top {
        on_top::begin(session, &plan, &mut history, &units).await?;
    }
    let exit = execution
        .again(&folder, plan, history, units, args.note)
        .await;
    drop(lock);
    exit
}

/// The units to take up: those named, else all that are unfinished.
fn chosen(history: &History, named: &[UnitId]) -> Result<Vec<UnitId>, Problem> {
    let unfinished: Vec<UnitId> = history.unfinished().map(|unit| unit.id.clone()).collect();
    if named.is_empty() {
        return Ok(unfinished);
    }
    units::known(history, named)?;
    Ok(unfinished
        .into_iter()
        .filter(|id| named.contains(id))
        .collect())
}

/// Refuses units that wait for others which are not done and were not named: what they start from is not there.
fn refuse_without_those_before(
    session: &Session,
    history: &History,
    units: &[UnitId],
) -> Result<(), Problem> {
    let missing = missing_before(units, history);
    if missing.is_empty() {
        return Ok(());
    }
    let ids = || missing.iter().map(|unit| &unit.id);
    let are = if missing.len() == 1 { "is" } else { "are" };
    let why = format!(
        "{} cannot start: {} must be done first, and {are} not",
        in_words(units),
        in_words(ids())
    );
    let mut line = format!("rerun {}", history.run);
    for id in ids().chain(units) {
        line.push_str(&format!(" --unit {id}"));
    }
    let hint = format!("take them up together: {}", session.global.line(&line));
    Err(Problem::new(Exit::Usage, why).hint(hint))
}
