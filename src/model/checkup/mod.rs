//! What `batch doctor` makes of what it finds: each judgement is a rule on facts that somebody else gathered.

pub mod agents;
pub mod disk;
mod finding;
pub mod git;
pub mod hooks;
pub mod identity;
pub mod kind;
pub mod leftovers;
pub mod programs;
pub mod remote;
pub mod signing;
pub mod testing;

pub use finding::{Check, Finding, Trial, Verdict, tally};
