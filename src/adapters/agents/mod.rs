//! Coding agents: programs that are run headless, each spoken to in its own [`Dialect`](dialect::Dialect).

pub mod aider;
pub mod claude;
pub mod codex;
pub mod custom;
pub mod dialect;
mod ending;
mod following;
pub mod gemini;
pub mod headless;
mod json_line;
mod lines;
pub mod no_push;
pub mod opencode;
pub mod outside;
pub mod priced;
mod readable;
pub mod recipe;
#[cfg(test)]
mod rehearsal;
pub mod roster;
pub mod sealing;
pub mod settings;
mod shell_parts;
pub mod surroundings;
mod watchdogs;
