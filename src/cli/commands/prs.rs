//! `batch prs`: the pull requests of a run, followed from the list to the merge. A file a verb.

use crate::cli::args::PrsCommand;
use crate::cli::exit::{Exit, Problem};
use crate::cli::session::Session;

mod adopt;
mod choice;
mod close;
mod comment;
mod document;
mod heads;
mod list;
mod local_rows;
mod merge;
mod publish;
mod rows;
mod runs;
mod show;
mod tally;
mod update;
mod waiting;

/// Carries out one of the `prs` commands.
///
/// # Errors
/// [`Problem`] when it could not be begun, or what it was asked for was refused.
pub async fn prs(session: &Session, command: PrsCommand) -> Result<Exit, Problem> {
    match command {
        PrsCommand::List(args) => list::list(session, &args).await,
        PrsCommand::Show { number } => show::show(session, number).await,
        PrsCommand::Merge(args) => merge::merge(session, &args).await,
        PrsCommand::Publish(args) => publish::publish(session, &args).await,
        PrsCommand::Update(args) => update::update(session, *args).await,
        PrsCommand::Comment(args) => comment::comment(session, &args).await,
        PrsCommand::Close(args) => close::close(session, &args).await,
        PrsCommand::Adopt { run } => adopt::adopt(session, run.as_deref()).await,
    }
}
