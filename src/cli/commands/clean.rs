//! `batch clean`: removes what finished runs left, where nothing is lost by it, and says why it keeps the rest.
//!
//! What is true of each run is `facts`', what follows from it `engine::cleaning`'s, doing it `removal`'s.

use crate::cli::args::CleanArgs;
use crate::cli::exit::{Exit, Problem};
use crate::cli::session::Session;
use crate::engine::cleaning::decide;

mod facts;
mod leavings;
mod removal;
mod safety;
mod shown;
mod standing;
mod worktrees;

/// Cleans up, or with `--dry-run` says what it would do.
///
/// # Errors
/// [`Problem`] when there is no such run, the repository cannot be read, or the user stopped it.
pub async fn clean(session: &Session, args: &CleanArgs) -> Result<Exit, Problem> {
    let facts = facts::Facts::gather(session, args).await?;
    let decisions = facts.runs.iter().flat_map(|run| decide(run, args.force));
    let decisions = decisions.collect();
    let leavings = if args.runs.is_empty() && args.older_than.is_none() {
        leavings::find(session, &facts)
    } else {
        Vec::new()
    };
    let came = if args.dry_run {
        removal::Came::planned(decisions, leavings)
    } else {
        removal::carry_out(session, &facts, decisions, leavings).await?
    };
    shown::show(session, args, &facts, &came);
    Ok(if came.has_failures() {
        Exit::NotReady
    } else {
        Exit::Done
    })
}
