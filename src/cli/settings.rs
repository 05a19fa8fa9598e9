//! Settings in layers: the command line, the saved recipe that it names, `BATCH_*` variables, the repository's
//! `batch.toml`, the user's own file, and the defaults. Every option of the commands that work is a key by its own name.
//!
//! The command line's description is the one source of names, values and conflicts; what is set becomes its defaults.

mod file;
mod key;
mod keys;
mod layers;
mod listing;
mod presumption;
mod said;
mod showing;
mod sources;
mod start;
#[cfg(test)]
mod tests;

pub use listing::Row;
pub use showing::show;
pub use sources::{Places, Settings};
pub use start::Start;
