//! GitHub, on github.com or a server of its own, as a forge.

mod address;
pub mod api;
mod comments;
mod create;
mod extras;
mod failure;
mod fields;
pub mod forge;
mod fork;
mod gate;
pub mod gateway;
mod hearing;
mod issues;
mod labels;
mod ledger;
mod limit;
mod merging;
mod milestones;
mod once;
mod pace;
mod place;
mod pulls;
mod refusal;
pub mod repository;
mod reviewers;
pub mod settings;
mod standing;
#[cfg(test)]
mod stub;
pub mod token;
pub mod transport;
mod updating;
