//! Pure values and rules: what a change, a plan, a unit, a run and a report are.
//!
//! Nothing here knows a clock, a disk, a process or a terminal. Everything above imports from here.

pub mod agent;
pub mod answer;
pub mod base_tree;
pub mod branch;
pub mod change;
pub mod checkup;
pub mod clean;
pub mod codeowners;
pub mod condition;
pub mod control;
pub(crate) mod counted;
pub mod event;
pub mod facts;
pub mod first_settings;
pub(crate) mod fold;
pub mod foundation;
pub mod glob;
pub mod history;
pub mod id;
pub mod kept;
pub mod leader;
pub mod ledger;
pub mod life;
pub mod mark;
pub(crate) mod named;
pub mod nearest;
pub mod order;
pub mod outcome;
pub mod partition;
pub mod path;
pub mod plan;
pub mod plan_file;
pub mod prices;
pub mod pull;
pub(crate) mod regex_problem;
pub mod report;
pub mod rewrite;
#[cfg(test)]
pub(crate) mod sample;
pub mod scope;
pub mod signs;
pub mod site;
pub mod slices;
pub mod spend;
pub mod standing;
pub mod summary;
pub mod tree;
pub mod wishes;
