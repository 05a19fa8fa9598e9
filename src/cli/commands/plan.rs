//! `batch plan`: research alone; the plan as a file, or as the answer.

use crate::cli::args::{Format, PlanArgs};
use crate::cli::consent::plan_json;
use crate::cli::copyable;
use crate::cli::exit::{Exit, Problem};
use crate::cli::ground::Ground;
use crate::cli::planning;
use crate::cli::session::Session;
use crate::cli::style::clean;
use crate::cli::verification;
use crate::model::counted::counted;
use crate::model::plan::TestPolicy;
use crate::model::plan_file;
use crate::model::spend::Allowance;

/// Makes a plan and writes it.
///
/// # Errors
/// [`Problem`] when there is no plan, or it cannot be written.
pub async fn plan(session: &Session, args: PlanArgs) -> Result<Exit, Problem> {
    planning::check_patterns(&args.change)?;
    let remote = session.remote(args.base.remote.as_deref()).await?;
    let ground = Ground::find(session, remote, &args.base).await?;
    let test = verification::test_policy(&args.verify, TestPolicy::Undecided);
    let setup = args.verify.setup.clone();
    let planned = planning::plan_change(
        session,
        ground,
        &args.change,
        setup,
        test,
        Allowance::default(),
        None,
    )
    .await?;
    if let Some(advice) = &planned.advice {
        session.say(&format!("note: {}", clean(&advice.note())));
    }
    let plan = planned.plan;
    let text = plan_file::write(&plan);
    match (&args.output, session.global.format) {
        (Some(path), _) => {
            std::fs::write(path, text).map_err(|error| {
                let path = path.display();
                let words = format!("the plan cannot be written to {path}: {error}");
                Problem::new(Exit::NotReady, words)
            })?;
            let apply = format!("apply {}", copyable::path(path));
            session.say(&format!(
                "{}; to run {}: {}",
                counted(plan.units.len(), "unit"),
                if plan.units.len() == 1 { "it" } else { "them" },
                session.global.line(&apply)
            ));
        }
        (None, Format::Text) => session.answer(&text),
        (None, Format::Json) => session.answer(&plan_json(&plan)?),
    }
    Ok(Exit::Done)
}
