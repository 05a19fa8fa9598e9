//! Coding agents: programs that are run headless, each spoken to in its own [`Dialect`](dialect::Dialect).

pub mod dialect;
mod following;
pub mod headless;
mod lines;
pub mod no_push;
pub mod priced;
mod readable;
pub mod surroundings;
mod watchdogs;
