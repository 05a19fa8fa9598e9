//! `batch apply`: a plan from its file, on the commit that it names; then as `batch run` goes on.

use crate::cli::agents;
use crate::cli::args::ApplyArgs;
use crate::cli::commands::run::ask_and_carry_out;
use crate::cli::exit::{Exit, Problem};
use crate::cli::plan_reading::read_plan;
use crate::cli::session::Session;
use crate::cli::verification;

/// Reads a plan, asks, and carries it out.
///
/// # Errors
/// [`Problem`] when it could not be begun; a failed unit is an exit code.
pub async fn apply(session: &Session, args: ApplyArgs) -> Result<Exit, Problem> {
    let ApplyArgs {
        plan: path,
        agent,
        remote,
        carrying,
        otherwise,
    } = args;
    session.texts()?;
    if !carrying.consent.dry_run {
        session.store.is_free()?;
    }
    let (mut planned, destination) =
        read_plan(session, &path, remote.as_deref(), &carrying).await?;
    let run = session.new_run_id();
    let plan = &mut planned.plan;
    agents::fill(plan, &otherwise);
    agents::overrule(plan, &agent);
    verification::fill(plan, &otherwise);
    let prefix = &carrying.pulls.branch_prefix;
    planned
        .ground
        .check_delivery(
            session,
            &destination,
            &plan.change.description,
            &run,
            prefix,
        )
        .await?;
    plan.test = verification::decide_test(
        session,
        plan.test.clone(),
        &carrying.consent,
        &plan.base.commit,
    )
    .await?;
    ask_and_carry_out(session, &run, planned, destination, &carrying).await
}
