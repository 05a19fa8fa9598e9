//! `batch` splits one large change into small pull requests.

#![cfg_attr(
    test,
    expect(clippy::unwrap_used, reason = "a test may fail by panicking")
)]

pub mod adapters;
pub mod cli;
pub mod engine;
pub mod model;
