//! The promises of the built program and its adapters, on real processes and real repositories.

#![expect(clippy::unwrap_used, reason = "a test may fail by panicking")]
#![expect(clippy::print_stdout, reason = "a test says where it can test nothing")]
#![expect(unreachable_pub, reason = "the modules of a test program are its own")]

// As `process`.
#[cfg(target_os = "linux")]
mod agent_runs;
#[cfg(target_os = "linux")]
mod agents;
mod approval;
mod bad_input;
mod canary;
mod clean;
mod command;
mod completions;
mod delivery;
mod demo;
mod doctor;
mod forge_tokens;
mod gate;
mod git;
mod github;
mod hooks;
mod init;
mod interrupts;
mod journal;
mod keep_worktrees;
mod layers;
// As `process`.
#[cfg(target_os = "linux")]
mod money;
mod odd_names;
mod order;
mod plan_files;
// What is left behind is looked for in /proc.
#[cfg(target_os = "linux")]
mod process;
mod pulls;
mod readme;
mod real_agents;
mod reports;
mod rerun;
// As `process`.
#[cfg(target_os = "linux")]
mod research_runs;
mod resume;
mod rewrite;
mod settings;
mod showing;
mod signals;
mod slices;
// As `process`.
#[cfg(target_os = "linux")]
mod stopping;
mod support;
mod templates;
mod untouched;
mod verify;
mod watching;
mod workspaces;
