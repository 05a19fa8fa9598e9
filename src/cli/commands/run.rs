//! `batch run` and `batch apply`: ground, plan, ask, run, report.

use crate::cli::args::{ApplyArgs, Format, PlanArgs, RunArgs};
use crate::cli::consent::{Consent, consent, no_test, plan_json};
use crate::cli::copyable;
use crate::cli::execution::Execution;
use crate::cli::exit::{Exit, Problem};
use crate::cli::forge;
use crate::cli::planning::{self, Ground, Planned};
use crate::cli::prompt::{TestAnswer, ask_test_command};
use crate::cli::session::Session;
use crate::cli::style::Look;
use crate::model::plan::TestPolicy;
use crate::model::plan_file;

/// The forge that this version can hold pull requests in.
const FORGE: &str = "local";

/// Plans a change, asks, and carries it out.
///
/// # Errors
/// [`Problem`] when it could not be begun; a failed unit is an exit code.
pub async fn run(session: &Session, args: RunArgs) -> Result<Exit, Problem> {
    planning::check_patterns(&args.change)?;
    if !args.consent.dry_run {
        session.store.is_free()?;
    }
    let remote = session.remote(args.base.remote.as_deref()).await?;
    forge::settle(session, &remote, args.pulls.forge).await?;
    let ground = Ground::find(session, remote, &args.base).await?;
    let run = session.new_run_id();
    let prefix = &args.pulls.branch_prefix;
    ground
        .check_delivery(session, &args.change.description, &run, prefix)
        .await?;
    let mut test = planning::test_policy(&args.verify, TestPolicy::Undecided);
    if !args.consent.dry_run {
        test = decide_test(test, session.look())?;
    }
    let planned = planning::plan_change(
        session,
        ground,
        &args.change,
        args.verify.setup.clone(),
        test,
    )
    .await?;
    let (plan, saved) = match consent(session, &planned, FORGE, &args.consent)? {
        Consent::Given(plan, saved) => (plan, saved),
        Consent::Withheld(exit) => return Ok(exit),
    };
    let execution = Execution {
        session,
        remote: planned.ground.remote,
        work: &args.work,
        allow_red_base: args.verify.allow_red_base,
        labels: &args.pulls.labels,
    };
    execution.begin(&run, *plan, saved, prefix).await
}

/// Carries out a plan from its file.
///
/// # Errors
/// As [`run`].
pub async fn apply(session: &Session, args: ApplyArgs) -> Result<Exit, Problem> {
    if !args.consent.dry_run {
        session.store.is_free()?;
    }
    let remote = args.remote.as_deref();
    let forge = args.pulls.forge;
    let mut planned = planning::read_plan(session, &args.plan, remote, forge, &args.verify).await?;
    let run = session.new_run_id();
    let prefix = &args.pulls.branch_prefix;
    planned
        .ground
        .check_delivery(session, &planned.plan.change.description, &run, prefix)
        .await?;
    if !args.consent.dry_run {
        planned.plan.test = decide_test(planned.plan.test, session.look())?;
    }
    let (plan, saved) = match consent(session, &planned, FORGE, &args.consent)? {
        Consent::Given(plan, saved) => (plan, saved),
        Consent::Withheld(exit) => return Ok(exit),
    };
    let execution = Execution {
        session,
        remote: planned.ground.remote,
        work: &args.work,
        allow_red_base: args.verify.allow_red_base,
        labels: &args.pulls.labels,
    };
    execution.begin(&run, *plan, saved, prefix).await
}

/// Makes a plan and writes it.
///
/// # Errors
/// [`Problem`] when there is no plan, or it cannot be written.
pub async fn plan(session: &Session, args: PlanArgs) -> Result<Exit, Problem> {
    planning::check_patterns(&args.change)?;
    let remote = session.remote(args.base.remote.as_deref()).await?;
    let ground = Ground::find(session, remote, &args.base).await?;
    let test = planning::test_policy(&args.verify, TestPolicy::Undecided);
    let Planned { plan, .. } = planning::plan_change(
        session,
        ground,
        &args.change,
        args.verify.setup.clone(),
        test,
    )
    .await?;
    let text = plan_file::write(&plan);
    match (&args.output, session.global.format) {
        (Some(path), _) => {
            std::fs::write(path, text).map_err(|error| {
                Problem::new(
                    Exit::NotReady,
                    format!("the plan cannot be written to {}: {error}", path.display()),
                )
            })?;
            session.say(&format!(
                "{} units; to run them: {}",
                plan.units.len(),
                session
                    .global
                    .line(&format!("apply {}", copyable::path(path)))
            ));
        }
        (None, Format::Text) => session.answer(&text),
        (None, Format::Json) => session.answer(&plan_json(&plan)?),
    }
    Ok(Exit::Done)
}

/// Asks for a test command where none was given and somebody can be asked.
fn decide_test(test: TestPolicy, look: Look) -> Result<TestPolicy, Problem> {
    match test {
        TestPolicy::Command(_) | TestPolicy::None => Ok(test),
        TestPolicy::Undecided => match ask_test_command(None, look) {
            TestAnswer::Command(command) => Ok(TestPolicy::Command(command)),
            TestAnswer::NoTest => Ok(TestPolicy::None),
            TestAnswer::NotAsked => Err(no_test()),
            TestAnswer::Interrupted => Err(Problem::new(
                Exit::Interrupted,
                "interrupted; nothing was changed",
            )),
        },
    }
}
