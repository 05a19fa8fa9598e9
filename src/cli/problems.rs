//! Turns the errors of the layers below into [`Problem`]s: the exit code, and a hint where there is a remedy.

use crate::adapters::forges::local::LocalForgeError;
use crate::adapters::git::ground::GroundError;
use crate::adapters::journal::JournalError;
use crate::adapters::store_error::StoreError;
use crate::cli::exit::{Exit, Problem};
use crate::engine::ports::PortError;
use crate::engine::research::ResearchError;
use crate::engine::run::RunError;

impl From<GroundError> for Problem {
    fn from(error: GroundError) -> Self {
        let hint = match &error {
            GroundError::NoFolder(_) | GroundError::NotARepository(_) => {
                Some("start in a checkout, or name one with -C DIR")
            }
            GroundError::Bare(_) | GroundError::InsideGitFolder(_) => {
                Some("name a checkout of it with -C DIR")
            }
            GroundError::NoCommits => Some("commit something first"),
            GroundError::EmptyRemote(_) => Some("push a branch to it first"),
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
            | GroundError::SeveralRemotes { .. }
            | GroundError::NoDefaultBranch { .. }
            | GroundError::NoSuchBase { .. }
            | GroundError::DetachedWithoutRemote
            | GroundError::Blocked { .. }
            | GroundError::BadBranchName(_)
            | GroundError::Git(_) => None,
        };
        let problem = Self::new(Exit::NotReady, error.to_string());
        match hint {
            Some(hint) => problem.hint(hint),
            None => problem,
        }
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
            ResearchError::Glob(_)
            | ResearchError::Matching { .. }
            | ResearchError::NothingChanges { .. }
            | ResearchError::OnlyBinary { .. }
            | ResearchError::NothingNew { .. } => None,
            ResearchError::Port(error) => return Self::from(error.clone()),
        };
        let problem = Self::new(Exit::Usage, error.to_string());
        match hint {
            Some(hint) => problem.hint(hint),
            None => problem,
        }
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

impl From<StoreError> for Problem {
    fn from(error: StoreError) -> Self {
        match &error {
            StoreError::NoRuns => Self::new(Exit::Usage, error.to_string())
                .hint("begin one with: batch \"what is to change\" …"),
            StoreError::NoSuchRun { .. } | StoreError::Ambiguous { .. } => {
                Self::new(Exit::Usage, error.to_string())
            }
            StoreError::Busy { .. } => Self::new(Exit::NotReady, error.to_string())
                .hint("wait for it to end, or stop it with Ctrl-C where it was started"),
            StoreError::Io { .. } => Self::new(Exit::NotReady, error.to_string()),
        }
    }
}

impl From<JournalError> for Problem {
    fn from(error: JournalError) -> Self {
        Self::new(Exit::NotReady, error.to_string())
    }
}

impl From<LocalForgeError> for Problem {
    fn from(error: LocalForgeError) -> Self {
        match &error {
            LocalForgeError::NoSuchPull { .. } => Self::new(Exit::Usage, error.to_string())
                .hint("list them with: batch prs list --all"),
            LocalForgeError::NotOpen { .. } => Self::new(Exit::UnitFailed, error.to_string()),
            _ => Self::new(Exit::NotReady, error.to_string()),
        }
    }
}
