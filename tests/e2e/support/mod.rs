//! What all end-to-end tests share.

pub mod sandbox;
