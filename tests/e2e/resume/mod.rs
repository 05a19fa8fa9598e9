//! `batch resume`: a run that was interrupted or died goes on.

mod death;
mod going_on;
mod on_github;
// Survivors are looked for in /proc.
mod lost;
#[cfg(target_os = "linux")]
mod survivors;
