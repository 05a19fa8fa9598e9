//! What all end-to-end tests share.

pub mod findings;
pub mod sandbox;
pub mod terminal;
