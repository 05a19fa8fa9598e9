//! The commands by which a project is set up, tested, linted and formatted, as far as its files tell.

mod folder;
mod javascript;
mod python;
mod search;
mod suggestion;
mod targets;
#[cfg(test)]
mod tests;
mod toolchains;

pub(super) use javascript::{PackageManager, real_test_script};
pub use search::detect;
pub(super) use search::is_to_be_read;
pub use suggestion::{CommandKind, Commands, Confidence, Suggestion};
