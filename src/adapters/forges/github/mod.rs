//! GitHub, on github.com or a server of its own, as a forge.

pub mod api;
pub mod gateway;
mod transport;
