//! Which forge holds the pull requests: by `--forge`, or by the remote's address.

use crate::adapters::forges::local::LocalForge;
use crate::adapters::git::{RemoteChoice, RemoteKind};
use crate::cli::args::ForgeChoice;
use crate::cli::exit::{Exit, Problem};
use crate::cli::session::Session;

/// The forge that holds the pull requests of the session's repository.
#[must_use]
pub fn of(session: &Session) -> LocalForge {
    LocalForge::new(&session.place.common_dir, session.clock.clone())
}

/// What `--forge local` means, for hints.
const LOCAL: &str = "--forge local pushes the branches and keeps the pull requests in this repository; `batch prs` shows and merges them";

/// Settles on the local forge, or says why another is wanted and cannot be had.
///
/// # Errors
/// [`Problem`] when the pull requests belong on a server that this version cannot speak to.
pub async fn settle(
    session: &Session,
    remote: &RemoteChoice,
    choice: ForgeChoice,
) -> Result<(), Problem> {
    match choice {
        ForgeChoice::Local => Ok(()),
        ForgeChoice::Github => Err(Problem::new(
            Exit::NotReady,
            "GitHub is not supported by this version yet",
        )
        .hint(LOCAL)),
        ForgeChoice::Auto => {
            let kind = session
                .interrupts
                .guard(async { Ok(session.place.remote_kind(remote).await?) })
                .await?;
            match kind {
                RemoteKind::Here | RemoteKind::Path => Ok(()),
                RemoteKind::Server(server) => Err(Problem::new(
                    Exit::NotReady,
                    format!(
                        "the remote {} is at {}, where this version cannot open pull requests yet",
                        remote.name().unwrap_or("origin"),
                        server.host
                    ),
                )
                .hint(LOCAL)),
            }
        }
    }
}
