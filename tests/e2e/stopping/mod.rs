//! Runs that are asked for something by another process: `batch stop`.

mod agents;
mod requests;
mod support;
mod units;
mod whole;
