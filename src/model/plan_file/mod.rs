//! The plan as a TOML file: [`write()`] makes one to be read, edited and committed by people, [`read`](fn@read) takes it back and
//! names every problem at once, each with its line.
//!
//! A path in `paths` is a file, a folder with a trailing `/`, or a glob, which is expanded to the files of the base.
//! One that looks like a glob and is not is written in double quotes of its own, as git quotes paths: such a path is
//! always literal. So a written plan has no globs and can be read back without a base.

mod check;
mod commit;
mod cost;
mod draft;
mod expression;
mod fields;
mod maker;
mod owned;
mod problem;
mod read;
mod spelling;
mod waits;
mod write;

pub use expression::Expression;
pub use problem::{PlanProblems, Problem};
pub use read::{VERSION, base, read};
pub use write::write;

#[cfg(test)]
mod tests;
