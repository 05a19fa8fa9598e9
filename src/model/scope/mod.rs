//! The ownership rule: a [`Scope`] lists what one unit owns, and [`Ownership`] says who owns what among all of them.

mod entry;
mod ownership;
mod refusal;

pub use entry::{Entry, Scope};
pub use ownership::Ownership;
pub use refusal::{Place, Refusal, Refused};
