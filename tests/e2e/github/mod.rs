//! GitHub as a forge, on the tests' own.

mod bad_input;
mod following;
mod forge;
mod faults;
mod hub;
mod opening;
mod runs;
