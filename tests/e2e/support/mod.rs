//! What all end-to-end tests share.

pub mod fake_agent;
pub mod findings;
#[allow(
    dead_code,
    reason = "a hub can do what any test of pull requests may want"
)]
pub mod github;
pub mod model_dialects;
pub mod model_server;
pub mod remains;
pub mod sandbox;
pub mod terminal;
