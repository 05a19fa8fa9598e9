//! Wiring: arguments in, exit code out. The only layer that shows anything to a person.

pub mod app;
pub mod approval;
pub mod args;
pub mod commands;
pub mod demo_sample;
pub mod exit;
pub mod progress;
pub mod style;
pub mod table;
