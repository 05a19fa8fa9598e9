//! Where pull requests live.

pub mod github;
pub mod local;
mod percent;
