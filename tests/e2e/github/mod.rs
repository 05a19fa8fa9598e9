//! GitHub as a forge, on the tests' own.

mod hub;
mod opening;
