//! Three ways to show the same events.

pub mod bars;
pub mod choice;
pub(in crate::cli) mod echo;
pub mod json;
mod lines;
pub mod plain;
#[cfg(test)]
mod script;
mod telling;

pub use telling::Detail;
