//! `batch run`: ground, plan, ask, run, report.

use crate::cli::agents;
use crate::cli::args::{CarryingArgs, RunArgs};
use crate::cli::consent::{Agreed, Consent, consent};
use crate::cli::execution::{Execution, First};
use crate::cli::exit::{Exit, Problem};
use crate::cli::forge::Destination;
use crate::cli::ground::Ground;
use crate::cli::planning::{self, Planned};
use crate::cli::rights;
use crate::cli::session::Session;
use crate::cli::verification;
use crate::model::id::RunId;
use crate::model::plan::TestPolicy;

/// Plans a change, asks, and carries it out.
///
/// # Errors
/// [`Problem`] when it could not be begun; a failed unit is an exit code.
pub async fn run(session: &Session, args: RunArgs) -> Result<Exit, Problem> {
    let RunArgs {
        change,
        base,
        carrying,
    } = args;
    planning::check_patterns(&change)?;
    session.texts()?;
    if !carrying.consent.dry_run {
        session.store.is_free()?;
    }
    let remote = session.remote(base.remote.as_deref()).await?;
    let destination = rights::settled(session, &remote, &carrying).await?;
    let ground = Ground::find(session, remote, &base).await?;
    let run = session.new_run_id();
    let prefix = &carrying.pulls.branch_prefix;
    ground
        .check_delivery(session, &destination, &change.description, &run, prefix)
        .await?;
    let test = verification::test_policy(&carrying.verify, TestPolicy::Undecided);
    let test =
        verification::decide_test(session, test, &carrying.consent, &ground.base.base.commit)
            .await?;
    let setup = carrying.verify.setup.clone();
    let planned = planning::plan_change(
        session,
        ground,
        &change,
        setup,
        test,
        carrying.work.cap(),
        carrying.work.worktrees.as_deref(),
    )
    .await?;
    ask_and_carry_out(session, &run, planned, destination, &carrying).await
}

/// The last part of every first run: asks about the plan and, after a yes, carries it out.
///
/// # Errors
/// As [`run`].
pub(super) async fn ask_and_carry_out(
    session: &Session,
    run: &RunId,
    mut planned: Planned,
    destination: Destination,
    args: &CarryingArgs,
) -> Result<Exit, Problem> {
    agents::settle(session, &mut planned.plan).await?;
    let Agreed {
        mut plan,
        opened,
        canary,
        saved,
    } = match consent(session, &planned, &destination, args)? {
        Consent::Given(agreed) => *agreed,
        Consent::Withheld(exit) => return Ok(exit),
    };
    if plan != planned.plan {
        agents::settle(session, &mut plan).await?;
    }
    let execution = Execution {
        session,
        remote: planned.ground.remote,
        destination: rights::with_fork(session, destination).await?,
        work: &args.work,
        allow_red_base: args.verify.allow_red_base,
        pulls: Some(opened.settle(args.pulls.wishes.wishes())),
    };
    let prefix = &args.pulls.branch_prefix;
    let first = First {
        units: canary,
        given: args.consent.yes,
    };
    execution.begin(run, plan, saved, prefix, first).await
}
