//! `batch prs close`: closes pull requests without merging them. A branch is deleted only on demand, and only where it is
//! as its run left it: what others pushed there is theirs.

use std::time::Duration;

use serde_json::Value;

use super::runs::{Runs, Whose, deliveries};
use super::tally::Tally;
use super::{choice, document};
use crate::adapters::forges::github::forge::GitHub;
use crate::adapters::forges::local::LocalForge;
use crate::cli::args::CloseArgs;
use crate::cli::exit::{Exit, Problem};
use crate::cli::forge::RunForge;
use crate::cli::session::Session;
use crate::cli::style::clean;
use crate::engine::ports::{Forge as _, Remote as _, Stop, Watch};
use crate::model::id::ObjectId;
use crate::model::pull::{Pull, PullState};

/// How long the push that deletes a branch may take, hooks included.
const DELETION: Duration = Duration::from_secs(600);

/// Closes those that are named.
///
/// # Errors
/// [`Problem`] when nothing could be begun, or the only one refused.
pub(super) async fn close(session: &Session, args: &CloseArgs) -> Result<Exit, Problem> {
    let runs = Runs::all(session)?;
    let (forge, numbers) = choice::numbered(session, &runs, &args.numbers).await?;
    let mut tally = Tally::of(session, numbers.len());
    for number in numbers {
        let closing = one(session, &runs, &forge, number.get(), args);
        tally.take(closing.await)?;
    }
    tally.end()
}

async fn one(
    session: &Session,
    runs: &Runs,
    forge: &RunForge,
    number: u64,
    args: &CloseArgs,
) -> Result<Value, Problem> {
    let pull = match forge {
        RunForge::Local(local) => here(local, number, args).await?,
        RunForge::GitHub(github) => {
            let closing = there(github, number, args);
            session.interrupts.guard(closing).await?
        }
    };
    let branch = if args.delete_branch {
        delete(session, runs, &pull).await
    } else {
        format!("its branch {} stays", pull.head)
    };
    session.say(&format!(
        "Closed #{number} {}; {branch}.",
        clean(&pull.title)
    ));
    Ok(document::of_pull(&pull))
}

async fn here(local: &LocalForge, number: u64, args: &CloseArgs) -> Result<Pull, Problem> {
    if args.comment.is_some() {
        return Err(Problem::new(
            Exit::Usage,
            "the embedded forge has no comments: --comment is for pull requests on a server",
        ));
    }
    Ok(local.close(number).await?)
}

async fn there(github: &GitHub, number: u64, args: &CloseArgs) -> Result<Pull, Problem> {
    let pull = github.get(number).await?;
    match pull.state {
        PullState::Open => {}
        PullState::Merged | PullState::Closed => {
            let words = format!("pull request #{number} is {}", pull.state);
            return Err(Problem::new(Exit::UnitFailed, words));
        }
    }
    if pull.mark.is_none() {
        let words = format!("pull request #{number} is left alone: no run of batch opened it");
        return Err(Problem::new(Exit::UnitFailed, words));
    }
    if let Some(comment) = &args.comment {
        github.comment(number, comment).await?;
    }
    Ok(github.close(number).await?)
}

/// Deletes the branch of a closed pull request; what came of that.
async fn delete(session: &Session, runs: &Runs, pull: &Pull) -> String {
    let head = &pull.head;
    let Some(whose) = runs.whose(pull) else {
        return format!("its branch {head} stays: no run here is known to have made it");
    };
    let Some(recorded) = whose.recorded() else {
        return format!("its branch {head} stays: no journal says where it was left");
    };
    match deleted(session, whose, recorded).await {
        Ok(None) => format!("its branch {head} is deleted"),
        Ok(Some(why)) => format!("its branch {head} stays: {why}"),
        Err(problem) => format!("its branch {head} stays: {}", clean(&problem.message)),
    }
}

/// Why it is still there; none when it is not.
async fn deleted(
    session: &Session,
    whose: Whose<'_>,
    recorded: &ObjectId,
) -> Result<Option<String>, Problem> {
    let branch = &whose.unit.branch;
    let deliveries = deliveries(session, whose.history).await?;
    match deliveries.head(branch).await? {
        None => Ok(None),
        Some(head) if head == *recorded => {
            let folder = session.store.run(&whose.history.run);
            let watch = Watch {
                log: folder.logs_folder().join("delete-branches.log"),
                timeout: DELETION,
                stop: Stop::default(),
            };
            deliveries.delete(branch, recorded, &watch).await?;
            Ok(None)
        }
        Some(head) => Ok(Some(format!(
            "others pushed to it, it is at {} now",
            head.short()
        ))),
    }
}
