//! The checks of the repository itself: its kind, its hooks, signing, space, what dead runs left, and its test.

use std::time::Duration;

use super::{of_problem, quote};
use crate::adapters::disk::free_bytes;
use crate::adapters::git::checkup;
use crate::adapters::git::objects::GitObjects;
use crate::adapters::git::pool_folder::repository_folder;
use crate::adapters::journal;
use crate::cli::args::RunArgs;
use crate::cli::blocking::away_from_the_loop;
use crate::cli::copyable;
use crate::cli::exit::Problem;
use crate::cli::session::Session;
use crate::engine::facts::commands;
use crate::engine::ports::Objects;
use crate::model::checkup::disk::Space;
use crate::model::checkup::leftovers::Leftovers;
use crate::model::checkup::{Check, Finding, disk, git, hooks, kind, leftovers, signing, testing};
use crate::model::id::ObjectId;
use crate::model::life::Life;
use crate::model::plan::TestPolicy;

/// How long git may take for what is a moment's work.
const MOMENT: Duration = Duration::from_secs(10);

/// What a file takes on the disk is a multiple of this many bytes.
const BLOCK: u64 = 4096;

pub(super) async fn git(session: &Session) -> Vec<Finding> {
    let program = checkup::program(session.place.git()).await;
    let merging = session.place.merges(MOMENT).await;
    vec![git::judge(&program, merging.as_ref())]
}

pub(super) async fn kind(session: &Session, remote: Option<&str>) -> Vec<Finding> {
    let remote = session.place.choose_remote(remote).await;
    let remote = remote.ok();
    let name = remote.as_ref().and_then(|remote| remote.name());
    match session.place.kind(name).await {
        Ok(found) => kind::judge(&found),
        Err(error) => vec![Finding::untold(Check::Repository, error)],
    }
}

pub(super) async fn signing(session: &Session) -> Vec<Finding> {
    let found = session.place.signing(MOMENT, &copyable::word).await;
    vec![match found {
        Ok(found) => signing::judge(found.as_ref()),
        Err(error) => Finding::untold(Check::Signing, error),
    }]
}

pub(super) async fn hooks(session: &Session) -> Vec<Finding> {
    match session.place.hooks().await {
        Ok(found) => hooks::judge(&found, &quote),
        Err(error) => vec![Finding::untold(Check::Hooks, error)],
    }
}

/// Space for as many worktrees of this commit as there are workers.
pub(super) async fn disk(
    session: &Session,
    commit: Option<&ObjectId>,
    options: &RunArgs,
) -> Vec<Finding> {
    let Some(commit) = commit.cloned() else {
        return vec![Finding::untold(Check::Disk, "there is no commit yet")];
    };
    let work = &options.carrying.work;
    let folder = match repository_folder(work.worktrees.as_deref(), &session.place) {
        Ok(folder) => folder,
        Err(error) => return vec![of_problem(Check::Disk, &error.into())],
    };
    let objects = GitObjects::open(&session.place);
    let root = session.place.root.clone();
    let measured = away_from_the_loop(move || {
        let files = objects.files(&commit)?;
        let sizes = objects.sizes(&files)?;
        let taken = files.iter().zip(sizes).map(|(file, size)| {
            // What cannot be told without a fetch is as large as it is in the checkout.
            let size = size.or_else(|| Some(file.path.below(&root).metadata().ok()?.len()));
            size.unwrap_or(0).div_ceil(BLOCK).saturating_mul(BLOCK)
        });
        Ok(taken.sum())
    });
    let free = free_bytes(&folder);
    let space = match (measured.await, free) {
        (Ok(checkout), Ok(free)) => Space {
            folder,
            free,
            checkout,
            // Agents work fewer at a time, and are what is used where nothing else is named.
            worktrees: work.workers(true),
        },
        (Err(problem), _) => return vec![Finding::untold(Check::Disk, problem.message)],
        (_, Err(error)) => {
            let why = format!("{}: {error}", folder.display());
            return vec![Finding::untold(Check::Disk, why)];
        }
    };
    vec![disk::judge(&space)]
}

/// The test command that a run would have, or that the files of this commit tell of.
pub(super) async fn test(
    session: &Session,
    commit: Option<&ObjectId>,
    options: &RunArgs,
) -> Vec<Finding> {
    let Some(commit) = commit.cloned() else {
        return vec![Finding::untold(Check::Test, "there is no commit yet")];
    };
    let objects = GitObjects::open(&session.place);
    let found = away_from_the_loop(move || Ok(commands(&objects, &commit)?));
    let verify = &options.carrying.verify;
    let set = if verify.no_test {
        TestPolicy::None
    } else {
        match &verify.test {
            Some(test) => TestPolicy::Command(test.clone()),
            None => TestPolicy::Undecided,
        }
    };
    vec![match found.await {
        Ok(found) => testing::judge(&set, &found),
        Err(problem) => Finding::untold(Check::Test, problem.message),
    }]
}

pub(super) fn leftovers(session: &Session) -> Vec<Finding> {
    match left(session) {
        Ok(left) => leftovers::judge(&left, &quote),
        Err(problem) => vec![Finding::untold(Check::Leftovers, problem.message)],
    }
}

fn left(session: &Session) -> Result<Leftovers, Problem> {
    let holder = session.store.in_progress()?;
    let going = holder.and_then(|holder| holder.run);
    let mut left = Leftovers {
        going: going.clone(),
        ..Leftovers::default()
    };
    for run in session.store.runs()? {
        match journal::history(&session.store.run(&run).journal()) {
            Ok(history) => match Life::of(&history, going.as_ref()) {
                Life::CutOff => left.cut_off.push(run),
                Life::Going | Life::Ended => {}
            },
            Err(_) => left.unreadable.push(run),
        }
    }
    let worktrees = session.place.own_worktrees();
    left.worktrees = worktrees.whole;
    left.killed_adds = worktrees.killed;
    Ok(left)
}
