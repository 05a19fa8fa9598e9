//! GitHub as a forge, on the tests' own.

mod forge;
mod hub;
mod opening;
