//! [`Place`]: the repository that is asked about, whose branches the pull requests come from, and the way to GitHub. What
//! the files beside it share; it knows nothing of pull requests.

use std::sync::Arc;
use std::time::Duration;

use serde_json::Value;
use tokio::sync::{OnceCell, watch};

use super::api::{Answer, ApiError, Call, Kind, Method};
use super::gateway::Gateway;
use super::token::TokenSource;
use crate::adapters::forges::percent;
use crate::engine::ports::{ForgeError, ForgePause};
use crate::model::site::Site;

/// The repository that is asked about, and the way to it.
pub(super) struct Place {
    gateway: Arc<Gateway>,
    /// The repository that holds the pull requests.
    pub(super) site: Site,
    /// Whose repository holds their branches.
    pub(super) head_owner: String,
    /// What is waited at first before GitHub is looked at again; longer waits are multiples of it.
    first_wait: Duration,
    viewer: OnceCell<Option<String>>,
}

impl Place {
    pub(super) fn new(gateway: Arc<Gateway>, site: Site, head_owner: Option<String>) -> Self {
        Self {
            gateway,
            head_owner: head_owner.unwrap_or_else(|| site.owner.clone()),
            site,
            first_wait: Duration::from_secs(1),
            viewer: OnceCell::new(),
        }
    }

    pub(super) fn waiting(self, first: Duration) -> Self {
        Self {
            first_wait: first,
            ..self
        }
    }

    /// Whether the branches are in somebody else's repository: a fork.
    pub(super) fn is_forked(&self) -> bool {
        !self.head_owner.eq_ignore_ascii_case(&self.site.owner)
    }

    /// The path of what belongs to the repository.
    pub(super) fn path(&self, below: &str) -> String {
        format!("/repos/{}{below}", self.site.slug())
    }

    /// Where the token was found.
    pub(super) fn token_source(&self) -> &TokenSource {
        self.gateway.token_source()
    }

    /// The pauses, as they come and go.
    pub(super) fn pauses(&self) -> watch::Receiver<Option<ForgePause>> {
        self.gateway.pauses()
    }

    /// Waits so many times the first wait.
    pub(super) async fn wait(&self, times: u32) -> Result<(), ApiError> {
        self.gateway.wait(self.first_wait * times).await
    }

    pub(super) async fn send(&self, call: Call) -> Result<Answer, ApiError> {
        self.gateway.send(call).await
    }

    pub(super) async fn list(&self, call: Call) -> Result<Vec<Value>, ApiError> {
        self.gateway.list(call).await
    }

    /// Reads what belongs to the repository.
    pub(super) async fn read(
        &self,
        doing: impl Into<String> + Send,
        below: &str,
    ) -> Result<Answer, ApiError> {
        self.send(Call::read(doing, self.path(below))).await
    }

    /// Changes what belongs to the repository.
    pub(super) async fn write(
        &self,
        doing: impl Into<String> + Send,
        kind: Kind,
        method: Method,
        below: &str,
        body: Value,
    ) -> Result<Answer, ApiError> {
        let call = Call::write(doing, kind, method, self.path(below), body);
        self.send(call).await
    }

    /// Sends a write that comes to the same when it is done twice: a second time, when nobody knows of the first.
    pub(super) async fn settle(&self, call: Call) -> Result<Answer, ApiError> {
        match self.send(call.clone()).await {
            Err(ApiError::Unknown { .. }) => self.send(call).await,
            known => known,
        }
    }

    /// Asks, or changes, by GraphQL; what the answer holds of data.
    pub(super) async fn graphql(
        &self,
        doing: impl Into<String> + Send,
        kind: Kind,
        query: &str,
        variables: Value,
    ) -> Result<Value, ApiError> {
        let mut answer = self
            .send(Call::graphql(doing, kind, query, variables))
            .await?;
        Ok(answer.body["data"].take())
    }

    /// Who the token is of; none where it is an app's, which has no login.
    pub(super) async fn viewer(&self) -> Result<Option<String>, ForgeError> {
        let ask = async || match self
            .send(Call::read("asking whose token it is", "/user"))
            .await
        {
            Ok(answer) => Ok(answer.body["login"].as_str().map(str::to_owned)),
            Err(ApiError::Refused(refusal)) if matches!(refusal.status, 403 | 404) => Ok(None),
            Err(error) => Err(error.into()),
        };
        self.viewer.get_or_try_init(ask).await.cloned()
    }
}

/// A value in a query.
pub(super) fn encoded(value: &str) -> String {
    percent::encoded(value.as_bytes(), b"")
}
