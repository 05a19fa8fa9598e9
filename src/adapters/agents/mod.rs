//! Coding agents: programs that are run headless, each spoken to in its own [`Dialect`](dialect::Dialect).

pub mod dialect;
