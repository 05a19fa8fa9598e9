//! `batch` splits one large change into small pull requests.

pub mod adapters;
pub mod cli;
pub mod engine;
pub mod model;
