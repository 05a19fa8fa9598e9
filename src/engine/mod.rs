//! Decides what is done, and in which order; reaches the world only through the traits in [`ports`].

pub mod base;
pub mod command_line;
pub mod dispatch;
pub mod edits;
pub mod facts;
pub mod facts_text;
mod failures;
pub mod gate;
pub mod go;
mod headline;
pub mod job;
mod markdown;
pub mod pace;
pub mod ports;
pub mod publish;
pub mod recorder;
pub mod research;
pub mod retry;
pub mod run;
pub mod scan;
pub mod survey;
pub mod teller;
pub mod text;
pub mod throttle;
pub mod union;
pub mod user_command;
pub mod worker;
