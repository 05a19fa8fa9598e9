//! [`Head`]: whether a pull request's branch is where its run left it, and [`Heads`], which finds out how many commits
//! others put there.

use super::runs::Whose;
use crate::adapters::git::repository::GitRepository;
use crate::cli::exit::{Exit, Problem};
use crate::cli::session::Session;
use crate::model::history::History;
use crate::model::id::ObjectId;
use crate::model::pull::{Pull, PullState};
use crate::model::standing::Standing;

/// Whose commit a branch is at.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Head {
    /// The one that its run left it at.
    Ours,
    /// Another one, so many commits on top of that.
    OnTop(u64),
    /// Another one, that does not hold that or of which it is not known.
    Moved,
    /// No journal here knows.
    Unknown,
}

/// Finds out.
pub(super) struct Heads<'a> {
    session: &'a Session,
    repository: GitRepository,
}

impl<'a> Heads<'a> {
    /// In the session's repository.
    pub(super) fn new(session: &'a Session) -> Self {
        Self {
            session,
            repository: GitRepository::new(&session.place),
        }
    }

    /// Of one; fetches the branch where others pushed to it.
    pub(super) async fn of(&self, standing: &Standing, whose: Option<Whose<'_>>) -> Head {
        let pull = &standing.pull;
        let Some(whose) = whose else {
            return Head::Unknown;
        };
        let Some(recorded) = whose.recorded() else {
            return Head::Unknown;
        };
        if *recorded == pull.head_commit {
            return Head::Ours;
        }
        match pull.state {
            PullState::Open => {}
            PullState::Merged | PullState::Closed => return Head::Moved,
        }
        self.on_top(whose, recorded, pull)
            .await
            .map_or(Head::Moved, Head::OnTop)
    }

    /// How many commits `head` has on top of `recorded`; none where that is not so, or cannot be told.
    pub(super) async fn on_top(
        &self,
        whose: Whose<'_>,
        recorded: &ObjectId,
        pull: &Pull,
    ) -> Option<u64> {
        let head = &pull.head_commit;
        bring(self.session, whose.history, pull).await.ok()?;
        let above = self.repository.ahead(recorded, head).await.ok()?;
        above.filter(|&commits| commits > 0)
    }
}

/// Sees to it that the head of a pull request is in this repository.
///
/// # Errors
/// [`Problem`] when it cannot be fetched.
pub(super) async fn bring(
    session: &Session,
    history: &History,
    pull: &Pull,
) -> Result<(), Problem> {
    let remote = session.remote_of(history).await?;
    // Where the branch is in a fork, the server has it under the pull request's number.
    let refs = [
        format!("refs/heads/{}", pull.head),
        format!("refs/pull/{}/head", pull.number),
    ];
    let fetching = async {
        let place = &session.place;
        Ok(place.bring(&remote, &refs, &pull.head_commit).await?)
    };
    if session.interrupts.guard(fetching).await? {
        return Ok(());
    }
    Err(Problem::new(
        Exit::NotReady,
        format!(
            "commit {} of pull request {} could not be fetched",
            pull.head_commit.short(),
            pull.number
        ),
    ))
}
