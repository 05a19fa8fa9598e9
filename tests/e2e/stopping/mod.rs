//! Runs that are asked for something by another process: `batch stop`, and `batch rerun --unit` while they go on.

mod agents;
mod ends;
mod requests;
mod requeue;
mod support;
mod units;
mod whole;
