//! GitHub as a forge, on the tests' own.

mod bad_input;
mod cleaning;
mod faults;
mod following;
mod forge;
mod hub;
mod opening;
mod others;
mod publishing;
mod runs;
mod texts;
