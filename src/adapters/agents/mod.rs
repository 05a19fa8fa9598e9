//! Coding agents: programs that are run headless, each spoken to in its own [`Dialect`](dialect::Dialect).

pub mod claude;
pub mod codex;
pub mod dialect;
mod ending;
mod following;
pub mod headless;
mod json_line;
mod lines;
pub mod no_push;
pub mod priced;
mod readable;
pub mod surroundings;
mod watchdogs;
