//! What all end-to-end tests share.

pub mod fake_agent;
pub mod findings;
pub mod model_dialects;
pub mod model_server;
pub mod sandbox;
pub mod terminal;
