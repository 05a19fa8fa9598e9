//! [`Call`], [`Answer`] and [`ApiError`]: what goes to GitHub's interface and what comes back, in our own small types.
//!
//! Answers are kept as JSON values of which callers take what they need: a field that GitHub adds breaks nothing.

use serde_json::Value;

/// What a call does, for the limits that it counts against.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Kind {
    /// It changes nothing, and may be asked again.
    Read,
    /// It changes something.
    Write,
    /// It makes something that people are told of: pull requests, issues, comments, requests for a review.
    Content,
}

/// The method of a REST call.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Method {
    /// Reads.
    Get,
    /// Makes, or does.
    Post,
    /// Changes some fields.
    Patch,
    /// Replaces, or does.
    Put,
    /// Removes.
    Delete,
}

/// One call.
#[derive(Debug, Clone)]
pub struct Call {
    /// What is being done, as a fragment ("opening a pull request for batch/x/y").
    pub doing: String,
    /// What it does.
    pub kind: Kind,
    /// Its method.
    pub method: Method,
    /// Path and query below the interface's root, beginning with `/`; `/graphql` for GraphQL.
    pub path: String,
    /// Its body.
    pub body: Option<Value>,
}

/// An answer of status 2xx.
#[derive(Debug, Clone)]
pub struct Answer {
    /// Its status.
    pub status: u16,
    /// Its body; null where it is empty.
    pub body: Value,
    /// The path and query of the next page of a list.
    pub next: Option<String>,
    /// The scopes that a classic token has; none where GitHub does not tell, as with fine-grained tokens.
    pub scopes: Option<Vec<String>>,
}

/// What GitHub said no to.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Refusal {
    /// What was being done.
    pub doing: String,
    /// The status; 200 where a GraphQL answer holds errors.
    pub status: u16,
    /// GitHub's own words: its message, and what it says of each field.
    pub words: String,
    /// What each of the errors is about, as GitHub codes it: `(resource, field, code, message)`, empty where it says nothing.
    pub errors: Vec<FieldError>,
    /// What a person can do about it.
    pub hint: Option<String>,
}

/// One of the errors of a 422, or the type and message of a GraphQL error.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct FieldError {
    /// `PullRequest`, `Label`, …
    pub resource: String,
    /// `head`, `base`, …
    pub field: String,
    /// `already_exists`, `invalid`, `custom`, …; for GraphQL its type: `NOT_FOUND`, `UNPROCESSABLE`, …; or what is wrong
    /// with the query: `undefinedField`, …
    pub code: String,
    /// Words.
    pub message: String,
}

/// Why a call brought no answer of status 2xx.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum ApiError {
    /// GitHub refuses.
    #[error("{}: {}", .0.doing, .0.words)]
    Refused(Box<Refusal>),
    /// It was not done: GitHub could not be reached, or was not ready, for as long as was tried.
    #[error("{doing}: {words}")]
    Unreachable {
        /// What was being done.
        doing: String,
        /// What happened.
        words: String,
    },
    /// A write was sent and nobody knows whether it was done: ask before it is sent again.
    #[error("{doing}: {words}")]
    Unknown {
        /// What was being done.
        doing: String,
        /// What happened.
        words: String,
    },
    /// The user stopped before it was sent.
    #[error("stopped")]
    Stopped,
}

impl Answer {
    /// The items of a list. What is no list is not an empty one: on the word of that, something would be made twice.
    ///
    /// # Errors
    /// [`ApiError::Unreachable`] where the answer is no list.
    pub fn items(&self, doing: &str) -> Result<&[Value], ApiError> {
        let items = self.body.as_array().map(Vec::as_slice);
        items.ok_or_else(|| ApiError::no_list(doing))
    }
}

impl ApiError {
    /// There is a list to be read, and the answer is none.
    pub(super) fn no_list(doing: &str) -> Self {
        Self::Unreachable {
            doing: doing.to_owned(),
            words: "GitHub's answer is no list".to_owned(),
        }
    }
}

impl Call {
    /// Reads.
    pub fn read(doing: impl Into<String>, path: impl Into<String>) -> Self {
        Self {
            doing: doing.into(),
            kind: Kind::Read,
            method: Method::Get,
            path: path.into(),
            body: None,
        }
    }

    /// Changes something.
    pub fn write(
        doing: impl Into<String>,
        kind: Kind,
        method: Method,
        path: impl Into<String>,
        body: Value,
    ) -> Self {
        Self {
            doing: doing.into(),
            kind,
            method,
            path: path.into(),
            body: Some(body),
        }
    }

    /// Asks, or changes, by GraphQL.
    #[expect(
        clippy::needless_pass_by_value,
        reason = "variables are written where they are handed over"
    )]
    pub fn graphql(doing: impl Into<String>, kind: Kind, query: &str, variables: Value) -> Self {
        Self {
            doing: doing.into(),
            kind,
            method: Method::Post,
            path: "/graphql".to_owned(),
            body: Some(serde_json::json!({ "query": query, "variables": variables })),
        }
    }
}
