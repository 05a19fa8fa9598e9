//! Three ways to show the same events.

pub mod bars;
pub mod json;
pub mod plain;
