//! Requests and answers, held against GitHub's published description of its interface.

use serde_json::Value;

use super::reply::Reply;

/// What of a request and its answer is not as described.
pub fn wrong(
    _method: &str,
    _path: &str,
    _query: &str,
    _body: &Value,
    _reply: &Reply,
) -> Vec<String> {
    Vec::new()
}
