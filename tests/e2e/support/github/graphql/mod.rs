//! GraphQL: queries are read, held against a part of GitHub's published schema, and answered from the hub's state.

mod answers;
mod execute;
mod mutations;
mod node;
mod query;
mod rules;
mod schema;
mod text;
