//! `batch stop`: ends the run that another process works on, or some of its units, and says what became of them.

use std::time::Duration;

use crate::adapters::journal;
use crate::adapters::run_folder::RunFolder;
use crate::cli::args::{Format, StopArgs};
use crate::cli::asking::{Going, Heard, Interrupted, pause};
use crate::cli::exit::{Exit, Problem};
use crate::cli::session::Session;
use crate::cli::units;
use crate::model::control::{Answer, Doing, Wish};
use crate::model::history::History;
use crate::model::id::UnitId;
use crate::model::report::closing_sentence;

mod told;

use self::told::Told;

/// How often what became of units is looked at: the journal is read for it.
const LOOK: Duration = Duration::from_millis(200);

/// Stops, and waits until it is so.
///
/// # Errors
/// [`Problem`] when there is no such run or unit, or its process cannot be asked.
pub async fn stop(session: &Session, args: StopArgs) -> Result<Exit, Problem> {
    let wanted = args.run.as_deref();
    let wanted = wanted
        .map(|run| session.store.find(Some(run)))
        .transpose()?;
    let going = Going::find(session).await?;
    let going = going.filter(|going| {
        wanted
            .as_ref()
            .is_none_or(|wanted| wanted.run() == going.run())
    });
    let Some(going) = going else {
        return nothing(session, wanted.as_ref(), &args.units);
    };
    let before = going.history()?;
    units::known(&before, &args.units)?;
    let wish = Wish::Stop {
        units: args.units.clone(),
        now: args.now,
    };
    match going.ask(session, wish).await? {
        Heard::Answer(Answer::UnitsStopped { units }) => {
            units_stop(session, &going, &before, units, args.no_wait).await
        }
        Heard::Answer(Answer::Stopping) if args.no_wait => {
            session.say(&format!("Run {} is told to stop.", going.run()));
            let told = Told::of_run(&before, true);
            Ok(answer(session, &told))
        }
        Heard::Answer(Answer::Stopping | Answer::Ending) => run_ends(session, &going).await,
        Heard::Gone => over(session, &going),
        Heard::Answer(Answer::NotUnderstood { why }) => Err(going.misunderstood(&why)),
        Heard::Answer(Answer::Requeued { .. } | Answer::Missing { .. }) => {
            Err(going.misunderstood("it put units back in the queue"))
        }
        Heard::Interrupted => Err(no_longer_waits(&going)),
    }
}

/// Waits until the run has ended.
async fn run_ends(session: &Session, going: &Going) -> Result<Exit, Problem> {
    let mut said = false;
    while !going.is_over(session)? {
        if !said {
            session.say(&format!("Waiting for run {} to end.", going.run()));
            said = true;
        }
        if let Err(Interrupted) = pause(session).await {
            return Err(no_longer_waits(going));
        }
    }
    over(session, going)
}

/// Says what became of a run whose process has ended.
fn over(session: &Session, going: &Going) -> Result<Exit, Problem> {
    let history = going.history()?;
    let again = if history.interrupted || history.ended.is_none() {
        "resume"
    } else {
        "rerun"
    };
    let line = session.global.line(&format!("{again} {}", going.run()));
    if history.ended.is_none() {
        let why = format!(
            "the process of run {} died before it had ended it",
            going.run()
        );
        return Err(Problem::new(Exit::UnitFailed, why).hint(format!("to go on: {line}")));
    }
    session.say(&format!("Run {} has ended.", going.run()));
    let told = Told::of_run(&history, false);
    let said = answer(session, &told);
    if history.unfinished().next().is_some() {
        session.say(&format!("To go on: {line}"));
    }
    Ok(said)
}

/// Waits until these units have ended.
async fn units_stop(
    session: &Session,
    going: &Going,
    before: &History,
    units: Vec<(UnitId, Doing)>,
    no_wait: bool,
) -> Result<Exit, Problem> {
    let mut told = Told::of_units(before, units);
    told.look(&going.history()?);
    let mut said = false;
    while !no_wait && told.is_open() && !going.is_over(session)? {
        if !said {
            session.say(&told.waiting());
            said = true;
        }
        if let Err(Interrupted) = wait(session, LOOK).await {
            return Err(no_longer_waits(going));
        }
        told.look(&going.history()?);
    }
    // Its process may have ended after the last look.
    told.look(&going.history()?);
    told.goes_on = !going.is_over(session)?;
    Ok(answer(session, &told))
}

async fn wait(session: &Session, time: Duration) -> Result<(), Interrupted> {
    let until = tokio::time::Instant::now() + time;
    while tokio::time::Instant::now() < until {
        pause(session).await?;
    }
    Ok(())
}

/// Says that there is nothing to stop.
fn nothing(
    session: &Session,
    wanted: Option<&RunFolder>,
    units: &[UnitId],
) -> Result<Exit, Problem> {
    let Some(folder) = wanted else {
        session.say("Nothing to do: no run goes on in this repository.");
        return Ok(answer(session, &Told::nothing()));
    };
    let history = journal::history(&folder.journal())?;
    units::known(&history, units)?;
    let how = match history.ended {
        Some(_) => closing_sentence(&history),
        None => "it was cut off, and no process works on it".to_owned(),
    };
    session.say(&format!(
        "Nothing to do: run {} does not go on; {how}.",
        folder.run()
    ));
    Ok(answer(session, &Told::of_run(&history, false)))
}

fn answer(session: &Session, told: &Told) -> Exit {
    match session.global.format {
        Format::Json => session.answer(&format!("{:#}\n", told.document())),
        Format::Text => session.answer(&told.text()),
    }
    Exit::Done
}

fn no_longer_waits(going: &Going) -> Problem {
    let why = format!(
        "not waited for any longer; run {} is still told to stop",
        going.run()
    );
    Problem::new(Exit::Interrupted, why)
}
