//! Merges a pull request of the embedded forge into its base branch, as a server would: in memory, by a push. One that is
//! stacked on another is merged after it, and then into the branch that the other was merged into.

use std::num::NonZeroU64;

use super::stacked_on;
use crate::adapters::forges::local::LocalForge;
use crate::adapters::git::RemoteChoice;
use crate::adapters::git::remote::Deliveries;
use crate::adapters::git::repository::GitRepository;
use crate::adapters::journal;
use crate::cli::exit::{Exit, Problem};
use crate::cli::session::Session;
use crate::cli::style::clean;
use crate::engine::ports::{Forge, Merged, Remote, Repository, Stop, Watch};
use crate::model::pull::{Pull, PullState};

/// How long the push of a merge may take, hooks included.
const MERGE_PUSH: std::time::Duration = std::time::Duration::from_secs(600);

/// Merges one.
///
/// # Errors
/// [`Problem`] when it is not open, stands on one that is not merged, its branch moved, or it conflicts.
pub(super) async fn merge(
    session: &Session,
    forge: &LocalForge,
    number: NonZeroU64,
) -> Result<Pull, Problem> {
    let pull = forge.pull(number.get()).await?;
    match pull.state {
        PullState::Open => {}
        PullState::Merged | PullState::Closed => {
            return Err(refused(number, &format!("it is {}", pull.state)));
        }
    }
    let pull = off_the_stack(session, forge, number, pull).await?;
    let Some(mark) = pull.mark.clone() else {
        return Err(refused(number, "no run of batch opened it"));
    };
    let folder = session.store.run(&mark.run);
    let history = journal::history(&folder.journal())?;
    let remote = session.remote_of(&history).await?;
    let repository = GitRepository::new(&session.place);
    if remote == RemoteChoice::Here {
        refuse_where_checked_out(&repository, number, &pull).await?;
    }
    let base = session.place.base(&remote, Some(&pull.base)).await?;
    let base = base.base.commit;
    let deliveries = Deliveries::new(&session.place, remote);
    refuse_where_moved(&deliveries, number, &pull).await?;
    // A merge that was cut off between its push and its record, or one by hand.
    if repository.holds(&base, &pull.head_commit).await? {
        let merged = forge.record_merge(number.get(), None).await?;
        session.say(&format!(
            "#{number} {} is in {} already; it is recorded as merged.",
            clean(&pull.title),
            pull.base
        ));
        return Ok(merged);
    }
    let message = format!(
        "Merge pull request #{number} from {}\n\n{}\n",
        pull.head, pull.title
    );
    let commit = match repository.merge(&base, &pull.head_commit, &message).await? {
        Merged::Clean(commit) => commit,
        Merged::Conflict(paths) => {
            let paths: Vec<String> = paths.iter().map(ToString::to_string).collect();
            let why = format!("it conflicts with {} in {}", pull.base, paths.join(", "));
            return Err(refused(number, &why));
        }
    };
    let logs = folder.logs_folder().join(mark.unit.as_str());
    let watch = Watch {
        log: logs.join("merge.log"),
        timeout: MERGE_PUSH,
        stop: Stop::default(),
    };
    deliveries
        .push(&commit, &pull.base, Some(&base), None, &watch)
        .await?;
    let merged = forge
        .record_merge(number.get(), Some(commit.clone()))
        .await?;
    session.say(&format!(
        "Merged #{number} {} into {} as {}.",
        clean(&pull.title),
        pull.base,
        commit.short()
    ));
    Ok(merged)
}

/// Without a remote the merge would move the branch below somebody's files.
async fn refuse_where_checked_out(
    repository: &GitRepository,
    number: NonZeroU64,
    pull: &Pull,
) -> Result<(), Problem> {
    let Some(place) = repository.checked_out_at(&pull.base).await? else {
        return Ok(());
    };
    let why = format!(
        "there is no remote, and its base {} is checked out in {}",
        pull.base,
        place.display()
    );
    let hint = format!("merge it there with git: git merge {}", pull.head);
    Err(refused(number, &why).hint(hint))
}

/// What is merged is the commit that was tested, and nothing that came to the branch since.
async fn refuse_where_moved(
    deliveries: &Deliveries,
    number: NonZeroU64,
    pull: &Pull,
) -> Result<(), Problem> {
    let branch = &pull.head;
    let why = match deliveries.head(branch).await? {
        Some(head) if head == pull.head_commit => return Ok(()),
        Some(head) => format!(
            "its branch {branch} moved to {} since it was tested",
            head.short()
        ),
        None => format!("its branch {branch} is gone"),
    };
    Err(refused(number, &why))
}

fn refused(number: NonZeroU64, why: &str) -> Problem {
    Problem::new(
        Exit::UnitFailed,
        format!("pull request {number} cannot be merged: {why}"),
    )
}

/// The pull request as it is once the one below it is merged, if it is stacked on one.
async fn off_the_stack(
    session: &Session,
    forge: &LocalForge,
    number: NonZeroU64,
    pull: Pull,
) -> Result<Pull, Problem> {
    let Some(below) = forge.find(&pull.base).await? else {
        return Ok(pull);
    };
    let why = stacked_on(&below);
    match below.state {
        PullState::Open => {
            let both = format!("prs merge {} {number}", below.number);
            let line = session.global.line(&both);
            Err(refused(number, &why).hint(format!("merge that one first: {line}")))
        }
        PullState::Closed => Err(refused(number, &why).hint(format!(
            "its branch {} holds the commits of both: merge that by hand, or close it too",
            pull.head
        ))),
        // A merge that was cut off before those above it were told.
        PullState::Merged => Ok(forge.retarget(number.get(), below.base).await?),
    }
}
