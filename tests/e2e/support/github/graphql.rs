//! GraphQL.

use serde_json::Value;

use super::reply::Reply;
use super::state::State;
use super::tokens::Token;

impl State {
    pub fn graphql(&mut self, _sent: &Value, _token: &Token) -> Reply {
        Reply::not_found()
    }
}
