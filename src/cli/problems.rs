//! Turns the errors of the layers below into [`Problem`]s: the exit code, and a hint where there is a remedy.

use std::io::ErrorKind;

use crate::adapters::forges::local::LocalForgeError;
use crate::adapters::git::ground::GroundError;
use crate::adapters::git::source::SourceError;
use crate::adapters::journal::JournalError;
use crate::adapters::settings_file::SettingsError;
use crate::adapters::store_error::StoreError;
use crate::cli::exit::{Exit, Problem};
use crate::engine::go::OtherUnits;
use crate::engine::ports::{ForgeError, PortError};
use crate::engine::recorder::RecordError;
use crate::engine::research::ResearchError;
use crate::engine::run::RunError;
use crate::engine::text::TextError;
use crate::model::history::HistoryError;

impl From<GroundError> for Problem {
    fn from(error: GroundError) -> Self {
        let hint = match &error {
            GroundError::NoFolder(_) | GroundError::NotARepository(_) => {
                Some("start in a checkout, or name one with -C DIR")
            }
            GroundError::Bare(_) | GroundError::InsideGitFolder(_) => {
                Some("start in a checkout of it, or name one with -C DIR")
            }
            GroundError::NoCommits => Some("commit something first"),
            GroundError::EmptyRemote(_) => Some("push a branch to it first"),
            GroundError::SeveralRemotes { .. } => Some("name one with --remote"),
            GroundError::NoDefaultBranch { .. }
            | GroundError::DetachedWithoutRemote
            | GroundError::Unborn(_) => Some("name the base branch with --base"),
            GroundError::Blocked { .. } => {
                Some("choose another --branch-prefix, or rename the branch that is there")
            }
            GroundError::BadBranchName(_) => Some("choose another --branch-prefix"),
            GroundError::NoIdentity { .. } => Some(
                "tell it with `git config user.name \"Your Name\"` and `git config user.email you@example.com`",
            ),
            GroundError::Unreachable { .. } => {
                Some("check the address with `git remote -v`, and that you can reach it")
            }
            GroundError::NoRight { .. } => {
                Some("batch pushes a branch for each unit; ask for the right to push")
            }
            GroundError::Version(_) => Some("install a newer git"),
            GroundError::CommitMissing { .. } => Some("make the plan again with `batch plan`"),
            GroundError::Refused { .. }
            | GroundError::NoSuchRemote { .. }
            | GroundError::NoSuchBase { .. }
            | GroundError::Git(_) => None,
        };
        let exit = match &error {
            // What the user typed; all else is how things stand.
            GroundError::BadBranchName(_) => Exit::Usage,
            GroundError::NoFolder(_)
            | GroundError::Version(_)
            | GroundError::NotARepository(_)
            | GroundError::Refused { .. }
            | GroundError::Bare(_)
            | GroundError::InsideGitFolder(_)
            | GroundError::NoCommits
            | GroundError::Unborn(_)
            | GroundError::NoSuchRemote { .. }
            | GroundError::SeveralRemotes { .. }
            | GroundError::Unreachable { .. }
            | GroundError::EmptyRemote(_)
            | GroundError::NoDefaultBranch { .. }
            | GroundError::NoSuchBase { .. }
            | GroundError::DetachedWithoutRemote
            | GroundError::CommitMissing { .. }
            | GroundError::Blocked { .. }
            | GroundError::NoRight { .. }
            | GroundError::NoIdentity { .. }
            | GroundError::Git(_) => Exit::NotReady,
        };
        Self::new(exit, error.to_string()).hint_if(hint)
    }
}

impl From<ResearchError> for Problem {
    fn from(error: ResearchError) -> Self {
        let hint = match &error {
            ResearchError::Rewrite(_) => {
                Some("the syntax is that of the regex crate: s/REGEX/REPLACEMENT/FLAGS")
            }
            ResearchError::NoFiles { .. } => Some(
                "globs count from the root, and `*` does not cross `/`: src/** is all below src",
            ),
            ResearchError::NothingMatches { .. } => Some(
                "batch looks at the base commit, not at the checkout: check the pattern and --base",
            ),
            ResearchError::Refused { .. } => Some("mend these in the change, then plan it again"),
            ResearchError::Matching { .. } => Some("the syntax is that of the regex crate"),
            ResearchError::NothingChanges { .. } => {
                Some("the replacement is what stands there already: check it")
            }
            ResearchError::OnlyBinary { .. } => {
                Some("--command can change such files; name them with --paths")
            }
            ResearchError::Glob(_) | ResearchError::NothingNew { .. } => None,
            ResearchError::Port(error) => return Self::from(error.clone()),
        };
        Self::new(Exit::Usage, error.to_string()).hint_if(hint)
    }
}

impl From<PortError> for Problem {
    fn from(error: PortError) -> Self {
        let exit = match &error {
            PortError::Stopped => Exit::Interrupted,
            PortError::Failed { .. } | PortError::TimedOut { .. } => Exit::NotReady,
        };
        Self::new(exit, error.to_string())
    }
}

impl From<RunError> for Problem {
    fn from(error: RunError) -> Self {
        Self::new(Exit::NotReady, format!("the run had to stop: {error}"))
    }
}

impl From<RecordError> for Problem {
    fn from(error: RecordError) -> Self {
        RunError::from(error).into()
    }
}

impl From<OtherUnits> for Problem {
    fn from(error: OtherUnits) -> Self {
        Self::new(Exit::Usage, error.to_string())
            .hint("put it back, or run it anew with `batch apply`")
    }
}

impl From<HistoryError> for Problem {
    fn from(error: HistoryError) -> Self {
        Self::new(Exit::NotReady, error.to_string())
    }
}

impl From<TextError> for Problem {
    fn from(error: TextError) -> Self {
        Self::new(Exit::Usage, error.to_string()).hint_if(error.hint.as_deref())
    }
}

impl From<SettingsError> for Problem {
    fn from(error: SettingsError) -> Self {
        Self::new(Exit::Usage, error.to_string())
    }
}

impl From<StoreError> for Problem {
    fn from(error: StoreError) -> Self {
        match &error {
            StoreError::NoRuns => Self::new(Exit::Usage, error.to_string())
                .hint("begin one with: batch \"what is to change\" …"),
            StoreError::NoSuchRun { .. } | StoreError::Ambiguous { .. } => {
                Self::new(Exit::Usage, error.to_string())
            }
            StoreError::Busy { .. } => Self::new(Exit::NotReady, error.to_string())
                .hint("wait for it to end, or end it with `batch stop`"),
            StoreError::Io { error: cause, .. } => {
                let problem = Self::new(Exit::NotReady, error.to_string());
                match cause.kind() {
                    ErrorKind::NotADirectory
                    | ErrorKind::AlreadyExists
                    | ErrorKind::PermissionDenied
                    | ErrorKind::ReadOnlyFilesystem => problem.hint(
                        "batch keeps plans and runs there; it must be a folder that you may write to",
                    ),
                    _ => problem,
                }
            }
        }
    }
}

impl From<JournalError> for Problem {
    fn from(error: JournalError) -> Self {
        let hint = match &error {
            JournalError::Damaged { .. } | JournalError::Misfit { .. } => Some(
                "`batch resume` goes on from what stands before the damage, and from remote and forge",
            ),
            JournalError::Newer { .. } => {
                Some("use the version of batch that wrote it, or a newer one")
            }
            JournalError::Io { .. } => None,
        };
        Self::new(Exit::NotReady, error.to_string()).hint_if(hint)
    }
}

impl From<ForgeError> for Problem {
    fn from(error: ForgeError) -> Self {
        let message = error.to_string();
        match error {
            ForgeError::Stopped => Self::new(Exit::Interrupted, message),
            ForgeError::Unreachable { .. } => Self::new(Exit::NotReady, message)
                .hint("check that you can reach it, or try again later"),
            ForgeError::Refused { hint, .. } | ForgeError::Barred { hint, .. } => {
                let problem = Self::new(Exit::NotReady, message);
                match hint {
                    Some(hint) => problem.hint(hint),
                    None => problem,
                }
            }
        }
    }
}

impl From<LocalForgeError> for Problem {
    fn from(error: LocalForgeError) -> Self {
        match &error {
            LocalForgeError::NoSuchPull { .. } => Self::new(Exit::Usage, error.to_string())
                .hint("list them with: batch prs list --all"),
            LocalForgeError::NotOpen { .. } => Self::new(Exit::UnitFailed, error.to_string()),
            LocalForgeError::Io { .. }
            | LocalForgeError::Damaged { .. }
            | LocalForgeError::Newer { .. }
            | LocalForgeError::AlreadyOpen { .. } => Self::new(Exit::NotReady, error.to_string()),
        }
    }
}

impl From<SourceError> for Problem {
    fn from(error: SourceError) -> Self {
        let hint = match &error {
            SourceError::NoCommit { .. } => {
                Some("name a branch or a commit, or `worktree` for what is uncommitted")
            }
            SourceError::NothingUncommitted => {
                Some("name a branch or a commit that holds the change")
            }
            SourceError::Unmerged(_) => Some("finish the merge first"),
            SourceError::Conflict(_) => {
                Some("rebase the change onto the base, or merge the base into it, first")
            }
            SourceError::Git(error) => return Self::from(error.clone()),
        };
        Self::new(Exit::Usage, error.to_string()).hint_if(hint)
    }
}
