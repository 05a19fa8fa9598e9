//! Where pull requests live.

pub mod local;
