//! GitHub, on github.com or a server of its own, as a forge.

pub mod api;
mod comments;
mod create;
mod extras;
mod failure;
pub mod forge;
mod fork;
pub mod gateway;
mod issues;
mod labels;
mod merging;
mod milestones;
mod place;
mod pulls;
pub mod repository;
mod reviewers;
mod standing;
mod transport;
mod updating;
