//! `batch resume`: goes on with a run that was interrupted or whose process died, from what is true on the remote, at the
//! forge, in the repository and in the journal. What failed is left to `batch rerun`.

use crate::adapters::git::repository::GitRepository;
use crate::adapters::journal;
use crate::adapters::run_folder::RunFolder;
use crate::cli::aftermath;
use crate::cli::agents;
use crate::cli::args::ResumeArgs;
use crate::cli::closing;
use crate::cli::execution::Execution;
use crate::cli::exit::{Exit, Problem};
use crate::cli::findings::Findings;
use crate::cli::forge::{self, Destination};
use crate::cli::plan_reading::reread_plan;
use crate::cli::recovery;
use crate::cli::rights;
use crate::cli::session::Session;
use crate::cli::verification;
use crate::engine::ports::Stop;
use crate::model::counted::counted;
use crate::model::history::History;
use crate::model::outcome::Outcome;

/// Goes on with a run. Does not ask again, but for what a canary keeps back.
///
/// # Errors
/// [`Problem`] when there is no such run, it goes on already, or could not be gone on with.
pub async fn resume(session: &Session, args: ResumeArgs) -> Result<Exit, Problem> {
    let folder = wanted(session, args.run.as_deref()).await?;
    let history = journal::history(&folder.journal())?;
    if history.ended.is_some() && history.open().next().is_none() {
        return nothing_to_do(session, &folder, &history);
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
    if history.ended.is_some() {
        // It ended in order: there may be nothing that could be done, and then nothing is written.
        let findings = look(session, &execution, &history).await?;
        if findings.resumption(&history, false).is_idle() {
            return nothing_to_do(session, &folder, &history);
        }
    }
    let lock = session.store.lock(folder.run())?;
    // Another process may have had it until now.
    let history = journal::history(&folder.journal())?;
    let exit = go_on(session, &args, &execution, &folder, history).await;
    drop(lock);
    exit
}

async fn go_on(
    session: &Session,
    args: &ResumeArgs,
    execution: &Execution<'_>,
    folder: &RunFolder,
    history: History,
) -> Result<Exit, Problem> {
    aftermath::clear(session, &history).await?;
    if history.open().next().is_none() {
        session.say(&format!(
            "Every unit of run {} had ended when it was cut off; it is concluded now.",
            folder.run()
        ));
        return execution.conclude(folder, history).await;
    }
    rights::still_there(session, &history).await?;
    let mut plan = reread_plan(&folder.plan())?;
    verification::overrule(&mut plan, &args.verify);
    agents::overrule(&mut plan, &args.agent);
    let committer = async { Ok(session.place.knows_committer().await?) };
    session.interrupts.guard(committer).await?;
    let findings = look(session, execution, &history).await?;
    let test_again = args.verify.test.is_some();
    let go = execution.resume(folder, plan, history, &findings, test_again, args.yes);
    go.await
}

async fn look(
    session: &Session,
    execution: &Execution<'_>,
    history: &History,
) -> Result<Findings, Problem> {
    let forge = forge::of_run(session, history, &Stop::default()).await?;
    let remote = execution.deliveries();
    let repository = GitRepository::new(&session.place);
    let looking = Findings::look(history, &forge, &remote, &repository);
    session.interrupts.guard(looking).await
}

/// The run that is named, else the last one that was interrupted or cut off, else the last one.
async fn wanted(session: &Session, named: Option<&str>) -> Result<RunFolder, Problem> {
    if let Some(folder) = recovery::recovered(session, named).await? {
        return Ok(folder);
    }
    let last = session.store.find(named)?;
    if named.is_some() {
        return Ok(last);
    }
    for run in session.store.runs()?.iter().rev() {
        let folder = session.store.run(run);
        // What cannot be read is named where it is the last one; an older one is nobody's wish.
        let history = journal::history(&folder.journal());
        if history.is_ok_and(|history| was_left(&history)) {
            return Ok(folder);
        }
    }
    Ok(last)
}

/// Whether the run was interrupted or cut off, and not taken up since.
fn was_left(history: &History) -> bool {
    history.ended.is_none() || (history.interrupted && history.open().next().is_some())
}

fn nothing_to_do(
    session: &Session,
    folder: &RunFolder,
    history: &History,
) -> Result<Exit, Problem> {
    session.say(&format!("Nothing to do: run {} has ended.", folder.run()));
    let failed = |outcome: &Option<Outcome>| outcome.as_ref().is_some_and(Outcome::wants_rerun);
    let failed = history.units.iter().filter(|unit| failed(&unit.outcome));
    match failed.count() {
        0 => {}
        count => session.say(&format!(
            "{} failed or cancelled; to take up what did not get done: {}",
            match count {
                1 => "1 unit is".to_owned(),
                count => format!("{} are", counted(count, "unit")),
            },
            session.global.line(&format!("rerun {}", folder.run()))
        )),
    }
    closing::nothing_done(session, folder)
}
