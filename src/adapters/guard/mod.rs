//! The guard: a hidden subcommand of our own program, between us and anything that may run the user's code.
//!
//! It leads a session of its own, runs one program in it, ends everything that the program started when the program
//! ends, when it is told to, or when the process that started it dies, and then ends as the program did.
//! [`Processes`](super::process::Processes) starts it and talks to it; `main` dispatches to it.

mod family;
mod order;
mod program;
mod vigil;

pub use order::Order;
pub use program::main;
pub use vigil::GRACE;

/// The hidden subcommand: `__guard [--stdin FILE] -- PROGRAM ARG...`.
pub const SUBCOMMAND: &str = "__guard";
