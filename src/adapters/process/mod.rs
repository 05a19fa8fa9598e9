//! Starts processes and sees to it that they end: the only place that spawns.
//!
//! Quick plumbing whose output is wanted is captured; anything that may run the user's code runs under the guard and
//! into a log. What an exit code means is for the callers: the git, agent and command adapters.

mod capture;
mod conversation;
mod environment;
mod excerpt;
mod guarded;
mod invocation;
mod last_bytes;
mod log;
mod output;
mod processes;
mod streams;
mod tail;

pub use conversation::Conversation;
pub(in crate::adapters) use environment::{FORGE_TOKENS, ForgeTokens};
pub use excerpt::excerpt;
pub use guarded::Streamed;
pub use invocation::Invocation;
pub use log::LOG_CAP;
pub(in crate::adapters) use log::Log;
pub use output::Output;
pub use processes::Processes;
pub(in crate::adapters) use processes::RUN_MARK;
pub use streams::{Sink, Stream};
pub use tail::{tail, visible};
