//! [`Log`]: every request that the hub was sent, and what it answered.

use std::time::Instant;

use serde_json::Value;

/// A request and its answer.
#[derive(Debug, Clone)]
pub struct Entry {
    /// Its place among the requests to the interface, from 1; none for git's.
    pub nth: Option<usize>,
    pub method: String,
    /// The path as it was sent, without the query.
    pub path: String,
    pub query: String,
    /// The JSON that it sent; null for none.
    pub body: Value,
    pub at: Instant,
    /// The connection that it came by.
    pub connection: u64,
    /// What was answered; none while it is not, and where it never is.
    pub status: Option<u16>,
    /// What it made, as a fragment ("pull octo/sample batch/x/y").
    pub created: Option<String>,
    /// Whether a fault met it.
    pub faulty: bool,
}

impl Entry {
    /// Method, path and query, as a line of a log.
    pub fn line(&self) -> String {
        let query = if self.query.is_empty() { "" } else { "?" };
        let operation = self.graphql().map(|words| format!(" {words}"));
        format!(
            "{} {}{query}{}{}",
            self.method,
            self.path,
            self.query,
            operation.unwrap_or_default()
        )
    }

    /// The first line of a GraphQL query.
    pub fn graphql(&self) -> Option<&str> {
        self.path.ends_with("/graphql").then_some(())?;
        self.body["query"].as_str()?.trim().lines().next()
    }

    /// Whether it asked for a change. Of GraphQL: whether it is a mutation.
    pub fn is_write(&self) -> bool {
        match self.body["query"].as_str() {
            Some(query) if self.path.ends_with("/graphql") => {
                query.trim_start().starts_with("mutation")
            }
            _ => self.method != "GET",
        }
    }
}

/// All requests.
#[derive(Debug, Default)]
pub struct Log {
    pub entries: Vec<Entry>,
    /// How many went to the interface.
    pub asked: usize,
    /// What was wrong: requests inside a pause, and shapes that are not GitHub's.
    pub violations: Vec<String>,
    /// Requests and answers that are not of the published shape.
    pub misshapen: Vec<String>,
}
