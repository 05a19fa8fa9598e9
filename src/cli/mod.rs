//! Wiring: arguments in, exit code out. The only layer that shows anything to a person.

pub mod app;
pub mod approval;
pub mod args;
pub mod closing;
pub mod commands;
pub mod consent;
pub mod copyable;
pub mod demo_sample;
pub mod execution;
pub mod exit;
pub mod forge;
pub mod ground;
pub mod interrupts;
pub mod plan_reading;
pub mod plan_view;
pub mod planning;
pub mod problems;
pub mod progress;
pub mod prompt;
pub mod session;
pub mod style;
pub mod summary;
pub mod table;
pub mod tools;
pub mod verification;
pub mod wrap;
