//! `batch resume`: a run that was interrupted or died goes on.

mod death;
mod going_on;
mod lost;
mod on_github;
mod support;
// Survivors are looked for in /proc.
#[cfg(target_os = "linux")]
mod survivors;
