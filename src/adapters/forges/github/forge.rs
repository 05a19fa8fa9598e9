//! [`GitHub`]: pull requests on GitHub, as the engine and the commands reach them. Each thing it does has a file of its own
//! beside this one; here they are put together, and what one learns is kept for the next.

use std::collections::HashMap;
use std::sync::Arc;
use std::sync::atomic::AtomicBool;
use std::time::Duration;

use async_trait::async_trait;
use jiff::Timestamp;
use tokio::sync::{Mutex, watch};

use super::api::ApiError;
use super::create;
use super::extras::Given;
use super::failure::of_kind;
use super::fork;
use super::gateway::Gateway;
use super::place::Place;
use super::pulls::{self, Seen};
use super::repository::{self, RepositoryFacts};
use super::standing::Standings;
use super::{comments, issues, merging, updating};
use crate::engine::ports::{Forge, ForgeError, ForgePause, NewIssue};
use crate::model::id::ObjectId;
use crate::model::outcome::IssueLink;
use crate::model::pull::{NewPull, Pull, PullState};
use crate::model::site::Site;
use crate::model::standing::Standing;
use crate::model::wishes::{Extras, MergeMethod};

/// One repository's pull requests on GitHub.
pub struct GitHub {
    place: Place,
    given: Mutex<Given>,
    standings: Standings,
    /// Whether the repository has no drafts.
    no_drafts: AtomicBool,
    /// GraphQL's names of the pull requests that were seen, by number.
    nodes: Mutex<HashMap<u64, String>>,
}

impl GitHub {
    /// The pull requests of `site`; `head_owner` is whose repository has their branches, where it is a fork.
    #[must_use]
    pub fn new(gateway: Arc<Gateway>, site: Site, head_owner: Option<String>) -> Self {
        Self {
            place: Place::new(gateway, site, head_owner),
            given: Mutex::default(),
            standings: Standings::default(),
            no_drafts: AtomicBool::new(false),
            nodes: Mutex::default(),
        }
    }

    /// Waits so long before it looks at GitHub again for the first time (1 s unless told), and multiples of it later.
    #[must_use]
    pub fn waiting(self, first: Duration) -> Self {
        let place = self.place.waiting(first);
        Self { place, ..self }
    }

    /// What the repository is and allows, and what the token may do there.
    ///
    /// # Errors
    /// [`ForgeError`] when it is not there, or GitHub cannot be reached.
    pub async fn repository(&self) -> Result<RepositoryFacts, ForgeError> {
        repository::facts(&self.place).await
    }

    /// The fork that the token's person has of it; made, where `make` says so, when there is none.
    ///
    /// # Errors
    /// [`ForgeError`] when there is none, or it cannot be made.
    pub async fn fork(&self, make: bool) -> Result<Site, ForgeError> {
        fork::of_viewer(&self.place, make).await
    }

    /// All pull requests, whatever their state, whose branch begins with `prefix`, newest first.
    ///
    /// # Errors
    /// [`ForgeError`] as of any read.
    pub async fn pulls_below(&self, prefix: &str) -> Result<Vec<Pull>, ForgeError> {
        self.pulls_below_since(prefix, None).await
    }

    /// The same, without looking further back than `since`: in a repository of many pull requests that saves calls.
    ///
    /// # Errors
    /// [`ForgeError`] as of any read.
    pub async fn pulls_below_since(
        &self,
        prefix: &str,
        since: Option<Timestamp>,
    ) -> Result<Vec<Pull>, ForgeError> {
        let found = pulls::below(&self.place, prefix, since).await?;
        Ok(found.into_iter().map(|seen| seen.pull).collect())
    }

    /// Merges it if its branch is at `head`; the commit on its base.
    ///
    /// # Errors
    /// [`ForgeError::Refused`] when the branch is elsewhere, or the base's rules are not met.
    pub async fn merge(
        &self,
        standing: &Standing,
        method: MergeMethod,
        commit_title: Option<&str>,
        head: &ObjectId,
    ) -> Result<ObjectId, ForgeError> {
        let number = standing.pull.number;
        merging::merge(&self.place, number, method, commit_title, head).await
    }

    /// Has GitHub merge it once it may be, if its branch is still where the standing has it.
    ///
    /// # Errors
    /// [`ForgeError::Refused`] when the repository does not allow it, or it can be merged at once.
    pub async fn enable_auto_merge(
        &self,
        standing: &Standing,
        method: MergeMethod,
    ) -> Result<(), ForgeError> {
        let node = Some(standing.node.as_str());
        merging::auto_merge(&self.place, &standing.pull, node, method).await
    }

    /// Puts it into its base's merge queue, if its branch is still where the standing has it.
    ///
    /// # Errors
    /// [`ForgeError::Refused`] when it does not go in.
    pub async fn enqueue(&self, standing: &Standing) -> Result<(), ForgeError> {
        let enqueue = async || merging::enqueue(&self.place, &standing.pull, &standing.node).await;
        match enqueue().await {
            Err(ApiError::Unknown { .. }) => {
                let now = self.standings(&[standing.pull.number]).await?;
                let is_in = |now: &Standing| now.queued || now.pull.state == PullState::Merged;
                if now.iter().any(is_in) {
                    return Ok(());
                }
                Ok(enqueue().await?)
            }
            known => Ok(known?),
        }
    }

    /// Whether this branch takes its merges from a queue.
    ///
    /// # Errors
    /// [`ForgeError`] as of any read.
    pub async fn has_merge_queue(&self, branch: &str) -> Result<bool, ForgeError> {
        merging::has_queue(&self.place, branch).await
    }

    /// Has it go to another base branch.
    ///
    /// # Errors
    /// [`ForgeError::Refused`] when there is no such branch.
    pub async fn retarget(&self, number: u64, base: &str) -> Result<Pull, ForgeError> {
        Ok(updating::retarget(&self.place, number, base).await?.pull)
    }

    /// Closes it without a merge; its branch stays.
    ///
    /// # Errors
    /// [`ForgeError`] when it is not closed.
    pub async fn close(&self, number: u64) -> Result<Pull, ForgeError> {
        Ok(updating::close(&self.place, number).await?.pull)
    }

    /// Writes a comment on it, once; where a person can look at it.
    ///
    /// # Errors
    /// [`ForgeError`] when it is not known to be there.
    pub async fn comment(&self, number: u64, body: &str) -> Result<String, ForgeError> {
        comments::write(&self.place, number, body).await
    }

    /// Has GitHub merge its base into its branch, if that is at `expected`; the branch's new commit, of which the caller
    /// looks whether it is only that merge.
    ///
    /// # Errors
    /// [`ForgeError::Refused`] when they conflict, or the branch is elsewhere.
    pub async fn update_branch(
        &self,
        number: u64,
        expected: &ObjectId,
    ) -> Result<ObjectId, ForgeError> {
        updating::update_branch(&self.place, number, expected).await
    }

    async fn kept(&self, seen: Seen) -> Pull {
        if !seen.node.is_empty() {
            let mut nodes = self.nodes.lock().await;
            nodes.insert(seen.pull.number, seen.node);
        }
        seen.pull
    }
}

#[async_trait]
impl Forge for GitHub {
    fn name(&self) -> &'static str {
        "github"
    }

    fn pauses(&self) -> Option<watch::Receiver<Option<ForgePause>>> {
        Some(self.place.pauses())
    }

    async fn find(&self, head: &str) -> Result<Option<Pull>, ForgeError> {
        let pulls = pulls::of_head(&self.place, head).await.map_err(of_kind)?;
        match pulls::best(pulls) {
            Some(seen) => Ok(Some(self.kept(seen).await)),
            None => Ok(None),
        }
    }

    async fn get(&self, number: u64) -> Result<Pull, ForgeError> {
        let seen = pulls::get(&self.place, number).await?;
        Ok(self.kept(seen).await)
    }

    async fn open(&self, new: &NewPull) -> Result<Pull, ForgeError> {
        let seen = create::open(&self.place, new, &self.no_drafts).await?;
        Ok(self.kept(seen).await)
    }

    async fn refresh(&self, number: u64, new: &NewPull) -> Result<Pull, ForgeError> {
        let seen = create::refresh(&self.place, number, new).await?;
        Ok(self.kept(seen).await)
    }

    async fn give(&self, pull: &Pull, extras: &Extras) -> Vec<String> {
        let node = self.nodes.lock().await.get(&pull.number).cloned();
        let mut given = self.given.lock().await;
        given.give(&self.place, pull, node.as_deref(), extras).await
    }

    async fn standings(&self, numbers: &[u64]) -> Result<Vec<Standing>, ForgeError> {
        self.standings.of(&self.place, numbers).await
    }

    async fn make_ready(&self, standing: &Standing) -> Result<(), ForgeError> {
        merging::mark_ready(&self.place, standing.pull.number, &standing.node).await
    }

    async fn open_issue(&self, issue: &NewIssue) -> Result<IssueLink, ForgeError> {
        issues::open(&self.place, issue).await
    }

    async fn issue_body(&self, number: u64) -> Result<(IssueLink, String), ForgeError> {
        issues::body(&self.place, number).await
    }

    async fn set_issue_body(&self, number: u64, body: &str) -> Result<(), ForgeError> {
        issues::set_body(&self.place, number, body).await
    }
}
