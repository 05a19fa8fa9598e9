//! The answer of an agent that did research: its shape, how it is found in what the agent wrote, and what our own code
//! says of it.
//!
//! [`read()`] takes a text apart, [`judge()`] makes a plan of an answer, or names what is wrong with it in words that an
//! agent can act on. The schema is `templates/research.schema.json`; a test holds it equal to the types of `shape`.

mod coverage;
mod findings;
mod judge;
mod names;
mod order;
mod parts;
mod paths;
mod proposal;
mod read;
mod shape;
mod size;
mod texts;
mod whole;

pub use judge::{Judged, Patience, judge};
pub use proposal::{NotSplit, Proposal, Terms};
pub use read::{ANSWER_MAX, read, read_value};
pub use shape::{Answer, Excluded, Part, Phase, SCHEMA, SharedFile, Verdict, schema};

#[cfg(test)]
mod tests;
