//! A GitHub of the tests' own: REST and GraphQL that remember, real git by HTTP, and faults at any call.

mod bare;
pub mod clock;
pub mod faults;
mod git_http;
mod graphql;
pub mod hub;
mod issues;
mod labels;
pub mod limits;
pub mod log;
mod merges;
mod objects;
mod pulls;
mod reply;
mod repositories;
pub mod repository;
mod routes;
mod server;
mod shapes;
mod standing;
pub mod state;
mod tokens;
pub mod views;
mod wire;
pub mod wiring;
