//! [`Why`]: why something is kept, in words for a person, and the command that would change it.

use std::path::PathBuf;

use crate::model::counted::counted;
use crate::model::id::RunId;

/// How many pull requests are named.
const NAMED: usize = 5;

/// Why a thing is kept.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Why {
    /// The run goes on.
    GoesOn,
    /// The run was cut off.
    CutOff,
    /// The run's journal cannot be read.
    Unreadable(String),
    /// The run's folder is gone, and with it what is known of its units.
    Lost,
    /// Units are to be done again.
    Unfinished {
        /// How many.
        units: usize,
        /// Of how many.
        of: usize,
    },
    /// So many pull requests are still to be opened.
    PullsToCome(usize),
    /// These pull requests are open.
    PullsOpen(Vec<u64>),
    /// How the pull requests stand is not known.
    PullsUnknown(String),
    /// The remote could not be asked.
    RemoteUnknown(String),
    /// So many of the run's commits are nowhere else.
    CommitsOnlyHere(usize),
    /// What it names is nowhere else.
    OnlyHere,
    /// The branch is checked out there.
    CheckedOut(PathBuf),
    /// Edits of an attempt that were never pushed.
    NeverPushed,
    /// So many worktrees of the run stay.
    HasWorktrees(usize),
    /// The worktree holds edits that are nowhere else.
    Edits,
    /// A process works in it.
    InUse {
        /// Its id.
        pid: u32,
        /// Its name.
        name: String,
    },
    /// It is none of ours, or no longer.
    NotOurs,
    /// It cannot be looked at.
    Unlooked(String),
    /// Another run goes on, and this one cannot be locked.
    Busy,
    /// Refs of the run could not be removed.
    RefsStay,
    /// It could not be removed.
    Failed(String),
}

impl Why {
    /// The reason, as a fragment.
    #[must_use]
    pub fn words(&self) -> String {
        match self {
            Self::GoesOn => "it goes on".to_owned(),
            Self::CutOff => "it was cut off before it ended".to_owned(),
            Self::Unreadable(words) => words.clone(),
            Self::Lost => "its folder is gone, so what it still had to do is not known".to_owned(),
            Self::Unfinished { units, of } => format!(
                "{units} of {} {} not done",
                counted(*of, "unit"),
                if *units == 1 { "is" } else { "are" }
            ),
            Self::PullsToCome(count) => format!(
                "{} {} still to be opened",
                counted(*count, "pull request"),
                if *count == 1 { "is" } else { "are" }
            ),
            Self::PullsOpen(numbers) => open(numbers),
            Self::PullsUnknown(words) => {
                format!("whether its pull requests are open is not known: {words}")
            }
            Self::RemoteUnknown(words) => {
                format!("whether the remote has its commits is not known: {words}")
            }
            Self::CommitsOnlyHere(count) => format!(
                "{} {} on no branch but {} own",
                counted(*count, "commit"),
                if *count == 1 { "is" } else { "are" },
                if *count == 1 { "its" } else { "their" }
            ),
            Self::OnlyHere => "its commit is nowhere else".to_owned(),
            Self::CheckedOut(place) => format!("it is checked out in {}", place.display()),
            Self::NeverPushed => "edits that were never pushed".to_owned(),
            Self::HasWorktrees(count) => format!(
                "{} of it {}",
                counted(*count, "worktree"),
                if *count == 1 { "stays" } else { "stay" }
            ),
            Self::Edits => "it holds edits that are nowhere else".to_owned(),
            Self::InUse { pid, name } => format!("{name} (pid {pid}) works in it"),
            Self::NotOurs => "it is not marked as batch's own".to_owned(),
            Self::Unlooked(words) => format!("what it holds is not known: {words}"),
            Self::Busy => "another run goes on in this repository".to_owned(),
            Self::RefsStay => "refs of it could not be removed".to_owned(),
            Self::Failed(words) => format!("it could not be removed: {words}"),
        }
    }

    /// The words of batch's command line that go on from there, if any do.
    #[must_use]
    pub fn command(&self, run: &RunId) -> Option<String> {
        match self {
            Self::CutOff | Self::Lost => Some(format!("resume {run}")),
            Self::Unfinished { .. } => Some(format!("rerun {run}")),
            Self::PullsToCome(_) => Some(format!("prs publish {run}")),
            Self::Edits | Self::PullsOpen(_) => Some(format!("clean --run {run} --force")),
            Self::GoesOn
            | Self::Unreadable(_)
            | Self::PullsUnknown(_)
            | Self::RemoteUnknown(_)
            | Self::CommitsOnlyHere(_)
            | Self::OnlyHere
            | Self::CheckedOut(_)
            | Self::NeverPushed
            | Self::HasWorktrees(_)
            | Self::InUse { .. }
            | Self::NotOurs
            | Self::Unlooked(_)
            | Self::Busy
            | Self::RefsStay
            | Self::Failed(_) => None,
        }
    }
}

fn open(numbers: &[u64]) -> String {
    let mut named: Vec<String> = numbers.iter().map(|number| format!("#{number}")).collect();
    let more = named.len().saturating_sub(NAMED);
    if more > 1 {
        named.truncate(NAMED);
        return format!(
            "pull requests {} and {more} more are open",
            named.join(", ")
        );
    }
    match &named[..] {
        [one] => format!("pull request {one} is open"),
        [all @ .., last] => format!("pull requests {} and {last} are open", all.join(", ")),
        [] => "no pull request is open".to_owned(),
    }
}
