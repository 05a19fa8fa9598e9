//! [`Forge`]: what holds pull requests, as the publisher reaches it.

use async_trait::async_trait;
use jiff::Timestamp;
use tokio::sync::watch;

use crate::model::outcome::IssueLink;
use crate::model::pull::{NewPull, Pull};
use crate::model::standing::Standing;
use crate::model::wishes::Extras;

/// Why a forge did not do something.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum ForgeError {
    /// It answered, and refuses: as things stand, asking again brings the same.
    #[error("{doing}: {words}")]
    Refused {
        /// What was being done, as a fragment ("opening a pull request for batch/x/y").
        doing: String,
        /// What it said.
        words: String,
        /// What a person can do about it.
        hint: Option<String>,
    },
    /// It answered, and would refuse every other request of the kind as well: a token without the right, a repository that
    /// is archived or gone.
    #[error("{doing}: {words}")]
    Barred {
        /// What was being done.
        doing: String,
        /// What it said.
        words: String,
        /// What a person can do about it.
        hint: Option<String>,
    },
    /// It could not be reached, or gave no answer that can be used, for as long as was tried.
    #[error("{doing}: {words}")]
    Unreachable {
        /// What was being done.
        doing: String,
        /// What happened.
        words: String,
    },
    /// The user stopped the run before it was asked.
    #[error("stopped")]
    Stopped,
}

impl ForgeError {
    /// A refusal without advice.
    #[expect(
        clippy::needless_pass_by_value,
        reason = "an error is handed over where it is made"
    )]
    pub fn refused(doing: impl Into<String>, words: impl ToString) -> Self {
        Self::Refused {
            doing: doing.into(),
            words: words.to_string(),
            hint: None,
        }
    }

    /// A refusal that every other request of the kind would meet, without advice.
    #[expect(
        clippy::needless_pass_by_value,
        reason = "an error is handed over where it is made"
    )]
    pub fn barred(doing: impl Into<String>, words: impl ToString) -> Self {
        Self::Barred {
            doing: doing.into(),
            words: words.to_string(),
            hint: None,
        }
    }
}

/// A time in which nothing is asked of a forge, because it wants to be left alone.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ForgePause {
    /// Why, as a fragment.
    pub reason: String,
    /// When it ends.
    pub until: Timestamp,
}

/// An issue that is to be made.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NewIssue {
    /// Its title.
    pub title: String,
    /// Its body, Markdown.
    pub body: String,
    /// A line of the body that no other issue has: by it the issue is found again when it is not known whether it was made.
    pub mark: String,
}

/// Holds pull requests. Whatever it is asked, it keeps its own pace, and waits where the other side wants that.
#[async_trait]
pub trait Forge: Send + Sync {
    /// Its name, as `--forge` takes it.
    fn name(&self) -> &'static str;
    /// Its pauses, as they come and go; none where it never pauses.
    fn pauses(&self) -> Option<watch::Receiver<Option<ForgePause>>> {
        None
    }
    /// The pull request of a head branch: an open one before a finished one, then the latest.
    async fn find(&self, head: &str) -> Result<Option<Pull>, ForgeError>;
    /// The pull request of that number.
    async fn get(&self, number: u64) -> Result<Pull, ForgeError>;
    /// Opens one. Called after [`Forge::find`] found none that is open; when it is not known whether it was opened, finds
    /// that out before anything else.
    async fn open(&self, new: &NewPull) -> Result<Pull, ForgeError>;
    /// Says that the branch of an open one is now at another commit, and what its title and body are now.
    async fn refresh(&self, number: u64, new: &NewPull) -> Result<Pull, ForgeError>;
    /// Gives an open one what reviewers look for; the answer says what it could not be given, and why.
    async fn give(&self, pull: &Pull, extras: &Extras) -> Vec<String>;
    /// How far these are, in this order; those that are gone are left out.
    async fn standings(&self, numbers: &[u64]) -> Result<Vec<Standing>, ForgeError>;
    /// Marks a draft as ready for review.
    async fn make_ready(&self, standing: &Standing) -> Result<(), ForgeError> {
        let doing = format!("marking #{} as ready", standing.pull.number);
        let words = format!("the forge {} has no drafts", self.name());
        Err(ForgeError::refused(doing, words))
    }
    /// Makes an issue, unless one with its mark is there.
    async fn open_issue(&self, _issue: &NewIssue) -> Result<IssueLink, ForgeError> {
        Err(self.without_issues())
    }
    /// An issue's body.
    async fn issue_body(&self, _number: u64) -> Result<(IssueLink, String), ForgeError> {
        Err(self.without_issues())
    }
    /// Replaces an issue's body.
    async fn set_issue_body(&self, _number: u64, _body: &str) -> Result<(), ForgeError> {
        Err(self.without_issues())
    }
    /// The refusal of a forge that has no issues.
    fn without_issues(&self) -> ForgeError {
        let words = format!("the forge {} has no issues", self.name());
        ForgeError::refused("keeping a tracking issue", words)
    }
}
